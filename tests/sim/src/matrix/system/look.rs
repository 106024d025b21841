//! Stages that several groups play on, and what a person sees and does there.

use super::SystemCell;
use crate::asl::Run;
use crate::matrix::scene::{Prepared, Scene, Way};
use crate::matrix::{Act, Call, End, Fault, Plan, Target, sound_rdb};
use crate::stage::{BUCKET, Interference};
use crate::world::elasticache::shapes::{CreateSnapshotRequest, Tag};
use crate::world::s3::{
    DeleteObjectRequest, GetObjectRequest, ListObjectsV2Request, ObjectRef, PutObjectRequest,
};
use crate::world::{FixedContent, Tags};
use backup_core::Instant;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// The run that a cell is about, and its end.
pub(super) type Ended = (Arc<Run>, End);

/// A stage that is prepared when it is first asked for.
pub(super) type Stand = LazyLock<Prepared>;

const fn orders(nights: u8) -> Scene {
    Scene {
        name: "group",
        kind: "replication-group",
        id: "orders",
        nights,
        way: Way::Calm,
    }
}

/// `orders` without a night before.
pub(super) static NO_NIGHT: Stand = LazyLock::new(|| orders(0).prepare());
/// `orders` with one night before.
pub(super) static ONE_NIGHT: Stand = LazyLock::new(|| orders(1).prepare());
/// `orders` with two nights before, both kept.
pub(super) static TWO_NIGHTS: Stand = LazyLock::new(|| orders(2).prepare());
/// `catalog`, a serverless cache, with two nights before.
pub(super) static SERVERLESS: Stand = LazyLock::new(|| {
    let (name, kind, id) = ("serverless", "serverless-cache", "catalog");
    Scene {
        name,
        kind,
        id,
        nights: 2,
        way: Way::Calm,
    }
    .prepare()
});

/// A cell that plays on that stage.
pub(super) fn cell<F>(
    group: &'static str,
    name: impl Into<String>,
    stand: &'static Stand,
    play: impl Fn(Act) -> F + Send + Sync + 'static,
) -> SystemCell
where
    F: Future<Output = Ended>,
{
    SystemCell::new(group, name, move || Act::on(stand, &play))
}

/// `20260301t0200z`.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y%m%dt%H%Mz").to_string()
}

/// So many days before.
pub(super) fn nights_before(at: Timestamp, nights: i64) -> Timestamp {
    at - SignedDuration::from_hours(24 * nights)
}

impl Act {
    /// The scene's run with another input, and its end.
    pub(super) async fn night(&self, input: Value) -> Ended {
        let before = self.told();
        let run = self.spawn_with("run", input).ended().await;
        let end = self.end_since(&before, &run, false);
        (run, end)
    }

    /// A run whose success nobody wants to hear of.
    pub(super) async fn quietly(&self, name: &str, mut input: Value) -> Arc<Run> {
        input["notify"] = json!("failure");
        self.spawn_with(name, input).ended().await
    }

    /// Waits until that time.
    pub(super) async fn wait_until(&self, at: Timestamp) {
        self.pass(at.duration_since(self.stage.ports.clock.now())).await;
    }

    /// Lets nothing meddle with calls of functions any more.
    pub(super) fn unmeddled(&self) {
        self.stage.functions.meddle(|_| Interference::Pass);
    }

    /// Aims a fault at a call of a state, or of a function that no state calls.
    pub(super) fn fault(&self, place: &str, operation: &str, fault: Fault) {
        self.aim(place, operation, "", fault);
    }

    /// The same at calls whose argument contains `about`.
    pub(super) fn aim(&self, place: &str, operation: &str, about: &'static str, fault: Fault) {
        let call = call(place, operation);
        let plan = fault.plan(&call);
        self.strike(call, 0, about, plan);
    }

    /// Aims anything at a call, `skip` of which pass first.
    pub(super) fn strike(&self, call: Call, skip: u32, about: &'static str, plan: Plan) {
        self.disturber.arm(Target { call, skip, about }, plan);
    }

    /// Below which key everything of a run of the scene's cache lies.
    pub(super) fn folder(&self, at: Timestamp) -> String {
        self.scene.folder(at)
    }

    /// Every key below a prefix.
    pub(super) fn keys(&self, prefix: &str) -> Vec<String> {
        let mut request = ListObjectsV2Request {
            bucket: BUCKET.to_owned(),
            prefix: prefix.to_owned(),
            ..Default::default()
        };
        let (now, mut keys) = (self.stage.ports.clock.now(), Vec::new());
        loop {
            let Ok(page) = self.stage.ports.world().list_objects_v2(&request, now) else {
                return keys;
            };
            keys.extend(page.contents.into_iter().map(|object| object.key));
            request.continuation_token = page.next_continuation_token;
            if request.continuation_token.is_none() {
                return keys;
            }
        }
    }

    /// Instants of the manifests of a cache (`replication-group/orders`), oldest first.
    pub(super) fn manifests_of(&self, cache: &str) -> Vec<String> {
        let folder = format!("backups/{cache}/");
        let instant = |key: &String| {
            let instant = key.strip_prefix(&folder)?.strip_suffix("/manifest.json")?;
            Instant::parse(instant).map(String::from)
        };
        self.keys(&folder).iter().filter_map(instant).collect()
    }

    /// Instants of the manifests of the scene's cache.
    pub(super) fn manifests(&self) -> Vec<String> {
        self.manifests_of(&format!("{}/{}", self.scene.kind, self.scene.id))
    }

