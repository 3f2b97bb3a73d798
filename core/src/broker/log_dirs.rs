//! The directories of `log.dirs` and what becomes of a broker when a disk does not do its work
//! (`LogManager`, `LogDirFailureChannel`, `ReplicaManager.LogDirFailureHandler`; KIP-112, KIP-113).
//! Leaves out moving replicas between directories.

use crate::collections::BTreeMap;

use super::Broker;
use crate::config::BrokerConfig;
use crate::ids::{Name, TopicPartition};
use crate::log::Log;
use crate::machine::{Connection, Ctx, Observation};
use crate::protocol::admin::LogDirDescription;
use crate::protocol::{ErrorCode, Response};

/// What a disk does when it is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiskState {
    /// It reads and writes.
    Working,
    /// It reads; every write fails, `No space left on device`.
    Full,
    /// Everything fails, `Input/output error`.
    Failed,
}

impl DiskState {
    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Working => "works",
            Self::Full => "is full",
            Self::Failed => "has failed",
        }
    }
}

/// A directory of `log.dirs`, on a disk of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogDir {
    /// Its path.
    pub path: Name,
    /// The disk under it.
    pub disk: DiskState,
    /// The broker met an error there: its replicas are offline until the broker is started again.
    pub offline: bool,
}

/// The directories of `log.dirs`, or else of `log.dir`, in their order.
pub fn log_dirs(config: &BrokerConfig) -> Vec<LogDir> {
    let text = config.text("log.dirs").or_else(|| config.text("log.dir")).unwrap_or("/tmp/kafka-logs");
    let mut dirs: Vec<LogDir> = Vec::new();
    for path in text.split(',').map(str::trim).filter(|path| !path.is_empty()) {
        if dirs.iter().all(|dir| &*dir.path != path) {
            dirs.push(LogDir { path: path.into(), disk: DiskState::Working, offline: false });
        }
    }
    dirs
}

impl Broker {
    /// The directories of `log.dirs`.
    pub fn log_dirs(&self) -> &[LogDir] {
        &self.log_dirs
    }

    /// Logs in directories that are offline.
    pub fn offline_logs(&self) -> impl Iterator<Item = &TopicPartition> {
        self.offline_logs.keys()
    }

    /// The log of a replica, whatever its role.
    pub fn log(&self, tp: &TopicPartition) -> Option<&Log> {
        let hosted = self.partitions.get(tp).map(|partition| &partition.log);
        hosted.or_else(|| self.idle_logs.get(tp)).or_else(|| self.offline_logs.get(tp))
    }

    /// Every log in `log.dirs`.
    pub fn logs(&self) -> impl Iterator<Item = &Log> {
        let hosted = self.partitions.values().map(|partition| &partition.log);
        hosted.chain(self.idle_logs.values()).chain(self.offline_logs.values())
    }

    /// Logs that wait for their first LeaderAndIsr.
    pub fn idle_logs(&self) -> &BTreeMap<TopicPartition, Log> {
        &self.idle_logs
    }

    /// The disk under a directory changes, under all without a name. The broker notices when it writes.
    pub fn set_disk(&mut self, path: Option<&str>, disk: DiskState) {
        for dir in self.log_dirs.iter_mut().filter(|dir| path.is_none_or(|path| &*dir.path == path)) {
            dir.disk = disk;
        }
    }

    /// DescribeLogDirs (`ReplicaManager.describeLogDirs`).
    pub(super) fn describe_log_dirs(&self, ctx: &mut Ctx<'_>, on: &Connection, id: u64) {
        let describe = |dir: &LogDir| {
            let logs = self.logs().filter(|log| *log.parent_dir() == dir.path && !dir.offline);
            let lag = |log: &Log| (log.high_watermark() - log.log_end_offset()).max(0);
            LogDirDescription {
                error: if dir.offline { ErrorCode::KafkaStorageError } else { ErrorCode::None },
                path: dir.path.clone(),
                replicas: logs.map(|log| (log.topic_partition().clone(), log.size_in_bytes(), lag(log))).collect(),
            }
        };
        ctx.respond(on, id, Response::DescribeLogDirs(self.log_dirs.iter().map(describe).collect()));
    }

    /// KAFKA_STORAGE_ERROR for a replica in a directory that is offline.
    pub(super) fn check_online(&self, tp: &TopicPartition) -> Result<(), ErrorCode> {
        if self.offline_logs.contains_key(tp) { Err(ErrorCode::KafkaStorageError) } else { Ok(()) }
    }

