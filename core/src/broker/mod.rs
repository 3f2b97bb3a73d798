//! A Kafka broker in ZooKeeper mode (`KafkaServer`): registration, request handling, replicas,
//! fetchers, and, hosted inside, the controller, the group coordinator and the transaction coordinator.
//!
//! Leaves out listeners and security, quotas, log directories and request versions.

mod alter_partition;
mod append;
mod config_requests;
mod configs;
mod connections;
mod delayed;
mod delete_records;
mod durable;
mod fetch;
mod fetcher;
mod groups;
mod log_dirs;
mod log_manager;
mod looking;
mod markers;
mod metadata_cache;
mod partition;
mod producer_ids;
mod read_replica;
mod registration;
mod replica_manager;
mod requests;
mod shutdown;
mod timer;
mod to_controller;
mod transactions;
mod verification;

pub use durable::BrokerDurable;
pub use log_dirs::{DiskState, LogDir};
pub use metadata_cache::{MetadataCache, is_internal};
pub use partition::{Partition, PendingIsr, RemoteReplica};
pub use timer::BrokerTimer;

use crate::collections::Order;
use crate::collections::{BTreeMap, BTreeSet, OnWrite};
use std::rc::Rc;

use crate::collections::{KeyMap, SortedMap};
use crate::config::BrokerConfig;
use crate::controller::Controller;
use crate::group::GroupCoordinator;
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::log::Log;
use crate::machine::{Body, Channel, Connection, Ctx, Deadline, Delivery, Input, Machine, Observation, TimerTable};
use crate::time::{SimDuration, SimTime};
use crate::transaction::TransactionCoordinator;
use crate::zk_client::{ZkClient, ZkClientEvent, ZkOwner};

use alter_partition::AlterPartitionManager;
use configs::Configs;
use connections::Connections;
use delayed::Purgatory;
use fetcher::Fetcher;
use producer_ids::ProducerIds;
use registration::Registration;
use shutdown::Shutdown;
use to_controller::ToController;
use verification::Verifications;

/// What a person asks of a broker's process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BrokerCommand {
    /// SIGTERM: a controlled shutdown.
    Stop,
}

/// A broker's process.
#[derive(Clone, Debug)]
pub struct Broker {
    id: BrokerId,
    /// `server.properties`
    properties: Rc<BrokerConfig>,
    /// What is in force: dynamic configs over the properties.
    config: Rc<BrokerConfig>,
    zk: ZkClient,
    registration: Registration,
    controller: Controller,
    groups: GroupCoordinator,
    transactions: TransactionCoordinator,
    verifications: Verifications,
    /// Shared with checkpoints until an update comes: it is the largest part of a broker of a large cluster.
    cache: Rc<MetadataCache>,
    controller_epoch_seen: i32,
    partitions: KeyMap<TopicPartition, OnWrite<Partition>>,
    /// Logs on disk that no LeaderAndIsr of this life has named yet.
    idle_logs: BTreeMap<TopicPartition, Log>,
    /// Logs in directories that are offline.
    offline_logs: BTreeMap<TopicPartition, Log>,
    log_dirs: Vec<LogDir>,
    high_watermark_checkpoint: BTreeMap<TopicPartition, i64>,
    fetchers: SortedMap<BrokerId, Fetcher>,
    purgatory: Purgatory,
    alter_partition: AlterPartitionManager,
    to_controller: ToController,
    producer_ids: ProducerIds,
    configs: Configs,
    connections: Connections,
    shutdown: Shutdown,
    timers: TimerTable<BrokerTimer>,
    correlation: u64,
    /// Partitions whose offsets or leadership changed in this step.
    dirty: BTreeSet<TopicPartition>,
    group_done: Vec<(u64, crate::protocol::ErrorCode, i64)>,
    transaction_done: Vec<(u64, crate::protocol::ErrorCode)>,
}

