//! `PutObject`, `GetObject`, `HeadObject`.

use crate::world::blobs::Blob;
use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use crate::world::s3::checksums::{Checksum, ChecksumAlgorithm, e_tag, kept};
use crate::world::s3::range::ByteRange;
use crate::world::s3::tagging::check_tags;
use crate::world::s3::{Bucket, NULL_VERSION, Version, Versioning};
use crate::world::whole_seconds;
use crate::world::{Call, Tags, World, storage_failed};
use jiff::Timestamp;
use std::sync::Arc;

/// Longest key, in bytes of UTF-8.
const KEY_MAX: usize = 1024;

/// `PutObject`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutObjectRequest {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The bytes.
    pub body: Vec<u8>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `x-amz-meta-…`.
    pub metadata: Tags,
    /// `x-amz-tagging`.
    pub tagging: Tags,
    /// `If-None-Match`: only `*` is possible, which refuses to overwrite.
    pub if_none_match: Option<String>,
    /// `If-Match`: overwrite only what has this entity tag.
    pub if_match: Option<String>,
    /// What the sender computed over the bytes, in base64; S3 takes one at most.
    pub checksums: Vec<(ChecksumAlgorithm, String)>,
}

/// Answer of `PutObject`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutObjectResponse {
    /// `ETag`, with its quotes.
    pub e_tag: String,
    /// The new version, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// The checksum that was sent, or that S3 added.
    pub checksum: Checksum,
}

/// `GetObject` and, without a range, `HeadObject`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetObjectRequest {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// A version; the current one unless given.
    pub version_id: Option<String>,
    /// Part of the object.
    pub range: Option<ByteRange>,
    /// `If-Match`: fail with 412 unless the entity tag is this.
    pub if_match: Option<String>,
}

/// Answer of `HeadObject`, and the headers of `GetObject`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadObjectResponse {
    /// `ETag`, with its quotes.
    pub e_tag: String,
    /// The version, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// Size of the whole object in bytes.
    pub size: u64,
    /// Whole seconds.
    pub last_modified: Timestamp,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `x-amz-meta-…`.
    pub metadata: Tags,
    /// How many tags it has.
    pub tag_count: usize,
    /// The checksum that its writer sent or that S3 added; objects from before 2024 may have none.
    pub checksum: Option<Checksum>,
}

/// Answer of `GetObject`. The body is opened, not read: it can be read without holding the world.
#[derive(Debug, Clone)]
pub struct GetObjectResponse {
    /// The headers.
    pub head: HeadObjectResponse,
    /// Offset of the answered part in bytes.
    pub offset: u64,
    /// Length of the answered part in bytes.
    pub length: u64,
    /// The whole object's bytes, to be read from `offset`.
    pub blob: Arc<dyn Blob>,
}

impl GetObjectResponse {
    /// The answered part.
    pub fn read(&self) -> std::io::Result<Vec<u8>> {
        let length = usize::try_from(self.length).map_err(std::io::Error::other)?;
        self.blob.read_at(self.offset, length)
    }
}

/// What the export service writes.
pub(crate) struct Upload<'a> {
    /// What was uploaded.
    pub(crate) bytes: &'a [u8],
    /// What S3 gives back.
    pub(crate) stored: &'a [u8],
    /// What S3 keeps of the upload.
    pub(crate) checksum: Option<Checksum>,
}

/// What a new version is made of.
struct NewVersion<'a> {
    /// What was uploaded: entity tag and size are of these.
    bytes: &'a [u8],
    /// What will be read.
    stored: &'a [u8],
    content_type: Option<String>,
    metadata: Tags,
    tags: Tags,
    checksum: Option<Checksum>,
}

