//! What lessons count: numbers of a cluster, a partition, a group, a client.

use std::rc::Rc;

use std::fmt;

use super::eval::{find_consumer, find_group, find_partition, find_topic, leader_replica, length};
use super::parse::{PredicateError, Term, number, partition};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::view::{ClusterView, ConsumerView, GroupWork, LedgerEntry, PartitionView, ProcessState, RemarkKind};

/// What is counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Quantity {
    /// `leader_epoch(t-0)`
    LeaderEpoch(TopicPartition),
    /// `high_watermark(t-0)`: of the leader.
    HighWatermark(TopicPartition),
    /// `log_end(t-0)`: of the leader; `log_end(t-0,102)`: of the replica there.
    LogEnd(TopicPartition, Option<BrokerId>),
    /// `partitions(t)`
    Partitions(Name),
    /// `records(t)`: below the high watermarks of all partitions.
    Records(Name),
    /// `members(g)`
    Members(Name),
    /// `generation(g)`
    Generation(Name),
    /// `lag(g)`: of all partitions together.
    Lag(Name),
    /// `received(c)`: records given to the application.
    Received(Name),
    /// `closed(g)`: readers of the group that were closed in order, not killed.
    Closed(Name),
    /// `log_start(t-0)`: of the leader.
    LogStart(TopicPartition),
    /// `last_stable_offset(t-0)`: of the leader.
    LastStableOffset(TopicPartition),
    /// `diverges_at(t-0,101)`: the first offset at which the replica there holds another record than the leader.
    DivergesAt(TopicPartition, BrokerId),
    /// `committed(g,t-0)`: the offset that the group has committed.
    Committed(Name, TopicPartition),
    /// `position(c,t-0)`: the next offset that the consumer will read.
    Position(Name, TopicPartition),
    /// `processed(g)`: records that the group has processed at least once.
    Processed(Name),
    /// `repeated(g)`: records that it has processed more than once.
    Repeated(Name),
    /// `left_out(g)`: records that it has committed and never processed.
    LeftOut(Name),
    /// `rows(g)`: rows in the store of the group's application.
    Rows(Name),
    /// `brokers`: those that run.
    Brokers,
    /// `controller_epoch`
    ControllerEpoch,
    /// `sent`: records given to producers.
    Sent,
    /// `acked`: records acknowledged, read ones too.
    Acked,
    /// `read`: records given to at least one consumer.
    Read,
    /// `failed`: records that failed for good.
    Failed,
    /// `lost`: acknowledged records that are gone.
    Lost,
    /// `duplicated`: records that are in the log more than once.
    Duplicated,
    /// `under_replicated`: partitions with fewer replicas in sync than assigned.
    UnderReplicated,
    /// `offline`: partitions without a leader.
    Offline,
    /// `reordered`: records behind one that was sent after them.
    Reordered,
    /// `broken_promises`: promises of Kafka that do not hold.
    BrokenPromises,
}

