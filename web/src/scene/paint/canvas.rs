//! A brush on a 2D canvas.

use crate::decimal::px;
use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use super::brush::{Anchor, Brush, Path, Segment, Style, Type};
use crate::scene::geometry::{Point, Rect};
use crate::scene::palette::Color;

/// A 2D canvas, with what was set last: every call crosses from wasm to the browser, so what is
/// already so is not set again.
#[derive(Debug)]
pub struct Canvas<'a> {
    context: &'a CanvasRenderingContext2d,
    fill: Option<Color>,
    stroke: Option<Color>,
    width: f64,
    dash: &'static [f64],
    opacity: f64,
    round: bool,
    font: Option<(u64, u16, super::brush::Family)>,
    anchor: Option<Anchor>,
}

impl<'a> Canvas<'a> {
    /// A brush on `context`, which is left as it was found but for its styles.
    pub fn new(context: &'a CanvasRenderingContext2d) -> Self {
        context.set_global_alpha(1.0);
        context.set_line_width(1.0);
        context.set_line_cap("butt");
        context.set_line_join("round");
        context.set_text_baseline("alphabetic");
        let canvas = Self {
            context,
            fill: None,
            stroke: None,
            width: 1.0,
            dash: &[],
            opacity: 1.0,
            round: false,
            font: None,
            anchor: None,
        };
        canvas.send_dash(&[]);
        canvas
    }

    fn send_dash(&self, dash: &[f64]) {
        let parts = js_sys::Array::new();
        for part in dash {
            parts.push(&JsValue::from_f64(*part));
        }
        // Refused only for negative or infinite lengths, which no style has.
        let _ = self.context.set_line_dash(&parts);
    }

    fn use_fill(&mut self, color: Color) {
        if self.fill != Some(color) {
            self.context.set_fill_style_str(&color.hex());
            self.fill = Some(color);
        }
    }

    fn use_stroke(&mut self, color: Color, width: f64, dash: &'static [f64], round: bool) {
        if self.stroke != Some(color) {
            self.context.set_stroke_style_str(&color.hex());
            self.stroke = Some(color);
        }
        if self.width != width {
            self.context.set_line_width(width);
            self.width = width;
        }
        if self.dash != dash {
            self.send_dash(dash);
            self.dash = dash;
        }
        if self.round != round {
            self.context.set_line_cap(if round { "round" } else { "butt" });
            self.round = round;
        }
    }

    fn use_opacity(&mut self, opacity: f64) {
        if self.opacity != opacity {
            self.context.set_global_alpha(opacity);
            self.opacity = opacity;
        }
    }

    fn trace(&self, path: &Path) {
        self.context.begin_path();
        for segment in &path.0 {
            match *segment {
                Segment::Move(p) => self.context.move_to(p.x, p.y),
                Segment::Line(p) => self.context.line_to(p.x, p.y),
                Segment::Curve(a, b, p) => self.context.bezier_curve_to(a.x, a.y, b.x, b.y, p.x, p.y),
                Segment::Arc(c, r, from, to) => {
                    // Refused only for a negative radius; then there is nothing to draw.
                    let _ = self.context.arc_with_anticlockwise(c.x, c.y, r, from, to, to < from);
                }
                Segment::Close => self.context.close_path(),
            }
        }
    }
}

impl Brush for Canvas<'_> {
    fn path(&mut self, path: &Path, style: &Style) {
        self.use_opacity(style.opacity.unwrap_or(1.0));
        self.trace(path);
        if let Some(color) = style.fill {
            self.use_fill(color);
            self.context.fill();
        }
        if let Some(color) = style.stroke {
            self.use_stroke(color, style.width, style.dash, style.round);
            self.context.stroke();
        }
    }

    fn rect(&mut self, rect: Rect, style: &Style) {
        self.use_opacity(style.opacity.unwrap_or(1.0));
        if let Some(color) = style.fill {
            self.use_fill(color);
            self.context.fill_rect(rect.x, rect.y, rect.w.max(0.0), rect.h.max(0.0));
        }
        if let Some(color) = style.stroke {
            self.use_stroke(color, style.width, style.dash, style.round);
            self.context.stroke_rect(rect.x, rect.y, rect.w.max(0.0), rect.h.max(0.0));
        }
    }

    fn text(&mut self, at: Point, text: &str, kind: &Type) {
        if text.is_empty() {
            return;
        }
        self.use_opacity(1.0);
        let font = (kind.size.to_bits(), kind.weight, kind.family);
        if self.font != Some(font) {
            self.context.set_font(&format!("{} {}px {}", kind.weight, px(kind.size), kind.family.css()));
            self.font = Some(font);
        }
        if self.anchor != Some(kind.anchor) {
            self.context.set_text_align(match kind.anchor {
                Anchor::Start => "left",
                Anchor::Middle => "center",
                Anchor::End => "right",
            });
            self.anchor = Some(kind.anchor);
        }
        // Text calls fail on no input; a canvas that is gone draws nothing.
        if let Some(halo) = kind.halo {
            self.use_stroke(halo, 3.5, &[], false);
            let _ = match kind.max_width {
                Some(width) => self.context.stroke_text_with_max_width(text, at.x, at.y, width),
                None => self.context.stroke_text(text, at.x, at.y),
            };
        }
        self.use_fill(kind.color);
        let _ = match kind.max_width {
            Some(width) => self.context.fill_text_with_max_width(text, at.x, at.y, width),
            None => self.context.fill_text(text, at.x, at.y),
        };
    }
}
