//! A few numbers of the cluster at one moment: what the charts draw over time. Made without the rest of
//! a view, since a chart needs a hundred of them.

use super::MessageKind;
use super::build::log_of;
use super::partitions::min_insync_replicas;
use super::znodes::{Trees, Znodes};
use crate::collections::Order;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::Log;
use crate::sim::{Process, World};
use crate::time::SimTime;

/// A partition's numbers, as [`super::PartitionView`] has them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionGauge {
    /// Which.
    pub tp: TopicPartition,
    /// The leader's log end; of the replicas without one the furthest.
    pub log_end: i64,
    /// High watermark.
    pub high_watermark: i64,
    /// In-sync replicas.
    pub isr: u32,
    /// Assigned replicas.
    pub replicas: u32,
    /// There is a leader.
    pub has_leader: bool,
}

/// What requests are counted by.
pub const REQUEST_KINDS: [(MessageKind, &str); 6] = [
    (MessageKind::Produce, "Produce"),
    (MessageKind::Fetch, "Fetch"),
    (MessageKind::Group, "Group"),
    (MessageKind::Metadata, "Metadata"),
    (MessageKind::LeaderAndIsr, "Controller"),
    (MessageKind::ZooKeeper, "ZooKeeper"),
];

/// What is counted of partitions, as `kafka-topics.sh --describe` does with `--under-replicated-partitions`,
/// `--under-min-isr-partitions` and `--unavailable-partitions`.
pub const UNHEALTHY: [&str; 3] = ["under-replicated", "under min ISR", "unavailable"];

/// The place of a kind in [`REQUEST_KINDS`].
pub fn request_kind(kind: MessageKind) -> Option<usize> {
    let kind = match kind {
        MessageKind::ToController => MessageKind::LeaderAndIsr,
        other => other,
    };
    REQUEST_KINDS.iter().position(|(known, _)| *known == kind)
}

/// The numbers of one moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gauges {
    /// When.
    pub at: SimTime,
    /// Partitions that are not internal, by topic and number.
    pub partitions: Vec<PartitionGauge>,
    /// Lag of each group over all of its partitions.
    pub lags: Vec<(Name, i64)>,
    /// Requests sent since the film began, by [`REQUEST_KINDS`].
    pub requests: [u64; 6],
    /// Partitions that are not in full strength, internal ones too, by [`UNHEALTHY`].
    pub unhealthy: [u32; 3],
}

/// Reads them.
pub fn gauges(world: &World, requests: [u64; 6]) -> Gauges {
    GaugeReader::default().read(world, requests)
}

/// Reads them again and again of a world that does not go back: what ZooKeeper's tree says is read anew only when it
/// has changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct GaugeReader(Trees);

impl GaugeReader {
    /// The numbers of this moment.
    pub(crate) fn read(&mut self, world: &World, requests: [u64; 6]) -> Gauges {
        numbers(world, &self.0.znodes(world), requests)
    }
}

fn numbers(world: &World, znodes: &Znodes, requests: [u64; 6]) -> Gauges {
    let mut partitions = Vec::new();
    let mut unhealthy = [0; 3];
    for (topic, number, assigned) in znodes.assigned() {
        let tp = TopicPartition { topic: topic.clone(), partition: number };
        count(world, znodes, &tp, assigned, &mut unhealthy);
        if !crate::broker::is_internal(topic) {
            partitions.push(partition(world, znodes, tp, assigned));
        }
    }
    let lags = lags(world, znodes);
    Gauges { at: world.now(), partitions, lags, requests, unhealthy }
}

fn count(world: &World, znodes: &Znodes, tp: &TopicPartition, assigned: &[BrokerId], unhealthy: &mut [u32; 3]) {
    let (leader, isr) = znodes.leadership(tp);
    let adding = znodes.moving.get(tp).map_or(0, |(adding, _)| adding.len());
    let is_below = || (isr as i64) < i64::from(min_insync_replicas(world, znodes, tp, leader, assigned));
    // min.insync.replicas counts for as many as are assigned at most: who has them all is not below it.
    let found = [isr + adding < assigned.len(), isr < assigned.len() && is_below(), leader.is_none()];
    for (sum, found) in unhealthy.iter_mut().zip(found) {
        *sum += u32::from(found);
    }
}

fn partition(world: &World, znodes: &Znodes, tp: TopicPartition, assigned: &[BrokerId]) -> PartitionGauge {
    let (leader, isr) = znodes.leadership(&tp);
    let logs = || assigned.iter().filter_map(|id| log_of(world, *id, &tp));
    // The one that the view takes: the leader's, the furthest where there is none.
    let of = |read: fn(&Log) -> i64| match leader {
        Some(id) => log_of(world, id, &tp).map_or(0, read),
        None => logs().map(read).max().unwrap_or(0),
    };
    PartitionGauge {
        log_end: of(Log::log_end_offset),
        high_watermark: of(Log::high_watermark),
        isr: u32::try_from(isr).unwrap_or(u32::MAX),
        replicas: u32::try_from(assigned.len()).unwrap_or(u32::MAX),
        has_leader: leader.is_some(),
        tp,
    }
}

fn lags(world: &World, znodes: &Znodes) -> Vec<(Name, i64)> {
    let mut newest: Vec<(Name, i32, i64)> = Vec::new();
    for (_, slot) in world.nodes() {
        let Process::Broker(broker) = &slot.process else { continue };
        for group in broker.groups().groups() {
            let lag = |(tp, committed): (&TopicPartition, &crate::group::CommittedOffset)| {
                let assigned = znodes.replicas(tp)?;
                let end = partition(world, znodes, tp.clone(), assigned).high_watermark;
                Some((end - committed.committed.offset).max(0))
            };
            let sum = group.offsets().filter_map(lag).sum();
            newest.push((group.id().clone(), group.generation(), sum));
        }
    }
    // As in the view: a deposed coordinator may still hold an older copy.
    newest.order_by(|a, b| (&a.0, b.1).cmp(&(&b.0, a.1)));
    newest.dedup_by(|later, first| later.0 == first.0);
    newest.into_iter().map(|(group, _, lag)| (group, lag)).collect()
}
