//! Small talk folded into counted bars on the lane of who began it.

use std::rc::Rc;

use playground_core::view::{MessageKind, Seen};

use super::axis::Axis;
use super::lanes::Lane;

/// Bars nearer than this are one, in px.
const APART: f64 = 18.0;
/// A bar is at least so long.
const SHORTEST: f64 = 9.0;

/// A counted bar.
#[derive(Clone, PartialEq, Debug)]
pub struct Fold {
    /// Its lane.
    pub lane: usize,
    /// From, in px.
    pub left: f64,
    /// To.
    pub right: f64,
    /// Messages, requests and answers.
    pub count: usize,
    /// Of these, by sort.
    pub fetches: usize,
    /// Heartbeats of groups and pings of sessions.
    pub heartbeats: usize,
}

impl Fold {
    /// `24 fetches, 3 heartbeats and pings`
    pub fn words(&self) -> String {
        let part = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            more => Some(format!("{more} {many}")),
        };
        let fetches = part(self.fetches, "message of empty fetches", "messages of empty fetches");
        let beats = part(self.heartbeats, "heartbeat or ping", "heartbeats and pings");
        fetches.into_iter().chain(beats).collect::<Vec<_>>().join(", ")
    }
}

/// Folds `talk` (in order of time) on the lanes that take part.
pub fn fold(talk: &[&Rc<Seen>], lanes: &[Lane], axis: &Axis) -> Vec<Fold> {
    let mut bars: Vec<Fold> = Vec::new();
    for seen in talk {
        let message = &seen.message;
        let starter = if message.is_reply { &message.to } else { &message.from };
        let Some(lane) = lanes.iter().position(|lane| lane.node == *starter) else { continue };
        let (left, right) = (axis.x(message.sent_at), axis.x(seen.until()));
        let beat = usize::from(message.kind == MessageKind::Heartbeat);
        match bars.iter_mut().rev().find(|bar| bar.lane == lane) {
            Some(bar) if left <= bar.right + APART || axis.is_silent(bar.right, left) => {
                bar.right = bar.right.max(right);
                bar.count += 1;
                bar.heartbeats += beat;
                bar.fetches += 1 - beat;
            }
            _ => bars.push(Fold { lane, left, right, count: 1, fetches: 1 - beat, heartbeats: beat }),
        }
    }
    for bar in &mut bars {
        let short = SHORTEST - (bar.right - bar.left);
        if short > 0.0 {
            bar.left -= short / 2.0;
            bar.right += short / 2.0;
        }
    }
    bars
}
