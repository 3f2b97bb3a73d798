//! Exponential back-off with jitter (`ExponentialBackoff`, KIP-580).

use crate::rng::Rng;
use crate::time::SimDuration;

/// Waits `initial`, twice that, and so on up to `max`, each 20 % shorter or longer by chance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backoff {
    /// The first wait.
    pub initial_ms: u64,
    /// The longest wait.
    pub max_ms: u64,
}

impl Backoff {
    /// The wait after `attempts` earlier ones, without chance.
    pub fn plain_ms(&self, attempts: u32) -> u64 {
        let doubled = self.initial_ms.checked_mul(1u64.checked_shl(attempts.min(40)).unwrap_or(u64::MAX));
        doubled.unwrap_or(u64::MAX).min(self.max_ms)
    }

    /// The wait after `attempts` earlier ones.
    pub fn wait(&self, attempts: u32, rng: &mut Rng) -> SimDuration {
        let ms = self.plain_ms(attempts);
        // With nothing to grow to, Kafka draws no chance either.
        if self.max_ms <= self.initial_ms {
            return SimDuration::from_ms(ms);
        }
        let jittered = u128::from(ms) * u128::from(rng.between(8_000, 12_000)) / 10_000;
        SimDuration::from_ms(u64::try_from(jittered).unwrap_or(u64::MAX).min(self.max_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_greatest_wait() {
        let backoff = Backoff { initial_ms: 100, max_ms: 1000 };
        let waits: Vec<u64> = (0..6).map(|attempts| backoff.plain_ms(attempts)).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(backoff.plain_ms(u32::MAX), 1000);
    }

    #[test]
    fn chance_stays_within_a_fifth() {
        let backoff = Backoff { initial_ms: 100, max_ms: 1000 };
        let mut rng = Rng::new(1);
        for attempts in 0..200 {
            let (wait, plain) = (backoff.wait(attempts % 6, &mut rng).as_ms(), backoff.plain_ms(attempts % 6));
            assert!(wait >= plain * 8 / 10 && wait <= (plain * 12 / 10).min(1000), "{wait} for {plain}");
        }
    }
}
