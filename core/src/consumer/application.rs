//! The application around the consumer: one thread that polls for 100 ms again and again, makes its
//! other calls between two polls, and keeps what it received.

use crate::collections::{BTreeMap, SharedList};
use std::collections::VecDeque;
use std::rc::Rc;

use super::Consumer;
use super::command::{ConsumerCommand, Received};
use super::commit::Blocking;
use super::positions::{Kind, Position, PositionState};
use super::processing::Batch;
use super::requests::Purpose;
use super::timer::ConsumerTimer;
use crate::command::Work;
use crate::ids::{Name, TopicPartition};
use crate::machine::{Ctx, Observation};
use crate::protocol::ErrorCode;
use crate::protocol::fetch::{EARLIEST_TIMESTAMP, LATEST_TIMESTAMP};
use crate::time::{SimDuration, SimTime};

/// How long one `poll()` of the application lasts at most, ms.
const POLL_MS: u64 = 100;

/// How long `close()` takes at most (`ConsumerUtils.DEFAULT_CLOSE_TIMEOUT_MS`), ms.
const CLOSE_MS: u64 = 30_000;

/// Where the application's thread is.
#[derive(Clone, Debug)]
pub enum Thread {
    /// Between two calls.
    Between,
    /// In `poll()`, which returns at this time, or with records.
    Polling(SimTime),
    /// In `commitSync()`; the ticket if somebody asked for it.
    Committing(Option<u64>, Blocking),
    /// In `position()`, which throws at this time.
    Positioning(u64, TopicPartition, SimTime),
    /// In `commitSync()` before the work on these records.
    CommittingFirst(Batch, Blocking),
    /// At work on these records.
    Working(Batch),
    /// Somebody else works on these records.
    HandedOver(Batch),
    /// In `close()`, which ends at this time at the latest, while it commits.
    ClosingCommit(SimTime, Blocking),
    /// In `close()`, while the LeaveGroup is out, until this time.
    ClosingLeave(SimTime),
    /// It has ended.
    Ended,
}

/// The application.
#[derive(Clone, Debug)]
pub struct Application {
    pub(super) thread: Thread,
    calls: VecDeque<ConsumerCommand>,
    calls_made: u64,
    refused_call: Option<Name>,
    held: bool,
    pub(super) hangs: bool,
    /// It has said what it wants to read, so that a poll without a subscription is one after its end.
    began: bool,
    stop_after: Option<u64>,
    commit_each_poll: bool,
    failure: Option<Name>,
    thrown: Option<Name>,
    /// What it does with its records; without, a record is processed once it is received.
    pub(super) work: Option<Rc<Work>>,
    pub(super) received: SharedList<Received>,
    pub(super) rebalances: Vec<(&'static str, Vec<TopicPartition>)>,
    pub(super) commits: BTreeMap<u64, Result<(), Name>>,
    pub(super) positions: BTreeMap<u64, Result<i64, Name>>,
}

impl Default for Application {
    fn default() -> Self {
        Self {
            thread: Thread::Between,
            calls: VecDeque::new(),
            calls_made: 0,
            refused_call: None,
            held: false,
            hangs: false,
            began: false,
            stop_after: None,
            commit_each_poll: false,
            failure: None,
            thrown: None,
            work: None,
            received: SharedList::default(),
            rebalances: Vec::new(),
            commits: BTreeMap::new(),
            positions: BTreeMap::new(),
        }
    }
}

impl Application {
    /// The error that ended its polling.
    pub fn failure(&self) -> Option<&Name> {
        self.failure.as_ref()
    }

    /// How many calls its thread has begun, polls not counted.
    pub fn calls_made(&self) -> u64 {
        self.calls_made
    }

    /// The exception that the last call threw.
    pub fn refused_call(&self) -> Option<&Name> {
        self.refused_call.as_ref()
    }

    /// Its process has ended.
    pub fn has_ended(&self) -> bool {
        matches!(self.thread, Thread::Ended)
    }

    /// The next poll will throw this.
    pub(super) fn throw(&mut self, error: &str) {
        self.thrown = Some(error.into());
    }

