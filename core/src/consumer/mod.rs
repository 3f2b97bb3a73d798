//! The Java consumer with the classic group protocol (`KafkaConsumer`, `ClassicKafkaConsumer`,
//! `ConsumerCoordinator`, `AbstractCoordinator`, `Fetcher` of Kafka 3.9; `kafka/07`), inside of an
//! application that polls for ever.
//!
//! The application's thread and the heartbeat thread are one machine: the first goes on with every
//! input as far as it can (a poll is a deadline that data can beat), the second is its timers.
//!
//! Leaves out interceptors and the consumer protocol of KIP-848.

mod application;
mod command;
mod commit;
mod commit_async;
mod coordinator;
mod fetch_order;
mod fetcher;
mod heartbeat;
mod membership;
mod metadata;
mod offsets;
mod pattern;
mod positions;
mod processing;
mod refusal;
mod requests;
mod sync;
mod timer;
mod validation;

pub use command::{ConsumerCommand, Received};
pub use pattern::Pattern;

use std::rc::Rc;

use crate::collections::SharedList;
use crate::config::ConsumerConfig;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::{Body, Ctx, Deadline, Delivery, Input, Machine, TimerTable};
use crate::protocol::group::ConsumerGroupMetadata;
use crate::time::SimTime;

use application::Application;
use commit::AutoCommit;
use commit_async::AsyncCommits;
use coordinator::Coordinator;
use fetcher::Fetcher;
use membership::{MemberState, Membership};
use metadata::Metadata;
use offsets::PositionSearch;
use positions::{Kind, Subscriptions};
use requests::Requests;
use timer::ConsumerTimer;
use validation::Validation;

/// A consumer's process.
#[derive(Clone, Debug)]
pub struct Consumer {
    client: Name,
    /// What it is called where groups are, if it is in none.
    alone: Name,
    bootstrap: Vec<BrokerId>,
    config: Rc<ConsumerConfig>,
    app: Application,
    requests: Requests,
    metadata: Metadata,
    coordinator: Coordinator,
    member: Membership,
    subscriptions: Subscriptions,
    search: PositionSearch,
    validation: Validation,
    fetcher: Fetcher,
    auto_commit: AutoCommit,
    async_commits: AsyncCommits,
    timers: TimerTable<ConsumerTimer>,
}

impl Consumer {
    /// A consumer that knows the cluster by its bootstrap servers.
    pub fn new(client: Name, bootstrap: Vec<BrokerId>, config: ConsumerConfig) -> Self {
        Self {
            alone: format!("{client} (no group)").into(),
            client,
            bootstrap,
            config: Rc::new(config),
            app: Application::default(),
            requests: Requests::default(),
            metadata: Metadata::default(),
            coordinator: Coordinator::default(),
            member: Membership::default(),
            subscriptions: Subscriptions::default(),
            search: PositionSearch::default(),
            validation: Validation::default(),
            fetcher: Fetcher::default(),
            auto_commit: AutoCommit::default(),
            async_commits: AsyncCommits::default(),
            timers: TimerTable::default(),
        }
    }

    /// Its `client.id`.
    pub fn client(&self) -> &Name {
        &self.client
    }

    /// Brokers that are up, by the last Metadata answer; none before the first one.
    pub fn known_brokers(&self) -> &[BrokerId] {
        self.metadata.brokers()
    }

    /// Its configs.
    pub fn config(&self) -> &ConsumerConfig {
        &self.config
    }

    /// Whose work it is when its application processes a record: its group's. A consumer without one is nobody's
    /// namesake.
    pub fn works_for(&self) -> &Name {
        self.group().unwrap_or(&self.alone)
    }

    /// `group.id`
    pub fn group(&self) -> Option<&Name> {
        self.config.group_id.as_ref()
    }

    /// Given by the coordinator, empty until then.
    pub fn member_id(&self) -> &Name {
        &self.member.member_id
    }

    /// The generation that it is a member of, -1 outside.
    pub fn generation(&self) -> i32 {
        self.member.generation
    }

    /// `groupMetadata()`: for whom a producer commits offsets in a transaction.
    pub fn group_metadata(&self) -> Option<ConsumerGroupMetadata> {
        let (generation_id, member_id) = self.member.last_joined.clone();
        Some(ConsumerGroupMetadata {
            group_id: self.config.group_id.clone()?,
            generation_id,
            member_id,
            group_instance_id: self.config.group_instance_id.clone(),
        })
    }

