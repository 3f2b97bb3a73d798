//! What the message diagram and the charts show: the learner's choices, and the stretch of time that
//! follows from them.

use playground_core::time::{SimDuration, SimTime};

use super::state::{DockTab, Model};

/// Stretches of time to choose from, in ms, with what they are called.
pub const SPANS: [(u64, &str); 12] = [
    (10, "10 ms"),
    (25, "25 ms"),
    (50, "50 ms"),
    (100, "0.1 s"),
    (250, "0.25 s"),
    (500, "0.5 s"),
    (1_000, "1 s"),
    (2_000, "2 s"),
    (5_000, "5 s"),
    (15_000, "15 s"),
    (60_000, "1 min"),
    (180_000, "3 min"),
];

/// Stretches of the charts.
pub const CHART_SPANS: [(u64, &str); 6] =
    [(5_000, "5 s"), (15_000, "15 s"), (30_000, "30 s"), (60_000, "1 min"), (180_000, "3 min"), (600_000, "10 min")];

/// Never more lines in a chart than this.
pub const SERIES_MAX: usize = 6;

/// How the message diagram looks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagram {
    /// Place in [`SPANS`].
    pub span: usize,
    /// Small talk is drawn message by message.
    pub unfolded: bool,
    /// Time is even: silence takes its room.
    pub even: bool,
    /// As a list.
    pub list: bool,
    /// Hidden lanes, by key.
    pub hidden: Vec<String>,
}

impl Default for Diagram {
    fn default() -> Self {
        Self { span: 8, unfolded: false, even: false, list: false, hidden: Vec::new() }
    }
}

/// What a chart is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Measure {
    /// Log end and high watermark of partitions.
    #[default]
    Offsets,
    /// Lag of groups.
    Lag,
    /// In-sync replicas of partitions.
    Isr,
    /// Requests a second.
    Requests,
    /// Partitions that are not in full strength.
    Unhealthy,
}

impl Measure {
    /// All, in the order of their buttons.
    pub const ALL: [Self; 5] = [Self::Offsets, Self::Lag, Self::Isr, Self::Unhealthy, Self::Requests];

    /// For hooks.
    pub fn name(self) -> &'static str {
        match self {
            Self::Offsets => "offsets",
            Self::Lag => "lag",
            Self::Isr => "isr",
            Self::Requests => "requests",
            Self::Unhealthy => "unhealthy",
        }
    }

    /// What its button says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Offsets => "Log end, high watermark",
            Self::Lag => "Lag",
            Self::Isr => "ISR",
            Self::Requests => "Requests",
            Self::Unhealthy => "Unhealthy",
        }
    }
}

/// How the charts look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Charting {
    /// Of what.
    pub measure: Measure,
    /// Place in [`CHART_SPANS`].
    pub span: usize,
    /// The numbers stand beside it as a table.
    pub table: bool,
    /// Lines chosen, by key; `None` for the first ones.
    pub picked: Option<Vec<String>>,
}

impl Default for Charting {
    fn default() -> Self {
        Self { measure: Measure::Offsets, span: 2, table: false, picked: None }
    }
}

/// A choice about one of the two.
#[derive(Clone, PartialEq, Debug)]
pub enum Look {
    /// A longer (true) or shorter stretch of messages.
    Longer(bool),
    /// Small talk folded or not.
    Unfold,
    /// Even time or not.
    Even,
    /// As a list or not.
    List,
    /// Hides a lane, or shows it again.
    Lane(String),
    /// All lanes again.
    AllLanes,
    /// Of what the chart is.
    Measure(Measure),
    /// A longer (true) or shorter stretch of the chart.
    ChartLonger(bool),
    /// The table beside it or not.
    Table,
    /// These lines.
    Pick(Vec<String>),
}

/// What has to be filmed for an open panel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Watch {
    /// Messages of this stretch.
    Messages(SimDuration),
    /// Numbers of this stretch.
    Numbers(SimDuration),
}

fn next(place: usize, more: bool, count: usize) -> usize {
    if more { (place + 1).min(count - 1) } else { place.saturating_sub(1) }
}

fn length(spans: &[(u64, &str)], place: usize) -> SimDuration {
    SimDuration::from_ms(spans.get(place).or(spans.last()).map_or(1_000, |span| span.0))
}

impl Diagram {
    /// The stretch chosen.
    pub fn length(&self) -> SimDuration {
        length(&SPANS, self.span)
    }

