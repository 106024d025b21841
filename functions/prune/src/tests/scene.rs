//! What lies in the world: backups, failed runs and snapshots of a cache.

use super::world::World;
use crate::{Input, Output};
use backup_core::manifest::Manifest;
use backup_core::names::{self, SnapshotName};
use backup_core::snapshot::{Snapshot, SnapshotStatus};
use backup_core::{CacheRef, Error, ErrorName, Instant, Owner, Run, run::Tag};
use futures_executor::block_on;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The night of the run under test; its prune comes half an hour later.
pub(super) const TONIGHT: &str = "20261120t0304z";

/// One cache of one owner, and where things of it are put.
#[derive(Clone)]
pub(super) struct Scene<'w> {
    pub(super) world: &'w World,
    pub(super) cache: CacheRef,
    pub(super) owner: Owner,
}

pub(super) fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// The night `days` before tonight.
pub(super) fn nights_ago(days: i64) -> Instant {
    let tonight = instant(TONIGHT).timestamp();
    Instant::of(tonight - SignedDuration::from_hours(24 * days)).unwrap()
}

impl<'w> Scene<'w> {
    /// A replication group with cluster mode disabled of plan `main/nightly`.
    pub(super) fn prod(world: &'w World) -> Self {
        Self::of(world, "replication-group", "prod", "main/nightly")
    }

    pub(super) fn of(world: &'w World, kind: &str, id: &str, owner: &str) -> Self {
        Self {
            world,
            cache: serde_json::from_value(json!({"kind": kind, "id": id})).unwrap(),
            owner: Owner::try_from(owner.to_owned()).unwrap(),
        }
    }

    /// Backups of so many nights, tonight's the last.
    pub(super) fn nights(&self, count: i64) {
        (0..count).for_each(|days| self.backup(nights_ago(days), |_| ()));
    }

    /// A recorded backup with its object, verdict and snapshot; `change` bends the manifest.
    pub(super) fn backup(&self, at: Instant, change: impl FnOnce(&mut Value)) {
        let name = SnapshotName::for_run(&self.cache.id, at);
        let mut manifest = self.manifest(at, &name);
        change(&mut manifest);
        let parsed: Manifest = serde_json::from_value(manifest.clone()).unwrap();
        for object in &parsed.objects {
            self.put(object.key.as_str(), at, "REDIS0011");
            self.evidence(object.verdict_key.as_str(), at);
        }
        self.put(
            names::manifest_key(&self.cache, at).as_str(),
            at,
            &manifest.to_string(),
        );
        self.snapshot(at, SnapshotStatus::Available);
    }

    /// A run that failed after its export: object, alert and snapshot, no manifest.
    pub(super) fn failed(&self, at: Instant) {
        let name = SnapshotName::for_run(&self.cache.id, at);
        self.put(&self.object_key(at, &name), at, "REDIS0011");
        self.evidence(names::alert_key(&self.cache, at, 0).as_str(), at);
        self.snapshot(at, SnapshotStatus::Available);
    }

    pub(super) fn put(&self, key: &str, at: Instant, body: &str) {
        self.world
            .put(key, at.timestamp() + SignedDuration::from_mins(30), body);
    }

    fn evidence(&self, key: &str, at: Instant) {
        self.put(
            key,
            at,
            &json!({"formatVersion": 1, "owner": self.owner}).to_string(),
        );
    }

    /// A manual snapshot with our tags, filed under a node as cluster mode disabled has it.
    pub(super) fn snapshot(&self, at: Instant, status: SnapshotStatus) {
        let name = SnapshotName::for_run(&self.cache.id, at);
        let id = self.cache.id.to_string();
        let serverless = self.cache.kind == backup_core::CacheKind::ServerlessCache;
        let snapshot = Snapshot {
            arn: Some(format!(
                "arn:aws:elasticache:eu-west-1:000000000000:snapshot:{name}"
            )),
            name,
            status,
            automatic: false,
            replication_group_id: None,
            cache_cluster_id: (!serverless).then(|| format!("{id}-001")),
            serverless_cache_name: serverless.then_some(id),
            create_time: Some(at.timestamp()),
            engine: None,
            engine_version: None,
            node_type: None,
            parameter_group: None,
            kms_key_id: None,
            data_tiering: false,
            node_groups: Vec::new(),
        };
        self.world.snapshots.borrow_mut().push((snapshot, self.tags(at)));
    }

