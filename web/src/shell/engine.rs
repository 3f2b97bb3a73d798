//! The engine behind its two enums: the lesson that is played and the timeline of its cluster.

use std::rc::Rc;

use playground_core::command::{Command, CommandError};
use playground_core::lesson::{Lesson, LessonRun, Pick, Ran, Step, sandbox};
use playground_core::take_home::{TakeHome, take_home};
use playground_core::time::{SimDuration, SimTime};
use playground_core::timeline::{Position, Timeline, known_part, unseal};
use playground_core::view::ClusterView;

use super::answers::Desk;
use super::foresight;
use super::link::Parts;
use super::tools::Tools;
use crate::course;
use crate::lesson::LessonView;
use crate::model::events::EventRow;
use crate::model::inquiry::{Answers, Inquiry};
use crate::model::run_file;
use crate::model::{Origin, Outcome, Reply, Request, Shared, Snapshot};

/// The id of the sandbox in links.
pub const SANDBOX: &str = "sandbox";
/// So many events are shown at most, the newest first to stay.
const EVENTS_SHOWN: usize = 3000;
/// A jump to the next event looks this far ahead at most.
const LOOK_AHEAD: SimDuration = SimDuration::from_ms(30_000);

/// The engine.
#[derive(Debug)]
pub struct Engine {
    timeline: Timeline,
    run: LessonRun,
    lesson: Rc<Lesson>,
    is_sandbox: bool,
    number: Option<usize>,
    rows: Rc<Vec<Rc<EventRow>>>,
    rows_of: usize,
    view: Option<(Position, usize, Rc<ClusterView>)>,
    before: Option<Rc<ClusterView>>,
    tools: Tools,
    desk: Desk,
}

impl Engine {
    /// The first lesson, standing at its beginning.
    ///
    /// # Errors
    /// No built-in lesson can be opened, in words.
    pub fn first() -> Result<Self, String> {
        let first = course::head(0).ok_or("there is no built-in lesson")?;
        Self::named(&first.id)
    }

    fn open(lesson: Rc<Lesson>, is_sandbox: bool, number: Option<usize>) -> Result<Self, String> {
        let (run, timeline) = LessonRun::open(lesson.clone()).map_err(|error| error.to_string())?;
        let rows_of = timeline.active_branch();
        Ok(Self {
            timeline,
            run,
            lesson,
            is_sandbox,
            number,
            rows: Rc::default(),
            rows_of,
            view: None,
            before: None,
            tools: Tools::default(),
            desk: Desk::default(),
        })
    }

    /// A built-in lesson, or the sandbox.
    ///
    /// # Errors
    /// There is none of this name, or it cannot be opened.
    pub fn named(id: &str) -> Result<Self, String> {
        if id == SANDBOX {
            let lesson = sandbox().map_err(|error| error.to_string())?;
            return Self::open(Rc::new(lesson), true, None);
        }
        let (number, lesson) = course::named(id).ok_or_else(|| format!("there is no lesson named {id}"))?;
        Self::open(Rc::new(lesson), false, Some(number))
    }

    /// The run up to here as a script of Kafka's own tools, with a Compose file.
    ///
    /// # Errors
    /// The run is too long to be told again.
    pub fn take_home(&self) -> Result<TakeHome, String> {
        let title = if self.is_sandbox { "A run of one's own" } else { &self.lesson.title };
        take_home(&self.timeline, title, &self.run.story(&self.timeline))
            .map_err(|error| format!("{}: {}", error.place, error.message))
    }

    /// The moment of a link.
    ///
    /// # Errors
    /// The link is damaged; the message names the place.
    pub fn from_link(fragment: &str) -> Result<Self, String> {
        let text = unseal(fragment).map_err(|error| format!("{}: {}", error.place, error.message))?;
        let fragment = &*text;
        let parts = Parts::parse(fragment);
        let mut engine = Self::named(parts.lesson.as_deref().unwrap_or(SANDBOX))?;
        if !parts.has_moment {
            let mut keys = fragment.split('&').filter_map(|part| part.split('=').next());
            return keys.try_for_each(|key| if key.is_empty() { Ok(()) } else { known_part(key) }).map(|()| engine);
        }
        engine.timeline =
            Timeline::from_share(fragment).map_err(|error| format!("{}: {}", error.place, error.message))?;
        let from = parts.from.unwrap_or_else(|| engine.timeline.position());
        engine.run = LessonRun::resume(engine.lesson.clone(), parts.step, &engine.timeline, from);
        match parts.pick.as_deref() {
            Some("?") => engine.run.pick(Pick::DontKnow),
            Some(number) => number.parse().into_iter().for_each(|number| engine.run.pick(Pick::Option(number))),
            None => {}
        }
        if parts.pick.is_some() {
            engine.run.lock();
        }
        engine.run.notice(&engine.timeline);
        Ok(engine)
    }

