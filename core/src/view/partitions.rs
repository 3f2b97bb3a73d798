//! Topics and their partitions, each as it was in the view before where nothing of it has changed: a view is made for
//! every frame, and of a thousand partitions few change between two of them.

use std::rc::Rc;

use super::divergence::diverges_at;
use super::records::newest;
use super::znodes::{State, Znodes};
use super::{PartitionView, ReplicaRole, ReplicaView, TopicView};
use crate::broker::{Partition, is_internal};
use crate::collections::{BTreeMap, Order};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::{Log, RecordBatch};
use crate::sim::{ProcState, Process, Slot, World};

/// The partitions of the last view, by topic and number.
#[derive(Clone, Debug, Default)]
pub(super) struct Partitions {
    kept: BTreeMap<Name, Vec<Kept>>,
}

/// A partition as it was viewed, with what tells each replica's log from others.
#[derive(Clone, Debug)]
struct Kept {
    view: Rc<PartitionView>,
    logs: Vec<Option<Mark>>,
}

/// Batches are never changed, a log grows and is cut at its end, retention cuts its beginning, and cleaning makes it
/// smaller: so these three tell whether its records are the same.
#[derive(Clone, Debug)]
struct Mark {
    last: Rc<RecordBatch>,
    first_base_offset: i64,
    size_in_bytes: u64,
}

impl Mark {
    /// `None` of a log without records.
    fn of(log: &Log) -> Option<Self> {
        let last = log.batches().next_back()?.clone();
        let first_base_offset = log.segments().first().map_or(0, |segment| segment.base_offset());
        Some(Self { last, first_base_offset, size_in_bytes: log.size_in_bytes() })
    }

    fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.last, &other.last)
            && (self.first_base_offset, self.size_in_bytes) == (other.first_base_offset, other.size_in_bytes)
    }
}

/// A broker's process or disk.
struct Host<'a> {
    id: BrokerId,
    slot: &'a Slot,
    /// How many of its logs belong to partitions that are assigned to it.
    assigned: usize,
}

impl Host<'_> {
    fn logs(&self) -> usize {
        match &self.slot.process {
            Process::Broker(broker) => broker.logs().count(),
            Process::BrokerDown(durable, _) => durable.logs.len(),
            _ => 0,
        }
    }
}

/// A replica as its broker has it.
struct Stand<'a> {
    broker: BrokerId,
    runs: bool,
    hosted: Option<&'a Partition>,
    log: Option<&'a Log>,
    offline: bool,
}

impl<'a> Stand<'a> {
    fn of(broker: BrokerId, host: Option<&Host<'a>>, tp: &TopicPartition) -> Self {
        let runs = host.is_some_and(|host| host.slot.state != ProcState::Dead);
        match host.map(|host| &host.slot.process) {
            Some(Process::Broker(process)) => {
                let hosted = process.partitions().get(tp);
                let log = hosted.map(|partition| &partition.log).or_else(|| process.log(tp));
                let offline = log.is_some() && process.offline_logs().any(|other| other == tp);
                Self { broker, runs, hosted: hosted.map(|hosted| &**hosted), log, offline }
            }
            Some(Process::BrokerDown(durable, _)) => {
                Self { broker, runs, hosted: None, log: durable.logs.get(tp), offline: false }
            }
            _ => Self { broker, runs, hosted: None, log: None, offline: false },
        }
    }

    fn role(&self, leader: Option<BrokerId>) -> ReplicaRole {
        match (self.runs && !self.offline, leader == Some(self.broker)) {
            // Its broker does not run, or its log directory is offline.
            (false, _) => ReplicaRole::Offline,
            (true, true) => ReplicaRole::Leader,
            (true, false) => ReplicaRole::Follower,
        }
    }

    /// All but what is told of its log's records.
    fn view(&self, leader: Option<BrokerId>, isr: &[BrokerId]) -> ReplicaView {
        let log = self.log;
        ReplicaView {
            broker: self.broker,
            role: self.role(leader),
            believes_it_leads: self.hosted.is_some_and(|partition| partition.is_leader),
            known_leader_epoch: self.hosted.map_or(-1, |partition| partition.leader_epoch),
            in_sync: isr.contains(&self.broker),
            log_dir: log.map_or("".into(), |log| log.parent_dir().clone()),
            log_start_offset: log.map_or(0, Log::log_start_offset),
            log_end_offset: log.map_or(0, Log::log_end_offset),
            high_watermark: log.map_or(0, Log::high_watermark),
            last_stable_offset: log.map_or(0, Log::last_stable_offset),
            records: Rc::default(),
            leader_epochs: log.map(|log| epochs(log).collect()).unwrap_or_default(),
            diverges_at: None,
        }
    }

