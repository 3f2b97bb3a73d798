//! The work of the application's thread between two polls: it takes its time over each record, and
//! commits before or after. Meanwhile it does not poll; the heartbeat thread goes on.
//!
//! Errors of its commits are answered as the javadoc of `commitSync` has it: the application polls on and
//! is told its new position. One that commits before it works does not work without its commit.

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::Consumer;
use super::application::Thread;
use super::timer::ConsumerTimer;
use crate::command::{CommitPlace, Sink, Work};
use crate::ids::{Name, TopicPartition};
use crate::machine::{Ctx, Observation, Processed};
use crate::time::{SimDuration, SimTime};

/// Records of one poll, by their places in everything that was received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Batch {
    /// The next to be processed.
    pub next: u64,
    /// Behind the last.
    pub end: u64,
    /// When the one under way is done.
    pub until: SimTime,
}

impl Consumer {
    /// Around the consumer is an application that does this.
    #[must_use]
    pub fn with_work(mut self, work: Work) -> Self {
        self.app.work = Some(Rc::new(work));
        self
    }

    /// A poll has returned these records: what the thread does next.
    pub(super) fn begin_work(&mut self, ctx: &mut Ctx<'_>, next: u64, end: u64) {
        let Some(work) = self.app.work.clone() else { return };
        let batch = Batch { next, end, until: ctx.now + work.processing };
        match work.commit {
            CommitPlace::Before => {
                let offsets = self.offsets_behind(next, end);
                let commit = self.begin_commit(ctx.now, Some(offsets));
                self.app.thread = Thread::CommittingFirst(batch, commit);
            }
            CommitPlace::Auto | CommitPlace::After | CommitPlace::Async | CommitPlace::Transaction => {
                self.work_on(ctx, batch)
            }
        }
    }

    /// The offset behind the last of these records in each partition. `commitSync()` without offsets would
    /// leave out a partition whose position is being validated (`SubscriptionState.allConsumed`).
    pub(crate) fn offsets_behind(&self, next: u64, end: u64) -> Vec<(TopicPartition, i64)> {
        let place = |index: u64| usize::try_from(index).unwrap_or(usize::MAX);
        let count = place(end).saturating_sub(place(next));
        let records = self.app.received.since(place(next)).take(count);
        let mut behind: BTreeMap<TopicPartition, i64> = BTreeMap::new();
        for record in records {
            behind.insert(record.tp.clone(), record.offset() + 1);
        }
        behind.into_iter().collect()
    }

    /// The commit before the work has ended.
    pub(super) fn committed_first(&mut self, ctx: &mut Ctx<'_>, batch: Batch, result: Result<(), Name>) {
        match result {
            Ok(()) => {
                let span = self.app.work.as_ref().map_or(SimDuration::ZERO, |work| work.processing);
                self.work_on(ctx, Batch { until: ctx.now + span, ..batch });
            }
            Err(error) => self.tell_commit_failed(ctx, error),
        }
    }

    pub(super) fn tell_commit_failed(&mut self, ctx: &mut Ctx<'_>, error: Name) {
        ctx.observe(Observation::ClientError { client: self.client.clone(), error });
    }

    /// Processes what is done by now.
    pub(super) fn work_on(&mut self, ctx: &mut Ctx<'_>, mut batch: Batch) {
        let Some(work) = self.app.work.clone() else { return };
        if work.commit == CommitPlace::Transaction {
            self.app.thread = Thread::HandedOver(batch);
            return;
        }
        while batch.next < batch.end && batch.until <= ctx.now {
            self.processed(ctx, batch.next, None);
            batch.next += 1;
            batch.until = ctx.now + work.processing;
        }
        if batch.next < batch.end {
            self.timers.set(ConsumerTimer::Processed, batch.until);
            self.app.thread = Thread::Working(batch);
        } else if work.commit == CommitPlace::After {
            let commit = self.begin_commit(ctx.now, None);
            self.app.thread = Thread::Committing(None, commit);
        } else if work.commit == CommitPlace::Async {
            self.commit_async(ctx, None, None);
        }
    }

    /// A record is done, in the transaction of this producer if there is one.
    pub(crate) fn processed(&mut self, ctx: &mut Ctx<'_>, index: u64, producer: Option<(i64, i16)>) {
        let record = usize::try_from(index).ok().and_then(|index| self.app.received.get(index));
        let Some(record) = record else { return };
        let idempotent = self.app.work.as_ref().is_some_and(|work| work.sink == Sink::Idempotent);
        let (tp, offset, identity) = (record.tp.clone(), record.offset(), record.identity());
        ctx.process(Processed { tp, offset, identity, idempotent, producer });
    }

    /// Records that wait for the one who works on them from outside: first and behind the last.
    pub fn handed_over(&self) -> Option<(u64, u64)> {
        match &self.app.thread {
            Thread::HandedOver(batch) => Some((batch.next, batch.end)),
            _ => None,
        }
    }

    /// The application is at work on records, or commits.
    pub fn is_working(&self) -> bool {
        matches!(
            self.app.thread,
            Thread::Working(_) | Thread::HandedOver(_) | Thread::CommittingFirst(..) | Thread::Committing(..)
        )
    }

    /// They are done; the thread polls again.
    pub(crate) fn take_back(&mut self) {
        if self.handed_over().is_some() {
            self.app.thread = Thread::Between;
        }
    }

    /// `seek()` to what `committed()` says, for every partition: an application's transaction was aborted.
    pub(crate) fn rewind(&mut self) {
        for tp in self.subscriptions.partitions() {
            self.subscriptions.set(&tp, super::positions::PositionState::Initializing);
        }
    }
}
