//! The admin client (`KafkaAdminClient`): carries out what the `kafka-*.sh` tools ask. Finds the
//! controller, leaders and coordinators, and tries again until `default.api.timeout.ms` is over.
//!
//! Simplified: one client serves all tools, where each of Kafka's tools starts a client of its own.

mod call;
mod op;
mod refusal;
mod requests;
#[cfg(test)]
mod tests;
mod transactions;

use crate::collections::BTreeMap;
use refusal::refusal;
use std::fmt;
use std::rc::Rc;

use call::{Call, Node, Verdict, error};

use crate::client::{Backoff, Network, NetworkConfig};
use crate::ids::{BrokerId, Name};
use crate::machine::{Body, Ctx, Deadline, Input, Machine, Observation, TimerTable};
use crate::protocol::metadata::{MetadataRequest, MetadataResponse};
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::{SimDuration, SimTime};

pub use crate::protocol::admin::ConfigDescription as ConfigEntry;
pub use op::{
    AdminAnswer, AdminCommand, AdminError, AdminOp, ClusterDescription, GroupListing, OffsetSpec, Reassignment,
    TransactionListing,
};

/// The configs of an admin client that anybody sets (`AdminClientConfig`); in ms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AdminConfig {
    /// `default.api.timeout.ms`.
    pub default_api_timeout_ms: u64,
    /// `request.timeout.ms`.
    pub request_timeout_ms: u64,
    /// `metadata.max.age.ms`: a client that was used once looks again this often, idle or not.
    pub metadata_max_age_ms: u64,
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self { default_api_timeout_ms: 60_000, request_timeout_ms: 30_000, metadata_max_age_ms: 300_000 }
    }
}

/// `retry.backoff.ms`, `retry.backoff.max.ms`.
const RETRY: Backoff = Backoff { initial_ms: 100, max_ms: 1000 };
/// The network's configs, those besides [`AdminConfig`] at their defaults.
const fn network(config: AdminConfig) -> NetworkConfig {
    NetworkConfig {
        // The client's thread looks for overdue requests when it wakes for something else. So the broker, which
        // was told to wait just as long, is heard first (recorded: CreateTopics ends as REQUEST_TIMED_OUT).
        request_timeout_ms: config.request_timeout_ms + 100,
        reconnect: Backoff { initial_ms: 50, max_ms: 1000 },
        setup: Backoff { initial_ms: 10_000, max_ms: 30_000 },
        // The admin client has no `max.in.flight.requests.per.connection`.
        in_flight_max: usize::MAX,
    }
}

/// What a request in flight was for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asked {
    Greeting,
    Metadata,
    Call(u64),
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Reason {
    Metadata,
    Retry(u64),
    ApiTimeout(u64),
    Request(u64, BrokerId),
    Reconnect(BrokerId),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata => write!(f, "asks for metadata"),
            Self::Retry(ticket) => write!(f, "tries call {ticket} again (retry.backoff.ms)"),
            Self::ApiTimeout(ticket) => write!(f, "gives up call {ticket} (default.api.timeout.ms)"),
            Self::Request(id, broker) => write!(f, "gives up request {id} to broker {broker} (request.timeout.ms)"),
            Self::Reconnect(broker) => write!(f, "connects to broker {broker} again (reconnect.backoff.ms)"),
        }
    }
}

/// One admin client.
#[derive(Clone, Debug)]
pub struct Admin {
    client: Name,
    config: AdminConfig,
    network: Network<Asked>,
    brokers: Vec<BrokerId>,
    controller: Option<BrokerId>,
    metadata_wanted: bool,
    metadata_asked: bool,
    metadata_failures: u32,
    metadata_allowed_at: SimTime,
    metadata_at: SimTime,
    calls: BTreeMap<u64, Call>,
    answers: BTreeMap<u64, Rc<Result<AdminAnswer, AdminError>>>,
    /// Refusals of this input, to be told at its end.
    refused: Vec<Name>,
    timers: TimerTable<Reason>,
}

