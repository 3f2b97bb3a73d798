//! What the last step changed: lookups in the view before it.

use playground_core::ids::{BrokerId, TopicPartition};
use playground_core::view::{BrokerView, ClusterView, LedgerEntry, PartitionView, RecordFate, ReplicaView};

/// The partition called `tp`.
pub fn partition<'a>(view: &'a ClusterView, tp: &TopicPartition) -> Option<&'a PartitionView> {
    let topic = view.topics.iter().find(|topic| topic.name == tp.topic)?;
    // Partitions stand in the order of their numbers, so the number is the place.
    let partition = topic.partitions.get(usize::try_from(tp.partition).ok()?)?;
    (partition.tp == *tp).then_some(partition)
}

/// The replica of `tp` on `broker`.
pub fn replica<'a>(view: &'a ClusterView, tp: &TopicPartition, broker: BrokerId) -> Option<&'a ReplicaView> {
    partition(view, tp)?.replicas.iter().find(|replica| replica.broker == broker)
}

/// The broker called `id`.
pub fn broker(view: &ClusterView, id: BrokerId) -> Option<&BrokerView> {
    view.brokers.iter().find(|broker| broker.id == id)
}

/// Brokers that joined (`true`) or left the ISR since `before`.
pub fn isr_changes(before: &PartitionView, now: &PartitionView) -> Vec<(bool, BrokerId)> {
    let left = before.isr.iter().filter(|id| !now.isr.contains(id)).map(|id| (false, *id));
    let joined = now.isr.iter().filter(|id| !before.isr.contains(id)).map(|id| (true, *id));
    left.chain(joined).collect()
}

/// Whether a record that was acknowledged at `offset` of `tp` is lost.
pub fn is_lost(view: &ClusterView, tp: &TopicPartition, offset: i64) -> bool {
    let is_it = |entry: &LedgerEntry| entry.fate == RecordFate::Lost && entry.offset == Some(offset) && entry.tp == *tp;
    view.ledger.among(|sums| sums.lost > 0).any(|entry| is_it(entry))
}
