//! The messages of a stretch of time and what stood meanwhile: what the message diagram draws. Plain
//! data; who filmed it is the timeline.

use std::rc::Rc;

use super::{MessageKind, MessageView};
use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::time::SimTime;

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is on its way; so far it is to arrive then.
    OnItsWay(SimTime),
    /// A fault holds it.
    Held,
    /// It was received.
    Received(SimTime),
    /// Its connection broke, or its receiver died.
    Lost(SimTime),
}

/// A message that was sent.
#[derive(Clone, PartialEq, Debug)]
pub struct Seen {
    /// What it said, from whom to whom, when.
    pub message: MessageView,
    /// What became of it.
    pub fate: Fate,
    /// The request that it answers.
    pub answers: Option<u64>,
    /// Its own answer.
    pub answered_by: Option<u64>,
    /// Small talk that repeats itself and brings nothing: a fetch that comes back empty, a heartbeat or
    /// ping without an error. What was lost or is held is never that.
    pub routine: bool,
}

impl Seen {
    /// When it came to its end, if it has.
    pub fn ended_at(&self) -> Option<SimTime> {
        match self.fate {
            Fate::Received(at) | Fate::Lost(at) => Some(at),
            Fate::OnItsWay(_) | Fate::Held => None,
        }
    }

    /// The last moment at which it was or will be under way.
    pub fn until(&self) -> SimTime {
        match self.fate {
            Fate::Received(at) | Fate::Lost(at) | Fate::OnItsWay(at) => at,
            Fate::Held => SimTime::NEVER,
        }
    }
}

/// Whether a message taken for itself is small talk.
pub fn is_small_talk(message: &MessageView) -> bool {
    match message.kind {
        MessageKind::Heartbeat | MessageKind::Fetch => message.error.is_none(),
        MessageKind::FetchReply => message.error.is_none() && message.record_count == 0,
        _ => false,
    }
}

/// Something that stood for a while.
#[derive(Clone, PartialEq, Debug)]
pub struct Span<T> {
    /// From then on, or from before the film.
    pub from: SimTime,
    /// Until then; `None` if it still stands.
    pub until: Option<SimTime>,
    /// What.
    pub what: T,
}

/// A group's state, as its coordinator had it.
#[derive(Clone, PartialEq, Debug)]
pub struct GroupStood {
    /// The group.
    pub group: Name,
    /// On which broker.
    pub coordinator: BrokerId,
    /// `Stable`, `PreparingRebalance`, …
    pub state: Name,
    /// Its generation.
    pub generation: i32,
}

/// A stretch of time on film.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Traffic {
    /// The film begins here.
    pub from: SimTime,
    /// And ends here.
    pub until: SimTime,
    /// Messages by number: in order of sending.
    pub messages: Vec<Rc<Seen>>,
    /// Older ones that did not fit.
    pub dropped: u64,
    /// States of groups.
    pub groups: Vec<Span<GroupStood>>,
    /// Partitions that consumers owned.
    pub owned: Vec<Span<(Name, TopicPartition)>>,
    /// Network faults: number, line, nodes.
    pub faults: Vec<Span<(u32, Name, Vec<NodeId>)>>,
    /// Processes that did not run.
    pub down: Vec<Span<NodeId>>,
}
