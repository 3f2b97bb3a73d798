//! What ZooKeeper's tree says, as far as the picture needs it, and the tree itself. Both are read anew only when a
//! transaction has changed it.

use std::rc::Rc;

use super::ZnodeView;
use crate::collections::BTreeMap;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::zookeeper::Stat;
use crate::sim::{Process, Slot, World};
use crate::zookeeper::{ZooKeeperDurable, ZooKeeperServer};

/// The trees of the last view. A zxid tells what all transactions up to it have made, as long as the world does not
/// go back: who takes it back forgets them.
#[derive(Clone, Debug, Default)]
pub(super) struct Trees {
    read: Option<(i64, Rc<Znodes>)>,
    listed: BTreeMap<i64, Rc<[ZnodeView]>>,
}

impl Trees {
    /// What the tree of the server that knows best says.
    pub(super) fn znodes(&mut self, world: &World) -> Rc<Znodes> {
        let zxid = match serving(world) {
            Some(server) => server.last_zxid(),
            None => newest(world).map_or(-1, ZooKeeperDurable::last_zxid),
        };
        if let Some((at, znodes)) = &self.read
            && *at == zxid
        {
            return znodes.clone();
        }
        let znodes = Rc::new(Znodes::of(world));
        self.read = Some((zxid, znodes.clone()));
        znodes
    }

    /// The znodes of the servers that have a process. Servers that have applied the same share one list.
    pub(super) fn lists(&mut self, world: &World) -> Vec<(u8, Rc<[ZnodeView]>)> {
        let before = std::mem::take(&mut self.listed);
        let mut lists = Vec::new();
        for server in world.zookeepers() {
            let zxid = server.last_zxid();
            let known = self.listed.get(&zxid).or_else(|| before.get(&zxid)).cloned();
            let list = known.unwrap_or_else(|| server.tree().map(znode).collect());
            self.listed.insert(zxid, list.clone());
            lists.push((server.id(), list));
        }
        lists
    }
}

fn znode((path, data, stat): (&Name, &Name, &Stat)) -> ZnodeView {
    ZnodeView {
        path: path.clone(),
        data: data.clone(),
        version: stat.version,
        czxid: stat.czxid,
        ephemeral_owner: stat.ephemeral_owner,
    }
}

/// What the znodes say, as far as the picture needs it.
#[derive(Debug, Default)]
pub(super) struct Znodes {
    /// `/controller`.
    pub(super) controller: Option<BrokerId>,
    /// `/controller_epoch`.
    pub(super) controller_epoch: i32,
    /// `/brokers/ids`, with the czxid of each.
    pub(super) registered: BTreeMap<BrokerId, i64>,
    /// `/brokers/topics`: assigned replicas.
    pub(super) assignments: BTreeMap<Name, BTreeMap<i32, Vec<BrokerId>>>,
    /// Reassignments under way: replicas that come and that go.
    pub(super) moving: BTreeMap<TopicPartition, (Vec<BrokerId>, Vec<BrokerId>)>,
    /// The `state` of every partition that has one.
    pub(super) states: BTreeMap<TopicPartition, State>,
    /// `/config/topics`.
    pub(super) configs: BTreeMap<Name, Vec<(Name, Name)>>,
    /// Paths of ephemeral znodes by session.
    pub(super) ephemerals: BTreeMap<i64, Rc<[Name]>>,
}

/// A partition's `state`.
#[derive(Debug)]
pub(super) struct State {
    pub(super) leader: BrokerId,
    pub(super) leader_epoch: i32,
    pub(super) controller_epoch: i32,
    pub(super) isr: Vec<BrokerId>,
    pub(super) version: i32,
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
        let mut all = Self::default();
        let mut ephemerals: BTreeMap<i64, Vec<Name>> = BTreeMap::new();
        for (path, data, stat) in tree(world) {
            if stat.ephemeral_owner != 0 {
                ephemerals.entry(stat.ephemeral_owner).or_default().push(path.clone());
            }
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
        all.ephemerals = ephemerals.into_iter().map(|(session, paths)| (session, paths.into())).collect();
        all
    }
}

/// The znodes of a server that serves; while none runs, what is on a server's disk.
fn tree(world: &World) -> Vec<(&Name, &Name, &Stat)> {
    if let Some(server) = serving(world) {
        return server.tree().collect();
    }
    newest(world).map(|durable| durable.tree().collect()).unwrap_or_default()
}

/// The disk that is furthest of the servers that are down.
fn newest(world: &World) -> Option<&ZooKeeperDurable> {
    world.nodes().filter_map(|(_, slot)| on_disk(slot)).max_by_key(|durable| durable.last_zxid())
}

/// What a ZooKeeper server that is down keeps.
pub(super) fn on_disk(slot: &Slot) -> Option<&ZooKeeperDurable> {
    match &slot.process {
        Process::ZooKeeperDown(durable) => Some(durable),
        _ => None,
    }
}

/// The server that knows best: the leader, else the newest data among those that run.
pub(super) fn serving(world: &World) -> Option<&ZooKeeperServer> {
    let leads = |server: &&ZooKeeperServer| matches!(server.role(), "leader" | "standalone");
    let newest = || world.zookeepers().max_by_key(|server| (server.is_serving(), server.last_zxid()));
    world.zookeepers().find(leads).or_else(newest)
}
