//! Transactional ids, each as the live broker that coordinates it has it.

use crate::collections::Order;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::sim::{Process, World};
use crate::transaction::{TransactionMetadata, decode};

/// A transactional id.
#[derive(Clone, PartialEq, Debug)]
pub struct TransactionView {
    /// `transactional.id`
    pub id: Name,
    /// Broker that coordinates it.
    pub coordinator: BrokerId,
    /// `Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit`, `CompleteAbort`.
    pub state: Name,
    /// The producer.
    pub producer_id: i64,
    /// Its epoch: an older one is shut out.
    pub producer_epoch: i16,
    /// Partitions in the transaction that have no marker yet.
    pub partitions: Vec<TopicPartition>,
    /// When its first partition was added, ms since 1970; -1 without.
    pub start_timestamp_ms: i64,
    /// It is aborted after that long.
    pub timeout_ms: u64,
}

/// All of them, by id.
pub fn transactions(world: &World) -> Vec<TransactionView> {
    let mut views: Vec<TransactionView> = Vec::new();
    for (node, slot) in world.nodes() {
        let (Some(id), Process::Broker(broker)) = (node.broker(), &slot.process) else { continue };
        views.extend(broker.transactions().transactions().map(|metadata| transaction(id, metadata)));
    }
    // A deposed coordinator that does not know it yet may still hold an older copy.
    views.order_by(|a, b| (&a.id, b.producer_epoch).cmp(&(&b.id, a.producer_epoch)));
    views.dedup_by(|later, first| later.id == first.id);
    views
}

fn transaction(coordinator: BrokerId, metadata: &TransactionMetadata) -> TransactionView {
    TransactionView {
        id: metadata.id().clone(),
        coordinator,
        state: metadata.state().name().into(),
        producer_id: metadata.producer_id(),
        producer_epoch: metadata.producer_epoch(),
        partitions: metadata.partitions().iter().cloned().collect(),
        start_timestamp_ms: metadata.start_timestamp_ms(),
        timeout_ms: metadata.timeout_ms(),
    }
}

/// A record of `__transaction_state` in words.
pub fn spell_transaction(key: &[u8], value: Option<&[u8]>) -> Option<(Name, Option<Name>)> {
    let record = decode(key, value)?;
    let value = record.value.map(|value| {
        let partitions: Vec<String> = value.partitions.iter().map(ToString::to_string).collect();
        format!("{}, epoch {}, [{}]", value.state.name(), value.producer_epoch, partitions.join(", "))
    });
    Some((format!("transaction {}", record.transactional_id).into(), value.map(Name::from)))
}
