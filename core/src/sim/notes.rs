//! What the world tells the chronicle: it knows the processes that its observations are about.

use std::rc::Rc;

use super::chronicle::{AUTO_RESET, AbortedByHand, Removed, is_kept};
use super::world::World;
use crate::consumer::{Consumer, Received};
use crate::ids::{Name, NodeId, TopicPartition};
use crate::machine::{COMMITTED_BY_TOOL, Observation};

impl World {
    /// Takes note of what may be the cause of something. Of clients it needs to know the client, too.
    pub(super) fn note_cause(&mut self, node: &NodeId, observation: &Observation) {
        if is_kept(observation) {
            return Rc::make_mut(&mut self.chronicle).keep(self.now, observation);
        }
        let (name, how): (_, Name) = match observation {
            Observation::SegmentsDeleted { tp, broker, removed, .. }
            | Observation::LogStartOffsetMoved { tp, broker, removed, .. } => {
                return Rc::make_mut(&mut self.chronicle).removed(tp, self.now, *broker, Removed::Retention, removed);
            }
            Observation::LogCleaned { tp, broker, removed, .. } => {
                return Rc::make_mut(&mut self.chronicle).removed(tp, self.now, *broker, Removed::Cleaner, removed);
            }
            Observation::ReplicaStopped { tp, broker, removed: Some(removed), .. } => {
                return Rc::make_mut(&mut self.chronicle).removed(tp, self.now, *broker, Removed::Topic, removed);
            }
            Observation::RecordsRead { tp, from, to, .. } => {
                let (Some(group), NodeId::Client(consumer)) = (self.works_for(node), node) else { return };
                let chronicle = Rc::make_mut(&mut self.chronicle);
                if chronicle.read(self.now, &group, tp, consumer, (*from, *to + 1))
                    && let Some(all) = self.consumer_named(consumer).map(Consumer::received)
                {
                    // They are the last of what it has been given, with those of other partitions.
                    let first = |one: &&Received| one.offset() == *from && one.tp == *tp;
                    let since = all.iter().rev().position(|one| first(&one));
                    let received = all.len() - since.map_or(0, |since| since + 1);
                    Rc::make_mut(&mut self.chronicle).began_after(tp, received);
                }
                return;
            }
            Observation::OffsetReset { tp, offset, .. } => {
                return self.note_move(node, tp, *offset, AUTO_RESET);
            }
            Observation::OffsetCommitted { group, tp, offset, generation: COMMITTED_BY_TOOL } => {
                let chronicle = Rc::make_mut(&mut self.chronicle);
                return chronicle.moved(self.now, tp, group, None, *offset, "--reset-offsets");
            }
            Observation::MarkerAppended { tp, offset, producer_id, producer_epoch, by_coordinator: false, .. } => {
                let (at, tp, committed) = (self.now, tp.clone(), None);
                let (producer_id, producer_epoch, offset) = (*producer_id, *producer_epoch, *offset);
                let chronicle = Rc::make_mut(&mut self.chronicle);
                return chronicle.aborted(AbortedByHand { at, tp, producer_id, producer_epoch, offset, committed });
            }
            Observation::ProcessKilled { node } => (node, "was killed".into()),
            Observation::ProcessStopped { node } => (node, "was stopped".into()),
            Observation::ClientError { client, error } => (client, format!("was told {error}").into()),
            _ => return,
        };
        let received = self.consumer(name).map_or(0, |consumer| consumer.received().len());
        let chronicle = Rc::make_mut(&mut self.chronicle);
        if !matches!(observation, Observation::ClientError { .. }) {
            chronicle.disturb(self.now, format!("{name} {how}").into());
        }
        chronicle.ended(name, self.now, how, received);
    }

    /// Whose work it is what a consumer in this process is given.
    pub(super) fn works_for(&self, node: &NodeId) -> Option<Name> {
        Some(self.slot(node)?.process.reader()?.works_for().clone())
    }

    /// The position of a consumer was moved.
    pub(super) fn note_move(&mut self, node: &NodeId, tp: &TopicPartition, to: i64, by: &str) {
        let (Some(group), NodeId::Client(consumer)) = (self.works_for(node), node) else { return };
        Rc::make_mut(&mut self.chronicle).moved(self.now, tp, &group, Some(consumer), to, by);
    }

    /// The coordinator decides what becomes of a transaction.
    pub(super) fn note_decision(&mut self, producer_id: i64, producer_epoch: i16, committed: bool) {
        if !self.chronicle.aborted_by_hand().is_empty() {
            Rc::make_mut(&mut self.chronicle).decided(producer_id, producer_epoch, committed);
        }
    }
}