impl Admin {
    /// A client that knows the cluster by its bootstrap servers.
    pub fn new(client: Name, bootstrap: Vec<BrokerId>) -> Self {
        Self::with_config(client, bootstrap, AdminConfig::default())
    }

    /// [`Self::new`] with configs of its own.
    pub fn with_config(client: Name, bootstrap: Vec<BrokerId>, config: AdminConfig) -> Self {
        Self {
            client,
            config,
            network: Network::new(network(config)),
            brokers: bootstrap,
            controller: None,
            // Asked for with the first call: a tool that is not used talks to nobody.
            metadata_wanted: false,
            metadata_asked: false,
            metadata_failures: 0,
            metadata_allowed_at: SimTime::ZERO,
            metadata_at: SimTime::ZERO,
            calls: BTreeMap::new(),
            answers: BTreeMap::new(),
            refused: Vec::new(),
            timers: TimerTable::default(),
        }
    }

    /// Its `client.id`.
    pub fn client(&self) -> &Name {
        &self.client
    }

    /// What became of the command with this ticket; `None` while it is under way.
    pub fn answer(&self, ticket: u64) -> Option<&Result<AdminAnswer, AdminError>> {
        self.answers.get(&ticket).map(Rc::as_ref)
    }

    /// [`Self::answer`], which is forgotten.
    pub fn take_answer(&mut self, ticket: u64) -> Option<Result<AdminAnswer, AdminError>> {
        self.answers.remove(&ticket).map(Rc::unwrap_or_clone)
    }

    fn metadata_expires_at(&self) -> SimTime {
        self.metadata_at + SimDuration::from_ms(self.config.metadata_max_age_ms)
    }

    /// It was used at least once.
    fn is_used(&self) -> bool {
        self.metadata_at > SimTime::ZERO
    }

    fn end(&mut self, ticket: u64, answer: Result<AdminAnswer, AdminError>) {
        self.calls.remove(&ticket);
        if let Err(error) = &answer {
            self.refused.push(error.to_string().into());
        }
        self.answers.insert(ticket, Rc::new(answer));
    }

    fn begin(&mut self, command: AdminCommand, now: SimTime) {
        let AdminCommand { ticket, op, timeout_ms } = command;
        if let Some(refused) = refusal(&op) {
            self.end(ticket, Err(refused));
            return;
        }
        self.metadata_wanted |= self.calls.is_empty() && self.metadata_expires_at() <= now;
        self.calls.insert(ticket, Call::new(op, now, timeout_ms.unwrap_or(self.config.default_api_timeout_ms)));
    }

    fn answered(&mut self, ctx: &mut Ctx<'_>, correlation_id: u64, response: Response) {
        let Some((_, asked)) = self.network.answered(correlation_id) else { return };
        match (asked, response) {
            (Asked::Greeting, _) => {}
            (Asked::Metadata, Response::Metadata(answer)) => self.metadata_answered(ctx, &answer),
            (Asked::Metadata, _) => self.metadata_failed(ctx),
            (Asked::Call(ticket), response) => {
                let Some(call) = self.calls.get_mut(&ticket) else { return };
                call.in_flight = false;
                match call.answered(response) {
                    Verdict::Over(answer) => self.end(ticket, answer),
                    Verdict::GoOn => {}
                    Verdict::Retry { refresh } => {
                        if refresh {
                            self.controller = None;
                            self.metadata_wanted = true;
                        }
                        self.retry(ctx, ticket);
                    }
                }
            }
        }
    }

    fn retry(&mut self, ctx: &mut Ctx<'_>, ticket: u64) {
        if let Some(call) = self.calls.get_mut(&ticket) {
            call.in_flight = false;
            call.not_before = ctx.now + RETRY.wait(call.tries, ctx.rng);
            call.tries = call.tries.saturating_add(1);
        }
    }