impl Broker {
    /// A broker's process about to start on its disk.
    pub fn new(durable: BrokerDurable, config: Rc<BrokerConfig>, ensemble: Vec<u8>) -> Self {
        let BrokerDurable { id, log_dirs, logs, high_watermark_checkpoint } = durable;
        Self {
            id,
            zk: ZkClient::new(ensemble, config.zookeeper_session_timeout_ms),
            registration: Registration::default(),
            controller: Controller::new(id, config.clone()),
            groups: GroupCoordinator::new(id, config.clone()),
            transactions: TransactionCoordinator::new(id, config.clone()),
            verifications: Verifications::default(),
            cache: Rc::default(),
            controller_epoch_seen: 0,
            partitions: KeyMap::default(),
            idle_logs: logs,
            offline_logs: BTreeMap::new(),
            log_dirs,
            high_watermark_checkpoint,
            fetchers: SortedMap::default(),
            purgatory: Purgatory::default(),
            alter_partition: AlterPartitionManager::default(),
            to_controller: ToController::default(),
            producer_ids: ProducerIds::default(),
            configs: Configs::default(),
            connections: Connections::default(),
            shutdown: Shutdown::default(),
            timers: TimerTable::default(),
            correlation: 0,
            dirty: BTreeSet::new(),
            group_done: Vec::new(),
            transaction_done: Vec::new(),
            properties: config.clone(),
            config,
        }
    }

    /// What stays on disk when the process is gone.
    pub fn into_durable(self) -> BrokerDurable {
        let mut logs = self.idle_logs;
        logs.extend(self.offline_logs);
        for (tp, partition) in self.partitions {
            logs.insert(tp, partition.take().log);
        }
        let (log_dirs, high_watermark_checkpoint) = (self.log_dirs, self.high_watermark_checkpoint);
        BrokerDurable { id: self.id, log_dirs, logs, high_watermark_checkpoint }
    }

    fn node(&self) -> NodeId {
        NodeId::Broker(self.id)
    }

    fn next_correlation(&mut self) -> u64 {
        self.correlation += 1;
        self.correlation
    }

    fn boot(&mut self, ctx: &mut Ctx<'_>) {
        ctx.observe(Observation::BrokerStarted { broker: self.id });
        if !self.open_log_dirs(ctx) {
            return;
        }
        self.zk.start(ctx);
        self.await_first_session(ctx.now);
        self.transactions.start(ctx.now);
        let half = SimDuration::from_ms(self.config.replica_lag_time_max_ms / 2);
        self.timers.set(BrokerTimer::ShrinkIsr, ctx.now + half);
        self.set_checkpoint_timer(ctx.now);
        self.start_log_manager(ctx);
    }

    fn set_checkpoint_timer(&mut self, now: SimTime) {
        let every = SimDuration::from_ms(self.config.replica_high_watermark_checkpoint_interval_ms);
        self.timers.set(BrokerTimer::CheckpointHighWatermarks, now + every);
    }

    fn checkpoint_high_watermarks(&mut self) {
        for (tp, partition) in &self.partitions {
            self.high_watermark_checkpoint.insert(tp.clone(), partition.log.high_watermark());
        }
    }

    fn deliver(&mut self, ctx: &mut Ctx<'_>, delivery: Delivery) {
        let Delivery { connection, correlation_id, body } = delivery;
        match (body, connection.channel) {
            (Body::Request(request), _) => {
                if let Some(request) = self.connections.arrived(&connection, correlation_id, request) {
                    self.handle_request(ctx, &connection, correlation_id, request);
                }
            }
            (body, Channel::Session) => {
                let delivery = Delivery { connection, correlation_id, body };
                let events = self.zk.on_delivery(ctx, &delivery);
                self.zookeeper_said(ctx, events);
            }
            (Body::Response(response), Channel::Fetcher) => {
                if let Some(leader) = connection.server.broker() {
                    self.fetch_answered(ctx, leader, correlation_id, response);
                }
            }
            (Body::Response(response), Channel::Control) => {
                if let Some(broker) = connection.server.broker() {
                    self.controller.on_control_response(ctx, &mut self.zk, broker, correlation_id, response);
                }
            }
            (Body::Response(response), Channel::Markers) => {
                if let Some(leader) = connection.server.broker() {
                    self.markers_answered(ctx, leader, correlation_id, response);
                }
            }
            (Body::Response(response), Channel::Verification) => {
                self.verification_answered(ctx, correlation_id, response);
            }
            (Body::Response(response), Channel::Shutdown) => self.shutdown_answered(ctx, correlation_id, &response),
            (Body::Response(response), Channel::ToController) => {
                self.controller_answered(ctx, &connection, correlation_id, response);
            }
            _ => {}
        }
    }

