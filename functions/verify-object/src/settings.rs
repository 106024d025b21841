//! How much is read at a time.

/// How much is read at a time; the product bounds the memory that reading takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Bytes per ranged GET, at least 1.
    pub piece_bytes: u64,
    /// Ranged GETs in flight, at least 1.
    pub pieces_in_flight: usize,
}

impl Default for Settings {
    /// Four GETs of 4 MiB: 16 MiB, which fits the smallest function with room for the SDK.
    fn default() -> Self {
        Self {
            piece_bytes: 4 << 20,
            pieces_in_flight: 4,
        }
    }
}

impl Settings {
    /// What fits a function of `megabytes`, as Lambda tells it in `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`; the default
    /// where it tells nothing or no number.
    pub fn for_function(megabytes: Option<&str>) -> Self {
        let megabytes = megabytes.and_then(|text| text.trim().parse().ok());
        megabytes.map_or_else(Self::default, Self::for_memory)
    }

    /// An eighth of the memory is pieces: 16 MiB of 128, 128 MiB from 1,024 on and never more. The other seven are
    /// for what else there is: process and SDK (30 MiB at most), the scanner (4 MiB at most), and what TLS holds
    /// of the answers that come in.
    ///
    /// Pieces have 4 MiB, from 512 MB on 8 MiB: S3 gives one GET 85 to 90 MB/s and advises ranges of 8 to 16 MiB
    /// (S3 user guide, *Performance design patterns*), and fewer, larger ones only cost time before the first byte
    /// is judged. Sixteen in flight ask for more than any function's line carries.
    pub fn for_memory(megabytes: u64) -> Self {
        let piece_bytes = if megabytes < LARGE { 4 << 20 } else { 8 << 20 };
        let share = megabytes.saturating_mul(1 << 20) / 8;
        let most = usize::try_from(share / piece_bytes).unwrap_or(usize::MAX);
        Self {
            piece_bytes,
            pieces_in_flight: most.clamp(4, 16),
        }
    }
}

/// MB from which on pieces are large.
const LARGE: u64 = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_flight_grows_with_the_memory() {
        let cases = [
            (0, 4, 4, "nothing smaller than the default"),
            (128, 4, 4, "Lambda's smallest function: the default"),
            (192, 4, 6, "sizes go by the megabyte"),
            (256, 4, 8, "more of the same"),
            (511, 4, 15, "the last with small pieces"),
            (512, 8, 8, "larger pieces"),
            (1024, 8, 16, "the most"),
            (1769, 8, 16, "one whole core"),
            (10_240, 8, 16, "Lambda's largest"),
            (u64::MAX, 8, 16, "no overflow"),
        ];
        for (megabytes, piece_mib, pieces_in_flight, why) in cases {
            let want = Settings {
                piece_bytes: piece_mib << 20,
                pieces_in_flight,
            };
            assert_eq!(Settings::for_memory(megabytes), want, "{megabytes}: {why}");
        }
    }

    #[test]
    fn every_size_of_lambda_leaves_seven_eighths_and_never_reads_less_than_a_smaller_one() {
        let bytes = |settings: Settings| settings.piece_bytes * settings.pieces_in_flight as u64;
        let mut smaller = 0;
        for megabytes in 128..=10_240 {
            let reads = bytes(Settings::for_memory(megabytes));
            assert!(reads * 8 <= megabytes << 20, "{megabytes}");
            // Larger pieces are rounded down to whole ones, so the step up to them may take back less than one.
            assert!(reads + (8 << 20) > smaller, "{megabytes}");
            smaller = reads;
        }
        assert_eq!(smaller, 128 << 20);
    }

    #[test]
    fn a_size_that_is_not_told_is_the_default() {
        let small = Settings::default();
        for told in [None, Some(""), Some("many"), Some("-1"), Some("1e3"), Some("128")] {
            assert_eq!(Settings::for_function(told), small, "{told:?}");
        }
        assert_eq!(Settings::for_function(Some(" 1024 ")), Settings::for_memory(1024));
        assert_ne!(Settings::for_memory(1024), small);
    }
}