    pub(super) fn call(&mut self, command: ConsumerCommand) {
        self.calls.push_back(command);
    }

    /// The commit that the thread waits for.
    pub(super) fn blocking(&mut self) -> Option<&mut Blocking> {
        match &mut self.thread {
            Thread::Committing(_, commit) | Thread::CommittingFirst(_, commit) | Thread::ClosingCommit(_, commit) => {
                Some(commit)
            }
            _ => None,
        }
    }
}

impl Consumer {
    /// Lets the application's thread run until it has to wait.
    pub(super) fn run_application(&mut self, ctx: &mut Ctx<'_>) {
        loop {
            // What it calls comes back from the library; then it is stuck.
            if self.app.hangs && matches!(self.app.thread, Thread::Between | Thread::Working(_)) {
                return;
            }
            let went_on = match std::mem::replace(&mut self.app.thread, Thread::Between) {
                Thread::Between => self.between(ctx),
                Thread::Polling(until) => self.polling(ctx, until),
                Thread::Committing(ticket, commit) => self.committing(ctx, ticket, commit),
                Thread::Positioning(ticket, tp, until) => self.positioning(ctx, ticket, tp, until),
                Thread::CommittingFirst(batch, commit) => self.committing_first(ctx, batch, commit),
                Thread::Working(batch) => {
                    self.work_on(ctx, batch);
                    !matches!(self.app.thread, Thread::Working(_))
                }
                Thread::HandedOver(batch) => {
                    self.app.thread = Thread::HandedOver(batch);
                    false
                }
                Thread::ClosingCommit(until, commit) => self.closing(ctx, until, commit),
                Thread::ClosingLeave(until) => self.leaving(ctx, until),
                Thread::Ended => {
                    self.app.thread = Thread::Ended;
                    false
                }
            };
            if !went_on {
                return;
            }
        }
    }

    fn between(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if let Some(call) = self.app.calls.pop_front() {
            self.app.calls_made += 1;
            self.app.refused_call = self.refusal(&call);
            if self.app.refused_call.is_none() {
                self.make_call(ctx, call);
            }
            return true;
        }
        if self.app.held || self.app.failure.is_some() {
            return false;
        }
        if self.subscriptions.kind == Kind::None {
            if self.app.began {
                // A poll without any subscription throws.
                self.fail(ctx, "IllegalStateException".into());
            }
            return false;
        }
        let until = ctx.now + SimDuration::from_ms(POLL_MS);
        self.timers.set(ConsumerTimer::PollReturns, until);
        self.coordinator.poll_begins();
        self.app.thread = Thread::Polling(until);
        true
    }

    fn polling(&mut self, ctx: &mut Ctx<'_>, until: SimTime) -> bool {
        let taken = match self.poll_once(ctx) {
            Ok(taken) => taken,
            Err(error) => {
                self.fail(ctx, error);
                return true;
            }
        };
        if taken == 0 && ctx.now < until {
            self.app.thread = Thread::Polling(until);
            return false;
        }
        self.timers.cancel(&ConsumerTimer::PollReturns);
        let received = u64::try_from(self.app.received.len()).unwrap_or(u64::MAX);
        if self.app.stop_after.is_some_and(|limit| received >= limit) {
            self.app.held = true;
        }
        if taken > 0 && self.app.work.is_some() {
            self.begin_work(ctx, received - taken, received);
        }
        if self.app.commit_each_poll {
            let commit = self.begin_commit(ctx.now, None);
            self.app.thread = Thread::Committing(None, commit);
        }
        true
    }

    /// One round of what `KafkaConsumer.poll` does until it has records or its time is over.
    fn poll_once(&mut self, ctx: &mut Ctx<'_>) -> Result<u64, Name> {
        if let Some(error) = self.app.thrown.take() {
            return Err(error);
        }
        self.polled(ctx.now);
        self.maybe_refresh_metadata(ctx);
        if self.coordinator_poll(ctx)? {
            self.update_positions(ctx)?;
        }
        let taken = self.collect(ctx)?;
        self.send_fetches(ctx);
        self.maybe_refresh_metadata(ctx);
        Ok(taken)
    }

