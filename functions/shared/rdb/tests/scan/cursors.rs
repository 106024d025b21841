//! Cursors stay small, and are read by the version that wrote them.

mod changed;

use std::sync::LazyLock;

use expect_test::{expect, expect_file};
use rdb::{Cursor, CursorError, Options, Scanner};
use serde_json::{Value, json};

use crate::pieces::CURSOR_BOUND;
use crate::writer::{Listpack, Node, Writer, id};
use crate::{NOW_MS, samples};

fn cursor_after(file: &[u8]) -> Cursor {
    let mut scanner = Scanner::new(Options::new(NOW_MS).with_largest(32));
    // A refusal is part of the cursor.
    let _ = scanner.feed(file);
    scanner.cursor()
}

/// What names add to a cursor, where they are asked for.
const NAMES_BOUND: usize = 5 * 1024;

/// The cursor amid a file that fills every part of it, as JSON, and how long it were with every counter at 2^53.
fn greatest(options: Options) -> (String, usize) {
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
    // A backslash is escaped as it is told, and its two once more in JSON.
    let long = "\\".repeat(40);
    let file = (0..40).fold(file, |file, database| {
        let file = file
            .select(i32::MAX as u64 - database)
            .raw(&[251])
            .lens(&[u64::MAX, u64::MAX]);
        samples::common_values().iter().fold(file, |file, value| {
            file.expiry_ms(1).key(value.rdb_type, &long).raw(&value.bytes)
        })
    });
    let file = file
        .key(3, &long)
        .raw(&[0x81])
        .raw(&[0xff; 8])
        .text("member")
        .raw(&[252])
        .raw(&[b'1'; 251]);
    let mut scanner = Scanner::new(options.with_largest(32));
    // The score is none, so the scan stops there; a refusal has a smaller cursor.
    scanner.feed(&file.cut()).unwrap();
    let json = serde_json::to_string(&scanner.cursor()).unwrap();
    let counters = json
        .split([',', '[', ':'])
        .filter(|part| part.parse::<u64>().is_ok())
        .count();
    let widest = json.len() + counters * 15;
    (json, widest)
}

#[test]
fn the_greatest_cursor_is_under_16_kib() {
    let (json, widest) = greatest(Options::new(NOW_MS));
    assert!(widest < CURSOR_BOUND, "{widest}: {json}");
    assert!(!json.contains('…'), "{json}");
    let (named, widest) = greatest(Options::new(NOW_MS).with_names());
    assert!(widest < CURSOR_BOUND + NAMES_BOUND, "{widest}: {named}");
    assert_eq!(
        named.matches('…').count(),
        33,
        "the largest and the key in hand are named"
    );
}

#[test]
fn a_cursor_is_small_from_the_start() {
    let json = serde_json::to_string(&cursor_after(b"")).unwrap();
    assert!(json.len() < 1024, "{json}");
}

/// Bytes of a string that a cursor is taken amid.
const LONG: u64 = 70_007;

/// A file up to its second key, which is about to expire and has this type.
fn before_value(rdb_type: u8) -> Writer {
    Writer::redis(11)
        .aux("redis-ver", "7.2.6")
        .select(2)
        .string("a", "b")
        .expiry_ms(5)
        .key(rdb_type, "k")
}

/// A cursor amid a string of a list, as JSON.
fn sample() -> Value {
    let file = before_value(1).len(3).text("a").len(LONG).raw(b"begun");
    serde_json::to_value(cursor_after(&file.cut())).unwrap()
}

/// A cursor amid a string that is packed.
fn packed_sample() -> Value {
    let packed = Writer::part().packed("again and ".repeat(40)).cut();
    let file = before_value(1).len(3).raw(&packed[..packed.len() - 5]);
    serde_json::to_value(cursor_after(&file.cut())).unwrap()
}

