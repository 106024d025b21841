//! Tags of caches and snapshots, by ARN. Tag calls fail while the resource is not available, even the list.

use crate::world::elasticache::ElastiCache;
use crate::world::elasticache::caches::AVAILABLE;
use crate::world::elasticache::serverless;
use crate::world::elasticache::shapes::{AddTagsToResourceRequest, Tag};
use crate::world::elasticache::snapshots::not_found;
use crate::world::elasticache::source::cluster_not_found;
use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use crate::world::{Call, Tags, World};
use jiff::Timestamp;

/// Tags per resource.
const TAGS_MAX: usize = 50;

/// The tags of a request; more than 50 are refused, and so are keys of AWS's own.
pub(crate) fn from_request(tags: &[Tag]) -> Result<Tags, AwsError> {
    if let Some(tag) = tags
        .iter()
        .find(|tag| tag.key.to_ascii_lowercase().starts_with("aws:") || tag.key.is_empty())
    {
        return Err(AwsError::invalid_value(format!(
            "The tag key `{}` is not allowed.",
            tag.key
        )));
    }
    let tags: Tags = tags
        .iter()
        .map(|tag| (tag.key.clone(), tag.value.clone()))
        .collect();
    within_quota(tags)
}

fn within_quota(tags: Tags) -> Result<Tags, AwsError> {
    if tags.len() <= TAGS_MAX {
        return Ok(tags);
    }
    let text = format!("A resource can have at most {TAGS_MAX} tags, not {}.", tags.len());
    Err(AwsError::bad_request("TagQuotaPerResourceExceeded", text))
}

fn to_answer(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag {
            key: key.clone(),
            value: value.clone(),
        })
        .collect()
}

impl World {
    /// `ListTagsForResource`.
    pub fn list_tags_for_resource(
        &mut self,
        resource_name: &str,
        now: Timestamp,
    ) -> Result<Vec<Tag>, CallError> {
        let call = Call {
            operation: Operation::ListTagsForResource,
            argument: resource_name,
            now,
        };
        self.call(&call, |world| {
            let is_stale = world.stale;
            let tags = world.tags_of(resource_name)?;
            Ok(if is_stale { Vec::new() } else { to_answer(tags) })
        })
    }

    /// `AddTagsToResource`: adds or replaces; answers all tags.
    pub fn add_tags_to_resource(
        &mut self,
        request: &AddTagsToResourceRequest,
        now: Timestamp,
    ) -> Result<Vec<Tag>, CallError> {
        let call = Call {
            operation: Operation::AddTagsToResource,
            argument: &request.resource_name,
            now,
        };
        self.call(&call, |world| {
            let added = from_request(&request.tags)?;
            let tags = world.tags_of(&request.resource_name)?;
            let mut all = tags.clone();
            all.extend(added);
            *tags = within_quota(all)?;
            Ok(to_answer(tags))
        })
    }

    /// The tags of a snapshot by its ARN, whatever its status: what `aws:ResourceTag` is to a policy.
    pub fn tags_by_arn(&self, arn: &str) -> Option<Tags> {
        let ours = self.arn("elasticache", "");
        let (kind, name) = arn.strip_prefix(&ours)?.split_once(':')?;
        let snapshots = match kind {
            "snapshot" => &self.elasticache.snapshots,
            "serverlesscachesnapshot" => &self.elasticache.serverless_snapshots,
            _ => return None,
        };
        snapshots.get(name).map(|kept| kept.tags.clone())
    }

    /// The tags behind an ARN, if the resource exists and is available.
    fn tags_of(&mut self, arn: &str) -> Result<&mut Tags, AwsError> {
        let ours = self.arn("elasticache", "");
        let invalid = || {
            AwsError::bad_request(
                "InvalidARN",
                format!("`{arn}` is not an ARN of this account and Region."),
            )
        };
        let (kind, name) = arn
            .strip_prefix(&ours)
            .and_then(|rest| rest.split_once(':'))
            .ok_or_else(invalid)?;
        let snapshot_code = self.config.assumptions.tag_state_code.clone();
        let state = &mut self.elasticache;
        let (status, tags, code) = match kind {
            "snapshot" => {
                let kept = state.snapshots.get_mut(name).ok_or_else(|| not_found(name))?;
                (kept.status.as_str(), &mut kept.tags, snapshot_code)
            }
            "serverlesscachesnapshot" => {
                let kept = state
                    .serverless_snapshots
                    .get_mut(name)
                    .ok_or_else(|| serverless::not_found(name))?;
                (
                    kept.status.as_str(),
                    &mut kept.tags,
                    "InvalidServerlessCacheSnapshotStateFault".to_owned(),
                )
            }
            "replicationgroup" => {
                let text = format!("ReplicationGroup {name} not found.");
                let missing = || AwsError::not_found("ReplicationGroupNotFoundFault", text);
                let group = state.groups.get_mut(name).ok_or_else(missing)?;
                (
                    group.status.as_str(),
                    &mut group.profile.tags,
                    "InvalidReplicationGroupState".to_owned(),
                )
            }
            "serverlesscache" => {
                let cache = state
                    .serverless
                    .get_mut(name)
                    .ok_or_else(|| serverless::cache_not_found(name))?;
                (
                    cache.status.as_str(),
                    &mut cache.tags,
                    "InvalidServerlessCacheStateFault".to_owned(),
                )
            }
            "cluster" => {
                let (status, tags) = state
                    .tagged_cluster(name)
                    .ok_or_else(|| cluster_not_found(name))?;
                (status, tags, "InvalidCacheClusterState".to_owned())
            }
            _ => return Err(invalid()),
        };
        if status.eq_ignore_ascii_case(AVAILABLE) {
            Ok(tags)
        } else {
            Err(AwsError::bad_request(
                code,
                "Cluster not in available state to perform tagging operations.",
            ))
        }
    }
}

impl ElastiCache {
    /// Status and tags of a stand-alone cluster, or of a node, which has those of its group.
    fn tagged_cluster(&mut self, id: &str) -> Option<(&str, &mut Tags)> {
        if let Some(cluster) = self.clusters.get_mut(id) {
            return Some((&cluster.status, &mut cluster.profile.tags));
        }
        let group = self
            .groups
            .values_mut()
            .find(|group| group.nodes().any(|node| node.cluster_id == id))?;
        let mut nodes = group.shards.iter().flat_map(|shard| &shard.nodes);
        let node = nodes.find(|node| node.cluster_id == id)?;
        Some((&node.status, &mut group.profile.tags))
    }
}
