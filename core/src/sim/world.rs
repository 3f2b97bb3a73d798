//! The state of the whole simulation and how one event changes it.

use crate::collections::BTreeMap;
use std::collections::VecDeque;
use std::rc::Rc;

use super::chronicle::Chronicle;
use super::fingerprint::Fingerprint;
use super::genesis::Genesis;
use super::network::Network;
use super::outside::Outside;
use super::own::Own;
use super::process::{Process, ProcessInput};
use super::queue::Queue;
use super::recorder::Recorder;
use crate::admin::Admin;
use crate::broker::Broker;
use crate::collections::KeyMap;
use crate::consumer::Consumer;
use crate::ids::{BrokerId, Name, NodeId};
use crate::machine::{Connection, Ctx, Delivery, Effect, MessageId, Observation, Processed};
use crate::producer::Producer;
use crate::rng::Rng;
use crate::time::{SimDuration, SimTime};
use crate::zookeeper::ZooKeeperServer;

/// Whether a process runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcState {
    /// Its program is loading; it does not listen yet.
    Starting,
    /// It runs.
    Running,
    /// It is frozen; the kernel still accepts connections and keeps what arrives.
    Paused,
    /// There is none.
    Dead,
}

/// A place for a process.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Whether it runs.
    pub state: ProcState,
    /// The machine or its disk.
    pub process: Process,
    /// Lives so far; events of earlier lives are void.
    pub incarnation: u32,
    /// What arrived while it was paused.
    pub held: VecDeque<(u64, ProcessInput)>,
    /// The event that will wake it.
    pub wake: Option<(SimTime, u64)>,
    /// A slow process: when it is through with what has arrived.
    pub busy_until: SimTime,
}

/// What will happen. Kept small, since the queue moves its entries: what is rare is boxed.
#[derive(Clone, Debug)]
pub enum Event {
    /// A message arrives.
    Arrive(MessageId),
    /// A connection's end learns that it is gone.
    Lost(Box<Lost>),
    /// A message of a connection that was closed behind it arrives, if this end still stands.
    Tail(u64, NodeId, Box<Delivery>),
    /// The end of the stream of a closed connection arrives, if this end still stands.
    Closed(u64, NodeId, Box<Connection>),
    /// A process wants to be woken.
    Wake(NodeId),
    /// A started process has loaded.
    Boot(NodeId, u32),
    /// A disk operation is done.
    DiskDone(NodeId, u32, u64),
    /// A command reaches a process.
    Input(NodeId, Box<ProcessInput>),
    /// A slow process comes to handle what arrived before.
    Handled(NodeId, u32, Box<ProcessInput>),
}

/// The end of a connection that is gone.
#[derive(Clone, Debug)]
pub struct Lost {
    /// Who learns.
    pub node: NodeId,
    /// Of which connection.
    pub connection: Connection,
    /// Which life of it, if it still has to be forgotten.
    pub incarnation: Option<u64>,
}

/// An event in the queue.
#[derive(Clone, Debug)]
pub struct Due {
    /// The event that caused it; 0 where a person did.
    pub cause: u64,
    /// What will happen.
    pub event: Event,
}

/// Something that was worth telling.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// When.
    pub at: SimTime,
    /// In which event.
    pub step: u64,
    /// The event that caused this one.
    pub cause: u64,
    /// Where.
    pub node: NodeId,
    /// What.
    pub observation: Observation,
}

/// What one step did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stepped {
    /// Its number.
    pub step: u64,
    /// When it happened.
    pub at: SimTime,
    /// The process that ran, if one did.
    pub node: Option<NodeId>,
}

/// The whole simulation.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) genesis: Rc<Genesis>,
    pub(super) now: SimTime,
    pub(super) steps: u64,
    pub(super) seq: u64,
    pub(super) messages: MessageId,
    pub(super) rng: Rng,
    pub(super) nodes: KeyMap<NodeId, Rc<Slot>>,
    pub(super) network: Rc<Network>,
    pub(super) queue: Queue,
    pub(super) fingerprint: Fingerprint,
    pub(super) observed: Own<Observed>,
    pub(super) tickets: u64,
    /// Processes of tools so far.
    pub(super) tools: u64,
    pub(super) topics_of_producers: BTreeMap<Name, Name>,
    pub(super) outside: Rc<Outside>,
    pub(super) chronicle: Rc<Chronicle>,
    /// Notes of messages, while somebody looks.
    pub(super) recorder: Option<Box<Recorder>>,
    /// Empty between events; its memory is used again by each.
    pub(super) effects: Own<Effect>,
}

