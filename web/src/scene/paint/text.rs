//! How wide text is. The scene has no fonts; it estimates by letters. Where the page's own fonts have not
//! arrived (or never will) the system's run up to a third wider: whoever can measure says how much.

use crate::decimal::Within;
use std::cell::Cell;

use super::brush::Family;

thread_local! {
    /// By family: how much wider the fonts at hand run than those that the estimate was made for.
    static STRETCH: Cell<[f64; 3]> = const { Cell::new([1.0; 3]) };
}

/// What is written in one of the families, set at 100 px, to measure it.
pub const SAMPLE: &str = "partition 0  Isr 101,102 < min 2  truck-C offline, on disk";

/// Tells how wide [`SAMPLE`] came out at 100 px. True if that is news, and what was laid out before is to be
/// laid out anew.
pub fn measured(family: Family, width: f64) -> bool {
    let mut all = STRETCH.get();
    let own = &mut all[family as usize];
    let before = std::mem::replace(own, 1.0);
    STRETCH.set(all);
    let factor = (width / text_width(SAMPLE, 100.0, family)).within(0.7, 1.6);
    let factor = if factor.is_finite() { factor } else { 1.0 };
    all[family as usize] = factor;
    STRETCH.set(all);
    (factor - before).abs() > 0.005
}

/// About how wide `text` is at `size` px in `family`: an estimate by letters, stretched as the fonts
/// at hand are.
pub fn text_width(text: &str, size: f64, family: Family) -> f64 {
    let units: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.27,
            ' ' | 'f' | 't' | 'r' | '-' | '(' | ')' | '/' => 0.34,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.82,
            'A'..='Z' | '_' => 0.60,
            _ => 0.53,
        })
        .sum();
    let ems = match family {
        Family::Condensed => units * 0.90,
        Family::Sans => units * 1.06,
        Family::Mono => 0.6 * text.chars().count() as f64,
    };
    size * ems * STRETCH.get()[family as usize]
}

/// `text` cut to `width` px, with an ellipsis if anything is missing.
pub fn fitted(text: &str, width: f64, size: f64, family: Family) -> String {
    if text_width(text, size, family) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if text_width(&kept, size, family) + size * 0.5 > width {
            kept.pop();
            break;
        }
    }
    let trimmed = kept.trim_end();
    if trimmed.is_empty() { String::new() } else { format!("{trimmed}…") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_stretches_the_estimate() {
        let plain = text_width("partition 0", 12.0, Family::Condensed);
        assert!(measured(Family::Condensed, 1.25 * text_width(SAMPLE, 100.0, Family::Condensed)));
        let wide = text_width("partition 0", 12.0, Family::Condensed);
        assert!((wide / plain - 1.25).abs() < 1e-9);
        assert!(!measured(Family::Condensed, 1.25 * text_width(SAMPLE, 100.0, Family::Condensed) / 1.25));
        assert!(fitted("partition 0 of a topic", plain, 12.0, Family::Condensed).ends_with('…'));
        assert!(measured(Family::Condensed, f64::NAN), "no measure is no stretch");
        assert!((text_width("partition 0", 12.0, Family::Condensed) - plain).abs() < 1e-9);
    }
}