    /// What it is called.
    pub fn length_name(&self) -> &'static str {
        SPANS.get(self.span).map_or("", |span| span.1)
    }

    /// First and last moment: the cursor stands at four fifths, so that what is recorded ahead has room.
    pub fn window(&self, now: SimTime, start: SimTime, end: SimTime) -> (SimTime, SimTime) {
        window(self.length(), 8, AHEAD, now, start, end)
    }
}

impl Charting {
    /// The stretch chosen.
    pub fn length(&self) -> SimDuration {
        length(&CHART_SPANS, self.span)
    }

    /// What it is called.
    pub fn length_name(&self) -> &'static str {
        CHART_SPANS.get(self.span).map_or("", |span| span.1)
    }

    /// First and last moment.
    pub fn window(&self, now: SimTime, start: SimTime, end: SimTime) -> (SimTime, SimTime) {
        window(self.length(), 9, self.length(), now, start, end)
    }

    /// Numbers are read so far apart: about 150 times in the stretch.
    pub fn every(length: SimDuration) -> SimDuration {
        const STEPS_MS: [u64; 8] = [50, 100, 200, 250, 500, 1_000, 2_000, 5_000];
        let wanted = length.0 / 1_000 / 160;
        SimDuration::from_ms(STEPS_MS.into_iter().find(|step| *step >= wanted).unwrap_or(5_000))
    }
}

/// So much of what is not known yet is shown beside messages: room for those that are on their way.
pub const AHEAD: SimDuration = SimDuration::from_ms(2);

/// `tenths` of the stretch lie before `now`. Of what is not known yet, beyond `end`, little is shown:
/// a twentieth of the stretch, at most `ahead`.
pub fn window(
    length: SimDuration,
    tenths: u64,
    ahead: SimDuration,
    now: SimTime,
    start: SimTime,
    end: SimTime,
) -> (SimTime, SimTime) {
    let from = SimTime(now.0.saturating_sub(length.0 / 10 * tenths)).max(start);
    let known = end.max(now) + ahead.min(SimDuration(length.0 / 20));
    (from, SimTime(from.0 + length.0).min(known))
}

impl Model {
    /// What has to be filmed now.
    pub fn watch(&self) -> Option<Watch> {
        match self.dock {
            Some(DockTab::Messages) => Some(Watch::Messages(self.diagram.length())),
            Some(DockTab::Charts) => Some(Watch::Numbers(self.charting.length())),
            _ => None,
        }
    }

    /// Takes a choice in.
    pub(super) fn look(&mut self, look: Look) {
        let (diagram, charting) = (&mut self.diagram, &mut self.charting);
        match look {
            Look::Longer(more) => diagram.span = next(diagram.span, more, SPANS.len()),
            Look::Unfold => diagram.unfolded = !diagram.unfolded,
            Look::Even => diagram.even = !diagram.even,
            Look::List => diagram.list = !diagram.list,
            Look::Lane(key) => match diagram.hidden.iter().position(|hidden| *hidden == key) {
                Some(place) => drop(diagram.hidden.remove(place)),
                None => diagram.hidden.push(key),
            },
            Look::AllLanes => diagram.hidden.clear(),
            Look::Measure(measure) => {
                charting.measure = measure;
                charting.picked = None;
            }
            Look::ChartLonger(more) => charting.span = next(charting.span, more, CHART_SPANS.len()),
            Look::Table => charting.table = !charting.table,
            Look::Pick(keys) => charting.picked = Some(keys.into_iter().take(SERIES_MAX).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_cursor_and_never_begins_before_the_start() {
        let diagram = Diagram::default();
        let start = SimTime(10_000_000);
        for now in [10_000_000, 10_000_001, 13_000_000, 60_000_000] {
            for end in [now, now + 500_000, now + 90_000_000] {
                let (from, until) = diagram.window(SimTime(now), start, SimTime(end));
                assert!(from >= start && from.0 <= now && now < until.0, "{now}");
                assert!(until.since(from) <= diagram.length() && until.0 <= end + 250_000, "{now}");
            }
        }
    }

    #[test]
    fn numbers_are_read_a_bounded_number_of_times() {
        for (ms, name) in CHART_SPANS {
            let length = SimDuration::from_ms(ms);
            let samples = length.0 / Charting::every(length).0;
            assert!((60..=200).contains(&samples), "{name}: {samples}");
        }
    }
}
