//! Finding snapshots, node-based and serverless: one by name, or all of a cache.

use super::Ports;
use super::elasticache::{absent, enabled};
use crate::world::elasticache::shapes::{
    DescribeServerlessCacheSnapshotsRequest, DescribeSnapshotsRequest,
    ServerlessCacheSnapshot as ServerlessShape, Snapshot as SnapshotShape,
};
use backup_core::ports::{DescribeSnapshot, ListSnapshots, SnapshotOrigin};
use backup_core::snapshot::{NodeGroup, Snapshot, SnapshotStatus};
use backup_core::{CacheKind, CacheRef, CallError, CallErrorKind, SnapshotName};

/// A listing that finds nothing is empty, however that is told.
fn listed(result: Result<Vec<Snapshot>, CallError>) -> Result<Vec<Snapshot>, CallError> {
    Ok(absent(CallErrorKind::SnapshotNotFound, result.map(Some))?.unwrap_or_default())
}

fn node_based(shape: SnapshotShape) -> Snapshot {
    let created = shape
        .node_snapshots
        .iter()
        .filter_map(|node| node.snapshot_create_time)
        .max();
    let node_groups = shape.node_snapshots.iter().map(|node| NodeGroup {
        id: node.node_group_id.clone().unwrap_or_else(|| "0001".to_owned()),
        slots: node
            .node_group_configuration
            .as_ref()
            .map(|c| c.slots.clone())
            .filter(|slots| !slots.is_empty()),
    });
    Snapshot {
        name: SnapshotName::from_service(&shape.snapshot_name),
        arn: Some(shape.arn.clone()),
        status: SnapshotStatus::parse(&shape.snapshot_status),
        automatic: shape.snapshot_source == "automated",
        node_groups: node_groups.collect(),
        replication_group_id: shape.replication_group_id,
        cache_cluster_id: shape.cache_cluster_id,
        serverless_cache_name: None,
        create_time: created,
        engine: Some(shape.engine),
        engine_version: Some(shape.engine_version),
        node_type: Some(shape.cache_node_type),
        parameter_group: Some(shape.cache_parameter_group_name),
        kms_key_id: shape.kms_key_id,
        data_tiering: enabled(&shape.data_tiering),
    }
}

fn serverless(shape: ServerlessShape) -> Snapshot {
    Snapshot {
        name: SnapshotName::from_service(&shape.serverless_cache_snapshot_name),
        arn: Some(shape.arn),
        status: SnapshotStatus::parse(&shape.status),
        automatic: shape.snapshot_type == "automated",
        replication_group_id: None,
        cache_cluster_id: None,
        serverless_cache_name: Some(shape.serverless_cache_configuration.serverless_cache_name),
        create_time: shape.create_time,
        engine: Some(shape.serverless_cache_configuration.engine),
        engine_version: Some(shape.serverless_cache_configuration.major_engine_version),
        node_type: None,
        parameter_group: None,
        kms_key_id: shape.kms_key_id,
        data_tiering: false,
        node_groups: Vec::new(),
    }
}

impl DescribeSnapshot for Ports {
    async fn describe_snapshot(
        &self,
        kind: CacheKind,
        name: &SnapshotName,
    ) -> Result<Option<Snapshot>, CallError> {
        let found = if kind == CacheKind::ServerlessCache {
            let request = DescribeServerlessCacheSnapshotsRequest {
                serverless_cache_snapshot_name: Some(name.to_string()),
                ..Default::default()
            };
            let answer = self
                .ask("DescribeServerlessCacheSnapshots", name.as_str(), |world, now| {
                    world.describe_serverless_cache_snapshots(&request, now)
                })
                .await;
            answer.map(|a| a.serverless_cache_snapshots.into_iter().next().map(serverless))
        } else {
            let request = DescribeSnapshotsRequest {
                snapshot_name: Some(name.to_string()),
                show_node_group_config: Some(true),
                ..Default::default()
            };
            let answer = self
                .ask("DescribeSnapshots", name.as_str(), |world, now| {
                    world.describe_snapshots(&request, now)
                })
                .await;
            answer.map(|a| a.snapshots.into_iter().next().map(node_based))
        };
        absent(CallErrorKind::SnapshotNotFound, found)
    }
}

