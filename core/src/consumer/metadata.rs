//! What the consumer knows of the cluster (`ConsumerMetadata`).

use crate::collections::{BTreeMap, BTreeSet};

use super::Consumer;
use super::positions::Kind;
use super::requests::Purpose;
use super::timer::ConsumerTimer;
use crate::collections::{KeyMap, Order, SortedMap};
use crate::ids::{BrokerId, Name, TopicPartition, Uuid};
use crate::machine::{Channel, Ctx};
use crate::protocol::metadata::{MetadataRequest, MetadataResponse, PartitionMetadata, TopicMetadata};
use crate::protocol::{ErrorCode, Request};
use crate::time::{SimDuration, SimTime};

#[derive(Clone, PartialEq, Eq, Debug)]
struct Topic {
    id: Uuid,
    is_internal: bool,
    /// (leader, leader epoch) by partition.
    partitions: SortedMap<i32, (BrokerId, i32)>,
    /// Of each partition in order; none while no broker that is up has one.
    racks: Vec<Vec<Name>>,
}

/// Racks of each partition of topics, by topic: those of its replicas in order, each once, and an empty one if a replica is
/// down or in none.
pub type TopicRacks = Vec<(Name, Vec<Vec<Name>>)>;

/// What a group's leader assigned by, to notice a change (`ConsumerCoordinator.MetadataSnapshot`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// Number of partitions of the topics that exist.
    pub counts: BTreeMap<Name, i32>,
    /// Their racks, if the leader has one itself.
    pub racks: TopicRacks,
}

/// The cached answer of the last Metadata request, and when the next one is due.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    brokers: Vec<BrokerId>,
    topics: KeyMap<Name, Topic>,
    /// Answers so far.
    version: u64,
    update_requested: bool,
    attempts: u32,
    not_before: SimTime,
    refreshed_at: Option<SimTime>,
    /// For when the timer is set.
    timer_at: Option<SimTime>,
    /// Topics of the last answer, whether they exist or not.
    asked: BTreeSet<Name>,
}

impl Metadata {
    /// As after one answer, about one topic.
    #[cfg(test)]
    pub(super) fn of(topic: &str, partitions: i32) -> Self {
        let partitions = (0..partitions).map(|partition| (partition, (101, 0))).collect();
        let topics = KeyMap::from_iter([(
            topic.into(),
            Topic { id: Uuid(1), is_internal: false, partitions, racks: Vec::new() },
        )]);
        Self { topics, version: 1, asked: BTreeSet::from([topic.into()]), ..Self::default() }
    }

    /// Live brokers as of the last answer.
    pub fn brokers(&self) -> &[BrokerId] {
        &self.brokers
    }

    /// Answers so far.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Leader and epoch; `None` while there is no leader.
    pub fn leader(&self, tp: &TopicPartition) -> Option<(BrokerId, i32)> {
        let known = self.topics.get(&tp.topic)?.partitions.numbered(tp.partition).copied()?;
        Some(known).filter(|(leader, _)| *leader >= 0)
    }

    /// KIP-951: a broker that refused said who leads instead.
    pub fn learn_leader(&mut self, tp: &TopicPartition, leader: BrokerId, epoch: i32) {
        let known = self.topics.get_mut(&tp.topic).and_then(|topic| topic.partitions.get_mut(&tp.partition));
        if let Some(known) = known.filter(|known| known.1 < epoch) {
            *known = (leader, epoch);
        }
    }

    /// Number of partitions of those of these topics that exist.
    pub fn counts(&self, topics: &BTreeSet<Name>) -> BTreeMap<Name, i32> {
        let count = |topic: &Name| {
            let known = self.topics.get(topic)?;
            Some((topic.clone(), i32::try_from(known.partitions.len()).unwrap_or(i32::MAX)))
        };
        topics.iter().filter_map(count).collect()
    }

