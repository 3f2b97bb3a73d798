//! What a branch tells, in the order in which it happened. There are hundreds of events in each simulated second,
//! so they lie in chunks that branches share the beginning of, with the numbers of an event counted from those of its chunk.

use std::rc::Rc;

use super::Position;
use crate::ids::NodeId;
use crate::machine::Observation;
use crate::time::{SimDuration, SimTime};

/// Events of a chunk at most.
const CHUNK: usize = 128;

/// Something worth telling, as the event log and the scrubber show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event<'a> {
    /// Its place in the branch's list, from 0.
    pub seq: u64,
    /// The position right after it.
    pub position: Position,
    /// When.
    pub at: SimTime,
    /// Where.
    pub node: &'a NodeId,
    /// What.
    pub observation: &'a Observation,
}

impl Event<'_> {
    /// One sentence.
    pub fn text(&self) -> String {
        self.observation.to_string()
    }

    /// Worth a stop when stepping: everything but the routine of copying and reading.
    pub fn is_stop(&self) -> bool {
        !matches!(self.observation, Observation::SessionOpened { .. } | Observation::WatchFired { .. })
    }
}

/// Everything that a branch tells, past and recorded future.
#[derive(Clone, Debug, Default)]
pub struct Events {
    parts: Vec<Part>,
    len: usize,
}

/// What of a chunk belongs to a branch: its first events. Another branch may have gone on in it.
#[derive(Clone, Debug)]
struct Part {
    chunk: Rc<Chunk>,
    len: usize,
}

impl Part {
    fn end(&self) -> usize {
        self.chunk.first + self.len
    }

    fn event(&self, seq: usize) -> Option<Event<'_>> {
        (seq < self.end()).then(|| self.chunk.event(seq)).flatten()
    }

    /// Takes an event in, unless another branch has the chunk too, or it is full.
    fn take(&mut self, position: Position, at: SimTime, node: NodeId, observation: Observation) -> Option<Refused> {
        let refused = match Rc::get_mut(&mut self.chunk) {
            Some(chunk) => {
                chunk.told.truncate(self.len);
                chunk.take(position, at, node, observation)
            }
            None => Some((node, observation)),
        };
        self.len += usize::from(refused.is_none());
        refused
    }
}

/// Events whose numbers lie close enough together to be kept small.
#[derive(Debug)]
struct Chunk {
    /// The place of its first event in the list.
    first: usize,
    /// When its first event was.
    at: SimTime,
    /// The position of its first event.
    position: Position,
    /// Where its events happened.
    nodes: Vec<NodeId>,
    told: Vec<Told>,
}

/// An event: how far its numbers are from the chunk's.
#[derive(Debug)]
struct Told {
    at_us: u32,
    position_us: u32,
    steps: u32,
    commands: u16,
    node: u16,
    observation: Observation,
}

impl Chunk {
    fn event(&self, seq: usize) -> Option<Event<'_>> {
        let told = self.told.get(seq.checked_sub(self.first)?)?;
        let from = self.position;
        let after = |since: SimTime, us: u32| since + SimDuration(u64::from(us));
        let position = Position {
            at: after(from.at, told.position_us),
            steps: from.steps + u64::from(told.steps),
            commands: from.commands + usize::from(told.commands),
        };
        let node = self.nodes.get(usize::from(told.node))?;
        Some(Event { seq: seq as u64, position, at: after(self.at, told.at_us), node, observation: &told.observation })
    }

    /// Takes an event in, unless the chunk is full or the event too far from its first.
    fn take(&mut self, position: Position, at: SimTime, node: NodeId, observation: Observation) -> Option<Refused> {
        let fits = (self.told.len() < CHUNK).then(|| self.numbers(position, at)).flatten();
        let Some((at_us, position_us, steps, commands)) = fits else { return Some((node, observation)) };
        let number = self.nodes.iter().position(|known| *known == node).unwrap_or_else(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        });
        // A chunk has fewer nodes than events.
        let node = number as u16;
        self.told.push(Told { at_us, position_us, steps, commands, node, observation });
        None
    }

    fn numbers(&self, position: Position, at: SimTime) -> Option<(u32, u32, u32, u16)> {
        let since = |from: SimTime, to: SimTime| u32::try_from(to.0.checked_sub(from.0)?).ok();
        Some((
            since(self.at, at)?,
            since(self.position.at, position.at)?,
            u32::try_from(position.steps.checked_sub(self.position.steps)?).ok()?,
            u16::try_from(position.commands.checked_sub(self.position.commands)?).ok()?,
        ))
    }
}