    fn tags(&self, at: Instant) -> Vec<Tag> {
        self.run(at, None).tags()
    }

    pub(super) fn object_key(&self, at: Instant, name: &SnapshotName) -> String {
        match self.cache.kind {
            backup_core::CacheKind::ServerlessCache => format!("{name}/{name}-0001.rdb"),
            _ => format!("{}-0001.rdb", names::export_target(&self.cache, at, 0)),
        }
    }

    fn manifest(&self, at: Instant, name: &SnapshotName) -> Value {
        let (time, key) = (at.timestamp(), names::ObjectKey::new(self.object_key(at, name)));
        json!({
            "formatVersion": 1, "toolVersion": "snapkeep 0.1.0", "owner": self.owner,
            "cache": {
                "kind": self.cache.kind, "id": self.cache.id, "engine": "valkey", "engineVersion": "8.0.1",
                "nodeType": null, "parameterGroup": null, "clusterMode": false,
                "nodeGroups": [{"id": "0001"}], "tags": []
            },
            "run": {
                "executionArn": "arn", "redriveCount": 0, "instant": at, "source": "newSnapshot",
                "timings": {
                    "startedAt": time, "snapshotRequestedAt": time, "snapshotReadyAt": time,
                    "exportRequestedAt": time, "exportReadyAt": time, "recordedAt": time
                }
            },
            "snapshot": {"name": name, "arn": format!("arn:{name}"), "createTime": time},
            "objects": [{
                "key": key, "verdictKey": names::verdict_key(&self.cache, at, 0, &key),
                "shard": "0001", "size": 9, "etag": "\"e\"", "sha256": "00", "keys": 1, "expires": 0,
                "rdbVersion": 11, "crc": true, "millis": 1
            }],
            "restore": {"minimumEngine": "valkey 7.2", "minimumNodeMemoryBytes": 9}
        })
    }

    fn run(&self, at: Instant, retention: Option<Value>) -> Run {
        let mut run = json!({
            "cache": self.cache, "owner": self.owner, "instant": at, "executionArn": "arn",
            "startedAt": at.timestamp(), "source": "newSnapshot",
            "snapshotName": SnapshotName::for_run(&self.cache.id, at), "deadlineSeconds": 43200
        });
        if let Some(retention) = retention {
            run["retention"] = retention;
        }
        backup_core::input::read(run).unwrap()
    }

    /// Prunes after tonight's backup.
    pub(super) fn prune(&self, retention: Value) -> Result<Output, Error> {
        self.prune_at(
            retention,
            instant(TONIGHT).timestamp() + SignedDuration::from_mins(30),
        )
    }

    /// Prunes, which must fail by this name with this in its text and delete nothing.
    pub(super) fn refused(&self, retention: Value, name: ErrorName, part: &str, why: &str) {
        let error = self.prune(retention).unwrap_err();
        assert_eq!(error.name, name, "{why}");
        assert!(error.message.contains(part), "{why}: {error}");
        assert_eq!(self.world.deletions(), Vec::<String>::new(), "{why}");
    }

    pub(super) fn prune_at(&self, retention: Value, now: Timestamp) -> Result<Output, Error> {
        let retention = Some(retention).filter(|retention| !retention.is_null());
        let run = self.run(instant(TONIGHT), retention);
        block_on(crate::handle(self.world, self.world, Input { run, now }))
    }

    /// The instants that have a manifest in this cache's folder, newest first, as nights ago.
    pub(super) fn manifests(&self) -> Vec<i64> {
        let prefix = names::cache_prefix(&self.cache);
        let keys = self.world.keys();
        let nights = keys.iter().filter_map(|key| {
            let at = instant(key.strip_prefix(&prefix)?.strip_suffix("/manifest.json")?);
            let since = instant(TONIGHT).timestamp().duration_since(at.timestamp());
            Some(since.as_hours() / 24)
        });
        let mut nights: Vec<_> = nights.collect();
        nights.sort_unstable();
        nights
    }
}
