//! The servers of a ZooKeeper ensemble apply the same transactions in the same order, and one server
//! leads in one epoch (Zab: integrity, total order, primary order).

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::{Found, Promise};
use crate::machine::Observation;
use crate::protocol::zab::{Txn, epoch_of, first_zxid};
use crate::sim::World;

/// How many transactions are remembered.
const REMEMBERED: usize = 2000;

/// What was applied, and who led.
#[derive(Clone, Debug, Default)]
pub struct OneHistory {
    leaders: BTreeMap<i32, u8>,
    /// How far each server's transactions have been looked at.
    seen: BTreeMap<u8, i64>,
    history: BTreeMap<i64, Rc<Txn>>,
}

impl OneHistory {
    /// A server says that it leads now.
    pub fn observe(&mut self, observation: &Observation, found: &mut Found) {
        if let Observation::ZooKeeperLeads { server, epoch } = observation {
            let first = *self.leaders.entry(*epoch).or_insert(*server);
            if first != *server {
                let evidence = format!("zk{first} and zk{server} both led in epoch {epoch}");
                found.push((Promise::OneHistory, evidence));
            }
        }
    }

    /// A server has run; what it has applied while it does not serve may still be truncated.
    pub fn check(&mut self, world: &World, id: u8, found: &mut Found) {
        let Some(server) = world.zookeeper(id).filter(|server| server.is_serving()) else { return };
        let seen = self.seen.get(&id).copied().unwrap_or(0);
        let last = server.last_zxid();
        // The number that a leader's epoch begins with is no transaction: its disk does not know it.
        if last == seen || last == first_zxid(epoch_of(last)) {
            return;
        }
        if last < seen {
            found.push((Promise::OneHistory, format!("zk{id} went back from {seen:#x} to {last:#x}")));
        }
        let mut before = None;
        for txn in server.applied_since(seen) {
            if let Some(evidence) = self.differs(id, before, txn) {
                found.push((Promise::OneHistory, evidence));
            }
            before = Some(txn.zxid);
            self.history.insert(txn.zxid, txn.clone());
        }
        self.seen.insert(id, last);
        while self.history.len() > REMEMBERED {
            self.history.pop_first();
        }
    }

    fn differs(&self, id: u8, before: Option<i64>, txn: &Rc<Txn>) -> Option<String> {
        let zxid = txn.zxid;
        if before.is_some_and(|before| before >= zxid) {
            return Some(format!("zk{id} applied {zxid:#x} after a later one"));
        }
        if let Some(skipped) = before.and_then(|before| self.history.range(before + 1..zxid).next()) {
            return Some(format!("zk{id} skipped {:#x}", skipped.0));
        }
        match self.history.get(&zxid) {
            Some(known) if !Rc::ptr_eq(known, txn) && known != txn => {
                Some(format!("zk{id} applied another transaction as {zxid:#x} than the others"))
            }
            None if self.history.first_key_value().is_some_and(|(first, _)| *first < zxid)
                && self.history.last_key_value().is_some_and(|(last, _)| *last > zxid) =>
            {
                Some(format!("zk{id} applied {zxid:#x}, which the others had skipped"))
            }
            _ => None,
        }
    }
}
