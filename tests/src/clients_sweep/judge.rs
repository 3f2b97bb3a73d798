//! What each configuration promises its clients: which anomalies it allows and why. Everything else is
//! forbidden (`reliability.md`, the table of dials).

use std::collections::BTreeSet;

use playground_core::ids::TopicPartition;

use super::Options;
use super::run::{RESULTS, Run};
use crate::jepsen::{Anomaly, Finding, Key, Op, Value, check};

/// What the producers of a finding's own values promise: one with acks=1 excuses nothing of another's.
struct Dials {
    acks_0: bool,
    acks_1: bool,
    plain: bool,
}

impl Dials {
    /// Values are `client:number`; a transactional producer is none of the listed ones.
    fn of<'a>(options: &Options, values: impl Iterator<Item = &'a str>) -> Self {
        let clients: BTreeSet<&str> =
            values.filter_map(|value| value.rsplit_once(':')).map(|(client, _)| client).collect();
        let own = || options.producers.iter().filter(|producer| clients.contains(producer.name.as_str()));
        Self {
            acks_0: own().any(|producer| producer.acks == "0"),
            acks_1: own().any(|producer| producer.acks == "1"),
            plain: own().any(|producer| !producer.idempotent),
        }
    }
}

/// Why an anomaly is allowed; `None` if it is forbidden.
fn excuse(
    dials: &Dials,
    read_committed: bool,
    lossy: Option<&'static str>,
    anomaly: Anomaly,
    passed_over_read: bool,
) -> Option<&'static str> {
    match anomaly {
        // No isolation of writes: transactions interleave.
        Anomaly::IntSendSkip => Some("sends interleave"),
        Anomaly::G0 => Some("no isolation of writes"),
        Anomaly::Duplicate | Anomaly::NonmonotonicSend | Anomaly::IntNonmonotonicSend if dials.plain => {
            Some("enable.idempotence=false")
        }
        Anomaly::LostWrite | Anomaly::Unseen | Anomaly::InconsistentOffsets if dials.acks_0 => Some("acks=0"),
        Anomaly::LostWrite | Anomaly::Unseen | Anomaly::InconsistentOffsets if dials.acks_1 => Some("acks=1"),
        Anomaly::AbortedRead | Anomaly::PrecommittedRead | Anomaly::G1c if !read_committed => Some("read_uncommitted"),
        // A record that was lost after its acknowledgement still has a place in what clients were told.
        Anomaly::IntPollSkip | Anomaly::PollSkip if !passed_over_read && (dials.acks_0 || dials.acks_1) => {
            Some("acks=0 or 1")
        }
        _ => lossy,
    }
}

fn values_read(op: &Op) -> impl Iterator<Item = (Key, Value)> {
    op.polls().flat_map(|(key, records)| records.iter().map(move |(_, value)| (key, *value)))
}

impl Run {
    /// Judges what the clients saw, once for the consumers of each isolation level.
    pub fn judge(&mut self) -> Result<(), (Anomaly, String)> {
        for read_committed in [false, true] {
            let history = self.recorder.history(&self.world, &self.attempts, read_committed);
            let read: BTreeSet<(Key, Value)> = history.ops.iter().flat_map(values_read).collect();
            for finding in check(&history, true) {
                let tp = self.recorder.key(finding.key).cloned();
                let lossy = tp.as_ref().and_then(|tp| self.loss_of(tp));
                // An application that was aborted writes its results again.
                if finding.anomaly == Anomaly::Duplicate
                    && !read_committed
                    && tp.as_ref().is_some_and(|tp| &*tp.topic == RESULTS)
                {
                    *self.allowed.entry((Anomaly::Duplicate, "results of aborted transactions")).or_insert(0) += 1;
                    continue;
                }
                let inner = finding.values.get(1..finding.values.len().saturating_sub(1)).unwrap_or_default();
                let passed_over_read = inner.iter().any(|value| read.contains(&(finding.key, *value)));
                let dials = Dials::of(&self.options, finding.values.iter().map(|value| self.recorder.value(*value)));
                match excuse(&dials, read_committed, lossy, finding.anomaly, passed_over_read) {
                    Some(why) => *self.allowed.entry((finding.anomaly, why)).or_insert(0) += 1,
                    None => return Err((finding.anomaly, self.evidence(&finding, tp.as_ref(), read_committed))),
                }
            }
        }
        Ok(())
    }

    /// Why records of a partition may be lost.
    pub fn loss_of(&self, tp: &TopicPartition) -> Option<&'static str> {
        use playground_core::invariant::Excuse;
        let excuse = self.promises.allowed_loss(tp).map(|excuse| match excuse {
            Excuse::UncleanElection => "unclean election",
            Excuse::LostPageCache => "page cache of the last replica lost",
            Excuse::DeletedByMove => "last in-sync replica deleted by a move",
            Excuse::LeftByMove => "in-sync replica that a move had left behind",
        });
        let log_lost = self.transaction_log_lost.then_some("transaction log lost");
        let skipped = self.markers_skipped.contains(tp).then_some("marker skipped by a coordinator without metadata");
        let decision = self.decision_lost.then_some("decision read above the high watermark and lost");
        excuse.or(log_lost).or(skipped).or(decision)
    }

    fn evidence(&self, finding: &Finding, tp: Option<&TopicPartition>, read_committed: bool) -> String {
        let values: Vec<&str> = finding.values.iter().take(12).map(|value| self.recorder.value(*value)).collect();
        let tp = tp.map(ToString::to_string).unwrap_or_default();
        let level = if read_committed { "read_committed" } else { "read_uncommitted" };
        format!("{tp}, {level}: {}", values.join(", "))
    }
}
