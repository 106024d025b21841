//! Ziplists, in the value that asks least of their entries: a list.

use super::{Case, blob, check, right, wrong};
use crate::writer::{Writer, Ziplist};

const LIST: u8 = 10;
const ZSET: u8 = 12;
const HASH: u8 = 13;
const QUICKLIST: u8 = 14;

fn bad(ziplist: &Ziplist, why: &'static str) -> Case {
    wrong(LIST, blob(ziplist.bytes()), "ziplist", why)
}

fn frame() -> Vec<Case> {
    let two = || Ziplist::of(&["a", "b"]);
    let size = two().bytes().len() as u32;
    vec![
        bad(&two().total(size + 1), "a total beyond the end"),
        bad(&two().total(size - 1), "a total before the end"),
        bad(&two().total(u32::MAX), "the greatest total"),
        bad(&two().tail_at(10), "a tail at the first of two entries"),
        bad(&two().tail_at(14), "a tail within the last entry"),
        bad(&two().tail_at(size - 1), "a tail at the end mark"),
        bad(&two().tail_at(u32::MAX), "a tail beyond the end"),
        bad(&two().count(1), "a count below the entries"),
        bad(&two().count(3), "a count above the entries"),
        bad(&two().end(&[0xfe]), "another end mark"),
        bad(&two().end(&[0xff, 0xff]), "an end mark too many"),
        bad(&two().end(&[]), "no end mark"),
        wrong(LIST, blob(Ziplist::new().bytes()), "", "no entries"),
        right(
            LIST,
            blob(two().count(u16::MAX).bytes()),
            "a count that says nobody counted",
        ),
        wrong(
            LIST,
            Writer::part().raw(&[0xc0, 9]),
            "ziplist",
            "an integer for a blob",
        ),
    ]
}

fn entries() -> Vec<Case> {
    let first = || Ziplist::of(&["a"]);
    let long = || Ziplist::new().text([b'x'; 300]);
    vec![
        bad(
            &Ziplist::new().entry_after(&[1], b"\x01a"),
            "a length before the first entry",
        ),
        bad(
            &first().entry_after(&[2], b"\x01b"),
            "too short a length before an entry",
        ),
        bad(
            &first().entry_after(&[4], b"\x01b"),
            "too long a length before an entry",
        ),
        bad(&long().entry_after(&[0], b"\x01b"), "none after a long entry"),
        bad(
            &long().entry_after(&[254, 0, 0, 0, 0], b"\x01b"),
            "a wrong length in five bytes",
        ),
        bad(
            &first().entry_after(&[255], b"\x01b"),
            "a length that is the end mark",
        ),
        bad(
            &first().entry(&[0x81, 0, 0, 0, 1, b'b']),
            "a 32-bit text with other low bits",
        )
        .ours_alone(),
        bad(
            &first().entry(&[0xc1, 0, 0]),
            "a number of 16 bits with other low bits",
        ),
        bad(&first().entry(&[0xff]), "the end mark for an entry's form"),
        bad(&first().entry(&[0x3f, b'b']), "a short text beyond the end"),
        bad(
            &first().entry(&[0x7f, 0xff, b'b']),
            "a text of 14 bits beyond the end",
        ),
        bad(
            &first().entry(&[0x80, 0xff, 0xff, 0xff, 0xff, b'b']),
            "a text of 32 bits beyond the end",
        ),
        bad(&first().entry(&[0xe0, 1, 2]), "a number of 64 bits that is cut"),
    ]
}

/// Every form of an entry, at the edges of its range.
fn forms() -> Vec<Case> {
    let edges = [
        0,
        12,
        13,
        -1,
        127,
        -128,
        128,
        0x7fff,
        -0x8000,
        0x8000,
        0x7f_ffff,
        -0x80_0000,
        0x80_0000,
        0x7fff_ffff,
        -0x8000_0000,
        0x8000_0000,
        i64::MAX,
        i64::MIN,
    ];
    let numbers = edges.into_iter().fold(Ziplist::new(), Ziplist::int);
    // Around where a text changes its form and where the length of it grows to five bytes.
    let lengths = [
        0, 63, 64, 249, 250, 251, 252, 253, 254, 255, 16_383, 16_384, 70_000, 1,
    ];
    let texts = lengths
        .into_iter()
        .fold(Ziplist::new(), |ziplist, length| ziplist.text("t".repeat(length)));
    let wide = Ziplist::of(&["a"])
        .entry_after(&[254, 3, 0, 0, 0], b"\x01b")
        .int_as(0xe0, 1)
        .entry(&[0x40, 1, b'a']);
    vec![
        right(LIST, blob(numbers.bytes()), "numbers at the edges of their forms"),
        right(LIST, blob(texts.bytes()), "texts at the edges of their forms"),
        right(LIST, blob(wide.bytes()), "wider forms than the entries need"),
    ]
}

fn meanings() -> Vec<Case> {
    let of =
        |rdb_type, texts: &[&str], part, why| wrong(rdb_type, blob(Ziplist::of(texts).bytes()), part, why);
    let nodes = |nodes: &[&[&str]]| {
        nodes
            .iter()
            .fold(Writer::part().len(nodes.len() as u64), |writer, texts| {
                writer.text(Ziplist::of(texts).bytes())
            })
    };
    vec![
        of(HASH, &["f", "v", "g"], "", "a field without a value"),
        of(ZSET, &["a", "1", "b"], "", "a member without a score"),
        of(
            ZSET,
            &["a", "nan"],
            "not a number",
            "a score that is not a number",
        ),
        wrong(HASH, blob(Ziplist::new().bytes()), "", "a hash without fields"),
        wrong(
            ZSET,
            blob(Ziplist::new().bytes()),
            "",
            "a sorted set without members",
        ),
        wrong(QUICKLIST, nodes(&[&[]]), "empty", "one node without entries"),
        wrong(
            QUICKLIST,
            nodes(&[&[], &[]]),
            "empty",
            "a list whose nodes are all without entries",
        ),
        right(
            QUICKLIST,
            nodes(&[&[], &["a"]]),
            "a node without entries before one with some",
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [frame(), entries(), forms(), meanings()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn frames_hold() {
    check(&frame());
}

#[test]
fn entries_hold() {
    check(&entries());
}

#[test]
fn every_form_is_read() {
    check(&forms());
}

#[test]
fn values_make_sense_of_their_entries() {
    check(&meanings());
}
