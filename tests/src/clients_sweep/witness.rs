//! What happened in a seed, from observations alone: the ledger's word on records and its causes are held
//! against these notes. Leaves out everything that the engine keeps for the ledger itself.

use std::collections::{BTreeMap, BTreeSet};

use playground_core::ids::{Name, TopicPartition};
use playground_core::machine::{COMMITTED_BY_TOOL, Observation};
use playground_core::sim::{Observed, World};
use playground_core::time::SimTime;

/// A leader that began, or a log that lost what lies from an offset on.
#[derive(Clone, Copy, Debug)]
pub struct LogEvent {
    pub at: SimTime,
    pub kind: LogEventKind,
}

/// Which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogEventKind {
    /// It began to lead where its log ended.
    Led { start_offset: i64 },
    /// Its log was cut.
    Cut { from: i64, to: i64 },
    /// It was elected, and may not know yet.
    Elected,
    /// One that had a successor, of whom it had not heard, took these.
    Deposed { first: i64, last: i64 },
}

impl LogEvent {
    /// A record at this offset may be gone by it.
    pub fn takes(&self, offset: i64) -> bool {
        match self.kind {
            LogEventKind::Led { start_offset } => start_offset <= offset,
            LogEventKind::Cut { from, to } => (to..from).contains(&offset),
            LogEventKind::Elected => true,
            LogEventKind::Deposed { first, last } => (first..=last).contains(&offset),
        }
    }
}

/// A record that was given to a consumer.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub at: SimTime,
    pub consumer: Name,
    pub value: Name,
}

/// The notes.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    /// Observations of the world that are noted already.
    seen: usize,
    /// Offsets and errors that producers were told, for each partition.
    acked: BTreeMap<(Name, TopicPartition), Vec<i64>>,
    failed: BTreeMap<(Name, TopicPartition), Vec<Name>>,
    /// Leaders and cuts, in order.
    log_events: BTreeMap<TopicPartition, Vec<LogEvent>>,
    /// The newest leader epoch that was written or begun.
    epochs: BTreeMap<TopicPartition, i32>,
    /// When a producer sent something again.
    retries: BTreeMap<(Name, TopicPartition), Vec<SimTime>>,
    /// What was given to consumers, by place.
    deliveries: BTreeMap<TopicPartition, BTreeMap<i64, Vec<Delivery>>>,
    /// Where a record was given to consumers, by its identity.
    places: BTreeMap<TopicPartition, BTreeMap<u64, BTreeSet<i64>>>,
    /// How many records of each consumer are noted.
    taken: BTreeMap<Name, usize>,
    /// When a group had its first position of all, and its first one in each partition.
    began: BTreeMap<Name, SimTime>,
    first: BTreeMap<(Name, TopicPartition), i64>,
    /// Where groups were taken to in a partition, by `auto.offset.reset` or a tool.
    taken_to: BTreeMap<TopicPartition, Vec<(SimTime, i64)>>,
    /// When clients ended, or were told of an error.
    ended: BTreeMap<Name, Vec<SimTime>>,
    /// When brokers and their connections were disturbed.
    disturbed: Vec<SimTime>,
}

impl Witness {
    /// Takes note of what the world tells and was not noted yet.
    pub fn observe(&mut self, world: &World) {
        let observed = world.observations();
        for one in observed.get(self.seen..).unwrap_or_default() {
            self.note(world, one);
        }
        self.seen = observed.len();
    }

    /// The world forgets what it has told.
    pub fn forgotten(&mut self) {
        self.seen = 0;
    }

    fn begins(&mut self, tp: &TopicPartition, leader_epoch: i32) {
        let newest = self.epochs.entry(tp.clone()).or_insert(leader_epoch);
        *newest = leader_epoch.max(*newest);
    }

    fn note(&mut self, world: &World, observed: &Observed) {
        let at = observed.at;
        match &observed.observation {
            Observation::RecordAcked { producer, tp, offset } => {
                self.acked.entry((producer.clone(), tp.clone())).or_default().push(*offset);
            }
            Observation::RecordFailed { producer, tp, error } => {
                self.failed.entry((producer.clone(), tp.clone())).or_default().push(error.clone());
            }
            Observation::BecameLeader { tp, start_offset, leader_epoch, .. } => {
                self.begins(tp, *leader_epoch);
                let kind = LogEventKind::Led { start_offset: *start_offset };
                self.log_events.entry(tp.clone()).or_default().push(LogEvent { at, kind });
            }
            Observation::Truncated { tp, from, to, .. } | Observation::PageCacheLost { tp, from, to, .. } => {
                let kind = LogEventKind::Cut { from: *from, to: *to };
                self.log_events.entry(tp.clone()).or_default().push(LogEvent { at, kind });
            }
            Observation::Appended { tp, base_offset, last_offset, leader_epoch, .. }
                if self.epochs.get(tp).is_some_and(|newest| leader_epoch < newest) =>
            {
                let kind = LogEventKind::Deposed { first: *base_offset, last: *last_offset };
                self.log_events.entry(tp.clone()).or_default().push(LogEvent { at, kind });
            }
            Observation::LeaderElected { tp, leader_epoch, .. } => {
                self.begins(tp, *leader_epoch);
                let event = LogEvent { at, kind: LogEventKind::Elected };
                self.log_events.entry(tp.clone()).or_default().push(event);
            }
            Observation::ProduceRetried { producer, tp, .. } => {
                self.retries.entry((producer.clone(), tp.clone())).or_default().push(at);
            }
            Observation::RecordsRead { consumer, tp, from, .. } => {
                self.begins_with(world, consumer, tp, *from, at);
                self.read(world, consumer, at);
            }
            Observation::OffsetReset { consumer, tp, offset } => {
                self.begins_with(world, consumer, tp, *offset, at);
                self.taken_to.entry(tp.clone()).or_default().push((at, *offset));
            }
            Observation::OffsetCommitted { group, tp, offset, generation: COMMITTED_BY_TOOL } => {
                self.begin(group.clone(), tp, *offset, at);
                self.taken_to.entry(tp.clone()).or_default().push((at, *offset));
            }
            Observation::ProcessKilled { node } | Observation::ProcessStopped { node } => {
                self.ended.entry(node.clone()).or_default().push(at);
                self.disturbed.push(at);
            }
            Observation::ClientError { client, .. } => self.ended.entry(client.clone()).or_default().push(at),
            Observation::FaultAdded { .. } | Observation::ProcessPaused { .. } | Observation::BrokerStopping { .. } => {
                self.disturbed.push(at);
            }
            _ => {}
        }
    }

