//! A cursor that was changed on its way is refused, or does no harm.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use expect_test::expect;
use proptest::prelude::*;
use proptest::sample::Index;
use rdb::{Cursor, Scanner};
use serde_json::{Value, json};

use super::{SAMPLES, cursor_after, resume, sample};
use crate::pieces::LARGE;
use crate::samples;

/// Checks that a cursor with one part changed is refused, naming that part.
fn check_changed_of(cursor: &Value, pointer: &str, value: Value, part: &str) {
    let mut cursor = cursor.clone();
    *cursor
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("no {pointer}")) = value;
    let error = resume(cursor).expect_err(pointer);
    assert!(
        error
            .to_string()
            .contains(&format!("contradicts itself in its {part}:")),
        "{pointer}: {error}"
    );
}

fn check_changed(pointer: &str, value: Value, part: &str) {
    check_changed_of(&SAMPLES[0], pointer, value, part);
}

#[test]
fn a_cursor_that_was_changed_is_refused() {
    check_changed("/offset", json!(u64::MAX), "offset");
    check_changed("/offset", json!(9), "record");
    check_changed("/textAt", json!(99_999), "string position");
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
    check_changed("/bodyEnd", json!(3), "end of body");
    check_changed("/trailer", json!("1"), "trailer");
    check_changed("/record/key", Value::Null, "record");
    check_changed("/record/aux", json!(200), "record");
    check_changed("/record/node", json!("00"), "record");
    check_changed("/record/name", json!("x".repeat(100)), "record");
    check_changed("/record/collected", json!("00".repeat(65)), "record");
    check_changed("/options/largest", json!(99), "options");
    check_changed("/tally/keys", json!(2), "counters");
    check_changed("/tally/row", json!(5), "counters");
    check_changed("/tally/kindBytes/0", json!(u64::MAX), "counters");
    check_changed("/tally/rows/1/keys", json!(u64::MAX), "counters");
    check_changed("/tally/largest/0/key", json!(77), "counters");
    check_changed("/tally/notChecked/duplicates", json!(2), "counters");
    check_changed("/tally/aux/0", json!("\u{1}"), "counters");
}

#[test]
fn a_string_goes_on_only_as_its_place_allows() {
    let [passed, packed, blob, stream] = &*SAMPLES;
    let check = |cursor: &Value, content: Value| {
        check_changed_of(cursor, "/content", content, "string position");
    };
    let check_in = |cursor: &Value, pointer: &str, value: Value| {
        check_changed_of(cursor, pointer, value, "string position");
    };
    check_in(passed, "/content/passed/left", json!("0"));
    check(passed, blob["content"].clone());
    check(blob, passed["content"].clone());
    check(blob, packed["content"].clone());
    check(blob, stream["content"].clone());
    check(stream, blob["content"].clone());
    check_in(packed, "/content/packed/taken", json!("fff"));
    check_in(packed, "/content/packed/made", json!("fff"));
    check_in(packed, "/content/packed/literals", json!(33));
    check_in(blob, "/content/blob/left", json!("0"));
    check_in(blob, "/content/blob/walk/entries", json!("ffffffffffffffff"));
    check_in(
        blob,
        "/content/blob/walk/node",
        stream["content"]["blob"]["walk"]["node"].clone(),
    );
    check_in(stream, "/content/blob/walk/node", Value::Null);
}

#[test]
fn a_cursor_that_is_no_cursor_is_refused_by_serde() {
    for (pointer, value) in [
        ("/content", json!({"held": "00"})),
        ("/content/passed/left", json!(5)),
        ("/record/node", json!("0")),
        ("/record/collected", json!("zz")),
        ("/crc", json!("")),
        ("/crc", json!(5)),
    ] {
        let mut cursor = sample();
        *cursor.pointer_mut(pointer).unwrap() = value;
        assert!(serde_json::from_value::<Cursor>(cursor).is_err(), "{pointer}");
    }
}

fn leaves(cursor: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    collect_leaves(cursor, String::new(), &mut paths);
    paths
}

