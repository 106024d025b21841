//! What is held of every input: an answer, the same in one piece and in many, and the same across cursors.
//!
//! The crate's tests replay the seeds and everything that was found through this file too.

use crc_fast::{CrcAlgorithm, checksum};
use rdb::{Broken, Cursor, KeyAt, Options, Scanner, Verdict};

/// 2026-01-01T00:00:00Z in ms.
const NOW_MS: i64 = 1_767_225_600_000;

/// The bound that the state machine's payload sets, in bytes of a cursor's JSON.
const CURSOR_BOUND: usize = 16 * 1024;

/// Headers before the bodies that get a right CRC. An input's first byte chooses among them; any other takes the
/// input as a whole file.
const HEADERS: [&[u8; 9]; 4] = [b"REDIS0011", b"REDIS0012", b"VALKEY080", b"REDIS0003"];

/// Panics where the scanner breaks a promise. An input is one byte for the header, one for the sizes of pieces, and
/// the body of a file.
pub(crate) fn check(input: &[u8]) {
    let [header, seed, body @ ..] = input else {
        return;
    };
    match HEADERS.get(usize::from(*header)) {
        Some(header) => check_file(&whole_file(*header, body), *seed),
        None => check_file(body, *seed),
    }
}

/// A file around this body, with an end mark and the CRC that belongs to it.
fn whole_file(header: &[u8], body: &[u8]) -> Vec<u8> {
    let mut file = [header, body, &[255]].concat();
    if header != b"REDIS0003" {
        let crc = checksum(CrcAlgorithm::Crc64Redis, &file);
        file.extend_from_slice(&crc.to_le_bytes());
    }
    file
}

fn check_file(file: &[u8], seed: u8) {
    let whole = scan(file);
    assert_eq!(scan_in_pieces(file, seed), whole, "in pieces");
    let sized = Options::new(NOW_MS).with_size(file.len() as u64);
    let mut scanner = Scanner::new(sized);
    let with_size = scanner.feed(file).and_then(|()| scanner.finish());
    assert_eq!(with_size.is_ok(), whole.is_ok(), "with its size known");
    // Names switch the quick way through a file off, so this holds that against the careful one.
    let mut scanner = Scanner::new(Options::new(NOW_MS).with_names());
    let with_names = scanner.feed(file).and_then(|()| scanner.finish());
    assert_eq!(without_names(with_names), whole, "with names");
}

/// What is said of a file, without the names that were asked for.
fn without_names(said: Result<Verdict, Broken>) -> Result<Verdict, Broken> {
    said.map(|mut verdict| {
        verdict.largest.iter_mut().for_each(|large| large.name = None);
        verdict
    })
    .map_err(|mut broken| {
        broken.key = broken.key.map(|key| KeyAt { name: None, ..key });
        broken
    })
}

fn scan(file: &[u8]) -> Result<Verdict, Broken> {
    let mut scanner = Scanner::new(Options::new(NOW_MS));
    scanner.feed(file)?;
    scanner.finish()
}

/// Scans in pieces of sizes that follow from the seed; behind every third, another process goes on.
fn scan_in_pieces(file: &[u8], seed: u8) -> Result<Verdict, Broken> {
    let mut random = u32::from(seed) | 0x100;
    let mut scanner = Scanner::new(Options::new(NOW_MS));
    let mut reached = 0;
    while reached < file.len() {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = (random >> 16) as usize % [3, 40, 700, 9000][usize::from(seed) % 4] + 1;
        let end = file.len().min(reached + size);
        scanner.feed(&file[reached..end])?;
        reached = end;
        if random >> 28 < 5 {
            scanner = resumed(&scanner);
            let from = usize::try_from(scanner.offset()).expect("an offset within the file");
            scanner.feed(&file[from..reached])?;
        }
    }
    scanner.finish()
}

/// The scan that another process goes on with.
fn resumed(scanner: &Scanner) -> Scanner {
    let json = serde_json::to_string(&scanner.cursor()).expect("a cursor is JSON");
    assert!(json.len() < CURSOR_BOUND, "a cursor of {} bytes", json.len());
    let cursor: Cursor = serde_json::from_str(&json).expect("JSON is a cursor");
    assert_eq!(cursor.offset(), scanner.cursor_offset());
    assert!(cursor.offset() <= scanner.offset());
    Scanner::resume(cursor).expect("an unchanged cursor is gone on from")
}
