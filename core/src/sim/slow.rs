//! A slow process: it handles one message after the other, and each takes its time.
//!
//! Simplified: every message costs the same, and one after the other is handled, where Kafka has several
//! threads. A process that is well handles at once; its share is in the time that a message travels.

use std::rc::Rc;

use super::process::ProcessInput;
use super::world::{Event, ProcState, World};
use crate::ids::NodeId;
use crate::time::{SimDuration, SimTime};

/// What a message costs a process that is well.
const HANDLING: SimDuration = SimDuration::from_us(200);

impl World {
    /// Puts what arrives at a slow process behind what it has not handled yet; gives it back where there is
    /// no need to wait. What a process wants of itself (timers, its own end) does not queue.
    pub(super) fn queued(
        &mut self,
        place: usize,
        node: &NodeId,
        input: ProcessInput,
        cause: u64,
    ) -> Option<ProcessInput> {
        let slowness = self.network.slowness(node);
        let now = self.now;
        let Some(slot) = self.nodes.value_at_mut(place) else { return Some(input) };
        let waits = slowness > 1 || slot.busy_until > now;
        let work = match &input {
            ProcessInput::Deliver(_) => HANDLING.times(slowness),
            ProcessInput::ConnectionLost(_) => SimDuration::ZERO,
            _ => return Some(input),
        };
        // What arrives at a process that is stopped meanwhile stays behind what arrived before.
        let keeps_order = slot.state == ProcState::Paused && slot.busy_until > now;
        if !waits || (slot.state != ProcState::Running && !keeps_order) {
            return Some(input);
        }
        let slot = Rc::make_mut(slot);
        slot.busy_until = slot.busy_until.max(now) + work;
        let (at, incarnation) = (slot.busy_until, slot.incarnation);
        self.schedule_for(at, cause, Event::Handled(node.clone(), incarnation, Box::new(input)));
        None
    }

    /// Processes that are slow no longer come to what waits at once.
    pub(super) fn quicken(&mut self) {
        let now = self.now;
        let well: Vec<NodeId> = self
            .nodes
            .iter()
            .filter(|(node, slot)| slot.busy_until > now && self.network.slowness(node) == 1)
            .map(|(node, _)| node.clone())
            .collect();
        for node in well {
            let waiting: Vec<(SimTime, u64)> = self
                .queue
                .iter()
                .filter(|(_, due)| matches!(&due.event, Event::Handled(of, ..) if *of == node))
                .map(|(key, _)| key)
                .collect();
            for key in waiting {
                if let Some(due) = self.queue.remove(&key) {
                    self.schedule_for(now, due.cause, due.event);
                }
            }
            if let Some(slot) = self.nodes.get_mut(&node) {
                Rc::make_mut(slot).busy_until = now;
            }
        }
    }
}
