//! Several calls over one object: cursors, progress, and what changes in between.

use super::fake::{Fake, file, with_hash};
use super::*;
use crate::read::Stop;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn stops_before_the_deadline_and_goes_on_from_the_cursor() {
    let mut fake = Fake::new(file(1000));
    let whole = verdict(fake.run(None, small(512)).unwrap());
    fake.cost = Duration::from_millis(30);
    let (mut calls, mut cursor, mut last) = (0, None, 0);
    let pieced = loop {
        fake.left.set(Duration::from_millis(200));
        calls += 1;
        match fake.run(cursor.as_ref(), small(512)).unwrap() {
            Output::Finished { verdict, .. } => break verdict,
            Output::Unfinished {
                offset, cursor: next, ..
            } => {
                assert!(offset > last, "every call makes progress");
                last = offset;
                let json = serde_json::to_string(&next).unwrap();
                assert!(json.len() <= 16 * 1024, "{} bytes", json.len());
                cursor = Some(serde_json::from_str(&json).unwrap());
            }
        }
    };
    assert!(calls >= 3, "{calls}");
    assert_eq!(
        ShardVerdict { millis: 0, ..pieced },
        ShardVerdict { millis: 0, ..whole }
    );
    assert!(
        fake.written.borrow().len() == 2,
        "one verdict document a whole reading"
    );
}

#[test]
fn no_time_at_all_still_makes_progress() {
    let fake = Fake::new(file(1000));
    fake.left.set(Duration::ZERO);
    match fake.run(None, small(512)).unwrap() {
        Output::Unfinished { offset, .. } => assert_eq!(offset, 512),
        Output::Finished { .. } => panic!("more than one piece"),
    }
}

#[test]
fn cursors_that_do_not_fit_are_refused() {
    let fake = Fake::new(file(1000));
    fake.left.set(Duration::ZERO);
    let Output::Unfinished { cursor, .. } = fake.run(None, small(512)).unwrap() else {
        panic!("more than one piece")
    };
    let good = serde_json::to_value(&cursor).unwrap();
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = good.clone();
        change(&mut value);
        serde_json::from_value::<Cursor>(value).unwrap()
    };
    let cases: [(Cursor, &str); 8] = [
        (with(&|v| v["etag"] = json!("\"e2\"")), "of another object"),
        (
            with(&|v| v["sha256State"] = json!("00")),
            "a hash state of another size",
        ),
        (with(&|v| v["hashed"] = json!(511)), "hashed less than was judged"),
        (
            with(&|v| v["hashed"] = json!(1_000_000)),
            "hashed what is not there",
        ),
        (
            with(&|v| v["crcState"] = json!("0000000000000000")),
            "a CRC of no checksum",
        ),
        (
            with(&|v| {
                v["checksum"] = json!({"algorithm": "CRC32", "type": "FULL_OBJECT", "value": "AAAAAA=="});
            }),
            "a checksum without its CRC",
        ),
        (
            with(&|v| v["scan"]["tally"] = json!({"keys": 5})),
            "counters that do not fit",
        ),
        (
            with(&|v| v["scan"]["offset"] = json!(1_000_000)),
            "beyond the object",
        ),
    ];
    for (cursor, why) in cases {
        let error = fake.run(Some(&cursor), small(512)).unwrap_err();
        assert_eq!(error.name, ErrorName::InvalidInput, "{why}: {error}");
    }
}

/// Calls on with no time left until the object is judged; gives the verdict and the offset of each cursor.
fn step_by_step(fake: &Fake, settings: Settings) -> (ShardVerdict, Vec<u64>) {
    fake.left.set(Duration::ZERO);
    let (mut cursor, mut offsets): (Option<Cursor>, Vec<u64>) = (None, Vec::new());
    loop {
        match fake.run(cursor.as_ref(), settings).unwrap() {
            Output::Finished { verdict, .. } => return (verdict, offsets),
            Output::Unfinished {
                cursor: next, offset, ..
            } => {
                assert!(
                    offsets.last().is_none_or(|last| *last < offset),
                    "{offsets:?}, {offset}"
                );
                offsets.push(offset);
                let json = serde_json::to_string(&next).unwrap();
                assert!(json.len() < 16 * 1024, "{} bytes", json.len());
                cursor = Some(serde_json::from_str(&json).unwrap());
            }
        }
    }
}

