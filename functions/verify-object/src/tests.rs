mod fake;
mod going_on;
mod own_checksum;

use super::*;
use fake::{Fake, file};
use sha2::{Digest, Sha256};

fn small(piece_bytes: u64) -> Settings {
    Settings {
        piece_bytes,
        pieces_in_flight: 2,
    }
}

fn verdict(output: Output) -> ShardVerdict {
    match output {
        Output::Finished { verdict, .. } => verdict,
        Output::Unfinished { offset, .. } => panic!("stopped at {offset}"),
    }
}

#[test]
fn a_sound_object_gets_both_verdicts() {
    let fake = Fake::new(file(300));
    let short = verdict(fake.run(None, Settings::default()).unwrap());
    assert_eq!((short.keys, short.rdb_version, short.crc), (300, 11, false));
    assert_eq!(short.size, fake.bytes.len() as u64);
    assert_eq!(
        short.sha256,
        base16ct::lower::encode_string(&Sha256::digest(&fake.bytes))
    );
    assert!(
        serde_json::to_string(&short).unwrap().len() <= 400,
        "500 of them fit the state machine's data"
    );
    let written = fake.written.borrow();
    assert_eq!(written.len(), 1);
    assert_eq!(
        written[0].0,
        "backups/replication-group/orders/20261120t0304z/verdicts/orders-0001.rdb.json"
    );
    assert_eq!(written[0].1["owner"], "main/nightly");
    assert_eq!(written[0].1["verdict"]["keys"], 300);
}

#[test]
fn what_is_not_sound_fails_by_name() {
    let cut = |n: usize| file(10)[..n].to_vec();
    let mut trailing = file(10);
    trailing.push(0);
    let mut newer = file(1);
    newer[5..9].copy_from_slice(b"0099");
    let mut wrong_crc = file(1);
    *wrong_crc.last_mut().unwrap() = 1;
    let cases = [
        (cut(40), ErrorName::Corrupt, "cut in a record"),
        (cut(5), ErrorName::Corrupt, "cut in the header"),
        (trailing, ErrorName::Corrupt, "bytes after the trailer"),
        (wrong_crc, ErrorName::Corrupt, "a wrong CRC"),
        (
            b"PK\x03\x04 no RDB at all".to_vec(),
            ErrorName::Corrupt,
            "another format",
        ),
        (newer, ErrorName::NotVerifiable, "a version from the future"),
    ];
    for (bytes, want, why) in cases {
        let fake = Fake::new(bytes);
        let error = fake.run(None, small(16)).unwrap_err();
        assert_eq!(error.name, want, "{why}: {error}");
        assert!(
            error.message.contains("orders-0001.rdb") && error.message.contains("byte"),
            "{error}"
        );
        assert!(fake.written.borrow().is_empty(), "{why}: no verdict");
    }
}

#[test]
fn pieces_that_answer_out_of_order_are_judged_in_order() {
    let mut fake = Fake::new(file(300));
    let whole = verdict(fake.run(None, Settings::default()).unwrap());
    fake.late = true;
    for pieces_in_flight in [1, 2, 3, 8] {
        fake.asked.borrow_mut().clear();
        fake.most_in_flight.set(0);
        let settings = Settings {
            piece_bytes: 100,
            pieces_in_flight,
        };
        let pieced = verdict(fake.run(None, settings).unwrap());
        assert_eq!(
            ShardVerdict { millis: 0, ..pieced },
            whole,
            "{pieces_in_flight} in flight"
        );
        assert_eq!(
            fake.most_in_flight.get(),
            pieces_in_flight,
            "as many as allowed and no more"
        );
        let asked = fake.asked.borrow();
        let starts = (0..fake.bytes.len() as u64).step_by(100);
        let want = starts.map(|start| (start, 100.min(fake.bytes.len() as u64 - start)));
        assert_eq!(
            *asked,
            want.collect::<Vec<_>>(),
            "each byte once, and nothing behind the end"
        );
    }
}

#[test]
fn settings_of_zero_still_read() {
    let fake = Fake::new(file(2));
    let settings = Settings {
        piece_bytes: 0,
        pieces_in_flight: 0,
    };
    assert_eq!(verdict(fake.run(None, settings).unwrap()).keys, 2);
    assert_eq!(
        fake.asked.borrow().len(),
        fake.bytes.len(),
        "a byte at a time, one at a time"
    );
}

