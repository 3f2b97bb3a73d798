//! How messages travel through a world: opening connections, sending, arriving, breaking.

use crate::collections::BTreeSet;
use std::rc::Rc;

use super::network::{Envelope, Network};
use super::process::{Process, ProcessInput};
use super::world::{Event, Lost, ProcState, Slot, World};
use crate::ids::NodeId;
use crate::machine::{Body, Connection, Delivery, MessageId};
use crate::time::{SimDuration, SimTime};

impl World {
    fn net(&mut self) -> &mut Network {
        Rc::make_mut(&mut self.network)
    }

    fn listens(&self, node: &NodeId) -> bool {
        let opened = |slot: &Slot| match &slot.process {
            Process::Broker(broker) => broker.listens(),
            _ => true,
        };
        self.slot(node).is_some_and(|slot| matches!(slot.state, ProcState::Running | ProcState::Paused) && opened(slot))
    }

    pub(super) fn send(&mut self, sender: &NodeId, connection: Connection, correlation_id: u64, body: Body) {
        // A process may hold both ends (a controller's connection to its own broker).
        let to_server = matches!(body, Body::Request(_)) && &connection.client == sender;
        let mut place = self.network.connections.find(&connection);
        let stands = match place.and_then(|place| self.network.connections.value_at(place)).map(|state| &state.dead_end)
        {
            Some(None) => true,
            Some(Some(dead)) if dead != sender => return,
            Some(Some(_)) => {
                self.begin_anew(&connection, sender);
                false
            }
            None => false,
        };
        if !stands {
            if !to_server || !self.open(&connection) {
                return;
            }
            place = self.network.connections.find(&connection);
        }
        let (from, to) =
            if to_server { (&connection.client, &connection.server) } else { (&connection.server, &connection.client) };
        self.messages += 1;
        let id = self.messages;
        let now = self.now;
        let at = now + self.latency(from, to);
        let (blocked, blocked_back) = (self.network.blocked(from, to), self.network.blocked(to, from));
        let Some(state) = place.and_then(|place| self.net().connections.value_at_mut(place)) else { return };
        let incarnation = state.incarnation;
        let fresh = state.newest_arrival[0] == SimTime::ZERO;
        // A handshake needs both directions.
        let blocked = blocked || (fresh && blocked_back);
        let arrives_at = if blocked { SimTime::NEVER } else { state.place(to_server, at) };
        let envelope = Envelope {
            id,
            cause: self.steps,
            connection,
            incarnation,
            to_server,
            correlation_id,
            body,
            sent_at: now,
            arrives_at,
        };
        let envelope = Rc::new(envelope);
        if let Some(recorder) = &mut self.recorder {
            recorder.sent.push(envelope.clone());
        }
        self.net().in_flight.insert(id, envelope);
        if !blocked {
            self.schedule(arrives_at, Event::Arrive(id));
        }
    }

    /// A dead process that lives again opens its old connection anew.
    fn begin_anew(&mut self, connection: &Connection, sender: &NodeId) {
        self.net().forget(connection);
        let peer = connection.peer(sender).clone();
        self.net().untold.insert(connection.clone(), peer);
    }

    /// Opens a connection; false if it is refused, which the client learns after a round trip.
    fn open(&mut self, connection: &Connection) -> bool {
        let (client, server) = (connection.client.clone(), connection.server.clone());
        let blocked = self.network.blocked(&client, &server) || self.network.blocked(&server, &client);
        if !self.listens(&server) && !blocked {
            let round_trip = self.latency(&client, &server) + self.latency(&server, &client);
            self.schedule_loss(self.now + round_trip, client, connection.clone(), None);
            return false;
        }
        let untold = self.net().untold.remove(connection);
        let cut_off = self.net().closing.remove(connection).map(|(_, node)| node);
        if let Some(node) = untold.or(cut_off) {
            self.schedule_loss(self.now, node, connection.clone(), None);
        }
        self.net().open(connection);
        true
    }

