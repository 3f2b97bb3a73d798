//! Only the newest controller writes the states of partitions: once `/controller_epoch` was raised,
//! nothing that an older controller still had on its way is taken (KAFKA-6082).
//!
//! Looked at in ZooKeeper's own order of transactions. Leaves out znodes that name no controller epoch.

use super::{Found, Promise};
use crate::ids::Name;
use crate::json::Json;
use crate::protocol::zab::TxnBody;
use crate::protocol::zookeeper::ZkOp;
use crate::sim::World;

const CONTROLLER_EPOCH: &str = "/controller_epoch";

/// How far ZooKeeper's transactions have been looked at.
#[derive(Clone, Debug, Default)]
pub struct NewestControllerWrites {
    seen: i64,
}

/// Paths of partition states that an operation writes.
fn states_written<'a>(op: &'a ZkOp, paths: &mut Vec<&'a Name>) {
    match op {
        ZkOp::SetData { path, .. } | ZkOp::Create { path, .. }
            if path.starts_with("/brokers/topics/") && path.ends_with("/state") =>
        {
            paths.push(path);
        }
        ZkOp::Multi(ops) => ops.iter().for_each(|op| states_written(op, paths)),
        _ => {}
    }
}

impl NewestControllerWrites {
    /// A server has run; the one that leads, or stands alone, is looked at.
    pub fn check(&mut self, world: &World, id: u8, found: &mut Found) {
        let leads = |role: &str| matches!(role, "leader" | "standalone");
        let Some(server) = world.zookeeper(id).filter(|server| leads(server.role())) else { return };
        let (seen, last) = (self.seen, server.last_zxid());
        if last <= seen {
            return;
        }
        self.seen = last;
        let Some((newest, raised)) = server.znode(CONTROLLER_EPOCH) else { return };
        let Ok(newest) = newest.parse::<i32>() else { return };
        for txn in server.applied_since(seen.max(raised.mzxid)) {
            let TxnBody::Op(op) = &txn.body else { continue };
            let mut paths = Vec::new();
            states_written(op, &mut paths);
            for path in paths {
                // An operation that failed has left the znode as it was.
                let Some((data, _)) = server.znode(path).filter(|(_, stat)| stat.mzxid == txn.zxid) else { continue };
                let Some(epoch) = written_in(data).filter(|epoch| *epoch < newest) else { continue };
                let evidence = format!("a controller of epoch {epoch} writes {path} after epoch {newest} has begun");
                found.push((Promise::NewestControllerWrites, evidence));
            }
        }
    }
}

/// The controller epoch in a partition's state.
fn written_in(data: &str) -> Option<i32> {
    Json::parse(data)?.get("controller_epoch")?.int()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_found_in_what_is_written() {
        let set = |path: &str| ZkOp::SetData { path: path.into(), data: "{}".into(), version: 3 };
        let multi = ZkOp::Multi(vec![
            ZkOp::Check { path: CONTROLLER_EPOCH.into(), version: 1 },
            set("/brokers/topics/t/partitions/0/state"),
            set("/brokers/topics/t"),
        ]);
        let mut paths = Vec::new();
        states_written(&multi, &mut paths);
        assert_eq!(paths.iter().map(|path| &***path).collect::<Vec<_>>(), ["/brokers/topics/t/partitions/0/state"]);
        assert_eq!(
            written_in(r#"{"controller_epoch":4,"leader":101,"version":1,"leader_epoch":0,"isr":[101]}"#),
            Some(4)
        );
    }
}
