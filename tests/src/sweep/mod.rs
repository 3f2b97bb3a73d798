//! The fault sweep: a cluster with producers and a group under random faults; then everything is
//! healed. Kafka's promises are checked after every event, and the cluster must come to rest within a
//! bound of simulated time.

mod disturb;
mod excuse;
mod focused;
mod options;
mod pipelines;
mod rest;
mod run;

pub use excuse::{Excuse, Excused};
pub use options::{Options, Profile};

use std::fmt;

use playground_core::guard::Guard;
use playground_core::invariant::Violation;
use playground_core::time::{SimDuration, SimTime};

/// What broke.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A promise.
    Broken(Violation),
    /// The healed cluster does not come to rest: the first thing that is not as it should be.
    Restless(String),
    /// A record that was acknowledged is not there, or one is there twice.
    Ledger(String),
    /// The sweep itself went wrong.
    Unplayable(String),
}

impl Failure {
    /// The promise by name.
    pub fn promise(&self) -> String {
        match self {
            Self::Broken(violation) => format!("{:?}", violation.promise),
            Self::Restless(_) => "ComesToRest".to_owned(),
            Self::Ledger(_) => "LedgerHolds".to_owned(),
            Self::Unplayable(_) => "Unplayable".to_owned(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(violation) => write!(f, "{violation}"),
            Self::Restless(text) | Self::Ledger(text) | Self::Unplayable(text) => f.write_str(text),
        }
    }
}

/// What a seed came to.
pub struct Verdict {
    /// What was played.
    pub options: Options,
    /// The guard that was switched off.
    pub guard: Option<Guard>,
    /// Events run.
    pub events: u64,
    /// Simulated time.
    pub simulated: SimTime,
    /// How long the healed cluster took.
    pub converged_after: SimDuration,
    /// Records that were acknowledged to the producers.
    pub acked: u64,
    /// Why an operator had to help the healed cluster.
    pub excuses: Vec<Excuse>,
    /// What broke.
    pub failure: Option<Failure>,
}

impl Verdict {
    /// The command that plays this seed again.
    pub fn replay(&self) -> String {
        let guard = self.guard.map(|guard| format!(" --guard {guard}")).unwrap_or_default();
        let profile = match self.options.profile {
            Profile::Swarm => String::new(),
            other => format!(" --profile {}", other.name()),
        };
        format!("cargo xtask sweep --seed {}{profile}{guard}", self.options.seed)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seed = self.options.seed;
        match &self.failure {
            None => write!(
                f,
                "seed {seed}: {} events, {} simulated, {} records acknowledged, at rest {} after the last fault",
                self.events, self.simulated, self.acked, self.converged_after
            ),
            Some(failure) => {
                writeln!(f, "FAILED seed {seed}: {failure}")?;
                write!(f, "    {}\n    replay: {}", self.options, self.replay())
            }
        }
    }
}

/// Plays one seed; with `verbose` every command and observation is printed.
pub fn sweep(seed: u64, profile: Profile, guard: Option<Guard>, verbose: bool) -> Verdict {
    #[cfg(feature = "guards")]
    playground_core::guard::switch_off(guard);
    let verdict = run::play(Options::of(seed, profile), guard, verbose);
    #[cfg(feature = "guards")]
    playground_core::guard::switch_off(None);
    verdict
}