#[test]
fn a_value_that_holds_the_cursor_back_is_passed_with_every_digest_right() {
    // About 440 KiB in one value of as many fields as are compared exactly, in pieces of 4 KiB.
    let mut fake = Fake::new(with_hash(4096));
    fake.stored = Some(own_checksum::crc64(&fake.bytes));
    let whole = verdict(fake.run(None, Settings::default()).unwrap());
    assert_eq!(whole.keys, 21);
    let (pieced, offsets) = step_by_step(&fake, small(4 << 10));
    assert_eq!(
        ShardVerdict { millis: 0, ..pieced },
        ShardVerdict { millis: 0, ..whole }
    );
    assert!(!offsets.is_empty());
}

#[test]
fn a_call_stops_only_beyond_the_cursor_that_it_began_with() {
    let cases = [
        ((0, 100), (10, 10), true, "the cursor keeps up"),
        (
            (0, 100),
            (10, 4),
            true,
            "behind what was read, but further than at first",
        ),
        (
            (4, 100),
            (90, 4),
            false,
            "still at the start of the value it began in",
        ),
        ((4, 100), (90, 5), true, "the value is over"),
        (
            (4, 100),
            (100, 90),
            false,
            "all is read: nothing is left to go on with",
        ),
        ((0, 100), (50, 0), false, "the first value of the file"),
    ];
    for ((began, size), (read, cursor), want, why) in cases {
        assert_eq!(Stop::new(began, size).may(read, cursor), want, "{why}");
    }
}

proptest! {
    /// However far back a scanner keeps its cursor, calls without time left come to the end of the object.
    #[test]
    fn calls_come_to_an_end_whatever_the_scanner_holds_back(
        size in 1_u64..5000, piece in 1_u64..300, values in prop::collection::vec(1_u64..1200, 1..30),
    ) {
        // A scanner whose cursor stands at the start of the value that is being read.
        let ends: Vec<u64> = values.iter().scan(0, |end, value| { *end += value; Some(*end) }).collect();
        let cursor_at = |read: u64| ends.iter().copied().filter(|end| *end <= read).max().unwrap_or(0);
        let (mut began, mut calls) = (0, 0);
        'calls: loop {
            let stop = Stop::new(began, size);
            for (start, length) in crate::read::pieces(began, size, piece) {
                let read = start + length;
                if stop.may(read, cursor_at(read)) {
                    prop_assert!(cursor_at(read) > began);
                    began = cursor_at(read);
                    calls += 1;
                    continue 'calls;
                }
            }
            break;
        }
        prop_assert!(calls <= values.len(), "one call a value at most: {calls}");
    }
}

#[test]
fn a_cursor_of_another_version_starts_over() {
    let fake = Fake::new(file(1000));
    let whole = verdict(fake.run(None, small(512)).unwrap());
    fake.left.set(Duration::ZERO);
    let Output::Unfinished { cursor, .. } = fake.run(None, small(512)).unwrap() else {
        panic!("more than one piece")
    };
    fake.left.set(Duration::from_mins(15));
    let other = json!({"version": rdb::CURSOR_VERSION - 1, "place": {"of": "another shape"}, "offset": 512});
    for (scan, why) in [
        (json!({"version": 999}), "of a version that is not out yet"),
        (json!({}), "of none"),
        (other, "of another shape"),
        (json!("text"), "of no shape at all"),
    ] {
        let mut value = serde_json::to_value(&cursor).unwrap();
        match scan.as_object() {
            Some(fields) if !fields.is_empty() => {
                value["scan"].as_object_mut().unwrap().extend(fields.clone());
            }
            _ => value["scan"] = scan,
        }
        let cursor = serde_json::from_value(value).unwrap();
        fake.asked.borrow_mut().clear();
        let again = verdict(fake.run(Some(&cursor), small(512)).unwrap());
        assert_eq!(fake.asked.borrow()[0], (0, 512), "{why}: from the first byte");
        assert_eq!(
            ShardVerdict { millis: 0, ..again },
            ShardVerdict {
                millis: 0,
                ..whole.clone()
            }
        );
    }
}

