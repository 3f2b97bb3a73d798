//! A transaction is committed only if its producer asked for it, and then as a whole: no record that
//! its producer was told of in a committed transaction is aborted (KIP-98: all or nothing).

use crate::collections::{BTreeMap, BTreeSet};

use super::coordinators::{brokers, leads, written_by};
use super::ghost::Ghost;
use super::{Found, Promise};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::{EndTransactionMarker, Log};
use crate::machine::Observation;
use crate::producer::{Outcome, TransactionPhase};
use crate::sim::World;

/// A record that its producer believes to be committed, and whose marker is not seen yet.
#[derive(Clone, Copy, Debug)]
struct Told {
    producer_id: i64,
    offset: i64,
}

/// What producers were told.
#[derive(Clone, Debug, Default)]
pub struct CommitsAreWhole {
    /// The last ticket before each producer's transaction.
    begun: BTreeMap<Name, u64>,
    told: BTreeMap<TopicPartition, Vec<Told>>,
    /// Partitions that got no marker of an id's transaction.
    skipped: BTreeSet<(Name, TopicPartition)>,
}

impl CommitsAreWhole {
    /// A call returned, a transaction was decided, or a marker was written.
    pub fn observe(&mut self, ghost: &Ghost, world: &World, observation: &Observation, found: &mut Found) {
        match observation {
            Observation::TransactionCall { producer, call, error: None } => match &**call {
                "beginTransaction" => {
                    let last = world.producer(producer).and_then(|p| p.ledger().next_back()).map_or(0, |s| s.ticket);
                    self.begun.insert(producer.clone(), last);
                    let id = id_of(world, producer);
                    self.skipped.retain(|(skipped, _)| id != Some(skipped));
                }
                "commitTransaction" => self.committed(ghost, world, producer, found),
                _ => {}
            },
            Observation::MarkerAppended { tp, broker, producer_id, .. } => {
                if let Some(leader) = leads(ghost, world, *broker, tp) {
                    self.marked(ghost, tp, &leader.log, *producer_id, found);
                }
            }
            // A coordinator that has not heard of the partition yet takes it for deleted, as Kafka's does
            // (`TransactionMarkerChannelManager.addTxnMarkersToBrokerQueue`).
            Observation::MarkerSkipped { tp, transactional_id } => {
                self.told.remove(tp);
                self.skipped.insert((transactional_id.clone(), tp.clone()));
            }
            Observation::TransactionChanged {
                transactional_id,
                coordinator,
                state,
                producer_id,
                producer_epoch,
                ..
            } => {
                let broker = world.broker(*coordinator).filter(|_| &**state == "PrepareCommit");
                let written = broker.and_then(|broker| written_by(broker, transactional_id, state));
                if written.is_some_and(|(hosted, _)| leads(ghost, world, *coordinator, &hosted.tp).is_some()) {
                    asked(world, transactional_id, *coordinator, (*producer_id, *producer_epoch), found);
                }
            }
            Observation::TopicDeleted { topic } => self.told.retain(|tp, _| &tp.topic != topic),
            _ => {}
        }
    }

    fn committed(&mut self, ghost: &Ghost, world: &World, client: &Name, found: &mut Found) {
        let (Some(producer), Some(before)) = (world.producer(client), self.begun.remove(client)) else { return };
        let producer_id = producer.producer_id();
        for sent in producer.ledger().rev().take_while(|sent| sent.ticket > before) {
            let Some(Outcome::Acked { tp, offset }) = &sent.outcome else { continue };
            if self.skipped.iter().any(|(id, skipped)| skipped == tp && id_of(world, client) == Some(id)) {
                continue;
            }
            let leader = brokers(world).find_map(|broker| leads(ghost, world, broker.id(), tp));
            // After a `delivery.timeout.ms` in the middle of a commit Kafka's producer gives a sequence a second
            // time, and its next record is taken for a duplicate: that one is not in any log.
            let value = sent.value.as_ref().map(|value| value.as_bytes());
            let Some(leader) = leader.filter(|leader| value_at(&leader.log, *offset) == value) else { continue };
            match marker_after(&leader.log, *offset, producer_id) {
                Some(true) => {}
                Some(false) => torn(ghost, tp, *offset, found),
                None => self.told.entry(tp.clone()).or_default().push(Told { producer_id, offset: *offset }),
            }
        }
    }

    fn marked(&mut self, ghost: &Ghost, tp: &TopicPartition, log: &Log, producer_id: i64, found: &mut Found) {
        let Some(told) = self.told.get_mut(tp) else { return };
        told.retain(|told| {
            let ended =
                if told.producer_id == producer_id { marker_after(log, told.offset, producer_id) } else { None };
            if ended == Some(false) {
                torn(ghost, tp, told.offset, found);
            }
            ended.is_none()
        });
    }
}

fn id_of<'a>(world: &'a World, client: &str) -> Option<&'a Name> {
    world.producer(client)?.config().transactional_id.as_ref()
}

fn torn(ghost: &Ghost, tp: &TopicPartition, offset: i64, found: &mut Found) {
    if ghost.of(tp).is_none_or(|partition| !partition.is_excused()) {
        let evidence = format!("{tp} offset {offset} is aborted, but its producer was told that it is committed");
        found.push((Promise::CommitsAreWhole, evidence));
    }
}

fn value_at(log: &Log, offset: i64) -> Option<&[u8]> {
    let batch = log.batch_at(offset)?;
    batch.records.iter().find(|record| batch.offset_of(record) == offset)?.value.as_deref()
}

/// The first marker of the producer after an offset: COMMIT, or ABORT.
fn marker_after(log: &Log, offset: i64, producer_id: i64) -> Option<bool> {
    let later = log.batches().rev().take_while(|batch| batch.base_offset > offset);
    let markers = later.filter(|batch| batch.is_control && batch.producer_id == producer_id);
    markers.last().and_then(|marker| EndTransactionMarker::of_batch(marker)).map(|marker| marker.commit)
}

/// A producer that has this epoch is not in the middle of its transaction, or before the next one. Where the
/// coordinators' log lost its end, two may have the epoch.
fn asked(world: &World, id: &Name, coordinator: BrokerId, identity: (i64, i16), found: &mut Found) {
    let mut idle = None;
    for (node, slot) in world.nodes() {
        let Some(producer) = slot.process.producer() else { continue };
        let has = (producer.producer_id(), producer.producer_epoch()) == identity;
        let of_id = producer.config().transactional_id.as_ref() == Some(id);
        let phase = producer.transaction_phase();
        if !has || !of_id {
            continue;
        }
        if !matches!(phase, Some(TransactionPhase::InTransaction | TransactionPhase::Ready)) {
            return;
        }
        idle = Some((node, phase.map_or("", TransactionPhase::name)));
    }
    if let Some((node, phase)) = idle {
        let evidence = format!("{coordinator} commits the transaction of {id}, but its producer {node} is {phase}");
        found.push((Promise::EndedAsAsked, evidence));
    }
}