pub(super) fn quantity(term: &Term<'_>) -> Result<Option<Quantity>, PredicateError> {
    Ok(Some(match (term.name, term.arguments.as_slice()) {
        ("leader_epoch", [tp]) => Quantity::LeaderEpoch(partition(tp)?),
        ("high_watermark", [tp]) => Quantity::HighWatermark(partition(tp)?),
        ("log_end", [tp]) => Quantity::LogEnd(partition(tp)?, None),
        ("log_end", [tp, broker]) => Quantity::LogEnd(partition(tp)?, Some(number(broker)?)),
        ("partitions", [topic]) => Quantity::Partitions((*topic).into()),
        ("records", [topic]) => Quantity::Records((*topic).into()),
        ("members", [group]) => Quantity::Members((*group).into()),
        ("generation", [group]) => Quantity::Generation((*group).into()),
        ("lag", [group]) => Quantity::Lag((*group).into()),
        ("received", [client]) => Quantity::Received((*client).into()),
        ("closed", [group]) => Quantity::Closed((*group).into()),
        ("log_start", [tp]) => Quantity::LogStart(partition(tp)?),
        ("last_stable_offset", [tp]) => Quantity::LastStableOffset(partition(tp)?),
        ("diverges_at", [tp, broker]) => Quantity::DivergesAt(partition(tp)?, number(broker)?),
        ("committed", [group, tp]) => Quantity::Committed((*group).into(), partition(tp)?),
        ("position", [client, tp]) => Quantity::Position((*client).into(), partition(tp)?),
        ("processed", [group]) => Quantity::Processed((*group).into()),
        ("repeated", [group]) => Quantity::Repeated((*group).into()),
        ("left_out", [group]) => Quantity::LeftOut((*group).into()),
        ("rows", [group]) => Quantity::Rows((*group).into()),
        ("under_replicated", []) => Quantity::UnderReplicated,
        ("offline", []) => Quantity::Offline,
        ("reordered", []) => Quantity::Reordered,
        ("broken_promises", []) => Quantity::BrokenPromises,
        ("brokers", []) => Quantity::Brokers,
        ("controller_epoch", []) => Quantity::ControllerEpoch,
        ("sent", []) => Quantity::Sent,
        ("acked", []) => Quantity::Acked,
        ("read", []) => Quantity::Read,
        ("failed", []) => Quantity::Failed,
        ("lost", []) => Quantity::Lost,
        ("duplicated", []) => Quantity::Duplicated,
        _ => return Ok(None),
    }))
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeaderEpoch(tp) => write!(f, "leader_epoch({tp})"),
            Self::HighWatermark(tp) => write!(f, "high_watermark({tp})"),
            Self::LogEnd(tp, None) => write!(f, "log_end({tp})"),
            Self::LogEnd(tp, Some(broker)) => write!(f, "log_end({tp},{broker})"),
            Self::Partitions(topic) => write!(f, "partitions({topic})"),
            Self::Records(topic) => write!(f, "records({topic})"),
            Self::Members(group) => write!(f, "members({group})"),
            Self::Generation(group) => write!(f, "generation({group})"),
            Self::Lag(group) => write!(f, "lag({group})"),
            Self::Received(client) => write!(f, "received({client})"),
            Self::Closed(group) => write!(f, "closed({group})"),
            Self::LogStart(tp) => write!(f, "log_start({tp})"),
            Self::LastStableOffset(tp) => write!(f, "last_stable_offset({tp})"),
            Self::DivergesAt(tp, broker) => write!(f, "diverges_at({tp},{broker})"),
            Self::Committed(group, tp) => write!(f, "committed({group},{tp})"),
            Self::Position(client, tp) => write!(f, "position({client},{tp})"),
            Self::Processed(group) => write!(f, "processed({group})"),
            Self::Repeated(group) => write!(f, "repeated({group})"),
            Self::LeftOut(group) => write!(f, "left_out({group})"),
            Self::Rows(group) => write!(f, "rows({group})"),
            Self::Brokers => f.write_str("brokers"),
            Self::ControllerEpoch => f.write_str("controller_epoch"),
            Self::Sent => f.write_str("sent"),
            Self::Acked => f.write_str("acked"),
            Self::Read => f.write_str("read"),
            Self::Failed => f.write_str("failed"),
            Self::Lost => f.write_str("lost"),
            Self::Duplicated => f.write_str("duplicated"),
            Self::UnderReplicated => f.write_str("under_replicated"),
            Self::Offline => f.write_str("offline"),
            Self::Reordered => f.write_str("reordered"),
            Self::BrokenPromises => f.write_str("broken_promises"),
        }
    }
}

/// Records of which a group has made something.
fn worked(view: &ClusterView, group: &Name, is_meant: impl Fn(&GroupWork) -> bool) -> i64 {
    let meant = |entry: &&Rc<LedgerEntry>| entry.work.iter().any(|work| work.group == *group && is_meant(work));
    length(view.ledger.iter().filter(meant).count())
}

/// Records that a group has committed and never worked on. Not those that it was not to be given: aborted ones, where it
/// reads what is committed.
fn left_out(view: &ClusterView, group: &Name) -> i64 {
    let is_told = |entry: &Rc<LedgerEntry>| {
        entry.remarks.iter().any(|one| one.kind == RemarkKind::LeftOut && one.group.as_ref() == Some(group))
    };
    length(view.ledger.iter().filter(|entry| is_told(entry)).count())
}

