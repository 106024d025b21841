//! Damaged files are refused; where no CRC covers them, they never harm the scanner.

pub(crate) mod free;

use proptest::prelude::*;
use rdb::{BrokenKind, Options};

use crate::writer::{Writer, with_crc_renewed};
use crate::{NOW_MS, samples, scan, scan_with};

#[test]
fn every_truncation_is_refused_as_one() {
    for (name, file) in samples::all() {
        for length in (0..file.len()).step_by(1 + file.len() / 1500) {
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

/// Every bit of a small file flipped, and of a large one a bit of each byte, another from byte to byte.
fn flips(file: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    let step = if file.len() < 1000 { 1 } else { 11 };
    (0..file.len() * 8).step_by(step).map(|bit| {
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
        for (bit, flipped) in flips(&file).take_while(|(bit, _)| *bit < end * 8) {
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

/// A changed blob behind a right CRC: what deeper walks see. Which bit of each byte is flipped follows from a seed.
#[test]
fn a_flipped_bit_behind_a_right_crc_is_judged_alike_in_pieces() {
    let seed = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |now| now.subsec_nanos() as usize);
    println!("seed {seed}");
    for (name, file) in samples::all().into_iter().filter(|(_, file)| has_crc(file)) {
        for at in (9..file.len() - 9).step_by(1 + file.len() / 400) {
            let mut file = file.clone();
            file[at] ^= 1 << ((at * 7 + seed) % 8);
            let file = with_crc_renewed(&file);
            let whole = scan(&file);
            let pieces = scan_with(Options::new(NOW_MS), file.chunks(1 + (at + seed) % 50));
            assert_eq!(pieces, whole, "{name}: byte {at}");
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
