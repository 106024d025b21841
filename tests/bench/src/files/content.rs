//! Bytes for keys and values, from a seed: slices of pools, because drawing every byte would take longer than the
//! server takes to store them.

use fastrand::Rng;
use std::ops::Range;

/// Bytes of a pool. Two slices seldom come from the same place, so values do not repeat.
const POOL: usize = 4 << 20;

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const WORDS: [&str; 32] = [
    "account", "active", "amount", "basket", "black", "blue", "checkout", "city", "country", "currency",
    "customer", "delivery", "discount", "email", "express", "gift", "item", "label", "large", "medium",
    "note", "order", "parcel", "paid", "pending", "quantity", "red", "returned", "shipped", "small",
    "standard", "street",
];

/// A source of values; the same seed gives the same values.
#[derive(Debug)]
pub(crate) struct Content {
    /// For numbers and choices.
    pub(crate) rng: Rng,
    tokens: Vec<u8>,
    text: Vec<u8>,
}

impl Content {
    /// Fills the pools.
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let tokens = (0..POOL).map(|_| LETTERS[rng.usize(..LETTERS.len())]).collect();
        let mut text = Vec::with_capacity(POOL + 256);
        while text.len() < POOL {
            text.extend_from_slice(record(&mut rng).as_bytes());
        }
        Self { rng, tokens, text }
    }

    /// Letters and digits that do not compress, as identifiers and tickets do not.
    pub(crate) fn token(&mut self, length: Range<usize>) -> &[u8] {
        slice(&mut self.rng, &self.tokens, length)
    }

    /// JSON as applications store it; LZF leaves a half of it, or less of long ones.
    pub(crate) fn text(&mut self, length: Range<usize>) -> &[u8] {
        slice(&mut self.rng, &self.text, length)
    }

    /// Bytes that nothing compresses, such as pictures; of any length.
    pub(crate) fn noise(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.rng.fill(&mut bytes);
        bytes
    }

    /// JSON of any length.
    pub(crate) fn long_text(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let part = self.text(1000..4000);
            bytes.extend_from_slice(part);
        }
        bytes.truncate(length);
        bytes
    }
}

fn slice<'p>(rng: &mut Rng, pool: &'p [u8], length: Range<usize>) -> &'p [u8] {
    let length = rng.usize(length);
    let start = rng.usize(..POOL - length);
    &pool[start..start + length]
}

fn record(rng: &mut Rng) -> String {
    let mut word = || WORDS[rng.usize(..WORDS.len())];
    let (status, kind, city, note) = (word(), word(), word(), [word(), word(), word(), word()].join(" "));
    let (id, cents) = (rng.u32(..), rng.u32(..100_000));
    format!(
        r#"{{"id":{id},"status":"{status}","kind":"{kind}","amount":{cents},"address":{{"city":"{city}"}},"note":"{note}"}},"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_everything_and_lengths_are_kept() {
        let drawn = |seed| {
            let mut content = Content::new(seed);
            let parts = [
                content.token(5..20).to_vec(),
                content.text(10..500).to_vec(),
                content.noise(1000),
                content.long_text(5000),
            ];
            assert_eq!((parts[2].len(), parts[3].len()), (1000, 5000));
            assert!((5..20).contains(&parts[0].len()), "{}", parts[0].len());
            parts.concat()
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
    }
}
