use super::*;
use backup_core::ports::{CallError, ReadRangeParams};
use bytes::Bytes;
use futures_executor::block_on;
use proptest::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};

/// One object behind the ports, and the clock that reading it moves.
struct Fake {
    bytes: Vec<u8>,
    etag: String,
    /// Time left, and what each ranged GET takes of it.
    left: Cell<Duration>,
    cost: Duration,
    written: RefCell<Vec<(String, serde_json::Value)>>,
    reads: Cell<usize>,
    /// The n-th read answers one byte less.
    short: Option<usize>,
}

impl Fake {
    fn new(bytes: Vec<u8>) -> Self {
        let (left, cost) = (Cell::new(Duration::from_mins(15)), Duration::ZERO);
        Self {
            bytes,
            etag: "\"e1\"".into(),
            left,
            cost,
            written: RefCell::default(),
            reads: Cell::new(0),
            short: None,
        }
    }

    fn run(&self, cursor: Option<&Cursor>, settings: Settings) -> Result<Output, Error> {
        block_on(handle(self, &settings, self.input(cursor), || self.left.get()))
    }

    fn input(&self, cursor: Option<&Cursor>) -> Input {
        let value = json!({
            "run": {
                "cache": {"kind": "replication-group", "id": "orders"}, "owner": "main/nightly",
                "instant": "20261120t0304z", "executionArn": "arn:aws:states:eu-west-1:000000000000:execution:b:x",
                "startedAt": "2026-11-20T03:04:00Z", "source": "newSnapshot",
                "snapshotName": "orders-202611200304", "deadlineSeconds": 3600,
            },
            "stem": "backups/replication-group/orders/20261120t0304z/orders-", "renewal": 0,
            "object": {"shard": "0001", "size": self.bytes.len(), "etag": "\"e1\""},
            "cursor": cursor, "now": "2026-11-20T03:30:00Z",
        });
        backup_core::input::read(value).unwrap()
    }
}

impl ReadRange for Fake {
    async fn read_range(&self, params: &ReadRangeParams) -> Result<Bytes, CallError> {
        let nth = self.reads.replace(self.reads.get() + 1);
        self.left.set(self.left.get().saturating_sub(self.cost));
        if params.etag != self.etag {
            return Err(CallError::judge(
                "GetObject",
                "PreconditionFailed",
                "changed",
                Some(412),
            ));
        }
        let start = usize::try_from(params.start).unwrap();
        let end = start + usize::try_from(params.length).unwrap() - usize::from(self.short == Some(nth));
        Ok(Bytes::copy_from_slice(&self.bytes[start..end]))
    }
}

impl WriteObject for Fake {
    async fn write_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError> {
        self.written
            .borrow_mut()
            .push((key.to_string(), serde_json::from_slice(&body).unwrap()));
        Ok(())
    }

    async fn create_object(&self, _: &ObjectKey, _: Vec<u8>) -> Result<(), CallError> {
        unreachable!("a verdict may be written again by a retry")
    }
}

/// A sound file of `keys` string keys, without a CRC.
fn file(keys: u16) -> Vec<u8> {
    let mut bytes = b"REDIS0011\xfe\x00".to_vec();
    for key in 0..keys {
        bytes.extend_from_slice(&[0, 2]);
        bytes.extend_from_slice(&key.to_be_bytes());
        bytes.extend_from_slice(b"\x05value");
    }
    bytes.push(0xff);
    bytes.extend_from_slice(&[0; 8]);
    bytes
}

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
    let cases: [(Cursor, &str); 4] = [
        (with(&|v| v["etag"] = json!("\"e2\"")), "of another object"),
        (
            with(&|v| v["sha256State"] = json!("00")),
            "a hash state of another size",
        ),
        (with(&|v| v["scan"]["version"] = json!(999)), "of another version"),
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
