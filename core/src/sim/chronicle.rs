//! What the ledger names as causes: leaders that were elected and began, logs that were cut, sends that were
//! repeated, readers that began again, positions that were moved, clients that ended or were refused, transactions that
//! an operator aborted; and records that were removed. What it keeps is rare beside the records, but for those that were
//! removed, and for how far each group has been given a partition, which it has to follow with every poll.

use crate::collections::{BTreeMap, OnWrite, SharedList};
use std::rc::Rc;

use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::RemovedRecord;
use crate::machine::Observation;
use crate::protocol::ErrorCode;
use crate::time::SimTime;

/// What moves a position where nothing is committed.
pub(super) const AUTO_RESET: &str = "auto.offset.reset";

/// A leader began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Began {
    /// When.
    pub at: SimTime,
    /// Who.
    pub broker: BrokerId,
    /// In which epoch.
    pub leader_epoch: i32,
    /// Where its log ended.
    pub start_offset: i64,
}

/// A log lost its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// When.
    pub at: SimTime,
    /// Whose.
    pub broker: BrokerId,
    /// Its end before.
    pub from: i64,
    /// And after.
    pub to: i64,
    /// The leader that it followed by then, and its epoch; `None` if the power failed.
    pub followed: Option<(BrokerId, i32)>,
}

/// A batch was sent again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retried {
    /// When.
    pub at: SimTime,
    /// After which answer.
    pub error: ErrorCode,
}

/// A consumer began to read what its group had been given before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Started {
    /// When.
    pub at: SimTime,
    /// Who.
    pub consumer: Name,
    /// Whose work it is.
    pub group: Name,
    /// From where on.
    pub offset: i64,
    /// How many records it had been given before; `None` in a tool, of which nobody keeps what it was given.
    pub received: Option<usize>,
    /// A person had moved it there: when, and in words.
    pub moved: Option<(SimTime, Name)>,
}

/// A group's position in a partition was moved, other than by reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// When.
    pub at: SimTime,
    /// Whose.
    pub group: Name,
    /// Whose consumer's; `None` if it is the group's committed offset.
    consumer: Option<Name>,
    /// To where.
    pub to: i64,
    /// In words.
    pub how: Name,
}

/// `kafka-transactions.sh abort` ended a transaction in a partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AbortedByHand {
    /// When.
    pub at: SimTime,
    /// Where.
    pub tp: TopicPartition,
    /// Whose.
    pub producer_id: i64,
    /// In which epoch.
    pub producer_epoch: i16,
    /// Of its marker.
    pub offset: i64,
    /// Its coordinator commits the transaction later, or aborts it.
    pub committed: Option<bool>,
}

/// How far a group has been given a partition.
#[derive(Clone, Debug)]
struct Reading {
    group: Name,
    /// Its first position.
    first: i64,
    /// Behind the furthest record.
    end: i64,
    /// Who was given records last, and the offset behind them.
    last: (Name, i64),
    /// Which of the partition's moves it has not gone on from yet.
    moved: Option<usize>,
}

/// What took acknowledged records away as it was told to: nothing was lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Removed {
    /// `retention.ms`, `retention.bytes` or DeleteRecords.
    Retention,
    /// The log cleaner: mostly, the key has a newer value.
    Cleaner,
    /// The topic was deleted; one with the same name is another.
    Topic,
}

/// Records of a partition that were taken from a broker's log, none of which was lost before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Removal {
    /// When.
    pub at: SimTime,
    /// By what.
    pub by: Removed,
    /// Which.
    pub records: Rc<Vec<RemovedRecord>>,
}

/// A process was killed or stopped, or a client was told of an error.
#[derive(Clone, Debug)]
pub struct Ended {
    /// When.
    pub at: SimTime,
    /// Which, in words.
    pub how: Name,
    /// How many records it had been given by then.
    pub received: usize,
}

/// What is kept of a partition.
#[derive(Clone, Debug, Default)]
struct OfPartition {
    leaders: SharedList<Began>,
    cuts: Vec<Cut>,
    starts: Vec<Started>,
    readings: Vec<Reading>,
    moves: Vec<Moved>,
    elected: Option<(SimTime, BrokerId)>,
    /// Whom each replica follows, and in which epoch.
    follows: Vec<(BrokerId, (BrokerId, i32))>,
    retries: Vec<(Name, Vec<Retried>)>,
    removals: Vec<Removal>,
    /// How many of the leaders are of topics of this name that were deleted.
    of_deleted: usize,
    /// The topic has been deleted, and nobody has led one of its name since.
    is_deleted: bool,
}

