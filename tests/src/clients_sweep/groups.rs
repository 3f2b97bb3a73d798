//! What the group has done with the records, held against what its applications promise: at most once
//! with the commit before the work, at least once with it after, exactly once in transactions.

use std::collections::BTreeMap;

use playground_core::command::CommitPlace;
use playground_core::consumer::Received;
use playground_core::ids::Name;
use playground_core::time::SimTime;

use super::origin::Origins;
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
            let identity = record.identity();
            let done = self.world.outside().done_by(&GROUP.into(), &record.tp).with(record.offset(), identity);
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
            match self.excuse_of_work(record, broken) {
                Some(why) => {
                    let value = String::from_utf8_lossy(record.value().unwrap_or_default()).into_owned();
                    self.work_again.insert(value);
                    self.count_excuse(why);
                }
                None => {
                    let value = String::from_utf8_lossy(record.value().unwrap_or_default()).into_owned();
                    return Err(format!(
                        "{value} at {} offset {} is {broken} ({times} times)",
                        record.tp,
                        record.offset()
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
            *results.entry(result.value().unwrap_or_default().to_vec()).or_insert(0) += 1;
        }
        let origins = self.origins();
        let mut wanted: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
        for source in sources.iter().filter(|record| &*record.tp.topic == TOPIC) {
            let value = source.value().unwrap_or_default();
            *wanted.entry(value.to_vec()).or_insert(0) += 1;
            let (have, want) = (results.get(value).copied().unwrap_or(0), wanted.get(value).copied().unwrap_or(0));
            if have < want {
                match self.excuse_of_work(source, NEVER).or_else(|| self.excuse_of_result(&origins, value)) {
                    Some(why) => self.count_excuse(why),
                    None => return Err(format!("{} has no result", String::from_utf8_lossy(value))),
                }
            }
        }
        let more = results.iter().find(|(value, count)| wanted.get(*value).copied().unwrap_or(0) < **count);
        if let Some((value, count)) = more {
            let mut own = sources.iter().filter(|source| source.value().unwrap_or_default() == value.as_slice());
            let excuse = own.find_map(|source| self.excuse_of_work(source, AGAIN));
            let excuse = excuse.or_else(|| self.excuse_of_result(&origins, value));
            match excuse.or_else(|| self.excuse_of_source(&origins, value)) {
                Some(why) => self.count_excuse(why),
                None => return Err(format!("{} has {count} results", String::from_utf8_lossy(value))),
            }
        }
        Ok(())
    }

    /// The result was lost with the partition that it was written to, or its transaction ended otherwise.
    fn excuse_of_result(&self, origins: &Origins, value: &[u8]) -> Option<&'static str> {
        let sendings = origins.get(&*String::from_utf8_lossy(value)).map_or(&[][..], Vec::as_slice);
        let results = sendings.iter().filter(|origin| origin.tp.as_ref().is_some_and(|tp| &*tp.topic == RESULTS));
        let mut results = results
            .map(|origin| self.may_be_lost(origin).or_else(|| origin.tp.as_ref().and_then(|tp| self.allowed_torn(tp))));
        results.find_map(|why| why)
    }

    /// The source was lost after it had got its result.
    fn excuse_of_source(&self, origins: &Origins, value: &[u8]) -> Option<&'static str> {
        let sendings = origins.get(&*String::from_utf8_lossy(value)).map_or(&[][..], Vec::as_slice);
        let mut sources = sendings.iter().filter(|origin| origin.tp.as_ref().is_some_and(|tp| &*tp.topic == TOPIC));
        sources.find_map(|origin| self.may_be_lost(origin))
    }

    /// Why the group may have processed the record too often or never: what Kafka does not promise, and the event
    /// that made it happen to this record.
    fn excuse_of_work(&self, record: &Received, broken: &str) -> Option<&'static str> {
        let readers = &self.options.readers;
        let value = String::from_utf8_lossy(record.value().unwrap_or_default());
        let is_member = |client: &Name| {
            self.world.consumer(client).is_some_and(|consumer| consumer.group().is_some_and(|group| &**group == GROUP))
        };
        let given =
            self.witness.deliveries(&record.tp, record.offset(), &value).filter(|given| is_member(&given.consumer));
        let given: Vec<SimTime> = given.map(|given| given.at).collect();
        let last = given.iter().copied().max().unwrap_or(SimTime::ZERO);
        let transactional = readers.commit == CommitPlace::Transaction;
        let torn = || self.allowed_torn(&record.tp).filter(|_| transactional || readers.read_committed);
        let loss = self.allowed_loss(&record.tp);
        let mut events = self.witness.log_events(&record.tp).iter().skip(1);
        if broken == NEVER {
            // The offset was another record's, or the record was away while the group passed by.
            let waits = self.stood_still.then_some("it waits for transactions that cannot end");
            return loss.filter(|_| events.any(|event| event.takes(record.offset()))).or_else(torn).or(waits);
        }
        let again = given.len() > 1;
        let dirty = transactional && !readers.read_committed && again;
        let skipped = self.markers_skipped.iter().any(|tp| &*tp.topic == "__consumer_offsets") && again;
        dirty
            .then_some("a transactional application that reads uncommitted offsets")
            .or(self.offsets_lost_at.filter(|at| again && *at <= last).map(|_| "offsets log lost"))
            .or(skipped.then_some("marker skipped by a coordinator without metadata"))
            .or_else(|| loss.filter(|_| again && events.any(|event| event.at <= last)))
            .or_else(torn)
    }

    /// Counts what the promise does not cover.
    fn count_excuse(&mut self, why: &'static str) {
        self.work_excused = true;
        self.count_work(why);
    }

    /// Counts what was allowed.
    pub fn count_work(&mut self, why: &'static str) {
        *self.work_allowed.entry(why).or_insert(0) += 1;
    }
}