    fn begins_with(&mut self, world: &World, consumer: &Name, tp: &TopicPartition, offset: i64, at: SimTime) {
        if let Some(consumer) = world.consumer(consumer) {
            self.begin(consumer.works_for().clone(), tp, offset, at);
        }
    }

    fn begin(&mut self, group: Name, tp: &TopicPartition, offset: i64, at: SimTime) {
        self.began.entry(group.clone()).or_insert(at);
        self.first.entry((group, tp.clone())).or_insert(offset);
    }

    /// What was sent then and lies there was there before the group began.
    pub fn was_before(&self, group: &Name, tp: &TopicPartition, offset: i64, sent_at: SimTime) -> bool {
        let first = self.first.get(&(group.clone(), tp.clone()));
        first.is_some_and(|first| offset < *first) && self.began.get(group).is_some_and(|began| sent_at < *began)
    }

    /// A group was taken beyond this offset at that time.
    pub fn was_taken_beyond(&self, tp: &TopicPartition, offset: i64, at: SimTime) -> bool {
        self.taken_to.get(tp).is_some_and(|all| all.iter().any(|(moved_at, to)| *moved_at == at && *to > offset))
    }

    fn read(&mut self, world: &World, consumer: &Name, at: SimTime) {
        let Some(received) = world.consumer(consumer).map(|consumer| consumer.received()) else { return };
        let taken = self.taken.entry(consumer.clone()).or_default();
        for record in received.since(*taken) {
            let value = Name::from(String::from_utf8_lossy(record.value().unwrap_or_default()).as_ref());
            let places = self.places.entry(record.tp.clone()).or_default();
            places.entry(record.identity()).or_default().insert(record.offset());
            let places = self.deliveries.entry(record.tp.clone()).or_default();
            places.entry(record.offset()).or_default().push(Delivery { at, consumer: consumer.clone(), value });
        }
        *taken = received.len();
    }

    /// The offsets that a producer was told, sorted.
    pub fn acked(&self, producer: &Name, tp: &TopicPartition) -> Vec<i64> {
        let mut offsets = self.acked.get(&(producer.clone(), tp.clone())).cloned().unwrap_or_default();
        offsets.sort_unstable();
        offsets
    }

    /// The errors that a producer was told, sorted.
    pub fn failed(&self, producer: &Name, tp: &TopicPartition) -> Vec<Name> {
        let mut errors = self.failed.get(&(producer.clone(), tp.clone())).cloned().unwrap_or_default();
        errors.sort_unstable();
        errors
    }

    /// Leaders and cuts of a partition.
    pub fn log_events(&self, tp: &TopicPartition) -> &[LogEvent] {
        self.log_events.get(tp).map_or(&[], Vec::as_slice)
    }

    /// When a producer sent something to a partition again.
    pub fn retries(&self, producer: &Name, tp: &TopicPartition) -> &[SimTime] {
        self.retries.get(&(producer.clone(), tp.clone())).map_or(&[], Vec::as_slice)
    }

    /// The offsets at which this record was given to consumers, whatever became of it since.
    pub fn places(&self, tp: &TopicPartition, identity: u64) -> impl Iterator<Item = i64> {
        let of_partition = self.places.get(tp);
        of_partition.and_then(|all| all.get(&identity)).into_iter().flatten().copied()
    }

    /// To whom this record was given, and when.
    pub fn deliveries<'a>(
        &'a self,
        tp: &TopicPartition,
        offset: i64,
        value: &'a str,
    ) -> impl Iterator<Item = &'a Delivery> {
        let there = self.deliveries.get(tp).and_then(|places| places.get(&offset)).map_or(&[][..], Vec::as_slice);
        there.iter().filter(move |delivery| *delivery.value == *value)
    }

    /// When a client ended or was told of an error.
    pub fn ended(&self, client: &Name) -> &[SimTime] {
        self.ended.get(client).map_or(&[], Vec::as_slice)
    }

    /// Something was done to a process or to the network in this stretch of time.
    pub fn was_disturbed(&self, from: SimTime, to: SimTime) -> bool {
        self.disturbed.iter().any(|at| (from..=to).contains(at))
    }
}
