//! Who coordinates: the newest leaders of the coordinators' partitions, and what they have in mind.
//! A leader of the past may still act on what it knew, so its word does not count.

use super::ghost::Ghost;
use crate::broker::{Broker, Partition};
use crate::ids::{BrokerId, TopicPartition};
use crate::log::RecordBatch;
use crate::sim::World;
use crate::transaction::{TRANSACTION_STATE_TOPIC, TransactionMetadata, decode};

/// The topic of the group coordinators.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// All running brokers.
pub fn brokers(world: &World) -> impl Iterator<Item = &Broker> {
    world.genesis().brokers.iter().filter_map(|id| world.broker(*id))
}

/// The broker leads the partition, and no controller has told of a newer leader.
pub fn leads<'a>(ghost: &Ghost, world: &'a World, id: BrokerId, tp: &TopicPartition) -> Option<&'a Partition> {
    let hosted = world.broker(id)?.partitions().get(tp).filter(|partition| partition.is_leader)?;
    let newest = ghost.of(tp).is_none_or(|partition| partition.is_newest(hosted.leader_epoch));
    newest.then_some(hosted)
}

/// The newest record that says that the transactional id is in this state, if the coordinator has
/// written it since it leads: what it read when it began may not be replicated yet.
pub fn written_by<'a>(
    broker: &'a Broker,
    transactional_id: &str,
    state: &str,
) -> Option<(&'a Partition, &'a RecordBatch)> {
    let tp = partition_of(broker, TRANSACTION_STATE_TOPIC, transactional_id)?;
    let hosted = broker.partitions().get(&tp).filter(|partition| partition.is_leader)?;
    let says = |batch: &RecordBatch| {
        batch.records.iter().any(|record| {
            let read = record.key.as_ref().and_then(|key| decode(key, record.value.as_deref()));
            read.is_some_and(|read| {
                &*read.transactional_id == transactional_id
                    && read.value.is_some_and(|value| value.state.name() == state)
            })
        })
    };
    let batch = hosted.log.batches().rev().find(|batch| says(batch))?;
    (batch.base_offset >= hosted.leader_epoch_start_offset).then_some((hosted, &**batch))
}

/// The partition of `topic` that coordinates `name`.
pub fn partition_of(broker: &Broker, topic: &str, name: &str) -> Option<TopicPartition> {
    let count =
        i32::try_from(broker.metadata().partitions_of(&topic.into()).count()).ok().filter(|count| *count > 0)?;
    Some(TopicPartition::new(topic, crate::group::partition_for(name, count)))
}

/// What the coordinator of a producer id knows of it; `None` while nobody can say.
pub fn transaction_of<'a>(ghost: &Ghost, world: &'a World, producer_id: i64) -> Option<&'a TransactionMetadata> {
    brokers(world).find_map(|broker| {
        let metadata = broker.transactions().transactions().find(|metadata| metadata.producer_id() == producer_id)?;
        let tp = partition_of(broker, TRANSACTION_STATE_TOPIC, metadata.id())?;
        leads(ghost, world, broker.id(), &tp).map(|_| metadata)
    })
}

/// The batch with a record of the committed position of a group, and where its log is.
pub fn committed_in<'a>(
    broker: &'a Broker,
    group: &str,
    tp: &TopicPartition,
) -> Option<(&'a Partition, i64, Option<&'a RecordBatch>)> {
    let known = broker.groups().groups().find(|known| &**known.id() == group)?;
    let at = known.committed_at(tp)?;
    let offsets = partition_of(broker, OFFSETS_TOPIC, group)?;
    let hosted = broker.partitions().get(&offsets)?;
    Some((hosted, at, hosted.log.batch_at(at).map(|batch| &**batch)))
}
