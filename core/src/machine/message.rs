//! What travels: requests, responses and ZooKeeper's watch events, over connections.

use std::fmt;

use crate::collections::{Digest, mix};
use crate::ids::NodeId;
use crate::protocol::{Request, Response, zookeeper::WatchEvent};

/// The number of a message, counted by the world; causes refer to it.
pub type MessageId = u64;

/// Which of a client's connections to a server is meant. Kafka's processes keep several to the
/// same peer, each first in, first out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    /// A client's ordinary connection: metadata, produce, fetch, admin calls.
    Data,
    /// A consumer's connection to its group's coordinator.
    Coordinator,
    /// A follower's fetcher thread to the leader's broker.
    Fetcher,
    /// The controller to a broker: LeaderAndIsr, UpdateMetadata, StopReplica.
    Control,
    /// A broker to the controller: AlterPartition, AllocateProducerIds, CreateTopics.
    ToController,
    /// A transaction coordinator to a leader: WriteTxnMarkers.
    Markers,
    /// A leader to a transaction coordinator: whether a partition is in a transaction.
    Verification,
    /// A ZooKeeper session's connection.
    Session,
    /// ZooKeeper servers among each other: votes.
    Election,
    /// A ZooKeeper follower to its leader: synchronisation and broadcast.
    Quorum,
    /// The producer of an application that has a consumer too: its own network client.
    Results,
    /// A broker that is being stopped to the controller: ControlledShutdown.
    Shutdown,
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "data",
            Self::Coordinator => "coordinator",
            Self::Fetcher => "fetcher",
            Self::Control => "control",
            Self::ToController => "to-controller",
            Self::Markers => "markers",
            Self::Verification => "verification",
            Self::Session => "session",
            Self::Election => "election",
            Self::Quorum => "quorum",
            Self::Results => "results",
            Self::Shutdown => "shutdown",
        })
    }
}

/// A connection, named by who opened it to whom.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Connection {
    /// The process that opened it.
    pub client: NodeId,
    /// The process that accepted it.
    pub server: NodeId,
    /// Which of the client's connections it is.
    pub channel: Channel,
}

impl Digest for Connection {
    #[inline]
    fn digest(&self) -> u64 {
        mix(mix(self.client.digest(), self.server.digest()), self.channel as u64)
    }
}

impl Connection {
    /// The other end, seen from `me`.
    pub fn peer(&self, me: &NodeId) -> &NodeId {
        if &self.client == me { &self.server } else { &self.client }
    }
}

/// The content of a message.
#[derive(Clone, Debug)]
pub enum Body {
    /// A request; the response carries the same correlation id on the same connection.
    Request(Request),
    /// The answer to a request.
    Response(Response),
    /// A watch of a ZooKeeper session fired.
    Watch(WatchEvent),
}

/// A message that arrived.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The connection it came on.
    pub connection: Connection,
    /// Pairs a response with its request.
    pub correlation_id: u64,
    /// What it says.
    pub body: Body,
}
