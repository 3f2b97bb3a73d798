//! Scenarios whose whole run is summed up in one number, the fingerprint. They are played natively
//! and in the browser (`tests/parity`), so this file uses nothing but core.

use playground_core::rng::Rng;

/// Names, by number.
pub const NAMES: [&str; 1] = ["chance"];

/// Plays a scenario; 0 if there is none of this name.
pub fn fingerprint(scenario: &str) -> u64 {
    if scenario == "chance" { chance() } else { 0 }
}

/// The generator alone: everything else rests on it.
fn chance() -> u64 {
    let mut rng = Rng::new(7);
    (1..10_000).fold(0, |sum: u64, bound| sum.rotate_left(7) ^ rng.below(bound))
}
