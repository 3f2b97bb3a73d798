//! What the open panels ask of the engine beside the view, and what it answers. A panel that is closed
//! asks for nothing.

use std::rc::Rc;

use playground_core::ids::{Name, TopicPartition};
use playground_core::timeline::Because;
pub use playground_core::view::ConfigOwner;
use playground_core::view::{About, ConfigView, InternalRecord, NextView, PromisesView, Traffic, WatchView};

use super::compare::Comparison;
use super::snapshot::Shared;
use super::state::{DockTab, Model, Panel};
use super::subject::Subject;
use super::watching::Watch;
use crate::charts::Numbers;
use crate::scene::{Pin, Selection};

/// A panel of the dock's tab "State".
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum StatePanel {
    /// What became of each record.
    #[default]
    Ledger,
    /// What Kafka promises, and whether it holds.
    Promises,
    /// Configs of brokers, topics and clients.
    Configs,
    /// ZooKeeper's tree.
    Znodes,
    /// `__consumer_offsets` and `__transaction_state`.
    Internal,
}

impl StatePanel {
    /// All, in the order of their buttons.
    pub const ALL: [Self; 5] = [Self::Ledger, Self::Promises, Self::Configs, Self::Znodes, Self::Internal];

    /// For hooks and styles.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Promises => "promises",
            Self::Configs => "configs",
            Self::Znodes => "znodes",
            Self::Internal => "internal",
        }
    }

    /// What its button says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ledger => "Ledger",
            Self::Promises => "Promises",
            Self::Configs => "Configs",
            Self::Znodes => "Znodes",
            Self::Internal => "Internal topics",
        }
    }
}

/// What is asked.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Inquiry {
    /// What the inspector shows.
    pub about: Option<About>,
    /// The question whose chain of causes is pinned.
    pub why: Option<Name>,
    /// The open panel of the tab "State".
    pub panel: Option<StatePanel>,
    /// Whose configs.
    pub configs: Option<ConfigOwner>,
    /// Which internal partition.
    pub internal: Option<TopicPartition>,
    /// What has to be filmed.
    pub watch: Option<Watch>,
    /// The branch that is compared with the one that is shown.
    pub compare: Option<usize>,
}

/// What is answered; what was not asked is empty.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answers {
    /// For the inspector: why values are as they are.
    pub whys: Vec<Because>,
    /// For the picture: the chain of causes of the open question.
    pub pins: Vec<Pin>,
    /// For the inspector: what happens next.
    pub next: Vec<NextView>,
    /// For the promises.
    pub promises: Option<PromisesView>,
    /// For the configs.
    pub configs: Vec<ConfigView>,
    /// For the znodes: who watches them.
    pub watches: Vec<WatchView>,
    /// For the internal topics, newest first.
    pub internal: Vec<InternalRecord>,
    /// For the message diagram.
    pub traffic: Option<Shared<Traffic>>,
    /// For the charts.
    pub numbers: Option<Shared<Numbers>>,
    /// For two branches side by side.
    pub comparison: Option<Shared<Comparison>>,
}

impl Model {
    /// What the open panels want to know.
    pub fn inquiry(&self) -> Inquiry {
        let inspects = !self.narrow || self.panel == Panel::Inspector;
        let panel = (self.dock == Some(DockTab::State)).then_some(self.state_panel);
        Inquiry {
            about: self.selected.as_ref().filter(|_| inspects).and_then(about),
            why: self.why.clone(),
            panel,
            configs: self.config_owner().filter(|_| panel == Some(StatePanel::Configs)),
            internal: self.internal_partition().filter(|_| panel == Some(StatePanel::Internal)),
            watch: self.watch(),
            compare: self.compare,
        }
    }

    /// Whose configs the panel shows: what was chosen, else the first broker.
    pub fn config_owner(&self) -> Option<ConfigOwner> {
        let first = || self.snapshot.view.brokers.first().map(|broker| ConfigOwner::Broker(broker.id));
        self.config_owner.clone().or_else(first)
    }

    /// Which internal partition the panel shows: what was chosen, else the first one that has a record.
    pub fn internal_partition(&self) -> Option<TopicPartition> {
        let topics = self.snapshot.view.topics.iter().filter(|topic| topic.internal);
        let mut all = topics.flat_map(|topic| &topic.partitions);
        let chosen = self.internal_of.as_ref();
        if let Some(found) = chosen.filter(|tp| all.clone().any(|partition| partition.tp == **tp)) {
            return Some(found.clone());
        }
        let first = all.clone().next();
        let has_any = |partition: &&Rc<playground_core::view::PartitionView>| {
            partition.replicas.iter().any(|replica| replica.log_end_offset > 0)
        };
        all.find(has_any).or(first).map(|partition| partition.tp.clone())
    }
}

/// What core calls the selected thing, if it has values that can be asked about.
fn about(subject: &Subject) -> Option<About> {
    let Subject::Thing(thing) = subject else { return None };
    match thing {
        Selection::Broker(id) => Some(About::Broker(*id)),
        Selection::Partition(tp) | Selection::Record(_, tp, _) => Some(About::Partition(tp.clone())),
        Selection::Replica(broker, tp) => Some(About::Replica(*broker, tp.clone())),
        Selection::Producer(client) | Selection::Consumer(client) => Some(About::Client(client.clone())),
        Selection::Group(group) => Some(About::Group(group.clone())),
        Selection::ZooKeeper(id) => Some(About::ZooKeeper(*id)),
        Selection::Session(_) | Selection::Message(_) | Selection::Fault(_) => None,
    }
}
