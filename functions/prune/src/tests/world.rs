//! A bucket and the snapshots of an account, with a log of calls and faults by their number.

use backup_core::metrics::Metrics;
use backup_core::names::{ObjectKey, SnapshotName};
use backup_core::ports::{
    Cache, CallError, CallErrorKind, DeleteObject, DeleteSnapshot, DescribeCache, EmitMetrics, ListObjects,
    ListSnapshots, ListTags, ListedObject, Member, ObjectTags, ReadObject, SnapshotOrigin,
};
use backup_core::run::Tag;
use backup_core::snapshot::{Snapshot, SnapshotStatus};
use backup_core::{CacheKind, CacheRef};
use jiff::Timestamp;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) body: Vec<u8>,
    pub(super) last_modified: Timestamp,
    pub(super) tags: Vec<Tag>,
}

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing.
    Never,
    /// Call number n, without effect.
    Once(usize),
    /// Call number n takes effect and its answer is lost.
    AnswerLost(usize),
    /// Every call from number n on: the function died.
    From(usize),
    /// Every call of an operation on a subject that contains this text, with this meaning.
    Named(&'static str, &'static str, CallErrorKind),
}

/// The account.
#[derive(Clone)]
pub(super) struct World {
    pub(super) objects: RefCell<BTreeMap<String, Object>>,
    pub(super) snapshots: RefCell<Vec<(Snapshot, Vec<Tag>)>>,
    pub(super) members: Vec<String>,
    pub(super) cache_gone: bool,
    pub(super) fault: Cell<Fault>,
    pub(super) log: RefCell<Vec<String>>,
    pub(super) measured: RefCell<Vec<Metrics>>,
}

impl EmitMetrics for World {
    fn emit(&self, metrics: &Metrics) {
        self.measured.borrow_mut().push(metrics.clone());
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            objects: RefCell::default(),
            snapshots: RefCell::default(),
            members: vec!["prod-001".to_owned(), "prod-002".to_owned()],
            cache_gone: false,
            fault: Cell::new(Fault::Never),
            log: RefCell::default(),
            measured: RefCell::default(),
        }
    }

    pub(super) fn put(&self, key: &str, last_modified: Timestamp, body: impl Into<Vec<u8>>) {
        let object = Object {
            body: body.into(),
            last_modified,
            tags: Vec::new(),
        };
        self.objects.borrow_mut().insert(key.to_owned(), object);
    }

    pub(super) fn tag(&self, key: &str, tag: &str) {
        let mut objects = self.objects.borrow_mut();
        objects.get_mut(key).unwrap().tags = vec![Tag::new("team", "blue"), Tag::new(tag, "yes")];
    }

    /// Bends the first snapshot and its tags.
    pub(super) fn change_first(&self, change: fn(&mut Snapshot, &mut Vec<Tag>)) {
        let (snapshot, tags) = &mut self.snapshots.borrow_mut()[0];
        change(snapshot, tags);
    }

    /// From now on every call of `operation` on a subject with `part` in it fails.
    pub(super) fn fail(&self, operation: &'static str, part: &'static str, kind: CallErrorKind) {
        self.fault.set(Fault::Named(operation, part, kind));
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.objects.borrow().keys().cloned().collect()
    }

    pub(super) fn snapshot_names(&self) -> Vec<String> {
        let snapshots = self.snapshots.borrow();
        let mut names: Vec<_> = snapshots.iter().map(|(s, _)| s.name.to_string()).collect();
        names.sort();
        names
    }

    /// The calls so far that change something.
    pub(super) fn deletions(&self) -> Vec<String> {
        let log = self.log.borrow();
        log.iter()
            .filter(|call| call.starts_with("Delete"))
            .cloned()
            .collect()
    }

    /// Logs a call, and carries `effect` out unless a fault prevents it.
    fn call<T>(
        &self,
        operation: &'static str,
        subject: &str,
        effect: impl FnOnce() -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let number = self.log.borrow().len();
        self.log.borrow_mut().push(format!("{operation} {subject}"));
        let unavailable = || Err(error(operation, CallErrorKind::ServiceUnavailable));
        match self.fault.get() {
            Fault::Once(n) if n == number => unavailable(),
            Fault::From(n) if n <= number => unavailable(),
            Fault::AnswerLost(n) if n == number => effect().and_then(|_| unavailable()),
            Fault::Named(what, part, kind) if what == operation && subject.contains(part) => {
                Err(error(operation, kind))
            }
            _ => effect(),
        }
    }
}

