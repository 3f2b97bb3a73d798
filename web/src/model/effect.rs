//! What the page wants from the shell, and the engine's answers.

use playground_core::command::Command;
use playground_core::time::SimTime;
use playground_core::timeline::{Looked, Position};

use super::action::Origin;
use super::snapshot::Snapshot;

/// What the engine is asked. It sits behind these two enums so that it can move to a worker.
#[derive(Clone, PartialEq, Debug)]
pub enum Request {
    /// Carries a command out.
    Do(Command, Origin),
    /// Runs a tool's line that only looks.
    Look(String),
    /// To the next stop.
    Step,
    /// To the stop before.
    StepBack,
    /// Takes the last command back, with what followed from it.
    Undo,
    /// To the first moment.
    ToStart,
    /// To the end of what is recorded, or on to the next major event.
    ToEnd,
    /// To a time.
    Seek(SimTime),
    /// To an exact position.
    GoTo(Position),
    /// To another branch.
    Switch(usize),
    /// Gives a branch a name.
    Rename(usize, String),
    /// Opens a built-in lesson at its first step.
    OpenLesson(String),
    /// Opens a lesson from a file: name and text.
    OpenFile(String, String),
    /// Opens a run from a file: name and text.
    OpenRun(String, String),
    /// A cluster without a lesson.
    OpenSandbox,
    /// Picks an option of the prediction.
    Pick(Option<usize>),
    /// Locks the pick in and runs what the step runs.
    Lock,
    /// On to the next step.
    NextStep,
    /// Back to the step before.
    PreviousStep,
    /// One more hint.
    Hint,
    /// Back to where this step began.
    ResetStep,
    /// The lesson or the sandbox from its beginning.
    Reset,
}

/// How a picture is saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Picture {
    /// Dots, twice as dense as the screen's.
    Png,
    /// Lines.
    Svg,
}

/// A file of the run taken home.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HomeFile {
    /// `run.sh`: lines of Kafka's own tools.
    Script,
    /// `docker-compose.yml`: the same cluster.
    Compose,
}

/// What came of a request.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// It was done; with the sentence for the toast, if one is due.
    Done,
    /// A command was carried out; this is its line.
    Ran(String, Origin),
    /// A tool's line that only looks, and what it printed.
    Looked(String, Looked),
    /// A command was refused: its line, the place in it, what was expected.
    Refused {
        /// The line.
        line: String,
        /// Where in it.
        place: String,
        /// What is wrong, in Kafka's words where it has some.
        message: String,
        /// Who asked.
        origin: Origin,
    },
    /// A lesson, a file or a link cannot be opened.
    NotOpened(String),
    /// Another lesson or the sandbox stands open now.
    Opened,
    /// A run from a file stands open now; this is its link, and what is to be said if it is not quite what the link tells.
    OpenedRun(String, Option<String>),
    /// The lesson moved to another step, or a prediction was locked; these commands were run for it.
    /// With the place of the first in the journal.
    LessonMoved(usize, Vec<String>),
    /// Something is worth a sentence.
    Said(String),
    /// The answer is known; the text says how it went.
    Graded(String),
}

/// The engine's answer: what came of it, and the moment now.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What came of it.
    pub outcome: Outcome,
    /// The moment now.
    pub snapshot: std::rc::Rc<Snapshot>,
}

/// What only a browser can do.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Asks the engine.
    Ask(Request),
    /// Keeps a value under a key.
    Store(&'static str, String),
    /// Sets the theme of the document: `light`, `dark`, or as the system has it.
    Theme(Option<&'static str>),
    /// Copies the link of this moment and puts it into the address bar.
    CopyLink,
    /// Puts the link of this moment into the address bar.
    ShowMoment,
    /// Saves a text under a name.
    SaveText(&'static str, String),
    /// Saves the run as a file.
    SaveRun,
    /// Saves the picture as a file.
    SavePicture(Picture),
    /// Saves a file with which the run can be played on real brokers.
    TakeHome(HomeFile),
    /// Puts the address bar right after a lesson was opened.
    ShowLink(String),
    /// Moves the focus to the first element that this selector finds.
    Focus(String),
    /// Scrolls as little as is needed to see the first element that this selector finds.
    BringInSight(&'static str),
    /// Scrolls the command line's output to its end.
    ScrollTerminal,
    /// Takes the toast away after a while.
    ToastTimer,
}

/// Effects in order.
pub type Effects = Vec<Effect>;
