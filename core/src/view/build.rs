//! Builds the view from the world: the controller's truth from znodes, the rest from the processes.

use crate::collections::Order;
use crate::collections::{BTreeMap, BTreeSet};

use super::clients::{consumers, groups, producers};
use super::divergence::diverges_at;
use super::ledger::Ledger;
use super::messages::in_flight;
use super::records::Records;
use super::transactions::transactions;
use super::{
    BrokerView, ClusterView, FaultView, LogDirView, PartitionView, ProcessState, ReplicaRole, ReplicaView, SessionView,
    TopicView, ZnodeView, ZooKeeperView,
};
use crate::broker::{Broker, LogDir, is_internal};
use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::invariant::Promises;
use crate::log::Log;
use crate::protocol::zookeeper::Stat;
use crate::sim::{ProcState, Process, Slot, World};
use crate::time::SimDuration;
use crate::zookeeper::{SessionInfo, ZooKeeperDurable, ZooKeeperServer};

/// The whole cluster as it is now.
pub fn view(world: &World, promises: &Promises) -> ClusterView {
    Viewer::default().view(world, promises)
}

/// Makes one view after the other and keeps what stays the same between them.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    records: Records,
    ledger: Ledger,
}

impl Viewer {
    /// [`view`]; lists of records that are as they were in the last view are the same allocation.
    pub fn view(&mut self, world: &World, promises: &Promises) -> ClusterView {
        self.records.begin();
        build(world, promises, &mut self.records, &mut self.ledger)
    }

    /// The next world that is viewed is not what became of the last one.
    pub fn world_went_back(&mut self) {
        self.ledger = Ledger::default();
    }
}

fn build(world: &World, promises: &Promises, records: &mut Records, ledger: &mut Ledger) -> ClusterView {
    let znodes = Znodes::of(world);
    let topics = topics(world, &znodes, records);
    let consumers = consumers(world);
    let groups = groups(world, &topics);
    let ledger = ledger.entries(world, &topics, &groups);
    ClusterView {
        now: world.now(),
        step: world.steps(),
        brokers: brokers(world, &znodes),
        zookeeper: zookeeper(world),
        producers: producers(world),
        consumers,
        groups,
        transactions: transactions(world),
        in_flight: in_flight(world),
        faults: faults(world),
        controller: znodes.controller,
        controller_epoch: znodes.controller_epoch,
        ledger,
        broken_promises: promises.violations().iter().map(ToString::to_string).collect(),
        topics,
    }
}

/// What the znodes say, as far as the picture needs it.
pub(super) struct Znodes {
    controller: Option<BrokerId>,
    controller_epoch: i32,
    registered: BTreeMap<BrokerId, i64>,
    assignments: BTreeMap<Name, BTreeMap<i32, Vec<BrokerId>>>,
    moving: BTreeMap<TopicPartition, (Vec<BrokerId>, Vec<BrokerId>)>,
    states: BTreeMap<TopicPartition, State>,
    configs: BTreeMap<Name, Vec<(Name, Name)>>,
}

struct State {
    leader: BrokerId,
    leader_epoch: i32,
    controller_epoch: i32,
    isr: Vec<BrokerId>,
    version: i32,
}

/// The number after `"name":`.
fn number(data: &str, name: &str) -> Option<i64> {
    let at = data.find(&format!("\"{name}\":"))? + name.len() + 3;
    let digits: String = data[at..].chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
    digits.parse().ok()
}

/// The numbers in the brackets after `"name":[`.
fn numbers(data: &str, name: &str) -> Vec<BrokerId> {
    let Some(at) = data.find(&format!("\"{name}\":[")) else { return Vec::new() };
    let inner = data[at + name.len() + 4..].split(']').next().unwrap_or("");
    inner.split(',').filter_map(|id| id.trim().parse().ok()).collect()
}

