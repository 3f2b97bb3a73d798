//! A partition's assigned replicas and what a reassignment does to them (`ReplicaAssignment`, KIP-455).

use crate::ids::BrokerId;

/// Replicas in order, the preferred leader first, with those on their way in and out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReplicaAssignment {
    /// All replicas: the target's first, then those that are being removed.
    pub replicas: Vec<BrokerId>,
    /// Being added.
    pub adding: Vec<BrokerId>,
    /// Being removed.
    pub removing: Vec<BrokerId>,
}

/// `all` without those in `out`, in order.
fn without(all: &[BrokerId], out: &[BrokerId]) -> Vec<BrokerId> {
    all.iter().copied().filter(|id| !out.contains(id)).collect()
}

impl ReplicaAssignment {
    /// An assignment that is not being changed.
    pub fn of(replicas: Vec<BrokerId>) -> Self {
        Self { replicas, adding: Vec::new(), removing: Vec::new() }
    }

    /// A reassignment is under way.
    pub fn is_being_reassigned(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    /// What was there before the reassignment.
    pub fn origin(&self) -> Vec<BrokerId> {
        without(&self.replicas, &self.adding)
    }

    /// What will be there after the reassignment.
    pub fn target(&self) -> Vec<BrokerId> {
        without(&self.replicas, &self.removing)
    }

    /// The assignment while replicas move to `target`.
    pub fn reassign_to(&self, target: &[BrokerId]) -> Self {
        let origin = self.origin();
        let mut replicas: Vec<BrokerId> = Vec::new();
        for id in target.iter().chain(&origin) {
            if !replicas.contains(id) {
                replicas.push(*id);
            }
        }
        let adding = without(&replicas, &origin);
        let removing = without(&replicas, target);
        Self { replicas, adding, removing }
    }

    /// The assignment when this replica is gone.
    pub fn remove_replica(&self, id: BrokerId) -> Self {
        Self {
            replicas: without(&self.replicas, &[id]),
            adding: without(&self.adding, &[id]),
            removing: without(&self.removing, &[id]),
        }
    }
}
