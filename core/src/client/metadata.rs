//! A client's view of the cluster, and when to renew it (`Metadata`, `ProducerMetadata`).

use crate::collections::{BTreeMap, BTreeSet};

use super::Backoff;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::ErrorCode;
use crate::protocol::metadata::{MetadataRequest, MetadataResponse, PartitionMetadata, TopicMetadata};
use crate::rng::Rng;
use crate::time::{SimDuration, SimTime};

#[derive(Clone, Debug)]
struct Topic {
    last_used_at: SimTime,
    known: Option<TopicMetadata>,
}

/// What a client knows of brokers, leaders and partitions.
#[derive(Clone, Debug)]
pub struct ClientMetadata {
    brokers: Vec<BrokerId>,
    topics: BTreeMap<Name, Topic>,
    new_topics: BTreeSet<Name>,
    max_age: SimDuration,
    backoff: Backoff,
    needs_full: bool,
    needs_new_topics: bool,
    in_progress: bool,
    version: u64,
    refreshed_at: SimTime,
    /// When the next refresh is allowed at the soonest.
    allowed_at: SimTime,
    failures: u32,
    /// Answers in a row that told nothing new.
    equal_answers: u32,
}

impl ClientMetadata {
    /// A client that knows its bootstrap servers and asks at once.
    pub fn new(bootstrap: Vec<BrokerId>, max_age_ms: u64, backoff: Backoff) -> Self {
        Self {
            brokers: bootstrap,
            topics: BTreeMap::new(),
            new_topics: BTreeSet::new(),
            max_age: SimDuration::from_ms(max_age_ms),
            backoff,
            needs_full: true,
            needs_new_topics: false,
            in_progress: false,
            version: 0,
            refreshed_at: SimTime::ZERO,
            allowed_at: SimTime::ZERO,
            failures: 0,
            equal_answers: 0,
        }
    }

    /// Brokers that are known: the bootstrap servers until the first answer.
    pub fn brokers(&self) -> &[BrokerId] {
        &self.brokers
    }

    /// Rises with every answer.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// A topic is used: it is asked for from now on.
    pub fn use_topic(&mut self, topic: &Name, now: SimTime) {
        if let Some(known) = self.topics.get_mut(topic) {
            known.last_used_at = now;
            return;
        }
        self.topics.insert(topic.clone(), Topic { last_used_at: now, known: None });
        self.new_topics.insert(topic.clone());
        self.request_new_topics(now);
    }

    /// Renews a topic's entry: at once if it was never asked for.
    pub fn request_topic(&mut self, topic: &Name, now: SimTime) {
        if self.new_topics.contains(topic) { self.request_new_topics(now) } else { self.request(false) }
    }

    fn request_new_topics(&mut self, now: SimTime) {
        self.allowed_at = now;
        self.needs_new_topics = true;
        self.equal_answers = 0;
    }

    /// Renews everything as soon as back-off allows. `progress` resets the back-off of answers that
    /// told nothing new.
    pub fn request(&mut self, progress: bool) {
        self.needs_full = true;
        if progress {
            self.equal_answers = 0;
        }
    }

    /// When a Metadata request is to be sent; `None` while one is in flight.
    pub fn due_at(&self) -> Option<SimTime> {
        if self.in_progress {
            return None;
        }
        let wanted = self.needs_full || self.needs_new_topics;
        let expires_at = self.refreshed_at + self.max_age;
        Some(if wanted { self.allowed_at } else { expires_at.max(self.allowed_at) })
    }

    /// The request that is due; the caller sends it.
    pub fn take_request(&mut self, allow_auto_topic_creation: bool) -> MetadataRequest {
        self.in_progress = true;
        let only_new = self.needs_new_topics && !self.needs_full;
        let topics: Vec<Name> =
            if only_new { self.new_topics.iter().cloned().collect() } else { self.topics.keys().cloned().collect() };
        self.needs_full = false;
        self.needs_new_topics = false;
        MetadataRequest { topics: Some(topics), allow_auto_topic_creation }
    }

    /// The request got no answer.
    pub fn failed(&mut self, now: SimTime, rng: &mut Rng) {
        self.in_progress = false;
        self.needs_full = true;
        self.allowed_at = now + self.backoff.wait(self.failures, rng);
        self.failures = self.failures.saturating_add(1);
    }

