//! Snapshots as ElastiCache describes them, and as the states carry them.

use crate::names::SnapshotName;
use crate::run::Tag;
use crate::{CacheKind, CacheRef};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A snapshot's status. Only what the workflow decides on has a variant of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotStatus {
    /// Usable: may be exported or deleted.
    Available,
    /// Creation failed; it stays listed.
    Failed,
    /// On its way out.
    Deleting,
    /// `creating`, `exporting`, `copying`, `restoring` or a status nobody knows yet: in progress.
    InProgress(String),
}

impl SnapshotStatus {
    /// Reads ElastiCache's plain string; the serverless API has been seen in both cases.
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "available" => Self::Available,
            "failed" => Self::Failed,
            "deleting" => Self::Deleting,
            other => Self::InProgress(other.to_owned()),
        }
    }
}

impl std::fmt::Display for SnapshotStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Available => "available",
            Self::Failed => "failed",
            Self::Deleting => "deleting",
            Self::InProgress(other) => other,
        })
    }
}

/// One shard of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NodeGroup {
    /// 1 to 4 digits; `0001` where ElastiCache gives none (cluster mode disabled, stand-alone).
    pub id: String,
    /// Hash slots such as `0-5460` or `0-1000,2000-2999`; only cluster mode enabled has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<String>,
}

/// A snapshot as the describe call gives it, node-based or serverless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name, lower case.
    pub name: SnapshotName,
    /// Its ARN; absent only in odd answers.
    pub arn: Option<String>,
    /// Its status.
    pub status: SnapshotStatus,
    /// Whether ElastiCache made it by itself (`automated`) or a caller (`manual`).
    pub automatic: bool,
    /// The group it was taken of (cluster mode enabled).
    pub replication_group_id: Option<String>,
    /// The node it was taken of (cluster mode disabled, stand-alone).
    pub cache_cluster_id: Option<String>,
    /// The serverless cache it was taken of.
    pub serverless_cache_name: Option<String>,
    /// When the data were taken: the latest of its shards; absent while creating.
    pub create_time: Option<Timestamp>,
    /// `valkey` or `redis`.
    pub engine: Option<String>,
    /// Such as `8.0.1`; a serverless cache gives only the major version.
    pub engine_version: Option<String>,
    /// Such as `cache.r7g.large`.
    pub node_type: Option<String>,
    /// The parameter group of the source.
    pub parameter_group: Option<String>,
    /// A customer's key, where there is one: such a snapshot cannot be exported.
    pub kms_key_id: Option<String>,
    /// Whether the data lie partly on SSD: such a snapshot cannot be exported.
    pub data_tiering: bool,
    /// One entry per shard; empty for serverless, whose shards nobody tells.
    pub node_groups: Vec<NodeGroup>,
}

impl Snapshot {
    /// Whether it was taken of this cache or of a node that the cache has or had.
    ///
    /// Members of a replication group are named `<group>-<3 digits>` (cluster mode disabled) or
    /// `<group>-<4 digits>-<3 digits>` (enabled) by ElastiCache; nodes come and go, so the present list
    /// would refuse a snapshot of one that has been replaced.
    pub fn is_of(&self, cache: &CacheRef) -> bool {
        let id = cache.id.as_str();
        let same = |field: &Option<String>| field.as_deref().is_some_and(|f| f.eq_ignore_ascii_case(id));
        match cache.kind {
            CacheKind::ServerlessCache => same(&self.serverless_cache_name),
            CacheKind::CacheCluster => self.replication_group_id.is_none() && same(&self.cache_cluster_id),
            CacheKind::ReplicationGroup => {
                same(&self.replication_group_id)
                    || self
                        .cache_cluster_id
                        .as_deref()
                        .is_some_and(|node| is_member(node, id))
            }
        }
    }
}

/// Whether `node` is a name that ElastiCache gives to a member of group `group`.
fn is_member(node: &str, group: &str) -> bool {
    let node = node.to_ascii_lowercase();
    let Some(rest) = node.strip_prefix(group).and_then(|rest| rest.strip_prefix('-')) else {
        return false;
    };
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    match rest.split_once('-') {
        None => digits(rest, 3),
        Some((shard, node)) => digits(shard, 4) && digits(node, 3),
    }
}

/// The snapshot as `create-snapshot` asked for it, carried to the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SnapshotRequested {
    /// From when on the snapshot is waited for: the time of the call, or the create time of one that was adopted.
    pub requested_at: Timestamp,
    /// The node it is taken of, such as `orders-002`; none for serverless and cluster mode enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_node: Option<String>,
    /// `primary` or `replica`, where ElastiCache tells roles and this attempt chose the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_role: Option<String>,
}

