//! Which replica a consumer should read from (`ReplicaManager.findPreferredReadReplica`,
//! `RackAwareReplicaSelector`, KIP-392): one of its own rack, if the leader's is another.

use super::Broker;
use crate::ids::BrokerId;
use crate::protocol::fetch::{FetchPartition, FetchRequest};
use crate::time::SimTime;

impl Broker {
    /// The replica to read from instead of this leader.
    pub(super) fn preferred_read_replica(
        &self,
        now: SimTime,
        request: &FetchRequest,
        asked: &FetchPartition,
    ) -> Option<BrokerId> {
        if request.replica_id >= 0 || request.rack_id.is_empty() || !self.config.is_rack_aware() {
            return None;
        }
        let partition = self.partitions.get(&asked.tp).filter(|partition| partition.is_leader)?;
        let is_near = |id: &BrokerId| self.cache.racks.get(id) == Some(&request.rack_id);
        if is_near(&self.id) {
            return None;
        }
        let candidates = partition.remotes.iter().filter_map(|(id, remote)| {
            let end = remote.log_end_offset?;
            let has_it = end >= asked.fetch_offset && remote.log_start_offset <= asked.fetch_offset;
            let behind = now.since(remote.last_caught_up_at.unwrap_or(SimTime::ZERO));
            let fit = has_it && partition.isr.contains(id) && is_near(id);
            // The one with the longest log, then the one that was caught up last.
            fit.then_some((end, std::cmp::Reverse(behind), *id))
        });
        candidates.max().map(|(.., id)| id)
    }
}
