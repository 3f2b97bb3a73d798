//! The disturbances of brokers, network and clients.

use playground_core::command::{Command, NodeRef};
use playground_core::ids::{NodeId, TopicPartition};
use playground_core::sim::{ProcState, Process, Slot, World};
use playground_core::time::SimDuration;

use super::options::Kind;
use super::run::{Run, Step, TOPIC};
use crate::seeds::draw;

fn is_consumer(_: &NodeId, slot: &Slot) -> bool {
    slot.process.consumer().is_some_and(|consumer| consumer.group().is_some()) && slot.state == ProcState::Running
}

fn is_producer(slot: &Slot, transactional: bool) -> bool {
    matches!(&slot.process, Process::Producer(p) if p.config().transactional_id.is_some() == transactional)
        && slot.state == ProcState::Running
}

impl Run {
    /// One disturbance, drawn by the seed's weights; one that is not possible now is left out.
    pub fn disturb(&mut self) -> Step<()> {
        match draw(&mut self.rng, &self.options.weights) {
            Some(Kind::AddConsumer) => {
                if self.nodes(is_consumer).len() < 4 {
                    self.add_consumer()
                } else {
                    Ok(())
                }
            }
            Some(Kind::SucceedTransactional) => self.succeed(),
            Some(kind) => match self.command_of(kind) {
                Some(command) => self.give(&command),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// A second producer takes over a `transactional.id` while the first may still run.
    fn succeed(&mut self) -> Step<()> {
        let count = self.options.transactional;
        if count == 0 || self.applications.len() > 12 {
            return Ok(());
        }
        let id = format!("tx{}", self.rng.below(count) + 1);
        self.add_transactional(&id)
    }

    fn command_of(&mut self, kind: Kind) -> Option<Command> {
        match kind {
            Kind::KillBroker => self.broker().map(Command::Kill),
            Kind::PowerOffBroker => self.broker().map(Command::PowerOff),
            Kind::StopBroker => self.broker().map(Command::Stop),
            Kind::PauseBroker => self.broker().map(Command::Pause),
            Kind::IsolateBroker => self.broker().map(Command::Isolate),
            Kind::StartBroker => {
                let dead = self.nodes(|id, slot| !matches!(id, NodeId::Client(_)) && slot.state == ProcState::Dead);
                self.pick(&dead).map(Command::Start)
            }
            Kind::CutBrokers => {
                let (a, b) = self.two_brokers()?;
                Some(Command::Cut { a, b, one_way: self.rng.chance(1, 3) })
            }
            Kind::CutClient => {
                let (a, b) = self.client_and_broker()?;
                Some(Command::Cut { a, b, one_way: self.rng.chance(1, 2) })
            }
            Kind::DelayClient => {
                let by = SimDuration::from_ms(self.rng.between(1, self.options.delay_ms));
                self.client_and_broker().map(|(a, b)| Command::Delay { a, b, by })
            }
            Kind::DropConnection => self.client_and_broker().map(|(a, b)| Command::DropConnection { a, b }),
            Kind::Elect => {
                let partition = i32::try_from(self.rng.below(self.options.partitions)).ok()?;
                let unclean = self.options.unclean && self.rng.chance(1, 3);
                Some(Command::ElectLeader { unclean, tp: Some(TopicPartition::new(TOPIC, partition)) })
            }
            Kind::KillConsumer => self.one(is_consumer).map(Command::Kill),
            Kind::StopConsumer => self.one(is_consumer).map(Command::Stop),
            Kind::PauseConsumer => self.one(is_consumer).map(Command::Pause),
            Kind::KillTransactional => self.one(|_, slot| is_producer(slot, true)).map(Command::Kill),
            Kind::PauseTransactional => self.one(|_, slot| is_producer(slot, true)).map(Command::Pause),
            Kind::PauseProducer => self.one(|_, slot| is_producer(slot, false)).map(Command::Pause),
            Kind::Resume => self.one(|_, slot| slot.state == ProcState::Paused).map(Command::Resume),
            Kind::Heal => Some(Command::Heal(None)),
            Kind::AddConsumer | Kind::SucceedTransactional => None,
        }
    }

    fn pick(&mut self, among: &[NodeId]) -> Option<NodeRef> {
        let index = usize::try_from(self.rng.below(among.len().max(1) as u64)).unwrap_or(0);
        among.get(index).cloned().map(NodeRef::Node)
    }

    fn one(&mut self, holds: impl Fn(&NodeId, &Slot) -> bool) -> Option<NodeRef> {
        let among = self.nodes(holds);
        self.pick(&among)
    }

    fn broker(&mut self) -> Option<NodeRef> {
        self.one(|id, slot| id.broker().is_some() && slot.state == ProcState::Running)
    }

    fn two_brokers(&mut self) -> Option<(NodeRef, NodeRef)> {
        let a = self.broker()?;
        let b = self.one(|id, _| id.broker().is_some() && NodeRef::Node(id.clone()) != a)?;
        Some((a, b))
    }

    fn client_and_broker(&mut self) -> Option<(NodeRef, NodeRef)> {
        let client = self.one(|id, slot| {
            matches!(id, NodeId::Client(_)) && *id != World::admin_node() && slot.state != ProcState::Dead
        })?;
        let broker = self.one(|id, _| id.broker().is_some())?;
        Some(if self.rng.chance(1, 2) { (client, broker) } else { (broker, client) })
    }
}
