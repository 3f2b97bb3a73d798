//! Which partition a record without key goes to since Kafka 3.3: the built-in sticky partitioner, which
//! weighs queues (KIP-794). What was before it, and can still be chosen, is in `partitioner_class.rs`.
//! Leaves out `partitioner.availability.timeout.ms`.

use crate::collections::BTreeMap;

use crate::ids::Name;
use crate::protocol::metadata::PartitionMetadata;
use crate::rng::Rng;

/// Where a topic's records without key go for the time being.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Sticky {
    partition: i32,
    bytes: u64,
}

/// State per topic (`BuiltInPartitioner.StickyPartitionInfo`).
#[derive(Clone, Debug, Default)]
pub struct StickyPartitioner {
    topics: BTreeMap<Name, Sticky>,
}

/// Batches waiting per partition, for all partitions of a topic that have a queue.
pub type QueueSizes = Vec<(i32, u64)>;

impl StickyPartitioner {
    /// The partition that is stuck to; chosen now if there is none.
    pub fn partition(
        &mut self,
        topic: &Name,
        partitions: &[PartitionMetadata],
        queues: &QueueSizes,
        rng: &mut Rng,
    ) -> i32 {
        if let Some(sticky) = self.topics.get(topic)
            && partitions.iter().any(|known| known.partition == sticky.partition)
        {
            return sticky.partition;
        }
        let partition = next_partition(partitions, queues, rng);
        self.topics.insert(topic.clone(), Sticky { partition, bytes: 0 });
        partition
    }

    /// Counts bytes; at `batch_size` the next partition is chosen once no open batch is left behind
    /// (`may_switch`), at twice that in any case.
    pub fn count(
        &mut self,
        topic: &Name,
        bytes: u64,
        may_switch: bool,
        batch_size: u64,
        choose: impl FnOnce() -> i32,
    ) -> bool {
        let Some(sticky) = self.topics.get_mut(topic) else { return false };
        sticky.bytes += bytes;
        let batch_size = batch_size.max(1);
        if (sticky.bytes >= batch_size && may_switch) || sticky.bytes >= batch_size.saturating_mul(2) {
            *sticky = Sticky { partition: choose(), bytes: 0 };
            return true;
        }
        false
    }
}

/// By chance among the partitions with a leader, or among all where none has one. Where every
/// partition has a queue, a shorter queue is likelier (adaptive partitioning).
pub fn next_partition(partitions: &[PartitionMetadata], queues: &QueueSizes, rng: &mut Rng) -> i32 {
    let weights = weights(partitions, queues);
    let total: u64 = weights.iter().map(|(_, weight)| weight).sum();
    let mut at = rng.below(total);
    for (partition, weight) in weights {
        if at < weight {
            return partition;
        }
        at -= weight;
    }
    0
}

fn weights(partitions: &[PartitionMetadata], queues: &QueueSizes) -> Vec<(i32, u64)> {
    let available: Vec<i32> = partitions.iter().filter(|p| p.leader_id >= 0).map(|p| p.partition).collect();
    if available.is_empty() {
        return partitions.iter().map(|known| (known.partition, 1)).collect();
    }
    let uniform = queues.len() < partitions.len();
    let longest = queues.iter().map(|(_, size)| *size).max().unwrap_or(0);
    let size_of = |partition: i32| queues.iter().find(|(id, _)| *id == partition).map_or(0, |(_, size)| *size);
    available
        .into_iter()
        .map(|partition| (partition, if uniform { 1 } else { longest + 1 - size_of(partition) }))
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    /// Partitions with these leaders.
    pub fn partitions(leaders: &[i32]) -> Vec<PartitionMetadata> {
        leaders
            .iter()
            .zip(0..)
            .map(|(&leader_id, partition)| PartitionMetadata {
                error: ErrorCode::None,
                partition,
                leader_id,
                leader_epoch: 0,
                replicas: vec![101],
                isr: vec![101],
                offline_replicas: Vec::new(),
            })
            .collect()
    }

    #[test]
    fn stays_until_batch_size_bytes_went_there() {
        let (mut sticky, mut rng) = (StickyPartitioner::default(), Rng::new(7));
        let (topic, partitions) = (Name::from("t"), partitions(&[101, 102, 103]));
        let first = sticky.partition(&topic, &partitions, &Vec::new(), &mut rng);
        assert!(!sticky.count(&topic, 99, true, 100, || 9));
        assert_eq!(sticky.partition(&topic, &partitions, &Vec::new(), &mut rng), first);
        assert!(!sticky.count(&topic, 50, false, 100, || 9), "an open batch is not left behind");
        assert!(sticky.count(&topic, 51, false, 100, || 2), "unless twice as much went there");
        assert_eq!(sticky.partition(&topic, &partitions, &Vec::new(), &mut rng), 2);
    }

    #[test]
    fn avoids_partitions_without_leader_and_long_queues() {
        let mut rng = Rng::new(7);
        let drawn = |partitions: &[PartitionMetadata], queues: &QueueSizes, rng: &mut Rng| {
            let mut counts = [0; 3];
            for _ in 0..600 {
                counts[next_partition(partitions, queues, rng) as usize] += 1;
            }
            counts
        };
        let counts = drawn(&partitions(&[101, -1, 103]), &Vec::new(), &mut rng);
        assert!(counts[1] == 0 && counts[0] > 200 && counts[2] > 200, "{counts:?}");
        let counts = drawn(&partitions(&[-1, -1, -1]), &Vec::new(), &mut rng);
        assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
        let counts = drawn(&partitions(&[1, 2, 3]), &vec![(0, 0), (1, 3), (2, 3)], &mut rng);
        assert!(counts[0] > 2 * counts[1] && counts[1] > 0, "{counts:?}");
    }
}
