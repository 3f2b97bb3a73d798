//! What the coordinator needs of the broker that hosts it.

use std::rc::Rc;

/// The broker's side: a clock, the topics it knows, and appends to `__consumer_offsets`.
pub trait GroupStore {
    /// What the clock on the wall shows, ms since 1970.
    fn now_ms(&self) -> i64;

    /// How many partitions `__consumer_offsets` has, or will have.
    fn offsets_partition_count(&self) -> i32;

    /// Appends one batch of (key, value) to a partition of `__consumer_offsets`;
    /// [`super::GroupCoordinator::on_append_done`] follows with the token.
    fn append(&mut self, partition: i32, token: u64, records: Vec<(Option<Rc<[u8]>>, Option<Rc<[u8]>>)>);

    /// True if the broker's metadata cache has the topic.
    fn topic_exists(&self, topic: &str) -> bool;
}
