//! A film of a stretch of the timeline: every message and a few numbers at regular times. Nothing is
//! kept while nobody looks; a film replays from the checkpoint before its stretch, on a world of its
//! own that takes notes, and goes on as the timeline does. What it shows is therefore what happened,
//! after any seek and on any branch.

#[cfg(test)]
mod tests;
mod tracks;

use crate::collections::BTreeMap;
use std::collections::VecDeque;
use std::rc::Rc;

use tracks::Tracks;

use super::{Position, Timeline};
use crate::machine::Connection;
use crate::sim::{Envelope, World};
use crate::time::{SimDuration, SimTime};
use crate::view::{Fate, GaugeReader, Gauges, MessageView, Seen, Traffic, describe, is_small_talk, request_kind};

/// More messages than this and the oldest are let go.
const MESSAGES_MAX: usize = 8_000;
/// More samples than this and the oldest are let go.
const SAMPLES_MAX: usize = 1_200;
/// So many events at most are replayed before the stretch gets shorter.
const EVENTS_MAX: u64 = 150_000;

/// A film and the world that it goes on with.
#[derive(Clone, Debug)]
pub struct Film {
    branch: usize,
    commands: usize,
    world: World,
    from: SimTime,
    /// The stretch that it was begun for: where that is longer than can be replayed, [`Self::from`] is later.
    begun_for: SimTime,
    every: Option<SimDuration>,
    /// When numbers are read next.
    due: SimTime,
    tracks: Tracks,
    messages: BTreeMap<u64, Rc<Seen>>,
    open: BTreeMap<u64, ()>,
    asked: BTreeMap<(Connection, u64), u64>,
    dropped: u64,
    requests: [u64; 6],
    samples: VecDeque<Rc<Gauges>>,
    gauges: GaugeReader,
}

impl Film {
    /// Brings `film` up to the stretch from `from` to `until` of what `timeline` shows, at most to the
    /// end of its branch; with numbers at every multiple of `every`, if that is given. What is on film
    /// already stays. At most `budget` events are replayed: false if some are left for the next time.
    pub fn follow(
        film: &mut Option<Self>,
        timeline: &Timeline,
        from: SimTime,
        until: SimTime,
        every: Option<SimDuration>,
        budget: u64,
    ) -> bool {
        let every = every.filter(|every| *every > SimDuration::ZERO);
        let from = from.max(timeline.start());
        let fits = |film: &Self| film.fits(timeline, from, every);
        if !film.as_ref().is_some_and(fits) {
            *film = Some(Self::begin(timeline, from, every));
        }
        let Some(film) = film else { return true };
        let arrived = film.go_on(timeline, until, budget);
        film.forget_before(from);
        arrived
    }

    fn fits(&self, timeline: &Timeline, from: SimTime, every: Option<SimDuration>) -> bool {
        let here = self.position();
        self.branch == timeline.active
            && self.every == every
            && self.from.min(self.begun_for) <= from
            && here <= timeline.branch().end
            // From a later checkpoint it is shorter.
            && (from <= here.at || !timeline.branch().has_checkpoint_between(here, until_all(from)))
    }

    fn begin(timeline: &Timeline, from: SimTime, every: Option<SimDuration>) -> Self {
        // What happens at the first moment itself belongs to it.
        let before = SimTime(from.0.saturating_sub(1));
        let branch = timeline.branch();
        let (mut at, mut run) = branch.checkpoint_before(until_all(before));
        // The stretch ends about where the timeline stands.
        let first = timeline.position().steps.saturating_sub(EVENTS_MAX);
        if at.steps < first {
            (at, run) = branch.checkpoint_after(first).unwrap_or((at, run));
        }
        let mut world = run.world;
        world.forget_observed();
        world.start_recording();
        let step = every.map_or(1, |every| every.0.max(1));
        let mut film = Self {
            due: SimTime(world.now().0.div_ceil(step) * step),
            branch: timeline.active,
            commands: at.commands,
            from: at.at.max(timeline.start()),
            begun_for: from,
            every,
            tracks: Tracks::of(&world),
            messages: BTreeMap::new(),
            open: BTreeMap::new(),
            asked: BTreeMap::new(),
            dropped: 0,
            requests: [0; 6],
            samples: VecDeque::new(),
            gauges: GaugeReader::default(),
            world,
        };
        let under_way: Vec<Rc<Envelope>> = film.world.network().in_flight.values().cloned().collect();
        for envelope in &under_way {
            film.note(envelope);
        }
        film
    }

    fn position(&self) -> Position {
        Position { at: self.world.now(), steps: self.world.steps(), commands: self.commands }
    }

    fn go_on(&mut self, timeline: &Timeline, until: SimTime, budget: u64) -> bool {
        let branch = timeline.branch();
        let end = branch.end;
        let last = self.world.steps().saturating_add(budget);
        loop {
            let steps = self.world.steps();
            if steps >= last {
                return false;
            }
            let given = branch.journal.get(self.commands);
            if let Some(entry) = given.filter(|entry| entry.at <= until && steps >= entry.steps) {
                self.sample_until(entry.at);
                self.world.run_until_clock(entry.at);
                // It was carried out once; on the same state it cannot be refused.
                let _ = self.world.execute(&entry.command);
                self.commands += 1;
                self.take_notes();
                self.tracks.look_at_all(&self.world);
                continue;
            }
            let Some(at) = self.world.next_event_at().filter(|at| *at <= until && steps < end.steps) else { break };
            self.sample_until(at);
            let stepped = self.world.step();
            self.world.forget_observed();
            self.take_notes();
            if let Some(node) = stepped.and_then(|stepped| stepped.node) {
                self.tracks.look_at(&self.world, &node);
            }
        }
        let clock = until.min(end.at);
        self.sample_until(SimTime(clock.0.saturating_add(1)));
        self.world.run_until_clock(clock);
        true
    }