    /// [`Self::counts`] would give `known` for these.
    pub fn counts_are<'a>(&self, known: &BTreeMap<Name, i32>, topics: impl Iterator<Item = &'a Name>) -> bool {
        let mut exist = 0;
        for topic in topics {
            let Some(found) = self.topics.get(topic) else { continue };
            let count = i32::try_from(found.partitions.len()).unwrap_or(i32::MAX);
            if known.get(topic) != Some(&count) {
                return false;
            }
            exist += 1;
        }
        exist == known.len()
    }

    /// Racks of those of these topics that exist and have some.
    pub fn racks<'a>(&self, topics: impl Iterator<Item = &'a Name>) -> TopicRacks {
        let racks = |topic: &'a Name| Some((topic, &self.topics.get(topic)?.racks));
        topics.filter_map(racks).filter(|(_, racks)| !racks.is_empty()).map(|(t, r)| (t.clone(), r.clone())).collect()
    }

    /// The last answer was about all of these.
    pub fn covers(&self, topics: &BTreeSet<Name>) -> bool {
        self.version > 0 && topics.is_subset(&self.asked)
    }

    /// There is an answer, and nothing asks for another.
    pub fn is_fresh(&self) -> bool {
        self.version > 0 && !self.update_requested
    }

    /// Topics that exist as far as one knows, with or without Kafka's own.
    pub fn topics(&self, exclude_internal: bool) -> impl Iterator<Item = &Name> {
        self.topics.iter().filter(move |(_, topic)| !(exclude_internal && topic.is_internal)).map(|(name, _)| name)
    }

    /// Something is suspected to have changed.
    pub fn request_update(&mut self) {
        self.update_requested = true;
    }

    /// New topics are of interest: there is no back-off for these.
    pub fn request_new_topics(&mut self) {
        self.update_requested = true;
        self.not_before = SimTime::ZERO;
    }

    /// The application needs these topics: ask at once if the last answer was not about them.
    pub fn request_update_if_unknown(&mut self, topics: &BTreeSet<Name>) {
        if !self.covers(topics) {
            self.request_new_topics();
        }
    }

    fn due_at(&self, max_age_ms: u64) -> SimTime {
        let aged = self.refreshed_at.map_or(SimTime::ZERO, |at| at + SimDuration::from_ms(max_age_ms));
        let wanted = if self.update_requested { SimTime::ZERO } else { aged };
        wanted.max(self.not_before)
    }

    fn update(&mut self, answer: MetadataResponse) -> bool {
        let mut complete = true;
        self.brokers = answer.brokers;
        self.version += 1;
        self.asked = answer.topics.iter().map(|topic| topic.topic.clone()).collect();
        for topic in answer.topics {
            complete &= self.update_topic(topic, &answer.racks);
        }
        let asked = &self.asked;
        self.topics.retain(|topic, _| asked.contains(topic));
        complete
    }

    /// True unless the topic needs another look soon.
    fn update_topic(&mut self, answer: TopicMetadata, racks: &[(BrokerId, Name)]) -> bool {
        if answer.error != ErrorCode::None {
            self.topics.remove(&answer.topic);
            return !answer.error.refreshes_metadata();
        }
        let old = self.topics.remove(&answer.topic).filter(|old| old.id == answer.topic_id);
        let mut partitions = SortedMap::default();
        for partition in &answer.partitions {
            let told = (partition.leader_id, partition.leader_epoch);
            let known = old.as_ref().and_then(|old| old.partitions.get(&partition.partition)).copied();
            // Another broker's cache may lag behind: an older epoch is no news (KIP-320).
            let newest = known.filter(|known| known.1 > told.1).unwrap_or(told);
            partitions.insert(partition.partition, newest);
        }
        let complete = partitions.values().all(|(leader, _)| *leader >= 0);
        let racks_of = |partition: &PartitionMetadata| racks_of(&partition.replicas, racks);
        let racks = if racks.is_empty() { Vec::new() } else { answer.partitions.iter().map(racks_of).collect() };
        let topic = Topic { id: answer.topic_id, is_internal: answer.is_internal, partitions, racks };
        self.topics.insert(answer.topic, topic);
        complete
    }
}

