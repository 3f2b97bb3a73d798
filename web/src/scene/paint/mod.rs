//! Painters: they draw what the layout placed.

use playground_core::time::SimTime;
use playground_core::view::ClusterView;
use web_sys::CanvasRenderingContext2d;

use super::layout::Layout;
use super::options::SceneOptions;

/// Draws everything that changes only with the state: brokers, tapes, clients, ZooKeeper, ledger.
/// The caller has scaled `ctx` by the device's pixel ratio.
pub fn paint_state(_ctx: &CanvasRenderingContext2d, _layout: &Layout, _view: &ClusterView, _opts: &SceneOptions) {}

/// Draws what moves with simulated time: messages on their way. Clears the layer first.
pub fn paint_motion(
    _ctx: &CanvasRenderingContext2d,
    _layout: &Layout,
    _view: &ClusterView,
    _opts: &SceneOptions,
    _now: SimTime,
) {
}
