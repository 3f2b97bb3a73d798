//! What all sweeps of random faults share: seeds side by side, a weighted draw, one watched event.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use playground_core::invariant::{Promises, Violation};
use playground_core::rng::Rng;
use playground_core::sim::World;
use playground_core::time::SimTime;

/// Plays the seeds from the first to the one before the last, so many side by side.
pub fn each(seeds: (u64, u64), jobs: u64, play: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(seeds.0);
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.1 {
                        return;
                    }
                    play(seed);
                }
            });
        }
    });
}

/// One of the kinds, each as often as it weighs.
pub(crate) fn draw<K: Copy>(rng: &mut Rng, weights: &[(K, u64)]) -> Option<K> {
    let sum: u64 = weights.iter().map(|(_, weight)| weight).sum();
    let mut drawn = rng.below(sum.max(1));
    weights.iter().find_map(|(kind, weight)| {
        let found = drawn < *weight;
        drawn = drawn.saturating_sub(*weight);
        found.then_some(*kind)
    })
}

/// The next event that is due by `until`, under the eyes of the promises; `None` if there is none.
pub(crate) fn watched_event(
    world: &mut World,
    promises: &mut Promises,
    until: SimTime,
    verbose: bool,
) -> Option<Result<(), Violation>> {
    world.next_event_at().filter(|at| *at <= until)?;
    let stepped = world.step()?;
    if verbose {
        for observed in world.observations() {
            println!("{}      {}: {}", observed.at, observed.node, observed.observation);
        }
    }
    promises.check(world, &stepped, 0);
    Some(promises.violations().first().map_or(Ok(()), |violation| Err(violation.clone())))
}
