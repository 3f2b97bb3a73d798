//! Takes note of every message of a world: when it was sent, whether it arrived. Observation only: it
//! changes nothing, is in no fingerprint, and a world has none unless somebody looks.

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::network::Envelope;
use crate::machine::MessageId;
use crate::time::SimTime;

/// Notes since they were last taken.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    /// Sent, in order.
    pub sent: Vec<Rc<Envelope>>,
    /// Came to their end: true if they were received, false if they were lost.
    pub ended: Vec<(MessageId, SimTime, bool)>,
    /// Last words of closed connections, by the number of the end: they arrive although their
    /// connection is gone.
    tails: BTreeMap<u64, Vec<MessageId>>,
}

impl Recorder {
    /// A message is the last word of a connection that was closed behind it.
    pub(super) fn tail(&mut self, end: u64, id: MessageId) {
        self.tails.entry(end).or_default().push(id);
    }

    /// The next last word of a connection comes: heard, or cut off by the connection's next life.
    pub(super) fn tail_ended(&mut self, end: u64, at: SimTime, heard: bool) {
        let Some(words) = self.tails.get_mut(&end) else { return };
        if !words.is_empty() {
            let id = words.remove(0);
            self.ended.push((id, at, heard));
        }
        if words.is_empty() {
            self.tails.remove(&end);
        }
    }

    /// Messages that are on their way although the network has forgotten their connection.
    pub fn last_words(&self) -> impl Iterator<Item = MessageId> {
        self.tails.values().flatten().copied()
    }
}
