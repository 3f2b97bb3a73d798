//! What an ideal page needs to know, as plain data in Kafka's words. `view` and `command` are the
//! only two vocabularies of the page: no component computes a cluster fact.

mod build;
mod clients;
mod compare;
mod configs;
mod divergence;
mod entries;
mod entry;
mod gauges;
mod internal;
mod ledger;
mod messages;
mod partitions;
mod promises;
mod records;
mod traffic;
mod transactions;
mod watches;
mod why;
mod znodes;

pub use build::{Viewer, view};
pub use compare::{Difference, differences};
pub use configs::{ConfigOwner, ConfigView, configs};
pub use entries::{LedgerEntries, LedgerSums};
pub use entry::{GroupWork, LedgerEntry, RecordFate, Remark, RemarkKind};
pub(crate) use gauges::GaugeReader;
pub use gauges::{Gauges, PartitionGauge, REQUEST_KINDS, UNHEALTHY, gauges, request_kind};
pub use internal::{InternalRecord, internal_records};
pub use messages::{describe, is_routine};
pub use promises::{PromiseView, PromisesView, promises};
pub use traffic::{Fate, GroupStood, Seen, Span, Traffic, is_small_talk};
pub use transactions::TransactionView;
pub use watches::{WatchView, watches};
pub use why::{About, Change, NextView, Question, WhyView, next, questions};

pub use crate::broker::is_internal as is_internal_topic;
pub use crate::config::{ConfigDef, ConfigKind, ConfigType, doc_of as config_doc};
pub use crate::protocol::ErrorCode;
pub use crate::sim::Removed;

use std::rc::Rc;

use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::machine::{Channel, Deadline};
use crate::time::SimTime;

impl ClusterView {
    /// A server of ZooKeeper leads and runs: without one nothing is written there and no session ends.
    pub fn has_quorum(&self) -> bool {
        self.zookeeper.iter().any(ZooKeeperView::serves)
    }
}

impl ZooKeeperView {
    /// It leads the ensemble, or is all of it, and runs.
    pub fn serves(&self) -> bool {
        self.state == ProcessState::Running && matches!(self.role.as_str(), "leader" | "standalone")
    }
}

/// The whole cluster at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct ClusterView {
    /// Simulated time.
    pub now: SimTime,
    /// Events that the world has run.
    pub step: u64,
    /// Brokers by id, dead ones too.
    pub brokers: Vec<BrokerView>,
    /// The ensemble by id.
    pub zookeeper: Vec<ZooKeeperView>,
    /// Topics by name, internal ones last. As on brokers' disks and in the controller's znodes.
    pub topics: Vec<TopicView>,
    /// Producers by client id.
    pub producers: Vec<ProducerView>,
    /// Consumers by client id.
    pub consumers: Vec<ConsumerView>,
    /// Groups by id.
    pub groups: Vec<GroupView>,
    /// Transactional ids by name.
    pub transactions: Vec<TransactionView>,
    /// Messages that are on their way or held by a fault, by id.
    pub in_flight: Vec<MessageView>,
    /// Network faults in force, in the order of their ids.
    pub faults: Vec<FaultView>,
    /// The broker that `/controller` names.
    pub controller: Option<BrokerId>,
    /// What `/controller_epoch` says.
    pub controller_epoch: i32,
    /// One entry per record that a producer was given. Of one [`Viewer`] the list is the same allocation while nothing
    /// in it has changed.
    pub ledger: Rc<LedgerEntries>,
    /// Promises that were broken; empty while Kafka keeps its word.
    pub broken_promises: Vec<String>,
}

/// Whether a process runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessState {
    /// It runs.
    Running,
    /// It runs but is not registered yet, or its logs are loading.
    Starting,
    /// A controlled shutdown is under way.
    Stopping,
    /// Its process is frozen (SIGSTOP).
    Paused,
    /// There is no process; its disk keeps what it had.
    Dead,
}

impl ProcessState {
    /// In one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Starting => "starting",
            Self::Stopping => "stopping",
            Self::Paused => "frozen",
            Self::Dead => "dead",
        }
    }
}