impl World {
    /// `PutObject`.
    pub fn put_object(
        &mut self,
        request: &PutObjectRequest,
        now: Timestamp,
    ) -> Result<PutObjectResponse, CallError> {
        let argument = format!("{}/{}", request.bucket, request.key);
        let call = Call {
            operation: Operation::PutObject,
            argument: &argument,
            now,
        };
        self.call(&call, |world| {
            check_key(&request.key)?;
            check_tags(&request.tagging)?;
            check_write(world.s3.existing(&request.bucket)?, request)?;
            let checksum = kept(&request.checksums, &request.body)?;
            let version = NewVersion {
                bytes: &request.body,
                stored: &request.body,
                // What S3 assumes of an upload that does not say (S3 user guide, *System-defined object metadata*).
                content_type: request
                    .content_type
                    .clone()
                    .or_else(|| Some("binary/octet-stream".to_owned())),
                metadata: request.metadata.clone(),
                tags: request.tagging.clone(),
                checksum: Some(checksum.clone()),
            };
            let (e_tag, version_id) = world.write(&request.bucket, &request.key, version, now)?;
            Ok(PutObjectResponse {
                e_tag,
                version_id,
                checksum,
            })
        })
    }

    /// Writes an object as the export service does: never over an existing one, and with what S3 keeps of the
    /// upload, which may not fit what will be read.
    pub(crate) fn write_for_service(
        &mut self,
        bucket: &str,
        key: &str,
        upload: &Upload<'_>,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        check_key(key)?;
        if self.s3.existing(bucket)?.current(key).is_some() {
            return Err(precondition_failed());
        }
        let version = NewVersion {
            bytes: upload.bytes,
            stored: upload.stored,
            content_type: Some("application/octet-stream".to_owned()),
            metadata: Tags::new(),
            tags: Tags::new(),
            checksum: upload.checksum.clone(),
        };
        self.write(bucket, key, version, now).map(|_| ())
    }

    /// Gives the entity tag and, in a bucket that keeps versions, the version.
    fn write(
        &mut self,
        bucket: &str,
        key: &str,
        new: NewVersion<'_>,
        now: Timestamp,
    ) -> Result<(String, Option<String>), AwsError> {
        let blob = self.store(bucket, new.stored)?;
        let versioning = self.s3.existing(bucket)?.versioning;
        let version_id = match versioning {
            Versioning::Enabled => self.ids.opaque(),
            Versioning::Disabled => NULL_VERSION.to_owned(),
        };
        let e_tag = e_tag(new.bytes);
        let version = Version {
            id: version_id.clone(),
            last_modified: whole_seconds(now),
            blob: Some(blob),
            size: new.bytes.len() as u64,
            e_tag: e_tag.clone(),
            content_type: new.content_type,
            metadata: new.metadata,
            tags: new.tags,
            checksum: new.checksum,
        };
        let versions = self
            .s3
            .existing_mut(bucket)?
            .objects
            .entry(key.to_owned())
            .or_default();
        let replaced = match versioning {
            Versioning::Enabled => Vec::new(),
            Versioning::Disabled => std::mem::take(versions),
        };
        versions.push(version);
        self.refresh_view(bucket, key)?;
        for blob in replaced.iter().filter_map(|version| version.blob.as_ref()) {
            self.blobs.delete(blob).map_err(|error| storage_failed(&error))?;
        }
        Ok((e_tag, answered_version(&version_id)))
    }

    /// `GetObject`: opens the object; only the part that is asked for will be read.
    pub fn get_object(
        &mut self,
        request: &GetObjectRequest,
        now: Timestamp,
    ) -> Result<GetObjectResponse, CallError> {
        let argument = format!("{}/{}", request.bucket, request.key);
        let call = Call {
            operation: Operation::GetObject,
            argument: &argument,
            now,
        };
        self.call(&call, |world| {
            let (version, blob) = world.readable(request)?;
            let size = version.size;
            let (offset, length) = match request.range {
                None => (0, size),
                Some(range) => range.within(size).ok_or_else(|| {
                    AwsError::new(416, "InvalidRange", "The requested range is not satisfiable")
                })?,
            };
            Ok(GetObjectResponse {
                head: head(version),
                offset,
                length,
                blob,
            })
        })
    }

