//! What the group has done with the records, held against what its applications promise: at most once
//! with the commit before the work, at least once with it after, exactly once in transactions.

use std::collections::BTreeMap;

use playground_core::command::CommitPlace;
use playground_core::consumer::Received;
use playground_core::ids::TopicPartition;
use playground_core::log::digest_of;

use super::run::{GROUP, RESULTS, Run, TOPIC};

/// What is counted and allowed: more often than the promise has it, or not at all.
const AGAIN: &str = "processed again";
const NEVER: &str = "never processed";

/// The promise of a place of the commit, by name.
pub fn promise_of(place: CommitPlace) -> &'static str {
    match place {
        CommitPlace::Before => "AtMostOnce",
        CommitPlace::Auto | CommitPlace::After | CommitPlace::Async => "AtLeastOnce",
        CommitPlace::Transaction => "ExactlyOnce",
    }
}

impl Run {
    /// The first record that was processed too often or not at all.
    pub fn judge_group(&mut self) -> Result<(), String> {
        let place = self.options.readers.commit;
        let reader = if self.options.readers.read_committed { "final-committed" } else { "final-all" };
        let received: Vec<Received> =
            self.world.consumer(reader).map(|c| c.received().iter().cloned().collect()).unwrap_or_default();
        for record in received.iter().filter(|record| &*record.tp.topic == TOPIC) {
            let digest = digest_of(record.key.as_deref(), record.value.as_deref());
            let done = self.world.outside().done_by(&GROUP.into(), &record.tp).with(record.offset, digest);
            let times = done.map_or(0, |done| done.times);
            let broken = match (place, times) {
                (CommitPlace::Before | CommitPlace::Transaction, 2..) => AGAIN,
                (CommitPlace::Auto | CommitPlace::After | CommitPlace::Async | CommitPlace::Transaction, 0) => NEVER,
                (CommitPlace::Auto | CommitPlace::After | CommitPlace::Async, 2..) => {
                    self.count_work("repeated: commit after the work");
                    continue;
                }
                (CommitPlace::Before, 0) => {
                    self.count_work("left out: commit before the work");
                    continue;
                }
                _ => continue,
            };
            match self.excuse_of_work(record) {
                Some(why) => self.count_work(why),
                None => {
                    let value = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default()).into_owned();
                    return Err(format!(
                        "{value} at {} offset {} is {broken} ({times} times)",
                        record.tp, record.offset
                    ));
                }
            }
        }
        if place == CommitPlace::Transaction { self.judge_results(&received) } else { Ok(()) }
    }

    /// Results of committed transactions: one for each record, no more and no others.
    fn judge_results(&mut self, sources: &[Received]) -> Result<(), String> {
        let mut results: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
        let received: Vec<Received> =
            self.world.consumer("final-committed").map(|c| c.received().iter().cloned().collect()).unwrap_or_default();
        for result in received.iter().filter(|record| &*record.tp.topic == RESULTS) {
            *results.entry(result.value.as_deref().unwrap_or_default().to_vec()).or_insert(0) += 1;
        }
        let mut wanted: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
        for source in sources.iter().filter(|record| &*record.tp.topic == TOPIC) {
            let value = source.value.as_deref().unwrap_or_default();
            *wanted.entry(value.to_vec()).or_insert(0) += 1;
            let (have, want) = (results.get(value).copied().unwrap_or(0), wanted.get(value).copied().unwrap_or(0));
            if have < want {
                match self.excuse_of_work(source).or_else(|| self.excuse_of_results()) {
                    Some(why) => self.count_work(why),
                    None => return Err(format!("{} has no result", String::from_utf8_lossy(value))),
                }
            }
        }
        let more = results.iter().find(|(value, count)| wanted.get(*value).copied().unwrap_or(0) < **count);
        if let Some((value, count)) = more {
            let excuse = sources.iter().find_map(|source| self.excuse_of_work(source));
            match excuse.or_else(|| self.excuse_of_results()) {
                Some(why) => self.count_work(why),
                None => return Err(format!("{} has {count} results", String::from_utf8_lossy(value))),
            }
        }
        Ok(())
    }

    fn excuse_of_results(&self) -> Option<&'static str> {
        (0..3).find_map(|number| self.loss_of(&TopicPartition::new(RESULTS, number)))
    }

    fn excuse_of_work(&self, record: &Received) -> Option<&'static str> {
        let readers = &self.options.readers;
        let dirty = readers.commit == CommitPlace::Transaction && !readers.read_committed;
        let offsets_skipped = self.markers_skipped.iter().any(|tp| &*tp.topic == "__consumer_offsets");
        dirty
            .then_some("a transactional application that reads uncommitted offsets")
            .or(self.offsets_log_lost.then_some("offsets log lost"))
            .or(offsets_skipped.then_some("marker skipped by a coordinator without metadata"))
            .or_else(|| self.loss_of(&record.tp))
    }

    /// Counts what was allowed.
    pub fn count_work(&mut self, why: &'static str) {
        *self.work_allowed.entry(why).or_insert(0) += 1;
    }
}
