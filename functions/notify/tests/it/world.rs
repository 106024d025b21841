//! A fake AWS of a few maps, with every port that `notify` asks for and a switch to fail each.
use backup_core::manifest::{Manifest, Suspicion};
use backup_core::names;
use backup_core::ports::{
    DescribeExecution, DescribedExecution, FailedState, ListObjects, ListedObject, ObjectTags, Publish,
    PublishParams, ReadHistory, ReadObject, WriteObject,
};
use backup_core::run::Tag;
use backup_core::{CallError, CallErrorKind, Error, ObjectKey};
use notify::{Input, Output, Settings};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

pub(crate) const MACHINE: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:snapkeep-prod-backup";
pub(crate) const EXECUTION: &str =
    "arn:aws:states:eu-west-1:123456789012:execution:snapkeep-prod-backup:orders-0a1b2c3d";

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) published: Mutex<Vec<PublishParams>>,
    pub(crate) objects: Mutex<BTreeMap<String, Vec<u8>>>,
    pub(crate) tags: BTreeMap<String, Vec<Tag>>,
    pub(crate) history: FailedState,
    /// The execution as it stands.
    pub(crate) described: Mutex<DescribedExecution>,
    /// What was called, in order.
    pub(crate) calls: Mutex<Vec<&'static str>>,
    /// Operations that fail, as AWS spells them.
    pub(crate) broken: BTreeSet<&'static str>,
}

impl World {
    pub(crate) fn failed_in(state: &str, error: &str, cause: &str) -> Self {
        let lambda = json!({"errorType": error, "errorMessage": cause}).to_string();
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self {
            history: FailedState {
                state: some(state),
                error: some(error),
                cause: Some(lambda),
            },
            ..Self::default()
        }
    }

    pub(crate) fn breaking(mut self, operations: &[&'static str]) -> Self {
        self.broken.extend(operations);
        self
    }

    pub(crate) fn with_manifest(self, manifest: &Manifest) -> Self {
        let key = names::manifest_key(&manifest.cache_ref(), manifest.instant());
        self.with_object(key.as_str(), &json!(manifest).to_string())
    }

    pub(crate) fn with_object(self, key: &str, body: &str) -> Self {
        self.objects.lock().unwrap().insert(key.to_owned(), body.into());
        self
    }

    pub(crate) fn accepting(mut self, instant: &str) -> Self {
        let key = format!("backups/replication-group/orders/{instant}/manifest.json");
        self.tags.insert(key, vec![Tag::new(names::TAG_ACCEPT, "yes")]);
        self
    }

    pub(crate) fn messages(&self) -> Vec<PublishParams> {
        self.published.lock().unwrap().clone()
    }

    pub(crate) fn object(&self, key: &str) -> Option<Value> {
        serde_json::from_slice(self.objects.lock().unwrap().get(key)?).ok()
    }

    /// The execution is as a full event's `detail` tells it.
    pub(crate) fn describe(&self, detail: &Value) {
        let text = |field: &str| detail[field].as_str().map(str::to_owned);
        let time = |field: &str| {
            let millis = detail[field].as_i64()?;
            jiff::Timestamp::from_millisecond(millis).ok()
        };
        *self.described.lock().unwrap() = DescribedExecution {
            status: text("status").unwrap_or_default(),
            input: text("input"),
            started_at: time("startDate"),
            stopped_at: time("stopDate"),
            error: text("error"),
            cause: text("cause"),
            redrive_count: detail["redriveCount"]
                .as_u64()
                .and_then(|count| count.try_into().ok()),
            redrive_status: text("redriveStatus"),
            redrive_reason: text("redriveStatusReason"),
        };
    }

    /// How often an operation was called.
    pub(crate) fn count(&self, operation: &str) -> usize {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|called| **called == operation).count()
    }