    fn metadata_answered(&mut self, ctx: &mut Ctx<'_>, answer: &MetadataResponse) {
        self.metadata_asked = false;
        self.metadata_failures = 0;
        self.metadata_at = ctx.now;
        self.metadata_allowed_at = ctx.now + SimDuration::from_ms(RETRY.initial_ms);
        if !answer.brokers.is_empty() {
            self.brokers.clone_from(&answer.brokers);
        }
        self.controller = Some(answer.controller_id).filter(|id| *id >= 0);
    }

    fn metadata_failed(&mut self, ctx: &mut Ctx<'_>) {
        self.metadata_asked = false;
        self.metadata_wanted = true;
        self.metadata_allowed_at = ctx.now + RETRY.wait(self.metadata_failures, ctx.rng);
        self.metadata_failures = self.metadata_failures.saturating_add(1);
    }

    fn unanswered(&mut self, ctx: &mut Ctx<'_>, asked: Asked) {
        match asked {
            Asked::Greeting => {}
            Asked::Metadata => self.metadata_failed(ctx),
            Asked::Call(ticket) => {
                if let Some(call) = self.calls.get_mut(&ticket) {
                    call.forget_broker();
                }
                self.retry(ctx, ticket);
            }
        }
    }

    fn connection_lost(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        for asked in self.network.lost(ctx, broker) {
            self.unanswered(ctx, asked);
        }
        self.broker_gone(broker);
    }

    /// Who was looked up and cannot be reached is looked up again.
    fn broker_gone(&mut self, broker: BrokerId) {
        for call in self.calls.values_mut().filter(|call| !call.in_flight) {
            if call.next_request(0).0 == Node::Broker(broker) {
                call.forget_broker();
            }
        }
        if self.controller == Some(broker) {
            self.controller = None;
        }
        self.metadata_wanted |= !self.calls.is_empty();
    }

    fn give_up_overdue(&mut self, ctx: &mut Ctx<'_>) {
        for (broker, asked, _) in self.network.give_up_overdue(ctx) {
            self.unanswered(ctx, asked);
            self.broker_gone(broker);
        }
        let overdue = self.calls.iter().filter(|(_, call)| call.deadline <= ctx.now);
        let wall_clock_ms = ctx.wall_clock_ms();
        let said = |call: &Call| (call.op.method(), call.timed_out(ctx.now, wall_clock_ms));
        let overdue: Vec<_> = overdue.map(|(ticket, call)| (*ticket, said(call))).collect();
        for (ticket, (name, message)) in overdue {
            if self.calls.get(&ticket).is_some_and(|call| call.change_sent) {
                let client = &self.client;
                let text = format!("{client} no longer waits for {name}, which may still be carried out: it was sent");
                ctx.observe(Observation::Note { text: text.into() });
            }
            self.end(ticket, Err(error(ErrorCode::RequestTimedOut, &message)));
        }
    }

