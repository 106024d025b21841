//! S3: the one backup bucket.

#[cfg(test)]
mod tests;

use crate::Aws;
use crate::failure::{call_error, incomplete, no_answer};
use crate::pages::{Page, all_pages};
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumMode, Object};
use backup_core::ports::{
    BucketName, BucketRegion, CallError, DeleteObject, HeadObject, ListObjects, ListedObject, ObjectHead,
    ObjectTags, PinnedObject, ReadChecksum, ReadObject, ReadRange, ReadRangeParams, StoredChecksum,
    WriteObject,
};
use backup_core::run::Tag;
use backup_core::{CallErrorKind, ObjectKey};
use bytes::{Bytes, BytesMut};
use jiff::Timestamp;

impl Aws {
    async fn put(
        &self,
        key: &ObjectKey,
        body: Vec<u8>,
        if_none_match: Option<&str>,
    ) -> Result<(), CallError> {
        let request = self
            .s3()
            .put_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .content_type("application/json")
            .set_if_none_match(if_none_match.map(str::to_owned))
            .body(ByteStream::from(body));
        let sent = request.send().await;
        sent.map_err(|error| call_error("PutObject", &error))?;
        Ok(())
    }
}

impl BucketName for Aws {
    fn bucket_name(&self) -> &str {
        &self.bucket
    }
}

impl BucketRegion for Aws {
    async fn bucket_region(&self) -> Result<String, CallError> {
        let answer = self.s3().get_bucket_location().bucket(&self.bucket).send().await;
        let answer = answer.map_err(|error| call_error("GetBucketLocation", &error))?;
        let constraint = answer.location_constraint;
        // The two historical spellings of API_GetBucketLocation.
        Ok(match constraint.as_ref().map_or("", |region| region.as_str()) {
            "" => "us-east-1".to_owned(),
            "EU" => "eu-west-1".to_owned(),
            region => region.to_owned(),
        })
    }
}

impl ListObjects for Aws {
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
        let fetch = async |token: Option<String>| -> Result<Page<ListedObject>, CallError> {
            let request = self
                .s3()
                .list_objects_v2()
                .bucket(&self.bucket)
                .prefix(prefix)
                .set_continuation_token(token);
            let answer = request.send().await;
            let answer = answer.map_err(|error| call_error("ListObjectsV2", &error))?;
            let objects = answer.contents.unwrap_or_default();
            whole(answer.key_count, objects.len())?;
            Ok((
                objects.into_iter().map(listed).collect::<Result<_, _>>()?,
                answer.next_continuation_token,
            ))
        };
        all_pages("ListObjectsV2", fetch).await
    }
}

impl HeadObject for Aws {
    async fn head_object(&self, key: &ObjectKey) -> Result<Option<ObjectHead>, CallError> {
        let request = self.s3().head_object().bucket(&self.bucket).key(key.as_str());
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("HeadObject", &error));
        let Some(head) = found(answer)? else {
            return Ok(None);
        };
        Ok(Some(ObjectHead {
            size: size("HeadObject", head.content_length)?,
            etag: head.e_tag.ok_or_else(|| incomplete("HeadObject", "ETag"))?,
            version_id: head.version_id,
        }))
    }
}

impl ReadChecksum for Aws {
    async fn stored_checksum(&self, object: &PinnedObject) -> Result<Option<StoredChecksum>, CallError> {
        let request = self
            .s3()
            .head_object()
            .bucket(&self.bucket)
            .key(object.key.as_str())
            .checksum_mode(ChecksumMode::Enabled)
            .if_match(&object.etag)
            .set_version_id(object.version_id.clone());
        let answer = request.send().await;
        answer
            .map(preferred)
            .map_err(|error| call_error("HeadObject", &error))
    }
}

impl ReadObject for Aws {
    async fn read_object(&self, key: &ObjectKey) -> Result<Option<Bytes>, CallError> {
        let request = self.s3().get_object().bucket(&self.bucket).key(key.as_str());
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("GetObject", &error));
        match found(answer)? {
            Some(answer) => {
                let length = size("GetObject", answer.content_length).unwrap_or_default();
                collect(answer.body, length).await.map(Some)
            }
            None => Ok(None),
        }
    }
}

impl ReadRange for Aws {
    async fn read_range(&self, params: &ReadRangeParams) -> Result<Bytes, CallError> {
        // HTTP ranges include their last byte.
        let last = params.start + params.length.saturating_sub(1);
        let request = self
            .s3()
            .get_object()
            .bucket(&self.bucket)
            .key(params.key.as_str())
            .range(format!("bytes={}-{last}", params.start))
            .if_match(&params.etag)
            .set_version_id(params.version_id.clone());
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("GetObject", &error))?;
        let bytes = collect(answer.body, params.length).await?;
        if bytes.len() as u64 == params.length {
            return Ok(bytes);
        }
        let message = format!("asked for {} bytes, got {}", params.length, bytes.len());
        Err(CallError {
            operation: "GetObject",
            code: "WrongLength".to_owned(),
            message,
            kind: CallErrorKind::Unexpected,
        })
    }
}