/// The replicas of each partition in `"NAME":{"0":[101,102],…}`.
fn assignment(data: &str, name: &str) -> BTreeMap<i32, Vec<BrokerId>> {
    let inner = data.split(&format!("\"{name}\":{{")).nth(1).and_then(|rest| rest.split('}').next()).unwrap_or("");
    let one = |part: &str| {
        let (number, replicas) = part.split_once(":[")?;
        let number = number.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()?;
        Some((number, replicas.split(',').filter_map(|id| id.trim().parse().ok()).collect()))
    };
    inner.split(']').filter_map(one).collect()
}

/// Name and value pairs of `"config":{…}`.
fn pairs(data: &str) -> Vec<(Name, Name)> {
    let Some(at) = data.find("\"config\":{") else { return Vec::new() };
    let inner = data[at + 10..].split('}').next().unwrap_or("");
    let strings: Vec<&str> = inner.split('"').skip(1).step_by(2).collect();
    strings.chunks_exact(2).map(|pair| (pair[0].into(), pair[1].into())).collect()
}

impl Znodes {
    /// Every partition with its assigned replicas.
    pub(super) fn assigned(&self) -> impl Iterator<Item = (&Name, i32, &[BrokerId])> {
        let of = |(topic, partitions)| {
            let partitions: &BTreeMap<i32, Vec<BrokerId>> = partitions;
            partitions.iter().map(move |(number, replicas)| (topic, *number, replicas.as_slice()))
        };
        self.assignments.iter().flat_map(of)
    }

    /// Assigned replicas of a partition.
    pub(super) fn replicas(&self, tp: &TopicPartition) -> Option<&[BrokerId]> {
        self.assignments.get(&tp.topic)?.get(&tp.partition).map(Vec::as_slice)
    }

    /// The leader of a partition, and how many replicas are in sync.
    pub(super) fn leadership(&self, tp: &TopicPartition) -> (Option<BrokerId>, usize) {
        let state = self.states.get(tp);
        (state.map(|state| state.leader).filter(|leader| *leader >= 0), state.map_or(0, |state| state.isr.len()))
    }

    pub(super) fn of(world: &World) -> Self {
        let mut all = Self {
            controller: None,
            controller_epoch: 0,
            registered: BTreeMap::new(),
            assignments: BTreeMap::new(),
            moving: BTreeMap::new(),
            states: BTreeMap::new(),
            configs: BTreeMap::new(),
        };
        for (path, data, stat) in tree(world) {
            let parts: Vec<&str> = path.split('/').skip(1).collect();
            match parts.as_slice() {
                ["controller"] => all.controller = number(data, "brokerid").map(|id| id as BrokerId),
                ["controller_epoch"] => all.controller_epoch = data.parse().unwrap_or(0),
                ["brokers", "ids", id] => {
                    if let Ok(id) = id.parse() {
                        all.registered.insert(id, stat.czxid);
                    }
                }
                ["brokers", "topics", topic] => {
                    all.assignments.insert((*topic).into(), assignment(data, "partitions"));
                    let moving = &mut all.moving;
                    for (partition, adding) in assignment(data, "adding_replicas") {
                        moving.entry(TopicPartition::new(*topic, partition)).or_default().0 = adding;
                    }
                    for (partition, removing) in assignment(data, "removing_replicas") {
                        moving.entry(TopicPartition::new(*topic, partition)).or_default().1 = removing;
                    }
                }
                ["brokers", "topics", topic, "partitions", partition, "state"] => {
                    let Ok(partition) = partition.parse() else { continue };
                    let state = State {
                        leader: number(data, "leader").unwrap_or(-1) as BrokerId,
                        leader_epoch: number(data, "leader_epoch").unwrap_or(-1) as i32,
                        controller_epoch: number(data, "controller_epoch").unwrap_or(0) as i32,
                        isr: numbers(data, "isr"),
                        version: stat.version,
                    };
                    all.states.insert(TopicPartition::new(*topic, partition), state);
                }
                ["config", "topics", topic] => {
                    all.configs.insert((*topic).into(), pairs(data));
                }
                _ => {}
            }
        }
        all
    }
}

