//! Damaged files are refused; where no CRC covers them, they never harm the scanner.

use proptest::prelude::*;
use rdb::BrokenKind;

use crate::writer::{Writer, with_crc_renewed};
use crate::{samples, scan};

#[test]
fn every_truncation_is_refused_as_one() {
    for (name, file) in samples::all() {
        for length in 0..file.len() {
            let broken = scan(&file[..length]).expect_err(name);
            assert_eq!(
                broken.kind,
                BrokenKind::Truncated,
                "{name} cut to {length}: {broken}"
            );
            assert_eq!(broken.offset, length as u64, "{name} cut to {length}: {broken}");
        }
    }
}

fn flips(file: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    (0..file.len() * 8).map(|bit| {
        let mut flipped = file.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit, flipped)
    })
}

/// Whether a file's last bytes are the CRC of the others.
fn has_crc(file: &[u8]) -> bool {
    with_crc_renewed(file) == file
}

#[test]
fn every_flipped_bit_of_a_file_with_a_crc_is_refused() {
    let covered: Vec<_> = samples::all()
        .into_iter()
        .filter(|(_, file)| has_crc(file))
        .collect();
    assert!(covered.len() >= 7, "the samples should mostly have a CRC");
    for (name, file) in covered {
        for (bit, flipped) in flips(&file) {
            assert!(scan(&flipped).is_err(), "{name}: bit {bit} flipped");
        }
    }
}

/// Eight zero bytes for a trailer say that no CRC was written, so that only the structure is left to judge.
#[test]
fn a_flipped_bit_that_no_crc_covers_ends_in_an_answer() {
    for (name, mut file) in samples::all().into_iter().filter(|(_, file)| has_crc(file)) {
        let end = file.len() - 8;
        file[end..].fill(0);
        let whole = scan(&file).unwrap_or_else(|broken| panic!("{name}: {broken}"));
        for (bit, flipped) in flips(&file).take(end * 8) {
            match scan(&flipped) {
                Ok(verdict) => assert_eq!(verdict.bytes, whole.bytes, "{name}: bit {bit} flipped"),
                Err(broken) => assert!(
                    broken.offset <= whole.bytes,
                    "{name}: bit {bit} flipped: {broken}"
                ),
            }
        }
    }
}

#[test]
fn hostile_counts_end_with_the_bytes() {
    for rdb_type in [1, 2, 3, 4, 5, 7, 14, 15, 18, 19, 21, 22, 24] {
        let file = Writer::redis(12)
            .key(rdb_type, "k")
            .raw(&[0x81])
            .raw(&[0xff; 8])
            .raw(&[1; 64]);
        let broken = scan(&file.cut()).unwrap_err();
        assert_ne!(broken.kind, BrokenKind::Unsupported, "type {rdb_type}: {broken}");
    }
}

proptest! {
    #[test]
    fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = scan(&Writer::redis(12).raw(&bytes).cut());
        let _ = scan(&Writer::valkey().raw(&bytes).cut());
        let _ = scan(&bytes);
    }
}