    fn zookeeper_said(&mut self, ctx: &mut Ctx<'_>, events: Vec<ZkClientEvent>) {
        for event in events {
            match event {
                ZkClientEvent::Connected { new_session, .. } => {
                    self.timers.cancel(&BrokerTimer::FirstSession);
                    if new_session {
                        self.register(ctx);
                    }
                    self.shutdown_goes_on(ctx);
                }
                ZkClientEvent::Disconnected => {}
                ZkClientEvent::Expired => {
                    self.registration.lost();
                    self.controller.on_session_expired(ctx, &mut self.zk);
                    self.configs.forget_pending();
                    if !self.shutdown.is_over() {
                        self.zk.start(ctx);
                    }
                }
                ZkClientEvent::Reply { tag, result } => match tag.owner {
                    ZkOwner::Controller => self.controller.on_zk_reply(ctx, &mut self.zk, tag.id, result),
                    ZkOwner::Broker => self.registration_answered(ctx, tag.id, result),
                    ZkOwner::Configs => self.config_answered(ctx, tag.id, result),
                    ZkOwner::Shell => {}
                },
                ZkClientEvent::Watch(event) => {
                    self.config_watch(ctx, &event);
                    self.controller.on_watch(ctx, &mut self.zk, &event);
                }
            }
        }
    }

    fn connection_lost(&mut self, ctx: &mut Ctx<'_>, connection: &Connection) {
        let me = self.node();
        if connection.server == me {
            self.connections.lost(connection);
            self.purgatory.lost(connection, &mut self.timers);
        }
        if connection.client != me {
            return;
        }
        match (connection.channel, connection.server.broker()) {
            (Channel::Session, _) => {
                let events = self.zk.on_connection_lost(ctx, connection);
                self.zookeeper_said(ctx, events);
            }
            (Channel::Fetcher, Some(leader)) => self.fetcher_lost(ctx, leader),
            (Channel::Control, Some(broker)) => {
                self.controller.on_control_connection_lost(ctx, &mut self.zk, broker);
            }
            (Channel::ToController, Some(broker)) => self.controller_lost(ctx, broker),
            (Channel::Shutdown, Some(broker)) => self.shutdown_lost(ctx, broker),
            (Channel::Markers, Some(broker)) => {
                self.with_transactions(ctx, |transactions, ctx, store| {
                    transactions.on_markers_lost(ctx, store, broker);
                });
            }
            (Channel::Verification, Some(broker)) => self.verification_lost(ctx, broker),
            _ => {}
        }
    }