/// A cursor amid a listpack that is too large to be gathered.
fn blob_sample() -> Value {
    let member = "m".repeat(LONG as usize);
    let listpack = (0..16).fold(Listpack::new(), |listpack, score| {
        listpack.text(&member).int(score)
    });
    let file = before_value(17).text(listpack.bytes()).cut();
    serde_json::to_value(cursor_after(&file[..file.len() - 1000])).unwrap()
}

/// A cursor amid the node of a stream that is too large to be gathered.
fn stream_sample() -> Value {
    let value = "v".repeat(LONG as usize);
    let node = (0..16).fold(Node::new(&["f"]), |node, _| node.same(&[&value]));
    let file = before_value(15).len(1).text(id(5, 0)).text(node.bytes()).cut();
    serde_json::to_value(cursor_after(&file[..file.len() - 1000])).unwrap()
}

/// One cursor of each sort.
static SAMPLES: LazyLock<[Value; 4]> =
    LazyLock::new(|| [sample(), packed_sample(), blob_sample(), stream_sample()]);

/// The golden text is a frozen contract: a run that is re-driven brings cursors of the release before.
#[test]
fn a_cursor_of_version_2_is_written_and_read_as_ever() {
    let written = serde_json::to_string_pretty(&sorted(&sample())).unwrap();
    expect_file!["../fixtures/cursor-v2.json"].assert_eq(&written);
    let mut scanner = resume(serde_json::from_str(&written).unwrap()).unwrap();
    let rest = Writer::part().raw(&vec![b'x'; LONG as usize - 5]).text("last");
    scanner.feed(&rest.raw(&[255]).raw(&[0; 8]).cut()).unwrap();
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

#[test]
fn what_goes_on_in_a_string_is_written_as_ever() {
    let contents = SAMPLES
        .iter()
        .map(|cursor| sorted(&cursor["content"]).to_string() + "\n");
    expect![[r#"
        {"passed":{"left":"11172"}}
        {"packed":{"literals":0,"made":"a","packed":"11","plain":"190","taken":"b"}}
        {"blob":{"left":"3e8","walk":{"encoding":{"listpack":{"announced":32,"at":1119279,"seen":30,"size":"111817","stage":{"long":{"head":5,"left":994,"text":70007}}}},"entries":"1e","node":null}}}
        {"blob":{"left":"3e8","walk":{"encoding":{"listpack":{"announced":85,"at":1119386,"seen":83,"size":"111882","stage":{"long":{"head":5,"left":994,"text":70007}}}},"entries":"53","node":{"deleted":"0","entries":"4","fields":"1","flagged":"0","live":"10","next":"entries","pass":"1","records":"f","sameFields":true}}}}
    "#]].assert_eq(&contents.collect::<String>());
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
    let foreign = json!({"version": 3, "offset": 5, "layout": {"of": ["the", "future"]}});
    assert_eq!(resume(foreign).unwrap_err(), CursorError::Version { found: 3 });
    assert_eq!(resume(json!({})).unwrap_err(), CursorError::Version { found: 0 });
    expect!["cursor has version `7`, this scanner reads `2`: scan the object from its start"]
        .assert_eq(&CursorError::Version { found: 7 }.to_string());
}

/// What the release before wrote amid a hash, with the fields that are gone and without those that are new.
#[test]
fn a_cursor_of_version_1_is_refused_by_its_number() {
    let mut cursor = sample();
    let fields = cursor.as_object_mut().unwrap();
    fields.remove("content");
    fields.remove("textAt");
    fields.extend([
        ("version".to_owned(), json!(1)),
        ("held".to_owned(), json!("800000")),
        ("payload".to_owned(), json!("5")),
    ]);
    let tally = fields["tally"].as_object_mut().unwrap();
    tally.remove("notChecked");
    let record = fields["record"].as_object_mut().unwrap();
    for new in ["entries", "node", "group", "pending", "givenUp"] {
        assert!(record.remove(new).is_some(), "{new}");
    }
    record.insert("nodes".to_owned(), json!("0"));
    assert_eq!(resume(cursor).unwrap_err(), CursorError::Version { found: 1 });
}