/// Partitions of all topics, internal ones too.
fn partitions(view: &ClusterView, is_meant: impl Fn(&PartitionView) -> bool) -> i64 {
    length(view.topics.iter().flat_map(|topic| &topic.partitions).filter(|partition| is_meant(partition)).count())
}

impl Quantity {
    /// What it is now.
    pub fn of(&self, view: &ClusterView) -> Option<i64> {
        Some(match self {
            Self::LeaderEpoch(tp) => find_partition(view, tp)?.leader_epoch.into(),
            Self::HighWatermark(tp) => find_partition(view, tp)?.high_watermark,
            Self::LogEnd(tp, None) => leader_replica(view, tp)?.log_end_offset,
            Self::LogEnd(tp, Some(broker)) => {
                find_partition(view, tp)?.replicas.iter().find(|replica| replica.broker == *broker)?.log_end_offset
            }
            Self::Partitions(topic) => length(find_topic(view, topic)?.partitions.len()),
            Self::Records(topic) => {
                find_topic(view, topic)?.partitions.iter().map(|partition| partition.high_watermark).sum()
            }
            Self::Members(group) => length(find_group(view, group)?.members.len()),
            Self::Generation(group) => find_group(view, group)?.generation.into(),
            Self::Lag(group) => find_group(view, group)?.committed.iter().map(|(_, _, lag)| *lag).sum(),
            Self::Received(client) => i64::try_from(find_consumer(view, client)?.received).unwrap_or(i64::MAX),
            Self::Closed(group) => {
                let closed =
                    |consumer: &&ConsumerView| consumer.group.as_ref() == Some(group) && &*consumer.phase == "closed";
                length(view.consumers.iter().filter(closed).count())
            }
            Self::LogStart(tp) => leader_replica(view, tp)?.log_start_offset,
            Self::LastStableOffset(tp) => leader_replica(view, tp)?.last_stable_offset,
            Self::DivergesAt(tp, broker) => {
                find_partition(view, tp)?.replicas.iter().find(|replica| replica.broker == *broker)?.diverges_at?
            }
            Self::Committed(group, tp) => find_group(view, group)?.committed.iter().find(|(of, _, _)| of == tp)?.1,
            Self::Position(client, tp) => {
                find_consumer(view, client)?.assignment.iter().find(|(of, _)| of == tp).and_then(|(_, at)| *at)?
            }
            Self::Processed(group) => worked(view, group, |work| work.times > 0),
            Self::Repeated(group) => worked(view, group, |work| work.times > 1),
            Self::LeftOut(group) => left_out(view, group),
            Self::Rows(group) => {
                let of_group =
                    |entry: &Rc<LedgerEntry>| entry.work.iter().find(|work| work.group == *group).map(|w| w.rows);
                view.ledger.iter().filter_map(of_group).map(i64::from).sum()
            }
            Self::UnderReplicated => partitions(view, PartitionView::is_under_replicated),
            Self::Offline => partitions(view, |partition| partition.leader.is_none()),
            Self::Reordered => {
                let is_reordered =
                    |entry: &&Rc<LedgerEntry>| entry.remarks.iter().any(|r| r.kind == RemarkKind::Reordered);
                length(view.ledger.iter().filter(is_reordered).count())
            }
            Self::BrokenPromises => length(view.broken_promises.len()),
            Self::Brokers => length(view.brokers.iter().filter(|broker| broker.state == ProcessState::Running).count()),
            Self::ControllerEpoch => view.controller_epoch.into(),
            Self::Sent => view.ledger.sums().sent.into(),
            Self::Acked => view.ledger.sums().acked.into(),
            Self::Read => view.ledger.sums().read.into(),
            Self::Failed => view.ledger.sums().failed.into(),
            Self::Lost => view.ledger.sums().lost.into(),
            Self::Duplicated => view.ledger.sums().duplicated.into(),
        })
    }
}
