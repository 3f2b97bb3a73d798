//! What a panel asks while it is open and the view does not carry: it is worked out when asked for.

use super::Timeline;
use crate::ids::TopicPartition;
use crate::view::{
    ConfigOwner, ConfigView, InternalRecord, PromisesView, WatchView, configs, internal_records, promises, watches,
};

impl Timeline {
    /// Kafka's promises as they stand now.
    pub fn promises(&self) -> PromisesView {
        promises(&self.run.promises, &self.view())
    }

    /// All configs of one owner.
    pub fn configs(&self, owner: &ConfigOwner) -> Vec<ConfigView> {
        configs(&self.run.world, &self.view(), owner)
    }

    /// The newest records of an internal partition, decoded, newest first.
    pub fn internal_records(&self, tp: &TopicPartition) -> Vec<InternalRecord> {
        internal_records(&self.run.world, &self.view(), tp)
    }

    /// Who watches which znode.
    pub fn watches(&self) -> Vec<WatchView> {
        watches(&self.run.world, &self.view())
    }
}