    /// Takes an answer in; topics unused for longer than `max_idle_ms` are forgotten.
    pub fn update(&mut self, answer: MetadataResponse, now: SimTime, max_idle_ms: u64, rng: &mut Rng) {
        self.in_progress = false;
        self.failures = 0;
        self.version += 1;
        let mut told_new = self.learn_brokers(answer.brokers);
        for topic in answer.topics {
            told_new |= self.new_topics.remove(&topic.topic);
            // The answer that the cluster is still without a leader: ask again.
            if topic.error.refreshes_metadata() || topic.partitions.iter().any(|p| p.error.refreshes_metadata()) {
                self.needs_full = true;
            }
            told_new |= self.learn_topic(topic);
        }
        let idle = SimDuration::from_ms(max_idle_ms);
        self.topics.retain(|_, topic| topic.last_used_at + idle >= now);
        let expired = self.refreshed_at + self.max_age <= now;
        self.refreshed_at = now;
        self.equal_answers = if told_new || expired { 0 } else { self.equal_answers.saturating_add(1) };
        // Even a wish after progress waits one back-off, as Java's client does.
        self.allowed_at = now + self.backoff.wait(self.equal_answers.saturating_sub(1), rng);
    }

    /// A greeting was answered: only the brokers are news.
    pub fn learn_brokers(&mut self, brokers: Vec<BrokerId>) -> bool {
        // An answer without any broker comes from one that the controller has told nothing yet.
        if brokers.is_empty() || brokers == self.brokers {
            return false;
        }
        self.brokers = brokers;
        true
    }

    fn learn_topic(&mut self, mut answer: TopicMetadata) -> bool {
        let Some(topic) = self.topics.get_mut(&answer.topic) else { return false };
        if let Some(known) = &topic.known
            && known.topic_id == answer.topic_id
        {
            for partition in &mut answer.partitions {
                // KIP-320: what is older than known is not taken.
                let newer = known.partitions.iter().find(|known| {
                    known.partition == partition.partition && known.leader_epoch > partition.leader_epoch
                });
                if let Some(newer) = newer {
                    *partition = newer.clone();
                }
            }
            if *known == answer {
                return false;
            }
        }
        topic.known = Some(answer);
        true
    }

    /// KIP-951: an error answer named the new leader. True if that was news.
    pub fn learn_leader(&mut self, tp: &TopicPartition, leader: BrokerId, leader_epoch: i32) -> bool {
        let partitions = self.topics.get_mut(&tp.topic).and_then(|topic| topic.known.as_mut());
        let partition =
            partitions.and_then(|known| known.partitions.iter_mut().find(|known| known.partition == tp.partition));
        match partition {
            Some(known) if known.leader_epoch < leader_epoch && self.brokers.contains(&leader) => {
                known.leader_id = leader;
                known.leader_epoch = leader_epoch;
                known.error = ErrorCode::None;
                true
            }
            _ => false,
        }
    }

    /// The topic's error in the last answer, if it is one that nothing can cure.
    pub fn fatal_error(&self, topic: &Name) -> Option<ErrorCode> {
        let error = self.topics.get(topic)?.known.as_ref()?.error;
        matches!(error, ErrorCode::InvalidTopicException | ErrorCode::TopicAuthorizationFailed).then_some(error)
    }

    /// A topic's partitions, by number; empty while unknown.
    pub fn partitions_of(&self, topic: &Name) -> &[PartitionMetadata] {
        match self.topics.get(topic).and_then(|topic| topic.known.as_ref()) {
            Some(known) if known.error == ErrorCode::None => &known.partitions,
            _ => &[],
        }
    }

    /// Every partition that is known, by topic and number.
    pub fn partition_count(&self) -> usize {
        self.topics.values().filter_map(|topic| topic.known.as_ref()).map(|known| known.partitions.len()).sum()
    }

    /// The leader and its epoch.
    pub fn leader_of(&self, tp: &TopicPartition) -> Option<(BrokerId, i32)> {
        let partitions = self.partitions_of(&tp.topic);
        // Answers list partitions by number, so that a partition stands at its number's place.
        let at_its_place = usize::try_from(tp.partition).ok().and_then(|place| partitions.get(place));
        let known = at_its_place
            .filter(|known| known.partition == tp.partition)
            .or_else(|| partitions.iter().find(|known| known.partition == tp.partition))?;
        (known.leader_id >= 0).then_some((known.leader_id, known.leader_epoch))
    }
}
