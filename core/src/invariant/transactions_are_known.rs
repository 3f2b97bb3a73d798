//! A record opens a transaction in a partition only if the coordinator has the partition in a
//! transaction that is not over (KIP-890 part 1): otherwise nobody would ever end it. And a marker ends
//! a transaction only while it is decided so (KIP-98).

use super::coordinators::{leads, transaction_of};
use super::ghost::Ghost;
use super::{Found, Promise};
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;
use crate::transaction::TransactionState;

/// A leader appended records or a marker.
pub fn observe(ghost: &Ghost, world: &World, observation: &Observation, found: &mut Found) {
    match observation {
        Observation::Appended { tp, broker, base_offset, .. } => {
            opened(ghost, world, tp, *broker, *base_offset, found);
        }
        // What a deposed leader appends will be cut.
        Observation::MarkerAppended { tp, broker, committed, producer_id, by_coordinator: true, .. }
            if leads(ghost, world, *broker, tp).is_some() =>
        {
            marked(ghost, world, tp, *producer_id, *committed, found);
        }
        _ => {}
    }
}

fn opened(ghost: &Ghost, world: &World, tp: &TopicPartition, broker: BrokerId, offset: i64, found: &mut Found) {
    let Some(log) = world.broker(broker).and_then(|broker| broker.log(tp)) else { return };
    let Some((first, producer_id)) = log.producers().ongoing().find(|(first, _)| *first == offset) else { return };
    if leads(ghost, world, broker, tp).is_none() {
        return;
    }
    let Some(known) = transaction_of(ghost, world, producer_id) else { return };
    let is_open = matches!(
        known.state(),
        TransactionState::Ongoing | TransactionState::PrepareCommit | TransactionState::PrepareAbort
    );
    if !is_open || !known.partitions().contains(tp) {
        let (id, state) = (known.id(), known.state().name());
        let evidence =
            format!("{tp} offset {first} opens a transaction of {id}, which is {state} and does not have it");
        found.push((Promise::TransactionsAreKnown, evidence));
    }
}

fn marked(ghost: &Ghost, world: &World, tp: &TopicPartition, producer_id: i64, committed: bool, found: &mut Found) {
    let Some(known) = transaction_of(ghost, world, producer_id) else { return };
    let decided = match known.state() {
        TransactionState::PrepareCommit => Some(true),
        TransactionState::PrepareAbort => Some(false),
        _ => None,
    };
    if decided != Some(committed) {
        let (id, state, word) = (known.id(), known.state().name(), if committed { "commit" } else { "abort" });
        let evidence = format!("{tp}: a marker says {word} for {id}, which is {state}");
        found.push((Promise::MarkersFollowDecisions, evidence));
    }
}
