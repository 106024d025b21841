//! A case per way in which a file can be wrong.

use rdb::{Broken, BrokenKind, Options};

use crate::writer::Writer;
use crate::{NOW_MS, scan, scan_with};

use BrokenKind::{Corrupt, NotJudgeable, Truncated, Unsupported};

fn refusal(file: &[u8]) -> Broken {
    scan(file).expect_err("the file should be refused")
}

/// Checks that a file is refused as this kind with this in its meaning.
fn check(file: &[u8], kind: BrokenKind, part: &str) {
    let broken = refusal(file);
    assert!(
        broken.kind == kind && broken.meaning.contains(part),
        "expected {kind} `{part}`: {broken}"
    );
}

#[test]
fn headers() {
    check(b"", Truncated, "within a `header`");
    check(b"REDIS001", Truncated, "within a `header`");
    check(b"SNAPPY00\xff", Corrupt, "no RDB file");
    check(b"REDIS00x1\xff", Corrupt, "version in digits");
    check(b"REDIS+011\xff", Corrupt, "version in digits");
    check(b"REDIS0000\xff", Corrupt, "version in digits");
    check(b"REDIS0013\xff", Unsupported, "RDB version `13`");
    check(
        b"REDIS0080\xff",
        Unsupported,
        "RDB version `80` with the magic `REDIS`",
    );
    check(
        b"VALKEY011",
        Unsupported,
        "RDB version `11` with the magic `VALKEY`",
    );
    check(b"VALKEY081", Unsupported, "RDB version `81`");
}

#[test]
fn what_is_not_known_is_named_and_never_guessed() {
    let redis = |byte| Writer::redis(12).raw(&[byte]).text("k").text(vec![0; 40]).end();
    let valkey = |byte| Writer::valkey().raw(&[byte]).text("k").text(vec![0; 40]).end();
    check(&redis(26), Unsupported, "stream v4 of RDB 13 (type `26`)");
    check(&redis(28), Unsupported, "array of RDB 14");
    check(&redis(33), Unsupported, "rate limiter");
    check(&redis(34), Unsupported, "`34` is unknown after the magic `REDIS`");
    check(&redis(8), Unsupported, "`8` is unknown");
    check(&redis(242), Unsupported, "`242` is unknown");
    check(&redis(243), Unsupported, "key metadata of RDB 13");
    check(&redis(246), Unsupported, "release candidate");
    check(&redis(6), NotJudgeable, "only be read by its module");
    check(
        &valkey(23),
        Unsupported,
        "`23` is unknown after the magic `VALKEY`",
    );
    check(
        &valkey(26),
        Unsupported,
        "`26` is unknown after the magic `VALKEY`",
    );
}

#[test]
fn lengths_and_strings() {
    let file = |bytes: &[u8]| Writer::redis(9).raw(&[0, 1, b'k']).raw(bytes).end();
    check(&file(&[0x82]), Corrupt, "length byte `0x82`");
    check(&file(&[0xc4]), Corrupt, "string encoding `4`");
    check(&file(&[0xc3, 0, 5]), Corrupt, "cannot stand for");
    check(&file(&[0xc3, 5, 0]), Corrupt, "cannot stand for `0`");
    check(&file(&[0xc3, 1, 0x40, 89, 1]), Corrupt, "cannot stand for `89`");
    check(
        &Writer::redis(9).select(1 << 31).end(),
        Corrupt,
        "database number `2147483648`",
    );
    check(
        &Writer::redis(9).raw(&[254, 0xc0, 0]).end(),
        Corrupt,
        "expected a database number",
    );
    check(
        &Writer::redis(9).key(1, "k").raw(&[0xc0, 1]).end(),
        Corrupt,
        "expected the number of elements",
    );
}

