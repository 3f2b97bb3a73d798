//! Signs that recur: star, diamond, cross, pennant, ring, hatch, zigzag, pin.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::brush::{Brush, Family, Path, Segment, Style, Type};
use crate::scene::geometry::{Point, Rect, at};
use crate::scene::options::PinKind;
use crate::scene::palette::{Color, Palette};

/// The controller's star.
pub fn star(brush: &mut dyn Brush, centre: Point, radius: f64, color: Color) {
    let corner = |index: i32| {
        let reach = if index % 2 == 0 { radius } else { radius * 0.42 };
        centre.polar(reach, f64::from(index) * PI / 5.0 - FRAC_PI_2)
    };
    let corners: Vec<Point> = (0..10).map(corner).collect();
    brush.path(&Path::polygon(&corners), &Style::fill(color));
}

/// The coordinator's diamond.
pub fn diamond(brush: &mut dyn Brush, centre: Point, radius: f64, color: Color) {
    let corners =
        [centre.moved(0.0, -radius), centre.moved(radius, 0.0), centre.moved(0.0, radius), centre.moved(-radius, 0.0)];
    brush.path(&Path::polygon(&corners), &Style::fill(color));
}

/// Dead or lost.
pub fn cross(brush: &mut dyn Brush, centre: Point, reach: f64, width: f64, color: Color) {
    let strokes = Path::new()
        .move_to(centre.moved(-reach, -reach))
        .line_to(centre.moved(reach, reach))
        .move_to(centre.moved(reach, -reach))
        .line_to(centre.moved(-reach, reach));
    brush.path(&strokes, &Style::stroke(color, width));
}

/// A tick, for what was acknowledged.
pub fn tick(brush: &mut dyn Brush, centre: Point, reach: f64, width: f64, color: Color) {
    let stroke = Path::through(&[
        centre.moved(-reach, 0.1 * reach),
        centre.moved(-0.2 * reach, 0.8 * reach),
        centre.moved(reach, -0.7 * reach),
    ]);
    brush.path(&stroke, &Style::stroke(color, width));
}

/// An ephemeral znode: a pennant on a post whose foot is at `foot`; fallen when it is gone.
pub fn pennant(brush: &mut dyn Brush, foot: Point, color: Color, fallen: bool) {
    // By 78 degrees.
    let ahead = if fallen { at(0.207_9, 0.978_1) } else { at(1.0, 0.0) };
    let turned = |x: f64, y: f64| foot.ahead(ahead, x, y);
    brush.line(turned(0.0, 0.0), turned(0.0, -14.0), &Style::stroke(color, 1.6));
    let cloth = [turned(0.0, -14.0), turned(9.0, -10.8), turned(0.0, -7.4)];
    brush.path(&Path::polygon(&cloth), &Style::fill(color));
}

/// A deadline that drains: the part that is left, clockwise from the top.
pub fn ring(brush: &mut dyn Brush, centre: Point, radius: f64, width: f64, left: f64, palette: &Palette) {
    brush.circle(centre, radius, &Style::stroke(palette.line, width));
    if left >= 0.999 {
        brush.circle(centre, radius, &Style::stroke(palette.ink, width));
    } else if left > 0.0 {
        let from = -FRAC_PI_2;
        let arc = Path(vec![
            Segment::Move(centre.polar(radius, from)),
            Segment::Arc(centre, radius, from, from + TAU * left),
        ]);
        brush.path(&arc, &Style::stroke(palette.ink, width));
    }
}

/// Lines at 45 degrees, `step` px apart, within `area`: what does not count.
pub fn hatch(brush: &mut dyn Brush, area: Rect, step: f64, style: &Style) {
    if area.w <= 0.0 || area.h <= 0.0 {
        return;
    }
    let mut path = Path::new();
    // A line is x + y = sum; sums are multiples of the step, so that neighbours line up.
    let first = ((area.x + area.y) / step).ceil() as i64;
    let last = ((area.right() + area.bottom()) / step).floor() as i64;
    for number in first..=last {
        let sum = number as f64 * step;
        let x_low = (sum - area.bottom()).max(area.x);
        let x_high = (sum - area.y).min(area.right());
        if x_high > x_low {
            path = path.move_to(at(x_low, sum - x_low)).line_to(at(x_high, sum - x_high));
        }
    }
    brush.path(&path, style);
}

/// A line that is cut: zigzags across the way from `from` to `to` at `middle`.
pub fn zigzag(brush: &mut dyn Brush, middle: Point, across: Point, reach: f64, color: Color, ground: Color) {
    let length = across.x.hypot(across.y).max(0.001);
    let (ux, uy) = (across.x / length, across.y / length);
    let corner = |along: f64, aside: f64| at(middle.x + ux * along - uy * aside, middle.y + uy * along + ux * aside);
    let corners: Vec<Point> = (0..=6)
        .map(|index| corner((f64::from(index) / 3.0 - 1.0) * reach, if index % 2 == 0 { -2.6 } else { 2.6 }))
        .collect();
    let path = Path::through(&corners);
    brush.path(&path, &Style::stroke(ground, 6.5));
    brush.path(&path, &Style::stroke(color, 2.2));
}

/// A numbered link of a chain of causes.
pub fn pin(brush: &mut dyn Brush, centre: Point, number: u32, kind: PinKind, palette: &Palette) {
    let (fill, text) = match kind {
        PinKind::Broke => (palette.red, palette.on_ink),
        PinKind::Followed => (palette.ink, palette.on_ink),
        PinKind::Coming => (palette.row, palette.ink),
    };
    brush.circle(centre, 10.5, &Style::fill(palette.desk));
    brush.circle(
        centre,
        9.0,
        &Style::fill(fill).edged(if kind == PinKind::Broke { palette.red } else { palette.ink }, 1.6),
    );
    let kind = Type::new(12.0, text).weight(700).middle().family(Family::Sans);
    brush.text(centre.moved(0.0, 4.3), &number.to_string(), &kind);
}

/// A ring around what is selected: 2 px of ink, 3 px off.
pub fn selection(brush: &mut dyn Brush, area: Rect, palette: &Palette) {
    brush.path(&Path::round(area.grown(4.0), 6.0), &Style::stroke(palette.desk, 3.6));
    brush.path(&Path::round(area.grown(4.0), 6.0), &Style::stroke(palette.ink, 2.0));
}
