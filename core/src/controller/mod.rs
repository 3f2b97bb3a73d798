//! The ZooKeeper-mode controller (`KafkaController`), hosted in a broker: it is elected through
//! `/controller`, keeps the cluster's assignments and leaders in znodes, and tells brokers what to do.
//!
//! - [`mod@election`], [`mod@placement`], [`mod@assignment`], [`mod@topic_name`]: rules, pure functions
//! - `context`, `znode`: what it knows and how ZooKeeper keeps it
//! - `run`, `task`: how straight-line procedures wait for ZooKeeper
//! - `event` and the procedures: `failover`, `broker_change`, `topic_change`, `topic_deletion`,
//!   `reassignment`, `leader_elections`, `alter_partition`, `broker_requests`, over the state machines
//!   `partition_machine` and `replica_machine`
//! - `admin`, `topic_creation`, `partition_growth`, `waiting`: requests about topics, beside the queue
//! - `batch`, `channel`: what brokers are told, and how it reaches them
//!
//! Leaves out: log directory failures, listeners and features, delegation tokens, the triggers
//! `/admin/reassign_partitions` and `/admin/preferred_replica_election`, and `isr_change_notification`
//! (brokers of 3.9 use AlterPartition).

mod admin;
mod alter_partition;
pub mod assignment;
mod batch;
mod broker_change;
mod broker_requests;
mod channel;
mod context;
pub mod election;
mod event;
mod failover;
mod leader_elections;
mod log_dir_events;
mod partition_growth;
mod partition_machine;
pub mod placement;
mod reassignment;
mod replica_machine;
mod run;
mod task;
mod topic_change;
mod topic_creation;
mod topic_deletion;
pub mod topic_name;
mod waiting;
mod znode;

pub use context::{LeaderAndIsr, Leadership};

use crate::collections::{BTreeMap, BTreeSet};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use crate::config::BrokerConfig;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::{Connection, Ctx, Deadline, Observation, TimerTable};
use crate::protocol::zookeeper::{WatchEvent, WatchKind, ZkError, ZkResult};
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::{SimDuration, SimTime};
use crate::zk_client::{ZkClient, ZkOwner, ZkTag};

use admin::{AdminRequest, topics_of};
use channel::ChannelManager;
use context::Context;
use event::{Event, refusal};
use run::{Run, Stop, Todo};
use task::{Task, Work};
use waiting::Waiting;

/// What the controller asks of its own broker's metadata cache (`MetadataCache`).
pub trait KnownMetadata {
    /// The topic has a partition with a leader or a former leader.
    fn has_topic(&self, topic: &Name) -> bool;
    /// The partition's leader, if it is alive.
    fn leader_of(&self, tp: &TopicPartition) -> Option<BrokerId>;
    /// Live brokers.
    fn alive(&self) -> &BTreeSet<BrokerId>;
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    Rebalance,
    Reelect,
    Look,
    GiveUp(u64),
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rebalance => "controller looks for partitions that have lost their preferred leader",
            Self::Reelect => "stands for controller again, having resigned",
            Self::Look => "controller looks whether what was asked for is known",
            Self::GiveUp(_) => "controller answers that a request about topics timed out",
        })
    }
}

/// A broker's controller: active in one broker at a time, waiting in the others.
#[derive(Clone, Debug)]
pub struct Controller {
    id: BrokerId,
    config: Rc<BrokerConfig>,
    active: bool,
    epoch: i32,
    context: Context,
    queue: VecDeque<Event>,
    /// The event that waits for ZooKeeper.
    running: Option<Task>,
    /// Requests about topics that wait for ZooKeeper.
    admin: BTreeMap<u64, Task>,
    /// Requests that wait for the metadata cache.
    waiting: BTreeMap<u64, Waiting>,
    channels: ChannelManager,
    timers: TimerTable<Timer>,
    /// The last number given to a question or a request.
    count: u64,
}

impl Controller {
    /// The controller of broker `id`, not active.
    pub fn new(id: BrokerId, config: Rc<BrokerConfig>) -> Self {
        Self {
            id,
            active: false,
            epoch: 0,
            context: Context::new(),
            queue: VecDeque::new(),
            running: None,
            admin: BTreeMap::new(),
            waiting: BTreeMap::new(),
            channels: ChannelManager::new(config.controller_socket_timeout_ms),
            timers: TimerTable::default(),
            count: 0,
            config,
        }
    }

