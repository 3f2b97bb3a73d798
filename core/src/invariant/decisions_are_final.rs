//! Once a transaction is decided, every marker that a coordinator has written for it says so, whoever
//! coordinates by then (KIP-98). An operator's marker decides nothing (KIP-664).

use crate::collections::BTreeMap;

use super::{Found, Promise};
use crate::ids::Name;
use crate::machine::Observation;

#[derive(Clone, Debug)]
struct Decision {
    transactional_id: Name,
    producer_epoch: i16,
    commit: bool,
    complete: bool,
    /// Read from the log by a coordinator that began: it may stand above the high watermark, and the next
    /// coordinator may not have it (`TransactionStateManager` loads up to the log's end).
    loaded: bool,
}

/// The last decision of each producer id.
#[derive(Clone, Debug, Default)]
pub struct DecisionsAreFinal {
    decided: BTreeMap<i64, Decision>,
}

impl DecisionsAreFinal {
    /// A transaction changed, or got a marker.
    pub fn observe(&mut self, observation: &Observation, found: &mut Found) {
        match observation {
            Observation::TransactionChanged {
                transactional_id, state, producer_id, producer_epoch, loaded, ..
            } => {
                self.changed(transactional_id, state, (*producer_id, *producer_epoch), *loaded, found);
            }
            Observation::MarkerAppended {
                tp, committed, producer_id, producer_epoch, by_coordinator: true, ..
            } => {
                // Once it is complete, a marker belongs to a later transaction whose decision nobody told of.
                let stands = |known: &&Decision| known.producer_epoch == *producer_epoch && !known.complete;
                let decision = self.decided.get(producer_id).filter(stands);
                if let Some(decision) = decision.filter(|known| known.commit != *committed) {
                    let (id, decided, marked) = (&decision.transactional_id, word(decision.commit), word(*committed));
                    let evidence = format!("{tp}: {marked} for {id}, which was decided to {decided}");
                    found.push((Promise::DecisionsAreFinal, evidence));
                }
            }
            // What a coordinator decided may be lost with the log that it stood in.
            Observation::PageCacheLost { tp, .. } if &*tp.topic == "__transaction_state" => self.decided.clear(),
            _ => {}
        }
    }

    fn changed(
        &mut self,
        id: &Name,
        state: &str,
        (producer_id, producer_epoch): (i64, i16),
        loaded: bool,
        found: &mut Found,
    ) {
        match state {
            "PrepareCommit" | "PrepareAbort" => {
                let commit = state == "PrepareCommit";
                let open = self.decided.get(&producer_id).filter(|known| !known.complete && !known.loaded);
                if open.is_some_and(|known| known.producer_epoch == producer_epoch && known.commit != commit) {
                    let evidence = format!("{id} in epoch {producer_epoch} is decided twice");
                    found.push((Promise::DecisionsAreFinal, evidence));
                }
                let decision =
                    Decision { transactional_id: id.clone(), producer_epoch, commit, complete: false, loaded };
                self.decided.insert(producer_id, decision);
            }
            "CompleteCommit" | "CompleteAbort" => {
                if let Some(known) = self.decided.get_mut(&producer_id) {
                    known.complete = true;
                }
            }
            // The next transaction, or the next producer.
            _ => {
                self.decided.remove(&producer_id);
            }
        }
    }
}

fn word(commit: bool) -> &'static str {
    if commit { "commit" } else { "abort" }
}