    /// `ConsumerCoordinator.poll`: true if positions may be looked for.
    fn coordinator_poll(&mut self, ctx: &mut Ctx<'_>) -> Result<bool, Name> {
        if self.config.group_id.is_none() {
            return Ok(true);
        }
        self.commit_callbacks(ctx)?;
        if let Some(error) = self.coordinator.take_fatal().or_else(|| self.member.fatal.take()) {
            return Err(error.name().into());
        }
        if self.subscriptions.is_auto() && (self.ensure_coordinator(ctx).is_none() || !self.ensure_active_group(ctx)?) {
            return Ok(false);
        }
        self.maybe_auto_commit(ctx);
        Ok(true)
    }

    fn fail(&mut self, ctx: &mut Ctx<'_>, error: Name) {
        self.timers.cancel(&ConsumerTimer::PollReturns);
        ctx.observe(Observation::ClientError { client: self.client.clone(), error: error.clone() });
        self.app.failure = Some(error);
    }

    fn committing(&mut self, ctx: &mut Ctx<'_>, ticket: Option<u64>, mut commit: Blocking) -> bool {
        match self.step_commit(ctx, &mut commit) {
            None => {
                self.app.thread = Thread::Committing(ticket, commit);
                false
            }
            Some(result) => {
                match (ticket, result) {
                    (Some(ticket), result) => {
                        if let Err(error) = &result {
                            let (client, error) = (self.client.clone(), error.clone());
                            ctx.observe(Observation::ClientError { client, error });
                        }
                        self.app.commits.insert(ticket, result);
                    }
                    (None, Err(error)) if self.app.work.is_some() => self.tell_commit_failed(ctx, error),
                    (None, Err(error)) => self.fail(ctx, error),
                    (None, Ok(())) => {}
                }
                true
            }
        }
    }

    fn committing_first(&mut self, ctx: &mut Ctx<'_>, batch: Batch, mut commit: Blocking) -> bool {
        match self.step_commit(ctx, &mut commit) {
            None => {
                self.app.thread = Thread::CommittingFirst(batch, commit);
                false
            }
            Some(result) => {
                self.committed_first(ctx, batch, result);
                true
            }
        }
    }

    fn make_call(&mut self, ctx: &mut Ctx<'_>, call: ConsumerCommand) {
        match call {
            ConsumerCommand::Subscribe { topics } => self.subscribe(ctx, topics),
            ConsumerCommand::SubscribePattern { pattern } => self.subscribe_to(ctx, Kind::Pattern(pattern)),
            ConsumerCommand::Unsubscribe => self.unsubscribe(ctx),
            ConsumerCommand::Assign { partitions } if partitions.is_empty() => self.unsubscribe(ctx),
            ConsumerCommand::Assign { partitions } => {
                self.app.began = true;
                self.subscriptions.kind = Kind::ByHand;
                self.subscriptions.assign_by_hand(partitions);
                self.metadata.request_new_topics();
                self.restart_auto_commit(ctx.now);
            }
            ConsumerCommand::Seek { tp, offset } => {
                let leader = self.metadata.leader(&tp);
                self.subscriptions.seek(&tp, Position { offset, offset_epoch: -1 }, leader);
            }
            ConsumerCommand::SeekToBeginning { tp } => {
                self.subscriptions.set(&tp, PositionState::AwaitsReset(EARLIEST_TIMESTAMP));
            }
            ConsumerCommand::SeekToEnd { tp } => {
                self.subscriptions.set(&tp, PositionState::AwaitsReset(LATEST_TIMESTAMP));
            }
            ConsumerCommand::Position { ticket, tp, timeout_ms } => {
                let until = ctx.now + SimDuration::from_ms(timeout_ms);
                self.timers.set(ConsumerTimer::CallEnds, until);
                self.app.thread = Thread::Positioning(ticket, tp, until);
            }
            ConsumerCommand::PausePartitions { partitions } => self.subscriptions.pause(&partitions, true),
            ConsumerCommand::ResumePartitions { partitions } => self.subscriptions.pause(&partitions, false),
            ConsumerCommand::Commit { ticket, offsets } => {
                let commit = self.begin_commit(ctx.now, offsets);
                self.app.thread = Thread::Committing(Some(ticket), commit);
            }
            ConsumerCommand::CommitAsync { ticket, offsets } => self.commit_async(ctx, Some(ticket), offsets),
            ConsumerCommand::Hold => self.app.held = true,
            ConsumerCommand::Continue => self.app.held = false,
            ConsumerCommand::Hang(hangs) => self.app.hangs = hangs,
            ConsumerCommand::StopAfter(records) => self.app.stop_after = Some(records),
            ConsumerCommand::CommitEachPoll(on) => self.app.commit_each_poll = on,
            ConsumerCommand::Close => {
                let until = ctx.now + SimDuration::from_ms(CLOSE_MS);
                let mut commit = self.begin_commit(ctx.now, None).until(until);
                self.timers.set(ConsumerTimer::CallEnds, until);
                if !self.config.enable_auto_commit {
                    commit.skip();
                }
                self.app.thread = Thread::ClosingCommit(until, commit);
            }
        }
    }

