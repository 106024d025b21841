//! `ElastiCache`, node-based and serverless.

use super::Ports;
use crate::world::elasticache::shapes::{
    CopySnapshotRequest, CreateServerlessCacheSnapshotRequest, CreateSnapshotRequest,
    DescribeCacheClustersRequest, DescribeReplicationGroupsRequest, DescribeServerlessCacheSnapshotsRequest,
    DescribeServerlessCachesRequest, DescribeSnapshotsRequest, ExportServerlessCacheSnapshotRequest,
    ReplicationGroup, ServerlessCacheSnapshot as ServerlessShape, Snapshot as SnapshotShape, Tag as TagShape,
};
use backup_core::ports::{
    Cache, CreateSnapshot, CreateSnapshotParams, DeleteSnapshot, DescribeCache, DescribeSnapshot,
    ExportSnapshot, ExportSnapshotParams, ListSnapshots, ListTags, Member, SnapshotOrigin, SnapshotSource,
};
use backup_core::run::Tag;
use backup_core::snapshot::{NodeGroup, Snapshot, SnapshotStatus};
use backup_core::{CacheKind, CacheRef, CallError, CallErrorKind, SnapshotName};

/// A not-found fault as absence.
fn absent<T>(result: Result<Option<T>, CallError>) -> Result<Option<T>, CallError> {
    match result {
        Err(error)
            if matches!(
                error.kind,
                CallErrorKind::CacheNotFound | CallErrorKind::SnapshotNotFound
            ) =>
        {
            Ok(None)
        }
        other => other,
    }
}

fn enabled(text: &str) -> bool {
    text == "enabled"
}

fn group(shape: ReplicationGroup) -> Cache {
    let cluster_mode = shape.cluster_enabled;
    let members = shape
        .node_groups
        .into_iter()
        .flat_map(|shard| shard.node_group_members)
        .map(|member| Member {
            cache_cluster_id: member.cache_cluster_id,
            role: member.current_role,
            zone: Some(member.preferred_availability_zone),
        });
    Cache {
        arn: Some(shape.arn),
        status: shape.status.to_ascii_lowercase(),
        engine: Some(shape.engine),
        cluster_mode,
        data_tiering: enabled(&shape.data_tiering),
        kms_key_id: shape.kms_key_id,
        replication_group_id: None,
        members: if cluster_mode {
            Vec::new()
        } else {
            members.collect()
        },
    }
}

fn plain(arn: String, status: &str, engine: String) -> Cache {
    Cache {
        arn: Some(arn),
        status: status.to_ascii_lowercase(),
        engine: Some(engine),
        cluster_mode: false,
        data_tiering: false,
        kms_key_id: None,
        replication_group_id: None,
        members: Vec::new(),
    }
}

impl DescribeCache for Ports {
    async fn describe_cache(&self, cache: &CacheRef) -> Result<Option<Cache>, CallError> {
        let (name, id) = (cache.id.as_str(), Some(cache.id.to_string()));
        let found = match cache.kind {
            CacheKind::ReplicationGroup => {
                let request = DescribeReplicationGroupsRequest {
                    replication_group_id: id,
                    ..Default::default()
                };
                let answer = self
                    .ask("DescribeReplicationGroups", name, |world, now| {
                        world.describe_replication_groups(&request, now)
                    })
                    .await;
                answer.map(|a| a.replication_groups.into_iter().next().map(group))
            }
            CacheKind::CacheCluster => {
                let request = DescribeCacheClustersRequest {
                    cache_cluster_id: id,
                    ..Default::default()
                };
                let answer = self
                    .ask("DescribeCacheClusters", name, |world, now| {
                        world.describe_cache_clusters(&request, now)
                    })
                    .await;
                answer.map(|a| {
                    a.cache_clusters.into_iter().next().map(|node| Cache {
                        replication_group_id: node.replication_group_id,
                        ..plain(node.arn, &node.cache_cluster_status, node.engine)
                    })
                })
            }
            CacheKind::ServerlessCache => {
                let request = DescribeServerlessCachesRequest {
                    serverless_cache_name: id,
                    ..Default::default()
                };
                let answer = self
                    .ask("DescribeServerlessCaches", name, |world, now| {
                        world.describe_serverless_caches(&request, now)
                    })
                    .await;
                answer.map(|a| {
                    a.serverless_caches.into_iter().next().map(|cache| Cache {
                        kms_key_id: cache.kms_key_id,
                        ..plain(cache.arn, &cache.status, cache.engine)
                    })
                })
            }
        };
        absent(found)
    }

    async fn node_status(&self, cache_cluster_id: &str) -> Result<Option<String>, CallError> {
        let request = DescribeCacheClustersRequest {
            cache_cluster_id: Some(cache_cluster_id.to_owned()),
            ..Default::default()
        };
        let answer = self
            .ask("DescribeCacheClusters", cache_cluster_id, |world, now| {
                world.describe_cache_clusters(&request, now)
            })
            .await;
        let status = answer.map(|a| {
            a.cache_clusters
                .into_iter()
                .next()
                .map(|n| n.cache_cluster_status.to_lowercase())
        });
        absent(status)
    }
}

