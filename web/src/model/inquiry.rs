//! What the open panels ask of the engine beside the view, and what it answers. A panel that is closed
//! asks for nothing.

use playground_core::view::PromisesView;

use super::state::{DockTab, Model};

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
    /// The open panel of the tab "State".
    pub panel: Option<StatePanel>,
}

/// What is answered; what was not asked is empty.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answers {
    /// For the promises.
    pub promises: Option<PromisesView>,
}

impl Model {
    /// What the open panels want to know.
    pub fn inquiry(&self) -> Inquiry {
        Inquiry { panel: (self.dock == Some(DockTab::State)).then_some(self.state_panel) }
    }
}