    /// What is to be said of a run that is not quite the one that its link tells.
    pub fn strayed(&self) -> Option<String> {
        let at = self.timeline.strayed_at()?;
        Some(format!(
            "This run was made by another version of the playground, or changed by hand: at {at} it is not as it was there. Its commands are given at the times that it tells."
        ))
    }

    /// What stands in the link of this moment behind the timeline's own text.
    fn link_parts(&self) -> String {
        let id = if self.is_sandbox { SANDBOX } else { &self.lesson.id };
        let pick = self.run.locked_pick().map(|pick| match pick {
            Pick::Option(number) => number.to_string(),
            Pick::DontKnow => "?".to_owned(),
        });
        let parts = Parts {
            lesson: Some(id.to_owned()).filter(|_| self.is_sandbox || self.number.is_some()),
            step: self.run.step_number(),
            from: self.run.step_start(),
            pick,
            ..Parts::default()
        };
        parts.to_text()
    }

    /// How many events this branch has told.
    pub fn event_count(&self) -> usize {
        self.timeline.events().len()
    }

    /// Simulated time.
    pub fn now(&self) -> SimTime {
        self.timeline.now()
    }

    /// The cluster now, built at most once a moment.
    pub fn view(&mut self) -> Rc<ClusterView> {
        let here = (self.timeline.position(), self.timeline.active_branch());
        if let Some((position, branch, view)) = &self.view
            && (*position, *branch) == here
        {
            return view.clone();
        }
        let view = self.timeline.view();
        self.view = Some((here.0, here.1, view.clone()));
        view
    }

    /// What the open panels ask.
    pub fn answers(&mut self, inquiry: &Inquiry) -> Shared<Answers> {
        self.desk.answer(&self.timeline, inquiry)
    }

    /// What an open diagram or chart shows is not complete yet.
    pub fn is_filming(&self) -> bool {
        self.desk.is_filming()
    }

    /// Goes on with it.
    pub fn film_on(&mut self, inquiry: &Inquiry) {
        self.desk.film_on(&self.timeline, inquiry);
    }

    /// Nothing but polling, heartbeats and routine is under way: time may pass faster.
    pub fn is_quiet(&self) -> bool {
        self.timeline.is_quiet()
    }

    /// Lets time pass until `until`, at most `budget` events.
    pub fn advance(&mut self, until: SimTime, budget: u64) -> Ran {
        self.run.run_to(&mut self.timeline, until, budget)
    }

    /// The same through quiet time: stops where it ends, so that nothing happens unseen. True then.
    pub fn advance_quietly(&mut self, until: SimTime, budget: u64) -> (Ran, bool) {
        let mut ran = Ran::default();
        for _ in 0..budget {
            let (told, given) = (self.timeline.events().len(), self.timeline.position().commands);
            ran = self.run.run_to(&mut self.timeline, until, 1);
            let news = self.timeline.events().since(told).any(|event| !foresight::is_routine(event.observation));
            if news || self.timeline.position().commands > given {
                return (ran, true);
            }
            if ran.arrived || ran.settled || ran.blocked {
                break;
            }
        }
        (ran, false)
    }

    /// Remembers the moment, so that the next picture can show what changed since.
    pub fn mark(&mut self) {
        self.before = Some(self.view());
    }

    /// Takes a request to its end.
    pub fn handle(&mut self, request: Request) -> Reply {
        // What changes nothing leaves what the last step changed in sight.
        if !matches!(request, Request::Pick(_) | Request::Look(_)) {
            self.mark();
        }
        let outcome = self.carry_out(request);
        Reply { outcome, snapshot: Rc::new(self.snapshot()) }
    }