    /// The manifests are those of these nights before the run's, and of no other.
    pub(super) fn must_have(&self, nights: &[i64]) {
        let mut wanted: Vec<String> = nights
            .iter()
            .map(|nights| instant(nights_before(self.due, *nights)))
            .collect();
        wanted.sort();
        let found = self.manifests();
        self.must(
            found == wanted,
            "the right backups stay",
            format!("{found:?}, not {wanted:?}"),
        );
    }

    /// All of these keys are still there.
    pub(super) fn must_keep(&self, keys: &[String]) {
        let there = self.keys("");
        let gone: Vec<_> = keys
            .iter()
            .filter(|key| there.binary_search(key).is_err())
            .collect();
        self.must(gone.is_empty(), "nothing else is deleted", format!("{gone:?}"));
    }

    /// The bytes of an object; none where there is none.
    pub(super) fn read(&self, key: &str) -> Vec<u8> {
        let request = GetObjectRequest {
            bucket: BUCKET.to_owned(),
            key: key.to_owned(),
            ..Default::default()
        };
        let answer = self
            .stage
            .ports
            .world()
            .get_object(&request, self.stage.ports.clock.now());
        answer
            .ok()
            .and_then(|answer| answer.read().ok())
            .unwrap_or_default()
    }

    /// An object as JSON; `null` where it is none.
    pub(super) fn json(&self, key: &str) -> Value {
        serde_json::from_slice(&self.read(key)).unwrap_or_default()
    }

    /// Lays objects into the bucket, as a person does.
    pub(super) fn put(&self, keys: impl IntoIterator<Item = String>, body: &[u8]) {
        self.stage.person(|world, now| {
            for key in keys {
                let request = PutObjectRequest {
                    bucket: BUCKET.to_owned(),
                    key,
                    body: body.to_vec(),
                    ..Default::default()
                };
                let put = world.put_object(&request, now);
                assert!(put.is_ok(), "{put:?}");
            }
        });
    }

    /// Deletes an object, as a person does.
    pub(super) fn delete(&self, key: String) {
        let request = DeleteObjectRequest {
            bucket: BUCKET.to_owned(),
            key,
            version_id: None,
        };
        let deleted = self
            .stage
            .person(|world, now| world.delete_object(&request, now).map(drop));
        assert!(deleted.is_ok(), "{deleted:?}");
    }

    /// Tags an object, as a person does.
    pub(super) fn tag(&self, key: String, tag: &str) {
        let object = ObjectRef {
            bucket: BUCKET.to_owned(),
            key,
            version_id: None,
        };
        let tags = Tags::from([(tag.to_owned(), "jo".to_owned())]);
        let tagged = self
            .stage
            .person(|world, now| world.put_object_tagging(&object, &tags, now));
        assert!(tagged.is_ok(), "{tagged:?}");
    }

    /// Makes a manual snapshot of the cache's second node, as a person does, and waits for it.
    pub(super) async fn snapshot(&self, name: &str, tags: &[(&str, String)]) {
        let tag = |(key, value): &(&str, String)| Tag {
            key: (*key).to_owned(),
            value: value.clone(),
        };
        let request = CreateSnapshotRequest {
            snapshot_name: name.to_owned(),
            cache_cluster_id: Some(format!("{}-002", self.scene.id)),
            tags: tags.iter().map(tag).collect(),
            ..Default::default()
        };
        let made = self
            .stage
            .person(|world, now| world.create_snapshot(&request, now).map(drop));
        assert!(made.is_ok(), "{made:?}");
        self.pass(SignedDuration::from_mins(4)).await;
    }

    /// Names of the snapshots that are there and are not being deleted.
    pub(super) fn snapshots(&self) -> Vec<String> {
        let all = self.stage.ports.world().snapshot_statuses().into_iter();
        all.filter(|(_, status)| status != "deleting")
            .map(|(name, _)| name)
            .collect()
    }

    /// Lets the cache hold so many keys from now on.
    pub(super) fn hold(&self, keys: u16) {
        let shard = format!("{}/0001", self.scene.id);
        self.stage.person(|world, _| {
            world
                .contents
                .attach(&shard, FixedContent::shared(&sound_rdb(keys)));
        });
    }

    /// Subject and text by mail of the last message.
    pub(super) fn last_message(&self) -> (String, String, String) {
        let world = self.stage.ports.world();
        let message = world.messages(&self.stage.ports.topic_arn).last().cloned();
        message.map_or_else(Default::default, |message| {
            let (email, default) = (message.body_for("email"), message.body_for("default"));
            let (email, default) = (email.to_owned(), default.to_owned());
            (message.subject.unwrap_or_default(), email, default)
        })
    }

    /// Lets `watch` look at the scene's cache at a full hour, whose newest backup may be 30 hours old; gives the ratio
    /// that it emitted, if it did.
    pub(super) async fn look(&self) -> Option<f64> {
        let event = self.look_event();
        self.stage.watch(event).await;
        self.ratio()
    }

    /// What the hourly schedule sends now.
    pub(super) fn look_event(&self) -> Value {
        let Scene { kind, id, .. } = self.scene;
        json!({"now": self.stage.ports.clock.now(), "watched": [{
            "cache": {"kind": kind, "id": id}, "plan": "nightly", "maxAgeSeconds": 30 * 3600
        }]})
    }

    /// The last ratio that was emitted since this was last asked.
    pub(super) fn ratio(&self) -> Option<f64> {
        let ratio = |line: &backup_core::metrics::Metrics| {
            line.values()
                .get(&backup_core::metrics::Metric::BackupAgeRatio)
                .copied()
        };
        let measured = self.stage.functions.measured().take();
        measured.iter().rev().find_map(ratio)
    }
}

/// A call by its place and operation.
pub(super) fn call(place: &str, operation: &str) -> Call {
    Call {
        place: place.to_owned(),
        operation: operation.to_owned(),
    }
}
