//! A hand-made AWS for the tests of this crate: answers what it is told to and keeps the calls.

use crate::{Execution, Input, Settings};
use backup_core::names::{ObjectKey, SnapshotName};
use backup_core::ports::*;
use backup_core::run::Tag;
use backup_core::snapshot::{Snapshot, SnapshotStatus};
use backup_core::{CacheKind, CacheRef, CallErrorKind, Error};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

pub(crate) const NOW: &str = "2026-11-20T03:04:30Z";
pub(crate) const NAME: &str = "orders-202611200304";
pub(crate) const GROUP: &str = "replication-group";

const NODES: [&str; 3] = ["orders-001", "orders-002", "orders-003"];

/// What the fake create call answers, and whether the snapshot is made all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnCreate {
    Succeed,
    Refuse(CallErrorKind),
    LoseTheAnswer(CallErrorKind),
}

pub(crate) struct World {
    pub(crate) region: &'static str,
    pub(crate) cache: Option<Cache>,
    pub(crate) nodes: BTreeMap<&'static str, &'static str>,
    pub(crate) cache_tags: Result<Vec<Tag>, CallErrorKind>,
    pub(crate) snapshots: RefCell<Vec<Snapshot>>,
    /// Describe answers that do not show a snapshot yet.
    pub(crate) hidden: Cell<u32>,
    pub(crate) on_create: OnCreate,
    pub(crate) created: RefCell<Vec<CreateSnapshotParams>>,
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    pub(crate) calls: RefCell<Vec<&'static str>>,
}

impl Default for World {
    /// An available group with cluster mode disabled: a primary in zone a, replicas in zones a and b.
    fn default() -> Self {
        Self {
            region: "eu-west-1",
            cache: Some(Cache {
                arn: Some("arn:orders".into()),
                status: "available".into(),
                engine: Some("valkey".into()),
                cluster_mode: false,
                data_tiering: false,
                kms_key_id: None,
                replication_group_id: None,
                members: members("orders-001 primary a, orders-002 replica b, orders-003 replica a"),
            }),
            nodes: NODES.map(|node| (node, "available")).into(),
            cache_tags: Ok(vec![Tag::new("team", "shop")]),
            snapshots: RefCell::default(),
            hidden: Cell::new(0),
            on_create: OnCreate::Succeed,
            created: RefCell::default(),
            objects: BTreeMap::new(),
            calls: RefCell::default(),
        }
    }
}

impl World {
    /// The default world with its cache changed.
    pub(crate) fn with_cache(change: impl FnOnce(&mut Cache)) -> Self {
        let mut world = Self::default();
        change(world.cache.as_mut().unwrap());
        world
    }

    /// The default world with these snapshots in it.
    pub(crate) fn with_snapshots(snapshots: Vec<Snapshot>) -> Self {
        Self {
            snapshots: RefCell::new(snapshots),
            ..Self::default()
        }
    }

    /// The same world with another answer to the create call.
    pub(crate) fn answering(self, on_create: OnCreate) -> Self {
        Self { on_create, ..self }
    }

    /// The same world with an object in the bucket.
    pub(crate) fn holding(mut self, key: String, body: impl Into<Vec<u8>>) -> Self {
        self.objects.insert(key, body.into());
        self
    }

    pub(crate) fn handle(&self, input: Value) -> Result<Value, Error> {
        let input = Input {
            input,
            execution: Execution {
                arn: "arn:aws:states:eu-west-1:000000000000:execution:backup:a".into(),
                start_time: at("2026-11-20T03:04:05Z"),
            },
            now: at(NOW),
        };
        let settings = Settings {
            deployment: "main".into(),
            region: "eu-west-1".into(),
        };
        let output = futures_executor::block_on(crate::handle(self, &settings, input))?;
        Ok(serde_json::to_value(output).unwrap())
    }

    /// A run of the cache `orders`.
    pub(crate) fn run(&self, kind: &str) -> Result<Value, Error> {
        self.handle(json!({"cache": {"kind": kind, "id": "orders"}}))
    }

    /// What a run of the group `orders` comes to: its status or the error's name, and the text of an error.
    pub(crate) fn told(&self, kind: &str) -> (String, String) {
        match self.run(kind) {
            Ok(output) => (output["status"].as_str().unwrap().to_owned(), String::new()),
            Err(error) => (format!("{:?}", error.name), error.message),
        }
    }