/// The znodes of a server that serves; while none runs, what is on a server's disk.
fn tree(world: &World) -> Vec<(&Name, &Name, &Stat)> {
    if let Some(server) = serving(world) {
        return server.tree().collect();
    }
    let newest = world.nodes().filter_map(|(_, slot)| on_disk(slot)).max_by_key(|durable| durable.last_zxid());
    newest.map(|durable| durable.tree().collect()).unwrap_or_default()
}

/// What a ZooKeeper server that is down keeps.
fn on_disk(slot: &Slot) -> Option<&ZooKeeperDurable> {
    match &slot.process {
        Process::ZooKeeperDown(durable) => Some(durable),
        _ => None,
    }
}

/// The server that knows best: the leader, else the newest data among those that run.
fn serving(world: &World) -> Option<&ZooKeeperServer> {
    let leads = |server: &&ZooKeeperServer| matches!(server.role(), "leader" | "standalone");
    let newest = || world.zookeepers().max_by_key(|server| (server.is_serving(), server.last_zxid()));
    world.zookeepers().find(leads).or_else(newest)
}

fn process_state(slot: &Slot, starting: bool, stopping: bool) -> ProcessState {
    match slot.state {
        ProcState::Dead => ProcessState::Dead,
        ProcState::Paused => ProcessState::Paused,
        ProcState::Starting => ProcessState::Starting,
        ProcState::Running if stopping => ProcessState::Stopping,
        ProcState::Running if starting => ProcessState::Starting,
        ProcState::Running => ProcessState::Running,
    }
}

/// Whether a client or a ZooKeeper server runs.
pub(super) fn plain_state(slot: &Slot) -> ProcessState {
    process_state(slot, false, false)
}

fn session_view(world: &World, session: &SessionInfo) -> SessionView {
    let server = world.zookeepers().find(|server| server.served().any(|id| id == session.id));
    SessionView {
        id: session.id,
        owner: session.owner.clone(),
        timeout_ms: session.timeout_ms,
        expires_at: session.expires_at.unwrap_or(world.now() + SimDuration::from_ms(session.timeout_ms)),
        server: server.map(ZooKeeperServer::id),
        ephemerals: session.ephemerals.clone(),
    }
}

/// Sessions as the leader tracks them; without a leader as a server knows them.
fn sessions(world: &World) -> Vec<SessionView> {
    let known = serving(world).map(|server| server.sessions().map(|session| session_view(world, &session)).collect());
    known.unwrap_or_default()
}

fn brokers(world: &World, znodes: &Znodes) -> Vec<BrokerView> {
    let sessions = sessions(world);
    world
        .nodes()
        .filter_map(|(node, slot)| node.broker().map(|id| (id, slot)))
        .map(|(id, slot)| {
            let broker = world.broker(id);
            let set = |b: &Broker| b.config().entries().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
            let entries = broker.map_or_else(|| world.genesis().entries_of(id), set);
            let own = id.to_string();
            BrokerView {
                id,
                state: process_state(
                    slot,
                    broker.is_some_and(|b| !b.is_registered()),
                    broker.is_some_and(Broker::is_stopping),
                ),
                is_controller: znodes.controller == Some(id),
                coordinates: broker.map(|b| b.groups().groups().map(|g| g.id().clone()).collect()).unwrap_or_default(),
                session: sessions.iter().filter(|session| *session.owner == *own).max_by_key(|s| s.id).cloned(),
                registered: znodes.registered.contains_key(&id),
                broker_epoch: znodes.registered.get(&id).copied().unwrap_or(-1),
                deadlines: slot.process.deadlines(),
                configs: entries,
                log_dirs: log_dirs(world, id),
                known_brokers: broker.map(|b| b.live_brokers().iter().copied().collect()).unwrap_or_default(),
            }
        })
        .collect()
}

