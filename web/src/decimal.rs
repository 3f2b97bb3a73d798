//! Numbers of the page's geometry: as text, and kept between two bounds. std's ways of both bring the exact printing of
//! any float along, a hundredth of the program's bytes, and nobody reads more than two decimals here.

use std::fmt;

/// A number as text, with at most so many decimals and without zeros at its end.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Decimal(f64, u32);

/// At most two decimals: lengths in CSS px.
pub fn px(value: f64) -> Decimal {
    Decimal(value, 2)
}

/// At most this many decimals, of four.
pub fn decimal(value: f64, places: u32) -> Decimal {
    Decimal(value, places.min(4))
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, mut places) = *self;
        let scale = 10_i64.pow(places);
        // What is beyond an i64 is not a place on a page: it ends at its bounds.
        let scaled = (value * scale as f64).round() as i64;
        let (whole, mut part) = (scaled.unsigned_abs() / scale as u64, scaled.unsigned_abs() % scale as u64);
        while places > 0 && part.is_multiple_of(10) {
            (part, places) = (part / 10, places - 1);
        }
        if scaled < 0 {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        if places > 0 { write!(f, ".{part:0width$}", width = places as usize) } else { Ok(()) }
    }
}

/// Keeping a number between two bounds.
pub trait Within {
    /// As `f64::clamp`, but where the bounds are crossed, it does not panic: the lower one counts.
    fn within(self, low: f64, high: f64) -> f64;
}

impl Within for f64 {
    fn within(self, low: f64, high: f64) -> f64 {
        match self {
            small if small < low => low,
            large if large > high => high.max(low),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        for (value, places, text) in [
            (0.0, 2, "0"),
            (12.0, 2, "12"),
            (12.5, 2, "12.5"),
            (12.049, 2, "12.05"),
            (0.999, 2, "1"),
            (-0.5, 1, "-0.5"),
            (-0.001, 2, "0"),
            (-12.05, 2, "-12.05"),
            (99.96, 1, "100"),
            (7.6, 0, "8"),
            (0.0625, 4, "0.0625"),
            (f64::NAN, 2, "0"),
        ] {
            assert_eq!(decimal(value, places).to_string(), text, "{value} with {places}");
        }
        assert!(decimal(f64::INFINITY, 2).to_string().starts_with("9223"));
        assert_eq!(px(1.0 / 3.0).to_string(), "0.33");
    }

    #[test]
    fn bounds_that_are_crossed_or_no_numbers_do_no_harm() {
        assert_eq!((5.0.within(0.0, 3.0), (-5.0).within(0.0, 3.0), 2.0.within(0.0, 3.0)), (3.0, 0.0, 2.0));
        assert_eq!((5.0.within(4.0, 3.0), 2.0.within(4.0, 3.0)), (4.0, 4.0));
        assert!(f64::NAN.within(1.0, 2.0).is_nan());
    }
}
