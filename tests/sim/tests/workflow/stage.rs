//! The caches that the tests back up, and what is looked at afterwards.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sim::asl::{Execution, Run, Status, VirtualClock};
use sim::matrix::put_caches;
pub(crate) use sim::matrix::sound_rdb as rdb;
use sim::stage::{BUCKET, Stage};
use sim::world::Operation;
use sim::world::s3::{GetObjectRequest, ListObjectsV2Request};
use std::future::Future;

/// When every test begins.
pub(crate) fn epoch() -> Timestamp {
    "2026-03-01T02:00:00Z".parse().unwrap()
}

/// Runs a test on a stage with all four kinds of cache, in virtual time.
pub(crate) fn on_stage<F: Future<Output = T>, T>(test: impl FnOnce(Stage) -> F) -> T {
    VirtualClock::run(epoch(), |clock| {
        let stage = Stage::new(clock, 1);
        put_caches(&mut stage.ports.world(), epoch());
        test(stage)
    })
    .unwrap()
}

/// The four kinds, by the name of their cache.
pub(crate) const CACHES: [(&str, &str, usize); 4] = [
    ("replication-group", "orders", 1),
    ("replication-group", "sessions", 3),
    ("cache-cluster", "lonely", 1),
    ("serverless-cache", "catalog", 1),
];

/// The input of a scheduled run with retention, which tells every success.
pub(crate) fn input(kind: &str, id: &str) -> Value {
    json!({
        "cache": {"kind": kind, "id": id},
        "plan": "nightly",
        "scheduledTime": "2026-03-01T02:00:00Z",
        "retention": {"keepDaily": 7},
        "notify": "always",
    })
}

/// What a person would look at after a run.
pub(crate) trait Look {
    /// Every key in the bucket.
    fn keys(&self) -> Vec<String>;
    /// A JSON object in the bucket.
    fn json(&self, key: &str) -> Value;
    /// Every manifest, without what may differ between two attempts at the same backup.
    fn manifests(&self) -> Vec<Value>;
    /// Snapshots that were made, whoever asked.
    fn snapshots_made(&self) -> usize;
    /// Subjects of the messages that the topic accepted.
    fn subjects(&self) -> Vec<String>;
}

impl Look for Stage {
    fn keys(&self) -> Vec<String> {
        let mut request = ListObjectsV2Request {
            bucket: BUCKET.to_owned(),
            ..Default::default()
        };
        let mut keys = Vec::new();
        loop {
            let page = self
                .ports
                .world()
                .list_objects_v2(&request, self.ports.clock.now())
                .unwrap();
            keys.extend(page.contents.into_iter().map(|object| object.key));
            request.continuation_token = page.next_continuation_token;
            if request.continuation_token.is_none() {
                return keys;
            }
        }
    }

    fn json(&self, key: &str) -> Value {
        let request = GetObjectRequest {
            bucket: BUCKET.to_owned(),
            key: key.to_owned(),
            ..Default::default()
        };
        let answer = self
            .ports
            .world()
            .get_object(&request, self.ports.clock.now())
            .unwrap();
        serde_json::from_slice(&answer.read().unwrap()).unwrap()
    }

    fn manifests(&self) -> Vec<Value> {
        let keys = self
            .keys()
            .into_iter()
            .filter(|key| key.ends_with("/manifest.json"));
        keys.map(|key| {
            let mut manifest = self.json(&key);
            manifest["run"] = json!({"instant": manifest["run"]["instant"]});
            for object in manifest["objects"].as_array_mut().unwrap() {
                object["millis"] = Value::Null;
                // Versions and times differ between two worlds; what they pin is compared by its hash.
                object["versionId"] = Value::Null;
            }
            manifest["snapshot"]["createTime"] = Value::Null;
            manifest["snapshot"]["sourceRole"] = Value::Null;
            manifest
        })
        .collect()
    }

    fn snapshots_made(&self) -> usize {
        let world = self.ports.world();
        let made = |operation| world.log.of(operation).filter(|entry| entry.effective).count();
        made(Operation::CreateSnapshot) + made(Operation::CreateServerlessCacheSnapshot)
    }

    fn subjects(&self) -> Vec<String> {
        let world = self.ports.world();
        world
            .messages(&self.ports.topic_arn)
            .iter()
            .map(|m| m.subject.clone().unwrap_or_default())
            .collect()
    }
}

/// Whether a key is one of an exported shard.
pub(crate) fn is_shard(key: &str) -> bool {
    key.strip_suffix(".rdb").is_some()
}

/// The run ended well; else its own words say why not.
pub(crate) fn succeeded(run: &Run) {
    run.with(|e: &Execution| assert_eq!(e.status, Status::Succeeded, "{:?}: {:?}", e.error, e.cause));
}

/// The run failed by this name.
pub(crate) fn failed(run: &Run, name: &str) {
    run.with(|e: &Execution| {
        assert_eq!(
            (e.status, e.error.as_deref()),
            (Status::Failed, Some(name)),
            "{:?}",
            e.cause
        );
    });
}

/// Lets virtual time pass.
pub(crate) async fn pass(stage: &Stage, time: SignedDuration) {
    stage.ports.clock.sleep(time.unsigned_abs()).await;
}
