//! How a file is cut into pieces, and which processes scan them, changes nothing.

use std::sync::LazyLock;

use proptest::prelude::*;
use rdb::{Broken, Cursor, Options, Scanner, Verdict};

use crate::writer::{Group, Listpack, Node, Stream, Writer, id};
use crate::{NOW_MS, depth, samples, scan, scan_with};

/// The bound that the state machine's payload sets, in bytes of a cursor's JSON.
pub(crate) const CURSOR_BOUND: usize = 16 * 1024;

fn options() -> Options {
    Options::new(NOW_MS)
}

/// Scans a file in pieces of these sizes by turns, each piece in another process, and each process going on where the
/// cursor of the one before says, which may be before where that one came to.
pub(crate) fn scan_resumed(file: &[u8], sizes: &[usize]) -> Result<Verdict, Broken> {
    let mut scanner = Scanner::new(options());
    let mut reached = 0;
    for &size in sizes.iter().cycle() {
        let from = usize::try_from(scanner.offset()).unwrap();
        reached = file.len().min(reached + size.max(1));
        scanner.feed(&file[from..reached])?;
        scanner = through_json(&scanner);
        if reached == file.len() {
            break;
        }
    }
    let from = usize::try_from(scanner.offset()).unwrap();
    scanner.feed(&file[from..])?;
    scanner.finish()
}

/// Sends a scanner's state through JSON, as between two processes.
fn through_json(scanner: &Scanner) -> Scanner {
    let json = serde_json::to_string(&scanner.cursor()).unwrap();
    let cursor: Cursor = serde_json::from_str(&json).unwrap();
    let offset = cursor.offset();
    assert_eq!(offset, scanner.cursor_offset(), "{json}");
    assert!(offset <= scanner.offset(), "{json}");
    assert!(json.len() < CURSOR_BOUND, "{} bytes: {json}", json.len());
    let resumed = Scanner::resume(cursor).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(
        (resumed.offset(), resumed.cursor_offset()),
        (offset, offset),
        "{json}"
    );
    resumed
}

#[test]
fn one_byte_at_a_time_with_a_cursor_at_every_offset() {
    for (name, file) in samples::all() {
        let whole = scan(&file);
        assert!(whole.is_ok(), "{name}: {whole:?}");
        assert_eq!(scan_with(options(), file.chunks(1)), whole, "{name} by bytes");
        assert_eq!(scan_resumed(&file, &[1]), whole, "{name} by bytes and cursors");
    }
}

#[test]
fn a_cut_at_every_offset() {
    for (name, file) in samples::all() {
        let whole = scan(&file);
        // Where values are many, some of the places; the test above has a cursor at each.
        for at in (0..=file.len()).step_by(1 + file.len() / 700) {
            let cut = scan_resumed(&file, &[at, file.len()]);
            assert_eq!(cut, whole, "{name} cut at {at}");
        }
    }
}