/// All of it, each list in order.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    partitions: BTreeMap<TopicPartition, OnWrite<OfPartition>>,
    ends: BTreeMap<Name, Vec<Ended>>,
    disturbed: Vec<(SimTime, Name)>,
    /// When each group had its first position.
    groups: Vec<(Name, SimTime)>,
    aborted: Vec<AbortedByHand>,
    /// Notes taken.
    count: u64,
}

/// True for what the chronicle keeps as it is.
pub(super) fn is_kept(observation: &Observation) -> bool {
    matches!(
        observation,
        Observation::BecameLeader { .. }
            | Observation::BecameFollower { .. }
            | Observation::Truncated { .. }
            | Observation::PageCacheLost { .. }
            | Observation::ProduceRetried { .. }
            | Observation::LeaderElected { .. }
            | Observation::FaultAdded { .. }
            | Observation::ProcessPaused { .. }
    )
}

impl Chronicle {
    fn of(&mut self, tp: &TopicPartition) -> &mut OfPartition {
        self.partitions.entry(tp.clone()).or_default()
    }

    /// Takes note of it.
    pub(super) fn keep(&mut self, at: SimTime, observation: &Observation) {
        self.count += 1;
        match observation {
            Observation::BecameLeader { tp, broker, leader_epoch, start_offset } => {
                let (broker, leader_epoch, start_offset) = (*broker, *leader_epoch, *start_offset);
                let began = Began { at, broker, leader_epoch, start_offset };
                let known = self.of(tp);
                if std::mem::take(&mut known.is_deleted) {
                    // What a group was given of the topic before says nothing of this one.
                    (known.of_deleted, known.readings) = (known.leaders.len(), Vec::new());
                }
                known.leaders.push(began);
            }
            Observation::BecameFollower { tp, broker, leader, leader_epoch } => {
                let follows = &mut self.of(tp).follows;
                follows.retain(|(follower, _)| follower != broker);
                follows.push((*broker, (*leader, *leader_epoch)));
            }
            Observation::Truncated { tp, broker, from, to } => {
                let known = self.of(tp);
                let followed = known.follows.iter().find(|(follower, _)| follower == broker).map(|(_, leader)| *leader);
                self.of(tp).cuts.push(Cut { at, broker: *broker, from: *from, to: *to, followed });
            }
            Observation::PageCacheLost { tp, broker, from, to } => {
                let cut = Cut { at, broker: *broker, from: *from, to: *to, followed: None };
                self.of(tp).cuts.push(cut);
            }
            Observation::ProduceRetried { producer, tp, error } => {
                let (all, retried) = (&mut self.of(tp).retries, Retried { at, error: *error });
                match all.iter_mut().find(|(known, _)| known == producer) {
                    Some((_, retries)) => retries.push(retried),
                    None => all.push((producer.clone(), vec![retried])),
                }
            }
            Observation::LeaderElected { tp, leader, .. } => {
                self.of(tp).elected = Some((at, *leader));
            }
            Observation::FaultAdded { .. } | Observation::ProcessPaused { .. } => {
                self.disturbed.push((at, observation.to_string().into()));
            }
            _ => {}
        }
    }

    /// These records were taken from a broker's log. Those were lost before that a newer leader began without, unless
    /// the broker has led with them since then. Leaves out that another may have led with them, whom it follows.
    pub(super) fn removed(
        &mut self,
        tp: &TopicPartition,
        at: SimTime,
        broker: BrokerId,
        by: Removed,
        records: &Rc<Vec<RemovedRecord>>,
    ) {
        let known = self.of(tp);
        let leaders = || known.leaders.iter().skip(known.of_deleted);
        let led = leaders().filter(|one| one.broker == broker).map(|one| one.leader_epoch).max();
        let is_lost = |record: &RemovedRecord| {
            let newer = |one: &&Began| one.leader_epoch > record.leader_epoch && Some(one.leader_epoch) > led;
            leaders().filter(newer).any(|one| one.start_offset <= record.offset)
        };
        let records = match records.iter().any(is_lost) {
            true => Rc::new(records.iter().filter(|record| !is_lost(record)).copied().collect()),
            false => records.clone(),
        };
        known.is_deleted |= by == Removed::Topic;
        // That a topic is deleted is worth a note even if nothing was in it.
        if by == Removed::Topic || !records.is_empty() {
            known.removals.push(Removal { at, by, records });
        }
    }

