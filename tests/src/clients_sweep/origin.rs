//! Where a value comes from: who sent it and how, what its producer was told, and which events may have taken its
//! record or put it twice or late into the log. An excuse needs one of these, not only a configuration.

use std::collections::BTreeMap;

use playground_core::ids::{Name, TopicPartition};
use playground_core::invariant::Excuse;
use playground_core::producer::Outcome;
use playground_core::time::{SimDuration, SimTime};

use super::run::Run;

/// `acks` of a producer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acks {
    None,
    Leader,
    All,
}

/// One sending of a value.
#[derive(Clone, Debug)]
pub struct Origin {
    pub client: Name,
    pub tp: Option<TopicPartition>,
    pub acks: Acks,
    pub idempotent: bool,
    pub sent_at: SimTime,
    /// `NEVER` while its producer waits.
    pub known_at: SimTime,
    /// The offset that its producer was told.
    pub offset: Option<i64>,
}

/// All sendings, by value.
pub type Origins = BTreeMap<String, Vec<Origin>>;

/// How long after its send a record with acks=0 may be on its way, or its connection be broken already.
const NEAR_MS: u64 = 15_000;

impl Run {
    /// What was sent, by value.
    pub fn origins(&self) -> Origins {
        let mut all = Origins::new();
        for (_, slot) in self.world.nodes() {
            let Some(producer) = slot.process.producer() else { continue };
            let client = producer.client();
            let plain = self.options.producers.iter().find(|plain| *plain.name == **client);
            let acks = match plain.map(|plain| plain.acks) {
                Some("0") => Acks::None,
                Some("1") => Acks::Leader,
                _ => Acks::All,
            };
            for sent in producer.ledger() {
                let value = sent.value.as_deref().unwrap_or_default().to_owned();
                let offset = match &sent.outcome {
                    Some(Outcome::Acked { offset, .. }) => Some(*offset).filter(|offset| *offset >= 0),
                    _ => None,
                };
                all.entry(value).or_default().push(Origin {
                    client: client.clone(),
                    tp: sent.tp.clone(),
                    acks,
                    idempotent: plain.is_none_or(|plain| plain.idempotent),
                    sent_at: sent.sent_at,
                    known_at: sent.completed_at.unwrap_or(SimTime::NEVER),
                    offset,
                });
            }
        }
        all
    }

    /// Why this record may be gone: its `acks` and an event that took it, or a loss that Kafka allows itself with
    /// all acks, with an event that took it.
    pub fn may_be_lost(&self, origin: &Origin) -> Option<&'static str> {
        let tp = origin.tp.as_ref()?;
        match origin.acks {
            Acks::None => self.may_not_arrive(origin, tp).then_some("acks=0, disturbed on its way or led anew"),
            Acks::Leader => self.was_taken(origin, tp).then_some("acks=1, its leader was replaced or lost it"),
            Acks::All => self.allowed_loss(tp).filter(|_| self.was_taken(origin, tp)),
        }
    }

    /// A leader began without it, a log lost it, or one that had been deposed acknowledged it.
    fn was_taken(&self, origin: &Origin, tp: &TopicPartition) -> bool {
        let events = self.witness.log_events(tp);
        let takes = |offset: i64| events.iter().any(|event| event.at >= origin.sent_at && event.takes(offset));
        origin.offset.map_or(events.iter().any(|event| event.at >= origin.sent_at), takes)
    }

    fn may_not_arrive(&self, origin: &Origin, tp: &TopicPartition) -> bool {
        let near = SimDuration::from_ms(NEAR_MS);
        let from = SimTime::from_ms(origin.sent_at.as_ms().saturating_sub(NEAR_MS));
        self.was_taken(origin, tp) || self.witness.was_disturbed(from, origin.sent_at + near)
    }

    /// Its producer may send batches twice or late, and did so while this one was under way.
    pub fn was_resent(&self, origin: &Origin) -> bool {
        let Some(tp) = &origin.tp else { return false };
        let mut retries = self.witness.retries(&origin.client, tp).iter();
        !origin.idempotent && retries.any(|at| (origin.sent_at..=origin.known_at).contains(at))
    }

    /// A loss of committed records that Kafka allows itself, as it happened to the partition.
    pub fn allowed_loss(&self, tp: &TopicPartition) -> Option<&'static str> {
        self.promises.allowed_loss(tp).map(|excuse| match excuse {
            Excuse::UncleanElection => "unclean election",
            Excuse::LostPageCache => "page cache of the last replica lost",
            Excuse::DeletedByMove => "last in-sync replica deleted by a move",
            Excuse::LeftByMove => "in-sync replica that a move had left behind",
        })
    }

    /// Why transactions of a partition may have ended otherwise than their producers know, or never.
    pub fn allowed_torn(&self, tp: &TopicPartition) -> Option<&'static str> {
        let log_lost = self.transaction_log_lost.then_some("transaction log lost");
        let skipped = self.markers_skipped.contains(tp).then_some("marker skipped by a coordinator without metadata");
        let decision = self.decision_lost.then_some("decision read above the high watermark and lost");
        log_lost.or(skipped).or(decision)
    }

    /// Either of them.
    pub fn loss_of(&self, tp: &TopicPartition) -> Option<&'static str> {
        self.allowed_loss(tp).or_else(|| self.allowed_torn(tp))
    }
}