#[test]
fn a_refusal_is_the_same_however_the_file_is_cut() {
    for (name, file) in samples::all() {
        for damaged in (0..file.len()).step_by(11 + file.len() / 200) {
            let mut file = file.clone();
            file[damaged] ^= 0x90;
            let whole = scan(&file);
            let by_bytes = scan_with(options(), file.chunks(1));
            assert_eq!(by_bytes, whole, "{name} damaged at {damaged}");
            assert_eq!(
                scan_resumed(&file, &[13]),
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
    let cursor: Cursor = serde_json::from_value(serde_json::to_value(scanner.cursor()).unwrap()).unwrap();
    let mut resumed = Scanner::resume(cursor).unwrap();
    assert_eq!(resumed.feed(b"more"), Err(broken.clone()));
    assert_eq!(resumed.finish(), Err(broken));
}

/// Values of every sort that exceed a piece, some also 1 MiB, so that they are judged in parts.
pub(crate) static LARGE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text = b"0123456789abcdefghij".repeat(20_000);
    let entries: Vec<String> = (0..90_000)
        .map(|number| format!("entry number {number}"))
        .collect();
    let listpack = entries
        .iter()
        .fold(Listpack::new(), Listpack::text)
        .count(u16::MAX);
    let pairs = Listpack::new()
        .text("f")
        .text(&text)
        .text("g")
        .text(&text)
        .text("h")
        .text(&text);
    let file = Writer::redis(11)
        .key(0, "text")
        .text(&text)
        .key(0, "packed")
        .packed(&text);
    let file = file.key(20, "set").text(listpack.bytes());
    let file = file.key(18, "list").lens(&[1, 2]).packed(listpack.bytes());
    let file = file.key(16, "hash").packed(pairs.bytes());
    let file = entries[..9000]
        .iter()
        .fold(file.key(2, "table").len(9000), Writer::text);
    let ids: Vec<[u8; 16]> = (0..3000).map(|seq| id(5, seq)).collect();
    let mut group = Group::sample("group");
    group.consumers[1].pending = ids[1000..].to_vec();
    group.consumers[0].pending = ids[..1000].to_vec();
    group.pending = ids;
    let node = (0..2000).fold(Node::new(&["f"]), |node, _| node.same(&["value"]));
    let stream = Stream {
        nodes: vec![(id(5, 0), node.bytes())],
        length: 2000,
        groups: vec![group],
        ..Stream::empty(3)
    };
    file.key(21, "stream").raw(&stream.write().cut()).end()
});

#[test]
fn large_values_in_pieces_of_any_size() {
    let whole = scan(&LARGE);
    assert!(whole.is_ok(), "{whole:?}");
    assert_eq!(scan_with(options(), LARGE.chunks(4_099)), whole);
    assert_eq!(scan_resumed(&LARGE, &[65_537]), whole);
    assert_eq!(scan_resumed(&LARGE, &[1 << 20, 1, 300_000]), whole);
}

/// How far a cursor may stay behind: the small value or the decoded part of a blob that is judged as one, with what
/// frames it.
const BEHIND: u64 = (1 << 20) + (1 << 16);

#[test]
fn every_cursor_makes_progress() {
    // Compressed blobs may be gone back to as a whole, so that this is of all the others.
    let listpack = (0..200_000).fold(Listpack::new(), |listpack, number| listpack.int(number * 77_777));
    let table = (0..200_000).fold(Writer::part().len(200_000), |table, number: u32| {
        table.text(number.to_be_bytes())
    });
    let file = Writer::redis(11)
        .key(20, "set")
        .text(listpack.bytes())
        .key(1, "list")
        .raw(&table.cut())
        .key(0, "text")
        .text(vec![7; 4 << 20])
        .end();
    let mut scanner = Scanner::new(options());
    for piece in file.chunks(99_991) {
        scanner.feed(piece).unwrap();
        let behind = scanner.offset() - scanner.cursor_offset();
        assert!(behind <= BEHIND, "{behind} bytes behind at {}", scanner.offset());
    }
    assert_eq!(
        scanner.cursor_offset(),
        file.len() as u64,
        "nothing is left to go back to"
    );
}

/// Content is of two letters, which no name of a field in a cursor has beside one another.
#[test]
fn no_cursor_holds_content() {
    let secret = "ZqZqZqZq";
    let texts = [secret, "ZqZqZqZqZq", "ZqZqZqZqZqZqZq", "ZqZqZqZqZqZqZqZq"];
    let file = Writer::redis(12)
        .aux(secret, secret)
        .key(4, secret)
        .len(1)
        .texts(&[secret, texts[1]])
        .key(16, secret)
        .text(Listpack::of(&texts).bytes())
        .key(16, secret)
        .packed(Listpack::of(&texts).bytes())
        .key(0, secret)
        .packed(texts[3])
        .key(3, secret)
        .len(1)
        .text(secret)
        .raw(b"\x0890519051")
        .raw(&[245])
        .text(format!("#!lua name=x\n{secret}"))
        .end();
    for at in 0..=file.len() {
        let mut scanner = Scanner::new(options());
        scanner.feed(&file[..at]).unwrap();
        let json = serde_json::to_string(&scanner.cursor()).unwrap();
        for part in ["ZqZ", "5a715a", "715a71", "90519"] {
            assert!(!json.contains(part), "at {at}: `{part}` in {json}");
        }
    }
}

/// Goes on from one cursor twice, in different pieces, and from what the first going on leaves.
fn check_again(file: &[u8], at: usize) {
    let mut scanner = Scanner::new(options());
    let whole = scan(file);
    if let Err(broken) = scanner.feed(&file[..at]) {
        assert_eq!(Err(broken), whole, "at {at}");
        return;
    }
    let cursor = scanner.cursor();
    let from = usize::try_from(cursor.offset()).unwrap();
    for piece in [1 << 22, 7919] {
        let mut again = Scanner::resume(cursor.clone()).unwrap();
        let fed = file[from..].chunks(piece).try_for_each(|piece| again.feed(piece));
        assert_eq!(
            fed.and_then(|()| again.finish()),
            whole,
            "from {from} in pieces of {piece}"
        );
    }
    // Taking a cursor changes nothing for the scan that it was taken from.
    let fed = scanner.feed(&file[at..]);
    assert_eq!(fed.and_then(|()| scanner.finish()), whole, "at {at}");
}

#[test]
fn going_on_twice_from_one_cursor_is_the_same() {
    for (_, file) in samples::all() {
        (0..=file.len()).step_by(7).for_each(|at| check_again(&file, at));
    }
    for (_, file) in depth::broken_files() {
        check_again(&file, file.len() / 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_pieces(which in 0..samples::all().len(), sizes in prop::collection::vec(1_usize..40, 1..60)) {
        let (name, file) = samples::all().swap_remove(which);
        let whole = scan(&file);
        prop_assert_eq!(scan_resumed(&file, &sizes), whole.clone(), "{}", name);
        let mut rest = file.as_slice();
        let pieces = sizes.iter().cycle().map_while(|&size| {
            let (piece, tail) = rest.split_at(size.min(rest.len()));
            rest = tail;
            (!piece.is_empty()).then_some(piece)
        });
        prop_assert_eq!(scan_with(options(), pieces), whole, "{}", name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn random_cursors_in_large_values(at in 0..LARGE.len(), sizes in prop::collection::vec(100_000_usize..2_000_000, 1..5)) {
        check_again(&LARGE, at);
        prop_assert_eq!(scan_resumed(&LARGE, &sizes), scan(&LARGE));
    }
}
