//! A bucket in memory with a log of calls and faults, and the scenes of one deployment.

use crate::{Found, Input, Settings};
use backup_core::metrics::{Metric, Metrics};
use backup_core::names::ObjectKey;
use backup_core::ports::{
    CallError, EmitMetrics, ListObjects, ListedObject, ObjectTags, ReadObject, WriteObject,
};
use backup_core::run::Tag;
use backup_core::{Error, Instant};
use futures_executor::block_on;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// What fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing.
    Never,
    /// Call number n, without effect.
    Once(usize),
    /// Call number n takes effect and its answer is lost.
    AnswerLost(usize),
    /// Every call on a key or prefix that contains this text.
    On(&'static str),
    /// The same, for want of a right.
    Denied(&'static str),
}

/// One bucket.
pub(super) struct World {
    pub(super) objects: RefCell<BTreeMap<String, Vec<u8>>>,
    pub(super) tags: RefCell<BTreeMap<String, Vec<Tag>>>,
    pub(super) fault: RefCell<Fault>,
    /// Operation and key of each call.
    pub(super) log: RefCell<Vec<String>>,
    pub(super) measured: RefCell<Vec<Metrics>>,
    /// What lies at a key that was read as absent, by the time that it is written: another call was first.
    pub(super) rival: Cell<Option<Value>>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            objects: RefCell::default(),
            tags: RefCell::default(),
            fault: RefCell::new(Fault::Never),
            log: RefCell::default(),
            measured: RefCell::default(),
            rival: Cell::default(),
        }
    }

    /// Watches at a time, in the deployment `main`.
    pub(super) fn watch(&self, now: &str, watched: &Value) -> Result<Vec<Found>, Error> {
        let input: Input = backup_core::input::read(json!({"now": now, "watched": watched}))?;
        let settings = Settings {
            deployment: "main".to_owned(),
        };
        block_on(crate::handle(self, &settings, self, input))
    }

    /// A backup of a replication group whose data were taken at the instant.
    pub(super) fn backup(&self, owner: &str, id: &str, instant: &str) -> String {
        let at = Instant::parse(instant).unwrap().timestamp();
        let manifest = json!({
            "formatVersion": 1, "toolVersion": "snapkeep 0.1.0", "owner": owner,
            "cache": {
                "kind": "replication-group", "id": id, "engine": "valkey", "engineVersion": "8.0.1",
                "nodeType": null, "parameterGroup": null, "clusterMode": false, "nodeGroups": [], "tags": []
            },
            "run": {
                "executionArn": "arn", "redriveCount": 0, "instant": instant, "source": "newSnapshot",
                "timings": {
                    "startedAt": at, "snapshotRequestedAt": at, "snapshotReadyAt": at,
                    "exportRequestedAt": at, "exportReadyAt": at, "recordedAt": at
                }
            },
            "snapshot": {"name": "s", "arn": "arn", "createTime": at},
            "objects": [], "restore": {"minimumEngine": "valkey 7.2", "minimumNodeMemoryBytes": 9}
        });
        let key = format!("backups/replication-group/{id}/{instant}/manifest.json");
        self.put(&key, &manifest);
        key
    }

    pub(super) fn put(&self, key: &str, body: &Value) {
        self.objects
            .borrow_mut()
            .insert(key.to_owned(), body.to_string().into());
    }

    /// A JSON object of the bucket.
    pub(super) fn json(&self, key: &str) -> Value {
        serde_json::from_slice(&self.objects.borrow()[key]).unwrap()
    }

    /// Calls that wrote something, without their bodies.
    pub(super) fn writes(&self) -> Vec<String> {
        let log = self.log.borrow();
        log.iter()
            .filter(|call| call.starts_with("PutObject"))
            .cloned()
            .collect()
    }

    /// The ids of the caches that have metrics, in the order in which they were emitted.
    pub(super) fn told(&self) -> Vec<String> {
        let measured = self.measured.borrow();
        let of_line = |line: &Metrics| line.dimensions().values().next_back().cloned();
        measured.iter().filter_map(of_line).collect()
    }

    /// The newest value of a metric.
    pub(super) fn last(&self, metric: Metric) -> Option<f64> {
        self.measured.borrow().last()?.values().get(&metric).copied()
    }

    fn call(&self, operation: &'static str, subject: &str, effect: impl FnOnce()) -> Result<(), CallError> {
        let number = self.log.borrow().len();
        self.log.borrow_mut().push(format!("{operation} {subject}"));
        let error = |code, status| CallError::judge(operation, code, "as the test wants it", Some(status));
        let failed = || error("InternalError", 500);
        match *self.fault.borrow() {
            Fault::Once(at) if at == number => Err(failed()),
            Fault::On(part) if subject.contains(part) => Err(failed()),
            Fault::Denied(part) if subject.contains(part) => Err(error("AccessDenied", 403)),
            Fault::AnswerLost(at) if at == number => {
                effect();
                Err(failed())
            }
            _ => {
                effect();
                Ok(())
            }
        }
    }
}

impl EmitMetrics for World {
    fn emit(&self, metrics: &Metrics) {
        self.measured.borrow_mut().push(metrics.clone());
    }
}

impl ListObjects for World {
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
        self.call("ListObjectsV2", prefix, || ())?;
        let objects = self.objects.borrow();
        let below = objects.iter().filter(|(key, _)| key.starts_with(prefix));
        let listed = below.map(|(key, body)| ListedObject {
            key: ObjectKey::new(key),
            size: body.len() as u64,
            etag: "\"e\"".to_owned(),
            last_modified: Timestamp::UNIX_EPOCH,
        });
        Ok(listed.collect())
    }
}

impl ReadObject for World {
    async fn read_object(&self, key: &ObjectKey) -> Result<Option<bytes::Bytes>, CallError> {
        self.call("GetObject", key.as_str(), || ())?;
        let body = self.objects.borrow().get(key.as_str()).cloned();
        Ok(body.map(Into::into))
    }
}

impl ObjectTags for World {
    async fn object_tags(&self, key: &ObjectKey) -> Result<Vec<Tag>, CallError> {
        self.call("GetObjectTagging", key.as_str(), || ())?;
        Ok(self.tags.borrow().get(key.as_str()).cloned().unwrap_or_default())
    }
}

impl WriteObject for World {
    async fn write_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError> {
        let write = || {
            self.objects.borrow_mut().insert(key.to_string(), body);
        };
        self.call("PutObject", key.as_str(), write)
    }

    async fn create_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError> {
        if let Some(rival) = self.rival.take() {
            self.put(key.as_str(), &rival);
        }
        if self.objects.borrow().contains_key(key.as_str()) {
            return Err(CallError::judge(
                "PutObject",
                "PreconditionFailed",
                "there",
                Some(412),
            ));
        }
        self.write_object(key, body).await
    }
}

/// One replication group of the plan `nightly` that may be 30 hours old.
pub(super) fn orders(paused: bool) -> Value {
    json!([cache("orders", paused)])
}

pub(super) fn cache(id: &str, paused: bool) -> Value {
    json!({
        "cache": {"kind": "replication-group", "id": id}, "plan": "nightly", "maxAgeSeconds": 108_000,
        "paused": paused
    })
}

/// The marker of a replication group of the plan `nightly`.
pub(super) fn marker_key(id: &str) -> String {
    format!("watch/main/nightly/replication-group/{id}.json")
}
