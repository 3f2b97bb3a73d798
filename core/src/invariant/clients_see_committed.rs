//! What is acknowledged with acks=all is committed, and what a consumer reads is committed, so it is
//! there on every later leader (ConsistentRead, with [`super::committed_survives`]).

use super::ghost::{Ghost, Partition};
use super::{Found, Promise};
use crate::ids::{Name, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;

/// A client learned something.
pub fn observe(ghost: &Ghost, world: &World, observation: &Observation, found: &mut Found) {
    match observation {
        Observation::RecordAcked { producer, tp, offset } if *offset >= 0 => {
            let waits = world.producer_named(producer).is_some_and(|producer| producer.config().acks() == -1);
            if let Some(end) = judged(ghost, tp).map(Partition::end)
                && waits
                && *offset >= end
            {
                let evidence = format!("{tp}: {producer} is told of offset {offset}, committed is what is below {end}");
                found.push((Promise::AckedIsCommitted, evidence));
            }
        }
        Observation::RecordsRead { consumer, tp, from, to } => read(ghost, world, consumer, tp, *from, *to, found),
        _ => {}
    }
}

/// The partition, unless a loss was allowed on it: then clients may know what is no more.
fn judged<'a>(ghost: &'a Ghost, tp: &TopicPartition) -> Option<&'a Partition> {
    ghost.of(tp).filter(|partition| partition.end() > 0 && !partition.is_excused())
}

fn read(ghost: &Ghost, world: &World, consumer: &Name, tp: &TopicPartition, from: i64, to: i64, found: &mut Found) {
    let Some(partition) = judged(ghost, tp) else { return };
    if to >= partition.end() {
        let end = partition.end();
        let evidence = format!("{tp}: {consumer} reads offset {to}, committed is what is below {end}");
        found.push((Promise::ReadIsCommitted, evidence));
        return;
    }
    let Some(consumer_itself) = world.consumer_named(consumer) else { return };
    let received = consumer_itself.received();
    let latest = received.iter().rev().take_while(|record| &record.tp == tp && (from..=to).contains(&record.offset()));
    for record in latest {
        let identity = record.identity();
        if partition.identity(record.offset()).is_some_and(|committed| committed != identity) {
            let offset = record.offset();
            let evidence = format!("{tp}: {consumer} reads another record at offset {offset} than was committed");
            found.push((Promise::ReadIsCommitted, evidence));
            return;
        }
    }
}
