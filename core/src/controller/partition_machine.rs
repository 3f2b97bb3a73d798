//! The partition state machine (`ZkPartitionStateMachine`): who may go from which state to which,
//! first leaders, and elections. A transition that is not allowed is skipped.

use crate::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::batch::Batch;
use super::context::{LeaderAndIsr, Leadership, PartitionPhase};
use super::election::{ElectionStrategy, elect};
use super::run::{Run, Step};
use super::znode::{config_path, parse_config, parse_state, partition_path, partitions_path, state_data, state_path};
use crate::config::TopicConfig;
use crate::ids::{Name, TopicPartition};
use crate::machine::Observation;
use crate::protocol::zookeeper::{CreateMode, ZkError, ZkOp, ZkResult};

/// What became of each partition that was to be led.
pub type Elections = BTreeMap<TopicPartition, Result<LeaderAndIsr, String>>;

impl Run<'_> {
    fn phase(&self, tp: &TopicPartition) -> Option<PartitionPhase> {
        self.context.partition_phases.get(tp).copied()
    }

    fn set_phase(&mut self, tp: &TopicPartition, phase: PartitionPhase) {
        Rc::make_mut(&mut self.context.partition_phases).insert(tp.clone(), phase);
    }

    /// → NewPartition.
    pub fn partitions_to_new(&mut self, partitions: &[TopicPartition]) {
        for tp in partitions {
            if self.phase(tp).is_none() {
                self.set_phase(tp, PartitionPhase::New);
            }
        }
    }

    /// → OfflinePartition.
    pub fn partitions_to_offline(&mut self, partitions: &[TopicPartition]) {
        for tp in partitions {
            if self.phase(tp).is_some() {
                self.set_phase(tp, PartitionPhase::Offline);
            }
        }
    }

    /// OfflinePartition → NonExistentPartition.
    pub fn partitions_to_non_existent(&mut self, partitions: &[TopicPartition]) {
        for tp in partitions {
            if self.phase(tp) == Some(PartitionPhase::Offline) {
                Rc::make_mut(&mut self.context.partition_phases).remove(tp);
            }
        }
    }

    /// Tries to find leaders for all partitions (of a topic) that have none.
    pub fn trigger_online(&mut self, topic: Option<&Name>) -> Step<Elections> {
        let wanted = self.context.partition_phases.iter().filter(|(tp, phase)| {
            **phase != PartitionPhase::Online
                && !self.context.is_to_be_deleted(&tp.topic)
                && topic.is_none_or(|topic| topic == &tp.topic)
        });
        let wanted: Vec<TopicPartition> = wanted.map(|(tp, _)| tp.clone()).collect();
        self.partitions_to_online(&wanted, ElectionStrategy::Offline { allow_unclean: false })
    }

    /// → OnlinePartition: new partitions get their first leader, others an election.
    pub fn partitions_to_online(
        &mut self,
        partitions: &[TopicPartition],
        strategy: ElectionStrategy,
    ) -> Step<Elections> {
        let mut batch = Batch::default();
        let mut results = Elections::new();
        let of_phase = |run: &Self, new: bool| -> Vec<TopicPartition> {
            let matching =
                |tp: &&TopicPartition| run.phase(tp).is_some_and(|phase| (phase == PartitionPhase::New) == new);
            partitions.iter().filter(matching).cloned().collect()
        };
        let (new, led) = (of_phase(self, true), of_phase(self, false));
        for tp in partitions.iter().filter(|tp| self.phase(tp).is_none()) {
            results.insert(tp.clone(), Err(format!("Partition {tp} does not exist")));
        }
        self.initialize(&new, &mut batch, &mut results)?;
        let mut remaining = led;
        let mut unclean = BTreeSet::new();
        while !remaining.is_empty() {
            remaining = self.elect_once(&remaining, strategy, &mut batch, &mut results, &mut unclean)?;
        }
        for (tp, result) in &results {
            if result.is_ok() {
                self.set_phase(tp, PartitionPhase::Online);
            }
        }
        self.send(batch);
        Ok(results)
    }

    /// First leaders: the first live replica leads, all live ones are in sync.
    fn initialize(&mut self, new: &[TopicPartition], batch: &mut Batch, results: &mut Elections) -> Step<()> {
        let mut states: Vec<(TopicPartition, LeaderAndIsr)> = Vec::new();
        for tp in new {
            let replicas = self.context.assignment(tp).replicas;
            let live: Vec<_> = replicas.iter().copied().filter(|id| self.context.is_replica_online(*id, tp)).collect();
            match live.first() {
                Some(leader) => {
                    let state = LeaderAndIsr {
                        leader: *leader,
                        leader_epoch: 0,
                        isr: live.clone(),
                        recovering: false,
                        partition_epoch: 0,
                    };
                    states.push((tp.clone(), state));
                }
                None => {
                    // Brokers are told of partitions when they get a leader; until then the topic lies in
                    // ZooKeeper, and who asks a broker for it or wants it deleted is told that it is unknown.
                    let ids = replicas.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    let text = format!(
                        "{tp} is made without a leader: none of its replicas ({ids}) is alive. Until one is, nobody \
                         sees the topic and nobody can delete it"
                    );
                    self.observe(Observation::Note { text: text.into() });
                    results.insert(tp.clone(), Err(format!("No assigned replica of {tp} is alive")));
                }
            }
        }
        let create = |path: Name, data: Name| ZkOp::Create { path, data, mode: CreateMode::Persistent };
        let topics: BTreeSet<&Name> = states.iter().map(|(tp, _)| &tp.topic).collect();
        self.write(topics.into_iter().map(|topic| create(partitions_path(topic), "".into())).collect())?;
        self.write(states.iter().map(|(tp, _)| create(partition_path(tp), "".into())).collect())?;
        let epoch = self.context.epoch;
        let ops = states.iter().map(|(tp, state)| create(state_path(tp), state_data(state, epoch))).collect();
        let replies = self.write(ops)?;
        for ((tp, state), reply) in states.into_iter().zip(replies) {
            if let Err(error) = reply {
                results.insert(tp, Err(error.name().to_owned()));
                continue;
            }
            let leadership = Leadership { state: state.clone(), controller_epoch: epoch };
            self.context.put_leadership(&tp, leadership.clone());
            batch.leader_and_isr(self.context, &state.isr, &tp, &leadership, true);
            self.tell_elected(&tp, &state, "new partition");
            results.insert(tp, Ok(state));
        }
        Ok(())
    }

    fn tell_elected(&mut self, tp: &TopicPartition, state: &LeaderAndIsr, why: &str) {
        self.observe(Observation::LeaderElected {
            tp: tp.clone(),
            leader: state.leader,
            leader_epoch: state.leader_epoch,
            isr: state.isr.clone().into(),
            why: why.into(),
        });
    }

    /// The states in ZooKeeper, `None` for a partition that has none or one of a newer controller.
    pub fn read_states(&mut self, partitions: &[TopicPartition]) -> Step<Vec<Option<LeaderAndIsr>>> {
        let ops = partitions.iter().map(|tp| ZkOp::GetData { path: state_path(tp), watch: false }).collect();
        let replies = self.ask(ops)?;
        let epoch = self.context.epoch;
        let state = |reply: &Result<ZkResult, ZkError>| match reply {
            Ok(ZkResult::Data { data, stat }) => {
                let read = parse_state(data, stat.version).filter(|read| read.controller_epoch <= epoch)?;
                Some(read.state)
            }
            _ => None,
        };
        Ok(replies.iter().map(state).collect())
    }

    /// Writes states on top of the versions that they carry. What is written is remembered; the
    /// partitions whose znode had another version are returned.
    pub fn update_states(
        &mut self,
        states: Vec<(TopicPartition, LeaderAndIsr)>,
    ) -> Step<(Vec<(TopicPartition, Leadership)>, Vec<TopicPartition>)> {
        let epoch = self.context.epoch;
        let ops = states.iter().map(|(tp, state)| ZkOp::SetData {
            path: state_path(tp),
            data: state_data(state, epoch),
            version: state.partition_epoch,
        });
        let ops = ops.collect();
        let replies = self.write(ops)?;
        let (mut written, mut conflicts) = (Vec::new(), Vec::new());
        for ((tp, mut state), reply) in states.into_iter().zip(replies) {
            match reply {
                Ok(ZkResult::Set(stat)) => {
                    state.partition_epoch = stat.version;
                    let leadership = Leadership { state, controller_epoch: epoch };
                    self.context.put_leadership(&tp, leadership.clone());
                    written.push((tp, leadership));
                }
                Err(ZkError::BadVersion) => conflicts.push(tp),
                _ => {}
            }
        }
        Ok((written, conflicts))
    }

    /// The topics among these whose configs allow unclean elections.
    fn topics_allowing_unclean(&mut self, topics: &BTreeSet<Name>) -> Step<BTreeSet<Name>> {
        let ops = topics.iter().map(|topic| ZkOp::GetData { path: config_path(topic), watch: false }).collect();
        let replies = self.ask(ops)?;
        let mut allowing = BTreeSet::new();
        for (topic, reply) in topics.iter().zip(replies.iter()) {
            let pairs = match reply {
                Ok(ZkResult::Data { data, .. }) => parse_config(data),
                _ => Vec::new(),
            };
            let config = TopicConfig::new(self.config, &pairs).unwrap_or_else(|_| TopicConfig::of_broker(self.config));
            if config.unclean_leader_election_enable {
                allowing.insert(topic.clone());
            }
        }
        Ok(allowing)
    }

    /// One attempt; the partitions whose znode changed under it are returned.
    fn elect_once(
        &mut self,
        partitions: &[TopicPartition],
        strategy: ElectionStrategy,
        batch: &mut Batch,
        results: &mut Elections,
        unclean_before: &mut BTreeSet<TopicPartition>,
    ) -> Step<Vec<TopicPartition>> {
        let read = self.read_states(partitions)?;
        let mut known = Vec::new();
        for (tp, state) in partitions.iter().zip(read) {
            match state {
                Some(state) => known.push((tp.clone(), state)),
                None => {
                    results
                        .insert(tp.clone(), Err(format!("LeaderAndIsr information doesn't exist for partition {tp}")));
                }
            }
        }
        // Whether an unclean election is allowed is looked up only where it would be needed.
        let allowing = match strategy {
            ElectionStrategy::Offline { allow_unclean: false } => {
                let without_isr = known
                    .iter()
                    .filter(|(tp, state)| !state.isr.iter().any(|id| self.context.is_replica_online(*id, tp)));
                let topics: BTreeSet<Name> = without_isr.map(|(tp, _)| tp.topic.clone()).collect();
                self.topics_allowing_unclean(&topics)?
            }
            _ => BTreeSet::new(),
        };
        let (mut updates, mut recipients) = (Vec::new(), BTreeMap::new());
        for (tp, state) in known {
            let unclean = strategy == ElectionStrategy::Offline { allow_unclean: true } || allowing.contains(&tp.topic);
            let assignment = self.context.assignment(&tp);
            let live = self.context.live_for(&tp);
            let result = elect(strategy, &assignment, &state, &live, &self.context.shutting_down, unclean);
            match result.elected {
                Some(elected) => {
                    // If the answer to an unclean attempt was lost, the next one finds its leader in the ISR.
                    if !state.isr.contains(&elected.leader) {
                        unclean_before.insert(tp.clone());
                    }
                    let clean = !unclean_before.contains(&tp);
                    recipients.insert(tp.clone(), (result.live_replicas, clean));
                    updates.push((tp, elected));
                }
                None => {
                    let message =
                        format!("Failed to elect leader for partition {tp} under strategy {}", strategy.kafka_name());
                    results.insert(tp, Err(message));
                }
            }
        }
        let (written, conflicts) = self.update_states(updates)?;
        for (tp, leadership) in written {
            let (brokers, clean) = recipients.remove(&tp).unwrap_or_default();
            batch.leader_and_isr(self.context, &brokers, &tp, &leadership, false);
            self.tell_elected(&tp, &leadership.state, if clean { strategy.name() } else { "unclean" });
            results.insert(tp, Ok(leadership.state));
        }
        Ok(conflicts)
    }
}
