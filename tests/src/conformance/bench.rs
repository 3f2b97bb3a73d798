//! The simulated cluster on the workbench, with what a case keeps beside it: which client lives in
//! which process, what was cut, what goes on in the background.

use std::collections::{BTreeMap, BTreeSet};

use playground_core::admin::{AdminAnswer, AdminConfig, AdminError, AdminOp};
use playground_core::command::{Command, NodeRef};
use playground_core::ids::{BrokerId, Name, NodeId};
use playground_core::shell::ToolLine;
use playground_core::sim::{Genesis, ProcState, ToolTicket, World};
use playground_core::time::{SimDuration, SimTime};
use serde_json::Value;

/// A step under way: asked again after every event until it has its answer.
pub type Task = Box<dyn FnMut(&mut Bench) -> Option<Value>>;

/// How long a client's process takes from its start until the client exists: a Java program on the
/// machine that recorded the cases.
const CLIENT_LOADING: SimDuration = SimDuration::from_ms(600);

/// The same of a tool.
pub const TOOL_LOADING_MS: u64 = 650;

/// The configs of the oracle's admin clients.
const ADMIN: AdminConfig =
    AdminConfig { default_api_timeout_ms: 30_000, request_timeout_ms: 15_000, metadata_max_age_ms: 500 };

/// What a case knows of one of its clients.
#[derive(Clone, Debug)]
pub struct Client {
    /// The process it lives in.
    pub process: Name,
    /// Tickets of `send-async` whose outcomes nobody asked for yet.
    pub pending: Vec<u64>,
}

/// Under which an admin client's answer is found.
#[derive(Clone, Debug)]
pub struct AdminTicket {
    node: NodeId,
    number: u64,
}

enum Background {
    Running(Task),
    Done(Value),
}

/// The workbench.
pub struct Bench {
    /// The simulation.
    pub world: World,
    /// Clients by name.
    pub clients: BTreeMap<Name, Client>,
    cuts: BTreeMap<[String; 2], Vec<u32>>,
    /// Files that the tools' lines name, as they were written last.
    pub files: BTreeMap<String, String>,
    alarms: BTreeSet<SimTime>,
    background: BTreeMap<String, Background>,
    names: u32,
}

impl Bench {
    /// A cluster that stands.
    ///
    /// # Errors
    /// The genesis is refused.
    pub fn new(genesis: &Genesis) -> Result<Self, String> {
        let mut world = World::new(genesis).map_err(|error| format!("{}: {}", error.place, error.message))?;
        // The oracle's clients are Java programs that start too: most cases were recorded after the controller's
        // first look at its leaders, five seconds after its election.
        let rested = world.now() + SimDuration::from_ms(4500);
        world.run_until(rested);
        Ok(Self {
            world,
            clients: BTreeMap::new(),
            cuts: BTreeMap::new(),
            files: BTreeMap::new(),
            alarms: BTreeSet::new(),
            background: BTreeMap::new(),
            names: 0,
        })
    }

    /// Makes sure that tasks are asked at `at` even if nothing happens then.
    pub fn wake_at(&mut self, at: SimTime) {
        if at > self.world.now() {
            self.alarms.insert(at);
        }
    }

    /// Makes sure that tasks are asked again in `ms`.
    pub fn wake_in(&mut self, ms: u64) -> SimTime {
        let at = self.world.now() + SimDuration::from_ms(ms);
        self.wake_at(at);
        at
    }

    /// Lets time pass until something may have changed; false once `limit` is reached.
    pub fn advance(&mut self, limit: SimTime) -> bool {
        let alarm = self.alarms.first().copied();
        let event = self.world.next_event_at();
        match (alarm, event) {
            (alarm, Some(at)) if at <= limit && alarm.is_none_or(|alarm| at <= alarm) => {
                self.world.step();
            }
            (Some(at), _) if at <= limit => self.world.run_until(at),
            _ => {
                self.world.run_until(limit);
                return false;
            }
        }
        let now = self.world.now();
        while self.alarms.first().is_some_and(|at| *at <= now) {
            self.alarms.pop_first();
        }
        self.poll_background();
        true
    }

    /// Starts a task whose answer is collected later.
    pub fn start_background(&mut self, name: String, task: Task) {
        self.background.insert(name, Background::Running(task));
        self.poll_background();
    }

    /// The answer of a background task once it is there; an error if there is no such task.
    pub fn background_answer(&mut self, name: &str) -> Result<Option<Value>, String> {
        match self.background.get(name) {
            None => Err(format!("nothing named {name:?} goes on in the background")),
            Some(Background::Running(_)) => Ok(None),
            Some(Background::Done(value)) => Ok(Some(value.clone())),
        }
    }

    fn poll_background(&mut self) {
        for (name, mut job) in std::mem::take(&mut self.background) {
            if let Background::Running(task) = &mut job
                && let Some(value) = task(self)
            {
                job = Background::Done(value);
            }
            self.background.insert(name, job);
        }
    }

    /// Runs a command of the playground.
    ///
    /// # Errors
    /// The command is refused.
    pub fn command(&mut self, command: &Command) -> Result<(), String> {
        self.world.execute(command).map_err(|error| format!("{}: {}", error.place, error.message))
    }

