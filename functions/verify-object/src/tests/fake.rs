//! One object behind the ports, and the clock that reading it moves.

use crate::{Cursor, Input, Output, Settings, handle};
use backup_core::ports::{
    CallError, PinnedObject, ReadChecksum, ReadRange, ReadRangeParams, StoredChecksum, WriteObject,
};
use backup_core::{Error, ObjectKey};
use bytes::Bytes;
use futures_executor::block_on;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::task::Poll;
use std::time::Duration;

/// One object behind the ports, and the clock that reading it moves.
pub(crate) struct Fake {
    pub(crate) bytes: Vec<u8>,
    pub(crate) etag: String,
    /// What S3 keeps of it.
    pub(crate) stored: Option<StoredChecksum>,
    /// How often that was asked for, and the code and HTTP status it fails with.
    pub(crate) heads: Cell<usize>,
    pub(crate) head_fails: Option<(&'static str, u16)>,
    /// Time left, and what each ranged GET takes of it.
    pub(crate) left: Cell<Duration>,
    pub(crate) cost: Duration,
    pub(crate) written: RefCell<Vec<(String, serde_json::Value)>>,
    pub(crate) reads: Cell<usize>,
    /// The n-th read answers one byte less.
    pub(crate) short: Option<usize>,
    /// The n-th read fails with this code and HTTP status.
    pub(crate) fails: Option<(usize, &'static str, u16)>,
    /// Whether reads answer out of order.
    pub(crate) late: bool,
    /// First byte and length of every read, in the order of asking.
    pub(crate) asked: RefCell<Vec<(u64, u64)>>,
    /// The operations asked for, in that order.
    pub(crate) order: RefCell<Vec<&'static str>>,
    in_flight: Cell<usize>,
    pub(crate) most_in_flight: Cell<usize>,
}

impl Fake {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let (left, cost) = (Cell::new(Duration::from_mins(15)), Duration::ZERO);
        Self {
            bytes,
            etag: "\"e1\"".into(),
            stored: None,
            heads: Cell::new(0),
            head_fails: None,
            left,
            cost,
            written: RefCell::default(),
            reads: Cell::new(0),
            short: None,
            fails: None,
            late: false,
            asked: RefCell::default(),
            order: RefCell::default(),
            in_flight: Cell::new(0),
            most_in_flight: Cell::new(0),
        }
    }

    pub(crate) fn run(&self, cursor: Option<&Cursor>, settings: Settings) -> Result<Output, Error> {
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

impl ReadChecksum for Fake {
    async fn stored_checksum(&self, object: &PinnedObject) -> Result<Option<StoredChecksum>, CallError> {
        assert_eq!(object.etag, "\"e1\"", "pinned to the object that was exported");
        self.heads.set(self.heads.get() + 1);
        self.order.borrow_mut().push("head");
        if let Some((code, status)) = self.head_fails {
            return Err(CallError::judge("HeadObject", code, "no text", Some(status)));
        }
        Ok(self.stored.clone())
    }
}

impl ReadRange for Fake {
    async fn read_range(&self, params: &ReadRangeParams) -> Result<Bytes, CallError> {
        let nth = self.reads.replace(self.reads.get() + 1);
        self.asked.borrow_mut().push((params.start, params.length));
        self.order.borrow_mut().push("read");
        self.in_flight.set(self.in_flight.get() + 1);
        self.most_in_flight
            .set(self.most_in_flight.get().max(self.in_flight.get()));
        // Every read waits for the others to be asked, and even ones answer after the odd ones behind them.
        let polls = [1, 4][usize::from(nth.is_multiple_of(2))];
        for _ in 0..if self.late { polls } else { 0 } {
            yield_once().await;
        }
        self.in_flight.set(self.in_flight.get() - 1);
        self.left.set(self.left.get().saturating_sub(self.cost));
        if let Some((_, code, status)) = self.fails.filter(|(at, ..)| *at == nth) {
            return Err(CallError::judge("GetObject", code, "as asked", Some(status)));
        }
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

/// A sound file of one hash of `fields` fields (type 4) and 20 string keys: up to 4,096 fields and 1 MiB a scanner may
/// keep in mind to compare them with one another, and keep its cursor at the start of the hash meanwhile.
pub(crate) fn with_hash(fields: u16) -> Vec<u8> {
    let mut bytes = b"REDIS0011\xfe\x00\x04\x01h".to_vec();
    // A length of 14 bits.
    bytes.extend_from_slice(&(0x4000 | fields).to_be_bytes());
    for field in 0..fields {
        bytes.push(2);
        bytes.extend_from_slice(&field.to_be_bytes());
        bytes.extend_from_slice(&[0x40, 100]);
        bytes.resize(bytes.len() + 100, b'v');
    }
    bytes.extend_from_slice(&file(20)[11..]);
    bytes
}

/// Lets the other futures go on before this one.
async fn yield_once() {
    let mut is_polled = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut is_polled, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A sound file of `keys` string keys, without a CRC.
pub(crate) fn file(keys: u16) -> Vec<u8> {
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
