//! `CreateSnapshot`, `DeleteSnapshot` and automatic snapshots.

use crate::world::blobs::BlobId;
use crate::world::elasticache::NameCheck;
use crate::world::elasticache::jobs::{
    CREATING, DELETING, Detail, Ending, FAILED, Family, Kept, SnapshotRef, Work,
};
use crate::world::elasticache::names::{AUTOMATIC_PREFIX, SNAPSHOT_NAME_MAX, stored_name};
use crate::world::elasticache::quota::PER_NODE;
use crate::world::elasticache::shapes::{CreateSnapshotRequest, Snapshot};
use crate::world::elasticache::source::Source;
use crate::world::elasticache::tags::from_request;
use crate::world::error::{AwsError, CallError};
use crate::world::faults::SnapshotFault;
use crate::world::operation::Operation;
use crate::world::{Call, World, whole_seconds};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

impl World {
    /// `CreateSnapshot`: accepted at once, complete after [`super::Timings::snapshot`].
    pub fn create_snapshot(
        &mut self,
        request: &CreateSnapshotRequest,
        now: Timestamp,
    ) -> Result<Snapshot, CallError> {
        let call = Call {
            operation: Operation::CreateSnapshot,
            argument: &request.snapshot_name,
            now,
        };
        self.call(&call, |world| {
            let name = stored_name("SnapshotName", &request.snapshot_name, SNAPSHOT_NAME_MAX)?;
            let source = world.snapshot_source(request)?;
            let given = from_request(&request.tags)?;
            let tags = if given.is_empty() {
                source.profile.tags.clone()
            } else {
                given
            };
            world.check_creation(&name, &source, now)?;
            world.elasticache.quotas.count(&source.quota_keys, now);
            let faults = world.faults.take_snapshot(&name);
            let mut kept = world.capture(&name, source, &faults, now)?;
            kept.tags = tags;
            if let (Detail::Node(shape), Some(key)) = (&mut kept.detail, &request.kms_key_id) {
                shape.kms_key_id = Some(key.clone());
            }
            Ok(world.begin_snapshot(name, kept, &faults, now))
        })
    }

    fn check_creation(&self, name: &str, source: &Source, now: Timestamp) -> Result<(), AwsError> {
        let taken = self
            .elasticache
            .snapshots
            .contains_key(name)
            .then(|| already_exists(name));
        let busy = source.busy.clone();
        let first = match self.config.assumptions.name_before_state {
            NameCheck::First => taken.or(busy),
            NameCheck::AfterState => busy.or(taken),
        };
        if let Some(error) = first {
            return Err(error);
        }
        if self.elasticache.quotas.allow(&source.quota_keys, PER_NODE, now) {
            Ok(())
        } else {
            Err(quota_exceeded())
        }
    }

    /// Reads the data of every shard as of now; a source that cannot be read makes a snapshot that ends as `failed`.
    fn capture(
        &mut self,
        name: &str,
        source: Source,
        faults: &[SnapshotFault],
        now: Timestamp,
    ) -> Result<Kept, AwsError> {
        let captured = self.capture_contents(&source.contents)?;
        let mut shape = source.shape;
        name.clone_into(&mut shape.snapshot_name);
        shape.arn = self.arn("elasticache", &format!("snapshot:{name}"));
        for (node, size) in shape.node_snapshots.iter_mut().zip(&captured.sizes) {
            node.cache_size = format!("{} MB", size.div_ceil(1 << 20).max(1));
            node.snapshot_create_time = Some(whole_seconds(now));
        }
        Ok(Kept {
            birth: self.ids.number(),
            status: CREATING.to_owned(),
            listed_from: now,
            exporting_from: now,
            ending: ending(faults, captured.failure),
            detail: Detail::Node(Box::new(shape)),
            tags: BTreeMap::new(),
            contents: captured.contents,
            quota_keys: source.quota_keys,
            occupies: source.occupies,
        })
    }

    /// Stores what every shard's content source gives.
    pub(crate) fn capture_contents(&mut self, sources: &[(String, String)]) -> Result<Captured, AwsError> {
        let mut captured = Captured {
            contents: BTreeMap::new(),
            sizes: Vec::new(),
            failure: None,
        };
        for (shard, content) in sources {
            match self.contents.read(content) {
                Ok(bytes) => {
                    captured.sizes.push(bytes.len() as u64);
                    captured
                        .contents
                        .insert(shard.clone(), self.store("snapshots", &bytes)?);
                }
                Err(reason) => captured.failure = Some(reason),
            }
        }
        Ok(captured)
    }

    fn begin_snapshot(
        &mut self,
        name: String,
        mut kept: Kept,
        faults: &[SnapshotFault],
        now: Timestamp,
    ) -> Snapshot {
        kept.listed_from = now + self.config.timings.listing_lag;
        let due = now + duration(faults).unwrap_or(self.config.timings.snapshot);
        let id = SnapshotRef {
            family: Family::Node,
            name: name.clone(),
            birth: kept.birth,
        };
        self.elasticache.set_snapshotting(&kept.occupies, true);
        self.elasticache.start(due, Work::Finish(id));
        let answer = shown(&kept, now, false);
        self.elasticache.snapshots.insert(name, kept);
        answer
    }

