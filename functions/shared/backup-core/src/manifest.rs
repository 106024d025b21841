//! The manifest: the commit point of a backup. No manifest, no backup.

use crate::names::ObjectKey;
use crate::run::Tag;
use crate::snapshot::NodeGroup;
use crate::{CacheRef, Error, ErrorName, Instant, Owner, Source};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Version of the manifest's format. Readers refuse a higher one; fields are only added within one.
pub const FORMAT_VERSION: u32 = 1;

/// What verification found out about one object, in the few bytes that the state machine carries.
///
/// At most 400 bytes as JSON, so that 500 shards fit the 262,144 bytes of a state's data. The key is not
/// among them: the shard names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShardVerdict {
    /// The node group id.
    pub shard: String,
    /// Bytes read, all of them.
    pub size: u64,
    /// The `ETag` that every read was pinned to.
    pub etag: String,
    /// The version that every read was pinned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// SHA-256 of all bytes, lower-case hex.
    pub sha256: String,
    /// Keys in all databases.
    pub keys: u64,
    /// Keys with an expiry.
    pub expires: u64,
    /// The RDB version in the header, such as 11 or 80.
    pub rdb_version: u32,
    /// Whether the file carries a CRC-64; it was right where it does.
    pub crc: bool,
    /// Milliseconds spent reading and checking, summed over invocations.
    pub millis: u64,
}

/// One object of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestObject {
    /// Its key.
    pub key: ObjectKey,
    /// Where its full verdict lies.
    pub verdict_key: ObjectKey,
    /// Hash slots, where the source had them; a restore needs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<String>,
    /// The short verdict.
    #[serde(flatten)]
    pub verdict: ShardVerdict,
}

/// The cache as it was when the snapshot was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestCache {
    /// Which of ElastiCache's three things it is.
    pub kind: crate::CacheKind,
    /// Its id.
    pub id: crate::CacheId,
    /// `valkey` or `redis`.
    pub engine: Option<String>,
    /// The engine's version.
    pub engine_version: Option<String>,
    /// The node type; absent for serverless.
    pub node_type: Option<String>,
    /// The parameter group; absent for serverless.
    pub parameter_group: Option<String>,
    /// Whether cluster mode was enabled.
    pub cluster_mode: bool,
    /// The shards and their slots.
    pub node_groups: Vec<NodeGroup>,
    /// The snapshot's tags: ours and the cache's.
    pub tags: Vec<Tag>,
}

/// When the steps of the run were done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    /// The execution's start.
    pub started_at: Timestamp,
    /// When the snapshot was asked for.
    pub snapshot_requested_at: Timestamp,
    /// When it was seen available.
    pub snapshot_ready_at: Timestamp,
    /// When the export was asked for.
    pub export_requested_at: Timestamp,
    /// When all its objects were seen.
    pub export_ready_at: Timestamp,
    /// When the backup was recorded.
    pub recorded_at: Timestamp,
}

/// The run behind the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestRun {
    /// The execution that recorded it.
    pub execution_arn: String,
    /// How often that execution had been re-driven.
    pub redrive_count: u32,
    /// The scheduled minute.
    pub instant: Instant,
    /// Where the backup comes from.
    pub source: Source,
    /// When each step was done.
    pub timings: Timings,
}

/// The snapshot behind the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestSnapshot {
    /// Its name.
    pub name: crate::SnapshotName,
    /// Its ARN.
    pub arn: String,
    /// When the data were taken; ages count from here.
    pub create_time: Timestamp,
    /// The node it was taken of, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_node: Option<String>,
    /// `replica` or `primary`, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_role: Option<String>,
}

/// What a restore needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RestoreRequirements {
    /// The engine, and the oldest version that reads these files, such as `valkey 7.2`.
    pub minimum_engine: String,
    /// A lower bound for each node's memory in bytes: its largest shard's file. Values in memory take more
    /// than their encoding in the file, so this is where to start, not where to end.
    pub minimum_node_memory_bytes: u64,
}

