//! Requests of one connection are handled one after the other: the next is read when the answer to
//! the one before is out (a muted channel in `SocketServer`). So answers keep their order, and a
//! produce that waits for replicas holds up what the same client sent behind it.

use std::collections::VecDeque;

use crate::collections::KeyMap;
use crate::machine::{Body, Connection, Effect};
use crate::protocol::Request;

#[derive(Clone, Debug, Default)]
struct Channel {
    busy: Option<u64>,
    waiting: VecDeque<(u64, Request)>,
}

/// The connections that others opened to this broker.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    channels: KeyMap<Connection, Channel>,
    /// Requests that wait on all of them: mostly none, and then no channel has to be looked at.
    waiting: usize,
    responses_seen: usize,
}

impl Connections {
    /// A request came: it is to be handled now, or `None` if it has to wait.
    pub fn arrived(&mut self, connection: &Connection, correlation_id: u64, request: Request) -> Option<Request> {
        match self.channels.get_mut(connection) {
            Some(channel) if channel.busy.is_some() => {
                channel.waiting.push_back((correlation_id, request));
                self.waiting += 1;
                return None;
            }
            Some(channel) => channel.busy = Some(correlation_id),
            None => {
                let channel = Channel { busy: Some(correlation_id), waiting: VecDeque::new() };
                self.channels.insert(connection.clone(), channel);
            }
        }
        Some(request)
    }

    /// The request needs no answer (produce with acks=0).
    pub fn done(&mut self, connection: &Connection) {
        if let Some(channel) = self.channels.get_mut(connection) {
            channel.busy = None;
        }
    }

    /// Begins a step: no answer has been seen yet.
    pub fn begin(&mut self) {
        self.responses_seen = 0;
    }

    /// Unmutes the connections that were answered since the last call.
    pub fn note_answers(&mut self, pushed: &[Effect]) {
        for effect in &pushed[self.responses_seen.min(pushed.len())..] {
            if let Effect::Send { connection, correlation_id, body: Body::Response(_) } = effect
                && let Some(channel) = self.channels.get_mut(connection)
                && channel.busy == Some(*correlation_id)
            {
                channel.busy = None;
            }
        }
        self.responses_seen = pushed.len();
    }

    /// The next request that may be handled, on any connection.
    pub fn next(&mut self) -> Option<(Connection, u64, Request)> {
        if self.waiting == 0 {
            return None;
        }
        let (connection, channel) =
            self.channels.iter_mut().find(|(_, channel)| channel.busy.is_none() && !channel.waiting.is_empty())?;
        let (correlation_id, request) = channel.waiting.pop_front()?;
        channel.busy = Some(correlation_id);
        self.waiting -= 1;
        Some((connection.clone(), correlation_id, request))
    }

    /// A connection is gone with everything that waited on it.
    pub fn lost(&mut self, connection: &Connection) {
        if let Some(channel) = self.channels.remove(connection) {
            self.waiting -= channel.waiting.len();
        }
    }
}
