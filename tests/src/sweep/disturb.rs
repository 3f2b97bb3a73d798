//! The disturbances: faults of processes and network, and what administrators and readers do.

use playground_core::command::{ClockSkew, Command, NodeRef};
use playground_core::ids::{Name, NodeId, TopicPartition};
use playground_core::protocol::zookeeper::ZkOp;
use playground_core::sim::{ProcState, World};
use playground_core::time::SimDuration;

use super::options::Kind;
use super::run::{Step, Sweep};
use crate::seeds::draw;

impl Sweep {
    /// One disturbance, drawn by the seed's weights; one that is not possible now is left out.
    pub fn disturb(&mut self) -> Step<()> {
        let Some(kind) = draw(&mut self.rng, &self.options.weights) else { return Ok(()) };
        if kind == Kind::SucceedPipe {
            return self.succeed_pipeline();
        }
        match self.command_of(kind) {
            Some(command) => self.give(&command),
            None => Ok(()),
        }
    }

    fn command_of(&mut self, kind: Kind) -> Option<Command> {
        match kind {
            Kind::Kill => self.victim().map(Command::Kill),
            Kind::PowerOff => self.victim().map(Command::PowerOff),
            Kind::Stop => self.victim().map(Command::Stop),
            Kind::Start => {
                let dead = self.nodes(|id, slot| !matches!(id, NodeId::Client(_)) && slot.state == ProcState::Dead);
                self.pick(&dead).map(Command::Start)
            }
            Kind::Pause => self.victim().map(Command::Pause),
            Kind::Resume => {
                let paused = self.nodes(|_, slot| slot.state == ProcState::Paused);
                self.pick(&paused).map(Command::Resume)
            }
            Kind::Cut => self.pair().map(|(a, b)| Command::Cut { a, b, one_way: false }),
            Kind::CutOneWay => self.pair().map(|(a, b)| Command::Cut { a, b, one_way: true }),
            Kind::Isolate => self.victim().map(Command::Isolate),
            Kind::Delay => {
                let by = SimDuration::from_ms(self.rng.between(1, self.options.delay_ms));
                self.pair().map(|(a, b)| Command::Delay { a, b, by })
            }
            Kind::DropConnection => self.pair().map(|(a, b)| Command::DropConnection { a, b }),
            Kind::Heal => Some(Command::Heal(None)),
            Kind::KillZooKeeper => {
                let server = self.server()?;
                Some(if self.rng.chance(1, 3) { Command::PowerOff(server) } else { Command::Kill(server) })
            }
            Kind::PauseZooKeeper => self.server().map(Command::Pause),
            Kind::IsolateZooKeeper => self.server().map(Command::Isolate),
            Kind::CutZooKeeper => {
                let a = self.server()?;
                let others = self.nodes(|id, _| {
                    matches!(id, NodeId::ZooKeeper(_) | NodeId::Broker(_)) && NodeRef::Node(id.clone()) != a
                });
                let b = self.pick(&others)?;
                let (a, b) = if self.rng.chance(1, 2) { (a, b) } else { (b, a) };
                Some(Command::Cut { a, b, one_way: self.rng.chance(1, 3) })
            }
            Kind::PreferredElection => self.partition().map(|tp| Command::ElectLeader { unclean: false, tp: Some(tp) }),
            Kind::UncleanElection => self.partition().map(|tp| Command::ElectLeader { unclean: true, tp: Some(tp) }),
            Kind::FillDisk => self.disk().map(|(node, dir)| Command::DiskFull { node, dir }),
            Kind::BreakDisk => self.disk().map(|(node, dir)| Command::DiskFail { node, dir }),
            Kind::RepairDisk => {
                let bad = self.with_bad_disk();
                self.pick(&bad).map(|node| Command::DiskRepair { node, dir: None })
            }
            Kind::SlowDown => {
                let factor = [3, 20, 100][usize::try_from(self.rng.below(3)).unwrap_or(0)];
                let node = if self.rng.chance(1, 5) { self.server() } else { self.victim() };
                node.map(|node| Command::Slow { node, factor: Some(factor) })
            }
            Kind::SetClock => {
                let nodes = self.nodes(|id, _| *id != World::admin_node());
                let by = SimDuration::from_ms(self.rng.between(1, 120_000));
                let skew = if self.rng.chance(1, 2) { ClockSkew::Ahead(by) } else { ClockSkew::Behind(by) };
                self.pick(&nodes).map(|node| Command::Clock { node, skew: Some(skew) })
            }
            Kind::DeleteController => {
                self.world.ask_zookeeper(ZkOp::Delete { path: "/controller".into(), version: -1 });
                None
            }
            Kind::SlowZooKeeper => {
                let controller = self.world.controller().filter(|_| self.rng.chance(1, 2)).map(NodeId::Broker);
                let a = controller.map(NodeRef::Node).or_else(|| self.victim())?;
                let servers = self.nodes(|id, _| matches!(id, NodeId::ZooKeeper(_)));
                let b = self.pick(&servers)?;
                Some(Command::Delay { a, b, by: SimDuration::from_ms(self.rng.between(1, self.options.delay_ms)) })
            }
            Kind::AddConsumer => {
                if self.readers(ProcState::Running).len() < 4 && self.options.consumers > 0 {
                    let _ = self.add_consumer();
                }
                None
            }
            Kind::EndConsumer => {
                let readers = self.members(ProcState::Running);
                let reader = self.pick(&readers)?;
                Some(if self.rng.chance(1, 2) { Command::Kill(reader) } else { Command::Stop(reader) })
            }
            Kind::DelayPipe => {
                let (pipes, brokers) = (self.pipes(ProcState::Running), self.brokers_in(&[ProcState::Running]));
                let (a, b) = (self.pick(&pipes)?, self.pick(&brokers)?);
                Some(Command::Delay { a, b, by: SimDuration::from_ms(self.rng.between(1, self.options.delay_ms)) })
            }
            Kind::PausePipe | Kind::KillPipe => {
                let pipes = self.pipes(ProcState::Running);
                let pipe = self.pick(&pipes)?;
                Some(if kind == Kind::KillPipe { Command::Kill(pipe) } else { Command::Pause(pipe) })
            }
            Kind::PauseConsumer => {
                let readers = self.members(ProcState::Running);
                self.pick(&readers).map(Command::Pause)
            }
            _ => self.line_of(kind).and_then(|line| Command::parse(&line).ok()),
        }
    }

