//! Points, rectangles and paths in CSS pixels, origin at the top left of the picture.

use crate::decimal::Within;

/// A point.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

/// Shorthand for a [`Point`].
pub const fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

impl Point {
    /// This point moved by (`dx`, `dy`).
    pub fn moved(self, dx: f64, dy: f64) -> Self {
        at(self.x + dx, self.y + dy)
    }

    /// The point that lies `part` of the way to `other`.
    pub fn towards(self, other: Self, part: f64) -> Self {
        at(self.x + (other.x - self.x) * part, self.y + (other.y - self.y) * part)
    }

    /// One px towards `other`; to the right if it is here.
    pub fn direction(self, other: Self) -> Self {
        let length = self.distance(other);
        if length > 0.0 { at((other.x - self.x) / length, (other.y - self.y) / length) } else { at(1.0, 0.0) }
    }

    /// `x` ahead and `y` to the right of here, for somebody who looks in this direction.
    pub fn ahead(self, direction: Self, x: f64, y: f64) -> Self {
        at(self.x + x * direction.x - y * direction.y, self.y + x * direction.y + y * direction.x)
    }

    /// The point `radius` away at `angle`, clockwise from the right.
    pub fn polar(self, radius: f64, angle: f64) -> Self {
        // The browser has sine and cosine: tables of the program's own weigh four kilobytes.
        #[cfg(target_arch = "wasm32")]
        let (sin, cos) = (js_sys::Math::sin(angle), js_sys::Math::cos(angle));
        #[cfg(not(target_arch = "wasm32"))]
        let (sin, cos) = angle.sin_cos();
        at(self.x + radius * cos, self.y + radius * sin)
    }

    /// Distance to `other`.
    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// A rectangle.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// A rectangle from its upper left corner and its size.
    pub const fn new(x: f64, y: f64, w: f64, h: f64) -> Self {
        Self { x, y, w, h }
    }

    /// A rectangle around `centre`.
    pub fn around(centre: Point, w: f64, h: f64) -> Self {
        Self::new(centre.x - w / 2.0, centre.y - h / 2.0, w, h)
    }

    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// The middle.
    pub fn centre(&self) -> Point {
        at(self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Grown by `by` on every side (shrunk if negative, never below nothing).
    pub fn grown(&self, by: f64) -> Self {
        let (w, h) = ((self.w + 2.0 * by).max(0.0), (self.h + 2.0 * by).max(0.0));
        Self::around(self.centre(), w, h)
    }

    /// At least `side` wide and high, around the same middle: what a finger or pointer can hit.
    pub fn at_least(&self, side: f64) -> Self {
        Self::around(self.centre(), self.w.max(side), self.h.max(side))
    }

    /// Moved, and if need be shrunk, so that it lies in `outer`.
    pub fn inside(&self, outer: &Self) -> Self {
        let (w, h) = (self.w.min(outer.w), self.h.min(outer.h));
        let x = self.x.within(outer.x, outer.right() - w);
        let y = self.y.within(outer.y, outer.bottom() - h);
        Self::new(x, y, w, h)
    }

    /// Whether `point` lies in it.
    pub fn contains(&self, point: Point) -> bool {
        point.x >= self.x && point.x < self.right() && point.y >= self.y && point.y < self.bottom()
    }

    /// Whether the two share more than a hairline.
    pub fn overlaps(&self, other: &Self) -> bool {
        const HAIR: f64 = 0.01;
        self.x + HAIR < other.right()
            && other.x + HAIR < self.right()
            && self.y + HAIR < other.bottom()
            && other.y + HAIR < self.bottom()
    }
}
