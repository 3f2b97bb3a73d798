//! Elections that somebody wants: ElectLeaders by an administrator, and the controller's own look at
//! leaders that are not the preferred ones (`processReplicaLeaderElection`,
//! `checkAndTriggerAutoLeaderRebalance`).

use crate::collections::BTreeMap;

use super::context::NO_LEADER;
use super::election::{ElectionStrategy, preferred_leader};
use super::run::{Run, Step, Todo};
use super::waiting::{Waiting, WaitingFor};
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Connection;
use crate::protocol::admin::{ElectLeadersRequest, PartitionsResponse};
use crate::protocol::{ErrorCode, Response};

impl Run<'_> {
    /// ElectLeaders: answered when the own metadata cache shows the new leaders.
    pub fn elect_leaders(&mut self, on: &Connection, correlation_id: u64, request: &ElectLeadersRequest) -> Step<()> {
        let asked = request.partitions.clone().unwrap_or_else(|| self.context.assignments.keys().cloned().collect());
        let mut results: BTreeMap<TopicPartition, (ErrorCode, String)> = BTreeMap::new();
        let mut electable = Vec::new();
        // A partition that never had a leader is missing where its leader is looked up: the event ends with that
        // exception, and nobody is answered (`partitionLeadershipInfo(partition).get`).
        let never_led = |tp: &TopicPartition| {
            self.context.assignments.contains_key(tp)
                && !self.context.is_to_be_deleted(&tp.topic)
                && !self.context.leadership.contains_key(tp)
        };
        if asked.iter().any(never_led) {
            return Ok(());
        }
        for tp in asked {
            let refused = if !self.context.assignments.contains_key(&tp) {
                Some((ErrorCode::UnknownTopicOrPartition, "The partition does not exist.".to_owned()))
            } else if self.context.is_to_be_deleted(&tp.topic) {
                Some((ErrorCode::InvalidTopicException, "The topic is being deleted".to_owned()))
            } else if self.is_led_as_wanted(&tp, request.unclean) {
                let message = "Leader election not needed for topic partition.".to_owned();
                Some((ErrorCode::ElectionNotNeeded, message))
            } else {
                None
            };
            match refused {
                // Asked for all partitions, those without need are not worth a word.
                Some((ErrorCode::ElectionNotNeeded, _)) if request.partitions.is_none() => {}
                Some(refused) => {
                    results.insert(tp, refused);
                }
                None => electable.push(tp),
            }
        }
        let strategy = if request.unclean {
            ElectionStrategy::Offline { allow_unclean: true }
        } else {
            ElectionStrategy::Preferred
        };
        let failure = if request.unclean {
            ErrorCode::EligibleLeadersNotAvailable
        } else {
            ErrorCode::PreferredLeaderNotAvailable
        };
        let mut leaders: BTreeMap<TopicPartition, BrokerId> = BTreeMap::new();
        for (tp, result) in self.partitions_to_online(&electable, strategy)? {
            match result {
                Ok(state) => {
                    leaders.insert(tp.clone(), state.leader);
                    results.insert(tp, (ErrorCode::None, String::new()));
                }
                Err(message) => {
                    results.insert(tp, (failure, message));
                }
            }
        }
        if leaders.is_empty() {
            let partitions = results.into_iter().map(|(tp, (error, message))| (tp, error, message)).collect();
            let answer = PartitionsResponse { error: ErrorCode::None, partitions };
            self.respond(on, correlation_id, Response::ElectLeaders(answer));
        } else {
            self.todo.push(Todo::Wait(Waiting {
                on: on.clone(),
                correlation_id,
                timeout_ms: request.timeout_ms,
                what: WaitingFor::Leaders { leaders, results },
            }));
        }
        Ok(())
    }

    fn is_led_as_wanted(&self, tp: &TopicPartition, unclean: bool) -> bool {
        let leader = self.context.leader_of(tp).unwrap_or(NO_LEADER);
        if unclean {
            leader != NO_LEADER && self.context.is_replica_online(leader, tp)
        } else {
            self.context.assignment(tp).replicas.first() == Some(&leader)
        }
    }

    /// Gives leadership back to preferred replicas of brokers that lead too little.
    pub fn auto_rebalance(&mut self) -> Step<()> {
        let mut by_broker: BTreeMap<BrokerId, Vec<TopicPartition>> = BTreeMap::new();
        for (tp, assignment) in self.context.assignments.iter() {
            if let Some(preferred) = assignment.replicas.first()
                && !self.context.is_to_be_deleted(&tp.topic)
            {
                by_broker.entry(*preferred).or_default().push(tp.clone());
            }
        }
        let percentage = i64::from(self.config.leader_imbalance_per_broker_percentage);
        let mut wanted = Vec::new();
        for (broker, partitions) in by_broker {
            let led_by_other = |tp: &&TopicPartition| self.context.leader_of(tp).is_some_and(|leader| leader != broker);
            let lost: Vec<TopicPartition> = partitions.iter().filter(led_by_other).cloned().collect();
            if lost.len() as i64 * 100 <= percentage * partitions.len() as i64 {
                continue;
            }
            wanted.extend(lost.into_iter().filter(|tp| {
                let isr = self.context.leadership.get(tp).map(|leadership| leadership.state.isr.clone());
                let live = self.context.live_for(tp).intersection(&self.context.live_ids()).copied().collect();
                preferred_leader(&self.context.assignment(tp).replicas, &isr.unwrap_or_default(), &live).is_some()
            }));
        }
        self.partitions_to_online(&wanted, ElectionStrategy::Preferred)?;
        let again = self.config.leader_imbalance_check_interval_seconds;
        self.todo.push(Todo::RebalanceAfterSeconds(again));
        Ok(())
    }
}
