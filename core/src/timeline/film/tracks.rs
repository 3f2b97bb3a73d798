//! What stood for how long while a film was made: states of groups, ownership, faults, dead processes.

use crate::collections::BTreeMap;

use crate::ids::{Name, NodeId, TopicPartition};
use crate::sim::{ProcState, World};
use crate::time::SimTime;
use crate::view::{GroupStood, Span};

/// Spans of one sort by what they are about.
#[derive(Clone, Debug)]
struct Track<K, V> {
    standing: BTreeMap<K, (SimTime, V)>,
    past: Vec<(SimTime, SimTime, K, V)>,
}

impl<K: Ord + Clone, V: Clone + PartialEq> Track<K, V> {
    fn new() -> Self {
        Self { standing: BTreeMap::new(), past: Vec::new() }
    }

    /// From `now` on `key` stands at `value`; at nothing if `None`.
    fn set(&mut self, now: SimTime, key: &K, value: Option<V>) {
        if self.standing.get(key).map(|(_, value)| value) == value.as_ref() {
            return;
        }
        if let Some((from, was)) = self.standing.remove(key)
            && from < now
        {
            self.past.push((from, now, key.clone(), was));
        }
        if let Some(value) = value {
            self.standing.insert(key.clone(), (now, value));
        }
    }

    /// Keys that stand but are not in `known` fall.
    fn keep_only(&mut self, now: SimTime, known: impl Fn(&K) -> bool) {
        let gone: Vec<K> = self.standing.keys().filter(|key| !known(key)).cloned().collect();
        for key in gone {
            self.set(now, &key, None);
        }
    }

    fn spans<T>(&self, of: impl Fn(&K, &V) -> T) -> Vec<Span<T>> {
        let past =
            self.past.iter().map(|(from, until, k, v)| Span { from: *from, until: Some(*until), what: of(k, v) });
        let standing = self.standing.iter().map(|(k, (from, v))| Span { from: *from, until: None, what: of(k, v) });
        past.chain(standing).collect()
    }

    fn forget_before(&mut self, at: SimTime) {
        self.past.retain(|(_, until, ..)| *until >= at);
    }
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Tracks {
    groups: Track<Name, GroupStood>,
    owned: Track<(Name, TopicPartition), ()>,
    faults: Track<u32, (Name, Vec<NodeId>)>,
    down: Track<NodeId, ()>,
}

impl Tracks {
    /// What stands in `world`.
    pub(super) fn of(world: &World) -> Self {
        let mut tracks = Self { groups: Track::new(), owned: Track::new(), faults: Track::new(), down: Track::new() };
        tracks.look_at_all(world);
        tracks
    }

    /// After a command: anything may have changed.
    pub(super) fn look_at_all(&mut self, world: &World) {
        let now = world.now();
        for (node, slot) in world.nodes() {
            let dead = slot.state == ProcState::Dead;
            self.down.set(now, node, dead.then_some(()));
            self.look_at(world, node);
        }
        let network = world.network();
        for (id, rule) in network.faults.iter() {
            self.faults.set(now, id, Some((rule.to_string().into(), rule.nodes())));
        }
        self.faults.keep_only(now, |id| network.faults.get(id).is_some());
    }

    /// After an event of one process.
    pub(super) fn look_at(&mut self, world: &World, node: &NodeId) {
        let now = world.now();
        let Some(slot) = world.slot(node) else { return };
        self.down.set(now, node, (slot.state == ProcState::Dead).then_some(()));
        match node {
            NodeId::Broker(id) => {
                let known = world.broker(*id).map(|broker| broker.groups());
                for group in known.iter().flat_map(|groups| groups.groups()) {
                    // An older copy of a deposed coordinator tells nothing.
                    let newer = self.groups.standing.get(group.id());
                    if newer.is_some_and(|(_, was)| was.coordinator != *id && was.generation > group.generation()) {
                        continue;
                    }
                    let (state, generation) = (group.state().name(), group.generation());
                    let was = newer.map(|(_, was)| (was.coordinator, &*was.state, was.generation));
                    if was == Some((*id, state, generation)) {
                        continue;
                    }
                    let stood =
                        GroupStood { group: group.id().clone(), coordinator: *id, state: state.into(), generation };
                    self.groups.set(now, group.id(), Some(stood));
                }
                let gone = |group: &Name| known.is_none_or(|groups| groups.groups().all(|one| one.id() != group));
                let fallen: Vec<Name> = self
                    .groups
                    .standing
                    .iter()
                    .filter(|(group, (_, was))| was.coordinator == *id && gone(group))
                    .map(|(group, _)| group.clone())
                    .collect();
                for group in fallen {
                    self.groups.set(now, &group, None);
                }
            }
            NodeId::Client(name) => {
                let owned = world.consumer_named(name).filter(|_| slot.state != ProcState::Dead);
                let owned = owned.map(|consumer| consumer.assignment()).unwrap_or_default();
                for tp in &owned {
                    self.owned.set(now, &(name.clone(), tp.clone()), Some(()));
                }
                self.owned.keep_only(now, |(client, tp)| client != name || owned.contains(tp));
            }
            NodeId::ZooKeeper(_) => {}
        }
    }

    /// What ended before is told no more.
    pub(super) fn forget_before(&mut self, at: SimTime) {
        self.groups.forget_before(at);
        self.owned.forget_before(at);
        self.faults.forget_before(at);
        self.down.forget_before(at);
    }

    pub(super) fn groups(&self) -> Vec<Span<GroupStood>> {
        self.groups.spans(|_, stood| stood.clone())
    }

    pub(super) fn owned(&self) -> Vec<Span<(Name, TopicPartition)>> {
        self.owned.spans(|key, ()| key.clone())
    }

    pub(super) fn faults(&self) -> Vec<Span<(u32, Name, Vec<NodeId>)>> {
        self.faults.spans(|id, (text, nodes)| (*id, text.clone(), nodes.clone()))
    }

    pub(super) fn down(&self) -> Vec<Span<NodeId>> {
        self.down.spans(|node, ()| node.clone())
    }
}
