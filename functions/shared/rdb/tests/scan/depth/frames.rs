//! Zipmaps, intsets, quicklist nodes and functions.

use super::{Case, blob, check, right, wrong};
use crate::writer::{Intset, Writer, Zipmap};

const ZIPMAP: u8 = 9;
const INTSET: u8 = 11;

fn zipmaps() -> Vec<Case> {
    let bad = |zipmap: &Zipmap, why| wrong(ZIPMAP, blob(zipmap.bytes()), "zipmap", why);
    let one = || Zipmap::new().pair("f", "v");
    let long = "x".repeat(300);
    vec![
        bad(&one().count(2), "a count above the pairs"),
        bad(&one().count(0), "a count below the pairs"),
        bad(&one().end(&[]), "no end mark"),
        bad(&one().end(&[0xff, 0]), "a byte behind the end mark"),
        bad(
            &one().parts(&[&[255], b"f"]),
            "a length byte that is the end mark",
        ),
        bad(
            &one().parts(&[&[200], b"g", &[1, 0], b"v"]),
            "a field beyond the end",
        ),
        bad(
            &one().parts(&[&[1], b"g", &[200, 0], b"v"]),
            "a value beyond the end",
        ),
        bad(
            &one().parts(&[&[1], b"g", &[1, 200], b"v"]),
            "unused bytes beyond the end",
        ),
        bad(&one().parts(&[&[1], b"g"]), "a field without a value"),
        bad(
            &one().parts(&[&[254, 0xff, 0xff, 0xff, 0xff], b"g", &[1, 0], b"v"]),
            "a length of 32 bits beyond the end",
        ),
        bad(&one().parts(&[&[254, 1]]), "a length of 32 bits that is cut"),
        bad(
            &one().parts(&[&[254, 1, 0, 0, 0], b"g", &[1, 0], b"v"]),
            "a length of five bytes that one would hold",
        ),
        wrong(ZIPMAP, blob(Zipmap::new().bytes()), "", "no pairs"),
        wrong(
            ZIPMAP,
            Writer::part().raw(&[0xc0, 9]),
            "zipmap",
            "an integer for a blob",
        ),
        right(
            ZIPMAP,
            blob(one().count(254).bytes()),
            "a count that says nobody counted",
        ),
        right(
            ZIPMAP,
            blob(
                Zipmap::new()
                    .pair(&long, &long)
                    .pair(&long[..253], &long[..254])
                    .bytes(),
            ),
            "lengths at the edges of their forms",
        ),
        right(
            ZIPMAP,
            blob(Zipmap::new().pair("", "").pair_with_unused("f", "v", 253).bytes()),
            "an empty field, an empty value and unused bytes",
        ),
    ]
}

fn intsets() -> Vec<Case> {
    let bad = |intset: &Intset, why| wrong(INTSET, blob(intset.bytes()), "intset", why);
    let two = || Intset::of(2, &[-5, 7]);
    vec![
        bad(&two().width(3), "a width that does not exist"),
        bad(&two().width(0), "no width"),
        bad(&two().width(4), "another width than that of the members"),
        bad(&two().width(0x0200_0000), "a width in the other byte order"),
        bad(&two().count(1), "a count below the members"),
        bad(&two().count(3), "a count above the members"),
        bad(
            &two().count(0x8000_0002),
            "a count whose product with the width is the right one of 32 bits",
        ),
        bad(&two().and(&[0]), "a byte behind the last member"),
        bad(&Intset::of(2, &[7, -5]), "members in descending order"),
        bad(
            &Intset::of(8, &[1, 2, i64::MAX, i64::MIN]),
            "the least after the greatest",
        ),
        wrong(INTSET, blob(Intset::of(2, &[7, 7]).bytes()), "", "a member twice"),
        wrong(INTSET, blob(Intset::of(2, &[]).bytes()), "", "no members"),
        wrong(
            INTSET,
            blob(Intset::of(2, &[]).and(&[0, 0]).bytes()),
            "intset",
            "a member that nobody counts",
        ),
        wrong(
            INTSET,
            Writer::part().raw(&[0xc0, 9]),
            "intset",
            "an integer for a blob",
        ),
        right(
            INTSET,
            blob(Intset::of(2, &[-0x8000, -1, 0, 0x7fff]).bytes()),
            "2 bytes",
        ),
        right(
            INTSET,
            blob(Intset::of(4, &[i32::MIN.into(), i32::MAX.into()]).bytes()),
            "4 bytes",
        ),
        right(
            INTSET,
            blob(Intset::of(8, &[i64::MIN, 0, i64::MAX]).bytes()),
            "8 bytes",
        ),
        right(
            INTSET,
            blob(Intset::of(8, &[1]).bytes()),
            "a wider form than the member needs",
        ),
    ]
}

/// Nodes that are one element each, without a blob around it.
fn plain_nodes() -> Vec<Case> {
    let node = |bytes: &[u8]| Writer::part().lens(&[1, 1]).raw(bytes);
    vec![
        wrong(18, node(&[0]), "an empty quicklist node", "an empty node"),
        wrong(
            18,
            Writer::part().lens(&[2, 1]).text("a").len(1).raw(&[0x40, 0]),
            "an empty quicklist node",
            "an empty node behind another, in a longer form",
        ),
        right(18, node(&[1, b'a']), "the shortest node"),
        right(18, node(&[0xc0, 7]), "an integer for a node"),
    ]
}

/// A file that holds one function library and nothing else.
fn function(text: &str, part: Option<&'static str>, why: &'static str) -> Case {
    let file = Writer::redis(11).raw(&[245]).text(text).string("k", "v").end();
    Case {
        why,
        part,
        file,
        reference_differs: part.is_some(),
    }
}

fn functions() -> Vec<Case> {
    let broken = Some("#!");
    vec![
        function("#!lua name=x\nreturn 1", None, "a library"),
        function("", broken, "no text"),
        function("#", broken, "half a mark"),
        function("!#lua name=x\nreturn 1", broken, "the mark the wrong way round"),
        function("return 1", broken, "a script that is no library"),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [zipmaps(), intsets(), plain_nodes(), functions()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn zipmaps_hold() {
    check(&zipmaps());
}

#[test]
fn intsets_hold() {
    check(&intsets());
}

#[test]
fn quicklist_nodes_without_a_blob_hold() {
    check(&plain_nodes());
}

#[test]
fn function_libraries_name_their_engine() {
    check(&functions());
}