    /// Nothing of the replica has changed since it was viewed. Whether it is in sync, its partition says.
    fn is(&self, view: &ReplicaView, mark: Option<&Mark>, leader: Option<BrokerId>) -> bool {
        let same = self.broker == view.broker
            && self.role(leader) == view.role
            && self.hosted.is_some_and(|partition| partition.is_leader) == view.believes_it_leads
            && self.hosted.map_or(-1, |partition| partition.leader_epoch) == view.known_leader_epoch;
        let Some(log) = self.log else { return same && view.log_dir.is_empty() };
        let records = match (mark, Mark::of(log)) {
            (Some(mark), Some(now)) => mark.is(&now),
            (None, None) => true,
            _ => false,
        };
        same && records
            && *log.parent_dir() == view.log_dir
            && log.log_start_offset() == view.log_start_offset
            && log.log_end_offset() == view.log_end_offset
            && log.high_watermark() == view.high_watermark
            && log.last_stable_offset() == view.last_stable_offset
            && epochs(log).eq(view.leader_epochs.iter().copied())
    }
}

fn epochs(log: &Log) -> impl Iterator<Item = (i32, i64)> {
    log.leader_epochs().entries().iter().map(|entry| (entry.epoch, entry.start_offset))
}

/// A partition as the znodes have it.
struct Told<'a> {
    tp: TopicPartition,
    assigned: &'a [BrokerId],
    state: Option<&'a State>,
    moving: Option<&'a (Vec<BrokerId>, Vec<BrokerId>)>,
    leader: Option<BrokerId>,
    min_insync_replicas: i32,
}

impl Told<'_> {
    fn isr(&self) -> &[BrokerId] {
        self.state.map_or(&[], |state| &state.isr)
    }

    fn adding(&self) -> &[BrokerId] {
        self.moving.map_or(&[], |(adding, _)| adding)
    }

    fn removing(&self) -> &[BrokerId] {
        self.moving.map_or(&[], |(_, removing)| removing)
    }

    /// Leader epoch, controller epoch and version of the `state` znode.
    fn epochs(&self) -> (i32, i32, i32) {
        self.state.map_or((-1, 0, -1), |state| (state.leader_epoch, state.controller_epoch, state.version))
    }
}

impl Kept {
    fn is(&self, told: &Told<'_>, stands: &[Stand<'_>]) -> bool {
        let view = &*self.view;
        (view.leader, view.min_insync_replicas) == (told.leader, told.min_insync_replicas)
            && (view.leader_epoch, view.controller_epoch, view.partition_epoch) == told.epochs()
            && view.isr == told.isr()
            && view.assigned == told.assigned
            && view.adding == told.adding()
            && view.removing == told.removing()
            && view.replicas.len() == stands.len()
            && view
                .replicas
                .iter()
                .zip(&self.logs)
                .zip(stands)
                .all(|((replica, mark), stand)| stand.is(replica, mark.as_ref(), told.leader))
    }

    /// What it was `before` lends it the records of logs that have not changed.
    fn new(told: Told<'_>, stands: &[Stand<'_>], before: Option<&Self>) -> Self {
        let logs: Vec<Option<Mark>> = stands.iter().map(|stand| stand.log.and_then(Mark::of)).collect();
        let mut replicas: Vec<ReplicaView> = Vec::with_capacity(stands.len());
        let leaders = stands.iter().find(|stand| Some(stand.broker) == told.leader).and_then(|stand| stand.log);
        for (stand, mark) in stands.iter().zip(&logs) {
            let mut view = stand.view(told.leader, told.isr());
            if let (Some(log), Some(mark)) = (stand.log, mark) {
                let same = |(other, of): (&Option<Mark>, &ReplicaView)| {
                    other.as_ref().is_some_and(|other| other.is(mark)).then(|| of.records.clone())
                };
                // Replicas that agree share one list.
                let now = || logs.iter().zip(&replicas).find_map(same);
                let known = || before.and_then(|kept| kept.logs.iter().zip(&kept.view.replicas).find_map(same));
                view.records = now().or_else(known).unwrap_or_else(|| newest(log).into());
            }
            if let (Some(log), Some(leaders)) = (stand.log, leaders)
                && Some(stand.broker) != told.leader
            {
                view.diverges_at = diverges_at(log, leaders);
            }
            replicas.push(view);
        }
        let high_watermark = match replicas.iter().find(|replica| Some(replica.broker) == told.leader) {
            Some(replica) => replica.high_watermark,
            None => replicas.iter().map(|replica| replica.high_watermark).max().unwrap_or(0),
        };
        let (leader_epoch, controller_epoch, partition_epoch) = told.epochs();
        let view = PartitionView {
            leader: told.leader,
            leader_epoch,
            controller_epoch,
            partition_epoch,
            isr: told.isr().to_vec(),
            assigned: told.assigned.to_vec(),
            adding: told.adding().to_vec(),
            removing: told.removing().to_vec(),
            high_watermark,
            min_insync_replicas: told.min_insync_replicas,
            replicas,
            tp: told.tp,
        };
        Self { view: Rc::new(view), logs }
    }
}