    fn call(&self, name: &'static str) {
        self.calls.borrow_mut().push(name);
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Reads members given as `<id> <role> <zone>, …`, where `-` is what ElastiCache does not tell.
pub(crate) fn members(text: &str) -> Vec<Member> {
    let told = |word: &str| (word != "-").then(|| word.to_owned());
    let read = |text: &str| {
        let words: Vec<&str> = text.split(' ').collect();
        Member {
            cache_cluster_id: words[0].into(),
            role: told(words[1]),
            zone: told(words[2]),
        }
    };
    text.split(", ")
        .filter(|text| !text.is_empty())
        .map(read)
        .collect()
}

/// A snapshot of node `orders-002` that is still being created.
pub(crate) fn snapshot(name: &str) -> Snapshot {
    Snapshot {
        name: SnapshotName::from_service(name),
        arn: Some(format!("arn:{name}")),
        status: SnapshotStatus::InProgress("creating".into()),
        automatic: name.starts_with("automatic."),
        replication_group_id: None,
        cache_cluster_id: Some("orders-002".into()),
        serverless_cache_name: None,
        create_time: None,
        engine: Some("valkey".into()),
        engine_version: Some("8.0.1".into()),
        node_type: Some("cache.r7g.large".into()),
        parameter_group: None,
        kms_key_id: None,
        data_tiering: false,
        node_groups: Vec::new(),
    }
}

pub(crate) fn call_error(operation: Operation, kind: CallErrorKind) -> CallError {
    CallError {
        operation,
        code: format!("{kind:?}"),
        message: "the service's own text".into(),
        kind,
    }
}

impl BucketName for World {
    fn bucket_name(&self) -> &'static str {
        "snapkeep-backups"
    }
}

impl BucketRegion for World {
    async fn bucket_region(&self) -> Result<String, CallError> {
        self.call("GetBucketLocation");
        Ok(self.region.to_owned())
    }
}

impl DescribeCache for World {
    async fn describe_cache(&self, _: &CacheRef) -> Result<Option<Cache>, CallError> {
        self.call("DescribeCache");
        Ok(self.cache.clone())
    }

    async fn node_status(&self, node: &str) -> Result<Option<String>, CallError> {
        Ok(self.nodes.get(node).map(|status| (*status).to_owned()))
    }
}

impl ListTags for World {
    async fn list_tags(&self, arn: &str) -> Result<Vec<Tag>, CallError> {
        assert_eq!(arn, "arn:orders", "only the cache's tags are read");
        self.cache_tags
            .clone()
            .map_err(|kind| call_error("ListTagsForResource", kind))
    }
}

impl DescribeSnapshot for World {
    async fn describe_snapshot(
        &self,
        _: CacheKind,
        name: &SnapshotName,
    ) -> Result<Option<Snapshot>, CallError> {
        self.call("DescribeSnapshot");
        let found = self
            .snapshots
            .borrow()
            .iter()
            .find(|snapshot| snapshot.name == *name)
            .cloned();
        if found.is_some() && self.hidden.get() > 0 {
            self.hidden.set(self.hidden.get() - 1);
            return Ok(None);
        }
        Ok(found)
    }
}

impl ListSnapshots for World {
    async fn list_snapshots(
        &self,
        _: &CacheRef,
        members: &[String],
        origin: SnapshotOrigin,
    ) -> Result<Vec<Snapshot>, CallError> {
        assert_eq!(origin, SnapshotOrigin::Automatic);
        assert_eq!(
            members.len(),
            self.cache.as_ref().unwrap().members.len(),
            "every member is asked for"
        );
        Ok(self.snapshots.borrow().clone())
    }
}

impl CreateSnapshot for World {
    async fn create_snapshot(&self, params: &CreateSnapshotParams) -> Result<(), CallError> {
        self.call("CreateSnapshot");
        if !matches!(self.on_create, OnCreate::Refuse(_)) {
            self.snapshots.borrow_mut().push(snapshot(params.name.as_str()));
            self.created.borrow_mut().push(params.clone());
        }
        match self.on_create {
            OnCreate::Succeed => Ok(()),
            OnCreate::Refuse(kind) | OnCreate::LoseTheAnswer(kind) => Err(call_error("CreateSnapshot", kind)),
        }
    }
}

impl ListObjects for World {
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
        let below = self.objects.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(below
            .map(|(key, body)| ListedObject {
                key: ObjectKey::new(key.as_str()),
                size: body.len() as u64,
                etag: "\"e\"".into(),
                last_modified: at(NOW),
            })
            .collect())
    }
}

impl ReadObject for World {
    async fn read_object(&self, key: &ObjectKey) -> Result<Option<Bytes>, CallError> {
        self.call("GetObject");
        Ok(self.objects.get(key.as_str()).cloned().map(Bytes::from))
    }
}
