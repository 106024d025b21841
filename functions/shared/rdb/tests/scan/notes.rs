//! What is kept of the writer's notes: harmless names only, short, printable.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::scan;
use crate::writer::Writer;

/// The notes that are kept, and the number of those that are not.
fn notes(writer: Writer) -> (BTreeMap<String, String>, u64) {
    let verdict = scan(&writer.end()).unwrap();
    (verdict.aux, verdict.other_aux)
}

fn check(writer: Writer, kept: &[(&str, &str)], others: u64, why: &str) {
    let kept = kept
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    assert_eq!(notes(writer), (kept.collect(), others), "{why}");
}

fn file() -> Writer {
    Writer::redis(11)
}

#[test]
fn a_note_is_kept_by_its_name_alone() {
    check(file(), &[], 0, "none at all");
    check(
        file().aux("redis-ver", "7.2.6"),
        &[("redis-ver", "7.2.6")],
        0,
        "a known name",
    );
    check(
        file().aux("valkey-ver", ""),
        &[("valkey-ver", "")],
        0,
        "an empty note",
    );
    check(file().aux("lua", "return 1"), &[], 1, "a script");
    check(file().aux("Redis-Ver", "7"), &[], 1, "names have a case");
    check(file().aux("redis-version", "7"), &[], 1, "a longer name");
    check(file().aux("redis-ve", "7"), &[], 1, "a shorter name");
    check(file().aux("", ""), &[], 1, "no name");
    let twice = file().aux("ctime", "1").aux("lua", "").aux("ctime", "2");
    check(twice, &[("ctime", "2")], 1, "the last of a name counts");
    let late = file().string("k", "v").aux("used-mem", "1");
    check(late, &[("used-mem", "1")], 0, "behind a key");
    check(
        file().aux(&"x".repeat(5000), "1"),
        &[],
        1,
        "a name as long as a script",
    );
}

#[test]
fn a_note_may_be_coded_as_an_integer_but_not_be_compressed() {
    let bits = |value: &[u8]| file().raw(&[250]).text("redis-bits").raw(value);
    check(bits(&[0xc0, 64]), &[("redis-bits", "64")], 0, "8 bits");
    check(bits(&[0xc0, 0xff]), &[("redis-bits", "-1")], 0, "with its sign");
    check(
        bits(&[0xc2, 0xff, 0xff, 0xff, 0x7f]),
        &[("redis-bits", "2147483647")],
        0,
        "32 bits",
    );
    check(bits(&[0xc3, 3, 2, 1, b'6', b'4']), &[], 1, "nobody unpacks it");
    let coded = file().raw(&[250, 0xc0, 7]).text("x");
    check(coded, &[], 1, "a number is no name of ours");
}

#[test]
fn a_note_is_cut_to_64_bytes() {
    for (length, kept) in [(63, 63), (64, 64), (65, 64), (70_000, 64)] {
        let (notes, others) = notes(file().aux("repl-id", &"r".repeat(length)));
        assert_eq!((notes["repl-id"].len(), others), (kept, 0), "of {length}");
    }
}

proptest! {
    #[test]
    fn whatever_a_note_holds_it_is_shown_in_plain_letters(value in prop::collection::vec(any::<u8>(), 0..90)) {
        let (notes, others) = notes(file().raw(&[250]).text("repl-id").text(&value));
        let shown = notes["repl-id"].as_bytes();
        prop_assert_eq!((shown.len(), others), (value.len().min(64), 0));
        for (shown, byte) in shown.iter().zip(value) {
            let plain = matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte);
            prop_assert_eq!(*shown, if plain { byte } else { b'?' });
        }
    }
}
