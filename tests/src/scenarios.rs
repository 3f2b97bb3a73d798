//! Scenarios whose whole run is summed up in one number, the fingerprint. They are played natively
//! and in the browser (`tests/parity`), so this file uses nothing but core.

use playground_core::rng::Rng;

/// Names, by number.
pub const NAMES: &[&str] = &["chance"];

/// Plays a scenario. `None` if there is none with this number.
pub fn fingerprint(scenario: u32) -> Option<u64> {
    match NAMES.get(usize::try_from(scenario).ok()?)? {
        &"chance" => Some(chance()),
        _ => None,
    }
}

/// The generator alone: everything else rests on it.
fn chance() -> u64 {
    let mut rng = Rng::new(7);
    (1..10_000).fold(0, |sum: u64, bound| sum.rotate_left(7) ^ rng.below(bound))
}