    /// `HeadObject`; a missing object is a bare 404 `NotFound`, since the answer has no body to say more.
    pub fn head_object(
        &mut self,
        request: &GetObjectRequest,
        now: Timestamp,
    ) -> Result<HeadObjectResponse, CallError> {
        let argument = format!("{}/{}", request.bucket, request.key);
        let call = Call {
            operation: Operation::HeadObject,
            argument: &argument,
            now,
        };
        self.call(&call, |world| {
            let found = world.readable(request);
            found
                .map(|(version, _)| head(version))
                .map_err(|error| match error.status {
                    404 => AwsError::not_found("NotFound", "Not Found"),
                    _ => error,
                })
        })
    }

    fn readable(&self, request: &GetObjectRequest) -> Result<(&Version, Arc<dyn Blob>), AwsError> {
        let bucket = self.s3.existing(&request.bucket)?;
        let version = match &request.version_id {
            Some(id) => bucket.version(&request.key, id)?,
            None => bucket
                .current(&request.key)
                .filter(|_| !self.stale)
                .ok_or_else(|| no_such_key(&request.key))?,
        };
        let Some(blob) = &version.blob else {
            return Err(AwsError::new(
                405,
                "MethodNotAllowed",
                "The specified version is a delete marker.",
            ));
        };
        if request
            .if_match
            .as_ref()
            .is_some_and(|wanted| !same_tag(wanted, &version.e_tag))
        {
            return Err(precondition_failed());
        }
        Ok((
            version,
            self.blobs.open(blob).map_err(|error| storage_failed(&error))?,
        ))
    }
}

impl Bucket {
    pub(crate) fn version(&self, key: &str, id: &str) -> Result<&Version, AwsError> {
        let versions = self.objects.get(key).into_iter().flatten();
        versions
            .into_iter()
            .find(|version| version.id == id)
            .ok_or_else(|| no_such_version(id))
    }
}

fn check_key(key: &str) -> Result<(), AwsError> {
    match key.len() {
        0 => Err(AwsError::bad_request(
            "InvalidArgument",
            "A key has at least one character.",
        )),
        1..=KEY_MAX => Ok(()),
        _ => Err(AwsError::bad_request("KeyTooLongError", "Your key is too long")),
    }
}

fn check_write(bucket: &Bucket, request: &PutObjectRequest) -> Result<(), AwsError> {
    let current = bucket.current(&request.key);
    match request.if_none_match.as_deref() {
        None => {}
        Some("*") if current.is_none() => {}
        Some("*") => return Err(precondition_failed()),
        Some(_) => {
            let text = "If-None-Match of a write can only be `*`.";
            return Err(AwsError::new(501, "NotImplemented", text));
        }
    }
    match (&request.if_match, current) {
        (Some(_), None) => Err(no_such_key(&request.key)),
        (Some(wanted), Some(version)) if !same_tag(wanted, &version.e_tag) => Err(precondition_failed()),
        _ => Ok(()),
    }
}

/// Clients send entity tags with and without quotes.
fn same_tag(wanted: &str, actual: &str) -> bool {
    wanted.trim_matches('"') == actual.trim_matches('"')
}

/// Answers name a version only where the bucket keeps versions.
pub(crate) fn answered_version(id: &str) -> Option<String> {
    (id != NULL_VERSION).then(|| id.to_owned())
}

fn head(version: &Version) -> HeadObjectResponse {
    HeadObjectResponse {
        e_tag: version.e_tag.clone(),
        version_id: answered_version(&version.id),
        size: version.size,
        last_modified: version.last_modified,
        content_type: version.content_type.clone(),
        metadata: version.metadata.clone(),
        tag_count: version.tags.len(),
        checksum: version.checksum.clone(),
    }
}

pub(crate) fn no_such_key(key: &str) -> AwsError {
    AwsError::not_found("NoSuchKey", format!("The specified key does not exist: {key}"))
}

pub(crate) fn no_such_version(id: &str) -> AwsError {
    AwsError::not_found(
        "NoSuchVersion",
        format!("The specified version does not exist: {id}"),
    )
}

fn precondition_failed() -> AwsError {
    AwsError::new(
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    )
}
