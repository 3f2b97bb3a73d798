//! What the coordinator needs of the broker that hosts it.

use std::rc::Rc;

use crate::ids::{BrokerId, TopicPartition};

/// Who leads a partition, as the broker's metadata cache has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KnownLeader {
    /// This broker, alive.
    Broker(BrokerId),
    /// The partition is known, and nobody leads it now.
    NoNode,
    /// There is no such partition.
    Unknown,
}

/// The broker's side: a clock, producer ids, the partitions it knows, and appends to
/// `__transaction_state`.
pub trait TransactionStore {
    /// What the clock on the wall shows, ms since 1970.
    fn now_ms(&self) -> i64;

    /// How many partitions `__transaction_state` has, or will have.
    fn transaction_partition_count(&self) -> i32;

    /// The partition of `__consumer_offsets` that the group belongs to.
    fn offsets_partition_of(&self, group: &str) -> TopicPartition;

    /// A producer id that nobody has; `None` while the next block is being asked for.
    fn new_producer_id(&mut self) -> Option<i64>;

    /// Who leads the partition.
    fn leader_of(&self, tp: &TopicPartition) -> KnownLeader;

    /// Appends one batch of (key, value) to a partition of `__transaction_state` with acks=all, within
    /// `timeout_ms`; [`super::TransactionCoordinator::on_append_done`] follows with the token.
    fn append(
        &mut self,
        partition: i32,
        token: u64,
        timeout_ms: u64,
        records: Vec<(Option<Rc<[u8]>>, Option<Rc<[u8]>>)>,
    );
}