impl World {
    /// The simulated time.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Events run so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What the world began with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Every process by node.
    pub fn nodes(&self) -> impl Iterator<Item = (&NodeId, &Slot)> {
        self.nodes.iter().map(|(id, slot)| (id, &**slot))
    }

    /// The process of a node.
    pub fn slot(&self, node: &NodeId) -> Option<&Slot> {
        self.nodes.get(node).map(|slot| &**slot)
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// A broker that has a process.
    pub fn broker(&self, id: BrokerId) -> Option<&Broker> {
        match &self.slot(&NodeId::Broker(id))?.process {
            Process::Broker(broker) => Some(broker),
            _ => None,
        }
    }

    /// A ZooKeeper server that has a process.
    pub fn zookeeper(&self, id: u8) -> Option<&ZooKeeperServer> {
        match &self.slot(&NodeId::ZooKeeper(id))?.process {
            Process::ZooKeeper(server) => Some(server),
            _ => None,
        }
    }

    /// Every ZooKeeper server that has a process, by id.
    pub fn zookeepers(&self) -> impl Iterator<Item = &ZooKeeperServer> {
        (1..=self.genesis.zookeeper).filter_map(|id| self.zookeeper(id))
    }

    /// A producer by client id.
    pub fn producer(&self, client: &str) -> Option<&Producer> {
        self.producer_named(&client.into())
    }

    /// [`Self::producer`] without making the name anew.
    pub fn producer_named(&self, client: &Name) -> Option<&Producer> {
        self.slot(&NodeId::Client(client.clone()))?.process.producer()
    }

    /// A consumer by client id.
    pub fn consumer(&self, client: &str) -> Option<&Consumer> {
        self.consumer_named(&client.into())
    }

    /// [`Self::consumer`] without making the name anew.
    pub fn consumer_named(&self, client: &Name) -> Option<&Consumer> {
        self.slot(&NodeId::Client(client.clone()))?.process.consumer()
    }

    /// The admin client that carries out the tools' lines.
    pub fn admin(&self) -> Option<&Admin> {
        self.admin_client(&Self::admin_node())
    }

    /// An admin client by its node.
    pub fn admin_client(&self, node: &NodeId) -> Option<&Admin> {
        match &self.slot(node)?.process {
            Process::Admin(shell) => Some(shell.admin()),
            _ => None,
        }
    }

    /// The node of the admin client.
    pub fn admin_node() -> NodeId {
        NodeId::Client("admin".into())
    }

    /// What applications have done with the records, which no crash undoes.
    pub fn outside(&self) -> &Outside {
        &self.outside
    }

    /// What the ledger names as causes.
    pub fn chronicle(&self) -> &Chronicle {
        &self.chronicle
    }

    /// What was observed since the last [`Self::take_observed`].
    pub fn observations(&self) -> &[Observed] {
        &self.observed.0
    }

    /// From now on notes are taken of every message. Nothing else changes.
    pub fn start_recording(&mut self) {
        self.recorder = Some(Box::default());
    }

    /// The notes of messages, if they are taken.
    pub fn recorder(&mut self) -> Option<&mut Recorder> {
        self.recorder.as_deref_mut()
    }

    /// Takes what was observed.
    pub fn take_observed(&mut self) -> Vec<Observed> {
        std::mem::take(&mut self.observed.0)
    }

    /// Drops what was observed; the memory is used again.
    pub fn forget_observed(&mut self) {
        self.observed.0.clear();
    }

    /// A digest of everything that has happened: equal runs have equal fingerprints.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint.value()
    }

    /// When the next event is due.
    pub fn next_event_at(&self) -> Option<SimTime> {
        self.queue.next_at()
    }