#[test]
fn a_read_that_fails_ends_the_call_by_name_and_without_a_verdict() {
    for (code, status, want, why) in [
        (
            "PreconditionFailed",
            412,
            ErrorName::ObjectChanged,
            "written again",
        ),
        ("NoSuchKey", 404, ErrorName::ObjectChanged, "deleted"),
        (
            "NoSuchVersion",
            404,
            ErrorName::ObjectChanged,
            "its version deleted",
        ),
        ("SlowDown", 503, ErrorName::Throttled, "too many reads"),
        (
            "InternalError",
            500,
            ErrorName::ServiceUnavailable,
            "a moment's failure",
        ),
        (
            "ExpiredToken",
            400,
            ErrorName::ServiceUnavailable,
            "credentials ran out",
        ),
        ("AccessDenied", 403, ErrorName::AccessDenied, "a policy"),
        ("NoSuchBucket", 404, ErrorName::BucketNotFound, "no bucket"),
        ("InvalidRange", 416, ErrorName::Unexpected, "nobody knows"),
    ] {
        for (at, late) in [(0, false), (1, true), (5, false), (6, true)] {
            let mut fake = Fake::new(file(100));
            (fake.fails, fake.late) = (Some((at, code, status)), late);
            let error = fake.run(None, small(64)).unwrap_err();
            assert_eq!(error.name, want, "{why}, read {at}");
            assert_eq!(
                error.source.as_ref().map(|call| call.code.as_str()),
                Some(code),
                "{why}"
            );
            assert_eq!(
                error.message.contains("`\"e1\"`"),
                want == ErrorName::ObjectChanged,
                "{error}"
            );
            assert!(fake.written.borrow().is_empty(), "{why}: no verdict");
        }
    }
}

#[test]
fn what_lies_behind_a_failed_read_is_not_judged() {
    let mut bytes = file(100);
    // The first byte of a record amid the fourth piece.
    bytes[201] = 242;
    let mut fake = Fake::new(bytes);
    fake.fails = Some((1, "SlowDown", 503));
    assert_eq!(
        fake.run(None, small(64)).unwrap_err().name,
        ErrorName::Throttled,
        "the damage comes later"
    );
    fake.fails = Some((4, "SlowDown", 503));
    fake.reads.set(0);
    assert_eq!(
        fake.run(None, small(64)).unwrap_err().name,
        ErrorName::NotVerifiable,
        "it came before"
    );
}

#[test]
fn an_empty_object_is_refused_before_anything_is_read() {
    let fake = Fake::new(Vec::new());
    let error = fake.run(None, Settings::default()).unwrap_err();
    assert_eq!(error.name, ErrorName::InvalidInput);
    assert!(error.message.starts_with("`object.size` is `0`"), "{error}");
    assert_eq!(fake.reads.get(), 0);
}

#[test]
fn another_object_under_the_key_is_told() {
    let mut fake = Fake::new(file(10));
    fake.etag = "\"e2\"".into();
    assert_eq!(
        fake.run(None, small(16)).unwrap_err().name,
        ErrorName::ObjectChanged
    );
}

#[test]
fn a_body_cut_on_its_way_is_read_again_and_not_corrupt() {
    let mut fake = Fake::new(file(100));
    fake.short = Some(3);
    assert_eq!(
        fake.run(None, small(64)).unwrap_err().name,
        ErrorName::ServiceUnavailable
    );
}

#[test]
fn pieces_grow_from_small_to_full_and_leave_nothing_out() {
    let kib = 1 << 10;
    let of = |offset, size, piece| -> Vec<(u64, u64)> { crate::read::pieces(offset, size, piece).collect() };
    let cases = [
        (
            of(0, 10, 4),
            vec![(0, 4), (4, 4), (8, 2)],
            "a length below the first is never exceeded",
        ),
        (
            of(7, 10, 4),
            vec![(7, 3)],
            "goes on at the cursor and ends with the object",
        ),
        (of(10, 10, 4), vec![], "nothing left"),
        (
            of(0, 1792 * kib, 1024 * kib),
            vec![(0, 256 * kib), (256 * kib, 512 * kib), (768 * kib, 1024 * kib)],
            "doubles up to the full length",
        ),
    ];
    for (found, want, why) in cases {
        assert_eq!(found, want, "{why}");
    }
}
