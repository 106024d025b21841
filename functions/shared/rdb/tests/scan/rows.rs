//! A case per row of the format's tables, well-formed; strings also compressed.

use rdb::{Crc, Magic};

use crate::samples::{self, Value};
use crate::scan;
use crate::writer::Writer;

/// Checks that one key with this value is accepted, as this kind and encoding, with nothing left over.
fn check_value(writer: Writer, value: &Value) {
    let Value {
        rdb_type,
        kind,
        encoding,
        ref bytes,
    } = *value;
    let file = writer.key(rdb_type, "k").raw(bytes).end();
    let verdict = scan(&file).unwrap_or_else(|broken| panic!("{encoding}: {broken}"));
    assert_eq!(verdict.types.keys().collect::<Vec<_>>(), [&kind], "{encoding}");
    assert_eq!(verdict.types[&kind].bytes, bytes.len() as u64, "{encoding}");
    assert_eq!(
        verdict.encodings.into_iter().collect::<Vec<_>>(),
        [(encoding.to_owned(), 1)]
    );
}

#[test]
fn every_type_is_walked_under_the_magic_that_has_it() {
    for value in samples::common_values() {
        check_value(Writer::redis(12), &value);
        check_value(Writer::valkey(), &value);
    }
    for value in samples::redis_values() {
        check_value(Writer::redis(12), &value);
    }
    check_value(Writer::valkey(), &samples::valkey_value());
}

#[test]
fn the_table_of_values_names_every_type() {
    let common = samples::common_values().into_iter().map(|value| value.rdb_type);
    let mut types: Vec<u8> = common
        .chain(samples::redis_values().into_iter().map(|value| value.rdb_type))
        .collect();
    types.dedup();
    assert_eq!(types, (0..=5).chain([7]).chain(9..=25).collect::<Vec<_>>());
}

/// Checks that a record is accepted before a key.
fn check_opcode(writer: Writer, why: &str) {
    match scan(&writer.string("k", "v").end()) {
        Ok(verdict) => assert_eq!(verdict.keys, 1, "{why}"),
        Err(broken) => panic!("{why}: {broken}"),
    }
}

#[test]
fn opcodes_of_every_version_are_walked() {
    let file = || Writer::redis(12);
    let values = |writer: Writer| writer.lens(&[2, 2]).lens(&[1, 3]).len(5).text("x").len(0);
    check_opcode(file().select(7), "select db");
    check_opcode(file().raw(&[253]).raw(&1_i32.to_le_bytes()), "expiry in seconds");
    check_opcode(file().expiry_ms(-1), "expiry in ms, before 1970");
    check_opcode(file().raw(&[251]).lens(&[1, 1 << 33]), "announced sizes");
    check_opcode(file().aux("lua", "return 1"), "aux");
    check_opcode(
        file().raw(&[250, 0xc0, 1]).packed("again and again and again"),
        "aux of integers and LZF",
    );
    check_opcode(file().raw(&[249, 5]), "access frequency");
    check_opcode(file().raw(&[248]).len(70_000), "idle time");
    check_opcode(
        file().expiry_ms(5).raw(&[249, 5]),
        "expiry, then access frequency",
    );
    check_opcode(values(file().raw(&[247]).len(77)), "module aux");
    check_opcode(
        file().raw(&[245]).text("#!lua name=x\nreturn 1"),
        "function library",
    );
    check_opcode(
        file().raw(&[245]).packed("#!lua name=x\nreturn 1 + 1 + 1 + 1"),
        "function library, compressed",
    );
    check_opcode(file().raw(&[244]).lens(&[16_383, 1, 0]), "slot info");
    check_opcode(
        Writer::valkey().raw(&[244]).lens(&[0, 1, 0]),
        "slot info after VALKEY",
    );
    let import = || Writer::valkey().raw(&[243]).text([b'a'; 40]);
    check_opcode(
        import().len(2).lens(&[0, 5, 7, 16_383]),
        "slot import of two ranges",
    );
    check_opcode(import().len(0), "slot import without ranges");
}

#[test]
fn every_version_that_is_read_ends_in_its_own_way() {
    for version in 1..=12 {
        let verdict = scan(&Writer::redis(version).string("k", "v").end()).unwrap();
        let crc = if version < 5 { Crc::Absent } else { Crc::Right };
        assert_eq!(
            (verdict.magic, verdict.version, verdict.crc),
            (Magic::Redis, version, crc)
        );
    }
    let verdict = scan(&Writer::valkey().end()).unwrap();
    assert_eq!(
        (verdict.magic, verdict.version, verdict.crc),
        (Magic::Valkey, 80, Crc::Right)
    );
    assert_eq!(
        scan(&Writer::redis(11).end_without_crc()).unwrap().crc,
        Crc::Absent
    );
}

#[test]
fn lengths_need_not_be_minimal() {
    let long = |writer: Writer, byte: u8| writer.raw(&[0x81, 0, 0, 0, 0, 0, 0, 0, 1, byte]);
    assert_eq!(
        scan(&long(long(Writer::redis(9).raw(&[0]), b'k'), b'v').end())
            .unwrap()
            .keys,
        1
    );
}
