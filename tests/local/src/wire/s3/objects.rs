//! Objects: reading, writing, deleting, tagging.

use crate::wire::s3::convert::{
    ChecksumFields, condition, e_tag, sent_checksums, signed, tag_set, tags_in_header, tags_of, time,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use hyper::HeaderMap;
use jiff::Timestamp;
use s3s::S3Result;
use s3s::dto::{
    ChecksumMode, DeleteObjectInput, DeleteObjectOutput, DeleteObjectTaggingInput, DeleteObjectTaggingOutput,
    DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, GetObjectInput, GetObjectOutput,
    GetObjectTaggingInput, GetObjectTaggingOutput, HeadObjectInput, HeadObjectOutput, ObjectIdentifier,
    PutObjectInput, PutObjectOutput, PutObjectTaggingInput, PutObjectTaggingOutput, Range, StreamingBlob,
};
use sim::world::s3::{
    ByteRange, DeleteObjectRequest, DeleteObjectResponse, GetObjectRequest, GetObjectResponse,
    HeadObjectResponse, ObjectRef, PutObjectRequest,
};
use sim::world::{CallError, World};
use std::io;

/// How much of an object is read at a time, in bytes.
const CHUNK: u64 = 1 << 20;

/// `GetObject`.
pub(crate) fn get(
    world: &mut World,
    input: GetObjectInput,
    now: Timestamp,
) -> Result<GetObjectOutput, CallError> {
    let wants_checksums = wants_checksums(input.checksum_mode.as_ref());
    let request = GetObjectRequest {
        bucket: input.bucket,
        key: input.key,
        version_id: input.version_id,
        range: input.range.map(range),
        if_match: condition(input.if_match),
    };
    let object = world.get_object(&request, now)?;
    let head = object.head.clone();
    let whole = request.range.is_none();
    // A checksum is of the whole object: beside a part of it it would be taken for the part's.
    let checksum = ChecksumFields::from(head.checksum.filter(|_| wants_checksums && whole));
    let last = object.offset + object.length.saturating_sub(1);
    Ok(GetObjectOutput {
        content_length: Some(signed(object.length)),
        content_range: (!whole).then(|| format!("bytes {}-{last}/{}", object.offset, head.size)),
        accept_ranges: Some("bytes".to_owned()),
        body: Some(body(object)),
        e_tag: Some(e_tag(&head.e_tag)),
        version_id: head.version_id,
        last_modified: Some(time(head.last_modified)),
        content_type: head.content_type,
        metadata: Some(head.metadata.into_iter().collect()),
        tag_count: i32::try_from(head.tag_count).ok().filter(|count| *count > 0),
        checksum_crc64nvme: checksum.crc64nvme,
        checksum_crc32: checksum.crc32,
        checksum_crc32c: checksum.crc32c,
        checksum_sha1: checksum.sha1,
        checksum_sha256: checksum.sha256,
        checksum_type: checksum.of,
        ..GetObjectOutput::default()
    })
}

/// The bytes, read as they are sent: the world is not held meanwhile.
fn body(object: GetObjectResponse) -> StreamingBlob {
    let end = object.offset + object.length;
    let starts = (object.offset..end).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX));
    let blob = object.blob;
    let chunks = starts.map(move |start| {
        let length = usize::try_from(CHUNK.min(end - start)).map_err(io::Error::other)?;
        blob.read_at(start, length).map(Bytes::from)
    });
    StreamingBlob::wrap(stream::iter(chunks))
}

/// `HeadObject`.
pub(crate) fn head(
    world: &mut World,
    input: HeadObjectInput,
    now: Timestamp,
) -> Result<HeadObjectOutput, CallError> {
    let wants_checksums = wants_checksums(input.checksum_mode.as_ref());
    let request = GetObjectRequest {
        bucket: input.bucket,
        key: input.key,
        version_id: input.version_id,
        range: None,
        if_match: condition(input.if_match),
    };
    let HeadObjectResponse {
        e_tag: tag,
        version_id,
        size,
        last_modified,
        content_type,
        metadata,
        checksum,
        ..
    } = world.head_object(&request, now)?;
    let checksum = ChecksumFields::from(checksum.filter(|_| wants_checksums));
    Ok(HeadObjectOutput {
        content_length: Some(signed(size)),
        accept_ranges: Some("bytes".to_owned()),
        e_tag: Some(e_tag(&tag)),
        version_id,
        last_modified: Some(time(last_modified)),
        content_type,
        metadata: Some(metadata.into_iter().collect()),
        checksum_crc64nvme: checksum.crc64nvme,
        checksum_crc32: checksum.crc32,
        checksum_crc32c: checksum.crc32c,
        checksum_sha1: checksum.sha1,
        checksum_sha256: checksum.sha256,
        checksum_type: checksum.of,
        ..HeadObjectOutput::default()
    })
}

fn wants_checksums(mode: Option<&ChecksumMode>) -> bool {
    mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED)
}

fn range(range: Range) -> ByteRange {
    match range {
        Range::Int {
            first,
            last: Some(last),
        } => ByteRange::Between(first, last),
        Range::Int { first, last: None } => ByteRange::From(first),
        Range::Suffix { length } => ByteRange::Last(length),
    }
}

