//! Where messages are: a pure function of the view and simulated time. Nothing is tweened, so a
//! pause, a step back and a still are exact.

use crate::decimal::Within;
use playground_core::ids::{Name, NodeId};
use playground_core::machine::Channel;
use playground_core::time::SimTime;
use playground_core::view::{ClusterView, MessageKind, MessageView};

use super::columns::Column;
use super::frame::Frame;
use super::geometry::{Point, at};
use super::layout::Layout;
use super::options::{HueBy, SceneOptions, Selection};
use super::zookeeper_lane::{DISC, RING};

/// How fast a message that a fault holds comes up to the cut, in µs for the whole way.
const HELD_WAY_US: f64 = 10_000.0;
/// More sprites than this and those of a kind that lie on one another are drawn as one.
const PILED: usize = 60;
/// What is nearer than this on one way lies on one another, in px.
const PILE_REACH: f64 = 6.0;
/// More sprites than this and all of a kind on one way are drawn as one.
const MOST_SPRITES: usize = 300;

/// A message as it is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Sprite {
    /// Its number.
    pub id: u64,
    /// Its shape.
    pub kind: MessageKind,
    /// An answer.
    pub is_reply: bool,
    /// Kafka's name of it.
    pub name: Name,
    /// What is written beside it.
    pub label: String,
    /// Its way, as a cubic curve.
    pub way: [Point; 4],
    /// How much of it is behind it, 0 to 1.
    pub part: f64,
    /// The same in per cent, also where nothing travels.
    pub per_cent: u32,
    /// Hue of its partition or consumer; ink if `None`.
    pub hue: Option<usize>,
    /// Keys or offsets of its records, at most 8.
    pub records: Vec<Name>,
    /// How many in all, also those of the messages it stands for.
    pub record_count: u64,
    /// Kafka's error name.
    pub error: Option<Name>,
    /// A fault holds it: it stops at the cut.
    pub held: bool,
    /// How many messages it stands for.
    pub stands_for: usize,
}

impl Sprite {
    /// Where it is `part` of its way.
    pub fn at_part(&self, part: f64) -> Point {
        let (t, u) = (part, 1.0 - part);
        let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
        let sum = |pick: fn(&Point) -> f64| self.way.iter().zip(weights).map(|(p, weight)| pick(p) * weight).sum();
        at(sum(|p| p.x), sum(|p| p.y))
    }

    /// Where it is.
    pub fn place(&self) -> Point {
        self.at_part(self.part)
    }

    /// Where it is heading.
    pub fn heading(&self) -> Point {
        let (from, to) = (self.at_part((self.part - 0.02).max(0.0)), self.at_part((self.part + 0.02).min(1.0)));
        from.direction(to)
    }

    /// It looks as `drawn` did, and has moved by less than `reach` px since.
    pub fn is_where(&self, drawn: &Self, reach: f64) -> bool {
        let Self { id, kind, is_reply, name, label, way, hue, records, record_count, error, held, stands_for, .. } =
            drawn;
        (self.id, self.kind, self.is_reply, self.hue, self.record_count, self.held, self.stands_for)
            == (*id, *kind, *is_reply, *hue, *record_count, *held, *stands_for)
            && (&self.name, &self.label, &self.way, &self.records, &self.error) == (name, label, way, records, error)
            && (self.part == drawn.part || self.place().distance(drawn.place()) < reach)
    }

    /// About how long its way is, in px.
    pub fn length(&self) -> f64 {
        let [a, b, c, d] = self.way;
        (a.distance(b) + b.distance(c) + c.distance(d) + a.distance(d)) / 2.0
    }

    /// Small talk: a dotted way and no trail.
    pub fn is_soft(&self) -> bool {
        matches!(self.kind, MessageKind::Fetch | MessageKind::Heartbeat | MessageKind::Metadata)
            || (self.kind == MessageKind::FetchReply && self.record_count == 0)
    }
}

