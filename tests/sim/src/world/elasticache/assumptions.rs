//! How long jobs take, and the unconfirmed points of the service's behaviour, each in one place.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long jobs take. AWS documents none of these; a few megabytes take 1 to 3 minutes in scripts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    /// From `CreateSnapshot` to `available`.
    pub snapshot: SignedDuration,
    /// From an export's acceptance to its objects and `available`.
    pub export: SignedDuration,
    /// From an in-service copy's acceptance to `available`.
    pub copy: SignedDuration,
    /// From `DeleteSnapshot` until it is no longer listed.
    pub delete: SignedDuration,
    /// How long a new snapshot is missing from describes.
    pub listing_lag: SignedDuration,
    /// How long the source still reads `available` after an export was accepted.
    pub exporting_lag: SignedDuration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            snapshot: SignedDuration::from_secs(180),
            export: SignedDuration::from_secs(120),
            copy: SignedDuration::from_secs(60),
            delete: SignedDuration::from_secs(30),
            listing_lag: SignedDuration::ZERO,
            exporting_lag: SignedDuration::ZERO,
        }
    }
}

/// What nobody could confirm against a real account, as assumed. Sweeps vary these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumptions {
    /// A repeated `CreateSnapshot` sees `SnapshotAlreadyExistsFault` rather than `Invalid*State`.
    pub name_before_state: NameCheck,
    /// Code for a group id with cluster mode disabled, a node id with it enabled, and no id at all.
    pub wrong_source_code: String,
    /// Code of every bucket check of `CopySnapshot`.
    pub bucket_code: String,
    /// Code for exporting a snapshot of a data-tiering cache.
    pub data_tiering_code: String,
    /// Code for tagging a node-based snapshot that is not available.
    pub tag_state_code: String,
    /// What the answer of an export describes.
    pub export_answer: ExportAnswer,
    /// Whether the object names of an export are lower-cased.
    pub export_target_case: TargetCase,
    /// Who counts as taken within 24 hours besides creations.
    pub quota_counts: QuotaCounts,
    /// What an unknown serverless snapshot name gives.
    pub unknown_serverless_snapshot: UnknownName,
    /// Whether the exporting service sends `aws:SourceAccount` and `aws:SourceArn`.
    pub source_keys: SourceKeys,
    /// Status of a serverless snapshot while it is exported.
    pub serverless_exporting: String,
    /// How many shards a serverless snapshot has, each of which its export writes as an object; all hold the same.
    #[serde(default = "one")]
    pub serverless_shards: u32,
    /// What S3 keeps of the objects that an export writes.
    #[serde(default)]
    pub export_checksum: ExportChecksum,
}

const fn one() -> u32 {
    1
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            name_before_state: NameCheck::First,
            wrong_source_code: "InvalidParameterCombination".to_owned(),
            bucket_code: "InvalidParameterValue".to_owned(),
            data_tiering_code: "InvalidParameterCombination".to_owned(),
            tag_state_code: "InvalidSnapshotState".to_owned(),
            export_answer: ExportAnswer::Source,
            export_target_case: TargetCase::Kept,
            quota_counts: QuotaCounts::CreationsAndCopies,
            unknown_serverless_snapshot: UnknownName::Fault,
            source_keys: SourceKeys::Absent,
            serverless_exporting: "exporting".to_owned(),
            serverless_shards: one(),
            export_checksum: ExportChecksum::default(),
        }
    }
}

/// Which check of `CreateSnapshot` comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameCheck {
    /// The name, then the state of the cache.
    First,
    /// The state of the cache, then the name.
    AfterState,
}

/// What the answer of `CopySnapshot` with a bucket describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportAnswer {
    /// The source, `exporting`.
    Source,
    /// The target's name, `creating`.
    Target,
}

/// Case of an export's object names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TargetCase {
    /// As given.
    Kept,
    /// Lower-cased like a snapshot's name.
    Lowered,
}

/// What the quota of 24 hours counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuotaCounts {
    /// Creations only.
    Creations,
    /// Creations and in-service copies.
    CreationsAndCopies,
    /// Creations, in-service copies and exports.
    Everything,
}

/// What describing an unknown name gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnknownName {
    /// An empty list, as node-based snapshots do.
    EmptyList,
    /// The modelled 404.
    Fault,
}

/// Condition keys that the exporting service sends along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceKeys {
    /// None: a policy that asks for them grants nothing.
    Absent,
    /// `aws:SourceAccount` and `aws:SourceArn`.
    Sent,
}

/// The checksum that S3 keeps of an exported object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportChecksum {
    /// A CRC-64/NVME of the whole, as S3 adds it to every upload since December 2024.
    #[default]
    Added,
    /// A CRC-32 of the checksums of the parts.
    Composite,
    /// None, as an object has it that is older.
    Absent,
}
