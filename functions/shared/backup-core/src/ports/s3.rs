//! Ports to the one backup bucket. Every adapter is bound to its bucket when it is made.

use super::CallError;
use crate::names::ObjectKey;
use crate::run::Tag;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Asks where the bucket lies (`GetBucketLocation`).
pub trait BucketRegion {
    /// The Region of the bucket, such as `eu-west-1`.
    async fn bucket_region(&self) -> Result<String, CallError>;
}

/// The bucket's name, for texts and requests that carry it.
pub trait BucketName {
    /// The name.
    fn bucket_name(&self) -> &str;
}

/// One entry of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: ObjectKey,
    /// Its size in bytes.
    pub size: u64,
    /// Its `ETag`, with quotes.
    pub etag: String,
    /// When it was last written.
    pub last_modified: Timestamp,
}

/// Lists current objects (`ListObjectsV2`).
pub trait ListObjects {
    /// All pages below a prefix, in key order.
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError>;
}

/// What a head request tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// Its size in bytes.
    pub size: u64,
    /// Its `ETag`, with quotes.
    pub etag: String,
    /// Its version, where the bucket keeps versions.
    pub version_id: Option<String>,
}

/// Reads about one object (`HeadObject`).
pub trait HeadObject {
    /// The current version, or `None` where there is no object.
    async fn head_object(&self, key: &ObjectKey) -> Result<Option<ObjectHead>, CallError>;
}

/// Reads a small object whole (`GetObject`).
pub trait ReadObject {
    /// The bytes of the current version, or `None` where there is no object.
    async fn read_object(&self, key: &ObjectKey) -> Result<Option<Bytes>, CallError>;
}

/// One object that must still be the one that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedObject {
    /// Its key.
    pub key: ObjectKey,
    /// The `ETag` it must have (`If-Match`).
    pub etag: String,
    /// The version to ask for, where known.
    pub version_id: Option<String>,
}

/// A checksum that S3 keeps with an object, in S3's own words (`API_HeadObject`, `API_Checksum`).
///
/// S3 checked it against the bytes when they were uploaded. An upload that names none has had `CRC64NVME` added by S3
/// since December 2024 (user guide, *Checking object integrity*). \[U\] whether ElastiCache's exports carry one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StoredChecksum {
    /// `CRC64NVME`, `CRC32`, `CRC32C`, `SHA256`, `SHA1` or a newer one.
    pub algorithm: String,
    /// What it is of: [`StoredChecksum::FULL_OBJECT`], or `COMPOSITE` where it was made of the parts' checksums.
    #[serde(rename = "type")]
    pub of: String,
    /// Base64 of the checksum's bytes, the most significant first; of a composite one followed by `-<parts>`.
    pub value: String,
}

impl StoredChecksum {
    /// The type of a checksum over the object's bytes from first to last (`x-amz-checksum-type`).
    pub const FULL_OBJECT: &str = "FULL_OBJECT";
}

/// Reads the checksum of one object (`HeadObject` with `x-amz-checksum-mode: ENABLED`; allowed by `s3:GetObject`).
pub trait ReadChecksum {
    /// The checksum, or `None` where S3 keeps none; of several `CRC64NVME`, the other CRCs and the hashes are
    /// preferred in this order. Another `ETag` is [`super::CallErrorKind::PreconditionFailed`], a missing object or
    /// version [`super::CallErrorKind::NotFound`].
    async fn stored_checksum(&self, object: &PinnedObject) -> Result<Option<StoredChecksum>, CallError>;
}

/// A piece of one pinned object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRangeParams {
    /// Its key.
    pub key: ObjectKey,
    /// The `ETag` it must have (`If-Match`).
    pub etag: String,
    /// The version to read, where known.
    pub version_id: Option<String>,
    /// First byte.
    pub start: u64,
    /// Number of bytes, at least 1.
    pub length: u64,
}

/// Reads pieces of an object (`GetObject` with `Range`).
pub trait ReadRange {
    /// Exactly the bytes asked for. Another `ETag` is [`super::CallErrorKind::PreconditionFailed`], a missing
    /// object or version [`super::CallErrorKind::NotFound`].
    async fn read_range(&self, params: &ReadRangeParams) -> Result<Bytes, CallError>;
}

/// Writes small objects (`PutObject`).
pub trait WriteObject {
    /// Writes or overwrites.
    async fn write_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError>;

    /// Writes only where nothing is (`If-None-Match: *`): 412 is
    /// [`super::CallErrorKind::PreconditionFailed`], 409 [`super::CallErrorKind::ConditionalConflict`].
    async fn create_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError>;
}

/// Deletes objects (`DeleteObject`), always without a version: a delete marker, never a version.
pub trait DeleteObject {
    /// Deletes; an object that is gone already is a success, as S3 has it.
    async fn delete_object(&self, key: &ObjectKey) -> Result<(), CallError>;
}

/// Reads an object's tags (`GetObjectTagging`).
pub trait ObjectTags {
    /// The tags of the current version; an object that is gone is [`super::CallErrorKind::NotFound`].
    async fn object_tags(&self, key: &ObjectKey) -> Result<Vec<Tag>, CallError>;
}