    fn call(&self, operation: &'static str) -> Result<(), CallError> {
        self.calls.lock().unwrap().push(operation);
        if !self.broken.contains(operation) {
            return Ok(());
        }
        Err(CallError {
            operation,
            code: "AccessDenied".into(),
            message: "not allowed".into(),
            kind: CallErrorKind::AccessDenied,
        })
    }
}

impl Publish for World {
    async fn publish(&self, params: &PublishParams) -> Result<(), CallError> {
        self.call("Publish")?;
        self.published.lock().unwrap().push(params.clone());
        Ok(())
    }
}

impl ReadHistory for World {
    async fn failed_state(&self, _execution_arn: &str) -> Result<FailedState, CallError> {
        self.call("GetExecutionHistory")?;
        Ok(self.history.clone())
    }
}

impl DescribeExecution for World {
    async fn describe_execution(&self, _execution_arn: &str) -> Result<DescribedExecution, CallError> {
        self.call("DescribeExecution")?;
        Ok(self.described.lock().unwrap().clone())
    }
}

impl ListObjects for World {
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
        self.call("ListObjectsV2")?;
        let objects = self.objects.lock().unwrap();
        let below = objects.iter().filter(|(key, _)| key.starts_with(prefix));
        let listed = below.map(|(key, body)| ListedObject {
            key: ObjectKey::new(key),
            size: body.len() as u64,
            etag: "\"e\"".into(),
            last_modified: jiff::Timestamp::UNIX_EPOCH,
        });
        Ok(listed.collect())
    }
}

impl ReadObject for World {
    async fn read_object(&self, key: &ObjectKey) -> Result<Option<bytes::Bytes>, CallError> {
        self.call("GetObject")?;
        Ok(self
            .objects
            .lock()
            .unwrap()
            .get(key.as_str())
            .cloned()
            .map(Into::into))
    }
}

impl WriteObject for World {
    async fn write_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError> {
        self.call("PutObject")?;
        self.objects.lock().unwrap().insert(key.to_string(), body);
        Ok(())
    }

    async fn create_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError> {
        self.write_object(key, body).await
    }
}

impl ObjectTags for World {
    async fn object_tags(&self, key: &ObjectKey) -> Result<Vec<Tag>, CallError> {
        self.call("GetObjectTagging")?;
        Ok(self.tags.get(key.as_str()).cloned().unwrap_or_default())
    }
}

/// Runs the function on raw JSON, as the shell does.
pub(crate) fn notify(world: &World, event: Value) -> Result<Output, Error> {
    let settings = Settings {
        deployment: "prod".into(),
        bucket: "prod-backups".into(),
        region: "eu-west-1".into(),
    };
    let input: Input = backup_core::input::read(event)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(sendable(notify::handle(world, &settings, input)))
}

/// Whether a future is `Send` shows only with ports of a known type; Lambda's runtime asks for it.
fn sendable<F: Future + Send>(future: F) -> F {
    future
}

/// The event of a failed execution as EventBridge delivers it, with fields of `detail` replaced.
pub(crate) fn event(detail: &Value) -> Value {
    let input = json!({"cache": {"kind": "replication-group", "id": "orders"}, "plan": "nightly",
        "scheduledTime": "2026-11-20T03:00:00Z", "retention": {"keepDaily": 7}});
    let mut event = json!({
        "version": "0", "id": "315c1398-40ff-a850-213b-158f73e60175",
        "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
        "account": "123456789012", "time": "2026-11-20T05:30:12Z", "region": "eu-west-1",
        "resources": [EXECUTION],
        "detail": {
            "executionArn": EXECUTION, "stateMachineArn": MACHINE, "stateMachineVersionArn": null,
            "stateMachineAliasArn": null, "name": "orders-0a1b2c3d", "status": "FAILED",
            "startDate": 1_795_143_604_123_u64, "stopDate": 1_795_152_611_456_u64,
            "input": input.to_string(), "inputDetails": {"included": true}, "output": null,
            "outputDetails": null, "redriveCount": 0, "redriveDate": null,
            "redriveStatus": "REDRIVABLE", "redriveStatusReason": null, "error": null, "cause": null
        }
    });
    for (field, value) in detail.as_object().unwrap() {
        event["detail"][field] = value.clone();
    }
    event
}

