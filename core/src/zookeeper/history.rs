//! What a server keeps on its disk: snapshot, transaction log, the two epochs (`FileTxnSnapLog`,
//! `acceptedEpoch`, `currentEpoch`). A transaction is in the log once it is flushed; with the process
//! or the power goes what is not.

use std::collections::VecDeque;
use std::rc::Rc;

use super::database::Database;
use crate::ids::Name;
use crate::protocol::zab::Txn;
use crate::protocol::zookeeper::Stat;

/// After so many transactions the data are written as a snapshot (`snapCount` is 100000; a smaller
/// number keeps the world small).
const SNAP_COUNT: u32 = 1000;
/// So many transactions before the snapshot are kept to complete the logs of followers
/// (`zookeeper.commitLogCount`).
const COMMIT_LOG_COUNT: usize = 500;

/// Snapshot and log.
#[derive(Clone, Debug, Default)]
pub struct History {
    snapshot: Database,
    log: VecDeque<Rc<Txn>>,
    /// Transactions logged since the snapshot.
    since_snapshot: u32,
    /// The last epoch that the server has agreed to follow or lead.
    pub accepted_epoch: i32,
    /// The last epoch whose beginning it has in its log.
    pub current_epoch: i32,
}

impl History {
    /// The last transaction on disk.
    pub fn last_zxid(&self) -> i64 {
        self.log.back().map_or(self.snapshot.last_zxid(), |txn| txn.zxid).max(self.snapshot.last_zxid())
    }

    /// The log, oldest first.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = &Rc<Txn>> {
        self.log.iter()
    }

    /// A transaction is on disk.
    pub fn append(&mut self, txn: Rc<Txn>) {
        if txn.zxid > self.last_zxid() {
            self.log.push_back(txn);
            self.since_snapshot += 1;
        }
    }

    /// Drops what lies behind `zxid`.
    pub fn truncate(&mut self, zxid: i64) {
        while self.log.back().is_some_and(|txn| txn.zxid > zxid) {
            self.log.pop_back();
            self.since_snapshot = self.since_snapshot.saturating_sub(1);
        }
    }

    /// Writes a snapshot if the log has grown long; `data` hold only what a quorum has.
    pub fn snapshot_if_long(&mut self, data: &Database) {
        if self.since_snapshot >= SNAP_COUNT && data.last_zxid() <= self.last_zxid() {
            self.replace_snapshot(data.clone());
        }
    }

    /// Another server's data take the place of snapshot and log.
    pub fn install(&mut self, data: Database) {
        self.log.clear();
        self.since_snapshot = 0;
        self.snapshot = data;
    }

    fn replace_snapshot(&mut self, data: Database) {
        self.since_snapshot = 0;
        self.snapshot = data;
        let before = self.log.iter().take_while(|txn| txn.zxid <= self.snapshot.last_zxid()).count();
        for _ in COMMIT_LOG_COUNT..before.max(COMMIT_LOG_COUNT) {
            self.log.pop_front();
        }
    }

    /// The data as a starting server loads them: the snapshot and the whole log, committed or not.
    pub fn load(&self) -> Database {
        let mut data = self.snapshot.clone();
        for txn in self.log.iter().filter(|txn| txn.zxid > self.snapshot.last_zxid()) {
            data.apply(txn);
        }
        data
    }
}

/// What stays of a server that is down.
#[derive(Clone, Debug, Default)]
pub struct ZooKeeperDurable {
    /// Snapshot, log and epochs.
    pub(super) history: History,
    /// What they will be loaded as.
    pub(super) data: Database,
}

impl ZooKeeperDurable {
    /// Every znode in the order of paths.
    pub fn tree(&self) -> impl Iterator<Item = (&Name, &Name, &Stat)> {
        self.data.tree().iter()
    }

    /// The last transaction on disk.
    pub fn last_zxid(&self) -> i64 {
        self.history.last_zxid()
    }

    /// The last epoch that it took part in.
    pub fn current_epoch(&self) -> i32 {
        self.history.current_epoch
    }

    pub(super) fn new(history: History, data: &Database) -> Self {
        let loaded = if data.last_zxid() == history.last_zxid() { data.clone() } else { history.load() };
        Self { history, data: loaded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::zab::TxnBody;
    use crate::protocol::zookeeper::{CreateMode, ZkOp};

    fn opened(zxid: i64) -> Rc<Txn> {
        let body = TxnBody::CreateSession { timeout_ms: 6000, owner: "x".into() };
        Rc::new(Txn { zxid, time_ms: 0, session: 9, cxid: 1, body })
    }

    fn created(zxid: i64) -> Rc<Txn> {
        let op = ZkOp::Create { path: format!("/z{zxid}").into(), data: "".into(), mode: CreateMode::Persistent };
        Rc::new(Txn { zxid, time_ms: 0, session: 9, cxid: 1, body: TxnBody::Op(op) })
    }

    #[test]
    fn a_truncated_log_loads_as_if_the_rest_had_never_been() {
        let mut history = History::default();
        history.append(opened(1));
        (2..6).for_each(|zxid| history.append(created(zxid)));
        history.truncate(3);
        assert_eq!(history.last_zxid(), 3);
        let paths: Vec<String> = history.load().tree().iter().map(|(path, ..)| path.to_string()).collect();
        assert_eq!(paths, ["/", "/z2", "/z3", "/zookeeper"]);
    }

    #[test]
    fn a_snapshot_shortens_the_log_and_loads_the_same() {
        let mut history = History::default();
        let mut data = Database::default();
        for zxid in 1..=1600 {
            let txn = if zxid == 1 { opened(1) } else { created(zxid) };
            history.append(txn.clone());
            data.apply(&txn);
            history.snapshot_if_long(&data);
        }
        assert!(history.log().count() < 1600 && history.log().next().is_some_and(|txn| txn.zxid > 400));
        assert_eq!(history.load().export(), data.export());
        assert_eq!(Database::import(&data.export()).export(), data.export());
    }
}