    fn subscribe(&mut self, ctx: &mut Ctx<'_>, topics: Vec<Name>) {
        if topics.is_empty() && self.config.group_id.is_some() {
            self.unsubscribe(ctx);
            return;
        }
        self.subscribe_to(ctx, Kind::Topics(topics.into_iter().collect()));
    }

    fn subscribe_to(&mut self, ctx: &mut Ctx<'_>, kind: Kind) {
        if self.config.group_id.is_none() {
            self.fail(ctx, ErrorCode::InvalidGroupId.name().into());
            return;
        }
        self.app.began = true;
        self.subscriptions.kind = kind;
        self.metadata.request_new_topics();
    }

    fn unsubscribe(&mut self, ctx: &mut Ctx<'_>) {
        self.give_up_share(ctx);
        if self.subscriptions.is_auto() {
            self.leave_group(ctx, "the consumer unsubscribed from all topics");
        }
        self.subscriptions.kind = Kind::None;
        self.member = self.member.ended();
        self.app.began = true;
    }

    /// `KafkaConsumer.position`: true once it has returned.
    fn positioning(&mut self, ctx: &mut Ctx<'_>, ticket: u64, tp: TopicPartition, until: SimTime) -> bool {
        let mut answer = self.position(&tp).map(Ok);
        if answer.is_none() {
            self.maybe_refresh_metadata(ctx);
            answer = self.update_positions(ctx).err().map(Err);
            self.maybe_refresh_metadata(ctx);
        }
        if answer.is_none() && ctx.now < until {
            self.app.thread = Thread::Positioning(ticket, tp, until);
            return false;
        }
        self.timers.cancel(&ConsumerTimer::CallEnds);
        self.app.positions.insert(ticket, answer.unwrap_or_else(|| Err("TimeoutException".into())));
        true
    }

    fn closing(&mut self, ctx: &mut Ctx<'_>, until: SimTime, mut commit: Blocking) -> bool {
        if self.step_commit(ctx, &mut commit).is_none() {
            self.app.thread = Thread::ClosingCommit(until, commit);
            return false;
        }
        if self.async_commits.await_coordinator() && ctx.now < until {
            self.ensure_coordinator(ctx);
            commit.skip();
            self.timers.set(ConsumerTimer::CallEnds, until);
            self.app.thread = Thread::ClosingCommit(until, commit);
            return false;
        }
        self.timers.set(ConsumerTimer::CallEnds, until);
        self.give_up_share(ctx);
        if self.subscriptions.is_auto() {
            self.leave_group(ctx, "the consumer is being closed");
        }
        self.app.thread = Thread::ClosingLeave(until);
        true
    }

    fn leaving(&mut self, ctx: &mut Ctx<'_>, until: SimTime) -> bool {
        if ctx.now < until
            && self.requests.any(|purpose| matches!(purpose, Purpose::LeaveGroup | Purpose::OffsetCommit(_)))
        {
            self.app.thread = Thread::ClosingLeave(until);
            return false;
        }
        self.timers.remove_if(|_| true);
        self.app.thread = Thread::Ended;
        ctx.exit();
        false
    }
}
