//! Members and fields that are there twice, in every encoding that must not hold one twice.

use super::{Case, blob, check, right, wrong};
use crate::writer::{Intset, Listpack, Writer, Ziplist, Zipmap};

/// Longer than LZF needs to save bytes.
const LONG: &str = "member member member member member";

fn part() -> Writer {
    Writer::part()
}

fn twice(rdb_type: u8, value: Writer, why: &'static str) -> Case {
    wrong(rdb_type, value, "duplicate", why)
}

/// Members written one by one: each followed by `behind`.
fn in_tables() -> Vec<Case> {
    let all: [(u8, &[u8], &'static str); 4] = [
        (2, b"", "a set"),
        (3, b"\x011", "a sorted set with ASCII scores"),
        (4, b"\x01v", "a hash"),
        (5, &[0; 8], "a sorted set with binary scores"),
    ];
    let mut cases = Vec::new();
    for (rdb_type, behind, why) in all {
        let of = |members: &[Writer]| {
            members
                .iter()
                .fold(part().len(members.len() as u64), |writer, member| {
                    writer.raw(&member.clone().cut()).raw(behind)
                })
        };
        let text = |text: &str| part().text(text);
        let integer = |byte| part().raw(&[0xc0, byte]);
        cases.extend([
            twice(rdb_type, of(&[text("a"), text("b"), text("a")]), why),
            twice(rdb_type, of(&[text("12"), integer(12)]), why),
            twice(rdb_type, of(&[integer(0xfb), text("-5")]), why),
            twice(rdb_type, of(&[integer(5), part().raw(&[0xc1, 5, 0])]), why),
            twice(rdb_type, of(&[text(LONG), part().packed(LONG)]), why),
            twice(rdb_type, of(&[part().packed(LONG), part().packed(LONG)]), why),
            twice(rdb_type, of(&[text(""), text("a"), text("")]), why),
            right(rdb_type, of(&[text("a"), text("A"), text(""), text("a ")]), why),
            right(
                rdb_type,
                of(&[text("012"), integer(12), text("+12"), text("12.0")]),
                why,
            ),
        ]);
    }
    cases
}

/// Members in a blob; the integer forms are told apart from texts by the blob, not by who reads them.
fn in_blobs() -> Vec<Case> {
    let listpack = |texts: &[&str]| blob(Listpack::of(texts).bytes());
    let ziplist = |texts: &[&str]| blob(Ziplist::of(texts).bytes());
    let seven = Listpack::new().text("7").item("1").int(7).item("2").bytes();
    let wide = Listpack::new().int(7).item("1").int_as(0xf4, 7).item("2").bytes();
    let old_seven = Ziplist::new().text("7").int(1).int(7).int(2).bytes();
    let old_wide = Ziplist::new().int(7).int(1).int_as(0xe0, 7).int(2).bytes();
    let mut cases = vec![
        twice(20, listpack(&["a", "b", "a"]), "a set"),
        twice(
            20,
            blob(Listpack::new().text("7").int(7).bytes()),
            "a text equal to a number",
        ),
        right(
            20,
            listpack(&["7", "07", "+7", "7 "]),
            "texts that only look like the number",
        ),
        twice(
            9,
            blob(Zipmap::new().pair("f", "v").pair("g", "v").pair("f", "w").bytes()),
            "a zipmap",
        ),
        right(
            9,
            blob(Zipmap::new().pair("f", "v").pair("v", "f").bytes()),
            "a value equal to a field",
        ),
        wrong(11, blob(Intset::of(4, &[1, 7, 7]).bytes()), "", "an intset"),
    ];
    for (rdb_type, why) in [(16, "a hash"), (17, "a sorted set")] {
        cases.extend([
            twice(rdb_type, listpack(&["f", "1", "g", "1", "f", "2"]), why),
            twice(rdb_type, blob(&seven), why),
            twice(rdb_type, blob(&wide), why),
            twice(rdb_type, part().packed(&seven), why),
            right(rdb_type, listpack(&["1", "2", "2", "1"]), why),
        ]);
    }
    for (rdb_type, why) in [(12, "an old sorted set"), (13, "an old hash")] {
        cases.extend([
            twice(rdb_type, ziplist(&["f", "1", "g", "1", "f", "2"]), why),
            twice(rdb_type, blob(&old_seven), why),
            twice(rdb_type, blob(&old_wide), why),
            right(rdb_type, ziplist(&["1", "2", "2", "1"]), why),
        ]);
    }
    cases
}

/// A `VALKEY` file with a key of type 22.
fn valkey(value: Writer, wrong: Option<&'static str>, why: &'static str) -> Case {
    let file = Writer::valkey().key(22, "k").raw(&value.cut()).end();
    Case {
        why,
        part: wrong,
        file,
        reference_differs: false,
    }
}

/// Hashes whose fields have expiries.
fn with_expiries() -> Vec<Case> {
    let least = || part().raw(&9000_u64.to_le_bytes());
    let none = (-1_i64).to_le_bytes();
    let volatile = |fields: &[&str]| {
        fields
            .iter()
            .fold(part().len(fields.len() as u64), |writer, field| {
                writer.texts(&[field, "v"]).raw(&none)
            })
    };
    let triples = |texts: &[&str]| Listpack::of(texts).bytes();
    let doubled = || triples(&["f", "v", "9000", "f", "w", "0"]);
    let odd = || triples(&["f", "v", "9000", "g", "w"]);
    let no_number = || triples(&["f", "v", "soon"]);
    let negative = || triples(&["f", "v", "-5"]);
    let pre_release = |name| part().len(2).len(0).texts(&["f", "v"]).len(5).texts(&[name, "v"]);
    let md = |name| {
        least()
            .lens(&[2, 1])
            .texts(&["f", "v"])
            .len(0)
            .texts(&[name, "v"])
    };
    vec![
        valkey(volatile(&["f", "g", "f"]), Some("duplicate"), "Valkey's type 22"),
        valkey(volatile(&["f", "g"]), None, "Valkey's type 22"),
        twice(22, pre_release("f"), "Redis's type 22"),
        right(22, pre_release("g"), "Redis's type 22"),
        twice(24, md("f"), "type 24"),
        right(24, md("g"), "type 24"),
        twice(23, blob(doubled()), "type 23"),
        twice(25, least().text(doubled()), "type 25"),
        wrong(23, blob(odd()), "", "type 23 without the last expiry"),
        wrong(25, least().text(odd()), "", "type 25 without the last expiry"),
        wrong(23, blob(no_number()), "", "an expiry that is a text"),
        wrong(
            25,
            least().text(no_number()),
            "",
            "an expiry that is a text, type 25",
        ),
        wrong(23, blob(negative()), "", "an expiry before 1970"),
        wrong(25, least().text(negative()), "", "an expiry before 1970, type 25"),
        wrong(
            23,
            blob(triples(&["f", "v", "281474976710656"])),
            "",
            "an expiry beyond the greatest",
        ),
        wrong(25, least().text(triples(&[])), "", "no fields"),
        right(
            23,
            blob(triples(&["f", "v", "281474976710655", "g", "w", "0"])),
            "the greatest expiry",
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [in_tables(), in_blobs(), with_expiries()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn no_table_holds_a_member_twice() {
    check(&in_tables());
}

#[test]
fn no_blob_holds_a_member_twice() {
    check(&in_blobs());
}

#[test]
fn fields_with_expiries_hold() {
    check(&with_expiries());
}
