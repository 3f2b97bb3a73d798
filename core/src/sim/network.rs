//! The network: connections like TCP's, each first in, first out in both directions.
//!
//! Loss never removes a byte from the middle: what a fault stops is sent again when it is healed, at
//! the pace of TCP's retransmissions, or is lost with its connection. A dead process resets its
//! connections; the other end learns of it after what was already sent.

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::fault::FaultRule;
use crate::collections::{KeyMap, SortedMap};
use crate::ids::NodeId;
use crate::machine::{Body, Connection, MessageId};
use crate::time::{SimDuration, SimTime};

/// A message on its way, or held by a fault.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Its number.
    pub id: MessageId,
    /// The event that sent it.
    pub cause: u64,
    /// Its connection.
    pub connection: Connection,
    /// Which life of the connection it belongs to.
    pub incarnation: u64,
    /// From the connection's client to its server.
    pub to_server: bool,
    /// Pairs responses with requests.
    pub correlation_id: u64,
    /// What it says.
    pub body: Body,
    /// When it was sent.
    pub sent_at: SimTime,
    /// When it arrives; [`SimTime::NEVER`] while it is held.
    pub arrives_at: SimTime,
}

impl Envelope {
    /// Who sent it.
    pub fn from(&self) -> &NodeId {
        if self.to_server { &self.connection.client } else { &self.connection.server }
    }

    /// Who gets it.
    pub fn to(&self) -> &NodeId {
        if self.to_server { &self.connection.server } else { &self.connection.client }
    }
}

/// One open connection.
#[derive(Clone, Debug)]
pub struct ConnectionState {
    /// Which life of the connection this is.
    pub incarnation: u64,
    /// Arrival of the newest message in each direction: to the server, to the client.
    pub newest_arrival: [SimTime; 2],
    /// The end whose process is gone while the other does not know it yet.
    pub dead_end: Option<NodeId>,
}

impl ConnectionState {
    /// When a message arrives that would come at `at`: never before one that was sent earlier.
    pub fn place(&mut self, to_server: bool, at: SimTime) -> SimTime {
        let newest = &mut self.newest_arrival[usize::from(!to_server)];
        *newest = at.max(*newest + SimDuration::from_us(1));
        *newest
    }
}

/// All connections, messages and faults.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Open connections.
    pub connections: KeyMap<Connection, ConnectionState>,
    /// Messages on their way, by number; shared with the checkpoints that saw them.
    pub in_flight: SortedMap<MessageId, Rc<Envelope>>,
    /// Faults in force, by number.
    pub faults: SortedMap<u32, FaultRule>,
    /// Numbers given to faults so far.
    pub fault_count: u32,
    /// Lives of connections so far.
    pub incarnations: u64,
    /// Ends that could not be told of a closed connection, because a fault stood between.
    pub untold: BTreeMap<Connection, NodeId>,
    /// Closed connections whose last words are still on their way: the number of the end, and who
    /// hears them. A new life of the connection cuts them off.
    pub closing: BTreeMap<Connection, (u64, NodeId)>,
}

impl Network {
    /// True if a packet from `from` does not reach `to` now.
    pub fn blocked(&self, from: &NodeId, to: &NodeId) -> bool {
        self.faults.values().any(|rule| rule.blocks(from, to))
    }

    /// What delay rules add between the two.
    pub fn extra_delay(&self, from: &NodeId, to: &NodeId) -> SimDuration {
        self.faults.values().fold(SimDuration::ZERO, |sum, rule| sum + rule.delays(from, to))
    }

    /// How many times longer the node takes for everything; 1 for one that is well.
    pub fn slowness(&self, node: &NodeId) -> u32 {
        let factor = |rule: &FaultRule| match rule {
            FaultRule::Slow { node: of, factor } if of == node => Some(*factor),
            _ => None,
        };
        self.faults.values().filter_map(factor).max().unwrap_or(1)
    }

    /// How far the clock on the node's wall is ahead, in ms.
    pub fn clock_skew_ms(&self, node: &NodeId) -> i64 {
        let skew = |rule: &FaultRule| match rule {
            FaultRule::Clock { node: of, skew } if of == node => Some(skew.ms()),
            _ => None,
        };
        self.faults.values().filter_map(skew).sum()
    }

    /// Opens a connection's next life.
    pub fn open(&mut self, connection: &Connection) -> u64 {
        self.incarnations += 1;
        let state =
            ConnectionState { incarnation: self.incarnations, newest_arrival: [SimTime::ZERO; 2], dead_end: None };
        self.connections.insert(connection.clone(), state);
        self.incarnations
    }

    /// The life of an open connection.
    pub fn incarnation(&self, connection: &Connection) -> Option<u64> {
        self.connections.get(connection).map(|state| state.incarnation)
    }

    /// Forgets a connection and everything that travels on it.
    pub fn forget(&mut self, connection: &Connection) {
        self.connections.remove(connection);
        self.in_flight.retain(|_, envelope| &envelope.connection != connection);
    }

    /// When the handshake of a connection that was opened at `opened_at` and stopped by a fault is tried
    /// again: Linux sends a SYN after each of the first five seconds (`tcp_syn_linear_timeouts`), then
    /// doubles; the first after `now` gets through.
    pub fn handshake_after(opened_at: SimTime, now: SimTime) -> SimTime {
        let (mut tries, mut wait_ms) = (1, 1_000);
        let mut at = opened_at + SimDuration::from_ms(wait_ms);
        while at <= now {
            tries += 1;
            if tries > 5 {
                wait_ms = (wait_ms * 2).min(120_000);
            }
            at += SimDuration::from_ms(wait_ms);
        }
        at
    }

    /// When a message that was sent at `sent_at` and stopped by a fault is sent again: TCP retries
    /// after 200 ms, then doubles; the first retry after `now` gets through.
    pub fn retransmission_after(sent_at: SimTime, now: SimTime) -> SimTime {
        let mut wait_ms = 200;
        let mut at = sent_at + SimDuration::from_ms(wait_ms);
        while at <= now {
            wait_ms = (wait_ms * 2).min(120_000);
            at += SimDuration::from_ms(wait_ms);
        }
        at
    }
}