/// The part of `message`'s way that is behind it at `now`.
pub fn part_of(message: &MessageView, now: SimTime) -> f64 {
    let gone = now.since(message.sent_at).0 as f64;
    if message.arrives_at == SimTime::NEVER {
        return (gone / HELD_WAY_US).min(0.5);
    }
    let whole = message.arrives_at.since(message.sent_at).0 as f64;
    if whole <= 0.0 { 1.0 } else { (gone / whole).within(0.0, 1.0) }
}

/// How a way leaves or reaches its end.
#[derive(Clone, Copy, PartialEq)]
enum Pull {
    /// Up or down, as into a tape.
    Upright,
    /// Sideways, as into a plate.
    Sideways,
    /// Straight at the other end.
    Straight,
}

type End = (Point, Pull);

struct Map<'a> {
    layout: &'a Layout,
    message: &'a MessageView,
    column: Option<&'a Column>,
}

impl Map<'_> {
    /// Where control traffic of a broker docks: left of the columns.
    fn port(&self, broker: i32) -> Option<End> {
        let row = self.layout.rows.iter().find(|row| row.broker == broker)?;
        let away = match (self.layout.compact, self.message.kind) {
            (true, _) => 4.0,
            (false, MessageKind::Metadata) => 22.0,
            (false, MessageKind::ToController) => 16.0,
            (false, _) => 9.0,
        };
        let x = self.layout.frame.columns.x - away;
        // Requests and answers dock a little apart, so that they do not lie on each other.
        // They dock beside the id, on a phone beside the signs: what a plate says stays legible.
        let most = if self.layout.compact { 34.0 } else { 20.0 };
        let y = row.area.y + (row.area.h * 0.6).min(most) + if self.message.is_reply { 8.0 } else { 0.0 };
        Some((at(x, y), Pull::Sideways))
    }

    fn session(&self, broker: i32) -> Option<Point> {
        self.layout
            .lane
            .as_ref()?
            .sessions
            .iter()
            .find(|session| session.broker == broker)
            .map(|session| session.centre)
    }

    fn disc(&self, id: u8) -> Option<Point> {
        self.layout.lane.as_ref()?.servers.iter().find(|server| server.id == id).map(|server| server.centre)
    }

    /// The end at a broker that deals in records: its tape, entered upright.
    fn tape(&self, broker: i32, other: Point) -> Option<End> {
        let column = self.column?;
        let tape = column.tape_of(broker)?;
        let window = &column.window;
        let offset = match (self.message.kind, self.message.offset) {
            (MessageKind::FetchReply | MessageKind::ProduceReply, Some(offset)) => offset,
            _ => tape.offsets.1,
        };
        let half = if column.narrow { 0.0 } else { window.px / 2.0 };
        let beside = if self.message.kind == MessageKind::Fetch { 9.0 + 4.0 * tape.row as f64 } else { 0.0 };
        let x = (window.x(offset) + half + beside).min(column.area.right() - 2.0);
        let y = if other.y < tape.body.centre().y { tape.body.y - 1.0 } else { tape.body.bottom() + 1.0 };
        Some((at(x, y), Pull::Upright))
    }

    fn client(&self, name: &Name) -> Option<End> {
        let truck = self.layout.producers.iter().find(|seat| seat.client == *name);
        if let Some(seat) = truck {
            return Some((seat.wheels.moved(-4.0, 2.0), Pull::Upright));
        }
        let seat = self.layout.consumers.iter().find(|seat| seat.client == *name)?;
        let aside = if self.message.channel == Channel::Coordinator { -14.0 } else { 8.0 };
        Some((seat.centre.moved(aside * seat.scale, -19.0 * seat.scale), Pull::Upright))
    }

    fn rough(&self, node: &NodeId) -> Option<Point> {
        match node {
            NodeId::Broker(id) => self.port(*id).map(|(point, _)| point),
            NodeId::ZooKeeper(id) => self.disc(*id),
            NodeId::Client(name) => self.client(name).map(|(point, _)| point),
        }
    }

    fn deals_in_records(&self) -> bool {
        use MessageKind::{Fetch, FetchReply, Produce, ProduceReply};
        matches!(self.message.kind, Produce | ProduceReply | Fetch | FetchReply)
    }

    fn end(&self, node: &NodeId, other: &NodeId) -> Option<End> {
        match (node, other) {
            (NodeId::ZooKeeper(id), NodeId::ZooKeeper(_)) => Some((self.disc(*id)?.moved(6.0, 0.0), Pull::Straight)),
            (NodeId::ZooKeeper(id), NodeId::Broker(broker)) => {
                let (disc, ring) = (self.disc(*id)?, self.session(*broker)?);
                Some((disc.towards(ring, (DISC + 4.0) / disc.distance(ring).max(1.0)), Pull::Straight))
            }
            (NodeId::Broker(broker), NodeId::ZooKeeper(id)) => {
                let (disc, ring) = (self.disc(*id)?, self.session(*broker)?);
                Some((ring.towards(disc, (RING + 4.0) / ring.distance(disc).max(1.0)), Pull::Straight))
            }
            (NodeId::ZooKeeper(id), NodeId::Client(_)) => Some((self.disc(*id)?, Pull::Straight)),
            (NodeId::Client(name), _) => self.client(name),
            (NodeId::Broker(id), _) if self.deals_in_records() => {
                let towards = self.rough(other)?;
                self.tape(*id, towards).or_else(|| self.port(*id))
            }
            (NodeId::Broker(id), _) => self.port(*id),
        }
    }
}