    /// A process ended or was told of an error, after it had been given so many records.
    pub(super) fn ended(&mut self, client: &Name, at: SimTime, how: Name, received: usize) {
        self.count += 1;
        self.ends.entry(client.clone()).or_default().push(Ended { at, how, received });
    }

    /// What is known of the partition, and which of its readings is the group's. It begins here if it has not yet.
    fn begin(&mut self, at: SimTime, group: &Name, tp: &TopicPartition, first: i64) -> (&mut OfPartition, usize) {
        let known: &mut OfPartition = self.partitions.entry(tp.clone()).or_default();
        let place = known.readings.iter().position(|reading| reading.group == *group).unwrap_or_else(|| {
            self.count += 1;
            if self.groups.iter().all(|(known, _)| known != group) {
                self.groups.push((group.clone(), at));
            }
            let last = (group.clone(), i64::MAX);
            known.readings.push(Reading { group: group.clone(), first, end: i64::MIN, last, moved: None });
            known.readings.len() - 1
        });
        (known, place)
    }

    /// A member of the group was given these records. True if it begins with what the group had been given, which is
    /// worth a note.
    pub(super) fn read(
        &mut self,
        at: SimTime,
        group: &Name,
        tp: &TopicPartition,
        consumer: &Name,
        (from, end): (i64, i64),
    ) -> bool {
        let (known, place) = self.begin(at, group, tp, from);
        let (reading, moves) = (&mut known.readings[place], &known.moves);
        let goes_on = reading.last.0 == *consumer && reading.last.1 <= from;
        let again = from < reading.end && !goes_on;
        reading.end = reading.end.max(end);
        reading.last = (consumer.clone(), end);
        // Another member goes on from where it was.
        let is_its = |number: &mut usize| moves[*number].consumer.as_ref().is_none_or(|moved| moved == consumer);
        let moved = reading.moved.take_if(is_its).map(|number| (moves[number].at, moves[number].how.clone()));
        if again {
            let (consumer, group) = (consumer.clone(), group.clone());
            known.starts.push(Started { at, consumer, group, offset: from, received: None, moved });
            self.count += 1;
        }
        again
    }

    /// A position was moved, the consumer's or the committed one of its group.
    pub(super) fn moved(
        &mut self,
        at: SimTime,
        tp: &TopicPartition,
        group: &Name,
        consumer: Option<&Name>,
        to: i64,
        by: &str,
    ) {
        self.count += 1;
        let who = consumer.unwrap_or(group);
        let how = format!("{who} was taken to {tp} offset {to} by {by} at {at}").into();
        let (known, place) = self.begin(at, group, tp, to);
        // Who begins where `auto.offset.reset` says does so because nothing was committed.
        if by != AUTO_RESET {
            known.readings[place].moved = Some(known.moves.len());
        }
        known.moves.push(Moved { at, group: group.clone(), consumer: consumer.cloned(), to, how });
    }

    /// Of what the last reader that began again had been given before.
    pub(super) fn began_after(&mut self, tp: &TopicPartition, received: usize) {
        if let Some(started) = self.of(tp).starts.last_mut() {
            started.received = Some(received);
        }
    }

    /// Something was done to a process.
    pub(super) fn disturb(&mut self, at: SimTime, what: Name) {
        self.disturbed.push((at, what));
    }

    /// An operator has ended a transaction.
    pub(super) fn aborted(&mut self, aborted: AbortedByHand) {
        self.count += 1;
        self.aborted.push(aborted);
    }

    /// What becomes of transactions that an operator has ended in one of their partitions.
    pub(super) fn decided(&mut self, producer_id: i64, epoch: i16, committed: bool) {
        let open = self.aborted.iter_mut().filter(|one| one.producer_id == producer_id && one.committed.is_none());
        for one in open {
            one.committed = Some(committed && one.producer_epoch == epoch);
            self.count += 1;
        }
    }

    /// Notes taken so far: a change tells of a new cause.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Leaders of a partition.
    pub fn leaders(&self, tp: &TopicPartition) -> impl DoubleEndedIterator<Item = &Began> + Clone {
        self.partitions.get(tp).into_iter().flat_map(|known| known.leaders.iter())
    }