    /// A client name that no case uses.
    pub fn fresh_name(&mut self, what: &str) -> Name {
        self.names += 1;
        format!("{what}.{}", self.names).into()
    }

    /// True if the process runs, talks or not.
    pub fn is_alive(&self, node: &NodeId) -> bool {
        self.world.slot(node).is_some_and(|slot| slot.state != ProcState::Dead)
    }

    /// The nodes that a name of a cut means: a broker, `zk1`, a client or a process with its clients.
    ///
    /// # Errors
    /// Nothing is called so.
    pub fn nodes_named(&self, value: &Value) -> Result<Vec<NodeId>, String> {
        if let Some(id) = value.as_i64() {
            let id = i32::try_from(id).map_err(|_| format!("{id} is no broker id"))?;
            return Ok(vec![NodeId::Broker(id)]);
        }
        let name = value.as_str().ok_or_else(|| format!("{value} names no node"))?;
        if let Some(server) = name.strip_prefix("zk").and_then(|digits| digits.parse().ok()) {
            return Ok(vec![NodeId::ZooKeeper(server)]);
        }
        Ok(self.process_of(name)?.into_iter().map(NodeId::Client).collect())
    }

    /// All clients that share a process with this client, or that live in the process of this name.
    ///
    /// # Errors
    /// There is neither.
    pub fn process_of(&self, name: &str) -> Result<Vec<Name>, String> {
        let process = match self.clients.get(name) {
            Some(client) => client.process.clone(),
            None => name.into(),
        };
        let together = |(name, client): (&Name, &Client)| (client.process == process).then(|| name.clone());
        let found: Vec<Name> = self.clients.iter().filter_map(together).collect();
        if found.is_empty() { Err(format!("there is no client {name:?}")) } else { Ok(found) }
    }

    /// Notes a client in its process, and how long the process takes to be there if it is new.
    pub fn open_client(&mut self, client: &Name, process: &Name) -> SimDuration {
        let known = self.clients.values().any(|other| &other.process == process);
        self.clients.insert(client.clone(), Client { process: process.clone(), pending: Vec::new() });
        if known { SimDuration::ZERO } else { CLIENT_LOADING }
    }

    /// Asks an admin client that knows these brokers at first, or all.
    pub fn ask_admin(&mut self, at: Option<&[BrokerId]>, op: AdminOp) -> AdminTicket {
        let all = self.world.genesis().brokers.clone();
        let node = self.admin_at(at.unwrap_or(&all));
        let number = self.world.ask_admin_client(&node, op);
        AdminTicket { node, number }
    }

    /// Runs a tool with an admin client of its own, which knows these brokers at first.
    ///
    /// # Errors
    /// There is no place for it.
    pub fn run_tool(&mut self, line: ToolLine) -> Result<ToolTicket, String> {
        let name = self.fresh_name("tool");
        let added = self.world.add_admin(&name, self.world.servers_of(&line.words), AdminConfig::default());
        added.map_err(|error| error.to_string())?;
        Ok(self.world.run_tool(&NodeId::Client(name), line))
    }

    fn admin_at(&mut self, brokers: &[BrokerId]) -> NodeId {
        let ids: Vec<String> = brokers.iter().map(ToString::to_string).collect();
        let name = Name::from(format!("admin.{}", ids.join(".")));
        let node = NodeId::Client(name.clone());
        if self.world.admin_client(&node).is_none() {
            // The name is free: no case calls a client so.
            let _ = self.world.add_admin(&name, brokers.to_vec(), ADMIN);
        }
        node
    }

    /// The answer, once it is there.
    pub fn admin_answer(&self, ticket: &AdminTicket) -> Option<&Result<AdminAnswer, AdminError>> {
        self.world.admin_client(&ticket.node)?.answer(ticket.number)
    }

    /// Cuts two nodes of a case (each may be several clients in one process).
    ///
    /// # Errors
    /// A node is unknown.
    pub fn cut(&mut self, between: &[Value; 2], one_way: bool) -> Result<(), String> {
        let (left, right) = (self.nodes_named(&between[0])?, self.nodes_named(&between[1])?);
        for a in &left {
            for b in &right {
                let (a, b) = (NodeRef::Node(a.clone()), NodeRef::Node(b.clone()));
                self.command(&Command::Cut { a, b, one_way })?;
                let number = self.world.network().fault_count;
                self.cuts.entry(pair(between)).or_default().push(number);
            }
        }
        Ok(())
    }

    /// Heals what was cut between the two.
    ///
    /// # Errors
    /// A fault is gone already.
    pub fn heal(&mut self, between: &[Value; 2]) -> Result<(), String> {
        for number in self.cuts.remove(&pair(between)).unwrap_or_default() {
            self.command(&Command::Heal(Some(number)))?;
        }
        Ok(())
    }
}

fn pair(between: &[Value; 2]) -> [String; 2] {
    let mut pair = [between[0].to_string(), between[1].to_string()];
    pair.sort();
    pair
}
