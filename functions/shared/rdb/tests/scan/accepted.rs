//! The other side of every bound that `refused` tests: what an engine may write is accepted.

use rdb::{Options, Scanner, Verdict};

use crate::writer::{Listpack, Node, Stream, Writer, id};
use crate::{NOW_MS, scan, scan_with};

/// Checks that a file with one key more is accepted and counts that key.
fn check(writer: Writer, why: &str) -> Verdict {
    let verdict = scan(&writer.end()).unwrap_or_else(|broken| panic!("{why}: {broken}"));
    assert_eq!(verdict.keys, 1, "{why}");
    verdict
}

fn file(rdb_type: u8) -> Writer {
    Writer::redis(12).key(rdb_type, "k")
}

#[test]
fn numbers_at_their_bounds() {
    let greatest = i32::MAX as u64;
    let verdict = check(Writer::redis(12).select(greatest).string("k", "v"), "database");
    assert_eq!(u64::from(verdict.databases[0].number), greatest);
    let slot = Writer::redis(12).raw(&[244]).lens(&[16_383, u64::MAX, u64::MAX]);
    check(slot.string("k", "v"), "the last slot, whatever it announces");
    let when = Writer::redis(12).raw(&[247]).lens(&[u64::MAX, 2, u64::MAX, 0]);
    check(when.string("k", "v"), "a module's id and time of any size");
    check(
        Writer::redis(12).raw(&[248]).len(u64::MAX).string("k", "v"),
        "idle for ever",
    );
    check(
        Writer::redis(12).raw(&[249, 255]).string("k", "v"),
        "read all the time",
    );
}

#[test]
fn scores_at_their_bounds() {
    let score = |bytes: &[u8], why| drop(check(file(3).len(1).text("a").raw(bytes), why));
    score(b"\xfe", "plus infinity");
    score(b"\xff", "minus infinity");
    score(b"\x05-1e-9", "an exponent");
    score(
        &[&[252], [b'7'; 252].as_slice()].concat(),
        "as long as the length byte allows",
    );
    for binary in [
        0.0,
        -0.0,
        f64::MIN_POSITIVE,
        f64::MAX,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ] {
        let value = file(5).len(1).text("a").raw(&binary.to_le_bytes());
        check(value, "every double but one that is not a number");
    }
}

#[test]
fn field_expiries_at_their_bounds() {
    let max = (1_u64 << 48) - 1;
    let field = |writer: Writer| writer.texts(&["f", "v"]);
    check(field(file(22).lens(&[1, max])), "the greatest expiry, in itself");
    check(field(file(22).lens(&[1, 0])), "none");
    let least = |at: u64, distance: u64| file(24).raw(&at.to_le_bytes()).lens(&[1, distance]);
    check(field(least(max, 1)), "the greatest expiry is the least one");
    check(field(least(max - 5, 6)), "a distance up to the greatest");
    check(field(least(max + 1, 0)), "no field has an expiry");
    check(
        file(25)
            .raw(&(max + 1).to_le_bytes())
            .text(Listpack::of(&["f", "v", "0"]).bytes()),
        "none in a listpack",
    );
    let valkey = Writer::valkey().key(22, "k").len(1).texts(&["f", "v"]);
    for at in [-1, 0, i64::MAX] {
        check(
            valkey.clone().raw(&at.to_le_bytes()),
            "any instant since 1970, or none",
        );
    }
}

#[test]
fn strings_in_every_form_wherever_a_string_stands() {
    // A quicklist node alone is never empty: `depth` has that case.
    let forms: [(&[u8], &str); 7] = [
        (&[0], "empty"),
        (&[0x40, 1, b'x'], "a length that could be shorter"),
        (&[0xc0, 0x80], "8 bits"),
        (&[0xc1, 0, 0x80], "16 bits"),
        (&[0xc2, 0, 0, 0, 0x80], "32 bits"),
        (
            &[0xc3, 5, 0x41, 9, 0, b'x', 0xe0, 255, 0],
            "compressed as far as LZF can",
        ),
        (
            &[0xc3, 0x80, 0, 0, 0, 2, 1, 0, 0],
            "compressed for nothing, lengths in two forms",
        ),
    ];
    for (text, why) in forms {
        check(Writer::redis(12).raw(&[0]).raw(text).raw(text), why);
        check(file(4).len(1).raw(text).raw(text), why);
        check(file(2).len(1).raw(text), why);
        check(file(5).len(1).raw(text).raw(&[0; 8]), why);
        if text != [0] {
            check(file(18).lens(&[1, 1]).raw(text), why);
        }
        check(
            Writer::redis(12).raw(&[250]).raw(text).raw(text).string("k", "v"),
            why,
        );
    }
}

#[test]
fn streams_without_what_a_stream_may_lack() {
    let group = |writer: Writer, name| writer.text(name).lens(&[0, 0]);
    check(file(15).lens(&[0, 0, 0, 0, 0]), "no nodes and no groups");
    let gone = Stream {
        nodes: vec![(id(5, 0), Node::new(&["f"]).gone(&["v"]).bytes())],
        ..Stream::empty(1)
    };
    check(
        file(15).raw(&gone.write().cut()),
        "a node whose entries are all deleted",
    );
    let idle = group(file(15).lens(&[0, 0, 0, 0, 1]), "g").lens(&[0, 0]);
    check(idle, "a group without consumers");
    let seen = group(file(15).lens(&[0, 0, 0, 0, 1]), "g")
        .lens(&[0, 1])
        .text("c");
    check(seen.raw(&[0; 8]).len(0), "a consumer that waits for nothing");
    let claim = |writer: Writer, name| {
        let pending = group(writer, name).len(1).raw(&[0; 24]).len(1);
        pending.len(1).text("c").raw(&[0; 8]).len(1).raw(&[0; 16])
    };
    let twice = claim(claim(file(15).lens(&[0, 0, 0, 0, 2]), "g"), "h");
    check(twice, "what one group has pending is not the other's");
}

#[test]
fn a_known_size_lets_a_length_reach_to_the_last_byte_and_no_further() {
    let file = Writer::redis(11).string("k", "value");
    let size = file.clone().cut().len() as u64;
    let feed = |size| {
        let mut scanner = Scanner::new(Options::new(NOW_MS).with_size(size));
        scanner.feed(&file.clone().cut())
    };
    assert_eq!(feed(size), Ok(()), "the value ends where the file does");
    assert_eq!(
        feed(size - 1).map_err(|broken| broken.offset),
        Err(size - 6),
        "refused at its length"
    );
    let whole = file.end();
    let options = Options::new(NOW_MS).with_size(whole.len() as u64);
    assert_eq!(scan_with(options, [whole.as_slice()]), scan(&whole));
}

#[test]
fn options_keep_what_they_are_told_within_bounds() {
    let options = Options::new(-5).with_largest(99).with_size(7);
    assert_eq!((options.now_ms, options.largest, options.size), (-5, 32, Some(7)));
    let plain = Options::new(0);
    assert_eq!((plain.largest, plain.size), (10, None));
}