impl ListTags for Ports {
    async fn list_tags(&self, arn: &str) -> Result<Vec<Tag>, CallError> {
        let tags = self
            .ask("ListTagsForResource", arn, |world, now| {
                world.list_tags_for_resource(arn, now)
            })
            .await?;
        Ok(tags.into_iter().map(|tag| Tag::new(tag.key, tag.value)).collect())
    }
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
        absent(found)
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
        let snapshot_type = if origin == SnapshotOrigin::Manual {
            "manual"
        } else {
            "automated"
        };
        let mut request = DescribeServerlessCacheSnapshotsRequest {
            serverless_cache_name: Some(cache.to_owned()),
            snapshot_type: Some(snapshot_type.to_owned()),
            ..Default::default()
        };
        let mut all = Vec::new();
        loop {
            let page = self
                .ask("DescribeServerlessCacheSnapshots", cache, |world, now| {
                    world.describe_serverless_cache_snapshots(&request, now)
                })
                .await?;
            all.extend(page.serverless_cache_snapshots.into_iter().map(serverless));
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
            return self.serverless_pages(cache.id.as_str(), origin).await;
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
            let new = absent(self.node_based_pages(&request).await.map(Some))?.unwrap_or_default();
            all.extend(
                new.into_iter()
                    .filter(|s| !all.iter().any(|known| known.name == s.name))
                    .collect::<Vec<_>>(),
            );
        }
        Ok(all)
    }
}

fn tags(tags: &[Tag]) -> Vec<TagShape> {
    tags.iter()
        .map(|tag| TagShape {
            key: tag.key.clone(),
            value: tag.value.clone(),
        })
        .collect()
}

impl CreateSnapshot for Ports {
    async fn create_snapshot(&self, params: &CreateSnapshotParams) -> Result<(), CallError> {
        let (name, tags) = (params.name.to_string(), tags(&params.tags));
        let argument = params.name.as_str();
        let (replication_group_id, cache_cluster_id) = match &params.source {
            SnapshotSource::ReplicationGroup(id) => (Some(id.clone()), None),
            SnapshotSource::CacheCluster(id) => (None, Some(id.clone())),
            SnapshotSource::ServerlessCache(cache) => {
                let request = CreateServerlessCacheSnapshotRequest {
                    serverless_cache_snapshot_name: name,
                    serverless_cache_name: cache.clone(),
                    kms_key_id: None,
                    tags,
                };
                let answer = self.ask("CreateServerlessCacheSnapshot", argument, |world, now| {
                    world.create_serverless_cache_snapshot(&request, now)
                });
                return answer.await.map(drop);
            }
        };
        let request = CreateSnapshotRequest {
            replication_group_id,
            cache_cluster_id,
            snapshot_name: name,
            kms_key_id: None,
            tags,
        };
        self.ask("CreateSnapshot", argument, |world, now| {
            world.create_snapshot(&request, now)
        })
        .await
        .map(drop)
    }
}

impl ExportSnapshot for Ports {
    async fn export_snapshot(&self, params: &ExportSnapshotParams) -> Result<(), CallError> {
        let (snapshot, argument) = (params.snapshot.to_string(), params.snapshot.as_str());
        if params.kind == CacheKind::ServerlessCache {
            let request = ExportServerlessCacheSnapshotRequest {
                serverless_cache_snapshot_name: snapshot,
                s3_bucket_name: self.bucket.clone(),
            };
            let answer = self.ask("ExportServerlessCacheSnapshot", argument, |world, now| {
                world.export_serverless_cache_snapshot(&request, now)
            });
            return answer.await.map(drop);
        }
        let request = CopySnapshotRequest {
            source_snapshot_name: snapshot,
            target_snapshot_name: params.target.clone(),
            target_bucket: Some(self.bucket.clone()),
            ..Default::default()
        };
        self.ask("CopySnapshot", argument, |world, now| {
            world.copy_snapshot(&request, now)
        })
        .await
        .map(drop)
    }
}

impl DeleteSnapshot for Ports {
    async fn delete_snapshot(&self, kind: CacheKind, name: &SnapshotName) -> Result<(), CallError> {
        let name = name.as_str();
        if kind == CacheKind::ServerlessCache {
            let answer = self.ask("DeleteServerlessCacheSnapshot", name, |world, now| {
                world.delete_serverless_cache_snapshot(name, now)
            });
            return answer.await.map(drop);
        }
        self.ask("DeleteSnapshot", name, |world, now| {
            world.delete_snapshot(name, now)
        })
        .await
        .map(drop)
    }
}
