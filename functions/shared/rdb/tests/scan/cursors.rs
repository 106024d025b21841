//! Cursors stay small, and one that does not fit itself is refused.

use expect_test::expect_file;
use rdb::{Cursor, CursorError, Options, Scanner};
use serde_json::{Value, json};

use crate::pieces::CURSOR_BOUND;
use crate::writer::Writer;
use crate::{NOW_MS, samples};

fn cursor_after(file: &[u8]) -> Cursor {
    let mut scanner = Scanner::new(Options::new(NOW_MS).with_largest(32));
    // A refusal is part of the cursor.
    let _ = scanner.feed(file);
    scanner.cursor()
}

#[test]
fn the_greatest_cursor_is_under_16_kib() {
    let notes = [
        "redis-ver",
        "valkey-ver",
        "redis-bits",
        "ctime",
        "used-mem",
        "aof-preamble",
        "aof-base",
    ];
    let notes = [notes.as_slice(), &["repl-stream-db", "repl-id", "repl-offset"]].concat();
    let file = notes.iter().fold(Writer::redis(12), |file, name| {
        file.aux(name, &"\u{1}\"x".repeat(40))
    });
    let file = (0..40).fold(file, |file, database| {
        let file = file
            .select(i32::MAX as u64 - database)
            .raw(&[251])
            .lens(&[u64::MAX, u64::MAX]);
        samples::common_values().iter().fold(file, |file, value| {
            file.expiry_ms(1).key(value.rdb_type, "key").raw(&value.bytes)
        })
    });
    let file = file
        .key(3, "k")
        .raw(&[0x81])
        .raw(&[0xff; 8])
        .text("member")
        .raw(&[252])
        .raw(&[b'1'; 251]);
    let json = serde_json::to_string(&cursor_after(&file.cut())).unwrap();
    // Every counter as long as a number of 2^53 would make it.
    let counters = json.matches(|c: char| c.is_ascii_digit()).count();
    let widest = json
        .split([',', '[', ':'])
        .filter(|part| part.parse::<u64>().is_ok())
        .count()
        * 15;
    assert!(
        json.len() + widest < CURSOR_BOUND,
        "{} + {widest} with {counters} digits",
        json.len()
    );
}

#[test]
fn a_cursor_is_small_from_the_start() {
    let json = serde_json::to_string(&cursor_after(b"")).unwrap();
    assert!(json.len() < 1024, "{json}");
}

/// A cursor amid a hash with a cut length, as JSON.
fn sample() -> Value {
    let file = Writer::redis(11)
        .aux("redis-ver", "7.2.6")
        .select(2)
        .string("a", "b")
        .expiry_ms(5);
    let file = file.key(4, "h").len(3).texts(&["f", "v"]).raw(&[0x80, 0, 0]);
    serde_json::to_value(cursor_after(&file.cut())).unwrap()
}

/// The golden text is a frozen contract: a run that is re-driven brings cursors of the release before.
#[test]
fn a_cursor_of_version_1_is_written_and_read_as_ever() {
    let written = serde_json::to_string_pretty(&sorted(&sample())).unwrap();
    expect_file!["../fixtures/cursor-v1.json"].assert_eq(&written);
    let mut scanner = resume(serde_json::from_str(&written).unwrap()).unwrap();
    let rest = Writer::part()
        .raw(&[0, 1])
        .raw(b"g")
        .texts(&["v", "h", "v"])
        .raw(&[255]);
    scanner.feed(&rest.raw(&[0; 8]).cut()).unwrap();
    let verdict = scanner.finish().unwrap();
    assert_eq!(
        (
            verdict.keys,
            verdict.expires,
            verdict.expired,
            verdict.databases[0].number
        ),
        (2, 1, 1, 2)
    );
}

/// The value with the fields of its objects in order: a workspace build keeps them as they were written.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: std::collections::BTreeMap<_, _> = fields.iter().collect();
            fields
                .into_iter()
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn resume(cursor: Value) -> Result<Scanner, CursorError> {
    Scanner::resume(serde_json::from_value(cursor).unwrap())
}

#[test]
fn a_cursor_of_another_version_is_refused_by_its_number() {
    let mut cursor = sample();
    assert!(resume(cursor.clone()).is_ok());
    cursor["version"] = json!(7);
    assert_eq!(resume(cursor).unwrap_err(), CursorError::Version { found: 7 });
    let foreign = json!({"version": 2, "offset": 5, "layout": {"of": ["the", "future"]}});
    assert_eq!(resume(foreign).unwrap_err(), CursorError::Version { found: 2 });
    assert_eq!(resume(json!({})).unwrap_err(), CursorError::Version { found: 0 });
    expect_test::expect!["cursor has version `7`, this scanner reads `1`: scan the object from its start"]
        .assert_eq(&CursorError::Version { found: 7 }.to_string());
}