/// A broker.
#[derive(Clone, PartialEq, Debug)]
pub struct BrokerView {
    /// `broker.id`.
    pub id: BrokerId,
    /// Whether it runs.
    pub state: ProcessState,
    /// `/controller` names it.
    pub is_controller: bool,
    /// Groups it coordinates.
    pub coordinates: Vec<Name>,
    /// Its ZooKeeper session, as the ensemble sees it.
    pub session: Option<SessionView>,
    /// `/brokers/ids/N` exists.
    pub registered: bool,
    /// czxid of its registration, -1 if there is none.
    pub broker_epoch: i64,
    /// What it waits for, in words.
    pub deadlines: Vec<Deadline>,
    /// Configs that differ from Kafka's defaults.
    pub configs: Vec<(Name, Name)>,
    /// The directories of its `log.dirs`.
    pub log_dirs: Vec<LogDirView>,
    /// Live brokers as its metadata cache has them.
    pub known_brokers: Vec<BrokerId>,
    /// Brokers that it tells things as the active controller; none if it is not.
    pub controlled_brokers: Vec<BrokerId>,
}

/// A log directory of a broker.
#[derive(Clone, PartialEq, Debug)]
pub struct LogDirView {
    /// Its path.
    pub path: Name,
    /// The disk under it: `works`, `is full`, `has failed`.
    pub disk: &'static str,
    /// The broker met an error there; its replicas answer KAFKA_STORAGE_ERROR until it is started again.
    pub offline: bool,
    /// Logs in it.
    pub logs: u32,
}

/// A ZooKeeper session.
#[derive(Clone, PartialEq, Debug)]
pub struct SessionView {
    /// Its id.
    pub id: i64,
    /// The client that holds it.
    pub owner: Name,
    /// Granted timeout in ms.
    pub timeout_ms: u64,
    /// When the leader will expire it, if it hears nothing more. Without a leader nothing expires: the
    /// next one will grant the full timeout.
    pub expires_at: SimTime,
    /// The server that its client is connected to, if one serves it now.
    pub server: Option<u8>,
    /// Paths of its ephemeral znodes.
    pub ephemerals: Rc<[Name]>,
}

/// A server of the ensemble.
#[derive(Clone, PartialEq, Debug)]
pub struct ZooKeeperView {
    /// `myid`.
    pub id: u8,
    /// Whether it runs.
    pub state: ProcessState,
    /// `standalone`, `leader`, `follower`, `looking`, `synchronising`; `unreachable` without a process.
    pub role: Name,
    /// The last epoch that it took part in.
    pub epoch: i32,
    /// The last transaction that it has applied: epoch in the upper 32 bits, counter in the lower.
    pub zxid: i64,
    /// Sessions that it knows.
    pub sessions: Vec<SessionView>,
    /// Its znodes by path.
    pub znodes: Rc<[ZnodeView]>,
}

/// A znode.
#[derive(Clone, PartialEq, Debug)]
pub struct ZnodeView {
    /// Absolute path.
    pub path: Name,
    /// Its data.
    pub data: Name,
    /// Version of the data.
    pub version: i32,
    /// Transaction that created it.
    pub czxid: i64,
    /// Session that owns it, 0 if persistent.
    pub ephemeral_owner: i64,
}

/// A topic.
#[derive(Clone, PartialEq, Debug)]
pub struct TopicView {
    /// Its name.
    pub name: Name,
    /// `__consumer_offsets` and the like.
    pub internal: bool,
    /// Topic configs that were set.
    pub configs: Vec<(Name, Name)>,
    /// By number. Of one [`Viewer`], a partition that is as it was is the same allocation.
    pub partitions: Vec<Rc<PartitionView>>,
}

/// A partition: leadership from its `state` znode, the rest from the brokers.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionView {
    /// Which.
    pub tp: TopicPartition,
    /// The leader, if there is one.
    pub leader: Option<BrokerId>,
    /// Its epoch.
    pub leader_epoch: i32,
    /// The controller that wrote the state.
    pub controller_epoch: i32,
    /// Version of the `state` znode.
    pub partition_epoch: i32,
    /// In-sync replicas in order.
    pub isr: Vec<BrokerId>,
    /// Assigned replicas, the preferred leader first.
    pub assigned: Vec<BrokerId>,
    /// Of these, the ones that a reassignment under way adds (`adding_replicas`, KIP-455).
    pub adding: Vec<BrokerId>,
    /// Of these, the ones that it will remove (`removing_replicas`).
    pub removing: Vec<BrokerId>,
    /// The leader's high watermark (the last known one where the leader is down).
    pub high_watermark: i64,
    /// Effective `min.insync.replicas`.
    pub min_insync_replicas: i32,
    /// One per assigned replica, in the order of `assigned`.
    pub replicas: Vec<ReplicaView>,
}