    /// What administrators do, as they type it.
    fn line_of(&mut self, kind: Kind) -> Option<String> {
        let topic = self.partition()?.topic;
        match kind {
            Kind::CreateTopic => {
                self.extra_topics += 1;
                let (number, replicas) = (self.extra_topics, self.rng.between(1, self.options.brokers.min(3)));
                Some(format!(
                    "kafka-topics.sh --create --topic extra-{number} --partitions 2 --replication-factor {replicas}"
                ))
            }
            Kind::DeleteTopic if self.extra_topics > 0 => {
                let number = self.rng.between(1, self.extra_topics);
                Some(format!("kafka-topics.sh --delete --topic extra-{number}"))
            }
            Kind::AddPartitions => {
                let total = self.rng.between(2, 4);
                Some(format!("kafka-topics.sh --alter --topic {topic} --partitions {total}"))
            }
            Kind::ChangeMinIsr => {
                let number = self.rng.between(1, 2);
                Some(format!(
                    "kafka-configs.sh --alter --entity-type topics --entity-name {topic} \
                     --add-config min.insync.replicas={number}"
                ))
            }
            Kind::ReorderReplicas => {
                let tp = self.partition()?;
                let controller = self.world.controller().and_then(|id| self.world.broker(id))?;
                let leader = controller.known_leader(&tp).and_then(|id| self.world.broker(id))?;
                let mut left = leader.partitions().get(&tp)?.replicas.clone();
                let mut order = Vec::new();
                while !left.is_empty() {
                    let index = usize::try_from(self.rng.below(left.len() as u64)).unwrap_or(0);
                    order.push(left.swap_remove(index).to_string());
                }
                let (topic, partition, order) = (tp.topic, tp.partition, order.join(","));
                Some(format!(
                    "kafka-reassign-partitions.sh --execute --topic {topic} --partition {partition} --replicas {order}"
                ))
            }
            Kind::Reassign => {
                let tp = self.partition()?;
                let mut brokers: Vec<u64> = (101..101 + self.options.brokers).collect();
                let count = self.rng.between(1, self.options.brokers.min(3));
                let mut chosen = Vec::new();
                for _ in 0..count {
                    let index = usize::try_from(self.rng.below(brokers.len() as u64)).unwrap_or(0);
                    chosen.push(brokers.swap_remove(index).to_string());
                }
                self.moved.insert(tp.clone());
                let (topic, partition, chosen) = (tp.topic, tp.partition, chosen.join(","));
                Some(format!(
                    "kafka-reassign-partitions.sh --execute --topic {topic} --partition {partition} --replicas {chosen}"
                ))
            }
            Kind::ChangeTopicConfig => {
                let changes = [
                    "segment.ms=1000",
                    "unclean.leader.election.enable=true",
                    "unclean.leader.election.enable=false",
                    "flush.messages=1",
                    "max.message.bytes=100",
                    "max.message.bytes=1048588",
                ];
                let change = changes[usize::try_from(self.rng.below(changes.len() as u64)).unwrap_or(0)];
                Some(format!(
                    "kafka-configs.sh --alter --entity-type topics --entity-name {topic} --add-config {change}"
                ))
            }
            Kind::ChangeBrokerConfig => {
                let changes = ["min.insync.replicas=2", "min.insync.replicas=1"];
                let change = changes[usize::try_from(self.rng.below(changes.len() as u64)).unwrap_or(0)];
                let whose = self.rng.between(100, 100 + self.options.brokers);
                let whose = if whose == 100 { "--entity-default".to_owned() } else { format!("--entity-name {whose}") };
                Some(format!("kafka-configs.sh --alter --entity-type brokers {whose} --add-config {change}"))
            }
            Kind::CancelReassignment => {
                let TopicPartition { topic, partition } = self.partition()?;
                Some(format!("kafka-reassign-partitions.sh --cancel --topic {topic} --partition {partition}"))
            }
            _ => None,
        }
    }

