//! What each configuration promises its clients: which anomalies it allows and why. An anomaly is allowed only if
//! the configuration allows it *and* what makes it possible has happened (`origin.rs`): to these records where their
//! partition tells, anywhere in the run where a log of Kafka's own was lost or a producer waits for no answer; everything
//! else is forbidden (`reliability.md`, the table of dials).

use std::collections::BTreeSet;

use playground_core::command::CommitPlace;
use playground_core::ids::TopicPartition;

use super::origin::{Acks, Origin, Origins};
use super::run::{RESULTS, Run};
use crate::jepsen::{Anomaly, Finding, Key, Op, Value, check};

/// A producer that may put a record twice or late into the log, and did.
const RESENT: &str = "enable.idempotence=false, and it was sent again";

/// What is known when a finding is judged.
struct Scene<'a> {
    tp: Option<&'a TopicPartition>,
    read_committed: bool,
    /// Values that somebody read.
    read: &'a BTreeSet<(Key, Value)>,
    origins: &'a Origins,
}

fn values_read(op: &Op) -> impl Iterator<Item = (Key, Value)> {
    op.polls().flat_map(|(key, records)| records.iter().map(move |(_, value)| (key, *value)))
}

impl Run {
    /// Judges what the clients saw, once for the consumers of each isolation level.
    pub fn judge(&mut self) -> Result<(), (Anomaly, String)> {
        let origins = self.origins();
        for read_committed in [false, true] {
            let history = self.recorder.history(&self.world, &self.attempts, read_committed);
            let read: BTreeSet<(Key, Value)> = history.ops.iter().flat_map(values_read).collect();
            for finding in check(&history, true) {
                let tp = self.recorder.key(finding.key).cloned();
                let scene = Scene { tp: tp.as_ref(), read_committed, read: &read, origins: &origins };
                match self.excuse(&scene, &finding) {
                    Some(why) => *self.allowed.entry((finding.anomaly, why)).or_insert(0) += 1,
                    None => return Err((finding.anomaly, self.evidence(&finding, tp.as_ref(), read_committed))),
                }
            }
        }
        Ok(())
    }

