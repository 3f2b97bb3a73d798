//! What Kafka promises, checked after every event: one file a promise, each with its evidence.
//!
//! The checkers only read: the world after an event and what that event reported. The same checkers
//! light the page's lamps and judge the fault sweep. A promise that a configuration gives up (an
//! unclean election loses records by choice) is excused where Kafka excuses itself.

mod catalogue;
mod clients_see_committed;
mod commits_are_whole;
mod commits_keep_order;
mod commits_never_fall;
mod committed_only;
mod committed_survives;
mod coordinators;
mod coordinators_keep_word;
mod decisions_are_final;
mod fetches_from_its_leader;
mod ghost;
mod high_watermark_monotonic;
mod in_sync_has_committed;
mod latest_never_falls;
mod leader_in_isr;
mod logs_match;
mod maximal_isr;
mod newest_controller_writes;
mod one_history;
mod one_leader_per_epoch;
mod one_reader_per_generation;
mod past_is_fenced;
mod producers_of_an_id;
mod sequences_without_gap;
mod transactions_are_known;
mod violation;
mod znode_versions;
mod zombies_are_fenced;

pub use ghost::Excuse;
pub use violation::{Promise, Violation};

use crate::ids::TopicPartition;
use crate::machine::Observation;
use crate::sim::{Observed, Stepped, World};

/// How many violations are kept: the first ones say what went wrong, the rest are consequences.
const VIOLATIONS_KEPT: usize = 20;

/// All checkers with what they remember.
#[derive(Clone, Debug, Default)]
pub struct Promises {
    ghost: ghost::Ghost,
    commits_are_whole: commits_are_whole::CommitsAreWhole,
    commits_keep_order: commits_keep_order::CommitsKeepOrder,
    commits_never_fall: commits_never_fall::CommitsNeverFall,
    high_watermark_monotonic: high_watermark_monotonic::HighWatermarkMonotonic,
    latest_never_falls: latest_never_falls::LatestNeverFalls,
    newest_controller_writes: newest_controller_writes::NewestControllerWrites,
    one_history: one_history::OneHistory,
    one_leader_per_epoch: one_leader_per_epoch::OneLeaderPerEpoch,
    one_reader_per_generation: one_reader_per_generation::OneReaderPerGeneration,
    past_is_fenced: past_is_fenced::PastIsFenced,
    producers_of_an_id: producers_of_an_id::ProducersOfAnId,
    znode_versions: znode_versions::ZnodeVersions,
    decisions_are_final: decisions_are_final::DecisionsAreFinal,
    zombies_are_fenced: zombies_are_fenced::ZombiesAreFenced,
    violations: Vec<Violation>,
}

impl Promises {
    /// Looks at the world after one event. `first_new` is how many of the world's observations were
    /// seen before this event. Only what the event touched is looked at: it names it.
    pub fn check(&mut self, world: &World, stepped: &Stepped, first_new: usize) {
        let observed = world.observations().get(first_new..).unwrap_or_default();
        let mut found = Vec::new();
        for observed in observed {
            self.look(world, &observed.observation, &mut found);
            self.commits_keep_order.observe(observed.node.broker(), &observed.observation, &mut found);
        }
        if let Some(broker) = stepped.node.as_ref().and_then(crate::ids::NodeId::broker) {
            self.past_is_fenced.check(world, broker, observed, &mut found);
            coordinators_keep_word::check(world, broker, observed, &mut found);
            for observed in observed {
                self.commits_never_fall.observe(&self.ghost, world, broker, &observed.observation, &mut found);
            }
        }
        if let Some(crate::ids::NodeId::ZooKeeper(id)) = &stepped.node {
            self.one_history.check(world, *id, &mut found);
            self.znode_versions.check(world, *id, &mut found);
            self.newest_controller_writes.check(world, *id, &mut found);
        }
        self.keep(world, found);
    }

    /// Takes note of what a command did at once, outside of any event (a disk that lost its cache).
    pub fn commanded(&mut self, world: &World, first_new: usize) {
        let observed: &[Observed] = world.observations().get(first_new..).unwrap_or_default();
        for observed in observed {
            if matches!(observed.observation, Observation::PageCacheLost { .. }) {
                self.ghost.observe(world, &observed.observation);
                self.forget(&observed.observation);
            }
        }
    }

    /// What a disk lost no coordinator can know.
    fn forget(&mut self, observation: &Observation) {
        if let Observation::PageCacheLost { tp, .. } = observation {
            self.commits_never_fall.lost(tp);
            self.producers_of_an_id.lost(tp);
        }
    }

    fn look(&mut self, world: &World, observation: &Observation, found: &mut Found) {
        self.ghost.observe(world, observation);
        self.forget(observation);
        self.one_history.observe(observation, found);
        self.one_leader_per_epoch.observe(observation, found);
        leader_in_isr::observe(observation, found);
        committed_survives::observe(&mut self.ghost, world, observation, found);
        in_sync_has_committed::observe(&self.ghost, world, observation, found);
        maximal_isr::observe(&self.ghost, world, observation, found);
        logs_match::observe(&self.ghost, world, observation, found);
        self.high_watermark_monotonic.observe(world, observation, found);
        self.latest_never_falls.observe(&self.ghost, world, observation, found);
        fetches_from_its_leader::observe(world, observation, found);
        sequences_without_gap::observe(world, observation, found);
        clients_see_committed::observe(&self.ghost, world, observation, found);
        self.one_reader_per_generation.observe(world, observation, found);
        self.decisions_are_final.observe(observation, found);
        self.zombies_are_fenced.observe(world, observation, found);
        committed_only::observe(world, observation, found);
        self.producers_of_an_id.observe(&self.ghost, world, observation, found);
        transactions_are_known::observe(&self.ghost, world, observation, found);
        self.commits_are_whole.observe(&self.ghost, world, observation, found);
    }

    fn keep(&mut self, world: &World, found: Found) {
        for (promise, evidence) in found {
            if self.violations.len() < VIOLATIONS_KEPT {
                self.violations.push(Violation { promise, evidence, at: world.now(), step: world.steps() });
            }
        }
    }

    /// The last loss of committed records that Kafka allows itself on a partition.
    pub fn allowed_loss(&self, tp: &TopicPartition) -> Option<Excuse> {
        let partition = self.ghost.of(tp)?;
        let given_up = partition.given_up.then_some(Excuse::LostPageCache);
        // A leader that does not know yet that it was deposed by an unclean election goes on acknowledging.
        partition.loss.or(partition.pending_excuse).map(|(excuse, _)| excuse).or(given_up)
    }

    /// What was broken, in the order of discovery; empty while Kafka keeps its word.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}

/// What a checker found: which promise, and the evidence in words.
type Found = Vec<(Promise, String)>;