    /// `DeleteSnapshot`: only of one that is `available` or `failed`.
    pub fn delete_snapshot(&mut self, snapshot_name: &str, now: Timestamp) -> Result<Snapshot, CallError> {
        let call = Call {
            operation: Operation::DeleteSnapshot,
            argument: snapshot_name,
            now,
        };
        self.call(&call, |world| {
            let name = snapshot_name.to_ascii_lowercase();
            let due = now + world.config.timings.delete;
            let kept = world
                .elasticache
                .snapshots
                .get_mut(&name)
                .ok_or_else(|| not_found(&name))?;
            if !["available", FAILED].contains(&kept.status.as_str()) {
                return Err(invalid_state(&name, &kept.status));
            }
            DELETING.clone_into(&mut kept.status);
            let id = SnapshotRef {
                family: Family::Node,
                name,
                birth: kept.birth,
            };
            let answer = shown(kept, now, false);
            world.elasticache.start(due, Work::Remove(id));
            Ok(answer)
        })
    }

    /// Makes an automatic snapshot, complete at `at`, under the name that the service gives it; returns the name.
    ///
    /// `id` is a node of a group with cluster mode disabled, a group with it enabled, or a stand-alone cluster.
    pub fn put_automatic_snapshot(&mut self, id: &str, at: Timestamp) -> Result<String, AwsError> {
        let by_group = self.elasticache.groups.contains_key(id).then(|| id.to_owned());
        let by_node = by_group.is_none().then(|| id.to_owned());
        let source = self.snapshot_source(&CreateSnapshotRequest {
            replication_group_id: by_group,
            cache_cluster_id: by_node,
            ..CreateSnapshotRequest::default()
        })?;
        let name = format!("{AUTOMATIC_PREFIX}{id}-{}", at.strftime("%Y-%m-%d-%H-%M"));
        let mut kept = self.capture(&name, source, &[], at)?;
        kept.occupies.clear();
        kept.ending.status().clone_into(&mut kept.status);
        if let Detail::Node(shape) = &mut kept.detail {
            "automated".clone_into(&mut shape.snapshot_source);
        }
        self.elasticache.snapshots.insert(name.clone(), kept);
        Ok(name)
    }
}

/// What was stored of a cache's shards.
pub(crate) struct Captured {
    /// The RDB of each shard.
    pub(crate) contents: BTreeMap<String, BlobId>,
    /// Their sizes in bytes, in the order of the shards.
    pub(crate) sizes: Vec<u64>,
    /// Why a shard could not be read.
    pub(crate) failure: Option<String>,
}

/// How long the creation takes, if a fault says so.
pub(crate) fn duration(faults: &[SnapshotFault]) -> Option<SignedDuration> {
    faults.iter().find_map(|fault| {
        if let SnapshotFault::Takes(time) = fault {
            Some(*time)
        } else {
            None
        }
    })
}

/// How the creation ends.
pub(crate) fn ending(faults: &[SnapshotFault], failure: Option<String>) -> Ending {
    if let Some(reason) = failure {
        return Ending::Failed(reason);
    }
    let by_fault = faults.iter().find_map(|fault| match fault {
        SnapshotFault::Fails => Some(Ending::Failed("internal failure".to_owned())),
        SnapshotFault::Vanishes => Some(Ending::Gone),
        SnapshotFault::Reads(status) => Some(Ending::Status(status.clone())),
        SnapshotFault::Takes(_) => None,
    });
    by_fault.unwrap_or_else(|| Ending::Status("available".to_owned()))
}

/// A snapshot as describes show it: what is not known before its end is missing while it is created.
pub(crate) fn shown(kept: &Kept, now: Timestamp, stale: bool) -> Snapshot {
    let Detail::Node(shape) = &kept.detail else {
        return Snapshot::default();
    };
    let mut shape = Snapshot::clone(shape);
    kept.shown_status(now, stale)
        .clone_into(&mut shape.snapshot_status);
    if [CREATING, FAILED].contains(&kept.status.as_str()) {
        let sharded = shape.replication_group_id.is_some();
        for node in &mut shape.node_snapshots {
            node.cache_size.clear();
            node.snapshot_create_time = None;
            if sharded {
                (
                    node.cache_cluster_id,
                    node.cache_node_id,
                    node.cache_node_create_time,
                ) = (None, None, None);
            }
        }
    }
    shape
}

pub(crate) fn already_exists(name: &str) -> AwsError {
    AwsError::bad_request(
        "SnapshotAlreadyExistsFault",
        format!("Snapshot with specified name already exists: {name}"),
    )
}

pub(crate) fn not_found(name: &str) -> AwsError {
    AwsError::not_found("SnapshotNotFoundFault", format!("Snapshot not found: {name}"))
}

pub(crate) fn invalid_state(name: &str, status: &str) -> AwsError {
    let text =
        format!("The current state of the snapshot {name} ({status}) does not allow the requested action.");
    AwsError::bad_request("InvalidSnapshotState", text)
}

/// The text of the troubleshooting page.
pub(crate) fn quota_exceeded() -> AwsError {
    let text = "The maximum number of manual snapshots for this node taken within 24 hours has been reached";
    AwsError::bad_request("SnapshotQuotaExceededFault", text)
}