impl WriteObject for Aws {
    async fn write_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError> {
        self.put(key, body, None).await
    }

    async fn create_object(&self, key: &ObjectKey, body: Vec<u8>) -> Result<(), CallError> {
        self.put(key, body, Some("*")).await
    }
}

impl DeleteObject for Aws {
    async fn delete_object(&self, key: &ObjectKey) -> Result<(), CallError> {
        let request = self.s3().delete_object().bucket(&self.bucket).key(key.as_str());
        let sent = request.send().await;
        sent.map_err(|error| call_error("DeleteObject", &error))?;
        Ok(())
    }
}

impl ObjectTags for Aws {
    async fn object_tags(&self, key: &ObjectKey) -> Result<Vec<Tag>, CallError> {
        let request = self
            .s3()
            .get_object_tagging()
            .bucket(&self.bucket)
            .key(key.as_str());
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("GetObjectTagging", &error))?;
        let tags = answer.tag_set.into_iter();
        Ok(tags
            .map(|tag| Tag {
                key: tag.key,
                value: tag.value,
            })
            .collect())
    }
}

/// A missing object is an answer; a missing bucket is a failure.
fn found<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind == CallErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The whole body, put together as it comes: the SDK's own collecting holds it twice at its end.
async fn collect(mut body: ByteStream, length: u64) -> Result<Bytes, CallError> {
    // What a server announces is not taken for granted beyond the largest piece that is asked for.
    let mut whole = BytesMut::with_capacity(usize::try_from(length).unwrap_or_default().min(EXPECTED_MAX));
    while let Some(chunk) = body.next().await {
        // The headers came, the rest did not: the same as no answer.
        let chunk = chunk.map_err(|error| no_answer("GetObject", "BodyInterrupted", &error))?;
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

/// Most bytes of a body that memory is taken for in advance.
const EXPECTED_MAX: usize = 8 << 20;

/// The checksum to compare with, of those that came: the cheapest to compute first. S3 keeps one an object in nearly
/// every case, and adds `CRC64NVME` by itself.
fn preferred(head: HeadObjectOutput) -> Option<StoredChecksum> {
    let of = head.checksum_type;
    let all = [
        ("CRC64NVME", head.checksum_crc64_nvme),
        ("CRC32", head.checksum_crc32),
        ("CRC32C", head.checksum_crc32_c),
        ("SHA256", head.checksum_sha256),
        ("SHA1", head.checksum_sha1),
        ("SHA512", head.checksum_sha512),
        ("MD5", head.checksum_md5),
        ("XXHASH64", head.checksum_xxhash64),
        ("XXHASH3", head.checksum_xxhash3),
        ("XXHASH128", head.checksum_xxhash128),
    ];
    let (algorithm, value) = all.into_iter().find_map(|(name, value)| Some((name, value?)))?;
    // Where the type is missing, a composite value still shows by its number of parts.
    let told = of.map(|of| of.as_str().to_owned());
    let of = told.unwrap_or_else(|| {
        let composite = value.contains('-');
        if composite {
            "COMPOSITE"
        } else {
            StoredChecksum::FULL_OBJECT
        }
        .to_owned()
    });
    Some(StoredChecksum {
        algorithm: algorithm.to_owned(),
        of,
        value,
    })
}

/// XML that breaks off reads as a shorter list, and what is not listed counts as not there. S3 says before the keys how
/// many follow; a page that has others is an answer that was lost.
fn whole(key_count: Option<i32>, listed: usize) -> Result<(), CallError> {
    match key_count {
        Some(count) if usize::try_from(count).ok() != Some(listed) => {
            let message = format!("{count} keys are announced, {listed} are listed");
            Err(CallError::judge(
                "ListObjectsV2",
                "UnreadableAnswer",
                &message,
                None,
            ))
        }
        _ => Ok(()),
    }
}

fn listed(object: Object) -> Result<ListedObject, CallError> {
    let missing = |what| incomplete("ListObjectsV2", what);
    let at = object.last_modified.ok_or_else(|| missing("LastModified"))?;
    Ok(ListedObject {
        key: ObjectKey::new(object.key.ok_or_else(|| missing("Key"))?),
        size: size("ListObjectsV2", object.size)?,
        etag: object.e_tag.ok_or_else(|| missing("ETag"))?,
        last_modified: Timestamp::from_second(at.secs()).map_err(|_| missing("LastModified"))?,
    })
}

fn size(operation: &'static str, size: Option<i64>) -> Result<u64, CallError> {
    size.and_then(|size| u64::try_from(size).ok())
        .ok_or_else(|| incomplete(operation, "size"))
}
