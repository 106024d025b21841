//! `DeleteObject` and `DeleteObjects`.

use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use crate::world::s3::objects::answered_version;
use crate::world::s3::{Version, Versioning};
use crate::world::{Call, Tags, World, storage_failed, whole_seconds};
use jiff::Timestamp;

/// Objects per `DeleteObjects`.
const BATCH_MAX: usize = 1000;

/// What to delete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectRequest {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// A version to delete for good; without one, the object gets a delete marker where versions are kept.
    pub version_id: Option<String>,
}

/// What was deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectResponse {
    /// Whether a delete marker was made, or deleted.
    pub delete_marker: bool,
    /// The version that was made or deleted.
    pub version_id: Option<String>,
}

/// Answer of `DeleteObjects`: each key has its own result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteObjectsResponse {
    /// Keys that were deleted.
    pub deleted: Vec<(String, DeleteObjectResponse)>,
    /// Keys that were not.
    pub errors: Vec<(String, AwsError)>,
}

impl World {
    /// `DeleteObject`: deleting what is not there succeeds.
    pub fn delete_object(
        &mut self,
        request: &DeleteObjectRequest,
        now: Timestamp,
    ) -> Result<DeleteObjectResponse, CallError> {
        let argument = format!("{}/{}", request.bucket, request.key);
        let call = Call {
            operation: Operation::DeleteObject,
            argument: &argument,
            now,
        };
        self.call(&call, |world| match &request.version_id {
            Some(id) => world.delete_version(&request.bucket, &request.key, id),
            None => world.delete_current(&request.bucket, &request.key, now),
        })
    }

    /// `DeleteObjects`: each key is a `DeleteObject` of its own, so faults of that operation fail single keys.
    pub fn delete_objects(
        &mut self,
        bucket: &str,
        objects: &[DeleteObjectRequest],
        now: Timestamp,
    ) -> Result<DeleteObjectsResponse, CallError> {
        let call = Call {
            operation: Operation::DeleteObjects,
            argument: bucket,
            now,
        };
        self.call(&call, |world| {
            world.s3.existing(bucket)?;
            if objects.is_empty() || objects.len() > BATCH_MAX {
                let text = format!(
                    "DeleteObjects takes 1 to {BATCH_MAX} objects, not {}.",
                    objects.len()
                );
                return Err(AwsError::bad_request("MalformedXML", text));
            }
            let mut answer = DeleteObjectsResponse::default();
            for object in objects {
                let request = DeleteObjectRequest {
                    bucket: bucket.to_owned(),
                    ..object.clone()
                };
                match world.delete_object(&request, now) {
                    Ok(deleted) => answer.deleted.push((request.key, deleted)),
                    Err(CallError::Aws(error)) => answer.errors.push((request.key, error)),
                    Err(CallError::NoAnswer) => {
                        answer
                            .errors
                            .push((request.key, Operation::DeleteObject.internal_error()));
                    }
                }
            }
            Ok(answer)
        })
    }

    fn delete_current(
        &mut self,
        bucket: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<DeleteObjectResponse, AwsError> {
        let versioning = self.s3.existing(bucket)?.versioning;
        let objects = &mut self.s3.existing_mut(bucket)?.objects;
        if versioning == Versioning::Disabled {
            let removed = objects.remove(key).unwrap_or_default();
            self.refresh_view(bucket, key)?;
            self.delete_blobs(&removed)?;
            return Ok(DeleteObjectResponse::default());
        }
        let version_id = self.ids.opaque();
        objects.entry(key.to_owned()).or_default().push(Version {
            id: version_id.clone(),
            last_modified: whole_seconds(now),
            blob: None,
            size: 0,
            e_tag: String::new(),
            content_type: None,
            metadata: Tags::new(),
            tags: Tags::new(),
            checksum: None,
        });
        self.refresh_view(bucket, key)?;
        Ok(DeleteObjectResponse {
            delete_marker: true,
            version_id: Some(version_id),
        })
    }

    fn delete_version(
        &mut self,
        bucket: &str,
        key: &str,
        id: &str,
    ) -> Result<DeleteObjectResponse, AwsError> {
        let objects = &mut self.s3.existing_mut(bucket)?.objects;
        let mut removed = Vec::new();
        if let Some(versions) = objects.get_mut(key) {
            removed = versions.extract_if(.., |version| version.id == id).collect();
            if versions.is_empty() {
                objects.remove(key);
            }
        }
        self.refresh_view(bucket, key)?;
        self.delete_blobs(&removed)?;
        let delete_marker = removed.iter().any(|version| version.blob.is_none());
        Ok(DeleteObjectResponse {
            delete_marker,
            version_id: answered_version(id),
        })
    }

    fn delete_blobs(&self, versions: &[Version]) -> Result<(), AwsError> {
        let blobs = versions.iter().filter_map(|version| version.blob.as_ref());
        blobs
            .into_iter()
            .try_for_each(|blob| self.blobs.delete(blob))
            .map_err(|error| storage_failed(&error))
    }
}