#[test]
fn empty_collections_and_values_too_small_for_one() {
    for rdb_type in [1, 2, 3, 4, 5, 14, 18, 22] {
        check(
            &Writer::redis(12).key(rdb_type, "k").len(0).end(),
            Corrupt,
            "empty collection",
        );
    }
    check(
        &Writer::valkey().key(22, "k").len(0).end(),
        Corrupt,
        "empty collection",
    );
    check(
        &Writer::redis(12).key(24, "k").raw(&[0; 8]).len(0).end(),
        Corrupt,
        "empty collection",
    );
    let blob = |rdb_type, bytes| Writer::redis(12).key(rdb_type, "k").text(vec![0; bytes]).end();
    check(&blob(9, 4), Corrupt, "at least `5` bytes for a zipmap");
    check(&blob(10, 12), Corrupt, "at least `13` bytes for a ziplist");
    check(&blob(11, 9), Corrupt, "at least `10` bytes for an intset");
    check(&blob(12, 14), Corrupt, "at least `15` bytes for a ziplist");
    check(&blob(13, 14), Corrupt, "a ziplist");
    check(&blob(16, 10), Corrupt, "at least `11` bytes for a listpack");
    check(&blob(17, 10), Corrupt, "a listpack");
    check(&blob(20, 8), Corrupt, "at least `9` bytes for a listpack");
    check(&blob(23, 12), Corrupt, "at least `13` bytes for a listpack");
    check(
        &Writer::redis(12).key(14, "k").len(1).text(vec![0; 10]).end(),
        Corrupt,
        "at least `11` bytes",
    );
    check(
        &Writer::redis(12)
            .key(18, "k")
            .lens(&[1, 2])
            .text(vec![0; 6])
            .end(),
        Corrupt,
        "at least `7` bytes",
    );
    check(
        &Writer::redis(12).key(16, "k").raw(&[0xc0, 1]).end(),
        Corrupt,
        "encoded as an integer",
    );
    check(
        &Writer::redis(12).key(16, "k").raw(&[0xc3, 2, 10, 0, 0]).end(),
        Corrupt,
        "found `10`",
    );
}

#[test]
fn scores_and_field_expiries() {
    let file = |rdb_type| Writer::redis(12).key(rdb_type, "k");
    check(
        &file(3).len(1).text("a").raw(&[253]).end(),
        Corrupt,
        "not a number",
    );
    check(
        &file(3).len(1).text("a").raw(b"\x01x").end(),
        Corrupt,
        "decimal digits",
    );
    check(
        &file(5).len(1).text("a").raw(&f64::NAN.to_le_bytes()).end(),
        Corrupt,
        "not a number",
    );
    check(
        &file(22).lens(&[1, 1 << 48]).end(),
        Corrupt,
        "beyond the greatest expiry",
    );
    check(
        &file(24).raw(&[0xff; 8]).end(),
        Corrupt,
        "beyond the greatest expiry",
    );
    let latest = ((1_u64 << 48) - 1).to_le_bytes();
    check(
        &file(24).raw(&latest).lens(&[1, 2]).end(),
        Corrupt,
        "beyond the greatest expiry",
    );
    let field = Writer::valkey().key(22, "k").len(1).text("f").text("v");
    check(
        &field.raw(&(-2_i64).to_le_bytes()).end(),
        Corrupt,
        "expires at `-2`",
    );
}

#[test]
fn containers_and_modules() {
    let file = |rdb_type| Writer::redis(12).key(rdb_type, "k");
    check(
        &file(18).lens(&[1, 0]).end(),
        Corrupt,
        "found `0` as a quicklist node's container",
    );
    check(
        &file(18).lens(&[1, 3]).end(),
        Corrupt,
        "found `3` as a quicklist node's container",
    );
    check(
        &file(7).lens(&[1, 6]).end(),
        Corrupt,
        "found `6` as a module value's tag",
    );
    let aux = Writer::redis(12).raw(&[247]).len(1);
    check(&aux.clone().lens(&[1]).end(), Corrupt, "expected tag `2`");
    check(
        &aux.lens(&[2, 1, 9]).end(),
        Corrupt,
        "found `9` as a module value's tag",
    );
    check(
        &Writer::redis(12).raw(&[244]).lens(&[16_384, 0, 0]).end(),
        Corrupt,
        "slot `16384`",
    );
}

