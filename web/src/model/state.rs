//! The page's state.

use std::rc::Rc;

use playground_core::ids::{Name, TopicPartition};
use playground_core::time::SimTime;

use super::compare::Side;
use super::inquiry::{ConfigOwner, StatePanel};
use super::progress::Progress;
use super::snapshot::{Shared, Snapshot};
use super::speed::DEFAULT_SPEED;
use super::subject::Subject;
use super::terminal::Terminal;
use super::watching::{Charting, Diagram};

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ThemeChoice {
    /// As the operating system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl ThemeChoice {
    /// As kept by the browser.
    pub fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// For the document: `None` follows the system.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// A view of the dock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DockTab {
    /// The message diagram.
    Messages,
    /// The charts.
    Charts,
    /// The event log.
    Events,
    /// The branches.
    Branches,
    /// The command line.
    Terminal,
    /// Ledger, promises and the like.
    State,
}

impl DockTab {
    /// All.
    pub const ALL: [Self; 6] =
        [Self::Messages, Self::Charts, Self::Events, Self::Branches, Self::Terminal, Self::State];

    /// As a link calls it.
    pub fn name(self) -> &'static str {
        self.panel().name()
    }

    /// The panel of the narrow layout that shows it.
    pub fn panel(self) -> Panel {
        match self {
            Self::Messages => Panel::Messages,
            Self::Charts => Panel::Charts,
            Self::Events => Panel::Events,
            Self::Branches => Panel::Branches,
            Self::Terminal => Panel::Terminal,
            Self::State => Panel::State,
        }
    }
}

/// The panel below the picture in the narrow layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Panel {
    /// The lesson.
    #[default]
    Lesson,
    /// The inspector.
    Inspector,
    /// A dock tab.
    Messages,
    /// A dock tab.
    Charts,
    /// A dock tab.
    Events,
    /// A dock tab.
    Branches,
    /// A dock tab.
    Terminal,
    /// A dock tab.
    State,
}

impl Panel {
    /// As the style sheet calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lesson => "lesson",
            Self::Inspector => "inspector",
            Self::Messages => "messages",
            Self::Charts => "charts",
            Self::Events => "events",
            Self::Branches => "branches",
            Self::Terminal => "terminal",
            Self::State => "state",
        }
    }
}

/// A dialog.
#[derive(Clone, PartialEq, Debug)]
pub enum Dialog {
    /// The keys.
    Help,
    /// All lessons.
    Lessons,
    /// Things of the cluster, lessons, terms, configs, error codes, by a few words.
    Find,
    /// What Kafka's words mean; opened at this entry.
    Glossary(Option<usize>),
    /// The link of this moment.
    Share,
    /// Create a topic.
    CreateTopic,
    /// Add a producer.
    AddProducer,
    /// More partitions of a topic.
    AddPartitions(Name),
    /// Add a consumer, to this group.
    AddConsumer(Option<Name>),
    /// Send records, by this producer.
    Send(Option<Name>),
}

impl Dialog {
    /// Its kind: another kind is another element of the page.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::Lessons => "lessons",
            Self::Find => "find",
            Self::Glossary(_) => "glossary",
            Self::Share => "share",
            Self::CreateTopic => "topic",
            Self::AddProducer => "producer",
            Self::AddPartitions(_) => "partitions",
            Self::AddConsumer(_) => "consumer",
            Self::Send(_) => "send",
        }
    }
}

/// The open menu.
#[derive(Clone, PartialEq, Debug)]
pub struct Menu {
    /// Whose actions it lists.
    pub subject: Subject,
    /// Where it stands in the picture, in px.
    pub at: (f64, f64),
}

/// The toast.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Toast {
    /// One sentence.
    pub text: String,
    /// The last command can be taken back.
    pub undo: bool,
    /// It tells of a refusal.
    pub refused: bool,
    /// Changes with every toast.
    pub number: u64,
}