/// A request's whole body.
pub(crate) async fn read_body(body: Option<StreamingBlob>) -> S3Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(mut body) = body else { return Ok(bytes) };
    while let Some(chunk) = body.next().await {
        let broken = |error| s3s::S3Error::with_source(s3s::S3ErrorCode::IncompleteBody, error);
        bytes.extend_from_slice(&chunk.map_err(broken)?);
    }
    Ok(bytes)
}

/// `PutObject`'s request, once its body is read and the headers behind it are known.
pub(crate) fn put_request(
    input: PutObjectInput,
    body: Vec<u8>,
    headers: &HeaderMap,
    trailers: Option<&HeaderMap>,
) -> S3Result<PutObjectRequest> {
    Ok(PutObjectRequest {
        bucket: input.bucket,
        key: input.key,
        body,
        content_type: input.content_type,
        metadata: input.metadata.into_iter().flatten().collect(),
        tagging: tags_in_header(input.tagging.as_deref()),
        if_none_match: condition(input.if_none_match),
        if_match: condition(input.if_match),
        checksums: sent_checksums(headers, trailers)?,
    })
}

/// `PutObject`.
pub(crate) fn put(
    world: &mut World,
    request: &PutObjectRequest,
    now: Timestamp,
) -> Result<PutObjectOutput, CallError> {
    let answer = world.put_object(request, now)?;
    let checksum = ChecksumFields::from(Some(answer.checksum));
    Ok(PutObjectOutput {
        e_tag: Some(e_tag(&answer.e_tag)),
        version_id: answer.version_id,
        checksum_crc64nvme: checksum.crc64nvme,
        checksum_crc32: checksum.crc32,
        checksum_crc32c: checksum.crc32c,
        checksum_sha1: checksum.sha1,
        checksum_sha256: checksum.sha256,
        checksum_type: checksum.of,
        ..PutObjectOutput::default()
    })
}

/// `DeleteObject`.
pub(crate) fn delete(
    world: &mut World,
    input: DeleteObjectInput,
    now: Timestamp,
) -> Result<DeleteObjectOutput, CallError> {
    let request = DeleteObjectRequest {
        bucket: input.bucket,
        key: input.key,
        version_id: input.version_id,
    };
    let DeleteObjectResponse {
        delete_marker,
        version_id,
    } = world.delete_object(&request, now)?;
    Ok(DeleteObjectOutput {
        delete_marker: delete_marker.then_some(true),
        version_id,
        ..DeleteObjectOutput::default()
    })
}

/// `DeleteObjects`.
pub(crate) fn delete_many(
    world: &mut World,
    input: DeleteObjectsInput,
    now: Timestamp,
) -> Result<DeleteObjectsOutput, CallError> {
    let request = |object: ObjectIdentifier| DeleteObjectRequest {
        bucket: String::new(),
        key: object.key,
        version_id: object.version_id,
    };
    let requests: Vec<_> = input.delete.objects.into_iter().map(request).collect();
    let answer = world.delete_objects(&input.bucket, &requests, now)?;
    let errors = answer.errors.into_iter().map(|(key, error)| s3s::dto::Error {
        key: Some(key),
        code: Some(error.code),
        message: Some(error.message),
        version_id: None,
    });
    let deleted = answer.deleted.into_iter().map(|(key, deleted)| DeletedObject {
        key: Some(key),
        delete_marker: deleted.delete_marker.then_some(true),
        delete_marker_version_id: deleted.version_id.filter(|_| deleted.delete_marker),
        version_id: None,
    });
    let deleted = if input.delete.quiet == Some(true) {
        Vec::new()
    } else {
        deleted.collect()
    };
    Ok(DeleteObjectsOutput {
        deleted: Some(deleted),
        errors: Some(errors.collect()),
        ..DeleteObjectsOutput::default()
    })
}

/// `GetObjectTagging`.
pub(crate) fn tagging(
    world: &mut World,
    input: GetObjectTaggingInput,
    now: Timestamp,
) -> Result<GetObjectTaggingOutput, CallError> {
    let object = ObjectRef {
        bucket: input.bucket,
        key: input.key,
        version_id: input.version_id,
    };
    let tags = world.get_object_tagging(&object, now)?;
    Ok(GetObjectTaggingOutput {
        tag_set: tag_set(tags),
        version_id: object.version_id,
    })
}

/// `PutObjectTagging`.
pub(crate) fn set_tagging(
    world: &mut World,
    input: PutObjectTaggingInput,
    now: Timestamp,
) -> Result<PutObjectTaggingOutput, CallError> {
    let object = ObjectRef {
        bucket: input.bucket,
        key: input.key,
        version_id: input.version_id,
    };
    world.put_object_tagging(&object, &tags_of(input.tagging.tag_set), now)?;
    Ok(PutObjectTaggingOutput {
        version_id: object.version_id,
    })
}

/// `DeleteObjectTagging`.
pub(crate) fn clear_tagging(
    world: &mut World,
    input: DeleteObjectTaggingInput,
    now: Timestamp,
) -> Result<DeleteObjectTaggingOutput, CallError> {
    let object = ObjectRef {
        bucket: input.bucket,
        key: input.key,
        version_id: input.version_id,
    };
    world.delete_object_tagging(&object, now)?;
    Ok(DeleteObjectTaggingOutput {
        version_id: object.version_id,
    })
}
