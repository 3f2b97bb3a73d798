//! Paints the two canvases of the picture; called from the frame loop, never by Yew.

use crate::decimal::{Within, px};
use playground_core::view::ClusterView;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement};
use yew::NodeRef;

use crate::model::Shared;
use crate::scene::motion::Sprite;
use crate::scene::paint::brush::Family;
use crate::scene::paint::text;
use crate::scene::{Layout, SceneOptions, layout, paint_motion, paint_state, sprites};

/// More buttons than this are a crowd.
const CROWD: usize = 300;

/// What moves by less cannot be seen to move, in pixels of the screen.
const SEEN: f64 = 0.2;

/// The canvases and what was painted last.
#[derive(Debug, Default)]
pub struct Painter {
    /// The scrolling box around everything.
    pub frame: NodeRef,
    /// The layer that changes with the state.
    pub state: NodeRef,
    /// The layer that changes with time.
    pub motion: NodeRef,
    painted: Option<Painted>,
    /// Where everything was then; while it is so, it is the same allocation.
    plan: Option<Shared<Layout>>,
    moving: Option<Moving>,
    /// How wide text runs is known of the fonts that are there now.
    measured: bool,
    /// The last call painted the layer that changes with the state.
    busy: bool,
}

/// What a picture was painted of.
#[derive(Debug)]
struct Painted {
    view: Rc<ClusterView>,
    opts: SceneOptions,
    size: (f64, f64),
    ratio: f64,
}

/// What was drawn on the layer that changes with time.
#[derive(Debug)]
struct Moving {
    sprites: Vec<Sprite>,
    size: (f64, f64),
}

impl Moving {
    /// A layer of `size` with `sprites` on it would look the same to the eye.
    fn stays(&self, sprites: &[Sprite], size: (f64, f64), opts: &SceneOptions, ratio: f64) -> bool {
        // Where nothing travels, the way behind a message is written beside it.
        let written = |now: &Sprite, was: &Sprite| !opts.reduced_motion || now.per_cent == was.per_cent;
        let same = |(now, was): (&Sprite, &Sprite)| now.is_where(was, SEEN / ratio) && written(now, was);
        self.size == size && self.sprites.len() == sprites.len() && sprites.iter().zip(&self.sprites).all(same)
    }
}

impl Painter {
    /// The size of the box, in CSS px.
    pub fn size(&self) -> Option<(f64, f64)> {
        let frame = self.frame.cast::<HtmlElement>()?;
        let (width, height) = (f64::from(frame.client_width()), f64::from(frame.client_height()));
        (width > 0.0 && height > 0.0).then_some((width, height))
    }

    /// Paints what has changed since the last time. The layout that was painted comes back.
    pub fn paint(&mut self, view: &Rc<ClusterView>, opts: &SceneOptions) -> Option<Shared<Layout>> {
        let size = self.size()?;
        let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).within(1.0, 3.0);
        if !std::mem::replace(&mut self.measured, true) {
            measure_fonts(&self.motion);
        }
        let alike = self.painted.as_ref().filter(|was| was.opts == *opts && was.size == size && was.ratio == ratio);
        let same = alike.is_some_and(|was| Rc::ptr_eq(&was.view, view));
        let (alike, before) = (alike.is_some(), self.plan.take());
        let plan = match before.clone() {
            Some(plan) if same => plan,
            before => {
                let plan = layout(view, opts, size.0, size.1);
                before.filter(|before| **before == plan).unwrap_or_else(|| Shared::new(plan))
            }
        };
        self.plan = Some(plan.clone());
        // The state's layer shows what the layout holds, but for the card of a selected partition.
        let told = plan.tiles.as_ref().is_none_or(|tiles| tiles.card.is_none());
        let same = same || alike && told && before.as_ref() == Some(&plan);
        let whole = (plan.bounds.w.max(size.0), plan.bounds.h.max(size.1));
        self.busy = !same;
        if !same {
            let context = context(&self.state, whole, ratio)?;
            context.clear_rect(0.0, 0.0, whole.0, whole.1);
            paint_state(&context, &plan, view, opts);
            self.painted = Some(Painted { view: view.clone(), opts: opts.clone(), size, ratio });
        } else if let Some(painted) = &mut self.painted {
            painted.view = view.clone();
        }
        // A layer that stays as it is is left alone: what is drawn on is composed again.
        let sprites = sprites(&plan, view, opts, view.now);
        let stays = alike
            && before.as_ref() == Some(&plan)
            && self.moving.as_ref().is_some_and(|was| was.stays(&sprites, whole, opts, ratio));
        if !stays {
            let context = context(&self.motion, whole, ratio)?;
            context.clear_rect(0.0, 0.0, whole.0, whole.1);
            paint_motion(&context, &plan, view, opts, &sprites);
            self.moving = Some(Moving { sprites, size: whole });
        }
        Some(plan)
    }

    /// The last call had the whole picture to paint, not only what moves on it.
    pub fn was_busy(&self) -> bool {
        self.busy
    }

    /// What was painted last shows nothing that moves from frame to frame.
    pub fn is_still(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.tiles.is_some())
    }

    /// So much can be pressed that all of it cannot follow ten times a second.
    pub fn is_crowded(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.hits().len() > CROWD)
    }

    /// Everything has to be painted again: the size or the fonts are others.
    pub fn forget(&mut self) {
        self.painted = None;
        self.measured = false;
        self.moving = None;
    }
}

/// Tells the scene how wide text runs here. Names are bold, and bold is wider: it is measured so.
fn measure_fonts(canvas: &NodeRef) {
    let Some(context) = drawing_context(canvas) else { return };
    for family in [Family::Condensed, Family::Sans, Family::Mono] {
        context.set_font(&format!("600 100px {}", family.css()));
        if let Ok(metrics) = context.measure_text(text::SAMPLE) {
            text::measured(family, metrics.width());
        }
    }
}

fn drawing_context(canvas: &NodeRef) -> Option<CanvasRenderingContext2d> {
    canvas.cast::<HtmlCanvasElement>()?.get_context("2d").ok()??.dyn_into().ok()
}

/// The drawing context of a canvas that has the right size and density.
pub(super) fn context(canvas: &NodeRef, (width, height): (f64, f64), ratio: f64) -> Option<CanvasRenderingContext2d> {
    let canvas = canvas.cast::<HtmlCanvasElement>()?;
    let (wide, high) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
    if canvas.width() != wide || canvas.height() != high {
        canvas.set_width(wide);
        canvas.set_height(high);
        let style = canvas.style();
        let _ = style.set_property("width", &format!("{}px", px(width)));
        let _ = style.set_property("height", &format!("{}px", px(height)));
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    Some(context)
}
