//! What of a broker survives its process: its logs and the high watermark checkpoint.

use crate::collections::BTreeMap;

use super::log_dirs::{DiskState, LogDir, log_dirs};
use crate::config::BrokerConfig;
use crate::ids::{BrokerId, TopicPartition};
use crate::log::Log;

/// A broker's disk.
#[derive(Clone, Debug)]
pub struct BrokerDurable {
    /// `broker.id` in `meta.properties`.
    pub id: BrokerId,
    /// The directories of `log.dirs`, each on a disk of its own.
    pub log_dirs: Vec<LogDir>,
    /// The logs in them.
    pub logs: BTreeMap<TopicPartition, Log>,
    /// `replication-offset-checkpoint`: high watermarks, written every
    /// `replica.high.watermark.checkpoint.interval.ms` and at a clean shutdown.
    pub high_watermark_checkpoint: BTreeMap<TopicPartition, i64>,
}

impl BrokerDurable {
    /// Empty disks.
    pub fn new(id: BrokerId, config: &BrokerConfig) -> Self {
        Self { id, log_dirs: log_dirs(config), logs: BTreeMap::new(), high_watermark_checkpoint: BTreeMap::new() }
    }

    /// The disk under a directory changes, under all without a name.
    pub fn set_disk(&mut self, path: Option<&str>, disk: DiskState) {
        for dir in self.log_dirs.iter_mut().filter(|dir| path.is_none_or(|path| &*dir.path == path)) {
            dir.disk = disk;
        }
    }

    /// The power fails: what the page cache had not written is gone.
    pub fn lose_unflushed(&mut self) {
        for log in self.logs.values_mut() {
            log.lose_unflushed();
        }
    }
}
