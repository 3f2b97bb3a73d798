//! What a cluster at rest looks like, line by line, and what must be in its logs then.

use std::collections::BTreeMap;

use playground_core::broker::{Broker, is_internal};
use playground_core::ids::{BrokerId, TopicPartition};
use playground_core::producer::Outcome;
use playground_core::sim::ProcState;
use playground_core::time::SimDuration;

use super::Options;
use super::run::{GROUP, Sweep};

impl Options {
    /// How long a healed cluster may take: the sessions of before end twice over (a broker that finds
    /// its former life's session starts again), a request is given up, followers catch up, the group
    /// rebalances, producers give up what is too old.
    pub fn bound(&self) -> SimDuration {
        let (request_timeout_ms, delivery_timeout_ms, group_session_ms) = (6_000, 15_000, 6_000);
        // Connections that a fault had silenced are sent again at TCP's pace: up to twice the outage.
        let resent_ms = 2 * self.faults_ms;
        let sum = 2 * self.session_timeout_ms + self.replica_lag_ms + 5 * request_timeout_ms + delivery_timeout_ms;
        SimDuration::from_ms(sum + 2 * group_session_ms + resent_ms + 30_000)
    }
}

impl Sweep {
    /// The first thing that is not as it is in a cluster at rest.
    pub fn unrest(&self) -> Option<String> {
        let all = self.world.genesis().brokers.clone();
        for id in &all {
            let Some(broker) = self.world.broker(*id) else { return Some(format!("broker {id} is down")) };
            if !broker.is_registered() {
                return Some(format!("broker {id} is not registered"));
            }
        }
        let Some(controller) = self.world.controller() else { return Some("there is no controller".into()) };
        let broker = self.world.broker(controller)?;
        if broker.metadata().partitions.is_empty() {
            return Some(format!("controller {controller} knows no partition"));
        }
        for id in &all {
            if let Some(difference) = self.world.broker(*id).and_then(|other| other_metadata(broker, other)) {
                return Some(format!("{difference} on {id}"));
            }
        }
        let unsettled = broker.metadata().partitions.keys().find_map(|tp| self.unsettled(broker, tp));
        unsettled.or_else(|| self.unsettled_clients(broker))
    }

    fn unsettled(&self, controller: &Broker, tp: &TopicPartition) -> Option<String> {
        let leader = controller.known_leader(tp);
        let hosted = leader.and_then(|id| self.world.broker(id)).and_then(|broker| broker.partitions().get(tp));
        let Some(partition) = hosted.filter(|partition| partition.is_leader) else {
            let told = controller.leadership(tp).map(|known| &known.state);
            let looks = controller.looks_for_leader(tp);
            return Some(format!("{tp} is led by nobody, {leader:?} should: {told:?}, election to come: {looks}"));
        };
        if partition.isr.len() != partition.replicas.len() {
            return Some(format!("the ISR of {tp} is {:?} of {:?}", partition.isr, partition.replicas));
        }
        if partition.pending_isr.is_some() {
            return Some(format!("the leader of {tp} waits for an answer to AlterPartition"));
        }
        let end = partition.log.log_end_offset();
        for id in &partition.replicas {
            let Some(replica) = self.world.broker(*id).and_then(|broker| broker.partitions().get(tp)) else {
                return Some(format!("{id} has no replica of {tp}"));
            };
            let (own, high_watermark) = (replica.log.log_end_offset(), replica.log.high_watermark());
            // Readers commit all the time, so the offsets' topic is never quite copied.
            if (own, high_watermark) != (end, end) && !is_internal(&tp.topic) {
                return Some(format!("{tp} on {id}: end {own}, high watermark {high_watermark}, its leader has {end}"));
            }
        }
        None
    }

