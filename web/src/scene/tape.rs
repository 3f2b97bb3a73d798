//! One replica's log as a tape on its column's ruler.

use playground_core::ids::BrokerId;
use playground_core::view::{
    ClusterView, PartitionView, ProcessState, RECORDS_SHOWN, RecordView, ReplicaRole, ReplicaView,
};

use super::changes;
use super::geometry::Rect;
use super::level_of_detail::{Detail, Window};
use super::options::SceneOptions;

/// What a replica is, as form and pattern say it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TapeRole {
    /// Solid and taller.
    Leader,
    /// Outlined.
    InSync,
    /// Outlined, dashed and hatched: it does not count.
    OutOfSync,
    /// Grey and dashed, but legible: what is on its disk is the lesson.
    Offline,
}

/// What a cell holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CellKind {
    /// A record.
    Record,
    /// A record without a value.
    Tombstone,
    /// A transaction marker.
    Marker,
    /// An offset that compaction removed.
    Gone,
    /// A record that the view does not spell out.
    Unknown,
}

/// A record's place on the tape.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    /// Its offset.
    pub offset: i64,
    /// Its place.
    pub area: Rect,
    /// Its key or offset.
    pub text: String,
    /// What it holds.
    pub kind: CellKind,
    /// Not yet on every in-sync copy; known to the leader alone.
    pub uncommitted: bool,
    /// Written in the last step.
    pub fresh: bool,
    /// The leader's log holds another record here, or none.
    pub fork: Option<Fork>,
}

/// A record that will be truncated when its replica follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fork {
    /// Nobody was told that it is safe.
    Unacked,
    /// Its producer was told that it is safe.
    Acked,
}

/// A record that was truncated in the last step.
#[derive(Clone, PartialEq, Debug)]
pub struct Ghost {
    /// Its offset.
    pub offset: i64,
    /// Where it was.
    pub area: Rect,
    /// Its key or offset.
    pub text: String,
    /// Somebody had been told that it is safe.
    pub lost: bool,
}

/// Where an epoch begins.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct EpochMark {
    /// The leader epoch.
    pub epoch: i32,
    /// Where its first offset is.
    pub x: f64,
    /// It begins within the window and is not the first.
    pub notch: bool,
}

/// Words above the tape.
#[derive(Clone, PartialEq, Debug)]
pub struct Caption {
    /// What it is.
    pub text: String,
    /// Written as a badge.
    pub badge: bool,
    /// Trouble: bold.
    pub strong: bool,
    /// A change of the last step, written behind it.
    pub note: Option<String>,
}

/// A replica's tape.
#[derive(Clone, PartialEq, Debug)]
pub struct Tape {
    /// On which broker.
    pub broker: BrokerId,
    /// Which row.
    pub row: usize,
    /// Role.
    pub role: TapeRole,
    /// From its first visible offset to its log end.
    pub body: Rect,
    /// Its first visible offset is its log's first.
    pub starts_here: bool,
    /// Its first and next offsets.
    pub offsets: (i64, i64),
    /// Cells, where records are told apart.
    pub cells: Vec<Cell>,
    /// Truncated in the last step.
    pub ghosts: Vec<Ghost>,
    /// Epochs, if they are shown.
    pub epochs: Vec<EpochMark>,
    /// Words above it.
    pub caption: Caption,
    /// The high watermark as this follower knows it, if it differs from the leader's.
    pub own_watermark: Option<f64>,
    /// Its leadership, ISR membership or log end changed in the last step.
    pub changed: bool,
}

/// What a record is called in its cell.
fn cell_text(record: &RecordView, letters: bool) -> String {
    match (&record.key, letters) {
        (Some(key), true) => short_key(key),
        (None, true) if record.offset >= 100 => "·".to_owned(),
        (None, true) => record.offset.to_string(),
        (_, false) => record.offset.to_string(),
    }
}

/// A key of at most two letters: `truck-C` is `C`, `42` is `42`, `berlin` is `b`.
pub fn short_key(key: &str) -> String {
    let last = key.rsplit(['-', '_', '.', ':', '/']).find(|part| !part.is_empty()).unwrap_or(key);
    if last.chars().count() <= 2 { last.to_owned() } else { last.chars().take(1).collect() }
}

/// Role of `replica` in form.
pub fn role_of(view: &ClusterView, replica: &ReplicaView) -> TapeRole {
    let dead = changes::broker(view, replica.broker).is_some_and(|broker| broker.state == ProcessState::Dead);
    match replica.role {
        _ if dead => TapeRole::Offline,
        ReplicaRole::Offline => TapeRole::Offline,
        ReplicaRole::Leader => TapeRole::Leader,
        ReplicaRole::Follower if replica.in_sync => TapeRole::InSync,
        ReplicaRole::Follower => TapeRole::OutOfSync,
    }
}

