//! Builds the view from the world: the controller's truth from znodes, the rest from the processes.

use std::rc::Rc;

use super::clients::{consumers, groups, producers};
use super::ledger::Ledger;
use super::messages::in_flight;
use super::partitions::Partitions;
use super::transactions::transactions;
use super::znodes::{Trees, Znodes, on_disk, serving};
use super::{BrokerView, ClusterView, FaultView, LogDirView, ProcessState, SessionView, ZnodeView, ZooKeeperView};
use crate::broker::{Broker, LogDir};
use crate::collections::BTreeMap;
use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::invariant::Promises;
use crate::log::Log;
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
    trees: Trees,
    partitions: Partitions,
    ledger: Ledger,
}

impl Viewer {
    /// [`view`]; partitions and lists of records that are as they were in the last view are the same allocation.
    pub fn view(&mut self, world: &World, promises: &Promises) -> ClusterView {
        let znodes = self.trees.znodes(world);
        let topics = self.partitions.topics(world, &znodes);
        let consumers = consumers(world);
        let groups = groups(world, &topics);
        let ledger = self.ledger.entries(world, &topics, &groups);
        let sessions = sessions(world, &znodes);
        ClusterView {
            now: world.now(),
            step: world.steps(),
            brokers: brokers(world, &znodes, &sessions),
            zookeeper: zookeeper(world, &sessions, &self.trees.lists(world)),
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

    /// The next world that is viewed is not what became of the last one.
    pub fn world_went_back(&mut self) {
        self.ledger.world_went_back();
        self.trees = Trees::default();
    }
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

fn session_view(world: &World, znodes: &Znodes, session: &SessionInfo) -> SessionView {
    let server = world.zookeepers().find(|server| server.served().any(|id| id == session.id));
    SessionView {
        id: session.id,
        owner: session.owner.clone(),
        timeout_ms: session.timeout_ms,
        expires_at: session.expires_at.unwrap_or(world.now() + SimDuration::from_ms(session.timeout_ms)),
        server: server.map(ZooKeeperServer::id),
        ephemerals: znodes.ephemerals.get(&session.id).cloned().unwrap_or_default(),
    }
}

/// Sessions as the leader tracks them; without a leader as a server knows them.
fn sessions(world: &World, znodes: &Znodes) -> Vec<SessionView> {
    let view = |session| session_view(world, znodes, &session);
    serving(world).map(|server| server.sessions().map(view).collect()).unwrap_or_default()
}

fn brokers(world: &World, znodes: &Znodes, sessions: &[SessionView]) -> Vec<BrokerView> {
    let mut owned: BTreeMap<&str, &SessionView> = BTreeMap::new();
    for session in sessions {
        let newest = owned.entry(&*session.owner).or_insert(session);
        *newest = if session.id > newest.id { session } else { *newest };
    }
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
                session: owned.get(own.as_str()).copied().cloned(),
                registered: znodes.registered.contains_key(&id),
                broker_epoch: znodes.registered.get(&id).copied().unwrap_or(-1),
                deadlines: slot.process.deadlines(),
                configs: entries,
                log_dirs: log_dirs(world, id),
                controlled_brokers: broker.map(|b| b.controlled_brokers().collect()).unwrap_or_default(),
                known_brokers: broker.map(|b| b.live_brokers().iter().copied().collect()).unwrap_or_default(),
            }
        })
        .collect()
}

fn zookeeper(world: &World, sessions: &[SessionView], trees: &[(u8, Rc<[ZnodeView]>)]) -> Vec<ZooKeeperView> {
    let znodes = |id: u8| trees.iter().find(|(server, _)| *server == id).map(|(_, list)| list.clone());
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
                znodes: znodes(id).unwrap_or_default(),
            },
            None => ZooKeeperView {
                id,
                state: plain_state(slot),
                role: "unreachable".into(),
                epoch: on_disk(slot).map_or(0, ZooKeeperDurable::current_epoch),
                zxid: on_disk(slot).map_or(0, ZooKeeperDurable::last_zxid),
                sessions: Vec::new(),
                znodes: Rc::default(),
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
