//! How a file is cut into pieces, and which processes scan them, changes nothing.

use proptest::prelude::*;
use rdb::{Broken, Cursor, Options, Scanner, Verdict};

use crate::samples;
use crate::writer::Writer;
use crate::{NOW_MS, scan, scan_with};

fn options() -> Options {
    Options::new(NOW_MS)
}

/// Sends a scanner's state through JSON, as between two processes.
fn through_json(scanner: &Scanner) -> Scanner {
    let json = serde_json::to_string(&scanner.cursor()).unwrap();
    let cursor: Cursor = serde_json::from_str(&json).unwrap();
    assert_eq!(cursor.offset(), scanner.offset());
    Scanner::resume(cursor).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// Scans pieces, each in another process.
fn scan_resumed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Verdict, Broken> {
    let mut scanner = Scanner::new(options());
    for piece in pieces {
        scanner.feed(piece)?;
        scanner = through_json(&scanner);
    }
    scanner.finish()
}

#[test]
fn one_byte_at_a_time_with_a_cursor_at_every_offset() {
    for (name, file) in samples::all() {
        let whole = scan(&file);
        assert!(whole.is_ok(), "{name}: {whole:?}");
        assert_eq!(scan_with(options(), file.chunks(1)), whole, "{name} by bytes");
        assert_eq!(scan_resumed(file.chunks(1)), whole, "{name} by bytes and cursors");
    }
}

#[test]
fn a_cut_at_every_offset() {
    for (name, file) in samples::all() {
        let whole = scan(&file);
        for at in 0..=file.len() {
            let (head, tail) = file.split_at(at);
            assert_eq!(scan_resumed([head, tail]), whole, "{name} cut at {at}");
        }
    }
}

#[test]
fn a_refusal_is_the_same_however_the_file_is_cut() {
    for (name, file) in samples::all() {
        for damaged in (0..file.len()).step_by(11) {
            let mut file = file.clone();
            file[damaged] ^= 0x90;
            let whole = scan(&file);
            assert_eq!(
                scan_with(options(), file.chunks(1)),
                whole,
                "{name} damaged at {damaged}"
            );
            assert_eq!(
                scan_resumed(file.chunks(13)),
                whole,
                "{name} damaged at {damaged}, cursors"
            );
        }
    }
}

#[test]
fn a_refusal_survives_its_cursor_and_every_later_call() {
    let file = Writer::redis(11).string("a", "b").key(2, "k").len(0).end();
    let broken = scan(&file).unwrap_err();
    let mut scanner = Scanner::new(options());
    assert_eq!(scanner.feed(&file), Err(broken.clone()));
    assert_eq!(scanner.feed(b"more"), Err(broken.clone()));
    let mut resumed = through_json(&scanner);
    assert_eq!(resumed.feed(b"more"), Err(broken.clone()));
    assert_eq!(resumed.finish(), Err(broken));
}

#[test]
fn values_larger_than_a_block_are_passed_in_any_cut() {
    let large = vec![0x55; 300_000];
    let file = Writer::redis(11)
        .key(0, "k")
        .text(&large)
        .key(4, "h")
        .len(1)
        .text(&large)
        .text("v")
        .end();
    let verdict = scan(&file).unwrap();
    assert_eq!(verdict.types[&rdb::Kind::String].bytes, 300_005);
    assert_eq!(scan_resumed(file.chunks(65_537)), Ok(verdict.clone()));
    assert_eq!(scan_with(options(), file.chunks(4_099)), Ok(verdict));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_pieces(which in 0..samples::all().len(), sizes in prop::collection::vec(0_usize..40, 1..60)) {
        let (name, file) = samples::all().swap_remove(which);
        let mut rest = file.as_slice();
        let mut pieces = Vec::new();
        for size in sizes {
            let (piece, tail) = rest.split_at(size.min(rest.len()));
            pieces.push(piece);
            rest = tail;
        }
        pieces.push(rest);
        prop_assert_eq!(scan_resumed(pieces.clone()), scan(&file), "{}", name);
        prop_assert_eq!(scan_with(options(), pieces), scan(&file), "{}", name);
    }
}