    /// A message arrives, unless a fault stops it on the last metre.
    pub(super) fn arrive(&mut self, id: MessageId) -> Option<NodeId> {
        // It may have been put behind another one since.
        self.network.in_flight.get(&id).filter(|envelope| envelope.arrives_at <= self.now)?;
        let envelope = self.net().in_flight.remove(&id)?;
        if self.network.incarnation(&envelope.connection) != Some(envelope.incarnation) {
            return None;
        }
        let envelope = Rc::unwrap_or_clone(envelope);
        if self.network.blocked(envelope.from(), envelope.to()) {
            let held = Envelope { arrives_at: SimTime::NEVER, ..envelope };
            self.net().in_flight.insert(id, Rc::new(held));
            return None;
        }
        let to = envelope.to().clone();
        if envelope.to_server && !self.listens(&to) {
            // Held by a fault while its server died: the reset comes now.
            self.net().forget(&envelope.connection);
            let client = envelope.connection.client.clone();
            self.schedule_loss(self.now, client, envelope.connection, None);
            return None;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.ended.push((id, self.now, true));
        }
        let Envelope { connection, correlation_id, body, cause, .. } = envelope;
        let delivery = Delivery { connection, correlation_id, body };
        self.run_process(to, ProcessInput::Deliver(delivery), cause)
    }

    /// `closer` closes a connection; the other end learns of it if nothing stands between.
    pub(super) fn disconnect(&mut self, closer: &NodeId, connection: &Connection) {
        let Some(state) = self.network.connections.get(connection) else { return };
        let dead_end = state.dead_end.is_some();
        let newest = if &connection.client == closer { state.newest_arrival[0] } else { state.newest_arrival[1] };
        let peer = connection.peer(closer).clone();
        // What the closer had sent still arrives before the end of the stream, except to itself.
        let tail: Vec<Envelope> = self
            .network
            .in_flight
            .values()
            .filter(|e| &e.connection == connection && e.to() == &peer && e.arrives_at != SimTime::NEVER)
            .map(|envelope| Envelope::clone(envelope))
            .collect();
        self.net().forget(connection);
        if dead_end || &peer == closer {
            return;
        }
        if self.network.blocked(closer, &peer) {
            self.net().untold.insert(connection.clone(), peer);
            return;
        }
        let latency = self.latency(closer, &peer);
        let at = (self.now + latency).max(newest + SimDuration::from_us(1));
        self.net().incarnations += 1;
        let end = self.network.incarnations;
        self.net().closing.insert(connection.clone(), (end, peer.clone()));
        for envelope in tail {
            let arrives_at = envelope.arrives_at;
            if let Some(recorder) = &mut self.recorder {
                recorder.tail(end, envelope.id);
            }
            let delivery = Delivery {
                connection: envelope.connection,
                correlation_id: envelope.correlation_id,
                body: envelope.body,
            };
            self.schedule(arrives_at, Event::Tail(end, peer.clone(), Box::new(delivery)));
        }
        self.schedule(at, Event::Closed(end, peer, Box::new(connection.clone())));
    }

    fn is_closing(&self, connection: &Connection, end: u64) -> bool {
        self.network.closing.get(connection).is_some_and(|(standing, _)| *standing == end)
    }

    /// One of the last words of a closed connection; nobody hears them once the connection lives anew.
    pub(super) fn tail_arrives(&mut self, end: u64, node: NodeId, delivery: Delivery, cause: u64) -> Option<NodeId> {
        let heard = self.is_closing(&delivery.connection, end);
        if let Some(recorder) = &mut self.recorder {
            recorder.tail_ended(end, self.now, heard);
        }
        if !heard {
            return None;
        }
        self.run_process(node, ProcessInput::Deliver(delivery), cause)
    }

    /// The end of a closed connection.
    pub(super) fn end_arrives(&mut self, end: u64, node: NodeId, connection: Connection, cause: u64) -> Option<NodeId> {
        if !self.is_closing(&connection, end) {
            return None;
        }
        self.net().closing.remove(&connection);
        self.run_process(node, ProcessInput::ConnectionLost(connection), cause)
    }

    /// All connections of a process that is gone break.
    pub(super) fn break_connections(&mut self, dead: &NodeId) {
        let touched: Vec<Connection> = self
            .network
            .connections
            .keys()
            .filter(|connection| &connection.client == dead || &connection.server == dead)
            .cloned()
            .collect();
        for connection in touched {
            let peer = connection.peer(dead).clone();
            if &peer == dead {
                self.net().forget(&connection);
                continue;
            }
            let latency = self.latency(dead, &peer);
            let blocked = self.network.blocked(dead, &peer);
            let Some(state) = self.net().connections.get_mut(&connection) else { continue };
            if state.dead_end.is_some() {
                continue;
            }
            state.dead_end = Some(dead.clone());
            let incarnation = state.incarnation;
            let newest = if &connection.client == dead { state.newest_arrival[0] } else { state.newest_arrival[1] };
            let to_dead: Vec<MessageId> = self
                .network
                .in_flight
                .values()
                .filter(|e| e.connection == connection && e.to() == dead)
                .map(|e| e.id)
                .collect();
            for id in to_dead {
                self.net().in_flight.remove(&id);
            }
            if !blocked {
                let at = (self.now + latency).max(newest + SimDuration::from_us(1));
                self.schedule_loss(at, peer, connection, Some(incarnation));
            }
        }
    }