    /// What to say of a replica that is not here (`ReplicaManager.getPartitionOrError`): who asks for a partition
    /// that others have shall look for them.
    pub(super) fn missing(&self, tp: &TopicPartition) -> ErrorCode {
        let elsewhere = self.cache.has_partition(tp);
        let absent = if elsewhere { ErrorCode::NotLeaderOrFollower } else { ErrorCode::UnknownTopicOrPartition };
        self.check_online(tp).err().unwrap_or(absent)
    }

    /// The directory for a new log: the one with the fewest (`LogManager.nextLogDirs`). A replica that
    /// is not new may lie in a directory that cannot be read.
    pub(super) fn dir_for(&self, is_new: bool) -> Result<Name, ErrorCode> {
        if !is_new && self.log_dirs.iter().any(|dir| dir.offline) {
            return Err(ErrorCode::KafkaStorageError);
        }
        let logs = self.partitions.values().map(|partition| &partition.log).chain(self.idle_logs.values());
        let dirs: Vec<&Name> = logs.map(Log::parent_dir).collect();
        let online = self.log_dirs.iter().filter(|dir| !dir.offline);
        let fewest = online.min_by_key(|dir| dirs.iter().filter(|path| **path == &dir.path).count());
        fewest.map(|dir| dir.path.clone()).ok_or(ErrorCode::KafkaStorageError)
    }

    /// True if a write to the replica's directory succeeds; otherwise the directory goes offline.
    pub(super) fn can_write(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition) -> bool {
        let Some(path) = self.partitions.get(tp).map(|partition| partition.log.parent_dir().clone()) else {
            return true;
        };
        let works = |dir: &LogDir| dir.disk == DiskState::Working || dir.path != path;
        if self.log_dirs.iter().all(works) {
            return true;
        }
        self.log_dir_failed(ctx, &path);
        false
    }

    /// Writes something small to each directory, or to each that holds a log: it shows which disks work.
    // Simplified: reads come from the page cache, which a disk that has failed does not disturb.
    pub(super) fn touch_log_dirs(&mut self, ctx: &mut Ctx<'_>, all: bool) {
        let bad = self.log_dirs.iter().filter(|dir| !dir.offline && dir.disk != DiskState::Working);
        let bad: Vec<Name> = bad.map(|dir| dir.path.clone()).collect();
        for path in bad {
            if all || self.partitions.values().any(|partition| *partition.log.parent_dir() == path) {
                self.log_dir_failed(ctx, &path);
            }
        }
    }

    /// The broker starts: directories that cannot be read are offline from the beginning. False if none
    /// is left, and the process ends.
    pub(super) fn open_log_dirs(&mut self, ctx: &mut Ctx<'_>) -> bool {
        for dir in &mut self.log_dirs {
            dir.offline = dir.disk == DiskState::Failed;
            if dir.offline {
                let disk = dir.disk.name().into();
                ctx.observe(Observation::LogDirOffline { broker: self.id, dir: dir.path.clone(), disk });
            }
        }
        let offline = |path: &Name| self.log_dirs.iter().any(|dir| dir.offline && dir.path == *path);
        let lost = self.idle_logs.iter().filter(|(_, log)| offline(log.parent_dir())).map(|(tp, _)| tp.clone());
        for tp in lost.collect::<Vec<_>>() {
            if let Some(log) = self.idle_logs.remove(&tp) {
                self.offline_logs.insert(tp, log);
            }
        }
        self.live_on(ctx)
    }

    /// False if every directory is offline: a broker without one halts.
    fn live_on(&self, ctx: &mut Ctx<'_>) -> bool {
        if self.log_dirs.iter().any(|dir| !dir.offline) {
            return true;
        }
        ctx.observe(Observation::BrokerHalts { broker: self.id });
        ctx.exit();
        false
    }

    /// `handleLogDirFailure`: its replicas are offline, and the controller hears of it by a znode.
    fn log_dir_failed(&mut self, ctx: &mut Ctx<'_>, path: &Name) {
        let Some(dir) = self.log_dirs.iter_mut().find(|dir| dir.path == *path && !dir.offline) else { return };
        dir.offline = true;
        let disk = dir.disk.name().into();
        ctx.observe(Observation::LogDirOffline { broker: self.id, dir: path.clone(), disk });
        let inside = self.partitions.iter().filter(|(_, partition)| partition.log.parent_dir() == path);
        for tp in inside.map(|(tp, _)| tp.clone()).collect::<Vec<_>>() {
            self.stop_fetching(ctx, &tp);
            if &*tp.topic == "__consumer_offsets" {
                self.groups.on_resigned(ctx, tp.partition);
            }
            if let Some(partition) = self.partitions.remove(&tp) {
                self.offline_logs.insert(tp.clone(), partition.take().log);
            }
            self.dirty.insert(tp);
        }
        if self.live_on(ctx) {
            self.announce_log_dir_failure(ctx);
        }
    }
}
