//! Writes down what the clients saw, for the oracle. Sends come from what each producer's application
//! knows, polls from what each consumer's polls returned.

use std::collections::{BTreeMap, BTreeSet};

use playground_core::ids::{Name, TopicPartition};
use playground_core::machine::Observation;
use playground_core::producer;
use playground_core::sim::{Observed, Process, World};

use super::transactional::Attempt;
use crate::jepsen::{History, Key, Kind, Micro, Op, Outcome, Value};

/// Numbers for names, in the order of appearance.
#[derive(Clone, Debug)]
struct Numbers<T> {
    known: BTreeMap<T, u32>,
    names: Vec<T>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self { known: BTreeMap::new(), names: Vec::new() }
    }
}

impl<T: Ord + Clone> Numbers<T> {
    fn of(&mut self, name: &T) -> u32 {
        if let Some(number) = self.known.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.known.insert(name.clone(), number);
        self.names.push(name.clone());
        number
    }

    fn name(&self, number: u32) -> Option<&T> {
        self.names.get(usize::try_from(number).ok()?)
    }
}

/// The recorder.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    processes: Numbers<Name>,
    keys: Numbers<TopicPartition>,
    values: Numbers<Name>,
    /// Polls and assignments with the consumer's isolation level.
    polls: Vec<(bool, Op)>,
    /// How many records of each consumer are written down.
    taken: BTreeMap<Name, usize>,
    /// The event that the last poll was part of.
    last_step: u64,
}

impl Recorder {
    /// The partition that a number stands for.
    pub fn key(&self, key: Key) -> Option<&TopicPartition> {
        self.keys.name(key)
    }

    /// What a number stands for.
    pub fn value(&self, value: Value) -> &str {
        self.values.name(value).map_or("?", |value| &**value)
    }

    fn op(&mut self, client: &Name, kind: Kind, micros: Vec<Micro>) -> Op {
        let process = self.processes.of(client);
        let rebalanced = BTreeSet::new();
        Op { process, kind, outcome: Outcome::Ok, micros, rebalanced }
    }

    /// Takes note of one event's observations.
    pub fn observe(&mut self, world: &World, observed: &[Observed]) {
        for one in observed {
            match &one.observation {
                Observation::RecordsRead { consumer, tp, from, to } => {
                    self.read(world, consumer, tp, (*from, *to), one.step);
                }
                Observation::PartitionsAssigned { consumer, partitions, .. }
                | Observation::PartitionsRevoked { consumer, partitions } => {
                    let mut op = self.op(consumer, Kind::Assign, Vec::new());
                    op.rebalanced = partitions.iter().map(|tp| self.keys.of(tp)).collect();
                    self.polls.push((is_committed(world, consumer), op));
                }
                // After an abort an application goes back to what is committed.
                Observation::TransactionCall { producer, call, error: None }
                    if &**call == "abortTransaction" && world.consumer(producer).is_some() =>
                {
                    let mut op = self.op(producer, Kind::Assign, Vec::new());
                    op.rebalanced = (0..u32::try_from(self.keys.names.len()).unwrap_or(u32::MAX)).collect();
                    self.polls.push((is_committed(world, producer), op));
                }
                _ => {}
            }
        }
    }

    fn read(&mut self, world: &World, consumer: &Name, tp: &TopicPartition, (from, to): (i64, i64), step: u64) {
        let Some(received) = world.consumer(consumer).map(|consumer| consumer.received()) else { return };
        let key = self.keys.of(tp);
        let mut records = Vec::new();
        let at = self.taken.get(consumer).copied().unwrap_or(0);
        let mut next = at;
        for record in received.since(at) {
            if &record.tp != tp || !(from..=to).contains(&record.offset()) {
                break;
            }
            let value = String::from_utf8_lossy(record.value().unwrap_or_default()).into_owned();
            records.push((record.offset(), self.values.of(&Name::from(value))));
            next += 1;
        }
        self.taken.insert(consumer.clone(), next);
        let mut op = self.op(consumer, Kind::Work, vec![Micro::Poll { key, records }]);
        let same_step = std::mem::replace(&mut self.last_step, step) == step;
        // What one event gives to a consumer comes from one poll.
        if let Some((_, last)) = self.polls.last_mut()
            && same_step
            && (last.process, last.kind) == (op.process, Kind::Work)
        {
            last.micros.append(&mut op.micros);
            return;
        }
        self.polls.push((is_committed(world, consumer), op));
    }

    /// The history as the consumers of one isolation level saw it, with all that was sent.
    pub fn history(&mut self, world: &World, attempts: &[Attempt], read_committed: bool) -> History {
        let mut ops: Vec<Op> = Vec::new();
        for (_, slot) in world.nodes() {
            let Process::Producer(producer) = &slot.process else { continue };
            let client = producer.client().clone();
            if producer.config().transactional_id.is_some() {
                continue;
            }
            for sent in producer.ledger() {
                if let Some(micro) = self.send(sent) {
                    let mut op = self.op(&client, Kind::Work, vec![micro]);
                    op.outcome = match &sent.outcome {
                        Some(producer::Outcome::Acked { .. }) => Outcome::Ok,
                        Some(producer::Outcome::Failed { .. }) | None => Outcome::Info,
                    };
                    ops.push(op);
                }
            }
        }
        for attempt in attempts {
            let Some(producer) = world.producer(&attempt.client) else { continue };
            let mine =
                |ticket: u64| attempt.tickets.iter().any(|(first, count)| (*first..first + count).contains(&ticket));
            let sent: Vec<_> = producer.ledger().filter(|sent| mine(sent.ticket)).collect();
            let micros = sent.into_iter().filter_map(|sent| self.send(sent)).collect();
            let mut op = self.op(&attempt.client, Kind::Work, micros);
            op.outcome = attempt.outcome;
            ops.push(op);
        }
        let polls = self.polls.iter().filter(|(committed, _)| *committed == read_committed);
        ops.extend(polls.map(|(_, op)| op.clone()));
        History { ops }
    }

    fn send(&mut self, sent: &producer::Sent) -> Option<Micro> {
        let value = self.values.of(sent.value.as_ref()?);
        Some(match &sent.outcome {
            Some(producer::Outcome::Acked { tp, offset }) => {
                Micro::Send { key: self.keys.of(tp), value, offset: (*offset >= 0).then_some(*offset) }
            }
            _ => Micro::Send { key: self.keys.of(sent.tp.as_ref()?), value, offset: None },
        })
    }
}

fn is_committed(world: &World, consumer: &Name) -> bool {
    world.consumer(consumer).is_some_and(|consumer| consumer.config().isolation_level.as_str() == "read_committed")
}