/// What a chunk could not take in.
type Refused = (NodeId, Observation);

impl Events {
    /// Adds what happened last.
    pub(super) fn push(&mut self, position: Position, at: SimTime, node: NodeId, observation: Observation) {
        let refused = match self.parts.last_mut() {
            Some(part) => part.take(position, at, node, observation),
            None => Some((node, observation)),
        };
        if let Some((node, observation)) = refused {
            let told = Vec::with_capacity(CHUNK);
            let mut chunk = Chunk { first: self.len, at, position, nodes: Vec::new(), told };
            chunk.take(position, at, node, observation);
            self.parts.push(Part { chunk: Rc::new(chunk), len: 1 });
        }
        self.len += 1;
    }

    /// Keeps those that happened up to `here`.
    pub(super) fn keep_until(&mut self, here: Position) {
        self.len = self.partition_point(|event| event.position <= here);
        // None stays empty: each has a last event by which it is found.
        self.parts.truncate(self.parts.partition_point(|part| part.chunk.first < self.len));
        if let Some(last) = self.parts.last_mut() {
            last.len = last.len.min(self.len - last.chunk.first);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Nothing has happened yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The event at this place.
    pub fn get(&self, at: usize) -> Option<Event<'_>> {
        self.parts.get(self.part_of(at))?.event(at)
    }

    /// All, oldest first.
    pub fn iter(&self) -> Iter<'_> {
        self.since(0)
    }

    /// All from this place on, oldest first.
    pub fn since(&self, from: usize) -> Iter<'_> {
        Iter { events: self, from: from.min(self.len), to: self.len, first: self.part_of(from), last: usize::MAX }
    }

    /// How many come before the first that is not `before`, where all that are come first.
    pub fn partition_point(&self, before: impl Fn(Event<'_>) -> bool) -> usize {
        let is_before = |part: &Part, at: usize| part.event(at).is_some_and(&before);
        let part = self.parts.partition_point(|part| is_before(part, part.end() - 1));
        let Some(part) = self.parts.get(part) else { return self.len };
        let (mut low, mut high) = (part.chunk.first, part.end());
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(part, middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The number of the part that holds this place.
    fn part_of(&self, at: usize) -> usize {
        self.parts.partition_point(|part| part.chunk.first <= at).saturating_sub(1)
    }
}

/// Events one after the other.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    events: &'a Events,
    from: usize,
    to: usize,
    /// The numbers of parts near the next from either side.
    first: usize,
    last: usize,
}

impl<'a> Iter<'a> {
    /// The event at a place, and the number of its part if it is not the `known` one.
    fn event_at(&self, at: usize, known: usize) -> (Option<Event<'a>>, usize) {
        let here = self.events.parts.get(known).and_then(|part| part.event(at));
        if here.is_some() {
            return (here, known);
        }
        let number = self.events.part_of(at);
        (self.events.parts.get(number).and_then(|part| part.event(at)), number)
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        if self.from >= self.to {
            return None;
        }
        let (event, number) = self.event_at(self.from, self.first);
        (self.from, self.first) = (self.from + 1, number);
        event
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.to - self.from, Some(self.to - self.from))
    }

    fn nth(&mut self, skipped: usize) -> Option<Event<'a>> {
        self.from = self.from.saturating_add(skipped).min(self.to);
        self.next()
    }
}