    pub(super) fn schedule_loss(
        &mut self,
        at: SimTime,
        node: NodeId,
        connection: Connection,
        incarnation: Option<u64>,
    ) {
        self.schedule(at, Event::Lost(Box::new(Lost { node, connection, incarnation })));
    }

    pub(super) fn learn_of_loss(&mut self, lost: Lost) -> Option<NodeId> {
        let Lost { node, connection, incarnation } = lost;
        if let Some(incarnation) = incarnation {
            if self.network.incarnation(&connection) != Some(incarnation) {
                return None;
            }
            self.net().forget(&connection);
        }
        self.run_process(node, ProcessInput::ConnectionLost(connection), self.steps)
    }

    /// One direction of a connection goes on: what was held is sent again, and what was sent after it waits
    /// for it, so that the order of the bytes stands.
    fn send_again(&mut self, connection: &Connection, to_server: bool) {
        let direction = usize::from(!to_server);
        let travelling = self.network.in_flight.values();
        let of_direction = travelling.filter(|e| &e.connection == connection && e.to_server == to_server);
        let times: Vec<(MessageId, SimTime, SimTime)> = of_direction.map(|e| (e.id, e.sent_at, e.arrives_at)).collect();
        let fresh = self.network.connections.get(connection).is_none_or(|s| s.newest_arrival == [SimTime::ZERO; 2]);
        let mut before = SimTime::ZERO;
        for (id, sent_at, planned) in times {
            let at = if planned != SimTime::NEVER {
                planned
            } else if before != SimTime::ZERO {
                // What lies before it gets through and takes it along.
                before
            } else if fresh {
                // Nothing has passed yet: what was written waits for the handshake.
                Network::handshake_after(sent_at, self.now)
            } else {
                Network::retransmission_after(sent_at, self.now)
            };
            let at = at.max(before + SimDuration::from_us(1));
            before = at;
            if at == planned {
                continue;
            }
            if let Some(envelope) = self.net().in_flight.get_mut(&id) {
                Rc::make_mut(envelope).arrives_at = at;
            }
            self.schedule(at, Event::Arrive(id));
        }
        if let Some(state) = self.net().connections.get_mut(connection) {
            state.newest_arrival[direction] = state.newest_arrival[direction].max(before);
        }
    }

    /// After a fault is gone: what it held goes on, and ends that could not be told learn.
    pub(super) fn release(&mut self) {
        let held: BTreeSet<(Connection, bool)> = self
            .network
            .in_flight
            .values()
            .filter(|e| e.arrives_at == SimTime::NEVER && !self.network.blocked(e.from(), e.to()))
            .map(|e| (e.connection.clone(), e.to_server))
            .collect();
        for (connection, to_server) in held {
            self.send_again(&connection, to_server);
        }
        let half_open: Vec<(Connection, NodeId, u64)> = self
            .network
            .connections
            .iter()
            .filter_map(|(c, s)| s.dead_end.as_ref().map(|dead| (c.clone(), dead.clone(), s.incarnation)))
            .filter(|(c, dead, _)| !self.network.blocked(dead, c.peer(dead)))
            .collect();
        for (connection, dead, incarnation) in half_open {
            let peer = connection.peer(&dead).clone();
            let at = self.now + SimDuration::from_ms(200);
            self.schedule_loss(at, peer, connection, Some(incarnation));
        }
        let untold: Vec<(Connection, NodeId)> = self
            .network
            .untold
            .iter()
            .filter(|(c, node)| !self.network.blocked(c.peer(node), node))
            .map(|(c, node)| (c.clone(), node.clone()))
            .collect();
        for (connection, node) in untold {
            self.net().untold.remove(&connection);
            // A new life of the connection may stand already; then the old one was reported when it opened.
            if self.network.incarnation(&connection).is_some() {
                continue;
            }
            // If it lives anew before the end is heard, it is told at once: the end is not the new one's.
            let at = self.now + SimDuration::from_ms(200);
            self.net().incarnations += 1;
            let end = self.network.incarnations;
            self.net().closing.insert(connection.clone(), (end, node.clone()));
            self.schedule(at, Event::Closed(end, node, Box::new(connection)));
        }
    }
}