    fn carry_out(&mut self, request: Request) -> Outcome {
        match request {
            Request::Do(command, origin) => self.act(command, origin),
            Request::Look(line) => match self.timeline.look(&line) {
                Some(looked) => Outcome::Looked(line, looked),
                None => Outcome::Done,
            },
            Request::Step => {
                let ran = self.run.step(&mut self.timeline);
                self.told(ran)
            }
            Request::StepBack => {
                self.run.step_back(&mut self.timeline);
                Outcome::Done
            }
            Request::Undo => {
                let undone = self.run.undo(&mut self.timeline);
                Outcome::Said(undone.map_or("Nothing to undo".into(), |command| format!("Undone: {command}")))
            }
            Request::ToStart => {
                let start = self.timeline.start();
                self.timeline.seek(start);
                Outcome::Done
            }
            Request::ToEnd => self.go_to_end(),
            Request::Seek(at) => {
                self.go(at.min(self.timeline.end()));
                Outcome::Done
            }
            Request::GoTo(position) => {
                self.timeline.go_to(position);
                Outcome::Done
            }
            Request::Switch(id) => {
                self.timeline.switch(id);
                Outcome::Done
            }
            Request::Rename(id, name) => {
                self.timeline.rename(id, &name);
                // What was answered still has the old name.
                self.desk = Desk::default();
                Outcome::Done
            }
            Request::Pick(option) => {
                self.run.pick(option.map_or(Pick::DontKnow, Pick::Option));
                Outcome::Done
            }
            Request::Lock => {
                self.run.lock();
                self.run.notice(&self.timeline);
                Outcome::Done
            }
            other => self.open_or_move(other),
        }
    }

    fn open_or_move(&mut self, request: Request) -> Outcome {
        match request {
            Request::OpenLesson(id) => self.replace(Self::named(&id)),
            Request::OpenSandbox => self.replace(Self::named(SANDBOX)),
            Request::OpenFile(name, text) => {
                let opened = Lesson::parse(&text)
                    .map_err(|error| error.to_string())
                    .map(|mut lesson| {
                        course::glossary().mark(&mut lesson);
                        lesson
                    })
                    .and_then(|lesson| Self::open(Rc::new(lesson), false, None))
                    .map_err(|error| format!("{name}, {error}"));
                self.replace(opened)
            }
            Request::OpenRun(name, text) => {
                let opened = run_file::read(&text).and_then(|run| {
                    let engine = Self::from_link(&run.fragment).map_err(|why| run.placed(&why))?;
                    Ok((engine, run.fragment))
                });
                match opened {
                    Ok((engine, link)) => {
                        *self = engine;
                        Outcome::OpenedRun(link, self.strayed())
                    }
                    Err(why) => Outcome::NotOpened(format!("{name}, {why}")),
                }
            }
            Request::NextStep => match self.run.next(&mut self.timeline) {
                Ok(true) => self.moved(),
                Ok(false) => Outcome::Done,
                Err(error) => Outcome::NotOpened(error.to_string()),
            },
            Request::PreviousStep => {
                if self.run.previous(&mut self.timeline) {
                    self.moved()
                } else {
                    Outcome::Done
                }
            }
            Request::Hint => {
                self.run.show_hint();
                Outcome::Done
            }
            Request::ResetStep => {
                self.run.reset(&mut self.timeline);
                self.moved()
            }
            // Nothing is thrown away: what was done stays in the list of branches.
            Request::Reset if self.is_sandbox => {
                self.run.reset(&mut self.timeline);
                Outcome::Said("Back at the beginning; what you did stays in the list of branches".to_owned())
            }
            Request::Reset => {
                let again = Self::open(self.lesson.clone(), self.is_sandbox, self.number);
                self.replace(again)
            }
            _ => Outcome::Done,
        }
    }

    fn replace(&mut self, opened: Result<Self, String>) -> Outcome {
        match opened {
            Ok(engine) => {
                *self = engine;
                Outcome::Opened
            }
            Err(why) => Outcome::NotOpened(why),
        }
    }

    fn moved(&mut self) -> Outcome {
        self.before = None;
        let start = self.run.step_start().map_or(0, |position| position.commands);
        let given = self.timeline.journal();
        let acts = |step: &Step| step.run.iter().filter(|command| !matches!(command, Command::Wait(_))).count();
        let run = self.lesson.steps.get(self.run.step_number()).map_or(0, acts);
        let lines = given.take(start).rev().take(run).map(|(_, command)| command.to_string()).collect::<Vec<_>>();
        Outcome::LessonMoved(start.saturating_sub(lines.len()), lines.into_iter().rev().collect())
    }

    fn act(&mut self, command: Command, origin: Origin) -> Outcome {
        let line = command.to_string();
        if self.run.may_advance()
            && let Some((place, looked)) = foresight::refusal(&self.timeline, &command)
        {
            if origin == Origin::Line {
                return Outcome::Looked(line, looked);
            }
            return Outcome::Refused { line, place, message: foresight::sentence(&looked), origin };
        }
        match self.run.act(&mut self.timeline, command) {
            Ok(_) => Outcome::Ran(line, origin),
            Err(CommandError { place, message }) => Outcome::Refused { line, place, message, origin },
        }
    }

