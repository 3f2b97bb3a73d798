//! What Kafka promises, checked after every event: one file a promise, each with its evidence.
//!
//! The checkers only read: the world after an event and what that event reported. The same checkers
//! light the page's lamps and judge the fault sweep. A promise that a configuration gives up (an
//! unclean election loses records by choice) is excused where Kafka excuses itself.

mod committed_only;
mod committed_survives;
mod decisions_are_final;
mod high_watermark_monotonic;
mod leader_in_isr;
mod one_history;
mod one_leader_per_epoch;
mod one_reader_per_generation;
mod violation;
mod znode_versions;
mod zombies_are_fenced;

pub use violation::{Promise, Violation};

use crate::sim::{Stepped, World};

/// How many violations are kept: the first ones say what went wrong, the rest are consequences.
const VIOLATIONS_KEPT: usize = 20;

/// All checkers with what they remember.
#[derive(Clone, Debug, Default)]
pub struct Promises {
    committed_survives: committed_survives::CommittedSurvives,
    high_watermark_monotonic: high_watermark_monotonic::HighWatermarkMonotonic,
    one_history: one_history::OneHistory,
    one_leader_per_epoch: one_leader_per_epoch::OneLeaderPerEpoch,
    one_reader_per_generation: one_reader_per_generation::OneReaderPerGeneration,
    znode_versions: znode_versions::ZnodeVersions,
    decisions_are_final: decisions_are_final::DecisionsAreFinal,
    zombies_are_fenced: zombies_are_fenced::ZombiesAreFenced,
    violations: Vec<Violation>,
}

impl Promises {
    /// Looks at the world after one event. `first_new` is how many of the world's observations were
    /// seen before this event.
    pub fn check(&mut self, world: &World, stepped: &Stepped, first_new: usize) {
        let mut found = Vec::new();
        for observed in world.observations().get(first_new..).unwrap_or_default() {
            let observation = &observed.observation;
            self.one_history.observe(observation, &mut found);
            self.one_leader_per_epoch.observe(observation, &mut found);
            leader_in_isr::observe(observation, &mut found);
            self.committed_survives.observe(world, observation, &mut found);
            self.one_reader_per_generation.observe(world, observation, &mut found);
            self.decisions_are_final.observe(observation, &mut found);
            self.zombies_are_fenced.observe(world, observation, &mut found);
            committed_only::observe(world, observation, &mut found);
        }
        if let Some(broker) = stepped.node.as_ref().and_then(crate::ids::NodeId::broker) {
            self.high_watermark_monotonic.check(world, broker, &mut found);
        }
        if let Some(crate::ids::NodeId::ZooKeeper(id)) = &stepped.node {
            self.one_history.check(world, *id, &mut found);
            self.znode_versions.check(world, *id, &mut found);
        }
        for (promise, evidence) in found {
            if self.violations.len() < VIOLATIONS_KEPT {
                self.violations.push(Violation { promise, evidence, at: world.now(), step: world.steps() });
            }
        }
    }

    /// What was broken, in the order of discovery; empty while Kafka keeps its word.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}

/// What a checker found: which promise, and the evidence in words.
type Found = Vec<(Promise, String)>;
