//! What a cache is right now: the three describe calls in one shape.

use crate::Aws;
use crate::failure::{call_error, incomplete};
use aws_sdk_elasticache::types::{CacheCluster, DataTieringStatus, ReplicationGroup, ServerlessCache};
use backup_core::ports::{Cache, CallError, DescribeCache, ListTags, Member, Operation};
use backup_core::run::Tag;
use backup_core::{CacheKind, CacheRef, CallErrorKind};

impl DescribeCache for Aws {
    async fn describe_cache(&self, cache: &CacheRef) -> Result<Option<Cache>, CallError> {
        let id = cache.id.as_str();
        match cache.kind {
            CacheKind::ReplicationGroup => self.replication_group(id).await,
            CacheKind::CacheCluster => self.cache_cluster(id).await?.map(of_cluster).transpose(),
            CacheKind::ServerlessCache => self.serverless_cache(id).await,
        }
    }

    async fn node_status(&self, cache_cluster_id: &str) -> Result<Option<String>, CallError> {
        let node = self.cache_cluster(cache_cluster_id).await?;
        node.map(|node| status("DescribeCacheClusters", node.cache_cluster_status))
            .transpose()
    }
}

impl ListTags for Aws {
    async fn list_tags(&self, arn: &str) -> Result<Vec<Tag>, CallError> {
        let request = self.elasticache().list_tags_for_resource().resource_name(arn);
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("ListTagsForResource", &error))?;
        let tags = answer.tag_list.unwrap_or_default().into_iter();
        Ok(tags
            .filter_map(|tag| {
                Some(Tag {
                    key: tag.key?,
                    // A tag without a value is listed without one.
                    value: tag.value.unwrap_or_default(),
                })
            })
            .collect())
    }
}

impl Aws {
    async fn replication_group(&self, id: &str) -> Result<Option<Cache>, CallError> {
        let request = self
            .elasticache()
            .describe_replication_groups()
            .replication_group_id(id);
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("DescribeReplicationGroups", &error));
        let Some(answer) = found(answer)? else {
            return Ok(None);
        };
        let group = answer.replication_groups.unwrap_or_default().into_iter().next();
        group.map(of_group).transpose()
    }

    async fn cache_cluster(&self, id: &str) -> Result<Option<CacheCluster>, CallError> {
        let request = self.elasticache().describe_cache_clusters().cache_cluster_id(id);
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("DescribeCacheClusters", &error));
        let Some(answer) = found(answer)? else {
            return Ok(None);
        };
        Ok(answer.cache_clusters.unwrap_or_default().into_iter().next())
    }

    async fn serverless_cache(&self, name: &str) -> Result<Option<Cache>, CallError> {
        let request = self
            .elasticache()
            .describe_serverless_caches()
            .serverless_cache_name(name);
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("DescribeServerlessCaches", &error));
        let Some(answer) = found(answer)? else {
            return Ok(None);
        };
        let cache = answer.serverless_caches.unwrap_or_default().into_iter().next();
        cache.map(of_serverless).transpose()
    }
}

/// A not-found fault is an answer like an empty list.
fn found<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind == CallErrorKind::CacheNotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn of_group(group: ReplicationGroup) -> Result<Cache, CallError> {
    let cluster_mode = group.cluster_enabled.unwrap_or_default();
    // With cluster mode disabled there is one node group; enabled, members are no source of a snapshot.
    let node_groups = group.node_groups.unwrap_or_default();
    let nodes = node_groups.into_iter().filter(|_| !cluster_mode);
    let members = nodes
        .flat_map(|nodes| nodes.node_group_members.unwrap_or_default())
        .filter_map(|node| {
            Some(Member {
                cache_cluster_id: node.cache_cluster_id?,
                role: node.current_role,
                zone: node.preferred_availability_zone,
            })
        });
    Ok(Cache {
        arn: group.arn,
        status: status("DescribeReplicationGroups", group.status)?,
        engine: group.engine,
        cluster_mode,
        data_tiering: group.data_tiering == Some(DataTieringStatus::Enabled),
        kms_key_id: group.kms_key_id,
        replication_group_id: None,
        members: members.collect(),
    })
}

/// A node's answer tells neither data tiering nor its key: both exist only on replication groups, and a node
/// that belongs to one is told by `replication_group_id`.
fn of_cluster(node: CacheCluster) -> Result<Cache, CallError> {
    Ok(Cache {
        arn: node.arn,
        status: status("DescribeCacheClusters", node.cache_cluster_status)?,
        engine: node.engine,
        cluster_mode: false,
        data_tiering: false,
        kms_key_id: None,
        replication_group_id: node.replication_group_id,
        members: Vec::new(),
    })
}

fn of_serverless(cache: ServerlessCache) -> Result<Cache, CallError> {
    Ok(Cache {
        arn: cache.arn,
        status: status("DescribeServerlessCaches", cache.status)?,
        engine: cache.engine,
        cluster_mode: false,
        data_tiering: false,
        kms_key_id: cache.kms_key_id,
        replication_group_id: None,
        members: Vec::new(),
    })
}

/// Statuses are plain strings; the serverless API has been seen in both cases.
fn status(operation: Operation, status: Option<String>) -> Result<String, CallError> {
    let status = status.ok_or_else(|| incomplete(operation, "status"))?;
    Ok(status.to_ascii_lowercase())
}