    /// Why an anomaly is allowed; `None` if it is forbidden.
    fn excuse(&self, scene: &Scene<'_>, finding: &Finding) -> Option<&'static str> {
        let first = || finding.values.first().copied();
        match finding.anomaly {
            // No isolation of writes: transactions interleave.
            Anomaly::IntSendSkip => Some("sends interleave"),
            Anomaly::G0 => Some("no isolation of writes"),
            Anomaly::Duplicate => self.may_lie_twice(scene, first()?),
            // The one that was sent first came late, or was lost and the other got a place before it.
            Anomaly::NonmonotonicSend | Anomaly::IntNonmonotonicSend => {
                self.may_come_late(scene, first()?).or_else(|| self.lost(scene, first()?))
            }
            Anomaly::InconsistentOffsets => self.all_but_one_lost(scene, finding),
            Anomaly::LostWrite | Anomaly::Unseen => {
                self.lost(scene, first()?).or_else(|| self.unstable(scene)).or_else(|| self.torn(scene, first()?))
            }
            Anomaly::AbortedRead if !scene.read_committed => Some("read_uncommitted"),
            // The marker that aborted it may be lost, and the next one of its producer commits.
            Anomaly::AbortedRead => self.torn(scene, first()?).or_else(|| self.allowed_loss(scene.tp?)),
            Anomaly::IntPollSkip | Anomaly::PollSkip => self.may_pass_over(scene, finding),
            // After a loss offsets are taken again, and positions go back.
            Anomaly::IntNonmonotonicPoll | Anomaly::NonmonotonicPoll => self.any_lost(scene, finding),
            Anomaly::PrecommittedRead | Anomaly::G1c => None,
        }
    }

    fn origins_of<'a>(&self, scene: &Scene<'a>, value: Value) -> &'a [Origin] {
        scene.origins.get(self.recorder.value(value)).map_or(&[], Vec::as_slice)
    }

    /// Sendings of a value to the partition of the finding.
    fn sendings<'a>(&self, scene: &Scene<'a>, value: Value) -> impl Iterator<Item = &'a Origin> {
        let tp = scene.tp.cloned();
        self.origins_of(scene, value).iter().filter(move |origin| origin.tp == tp)
    }

    /// The record of this value may be lost.
    fn lost(&self, scene: &Scene<'_>, value: Value) -> Option<&'static str> {
        self.sendings(scene, value).find_map(|origin| self.may_be_lost(origin))
    }

    fn any_lost(&self, scene: &Scene<'_>, finding: &Finding) -> Option<&'static str> {
        finding.values.iter().find_map(|value| self.lost(scene, *value))
    }

    /// One of several has the offset that all had.
    fn all_but_one_lost(&self, scene: &Scene<'_>, finding: &Finding) -> Option<&'static str> {
        let lost: Vec<_> = finding.values.iter().filter_map(|value| self.lost(scene, *value)).collect();
        lost.first().copied().filter(|_| lost.len() + 1 >= finding.values.len())
    }

    /// Its transaction may have ended otherwise than its producer knows.
    fn torn(&self, scene: &Scene<'_>, value: Value) -> Option<&'static str> {
        let transactional = |origin: &&Origin| self.options.producers.iter().all(|plain| *plain.name != *origin.client);
        self.sendings(scene, value).find(transactional)?;
        self.allowed_torn(scene.tp?)
    }

    /// A transaction may be open for ever: readers of committed records get no further than to its beginning.
    fn unstable(&self, scene: &Scene<'_>) -> Option<&'static str> {
        self.allowed_torn(scene.tp?).filter(|_| scene.read_committed)
    }

    fn may_lie_twice(&self, scene: &Scene<'_>, value: Value) -> Option<&'static str> {
        // An application that was aborted writes its results again.
        if !scene.read_committed && *scene.tp?.topic == *RESULTS && self.sendings(scene, value).count() > 1 {
            return Some("results of aborted transactions");
        }
        let resent = self.sendings(scene, value).any(|origin| self.was_resent(origin));
        let result = || self.results_twice(scene, value);
        resent.then_some(RESENT).or_else(result).or_else(|| self.lost(scene, value))
    }

    fn may_come_late(&self, scene: &Scene<'_>, value: Value) -> Option<&'static str> {
        let resent = self.sendings(scene, value).any(|origin| self.was_resent(origin));
        resent.then_some(RESENT)
    }

    /// Each record has its own result: one that lies twice in the log has two. And an application that is told old
    /// offsets because it does not wait for those of open transactions does its work again.
    fn results_twice(&self, scene: &Scene<'_>, value: Value) -> Option<&'static str> {
        if *scene.tp?.topic != *RESULTS {
            return None;
        }
        let mut sources = self.origins_of(scene, value).iter().filter(|origin| origin.tp != scene.tp.cloned());
        let twice = sources.any(|origin| self.was_resent(origin)).then_some("the result of a record that lies twice");
        twice.or_else(|| {
            let name = self.recorder.value(value);
            let again = self.options.readers.commit == CommitPlace::Transaction && self.work_again.contains(name);
            again.then_some("the result of work that was allowed to be done again")
        })
    }

    /// What a reader passes over has a place in what clients were told, and was lost, with nobody having read it; or it
    /// got the place of what was lost after the reader had been there.
    fn may_pass_over(&self, scene: &Scene<'_>, finding: &Finding) -> Option<&'static str> {
        let ([before, inner @ .., after], key) = (finding.values.as_slice(), finding.key) else { return None };
        let gone = |value: &Value| {
            self.lost(scene, *value)
                .or_else(|| [before, after].into_iter().find_map(|end| self.took_a_place(scene, *value, *end)))
        };
        if inner.iter().any(|value| scene.read.contains(&(key, *value))) {
            // Somebody read them before a loss that brought others to their places.
            return self.allowed_loss(scene.tp?).filter(|_| inner.iter().all(|value| gone(value).is_some()));
        }
        let mut why = None;
        for value in inner {
            let of_it = gone(value).or_else(|| self.torn(scene, *value))?;
            let acks_all = self.sendings(scene, *value).all(|origin| origin.acks == Acks::All);
            why = why.filter(|_| !acks_all).or(Some(of_it));
        }
        why
    }

    /// It was sent after a record beside it, which was lost.
    fn took_a_place(&self, scene: &Scene<'_>, value: Value, beside: Value) -> Option<&'static str> {
        let sent_at = self.sendings(scene, value).map(|origin| origin.sent_at).min()?;
        self.sendings(scene, beside)
            .filter(|origin| origin.sent_at < sent_at)
            .find_map(|origin| self.may_be_lost(origin))
    }

    fn evidence(&self, finding: &Finding, tp: Option<&TopicPartition>, read_committed: bool) -> String {
        let values: Vec<&str> = finding.values.iter().take(12).map(|value| self.recorder.value(*value)).collect();
        let tp = tp.map(ToString::to_string).unwrap_or_default();
        let level = if read_committed { "read_committed" } else { "read_uncommitted" };
        format!("{tp}, {level}: {}", values.join(", "))
    }
}
