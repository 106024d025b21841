//! A hand-made AWS for the tests of this crate, and the payloads as the state machine builds them.

use crate::Input;
use backup_core::export::FoundObject;
use backup_core::names::{ObjectKey, SnapshotName};
use backup_core::ports::*;
use backup_core::run::Tag;
use backup_core::snapshot::{NodeGroup, Snapshot, SnapshotStatus};
use backup_core::{CacheKind, CallErrorKind, Error};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::cell::Cell;

pub(crate) const NAME: &str = "orders-202611200304";
pub(crate) const STEM: &str = "backups/replication-group/orders/20261120t0304z/orders-";

pub(crate) struct World {
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) tags: Result<Vec<Tag>, CallErrorKind>,
    /// Key and size of each object.
    pub(crate) objects: Vec<(String, u64)>,
    /// What a head request finds instead of the size that was listed.
    pub(crate) size_by_head: Option<u64>,
    pub(crate) listings: Cell<u32>,
}

impl Default for World {
    /// An available snapshot of a group with cluster mode disabled, with the run's tags; nothing exported yet.
    fn default() -> Self {
        Self {
            snapshot: Some(Snapshot {
                name: SnapshotName::from_service(NAME),
                arn: Some("arn:s".into()),
                status: SnapshotStatus::Available,
                automatic: false,
                replication_group_id: None,
                cache_cluster_id: Some("orders-002".into()),
                serverless_cache_name: None,
                create_time: Some(at("2026-11-20T03:06:00Z")),
                engine: Some("valkey".into()),
                engine_version: Some("8.0.1".into()),
                node_type: None,
                parameter_group: None,
                kms_key_id: None,
                data_tiering: false,
                node_groups: vec![group("0001")],
            }),
            tags: Ok(vec![
                Tag::new("snapkeep:run", "replication-group/orders/20261120t0304z"),
                Tag::new("snapkeep:owner", "main/nightly"),
            ]),
            objects: Vec::new(),
            size_by_head: None,
            listings: Cell::new(0),
        }
    }
}

impl World {
    /// The default world with its snapshot changed.
    pub(crate) fn with(change: impl FnOnce(&mut Snapshot)) -> Self {
        let mut world = Self::default();
        change(world.snapshot.as_mut().unwrap());
        world
    }

    /// The default world with the snapshot in a status, or gone.
    pub(crate) fn in_status(status: &str) -> Self {
        let mut world = Self::with(|snapshot| snapshot.status = SnapshotStatus::parse(status));
        world.snapshot = world.snapshot.filter(|_| status != "gone");
        world
    }

    /// Adds objects of one byte below [`STEM`].
    pub(crate) fn holding(mut self, shards: &[&str]) -> Self {
        let keys = shards.iter().map(|shard| (format!("{STEM}{shard}.rdb"), 1));
        self.objects.extend(keys);
        self
    }

    pub(crate) fn handle(&self, payload: Value) -> Result<Value, Error> {
        let input: Input = backup_core::input::read(payload)?;
        let output = futures_executor::block_on(crate::handle(self, &(), input))?;
        Ok(serde_json::to_value(output).unwrap())
    }

    /// Looks at the snapshot, `minutes` after it was asked for.
    pub(crate) fn snapshot_after(&self, minutes: i64) -> Result<Value, Error> {
        self.handle(payload("snapshot", minutes))
    }

    /// Looks at the export, `minutes` after it was asked for.
    pub(crate) fn export_after(&self, minutes: i64) -> Result<Value, Error> {
        self.handle(payload("export", minutes))
    }
}

/// The payload of either check; the deadline is twelve hours after the start.
pub(crate) fn payload(what: &str, minutes: i64) -> Value {
    let requested_at = at("2026-11-20T03:05:00Z");
    let mut payload = json!({
        "what": what,
        "run": {
            "cache": {"kind": "replication-group", "id": "orders"},
            "owner": "main/nightly",
            "instant": "20261120t0304z",
            "executionArn": "arn:e",
            "startedAt": "2026-11-20T03:04:00Z",
            "source": "newSnapshot",
            "snapshotName": NAME,
            "deadlineSeconds": 43200
        },
        "requestedAt": requested_at,
        "redriveCount": 0,
        "deadline": "2026-11-20T15:04:00Z",
        "now": requested_at + jiff::SignedDuration::from_mins(minutes)
    });
    if what == "export" {
        payload["snapshot"] = json!({
            "name": NAME,
            "arn": "arn:s",
            "createTime": requested_at,
            "readyAt": requested_at,
            "clusterMode": false,
            "nodeGroups": [{"id": "0001"}]
        });
        payload["export"] = json!({
            "target": STEM.trim_end_matches('-'),
            "renewal": 0,
            "requestedAt": requested_at,
            "redriveCount": 0,
            "adopted": false
        });
    }
    payload
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn group(id: &str) -> NodeGroup {
    NodeGroup {
        id: id.into(),
        slots: None,
    }
}

pub(crate) fn object(stem: &str, shard: &str, size: u64) -> FoundObject {
    FoundObject {
        stem: stem.into(),
        shard: shard.into(),
        listed: listed(&format!("{stem}{shard}.rdb"), size),
    }
}

fn listed(key: &str, size: u64) -> ListedObject {
    ListedObject {
        key: ObjectKey::new(key),
        size,
        etag: "\"e\"".into(),
        last_modified: at("2026-11-20T03:06:00Z"),
    }
}

impl BucketName for World {
    fn bucket_name(&self) -> &'static str {
        "snapkeep-backups"
    }
}

impl DescribeSnapshot for World {
    async fn describe_snapshot(
        &self,
        _: CacheKind,
        name: &SnapshotName,
    ) -> Result<Option<Snapshot>, CallError> {
        Ok(self.snapshot.clone().filter(|snapshot| snapshot.name == *name))
    }
}

impl ListTags for World {
    async fn list_tags(&self, _: &str) -> Result<Vec<Tag>, CallError> {
        self.tags.clone().map_err(|kind| CallError {
            operation: "ListTagsForResource",
            code: format!("{kind:?}"),
            message: "the service's own text".into(),
            kind,
        })
    }
}

impl ListObjects for World {
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
        self.listings.set(self.listings.get() + 1);
        let below = self.objects.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(below.map(|(key, size)| listed(key, *size)).collect())
    }
}

impl HeadObject for World {
    async fn head_object(&self, key: &ObjectKey) -> Result<Option<ObjectHead>, CallError> {
        let found = self.objects.iter().find(|(known, _)| known == key.as_str());
        Ok(found.map(|(_, size)| ObjectHead {
            size: self.size_by_head.unwrap_or(*size),
            etag: "\"e\"".into(),
            version_id: Some("v1".into()),
        }))
    }
}