fn curve(frame: &Frame, (from, leaves): End, (to, enters): End) -> [Point; 4] {
    // Between a client and a broker's plate: along the edge of the rows, not across the tapes.
    if let (Pull::Upright, Pull::Sideways) | (Pull::Sideways, Pull::Upright) = (leaves, enters) {
        let client = if leaves == Pull::Upright { from } else { to };
        let above = client.y < frame.rows.y;
        let edge = if above { frame.head.y + 2.0 } else { frame.readers.y + 2.0 };
        let hug = |point: Point| at(if point == client { point.x } else { point.x - 26.0 }, edge);
        return [from, hug(from), hug(to), to];
    }
    let pull = |end: Point, other: Point, pull: Pull| match pull {
        Pull::Upright => at(end.x, end.y + (other.y - end.y) * 0.55),
        Pull::Sideways if (end.x - other.x).abs() < 30.0 => at(end.x - 10.0, end.y + (other.y - end.y) * 0.3),
        Pull::Sideways => at(end.x + (other.x - end.x) * 0.35, end.y),
        Pull::Straight => end.towards(other, 0.33),
    };
    [from, pull(from, to, leaves), pull(to, from, enters), to]
}

fn hue(view: &ClusterView, opts: &SceneOptions, message: &MessageView, column: Option<&Column>) -> Option<usize> {
    let client = |node: &NodeId| match node {
        NodeId::Client(name) => view.consumers.iter().position(|consumer| consumer.client == *name),
        _ => None,
    };
    match opts.hue_by {
        HueBy::Consumer => client(&message.from).or_else(|| client(&message.to)),
        HueBy::Partition => column.and_then(|column| column.hue),
    }
}

fn label(message: &MessageView) -> String {
    if let Some(error) = &message.error {
        return error.to_string();
    }
    match (message.kind, message.is_reply, message.offset) {
        (MessageKind::Heartbeat, ..) => String::new(),
        (MessageKind::Fetch, _, Some(offset)) => format!("Fetch {offset}"),
        (MessageKind::Metadata, false, _) if &*message.label == "Metadata" => "Metadata?".to_owned(),
        (MessageKind::FetchReply, ..) if message.record_count == 0 => String::new(),
        (MessageKind::ProduceReply, ..) => "ack".to_owned(),
        (MessageKind::Watch | MessageKind::Produce, ..) | (_, false, _) => message.label.to_string(),
        _ => String::new(),
    }
}

