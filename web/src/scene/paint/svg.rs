//! A brush that writes an SVG file: for export, and for looking at the picture without a browser.

use crate::decimal::px;
use std::fmt::Write;

use super::brush::{Anchor, Brush, Path, Segment, Style, Type};
use crate::scene::geometry::{Point, Rect};

/// An SVG document in the making.
#[derive(Debug)]
pub struct Svg {
    body: String,
    width: f64,
    height: f64,
}

impl Svg {
    /// An empty document.
    pub fn new(width: f64, height: f64) -> Self {
        Self { body: String::new(), width, height }
    }

    /// The document's text.
    pub fn finish(self) -> String {
        let (w, h) = (px(self.width), px(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">\n{}</svg>\n",
            self.body
        )
    }

    fn put(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(arguments);
    }

    fn style(&mut self, style: &Style) {
        match style.fill {
            Some(color) => self.put(format_args!(" fill=\"{}\"", color.hex())),
            None => self.put(format_args!(" fill=\"none\"")),
        }
        if let Some(color) = style.stroke {
            self.put(format_args!(" stroke=\"{}\" stroke-width=\"{}\"", color.hex(), px(style.width)));
        }
        if !style.dash.is_empty() {
            let dash: Vec<String> = style.dash.iter().map(|part| px(*part).to_string()).collect();
            self.put(format_args!(" stroke-dasharray=\"{}\"", dash.join(" ")));
        }
        if let Some(opacity) = style.opacity {
            self.put(format_args!(" opacity=\"{}\"", px(opacity)));
        }
        if style.round {
            self.put(format_args!(" stroke-linecap=\"round\" stroke-linejoin=\"round\""));
        }
        self.put(format_args!("/>\n"));
    }
}

fn path_data(path: &Path) -> String {
    let mut data = String::new();
    for segment in &path.0 {
        let _ = match *segment {
            Segment::Move(p) => write!(data, "M{} {}", px(p.x), px(p.y)),
            Segment::Line(p) => write!(data, "L{} {}", px(p.x), px(p.y)),
            Segment::Curve(a, b, p) => {
                write!(data, "C{} {} {} {} {} {}", px(a.x), px(a.y), px(b.x), px(b.y), px(p.x), px(p.y))
            }
            Segment::Arc(c, r, from, to) => {
                // Halves, since an SVG arc cannot be a full circle.
                let middle = (from + to) / 2.0;
                let large = i32::from((to - from).abs() / 2.0 > std::f64::consts::PI);
                let sweep = i32::from(to > from);
                [middle, to].iter().try_for_each(|angle| {
                    let Point { x, y } = c.polar(r, *angle);
                    write!(data, "A{} {} 0 {large} {sweep} {} {}", px(r), px(r), px(x), px(y))
                })
            }
            Segment::Close => write!(data, "Z"),
        };
    }
    data
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Brush for Svg {
    fn path(&mut self, path: &Path, style: &Style) {
        self.put(format_args!("<path d=\"{}\"", path_data(path)));
        self.style(style);
    }

    fn rect(&mut self, rect: Rect, style: &Style) {
        let (x, y, w, h) = (px(rect.x), px(rect.y), px(rect.w.max(0.0)), px(rect.h.max(0.0)));
        self.put(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\""));
        self.style(style);
    }

    fn text(&mut self, at: Point, text: &str, kind: &Type) {
        if text.is_empty() {
            return;
        }
        let anchor = match kind.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.put(format_args!(
            "<text x=\"{}\" y=\"{}\" font-family=\"{}\" font-size=\"{}\" font-weight=\"{}\" text-anchor=\"{anchor}\" fill=\"{}\"",
            px(at.x),
            px(at.y),
            kind.family.css(),
            px(kind.size),
            kind.weight,
            kind.color.hex()
        ));
        if let Some(halo) = kind.halo {
            self.put(format_args!(
                " stroke=\"{}\" stroke-width=\"3.5\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
                halo.hex()
            ));
        }
        self.put(format_args!(">{}</text>\n", escaped(text)));
    }
}