/// What `check-status` saw of the ready snapshot, carried to the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SnapshotSeen {
    /// Its name.
    pub name: SnapshotName,
    /// Its ARN.
    pub arn: String,
    /// When the data were taken.
    pub create_time: Timestamp,
    /// When it was seen ready.
    pub ready_at: Timestamp,
    /// `valkey` or `redis`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The engine's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// The node type of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_type: Option<String>,
    /// The parameter group of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter_group: Option<String>,
    /// Whether the source had cluster mode enabled.
    pub cluster_mode: bool,
    /// The node it was taken of, where ElastiCache tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_node: Option<String>,
    /// The shards that an export of it must write; empty for serverless, whose shards nobody tells.
    pub node_groups: Vec<NodeGroup>,
    /// Its tags: ours and the cache's.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// One object of a finished export, pinned so that verification reads what was found.
///
/// Its key is `<stem><shard>.rdb` with the stem in [`ExportSeen`]: 500 keys of their own would not fit the
/// 262,144 bytes of a state's data beside 500 verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExportedObject {
    /// The node group id as it stands in the key.
    pub shard: String,
    /// Its size in bytes, never 0.
    pub size: u64,
    /// Its `ETag`, with the quotes that S3 gives it.
    pub etag: String,
    /// Its version, where the bucket keeps versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
}

/// What `check-status` found of a finished export, carried to verification and record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExportSeen {
    /// When all objects were seen.
    pub ready_at: Timestamp,
    /// What stands before the shard in every key; one of [`crate::names::ExportGrammar::prefixes`].
    pub stem: String,
    /// One per shard, sorted by shard.
    pub objects: Vec<ExportedObject>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CacheId;

    fn of(group: Option<&str>, node: Option<&str>, serverless: Option<&str>) -> Snapshot {
        Snapshot {
            name: SnapshotName::from_service("prod-202611200304"),
            arn: None,
            status: SnapshotStatus::Available,
            automatic: false,
            replication_group_id: group.map(Into::into),
            cache_cluster_id: node.map(Into::into),
            serverless_cache_name: serverless.map(Into::into),
            create_time: None,
            engine: None,
            engine_version: None,
            node_type: None,
            parameter_group: None,
            kms_key_id: None,
            data_tiering: false,
            node_groups: Vec::new(),
        }
    }

    #[test]
    fn a_snapshot_belongs_to_its_cache_alone() {
        use CacheKind::{CacheCluster as Node, ReplicationGroup as Group, ServerlessCache as Serverless};
        let cases = [
            (
                Group,
                of(Some("prod"), None, None),
                true,
                "cluster mode enabled names the group",
            ),
            (
                Group,
                of(None, Some("prod-001"), None),
                true,
                "cluster mode disabled names a node",
            ),
            (
                Group,
                of(None, Some("prod-0001-003"), None),
                true,
                "a shard's node",
            ),
            (
                Group,
                of(None, Some("prod-2-001"), None),
                false,
                "a sibling's node",
            ),
            (
                Group,
                of(None, Some("prod"), None),
                false,
                "a stand-alone node of the same name",
            ),
            (Group, of(Some("prod-2"), None, None), false, "a sibling"),
            (Node, of(None, Some("prod"), None), true, "the node"),
            (Node, of(None, Some("prod-001"), None), false, "a group's member"),
            (
                Serverless,
                of(None, None, Some("Prod")),
                true,
                "case does not count",
            ),
            (Serverless, of(Some("prod"), None, None), false, "another kind"),
        ];
        for (kind, snapshot, want, why) in cases {
            let cache = CacheRef {
                kind,
                id: CacheId::parse("prod").unwrap(),
            };
            assert_eq!(snapshot.is_of(&cache), want, "{why}");
        }
    }

    #[test]
    fn unknown_statuses_are_in_progress() {
        for (text, want) in [
            ("available", SnapshotStatus::Available),
            ("AVAILABLE", SnapshotStatus::Available),
            ("failed", SnapshotStatus::Failed),
            ("deleting", SnapshotStatus::Deleting),
            ("exporting", SnapshotStatus::InProgress("exporting".into())),
            ("hibernating", SnapshotStatus::InProgress("hibernating".into())),
        ] {
            assert_eq!(SnapshotStatus::parse(text), want);
            assert_eq!(SnapshotStatus::parse(text).to_string(), text.to_ascii_lowercase());
        }
    }
}