    /// Sends what can be sent.
    fn send(&mut self, ctx: &mut Ctx<'_>) {
        let tickets: Vec<u64> = self.calls.keys().copied().collect();
        for ticket in tickets {
            let Some(call) = self.calls.get(&ticket) else { continue };
            if call.in_flight || call.not_before > ctx.now {
                continue;
            }
            let left = call.deadline.since(ctx.now).as_ms();
            let (node, request) = call.next_request(left.min(self.config.request_timeout_ms));
            let broker = match node {
                Node::Broker(broker) => Some(broker),
                Node::Any => self.network.least_loaded(ctx, &self.brokers),
                Node::Controller => {
                    // Nobody known to be controller: metadata says who, as soon as there is one.
                    self.metadata_wanted |= self.controller.is_none();
                    self.controller
                }
            };
            let Some(broker) = broker else { continue };
            if self.network.is_ready(broker) {
                let is_change = changes(&request);
                self.network.send(ctx, broker, request, Asked::Call(ticket));
                if let Some(call) = self.calls.get_mut(&ticket) {
                    call.in_flight = true;
                    call.change_sent |= is_change;
                }
            } else if self.network.can_connect(broker, ctx.now) {
                let greeting = MetadataRequest { topics: Some(Vec::new()), allow_auto_topic_creation: false };
                self.network.send(ctx, broker, Request::Metadata(greeting), Asked::Greeting);
            }
        }
        self.metadata_wanted |= self.is_used() && self.metadata_expires_at() <= ctx.now;
        if self.metadata_wanted && !self.metadata_asked && self.metadata_allowed_at <= ctx.now {
            let Some(broker) = self.network.least_loaded(ctx, &self.brokers) else { return };
            let request = MetadataRequest { topics: Some(Vec::new()), allow_auto_topic_creation: false };
            self.network.send(ctx, broker, Request::Metadata(request), Asked::Metadata);
            self.metadata_asked = true;
            self.metadata_wanted = false;
        }
    }

    fn set_timers(&mut self, now: SimTime) {
        let mut timers = TimerTable::default();
        let mut set = |reason: Reason, at: SimTime| {
            if at > now {
                timers.set(reason, at);
            }
        };
        if self.metadata_wanted && !self.metadata_asked {
            set(Reason::Metadata, self.metadata_allowed_at);
        } else if self.is_used() && !self.metadata_asked {
            set(Reason::Metadata, self.metadata_expires_at().max(self.metadata_allowed_at));
        }
        for (ticket, call) in &self.calls {
            set(Reason::ApiTimeout(*ticket), call.deadline);
            if !call.in_flight {
                set(Reason::Retry(*ticket), call.not_before);
            }
        }
        for (id, broker, at) in self.network.request_deadlines() {
            set(Reason::Request(id, broker), at);
        }
        // Without a call nobody needs a connection.
        for (broker, at) in
            self.network.reconnect_deadlines().filter(|_| !self.calls.is_empty() || self.metadata_wanted)
        {
            set(Reason::Reconnect(broker), at);
        }
        self.timers = timers;
    }

    /// Calls that are under way, by ticket.
    pub fn under_way(&self) -> impl Iterator<Item = (u64, &AdminOp)> {
        self.calls.iter().map(|(ticket, call)| (*ticket, &call.op))
    }
}

/// The request asks for more than an answer.
fn changes(request: &Request) -> bool {
    matches!(
        request,
        Request::CreateTopics(_)
            | Request::DeleteTopics(_)
            | Request::CreatePartitions(_)
            | Request::IncrementalAlterConfigs(_)
            | Request::AlterPartitionReassignments(_)
            | Request::ElectLeaders(_)
            | Request::DeleteRecords(_)
            | Request::OffsetCommit(_)
            | Request::OffsetDelete(_)
            | Request::DeleteGroups(_)
            | Request::LeaveGroup(_)
    )
}

impl Machine for Admin {
    type Command = AdminCommand;

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<AdminCommand>) {
        match input {
            Input::Boot | Input::DiskDone(_) => {}
            Input::Timer => self.give_up_overdue(ctx),
            Input::Command(command) => self.begin(command, ctx.now),
            Input::Deliver(delivery) => {
                if let Body::Response(response) = delivery.body {
                    self.answered(ctx, delivery.correlation_id, response);
                }
            }
            Input::ConnectionLost(connection) => {
                if let Some(broker) = connection.server.broker() {
                    self.connection_lost(ctx, broker);
                }
            }
        }
        for error in std::mem::take(&mut self.refused) {
            ctx.observe(Observation::ClientError { client: self.client.clone(), error });
        }
        self.send(ctx);
        self.set_timers(ctx.now);
    }

    fn next_deadline(&self) -> Option<SimTime> {
        self.timers.next()
    }

    fn deadlines(&self) -> Vec<Deadline> {
        self.timers.describe()
    }
}
