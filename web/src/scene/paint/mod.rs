//! Painters: they draw what the layout placed, with a brush for a canvas or for a file.

mod brokers;
pub mod brush;
pub mod canvas;
mod clients;
mod columns;
mod ledger;
pub mod marks;
mod messages;
mod overlay;
mod ruler;
mod stable;
pub mod svg;
mod tape_words;
mod tapes;
pub mod text;
mod tiles;
mod zookeeper;

use playground_core::time::SimTime;
use playground_core::view::ClusterView;
use web_sys::CanvasRenderingContext2d;

use super::layout::Layout;
use super::motion;
use super::options::SceneOptions;
use super::palette::{Identity, Palette};
use brush::{Brush, Style};
use canvas::Canvas;
use svg::Svg;

/// A brush and all it needs to know.
struct Painter<'a> {
    brush: &'a mut dyn Brush,
    layout: &'a Layout,
    view: &'a ClusterView,
    opts: &'a SceneOptions,
    palette: &'static Palette,
}

impl Painter<'_> {
    /// The colours of a partition or consumer, neutral for `None`.
    fn identity(&self, hue: Option<usize>) -> Identity {
        hue.map_or_else(|| self.palette.neutral(), |index| self.palette.identity(index))
    }
}

/// Draws everything that changes only with the state.
pub fn draw_state(brush: &mut dyn Brush, layout: &Layout, view: &ClusterView, opts: &SceneOptions) {
    let palette = Palette::of(opts.theme);
    brush.rect(layout.bounds, &Style::fill(palette.desk));
    let mut painter = Painter { brush, layout, view, opts, palette };
    if let Some(tiles) = &layout.tiles {
        painter.tiles(tiles);
        return;
    }
    painter.producers();
    painter.rows();
    painter.ways_to_slots();
    painter.columns();
    painter.zookeeper();
    painter.consumers();
    painter.ledger();
    painter.faults();
    painter.empty_states();
    painter.selections();
    painter.fault_names();
    painter.slots();
    painter.pins();
}

/// Draws what moves with simulated time: `sprites`, of the same layout and view.
pub fn draw_motion(
    brush: &mut dyn Brush,
    layout: &Layout,
    view: &ClusterView,
    opts: &SceneOptions,
    sprites: &[motion::Sprite],
) {
    Painter { brush, layout, view, opts, palette: Palette::of(opts.theme) }.messages(sprites);
}

/// Draws everything that changes only with the state: brokers, tapes, clients, ZooKeeper, ledger.
/// The caller has scaled `ctx` by the device's pixel ratio.
pub fn paint_state(ctx: &CanvasRenderingContext2d, layout: &Layout, view: &ClusterView, opts: &SceneOptions) {
    draw_state(&mut Canvas::new(ctx), layout, view, opts);
}

/// Draws `sprites` over what is there: messages on their way.
pub fn paint_motion(
    ctx: &CanvasRenderingContext2d,
    layout: &Layout,
    view: &ClusterView,
    opts: &SceneOptions,
    sprites: &[motion::Sprite],
) {
    draw_motion(&mut Canvas::new(ctx), layout, view, opts, sprites);
}

/// The picture at `now` as an SVG file.
pub fn svg(layout: &Layout, view: &ClusterView, opts: &SceneOptions, now: SimTime) -> String {
    let mut file = Svg::new(layout.bounds.w, layout.bounds.h);
    draw_state(&mut file, layout, view, opts);
    draw_motion(&mut file, layout, view, opts, &motion::sprites(layout, view, opts, now));
    file.finish()
}
