//! SHA-256 of the object, and the CRC that S3 keeps of it.

use crate::checksum;
use backup_core::ports::StoredChecksum;
use crc_fast::Digest as Crc;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest as _, Sha256};

/// Digests over the object's bytes from the first on.
///
/// They may be ahead of the scanner's cursor, which can lie before what was read: [`Digests::update`] passes over
/// the bytes that come a second time.
#[derive(Debug, Clone)]
pub(crate) struct Digests {
    sha256: Sha256,
    crc: Option<Crc>,
    hashed: u64,
}

/// What the digests came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sums {
    /// SHA-256.
    pub(crate) sha256: [u8; 32],
    /// The CRC of the object's own checksum, where that is one.
    pub(crate) crc: Option<u64>,
}

impl Digests {
    /// Before the first byte; with the CRC that `stored` is compared with, if it is.
    pub(crate) fn new(stored: Option<&StoredChecksum>) -> Self {
        Self {
            sha256: Sha256::new(),
            crc: stored.and_then(checksum::crc).map(Crc::new),
            hashed: 0,
        }
    }

    /// How many bytes they cover.
    pub(crate) fn hashed(&self) -> u64 {
        self.hashed
    }

    /// Takes a piece that begins at `start`; what they cover already is passed over. Pieces come in order and leave
    /// no gap.
    pub(crate) fn update(&mut self, start: u64, piece: &[u8]) {
        let known = self.hashed.saturating_sub(start);
        let fresh = usize::try_from(known).ok().and_then(|known| piece.get(known..));
        let fresh = fresh.unwrap_or_default();
        self.sha256.update(fresh);
        if let Some(crc) = &mut self.crc {
            crc.update(fresh);
        }
        self.hashed += fresh.len() as u64;
    }

    /// The values over all that was taken.
    pub(crate) fn finish(self) -> Sums {
        Sums {
            sha256: self.sha256.finalize().into(),
            crc: self.crc.map(|crc| crc.finalize()),
        }
    }

    /// SHA-256's state in hex.
    pub(crate) fn sha256_state(&self) -> String {
        base16ct::lower::encode_string(&self.sha256.serialize())
    }

    /// The CRC's state in hex, where there is one.
    pub(crate) fn crc_state(&self) -> Option<String> {
        self.crc.as_ref().map(|crc| format!("{:016x}", crc.get_state()))
    }

    /// Goes on after `hashed` bytes; `None` where a state is none of its kind, or lacks the CRC that `stored` needs.
    pub(crate) fn restore(
        hashed: u64,
        sha256_state: &str,
        stored: Option<&StoredChecksum>,
        crc_state: Option<&str>,
    ) -> Option<Self> {
        let mut state = SerializedState::<Sha256>::default();
        let length = base16ct::lower::decode(sha256_state, &mut state).ok()?.len();
        let sha256 = (length == state.len()).then(|| Sha256::deserialize(&state).ok())??;
        let crc = match (stored.and_then(checksum::crc), crc_state) {
            (None, None) => None,
            (Some(algorithm), Some(state)) if state.len() == 16 => {
                let state = u64::from_str_radix(state, 16).ok()?;
                Some(Crc::new_with_init_state(algorithm, state))
            }
            _ => return None,
        };
        Some(Self { sha256, crc, hashed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stored(algorithm: &str) -> StoredChecksum {
        StoredChecksum {
            algorithm: algorithm.into(),
            of: StoredChecksum::FULL_OBJECT.into(),
            value: String::new(),
        }
    }

    #[test]
    fn the_crcs_are_those_of_the_catalogue() {
        let cases = [
            ("CRC64NVME", Some(0xae8b_1486_0a79_9888)),
            ("CRC32", Some(0xcbf4_3926)),
            ("CRC32C", Some(0xe306_9283)),
            ("SHA256", None),
        ];
        for (algorithm, want) in cases {
            let mut digests = Digests::new(Some(&stored(algorithm)));
            digests.update(0, b"123456789");
            assert_eq!(digests.finish().crc, want, "{algorithm}");
        }
    }

    proptest! {
        /// A reader whose cursor lies up to `lag` bytes back reads those again in its next call.
        #[test]
        fn bytes_that_come_again_are_not_counted_again(
            bytes in prop::collection::vec(any::<u8>(), 1..2000),
            calls in prop::collection::vec((1_usize..400, 0_usize..600), 1..20),
            algorithm in prop::sample::select(vec!["CRC64NVME", "CRC32", "CRC32C"]),
        ) {
            let stored = stored(algorithm);
            let (mut digests, mut at) = (Digests::new(Some(&stored)), 0);
            for (length, lag) in calls {
                let end = (at + length).min(bytes.len());
                digests.update(at as u64, &bytes[at..end]);
                prop_assert!(digests.hashed() >= end as u64);
                let (sha256, crc) = (digests.sha256_state(), digests.crc_state());
                digests = Digests::restore(digests.hashed(), &sha256, Some(&stored), crc.as_deref()).unwrap();
                at = end.saturating_sub(lag);
            }
            digests.update(at as u64, &bytes[at..]);
            prop_assert_eq!(digests.hashed(), bytes.len() as u64);
            let mut whole = Digests::new(Some(&stored));
            whole.update(0, &bytes);
            prop_assert_eq!(digests.finish(), whole.finish());
        }
    }
}
