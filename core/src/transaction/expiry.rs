//! Transactional ids that nobody has used for `transactional.id.expiration.ms`
//! (`TransactionStateManager.removeExpiredTransactionalIds`).

use super::coordinator::{Append, Then, TransactionCoordinator};
use super::records::tombstone;
use super::state::TransactionState;
use super::store::TransactionStore;
use crate::ids::Name;
use crate::machine::Ctx;
use crate::protocol::ErrorCode;

impl TransactionCoordinator {
    pub(super) fn expire_ids(&mut self, ctx: &Ctx<'_>, store: &mut dyn TransactionStore) {
        self.schedule_periodic(ctx.now);
        let age_ms = i64::try_from(self.config.transactional_id_expiration_ms).unwrap_or(i64::MAX);
        let before_ms = store.now_ms().saturating_sub(age_ms);
        let partitions: Vec<(i32, i32)> =
            self.owned.iter().filter(|(_, o)| !o.loading).map(|(p, o)| (*p, o.coordinator_epoch)).collect();
        for (partition, coordinator_epoch) in partitions {
            let mut expired: Vec<Name> = Vec::new();
            for metadata in self.transactions.values_mut() {
                let here = self.partition_of.get(&metadata.id) == Some(&partition);
                let old = metadata.state.may_expire() && metadata.last_update_timestamp_ms <= before_ms;
                if here && old && metadata.pending_state.is_none() && metadata.prepare_dead().is_ok() {
                    expired.push(metadata.id.clone());
                }
            }
            if expired.is_empty() {
                continue;
            }
            let records = expired.iter().map(|id| tombstone(id)).collect();
            self.tokens += 1;
            let then = Then::Expire(expired);
            let append = Append { id: "".into(), partition, coordinator_epoch, transit: None, then };
            self.appends.insert(self.tokens, append);
            store.append(partition, self.tokens, self.config.request_timeout_ms, records);
        }
    }

    /// The tombstones are in the log, or failed to get there.
    pub(super) fn expired(&mut self, partition: i32, coordinator_epoch: i32, ids: &[Name], error: ErrorCode) {
        let current = self.owned.get(&partition).map(|owned| owned.coordinator_epoch);
        for id in ids {
            let Some(metadata) = self.transactions.get_mut(id) else { continue };
            if metadata.pending_state != Some(TransactionState::Dead) || current != Some(coordinator_epoch) {
                continue;
            }
            if error == ErrorCode::None {
                self.transactions.remove(id);
                self.partition_of.remove(id);
            } else {
                metadata.pending_state = None;
            }
        }
    }
}
