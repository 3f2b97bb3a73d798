//! A `transactional.id` keeps its producer id, and its epochs only rise; each epoch belongs to one
//! producer alone (KIP-98, KIP-360: ClientsHaveDifferentProducerEpochs).

use crate::collections::BTreeMap;

use super::coordinators::{leads, written_by};
use super::ghost::Ghost;
use super::{Found, Promise};
use crate::ids::{Name, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;
use crate::transaction::TRANSACTION_STATE_TOPIC;

/// From this epoch on the id gets another producer id.
const EXHAUSTED: i16 = i16::MAX - 1;

/// Who has which epoch.
#[derive(Clone, Debug, Default)]
pub struct ProducersOfAnId {
    ids: BTreeMap<Name, (i64, i16)>,
    holders: BTreeMap<(i64, i16), Name>,
    /// A disk lost records of the ids: a replica that does not know them may coordinate one day.
    is_lost: bool,
}

impl ProducersOfAnId {
    /// A producer got its epoch, or a coordinator wrote one down.
    pub fn observe(&mut self, ghost: &Ghost, world: &World, observation: &Observation, found: &mut Found) {
        if self.is_lost {
            return;
        }
        match observation {
            Observation::ProducerIdAssigned { producer, producer_id, producer_epoch } => {
                let transactional = world.producer(producer).is_some_and(|p| p.config().transactional_id.is_some());
                let holder = self.holders.entry((*producer_id, *producer_epoch)).or_insert_with(|| producer.clone());
                if transactional && holder != producer {
                    let evidence =
                        format!("producer id {producer_id}, epoch {producer_epoch}: {holder} and {producer}");
                    found.push((Promise::OneProducerPerEpoch, evidence));
                }
            }
            Observation::TransactionChanged {
                transactional_id,
                coordinator,
                state,
                producer_id,
                producer_epoch,
                ..
            } => {
                let written = world.broker(*coordinator).and_then(|broker| written_by(broker, transactional_id, state));
                if written.is_some_and(|(hosted, _)| leads(ghost, world, *coordinator, &hosted.tp).is_some()) {
                    self.changed(transactional_id, (*producer_id, *producer_epoch), found);
                }
            }
            _ => {}
        }
    }

    /// A disk has forgotten: nothing is promised of the ids any more.
    pub fn lost(&mut self, tp: &TopicPartition) {
        self.is_lost |= &*tp.topic == TRANSACTION_STATE_TOPIC;
    }

    fn changed(&mut self, id: &Name, now: (i64, i16), found: &mut Found) {
        let Some(before) = self.ids.insert(id.clone(), now) else { return };
        let kept = if before.0 == now.0 { now.1 >= before.1 } else { before.1 >= EXHAUSTED };
        if !kept {
            let ((old_id, old_epoch), (new_id, new_epoch)) = (before, now);
            let evidence =
                format!("{id}: producer id {new_id}, epoch {new_epoch} after producer id {old_id}, epoch {old_epoch}");
            found.push((Promise::IdKeepsItsProducer, evidence));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_of_an_id_only_rise() {
        let (mut checker, mut found) = (ProducersOfAnId::default(), Vec::new());
        for now in [(7, 0), (7, 1), (7, 1), (7, EXHAUSTED), (8, 0)] {
            checker.changed(&"tx".into(), now, &mut found);
        }
        assert_eq!(found.len(), 0);
        checker.changed(&"tx".into(), (9, 0), &mut found);
        checker.changed(&"tx".into(), (9, 3), &mut found);
        checker.changed(&"tx".into(), (9, 2), &mut found);
        assert_eq!(found.len(), 2);
    }
}