impl PartitionView {
    /// As `kafka-topics.sh --under-replicated-partitions` counts: what a reassignment only adds is not missed (KIP-352).
    pub fn is_under_replicated(&self) -> bool {
        self.isr.len() + self.adding.len() < self.assigned.len()
    }
}

/// What a replica is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplicaRole {
    /// The `state` znode names it and its broker runs.
    Leader,
    /// Any other replica on a broker that runs.
    Follower,
    /// Its broker does not run; what is on its disk is shown.
    Offline,
}

/// One replica.
#[derive(Clone, PartialEq, Debug)]
pub struct ReplicaView {
    /// On which broker.
    pub broker: BrokerId,
    /// Its role.
    pub role: ReplicaRole,
    /// The broker itself believes that it leads (a zombie does so wrongly).
    pub believes_it_leads: bool,
    /// The leader epoch that the broker knows, -1 for none.
    pub known_leader_epoch: i32,
    /// In the ISR of the `state` znode.
    pub in_sync: bool,
    /// The log directory that holds it, empty if nothing does.
    pub log_dir: Name,
    /// First offset.
    pub log_start_offset: i64,
    /// Next offset to be written here (LEO).
    pub log_end_offset: i64,
    /// What this replica knows of the high watermark.
    pub high_watermark: i64,
    /// Where readers of committed records stop: the first undecided transaction, or the high watermark.
    pub last_stable_offset: i64,
    /// The newest records, oldest first, at most [`RECORDS_SHOWN`]. A view of the same log by the same
    /// [`Viewer`] shares them, so that `Rc::ptr_eq` tells that nothing has changed.
    pub records: Rc<[RecordView]>,
    /// (epoch, start offset) of the leader-epoch cache.
    pub leader_epochs: Vec<(i32, i64)>,
    /// The first offset that holds another record than the leader's log, or one that the leader
    /// does not have: from there on this replica will be truncated when it follows.
    pub diverges_at: Option<i64>,
}

/// How many records of a replica a view carries at most.
pub const RECORDS_SHOWN: usize = 64;

/// One record.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordView {
    /// Its offset.
    pub offset: i64,
    /// Leader epoch of its batch.
    pub leader_epoch: i32,
    /// As text; binary keys are spelled out.
    pub key: Option<Name>,
    /// As text; `None` for a tombstone.
    pub value: Option<Name>,
    /// A transaction marker.
    pub is_control: bool,
    /// Producer id, -1 for none.
    pub producer_id: i64,
}

/// A producer.
#[derive(Clone, PartialEq, Debug)]
pub struct ProducerView {
    /// `client.id`.
    pub client: Name,
    /// Whether it runs.
    pub state: ProcessState,
    /// Configs that differ from Kafka's defaults.
    pub configs: Vec<(Name, Name)>,
    /// -1 until assigned.
    pub producer_id: i64,
    /// -1 until assigned.
    pub producer_epoch: i16,
    /// Where it stands with its transactions, in Kafka's name; `None` without a `transactional.id`.
    pub transaction: Option<Name>,
    /// The topic last sent to.
    pub topic: Option<Name>,
    /// Records that wait in its buffer: (key, partition if chosen).
    pub waiting: Vec<(Option<Name>, Option<i32>)>,
    /// Records sent and not answered.
    pub in_flight: u64,
    /// Records acknowledged.
    pub acked: u64,
    /// Records that failed for good.
    pub failed: u64,
    /// The last error it met, in Kafka's name.
    pub last_error: Option<Name>,
    /// Brokers that are up, by its last Metadata answer; none before the first one.
    pub known_brokers: Vec<BrokerId>,
    /// What it waits for, in words.
    pub deadlines: Vec<Deadline>,
}

