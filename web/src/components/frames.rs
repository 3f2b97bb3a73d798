//! What happens in a frame: the cluster goes on, the picture follows, now and then the panels; or, while time stands,
//! a film goes on to what the open diagram or chart lacks.

use std::rc::Rc;

use playground_core::time::SimDuration;
use yew::prelude::*;

use super::app::{App, Msg};
use crate::model::{Action, speed, update as update_model};
use crate::shell::frame_loop::FrameLoop;
use crate::shell::{document, fatal};

/// The panels follow a running cluster this often, in ms; the picture follows every frame.
const PANELS_EVERY_MS: f64 = 100.0;
/// The same where a thousand rows and buttons follow the cluster, in ms.
const CROWDED_EVERY_MS: f64 = 250.0;
/// The panels wait for a frame in which the picture stays as it is, but not longer than this, in ms.
const PANELS_WAIT_MS: f64 = 50.0;
/// A screen reader is told of a running cluster this often at most, in ms.
const ANNOUNCE_EVERY_MS: f64 = 2000.0;
/// So much of a frame may go into the simulation, in ms.
const FRAME_BUDGET_MS: f64 = 8.0;

impl App {
    /// Frames run while time passes, and only then.
    pub(super) fn follow(&mut self, ctx: &Context<Self>) {
        match (self.model.playing, self.frames.is_some()) {
            (true, false) => {
                self.pacing.stop();
                self.announced = (0.0, self.model.snapshot.told);
                self.engine.mark();
                let link = ctx.link().clone();
                self.frames = Some(FrameLoop::start(Rc::new(move |at| link.send_message(Msg::Frame(at)))));
            }
            (false, true) => {
                self.frames = None;
                // The panels may be up to a tenth of a second behind.
                self.model.snapshot = Rc::new(self.engine.snapshot());
                fatal::remember(&self.model.snapshot);
            }
            _ => {}
        }
    }

    /// One frame of a running cluster: simulate, paint, now and then draw the panels.
    pub(super) fn frame(&mut self, ctx: &Context<Self>, at: f64) -> bool {
        if !self.model.playing {
            return self.develop(ctx, at);
        }
        let quiet = self.engine.is_quiet();
        let factor = if quiet { speed::quiet_factor(self.model.speed) } else { speed::factor(self.model.speed) };
        let due = self.engine.now() + SimDuration::from_us(self.pacing.frame(at, factor));
        let until = self.model.play_until.map_or(due, |end| end.min(due));
        let from = self.engine.now();
        let began = document::clock_ms();
        let mut stop = false;
        loop {
            let ran = if quiet {
                let (ran, ended) = self.engine.advance_quietly(until, 64);
                if ended {
                    // From here on it is slow again, beginning with the next frame.
                    self.pacing.drop_rest();
                    stop |= ran.settled || ran.blocked;
                    break;
                }
                ran
            } else {
                self.engine.advance(until, 64)
            };
            stop |= ran.settled || ran.blocked;
            // Time that did not fit into the frame is let go: the cluster is slower, never wrong.
            if ran.arrived || stop || document::clock_ms() - began > FRAME_BUDGET_MS {
                break;
            }
        }
        if !quiet && !stop {
            self.pacing.count(until.0.saturating_sub(from.0), self.engine.now().0.saturating_sub(from.0));
        }
        stop |= self.model.play_until.is_some_and(|end| self.engine.now() >= end);
        let every = if self.painter.is_crowded() { CROWDED_EVERY_MS } else { PANELS_EVERY_MS };
        let panels = stop || at - self.shown_at >= every;
        // Without motion the picture is a still between two events. Where nothing moves it follows with the panels.
        let told = self.engine.event_count();
        let due = match self.painter.is_still() {
            true => panels,
            false => !self.model.reduced_motion || told != self.painted_told,
        };
        if due || stop {
            self.painted_told = told;
            self.paint(ctx);
        }
        // One frame has room for the whole picture or for the panels, hardly for both.
        let waits = due && !stop && self.painter.was_busy() && at - self.shown_at < every + PANELS_WAIT_MS;
        if !panels || waits && !self.painter.is_still() {
            if self.engine.is_filming() {
                self.engine.film_on(&self.model.inquiry());
            }
            return false;
        }
        self.shown_at = at;
        let snapshot = Rc::new(self.engine.snapshot());
        fatal::remember(&snapshot);
        let effects = update_model(&mut self.model, Action::Ran(snapshot, !stop));
        self.carry_out(ctx, effects);
        self.narrate(at);
        self.follow(ctx);
        self.ask(ctx);
        true
    }

    /// Asks what the open panels want to know. Where the answer takes longer than a frame has, frames run for it.
    pub(super) fn ask(&mut self, ctx: &Context<Self>) {
        self.answers = self.engine.answers(&self.model.inquiry());
        match (self.engine.is_filming() && !self.model.playing, self.films.is_some()) {
            (true, false) => {
                let link = ctx.link().clone();
                self.films = Some(FrameLoop::start(Rc::new(move |at| link.send_message(Msg::Frame(at)))));
            }
            (false, true) => self.films = None,
            _ => {}
        }
    }

    /// A frame while time stands: the open diagram or chart goes on to what it lacks.
    fn develop(&mut self, ctx: &Context<Self>, at: f64) -> bool {
        if !self.engine.is_filming() {
            self.films = None;
            return false;
        }
        self.engine.film_on(&self.model.inquiry());
        if self.engine.is_filming() && at - self.shown_at < PANELS_EVERY_MS {
            return false;
        }
        self.shown_at = at;
        self.ask(ctx);
        true
    }

    /// While time passes, one sentence every two seconds at most tells what stood out.
    fn narrate(&mut self, at: f64) {
        let shot = self.model.snapshot.clone();
        let (said_at, told) = self.announced;
        if at - said_at < ANNOUNCE_EVERY_MS || shot.told <= told {
            return;
        }
        let mut news = shot.events.iter().take(shot.happened).rev().take((shot.told - told) as usize);
        if let Some(event) = news.find(|event| event.kind.is_major()) {
            let more = shot.told - told - 1;
            let text = if more == 0 { event.text.clone() } else { format!("{}, and {more} more events", event.text) };
            let _ = update_model(&mut self.model, Action::Announce(format!("{}: {text}", event.at)));
        }
        self.announced = (at, shot.told);
    }
}
