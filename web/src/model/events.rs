//! Events as the log and the time axis show them.

use playground_core::ids::{BrokerId, NodeId, TopicPartition};
use playground_core::machine::Observation;
use playground_core::time::SimTime;
use playground_core::timeline::{Event, Position};

use super::owners::Share;
use super::subject::Subject;
use crate::scene::Selection;

/// What an event is, for its glyph. In the order in which glyphs yield to each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EventKind {
    /// A process or a connection breaks.
    Fault,
    /// A ZooKeeper session or a member's session runs out.
    Session,
    /// A partition gets a leader, or loses it.
    Leader,
    /// A group rebalances or settles.
    Group,
    /// A log is cut.
    Truncation,
    /// A controller comes or goes.
    Controller,
    /// An ISR changes.
    Isr,
    /// A process comes back, a fault is healed.
    Recovery,
    /// Topics and configs.
    Topic,
    /// A client meets an error.
    Error,
    /// A record on its way through: sent, copied, acknowledged, read.
    Record,
    /// Everything else.
    Other,
}

impl EventKind {
    /// One word, for filters and screen readers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Session => "session",
            Self::Leader => "leader",
            Self::Group => "group",
            Self::Truncation => "truncation",
            Self::Controller => "controller",
            Self::Isr => "ISR",
            Self::Recovery => "recovery",
            Self::Topic => "topic",
            Self::Error => "error",
            Self::Record => "record",
            Self::Other => "other",
        }
    }

    /// Gets a glyph on the time axis; the others a tick.
    pub fn is_major(self) -> bool {
        self < Self::Topic
    }

    /// What an observation is.
    pub fn of(observation: &Observation) -> Self {
        match observation {
            Observation::ProcessKilled { .. }
            | Observation::ProcessPaused { .. }
            | Observation::ProcessStopped { .. }
            | Observation::BrokerStopping { .. }
            | Observation::DiskChanged { .. }
            | Observation::LogDirOffline { .. }
            | Observation::BrokerHalts { .. }
            | Observation::FaultAdded { .. } => Self::Fault,
            Observation::SessionExpired { .. } | Observation::MemberExpired { .. } => Self::Session,
            Observation::LeaderElected { .. } | Observation::PartitionOffline { .. } => Self::Leader,
            Observation::GroupRebalancing { .. } | Observation::GroupStable { .. } | Observation::GroupEmpty { .. } => {
                Self::Group
            }
            Observation::Truncated { .. } | Observation::PageCacheLost { .. } => Self::Truncation,
            Observation::ControllerElected { .. } | Observation::ControllerResigned { .. } => Self::Controller,
            Observation::IsrChanged { .. } => Self::Isr,
            Observation::ProcessStarted { .. }
            | Observation::ProcessResumed { .. }
            | Observation::BrokerRegistered { .. }
            | Observation::FaultRemoved { .. } => Self::Recovery,
            Observation::TopicCreated { .. } | Observation::TopicDeleted { .. } => Self::Topic,
            Observation::ToolEnded { status, .. } if !matches!(status, 0 | 130) => Self::Error,
            Observation::RecordFailed { .. } | Observation::ClientError { .. } | Observation::RequestRefused { .. } => {
                Self::Error
            }
            Observation::RecordSent { .. }
            | Observation::RecordAcked { .. }
            | Observation::RecordsRead { .. }
            | Observation::Appended { .. }
            | Observation::Replicated { .. }
            | Observation::HighWatermarkAdvanced { .. }
            | Observation::OffsetCommitted { .. } => Self::Record,
            _ => Self::Other,
        }
    }
}

/// What can be told of a broker's life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Life {
    /// Its process is started.
    Started,
    /// It is killed.
    Killed,
    /// Its process ends by itself, or in order.
    Stopped,
    /// It gives up: all of its log directories have failed.
    Halted,
    /// Its ZooKeeper session expires.
    Expired,
    /// The controller sees that it is gone.
    Missed,
    /// It is elected to lead a partition.
    Elected,
}

impl Life {
    /// What `observation` tells of a broker.
    fn of(observation: &Observation) -> Option<(BrokerId, Self)> {
        let named = |node: &str, life| Some((node.parse().ok()?, life));
        match observation {
            Observation::ProcessStarted { node } => named(node, Self::Started),
            Observation::ProcessKilled { node } => named(node, Self::Killed),
            Observation::ProcessStopped { node } => named(node, Self::Stopped),
            Observation::BrokerHalts { broker } => Some((*broker, Self::Halted)),
            Observation::SessionExpired { owner, .. } => named(owner, Self::Expired),
            Observation::BrokerFailureSeen { broker } => Some((*broker, Self::Missed)),
            Observation::LeaderElected { leader, .. } => Some((*leader, Self::Elected)),
            _ => None,
        }
    }
}

