//! A bucket in memory, and the payloads of one run per kind.

use crate::Input;
use backup_core::metrics::Metrics;
use backup_core::names::ObjectKey;
use backup_core::ports::{
    CallError, EmitMetrics, ListObjects, ListedObject, ObjectTags, ReadObject, WriteObject,
};
use backup_core::run::Tag;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// What happens to the next write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    /// It works, under its condition.
    Works,
    /// It takes effect and the answer is lost.
    AnswerLost,
    /// It meets another write (409).
    Meets,
}

/// One bucket.
pub(crate) struct Bucket {
    pub(crate) objects: RefCell<BTreeMap<String, Vec<u8>>>,
    pub(crate) tags: RefCell<BTreeMap<String, Vec<Tag>>>,
    pub(crate) write: Cell<Write>,
    /// The operation that is throttled.
    pub(crate) fails: Cell<Option<&'static str>>,
    /// What was measured.
    pub(crate) measured: RefCell<Vec<Metrics>>,
}

impl Bucket {
    pub(crate) fn new() -> Self {
        Self {
            objects: RefCell::default(),
            tags: RefCell::default(),
            write: Cell::new(Write::Works),
            fails: Cell::new(None),
            measured: RefCell::default(),
        }
    }

    pub(crate) fn put(&self, key: &str, body: impl Into<Vec<u8>>) {
        self.objects.borrow_mut().insert(key.to_owned(), body.into());
    }

    pub(crate) fn json(&self, key: &str) -> Value {
        serde_json::from_slice(&self.objects.borrow()[key]).unwrap()
    }

    pub(crate) fn tag(&self, key: &str, tag: &str) {
        let tags = vec![Tag::new("team", "blue"), Tag::new(tag, "2026-11-20, looked at")];
        self.tags.borrow_mut().insert(key.to_owned(), tags);
    }

    fn fail(&self, operation: &'static str) -> Result<(), CallError> {
        if self.fails.get() == Some(operation) {
            return Err(error(operation, "SlowDown", 503));
        }
        Ok(())
    }
}

/// An answer of S3, judged as the port's implementation judges it.
fn error(operation: &'static str, code: &str, status: u16) -> CallError {
    CallError::judge(operation, code, "as the test wants it", Some(status))
}

impl ListObjects for Bucket {
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
        self.fail("ListObjectsV2")?;
        let objects = self.objects.borrow();
        let listed = objects.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(listed
            .map(|(key, body)| ListedObject {
                key: ObjectKey::new(key),
                size: body.len() as u64,
                etag: "\"e\"".to_owned(),
                last_modified: "2026-11-20T04:00:00Z".parse().unwrap(),
            })
            .collect())
    }
}

impl ReadObject for Bucket {
    async fn read_object(&self, key: &ObjectKey) -> Result<Option<bytes::Bytes>, CallError> {
        self.fail("GetObject")?;
        Ok(self
            .objects
            .borrow()
            .get(key.as_str())
            .map(|body| body.clone().into()))
    }
}

impl ObjectTags for Bucket {
    async fn object_tags(&self, key: &ObjectKey) -> Result<Vec<Tag>, CallError> {
        self.fail("GetObjectTagging")?;
        if !self.objects.borrow().contains_key(key.as_str()) {
            return Err(error("GetObjectTagging", "NoSuchKey", 404));
        }
        Ok(self.tags.borrow().get(key.as_str()).cloned().unwrap_or_default())
    }
}

impl WriteObject for Bucket {
    async fn write_object(&self, key: &ObjectKey, _: Vec<u8>) -> Result<(), CallError> {
        panic!("a manifest is never overwritten: `{key}`")
    }

    async fn create_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError> {
        let mut objects = self.objects.borrow_mut();
        if self.write.get() == Write::Meets {
            return Err(error("PutObject", "ConditionalRequestConflict", 409));
        }
        if objects.contains_key(key.as_str()) {
            return Err(error("PutObject", "PreconditionFailed", 412));
        }
        objects.insert(key.as_str().to_owned(), body);
        if self.write.replace(Write::Works) == Write::AnswerLost {
            return Err(error("PutObject", "InternalError", 500));
        }
        Ok(())
    }
}

impl EmitMetrics for Bucket {
    fn emit(&self, metrics: &Metrics) {
        self.measured.borrow_mut().push(metrics.clone());
    }
}

/// A verdict of 1000 bytes and 100 keys, of which 10 expire.
pub(crate) fn verdict(shard: &str) -> Value {
    json!({
        "shard": shard, "size": 1000, "etag": format!("\"etag-{shard}\""), "versionId": format!("version-{shard}"),
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "keys": 100, "expires": 10, "rdbVersion": 11, "crc": true, "millis": 7
    })
}

