//! The ZooKeeper-mode controller (`KafkaController`), hosted in a broker.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::config::BrokerConfig;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::{Connection, Ctx, Deadline};
use crate::protocol::zookeeper::{WatchEvent, ZkError, ZkResult};
use crate::protocol::{Request, Response};
use crate::time::SimTime;
use crate::zk_client::ZkClient;

/// What the controller asks of its own broker's metadata cache (`MetadataCache`).
pub trait KnownMetadata {
    /// The topic has a partition with a leader or a former leader.
    fn has_topic(&self, topic: &Name) -> bool;
    /// The partition's leader, if it is alive.
    fn leader_of(&self, tp: &TopicPartition) -> Option<BrokerId>;
    /// Live brokers.
    fn alive(&self) -> &BTreeSet<BrokerId>;
}

/// A broker's controller: active in one broker at a time, waiting in the others.
#[derive(Clone, Debug)]
pub struct Controller {
    id: BrokerId,
    config: Rc<BrokerConfig>,
}

impl Controller {
    /// The controller of broker `id`, not active.
    pub fn new(id: BrokerId, config: Rc<BrokerConfig>) -> Self {
        Self { id, config }
    }

    /// It is the active controller, as far as it knows.
    pub fn is_active(&self) -> bool {
        let _ = (&self.id, &self.config);
        false
    }

    /// The epoch of its controllership, or the last one that it held; 0 if it never held any.
    pub fn epoch(&self) -> i32 {
        0
    }

    /// When it wants to be woken.
    pub fn next_deadline(&self) -> Option<SimTime> {
        None
    }

    /// Its deadlines in words.
    pub fn deadlines(&self) -> Vec<Deadline> {
        Vec::new()
    }

    /// The broker is registered in a new session: watch `/controller`, try to become controller.
    pub fn on_session_started(&mut self, _ctx: &mut Ctx<'_>, _zk: &mut ZkClient, _broker_epoch: i64) {}

    /// The session is over: `/controller` is gone with it, if it was ours.
    pub fn on_session_expired(&mut self, _ctx: &mut Ctx<'_>, _zk: &mut ZkClient) {}

    /// ZooKeeper answered the question with this number.
    pub fn on_zk_reply(
        &mut self,
        _ctx: &mut Ctx<'_>,
        _zk: &mut ZkClient,
        _id: u64,
        _result: Result<ZkResult, ZkError>,
    ) {
    }

    /// A watch fired (perhaps another part's).
    pub fn on_watch(&mut self, _ctx: &mut Ctx<'_>, _zk: &mut ZkClient, _event: &WatchEvent) {}

    /// A deadline is due.
    pub fn on_timer(&mut self, _ctx: &mut Ctx<'_>, _zk: &mut ZkClient) {}

    /// A broker answered LeaderAndIsr, UpdateMetadata or StopReplica.
    pub fn on_control_response(
        &mut self,
        _ctx: &mut Ctx<'_>,
        _zk: &mut ZkClient,
        _broker: BrokerId,
        _correlation_id: u64,
        _response: Response,
    ) {
    }

    /// The connection to a broker broke.
    pub fn on_control_connection_lost(&mut self, _ctx: &mut Ctx<'_>, _zk: &mut ZkClient, _broker: BrokerId) {}

    /// A client or a broker asks something of the controller.
    pub fn handle_request(
        &mut self,
        _ctx: &mut Ctx<'_>,
        _zk: &mut ZkClient,
        _known: &dyn KnownMetadata,
        _on: &Connection,
        _correlation_id: u64,
        _request: Request,
    ) {
    }

    /// The own broker's metadata cache changed: requests that wait for it may be complete.
    pub fn on_metadata_updated(&mut self, _ctx: &mut Ctx<'_>, _known: &dyn KnownMetadata) {}

    /// `unclean.leader.election.enable` was set on a topic (`TopicConfigHandler`).
    pub fn enable_topic_unclean_leader_election(&mut self, _ctx: &mut Ctx<'_>, _zk: &mut ZkClient, _topic: &Name) {}
}
