//! `ElastiCache`, node-based and serverless.

use super::Ports;
use crate::world::elasticache::shapes::{
    CopySnapshotRequest, CreateServerlessCacheSnapshotRequest, CreateSnapshotRequest,
    DescribeCacheClustersRequest, DescribeReplicationGroupsRequest, DescribeServerlessCachesRequest,
    ExportServerlessCacheSnapshotRequest, ReplicationGroup, Tag as TagShape,
};
use backup_core::ports::{
    Cache, CreateSnapshot, CreateSnapshotParams, DeleteSnapshot, DescribeCache, ExportSnapshot,
    ExportSnapshotParams, ListTags, Member, SnapshotSource,
};
use backup_core::run::Tag;
use backup_core::{CacheKind, CacheRef, CallError, CallErrorKind, SnapshotName};

/// The fault that says there is no such thing, as absence; any other stays an error, as `backup-aws` has it.
pub(super) fn absent<T>(
    fault: CallErrorKind,
    result: Result<Option<T>, CallError>,
) -> Result<Option<T>, CallError> {
    match result {
        Err(error) if error.kind == fault => Ok(None),
        other => other,
    }
}

pub(super) fn enabled(text: &str) -> bool {
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
        absent(CallErrorKind::CacheNotFound, found)
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
        absent(CallErrorKind::CacheNotFound, status)
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