    fn unsettled_clients(&self, controller: &Broker) -> Option<String> {
        for name in self.producers() {
            let open = self.world.producer(&name)?.ledger().find(|sent| sent.outcome.is_none());
            if let Some(sent) = open {
                return Some(format!("{name} does not know what became of {:?}", sent.value));
            }
        }
        if self.options.consumers == 0 {
            return None;
        }
        let mut owned: Vec<TopicPartition> = Vec::new();
        let mut generations = Vec::new();
        for node in self.readers(ProcState::Running) {
            let Some(consumer) = self.world.consumer(&node.to_string()) else { continue };
            for tp in consumer.assignment() {
                let leader = controller.known_leader(&tp).and_then(|id| self.world.broker(id));
                let end = leader.and_then(|leader| leader.log(&tp)).map(|log| log.high_watermark());
                if consumer.position(&tp) != end {
                    return Some(format!("{node} is at {:?} of {tp}, which ends at {end:?}", consumer.position(&tp)));
                }
                owned.push(tp);
            }
            generations.push(consumer.generation());
        }
        owned.sort();
        generations.dedup();
        let topics = &self.options.topics;
        let expected: Vec<TopicPartition> = controller
            .metadata()
            .partitions
            .keys()
            .filter(|tp| topics.iter().any(|topic| topic.name == tp.topic.as_str()))
            .cloned()
            .collect();
        if generations.len() != 1 {
            return Some(format!("members of {GROUP} are in generations {generations:?}"));
        }
        (owned != expected).then(|| format!("the members of {GROUP} own {owned:?}"))
    }

    /// What was acknowledged with acks=all lies in its leader's log where the producer was told, unless
    /// Kafka allowed a loss there; what an idempotent producer sent lies nowhere twice.
    pub fn ledger_holds(&self) -> Result<(), String> {
        let controller = self.world.controller().and_then(|id| self.world.broker(id)).ok_or("no controller")?;
        let mut values: BTreeMap<TopicPartition, BTreeMap<i64, &[u8]>> = BTreeMap::new();
        let mut places: BTreeMap<&[u8], (&TopicPartition, i64)> = BTreeMap::new();
        let unique: Vec<String> =
            self.options.producers.iter().filter(|p| p.idempotent).map(|p| format!("{}-", p.name)).collect();
        for tp in controller.metadata().partitions.keys() {
            let leader = controller.known_leader(tp).and_then(|id| self.world.broker(id)).ok_or("no leader")?;
            let log = leader.log(tp).ok_or("no log")?;
            let of_partition = values.entry(tp.clone()).or_default();
            for (base, record) in log.batches().flat_map(|batch| batch.records.iter().map(|r| (batch.base_offset, r))) {
                let offset = base + i64::from(record.offset_delta);
                let value = record.value.as_deref().unwrap_or_default();
                of_partition.insert(offset, value);
                if unique.iter().any(|prefix| value.starts_with(prefix.as_bytes()))
                    && let Some((other, at)) = places.insert(value, (tp, offset))
                {
                    let value = String::from_utf8_lossy(value);
                    return Err(format!("{value} is at {other} offset {at} and at {tp} offset {offset}"));
                }
            }
        }
        for producer in self.options.producers.iter().filter(|producer| producer.acks == "all") {
            let Some(ledger) = self.world.producer(&producer.name).map(|p| p.ledger()) else { continue };
            for sent in ledger {
                let Some(Outcome::Acked { tp, offset }) = &sent.outcome else { continue };
                // What an administrator or the retention deleted lies below the log's start.
                let leader = controller.known_leader(tp).and_then(|id| self.world.broker(id));
                let start = leader.and_then(|leader| leader.log(tp)).map_or(0, |log| log.log_start_offset());
                if *offset < start || self.promises.allowed_loss(tp).is_some() {
                    continue;
                }
                let there = values.get(tp).and_then(|values| values.get(offset)).copied();
                if there != sent.value.as_ref().map(|value| value.as_bytes()) {
                    return Err(format!("{:?} was acknowledged as {tp} offset {offset}, but is not there", sent.value));
                }
            }
        }
        Ok(())
    }
}

/// The first thing that another broker knows otherwise than the controller's.
fn other_metadata(controller: &Broker, other: &Broker) -> Option<String> {
    let (here, there) = (controller.metadata(), other.metadata());
    if here.controller != there.controller {
        return Some(format!("controller {:?} instead of {:?} is known", there.controller, here.controller));
    }
    if here.alive != there.alive {
        return Some(format!("live brokers {:?} instead of {:?} are known", there.alive, here.alive));
    }
    let state = |broker: &Broker, tp: &TopicPartition| -> Option<(BrokerId, i32, Vec<BrokerId>)> {
        let state = broker.metadata().partitions.get(tp)?;
        Some((state.leader, state.leader_epoch, state.isr.clone()))
    };
    // What the controller no longer knows, a broker may still: one that was cut off while a topic was
    // deleted is not told by the next controller.
    let mut different = here.partitions.keys().filter(|tp| state(controller, tp) != state(other, tp));
    different.next().map(|tp| format!("{tp}: {:?} instead of {:?} is known", state(other, tp), state(controller, tp)))
}