/// Checks that a cursor with one part changed is refused, naming that part.
fn check_changed(pointer: &str, value: Value, part: &str) {
    let mut cursor = sample();
    *cursor
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("no {pointer}")) = value;
    let error = resume(cursor).expect_err(pointer);
    assert!(
        error
            .to_string()
            .contains(&format!("contradicts itself in its {part}")),
        "{pointer}: {error}"
    );
}

#[test]
fn a_cursor_that_was_changed_is_refused() {
    check_changed("/offset", json!(2), "offset");
    check_changed("/offset", json!(u64::MAX), "offset");
    check_changed("/offset", json!(9), "record");
    check_changed("/place", json!("between"), "position");
    check_changed("/place", json!("header"), "position");
    check_changed("/place", json!({"in": 243}), "position");
    check_changed("/place", json!({"in": 2}), "record");
    check_changed("/steps/0/at", json!(9), "position");
    check_changed("/steps/1/rounds", json!("0"), "position");
    check_changed("/steps/0/rounds", json!("2"), "position");
    check_changed("/steps/1/case", json!(1), "position");
    check_changed("/steps", json!([]), "position");
    check_changed("/head", Value::Null, "position");
    check_changed("/head/version", json!(99), "header");
    check_changed("/payload", json!("0"), "string position");
    check_changed("/payload", json!("5"), "held bytes");
    check_changed("/held", json!("01"), "held bytes");
    check_changed("/held", json!("82"), "held bytes");
    check_changed("/bodyEnd", json!(3), "end of body");
    check_changed("/trailer", json!("1"), "trailer");
    check_changed("/record/key", Value::Null, "record");
    check_changed("/record/aux", json!(200), "record");
    check_changed("/options/largest", json!(99), "options");
    check_changed("/tally/keys", json!(2), "counters");
    check_changed("/tally/row", json!(5), "counters");
    check_changed("/tally/kindBytes/0", json!(u64::MAX), "counters");
    check_changed("/tally/rows/1/keys", json!(u64::MAX), "counters");
    check_changed("/tally/largest/0/key", json!(77), "counters");
    check_changed("/tally/aux/0", json!("\u{1}"), "counters");
}

#[test]
fn a_cursor_that_is_no_cursor_is_refused_by_serde() {
    for (pointer, value) in [
        ("/held", json!("0")),
        ("/held", json!("zz")),
        ("/crc", json!("")),
        ("/crc", json!(5)),
    ] {
        let mut cursor = sample();
        *cursor.pointer_mut(pointer).unwrap() = value;
        assert!(serde_json::from_value::<Cursor>(cursor).is_err(), "{pointer}");
    }
}

/// Every number and text of a cursor in turn replaced by others: refused, or a scanner that answers.
#[test]
fn no_changed_cursor_harms_the_scanner() {
    let leaves = |cursor: &Value| {
        let mut paths = Vec::new();
        collect_leaves(cursor, String::new(), &mut paths);
        paths
    };
    let others = [
        json!(0),
        json!(1),
        json!(u64::MAX),
        json!("ffffffffffffffff"),
        json!("1"),
        Value::Null,
    ];
    for (_, file) in samples::hand_made() {
        for at in (0..file.len()).step_by(61 + file.len() / 12) {
            let cursor = serde_json::to_value(cursor_after(&file[..at])).unwrap();
            for (path, other) in leaves(&cursor)
                .iter()
                .flat_map(|path| others.iter().map(move |o| (path, o)))
            {
                let mut cursor = cursor.clone();
                *cursor.pointer_mut(path).unwrap() = other.clone();
                let Ok(cursor) = serde_json::from_value::<Cursor>(cursor) else {
                    continue;
                };
                let Ok(mut scanner) = Scanner::resume(cursor) else {
                    continue;
                };
                // Its offset is as little to be trusted as all else.
                let from = usize::try_from(scanner.offset()).map_or(at, |from| from.min(at));
                let _ = scanner
                    .feed(&file[from..])
                    .and_then(|()| scanner.finish().map(drop));
            }
        }
    }
}

fn collect_leaves(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, v)| collect_leaves(v, format!("{path}/{name}"), paths)),
        Value::Array(values) => {
            values
                .iter()
                .enumerate()
                .for_each(|(i, v)| collect_leaves(v, format!("{path}/{i}"), paths));
        }
        _ => paths.push(path),
    }
}