/// What 0.1.0 left out: it had one offset for scanner and hash, and knew no checksum.
#[test]
fn a_cursor_without_the_newer_fields_is_still_read() {
    let fake = Fake::new(file(1000));
    let whole = verdict(fake.run(None, small(512)).unwrap());
    fake.left.set(Duration::ZERO);
    let Output::Unfinished { cursor, offset, .. } = fake.run(None, small(512)).unwrap() else {
        panic!("more than one piece")
    };
    let mut value = serde_json::to_value(&cursor).unwrap();
    let fields = value.as_object_mut().unwrap();
    assert_eq!(fields.remove("hashed"), Some(json!(offset)));
    let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["etag", "millis", "scan", "sha256State"], "those of 0.1.0");
    fake.left.set(Duration::from_mins(15));
    let cursor = serde_json::from_value(value).unwrap();
    let pieced = verdict(fake.run(Some(&cursor), small(512)).unwrap());
    assert_eq!(pieced.sha256, whole.sha256);
}

/// Where a record begins that no first piece holds: 10 bytes each, the first at byte 11.
const RECORD: usize = 11 + 99 * 10;

#[test]
fn what_changes_between_two_calls_is_told_by_name() {
    type Change<'a> = &'a dyn Fn(&mut Fake);
    let fails = |code, status| move |fake: &mut Fake| fake.fails = Some((0, code, status));
    let cases: [(Change<'_>, ErrorName, &str); 5] = [
        (
            &|fake| fake.etag = "\"e2\"".into(),
            ErrorName::ObjectChanged,
            "written again",
        ),
        (&fails("NoSuchKey", 404), ErrorName::ObjectChanged, "deleted"),
        (
            &fails("NoSuchVersion", 404),
            ErrorName::ObjectChanged,
            "its version deleted",
        ),
        (
            &|fake| fake.bytes[RECORD] = 242,
            ErrorName::NotVerifiable,
            "a type that nobody knows",
        ),
        (
            &|fake| fake.bytes[RECORD] = 0xff,
            ErrorName::Corrupt,
            "an end before the end",
        ),
    ];
    for (change, want, why) in cases {
        let mut fake = Fake::new(file(300));
        fake.left.set(Duration::ZERO);
        let Output::Unfinished { cursor, .. } = fake.run(None, small(512)).unwrap() else {
            panic!("more than one piece")
        };
        fake.reads.set(0);
        change(&mut fake);
        fake.left.set(Duration::from_mins(15));
        let error = fake.run(Some(&cursor), small(512)).unwrap_err();
        assert_eq!(error.name, want, "{why}: {error}");
        assert!(error.message.contains("orders-0001.rdb"), "{error}");
        assert!(fake.written.borrow().is_empty(), "{why}: no verdict");
        assert_eq!(
            fake.heads.get(),
            1,
            "the checksum is asked for in the first call only"
        );
    }
}

proptest! {
    #[test]
    fn pieces_and_stops_never_change_the_verdict(keys in 0_u16..400, piece in 1_u64..2000, stops in any::<bool>()) {
        let fake = Fake::new(file(keys));
        let whole = verdict(fake.run(None, Settings::default()).unwrap());
        let mut cursor = None;
        let pieced = loop {
            fake.left.set(if stops { Duration::ZERO } else { Duration::from_mins(15) });
            match fake.run(cursor.as_ref(), small(piece)).unwrap() {
                Output::Finished { verdict, .. } => break verdict,
                Output::Unfinished { cursor: next, .. } => cursor = Some(*next),
            }
        };
        prop_assert_eq!(ShardVerdict { millis: 0, ..pieced }, ShardVerdict { millis: 0, ..whole });
    }
}
