//! Finding snapshots: one by name, or all of a cache.

use super::timestamp;
use crate::Aws;
use crate::failure::{call_error, incomplete};
use crate::pages::{Page, all_pages};
use aws_sdk_elasticache::types::{
    DataTieringStatus, NodeSnapshot, ServerlessCacheSnapshot, Snapshot as SdkSnapshot,
};
use backup_core::ports::{CallError, DescribeSnapshot, ListSnapshots, Operation, SnapshotOrigin};
use backup_core::snapshot::{NodeGroup, Snapshot, SnapshotStatus};
use backup_core::{CacheKind, CacheRef, CallErrorKind, SnapshotName};

const NODE_BASED: Operation = "DescribeSnapshots";
const SERVERLESS: Operation = "DescribeServerlessCacheSnapshots";

/// What one listing of node-based snapshots is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
struct Filter<'a> {
    replication_group_id: Option<&'a str>,
    cache_cluster_id: Option<&'a str>,
    snapshot_name: Option<&'a str>,
    source: Option<&'static str>,
}

impl DescribeSnapshot for Aws {
    async fn describe_snapshot(
        &self,
        kind: CacheKind,
        name: &SnapshotName,
    ) -> Result<Option<Snapshot>, CallError> {
        let name = Some(name.as_str());
        let found = if kind == CacheKind::ServerlessCache {
            self.serverless(None, name).await
        } else {
            let filter = Filter {
                snapshot_name: name,
                ..Filter::default()
            };
            self.node_based(filter).await
        };
        match found {
            Ok(snapshots) => Ok(snapshots.into_iter().next()),
            Err(error) if error.kind == CallErrorKind::SnapshotNotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl ListSnapshots for Aws {
    async fn list_snapshots(
        &self,
        cache: &CacheRef,
        members: &[String],
        origin: SnapshotOrigin,
    ) -> Result<Vec<Snapshot>, CallError> {
        // The filter's words are `user` and `system`, the answer's `manual` and `automated` (API_DescribeSnapshots).
        let source = Some(match origin {
            SnapshotOrigin::Manual => "user",
            SnapshotOrigin::Automatic => "system",
        });
        let id = Some(cache.id.as_str());
        match cache.kind {
            CacheKind::ServerlessCache => {
                // Which words its filter `SnapshotType` takes is not documented, so the answer is sorted instead.
                let mut all = listed(self.serverless(id, None).await)?;
                all.retain(|snapshot| snapshot.automatic == (origin == SnapshotOrigin::Automatic));
                Ok(all)
            }
            CacheKind::CacheCluster => {
                let filter = Filter {
                    cache_cluster_id: id,
                    source,
                    ..Filter::default()
                };
                listed(self.node_based(filter).await)
            }
            CacheKind::ReplicationGroup => {
                let filter = Filter {
                    replication_group_id: id,
                    source,
                    ..Filter::default()
                };
                let mut all = listed(self.node_based(filter).await)?;
                for member in members {
                    let filter = Filter {
                        cache_cluster_id: Some(member),
                        source,
                        ..Filter::default()
                    };
                    all.extend(of_member(self.node_based(filter).await)?);
                }
                // A snapshot may be filed under the group and under its node: each name counts once.
                all.sort_by(|a, b| a.name.cmp(&b.name));
                all.dedup_by(|a, b| a.name == b.name);
                Ok(all)
            }
        }
    }
}

/// The snapshots of one node of a group. A node that is gone has none where ElastiCache does not know it any more; what
/// its listing answers then is not documented.
fn of_member(answer: Result<Vec<Snapshot>, CallError>) -> Result<Vec<Snapshot>, CallError> {
    match listed(answer) {
        Err(error) if error.kind == CallErrorKind::CacheNotFound => Ok(Vec::new()),
        other => other,
    }
}

/// A listing that finds nothing is empty, however that is told: both answers are in the model of either operation
/// (`API_DescribeSnapshots`, `API_DescribeServerlessCacheSnapshots`), and which one comes is not documented.
fn listed(answer: Result<Vec<Snapshot>, CallError>) -> Result<Vec<Snapshot>, CallError> {
    match answer {
        Err(error) if error.kind == CallErrorKind::SnapshotNotFound => Ok(Vec::new()),
        other => other,
    }
}

impl Aws {
    async fn node_based(&self, filter: Filter<'_>) -> Result<Vec<Snapshot>, CallError> {
        let fetch = async |marker: Option<String>| -> Result<Page<Snapshot>, CallError> {
            let request = self
                .elasticache()
                .describe_snapshots()
                .set_replication_group_id(filter.replication_group_id.map(str::to_owned))
                .set_cache_cluster_id(filter.cache_cluster_id.map(str::to_owned))
                .set_snapshot_name(filter.snapshot_name.map(str::to_owned))
                .set_snapshot_source(filter.source.map(str::to_owned))
                .show_node_group_config(true)
                .set_marker(marker);
            let answer = request.send().await;
            let answer = answer.map_err(|error| call_error(NODE_BASED, &error))?;
            let snapshots = answer.snapshots.unwrap_or_default().into_iter();
            Ok((
                snapshots.map(of_node_based).collect::<Result<_, _>>()?,
                answer.marker,
            ))
        };
        all_pages(NODE_BASED, fetch).await
    }

    async fn serverless(&self, cache: Option<&str>, name: Option<&str>) -> Result<Vec<Snapshot>, CallError> {
        let fetch = async |token: Option<String>| -> Result<Page<Snapshot>, CallError> {
            let request = self
                .elasticache()
                .describe_serverless_cache_snapshots()
                .set_serverless_cache_name(cache.map(str::to_owned))
                .set_serverless_cache_snapshot_name(name.map(str::to_owned))
                .set_next_token(token);
            let answer = request.send().await;
            let answer = answer.map_err(|error| call_error(SERVERLESS, &error))?;
            let snapshots = answer.serverless_cache_snapshots.unwrap_or_default().into_iter();
            Ok((
                snapshots.map(of_serverless).collect::<Result<_, _>>()?,
                answer.next_token,
            ))
        };
        all_pages(SERVERLESS, fetch).await
    }
}

fn of_node_based(snapshot: SdkSnapshot) -> Result<Snapshot, CallError> {
    let name = snapshot
        .snapshot_name
        .ok_or_else(|| incomplete(NODE_BASED, "snapshot name"))?;
    let status = snapshot
        .snapshot_status
        .ok_or_else(|| incomplete(NODE_BASED, "snapshot status"))?;
    let nodes = snapshot.node_snapshots.unwrap_or_default();
    Ok(Snapshot {
        name: SnapshotName::from_service(&name),
        arn: snapshot.arn,
        status: SnapshotStatus::parse(&status),
        automatic: is_automatic(snapshot.snapshot_source.as_deref()),
        replication_group_id: snapshot.replication_group_id,
        cache_cluster_id: snapshot.cache_cluster_id,
        serverless_cache_name: None,
        create_time: nodes
            .iter()
            .filter_map(|node| timestamp(node.snapshot_create_time.as_ref()?))
            .max(),
        engine: snapshot.engine,
        engine_version: snapshot.engine_version,
        node_type: snapshot.cache_node_type,
        parameter_group: snapshot.cache_parameter_group_name,
        kms_key_id: snapshot.kms_key_id,
        data_tiering: snapshot.data_tiering == Some(DataTieringStatus::Enabled),
        node_groups: nodes.into_iter().map(node_group).collect(),
    })
}

fn node_group(node: NodeSnapshot) -> NodeGroup {
    let configuration = node.node_group_configuration;
    let configured = configuration
        .as_ref()
        .and_then(|group| group.node_group_id.clone());
    NodeGroup {
        // With cluster mode disabled ElastiCache gives no node group, and exports its only shard as `0001`.
        id: node
            .node_group_id
            .or(configured)
            .unwrap_or_else(|| "0001".to_owned()),
        slots: configuration
            .and_then(|group| group.slots)
            .filter(|slots| !slots.is_empty()),
    }
}

fn of_serverless(snapshot: ServerlessCacheSnapshot) -> Result<Snapshot, CallError> {
    let name = snapshot
        .serverless_cache_snapshot_name
        .ok_or_else(|| incomplete(SERVERLESS, "snapshot name"))?;
    let status = snapshot
        .status
        .ok_or_else(|| incomplete(SERVERLESS, "snapshot status"))?;
    let cache = snapshot.serverless_cache_configuration;
    let cache = cache.map(|cache| {
        (
            cache.serverless_cache_name,
            cache.engine,
            cache.major_engine_version,
        )
    });
    let (serverless_cache_name, engine, engine_version) = cache.unwrap_or_default();
    Ok(Snapshot {
        name: SnapshotName::from_service(&name),
        arn: snapshot.arn,
        status: SnapshotStatus::parse(&status),
        automatic: is_automatic(snapshot.snapshot_type.as_deref()),
        replication_group_id: None,
        cache_cluster_id: None,
        serverless_cache_name,
        create_time: snapshot.create_time.as_ref().and_then(timestamp),
        engine,
        engine_version,
        node_type: None,
        parameter_group: None,
        kms_key_id: snapshot.kms_key_id,
        data_tiering: false,
        node_groups: Vec::new(),
    })
}

/// Anything but `manual` counts as ElastiCache's own: what we are not sure to have made is never deleted.
fn is_automatic(source: Option<&str>) -> bool {
    !source.is_some_and(|source| source.eq_ignore_ascii_case("manual"))
}