/// What numbers, texts and objects are replaced by.
fn others() -> Vec<Value> {
    let [_, packed, blob, stream] = &*SAMPLES;
    let contents = [packed, blob, stream].map(|cursor| cursor["content"].clone());
    let plain = [
        json!(0),
        json!(1),
        json!(2),
        json!(16_384),
        json!((1_u64 << 53) - 1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!("0"),
        json!("1"),
        json!("1000"),
        json!("7fffffffffffffff"),
        json!("ffffffffffffffff"),
        json!(true),
        Value::Null,
    ];
    plain.into_iter().chain(contents).collect()
}

/// Fields which nothing else in a cursor speaks of; a new field must be held against others, or harmless here.
#[test]
fn the_fields_that_may_be_anything_are_known() {
    let mut free = BTreeSet::new();
    for cursor in &*SAMPLES {
        for path in leaves(cursor) {
            let refused = others().into_iter().any(|other| {
                let mut cursor = cursor.clone();
                *cursor.pointer_mut(&path).unwrap() = other;
                serde_json::from_value(cursor).is_ok_and(|cursor| Scanner::resume(cursor).is_err())
            });
            if !refused {
                free.insert(path.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned() + "\n");
            }
        }
    }
    expect![[r"
        /broken
        /content/blob/walk/encoding/listpack/announced
        /content/blob/walk/node
        /content/blob/walk/node/entries
        /content/blob/walk/node/next
        /content/blob/walk/node/pass
        /content/blob/walk/node/sameFields
        /crc
        /head/magic
        /options/largest
        /options/names
        /options/nowMs
        /options/size
        /record/access
        /record/aux
        /record/collected
        /record/entries
        /record/expired
        /record/givenUp
        /record/group
        /record/hintKeys
        /record/key/
        /record/leastExpiry
        /record/name
        /record/pending
        /record/unclaimed
        /steps/0/case
        /tally/aux/
        /tally/largest/0/database
        /tally/largest/0/type
        /tally/others/hint
        /tally/rows/0/hint
        /tally/rows/1/hint
    "]]
    .assert_eq(&free.into_iter().collect::<String>());
}

/// A state amid a file, and the file's bytes behind it as far as they are of use.
type Resumable = (Value, Vec<u8>);

/// Most bytes that are fed to a scanner that a changed cursor gave.
const ENOUGH: usize = 20_000;

/// Cursors at many places of the small files, and amid large values.
static RESUMABLE: LazyLock<Vec<Resumable>> = LazyLock::new(|| {
    let mut all = Vec::new();
    let mut add = |file: &[u8], at: usize| {
        let cursor = cursor_after(&file[..at]);
        let from = usize::try_from(cursor.offset()).unwrap();
        let rest = file[from..].iter().copied().take(ENOUGH).collect();
        all.push((serde_json::to_value(cursor).unwrap(), rest));
    };
    for (_, file) in samples::all() {
        (0..file.len())
            .step_by(7 + file.len() / 60)
            .for_each(|at| add(&file, at));
    }
    for part in 1..8 {
        add(&LARGE, LARGE.len() / 8 * part);
    }
    all.extend(SAMPLES.iter().map(|cursor| (cursor.clone(), vec![3; ENOUGH])));
    all
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6000))]

    /// Some numbers and texts of a cursor replaced by others: refused, or a scanner that answers. What fails is told
    /// with its seed.
    #[test]
    fn no_changed_cursor_harms_the_scanner(
        which in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), any::<Index>()), 1..4),
    ) {
        let (cursor, rest) = which.get(&RESUMABLE);
        let mut cursor = cursor.clone();
        for (leaf, other) in changes {
            let paths = leaves(&cursor);
            let path: &String = leaf.get(&paths);
            *cursor.pointer_mut(path).unwrap() = other.get(&others()).clone();
        }
        if let Ok(cursor) = serde_json::from_value::<Cursor>(cursor)
            && let Ok(mut scanner) = Scanner::resume(cursor)
        {
            let fed = rest.chunks(4099).try_for_each(|piece| {
                let fed = scanner.feed(piece);
                // Whatever it says, another process must be able to read it.
                serde_json::to_string(&scanner.cursor()).unwrap();
                fed
            });
            let _ = fed.and_then(|()| scanner.finish().map(drop));
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