    fn timers_due(&mut self, ctx: &mut Ctx<'_>) {
        while let Some(timer) = self.timers.pop_due(ctx.now) {
            match timer {
                BrokerTimer::ShrinkIsr => {
                    let half = SimDuration::from_ms(self.config.replica_lag_time_max_ms / 2);
                    self.timers.set(BrokerTimer::ShrinkIsr, ctx.now + half);
                    self.shrink_isrs(ctx);
                }
                BrokerTimer::CheckpointHighWatermarks => {
                    self.touch_log_dirs(ctx, false);
                    self.checkpoint_high_watermarks();
                    self.set_checkpoint_timer(ctx.now);
                }
                BrokerTimer::ToController => self.try_controller(ctx),
                BrokerTimer::ControllerAnswer(correlation) => self.controller_overdue(ctx, correlation),
                BrokerTimer::Fetcher(leader) => self.fetch_from(ctx, leader),
                BrokerTimer::FetchAnswer(leader) => self.fetch_overdue(ctx, leader),
                BrokerTimer::DelayedProduce(id) => self.produce_overdue(ctx, id),
                BrokerTimer::DelayedFetch(id) => self.fetch_waited(ctx, id),
                BrokerTimer::DelayedDeleteRecords(id) => self.delete_records_overdue(ctx, id),
                BrokerTimer::LogRetention => self.retention_due(ctx),
                BrokerTimer::LogCleaner => self.cleaner_due(ctx),
                BrokerTimer::FlushLogs => self.flush_due(ctx),
                BrokerTimer::CheckpointLogStarts => self.log_start_checkpoint_due(ctx),
                BrokerTimer::Verification(correlation) => self.verification_overdue(ctx, correlation),
                BrokerTimer::ShutdownAnswer => self.shutdown_overdue(ctx),
                BrokerTimer::ShutdownRetry => self.try_shutdown(ctx),
                BrokerTimer::FirstSession => self.no_first_session(ctx),
                BrokerTimer::Exit => {}
            }
        }
        if self.zk.next_deadline().is_some_and(|at| at <= ctx.now) {
            let events = self.zk.on_timer(ctx);
            self.zookeeper_said(ctx, events);
        }
        if self.controller.next_deadline().is_some_and(|at| at <= ctx.now) {
            self.controller.on_timer(ctx, &mut self.zk, &*self.cache);
        }
        if self.groups.next_deadline().is_some_and(|at| at <= ctx.now) {
            self.with_groups(ctx, |groups, ctx, store| groups.on_timer(ctx, store));
        }
        if self.transactions.next_deadline().is_some_and(|at| at <= ctx.now) {
            self.with_transactions(ctx, |transactions, ctx, store| transactions.on_timer(ctx, store));
        }
    }

    /// Carries the consequences of a step to their end: what waited for replicas or data is
    /// answered, and what waited behind an answer is handled.
    fn settle(&mut self, ctx: &mut Ctx<'_>) {
        loop {
            if let Some(tp) = self.dirty.pop_first() {
                self.complete_produces(ctx, &tp);
                self.complete_fetches(ctx, &tp);
                self.complete_delete_records(ctx, &tp);
                continue;
            }
            if !self.group_done.is_empty() {
                for (token, error, offset) in std::mem::take(&mut self.group_done) {
                    self.with_groups(ctx, |groups, ctx, store| {
                        groups.on_append_done(ctx, store, token, error, offset);
                    });
                }
                continue;
            }
            if !self.transaction_done.is_empty() {
                for (token, error) in std::mem::take(&mut self.transaction_done) {
                    self.with_transactions(ctx, |transactions, ctx, store| {
                        transactions.on_append_done(ctx, store, token, error);
                    });
                }
                continue;
            }
            self.connections.note_answers(ctx.pushed());
            let Some((connection, correlation_id, request)) = self.connections.next() else { break };
            self.handle_request(ctx, &connection, correlation_id, request);
        }
    }
}

impl Machine for Broker {
    type Command = BrokerCommand;

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<BrokerCommand>) {
        if self.shutdown.is_over() {
            if matches!(input, Input::Timer) && self.timers.pop_due(ctx.now).is_some() {
                ctx.exit();
            }
            return;
        }
        self.connections.begin();
        match input {
            Input::Boot => self.boot(ctx),
            Input::Deliver(delivery) => self.deliver(ctx, delivery),
            Input::Timer => self.timers_due(ctx),
            Input::ConnectionLost(connection) => self.connection_lost(ctx, &connection),
            Input::DiskDone(_) => {}
            Input::Command(BrokerCommand::Stop) => self.begin_shutdown(ctx),
        }
        self.settle(ctx);
    }

    fn next_deadline(&self) -> Option<SimTime> {
        if self.shutdown.is_over() {
            return self.timers.next();
        }
        let all = [
            self.timers.next(),
            self.zk.next_deadline(),
            self.controller.next_deadline(),
            self.groups.next_deadline(),
            self.transactions.next_deadline(),
        ];
        all.into_iter().flatten().min()
    }

    fn deadlines(&self) -> Vec<Deadline> {
        let mut all = self.timers.describe();
        all.extend(self.zk.deadlines());
        all.extend(self.controller.deadlines());
        all.extend(self.groups.deadlines());
        all.extend(self.transactions.deadlines());
        all.order_by(|a, b| (a.at, &a.reason).cmp(&(b.at, &b.reason)));
        all
    }
}