    /// Everything before `at` has happened: numbers are read at each due moment before it.
    fn sample_until(&mut self, at: SimTime) {
        let Some(every) = self.every else { return };
        while self.due < at {
            self.world.run_until_clock(self.due);
            self.samples.push_back(Rc::new(self.gauges.read(&self.world, self.requests)));
            self.due += every;
            if self.samples.len() > SAMPLES_MAX {
                self.samples.pop_front();
            }
        }
    }

    /// Takes what the world has noted.
    fn take_notes(&mut self) {
        let Some(recorder) = self.world.recorder() else { return };
        let (sent, ended) = (std::mem::take(&mut recorder.sent), std::mem::take(&mut recorder.ended));
        for envelope in &sent {
            self.note(envelope);
        }
        for (id, at, received) in ended {
            self.end(id, if received { Fate::Received(at) } else { Fate::Lost(at) });
        }
        self.look_for_lost();
    }

    fn note(&mut self, envelope: &Envelope) {
        let message = describe(envelope);
        if !message.is_reply
            && let Some(place) = request_kind(message.kind)
            && let Some(count) = self.requests.get_mut(place)
        {
            *count += 1;
        }
        let key = (envelope.connection.clone(), envelope.correlation_id);
        let answers = if message.is_reply { self.asked.remove(&key) } else { None };
        if !message.is_reply {
            self.asked.insert(key, message.id);
        }
        let routine = is_small_talk(&message);
        if let Some(request) = answers.and_then(|id| self.messages.get_mut(&id)) {
            let request = Rc::make_mut(request);
            request.answered_by = Some(message.id);
            request.routine &= routine;
        }
        let id = message.id;
        let fate = fate_on_the_way(&message);
        self.messages.insert(id, Rc::new(Seen { message, fate, answers, answered_by: None, routine }));
        self.open.insert(id, ());
        if self.messages.len() > MESSAGES_MAX
            && let Some((id, _)) = self.messages.pop_first()
        {
            self.dropped += 1;
            self.open.remove(&id);
        }
    }

    fn end(&mut self, id: u64, fate: Fate) {
        self.open.remove(&id);
        if let Some(seen) = self.messages.get_mut(&id) {
            let seen = Rc::make_mut(seen);
            seen.fate = fate;
            seen.routine &= matches!(fate, Fate::Received(_));
        }
    }

    /// What is neither on its way nor received is lost with its connection.
    fn look_for_lost(&mut self) {
        let now = self.world.now();
        let last_words: Vec<u64> = match self.world.recorder() {
            Some(recorder) => recorder.last_words().collect(),
            None => Vec::new(),
        };
        let in_flight = &self.world.network().in_flight;
        if self.open.len() == in_flight.len() && last_words.is_empty() {
            return;
        }
        let gone = |id: &&u64| in_flight.get(id).is_none() && !last_words.contains(id);
        let lost: Vec<u64> = self.open.keys().filter(gone).copied().collect();
        for id in lost {
            self.end(id, Fate::Lost(now));
        }
    }

    fn forget_before(&mut self, from: SimTime) {
        // Some time is left, so that a small step back costs nothing.
        let margin = self.world.now().since(from);
        let oldest = SimTime(from.0.saturating_sub(margin.0));
        if self.from >= oldest {
            return;
        }
        self.from = oldest;
        self.begun_for = self.begun_for.max(oldest);
        self.messages.retain(|_, seen| seen.until() >= oldest);
        self.tracks.forget_before(oldest);
        while self.samples.get(1).is_some_and(|second| second.at <= oldest) {
            self.samples.pop_front();
        }
        let (messages, asked) = (&self.messages, &mut self.asked);
        asked.retain(|_, id| messages.contains_key(id));
    }

    /// Messages that were under way between the two times, and what stood.
    pub fn traffic(&self, from: SimTime, until: SimTime) -> Traffic {
        let in_flight = &self.world.network().in_flight;
        let touches = |seen: &&Rc<Seen>| seen.message.sent_at <= until && seen.until() >= from;
        let fresh = |seen: &Rc<Seen>| match in_flight.get(&seen.message.id) {
            // A fault may have changed since when it arrives.
            Some(envelope) if envelope.arrives_at != seen.message.arrives_at && seen.ended_at().is_none() => {
                let mut message = seen.message.clone();
                message.arrives_at = envelope.arrives_at;
                let fate = fate_on_the_way(&message);
                Rc::new(Seen { fate, message, ..Seen::clone(seen) })
            }
            _ => seen.clone(),
        };
        Traffic {
            from: self.from.max(from),
            until: self.world.now().min(until),
            messages: self.messages.values().filter(touches).map(fresh).collect(),
            dropped: self.dropped,
            groups: self.tracks.groups(),
            owned: self.tracks.owned(),
            faults: self.tracks.faults(),
            down: self.tracks.down(),
        }
    }

    /// One message, if it is on film.
    pub fn message(&self, id: u64) -> Option<&Rc<Seen>> {
        self.messages.get(&id)
    }

    /// The numbers from `from` to `until`, with one before.
    pub fn samples(&self, from: SimTime, until: SimTime) -> Vec<Rc<Gauges>> {
        let first = self.samples.partition_point(|sample| sample.at <= from).saturating_sub(1);
        self.samples.iter().skip(first).take_while(|sample| sample.at <= until).cloned().collect()
    }
}

fn fate_on_the_way(message: &MessageView) -> Fate {
    match message.arrives_at {
        SimTime::NEVER => Fate::Held,
        at => Fate::OnItsWay(at),
    }
}

fn until_all(at: SimTime) -> Position {
    Position { at, steps: u64::MAX, commands: usize::MAX }
}