    /// `unjoined`, `joining`, `syncing`, `stable`, `assigned by hand` or `closed`.
    pub fn phase(&self) -> &'static str {
        if self.app.has_ended() {
            return "closed";
        }
        if self.subscriptions.kind == Kind::ByHand {
            return "assigned by hand";
        }
        match self.member.state {
            MemberState::Unjoined => "unjoined",
            MemberState::PreparingRebalance => "joining",
            MemberState::CompletingRebalance => "syncing",
            MemberState::Stable => "stable",
        }
    }

    /// Its partitions, sorted.
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.subscriptions.partitions()
    }

    /// The next offset to be read, once it is known.
    pub fn position(&self, tp: &TopicPartition) -> Option<i64> {
        self.subscriptions.position(tp).map(|position| position.offset)
    }

    /// The next offset to be read, though a new leader may not have said yet that it has what was read.
    pub fn standing(&self, tp: &TopicPartition) -> Option<i64> {
        self.subscriptions.assigned.get(tp)?.standing().map(|position| position.offset)
    }

    /// Every record that polls returned, in order.
    pub fn received(&self) -> &SharedList<Received> {
        &self.app.received
    }

    /// Calls of the rebalance listener in order: `revoked`, `assigned` or `lost`, with the partitions.
    pub fn rebalances(&self) -> &[(&'static str, Vec<TopicPartition>)] {
        &self.app.rebalances
    }

    /// How the commit with this ticket ended, once it has: Kafka's error code or the exception's name.
    pub fn commit_answer(&self, ticket: u64) -> Option<&Result<(), Name>> {
        self.app.commits.get(&ticket)
    }

    /// How the call of `position()` with this ticket ended, once it has.
    pub fn position_answer(&self, ticket: u64) -> Option<&Result<i64, Name>> {
        self.app.positions.get(&ticket)
    }

    /// How many calls its application's thread has begun: one that is given during a poll waits for
    /// the poll's end.
    pub fn calls_made(&self) -> u64 {
        self.app.calls_made()
    }

    /// The exception of the last call, if it threw one before anything was sent.
    pub fn refused_call(&self) -> Option<&Name> {
        self.app.refused_call()
    }

    /// The error that a poll threw; the application does not poll any more.
    pub fn last_error(&self) -> Option<Name> {
        self.app.failure().cloned()
    }

    /// The application's thread is stuck from now on, or no more; it goes on with the next input.
    pub fn hang(&mut self, hangs: bool) {
        self.app.hangs = hangs;
    }

    /// The application's thread is stuck and makes no call.
    pub fn hangs(&self) -> bool {
        self.app.hangs
    }

    /// When the next heartbeat is due, and the interval in ms.
    pub fn heartbeat_due(&self) -> Option<(SimTime, u64)> {
        let due = self.timers.get(&ConsumerTimer::Heartbeat).filter(|_| self.heartbeats_on())?;
        Some((due, self.config.heartbeat_interval_ms))
    }

    fn timers_due(&mut self, ctx: &mut Ctx<'_>) {
        while let Some(timer) = self.timers.pop_due(ctx.now) {
            match timer {
                ConsumerTimer::Heartbeat => self.heartbeat_timer(ctx),
                ConsumerTimer::Session => self.session_timer(ctx),
                ConsumerTimer::MaxPollInterval => self.max_poll_timer(ctx),
                ConsumerTimer::Request(id) => self.request_overdue(ctx, id),
                // These only wake the application's thread, or the search it left to the heartbeats.
                ConsumerTimer::PollReturns
                | ConsumerTimer::Reconnect(..)
                | ConsumerTimer::Metadata
                | ConsumerTimer::FindCoordinator
                | ConsumerTimer::Join
                | ConsumerTimer::Positions
                | ConsumerTimer::Validation
                | ConsumerTimer::Fetch
                | ConsumerTimer::AutoCommit
                | ConsumerTimer::CommitRetry
                | ConsumerTimer::CallEnds
                | ConsumerTimer::Processed => {}
            }
        }
    }
}

impl Machine for Consumer {
    type Command = ConsumerCommand;

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<ConsumerCommand>) {
        if self.app.has_ended() {
            return;
        }
        match input {
            Input::Boot | Input::DiskDone(_) => {}
            Input::Deliver(Delivery { connection, correlation_id, body: Body::Response(response) }) => {
                self.answered(ctx, &connection, correlation_id, response);
            }
            Input::Deliver(_) => {}
            Input::Timer => self.timers_due(ctx),
            Input::ConnectionLost(connection) => {
                if let Some(broker) = connection.server.broker() {
                    self.link_lost(ctx, broker, connection.channel);
                }
            }
            // Nobody calls for it: it happens to the thread.
            Input::Command(ConsumerCommand::Hang(hangs)) => self.hang(hangs),
            Input::Command(command) => self.app.call(command),
        }
        self.run_application(ctx);
    }

    fn next_deadline(&self) -> Option<SimTime> {
        self.timers.next()
    }

    fn deadlines(&self) -> Vec<Deadline> {
        self.timers.describe()
    }
}
