//! Randomness that repeats: every number an execution draws comes from its seed and a counter kept in its record.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A sequence of random numbers that can be stored and gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draws {
    seed: u64,
    count: u64,
}

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, count: 0 }
    }

    fn next(&mut self) -> fastrand::Rng {
        self.count += 1;
        fastrand::Rng::with_seed(
            fastrand::Rng::with_seed(self.seed)
                .u64(..)
                .wrapping_add(self.count),
        )
    }

    /// Uniform in `[0, 1)`.
    pub(super) fn uniform(&mut self) -> f64 {
        self.next().f64()
    }

    /// Uniform in `[0, most]`, to the millisecond (`JitterStrategy` FULL).
    pub(super) fn jitter(&mut self, most: Duration) -> Duration {
        let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.next().u64(0..=millis))
    }

    /// A version 4 UUID.
    pub(super) fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.next().u128(..).to_be_bytes())
            .into_uuid()
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_sequence_goes_on_where_it_was() {
        let mut whole = Draws::new(7);
        let _ = whole.uuid();
        let mut stored: Draws = serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
        assert_eq!(whole.uniform().to_bits(), stored.uniform().to_bits());
    }

    #[test]
    fn neighbouring_draws_and_seeds_are_unrelated() {
        let of = |seed| {
            let mut draws = Draws::new(seed);
            (0..1000).map(|_| draws.uniform()).collect::<Vec<_>>()
        };
        for seed in 0..4 {
            let numbers = of(seed);
            let mean = numbers.iter().sum::<f64>() / 1000.0;
            assert!((0.45..0.55).contains(&mean), "seed {seed}: mean {mean}");
        }
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn jitter_fills_its_whole_range() {
        let mut draws = Draws::new(3);
        let delays: Vec<_> = (0..200)
            .map(|_| draws.jitter(Duration::from_millis(3)).as_millis())
            .collect();
        for expected in 0..=3 {
            assert!(delays.contains(&expected), "{expected} ms was never drawn");
        }
        assert!(delays.iter().all(|millis| *millis <= 3));
    }
}
