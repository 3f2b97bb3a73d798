//! Messages that stand still can be pressed: where their buttons go.

use playground_core::collections::Order;
use playground_core::view::ClusterView;

use super::geometry::Rect;
use super::hit::{Hit, SMALLEST_TARGET};
use super::layout::Layout;
use super::motion;
use super::options::{SceneOptions, Selection};

/// So many can be pressed at most; the message diagram has all.
const MOST: usize = 40;

/// A button for each message that is drawn, small talk last. One that would lie over the middle of
/// another thing's button leaves that to the thing.
pub fn message_hits(layout: &Layout, view: &ClusterView, opts: &SceneOptions) -> Vec<Hit> {
    let mut sprites = motion::sprites(layout, view, opts, view.now);
    sprites.order_by_key(motion::Sprite::is_soft);
    let hit = |sprite: &motion::Sprite| {
        let message = view.in_flight.iter().find(|message| message.id == sprite.id)?;
        let area = Rect::around(sprite.place(), SMALLEST_TARGET, SMALLEST_TARGET);
        let in_the_way = layout.hits().iter().any(|other| area.grown(2.0).contains(other.area.centre()));
        let in_the_way = in_the_way || layout.slots().iter().any(|slot| slot.area.overlaps(&area));
        let words = if message.is_reply { "response" } else { "request" };
        let pile = if sprite.stands_for > 1 { format!(", one of {}", sprite.stands_for) } else { String::new() };
        let label = format!("{} {words} from {} to {}{pile}", message.label, message.from, message.to);
        (!in_the_way).then_some(Hit { area, target: Selection::Message(sprite.id), label })
    };
    sprites.iter().filter_map(hit).take(MOST).collect()
}
