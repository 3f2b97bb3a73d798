//! What the open panels ask of the engine beside the view, and what it answers. A panel that is closed
//! asks for nothing.

use playground_core::timeline::Because;
use playground_core::view::{About, NextView, PromisesView};

use super::state::{DockTab, Model, Panel};
use super::subject::Subject;
use crate::scene::Selection;

/// A panel of the dock's tab "State".
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum StatePanel {
    /// What became of each record.
    #[default]
    Ledger,
    /// What Kafka promises, and whether it holds.
    Promises,
}

impl StatePanel {
    /// All, in the order of their buttons.
    pub const ALL: [Self; 2] = [Self::Ledger, Self::Promises];

    /// For hooks and styles.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Promises => "promises",
        }
    }

    /// What its button says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ledger => "Ledger",
            Self::Promises => "Promises",
        }
    }
}

/// What is asked.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Inquiry {
    /// What the inspector shows.
    pub about: Option<About>,
    /// The open panel of the tab "State".
    pub panel: Option<StatePanel>,
}

/// What is answered; what was not asked is empty.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answers {
    /// For the inspector: why values are as they are.
    pub whys: Vec<Because>,
    /// For the inspector: what happens next.
    pub next: Vec<NextView>,
    /// For the promises.
    pub promises: Option<PromisesView>,
}

impl Model {
    /// What the open panels want to know.
    pub fn inquiry(&self) -> Inquiry {
        let inspects = !self.narrow || self.panel == Panel::Inspector;
        Inquiry {
            about: self.selected.as_ref().filter(|_| inspects).and_then(about),
            panel: (self.dock == Some(DockTab::State)).then_some(self.state_panel),
        }
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
