//! The few strokes that the painters know, so that the same picture goes to a canvas and to a file.

pub use super::text::{fitted, text_width};
use crate::scene::geometry::{Point, Rect, at};
use crate::scene::palette::Color;

/// One piece of a path.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Segment {
    /// Lifts the pen.
    Move(Point),
    /// A straight line.
    Line(Point),
    /// A cubic curve by its two controls and its end.
    Curve(Point, Point, Point),
    /// Part of a circle: centre, radius, from and to in radians, clockwise from the right.
    Arc(Point, f64, f64, f64),
    /// Back to where the pen went down.
    Close,
}

/// A path.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Path(pub Vec<Segment>);

impl Path {
    /// An empty path.
    pub fn new() -> Self {
        Self::default()
    }

    /// Corners joined by lines.
    pub fn through(points: &[Point]) -> Self {
        let piece = |(index, point): (usize, &Point)| match index {
            0 => Segment::Move(*point),
            _ => Segment::Line(*point),
        };
        Self(points.iter().enumerate().map(piece).collect())
    }

    /// A closed polygon.
    pub fn polygon(points: &[Point]) -> Self {
        Self::through(points).close()
    }

    /// A cubic curve from its four points.
    pub fn cubic(curve: &[Point; 4]) -> Self {
        Self(vec![Segment::Move(curve[0]), Segment::Curve(curve[1], curve[2], curve[3])])
    }

    /// A rectangle with round corners.
    pub fn round(rect: Rect, radius: f64) -> Self {
        use std::f64::consts::{FRAC_PI_2, PI, TAU};
        let r = radius.min(rect.w / 2.0).min(rect.h / 2.0);
        let (left, top, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
        Self(vec![
            Segment::Move(at(left + r, top)),
            Segment::Line(at(right - r, top)),
            Segment::Arc(at(right - r, top + r), r, PI + FRAC_PI_2, TAU),
            Segment::Line(at(right, bottom - r)),
            Segment::Arc(at(right - r, bottom - r), r, 0.0, FRAC_PI_2),
            Segment::Line(at(left + r, bottom)),
            Segment::Arc(at(left + r, bottom - r), r, FRAC_PI_2, PI),
            Segment::Line(at(left, top + r)),
            Segment::Arc(at(left + r, top + r), r, PI, PI + FRAC_PI_2),
            Segment::Close,
        ])
    }

    /// Lifts the pen and puts it down at `point`.
    pub fn move_to(mut self, point: Point) -> Self {
        self.0.push(Segment::Move(point));
        self
    }

    /// A line to `point`.
    pub fn line_to(mut self, point: Point) -> Self {
        self.0.push(Segment::Line(point));
        self
    }

    /// Back to the start.
    pub fn close(mut self) -> Self {
        self.0.push(Segment::Close);
        self
    }
}

/// How a shape is filled and outlined.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Style {
    /// Fill, if any.
    pub fill: Option<Color>,
    /// Outline, if any.
    pub stroke: Option<Color>,
    /// Width of the outline in px.
    pub width: f64,
    /// Lengths of dashes and gaps, empty for a solid line.
    pub dash: &'static [f64],
    /// 0 to 1; fully opaque if `None`.
    pub opacity: Option<f64>,
    /// Round ends.
    pub round: bool,
}

impl Style {
    /// Filled.
    pub fn fill(color: Color) -> Self {
        Self { fill: Some(color), ..Self::default() }
    }

    /// Outlined.
    pub fn stroke(color: Color, width: f64) -> Self {
        Self { stroke: Some(color), width, ..Self::default() }
    }

    /// Outlined as well.
    pub fn edged(self, color: Color, width: f64) -> Self {
        Self { stroke: Some(color), width, ..self }
    }

    /// With a dashed outline.
    pub fn dashed(self, dash: &'static [f64]) -> Self {
        Self { dash, ..self }
    }

    /// See-through.
    pub fn faded(self, opacity: f64) -> Self {
        Self { opacity: Some(opacity), ..self }
    }

    /// With round ends.
    pub fn rounded(self) -> Self {
        Self { round: true, ..self }
    }
}

/// Where text sits on its point.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Anchor {
    /// Begins there.
    #[default]
    Start,
    /// Around it.
    Middle,
    /// Ends there.
    End,
}

/// Which family.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Family {
    /// Labels in the picture.
    #[default]
    Condensed,
    /// Large numbers and names.
    Sans,
    /// Times and offsets.
    Mono,
}

impl Family {
    /// As CSS writes it, with what the system has instead.
    pub const fn css(self) -> &'static str {
        match self {
            Self::Condensed => {
                "'IBM Plex Sans Condensed','Roboto Condensed','Arial Narrow','Liberation Sans Narrow',sans-serif"
            }
            Self::Sans => "'IBM Plex Sans',system-ui,'Segoe UI',Roboto,'Liberation Sans',sans-serif",
            Self::Mono => "'IBM Plex Mono',ui-monospace,Menlo,Consolas,'Liberation Mono',monospace",
        }
    }
}

/// How text is set. `at` is on the base line.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Type {
    /// Size in px.
    pub size: f64,
    /// 400, 500, 600, 700.
    pub weight: u16,
    /// Colour.
    pub color: Color,
    /// Where it sits.
    pub anchor: Anchor,
    /// Family.
    pub family: Family,
    /// A rim of this colour that keeps it legible over lines.
    pub halo: Option<Color>,
    /// It is squeezed rather than let grow wider than this, in px: keeps its place when the
    /// fonts are not there.
    pub max_width: Option<f64>,
}

impl Type {
    /// Condensed, regular, from the left.
    pub fn new(size: f64, color: Color) -> Self {
        Self { size, weight: 400, color, anchor: Anchor::Start, family: Family::Condensed, halo: None, max_width: None }
    }

    /// With another weight.
    pub fn weight(self, weight: u16) -> Self {
        Self { weight, ..self }
    }

    /// Around its point.
    pub fn middle(self) -> Self {
        Self { anchor: Anchor::Middle, ..self }
    }

    /// Ending at its point.
    pub fn end(self) -> Self {
        Self { anchor: Anchor::End, ..self }
    }

    /// In another family.
    pub fn family(self, family: Family) -> Self {
        Self { family, ..self }
    }

    /// With a rim.
    pub fn halo(self, color: Color) -> Self {
        Self { halo: Some(color), ..self }
    }

    /// Never wider than `px`.
    pub fn within(self, px: f64) -> Self {
        Self { max_width: Some(px.max(1.0)), ..self }
    }
}

/// Something that can be drawn on.
pub trait Brush {
    /// Draws a path.
    fn path(&mut self, path: &Path, style: &Style);

    /// Draws a rectangle with square corners.
    fn rect(&mut self, rect: Rect, style: &Style);

    /// Writes a line of text.
    fn text(&mut self, at: Point, text: &str, kind: &Type);

    /// Draws a line.
    fn line(&mut self, from: Point, to: Point, style: &Style) {
        self.path(&Path::through(&[from, to]), style);
    }

    /// Draws a circle.
    fn circle(&mut self, centre: Point, radius: f64, style: &Style) {
        let full = Segment::Arc(centre, radius, 0.0, std::f64::consts::TAU);
        self.path(&Path(vec![Segment::Move(centre.moved(radius, 0.0)), full]), style);
    }
}