fn racks_of(replicas: &[BrokerId], racks: &[(BrokerId, Name)]) -> Vec<Name> {
    let rack =
        |id: &BrokerId| racks.iter().find(|(known, _)| known == id).map_or_else(|| "".into(), |(_, r)| r.clone());
    let mut found: Vec<Name> = replicas.iter().map(rack).collect();
    found.order();
    found.dedup();
    found
}

impl Consumer {
    /// Asks for metadata if it is time.
    pub(super) fn maybe_refresh_metadata(&mut self, ctx: &mut Ctx<'_>) {
        if self.requests.any(|purpose| *purpose == Purpose::Metadata) {
            return;
        }
        let due = self.metadata.due_at(self.config.metadata_max_age_ms);
        if due > ctx.now {
            // Asked for twice in every poll; the timer that stands has not rung, or it would be due.
            if self.metadata.timer_at != Some(due) {
                self.metadata.timer_at = Some(due);
                self.timers.set(ConsumerTimer::Metadata, due);
            }
            return;
        }
        self.metadata.timer_at = None;
        self.timers.cancel(&ConsumerTimer::Metadata);
        let Some(node) = self.least_loaded(ctx) else { return };
        let all = self.has_pattern();
        let topics = (!all).then(|| self.topics_of_interest().into_iter().collect());
        let request = MetadataRequest { topics, allow_auto_topic_creation: self.config.allow_auto_create_topics };
        self.send(ctx, node, Channel::Data, Purpose::Metadata, Request::Metadata(request));
    }

    /// The topics of interest have as many partitions, in the same racks, as when the group's leader last assigned.
    pub(super) fn is_as_in(&self, known: &Snapshot) -> bool {
        let counts_are = match &self.subscriptions.kind {
            Kind::Topics(topics) => self.metadata.counts_are(&known.counts, topics.union(self.member.group_topics())),
            Kind::Pattern(_) | Kind::None | Kind::ByHand => {
                self.metadata.counts_are(&known.counts, self.topics_of_interest().iter())
            }
        };
        counts_are && (self.config.client_rack.is_empty() || self.metadata.racks(known.counts.keys()) == known.racks)
    }

    /// What the leader assigns by.
    pub(super) fn snapshot(&self, topics: &BTreeSet<Name>) -> Snapshot {
        let has_rack = !self.config.client_rack.is_empty();
        let racks = if has_rack { self.metadata.racks(topics.iter()) } else { Vec::new() };
        Snapshot { counts: self.metadata.counts(topics), racks }
    }

    /// Topics of the subscription, of the group if this member leads it, and of partitions taken by hand.
    pub(super) fn topics_of_interest(&self) -> BTreeSet<Name> {
        let mut topics = self.subscriptions.topics();
        topics.extend(self.member.group_topics().iter().cloned());
        topics
    }

    pub(super) fn metadata_came(&mut self, ctx: &mut Ctx<'_>, answer: MetadataResponse) {
        let invalid = answer.topics.iter().find(|topic| topic.error == ErrorCode::InvalidTopicException);
        if invalid.is_some() {
            self.app.throw(ErrorCode::InvalidTopicException.name());
        }
        let complete = self.metadata.update(answer);
        let wanted = self.topics_of_interest();
        self.metadata.refreshed_at = Some(ctx.now);
        self.metadata.attempts = if complete { 0 } else { self.metadata.attempts.saturating_add(1) };
        let attempts = self.metadata.attempts.saturating_sub(1);
        self.metadata.not_before = ctx.now + self.retry_backoff(ctx, attempts);
        self.metadata.update_requested = !complete;
        self.match_topics();
        if !self.metadata.covers(&wanted) && !self.has_pattern() {
            self.metadata.request_new_topics();
        }
        self.lead_if_ready(ctx);
    }

    pub(super) fn metadata_failed(&mut self, ctx: &mut Ctx<'_>) {
        let attempts = self.metadata.attempts;
        self.metadata.attempts = attempts.saturating_add(1);
        self.metadata.not_before = ctx.now + self.retry_backoff(ctx, attempts);
        self.metadata.update_requested = true;
    }
}
