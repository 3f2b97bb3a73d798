//! Work in progress: an event or a request, what it has learned so far, and which questions are open.

use std::rc::Rc;

use super::admin::AdminRequest;
use super::context::Context;
use super::event::Event;
use super::run::{Answer, Reply};
use crate::protocol::zookeeper::ZkOp;

/// What is worked on.
#[derive(Clone, Debug)]
pub enum Work {
    /// An event of the queue.
    Event(Event),
    /// A request about topics, beside the queue.
    Admin(AdminRequest),
}

/// Work in progress.
#[derive(Clone, Debug)]
pub struct Task {
    /// What is worked on.
    pub work: Work,
    /// When it began, ms since 1970.
    pub began_ms: i64,
    /// The context when it began; every run starts from it.
    pub base: Context,
    /// What it has learned.
    pub answers: Vec<Answer>,
    /// How much of what it tells the world was told already.
    pub told: usize,
    /// Its request was answered.
    pub answered: bool,
    /// Numbers of the open questions, with their answers as they come.
    open: Vec<(u64, Option<Reply>)>,
}

impl Task {
    /// Work that begins.
    pub fn new(work: Work, began_ms: i64, base: Context) -> Self {
        Self { work, began_ms, base, answers: Vec::new(), told: 0, answered: false, open: Vec::new() }
    }

    /// A question is open.
    pub fn is_waiting(&self) -> bool {
        !self.open.is_empty()
    }

    /// Gives numbers to the questions of a batch.
    pub fn ask(&mut self, ops: Vec<ZkOp>, next_id: &mut u64) -> Vec<(u64, ZkOp)> {
        let mut numbered: Vec<(u64, ZkOp)> = Vec::with_capacity(ops.len());
        for op in ops {
            *next_id += 1;
            numbered.push((*next_id, op));
        }
        self.open = numbered.iter().map(|(id, _)| (*id, None)).collect();
        numbered
    }

    /// Takes an answer; true if it was to a question of this work.
    pub fn answer(&mut self, id: u64, reply: &Reply) -> bool {
        let Some(slot) = self.open.iter_mut().find(|(open, _)| *open == id) else { return false };
        slot.1 = Some(reply.clone());
        if self.open.iter().all(|(_, reply)| reply.is_some()) {
            let replies = std::mem::take(&mut self.open).into_iter().filter_map(|(_, reply)| reply).collect();
            self.answers.push(Answer::Replies(Rc::new(replies)));
        }
        true
    }
}