/// The page's state.
#[derive(Clone, Debug)]
pub struct Model {
    /// The moment shown.
    pub snapshot: Rc<Snapshot>,
    /// What the inspector shows.
    pub selected: Option<Subject>,
    /// The open menu.
    pub menu: Option<Menu>,
    /// The open dialog.
    pub dialog: Option<Dialog>,
    /// What a form was refused for.
    pub form_error: Option<(String, String)>,
    /// The open dock tab.
    pub dock: Option<DockTab>,
    /// How the message diagram looks.
    pub diagram: Diagram,
    /// How the charts look.
    pub charting: Charting,
    /// What the tab "State" shows.
    pub state_panel: StatePanel,
    /// Whose configs were chosen.
    pub(super) config_owner: Option<ConfigOwner>,
    /// The key that was asked for last, and how often one was.
    pub config_asked: (u32, &'static str),
    /// Which internal partition was chosen.
    pub(super) internal_of: Option<TopicPartition>,
    /// The panel of the narrow layout.
    pub panel: Panel,
    /// Time passes.
    pub playing: bool,
    /// Where a replay stops.
    pub play_until: Option<SimTime>,
    /// Step of the speed slider.
    pub speed: usize,
    /// Theme chosen.
    pub theme: ThemeChoice,
    /// What the operating system says.
    pub system_dark: bool,
    /// Less motion is wished for.
    pub reduced_motion: bool,
    /// The question of the inspector that was opened last: its chain of causes is pinned to the picture.
    pub why: Option<Name>,
    /// Of a large cluster only what is not in full strength is shown.
    pub only_unhealthy: bool,
    /// In the sandbox the squares show keys, not offsets.
    pub key_letters: bool,
    /// The narrow layout is in force.
    pub narrow: bool,
    /// The dock has room for two views.
    pub wide: bool,
    /// The command line is wanted beside what the dock shows.
    pub beside: bool,
    /// Filter of the event log.
    pub filter: String,
    /// The topic in the picture.
    pub topic: Option<Name>,
    /// The command line.
    pub terminal: Shared<Terminal>,
    /// So many of the branch's commands are on the command line already.
    pub(super) echoed: usize,
    /// The toast.
    pub toast: Option<Toast>,
    /// What screen readers are told.
    pub announcement: String,
    /// Lessons begun and done.
    pub progress: Progress,
    /// The solution of this step is shown.
    pub solution: bool,
    /// The branch that is compared with the one that is shown.
    pub compare: Option<usize>,
    /// The side of the comparison that a narrow page shows.
    pub side: Side,
    /// The link was copied, or could not be.
    pub copied: Option<bool>,
    /// Why a lesson, a file or a link was not opened.
    pub not_opened: Option<String>,
    pub(super) toasts: u64,
}

impl Model {
    /// The command line stands beside another view of the dock.
    pub fn has_line_beside(&self) -> bool {
        self.beside && self.wide && self.dock.is_some_and(|tab| tab != DockTab::Terminal)
    }

    /// The state before anything happened.
    pub fn new(snapshot: Rc<Snapshot>) -> Self {
        let echoed = snapshot.given.len();
        Self {
            snapshot,
            selected: None,
            menu: None,
            dialog: None,
            form_error: None,
            dock: None,
            diagram: Diagram::default(),
            charting: Charting::default(),
            state_panel: StatePanel::default(),
            config_owner: None,
            config_asked: (0, ""),
            internal_of: None,
            panel: Panel::Lesson,
            playing: false,
            play_until: None,
            speed: DEFAULT_SPEED,
            theme: ThemeChoice::System,
            system_dark: false,
            reduced_motion: false,
            why: None,
            only_unhealthy: false,
            key_letters: false,
            narrow: false,
            wide: false,
            beside: false,
            filter: String::new(),
            topic: None,
            terminal: Shared::default(),
            echoed,
            toast: None,
            announcement: String::new(),
            progress: Progress::default(),
            solution: false,
            compare: None,
            side: Side::First,
            copied: None,
            not_opened: None,
            toasts: 0,
        }
    }

    /// Whether the picture is dark.
    pub fn dark(&self) -> bool {
        match self.theme {
            ThemeChoice::System => self.system_dark,
            choice => choice == ThemeChoice::Dark,
        }
    }

    /// Time may not pass: a prediction is due.
    pub fn locked(&self) -> bool {
        self.snapshot.lesson.as_ref().is_some_and(|lesson| lesson.waits_for_answer())
    }

    /// A prediction is due and there is nothing recorded ahead to look at again: time stands still.
    pub fn held(&self) -> bool {
        self.locked() && self.snapshot.at_end
    }

    /// The id of the open lesson.
    pub fn lesson_id(&self) -> Option<&str> {
        self.snapshot.lesson.as_ref().map(|lesson| lesson.id.as_str())
    }
}
