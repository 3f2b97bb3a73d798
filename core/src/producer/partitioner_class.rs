//! The partitioners that `partitioner.class` names, as they were chosen by default before Kafka 3.3: in
//! turn (before 2.4), or one partition for as long as its batch is open (2.4 to 3.2, KIP-480).
//!
//! Leaves out classes of one's own.

use crate::collections::BTreeMap;
use crate::collections::Order;

use super::murmur2::partition_for_key;
use crate::client::ClientMetadata;
use crate::config::PartitionerClass;
use crate::ids::{Name, TopicPartition};
use crate::protocol::metadata::PartitionMetadata;
use crate::rng::Rng;

/// What the chosen class remembers.
#[derive(Clone, Debug, Default)]
pub struct ClassPartitioner {
    round_robin: RoundRobin,
    sticky: StickyCache,
}

impl ClassPartitioner {
    /// `Partitioner.partition`
    pub fn partition(
        &mut self,
        class: PartitionerClass,
        topic: &Name,
        key: Option<&Name>,
        metadata: &ClientMetadata,
        rng: &mut Rng,
    ) -> i32 {
        match (class, key) {
            (PartitionerClass::RoundRobin, _) => self.round_robin.partition(topic, metadata),
            (PartitionerClass::Default, Some(key)) => {
                partition_for_key(key.as_bytes(), metadata.partitions_of(topic).len())
            }
            (PartitionerClass::Default | PartitionerClass::UniformSticky, _) => {
                self.sticky.partition(topic, metadata.partitions_of(topic), rng)
            }
        }
    }

    /// `Partitioner.onNewBatch`: the record does not fit the open batch of `previous`.
    pub fn on_new_batch(
        &mut self,
        class: PartitionerClass,
        topic: &Name,
        previous: i32,
        metadata: &ClientMetadata,
        rng: &mut Rng,
    ) {
        if class != PartitionerClass::RoundRobin {
            self.sticky.next(topic, metadata.partitions_of(topic), Some(previous), rng);
        }
    }
}

/// `StickyPartitionCache`: the partition of each topic.
#[derive(Clone, Debug, Default)]
struct StickyCache {
    topics: BTreeMap<Name, i32>,
}

impl StickyCache {
    fn partition(&mut self, topic: &Name, partitions: &[PartitionMetadata], rng: &mut Rng) -> i32 {
        match self.topics.get(topic) {
            Some(partition) => *partition,
            None => self.next(topic, partitions, None, rng),
        }
    }

    /// Another partition, if it is still `previous` that is stuck to.
    fn next(&mut self, topic: &Name, partitions: &[PartitionMetadata], previous: Option<i32>, rng: &mut Rng) -> i32 {
        let old = self.topics.get(topic).copied();
        if let Some(old) = old.filter(|old| Some(*old) != previous) {
            return old;
        }
        let led: Vec<i32> = partitions.iter().filter(|p| p.leader_id >= 0).map(|p| p.partition).collect();
        let others: Vec<i32> = match led.len() {
            0 => partitions.iter().map(|known| known.partition).collect(),
            1 => led,
            _ => led.into_iter().filter(|partition| Some(*partition) != old).collect(),
        };
        let drawn = rng.below(others.len().max(1) as u64) as usize;
        let partition = others.get(drawn).copied().unwrap_or(0);
        self.topics.insert(topic.clone(), partition);
        partition
    }
}

/// `RoundRobinPartitioner`: a counter per topic, over the partitions with a leader in the order in
/// which Java's client happens to hold them.
#[derive(Clone, Debug, Default)]
struct RoundRobin {
    counters: BTreeMap<Name, u32>,
}

impl RoundRobin {
    /// The next partition of the topic.
    fn partition(&mut self, topic: &Name, metadata: &ClientMetadata) -> i32 {
        let counter = self.counters.entry(topic.clone()).or_insert(0);
        let count = *counter & 0x7fff_ffff;
        *counter = counter.wrapping_add(1);
        let partitions = metadata.partitions_of(topic);
        let led: Vec<&PartitionMetadata> = partitions.iter().filter(|known| known.leader_id >= 0).collect();
        if led.is_empty() {
            return count.checked_rem(partitions.len() as u32).map_or(0, |index| index as i32);
        }
        let mut in_order: Vec<(u32, i32)> = led
            .iter()
            .map(|known| {
                let tp = TopicPartition::new(topic.clone(), known.partition);
                (bucket(&tp, metadata.partition_count()), known.partition)
            })
            .collect();
        in_order.order();
        let index = count as usize % in_order.len();
        in_order.get(index).map_or(0, |(_, partition)| *partition)
    }
}

/// The bucket of a `java.util.HashMap` with room for `entries` in which Java's client keeps the
/// partition; it walks them in this order.
fn bucket(tp: &TopicPartition, entries: usize) -> u32 {
    let text_hash =
        tp.topic.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    let hash = 31i32.wrapping_mul(31i32.wrapping_add(tp.partition)).wrapping_add(text_hash) as u32;
    let spread = hash ^ (hash >> 16);
    let mut size = (entries.max(1) as u32).next_power_of_two();
    if entries as u64 * 4 > u64::from(size) * 3 {
        size = size.saturating_mul(2);
    }
    spread & (size - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::producer::partitioner::tests::partitions;

    #[test]
    fn sticks_until_a_batch_is_full_and_never_stays_then() {
        let (mut cache, mut rng, topic) = (StickyCache::default(), Rng::new(3), Name::from("t"));
        let three = partitions(&[101, 102, 103]);
        for _ in 0..50 {
            let now = cache.partition(&topic, &three, &mut rng);
            assert_eq!(cache.partition(&topic, &three, &mut rng), now);
            assert_eq!(cache.next(&topic, &three, Some((now + 1) % 3), &mut rng), now, "another partition's batch");
            assert_ne!(cache.next(&topic, &three, Some(now), &mut rng), now);
        }
    }

    #[test]
    fn only_partitions_with_a_leader_are_chosen_if_there_are_any() {
        let (mut rng, topic) = (Rng::new(3), Name::from("t"));
        for (leaders, may) in [(&[-1, 102, -1][..], &[1][..]), (&[-1, -1], &[0, 1]), (&[101, -1, 103], &[0, 2])] {
            let mut cache = StickyCache::default();
            for _ in 0..20 {
                let chosen = cache.partition(&topic, &partitions(leaders), &mut rng);
                assert!(may.contains(&chosen), "{chosen} of {leaders:?}");
                cache.next(&topic, &partitions(leaders), Some(chosen), &mut rng);
            }
        }
    }
}
