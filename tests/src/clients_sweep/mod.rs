//! The clients' sweep: producers, groups and transactions under random faults, each seed with a
//! configuration of its own. At the end everything is healed, the logs are read to their ends, and what
//! the clients saw is held against what the configuration promises.

mod causes;
mod disturb;
mod groups;
mod held;
mod judge;
mod ledger;
mod options;
mod oracle;
mod origin;
mod program;
mod recorder;
mod rest;
mod run;
mod transactional;
mod witness;

pub use options::Options;
pub use program::{play_all, play_one};

use std::collections::BTreeMap;
use std::fmt;

use playground_core::guard::Guard;
use playground_core::invariant::Violation;
use playground_core::time::SimTime;
use playground_core::view::RemarkKind;

use crate::jepsen::Anomaly;

/// What broke.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A promise of the cluster.
    Broken(Violation),
    /// The clients saw what the configuration forbids.
    Forbidden(Anomaly, String),
    /// Applications processed a record too often or not at all; what they promise.
    Work(&'static str, String),
    /// The ledger that the page shows disagrees with the histories.
    Ledger(String),
    /// The healed cluster and its clients do not come to rest.
    Restless(String),
    /// The sweep itself went wrong.
    Unplayable(String),
}

impl Failure {
    /// The promise by name.
    pub fn promise(&self) -> String {
        match self {
            Self::Broken(violation) => format!("{:?}", violation.promise),
            Self::Forbidden(anomaly, _) => format!("no {anomaly}"),
            Self::Work(promise, _) => (*promise).to_owned(),
            Self::Ledger(_) => "LedgerIsTrue".to_owned(),
            Self::Restless(_) => "ComesToRest".to_owned(),
            Self::Unplayable(_) => "Unplayable".to_owned(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(violation) => write!(f, "{violation}"),
            Self::Forbidden(anomaly, text) => write!(f, "{anomaly}: {text}"),
            Self::Work(promise, text) => write!(f, "{promise}: {text}"),
            Self::Ledger(text) | Self::Restless(text) | Self::Unplayable(text) => f.write_str(text),
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
    /// Records that were acknowledged.
    pub acked: u64,
    /// Transactions that were committed.
    pub committed: u64,
    /// Anomalies that were seen and that the configuration allows, by the reason.
    pub allowed: BTreeMap<(Anomaly, &'static str), u64>,
    /// Records that were processed more often, or not at all, by the reason that allows it.
    pub work_allowed: BTreeMap<&'static str, u64>,
    /// Promises of the configuration, and whether they were kept without any excuse.
    pub held: Vec<(&'static str, bool)>,
    /// Looks at the page's ledger, records in them, and what it named: with an event to blame or without.
    pub ledger: (u64, u64, BTreeMap<(RemarkKind, bool), u64>),
    /// What broke.
    pub failure: Option<Failure>,
}

impl Verdict {
    /// The command that plays this seed again.
    pub fn replay(&self) -> String {
        let guard = self.guard.map(|guard| format!(" --guard {guard}")).unwrap_or_default();
        format!("cargo xtask sweep --clients --seed {}{guard}", self.options.seed)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seed = self.options.seed;
        match &self.failure {
            None => write!(
                f,
                "seed {seed}: {} events, {} simulated, {} records acknowledged, {} transactions committed, allowed: {:?}",
                self.events, self.simulated, self.acked, self.committed, self.allowed
            ),
            Some(failure) => {
                writeln!(f, "FAILED seed {seed}: {failure}")?;
                write!(f, "    {}\n    replay: {}", self.options, self.replay())
            }
        }
    }
}

/// Plays one seed; with `verbose` every command and observation is printed.
pub fn sweep(seed: u64, guard: Option<Guard>, verbose: bool) -> Verdict {
    #[cfg(feature = "guards")]
    playground_core::guard::switch_off(guard);
    let verdict = run::play(Options::of(seed), guard, verbose);
    #[cfg(feature = "guards")]
    playground_core::guard::switch_off(None);
    verdict
}
