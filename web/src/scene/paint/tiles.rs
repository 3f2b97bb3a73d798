//! Large clusters: healthy is a pale outline, what is wrong stands out.

use crate::decimal::Within;
use playground_core::view::ProcessState;

use super::Painter;
use super::brush::{Family, Path, Style, Type, fitted, text_width};
use super::marks;
use crate::scene::changes;
use crate::scene::geometry::{Rect, at};
use crate::scene::options::Selection;
use crate::scene::tape::{TapeRole, role_of};
use crate::scene::tiles::{BrokerTile, Health, PartitionTile, Tiles};

impl Painter<'_> {
    /// Both fields, and the selected partition's card.
    pub(super) fn tiles(&mut self, tiles: &Tiles) {
        let left = tiles.brokers.first().map_or(14.0, |tile| tile.area.x);
        let aside = if self.layout.compact { 46.0 } else { 30.0 };
        self.field_words(left + aside, tiles.broker_words_y, &tiles.broker_words);
        for tile in &tiles.brokers {
            self.broker_tile(tile);
        }
        self.field_words(left, tiles.partition_words_y, &tiles.partition_words);
        for label in &tiles.labels {
            let color = if label.healthy { self.palette.ink3 } else { self.palette.ink };
            let weight = if label.healthy { 400 } else { 600 };
            let size = (label.area.h * 0.9).within(10.0, 12.0);
            let name = fitted(&label.topic, label.area.w, size, Family::Condensed);
            let base = label.area.centre().y + size * 0.36;
            self.brush.text(at(label.area.right(), base), &name, &Type::new(size, color).weight(weight).end());
        }
        for tile in &tiles.partitions {
            self.partition_tile(tile);
        }
        if tiles.hidden > 0 {
            let kind = Type::new(12.0, self.palette.ink2).end();
            let at_ = at(self.layout.bounds.right() - 14.0, tiles.partition_words_y);
            self.brush.text(at_, &format!("{} more do not fit", tiles.hidden), &kind);
        }
        if let Some((tp, area)) = &tiles.card {
            self.partition_card(tiles, tp, *area);
        }
    }

    fn field_words(&mut self, x: f64, y: f64, words: &str) {
        let (strong, rest) = words.split_once('|').unwrap_or((words, ""));
        let bold = Type::new(13.5, self.palette.ink).weight(600);
        self.brush.text(at(x, y), strong, &bold);
        let from = x + text_width(strong, 13.5, Family::Condensed) * 1.06 + 10.0;
        let room = self.layout.bounds.right() - from - 8.0;
        let rest = fitted(rest, room, 12.5, Family::Condensed);
        self.brush.text(at(from, y), &rest, &Type::new(12.5, self.palette.ink2));
    }

    fn broker_tile(&mut self, tile: &BrokerTile) {
        let palette = self.palette;
        let dead = tile.state == ProcessState::Dead;
        let outline = Path::round(tile.area, 3.0);
        if dead {
            self.brush.path(&outline, &Style::fill(palette.desk));
            marks::hatch(self.brush, tile.area.grown(-1.0), 6.0, &Style::stroke(palette.red, 1.0).faded(0.3));
            self.brush.path(&outline, &Style::stroke(palette.red, 1.6).dashed(&[4.0, 2.5]));
        } else {
            self.brush.path(&outline, &Style::fill(palette.row).edged(palette.line, 1.0));
            if tile.state != ProcessState::Running {
                self.brush.path(&outline, &Style::stroke(palette.ink, 1.4).dashed(&[4.0, 3.0]));
            }
        }
        let base = tile.area.y
            + match tile.area.h {
                20.0.. => 12.5,
                // The bar below needs what it can get.
                18.0.. => 11.5,
                low => low / 2.0 + 4.0,
            };
        // A tile as small as its number has its signs on its corner.
        let small = tile.area.w < 24.0;
        let (left, sign) = match (small, dead) {
            (true, _) => (1.5, 0.0),
            (false, true) => (3.0, 7.0),
            (false, false) => (5.0, 8.0),
        };
        if tile.labelled {
            let color = if dead { palette.red } else { palette.ink2 };
            let kind = Type::new(11.0, color).weight(if dead { 700 } else { 500 });
            let kind = kind.within(tile.area.w - left - 1.0 - if dead && !small { sign + 4.0 } else { 0.0 });
            self.brush.text(at(tile.area.x + left, base), &tile.broker.to_string(), &kind);
        }
        if tile.controls && !dead {
            marks::star(self.brush, at(tile.area.right() - sign, tile.area.y + sign), 5.0, palette.ink);
        }
        if dead {
            let y = if small { tile.area.y } else { tile.area.centre().y };
            marks::cross(self.brush, at(tile.area.right() - sign, y), 3.8, 1.8, palette.red);
        } else if tile.area.h >= 18.0 {
            let width = (tile.area.w - 10.0) * tile.load;
            let y = tile.area.bottom() - if tile.area.h >= 20.0 { 5.5 } else { 4.0 };
            self.brush.rect(Rect::new(tile.area.x + 5.0, y, width, 2.0), &Style::fill(palette.edge));
        }
        if self.opts.stands_out(&Selection::Broker(tile.broker)) {
            marks::selection(self.brush, tile.area.grown(-1.0), palette);
        }
    }

    fn partition_tile(&mut self, tile: &PartitionTile) {
        let palette = self.palette;
        let area = tile.area;
        let edge = Rect::new(area.x + 0.5, area.y + 0.5, area.w - 1.0, area.h - 1.0);
        match tile.health {
            Health::Full => self.brush.rect(edge, &Style::fill(palette.row).edged(palette.line, 1.0)),
            Health::UnderReplicated => {
                self.brush.rect(edge, &Style::fill(palette.row));
                marks::hatch(self.brush, edge, 4.0, &Style::stroke(palette.ink2, 0.9));
                self.brush.rect(edge, &Style::stroke(palette.ink, 1.6));
            }
            Health::BelowMinIsr(count) => {
                self.brush.rect(area, &Style::fill(palette.ink));
                let size = (area.h * 0.8).min(area.w * 1.5).min(12.0);
                let kind = Type::new(size, palette.on_ink).weight(700).middle();
                let base = area.centre().y + size * 0.36;
                self.brush.text(at(area.centre().x, base), &count.to_string(), &kind);
            }
            Health::Offline => {
                self.brush.rect(edge, &Style::fill(palette.row).edged(palette.red, 1.6));
                let reach = (area.w.min(area.h) / 2.0 - 2.0).max(2.0);
                marks::cross(self.brush, area.centre(), reach, 1.8, palette.red);
            }
        }
        if tile.touched {
            self.brush.line(
                at(area.x + 2.0, area.bottom() - 2.0),
                at(area.right() - 2.0, area.bottom() - 2.0),
                &Style::stroke(palette.ink, 2.0),
            );
        }
        if self.opts.stands_out(&Selection::Partition(tile.tp.clone())) {
            marks::selection(self.brush, area.grown(-2.0), palette);
        }
    }

    fn partition_card(&mut self, tiles: &Tiles, tp: &playground_core::ids::TopicPartition, area: Rect) {
        let palette = self.palette;
        if let Some(tile) = tiles.partitions.iter().find(|tile| tile.tp == *tp) {
            let x = tile.area.centre().x;
            self.brush.line(at(x, tile.area.bottom()), at(x, area.y), &Style::stroke(palette.ink, 1.6));
        }
        self.brush.path(&Path::round(area, 5.0), &Style::fill(palette.row).edged(palette.ink, 1.6));
        let Some(partition) = changes::partition(self.view, tp) else { return };
        let left = area.x + 12.0;
        self.brush.text(
            at(left, area.y + 22.0),
            &tp.to_string(),
            &Type::new(13.5, palette.ink).weight(600).within(120.0),
        );
        let isr: Vec<String> = partition.isr.iter().map(i32::to_string).collect();
        let mut words = format!("Isr {}, min {}", isr.join(","), partition.min_insync_replicas);
        if partition.leader.is_some() {
            words.push_str(&format!(", HW {}", partition.high_watermark));
        }
        self.brush.text(at(left, area.y + 39.0), &words, &Type::new(12.0, palette.ink2).within(126.0));
        let most = partition.replicas.iter().map(|replica| replica.log_end_offset).max().unwrap_or(0).max(1);
        let from = left + 136.0;
        let room = (area.right() - from - 8.0) / partition.replicas.len().max(1) as f64;
        for (index, replica) in partition.replicas.iter().enumerate() {
            let x = from + room * index as f64;
            let role = role_of(self.view, replica);
            let word = match role {
                TapeRole::Leader => "leader",
                TapeRole::InSync => "in sync",
                TapeRole::OutOfSync => "out of sync",
                TapeRole::Offline => "offline",
            };
            let dead = role == TapeRole::Offline;
            let color = if dead { palette.red } else { palette.ink };
            let kind = Type::new(12.0, color).weight(600).within(room - 6.0);
            self.brush.text(at(x, area.y + 17.0), &format!("{} {word}", replica.broker), &kind);
            if dead {
                marks::cross(self.brush, at(x - 7.0, area.y + 13.0), 3.5, 1.8, palette.red);
            }
            let width = (room - 60.0).max(10.0) * replica.log_end_offset as f64 / most as f64;
            let high = if role == TapeRole::Leader { 18.0 } else { 12.0 };
            let bar = Rect::new(x, area.y + 33.0 - high / 2.0, width, high);
            let hue = palette.identity(1).hue;
            let style = match role {
                TapeRole::Leader => Style::fill(hue).edged(hue, 2.0),
                TapeRole::InSync => Style::fill(palette.row).edged(hue, 1.6),
                TapeRole::OutOfSync => Style::fill(palette.row).edged(hue, 1.6).dashed(&[3.0, 2.5]),
                TapeRole::Offline => Style::fill(palette.desk).edged(palette.ink3, 1.6).dashed(&[3.0, 2.5]),
            };
            self.brush.rect(bar, &style);
            // Readers get what lies left of it, on whichever replica, as long as somebody leads.
            let mut words_from = bar.right();
            if partition.leader.is_some() {
                let safe = x + (room - 60.0).max(10.0) * partition.high_watermark as f64 / most as f64;
                self.brush.line(at(safe, bar.y - 3.0), at(safe, bar.bottom() + 3.0), &Style::stroke(palette.ink, 1.6));
                words_from = words_from.max(safe);
            }
            if role == TapeRole::OutOfSync {
                marks::hatch(self.brush, bar, 5.0, &Style::stroke(hue, 1.0).faded(0.6));
            }
            let end = replica.log_end_offset.to_string();
            self.brush.text(at(words_from + 6.0, area.y + 37.0), &end, &Type::new(12.0, palette.ink2));
        }
    }
}
