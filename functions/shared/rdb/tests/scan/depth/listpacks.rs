//! Listpacks, in the value that asks least of their entries: a set's.

use super::{Case, blob, check, right, wrong};
use crate::writer::{Listpack, Writer};

const SET: u8 = 20;
const HASH: u8 = 16;
const ZSET: u8 = 17;
const QUICKLIST: u8 = 18;

fn frame() -> Vec<Case> {
    let two = || Listpack::of(&["a", "b"]);
    let size = two().bytes().len() as u32;
    let bad = |listpack: Listpack, why| wrong(SET, blob(listpack.bytes()), "listpack", why);
    vec![
        bad(two().total(size + 1), "a total beyond the end"),
        bad(two().total(size - 1), "a total before the end"),
        bad(two().total(0), "a total of nothing"),
        bad(two().total(u32::MAX), "the greatest total"),
        bad(two().count(1), "a count below the entries"),
        bad(two().count(3), "a count above the entries"),
        bad(two().count(0), "a count of nothing"),
        bad(two().tail(&[0xfe]), "another end mark"),
        bad(two().tail(&[0xff, 0xff]), "an end mark too many"),
        bad(two().tail(&[]), "no end mark"),
        bad(two().tail(&[0xff, 0]), "a byte behind the end mark"),
        bad(Listpack::new(), "no entries"),
        bad(
            Listpack::new().count(u16::MAX),
            "no entries and nobody who counted",
        ),
        right(
            SET,
            blob(two().count(u16::MAX).bytes()),
            "a count that says nobody counted",
        ),
        wrong(
            SET,
            Writer::part().raw(&[0xc0, 9]),
            "listpack",
            "an integer for a blob",
        ),
        wrong(SET, blob([0; 6]), "listpack", "no room for header and end"),
    ]
}

fn entries() -> Vec<Case> {
    let bad = |listpack: Listpack, why| wrong(SET, blob(listpack.bytes()), "listpack", why);
    let first = || Listpack::of(&["a"]);
    vec![
        bad(first().entry_with(b"\x81b", &[1]), "too short a length backwards"),
        bad(first().entry_with(b"\x81b", &[3]), "too long a length backwards"),
        bad(
            first().entry_with(b"\x81b", &[0, 0x82]),
            "a length backwards in more bytes than it needs",
        ),
        bad(
            first().entry_with(b"\x81b", &[0x82]),
            "a length backwards that goes on into the entry",
        ),
        bad(
            first().entry_with(&[&[0xe0, 200], &[b'x'; 200][..]].concat(), &[202]),
            "a length backwards of one byte for two",
        ),
        bad(first().entry(&[0xf5]), "a form that does not exist"),
        bad(first().entry(&[0xfe]), "the last form that does not exist"),
        bad(
            first().entry(&[0x83, b'b']),
            "a text that is cut by the next length",
        ),
        bad(first().entry(&[0xbf, b'b']), "a short text beyond the end"),
        bad(
            first().entry(&[0xef, 0xff, b'b']),
            "a text of 12 bits beyond the end",
        ),
        bad(
            first().entry(&[0xf0, 0xff, 0xff, 0xff, 0xff, b'b']),
            "a text of 32 bits beyond the end",
        ),
        bad(first().entry(&[0xf4, 1, 2]), "a number of 64 bits that is cut"),
        bad(
            first().entry_with(&[0xf1, 1, 2], &[]),
            "no length behind the last entry",
        ),
    ]
}

/// Every form of an entry, at the edges of its range.
fn forms() -> Vec<Case> {
    let edges = [
        0,
        127,
        128,
        4095,
        4096,
        -1,
        -4096,
        -4097,
        0x7fff,
        0x8000,
        -0x8000,
        -0x8001,
        0x7f_ffff,
        0x80_0000,
        -0x80_0000,
        -0x80_0001,
        0x7fff_ffff,
        0x8000_0000,
        -0x8000_0000,
        -0x8000_0001,
        i64::MAX,
        i64::MIN,
    ];
    let numbers = edges.into_iter().fold(Listpack::new(), Listpack::int);
    // Around where a text changes its form and where the length behind it grows by a byte.
    let lengths = [
        0, 1, 63, 64, 125, 126, 127, 128, 4095, 4096, 16_377, 16_378, 16_379, 70_000,
    ];
    let texts = lengths.into_iter().fold(Listpack::new(), |listpack, length| {
        listpack.text("t".repeat(length))
    });
    let greatest = [&[0xf0, 0xfa, 0x3f, 0, 0], &[b't'; 16_378][..]].concat();
    let wide = Listpack::new()
        .int_as(0xf4, 1)
        .int_as(0xf1, 2)
        .entry(&[0xe0, 1, b'a']);
    vec![
        right(SET, blob(numbers.bytes()), "numbers at the edges of their forms"),
        right(SET, blob(texts.bytes()), "texts at the edges of their forms"),
        right(
            SET,
            blob(
                Listpack::of(&["a"])
                    .entry_with(&greatest, &[0, 0xff, 0xff])
                    .bytes(),
            ),
            "the greatest length of two bytes in three, as Redis writes it and Valkey 9.1 does not",
        )
        .ours_alone(),
        right(SET, blob(wide.bytes()), "wider forms than the entries need"),
    ]
}

fn meanings() -> Vec<Case> {
    let of =
        |rdb_type, texts: &[&str], part, why| wrong(rdb_type, blob(Listpack::of(texts).bytes()), part, why);
    let node = |listpack: Listpack| Writer::part().lens(&[1, 2]).text(listpack.bytes());
    let empty = || Listpack::new().bytes();
    vec![
        of(HASH, &["f", "v", "g"], "", "a field without a value"),
        of(HASH, &["f"], "", "one field without a value"),
        of(ZSET, &["a", "1", "b"], "", "a member without a score"),
        of(
            ZSET,
            &["a", "nan"],
            "not a number",
            "a score that is not a number",
        ),
        of(ZSET, &["a", "-NaN"], "not a number", "the same in other letters"),
        wrong(HASH, blob(empty()), "", "a hash without fields"),
        wrong(ZSET, blob(empty()), "", "a sorted set without members"),
        right(
            ZSET,
            blob(Listpack::of(&["a", "inf", "b", "-inf", "c", "1e-9", "d", "-0", "e", "3"]).bytes()),
            "scores at their bounds",
        ),
        wrong(
            QUICKLIST,
            node(Listpack::new()),
            "empty",
            "one node without entries",
        ),
        wrong(
            QUICKLIST,
            Writer::part().lens(&[2, 2]).text(empty()).len(2).text(empty()),
            "empty",
            "a list whose nodes are all without entries",
        ),
        wrong(
            QUICKLIST,
            Writer::part()
                .lens(&[2, 2])
                .text(Listpack::of(&["a"]).bytes())
                .len(2)
                .len(0),
            "listpack",
            "a node of no bytes",
        ),
        wrong(
            QUICKLIST,
            node(Listpack::of(&["a"]).count(2)),
            "listpack",
            "a node that is broken",
        ),
        right(
            QUICKLIST,
            Writer::part()
                .lens(&[2, 2])
                .text(empty())
                .len(2)
                .text(Listpack::of(&["a"]).bytes()),
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
