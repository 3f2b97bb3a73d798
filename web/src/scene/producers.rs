//! Producers: trucks on the road above, with what waits behind them.

use crate::decimal::Within;
use playground_core::ids::Name;
use playground_core::view::{ClusterView, ProcessState, ProducerView};

use super::consumers::places;
use super::frame::Frame;
use super::geometry::{Point, Rect, at};
use super::options::{HueBy, SceneOptions};
use super::tape::short_key;

/// A record that waits behind a producer.
#[derive(Clone, PartialEq, Debug)]
pub struct WaitingCell {
    /// Its key.
    pub text: String,
    /// The partition's hue, if it has been chosen.
    pub hue: Option<usize>,
}

/// A producer's place on the road.
#[derive(Clone, PartialEq, Debug)]
pub struct ProducerSeat {
    /// `client.id`.
    pub client: Name,
    /// Middle of the truck, on the road.
    pub wheels: Point,
    /// Scale of the truck, 1 being 62 px long.
    pub scale: f64,
    /// The letter on its side.
    pub letter: String,
    /// Its name, as far as it fits.
    pub name: String,
    /// What it is doing.
    pub words: Vec<String>,
    /// Something is wrong with it: bold.
    pub trouble: bool,
    /// It does not run.
    pub dead: bool,
    /// Records in its buffer, newest first, a few.
    pub waiting: Vec<WaitingCell>,
    /// How many more.
    pub more: usize,
    /// They wait for another try.
    pub retrying: bool,
    /// Room for its words, in px.
    pub room: f64,
}

/// The setting of `name` among `configs`.
fn config<'a>(configs: &'a [(Name, Name)], name: &str) -> Option<&'a str> {
    configs.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
}

fn producer_words(producer: &ProducerView) -> (Vec<String>, bool, bool) {
    let waiting = producer.waiting.len();
    let acks = match config(&producer.configs, "acks") {
        Some("-1") | None => "all",
        Some(acks) => acks,
    };
    let plural = |count: u64| if count == 1 { "record" } else { "records" };
    let (first, trouble, retrying) = match (producer.state, &producer.last_error) {
        (ProcessState::Dead, _) => ("not running".to_owned(), false, false),
        (ProcessState::Paused, _) => ("paused".to_owned(), true, false),
        (_, Some(error)) if producer.in_flight == 0 && waiting > 0 => (format!("retrying after {error}"), true, true),
        (_, Some(error)) if producer.failed > 0 && waiting == 0 => {
            (format!("{} failed: {error}", producer.failed), true, false)
        }
        _ if producer.in_flight > 0 => {
            (format!("{} {} in flight", producer.in_flight, plural(producer.in_flight)), false, false)
        }
        _ if waiting > 0 => (format!("{waiting} waiting"), false, false),
        _ if producer.acked > 0 => (format!("all {} acked", producer.acked), false, false),
        _ => ("nothing sent yet".to_owned(), false, false),
    };
    (vec![first, format!("acks={acks}")], trouble, retrying)
}

/// Trucks by client id.
pub(super) fn producers(view: &ClusterView, opts: &SceneOptions, frame: &Frame) -> Vec<ProducerSeat> {
    if view.producers.is_empty() || frame.road.h <= 0.0 {
        return Vec::new();
    }
    let count = view.producers.len();
    let from = if opts.compact { frame.columns.x } else { frame.columns.x * 0.75 };
    let band = Rect { w: frame.road.w - 8.0, ..frame.road };
    let base = frame.road.bottom() - if opts.compact { 7.0 } else { 12.0 };
    // Many producers drive small trucks.
    let widest = (band.right() - from) / count as f64 / 68.0;
    let scale = (frame.road.h / 92.0).within(0.5, 1.2).min(widest.max(0.05));
    let mut seats = Vec::new();
    for (producer, (x, room)) in view.producers.iter().zip(places(&band, from, count)) {
        let (mut words, trouble, retrying) = producer_words(producer);
        // Its second line says for whom it waits.
        words.truncate(if opts.show.isr { 2 } else { 1 });
        let width = 62.0 * scale;
        // Waiting cells stand behind the truck, so it moves up to make room for them.
        let tray = if room > width + 50.0 { ((room - width - 20.0) * 0.3 / 15.0).floor() as usize } else { 0 }.min(4);
        let tray = tray.min(producer.waiting.len());
        let wheels = at(x + width / 2.0 + 8.0 + if tray > 0 { tray as f64 * 15.0 + 6.0 } else { 0.0 }, base);
        let beside = x + room - (wheels.x + width / 2.0 + 13.0);
        if opts.compact || beside < 50.0 || frame.road.h < 46.0 {
            words.clear();
        }
        let chosen = |partition: Option<i32>| {
            let ours = producer.topic.is_some() && opts.hue_by == HueBy::Partition;
            partition.filter(|_| ours).and_then(|number| usize::try_from(number).ok())
        };
        seats.push(ProducerSeat {
            client: producer.client.clone(),
            wheels,
            scale,
            letter: short_key(&producer.client).to_ascii_uppercase(),
            name: producer.client.to_string(),
            words,
            trouble,
            dead: producer.state == ProcessState::Dead,
            waiting: producer
                .waiting
                .iter()
                .take(tray)
                .map(|(key, partition)| WaitingCell {
                    text: key.as_ref().map_or_else(|| "·".to_owned(), |key| short_key(key)),
                    hue: chosen(*partition),
                })
                .collect(),
            more: producer.waiting.len() - tray,
            retrying,
            room: beside.max(0.0),
        });
    }
    seats
}