fn zookeeper(world: &World) -> Vec<ZooKeeperView> {
    let sessions = sessions(world);
    world
        .nodes()
        .filter_map(|(node, slot)| match node {
            NodeId::ZooKeeper(id) => Some((*id, slot)),
            _ => None,
        })
        .map(|(id, slot)| match world.zookeeper(id) {
            Some(server) => ZooKeeperView {
                id,
                state: plain_state(slot),
                role: server.activity().into(),
                epoch: server.current_epoch(),
                zxid: server.last_zxid(),
                // A follower that lags may not know the newest ones yet.
                sessions: sessions.iter().filter(|known| server.data().session(known.id).is_some()).cloned().collect(),
                znodes: server
                    .tree()
                    .map(|(path, data, stat)| ZnodeView {
                        path: path.clone(),
                        data: data.clone(),
                        version: stat.version,
                        czxid: stat.czxid,
                        ephemeral_owner: stat.ephemeral_owner,
                    })
                    .collect(),
            },
            None => ZooKeeperView {
                id,
                state: plain_state(slot),
                role: "unreachable".into(),
                epoch: on_disk(slot).map_or(0, ZooKeeperDurable::current_epoch),
                zxid: on_disk(slot).map_or(0, ZooKeeperDurable::last_zxid),
                sessions: Vec::new(),
                znodes: Vec::new(),
            },
        })
        .collect()
}

/// A replica's log, also of a broker that is down.
pub(super) fn log_of<'a>(world: &'a World, broker: BrokerId, tp: &TopicPartition) -> Option<&'a Log> {
    match &world.slot(&NodeId::Broker(broker))?.process {
        Process::Broker(broker) => broker.log(tp),
        Process::BrokerDown(durable, _) => durable.logs.get(tp),
        _ => None,
    }
}

fn topics(world: &World, znodes: &Znodes, records: &mut Records) -> Vec<TopicView> {
    let mut topics: Vec<TopicView> = znodes
        .assignments
        .iter()
        .map(|(name, assignment)| TopicView {
            name: name.clone(),
            internal: is_internal(name),
            configs: znodes.configs.get(name).cloned().unwrap_or_default(),
            partitions: assignment
                .iter()
                .map(|(number, assigned)| partition(world, znodes, name, *number, assigned, records))
                .collect(),
        })
        .collect();
    topics.order_by(|a, b| (a.internal, &a.name).cmp(&(b.internal, &b.name)));
    topics
}

fn partition(
    world: &World,
    znodes: &Znodes,
    topic: &Name,
    number: i32,
    assigned: &[BrokerId],
    records: &mut Records,
) -> PartitionView {
    let tp = TopicPartition { topic: topic.clone(), partition: number };
    let state = znodes.states.get(&tp);
    let isr = state.map(|state| state.isr.clone()).unwrap_or_default();
    let leader = state.map(|state| state.leader).filter(|leader| *leader >= 0);
    let min_insync = znodes
        .configs
        .get(topic)
        .and_then(|configs| configs.iter().find(|(name, _)| &**name == "min.insync.replicas"))
        .and_then(|(_, value)| value.parse::<i32>().ok());
    let broker_default = leader.and_then(|id| world.broker(id)).map_or(1, |broker| broker.config().min_insync_replicas);
    // Replicas that a broker still keeps although it is no longer assigned are shown too.
    let mut shown: Vec<BrokerId> = assigned.to_vec();
    let known: BTreeSet<BrokerId> = shown.iter().copied().collect();
    for (node, _) in world.nodes() {
        if let Some(id) = node.broker().filter(|id| !known.contains(id))
            && log_of(world, id, &tp).is_some()
        {
            shown.push(id);
        }
    }
    let replicas: Vec<ReplicaView> = shown.iter().map(|id| replica(world, &tp, *id, leader, &isr, records)).collect();
    let high_watermark = match leader.and_then(|id| replicas.iter().find(|replica| replica.broker == id)) {
        Some(replica) => replica.high_watermark,
        None => replicas.iter().map(|replica| replica.high_watermark).max().unwrap_or(0),
    };
    let (adding, removing) = znodes.moving.get(&tp).cloned().unwrap_or_default();
    PartitionView {
        adding,
        removing,
        leader,
        leader_epoch: state.map_or(-1, |state| state.leader_epoch),
        controller_epoch: state.map_or(0, |state| state.controller_epoch),
        partition_epoch: state.map_or(-1, |state| state.version),
        min_insync_replicas: min_insync.unwrap_or(broker_default).min(assigned.len().max(1) as i32),
        isr,
        assigned: assigned.to_vec(),
        high_watermark,
        replicas,
        tp,
    }
}