impl Partitions {
    /// All topics by name, internal ones last.
    pub(super) fn topics(&mut self, world: &World, znodes: &Znodes) -> Vec<TopicView> {
        let mut hosts: Vec<Host<'_>> =
            world.nodes().filter_map(|(node, slot)| Some(Host { id: node.broker()?, slot, assigned: 0 })).collect();
        let mut stands: Vec<Stand<'_>> = Vec::new();
        for (topic, number, assigned) in znodes.assigned() {
            let tp = TopicPartition { topic: topic.clone(), partition: number };
            for id in assigned {
                let place = hosts.binary_search_by_key(id, |host| host.id).ok();
                let stand = Stand::of(*id, place.and_then(|place| hosts.get(place)), &tp);
                if let Some(host) = place.filter(|_| stand.log.is_some()).and_then(|place| hosts.get_mut(place)) {
                    host.assigned += 1;
                }
                stands.push(stand);
            }
        }
        let strays = strays(&hosts, znodes);
        let mut stands = stands.into_iter();
        let mut before = std::mem::take(&mut self.kept);
        let mut topics = Vec::with_capacity(znodes.assignments.len());
        for (name, assignment) in &znodes.assignments {
            let mut known = before.remove(name).unwrap_or_default().into_iter().peekable();
            let mut kept = Vec::with_capacity(assignment.len());
            for (number, assigned) in assignment {
                let told = told(world, znodes, name, *number, assigned);
                // Replicas that a broker still keeps although it is no longer assigned are shown too.
                let strays = strays.get(&told.tp).map_or(&[][..], Vec::as_slice);
                let stray = |id: &BrokerId| {
                    let host = hosts.binary_search_by_key(id, |host| host.id).ok().and_then(|place| hosts.get(place));
                    Stand::of(*id, host, &told.tp)
                };
                let all: Vec<Stand<'_>> =
                    stands.by_ref().take(assigned.len()).chain(strays.iter().map(stray)).collect();
                while known.next_if(|kept| kept.view.tp.partition < *number).is_some() {}
                let same = known.next_if(|kept| kept.view.tp.partition == *number);
                kept.push(match same {
                    Some(same) if same.is(&told, &all) => same,
                    before => Kept::new(told, &all, before.as_ref()),
                });
            }
            topics.push(TopicView {
                name: name.clone(),
                internal: is_internal(name),
                configs: znodes.configs.get(name).cloned().unwrap_or_default(),
                partitions: kept.iter().map(|kept| kept.view.clone()).collect(),
            });
            self.kept.insert(name.clone(), kept);
        }
        topics.order_by(|a, b| (a.internal, &a.name).cmp(&(b.internal, &b.name)));
        topics
    }
}

/// Brokers that keep a replica without being assigned, by partition.
fn strays(hosts: &[Host<'_>], znodes: &Znodes) -> BTreeMap<TopicPartition, Vec<BrokerId>> {
    let mut strays: BTreeMap<TopicPartition, Vec<BrokerId>> = BTreeMap::new();
    for host in hosts.iter().filter(|host| host.logs() > host.assigned) {
        let mut found = |log: &Log| {
            let tp = log.topic_partition();
            if znodes.replicas(tp).is_some_and(|assigned| !assigned.contains(&host.id)) {
                strays.entry(tp.clone()).or_default().push(host.id);
            }
        };
        match &host.slot.process {
            Process::Broker(broker) => broker.logs().for_each(&mut found),
            Process::BrokerDown(durable, _) => durable.logs.values().for_each(&mut found),
            _ => {}
        }
    }
    strays
}

fn told<'a>(world: &World, znodes: &'a Znodes, topic: &Name, number: i32, assigned: &'a [BrokerId]) -> Told<'a> {
    let tp = TopicPartition { topic: topic.clone(), partition: number };
    let state = znodes.states.get(&tp);
    let leader = state.map(|state| state.leader).filter(|leader| *leader >= 0);
    Told {
        assigned,
        state,
        moving: znodes.moving.get(&tp),
        leader,
        min_insync_replicas: min_insync_replicas(world, znodes, &tp, leader, assigned),
        tp,
    }
}

/// What is in force of `min.insync.replicas`: the topic's, else that of the leader's broker; never more than are assigned.
pub(super) fn min_insync_replicas(
    world: &World,
    znodes: &Znodes,
    tp: &TopicPartition,
    leader: Option<BrokerId>,
    assigned: &[BrokerId],
) -> i32 {
    let configs = znodes.configs.get(&tp.topic);
    let set = configs.and_then(|configs| configs.iter().find(|(name, _)| &**name == "min.insync.replicas"));
    let set = set.and_then(|(_, value)| value.parse::<i32>().ok());
    let of_broker = || leader.and_then(|id| world.broker(id)).map_or(1, |broker| broker.config().min_insync_replicas);
    set.unwrap_or_else(of_broker).min(assigned.len().max(1) as i32)
}
