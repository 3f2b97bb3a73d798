//! A record below the high watermark is in the log of every leader that is elected cleanly.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{Found, Promise};
use crate::ids::{BrokerId, TopicPartition};
use crate::log::{Log, RecordBatch};
use crate::machine::Observation;
use crate::sim::World;

/// Digests of a partition's committed records from `start` on.
#[derive(Clone, Debug, Default)]
struct Committed {
    start: i64,
    digests: Rc<Vec<u64>>,
    /// The newest leader epoch in which something was committed.
    leader_epoch: i32,
}

/// What was committed so far.
#[derive(Clone, Debug, Default)]
pub struct CommittedSurvives {
    partitions: BTreeMap<TopicPartition, Committed>,
    /// Partitions whose next leader was elected uncleanly: what it lacks is lost by choice.
    excused: BTreeSet<TopicPartition>,
}

fn mix(digest: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(digest, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn digests(batch: &RecordBatch) -> impl Iterator<Item = (i64, u64)> {
    let base = batch.base_offset;
    batch.records.iter().map(move |record| {
        let key = mix(0xcbf2_9ce4_8422_2325, record.key.as_deref().unwrap_or(b"\0null"));
        (base + i64::from(record.offset_delta), mix(key, record.value.as_deref().unwrap_or(b"\0null")))
    })
}

impl CommittedSurvives {
    /// A leader's high watermark advanced, or a leader begins.
    pub fn observe(&mut self, world: &World, observation: &Observation, found: &mut Found) {
        match observation {
            Observation::HighWatermarkAdvanced { tp, broker, to, leader_epoch, .. } => {
                self.commit(world, tp, *broker, *to);
                if let Some(committed) = self.partitions.get_mut(tp) {
                    committed.leader_epoch = committed.leader_epoch.max(*leader_epoch);
                }
            }
            Observation::LeaderElected { tp, why, .. } if why.contains("unclean") => {
                self.excused.insert(tp.clone());
            }
            Observation::BecameLeader { tp, broker, leader_epoch, .. } => {
                self.compare(world, tp, *broker, *leader_epoch, found);
            }
            Observation::TopicDeleted { topic } => {
                self.partitions.retain(|tp, _| &tp.topic != topic);
                self.excused.retain(|tp| &tp.topic != topic);
            }
            _ => {}
        }
    }

    fn commit(&mut self, world: &World, tp: &TopicPartition, broker: BrokerId, high_watermark: i64) {
        let hosted = world.broker(broker).and_then(|broker| broker.partitions().get(tp));
        let Some(partition) = hosted.filter(|partition| partition.is_leader) else { return };
        if is_compacted(&partition.log) {
            return;
        }
        let log = &partition.log;
        let committed = self
            .partitions
            .entry(tp.clone())
            .or_insert_with(|| Committed { start: log.log_start_offset(), ..Committed::default() });
        let mut next = committed.start + committed.digests.len() as i64;
        if next >= high_watermark {
            return;
        }
        let known = Rc::make_mut(&mut committed.digests);
        let mut tail: Vec<_> = log.batches().rev().take_while(|batch| batch.last_offset() >= next).collect();
        tail.reverse();
        for (offset, digest) in tail.into_iter().flat_map(|batch| digests(batch)) {
            if offset == next && offset < high_watermark {
                known.push(digest);
                next += 1;
            }
        }
    }

    fn compare(&mut self, world: &World, tp: &TopicPartition, broker: BrokerId, epoch: i32, found: &mut Found) {
        let Some(partition) = world.broker(broker).and_then(|broker| broker.partitions().get(tp)) else { return };
        let Some(committed) = self.partitions.get_mut(tp) else { return };
        // A broker that was paused may hear of an old leadership after its successor has committed more:
        // it cannot commit anything, and is told of the newer epoch next.
        if epoch < committed.leader_epoch {
            return;
        }
        let log = &partition.log;
        let end = committed.start + committed.digests.len() as i64;
        if self.excused.remove(tp) {
            let kept = usize::try_from(log.log_end_offset() - committed.start).unwrap_or(0);
            let mut known = committed.digests.to_vec();
            known.truncate(kept);
            for (offset, digest) in log.batches().flat_map(|batch| digests(batch)) {
                if let Some(slot) = usize::try_from(offset - committed.start).ok().and_then(|at| known.get_mut(at)) {
                    *slot = digest;
                }
            }
            committed.digests = Rc::new(known);
            return;
        }
        if log.log_end_offset() < end {
            let evidence = format!(
                "{tp}: {broker} leads in epoch {epoch} with records up to {}, but offset {} was committed",
                log.log_end_offset() - 1,
                end - 1
            );
            found.push((Promise::CommittedSurvives, evidence));
            return;
        }
        for (offset, digest) in log.batches().flat_map(|batch| digests(batch)) {
            let at = usize::try_from(offset - committed.start).ok();
            if let Some(expected) = at.and_then(|at| committed.digests.get(at))
                && *expected != digest
            {
                let evidence = format!(
                    "{tp}: {broker} leads in epoch {epoch} with another record at offset {offset} than was committed"
                );
                found.push((Promise::CommittedSurvives, evidence));
                return;
            }
        }
    }
}

/// Compaction removes records by design; their successors with the same key stand for them.
fn is_compacted(log: &Log) -> bool {
    log.config().compact
}
