//! What of a broker survives its process: its logs and the high watermark checkpoint.

use std::collections::BTreeMap;

use crate::ids::{BrokerId, TopicPartition};
use crate::log::Log;

/// A broker's disk.
#[derive(Clone, Debug)]
pub struct BrokerDurable {
    /// `broker.id` in `meta.properties`.
    pub id: BrokerId,
    /// Logs in `log.dirs`.
    pub logs: BTreeMap<TopicPartition, Log>,
    /// `replication-offset-checkpoint`: high watermarks, written every
    /// `replica.high.watermark.checkpoint.interval.ms` and at a clean shutdown.
    pub high_watermark_checkpoint: BTreeMap<TopicPartition, i64>,
}

impl BrokerDurable {
    /// An empty disk.
    pub fn new(id: BrokerId) -> Self {
        Self { id, logs: BTreeMap::new(), high_watermark_checkpoint: BTreeMap::new() }
    }

    /// The power fails: what the page cache had not written is gone.
    pub fn lose_unflushed(&mut self) {
        for log in self.logs.values_mut() {
            log.lose_unflushed();
        }
    }
}