    /// Seeks; forwards through the lesson, so that its commands are given and goals are noticed. The sandbox has
    /// none: it goes to the checkpoint that is nearest.
    fn go(&mut self, at: SimTime) {
        if at <= self.timeline.now() || self.is_sandbox {
            self.timeline.seek(at);
            return;
        }
        loop {
            let ran = self.run.run_to(&mut self.timeline, at, u64::MAX);
            if ran.arrived || ran.blocked {
                return;
            }
        }
    }

    /// To the end of what is recorded; there, on to the next event that is not routine.
    fn go_to_end(&mut self) -> Outcome {
        if !self.timeline.is_at_end() {
            self.timeline.go_to(self.timeline.end_position());
            self.run.notice(&self.timeline);
            return Outcome::Done;
        }
        let limit = self.timeline.now() + LOOK_AHEAD;
        loop {
            let told = self.timeline.events().len();
            let ran = self.run.step(&mut self.timeline);
            let major = |event: playground_core::timeline::Event<'_>| EventRow::new(&event).kind.is_major();
            let news = self.timeline.events().since(told).any(major);
            if ran.settled || ran.blocked || news {
                return self.told(ran);
            }
            if self.timeline.now() >= limit {
                return Outcome::Said("Half a minute has passed, and nothing but routine".into());
            }
        }
    }

    fn told(&self, ran: Ran) -> Outcome {
        if !ran.settled {
            return Outcome::Done;
        }
        let lesson = self.lesson_view(&self.timeline.view());
        let words = lesson.verdict().map_or("This step is done.", |(_, words)| words);
        Outcome::Graded(words.to_owned())
    }

    fn lesson_view(&self, view: &ClusterView) -> LessonView {
        let step = self.lesson.steps.get(self.run.step_number());
        let scripted = step.map_or(0, |step| step.play.iter().filter(|one| !matches!(one, Command::Wait(_))).count());
        let start = self.run.step_start().map_or(0, |start| start.commands);
        LessonView {
            id: if self.is_sandbox { SANDBOX.to_owned() } else { self.lesson.id.to_string() },
            lesson: self.lesson.clone(),
            status: self.run.status(&self.timeline, view),
            is_sandbox: self.is_sandbox,
            number: self.number,
            acted: self.timeline.position().commands > start + scripted,
        }
    }

    /// Everything that the panels draw from.
    pub fn snapshot(&mut self) -> Snapshot {
        let view = self.view();
        self.refresh_rows();
        let here = self.timeline.position();
        let happened = self.rows.partition_point(|row| row.position <= here);
        let lesson = self.lesson_view(&view);
        let (journal, moment) = self.timeline.share_parts();
        Snapshot {
            before: self
                .before
                .clone()
                .filter(|before| before.step != view.step || before.now != view.now)
                .map(Shared::from),
            start: self.timeline.start(),
            end: self.timeline.end(),
            at_end: self.timeline.is_at_end(),
            at_start: view.now <= self.timeline.start() && here.commands == 0,
            quiet: self.is_quiet(),
            state_hash: self.timeline.state_hash(),
            events: self.rows.clone().into(),
            told: happened.checked_sub(1).and_then(|last| self.rows.get(last)).map_or(0, |row| row.seq + 1),
            happened,
            given: self.timeline.given(),
            tools: self.tools.outputs(&self.timeline),
            branches: Shared::new(self.timeline.branches()),
            lesson: Some(Shared::new(lesson)),
            moment: moment + &self.link_parts(),
            journal,
            view: view.into(),
        }
    }

    fn refresh_rows(&mut self) {
        let events = self.timeline.events();
        let branch = self.timeline.active_branch();
        let wanted = events.len().saturating_sub(EVENTS_SHOWN);
        let fits = branch == self.rows_of && self.rows.last().is_none_or(|last| (last.seq as usize) < events.len());
        let next = self.rows.last().filter(|_| fits).map_or(wanted, |last| last.seq as usize + 1).max(wanted);
        if fits && next >= events.len() {
            return;
        }
        let rows = Rc::make_mut(&mut self.rows);
        if !fits {
            rows.clear();
            self.rows_of = branch;
        }
        rows.extend(events.since(next).map(|event| Rc::new(EventRow::new(&event))));
        let surplus = rows.len().saturating_sub(EVENTS_SHOWN);
        rows.drain(..surplus);
    }
}