    fn pick(&mut self, among: &[NodeId]) -> Option<NodeRef> {
        let index = usize::try_from(self.rng.below(among.len().max(1) as u64)).unwrap_or(0);
        among.get(index).cloned().map(NodeRef::Node)
    }

    /// A partition of the topics that are written to, those of the coordinators among them where there
    /// are transactions.
    fn partition(&mut self) -> Option<TopicPartition> {
        if self.options.pipelines > 0 && self.rng.chance(1, 2) {
            let topic = if self.rng.chance(1, 2) { "__transaction_state" } else { "__consumer_offsets" };
            return Some(TopicPartition::new(topic, i32::from(self.rng.chance(1, 2))));
        }
        let index = usize::try_from(self.rng.below(self.options.topics.len() as u64)).ok()?;
        let (name, partitions) = self.options.topics.get(index).map(|topic| (topic.name.clone(), topic.partitions))?;
        let partition = i32::try_from(self.rng.below(partitions)).ok()?;
        Some(TopicPartition::new(name.as_str(), partition))
    }

    /// A running broker; often one that leads, or the controller, since there it hurts.
    fn victim(&mut self) -> Option<NodeRef> {
        let running = self.brokers_in(&[ProcState::Running]);
        let drawn = self.pick(&running);
        let wanted = match self.rng.below(4) {
            0 => self.partition().and_then(|tp| self.leader(&tp)),
            1 => self.world.controller().map(NodeId::Broker),
            _ => None,
        };
        wanted.filter(|node| running.contains(node)).map(NodeRef::Node).or(drawn)
    }

    /// A running ZooKeeper server; every other time the one that leads.
    fn server(&mut self) -> Option<NodeRef> {
        let running = self.nodes(|id, slot| matches!(id, NodeId::ZooKeeper(_)) && slot.state == ProcState::Running);
        let drawn = self.pick(&running);
        let leads = self.world.zookeepers().find(|server| server.role() == "leader").map(|s| NodeId::ZooKeeper(s.id()));
        let leads = leads.filter(|node| running.contains(node) && self.rng.chance(1, 2));
        leads.map(NodeRef::Node).or(drawn)
    }

    /// The leader as its own broker sees it.
    fn leader(&self, tp: &TopicPartition) -> Option<NodeId> {
        let leads = |id: &NodeId| {
            let broker = id.broker().and_then(|id| self.world.broker(id));
            broker.and_then(|broker| broker.partitions().get(tp)).is_some_and(|partition| partition.is_leader)
        };
        self.world.nodes().map(|(id, _)| id).find(|id| leads(id)).cloned()
    }

    /// A log directory of a broker that runs, or all of them.
    fn disk(&mut self) -> Option<(NodeRef, Option<Name>)> {
        let node = self.victim()?;
        let number = self.rng.between(1, self.options.log_dirs);
        let dir = self.rng.chance(4, 5).then(|| format!("/data{number}").into());
        Some((node, dir))
    }

    /// A running broker and any other node; more often two brokers.
    fn pair(&mut self) -> Option<(NodeRef, NodeRef)> {
        let a = self.victim()?;
        let only_brokers = self.rng.chance(2, 3);
        let others = self.nodes(|id, _| {
            NodeRef::Node(id.clone()) != a && *id != World::admin_node() && (!only_brokers || id.broker().is_some())
        });
        let b = self.pick(&others)?;
        Some(if self.rng.chance(1, 2) { (a, b) } else { (b, a) })
    }
}