/// The event as it comes where the state machine is encrypted with a customer managed key.
pub(crate) fn encrypted(mut event: Value) -> Value {
    for field in ["input", "output", "error", "cause"] {
        event["detail"][field] = Value::Null;
    }
    event["detail"]["inputDetails"] = json!({"included": false});
    event
}

/// What `NotifySuccess` hands over, with fields of the plan's notify word, `backup` and `prune` replaced.
pub(crate) fn success(wanted: &str, backup: Value, prune: Value) -> Value {
    let mut input = json!({
        "kind": "success",
        "run": {
            "cache": {"kind": "replication-group", "id": "orders"}, "owner": "prod/nightly",
            "instant": "20261120t0300z", "executionArn": EXECUTION, "startedAt": "2026-11-20T03:00:04Z",
            "source": "newSnapshot", "snapshotName": "orders-202611200300", "deadlineSeconds": 43200,
            "notify": wanted
        },
        "backup": {
            "recorded": true, "manifestKey": "backups/replication-group/orders/20261120t0300z/manifest.json",
            "shards": 3, "keys": 1_234_567, "expires": 1000, "bytes": 5_368_709_120_u64,
            "snapshotCreateTime": "2026-11-20T03:12:00Z", "verifyMillis": 61_000, "firstBackup": false
        },
        "prune": {"kept": 7, "deleted": 1, "warnings": []},
        "redriveCount": 0, "now": "2026-11-20T04:02:03Z"
    });
    for (part, fields) in [("backup", backup), ("prune", prune)] {
        for (field, value) in fields.as_object().unwrap() {
            input[part][field] = value.clone();
        }
    }
    input
}

/// A manifest of `orders` with two sound shards.
pub(crate) fn manifest(owner: &str, instant: &str) -> Manifest {
    let at = backup_core::Instant::parse(instant).unwrap().timestamp();
    let object = |shard: &str| {
        json!({"key": format!("backups/x/orders-{shard}.rdb"), "verdictKey": "v", "shard": shard,
            "size": 1_500_000, "etag": "\"e\"", "sha256": "00", "keys": 600, "expires": 1, "rdbVersion": 11,
            "crc": true, "millis": 5})
    };
    let manifest = json!({
        "formatVersion": 1, "toolVersion": "snapkeep 0.1.0", "owner": owner,
        "cache": {"kind": "replication-group", "id": "orders", "engine": "valkey", "engineVersion": "8.0",
            "nodeType": null, "parameterGroup": null, "clusterMode": false, "nodeGroups": [], "tags": []},
        "run": {"executionArn": EXECUTION, "redriveCount": 0, "instant": instant, "source": "newSnapshot",
            "timings": {"startedAt": at, "snapshotRequestedAt": at, "snapshotReadyAt": at,
                "exportRequestedAt": at, "exportReadyAt": at, "recordedAt": at}},
        "snapshot": {"name": "orders-1", "arn": "arn:aws:elasticache:eu-west-1:1:snapshot:orders-1",
            "createTime": at},
        "objects": [object("0001"), object("0002")],
        "restore": {"minimumEngine": "valkey 7.2", "minimumNodeMemoryBytes": 1},
    });
    serde_json::from_value(manifest).unwrap()
}

/// The same, found suspicious.
pub(crate) fn suspicious(owner: &str, instant: &str) -> Manifest {
    Manifest {
        suspicion: Some(suspicion()),
        ..manifest(owner, instant)
    }
}

/// A suspicion without much ado.
pub(crate) fn suspicion() -> Suspicion {
    Suspicion {
        reasons: vec!["keys fell by 98 %, from 1,200 to 24".into()],
        compared_with: backup_core::Instant::parse("20261119t0300z"),
    }
}
