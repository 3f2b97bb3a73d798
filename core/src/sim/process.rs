//! The processes of a world: which machine runs in each, and what stays of it when it dies.

use std::rc::Rc;

use crate::broker::{Broker, BrokerCommand, BrokerDurable};
use crate::config::BrokerConfig;
use crate::consumer::{Consumer, ConsumerCommand};
use crate::machine::{Connection, Ctx, Deadline, Delivery, Input, Machine};
use crate::producer::{Producer, ProducerCommand};
use crate::shell::{Shell, ShellCommand};
use crate::time::SimTime;
use crate::transform::{Transformer, TransformerCommand};
use crate::zk_client::{ZkShell, ZkShellCommand};
use crate::zookeeper::{ZooKeeperDurable, ZooKeeperServer};

/// A machine in a process, or what is left on disk when there is no process. Checkpoints keep one of every client, so
/// what is twice as large as most lies behind a pointer.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "one per process, always behind an Rc")]
pub enum Process {
    /// A broker that runs.
    Broker(Box<Broker>),
    /// A broker's disk.
    BrokerDown(BrokerDurable, Rc<BrokerConfig>),
    /// A ZooKeeper server that runs.
    ZooKeeper(ZooKeeperServer),
    /// A ZooKeeper server's disk.
    ZooKeeperDown(ZooKeeperDurable),
    /// A producer; it keeps nothing.
    Producer(Producer),
    /// A consumer; it keeps nothing.
    Consumer(Consumer),
    /// A consumer and a producer in one application; it keeps nothing.
    Transformer(Box<Transformer>),
    /// The tools with their admin client.
    Admin(Shell),
    /// A person's ZooKeeper shell.
    ZkShell(ZkShell),
}

/// What a process can be asked, by kind.
#[derive(Clone, Debug)]
pub enum ProcessCommand {
    /// For a broker.
    Broker(BrokerCommand),
    /// For a producer.
    Producer(ProducerCommand),
    /// For a consumer.
    Consumer(ConsumerCommand),
    /// For an application of both.
    Transformer(TransformerCommand),
    /// For the tools.
    Admin(ShellCommand),
    /// For the ZooKeeper shell.
    ZkShell(ZkShellCommand),
}

/// An input without the kind of machine.
#[derive(Clone, Debug)]
pub enum ProcessInput {
    /// See [`Input::Boot`].
    Boot,
    /// See [`Input::Deliver`].
    Deliver(Delivery),
    /// See [`Input::Timer`].
    Timer,
    /// See [`Input::ConnectionLost`].
    ConnectionLost(Connection),
    /// See [`Input::DiskDone`].
    DiskDone(u64),
    /// See [`Input::Command`].
    Command(ProcessCommand),
}

impl ProcessInput {
    fn typed<C>(self, command: impl FnOnce(ProcessCommand) -> Option<C>) -> Option<Input<C>> {
        Some(match self {
            Self::Boot => Input::Boot,
            Self::Deliver(delivery) => Input::Deliver(delivery),
            Self::Timer => Input::Timer,
            Self::ConnectionLost(connection) => Input::ConnectionLost(connection),
            Self::DiskDone(token) => Input::DiskDone(token),
            Self::Command(asked) => Input::Command(command(asked)?),
        })
    }
}

impl Process {
    /// The consumer, alone or in an application.
    pub fn consumer(&self) -> Option<&Consumer> {
        match self {
            Self::Consumer(consumer) => Some(consumer),
            Self::Transformer(application) => Some(application.consumer()),
            _ => None,
        }
    }

    /// The same, or that of a console tool: whoever is given records.
    pub(super) fn reader(&self) -> Option<&Consumer> {
        match self {
            Self::Admin(shell) => shell.consumer(),
            _ => self.consumer(),
        }
    }

    /// [`Self::consumer`], for what happens to it from outside.
    pub(super) fn consumer_mut(&mut self) -> Option<&mut Consumer> {
        match self {
            Self::Consumer(consumer) => Some(consumer),
            Self::Transformer(application) => Some(application.consumer_mut()),
            _ => None,
        }
    }

    /// The producer, alone or in an application.
    pub fn producer(&self) -> Option<&Producer> {
        match self {
            Self::Producer(producer) => Some(producer),
            Self::Transformer(application) => Some(application.producer()),
            _ => None,
        }
    }

    /// Runs one input; a command of the wrong kind and input to a dead process are ignored.
    pub fn handle(&mut self, ctx: &mut Ctx<'_>, input: ProcessInput) {
        match self {
            Self::Broker(machine) => {
                let typed = input.typed(|c| if let ProcessCommand::Broker(c) = c { Some(c) } else { None });
                if let Some(input) = typed {
                    machine.handle(ctx, input);
                }
            }
            Self::Producer(machine) => {
                let typed = input.typed(|c| if let ProcessCommand::Producer(c) = c { Some(c) } else { None });
                if let Some(input) = typed {
                    machine.handle(ctx, input);
                }
            }
            Self::Consumer(machine) => {
                let typed = input.typed(|c| if let ProcessCommand::Consumer(c) = c { Some(c) } else { None });
                if let Some(input) = typed {
                    machine.handle(ctx, input);
                }
            }
            Self::Transformer(machine) => {
                let typed = input.typed(|c| match c {
                    ProcessCommand::Transformer(c) => Some(c),
                    ProcessCommand::Consumer(c) => Some(TransformerCommand::Consumer(c)),
                    _ => None,
                });
                if let Some(input) = typed {
                    machine.handle(ctx, input);
                }
            }
            Self::Admin(machine) => {
                let typed = input.typed(|c| if let ProcessCommand::Admin(c) = c { Some(c) } else { None });
                if let Some(input) = typed {
                    machine.handle(ctx, input);
                }
            }
            Self::ZkShell(machine) => {
                let typed = input.typed(|c| if let ProcessCommand::ZkShell(c) = c { Some(c) } else { None });
                if let Some(input) = typed {
                    machine.handle(ctx, input);
                }
            }
            Self::ZooKeeper(machine) => {
                if let Some(input) = input.typed(|_| None) {
                    machine.handle(ctx, input);
                }
            }
            Self::BrokerDown(..) | Self::ZooKeeperDown(_) => {}
        }
    }

    /// When the machine wants to be woken.
    pub fn next_deadline(&self) -> Option<SimTime> {
        match self {
            Self::Broker(machine) => machine.next_deadline(),
            Self::ZooKeeper(machine) => machine.next_deadline(),
            Self::Producer(machine) => machine.next_deadline(),
            Self::Consumer(machine) => machine.next_deadline(),
            Self::Transformer(machine) => machine.next_deadline(),
            Self::Admin(machine) => machine.next_deadline(),
            Self::ZkShell(machine) => machine.next_deadline(),
            Self::BrokerDown(..) | Self::ZooKeeperDown(_) => None,
        }
    }

    /// The machine's deadlines in words.
    pub fn deadlines(&self) -> Vec<Deadline> {
        match self {
            Self::Broker(machine) => machine.deadlines(),
            Self::ZooKeeper(machine) => machine.deadlines(),
            Self::Producer(machine) => machine.deadlines(),
            Self::Consumer(machine) => machine.deadlines(),
            Self::Transformer(machine) => machine.deadlines(),
            Self::Admin(machine) => machine.deadlines(),
            Self::ZkShell(machine) => machine.deadlines(),
            Self::BrokerDown(..) | Self::ZooKeeperDown(_) => Vec::new(),
        }
    }
}