    /// Runs one event. `None` if nothing will ever happen again.
    pub fn step(&mut self) -> Option<Stepped> {
        let ((at, seq), Due { cause, event }) = self.queue.pop()?;
        self.now = self.now.max(at);
        self.steps += 1;
        let node = match event {
            Event::Arrive(message) => self.arrive(message),
            Event::Lost(lost) => self.learn_of_loss(*lost),
            Event::Tail(end, node, delivery) => self.tail_arrives(end, node, *delivery, cause),
            Event::Closed(end, node, connection) => self.end_arrives(end, node, *connection, cause),
            Event::Wake(node) => self.run_process(node, ProcessInput::Timer, cause),
            Event::Boot(node, incarnation) => self.booted(node, incarnation),
            Event::DiskDone(node, incarnation, token) => {
                if self.slot(&node).is_some_and(|slot| slot.incarnation == incarnation) {
                    self.run_process(node, ProcessInput::DiskDone(token), cause)
                } else {
                    None
                }
            }
            Event::Input(node, input) => self.run_process(node, *input, cause),
            Event::Handled(node, incarnation, input) => {
                if self.slot(&node).is_some_and(|slot| slot.incarnation == incarnation) {
                    self.run_now(node, *input, cause)
                } else {
                    None
                }
            }
        };
        self.fingerprint.step(self.now, seq, node.as_ref());
        Some(Stepped { step: self.steps, at: self.now, node })
    }

    /// Runs every event up to and including `until`, then lets the clock show `until`.
    pub fn run_until(&mut self, until: SimTime) {
        while self.next_event_at().is_some_and(|at| at <= until) {
            self.step();
        }
        self.now = self.now.max(until);
    }

    /// Lets the clock show `at` if no event lies before it.
    pub fn run_until_clock(&mut self, at: SimTime) {
        let bound = self.next_event_at().map_or(at, |next| next.min(at));
        self.now = self.now.max(bound);
    }

    /// Runs until `done` holds, at most until `limit`; true if it holds.
    pub fn run_while(&mut self, limit: SimTime, mut done: impl FnMut(&Self) -> bool) -> bool {
        loop {
            if done(self) {
                return true;
            }
            match self.next_event_at() {
                Some(at) if at <= limit => {
                    self.step();
                }
                _ => {
                    self.now = self.now.max(limit);
                    return done(self);
                }
            }
        }
    }

    pub(super) fn schedule(&mut self, at: SimTime, event: Event) -> u64 {
        self.schedule_for(at, self.steps, event)
    }

    /// Like [`World::schedule`], for what an earlier event caused.
    pub(super) fn schedule_for(&mut self, at: SimTime, cause: u64, event: Event) -> u64 {
        self.seq += 1;
        self.queue.insert((at.max(self.now), self.seq), Due { cause, event });
        self.seq
    }

    /// Gives one input to a process, at once or when a slow one comes to it.
    pub(super) fn run_process(&mut self, node: NodeId, input: ProcessInput, cause: u64) -> Option<NodeId> {
        let place = self.nodes.find(&node)?;
        match self.queued(place, &node, input, cause) {
            Some(input) => self.run_at(place, node, input, cause),
            None => None,
        }
    }

    /// Runs a process on one input and carries out its effects.
    fn run_now(&mut self, node: NodeId, input: ProcessInput, cause: u64) -> Option<NodeId> {
        let place = self.nodes.find(&node)?;
        self.run_at(place, node, input, cause)
    }

