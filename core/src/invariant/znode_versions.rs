//! A write raises a znode's version by one and its transaction number; an ephemeral znode's session
//! lives (ZooKeeper: `DataTree.setData`, `killSession`).

use crate::collections::BTreeMap;

use super::{Found, Promise};
use crate::ids::Name;
use crate::protocol::zab::{Txn, TxnBody};
use crate::protocol::zookeeper::{Stat, ZkOp};
use crate::sim::World;

/// The znodes as they were last seen on the server that decides.
#[derive(Clone, Debug, Default)]
pub struct ZnodeVersions {
    seen: BTreeMap<u8, i64>,
    known: BTreeMap<Name, Stat>,
    /// The newest transaction that a leader was seen to have.
    newest: i64,
}

fn count_writes(op: &ZkOp, writes: &mut BTreeMap<Name, i32>) {
    match op {
        ZkOp::SetData { path, .. } => *writes.entry(path.clone()).or_default() += 1,
        ZkOp::Create { path, .. } => {
            writes.entry(path.clone()).or_default();
        }
        ZkOp::Multi(ops) => ops.iter().for_each(|op| count_writes(op, writes)),
        _ => {}
    }
}

impl ZnodeVersions {
    /// A server has run; the one that leads, or stands alone, is looked at.
    pub fn check(&mut self, world: &World, id: u8, found: &mut Found) {
        let leads = |role: &str| matches!(role, "leader" | "standalone");
        let Some(server) = world.zookeeper(id).filter(|server| leads(server.role())) else { return };
        let seen = self.seen.get(&id).copied().unwrap_or(0);
        let last = server.last_zxid();
        if last == seen {
            return;
        }
        self.seen.insert(id, last);
        let mut writes = BTreeMap::new();
        let mut sessions_changed = false;
        for txn in server.applied_since(seen) {
            match &**txn {
                Txn { body: TxnBody::Op(op), .. } => count_writes(op, &mut writes),
                Txn { body: TxnBody::CloseSession { .. }, .. } => sessions_changed = true,
                _ => {}
            }
        }
        sessions_changed |= writes.values().any(|sets| *sets == 0);
        for (path, sets) in writes {
            let Some((_, stat)) = server.znode(&path) else {
                self.known.remove(&path);
                continue;
            };
            // A leader of the past comes later to what its successor has found in its log.
            if last < self.newest {
                continue;
            }
            if let Some(evidence) = self.known.get(&path).and_then(|before| rises(&path, before, stat, sets)) {
                found.push((Promise::ZnodeVersions, evidence));
            }
            self.known.insert(path, *stat);
        }
        self.newest = self.newest.max(last);
        if sessions_changed {
            for (path, _, stat) in server.tree() {
                let owner = stat.ephemeral_owner;
                if owner != 0 && server.data().session(owner).is_none() {
                    found.push((Promise::EphemeralsHaveSessions, format!("{path} outlived its session {owner:#x}")));
                }
            }
        }
    }
}

fn rises(path: &Name, before: &Stat, now: &Stat, sets: i32) -> Option<String> {
    if before.czxid != now.czxid {
        return None;
    }
    let by = now.version - before.version;
    let renewed = now.mzxid > before.mzxid;
    (by < 0 || by > sets || renewed != (by > 0)).then(|| {
        format!(
            "{path}: version {} of {:#x} became {} of {:#x} by {sets} writes",
            before.version, before.mzxid, now.version, now.mzxid
        )
    })
}
