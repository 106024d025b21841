//! What takes time: snapshots, copies, exports and deletions under way, and how each ends.

use crate::trace::SnapshotView;
use crate::world::blobs::{BlobId, BlobStore};
use crate::world::elasticache::ElastiCache;
use crate::world::elasticache::caches::{AVAILABLE, SNAPSHOTTING};
use crate::world::elasticache::export::Export;
use crate::world::elasticache::shapes::{ServerlessCacheSnapshot, Snapshot};
use crate::world::s3::read_all;
use crate::world::{Tags, World};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A job and when it is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) due: Timestamp,
    pub(crate) work: Work,
}

/// What happens when a job is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Work {
    /// A snapshot or copy is complete.
    Finish(SnapshotRef),
    /// The objects of an export appear.
    Write(SnapshotRef, Export),
    /// A snapshot that was busy is available again.
    Release(SnapshotRef),
    /// A deleted snapshot is no longer listed.
    Remove(SnapshotRef),
}

/// The two namespaces of snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Family {
    Node,
    Serverless,
}

/// A snapshot as a job knows it: one that was deleted and made anew under the same name is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SnapshotRef {
    pub(crate) family: Family,
    pub(crate) name: String,
    pub(crate) birth: u64,
}

/// What describes answer for a snapshot, as it reads once available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Detail {
    Node(Box<Snapshot>),
    Serverless(Box<ServerlessCacheSnapshot>),
}

/// How a snapshot's creation ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ending {
    /// With this status, normally `available`.
    Status(String),
    /// As `failed`, for the reason that the event gives.
    Failed(String),
    /// Without a snapshot.
    Gone,
}

impl Ending {
    /// The status at the end.
    pub(crate) fn status(&self) -> &str {
        match self {
            Self::Status(status) => status,
            Self::Failed(_) => FAILED,
            Self::Gone => DELETING,
        }
    }
}

/// A snapshot as the service keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) birth: u64,
    pub(crate) status: String,
    /// Until then describes hide it.
    pub(crate) listed_from: Timestamp,
    /// Until then an export is not to be seen in the status.
    pub(crate) exporting_from: Timestamp,
    pub(crate) ending: Ending,
    pub(crate) detail: Detail,
    pub(crate) tags: Tags,
    /// The RDB of each shard, under the id that names its object.
    pub(crate) contents: BTreeMap<String, BlobId>,
    /// The nodes whose quota its copies and exports count against.
    pub(crate) quota_keys: Vec<String>,
    /// Caches that are `snapshotting` until it is complete.
    pub(crate) occupies: Vec<String>,
}

impl Kept {
    pub(crate) fn is_automatic(&self) -> bool {
        match &self.detail {
            Detail::Node(shape) => shape.snapshot_source == "automated",
            Detail::Serverless(shape) => shape.snapshot_type == "automated",
        }
    }

    /// Whether it was taken of a cache or node whose id passes the test.
    pub(crate) fn is_of(&self, test: impl Fn(&str) -> bool) -> bool {
        match &self.detail {
            Detail::Node(shape) => {
                let ids = [
                    shape.cache_cluster_id.as_deref(),
                    shape.replication_group_id.as_deref(),
                ];
                ids.into_iter().flatten().any(test)
            }
            Detail::Serverless(shape) => test(&shape.serverless_cache_configuration.serverless_cache_name),
        }
    }

    /// All that is known of it.
    pub(crate) fn view(&self, name: &str, blobs: &dyn BlobStore) -> SnapshotView {
        let (serverless, sources) = match &self.detail {
            Detail::Node(shape) => {
                let ids = [&shape.cache_cluster_id, &shape.replication_group_id];
                (false, ids.into_iter().flatten().cloned().collect())
            }
            Detail::Serverless(shape) => {
                let cache = &shape.serverless_cache_configuration.serverless_cache_name;
                (true, vec![cache.clone()])
            }
        };
        let shards = self.contents.iter().filter_map(|(shard, blob)| {
            let bytes = read_all(&*blobs.open(blob).ok()?).ok()?;
            Some((shard.clone(), Arc::from(bytes)))
        });
        SnapshotView {
            name: name.to_owned(),
            serverless,
            birth: self.birth,
            status: self.status.clone(),
            automatic: self.is_automatic(),
            sources,
            tags: self.tags.clone(),
            shards: shards.collect(),
        }
    }

