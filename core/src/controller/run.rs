//! How the controller's straight-line procedures wait for ZooKeeper.
//!
//! Kafka's controller is one thread that blocks on ZooKeeper in the middle of an event. A machine
//! of the simulation cannot block, so an event is *run* on a copy of the context: when it comes to a
//! question without an answer, the run is given up and the question asked; with the answer at hand
//! the event runs again from its beginning. All that could differ from run to run (answers, chance,
//! the time) is written down with the event, so each run repeats the one before and goes on from
//! there; what it told the world in an earlier run is not told again. The copy becomes the context
//! when the event is through.

use std::rc::Rc;

use super::batch::Batch;
use super::context::Context;
use super::waiting::Waiting;
use super::znode::CONTROLLER_EPOCH;
use crate::config::BrokerConfig;
use crate::guard::{Guard, holds};
use crate::ids::{BrokerId, Name};
use crate::machine::{Connection, Observation};
use crate::protocol::zookeeper::{ZkError, ZkOp, ZkResult};
use crate::protocol::{Request, Response};
use crate::rng::Rng;

/// ZooKeeper's answer to one question.
pub type Reply = Result<ZkResult, ZkError>;

/// What a run has learned from outside.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Answers to a batch of questions.
    Replies(Rc<Vec<Reply>>),
    /// A random number.
    Drawn(u64),
}

/// Why a run ends before its event does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// A question is open.
    Pending,
    /// ZooKeeper knows another controller (`ControllerMovedException`), or the session is over.
    Moved,
}

/// A step of a run.
pub type Step<T> = Result<T, Stop>;

/// What a run tells the world.
#[derive(Clone, Debug)]
pub enum Todo {
    /// A request for a broker's queue.
    Send(BrokerId, Request),
    /// A queue for a broker.
    AddBroker(BrokerId),
    /// No queue for a broker.
    RemoveBroker(BrokerId),
    /// Something worth telling.
    Observe(Observation),
    /// An answer to a request.
    Respond(Connection, u64, Response),
    /// An answer that has to wait for the metadata cache.
    Wait(Waiting),
    /// This broker is controller with this epoch.
    Elected(i32),
    /// This broker is controller no longer.
    Resigned,
    /// Stand for election after so many milliseconds.
    ReelectAfterMs(u64),
    /// Look for lost preferred leaders after so many seconds.
    RebalanceAfterSeconds(u64),
}

/// One run.
pub struct Run<'a> {
    /// The own broker.
    pub id: BrokerId,
    /// Its properties.
    pub config: &'a BrokerConfig,
    /// The copy of the context.
    pub context: &'a mut Context,
    /// When the event began, ms since 1970.
    pub now_ms: i64,
    rng: &'a mut Rng,
    answers: &'a mut Vec<Answer>,
    next_answer: usize,
    /// The open questions, if the run was given up.
    pub wanted: Vec<ZkOp>,
    /// What it told the world so far, from the beginning.
    pub todo: Vec<Todo>,
}

impl<'a> Run<'a> {
    /// A run from the beginning.
    pub fn new(
        id: BrokerId,
        config: &'a BrokerConfig,
        context: &'a mut Context,
        now_ms: i64,
        rng: &'a mut Rng,
        answers: &'a mut Vec<Answer>,
    ) -> Self {
        Self { id, config, context, now_ms, rng, answers, next_answer: 0, wanted: Vec::new(), todo: Vec::new() }
    }

    fn next_answer(&mut self) -> Option<Answer> {
        let answer = self.answers.get(self.next_answer).cloned();
        self.next_answer += usize::from(answer.is_some());
        answer
    }

    /// Asks ZooKeeper; the questions of one batch are sent in one go and answered in order.
    pub fn ask(&mut self, ops: Vec<ZkOp>) -> Step<Rc<Vec<Reply>>> {
        if ops.is_empty() {
            return Ok(Rc::new(Vec::new()));
        }
        match self.next_answer() {
            Some(Answer::Replies(replies)) => {
                if replies.iter().any(|reply| matches!(reply, Err(ZkError::SessionExpired))) {
                    return Err(Stop::Moved);
                }
                Ok(replies)
            }
            _ => {
                self.wanted = ops;
                Err(Stop::Pending)
            }
        }
    }

    /// Asks one thing.
    pub fn ask_one(&mut self, op: ZkOp) -> Step<Reply> {
        let replies = self.ask(vec![op])?;
        Ok(replies.first().cloned().unwrap_or(Err(ZkError::RuntimeInconsistency)))
    }

    /// Data and version of a znode.
    pub fn data(&mut self, path: Name, watch: bool) -> Step<Option<(Name, i32)>> {
        Ok(match self.ask_one(ZkOp::GetData { path, watch })? {
            Ok(ZkResult::Data { data, stat }) => Some((data, stat.version)),
            _ => None,
        })
    }

    /// The children of a znode.
    pub fn children(&mut self, path: &str, watch: bool) -> Step<Vec<Name>> {
        Ok(match self.ask_one(ZkOp::GetChildren { path: path.into(), watch })? {
            Ok(ZkResult::Children(names)) => names,
            _ => Vec::new(),
        })
    }

    /// Writes as controller: each operation is carried out only if `/controller_epoch` still has the
    /// version of this controller's election, so a zombie cannot write.
    pub fn write(&mut self, ops: Vec<ZkOp>) -> Step<Vec<Reply>> {
        let version = self.context.epoch_zk_version;
        if !holds(Guard::ControllerWritesFenced) {
            return Ok(self.ask(ops)?.to_vec());
        }
        let check = ZkOp::Check { path: CONTROLLER_EPOCH.into(), version };
        let multis = ops.iter().map(|op| ZkOp::Multi(vec![check.clone(), op.clone()])).collect();
        let replies = self.ask(multis)?;
        let replies: Vec<Reply> = replies
            .iter()
            .map(|reply| match reply {
                Ok(ZkResult::Multi(results)) => results.get(1).cloned().ok_or(ZkError::RuntimeInconsistency),
                Ok(other) => Ok(other.clone()),
                Err(error) => Err(*error),
            })
            .collect();
        // A failed multi names one error; whose version was meant, a look at the epoch tells.
        if replies.iter().any(|reply| matches!(reply, Err(ZkError::BadVersion))) {
            let now = self.data(CONTROLLER_EPOCH.into(), false)?;
            if now.map(|(_, version)| version) != Some(version) {
                return Err(Stop::Moved);
            }
        }
        Ok(replies)
    }

    /// A random number in `0..bound`.
    pub fn draw(&mut self, bound: u64) -> u64 {
        if let Some(Answer::Drawn(number)) = self.next_answer() {
            return number;
        }
        let number = self.rng.below(bound);
        self.answers.push(Answer::Drawn(number));
        self.next_answer += 1;
        number
    }

    /// Tells people.
    pub fn observe(&mut self, observation: Observation) {
        self.todo.push(Todo::Observe(observation));
    }

    /// Answers a request.
    pub fn respond(&mut self, on: &Connection, correlation_id: u64, response: Response) {
        self.todo.push(Todo::Respond(on.clone(), correlation_id, response));
    }

    /// Puts a batch into the brokers' queues.
    pub fn send(&mut self, batch: Batch) {
        for (broker, request) in batch.into_requests(self.context, self.id) {
            self.todo.push(Todo::Send(broker, request));
        }
    }
}
