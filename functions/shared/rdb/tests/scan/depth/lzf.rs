//! LZF streams, in a string, and in a blob that must be decoded to be judged.

use super::{Case, check, right, wrong};
use crate::writer::{Listpack, Packed, Writer, Zipmap, pack};

const STRING: u8 = 0;
const SET: u8 = 20;
const ZIPMAP: u8 = 9;

fn streams() -> Vec<Case> {
    let new = Packed::new;
    let of = |packed: Packed, plain| Writer::part().lzf(&packed.bytes(), plain);
    let bad = |packed: Packed, plain, why| wrong(STRING, of(packed, plain), "LZF", why);
    let abc = || new().literals(b"abc");
    let far = |distance| new().literals(&[b'x'; 8192]).back(distance, 3);
    vec![
        bad(new().back(1, 3), 3, "a reference before anything was put out"),
        bad(abc().back(4, 3), 6, "a reference one byte before the start"),
        bad(
            abc().back(8192, 264),
            267,
            "the farthest reference, before the start",
        ),
        bad(abc(), 2, "one byte more than announced"),
        bad(abc(), 4, "one byte less than announced"),
        bad(
            abc().back(3, 9),
            11,
            "a reference that gives one byte more than announced",
        ),
        bad(
            abc().back(3, 9),
            13,
            "a reference that gives one byte less than announced",
        ),
        bad(abc().raw(&[5, b'a']), 9, "literals beyond the packed length"),
        bad(abc().raw(&[0x20]), 6, "a short reference that is cut"),
        bad(
            abc().raw(&[0xe0, 1]),
            13,
            "a long reference that is cut in its distance",
        ),
        bad(
            abc().raw(&[0xe0]),
            12,
            "a long reference that is cut in its length",
        ),
        right(STRING, of(abc().back(3, 3), 6), "a reference to the very start"),
        right(
            STRING,
            of(abc().back(1, 264), 267),
            "a reference that overlaps itself",
        ),
        right(STRING, of(far(8192), 8195), "the farthest reference"),
        right(STRING, of(new().literals(b"a"), 1), "one literal"),
        right(STRING, of(new().literals(&[7; 33]), 33), "two runs of literals"),
    ]
}

fn where_strings_stand() -> Vec<Case> {
    let cut = || Writer::part().lzf(&Packed::new().back(1, 3).bytes(), 3);
    let bytes = |writer: Writer| writer.cut();
    let key = Writer::redis(11).raw(&[0]).raw(&bytes(cut())).text("v").end();
    let aux = Writer::redis(11).raw(&[250]).text("lua").raw(&bytes(cut())).end();
    let file = |file, why| Case {
        why,
        part: Some("LZF"),
        file,
        reference_differs: false,
    };
    let part = Writer::part;
    vec![
        file(key, "a key's name"),
        file(aux, "a note"),
        wrong(1, part().len(1).raw(&bytes(cut())), "LZF", "an element"),
        wrong(
            4,
            part().len(1).text("f").raw(&bytes(cut())),
            "LZF",
            "a hash's value",
        ),
        wrong(
            18,
            part().lens(&[1, 1]).raw(&bytes(cut())),
            "LZF",
            "an element by itself",
        ),
        wrong(
            7,
            part().lens(&[1, 5]).raw(&bytes(cut())).len(0),
            "LZF",
            "a module's string",
        ),
        wrong(SET, cut(), "", "a blob"),
    ]
}

fn blobs() -> Vec<Case> {
    let listpack = Listpack::of(&["a", "b", "c"]).text([b'x'; 200]);
    let pieces = Packed::new().literals(&listpack.bytes()[..20]);
    let whole = listpack.bytes();
    let zipmap = Zipmap::new().pair("f", &"v".repeat(200));
    let large = Listpack::of(&["a"]).text("0123456789".repeat(120_000)).bytes();
    let broken_large = Listpack::of(&["a"])
        .text("0123456789".repeat(120_000))
        .count(3)
        .bytes();
    vec![
        right(SET, Writer::part().packed(&whole), "a listpack"),
        right(
            SET,
            Writer::part().lzf(&Packed::new().literals(&whole).bytes(), whole.len()),
            "a listpack of literals alone",
        ),
        right(
            SET,
            Writer::part().packed(&large),
            "a listpack of more than 1 MiB",
        ),
        wrong(
            SET,
            Writer::part().packed(&broken_large),
            "listpack",
            "a broken one of more than 1 MiB",
        ),
        wrong(
            SET,
            Writer::part().lzf(&pieces.bytes(), 20),
            "listpack",
            "a listpack's first 20 bytes",
        ),
        wrong(
            SET,
            Writer::part().lzf(&pack(&whole), whole.len() - 1),
            "",
            "one byte less than the listpack has",
        ),
        wrong(
            SET,
            Writer::part().packed(listpack.clone().count(9).bytes()),
            "listpack",
            "a listpack with a wrong count",
        ),
        wrong(
            ZIPMAP,
            Writer::part().packed(zipmap.count(2).bytes()),
            "zipmap",
            "a zipmap with a wrong count",
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [streams(), where_strings_stand(), blobs()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn streams_hold() {
    check(&streams());
}

#[test]
fn they_are_decoded_wherever_a_string_stands() {
    check(&where_strings_stand());
}

#[test]
fn what_they_stand_for_is_judged() {
    check(&blobs());
}
