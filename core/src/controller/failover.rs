//! Becoming controller and ceasing to be (`KafkaController.elect`, `onControllerFailover`,
//! `maybeResign`): the first writer of `/controller` wins, and the winner reads everything.

use crate::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::batch::Batch;
use super::context::{Context, LiveBroker, PartitionPhase, Replica, ReplicaPhase};
use super::run::{Run, Step, Stop, Todo};
use super::znode::{
    BROKER_IDS, CONTROLLER, CONTROLLER_EPOCH, DELETE_TOPICS, FEATURE, TOPICS, broker_path, controller_data,
    parse_controller, parse_rack, parse_state, parse_topic, state_path, topic_path,
};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::Observation;
use crate::protocol::zookeeper::{CreateMode, ZkOp, ZkResult};

/// A new controller looks for lost preferred leaders this soon.
const FIRST_REBALANCE_SECONDS: u64 = 5;

/// How long a controller takes to resign: a thread for each broker is stopped and waited for. Of 18 elections after
/// `/controller` was deleted by hand, on three brokers, the one that had been controller won one.
// Simplified: always as long, so that it wins none of those elections.
const RESIGNATION_MS: u64 = 20;

impl Run<'_> {
    fn controller_in_zookeeper(&mut self) -> Step<BrokerId> {
        let data = self.data(CONTROLLER.into(), false)?;
        Ok(data.and_then(|(data, _)| parse_controller(&data)).unwrap_or(-1))
    }

    /// Watches `/controller`, reads who it is, and steps down if it is somebody else.
    pub fn maybe_resign(&mut self) -> Step<()> {
        let was_active = self.is_active();
        let exists = self.ask_one(ZkOp::Exists { path: CONTROLLER.into(), watch: true })?.is_ok();
        let active_controller = if exists { self.controller_in_zookeeper()? } else { -1 };
        if was_active && active_controller != self.id {
            self.todo.push(Todo::Resigned);
            *self.context = Context { epoch: self.context.epoch, ..Context::new() };
        }
        self.context.active_controller = active_controller;
        Ok(())
    }

    /// Becomes controller if nobody is; who has just lost its znode stands again when it has put everything down.
    pub fn reelect(&mut self) -> Step<()> {
        let was_active = self.is_active();
        self.maybe_resign()?;
        if was_active && !self.is_active() {
            self.todo.push(Todo::ReelectAfterMs(RESIGNATION_MS));
            return Ok(());
        }
        if self.context.active_controller != -1 {
            return Ok(());
        }
        let active_controller = self.controller_in_zookeeper()?;
        if active_controller != -1 {
            self.context.active_controller = active_controller;
            return Ok(());
        }
        self.register()?;
        self.failover()
    }

    /// `/controller` is created and `/controller_epoch` raised in one transaction, or neither.
    fn register(&mut self) -> Step<()> {
        let create = |path: &str, data: Name, mode| ZkOp::Create { path: path.into(), data, mode };
        let (epoch, version) = match self.data(CONTROLLER_EPOCH.into(), false)? {
            Some((epoch, version)) => (epoch.parse::<i32>().unwrap_or(0), version),
            None => {
                self.ask_one(create(CONTROLLER_EPOCH, "0".into(), CreateMode::Persistent))?.ok();
                match self.data(CONTROLLER_EPOCH.into(), false)? {
                    Some((epoch, version)) => (epoch.parse::<i32>().unwrap_or(0), version),
                    None => return Err(Stop::Moved),
                }
            }
        };
        let new_epoch = epoch.saturating_add(1);
        let me = controller_data(self.id, self.now_ms);
        let set = ZkOp::SetData { path: CONTROLLER_EPOCH.into(), data: new_epoch.to_string().into(), version };
        let multi = ZkOp::Multi(vec![create(CONTROLLER, me, CreateMode::Ephemeral), set]);
        let new_version = match self.ask_one(multi)? {
            Ok(ZkResult::Multi(results)) => match results.get(1) {
                Some(ZkResult::Set(stat)) => stat.version,
                _ => return Err(Stop::Moved),
            },
            _ => {
                // An answer that was lost on the way may hide that the write succeeded.
                let now = self.data(CONTROLLER_EPOCH.into(), false)?;
                let controller = self.controller_in_zookeeper()?;
                match now {
                    Some((data, version)) if controller == self.id && *data == *new_epoch.to_string() => version,
                    _ => return Err(Stop::Moved),
                }
            }
        };
        *self.context = Context::new();
        self.context.epoch = new_epoch;
        self.context.epoch_zk_version = new_version;
        self.context.active_controller = self.id;
        self.todo.push(Todo::Elected(new_epoch));
        self.observe(Observation::ControllerElected { broker: self.id, controller_epoch: new_epoch });
        Ok(())
    }

    fn failover(&mut self) -> Step<()> {
        if self.data(FEATURE.into(), false)?.is_none() {
            let data = Name::from("{\"features\":{},\"version\":2,\"status\":1}");
            self.ask_one(ZkOp::Create { path: FEATURE.into(), data, mode: CreateMode::Persistent })?.ok();
        }
        self.load_context()?;
        self.load_deletions()?;
        self.watch_log_dir_events()?;
        for broker in self.context.live_or_shutting_down() {
            self.todo.push(Todo::AddBroker(broker));
        }
        // Brokers must know who lives before LeaderAndIsr tells them whom to follow.
        self.update_metadata(&self.context.live_or_shutting_down(), &[]);
        self.start_replica_machine()?;
        self.start_partition_machine()?;
        self.resume_reassignments(&BTreeSet::new())?;
        self.resume_deletions()?;
        if self.config.auto_leader_rebalance_enable {
            self.todo.push(Todo::RebalanceAfterSeconds(FIRST_REBALANCE_SECONDS));
        }
        Ok(())
    }

    /// UpdateMetadata for `brokers`.
    pub fn update_metadata(&mut self, brokers: &BTreeSet<BrokerId>, partitions: &[TopicPartition]) {
        let mut batch = Batch::default();
        batch.update_metadata(self.context, brokers, partitions);
        self.send(batch);
    }

    /// The registered brokers as ZooKeeper has them; the list is watched.
    pub fn read_brokers(&mut self) -> Step<BTreeMap<BrokerId, LiveBroker>> {
        let ids = self.children(BROKER_IDS, true)?;
        let ids: Vec<BrokerId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let ops = ids.iter().map(|id| ZkOp::GetData { path: broker_path(*id), watch: false }).collect();
        let replies = self.ask(ops)?;
        let live = |(id, reply): (&BrokerId, &super::run::Reply)| match reply {
            Ok(ZkResult::Data { data, stat }) => Some((*id, LiveBroker { epoch: stat.czxid, rack: parse_rack(data) })),
            _ => None,
        };
        Ok(ids.iter().zip(replies.iter()).filter_map(live).collect())
    }

    /// Takes in topics' ids and assignments; their znodes are watched. Returns their partitions.
    pub fn read_topics(&mut self, topics: &[Name]) -> Step<Vec<TopicPartition>> {
        let ops = topics.iter().map(|topic| ZkOp::GetData { path: topic_path(topic), watch: true }).collect();
        let replies = self.ask(ops)?;
        let mut partitions = Vec::new();
        for (topic, reply) in topics.iter().zip(replies.iter()) {
            let Ok(ZkResult::Data { data, .. }) = reply else { continue };
            let Some((id, assignments)) = parse_topic(data) else { continue };
            Rc::make_mut(&mut self.context.topics).insert(topic.clone(), id);
            for (partition, assignment) in assignments {
                let tp = TopicPartition { topic: topic.clone(), partition };
                if assignment.is_being_reassigned() {
                    self.context.reassigning.insert(tp.clone());
                }
                self.context.put_assignment(&tp, assignment);
                partitions.push(tp);
            }
        }
        Ok(partitions)
    }

    fn load_context(&mut self) -> Step<()> {
        self.context.live = Rc::new(self.read_brokers()?);
        let topics = self.children(TOPICS, true)?;
        for topic in &topics {
            Rc::make_mut(&mut self.context.topics).insert(topic.clone(), Default::default());
        }
        let partitions = self.read_topics(&topics)?;
        let ops = partitions.iter().map(|tp| ZkOp::GetData { path: state_path(tp), watch: false }).collect();
        let replies = self.ask(ops)?;
        for (tp, reply) in partitions.iter().zip(replies.iter()) {
            if let Ok(ZkResult::Data { data, stat }) = reply
                && let Some(leadership) = parse_state(data, stat.version)
            {
                self.context.put_leadership(tp, leadership);
            }
        }
        Ok(())
    }

    fn load_deletions(&mut self) -> Step<()> {
        let asked = self.children(DELETE_TOPICS, true)?;
        if !self.config.delete_topic_enable {
            return self.forget_deletions(&asked);
        }
        self.context.to_be_deleted = asked.into_iter().collect();
        for topic in self.context.to_be_deleted.clone() {
            let offline = self.context.replicas_of_topic(&topic).iter().any(|(_, id)| !self.context.is_online(*id));
            if offline || self.context.reassigning.iter().any(|tp| tp.topic == topic) {
                self.context.deletion_ineligible.insert(topic);
            }
        }
        Ok(())
    }

    /// Replicas on live brokers come online; the others go offline before any election, which costs
    /// an epoch for every ISR that they leave.
    fn start_replica_machine(&mut self) -> Step<()> {
        let all: Vec<Replica> = self.context.assignments.keys().flat_map(|tp| self.context.replicas_of(tp)).collect();
        let (online, offline): (Vec<Replica>, Vec<Replica>) =
            all.into_iter().partition(|(_, id)| self.context.is_online(*id));
        let phases = Rc::make_mut(&mut self.context.replica_phases);
        for replica in &online {
            phases.insert(replica.clone(), ReplicaPhase::Online);
        }
        for replica in &offline {
            phases.insert(replica.clone(), ReplicaPhase::DeletionIneligible);
        }
        self.replicas_to(&online, Some(ReplicaPhase::Online))?;
        self.replicas_to(&offline, Some(ReplicaPhase::Offline))
    }

    fn start_partition_machine(&mut self) -> Step<()> {
        let phase_of = |tp: &TopicPartition| match self.context.leader_of(tp) {
            None => PartitionPhase::New,
            Some(leader) if self.context.is_online(leader) => PartitionPhase::Online,
            Some(_) => PartitionPhase::Offline,
        };
        let phases = self.context.assignments.keys().map(|tp| (tp.clone(), phase_of(tp))).collect();
        self.context.partition_phases = Rc::new(phases);
        self.trigger_online(None)?;
        Ok(())
    }
}
