//! Draws a chart: plotters for axes, grid and lines; words at the lines' ends, events and the cursor on
//! top of it.

use crate::decimal::Within;
use playground_core::collections::Order;
use playground_core::time::SimTime;
use plotters::prelude::{ChartBuilder, IntoDrawingArea, IntoFont, LineSeries, RGBColor, ShapeStyle};
use plotters::style::{Color as _, FontFamily, TextStyle};

use super::Numbers;
use super::backend::{BrushBackend, Pen, UNITS};
use super::series::{Line, Series, Stroke};
use crate::model::events::EventKind;
use crate::model::watching::Measure;
use crate::scene::geometry::at;
use crate::scene::paint::brush::{Brush, Family, Path, Style, Type, fitted, text_width};
use crate::scene::paint::marks;
use crate::scene::palette::{Color, Palette};
use crate::scene::{Rect, Theme};

/// An event that is marked below the lines.
#[derive(Clone, PartialEq, Debug)]
pub struct Mark {
    /// When.
    pub at: SimTime,
    /// Its glyph.
    pub kind: EventKind,
}

/// All that a chart is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    /// Of what.
    pub measure: Measure,
    /// The numbers.
    pub numbers: &'a Numbers,
    /// The series shown.
    pub series: &'a [Series],
    /// Events to mark.
    pub marks: &'a [Mark],
    /// The key of what is selected.
    pub selected: Option<&'a str>,
    /// Light or dark.
    pub theme: Theme,
}

/// Room at the right for words at the lines' ends.
const RIGHT: f64 = 18.0;
/// Lines of equal numbers lie so far apart, in px.
const APART: f64 = 3.0;

fn rgb(color: Color) -> RGBColor {
    RGBColor((color.0 >> 16) as u8, (color.0 >> 8) as u8, color.0 as u8)
}

fn units(px: f64) -> u32 {
    (px * UNITS).round() as u32
}

/// From and to of the numbers' axis.
pub fn range(measure: Measure, series: &[Series]) -> (i64, i64) {
    let values = || series.iter().flat_map(|one| &one.lines).flat_map(|line| &line.points).map(|(_, value)| *value);
    let high = values().max().unwrap_or(1).max(1);
    let low = match measure {
        // Of a long log the end is what moves.
        Measure::Offsets => values().min().filter(|low| *low * 3 > high * 2).unwrap_or(0),
        _ => 0,
    };
    (low, high + ((high - low) / 8).max(1))
}

/// The points of a line as stairs: each number holds until the next.
fn stairs(line: &Line, from: SimTime, until: SimTime) -> Vec<(u64, i64)> {
    let mut steps: Vec<(u64, i64)> = Vec::new();
    // Of what was before the stretch the last counts.
    let first = line.points.partition_point(|(time, _)| *time <= from).saturating_sub(1);
    for (time, value) in line.points.iter().skip(first) {
        let time = time.0.clamp(from.0, until.0);
        if let Some((_, before)) = steps.last().copied() {
            steps.push((time, before));
        }
        steps.push((time, *value));
    }
    steps
}

fn seconds(us: u64) -> String {
    if us.is_multiple_of(1_000_000) {
        format!("{} s", us / 1_000_000)
    } else {
        format!("{}.{} s", us / 1_000_000, us / 100_000 % 10)
    }
}

