//! Failover: a broker that becomes leader of a partition of `__transaction_state` reads its ids from the
//! log and completes what was decided; one that resigns forgets them
//! (`TransactionStateManager.loadTransactionsForTxnTopicPartition`).

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::coordinator::{Owned, TransactionCoordinator};
use super::metadata::TransactionMetadata;
use super::records::{decode, restore};
use super::state::TransactionState;
use super::store::TransactionStore;
use super::timer::TransactionTimer;
use crate::guard::{Guard, holds};
use crate::ids::Name;
use crate::log::RecordBatch;
use crate::machine::{Ctx, Observation};
use crate::time::SimDuration;

/// Time to read one record of the log while loading, µs, over a start of a millisecond.
const LOAD_US_PER_RECORD: u64 = 5;

impl TransactionCoordinator {
    /// This broker leads a partition of `__transaction_state` now; its log holds these batches. The
    /// leader epoch at that moment is the coordinator's epoch, by which markers of an older coordinator
    /// are told. A leader that goes on in a later epoch keeps what it knows, and its first epoch
    /// (`Partition.makeLeader` says true only of a broker that did not lead before).
    pub fn on_leader_elected(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        coordinator_epoch: i32,
        batches: &[Rc<RecordBatch>],
    ) {
        if self.owned.contains_key(&partition) {
            return;
        }
        self.owned.insert(partition, Owned { coordinator_epoch, loading: true });
        let batches = if holds(Guard::TransactionLogLoaded) { batches } else { &[] };
        for (id, metadata) in read(batches) {
            self.partition_of.insert(id.clone(), partition);
            self.transactions.insert(id, metadata);
        }
        let records: usize = batches.iter().map(|batch| batch.records.len()).sum();
        let takes_us = u64::try_from(records).unwrap_or(u64::MAX).saturating_mul(LOAD_US_PER_RECORD);
        let takes = SimDuration::from_ms(1) + SimDuration::from_us(takes_us);
        self.timers.set(TransactionTimer::Loaded(partition), ctx.now + takes);
        self.schedule_periodic(ctx.now);
    }

    /// The log is read: requests are taken, and decided transactions get their markers.
    pub(super) fn loaded(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn TransactionStore, partition: i32) {
        let Some(owned) = self.owned.get_mut(&partition) else { return };
        owned.loading = false;
        let coordinator_epoch = owned.coordinator_epoch;
        let now_ms = store.now_ms();
        let mut decided = Vec::new();
        for metadata in self.transactions.values_mut() {
            let here = self.partition_of.get(&metadata.id) == Some(&partition);
            // Whoever wrote it may not have lived to tell it.
            if here && (metadata.state.is_prepared() || metadata.state == TransactionState::Ongoing) {
                ctx.observe(Observation::TransactionChanged {
                    transactional_id: metadata.id.clone(),
                    coordinator: self.broker,
                    state: metadata.state.name().into(),
                    producer_id: metadata.producer_id,
                    producer_epoch: metadata.producer_epoch,
                    loaded: true,
                });
            }
            if here && metadata.state.is_prepared() {
                let commit = metadata.state == TransactionState::PrepareCommit;
                if let Ok(transit) = metadata.prepare_complete(now_ms) {
                    decided.push((metadata.id.clone(), commit, transit));
                }
            }
        }
        for (id, commit, transit) in decided {
            self.add_markers(store, &id, coordinator_epoch, commit, transit);
        }
    }

    /// This broker no longer leads the partition: its ids are coordinated elsewhere.
    pub fn on_resigned(&mut self, ctx: &mut Ctx<'_>, partition: i32) {
        self.forget(partition);
        self.schedule_periodic(ctx.now);
    }

    fn forget(&mut self, partition: i32) {
        self.owned.remove(&partition);
        self.timers.cancel(&TransactionTimer::Loaded(partition));
        let here = |id: &&Name| self.partition_of.get(*id) == Some(&partition);
        let ids: Vec<Name> = self.transactions.keys().filter(here).cloned().collect();
        for id in ids {
            self.transactions.remove(&id);
            self.partition_of.remove(&id);
            self.markers.forget(&id);
        }
    }
}

/// The newest of everything that a log says.
fn read(batches: &[Rc<RecordBatch>]) -> BTreeMap<Name, TransactionMetadata> {
    let mut found = BTreeMap::new();
    for record in batches.iter().flat_map(|batch| &batch.records) {
        let Some(read) = record.key.as_ref().and_then(|key| decode(key, record.value.as_deref())) else { continue };
        let id = read.transactional_id;
        match read.value {
            Some(value) => found.insert(id.clone(), restore(id, value)),
            None => found.remove(&id),
        };
    }
    found
}