impl<'a> DoubleEndedIterator for Iter<'a> {
    fn next_back(&mut self) -> Option<Event<'a>> {
        if self.from >= self.to {
            return None;
        }
        let (event, number) = self.event_at(self.to - 1, self.last);
        (self.to, self.last) = (self.to - 1, number);
        event
    }

    fn nth_back(&mut self, skipped: usize) -> Option<Event<'a>> {
        self.to = self.to.saturating_sub(skipped).max(self.from);
        self.next_back()
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moments that lie so far apart that no number of one chunk could tell them, and many close together.
    fn moments() -> Vec<(Position, SimTime)> {
        let mut all = Vec::new();
        for (hour, step) in [(0_u64, 0_u64), (1, 10_000_000_000), (30, 10_000_000_001), (31, 30_000_000_000)] {
            for number in 0..150 {
                let at = SimTime(hour * 3_600_000_000 + number * 7);
                let steps = step + number / 2;
                // The first are told later than they were: the cluster starts.
                let told = if hour == 0 { SimTime(5_000_000) } else { at };
                all.push((Position { at: told, steps, commands: 70_000 * usize::from(number > 99) }, at));
            }
        }
        all
    }

    fn told() -> Events {
        let mut events = Events::default();
        for (number, (position, at)) in (0..).zip(moments()) {
            events.push(position, at, NodeId::Broker(number % 5), Observation::BrokerStarted { broker: number });
        }
        events
    }

    fn is_told(events: &Events, moments: &[(Position, SimTime)]) {
        assert_eq!(events.len(), moments.len());
        for (seq, (event, (position, at))) in (0..).zip(events.iter().zip(moments)) {
            assert_eq!((event.seq, event.position, event.at), (seq, *position, *at));
            let broker = i32::try_from(seq).expect("a broker");
            assert_eq!(event.node, &NodeId::Broker(broker % 5));
            assert_eq!(event.observation, &Observation::BrokerStarted { broker });
            assert_eq!(events.get(seq as usize), Some(event));
        }
    }

    #[test]
    fn an_event_is_told_as_it_was_noted() {
        let (events, moments) = (told(), moments());
        is_told(&events, &moments);
        assert!(events.iter().rev().map(|event| event.seq).eq((0..600).rev()));
        for from in [0, 1, 99, 127, 128, 150, 599, 600, 700] {
            assert!(events.since(from).map(|event| event.seq).eq(from as u64..600), "{from}");
            assert!(events.iter().skip(from).map(|event| event.seq).eq(from as u64..600), "{from}");
            assert!(
                events
                    .iter()
                    .rev()
                    .skip(from)
                    .map(|event| event.seq)
                    .eq((0..600_u64.saturating_sub(from as u64)).rev())
            );
            assert_eq!(events.partition_point(|event| event.seq < from as u64), from.min(600));
        }
        assert!(events.get(600).is_none() && Events::default().is_empty() && Events::default().iter().next().is_none());
    }

    #[test]
    fn a_branch_shares_what_was_told_before_it() {
        let (whole, moments) = (told(), moments());
        for until in [0, 1, 2, 100, 127, 128, 129, 300, 598, 600] {
            let mut branch = whole.clone();
            let before: Vec<_> = moments
                .iter()
                .copied()
                .filter(|(position, _)| until > 0 && *position <= moments[until - 1].0)
                .collect();
            branch
                .keep_until(before.last().map_or(Position { at: SimTime::ZERO, steps: 0, commands: 0 }, |last| last.0));
            is_told(&branch, &before);
            let mut parts = branch.parts.iter().zip(&whole.parts);
            assert!(parts.all(|(one, other)| Rc::ptr_eq(&one.chunk, &other.chunk)), "{until}");
            for (number, (position, at)) in (0..).zip(&moments).skip(before.len()) {
                branch.push(*position, *at, NodeId::Broker(number % 5), Observation::BrokerStarted { broker: number });
            }
            is_told(&branch, &moments);
            is_told(&whole, &moments);
        }
    }

    #[test]
    fn what_a_branch_tells_earlier_than_its_parent_did_is_found() {
        let moment = |steps: u64| Position { at: SimTime(steps * 10), steps, commands: 0 };
        let push = |events: &mut Events, steps: u64| {
            let at = moment(steps).at;
            events.push(moment(steps), at, NodeId::Broker(1), Observation::BrokerStarted { broker: 1 });
        };
        let mut whole = Events::default();
        (1..=300).for_each(|number| push(&mut whole, number * 100));
        for kept in [0, 1, 127, 128, 129, 256, 300] {
            let mut branch = whole.clone();
            let cut = kept * 100;
            branch.keep_until(moment(cut));
            // The parent told nothing before `cut + 100`.
            (1..=300).for_each(|number| push(&mut branch, cut + number));
            assert_eq!(branch.len() as u64, kept + 300);
            for number in 0..branch.len() {
                let found = branch.get(number).map(|event| event.position).unwrap();
                assert_eq!(branch.partition_point(|event| event.position < found), number, "{kept} kept");
                assert_eq!(branch.partition_point(|event| event.position <= found), number + 1, "{kept} kept");
            }
            let mut again = branch.clone();
            again.keep_until(moment(cut + 150));
            assert_eq!(again.len() as u64, kept + 150);
        }
    }
}