/// Why a backup is suspicious.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspicion {
    /// One sentence a reason, without a full stop.
    pub reasons: Vec<String>,
    /// The instant of the backup it was compared with, where there was one.
    pub compared_with: Option<Instant>,
}

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// The writer, such as `snapkeep 0.1.0`.
    pub tool_version: String,
    /// Who owns the backup.
    pub owner: Owner,
    /// What was backed up.
    pub cache: ManifestCache,
    /// The run that made it.
    pub run: ManifestRun,
    /// The snapshot it came from.
    pub snapshot: ManifestSnapshot,
    /// Its objects, by shard.
    pub objects: Vec<ManifestObject>,
    /// What a restore needs.
    pub restore: RestoreRequirements,
    /// Set where the backup is suspicious; a person accepts it by the object tag `snapkeep:accept`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspicion: Option<Suspicion>,
}

impl Manifest {
    /// Reads a manifest; one of a newer format or a broken one is an error that names `key` and what to do.
    pub fn parse(key: &ObjectKey, bytes: &[u8]) -> Result<Self, Error> {
        let broken = |what: String| Error::new(ErrorName::Unexpected, format!("manifest `{key}` {what}"));
        let damaged = |what: String| {
            broken(format!(
                "{what}; restore the object's earlier version or delete it"
            ))
        };
        let value: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|e| damaged(format!("is not JSON: {e}")))?;
        let version = value.get("formatVersion").and_then(serde_json::Value::as_u64);
        if version != Some(u64::from(FORMAT_VERSION)) {
            let found = version.map_or("none".to_owned(), |v| v.to_string());
            return Err(broken(format!(
                "has format version `{found}`, this version reads `{FORMAT_VERSION}`"
            )));
        }
        serde_path_to_error::deserialize(value).map_err(|e| damaged(format!("is not valid: {e}")))
    }

    /// Whether a manifest, also one that [`Self::parse`] refuses, names another owner. One that names none may be
    /// anybody's.
    pub(crate) fn is_of_another(owner: &Owner, bytes: &[u8]) -> bool {
        let value = serde_json::from_slice::<serde_json::Value>(bytes).unwrap_or_default();
        let found = value.get("owner").and_then(serde_json::Value::as_str);
        found.is_some_and(|found| found != owner.to_string())
    }

    /// Kind and id of the cache.
    pub fn cache_ref(&self) -> CacheRef {
        CacheRef {
            kind: self.cache.kind,
            id: self.cache.id.clone(),
        }
    }

    /// Whether it records this owner's backup of this cache at this instant. A manifest that was copied into
    /// another folder is nobody's there: it names the folder it came from.
    pub fn is_of(&self, owner: &Owner, cache: &CacheRef, instant: Instant) -> bool {
        self.owner == *owner && self.cache_ref() == *cache && self.instant() == instant
    }

    /// The scheduled minute.
    pub fn instant(&self) -> Instant {
        self.run.instant
    }

    /// Keys in all objects.
    pub fn keys(&self) -> u64 {
        self.objects.iter().map(|o| o.verdict.keys).sum()
    }

    /// Bytes of all objects.
    pub fn bytes(&self) -> u64 {
        self.objects.iter().map(|o| o.verdict.size).sum()
    }

    /// Whether `other` records the same backup: owner, instant, snapshot and object versions.
    pub fn same_backup(&self, other: &Self) -> bool {
        let objects = |m: &Self| -> Vec<_> {
            let key = |o: &ManifestObject| {
                (
                    o.key.clone(),
                    o.verdict.etag.clone(),
                    o.verdict.version_id.clone(),
                )
            };
            m.objects.iter().map(key).collect()
        };
        self.owner == other.owner
            && self.cache_ref() == other.cache_ref()
            && self.instant() == other.instant()
            && self.snapshot.arn == other.snapshot.arn
            && objects(self) == objects(other)
    }
}

#[cfg(test)]
pub(crate) mod tests;