    /// Logs of a partition that were cut.
    pub fn cuts(&self, tp: &TopicPartition) -> &[Cut] {
        self.partitions.get(tp).map_or(&[], |known| &known.cuts)
    }

    /// What rules took from logs of a partition, replica by replica: most records several times.
    pub fn removals(&self, tp: &TopicPartition) -> &[Removal] {
        self.partitions.get(tp).map_or(&[], |known| &known.removals)
    }

    /// What a producer sent to a partition more than once.
    pub fn retries(&self, producer: &Name, tp: &TopicPartition) -> &[Retried] {
        let all = self.partitions.get(tp).map_or(&[][..], |known| &known.retries);
        all.iter().find(|(known, _)| known == producer).map_or(&[], |(_, retries)| retries)
    }

    /// Who began to read again what its group had been given of a partition.
    pub fn starts(&self, tp: &TopicPartition) -> &[Started] {
        self.partitions.get(tp).map_or(&[], |known| &known.starts)
    }

    /// Positions in a partition that were moved.
    pub fn moves(&self, tp: &TopicPartition) -> &[Moved] {
        self.partitions.get(tp).map_or(&[], |known| &known.moves)
    }

    /// When a group had its first position, and where that was in the partition.
    pub fn began(&self, group: &Name, tp: &TopicPartition) -> Option<(SimTime, i64)> {
        let reading = self.partitions.get(tp)?.readings.iter().find(|reading| reading.group == *group)?;
        let (_, at) = self.groups.iter().find(|(known, _)| known == group)?;
        Some((*at, reading.first))
    }

    /// Transactions that an operator has ended in one of their partitions.
    pub fn aborted_by_hand(&self) -> &[AbortedByHand] {
        &self.aborted
    }

    /// How often and when a client's process ended, or it was told of an error.
    pub fn ends(&self, node: &Name) -> &[Ended] {
        self.ends.get(node).map_or(&[], Vec::as_slice)
    }

    /// What was done to processes and to the network, and when.
    pub fn disturbed(&self) -> &[(SimTime, Name)] {
        &self.disturbed
    }

    /// When the partition's leader was elected last, and who it is. It may not know yet.
    pub fn elected(&self, tp: &TopicPartition) -> Option<(SimTime, BrokerId)> {
        self.partitions.get(tp)?.elected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_leader_began_without_was_lost_before_it_was_removed() {
        let tp = TopicPartition::new("t", 0);
        let mut chronicle = Chronicle::default();
        let mut led = |broker, leader_epoch, start_offset| {
            let tp = tp.clone();
            let began = Observation::BecameLeader { tp, broker, leader_epoch, start_offset };
            chronicle.keep(SimTime::ZERO, &began);
        };
        // 102 began without what 101 had at 5 and 6; 101 has led again with both since then.
        led(101, 0, 0);
        led(102, 1, 5);
        let record = |offset| RemovedRecord { offset, leader_epoch: 0, identity: offset as u64 };
        let all = Rc::new(vec![record(4), record(5), record(6)]);
        let kept = |chronicle: &mut Chronicle, broker| -> Vec<i64> {
            chronicle.removed(&tp, SimTime::ZERO, broker, Removed::Retention, &all);
            chronicle
                .removals(&tp)
                .iter()
                .next_back()
                .map_or_else(Vec::new, |removal| removal.records.iter().map(|record| record.offset).collect())
        };
        assert_eq!((kept(&mut chronicle, 101), kept(&mut chronicle, 103)), (vec![4], vec![4]));
        let began = Observation::BecameLeader { tp: tp.clone(), broker: 101, leader_epoch: 2, start_offset: 7 };
        chronicle.keep(SimTime::ZERO, &began);
        assert_eq!((kept(&mut chronicle, 101), kept(&mut chronicle, 103)), (vec![4, 5, 6], vec![4]));
        // Of the next topic of that name nobody has begun without anything.
        chronicle.removed(&tp, SimTime::ZERO, 101, Removed::Topic, &Rc::default());
        let began = Observation::BecameLeader { tp: tp.clone(), broker: 103, leader_epoch: 0, start_offset: 0 };
        chronicle.keep(SimTime::ZERO, &began);
        assert_eq!(kept(&mut chronicle, 103), [4, 5, 6]);
    }
}
