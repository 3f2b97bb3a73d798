//! `/brokers/ids/N`: the broker's life in ZooKeeper (`KafkaZkClient.registerBroker`).

use super::{Broker, BrokerTimer};
use crate::ids::Name;
use crate::machine::{Ctx, Observation};
use crate::protocol::zookeeper::{CreateMode, ZkError, ZkOp, ZkResult};
use crate::time::{SimDuration, SimTime};
use crate::zk_client::{ZkOwner, ZkTag};

const ROOTS: [&str; 18] = [
    "/consumers",
    "/brokers",
    "/brokers/ids",
    "/brokers/topics",
    "/brokers/seqid",
    "/config",
    "/config/changes",
    "/config/topics",
    "/config/clients",
    "/config/users",
    "/config/brokers",
    "/config/ips",
    "/admin",
    "/admin/delete_topics",
    "/isr_change_notification",
    "/latest_producer_id_block",
    "/log_dir_event_notification",
    "/cluster",
];

const TAG_IGNORED: u64 = 0;
const TAG_REGISTER: u64 = 1;
const TAG_OWNER: u64 = 2;
const TAG_REMOVED: u64 = 3;

/// Where the registration stands.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    broker_epoch: Option<i64>,
    previous_session: Option<i64>,
    has_session: bool,
}

impl Registration {
    /// czxid of the registration, if it stands.
    pub fn broker_epoch(&self) -> Option<i64> {
        self.broker_epoch
    }

    /// The process has had a session with ZooKeeper: only then it opens its listener (`KafkaServer.startup`).
    pub fn has_begun(&self) -> bool {
        self.has_session
    }

    /// The broker has been registered since its process began: its start-up is complete.
    pub fn has_ever_stood(&self) -> bool {
        self.previous_session.is_some()
    }

    /// The session is over, and with it the znode.
    pub fn lost(&mut self) {
        self.broker_epoch = None;
    }
}

impl Broker {
    fn zk_op(&mut self, ctx: &mut Ctx<'_>, id: u64, op: ZkOp) {
        self.zk.submit(ctx, ZkTag { owner: ZkOwner::Broker, id }, op);
    }

    /// `propagateLogDirEvent`: the controller is to ask which replicas are still there.
    pub(super) fn announce_log_dir_failure(&mut self, ctx: &mut Ctx<'_>) {
        let data = format!("{{\"version\":1,\"broker\":{},\"event\":1}}", self.id);
        let path = "/log_dir_event_notification/log_dir_event_";
        self.create(ctx, TAG_IGNORED, path, &data, CreateMode::PersistentSequential);
    }

    fn create(&mut self, ctx: &mut Ctx<'_>, id: u64, path: &str, data: &str, mode: CreateMode) {
        self.zk_op(ctx, id, ZkOp::Create { path: path.into(), data: data.into(), mode });
    }

    /// A broker that begins looks for ZooKeeper so long and no longer (`ZooKeeperClient.waitUntilConnected`).
    pub(super) fn await_first_session(&mut self, now: SimTime) {
        let set = self.config.zookeeper_connection_timeout_ms;
        let wait_ms = set.unwrap_or(self.config.zookeeper_session_timeout_ms);
        self.timers.set(BrokerTimer::FirstSession, now + SimDuration::from_ms(wait_ms));
    }

    pub(super) fn no_first_session(&mut self, ctx: &mut Ctx<'_>) {
        let error = "ZooKeeperClientTimeoutException: no connection in zookeeper.connection.timeout.ms, start-up fails";
        ctx.observe(Observation::ClientError { client: self.id.to_string().into(), error: error.into() });
        self.zk.close(ctx);
        ctx.exit();
    }

    /// A new session stands: the persistent roots, the cluster's id, what dynamic configs there
    /// are, then the registration. They are
    /// sent in one go; a session's operations keep their order.
    pub(super) fn register(&mut self, ctx: &mut Ctx<'_>) {
        self.registration.has_session = true;
        for root in ROOTS {
            self.create(ctx, TAG_IGNORED, root, "", CreateMode::Persistent);
        }
        let cluster_id = crate::ids::Uuid(u128::from(ctx.rng.next_u64()) << 64 | u128::from(ctx.rng.next_u64()));
        let cluster = format!("{{\"version\":\"1\",\"id\":\"{cluster_id}\"}}");
        self.create(ctx, TAG_IGNORED, "/cluster/id", &cluster, CreateMode::Persistent);
        self.read_broker_configs(ctx);
        self.create_registration(ctx);
    }

    fn create_registration(&mut self, ctx: &mut Ctx<'_>) {
        let id = self.id;
        let rack = self.config.broker_rack.as_ref().map(|rack| format!(",\"rack\":\"{rack}\"")).unwrap_or_default();
        let data = format!(
            "{{\"features\":{{}},\"listener_security_protocol_map\":{{\"PLAINTEXT\":\"PLAINTEXT\"}},\
             \"endpoints\":[\"PLAINTEXT://broker-{id}:9092\"]{rack},\"jmx_port\":-1,\"port\":9092,\
             \"host\":\"broker-{id}\",\"version\":5,\"timestamp\":\"{}\"}}",
            ctx.wall_clock_ms()
        );
        self.create(ctx, TAG_REGISTER, &format!("/brokers/ids/{id}"), &data, CreateMode::Ephemeral);
    }

    pub(super) fn registration_answered(&mut self, ctx: &mut Ctx<'_>, id: u64, result: Result<ZkResult, ZkError>) {
        let path = Name::from(format!("/brokers/ids/{}", self.id));
        match (id, result) {
            (TAG_REGISTER, Ok(ZkResult::Created { stat, .. })) => {
                self.registration.broker_epoch = Some(stat.czxid);
                self.registration.previous_session = self.zk.session_id();
                ctx.observe(Observation::BrokerRegistered { broker: self.id, broker_epoch: stat.czxid });
                self.watch_config_changes(ctx);
                self.controller.on_session_started(ctx, &mut self.zk, stat.czxid);
            }
            (TAG_REGISTER, Err(ZkError::NodeExists)) => {
                self.zk_op(ctx, TAG_OWNER, ZkOp::GetData { path, watch: false });
            }
            // Its own znode of the session before may be replaced; another process' may not.
            (TAG_OWNER, Ok(ZkResult::Data { stat, .. })) => {
                if self.registration.previous_session == Some(stat.ephemeral_owner) {
                    self.zk_op(ctx, TAG_REMOVED, ZkOp::Delete { path, version: -1 });
                } else {
                    let error = "NODEEXISTS: the session of its former life has not ended, start-up fails";
                    ctx.observe(Observation::ClientError { client: self.id.to_string().into(), error: error.into() });
                    self.zk.close(ctx);
                    ctx.exit();
                }
            }
            (TAG_OWNER | TAG_REMOVED, _) => self.create_registration(ctx),
            _ => {}
        }
    }
}
