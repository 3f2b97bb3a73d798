//! What is worth telling: past tense, Kafka's words, public fields. The event log, the timeline's
//! ticks, the invariants and the tests all read these.

use std::fmt;

use super::words::say;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::ErrorCode;

/// Something happened to a process. The world adds when, where and because of which message.
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
        isr: Vec<BrokerId>,
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
        isr: Vec<BrokerId>,
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
    },
    SegmentsDeleted {
        tp: TopicPartition,
        broker: BrokerId,
        count: u64,
        log_start_offset: i64,
    },
    LogCleaned {
        tp: TopicPartition,
        broker: BrokerId,
        up_to: i64,
        read: u64,
        kept: u64,
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
        generation: i32,
        partitions: Vec<TopicPartition>,
    },
    PartitionsRevoked {
        consumer: Name,
        partitions: Vec<TopicPartition>,
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
        /// Of the member that committed; -1 by hand, or where a transaction commits.
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
    Note {
        text: Name,
    },
}

fn list<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokerStarted { broker } => write!(f, "broker {broker} starts and loads its logs"),
            Self::BrokerRegistered { broker, broker_epoch } => {
                write!(f, "broker {broker} registers /brokers/ids/{broker}, broker epoch {broker_epoch}")
            }
            Self::BrokerStopping { broker } => write!(f, "broker {broker} begins a controlled shutdown"),
            Self::ProcessKilled { node } => write!(f, "{node} is killed"),
            Self::ProcessStarted { node } => write!(f, "{node} is started"),
            Self::ProcessStopped { node } => write!(f, "{node} has stopped"),
            Self::ProcessPaused { node } => write!(f, "{node} is paused"),
            Self::ProcessResumed { node } => write!(f, "{node} is resumed"),
            Self::FaultAdded { fault } => write!(f, "fault: {fault}"),
            Self::FaultRemoved { fault } => write!(f, "fault healed: {fault}"),
            Self::SessionOpened { owner, .. } => write!(f, "ZooKeeper session of {owner} opens"),
            Self::SessionExpired { owner, .. } => write!(f, "ZooKeeper session of {owner} expires"),
            Self::SessionClosed { owner, .. } => write!(f, "ZooKeeper session of {owner} is closed"),
            Self::ZooKeeperLeads { server, epoch } => write!(f, "zk{server} leads the ensemble, epoch {epoch}"),
            Self::ZooKeeperFollows { server, leader, how } => {
                write!(f, "zk{server} follows zk{leader}, synchronised by {how}")
            }
            Self::ZooKeeperLooks { server, reason } => write!(f, "zk{server} looks for a leader: {reason}"),
            Self::ZnodeCreated { path } => write!(f, "znode {path} is created"),
            Self::ZnodeDeleted { path } => write!(f, "znode {path} is deleted"),
            Self::WatchFired { path, watcher } => write!(f, "the watch of {watcher} on {path} fires"),
            Self::ControllerElected { broker, controller_epoch } => {
                write!(f, "broker {broker} becomes controller, epoch {controller_epoch}")
            }
            Self::ControllerResigned { broker, controller_epoch } => {
                write!(f, "broker {broker} is no longer controller of epoch {controller_epoch}")
            }
            Self::BrokerFailureSeen { broker } => write!(f, "the controller sees that broker {broker} is gone"),
            Self::BrokerReturnSeen { broker } => write!(f, "the controller sees broker {broker} come"),
            Self::TopicCreated { topic, partitions, replication_factor } => {
                write!(f, "topic {topic} is created: {partitions} partitions, replication factor {replication_factor}")
            }
            Self::TopicDeleted { topic } => write!(f, "topic {topic} is deleted"),
            Self::LeaderElected { tp, leader, leader_epoch, isr, why } => {
                write!(f, "{leader} is elected leader of {tp}, epoch {leader_epoch}, ISR {} ({why})", list(isr))
            }
            Self::PartitionOffline { tp, leader_epoch } => write!(f, "{tp} has no leader, epoch {leader_epoch}"),
            Self::IsrChanged { tp, isr, .. } => write!(f, "ISR of {tp} is now {}", list(isr)),
            Self::BecameLeader { tp, broker, leader_epoch, start_offset } => {
                write!(f, "{broker} leads {tp} from offset {start_offset} in epoch {leader_epoch}")
            }
            Self::BecameFollower { tp, broker, leader, leader_epoch } => {
                write!(f, "{broker} follows {leader} for {tp} in epoch {leader_epoch}")
            }
            Self::Appended { tp, broker, base_offset, last_offset, .. } => {
                say!(f, broker, " appends ", tp, " ", base_offset, "..", last_offset)
            }
            Self::Replicated { tp, broker, base_offset, last_offset } => {
                say!(f, broker, " copies ", tp, " ", base_offset, "..", last_offset)
            }
            Self::HighWatermarkAdvanced { tp, from, to, .. } => {
                say!(f, "high watermark of ", tp, " advances from ", from, " to ", to)
            }
            Self::Truncated { tp, broker, from, to } => write!(f, "{broker} truncates {tp} from {from} to {to}"),
            Self::DiskChanged { broker, dir, disk } => write!(f, "the disk of {broker} under {dir} {disk}"),
            Self::LogDirOffline { broker, dir, disk } => {
                write!(f, "{broker} takes its log directory {dir} offline: the disk {disk}")
            }
            Self::LogDirFailureSeen { broker } => {
                write!(f, "the controller hears that a log directory of broker {broker} has failed")
            }
            Self::BrokerHalts { broker } => write!(f, "broker {broker} halts: all its log directories have failed"),
            Self::LogStartOffsetMoved { tp, broker, from, to } => {
                write!(f, "{tp} begins at {to} instead of {from} on {broker}")
            }
            Self::SegmentsDeleted { tp, broker, count, log_start_offset } => {
                write!(f, "{broker} deletes {count} old segments of {tp}, which begins at {log_start_offset} now")
            }
            Self::LogCleaned { tp, broker, up_to, read, kept } => {
                write!(f, "{broker} cleans {tp} up to offset {up_to}: {kept} of {read} records stay")
            }
            Self::PageCacheLost { tp, broker, from, to } => {
                write!(f, "{broker} loses {tp} {to}..{}: not flushed", from - 1)
            }
            Self::ReplicaStopped { tp, broker, deleted: true } => write!(f, "{broker} deletes its replica of {tp}"),
            Self::ReplicaStopped { tp, broker, deleted: false } => write!(f, "{broker} stops its replica of {tp}"),
            Self::IsrShrinkAsked { tp, broker, out } => {
                write!(f, "{broker} asks to take {} out of the ISR of {tp}", list(out))
            }
            Self::IsrExpandAsked { tp, broker, joining } => {
                write!(f, "{broker} asks to take {joining} into the ISR of {tp}")
            }
            Self::RequestRefused { broker, request, tp: Some(tp), error } => {
                write!(f, "{broker} refuses {request} for {tp}: {error}")
            }
            Self::RequestRefused { broker, request, tp: None, error } => {
                write!(f, "{broker} refuses {request}: {error}")
            }
            Self::RecordSent { producer, tp, key: Some(key), value } => {
                say!(f, producer, " sends ", key, "=", value, " to ", tp)
            }
            Self::RecordSent { producer, tp, key: None, value } => write!(f, "{producer} sends {value} to {tp}"),
            Self::RecordAcked { producer, tp, offset } => {
                say!(f, producer, ": ", tp, " offset ", offset, " acknowledged")
            }
            Self::RecordFailed { producer, tp, error } => write!(f, "{producer}: a record for {tp} failed, {error}"),
            Self::ProduceRetried { producer, tp, error } => write!(f, "{producer} retries {tp}: {error}"),
            Self::ProducerIdAssigned { producer, producer_id, producer_epoch } => {
                write!(f, "{producer} gets producer id {producer_id}, epoch {producer_epoch}")
            }
            Self::TransactionCoordinatorFound { client, transactional_id, broker } => {
                write!(f, "{client} finds broker {broker} to coordinate transactions of {transactional_id}")
            }
            Self::TransactionChanged { transactional_id, state, producer_epoch, .. } => {
                write!(f, "transaction of {transactional_id} is now {state}, producer epoch {producer_epoch}")
            }
            Self::TransactionTimedOut { transactional_id, .. } => {
                write!(f, "the transaction of {transactional_id} is open for longer than its transaction.timeout.ms")
            }
            Self::MarkerAppended { tp, broker, offset, committed, .. } => {
                let marker = if *committed { "COMMIT" } else { "ABORT" };
                write!(f, "{broker} appends {marker} to {tp} at {offset}")
            }
            Self::MarkerSkipped { tp, transactional_id } => write!(f, "{transactional_id}: no marker for unknown {tp}"),
            Self::TransactionCall { producer, call, error: None } => write!(f, "{producer}: {call} returns"),
            Self::TransactionCall { producer, call, error: Some(error) } => {
                write!(f, "{producer}: {call} throws {error}")
            }
            Self::CoordinatorFound { client, group, broker } => {
                write!(f, "{client} finds broker {broker} to coordinate group {group}")
            }
            Self::GroupRebalancing { group, reason } => write!(f, "group {group} rebalances: {reason}"),
            Self::GroupStable { group, generation, members } => {
                write!(f, "group {group} is stable in generation {generation} with {members} members")
            }
            Self::GroupEmpty { group, generation } => write!(f, "group {group} is empty, generation {generation}"),
            Self::MemberJoined { group, member } => write!(f, "{member} joins group {group}"),
            Self::MemberLeft { group, member } => write!(f, "{member} leaves group {group}"),
            Self::MemberExpired { group, member } => write!(f, "the session of {member} in group {group} expires"),
            Self::PartitionsAssigned { consumer, generation, partitions } => {
                write!(f, "{consumer} is assigned [{}] in generation {generation}", list(partitions))
            }
            Self::PartitionsRevoked { consumer, partitions } => write!(f, "{consumer} gives up [{}]", list(partitions)),
            Self::RecordsRead { consumer, tp, from, to } => say!(f, consumer, " reads ", tp, " ", from, "..", to),
            Self::OffsetCommitted { group, tp, offset, .. } => {
                say!(f, "group ", group, " commits ", tp, " at ", offset)
            }
            Self::OffsetReset { consumer, tp, offset } => write!(f, "{consumer} starts {tp} at {offset}"),
            Self::ClientError { client, error } => write!(f, "{client}: {error}"),
            Self::Note { text } => write!(f, "{text}"),
        }
    }
}