pub(super) fn error(operation: &'static str, kind: CallErrorKind) -> CallError {
    CallError {
        operation,
        code: format!("{kind:?}"),
        message: "as the test wants it".to_owned(),
        kind,
    }
}

impl ListObjects for World {
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
        self.call("ListObjectsV2", prefix, || {
            let objects = self.objects.borrow();
            let listed = objects.iter().filter(|(key, _)| key.starts_with(prefix));
            Ok(listed
                .map(|(key, object)| ListedObject {
                    key: ObjectKey::new(key),
                    size: object.body.len() as u64,
                    etag: "\"e\"".to_owned(),
                    last_modified: object.last_modified,
                })
                .collect())
        })
    }
}

impl ReadObject for World {
    async fn read_object(&self, key: &ObjectKey) -> Result<Option<bytes::Bytes>, CallError> {
        let body = || {
            self.objects
                .borrow()
                .get(key.as_str())
                .map(|o| o.body.clone().into())
        };
        self.call("GetObject", key.as_str(), || Ok(body()))
    }
}

impl ObjectTags for World {
    async fn object_tags(&self, key: &ObjectKey) -> Result<Vec<Tag>, CallError> {
        self.call("GetObjectTagging", key.as_str(), || {
            let tags = self
                .objects
                .borrow()
                .get(key.as_str())
                .map(|object| object.tags.clone());
            tags.ok_or_else(|| error("GetObjectTagging", CallErrorKind::NotFound))
        })
    }
}

impl DeleteObject for World {
    async fn delete_object(&self, key: &ObjectKey) -> Result<(), CallError> {
        self.call("DeleteObject", key.as_str(), || {
            self.objects.borrow_mut().remove(key.as_str());
            Ok(())
        })
    }
}

impl DescribeCache for World {
    async fn describe_cache(&self, cache: &CacheRef) -> Result<Option<Cache>, CallError> {
        self.call("DescribeReplicationGroups", cache.id.as_str(), || {
            let member = |id: &String| Member {
                cache_cluster_id: id.clone(),
                role: None,
                zone: None,
            };
            Ok((!self.cache_gone).then(|| Cache {
                arn: None,
                status: "available".to_owned(),
                engine: None,
                cluster_mode: false,
                data_tiering: false,
                kms_key_id: None,
                replication_group_id: None,
                members: self.members.iter().map(member).collect(),
            }))
        })
    }

    async fn node_status(&self, _: &str) -> Result<Option<String>, CallError> {
        panic!("prune asks for no node")
    }
}

impl ListSnapshots for World {
    async fn list_snapshots(
        &self,
        cache: &CacheRef,
        members: &[String],
        origin: SnapshotOrigin,
    ) -> Result<Vec<Snapshot>, CallError> {
        assert_eq!(origin, SnapshotOrigin::Manual, "automatic ones are never ours");
        self.call("DescribeSnapshots", cache.id.as_str(), || {
            let filed = |s: &Snapshot| {
                let under = [
                    &s.replication_group_id,
                    &s.cache_cluster_id,
                    &s.serverless_cache_name,
                ];
                let mut under = under.into_iter().flatten();
                under.any(|id| id == cache.id.as_str() || members.contains(id))
            };
            let snapshots = self.snapshots.borrow();
            Ok(snapshots.iter().map(|(s, _)| s.clone()).filter(filed).collect())
        })
    }
}

impl ListTags for World {
    async fn list_tags(&self, arn: &str) -> Result<Vec<Tag>, CallError> {
        self.call("ListTagsForResource", arn, || {
            let snapshots = self.snapshots.borrow();
            let found = snapshots.iter().find(|(s, _)| s.arn.as_deref() == Some(arn));
            match found {
                None => Err(error("ListTagsForResource", CallErrorKind::SnapshotNotFound)),
                Some((s, tags)) if s.status == SnapshotStatus::Available => Ok(tags.clone()),
                Some(_) => Err(error("ListTagsForResource", CallErrorKind::InvalidSnapshotState)),
            }
        })
    }
}

impl DeleteSnapshot for World {
    async fn delete_snapshot(&self, _: CacheKind, name: &SnapshotName) -> Result<(), CallError> {
        self.call("DeleteSnapshot", name.as_str(), || {
            let mut snapshots = self.snapshots.borrow_mut();
            let Some(at) = snapshots.iter().position(|(s, _)| s.name == *name) else {
                return Err(error("DeleteSnapshot", CallErrorKind::SnapshotNotFound));
            };
            if snapshots[at].0.status != SnapshotStatus::Available {
                return Err(error("DeleteSnapshot", CallErrorKind::InvalidSnapshotState));
            }
            snapshots.remove(at);
            Ok(())
        })
    }
}
