//! What the coordinator needs of the broker that hosts it.

use crate::ids::TopicPartition;
use std::rc::Rc;

/// The transaction that a batch of offsets belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transactional {
    /// The producer.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// The guard under which the transaction's coordinator was asked (KIP-890).
    pub guard: Option<u64>,
}

/// The broker's side: a clock, the topics it knows, and appends to `__consumer_offsets`.
pub trait GroupStore {
    /// What the clock on the wall shows, ms since 1970.
    fn now_ms(&self) -> i64;

    /// How many partitions `__consumer_offsets` has, or will have.
    fn offsets_partition_count(&self) -> i32;

    /// Appends one batch of (key, value) to a partition of `__consumer_offsets`, as part of a transaction
    /// or of none; [`super::GroupCoordinator::on_append_done`] follows with the token.
    fn append(
        &mut self,
        partition: i32,
        token: u64,
        records: Vec<(Option<Rc<[u8]>>, Option<Rc<[u8]>>)>,
        of: Option<Transactional>,
    );

    /// True if the broker's metadata cache has the partition.
    fn partition_exists(&self, tp: &TopicPartition) -> bool;
}
