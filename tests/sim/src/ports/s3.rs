//! The backup bucket.

use super::Ports;
use crate::world::s3::{
    ByteRange, DeleteObjectRequest, GetObjectRequest, ListObjectsV2Request, ObjectRef, PutObjectRequest,
};
use backup_core::ports::{
    BucketName, BucketRegion, DeleteObject, HeadObject, ListObjects, ListedObject, ObjectHead, ObjectTags,
    PinnedObject, ReadChecksum, ReadObject, ReadRange, ReadRangeParams, StoredChecksum, WriteObject,
};
use backup_core::run::Tag;
use backup_core::{CallError, CallErrorKind, ObjectKey};
use bytes::Bytes;

impl BucketName for Ports {
    fn bucket_name(&self) -> &str {
        &self.bucket
    }
}

impl BucketRegion for Ports {
    async fn bucket_region(&self) -> Result<String, CallError> {
        self.ask("GetBucketLocation", &self.bucket, |world, now| {
            world.get_bucket_location(&self.bucket, now)
        })
        .await
    }
}

impl ListObjects for Ports {
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
        let mut request = ListObjectsV2Request {
            bucket: self.bucket.clone(),
            prefix: prefix.to_owned(),
            ..Default::default()
        };
        let mut all = Vec::new();
        loop {
            let page = self
                .ask("ListObjectsV2", prefix, |world, now| {
                    world.list_objects_v2(&request, now)
                })
                .await?;
            all.extend(page.contents.into_iter().map(|object| ListedObject {
                key: ObjectKey::new(object.key),
                size: object.size,
                etag: object.e_tag,
                last_modified: object.last_modified,
            }));
            match page.next_continuation_token {
                Some(token) => request.continuation_token = Some(token),
                None => return Ok(all),
            }
        }
    }
}

impl Ports {
    fn get(&self, key: &ObjectKey) -> GetObjectRequest {
        GetObjectRequest {
            bucket: self.bucket.clone(),
            key: key.to_string(),
            ..Default::default()
        }
    }

    async fn body(&self, request: &GetObjectRequest) -> Result<Bytes, CallError> {
        let answer = self
            .ask("GetObject", &request.key, |world, now| {
                world.get_object(request, now)
            })
            .await?;
        let read = answer.read().map(Bytes::from);
        let mut body =
            read.map_err(|error| CallError::judge("GetObject", "body", &error.to_string(), None))?;
        if self.fate.is_cut() {
            body.truncate(body.len() / 2);
        }
        let start = match request.range {
            Some(ByteRange::Between(start, _)) => start,
            _ => 0,
        };
        self.tell_read(&request.key, request.version_id.as_ref(), start, body.len());
        Ok(body)
    }

    async fn put(
        &self,
        key: &ObjectKey,
        body: Vec<u8>,
        if_none_match: Option<String>,
    ) -> Result<(), CallError> {
        let request = PutObjectRequest {
            bucket: self.bucket.clone(),
            key: key.to_string(),
            body,
            if_none_match,
            ..Default::default()
        };
        self.ask("PutObject", key.as_str(), |world, now| {
            world.put_object(&request, now)
        })
        .await
        .map(drop)
    }
}

/// A missing key as absence.
fn absent<T>(result: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match result {
        Err(error) if error.kind == CallErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

impl HeadObject for Ports {
    async fn head_object(&self, key: &ObjectKey) -> Result<Option<ObjectHead>, CallError> {
        let request = self.get(key);
        let answer = self
            .ask("HeadObject", key.as_str(), |world, now| {
                world.head_object(&request, now)
            })
            .await;
        let head = answer.map(|a| ObjectHead {
            size: a.size,
            etag: a.e_tag,
            version_id: a.version_id,
        });
        absent(head)
    }
}

impl ReadChecksum for Ports {
    async fn stored_checksum(&self, object: &PinnedObject) -> Result<Option<StoredChecksum>, CallError> {
        let request = GetObjectRequest {
            version_id: object.version_id.clone(),
            if_match: Some(object.etag.clone()),
            ..self.get(&object.key)
        };
        let head = self
            .ask("HeadObject", object.key.as_str(), |world, now| {
                world.head_object(&request, now)
            })
            .await?;
        Ok(head.checksum.map(|checksum| StoredChecksum {
            algorithm: checksum.algorithm.name().to_owned(),
            of: checksum.of.name().to_owned(),
            value: checksum.value,
        }))
    }
}

impl ReadObject for Ports {
    async fn read_object(&self, key: &ObjectKey) -> Result<Option<Bytes>, CallError> {
        absent(self.body(&self.get(key)).await)
    }
}

impl ReadRange for Ports {
    async fn read_range(&self, params: &ReadRangeParams) -> Result<Bytes, CallError> {
        let request = GetObjectRequest {
            version_id: params.version_id.clone(),
            range: Some(ByteRange::Between(params.start, params.start + params.length - 1)),
            if_match: Some(params.etag.clone()),
            ..self.get(&params.key)
        };
        self.body(&request).await
    }
}

impl WriteObject for Ports {
    async fn write_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError> {
        self.put(key, body, None).await
    }

    async fn create_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError> {
        self.put(key, body, Some("*".to_owned())).await
    }
}

impl DeleteObject for Ports {
    async fn delete_object(&self, key: &ObjectKey) -> Result<(), CallError> {
        let request = DeleteObjectRequest {
            bucket: self.bucket.clone(),
            key: key.to_string(),
            ..Default::default()
        };
        self.ask("DeleteObject", key.as_str(), |world, now| {
            world.delete_object(&request, now)
        })
        .await
        .map(drop)
    }
}

impl ObjectTags for Ports {
    async fn object_tags(&self, key: &ObjectKey) -> Result<Vec<Tag>, CallError> {
        let object = ObjectRef {
            bucket: self.bucket.clone(),
            key: key.to_string(),
            version_id: None,
        };
        let tags = self
            .ask("GetObjectTagging", key.as_str(), |world, now| {
                world.get_object_tagging(&object, now)
            })
            .await?;
        Ok(tags
            .into_iter()
            .map(|(key, value)| Tag::new(key, value))
            .collect())
    }
}
