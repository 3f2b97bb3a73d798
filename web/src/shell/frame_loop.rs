//! One frame after the other, while somebody holds it. Dropping it cancels the next frame.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::render::{AnimationFrame, request_animation_frame};

use super::fatal;

/// A running loop.
pub struct FrameLoop {
    next: Rc<RefCell<Option<AnimationFrame>>>,
}

impl std::fmt::Debug for FrameLoop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FrameLoop")
    }
}

impl FrameLoop {
    /// Calls `frame` with the frame's time in ms before every paint.
    pub fn start(frame: Rc<dyn Fn(f64)>) -> Self {
        let next = Rc::new(RefCell::new(None));
        schedule(&next, frame);
        Self { next }
    }
}

impl Drop for FrameLoop {
    fn drop(&mut self) {
        self.next.borrow_mut().take();
    }
}

fn schedule(next: &Rc<RefCell<Option<AnimationFrame>>>, frame: Rc<dyn Fn(f64)>) {
    let weak = Rc::downgrade(next);
    let handle = request_animation_frame(move |at| {
        if fatal::stopped() {
            return;
        }
        frame(at);
        if let Some(next) = weak.upgrade() {
            schedule(&next, frame);
        }
    });
    *next.borrow_mut() = Some(handle);
}