impl Chart<'_> {
    /// Draws it in a box of this size. Where the lines are comes back.
    pub fn draw(&self, brush: &mut dyn Brush, size: (f64, f64)) -> Rect {
        let palette = Palette::of(self.theme);
        brush.rect(Rect::new(0.0, 0.0, size.0, size.1), &Style::fill(palette.row));
        // plotters fails where nothing fits, and a brush never does.
        let plot = self.lines(brush, size, palette).unwrap_or(Rect::new(0.0, 0.0, size.0, size.1));
        self.ahead(brush, plot, palette);
        self.events(brush, plot, palette);
        self.ends(brush, plot, palette);
        self.cursor(brush, plot, palette);
        plot
    }

    /// Where a time is.
    fn x(&self, plot: Rect, time: SimTime) -> f64 {
        let (from, until) = (self.numbers.from.0, self.numbers.until.0.max(self.numbers.from.0 + 1));
        plot.x + plot.w * (time.0.saturating_sub(from) as f64 / (until - from) as f64).within(0.0, 1.0)
    }

    fn lines(&self, brush: &mut dyn Brush, size: (f64, f64), palette: &Palette) -> Option<Rect> {
        let pen = Pen::default();
        let root = BrushBackend::new(brush, size, pen.clone()).into_drawing_area();
        let (low, high) = range(self.measure, self.series);
        let (from, until) = (self.numbers.from.0, self.numbers.until.0.max(self.numbers.from.0 + 1));
        let mut chart = ChartBuilder::on(&root)
            .margin_top(units(10.0))
            .margin_right(units(RIGHT))
            .x_label_area_size(units(22.0))
            .y_label_area_size(units(46.0))
            .build_cartesian_2d(from..until, low..high)
            .ok()?;
        let ink = rgb(palette.ink2);
        let text = TextStyle::from((FontFamily::SansSerif, 11.5 * UNITS).into_font()).color(&ink);
        let many = (size.0 / 110.0).within(2.0, 10.0) as usize;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(ShapeStyle { color: rgb(palette.line).to_rgba(), filled: false, stroke_width: units(1.0) })
            .light_line_style(plotters::style::TRANSPARENT)
            .axis_style(ShapeStyle { color: rgb(palette.edge).to_rgba(), filled: false, stroke_width: units(1.0) })
            .x_labels(many)
            .y_labels(((size.1 / 34.0) as usize).clamp(2, 6))
            .x_label_formatter(&|us| seconds(*us))
            .y_label_formatter(&|value| value.to_string())
            .label_style(text)
            .draw()
            .ok()?;
        let middle = (self.series.len().saturating_sub(1)) as f64 / 2.0;
        for (place, series) in self.series.iter().enumerate() {
            let color = rgb(palette.identity(series.hue).hue);
            let chosen = self.selected == Some(series.key.as_str());
            // Replicas in sync are few numbers, and mostly the same.
            let beside = if self.measure == Measure::Isr { (place as f64 - middle) * APART } else { 0.0 };
            for line in series.lines.iter().rev() {
                let width = match line.stroke {
                    Stroke::Heavy => 2.2,
                    Stroke::Thin | Stroke::Dashed => 1.4,
                };
                pen.dashed.set(line.stroke == Stroke::Dashed);
                pen.lowered.set(beside);
                let style = ShapeStyle {
                    color: color.to_rgba(),
                    filled: false,
                    stroke_width: units(if chosen { width + 1.6 } else { width }),
                };
                let points = stairs(line, SimTime(from), SimTime(until));
                chart.draw_series(LineSeries::new(points, style)).ok()?;
            }
        }
        pen.dashed.set(false);
        pen.lowered.set(0.0);
        let (across, down) = chart.plotting_area().get_pixel_range();
        let px = |units: i32| f64::from(units) / UNITS;
        Some(Rect::new(px(across.start), px(down.start), px(across.end - across.start), px(down.end - down.start)))
    }

    /// What is recorded ahead of the cursor is paler; what is not known is hatched.
    fn ahead(&self, brush: &mut dyn Brush, plot: Rect, palette: &Palette) {
        let now = self.x(plot, self.numbers.now.at);
        let ahead = Rect::new(now, plot.y - 2.0, plot.right() - now, plot.h + 2.0);
        brush.rect(ahead, &Style::fill(palette.row).faded(0.62));
        let known = self.numbers.samples.last().map_or(self.numbers.now.at, |last| last.at.max(self.numbers.now.at));
        let known = self.x(plot, known);
        let unknown = Rect::new(known, plot.y, plot.right() - known, plot.h);
        if unknown.w > 6.0 {
            marks::hatch(brush, unknown, 12.0, &Style::stroke(palette.line, 1.0));
        }
    }

    /// Each line is named where the cursor meets it.
    fn ends(&self, brush: &mut dyn Brush, plot: Rect, palette: &Palette) {
        let (low, high) = range(self.measure, self.series);
        let now = self.x(plot, self.numbers.now.at);
        let y = |value: i64| plot.bottom() - plot.h * ((value - low) as f64 / (high - low).max(1) as f64);
        let mut wanted: Vec<(f64, &Series)> =
            self.series.iter().filter_map(|one| Some((y(one.lines.first()?.now), one))).collect();
        // What is nothing now is told in the table.
        if matches!(self.measure, Measure::Requests | Measure::Unhealthy) {
            wanted.retain(|(_, series)| series.lines.iter().any(|line| line.now > 0));
        }
        wanted.order_by(|one, other| one.0.total_cmp(&other.0));
        let mut limit = plot.bottom() - 3.0;
        for (place, _) in wanted.iter_mut().rev() {
            *place = place.min(limit);
            limit = *place - 13.0;
        }
        // The uppermost stays below the edge, and pushes the others down.
        let mut before = plot.y;
        for (place, series) in wanted {
            let y = place.max(before + 13.0);
            before = y;
            let text = fitted(&series.name, (now - plot.x) * 0.5, 12.0, Family::Condensed);
            let width = text_width(&text, 12.0, Family::Condensed);
            let color = palette.identity(series.hue).hue;
            brush.rect(Rect::new(now - width - 19.0, y - 13.0, 8.0, 8.0), &Style::fill(color));
            let kind = Type::new(12.0, palette.ink).weight(600).end().halo(palette.row).within(width);
            brush.text(at(now - 6.0, y - 5.0), &text, &kind);
        }
    }

    fn events(&self, brush: &mut dyn Brush, plot: Rect, palette: &Palette) {
        let mut before = f64::MIN;
        let y = plot.bottom() - 7.0;
        for mark in self.marks.iter().filter(|mark| mark.at >= self.numbers.from && mark.at <= self.numbers.until) {
            let x = self.x(plot, mark.at);
            if x < before + 13.0 {
                continue;
            }
            before = x;
            let tick = Style::stroke(palette.edge, 1.0).dashed(&[2.0, 3.0]);
            brush.line(at(x, plot.y), at(x, plot.bottom()), &tick);
            match mark.kind {
                EventKind::Fault => marks::cross(brush, at(x, y), 4.5, 2.2, palette.red),
                EventKind::Session => marks::pennant(brush, at(x, y + 6.0), palette.red, false),
                EventKind::Leader => marks::pennant(brush, at(x, y + 6.0), palette.ink, false),
                EventKind::Controller => marks::star(brush, at(x, y), 5.5, palette.ink),
                EventKind::Isr => {
                    let kind = Type::new(11.0, palette.ink).weight(700).middle().halo(palette.row);
                    brush.text(at(x, y + 4.0), "{}", &kind);
                }
                _ => brush.circle(at(x, y), 3.6, &Style::fill(palette.row).edged(palette.ink, 1.5)),
            }
        }
    }

    fn cursor(&self, brush: &mut dyn Brush, plot: Rect, palette: &Palette) {
        let x = self.x(plot, self.numbers.now.at);
        brush.line(at(x, 0.0), at(x, plot.bottom()), &Style::stroke(palette.ink, 2.0));
        let flag = [at(x - 5.5, 0.0), at(x + 5.5, 0.0), at(x, 6.5)];
        brush.path(&Path::polygon(&flag), &Style::fill(palette.ink));
    }
}