    fn run_at(&mut self, place: usize, node: NodeId, input: ProcessInput, cause: u64) -> Option<NodeId> {
        let skew_ms = self.network.clock_skew_ms(&node);
        let slowness = self.network.slowness(&node);
        let slot = Rc::make_mut(self.nodes.value_at_mut(place)?);
        if matches!(input, ProcessInput::Timer) {
            // The alarm that brought it has left the queue.
            slot.wake = None;
        }
        match slot.state {
            ProcState::Running => {}
            ProcState::Paused => {
                if !matches!(input, ProcessInput::Timer) {
                    slot.held.push_back((cause, input));
                }
                return None;
            }
            ProcState::Starting | ProcState::Dead => return None,
        }
        let mut effects = std::mem::take(&mut self.effects.0);
        let ctx = Ctx::new(self.now, &node, &mut self.rng, &mut effects);
        slot.process.handle(&mut ctx.with_clock_skew_ms(skew_ms), input);
        let (incarnation, rings) = (slot.incarnation, slot.wake.map(|wake| wake.0));
        let wanted = alarm_of(slot, self.now);
        let mut exits = false;
        for effect in effects.drain(..) {
            match effect {
                Effect::Send { connection, correlation_id, body } => self.send(&node, connection, correlation_id, body),
                Effect::Disconnect(connection) => self.disconnect(&node, &connection),
                Effect::Flush { token, takes } => {
                    let takes = takes.times(slowness);
                    self.schedule(self.now + takes, Event::DiskDone(node.clone(), incarnation, token));
                }
                Effect::Observe(observation) => self.observe(node.clone(), cause, observation),
                Effect::Process(processed) => self.process(&node, processed),
                Effect::AskCommit(id, epoch) => Rc::make_mut(&mut self.outside).ask_commit(id, epoch),
                Effect::Abandon(id, epoch) => Rc::make_mut(&mut self.outside).abandon(id, epoch),
                Effect::Exit => exits = true,
            }
        }
        self.effects.0 = effects;
        if exits {
            self.exit(&node);
        } else if wanted != rings {
            self.set_alarm_to(place, &node, wanted);
        }
        Some(node)
    }

    fn process(&mut self, node: &NodeId, processed: Processed) {
        let Some(group) = self.works_for(node) else { return };
        Rc::make_mut(&mut self.outside).process(&group, processed);
    }

    /// Keeps exactly one wake-up event per process in the queue.
    pub(super) fn set_alarm(&mut self, node: &NodeId) {
        let Some(place) = self.nodes.find(node) else { return };
        let Some(slot) = self.nodes.value_at_mut(place) else { return };
        let wanted = alarm_of(slot, self.now);
        if slot.wake.map(|wake| wake.0) != wanted {
            self.set_alarm_to(place, node, wanted);
        }
    }

    fn set_alarm_to(&mut self, place: usize, node: &NodeId, wanted: Option<SimTime>) {
        let Some(slot) = self.nodes.value_at_mut(place) else { return };
        let slot = Rc::make_mut(slot);
        if let Some(key) = slot.wake.take() {
            self.queue.remove(&key);
        }
        if let Some(at) = wanted {
            // As `schedule` does; the slot is in hand already.
            self.seq += 1;
            self.queue.insert((at, self.seq), Due { cause: self.steps, event: Event::Wake(node.clone()) });
            slot.wake = Some((at, self.seq));
        }
    }

    pub(super) fn observe(&mut self, node: NodeId, cause: u64, observation: Observation) {
        self.fingerprint.observation(&observation);
        if let Observation::TransactionChanged { state, producer_id, producer_epoch, loaded, .. } = &observation
            && let "PrepareCommit" | "PrepareAbort" = state.as_str()
        {
            // An abort that is read from a log may be an older one's, which was told before.
            let committed = state.as_str() == "PrepareCommit";
            if committed || !*loaded {
                Rc::make_mut(&mut self.outside).decided(*producer_id, *producer_epoch, committed);
                self.note_decision(*producer_id, *producer_epoch, committed);
            }
        }
        self.note_cause(&node, &observation);
        let observed = Observed { at: self.now, step: self.steps, cause, node, observation };
        self.observed.0.push(observed);
    }

    /// A hop's duration: half a millisecond to one and a half; a tenth of it within a process.
    pub(super) fn latency(&mut self, from: &NodeId, to: &NodeId) -> SimDuration {
        if from == to {
            return SimDuration::from_us(100);
        }
        let base = SimDuration::from_us(self.rng.between(500, 1500));
        base + self.network.extra_delay(from, to)
    }
}

/// When the process is to be woken.
fn alarm_of(slot: &Slot, now: SimTime) -> Option<SimTime> {
    let wanted = if slot.state == ProcState::Running { slot.process.next_deadline() } else { None };
    wanted.filter(|at| *at != SimTime::NEVER).map(|at| at.max(now))
}
