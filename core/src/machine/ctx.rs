//! What a machine is given while it handles an input, and what it may ask the world to do.

use super::{Body, Channel, Connection, Observation};
use crate::ids::{NodeId, TopicPartition};
use crate::protocol::{Request, Response, zookeeper::WatchEvent};
use crate::rng::Rng;
use crate::time::{SimDuration, SimTime};

/// What a machine asks the world to do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Put a message on a connection; opens it if the sender is its client and it is closed.
    Send {
        /// The connection.
        connection: Connection,
        /// Pairs a response with its request.
        correlation_id: u64,
        /// What is said.
        body: Body,
    },
    /// Close a connection: what is in flight on it is lost, the peer learns of it.
    Disconnect(Connection),
    /// Write to disk and report with the token when it is safe.
    Flush {
        /// Comes back in [`super::Input::DiskDone`].
        token: u64,
        /// How long the device takes.
        takes: SimDuration,
    },
    /// Something that is worth telling happened.
    Observe(Observation),
    /// The application has processed a record: its work lies outside of the cluster.
    Process(Processed),
    /// The commit of what was processed in the open transaction of this producer id and epoch is asked for:
    /// a decision from here on is about it.
    AskCommit(i64, i16),
    /// What was processed in the open transaction of this producer id and epoch is given up. A coordinator
    /// that has not heard of the transaction does not hear of its end either.
    Abandon(i64, i16),
    /// The process ends by itself (a controlled shutdown is over, or start-up failed).
    Exit,
}

/// A record that an application has processed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Processed {
    /// Its partition.
    pub tp: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// Which record it is: [`crate::log::Record::identity`].
    pub identity: u64,
    /// The store is keyed by partition and offset.
    pub idempotent: bool,
    /// In the transaction of this producer id and epoch: it counts when that is committed.
    pub producer: Option<(i64, i16)>,
}

/// The surroundings of one step of a machine.
pub struct Ctx<'a> {
    /// The simulated time.
    pub now: SimTime,
    /// Who is being run.
    pub me: &'a NodeId,
    /// The world's chance.
    pub rng: &'a mut Rng,
    /// How far the clock on this machine's wall is ahead, in ms.
    clock_skew_ms: i64,
    effects: &'a mut Vec<Effect>,
}

impl<'a> Ctx<'a> {
    /// Surroundings that collect effects into `effects`.
    pub fn new(now: SimTime, me: &'a NodeId, rng: &'a mut Rng, effects: &'a mut Vec<Effect>) -> Self {
        Self { now, me, rng, clock_skew_ms: 0, effects }
    }

    /// The same with a clock on the wall that is wrong.
    #[must_use]
    pub fn with_clock_skew_ms(self, clock_skew_ms: i64) -> Self {
        Self { clock_skew_ms, ..self }
    }

    /// What the process reads as the time of day (`System.currentTimeMillis()`), ms since 1970. Timers go by
    /// [`Ctx::now`], as Java's by `System.nanoTime()`.
    ///
    /// Simplified: Kafka measures some spans with the time of day (requests in flight, how long a follower
    /// lags), which a clock that jumps makes shorter or longer once; here they are as long as they are.
    pub fn wall_clock_ms(&self) -> i64 {
        self.now.wall_clock_ms().saturating_add(self.clock_skew_ms)
    }

    /// The same surroundings for a machine inside of a machine, whose effects are looked at first.
    pub fn inner<'b>(&'b mut self, effects: &'b mut Vec<Effect>) -> Ctx<'b> {
        Ctx { now: self.now, me: self.me, rng: self.rng, clock_skew_ms: self.clock_skew_ms, effects }
    }

    /// Asks the world for something that another machine wanted.
    pub fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Reports a record that the application has processed.
    pub fn process(&mut self, processed: Processed) {
        self.effects.push(Effect::Process(processed));
    }

    /// Reports that the commit of what was processed in a producer's open transaction is asked for.
    pub fn ask_commit(&mut self, producer_id: i64, producer_epoch: i16) {
        self.effects.push(Effect::AskCommit(producer_id, producer_epoch));
    }

    /// Reports that what was processed in a producer's open transaction is given up.
    pub fn abandon(&mut self, producer_id: i64, producer_epoch: i16) {
        self.effects.push(Effect::Abandon(producer_id, producer_epoch));
    }

    /// What was asked of the world so far in this step.
    pub fn pushed(&self) -> &[Effect] {
        self.effects
    }

    /// Sends a request on my own connection to `server`.
    pub fn request(&mut self, server: NodeId, channel: Channel, correlation_id: u64, request: Request) {
        let connection = Connection { client: self.me.clone(), server, channel };
        self.effects.push(Effect::Send { connection, correlation_id, body: Body::Request(request) });
    }

    /// Answers a request that came on `connection`.
    pub fn respond(&mut self, connection: &Connection, correlation_id: u64, response: Response) {
        let body = Body::Response(response);
        self.effects.push(Effect::Send { connection: connection.clone(), correlation_id, body });
    }

    /// Tells a ZooKeeper session that a watch fired.
    pub fn notify(&mut self, connection: &Connection, event: WatchEvent) {
        let body = Body::Watch(event);
        self.effects.push(Effect::Send { connection: connection.clone(), correlation_id: 0, body });
    }

    /// Closes my own connection to `server`.
    pub fn disconnect(&mut self, server: NodeId, channel: Channel) {
        let connection = Connection { client: self.me.clone(), server, channel };
        self.effects.push(Effect::Disconnect(connection));
    }

    /// Closes a connection that somebody opened to me (or that I opened).
    pub fn close(&mut self, connection: &Connection) {
        self.effects.push(Effect::Disconnect(connection.clone()));
    }

    /// Writes to disk; [`super::Input::DiskDone`] with `token` follows after `takes`.
    pub fn flush(&mut self, token: u64, takes: SimDuration) {
        self.effects.push(Effect::Flush { token, takes });
    }

    /// Reports something that is worth telling.
    pub fn observe(&mut self, observation: Observation) {
        self.effects.push(Effect::Observe(observation));
    }

    /// Ends this process.
    pub fn exit(&mut self) {
        self.effects.push(Effect::Exit);
    }
}
