//! Everything that can happen to the page.

use playground_core::command::Command;
use playground_core::time::SimTime;
use playground_core::timeline::Position;

use super::compare::Side;
use super::effect::{HomeFile, Picture, Reply};
use super::inquiry::{ConfigOwner, StatePanel};
use super::snapshot::Snapshot;
use super::state::{Dialog, DockTab, Panel};
use super::subject::Subject;
use super::watching::Look;

/// Where a command comes from: decides where a refusal is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A menu or a button.
    Menu,
    /// A form in a dialog.
    Form,
    /// The command line.
    Line,
    /// A step of a lesson.
    Lesson,
}

/// A wish of the learner, or an answer of the shell.
#[derive(Clone, Debug)]
pub enum Action {
    // Time
    /// Play or pause.
    TogglePlay,
    /// Pause.
    Pause,
    /// To the next stop.
    Step,
    /// To the stop before.
    StepBack,
    /// To the first moment.
    ToStart,
    /// To the end of what is recorded; at the end, on to the next event that is not routine.
    ToEnd,
    /// To the next (true) or last (false) event that has a glyph on the axis: leader, ISR, rebalance, fault.
    Mark(bool),
    /// To a time; the axis was dragged.
    Seek(SimTime),
    /// Goes back to the first time and plays up to the second: the decisive moment once more.
    Replay(SimTime, SimTime),
    /// To an exact position; an event was clicked.
    GoTo(Position),
    /// Chooses a step of the speed slider.
    Speed(usize),
    /// A step faster (true) or slower (false).
    Faster(bool),
    /// To the end of another branch.
    Switch(usize),

    // The cluster
    /// Carries a command out.
    Do(Command, Origin),
    /// Takes the last command back: a step back.
    Undo,

    // The page
    /// Shows this in the inspector.
    Select(Option<Subject>),
    /// A question of the inspector was opened (true) or closed.
    Why(playground_core::ids::Name, bool),
    /// A thing in the picture was pressed, at this place of it.
    Press(Subject, (f64, f64)),
    /// The menu of a thing was asked for: right button, long press, menu key.
    Menu(Subject, (f64, f64)),
    /// Closes the menu.
    CloseMenu,
    /// Opens a dock tab, or closes the dock.
    Dock(Option<DockTab>),
    /// Puts the command line beside what the dock shows, or takes it away.
    Beside(bool),
    /// To the command line, wherever it stands.
    CommandLine,
    /// Opens a panel of the tab "State".
    State(StatePanel),
    /// Opens the panel of these configs.
    Configs(ConfigOwner),
    /// The same, showing those that this key is in the name of.
    ConfigOf(ConfigOwner, &'static str),
    /// Opens the panel of this internal partition.
    Internal(playground_core::ids::TopicPartition),
    /// How the message diagram and the charts look.
    Look(Look),
    /// Chooses the panel of the narrow layout.
    Panel(Panel),
    /// Opens a dialog, or closes it.
    Dialog(Option<Dialog>),
    /// Light, dark, as the system has it.
    NextTheme,
    /// Copies the link of this moment, and shows what else can be shared.
    Share,
    /// Copies the link once more.
    CopyLink,
    /// Saves the learner's progress as a file.
    SaveProgress,
    /// Adds the progress of a file: its name and its text.
    OpenProgress(String, String),
    /// Saves the run as a file.
    SaveRun,
    /// Saves the picture as a file.
    SavePicture(Picture),
    /// Saves a file with which the run can be played on real brokers.
    TakeHome(HomeFile),
    /// Opens a run from a file: name and text.
    OpenRun(String, String),
    /// Compares another branch with the one that is shown, or ends that.
    Compare(Option<usize>),
    /// The side of the comparison that a narrow page shows.
    Side(Side),
    /// Gives a branch a name.
    Rename(usize, String),
    /// Closes what is open, the innermost first.
    Escape,
    /// Filters the event log.
    Filter(String),
    /// Of a large cluster only what is not in full strength, or all.
    OnlyUnhealthy(bool),
    /// In the sandbox the squares show keys (true) or offsets; a lesson says so itself.
    KeyLetters(bool),
    /// Chooses the topic in the picture.
    Topic(Option<playground_core::ids::Name>),
    /// Takes the toast away.
    ToastGone,
    /// Announces a sentence to screen readers.
    Announce(String),

    // The command line
    /// The text in it changed.
    Draft(String),
    /// It was submitted.
    Enter,
    /// Older (true) or newer (false) line of the history.
    History(bool),
    /// Goes on with the last word of what is typed, or says how it may go on.
    Complete,

    // Lessons
    /// Opens a built-in lesson.
    OpenLesson(String),
    /// Opens a lesson file of one's own: name and text.
    OpenFile(String, String),
    /// Opens the sandbox.
    OpenSandbox,
    /// Picks an option of the prediction.
    Pick(usize),
    /// Picks the option that stands for this thing.
    PickPlace(Subject),
    /// Locks the prediction in; without a pick: "I don't know".
    Lock,
    /// "I don't know, show me".
    DontKnow,
    /// What the yellow button does.
    Primary,
    /// On to the next step of the lesson, or to the next lesson.
    NextStep,
    /// Back to the step before.
    PreviousStep,
    /// One more hint.
    Hint,
    /// Types the solution.
    Solution,
    /// Back to where this step of the lesson began.
    ResetStep,
    /// The lesson or the sandbox from its beginning.
    Reset,

    // From the shell
    /// The engine answers a request.
    Replied(Reply),
    /// The run went on; `more` is false if it stopped by itself.
    Ran(std::rc::Rc<Snapshot>, bool),
    /// The picture was laid out anew.
    Painted,
    /// The tab was hidden.
    Hidden,
    /// The operating system's theme: dark or not.
    SystemDark(bool),
    /// The operating system's wish for less motion.
    ReducedMotion(bool),
    /// The link was copied, or could not be.
    Copied(bool),
    /// A file was saved, or could not be: its name, or why.
    Saved(Result<String, String>),
    /// The browser's storage refuses; said once.
    StorageRefused(String),
    /// A link or a file cannot be opened.
    NotOpened(String),
}