impl Ports {
    async fn node_based_pages(&self, request: &DescribeSnapshotsRequest) -> Result<Vec<Snapshot>, CallError> {
        let (mut request, mut all) = (request.clone(), Vec::new());
        let of = request
            .replication_group_id
            .clone()
            .or_else(|| request.cache_cluster_id.clone());
        let of = of.unwrap_or_default();
        loop {
            let page = self
                .ask("DescribeSnapshots", &of, |world, now| {
                    world.describe_snapshots(&request, now)
                })
                .await?;
            all.extend(page.snapshots.into_iter().map(node_based));
            match page.marker.filter(|marker| !marker.is_empty()) {
                Some(marker) => request.marker = Some(marker),
                None => return Ok(all),
            }
        }
    }

    async fn serverless_pages(
        &self,
        cache: &str,
        origin: SnapshotOrigin,
    ) -> Result<Vec<Snapshot>, CallError> {
        let mut request = DescribeServerlessCacheSnapshotsRequest {
            serverless_cache_name: Some(cache.to_owned()),
            ..Default::default()
        };
        let mut all = Vec::new();
        loop {
            let page = self
                .ask("DescribeServerlessCacheSnapshots", cache, |world, now| {
                    world.describe_serverless_cache_snapshots(&request, now)
                })
                .await?;
            // As `backup-aws` does, because the filter's words are not documented.
            let found = page.serverless_cache_snapshots.into_iter().map(serverless);
            all.extend(found.filter(|snapshot| snapshot.automatic == (origin == SnapshotOrigin::Automatic)));
            match page.next_token.filter(|token| !token.is_empty()) {
                Some(token) => request.next_token = Some(token),
                None => return Ok(all),
            }
        }
    }
}

impl ListSnapshots for Ports {
    async fn list_snapshots(
        &self,
        cache: &CacheRef,
        members: &[String],
        origin: SnapshotOrigin,
    ) -> Result<Vec<Snapshot>, CallError> {
        if cache.kind == CacheKind::ServerlessCache {
            return listed(self.serverless_pages(cache.id.as_str(), origin).await);
        }
        let filter = if origin == SnapshotOrigin::Manual {
            "user"
        } else {
            "system"
        };
        let base = DescribeSnapshotsRequest {
            snapshot_source: Some(filter.to_owned()),
            ..Default::default()
        };
        let id = Some(cache.id.to_string());
        let mut requests = Vec::new();
        if cache.kind == CacheKind::ReplicationGroup {
            requests.push(DescribeSnapshotsRequest {
                replication_group_id: id,
                ..base.clone()
            });
        } else {
            requests.push(DescribeSnapshotsRequest {
                cache_cluster_id: id,
                ..base.clone()
            });
        }
        let of_members = members.iter().cloned().map(Some);
        requests.extend(of_members.map(|id| DescribeSnapshotsRequest {
            cache_cluster_id: id,
            ..base.clone()
        }));
        let mut all: Vec<Snapshot> = Vec::new();
        for request in requests {
            let is_member = cache.kind == CacheKind::ReplicationGroup && request.cache_cluster_id.is_some();
            let new = match listed(self.node_based_pages(&request).await) {
                // A member that is gone has none.
                Err(error) if is_member && error.kind == CallErrorKind::CacheNotFound => Vec::new(),
                found => found?,
            };
            all.extend(
                new.into_iter()
                    .filter(|s| !all.iter().any(|known| known.name == s.name))
                    .collect::<Vec<_>>(),
            );
        }
        Ok(all)
    }
}