    /// It is the active controller, as far as it knows.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// The epoch of its controllership, or the last one that it held; 0 if it never held any.
    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    /// What it believes of a partition, while it is the active controller.
    pub fn leadership(&self, tp: &TopicPartition) -> Option<&Leadership> {
        self.context.leadership.get(tp).filter(|_| self.active)
    }

    /// The brokers that it tells things while it is the active controller: one that it sees gone is none of them from
    /// that moment on, before it has dealt with its partitions.
    pub fn controlled_brokers(&self) -> impl Iterator<Item = BrokerId> {
        self.channels.brokers()
    }

    /// Whether it looks for a leader of the partition whenever a broker comes, while it is active.
    pub fn looks_for_leader(&self, tp: &TopicPartition) -> bool {
        let phase = self.context.partition_phases.get(tp).filter(|_| self.active);
        phase.is_some_and(|phase| *phase != context::PartitionPhase::Online)
    }

    /// When it wants to be woken.
    pub fn next_deadline(&self) -> Option<SimTime> {
        [self.timers.next(), self.channels.next_deadline()].into_iter().flatten().min()
    }

    /// Its deadlines in words.
    pub fn deadlines(&self) -> Vec<Deadline> {
        let mut all = self.timers.describe();
        all.extend(self.channels.deadlines());
        all
    }

    /// The broker is registered in a new session: watch `/controller`, try to become controller.
    pub fn on_session_started(&mut self, ctx: &mut Ctx<'_>, zk: &mut ZkClient, _broker_epoch: i64) {
        self.put(ctx, zk, Event::Reelect);
    }

    /// The session is over, and `/controller` with it if it was ours: what was under way is given up.
    pub fn on_session_expired(&mut self, ctx: &mut Ctx<'_>, _zk: &mut ZkClient) {
        if let Some(task) = self.running.take() {
            give_up(ctx, &task, ErrorCode::NotController);
        }
        for event in std::mem::take(&mut self.queue) {
            if let Event::Request { on, correlation_id, request } = event
                && let Some(response) = refusal(&request, ErrorCode::NotController)
            {
                ctx.respond(&on, correlation_id, response);
            }
        }
        self.resign(ctx);
        self.context = Context::new();
    }

    /// ZooKeeper answered the question with this number.
    pub fn on_zk_reply(&mut self, ctx: &mut Ctx<'_>, zk: &mut ZkClient, id: u64, result: Result<ZkResult, ZkError>) {
        if let Some(task) = &mut self.running
            && task.answer(id, &result)
        {
            self.proceed(ctx, zk);
            return;
        }
        let asker = self.admin.iter_mut().find_map(|(number, task)| task.answer(id, &result).then_some(*number));
        if let Some(number) = asker {
            self.administer(ctx, zk, number);
        }
    }

    /// A watch fired (perhaps another part's).
    pub fn on_watch(&mut self, ctx: &mut Ctx<'_>, zk: &mut ZkClient, event: &WatchEvent) {
        let path = &*event.path;
        let event = match (path, event.kind) {
            (znode::CONTROLLER, WatchKind::NodeDeleted) => Event::Reelect,
            (znode::CONTROLLER, _) => Event::ControllerChange,
            (znode::BROKER_IDS, WatchKind::NodeChildrenChanged) => Event::BrokerChange,
            (znode::TOPICS, WatchKind::NodeChildrenChanged) => Event::TopicChange,
            (znode::DELETE_TOPICS, WatchKind::NodeChildrenChanged) => Event::TopicDeletion,
            (znode::LOG_DIR_EVENTS, WatchKind::NodeChildrenChanged) => Event::LogDirEventNotification,
            (path, WatchKind::NodeDataChanged) => match znode::topic_of_path(path) {
                Some(topic) => Event::PartitionModifications(topic.into()),
                None => return,
            },
            _ => return,
        };
        self.put(ctx, zk, event);
    }

