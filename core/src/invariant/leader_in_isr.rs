//! A clean election takes the leader from the ISR.

use super::{Found, Promise};
use crate::machine::Observation;

/// The controller elected a leader.
pub fn observe(observation: &Observation, found: &mut Found) {
    if let Observation::LeaderElected { tp, leader, leader_epoch, isr, .. } = observation
        && *leader >= 0
        && !isr.contains(leader)
    {
        let evidence = format!("{tp}: {leader} leads in epoch {leader_epoch} with the ISR {isr:?}");
        found.push((Promise::LeaderInIsr, evidence));
    }
}