fn payload(kind: &str, id: &str, instant: &str) -> Value {
    let compact = instant.replace(['t', 'z'], "");
    let snapshot = format!("{id}-{compact}");
    let target = format!("backups/{kind}/{id}/{instant}/{id}");
    let day = format!("{}-{}-{}", &compact[..4], &compact[4..6], &compact[6..8]);
    json!({
        "run": {
            "cache": {"kind": kind, "id": id}, "owner": "main/nightly", "instant": instant,
            "executionArn": format!("arn:aws:states:eu-west-1:000000000000:execution:backup:{snapshot}"),
            "startedAt": format!("{day}T03:04:05Z"), "source": "newSnapshot", "snapshotName": snapshot,
            "deadlineSeconds": 43200
        },
        "requested": {"requestedAt": format!("{day}T03:04:10Z")},
        "snapshot": {
            "name": snapshot, "arn": format!("arn:aws:elasticache:eu-west-1:000000000000:snapshot:{snapshot}"),
            "createTime": format!("{day}T03:05:00Z"), "readyAt": format!("{day}T03:20:00Z"),
            "engine": "valkey", "engineVersion": "8.0.1", "clusterMode": false,
            "nodeGroups": [], "tags": [{"key": "snapkeep:owner", "value": "main/nightly"}]
        },
        "export": {
            "target": target, "renewal": 0, "requestedAt": format!("{day}T03:20:05Z"), "redriveCount": 0,
            "adopted": false
        },
        "exported": {"readyAt": format!("{day}T03:30:00Z"), "stem": format!("{target}-")},
        "objects": [verdict("0001")],
        "redriveCount": 0,
        "now": format!("{day}T03:31:00Z")
    })
}

/// Cluster mode disabled: one shard without slots, taken of a replica.
pub(crate) fn orders(instant: &str) -> Value {
    let mut payload = payload("replication-group", "orders", instant);
    payload["requested"]["sourceNode"] = json!("orders-002");
    payload["requested"]["sourceRole"] = json!("replica");
    payload["snapshot"]["nodeType"] = json!("cache.r7g.large");
    payload["snapshot"]["parameterGroup"] = json!("default.valkey8");
    payload["snapshot"]["nodeGroups"] = json!([{"id": "0001"}]);
    payload
}

/// Cluster mode enabled: three shards with slots, exported anew by the second re-drive.
pub(crate) fn sessions() -> Value {
    let mut payload = payload("replication-group", "sessions", "20261120t0304z");
    let target = "backups/replication-group/sessions/20261120t0304z/r2/sessions";
    payload["snapshot"]["clusterMode"] = json!(true);
    payload["snapshot"]["nodeType"] = json!("cache.r7g.large");
    payload["snapshot"]["nodeGroups"] = json!([
        {"id": "0001", "slots": "0-5460"}, {"id": "0002", "slots": "5461-10922"},
        {"id": "0003", "slots": "10923-16383"}
    ]);
    payload["export"]["target"] = json!(target);
    payload["export"]["renewal"] = json!(2);
    payload["export"]["redriveCount"] = json!(2);
    payload["redriveCount"] = json!(2);
    payload["exported"]["stem"] = json!(format!("{target}-"));
    // The Map gives them in its own order.
    payload["objects"] = json!([verdict("0002"), verdict("0001"), verdict("0003")]);
    payload["objects"][0]["size"] = json!(5000);
    payload
}

/// A stand-alone node, in a bucket without versions.
pub(crate) fn ledger() -> Value {
    let mut payload = payload("cache-cluster", "ledger", "20261120t0304z");
    payload["snapshot"]["engine"] = json!("redis");
    payload["snapshot"]["engineVersion"] = json!("7.1.0");
    payload["snapshot"]["sourceNode"] = json!("ledger");
    payload["snapshot"]["nodeGroups"] = json!([{"id": "0001"}]);
    payload["objects"][0]["rdbVersion"] = json!(10);
    payload["objects"][0].as_object_mut().unwrap().remove("versionId");
    payload
}

/// Serverless: nobody tells the shards.
pub(crate) fn catalog() -> Value {
    let mut payload = payload("serverless-cache", "catalog", "20261120t0304z");
    payload["snapshot"]["engineVersion"] = json!("9");
    payload["exported"]["stem"] = json!("catalog-202611200304/catalog-202611200304-");
    payload["objects"] = json!([verdict("0001"), verdict("0002")]);
    payload["objects"][1]["rdbVersion"] = json!(80);
    payload
}

pub(crate) fn input(payload: Value) -> Input {
    backup_core::input::read(payload).unwrap()
}
