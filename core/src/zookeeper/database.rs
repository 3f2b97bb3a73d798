//! What transactions have made so far (`ZKDatabase`): the tree and the sessions. The same transactions
//! in the same order make the same data on every server.

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::session::Session;
use super::tree::{Change, Tree};
use crate::protocol::zab::{SnapshotData, Txn, TxnBody};
use crate::protocol::zookeeper::{ZkError, ZkResult};

/// A server's data.
#[derive(Clone, Debug, Default)]
pub struct Database {
    tree: Rc<Tree>,
    sessions: BTreeMap<i64, Session>,
    last_zxid: i64,
}

/// What a transaction did.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The answer for the client that asked.
    pub result: Result<Option<ZkResult>, ZkError>,
    /// What it means for watches, in order.
    pub changes: Vec<Change>,
    /// The session that ended.
    pub ended: Option<Session>,
}

impl Database {
    /// The znodes.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The sessions by id.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.values()
    }

    /// One session.
    pub fn session(&self, id: i64) -> Option<&Session> {
        self.sessions.get(&id)
    }

    /// The last transaction in it.
    pub fn last_zxid(&self) -> i64 {
        self.last_zxid
    }

    /// A leader's epoch begins: its data stand at the epoch's first number.
    pub fn begin_epoch(&mut self, zxid: i64) {
        self.last_zxid = self.last_zxid.max(zxid);
    }

    /// Applies the next transaction.
    pub fn apply(&mut self, txn: &Txn) -> Applied {
        self.last_zxid = txn.zxid;
        let mut applied = Applied { result: Ok(None), changes: Vec::new(), ended: None };
        match &txn.body {
            TxnBody::CreateSession { timeout_ms, owner } => {
                let session = Session { id: txn.session, owner: owner.clone(), timeout_ms: *timeout_ms };
                self.sessions.insert(txn.session, session);
            }
            TxnBody::CloseSession { .. } => {
                applied.ended = self.sessions.remove(&txn.session);
                applied.changes = Rc::make_mut(&mut self.tree).close_session(txn.session, txn.zxid);
            }
            TxnBody::Op(_) if !self.sessions.contains_key(&txn.session) => {
                applied.result = Err(ZkError::SessionExpired);
            }
            TxnBody::Op(op) => match Rc::make_mut(&mut self.tree).apply(op, txn.zxid, txn.time_ms, txn.session) {
                Ok((result, changes)) => {
                    applied.result = Ok(Some(result));
                    applied.changes = changes;
                }
                Err(error) => applied.result = Err(error),
            },
            TxnBody::Error(error) => applied.result = Err(*error),
        }
        applied
    }

    /// All of it, to be sent to a server that is far behind.
    pub fn export(&self) -> SnapshotData {
        SnapshotData {
            zxid: self.last_zxid,
            znodes: self.tree.export(),
            sessions: self.sessions.values().map(|s| (s.id, s.owner.clone(), s.timeout_ms)).collect(),
        }
    }

    /// Data as another server has sent them.
    pub fn import(data: &SnapshotData) -> Self {
        let session = |(id, owner, timeout_ms): &(i64, crate::ids::Name, u64)| {
            (*id, Session { id: *id, owner: owner.clone(), timeout_ms: *timeout_ms })
        };
        Self {
            tree: Rc::new(Tree::import(&data.znodes)),
            sessions: data.sessions.iter().map(session).collect(),
            last_zxid: data.zxid,
        }
    }
}
