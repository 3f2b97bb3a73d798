//! `zookeeper-shell.sh`: a person's own session, to write and delete znodes by hand.

use crate::collections::BTreeMap;
use std::collections::VecDeque;

use super::{ZkClient, ZkClientEvent, ZkOwner, ZkTag};
use crate::machine::{Channel, Ctx, Deadline, Input, Machine};
use crate::protocol::zookeeper::{ZkError, ZkOp, ZkResult};
use crate::time::SimTime;

/// The shell's session timeout, ms (`ZooKeeperMain`'s default).
const SESSION_TIMEOUT_MS: u64 = 30_000;

/// An operation with the number under which its answer will be found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZkShellCommand {
    /// Finds the answer.
    pub ticket: u64,
    /// The operation.
    pub op: ZkOp,
}

/// One shell.
#[derive(Clone, Debug)]
pub struct ZkShell {
    zk: ZkClient,
    /// Typed before a session stood.
    waiting: VecDeque<ZkShellCommand>,
    answers: BTreeMap<u64, Result<ZkResult, ZkError>>,
}

impl ZkShell {
    /// A shell that knows these servers.
    pub fn new(servers: Vec<u8>) -> Self {
        let zk = ZkClient::new(servers, SESSION_TIMEOUT_MS);
        Self { zk, waiting: VecDeque::new(), answers: BTreeMap::new() }
    }

    /// What became of the command with this ticket; `None` while it is under way.
    pub fn answer(&self, ticket: u64) -> Option<&Result<ZkResult, ZkError>> {
        self.answers.get(&ticket)
    }

    fn submit(&mut self, ctx: &mut Ctx<'_>, command: ZkShellCommand) {
        self.zk.submit(ctx, ZkTag { owner: ZkOwner::Shell, id: command.ticket }, command.op);
    }

    fn said(&mut self, ctx: &mut Ctx<'_>, events: Vec<ZkClientEvent>) {
        for event in events {
            match event {
                ZkClientEvent::Connected { .. } => {
                    while let Some(command) = self.waiting.pop_front() {
                        self.submit(ctx, command);
                    }
                }
                ZkClientEvent::Reply { tag, result } => {
                    self.answers.insert(tag.id, result);
                }
                ZkClientEvent::Expired => self.zk.start(ctx),
                ZkClientEvent::Disconnected | ZkClientEvent::Watch(_) => {}
            }
        }
    }
}

impl Machine for ZkShell {
    type Command = ZkShellCommand;

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<ZkShellCommand>) {
        match input {
            Input::Boot => self.zk.start(ctx),
            Input::Deliver(delivery) => {
                let events = self.zk.on_delivery(ctx, &delivery);
                self.said(ctx, events);
            }
            Input::Timer => {
                let events = self.zk.on_timer(ctx);
                self.said(ctx, events);
            }
            Input::ConnectionLost(connection) if connection.channel == Channel::Session => {
                let events = self.zk.on_connection_lost(ctx, &connection);
                self.said(ctx, events);
            }
            Input::ConnectionLost(_) | Input::DiskDone(_) => {}
            Input::Command(command) if self.zk.is_connected() => self.submit(ctx, command),
            Input::Command(command) => self.waiting.push_back(command),
        }
    }

    fn next_deadline(&self) -> Option<SimTime> {
        self.zk.next_deadline()
    }

    fn deadlines(&self) -> Vec<Deadline> {
        self.zk.deadlines()
    }
}
