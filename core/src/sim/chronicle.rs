//! What the ledger names as causes: leaders that began, logs that were cut, sends that were repeated,
//! readers that began, clients that died. All of it is rare beside the records.

use crate::collections::BTreeMap;

use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::Observation;
use crate::protocol::ErrorCode;
use crate::time::SimTime;

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

/// A consumer began to read a partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Started {
    /// When.
    pub at: SimTime,
    /// Who.
    pub consumer: Name,
    /// Where.
    pub offset: i64,
}

/// All of it, each list in order.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    leaders: BTreeMap<TopicPartition, Vec<Began>>,
    cuts: BTreeMap<TopicPartition, Vec<Cut>>,
    follows: BTreeMap<(TopicPartition, BrokerId), (BrokerId, i32)>,
    retries: BTreeMap<(Name, TopicPartition), Vec<Retried>>,
    starts: BTreeMap<TopicPartition, Vec<Started>>,
    ends: BTreeMap<Name, SimTime>,
    /// Notes taken.
    count: u64,
}

/// True for what the chronicle keeps.
pub(super) fn is_kept(observation: &Observation) -> bool {
    matches!(
        observation,
        Observation::BecameLeader { .. }
            | Observation::BecameFollower { .. }
            | Observation::Truncated { .. }
            | Observation::PageCacheLost { .. }
            | Observation::ProduceRetried { .. }
            | Observation::OffsetReset { .. }
            | Observation::ProcessKilled { .. }
    )
}

impl Chronicle {
    /// Takes note of it.
    pub(super) fn keep(&mut self, at: SimTime, observation: &Observation) {
        self.count += 1;
        match observation {
            Observation::BecameLeader { tp, broker, leader_epoch, start_offset } => {
                let (broker, leader_epoch, start_offset) = (*broker, *leader_epoch, *start_offset);
                self.leaders.entry(tp.clone()).or_default().push(Began { at, broker, leader_epoch, start_offset });
            }
            Observation::BecameFollower { tp, broker, leader, leader_epoch } => {
                self.follows.insert((tp.clone(), *broker), (*leader, *leader_epoch));
            }
            Observation::Truncated { tp, broker, from, to } => {
                let followed = self.follows.get(&(tp.clone(), *broker)).copied();
                self.cuts.entry(tp.clone()).or_default().push(Cut {
                    at,
                    broker: *broker,
                    from: *from,
                    to: *to,
                    followed,
                });
            }
            Observation::PageCacheLost { tp, broker, from, to } => {
                let cut = Cut { at, broker: *broker, from: *from, to: *to, followed: None };
                self.cuts.entry(tp.clone()).or_default().push(cut);
            }
            Observation::ProduceRetried { producer, tp, error } => {
                let retries = self.retries.entry((producer.clone(), tp.clone())).or_default();
                retries.push(Retried { at, error: *error });
            }
            Observation::OffsetReset { consumer, tp, offset } => {
                let started = Started { at, consumer: consumer.clone(), offset: *offset };
                self.starts.entry(tp.clone()).or_default().push(started);
            }
            Observation::ProcessKilled { node } => {
                self.ends.insert(node.clone(), at);
            }
            _ => {}
        }
    }

    /// Notes taken so far: a change tells of a new cause.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Leaders of a partition.
    pub fn leaders(&self, tp: &TopicPartition) -> &[Began] {
        self.leaders.get(tp).map_or(&[], Vec::as_slice)
    }

    /// Logs of a partition that were cut.
    pub fn cuts(&self, tp: &TopicPartition) -> &[Cut] {
        self.cuts.get(tp).map_or(&[], Vec::as_slice)
    }

    /// What a producer sent to a partition more than once.
    pub fn retries(&self, producer: &Name, tp: &TopicPartition) -> &[Retried] {
        self.retries.get(&(producer.clone(), tp.clone())).map_or(&[], Vec::as_slice)
    }

    /// Who began to read a partition.
    pub fn starts(&self, tp: &TopicPartition) -> &[Started] {
        self.starts.get(tp).map_or(&[], Vec::as_slice)
    }

    /// When a process was killed last.
    pub fn killed(&self, node: &str) -> Option<SimTime> {
        self.ends.iter().find(|(known, _)| known.as_str() == node).map(|(_, at)| *at)
    }
}