    /// The status as describes show it at `now`.
    pub(crate) fn shown_status(&self, now: Timestamp, stale: bool) -> &str {
        let unseen = self.status == EXPORTING && (stale || now < self.exporting_from);
        if unseen { AVAILABLE } else { &self.status }
    }

    /// Whether describes show it at `now`.
    pub(crate) fn is_listed(&self, now: Timestamp, stale: bool) -> bool {
        now >= self.listed_from && !(stale && self.status == CREATING)
    }
}

/// Status while data are being stored.
pub(crate) const CREATING: &str = "creating";
/// Status of the source of an export: in no model, seen in production.
pub(crate) const EXPORTING: &str = "exporting";
/// Status of the source of an in-service copy.
pub(crate) const COPYING: &str = "copying";
/// Status until a deleted snapshot disappears.
pub(crate) const DELETING: &str = "deleting";
/// Status of a creation that failed; such a snapshot stays listed.
pub(crate) const FAILED: &str = "failed";

impl ElastiCache {
    pub(crate) fn shelf(&mut self, family: Family) -> &mut BTreeMap<String, Kept> {
        match family {
            Family::Node => &mut self.snapshots,
            Family::Serverless => &mut self.serverless_snapshots,
        }
    }

    /// The snapshot that a job is about, if it is still there.
    pub(crate) fn kept(&mut self, id: &SnapshotRef) -> Option<&mut Kept> {
        self.shelf(id.family)
            .get_mut(&id.name)
            .filter(|kept| kept.birth == id.birth)
    }

    pub(crate) fn start(&mut self, due: Timestamp, work: Work) {
        self.jobs.push(Job { due, work });
    }

    /// Flips caches between `available` and `snapshotting`.
    pub(crate) fn set_snapshotting(&mut self, ids: &[String], snapshotting: bool) {
        let (from, to) = if snapshotting {
            (AVAILABLE, SNAPSHOTTING)
        } else {
            (SNAPSHOTTING, AVAILABLE)
        };
        let flip = |id: &str, status: &mut String| {
            if status == from && ids.iter().any(|wanted| wanted == id) {
                to.clone_into(status);
            }
        };
        for group in self.groups.values_mut() {
            flip(&group.id, &mut group.status);
            group
                .nodes_mut()
                .for_each(|node| flip(&node.cluster_id, &mut node.status));
        }
        for cluster in self.clusters.values_mut() {
            flip(&cluster.id, &mut cluster.status);
        }
    }
}

impl World {
    /// Lets a job end at its due time.
    pub(crate) fn settle(&mut self, work: Work, due: Timestamp) {
        match work {
            Work::Finish(id) => self.finish(&id, due),
            Work::Write(id, export) => self.write_export(&id, &export, due),
            Work::Release(id) => {
                if let Some(kept) = self.elasticache.kept(&id) {
                    AVAILABLE.clone_into(&mut kept.status);
                }
            }
            Work::Remove(id) => self.remove(&id),
        }
    }

    fn finish(&mut self, id: &SnapshotRef, due: Timestamp) {
        let Some(kept) = self.elasticache.kept(id) else {
            return;
        };
        let occupied = std::mem::take(&mut kept.occupies);
        let ending = kept.ending.clone();
        ending.status().clone_into(&mut kept.status);
        let detail = kept.detail.clone();
        self.elasticache.set_snapshotting(&occupied, false);
        self.elasticache.events.snapshot_ended(&detail, &ending, due);
        if ending == Ending::Gone {
            self.remove(id);
        }
    }

    fn remove(&mut self, id: &SnapshotRef) {
        if self.elasticache.kept(id).is_none() {
            return;
        }
        let kept = self.elasticache.shelf(id.family).remove(&id.name);
        for blob in kept.iter().flat_map(|kept| kept.contents.values()) {
            // A blob that cannot be removed costs space and harms nothing: no operation reaches it any more.
            let _ = self.blobs.delete(blob);
        }
    }
}
