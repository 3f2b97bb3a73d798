//! What the broker does to its logs by the clock (`LogManager`, `LogCleaner`): retention, cleaning,
//! flushing, the checkpoint of log starts. Leaves out the threads' own duration: a pass takes no time.

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Broker, BrokerTimer, is_internal};
use crate::ids::TopicPartition;
use crate::log::{Log, LogToClean, RemovedRecord, Segment};
use crate::machine::{Ctx, Observation};
use crate::time::{SimDuration, SimTime};

impl Broker {
    /// The log manager starts: its tasks begin `log.initial.task.delay.ms` later, the cleaner at once.
    pub(super) fn start_log_manager(&mut self, ctx: &mut Ctx<'_>) {
        let config = self.config.clone();
        let first = ctx.now + SimDuration::from_ms(config.log_initial_task_delay_ms);
        self.timers.set(BrokerTimer::LogRetention, first);
        self.timers.set(BrokerTimer::CheckpointLogStarts, first);
        if config.log_flush_scheduler_interval_ms < FOR_EVER_MS {
            self.timers.set(BrokerTimer::FlushLogs, first);
        }
        if config.log_cleaner_enable {
            self.timers.set(BrokerTimer::LogCleaner, ctx.now);
        }
    }

    fn again(&mut self, timer: BrokerTimer, now: SimTime, every_ms: u64) {
        // A task without a pause would hold the simulation at one moment.
        self.timers.set(timer, now + SimDuration::from_ms(every_ms.max(1)));
    }

    /// `LogManager.cleanupLogs`: logs that are compacted are left to the cleaner.
    pub(super) fn retention_due(&mut self, ctx: &mut Ctx<'_>) {
        self.again(BrokerTimer::LogRetention, ctx.now, self.config.log_retention_check_interval_ms);
        self.delete_old_segments(ctx, |compact| !compact);
    }

    fn delete_old_segments(&mut self, ctx: &mut Ctx<'_>, which: impl Fn(bool) -> bool) {
        let now_ms = ctx.wall_clock_ms();
        let broker = self.id;
        let is_meant = |log: &Log| which(log.config().compact) && !log.has_no_batch();
        for (tp, partition) in self.partitions.iter_mut().filter(|(_, partition)| is_meant(&partition.log)) {
            let (had, start) = (partition.log.segments().to_vec(), partition.log.log_start_offset());
            let count = partition.log.delete_old_segments(now_ms);
            if count > 0 {
                let log_start_offset = partition.log.log_start_offset();
                let (tp, removed) = (tp.clone(), removed_of(tp, &partition.log, &had, start));
                ctx.observe(Observation::SegmentsDeleted { tp, broker, count, log_start_offset, removed });
            }
        }
    }

    /// `CleanerThread.doWork`: the dirtiest log first, until none is worth it; then it rests for
    /// `log.cleaner.backoff.ms`. Old segments of compacted logs go with each pass.
    pub(super) fn cleaner_due(&mut self, ctx: &mut Ctx<'_>) {
        while let Some((tp, to_clean)) = self.filthiest_log(ctx.wall_clock_ms()) {
            let Some(partition) = self.partitions.get_mut(&tp) else { break };
            let (had, start) = (partition.log.segments().to_vec(), partition.log.log_start_offset());
            let stats = partition.log.clean(&to_clean, ctx.wall_clock_ms());
            let removed = removed_of(&tp, &partition.log, &had, start);
            ctx.observe(Observation::LogCleaned { tp, broker: self.id, stats: Rc::new(stats), removed });
            if stats.end_offset <= to_clean.first_dirty_offset {
                break;
            }
        }
        self.delete_old_segments(ctx, |compact| compact);
        self.again(BrokerTimer::LogCleaner, ctx.now, self.config.log_cleaner_backoff_ms);
    }

    /// `LogCleanerManager.grabFilthiestCompactedLog`
    fn filthiest_log(&mut self, now_ms: i64) -> Option<(TopicPartition, LogToClean)> {
        let mut filthiest: Option<(TopicPartition, LogToClean)> = None;
        for (tp, partition) in self.partitions.iter_mut().filter(|(_, partition)| partition.log.config().compact) {
            if partition.log.is_cleaner_checkpoint_outside() {
                partition.log.reset_cleaner_checkpoint();
            }
            let to_clean = partition.log.cleanable(now_ms);
            let worth_it = to_clean.is_worth_it(partition.log.config().min_cleanable_dirty_ratio_millionths);
            let dirtier =
                filthiest.as_ref().is_none_or(|(_, known)| to_clean.compare_ratio(known) == Ordering::Greater);
            if worth_it && dirtier {
                filthiest = Some((tp.clone(), to_clean));
            }
        }
        filthiest
    }

    /// `LogManager.flushDirtyLogs`
    pub(super) fn flush_due(&mut self, ctx: &Ctx<'_>) {
        self.again(BrokerTimer::FlushLogs, ctx.now, self.config.log_flush_scheduler_interval_ms);
        for partition in self.partitions.values_mut() {
            partition.log.flush_if_due(ctx.wall_clock_ms());
        }
    }

    pub(super) fn log_start_checkpoint_due(&mut self, ctx: &mut Ctx<'_>) {
        self.touch_log_dirs(ctx, true);
        self.again(
            BrokerTimer::CheckpointLogStarts,
            ctx.now,
            self.config.log_flush_start_offset_checkpoint_interval_ms,
        );
        for partition in self.partitions.values_mut().filter(|partition| !partition.log.is_log_start_checkpointed()) {
            partition.log.checkpoint_log_start_offset();
        }
    }
}

/// Of topics that people write to. Nobody asks what became of a record of Kafka's own.
fn removed_of(tp: &TopicPartition, log: &Log, had: &[Rc<Segment>], start_offset: i64) -> Rc<Vec<RemovedRecord>> {
    Rc::new(if is_internal(&tp.topic) { Vec::new() } else { log.removed_of(had, start_offset) })
}

/// The same of all that lies between these offsets.
pub(super) fn removed_between(tp: &TopicPartition, log: &Log, from: i64, to: i64) -> Rc<Vec<RemovedRecord>> {
    Rc::new(if is_internal(&tp.topic) { Vec::new() } else { log.records_between(from, to) })
}

/// `Long.MAX_VALUE`, Kafka's "never".
const FOR_EVER_MS: u64 = 9_223_372_036_854_775_807;
