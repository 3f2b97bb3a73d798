//! Requests of the past change nothing: a broker follows no older controller than it has followed in
//! this life, and a control request that it refuses leaves its replicas as they are (KIP-380, KIP-101).

use super::{Found, Promise};
use crate::collections::SortedMap;
use crate::ids::{BrokerId, NodeId};
use crate::machine::Observation;
use crate::protocol::ErrorCode;
use crate::sim::{Observed, World};

/// The controller epoch that each broker follows, in which life.
#[derive(Clone, Debug, Default)]
pub struct PastIsFenced {
    seen: SortedMap<BrokerId, (u32, i32)>,
}

impl PastIsFenced {
    /// The broker that just ran, and what it reported.
    pub fn check(&mut self, world: &World, id: BrokerId, observed: &[Observed], found: &mut Found) {
        let Some(broker) = world.broker(id) else { return };
        let incarnation = world.slot(&NodeId::Broker(id)).map_or(0, |slot| slot.incarnation);
        let now = broker.controller_epoch_seen();
        if let Some((life, before)) = self.seen.insert(id, (incarnation, now))
            && life == incarnation
            && now < before
        {
            let evidence = format!("{id} obeys a controller of epoch {now} after one of epoch {before}");
            found.push((Promise::PastIsFenced, evidence));
        }
        let fenced = observed.iter().find_map(|observed| match &observed.observation {
            Observation::RequestRefused { broker, request, tp: None, error } if *broker == id => {
                let past = matches!(error, ErrorCode::StaleControllerEpoch | ErrorCode::StaleBrokerEpoch);
                past.then_some((request, error))
            }
            _ => None,
        });
        let Some((request, error)) = fenced else { return };
        let changed = observed.iter().find(|observed| {
            matches!(
                &observed.observation,
                Observation::BecameLeader { broker, .. }
                    | Observation::BecameFollower { broker, .. }
                    | Observation::ReplicaStopped { broker, .. } if *broker == id
            )
        });
        if let Some(changed) = changed {
            let evidence = format!("{id} refuses {request} with {error}, but {}", changed.observation);
            found.push((Promise::PastIsFenced, evidence));
        }
    }
}