/// What a tape is made from.
pub(super) struct Maker<'a> {
    pub view: &'a ClusterView,
    pub opts: &'a SceneOptions,
    pub partition: &'a PartitionView,
    pub before: Option<&'a PartitionView>,
    pub window: Window,
    pub narrow: bool,
}

impl Maker<'_> {
    /// The tape of `replica` in a row, `middle` being the height of its middle line.
    pub fn tape(&self, replica: &ReplicaView, row: usize, middle: f64, heights: (f64, f64)) -> Tape {
        let role = role_of(self.view, replica);
        let height = if role == TapeRole::Leader { heights.0 } else { heights.1 };
        let window = &self.window;
        let (start, end) = (replica.log_start_offset, replica.log_end_offset.max(replica.log_start_offset));
        let (left, right) = (window.x(start), window.x(end));
        let body = Rect::new(left, middle - height / 2.0, (right - left).max(0.0), height);
        let before = self.before.and_then(|p| p.replicas.iter().find(|r| r.broker == replica.broker));
        let own = replica.high_watermark;
        let differs = role == TapeRole::InSync && own != self.partition.high_watermark && own > window.from;
        Tape {
            broker: replica.broker,
            row,
            role,
            body,
            starts_here: start >= window.from,
            offsets: (start, end),
            cells: self.cells(replica, role, before, &body),
            ghosts: self.ghosts(replica, before, &body),
            epochs: self.epochs(replica),
            caption: self.caption(replica, role, before),
            own_watermark: (differs && self.opts.show.watermark && window.holds(own)).then(|| window.x(own)),
            changed: before.is_some_and(|before| {
                (before.role, before.in_sync, before.log_end_offset)
                    != (replica.role, replica.in_sync, replica.log_end_offset)
            }),
        }
    }

    fn cells(&self, replica: &ReplicaView, role: TapeRole, before: Option<&ReplicaView>, body: &Rect) -> Vec<Cell> {
        let window = &self.window;
        if self.narrow || !matches!(window.detail(), Detail::Text | Detail::Plain) {
            return Vec::new();
        }
        // Fewer than are shown at most are all that there are: what is missing before them was removed.
        let all_known = replica.records.len() < RECORDS_SHOWN;
        let first_known = replica.records.first().filter(|_| !all_known).map_or(i64::MIN, |record| record.offset);
        let from = replica.log_start_offset.max(window.from);
        let to = replica.log_end_offset.min(window.to);
        let old_end = before.map_or(i64::MAX, |before| before.log_end_offset);
        // Written since, or written over: what was there belonged to another epoch.
        let old_epoch = |offset: i64| {
            let records = before.map_or(&[][..], |before| &before.records);
            let found = records.binary_search_by_key(&offset, |record| record.offset).ok();
            found.and_then(|index| records.get(index)).map(|record| record.leader_epoch)
        };
        let cell = |offset: i64| {
            let found = replica.records.binary_search_by_key(&offset, |record| record.offset).ok();
            let record = found.and_then(|index| replica.records.get(index));
            let kind = match record {
                Some(record) if record.is_control => CellKind::Marker,
                Some(record) if record.value.is_none() => CellKind::Tombstone,
                Some(_) => CellKind::Record,
                None if offset < first_known => CellKind::Unknown,
                None => CellKind::Gone,
            };
            let text = match record {
                Some(record) if window.detail() == Detail::Text => cell_text(record, self.opts.key_letters),
                None if kind == CellKind::Unknown && !self.opts.key_letters => offset.to_string(),
                _ => String::new(),
            };
            Cell {
                offset,
                area: Rect::new(window.x(offset), body.y, window.px, body.h),
                text,
                kind,
                uncommitted: role == TapeRole::Leader && offset >= self.partition.high_watermark,
                fork: replica.diverges_at.filter(|fork| offset >= *fork).map(|_| {
                    // Two records may have stood at one offset: only the one of this epoch is meant.
                    let lost = changes::is_lost(self.view, &self.partition.tp, offset);
                    if lost { Fork::Acked } else { Fork::Unacked }
                }),
                fresh: offset >= old_end
                    || record.zip(old_epoch(offset)).is_some_and(|(record, old)| record.leader_epoch != old),
            }
        };
        (from..to).map(cell).collect()
    }

    fn ghosts(&self, replica: &ReplicaView, before: Option<&ReplicaView>, body: &Rect) -> Vec<Ghost> {
        let window = &self.window;
        let Some(before) = before.filter(|before| before.log_end_offset > replica.log_end_offset) else {
            return Vec::new();
        };
        let from = replica.log_end_offset.max(window.from);
        let to = before.log_end_offset.min(window.to);
        let ghost = |offset: i64| {
            let record = before.records.iter().find(|record| record.offset == offset);
            let legible = window.detail() == Detail::Text && !self.narrow;
            Ghost {
                offset,
                area: Rect::new(window.x(offset), body.y, window.px, body.h),
                text: record.filter(|_| legible).map_or_else(String::new, |r| cell_text(r, self.opts.key_letters)),
                lost: changes::is_lost(self.view, &self.partition.tp, offset),
            }
        };
        (from..to).map(ghost).collect()
    }

    fn epochs(&self, replica: &ReplicaView) -> Vec<EpochMark> {
        if !self.opts.show.epochs || self.narrow {
            return Vec::new();
        }
        let window = &self.window;
        let mut marks = Vec::new();
        let all = &replica.leader_epochs;
        for (index, (epoch, start)) in all.iter().enumerate() {
            let next = all.get(index + 1).map_or(replica.log_end_offset.max(*start + 1), |(_, start)| *start);
            if next <= window.from || *start > window.to {
                continue;
            }
            let notch = *start > window.from && *start > replica.log_start_offset;
            marks.push(EpochMark { epoch: *epoch, x: window.x(*start), notch });
        }
        // An epoch in which nothing has been written yet shows at the log end.
        let newest = all.last().map_or(-1, |(epoch, _)| *epoch);
        if replica.known_leader_epoch > newest && window.holds(replica.log_end_offset) {
            let x = window.x(replica.log_end_offset);
            let notch = replica.log_end_offset > replica.log_start_offset;
            marks.push(EpochMark { epoch: replica.known_leader_epoch, x, notch });
        }
        marks
    }

    fn caption(&self, replica: &ReplicaView, role: TapeRole, before: Option<&ReplicaView>) -> Caption {
        let led = before.is_some_and(|before| before.role == ReplicaRole::Leader);
        let names_it = self.partition.leader == Some(replica.broker);
        let adding = self.partition.adding.contains(&replica.broker);
        let removing = self.partition.removing.contains(&replica.broker);
        let unassigned = !self.partition.assigned.contains(&replica.broker);
        let (text, badge, strong) = match role {
            TapeRole::Leader => ("LEADER", true, false),
            _ if unassigned => ("no longer assigned", false, false),
            TapeRole::Offline if names_it => ("leader, not running", false, true),
            TapeRole::Offline if led => ("was leader", false, false),
            TapeRole::Offline => ("offline, on disk", false, false),
            _ if replica.believes_it_leads => ("thinks it leads", false, true),
            TapeRole::OutOfSync if adding => ("being added, not in sync yet", false, true),
            _ if removing => ("in sync, to be removed", false, true),
            TapeRole::InSync if adding => ("being added, in sync", false, true),
            TapeRole::OutOfSync => ("out of sync", false, true),
            TapeRole::InSync => ("in sync", false, false),
        };
        let cut = before.and_then(|before| before.diverges_at).filter(|_| replica.diverges_at.is_none());
        let joins = before.is_some_and(|before| {
            (role == TapeRole::Leader && !led)
                || (role == TapeRole::InSync && !before.in_sync)
                || (role == TapeRole::OutOfSync && before.in_sync)
        });
        let since = if joins { "just now" } else { "" };
        // At an election: who was asked before whom.
        let leader = self.partition.leader;
        let elected = leader.is_some() && self.before.is_some_and(|before| before.leader != leader);
        let line = self.partition.assigned.iter().position(|id| *id == replica.broker);
        let note = match (cut, line.filter(|_| elected && self.opts.show.isr)) {
            (Some(offset), _) => format!("cut back to {offset}"),
            (_, Some(line)) => {
                let ordinal =
                    ["1st", "2nd", "3rd"].get(line).map_or_else(|| format!("{}th", line + 1), |&word| word.into());
                format!("{ordinal} in order{}{since}", if joins { ", " } else { "" })
            }
            _ => since.to_owned(),
        };
        let short = |text: &str| match role {
            TapeRole::Leader => "L".to_owned(),
            TapeRole::InSync => "F".to_owned(),
            TapeRole::OutOfSync => "behind".to_owned(),
            TapeRole::Offline => text.split(',').next().unwrap_or(text).to_owned(),
        };
        let text = if self.narrow { short(text) } else { text.to_owned() };
        let note = Some(note).filter(|note| !note.is_empty() && !self.narrow);
        Caption { text, badge: badge && !self.narrow, strong, note }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_shrink_to_what_tells_them_apart() {
        for (key, short) in
            [("truck-C", "C"), ("C", "C"), ("42", "42"), ("berlin", "b"), ("a.b.17", "17"), ("x-", "x"), ("", "")]
        {
            assert_eq!(short_key(key), short, "{key}");
        }
    }
}
