//! What is worth telling: past tense, Kafka's words, public fields. The event log, the timeline's
//! ticks, the invariants and the tests all read these.

use std::rc::Rc;

use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::{CleanerStats, RemovedRecord};
use crate::protocol::ErrorCode;
use crate::protocol::zookeeper::WatchKind;

/// The generation of a commit that no member made: `kafka-consumer-groups.sh --reset-offsets`
/// (`JoinGroupRequest.UNKNOWN_GENERATION_ID`).
pub const COMMITTED_BY_TOOL: i32 = -1;
/// Told instead of one where a transaction commits what it was sent before: its marker names no generation.
pub const COMMITTED_BY_TRANSACTION: i32 = -2;

/// Something happened to a process. The world adds when, where and because of which message. A timeline keeps
/// hundreds of thousands, so what makes one large lies behind a pointer.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the sentence that Display prints says what each one is")]
pub enum Observation {
    // Processes and sessions
    BrokerStarted {
        broker: BrokerId,
    },
    BrokerRegistered {
        broker: BrokerId,
        broker_epoch: i64,
    },
    BrokerStopping {
        broker: BrokerId,
    },
    ProcessKilled {
        node: Name,
    },
    ProcessStarted {
        node: Name,
    },
    ProcessStopped {
        node: Name,
    },
    ProcessPaused {
        node: Name,
    },
    ProcessResumed {
        node: Name,
    },
    FaultAdded {
        fault: Name,
    },
    FaultRemoved {
        fault: Name,
    },
    SessionOpened {
        session: i64,
        owner: Name,
    },
    SessionExpired {
        session: i64,
        owner: Name,
    },
    SessionClosed {
        session: i64,
        owner: Name,
    },
    ZooKeeperLeads {
        server: u8,
        epoch: i32,
    },
    ZooKeeperFollows {
        server: u8,
        leader: u8,
        how: Name,
    },
    ZooKeeperLooks {
        server: u8,
        reason: Name,
    },
    ZnodeCreated {
        path: Name,
    },
    ZnodeDeleted {
        path: Name,
    },
    WatchFired {
        kind: WatchKind,
        path: Name,
        watcher: Name,
    },
    // Controller
    ControllerElected {
        broker: BrokerId,
        controller_epoch: i32,
    },
    ControllerResigned {
        broker: BrokerId,
        controller_epoch: i32,
    },
    BrokerFailureSeen {
        broker: BrokerId,
    },
    BrokerReturnSeen {
        broker: BrokerId,
    },
    TopicCreated {
        topic: Name,
        partitions: i32,
        replication_factor: i32,
    },
    TopicDeleted {
        topic: Name,
    },
    LeaderElected {
        tp: TopicPartition,
        leader: BrokerId,
        leader_epoch: i32,
        isr: Rc<Vec<BrokerId>>,
        why: Name,
    },
    PartitionOffline {
        tp: TopicPartition,
        leader_epoch: i32,
    },
    IsrChanged {
        tp: TopicPartition,
        leader: BrokerId,
        leader_epoch: i32,
        isr: Rc<Vec<BrokerId>>,
        partition_epoch: i32,
    },
    // Replication
    BecameLeader {
        tp: TopicPartition,
        broker: BrokerId,
        leader_epoch: i32,
        start_offset: i64,
    },
    BecameFollower {
        tp: TopicPartition,
        broker: BrokerId,
        leader: BrokerId,
        leader_epoch: i32,
    },
    Appended {
        tp: TopicPartition,
        broker: BrokerId,
        base_offset: i64,
        last_offset: i64,
        leader_epoch: i32,
    },
    Replicated {
        tp: TopicPartition,
        broker: BrokerId,
        base_offset: i64,
        last_offset: i64,
    },
    HighWatermarkAdvanced {
        tp: TopicPartition,
        broker: BrokerId,
        leader_epoch: i32,
        from: i64,
        to: i64,
    },
    Truncated {
        tp: TopicPartition,
        broker: BrokerId,
        from: i64,
        to: i64,
    },
    DiskChanged {
        broker: BrokerId,
        dir: Name,
        disk: Name,
    },
    LogDirOffline {
        broker: BrokerId,
        dir: Name,
        disk: Name,
    },
    LogDirFailureSeen {
        broker: BrokerId,
    },
    BrokerHalts {
        broker: BrokerId,
    },
    LogStartOffsetMoved {
        tp: TopicPartition,
        broker: BrokerId,
        from: i64,
        to: i64,
        removed: Rc<Vec<RemovedRecord>>,
    },
    SegmentsDeleted {
        tp: TopicPartition,
        broker: BrokerId,
        count: u64,
        log_start_offset: i64,
        removed: Rc<Vec<RemovedRecord>>,
    },
    LogCleaned {
        tp: TopicPartition,
        broker: BrokerId,
        stats: Rc<CleanerStats>,
        removed: Rc<Vec<RemovedRecord>>,
    },
    /// The power failed: records that were not flushed yet are gone from a replica.
    PageCacheLost {
        tp: TopicPartition,
        broker: BrokerId,
        from: i64,
        to: i64,
    },
    ReplicaStopped {
        tp: TopicPartition,
        broker: BrokerId,
        deleted: bool,
        /// What was in its log, if its topic is deleted.
        removed: Option<Rc<Vec<RemovedRecord>>>,
    },
    IsrShrinkAsked {
        tp: TopicPartition,
        broker: BrokerId,
        out: Vec<BrokerId>,
    },
    IsrExpandAsked {
        tp: TopicPartition,
        broker: BrokerId,
        joining: BrokerId,
    },
    RequestRefused {
        broker: BrokerId,
        request: Name,
        tp: Option<TopicPartition>,
        error: ErrorCode,
    },
    // Producers
    RecordSent {
        producer: Name,
        tp: TopicPartition,
        key: Option<Name>,
        value: Name,
    },
    RecordAcked {
        producer: Name,
        tp: TopicPartition,
        offset: i64,
    },
    RecordFailed {
        producer: Name,
        tp: TopicPartition,
        error: Name,
    },
    ProduceRetried {
        producer: Name,
        tp: TopicPartition,
        error: ErrorCode,
    },
    ProducerIdAssigned {
        producer: Name,
        producer_id: i64,
        producer_epoch: i16,
    },
    // Transactions
    TransactionCoordinatorFound {
        client: Name,
        transactional_id: Name,
        broker: BrokerId,
    },
    TransactionChanged {
        transactional_id: Name,
        coordinator: BrokerId,
        state: Name,
        producer_id: i64,
        producer_epoch: i16,
        loaded: bool,
    },
    TransactionTimedOut {
        transactional_id: Name,
        coordinator: BrokerId,
    },
    MarkerAppended {
        tp: TopicPartition,
        broker: BrokerId,
        offset: i64,
        committed: bool,
        producer_id: i64,
        producer_epoch: i16,
        by_coordinator: bool,
    },
    MarkerSkipped {
        tp: TopicPartition,
        transactional_id: Name,
    },
    TransactionCall {
        producer: Name,
        call: Name,
        error: Option<Name>,
    },
    // Consumers and groups
    CoordinatorFound {
        client: Name,
        group: Name,
        broker: BrokerId,
    },
    GroupRebalancing {
        group: Name,
        reason: Name,
    },
    GroupStable {
        group: Name,
        generation: i32,
        members: i32,
    },
    GroupEmpty {
        group: Name,
        generation: i32,
    },
    MemberJoined {
        group: Name,
        member: Name,
    },
    MemberLeft {
        group: Name,
        member: Name,
    },
    MemberExpired {
        group: Name,
        member: Name,
    },
    PartitionsAssigned {
        consumer: Name,
        /// Its `group.id`.
        group: Option<Name>,
        generation: i32,
        /// What has come to it.
        partitions: Rc<Vec<TopicPartition>>,
        /// All that it owns now.
        owned: Rc<Vec<TopicPartition>>,
    },
    PartitionsRevoked {
        consumer: Name,
        partitions: Rc<Vec<TopicPartition>>,
    },
    RecordsRead {
        consumer: Name,
        tp: TopicPartition,
        from: i64,
        to: i64,
    },
    OffsetCommitted {
        group: Name,
        tp: TopicPartition,
        offset: i64,
        /// Of the member that committed, or [`COMMITTED_BY_TOOL`], or [`COMMITTED_BY_TRANSACTION`].
        generation: i32,
    },
    OffsetReset {
        consumer: Name,
        tp: TopicPartition,
        offset: i64,
    },
    ClientError {
        client: Name,
        error: Name,
    },
    ToolStarted {
        /// Finds what it prints.
        ticket: u64,
        line: Name,
    },
    ToolPrinted {
        /// Of which run.
        ticket: u64,
        stderr: bool,
        text: Name,
    },
    ToolEnded {
        /// Which run.
        ticket: u64,
        tool: Name,
        /// Exit status.
        status: i32,
    },
    Note {
        text: Name,
    },
}