/// A consumer.
#[derive(Clone, PartialEq, Debug)]
pub struct ConsumerView {
    /// `client.id`.
    pub client: Name,
    /// Whether it runs.
    pub state: ProcessState,
    /// Configs that differ from Kafka's defaults.
    pub configs: Vec<(Name, Name)>,
    /// Its group, if it has one.
    pub group: Option<Name>,
    /// Given by the coordinator, empty until then.
    pub member_id: Name,
    /// -1 until it has one.
    pub generation: i32,
    /// `unjoined`, `joining`, `syncing`, `stable`, `assigned by hand`, `closed`.
    pub phase: Name,
    /// Partitions owned, with the position (next offset to be read), if known.
    pub assignment: Vec<(TopicPartition, Option<i64>)>,
    /// Records given to the application.
    pub received: u64,
    /// The application's thread is stuck: it does not poll.
    pub hangs: bool,
    /// When the next heartbeat is due, and the interval in ms.
    pub heartbeat: Option<(SimTime, u64)>,
    /// What it waits for, in words.
    pub deadlines: Vec<Deadline>,
    /// The last error it met.
    pub last_error: Option<Name>,
    /// Brokers that are up, by its last Metadata answer; none before the first one.
    pub known_brokers: Vec<BrokerId>,
}

/// A group, as its coordinator has it.
#[derive(Clone, PartialEq, Debug)]
pub struct GroupView {
    /// Group id.
    pub id: Name,
    /// `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Stable`, `Dead`.
    pub state: Name,
    /// Its generation.
    pub generation: i32,
    /// The assignor in use.
    pub protocol: Name,
    /// Broker that coordinates it.
    pub coordinator: BrokerId,
    /// The member that assigns.
    pub leader: Name,
    /// Members by id: (member id, client id, share, session ends at).
    pub members: Vec<(Name, Name, Vec<TopicPartition>, SimTime)>,
    /// Committed offsets: (partition, offset, lag against the high watermark).
    pub committed: Vec<(TopicPartition, i64, i64)>,
}

/// What a message is, for its shape.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MessageKind {
    /// Produce request.
    Produce,
    /// An acknowledgement or an error for a producer.
    ProduceReply,
    /// A fetch by a follower or a consumer.
    Fetch,
    /// Its answer.
    FetchReply,
    /// Group heartbeat, ZooKeeper ping, and their answers.
    Heartbeat,
    /// A watch event.
    Watch,
    /// Metadata and UpdateMetadata.
    Metadata,
    /// LeaderAndIsr and StopReplica.
    LeaderAndIsr,
    /// AlterPartition and other wishes to the controller.
    ToController,
    /// Group membership and offsets.
    Group,
    /// ZooKeeper reads and writes.
    ZooKeeper,
    /// Everything else.
    Other,
}

/// A message on its way. Where it is now is `(now - sent_at) / (arrives_at - sent_at)`.
#[derive(Clone, PartialEq, Debug)]
pub struct MessageView {
    /// Its number.
    pub id: u64,
    /// The event that caused it.
    pub cause: u64,
    /// Who sent it.
    pub from: NodeId,
    /// Who gets it.
    pub to: NodeId,
    /// On which of the connections.
    pub channel: Channel,
    /// Its shape.
    pub kind: MessageKind,
    /// True for the answer of a pair.
    pub is_reply: bool,
    /// `Produce`, `Fetch`, `LeaderAndIsr`, …
    pub label: Name,
    /// The first partition it is about.
    pub tp: Option<TopicPartition>,
    /// Offset it is about: of the first record carried, or wanted.
    pub offset: Option<i64>,
    /// Keys (or offsets) of the records that it carries, at most 8.
    pub records: Vec<Name>,
    /// How many records it carries in all.
    pub record_count: u64,
    /// Kafka's error name, if it carries one.
    pub error: Option<Name>,
    /// When it was sent.
    pub sent_at: SimTime,
    /// When it arrives; `SimTime::NEVER` while a fault holds it.
    pub arrives_at: SimTime,
}

/// A network fault in force.
#[derive(Clone, PartialEq, Debug)]
pub struct FaultView {
    /// Its number, for `heal N`.
    pub id: u32,
    /// The line that made it: `cut 101 103`.
    pub text: Name,
    /// The nodes it touches.
    pub between: Vec<NodeId>,
}