fn log_dirs(world: &World, id: BrokerId) -> Vec<LogDirView> {
    let logs: Vec<&Log> = match world.slot(&NodeId::Broker(id)).map(|slot| &slot.process) {
        Some(Process::Broker(broker)) => broker.logs().collect(),
        Some(Process::BrokerDown(durable, _)) => durable.logs.values().collect(),
        _ => Vec::new(),
    };
    let view = |dir: &LogDir| LogDirView {
        path: dir.path.clone(),
        disk: dir.disk.name(),
        offline: dir.offline,
        logs: u32::try_from(logs.iter().filter(|log| *log.parent_dir() == dir.path).count()).unwrap_or(u32::MAX),
    };
    world.log_dirs(&NodeId::Broker(id)).iter().map(view).collect()
}

fn replica(
    world: &World,
    tp: &TopicPartition,
    id: BrokerId,
    leader: Option<BrokerId>,
    isr: &[BrokerId],
    records: &mut Records,
) -> ReplicaView {
    let hosted = world.broker(id).and_then(|broker| broker.partitions().get(tp));
    let runs = world.slot(&NodeId::Broker(id)).is_some_and(|slot| slot.state != ProcState::Dead);
    let log = log_of(world, id, tp);
    let role = match (runs, leader == Some(id)) {
        (false, _) => ReplicaRole::Offline,
        // Its log directory is offline.
        (true, _) if log.is_some() && world.broker(id).is_some_and(|b| b.offline_logs().any(|other| other == tp)) => {
            ReplicaRole::Offline
        }
        (true, true) => ReplicaRole::Leader,
        (true, false) => ReplicaRole::Follower,
    };
    ReplicaView {
        broker: id,
        role,
        believes_it_leads: hosted.is_some_and(|partition| partition.is_leader),
        known_leader_epoch: hosted.map_or(-1, |partition| partition.leader_epoch),
        in_sync: isr.contains(&id),
        log_dir: log.map_or("".into(), |log| log.parent_dir().clone()),
        log_start_offset: log.map_or(0, Log::log_start_offset),
        log_end_offset: log.map_or(0, Log::log_end_offset),
        high_watermark: log.map_or(0, Log::high_watermark),
        last_stable_offset: log.map_or(0, Log::last_stable_offset),
        records: log.map(|log| records.of(log)).unwrap_or_default(),
        leader_epochs: log
            .map(|log| log.leader_epochs().entries().iter().map(|e| (e.epoch, e.start_offset)).collect())
            .unwrap_or_default(),
        diverges_at: leader
            .filter(|leader| *leader != id)
            .and_then(|leader| diverges_at(log?, log_of(world, leader, tp)?)),
    }
}

/// Bytes as text; what is not text is counted.
pub(super) fn text(bytes: &[u8]) -> Name {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => text.into(),
        _ => format!("<{} bytes>", bytes.len()).into(),
    }
}

fn faults(world: &World) -> Vec<FaultView> {
    let network = world.network();
    let describe = |(id, rule): (&u32, &crate::sim::FaultRule)| FaultView {
        id: *id,
        text: rule.to_string().into(),
        between: rule.nodes(),
    };
    network.faults.iter().map(describe).collect()
}
