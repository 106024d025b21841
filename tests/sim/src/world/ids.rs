//! Opaque identifiers from a seed and a counter: the same world gives the same ones again.

use serde::{Deserialize, Serialize};

/// The source of version ids, message ids and blob names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ids {
    seed: u64,
    counter: u64,
}

/// The output function of `SplitMix64` (Steele et al. 2014): a bijection, so distinct counters stay distinct.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Ids {
    /// Identifiers that depend on nothing but the seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    /// The next number: never repeated within one world.
    pub(crate) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// 32 characters `[0-9a-f]`, as opaque as an S3 version id.
    pub(crate) fn opaque(&mut self) -> String {
        let number = self.number();
        format!(
            "{:016x}{:016x}",
            mix(self.seed.wrapping_add(number)),
            mix(number ^ self.seed.rotate_left(32))
        )
    }

    /// Shaped like the UUID that SNS answers.
    pub(crate) fn uuid(&mut self) -> String {
        let hex = self.opaque();
        format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }
}
