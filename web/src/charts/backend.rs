//! plotters draws with the page's own brush: the same canvas, file, fonts and density as the picture.
//!
//! Its own canvas backend knows whole px only, is blurred on dense screens and measures text by putting
//! an element into the page for each label.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use crate::scene::Rect;
use crate::scene::geometry::{Point, at};
use crate::scene::paint::brush::{Anchor, Brush, Family, Path, Style, Type, text_width};
use crate::scene::palette::Color;

/// plotters counts in whole units: so many of them are one px.
pub const UNITS: f64 = 8.0;

type Done = Result<(), DrawingErrorKind<Infallible>>;

/// How lines are drawn from now on; plotters knows no dashes and no small shifts.
#[derive(Clone, Debug, Default)]
pub struct Pen {
    /// Dashed.
    pub dashed: Rc<Cell<bool>>,
    /// Lowered by so many px, so that lines of equal numbers lie side by side.
    pub lowered: Rc<Cell<f64>>,
}

/// A brush for plotters.
pub struct BrushBackend<'a> {
    brush: &'a mut dyn Brush,
    size: (f64, f64),
    pen: Pen,
}

impl<'a> BrushBackend<'a> {
    /// A backend of this size in px.
    pub fn new(brush: &'a mut dyn Brush, size: (f64, f64), pen: Pen) -> Self {
        Self { brush, size, pen }
    }

    fn point(&self, place: BackendCoord) -> Point {
        at(f64::from(place.0) / UNITS, f64::from(place.1) / UNITS + self.pen.lowered.get())
    }

    fn stroke(&self, color: BackendColor, width: u32) -> Style {
        let dash: &'static [f64] = if self.pen.dashed.get() { &[4.0, 3.0] } else { &[] };
        Style::stroke(color_of(color), f64::from(width) / UNITS).dashed(dash)
    }
}

fn color_of(color: BackendColor) -> Color {
    let (red, green, blue) = color.rgb;
    Color(u32::from(red) << 16 | u32::from(green) << 8 | u32::from(blue))
}

impl DrawingBackend for BrushBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        ((self.size.0 * UNITS) as u32, (self.size.1 * UNITS) as u32)
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Done {
        let place = self.point(point);
        self.brush.rect(Rect::new(place.x, place.y, 1.0 / UNITS, 1.0 / UNITS), &Style::fill(color_of(color)));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, one: BackendCoord, other: BackendCoord, style: &S, fill: bool) -> Done {
        if style.color().alpha > 0.0 {
            let (from, to) = (self.point(one), self.point(other));
            let area = Rect::new(from.x, from.y, to.x - from.x, to.y - from.y);
            let stroke = self.stroke(style.color(), style.stroke_width());
            self.brush.rect(area, &if fill { Style::fill(color_of(style.color())) } else { stroke });
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Done {
        if style.color().alpha > 0.0 {
            let points: Vec<Point> = path.into_iter().map(|place| self.point(place)).collect();
            let stroke = self.stroke(style.color(), style.stroke_width());
            self.brush.path(&Path::through(&points), &stroke);
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, centre: BackendCoord, radius: u32, style: &S, fill: bool) -> Done {
        let stroke = self.stroke(style.color(), style.stroke_width());
        let style = if fill { Style::fill(color_of(style.color())) } else { stroke };
        let centre = self.point(centre);
        self.brush.circle(centre, f64::from(radius) / UNITS, &style);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Done {
        let points: Vec<Point> = corners.into_iter().map(|place| self.point(place)).collect();
        self.brush.path(&Path::polygon(&points), &Style::fill(color_of(style.color())));
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, place: BackendCoord) -> Done {
        if style.color().alpha <= 0.0 {
            return Ok(());
        }
        let size = style.size() / UNITS;
        let place = self.point(place);
        let anchor = style.anchor();
        // Ours stands on its base line.
        let base = match anchor.v_pos {
            VPos::Top => size * 0.82,
            VPos::Center => size * 0.34,
            VPos::Bottom => 0.0,
        };
        let kind = Type {
            anchor: match anchor.h_pos {
                HPos::Left => Anchor::Start,
                HPos::Center => Anchor::Middle,
                HPos::Right => Anchor::End,
            },
            ..Type::new(size, color_of(style.color()))
        };
        self.brush.text(place.moved(0.0, base), text, &kind);
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = style.size() / UNITS;
        let width = text_width(text, size, Family::Condensed);
        Ok(((width * UNITS) as u32, (size * UNITS) as u32))
    }
}
