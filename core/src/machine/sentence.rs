//! What happened as a sentence: the event log shows it, and the fingerprint is made of it.

use std::fmt;

use super::Observation;
use super::words::say;
use crate::log::CleanerStats;

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
            Self::WatchFired { kind, path, watcher } => write!(f, "the watch of {watcher} on {path} fires: {kind:?}"),
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
            Self::LogStartOffsetMoved { tp, broker, from, to, .. } => {
                write!(f, "{tp} begins at {to} instead of {from} on {broker}")
            }
            Self::SegmentsDeleted { tp, broker, count, log_start_offset, .. } => {
                write!(f, "{broker} deletes {count} old segments of {tp}, which begins at {log_start_offset} now")
            }
            Self::LogCleaned { tp, broker, stats, .. } => {
                let CleanerStats { end_offset: up_to, records_read: read, records_kept: kept } = **stats;
                write!(f, "{broker} cleans {tp} up to offset {up_to}: {kept} of {read} records stay")
            }
            Self::PageCacheLost { tp, broker, from, to } => {
                write!(f, "{broker} loses {tp} {to}..{}: not flushed", from - 1)
            }
            Self::ReplicaStopped { tp, broker, deleted: true, .. } => write!(f, "{broker} deletes its replica of {tp}"),
            Self::ReplicaStopped { tp, broker, deleted: false, .. } => write!(f, "{broker} stops its replica of {tp}"),
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
            Self::PartitionsAssigned { consumer, generation, partitions, .. } => {
                write!(f, "{consumer} is assigned [{}] in generation {generation}", list(partitions))
            }
            Self::PartitionsRevoked { consumer, partitions } => write!(f, "{consumer} gives up [{}]", list(partitions)),
            Self::RecordsRead { consumer, tp, from, to } => say!(f, consumer, " reads ", tp, " ", from, "..", to),
            Self::OffsetCommitted { group, tp, offset, .. } => {
                say!(f, "group ", group, " commits ", tp, " at ", offset)
            }
            Self::OffsetReset { consumer, tp, offset } => write!(f, "{consumer} starts {tp} at {offset}"),
            Self::ClientError { client, error } => write!(f, "{client}: {error}"),
            Self::ToolStarted { line, .. } => write!(f, "$ {line}"),
            Self::ToolPrinted { text, .. } => write!(f, "{text}"),
            Self::ToolEnded { tool, status, .. } => write!(f, "{tool} ended with exit status {status}"),
            Self::Note { text } => write!(f, "{text}"),
        }
    }
}