#[test]
fn streams() {
    let file = || Writer::redis(12).key(15, "k");
    check(
        &file().len(1).text(vec![0; 15]).end(),
        Corrupt,
        "exactly `16` bytes for a stream node's id",
    );
    check(
        &file().len(1).text(vec![0; 17]).end(),
        Corrupt,
        "exactly `16` bytes",
    );
    check(
        &file().len(1).text(vec![0; 16]).text(vec![0; 12]).end(),
        Corrupt,
        "at least `13` bytes for a listpack",
    );
    check(
        &file().lens(&[0, 1]).end(),
        Corrupt,
        "a stream's length is `1`, its nodes hold `0` live entries",
    );
    let pending = file()
        .lens(&[0, 0, 0, 0, 1])
        .text("g")
        .lens(&[0, 0, 1])
        .raw(&[0; 24])
        .len(1);
    check(
        &pending.clone().len(0).end(),
        Corrupt,
        "`1` pending entries of a group belong to no consumer",
    );
    let consumer = pending.len(1).text("c").raw(&[0; 8]);
    check(
        &consumer.clone().len(2).end(),
        Corrupt,
        "more pending entries than the group",
    );
    check(&consumer.len(0).end(), Corrupt, "belong to no consumer");
}

#[test]
fn what_stands_before_a_key_belongs_to_one() {
    let file = || Writer::redis(12).expiry_ms(5);
    check(&file().end(), Corrupt, "found the end of the file");
    check(
        &file().select(1).string("k", "v").end(),
        Corrupt,
        "found select-db",
    );
    check(
        &file().expiry_ms(5).string("k", "v").end(),
        Corrupt,
        "second expiry",
    );
    check(
        &file().raw(&[249, 1, 248, 1]).end(),
        Corrupt,
        "second access time",
    );
    assert!(
        scan(&file().string("a", "b").string("c", "d").end()).is_ok(),
        "the next key has no expiry"
    );
}

#[test]
fn the_end() {
    let file = || Writer::redis(11).string("k", "v");
    check(&file().cut(), Truncated, "end mark is due");
    check(&file().raw(&[255, 1]).cut(), Truncated, "within a `trailer`");
    check(&file().raw(&[0, 1]).cut(), Truncated, "within a `string`");
    check(&file().raw(&[255]).raw(&[1; 8]).cut(), Corrupt, "CRC-64");
    check(&[file().end(), vec![0]].concat(), Corrupt, "bytes behind the end");
    check(
        &[file().end_without_crc(), vec![10]].concat(),
        Corrupt,
        "bytes behind the end",
    );
    check(
        &Writer::redis(4).raw(&[255, 0]).cut(),
        Corrupt,
        "bytes behind the end",
    );
}

#[test]
fn a_refusal_tells_where_in_which_key_and_what_is_sound() {
    let file = Writer::redis(11)
        .select(3)
        .string("a", "b")
        .key(2, "secret")
        .len(0)
        .end();
    expect_test::expect![
        "corrupt at byte `24`, in key `2` of database `3`: an empty collection, which no engine stores; keys sound before it: `1`"
    ]
    .assert_eq(&refusal(&file).to_string());
    let wrong = Writer::redis(11).raw(&[255]).raw(&[1; 8]).cut();
    expect_test::expect!["corrupt at byte `10`: the trailer's CRC-64 is `0101010101010101`, that of the file `629738748d8a22c0`; keys sound before it: `0`"]
        .assert_eq(&refusal(&wrong).to_string());
}

#[test]
fn a_known_size_refuses_a_length_where_it_stands() {
    let far = Writer::redis(11).key(0, "k").len(1 << 40).cut();
    let endless = Writer::redis(11).key(2, "k").len(u64::MAX).cut();
    for (file, offset) in [(&far, 12), (&endless, 12)] {
        let size = file.len() as u64;
        let broken = scan_with(Options::new(NOW_MS).with_size(size), [file.as_slice()]).unwrap_err();
        assert_eq!((broken.kind, broken.offset), (Truncated, offset), "{broken}");
        let unknown = refusal(file);
        assert_eq!((unknown.kind, unknown.offset), (Truncated, size), "{unknown}");
    }
}