fn sprite(
    layout: &Layout,
    view: &ClusterView,
    opts: &SceneOptions,
    message: &MessageView,
    now: SimTime,
) -> Option<Sprite> {
    let column = message.tp.as_ref().and_then(|tp| layout.columns.iter().find(|column| column.tp == *tp));
    let map = Map { layout, message, column };
    let (from, to) = (map.end(&message.from, &message.to)?, map.end(&message.to, &message.from)?);
    Some(Sprite {
        id: message.id,
        kind: message.kind,
        is_reply: message.is_reply,
        name: message.label.clone(),
        label: label(message),
        way: curve(&layout.frame, from, to),
        part: if opts.reduced_motion { 0.5 } else { part_of(message, now) },
        per_cent: (part_of(message, now) * 100.0).round() as u32,
        hue: hue(view, opts, message, column),
        records: message.records.clone(),
        record_count: message.record_count,
        error: message.error.clone(),
        held: message.arrives_at == SimTime::NEVER,
        stands_for: 1,
    })
}

/// Every message that can be seen at `now`, or a pile of them where they are many; what is chosen comes last.
pub fn sprites(layout: &Layout, view: &ClusterView, opts: &SceneOptions, now: SimTime) -> Vec<Sprite> {
    if !opts.show.messages || layout.tiles.is_some() {
        return Vec::new();
    }
    let on_its_way = |message: &&MessageView| message.sent_at <= now && now < message.arrives_at;
    let mut sprites: Vec<Sprite> = Vec::new();
    // What a fault holds piles up at the cut: one of a kind is drawn for all.
    let mut piles: Vec<(&NodeId, &NodeId, usize)> = Vec::new();
    for message in view.in_flight.iter().filter(on_its_way) {
        if message.arrives_at == SimTime::NEVER {
            let pile = piles.iter().find(|(from, to, _)| **from == message.from && **to == message.to);
            if let Some(sprite) = pile.and_then(|(_, _, index)| sprites.get_mut(*index)) {
                sprite.stands_for += 1;
                continue;
            }
            piles.push((&message.from, &message.to, sprites.len()));
        }
        match sprite(layout, view, opts, message, now) {
            Some(sprite) => sprites.push(sprite),
            None if message.arrives_at == SimTime::NEVER => {
                piles.pop();
            }
            None => {}
        }
    }
    let chosen = |sprite: &Sprite| opts.stands_out(&Selection::Message(sprite.id));
    if sprites.len() > PILED {
        sprites = piled(sprites, PILE_REACH, chosen);
    }
    if sprites.len() > MOST_SPRITES { piled(sprites, f64::INFINITY, chosen) } else { sprites }
}

/// Two sprites look the same: what they are, how they are drawn, and the ends of their ways to within 12 px.
fn is_alike(one: &Sprite, other: &Sprite) -> bool {
    let near = |end: usize| one.way[end].distance(other.way[end]) < 12.0;
    one.kind == other.kind
        && (one.is_reply, one.held, one.is_soft(), one.hue) == (other.is_reply, other.held, other.is_soft(), other.hue)
        && near(0)
        && near(3)
        && one.name == other.name
        && one.error == other.error
}

/// One sprite for all that look the same and are within `reach` px of the first of them on its way. One that is
/// `chosen` is drawn by itself, above the others.
fn piled(sprites: Vec<Sprite>, reach: f64, chosen: impl Fn(&Sprite) -> bool) -> Vec<Sprite> {
    let (mut kept, mut alone): (Vec<Sprite>, Vec<Sprite>) = (Vec::new(), Vec::new());
    for sprite in sprites {
        if chosen(&sprite) {
            alone.push(sprite);
            continue;
        }
        let place = sprite.place();
        match kept.iter_mut().find(|first| first.place().distance(place) < reach && is_alike(first, &sprite)) {
            Some(first) => {
                first.stands_for += sprite.stands_for;
                first.record_count += sprite.record_count;
            }
            None => kept.push(sprite),
        }
    }
    kept.append(&mut alone);
    kept
}

/// The message under `point`, if any, within `reach` px.
pub fn message_at(sprites: &[Sprite], point: Point, reach: f64) -> Option<Selection> {
    let near = sprites.iter().map(|sprite| (sprite, sprite.place().distance(point)));
    let nearest = near.filter(|(_, distance)| *distance <= reach).min_by(|(_, a), (_, b)| a.total_cmp(b));
    nearest.map(|(sprite, _)| Selection::Message(sprite.id))
}
