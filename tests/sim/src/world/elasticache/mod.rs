//! `ElastiCache`: caches, node-based and serverless snapshots, exports to S3, tags, events.

mod assumptions;
mod caches;
mod copy;
mod describe;
mod events;
mod export;
mod jobs;
mod listing;
pub mod names;
mod paging;
mod quota;
mod serverless;
pub mod shapes;
mod snapshots;
mod source;
mod tags;

pub use assumptions::{
    Assumptions, ExportAnswer, ExportChecksum, NameCheck, QuotaCounts, SourceKeys, TargetCase, Timings,
    UnknownName,
};
pub use caches::{ClusterMode, Group, Node, Profile, Role, Serverless, Shard, StandAlone};
pub use serverless::serverless_export_key;

use crate::trace::SnapshotView;
use crate::world::World;
use crate::world::elasticache::events::EventLog;
use crate::world::elasticache::jobs::{Job, Kept, Work};
use crate::world::elasticache::quota::Quotas;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All of `ElastiCache`'s state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ElastiCache {
    groups: BTreeMap<String, Group>,
    clusters: BTreeMap<String, StandAlone>,
    serverless: BTreeMap<String, Serverless>,
    /// Node-based snapshots by name.
    snapshots: BTreeMap<String, Kept>,
    /// Serverless snapshots by name: a namespace of their own.
    serverless_snapshots: BTreeMap<String, Kept>,
    jobs: Vec<Job>,
    quotas: Quotas,
    events: EventLog,
}

impl World {
    /// Puts a replication group into the world, or replaces the one of that id.
    pub fn put_group(&mut self, group: Group) {
        self.elasticache.groups.insert(group.id.clone(), group);
    }

    /// Puts a stand-alone cluster into the world, or replaces the one of that id.
    pub fn put_cluster(&mut self, cluster: StandAlone) {
        self.elasticache.clusters.insert(cluster.id.clone(), cluster);
    }

    /// Puts a serverless cache into the world, or replaces the one of that name.
    pub fn put_serverless(&mut self, cache: Serverless) {
        self.elasticache.serverless.insert(cache.name.clone(), cache);
    }

    /// A replication group, to look at or to change: its status, a node's status, roles, tags.
    pub fn group_mut(&mut self, id: &str) -> Option<&mut Group> {
        self.elasticache.groups.get_mut(id)
    }

    /// A stand-alone cluster, to look at or to change.
    pub fn cluster_mut(&mut self, id: &str) -> Option<&mut StandAlone> {
        self.elasticache.clusters.get_mut(id)
    }

    /// A serverless cache, to look at or to change.
    pub fn serverless_mut(&mut self, name: &str) -> Option<&mut Serverless> {
        self.elasticache.serverless.get_mut(name)
    }

    /// Removes a cache of any kind; its automatic snapshots go with it, manual ones stay.
    pub fn remove_cache(&mut self, id: &str) {
        let state = &mut self.elasticache;
        let members: Vec<String> = state
            .groups
            .remove(id)
            .iter()
            .flat_map(Group::nodes)
            .map(|node| node.cluster_id.clone())
            .collect();
        state.clusters.remove(id);
        state.serverless.remove(id);
        let gone = |kept: &Kept| {
            kept.is_automatic() && kept.is_of(|source| source == id || members.iter().any(|m| m == source))
        };
        state.snapshots.retain(|_, kept| !gone(kept));
        state.serverless_snapshots.retain(|_, kept| !gone(kept));
    }

    /// Sets a node-based snapshot's status by force, for states that no operation leads to; `false` if there is none.
    pub fn force_snapshot_status(&mut self, name: &str, status: &str) -> bool {
        let kept = self.elasticache.snapshots.get_mut(name);
        kept.map(|kept| status.clone_into(&mut kept.status)).is_some()
    }

    /// Every snapshot as it is at `now`, whatever describes show.
    pub(crate) fn snapshot_views(&self) -> Vec<SnapshotView> {
        let state = &self.elasticache;
        let all = state.snapshots.iter().chain(&state.serverless_snapshots);
        all.map(|(name, kept)| kept.view(name, &*self.blobs)).collect()
    }

    /// Names of all snapshots, node-based first, each with its status.
    pub fn snapshot_statuses(&self) -> Vec<(String, String)> {
        let state = &self.elasticache;
        let all = state.snapshots.iter().chain(&state.serverless_snapshots);
        all.map(|(name, kept)| (name.clone(), kept.status.clone()))
            .collect()
    }
}

impl ElastiCache {
    /// When the next job is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.jobs.iter().map(|job| job.due).min()
    }

    /// Takes the earliest job that is due, in the order in which jobs were started.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Work)> {
        let due = self.jobs.iter().enumerate().filter(|(_, job)| job.due <= now);
        let (index, _) = due.min_by_key(|(index, job)| (job.due, *index))?;
        let job = self.jobs.remove(index);
        Some((job.due, job.work))
    }
}