/// One line of the log.
#[derive(Clone, PartialEq, Debug)]
pub struct EventRow {
    /// Its place in the branch.
    pub seq: u64,
    /// Where a click leads.
    pub position: Position,
    /// When.
    pub at: SimTime,
    /// Where.
    pub node: String,
    /// For its glyph.
    pub kind: EventKind,
    /// One sentence.
    pub text: String,
    /// What it is about.
    pub subject: Option<Subject>,
    /// Its partition's number, for the hue.
    pub partition: Option<i32>,
    /// It is a stop when stepping.
    pub is_stop: bool,
    /// What it tells of who owns which partition.
    pub share: Option<Share>,
    /// What it tells of a broker's life, and of which.
    pub life: Option<(BrokerId, Life)>,
}

impl EventRow {
    /// Puts an event into words.
    pub fn new(event: &Event<'_>) -> Self {
        let tp = partition_of(event.observation);
        let subject = match (&tp, event.node) {
            (Some(tp), _) => Some(Subject::Thing(Selection::Partition(tp.clone()))),
            (None, NodeId::Broker(id)) => Some(Subject::Thing(Selection::Broker(*id))),
            (None, NodeId::ZooKeeper(id)) => Some(Subject::Thing(Selection::ZooKeeper(*id))),
            (None, NodeId::Client(_)) => None,
        };
        Self {
            seq: event.seq,
            position: event.position,
            at: event.at,
            node: event.node.to_string(),
            kind: EventKind::of(event.observation),
            text: event.text(),
            subject,
            partition: tp.map(|tp| tp.partition),
            is_stop: event.is_stop(),
            share: Share::of(event.observation),
            life: Life::of(event.observation),
        }
    }

    /// Whether the log shows it under this filter: every word of the filter occurs.
    pub fn matches(&self, filter: &str) -> bool {
        let hay = format!("{} {} {}", self.kind.word(), self.node, self.text).to_ascii_lowercase();
        filter.split_whitespace().all(|word| hay.contains(&word.to_ascii_lowercase()))
    }
}

impl EventRow {
    /// Whether it tells of this thing: names stand in its sentence as whole words.
    pub fn is_about(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Thing(Selection::Partition(tp) | Selection::Replica(_, tp) | Selection::Record(_, tp, _)) => {
                self.subject == Some(Subject::Thing(Selection::Partition(tp.clone())))
            }
            Subject::Thing(Selection::ZooKeeper(id)) => self.node == format!("zk{id}"),
            // What a broker tells of others, as the controller does, is not about the broker.
            Subject::Thing(Selection::Broker(id)) => names(&self.text, &id.to_string()),
            subject => subject.word().is_some_and(|word| self.node == word || names(&self.text, &word)),
        }
    }
}

/// `word` stands in `text` by itself, not as a part of another.
pub fn names(text: &str, word: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'))).any(|one| one == word)
}

fn partition_of(observation: &Observation) -> Option<TopicPartition> {
    match observation {
        Observation::LeaderElected { tp, .. }
        | Observation::PartitionOffline { tp, .. }
        | Observation::IsrChanged { tp, .. }
        | Observation::BecameLeader { tp, .. }
        | Observation::LogStartOffsetMoved { tp, .. }
        | Observation::SegmentsDeleted { tp, .. }
        | Observation::LogCleaned { tp, .. }
        | Observation::BecameFollower { tp, .. }
        | Observation::Appended { tp, .. }
        | Observation::Replicated { tp, .. }
        | Observation::HighWatermarkAdvanced { tp, .. }
        | Observation::Truncated { tp, .. }
        | Observation::PageCacheLost { tp, .. }
        | Observation::ReplicaStopped { tp, .. }
        | Observation::IsrShrinkAsked { tp, .. }
        | Observation::IsrExpandAsked { tp, .. }
        | Observation::RecordSent { tp, .. }
        | Observation::RecordAcked { tp, .. }
        | Observation::RecordFailed { tp, .. }
        | Observation::ProduceRetried { tp, .. }
        | Observation::RecordsRead { tp, .. }
        | Observation::OffsetCommitted { tp, .. }
        | Observation::OffsetReset { tp, .. } => Some(tp.clone()),
        Observation::RequestRefused { tp, .. } => tp.clone(),
        _ => None,
    }
}

#[cfg(test)]
impl EventRow {
    /// An event of a test, about nothing.
    pub fn sample(at_ms: u64, kind: EventKind) -> Self {
        let at = SimTime::from_ms(at_ms);
        Self {
            seq: at_ms,
            position: Position { at, steps: at_ms, commands: 0 },
            at,
            node: "101".into(),
            kind,
            text: "something".into(),
            subject: None,
            partition: None,
            is_stop: true,
            share: None,
            life: None,
        }
    }
}
