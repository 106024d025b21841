//! Listings.

use crate::wire::s3::convert::{call_error, e_tag, page_size, signed, time};
use jiff::Timestamp;
use s3s::S3Result;
use s3s::dto::{
    CommonPrefix, DeleteMarkerEntry, ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass, ObjectVersion,
};
use sim::world::World;
use sim::world::s3::{
    ListObjectVersionsRequest, ListObjectsV2Request, ListObjectsV2Response, ListedVersion, ObjectSummary,
};

/// `ListObjectsV2`.
pub(crate) fn v2(
    world: &mut World,
    input: ListObjectsV2Input,
    now: Timestamp,
) -> S3Result<ListObjectsV2Output> {
    let request = ListObjectsV2Request {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        continuation_token: input.continuation_token.clone(),
        start_after: input.start_after.clone(),
        max_keys: page_size(input.max_keys)?,
    };
    let answer = world.list_objects_v2(&request, now).map_err(call_error)?;
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: input.prefix,
        delimiter: input.delimiter,
        continuation_token: input.continuation_token,
        start_after: input.start_after,
        max_keys: i32::try_from(answer.max_keys).ok(),
        key_count: i32::try_from(answer.key_count).ok(),
        is_truncated: Some(answer.is_truncated),
        next_continuation_token: answer.next_continuation_token,
        contents: Some(answer.contents.into_iter().map(object).collect()),
        common_prefixes: Some(answer.common_prefixes.into_iter().map(group).collect()),
        ..ListObjectsV2Output::default()
    })
}

/// `ListObjects`, the first version: it pages by the last name instead of a token.
pub(crate) fn v1(world: &mut World, input: ListObjectsInput, now: Timestamp) -> S3Result<ListObjectsOutput> {
    let request = ListObjectsV2Request {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        continuation_token: None,
        start_after: input.marker.clone(),
        max_keys: page_size(input.max_keys)?,
    };
    let answer = world.list_objects_v2(&request, now).map_err(call_error)?;
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: input.prefix,
        delimiter: input.delimiter,
        marker: input.marker,
        max_keys: i32::try_from(answer.max_keys).ok(),
        is_truncated: Some(answer.is_truncated),
        next_marker: last_name(&answer).filter(|_| answer.is_truncated),
        contents: Some(answer.contents.into_iter().map(object).collect()),
        common_prefixes: Some(answer.common_prefixes.into_iter().map(group).collect()),
        ..ListObjectsOutput::default()
    })
}

fn last_name(answer: &ListObjectsV2Response) -> Option<String> {
    let key = answer.contents.last().map(|object| &object.key);
    key.max(answer.common_prefixes.last()).cloned()
}

/// `ListObjectVersions`; with a delimiter it is refused, as nobody here lists versions by folder.
pub(crate) fn versions(
    world: &mut World,
    input: ListObjectVersionsInput,
    now: Timestamp,
) -> S3Result<ListObjectVersionsOutput> {
    if input.delimiter.is_some() {
        return Err(s3s::s3_error!(
            NotImplemented,
            "ListObjectVersions with a delimiter is not modelled"
        ));
    }
    let request = ListObjectVersionsRequest {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        key_marker: input.key_marker.clone(),
        version_id_marker: input.version_id_marker.clone(),
        max_keys: page_size(input.max_keys)?,
    };
    let answer = world.list_object_versions(&request, now).map_err(call_error)?;
    let last = answer.versions.last().filter(|_| answer.is_truncated);
    let next = last
        .map(|last| (last.key.clone(), last.version_id.clone()))
        .unzip();
    let (markers, versions): (Vec<_>, Vec<_>) = answer
        .versions
        .into_iter()
        .partition(|version| version.is_delete_marker);
    Ok(ListObjectVersionsOutput {
        name: Some(input.bucket),
        prefix: input.prefix,
        key_marker: input.key_marker,
        version_id_marker: input.version_id_marker,
        max_keys: input.max_keys,
        is_truncated: Some(answer.is_truncated),
        next_key_marker: next.0,
        next_version_id_marker: next.1,
        versions: Some(versions.into_iter().map(version).collect()),
        delete_markers: Some(markers.into_iter().map(delete_marker).collect()),
        ..ListObjectVersionsOutput::default()
    })
}

fn object(summary: ObjectSummary) -> Object {
    Object {
        key: Some(summary.key),
        size: Some(signed(summary.size)),
        e_tag: Some(e_tag(&summary.e_tag)),
        last_modified: Some(time(summary.last_modified)),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Object::default()
    }
}

fn group(prefix: String) -> CommonPrefix {
    CommonPrefix { prefix: Some(prefix) }
}

fn version(listed: ListedVersion) -> ObjectVersion {
    ObjectVersion {
        key: Some(listed.key),
        version_id: Some(listed.version_id),
        is_latest: Some(listed.is_latest),
        size: Some(signed(listed.size)),
        e_tag: Some(e_tag(&listed.e_tag)),
        last_modified: Some(time(listed.last_modified)),
        ..ObjectVersion::default()
    }
}

fn delete_marker(listed: ListedVersion) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        key: Some(listed.key),
        version_id: Some(listed.version_id),
        is_latest: Some(listed.is_latest),
        last_modified: Some(time(listed.last_modified)),
        ..DeleteMarkerEntry::default()
    }
}
