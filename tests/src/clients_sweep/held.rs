//! What a replica's log holds, read batch by batch: which value lies where, and what the markers behind it
//! decided. Leaves out keys: the sweep's records have none.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use playground_core::ids::{BrokerId, NodeId, TopicPartition};
use playground_core::log::{EndTransactionMarker, Log};
use playground_core::sim::{Process, World};

/// What a record's transaction came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decided {
    /// It is in none.
    Plain,
    Open,
    Committed,
    Aborted,
}

/// A log.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub log_start_offset: i64,
    pub records: BTreeMap<i64, (String, Decided)>,
    places: BTreeMap<String, Vec<i64>>,
}

impl Held {
    /// A replica's log, also of a broker that is down.
    pub fn of(world: &World, broker: BrokerId, tp: &TopicPartition) -> Option<Self> {
        let log = match &world.slot(&NodeId::Broker(broker))?.process {
            Process::Broker(broker) => broker.log(tp),
            Process::BrokerDown(durable, _) => durable.logs.get(tp),
            _ => None,
        };
        log.map(Self::read)
    }

    fn read(log: &Log) -> Self {
        let mut held = Self { log_start_offset: log.log_start_offset(), ..Self::default() };
        // Offsets of each producer id that no marker has decided yet.
        let mut open: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for batch in log.batches() {
            if let Some(marker) = EndTransactionMarker::of_batch(batch) {
                let decided = if marker.commit { Decided::Committed } else { Decided::Aborted };
                for offset in open.remove(&batch.producer_id).unwrap_or_default() {
                    held.records.entry(offset).and_modify(|(_, state)| *state = decided);
                }
                continue;
            }
            for record in &batch.records {
                let offset = batch.offset_of(record);
                let value = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default()).into_owned();
                let state = if batch.is_transactional { Decided::Open } else { Decided::Plain };
                if batch.is_transactional {
                    open.entry(batch.producer_id).or_default().insert(offset);
                }
                held.places.entry(value.clone()).or_default().push(offset);
                held.records.insert(offset, (value, state));
            }
        }
        held
    }

    /// Where it holds a value.
    pub fn places(&self, value: &str) -> &[i64] {
        self.places.get(value).map_or(&[], Vec::as_slice)
    }

    /// It holds this value there.
    pub fn has(&self, offset: i64, value: &str) -> bool {
        self.records.get(&offset).is_some_and(|(held, _)| held == value)
    }

    /// What the transaction of the record there came to.
    pub fn decided(&self, offset: i64) -> Decided {
        self.records.get(&offset).map_or(Decided::Plain, |(_, state)| *state)
    }
}
