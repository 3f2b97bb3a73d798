//! Applications of transactional producers: initTransactions, then again and again begin, some sends,
//! commit or abort. They do what `KafkaProducer`'s javadoc asks for: a time-out is tried again, another
//! error is answered by an abort, and who is fenced closes.

use playground_core::command::TransactionVerb;
use playground_core::ids::Name;
use playground_core::producer::TransactionPhase;
use playground_core::sim::ProcState;

use super::run::{Run, Step, TOPIC};
use crate::jepsen::Outcome;

/// One transaction as its application knows it.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub client: Name,
    /// First tickets and counts of its sends.
    pub tickets: Vec<(u64, u64)>,
    pub outcome: Outcome,
}

/// Where the application stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Initializing(u64),
    Ready,
    Open,
    Committing(u64),
    Aborting(u64),
    /// It gave up: fenced, or its process is gone.
    Over,
}

/// The application.
#[derive(Clone, Debug)]
pub struct Application {
    pub client: Name,
    pub id: String,
    state: State,
    /// The transaction under way, among the attempts.
    current: usize,
    /// A commit of it was asked for: only its answer tells how it ended.
    commit_asked: bool,
}

impl Application {
    /// It does nothing any more.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// No transaction is open.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Ready | State::Over)
    }
}

impl Run {
    /// A producer with this `transactional.id` begins, whether or not there is one already.
    pub fn add_transactional(&mut self, id: &str) -> Step<()> {
        self.clients += 1;
        let client = format!("{id}-{}", self.clients);
        let timeout_ms = self.options.transaction_timeout_ms;
        self.command(&format!(
            "producer {client} --topic {TOPIC} --config transactional.id={id} --config transaction.timeout.ms={timeout_ms} \
             --config request.timeout.ms=3000 --config delivery.timeout.ms=15000 --config max.block.ms=10000 \
             --config metadata.max.age.ms=10000"
        ))?;
        let client = Name::from(client);
        let ticket = self.call(&client, &TransactionVerb::Init)?;
        let state = State::Initializing(ticket);
        self.applications.push(Application { client, id: id.to_owned(), state, current: 0, commit_asked: false });
        Ok(())
    }

    fn call(&mut self, client: &Name, verb: &TransactionVerb) -> Step<u64> {
        self.say(&format!("{client}: {verb:?}"));
        self.world.call_transaction(client, verb).map_err(|error| self.unplayable(client, &error.to_string()))
    }

    /// Each application takes a step; with `finish` no new transaction is begun.
    pub fn step_applications(&mut self, finish: bool) -> Step<()> {
        for index in 0..self.applications.len() {
            self.step_application(index, finish)?;
        }
        Ok(())
    }

    fn step_application(&mut self, index: usize, finish: bool) -> Step<()> {
        let Some(mut app) = self.applications.get(index).cloned() else { return Ok(()) };
        if app.is_over() {
            return Ok(());
        }
        let slot = self.world.slot(&playground_core::ids::NodeId::Client(app.client.clone()));
        match slot.map(|slot| slot.state) {
            Some(ProcState::Running) => {}
            // What is paused may still come back, what is dead may not.
            Some(ProcState::Paused | ProcState::Starting) => return Ok(()),
            Some(ProcState::Dead) | None => {
                app.state = State::Over;
                self.applications[index] = app;
                return Ok(());
            }
        }
        self.advance(&mut app, finish)?;
        self.applications[index] = app;
        Ok(())
    }

    fn advance(&mut self, app: &mut Application, finish: bool) -> Step<()> {
        match app.state {
            State::Initializing(ticket) => match self.answer(app, ticket) {
                Some(Ok(())) => app.state = State::Ready,
                Some(Err(error)) if is_timeout(&error) => {
                    app.state = State::Initializing(self.call(&app.client, &TransactionVerb::Init)?);
                }
                Some(Err(_)) => self.give_up(app),
                None => {}
            },
            State::Ready if finish => {}
            State::Ready => {
                let begun = self.call(&app.client, &TransactionVerb::Begin)?;
                let _ = begun;
                app.current = self.attempts.len();
                app.commit_asked = false;
                let attempt = Attempt { client: app.client.clone(), tickets: Vec::new(), outcome: Outcome::Info };
                self.attempts.push(attempt);
                app.state = State::Open;
                self.send_in(app)?;
            }
            State::Open => {
                if self.has_failed(app) || (!finish && self.rng.chance(1, 5)) {
                    app.state = State::Aborting(self.call(&app.client, &TransactionVerb::Abort)?);
                } else if finish || self.rng.chance(1, 2) {
                    app.commit_asked = true;
                    app.state = State::Committing(self.call(&app.client, &TransactionVerb::Commit)?);
                } else {
                    self.send_in(app)?;
                }
            }
            State::Committing(ticket) => match self.answer(app, ticket) {
                Some(Ok(())) => {
                    self.attempts[app.current].outcome = Outcome::Ok;
                    app.state = State::Ready;
                }
                Some(Err(error)) if is_timeout(&error) => {
                    app.state = State::Committing(self.call(&app.client, &TransactionVerb::Commit)?);
                }
                Some(Err(_)) if self.is_fatal(app) => self.give_up(app),
                Some(Err(_)) => app.state = State::Aborting(self.call(&app.client, &TransactionVerb::Abort)?),
                None => {}
            },
            State::Aborting(ticket) => match self.answer(app, ticket) {
                Some(Ok(())) => {
                    if !app.commit_asked {
                        self.attempts[app.current].outcome = Outcome::Fail;
                    }
                    app.state = State::Ready;
                }
                Some(Err(error)) if is_timeout(&error) => {
                    app.state = State::Aborting(self.call(&app.client, &TransactionVerb::Abort)?);
                }
                Some(Err(_)) => self.give_up(app),
                None => {}
            },
            State::Over => {}
        }
        Ok(())
    }

    fn send_in(&mut self, app: &Application) -> Step<()> {
        let count = self.rng.between(1, 3);
        let sent = self.send_values(&app.client.clone(), count)?;
        if let Some(attempt) = self.attempts.get_mut(app.current) {
            attempt.tickets.push((sent, count));
        }
        Ok(())
    }

    fn answer(&self, app: &Application, ticket: u64) -> Option<Result<(), Name>> {
        self.world.producer(&app.client)?.call_answer(ticket).cloned()
    }

    fn phase(&self, app: &Application) -> Option<TransactionPhase> {
        self.world.producer(&app.client)?.transaction_phase()
    }

    fn has_failed(&self, app: &Application) -> bool {
        matches!(self.phase(app), Some(TransactionPhase::AbortableError | TransactionPhase::FatalError))
    }

    fn is_fatal(&self, app: &Application) -> bool {
        self.phase(app) == Some(TransactionPhase::FatalError)
    }

    /// `close()` after an error that nothing helps against.
    fn give_up(&mut self, app: &mut Application) {
        app.state = State::Over;
        let node = playground_core::command::NodeRef::Node(playground_core::ids::NodeId::Client(app.client.clone()));
        let _ = self.give(&playground_core::command::Command::Kill(node));
    }
}

fn is_timeout(error: &str) -> bool {
    matches!(error, "TimeoutException" | "REQUEST_TIMED_OUT")
}
