//! `CopySnapshot`: with a bucket an export (see [`super::export`]), without one a copy inside the service.

use crate::world::elasticache::QuotaCounts;
use crate::world::elasticache::jobs::{COPYING, CREATING, Detail, Ending, Family, Kept, SnapshotRef, Work};
use crate::world::elasticache::names::{SNAPSHOT_NAME_MAX, stored_name};
use crate::world::elasticache::quota::PER_NODE;
use crate::world::elasticache::shapes::{CopySnapshotRequest, Snapshot};
use crate::world::elasticache::snapshots::{already_exists, invalid_state, not_found, quota_exceeded, shown};
use crate::world::elasticache::tags::from_request;
use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use crate::world::{Call, World};
use jiff::Timestamp;

impl World {
    /// `CopySnapshot`. The source must be `available`; it reads `copying` or `exporting` until the job ends.
    pub fn copy_snapshot(
        &mut self,
        request: &CopySnapshotRequest,
        now: Timestamp,
    ) -> Result<Snapshot, CallError> {
        let call = Call {
            operation: Operation::CopySnapshot,
            argument: &request.source_snapshot_name,
            now,
        };
        self.call(&call, |world| {
            let source = world.copy_source(&request.source_snapshot_name)?;
            let tags = from_request(&request.tags)?;
            if let Some(bucket) = &request.target_bucket {
                world.export_snapshot(request, bucket, now)
            } else {
                let name = stored_name(
                    "TargetSnapshotName",
                    &request.target_snapshot_name,
                    SNAPSHOT_NAME_MAX,
                )?;
                if world.elasticache.snapshots.contains_key(&name) {
                    return Err(already_exists(&name));
                }
                let mut copy = world.copy_of(&source, &name, now)?;
                if !tags.is_empty() {
                    copy.tags = tags;
                }
                if let (Detail::Node(shape), Some(key)) = (&mut copy.detail, &request.kms_key_id) {
                    shape.kms_key_id = Some(key.clone());
                }
                Ok(world.begin_copy(
                    &request.source_snapshot_name.to_ascii_lowercase(),
                    name,
                    copy,
                    now,
                ))
            }
        })
    }

    /// The source of a copy or an export, which must be available.
    fn copy_source(&self, name: &str) -> Result<Kept, AwsError> {
        let name = name.to_ascii_lowercase();
        let kept = self
            .elasticache
            .snapshots
            .get(&name)
            .ok_or_else(|| not_found(&name))?;
        if kept.status == "available" {
            Ok(kept.clone())
        } else {
            Err(invalid_state(&name, &kept.status))
        }
    }

    /// Counts a job against the nodes of its source, if such jobs count.
    pub(crate) fn count_job(
        &mut self,
        keys: &[String],
        counting: &[QuotaCounts],
        now: Timestamp,
    ) -> Result<(), AwsError> {
        if !counting.contains(&self.config.assumptions.quota_counts) {
            return Ok(());
        }
        if !self.elasticache.quotas.allow(keys, PER_NODE, now) {
            return Err(quota_exceeded());
        }
        self.elasticache.quotas.count(keys, now);
        Ok(())
    }

    fn copy_of(&mut self, source: &Kept, name: &str, now: Timestamp) -> Result<Kept, AwsError> {
        self.count_job(
            &source.quota_keys,
            &[QuotaCounts::CreationsAndCopies, QuotaCounts::Everything],
            now,
        )?;
        let mut copy = Kept {
            birth: self.ids.number(),
            status: CREATING.to_owned(),
            listed_from: now + self.config.timings.listing_lag,
            ending: Ending::Status("available".to_owned()),
            ..source.clone()
        };
        for blob in copy.contents.values_mut() {
            let open = self
                .blobs
                .open(blob)
                .map_err(|error| crate::world::storage_failed(&error))?;
            let bytes = crate::world::s3::read_all(open.as_ref())?;
            *blob = self.store("snapshots", &bytes)?;
        }
        if let Detail::Node(shape) = &mut copy.detail {
            name.clone_into(&mut shape.snapshot_name);
            shape.arn = self.arn("elasticache", &format!("snapshot:{name}"));
            "manual".clone_into(&mut shape.snapshot_source);
        }
        Ok(copy)
    }

    fn begin_copy(&mut self, source: &str, name: String, copy: Kept, now: Timestamp) -> Snapshot {
        let due = now + self.config.timings.copy;
        if let Some(kept) = self.elasticache.snapshots.get_mut(source) {
            COPYING.clone_into(&mut kept.status);
            let id = SnapshotRef {
                family: Family::Node,
                name: source.to_owned(),
                birth: kept.birth,
            };
            self.elasticache.start(due, Work::Release(id));
        }
        let id = SnapshotRef {
            family: Family::Node,
            name: name.clone(),
            birth: copy.birth,
        };
        self.elasticache.start(due, Work::Finish(id));
        let answer = shown(&copy, now, false);
        self.elasticache.snapshots.insert(name, copy);
        answer
    }
}
