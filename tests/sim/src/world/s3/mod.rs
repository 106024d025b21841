//! S3: buckets with versions, conditional writes, ranges, listings, tags.

mod checksums;
mod delete;
mod list;
mod objects;
pub mod policy;
mod range;
mod tagging;

pub use checksums::{Checksum, ChecksumAlgorithm, ChecksumType};
pub use delete::{DeleteObjectRequest, DeleteObjectResponse, DeleteObjectsResponse};
pub use list::{
    ListObjectVersionsRequest, ListObjectVersionsResponse, ListObjectsV2Request, ListObjectsV2Response,
    ListedVersion, ObjectSummary,
};
pub(crate) use objects::Upload;
pub use objects::{
    GetObjectRequest, GetObjectResponse, HeadObjectResponse, PutObjectRequest, PutObjectResponse,
};
pub use range::ByteRange;
pub use tagging::ObjectRef;

use crate::world::blobs::{Blob, BlobId};
use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use crate::world::s3::policy::Policy;
use crate::world::{Call, Tags, World, storage_failed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether a bucket keeps what is overwritten or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    /// Never enabled: one version, `null`.
    Disabled,
    /// Every write is a version of its own.
    Enabled,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The account that owns it.
    pub owner: String,
    /// Where it is.
    pub region: String,
    /// Whether it keeps versions.
    pub versioning: Versioning,
    /// Its policy, which the export's service principal is judged by.
    pub policy: Option<Policy>,
    /// Versions by key, oldest first; never an empty list.
    objects: BTreeMap<String, Vec<Version>>,
}

/// One version of an object, or a delete marker (which has no blob).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) last_modified: Timestamp,
    pub(crate) blob: Option<BlobId>,
    pub(crate) size: u64,
    pub(crate) e_tag: String,
    pub(crate) content_type: Option<String>,
    pub(crate) metadata: Tags,
    pub(crate) tags: Tags,
    #[serde(default)]
    pub(crate) checksum: Option<Checksum>,
}

/// All buckets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct S3 {
    buckets: BTreeMap<String, Bucket>,
}

/// Version id of objects in buckets without versions.
pub(crate) const NULL_VERSION: &str = "null";

impl Bucket {
    /// The current version of an object, unless it was deleted.
    pub(crate) fn current(&self, key: &str) -> Option<&Version> {
        self.objects
            .get(key)?
            .last()
            .filter(|version| version.blob.is_some())
    }
}

impl S3 {
    pub(crate) fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.get(name)
    }

    /// Every version of every object, oldest first within its key: bucket, key, version.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (&str, &str, &Version)> {
        self.buckets.values().flat_map(|bucket| {
            let objects = bucket.objects.iter();
            objects.flat_map(|(key, versions)| {
                versions
                    .iter()
                    .map(|version| (bucket.name.as_str(), key.as_str(), version))
            })
        })
    }

    fn existing(&self, name: &str) -> Result<&Bucket, AwsError> {
        self.buckets.get(name).ok_or_else(|| no_such_bucket(name))
    }

    fn existing_mut(&mut self, name: &str) -> Result<&mut Bucket, AwsError> {
        self.buckets.get_mut(name).ok_or_else(|| no_such_bucket(name))
    }
}

fn no_such_bucket(name: &str) -> AwsError {
    AwsError::not_found(
        "NoSuchBucket",
        format!("The specified bucket does not exist: {name}"),
    )
}

impl World {
    /// Puts a bucket of the caller's account and Region into the world, without a policy; one of that name stays.
    pub fn put_bucket(&mut self, name: &str, versioning: Versioning) -> Result<&mut Bucket, AwsError> {
        if !is_bucket_name(name) {
            return Err(AwsError::bad_request(
                "InvalidBucketName",
                format!("The bucket name is not valid: {name}"),
            ));
        }
        let bucket = Bucket {
            name: name.to_owned(),
            owner: self.config.account.clone(),
            region: self.config.region.clone(),
            versioning,
            policy: None,
            objects: BTreeMap::new(),
        };
        Ok(self.s3.buckets.entry(name.to_owned()).or_insert(bucket))
    }

    /// A bucket, to look at or to change: its owner, Region, policy.
    pub fn bucket_mut(&mut self, name: &str) -> Option<&mut Bucket> {
        self.s3.buckets.get_mut(name)
    }

    /// Gives the bucket the policy that the developer guide recommends for exports.
    pub fn grant_export(&mut self, name: &str) -> Result<(), AwsError> {
        let policy = Policy::recommended(name, &self.config.region);
        self.s3.existing_mut(name)?.policy = Some(policy);
        Ok(())
    }

    /// Removes a bucket with all that is in it, as a person might while a run is under way.
    pub fn remove_bucket(&mut self, name: &str) {
        self.s3.buckets.remove(name);
    }

    /// `ListBuckets`: names of the caller's buckets.
    pub fn list_buckets(&mut self, now: Timestamp) -> Result<Vec<String>, CallError> {
        let call = Call {
            operation: Operation::ListBuckets,
            argument: "",
            now,
        };
        self.call(&call, |world| {
            let owned = world
                .s3
                .buckets
                .values()
                .filter(|bucket| bucket.owner == world.config.account);
            Ok(owned.map(|bucket| bucket.name.clone()).collect())
        })
    }

    /// `HeadBucket`: the Region.
    pub fn head_bucket(&mut self, name: &str, now: Timestamp) -> Result<String, CallError> {
        let call = Call {
            operation: Operation::HeadBucket,
            argument: name,
            now,
        };
        self.call(&call, |world| world.region_of(name, Operation::HeadBucket))
    }

    /// `GetBucketLocation`: the Region (the wire writes `us-east-1` as an empty constraint).
    pub fn get_bucket_location(&mut self, name: &str, now: Timestamp) -> Result<String, CallError> {
        let call = Call {
            operation: Operation::GetBucketLocation,
            argument: name,
            now,
        };
        self.call(&call, |world| world.region_of(name, Operation::GetBucketLocation))
    }

    fn region_of(&self, name: &str, operation: Operation) -> Result<String, AwsError> {
        let bucket = self.s3.existing(name)?;
        if bucket.owner == self.config.account {
            Ok(bucket.region.clone())
        } else {
            Err(operation.denied())
        }
    }

    /// Shows people the current version of an object, if the blob store does such things.
    fn refresh_view(&self, bucket: &str, key: &str) -> Result<(), AwsError> {
        let current = self.s3.bucket(bucket).and_then(|bucket| bucket.current(key));
        let blob = current.and_then(|version| version.blob.as_ref());
        self.blobs
            .show(bucket, key, blob)
            .map_err(|error| storage_failed(&error))
    }
}

/// 3 to 63 lower-case letters, digits, dots and hyphens, ends alphanumeric (S3 user guide, *Bucket naming rules*).
fn is_bucket_name(name: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.chars().all(|c| alphanumeric(c) || c == '.' || c == '-')
        && name.starts_with(alphanumeric)
        && name.ends_with(alphanumeric)
        && !name.contains("..")
}

/// All bytes of a blob.
pub(crate) fn read_all(blob: &dyn Blob) -> Result<Vec<u8>, AwsError> {
    let size = usize::try_from(blob.size()).map_err(|error| storage_failed(&std::io::Error::other(error)))?;
    blob.read_at(0, size).map_err(|error| storage_failed(&error))
}