    /// A deadline is due.
    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, zk: &mut ZkClient, known: &dyn KnownMetadata) {
        self.channels.on_timer(ctx);
        while let Some(timer) = self.timers.pop_due(ctx.now) {
            match timer {
                Timer::Rebalance => self.put(ctx, zk, Event::AutoPreferredReplicaLeaderElection),
                Timer::Reelect => self.put(ctx, zk, Event::Reelect),
                Timer::Look => self.on_metadata_updated(ctx, known),
                Timer::GiveUp(number) => {
                    if let Some(waiting) = self.waiting.remove(&number) {
                        ctx.respond(&waiting.on, waiting.correlation_id, waiting.answer(known));
                    }
                }
            }
        }
    }

    /// A broker answered LeaderAndIsr, UpdateMetadata or StopReplica.
    pub fn on_control_response(
        &mut self,
        ctx: &mut Ctx<'_>,
        zk: &mut ZkClient,
        broker: BrokerId,
        correlation_id: u64,
        response: Response,
    ) {
        let asked = self.channels.answered(ctx, broker, correlation_id);
        if let Response::LeaderAndIsr(answer) = &response {
            let results = answer.partitions.clone();
            // Most answers say nothing new: the replicas are there, as they were.
            let lost_before = self.context.on_offline_dirs.get(&broker).is_some_and(|lost| !lost.is_empty());
            if lost_before || results.iter().any(|(_, error)| *error == ErrorCode::KafkaStorageError) {
                self.put(ctx, zk, Event::LeaderAndIsrResponse { broker, results });
            }
            return;
        }
        if let (Some(Request::StopReplica(request)), Response::StopReplica(answer)) = (asked, response) {
            let error_of = |tp: &TopicPartition| match answer.error {
                ErrorCode::None => answer.partitions.iter().find(|(of, _)| of == tp).map_or(ErrorCode::None, |r| r.1),
                error => error,
            };
            let deleted = request.partitions.iter().filter(|(.., delete)| *delete);
            let results: Vec<_> = deleted.map(|(tp, ..)| (tp.clone(), error_of(tp))).collect();
            if !results.is_empty() {
                self.put(ctx, zk, Event::StopReplicaResponse { broker, results });
            }
        }
    }

    /// The connection to a broker broke.
    pub fn on_control_connection_lost(&mut self, ctx: &mut Ctx<'_>, _zk: &mut ZkClient, broker: BrokerId) {
        self.channels.lost(ctx.now, broker);
    }

    /// A client or a broker asks something of the controller.
    pub fn handle_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        zk: &mut ZkClient,
        known: &dyn KnownMetadata,
        on: &Connection,
        correlation_id: u64,
        request: Request,
    ) {
        let topics = topics_of(&request);
        if topics.is_empty() {
            self.put(ctx, zk, Event::Request { on: on.clone(), correlation_id, request });
            return;
        }
        if !self.active {
            if let Some(response) = refusal(&request, ErrorCode::NotController) {
                ctx.respond(on, correlation_id, response);
            }
            return;
        }
        let asked = AdminRequest {
            on: on.clone(),
            correlation_id,
            request,
            known: topics.into_iter().filter(|topic| known.has_topic(topic)).collect(),
            alive: known.alive().clone(),
        };
        self.count += 1;
        let number = self.count;
        let task = Task::new(Work::Admin(asked), ctx.wall_clock_ms(), self.context.clone());
        self.admin.insert(number, task);
        self.administer(ctx, zk, number);
    }

    /// The own broker's metadata cache changed: requests that wait for it may be complete.
    pub fn on_metadata_updated(&mut self, ctx: &mut Ctx<'_>, known: &dyn KnownMetadata) {
        let complete = self.waiting.iter().filter(|(_, waiting)| waiting.is_complete(known));
        let complete: Vec<u64> = complete.map(|(number, _)| *number).collect();
        for number in complete {
            self.timers.cancel(&Timer::GiveUp(number));
            if let Some(waiting) = self.waiting.remove(&number) {
                ctx.respond(&waiting.on, waiting.correlation_id, waiting.answer(known));
            }
        }
    }

    /// `unclean.leader.election.enable` was set on a topic (`TopicConfigHandler`).
    pub fn enable_topic_unclean_leader_election(&mut self, ctx: &mut Ctx<'_>, zk: &mut ZkClient, topic: &Name) {
        if self.active {
            self.put(ctx, zk, Event::TopicUncleanLeaderElectionEnable(topic.clone()));
        }
    }

    /// The broker's properties have changed while it runs.
    pub fn set_config(&mut self, config: Rc<BrokerConfig>) {
        self.config = config;
    }

    /// `unclean.leader.election.enable` was set for the whole cluster (`DynamicLogConfig.reconfigure`).
    pub fn enable_default_unclean_leader_election(&mut self, ctx: &mut Ctx<'_>, zk: &mut ZkClient) {
        if self.active {
            self.put(ctx, zk, Event::UncleanLeaderElectionEnable);
        }
    }

    fn put(&mut self, ctx: &mut Ctx<'_>, zk: &mut ZkClient, event: Event) {
        self.queue.push_back(event);
        self.proceed(ctx, zk);
    }

    /// Works the queue off up to the next open question.
    fn proceed(&mut self, ctx: &mut Ctx<'_>, zk: &mut ZkClient) {
        loop {
            let next = self.running.take().or_else(|| {
                let event = self.queue.pop_front()?;
                Some(Task::new(Work::Event(event), ctx.wall_clock_ms(), self.context.clone()))
            });
            let Some(mut task) = next else { return };
            if task.is_waiting() {
                self.running = Some(task);
                return;
            }
            match self.advance(ctx, zk, &mut task) {
                Ok(context) => self.context = context,
                Err(Stop::Pending) => {
                    self.running = Some(task);
                    return;
                }
                Err(Stop::Moved) => {
                    give_up(ctx, &task, ErrorCode::NotController);
                    if !matches!(task.work, Work::Event(Event::ControllerChange)) {
                        self.queue.push_front(Event::ControllerChange);
                    }
                }
            }
        }
    }

    fn administer(&mut self, ctx: &mut Ctx<'_>, zk: &mut ZkClient, number: u64) {
        let Some(mut task) = self.admin.remove(&number) else { return };
        if !task.is_waiting() {
            match self.advance(ctx, zk, &mut task) {
                Ok(_) => return,
                Err(Stop::Moved) => {
                    give_up(ctx, &task, ErrorCode::UnknownServerError);
                    return;
                }
                Err(Stop::Pending) => {}
            }
        }
        self.admin.insert(number, task);
    }

    /// One run of a task: tells the world what is new in it, and asks what it wants to know.
    fn advance(&mut self, ctx: &mut Ctx<'_>, zk: &mut ZkClient, task: &mut Task) -> Result<Context, Stop> {
        let config = self.config.clone();
        let mut context = task.base.clone();
        let mut run = Run::new(self.id, &config, &mut context, task.began_ms, ctx.rng, &mut task.answers);
        let outcome = match &task.work {
            Work::Event(event) => run.process(event),
            Work::Admin(asked) => run.administer(asked),
        };
        let (wanted, todo) = (run.wanted, run.todo);
        for item in todo.into_iter().skip(task.told) {
            task.told += 1;
            task.answered |= matches!(item, Todo::Respond(..) | Todo::Wait(_));
            self.carry_out(ctx, item);
        }
        if outcome == Err(Stop::Pending) {
            for (id, op) in task.ask(wanted, &mut self.count) {
                zk.submit(ctx, ZkTag { owner: ZkOwner::Controller, id }, op);
            }
        }
        outcome.map(|()| context)
    }

    fn carry_out(&mut self, ctx: &mut Ctx<'_>, item: Todo) {
        match item {
            Todo::Send(broker, request) => self.channels.send(ctx, broker, request),
            Todo::AddBroker(broker) => self.channels.add_broker(broker),
            Todo::RemoveBroker(broker) => self.channels.remove_broker(ctx, broker),
            Todo::Observe(observation) => ctx.observe(observation),
            Todo::Respond(on, correlation_id, response) => ctx.respond(&on, correlation_id, response),
            Todo::Wait(waiting) => {
                self.count += 1;
                let until = ctx.now + SimDuration::from_ms(waiting.timeout_ms);
                self.timers.set(Timer::GiveUp(self.count), until);
                self.timers.set(Timer::Look, ctx.now);
                self.waiting.insert(self.count, waiting);
            }
            Todo::Elected(epoch) => {
                self.active = true;
                self.epoch = epoch;
            }
            Todo::Resigned => self.resign(ctx),
            Todo::ReelectAfterMs(ms) => self.timers.set(Timer::Reelect, ctx.now + SimDuration::from_ms(ms)),
            Todo::RebalanceAfterSeconds(seconds) => {
                let at = ctx.now + SimDuration::from_ms(seconds.saturating_mul(1000));
                self.timers.set(Timer::Rebalance, at);
            }
        }
    }

    fn resign(&mut self, ctx: &mut Ctx<'_>) {
        if self.active {
            self.active = false;
            ctx.observe(Observation::ControllerResigned { broker: self.id, controller_epoch: self.epoch });
        }
        self.channels.shutdown(ctx);
        self.timers.cancel(&Timer::Rebalance);
    }
}

/// Refuses the request that a task was about, unless it was answered.
fn give_up(ctx: &mut Ctx<'_>, task: &Task, error: ErrorCode) {
    let (on, correlation_id, request) = match &task.work {
        Work::Event(Event::Request { on, correlation_id, request }) => (on, *correlation_id, request),
        Work::Admin(asked) => (&asked.on, asked.correlation_id, &asked.request),
        Work::Event(_) => return,
    };
    if !task.answered
        && let Some(response) = refusal(request, error)
    {
        ctx.respond(on, correlation_id, response);
    }
}
