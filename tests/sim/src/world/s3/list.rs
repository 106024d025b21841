//! `ListObjectsV2` and `ListObjectVersions`.

use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use crate::world::s3::{Bucket, Version};
use crate::world::{Call, World};
use jiff::Timestamp;

/// Entries per page.
const PAGE_MAX: u32 = 1000;

/// `ListObjectsV2`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectsV2Request {
    /// The bucket.
    pub bucket: String,
    /// Only keys that begin with this.
    pub prefix: String,
    /// Keys are grouped up to the first occurrence of this after the prefix.
    pub delimiter: Option<String>,
    /// From the page before.
    pub continuation_token: Option<String>,
    /// Only keys after this; without effect beside a token.
    pub start_after: Option<String>,
    /// At most 1000, and 1000 unless given.
    pub max_keys: Option<u32>,
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSummary {
    /// The key.
    pub key: String,
    /// Size in bytes.
    pub size: u64,
    /// `ETag`, with its quotes.
    pub e_tag: String,
    /// Whole seconds.
    pub last_modified: Timestamp,
}

/// Answer of `ListObjectsV2`; keys in the order of their UTF-8 bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectsV2Response {
    /// Objects that are in no group.
    pub contents: Vec<ObjectSummary>,
    /// Groups by delimiter, each ending with it.
    pub common_prefixes: Vec<String>,
    /// Whether there are more.
    pub is_truncated: bool,
    /// For the next page.
    pub next_continuation_token: Option<String>,
    /// Objects and groups in this answer.
    pub key_count: u32,
    /// The page size in force.
    pub max_keys: u32,
}

enum Entry<'a> {
    Object(&'a str, &'a Version),
    Group(&'a str),
}

impl Entry<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Object(name, _) | Self::Group(name) => name,
        }
    }
}

impl World {
    /// `ListObjectsV2`.
    pub fn list_objects_v2(
        &mut self,
        request: &ListObjectsV2Request,
        now: Timestamp,
    ) -> Result<ListObjectsV2Response, CallError> {
        let argument = format!("{}/{}", request.bucket, request.prefix);
        let call = Call {
            operation: Operation::ListObjectsV2,
            argument: &argument,
            now,
        };
        self.call(&call, |world| {
            let bucket = world.s3.existing(&request.bucket)?;
            let max_keys = request.max_keys.unwrap_or(PAGE_MAX).min(PAGE_MAX);
            let after = match &request.continuation_token {
                Some(token) => Some(decode_token(token)?),
                None => request.start_after.clone(),
            };
            let all = if world.stale {
                Vec::new()
            } else {
                entries(bucket, request)
            };
            let mut rest = all
                .into_iter()
                .filter(|entry| after.as_deref().is_none_or(|after| entry.name() > after));
            let page: Vec<Entry<'_>> = rest.by_ref().take(max_keys as usize).collect();
            let is_truncated = max_keys > 0 && rest.next().is_some();
            let last = page.last().filter(|_| is_truncated);
            let mut answer = ListObjectsV2Response {
                is_truncated,
                next_continuation_token: last
                    .map(|entry| base16ct::lower::encode_string(entry.name().as_bytes())),
                key_count: u32::try_from(page.len()).unwrap_or(PAGE_MAX),
                max_keys,
                ..ListObjectsV2Response::default()
            };
            for entry in page {
                match entry {
                    Entry::Object(key, version) => answer.contents.push(summary(key, version)),
                    Entry::Group(prefix) => answer.common_prefixes.push(prefix.to_owned()),
                }
            }
            Ok(answer)
        })
    }

    /// `ListObjectVersions`: every version and delete marker, newest first within a key.
    pub fn list_object_versions(
        &mut self,
        request: &ListObjectVersionsRequest,
        now: Timestamp,
    ) -> Result<ListObjectVersionsResponse, CallError> {
        let argument = format!("{}/{}", request.bucket, request.prefix);
        let call = Call {
            operation: Operation::ListObjectVersions,
            argument: &argument,
            now,
        };
        self.call(&call, |world| {
            let bucket = world.s3.existing(&request.bucket)?;
            let mut versions = listed_versions(bucket, &request.prefix);
            if let Some(key) = &request.key_marker {
                let at_marker = |listed: &ListedVersion| {
                    listed.key == *key && Some(&listed.version_id) == request.version_id_marker.as_ref()
                };
                let seen = versions.iter().position(at_marker);
                let passed = |listed: &ListedVersion| listed.key <= *key;
                let skipped = seen.map_or_else(|| versions.partition_point(passed), |index| index + 1);
                versions.drain(..skipped);
            }
            let size = request.max_keys.unwrap_or(PAGE_MAX).min(PAGE_MAX) as usize;
            let is_truncated = versions.len() > size;
            versions.truncate(size);
            Ok(ListObjectVersionsResponse {
                versions,
                is_truncated,
            })
        })
    }
}

fn summary(key: &str, version: &Version) -> ObjectSummary {
    ObjectSummary {
        key: key.to_owned(),
        size: version.size,
        e_tag: version.e_tag.clone(),
        last_modified: version.last_modified,
    }
}

/// All that a listing without pages would have, in order: a group stands where its first key stands.
fn entries<'a>(bucket: &'a Bucket, request: &ListObjectsV2Request) -> Vec<Entry<'a>> {
    let prefix = request.prefix.as_str();
    let delimiter = request
        .delimiter
        .as_deref()
        .filter(|delimiter| !delimiter.is_empty());
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let matching = bucket
        .objects
        .range(prefix.to_owned()..)
        .take_while(|(key, _)| key.starts_with(prefix));
    for (key, version) in matching.filter_map(|(key, _)| Some((key, bucket.current(key)?))) {
        let cut =
            delimiter.and_then(|delimiter| Some(key[prefix.len()..].find(delimiter)? + delimiter.len()));
        match cut {
            None => entries.push(Entry::Object(key, version)),
            Some(cut) => {
                let group = &key[..prefix.len() + cut];
                if !matches!(entries.last(), Some(Entry::Group(last)) if *last == group) {
                    entries.push(Entry::Group(group));
                }
            }
        }
    }
    entries
}

/// Tokens are opaque; hex keeps a caller from building one.
fn decode_token(token: &str) -> Result<String, AwsError> {
    let invalid = || AwsError::bad_request("InvalidArgument", "The continuation token provided is incorrect");
    let bytes = base16ct::lower::decode_vec(token).map_err(|_| invalid())?;
    String::from_utf8(bytes).map_err(|_| invalid())
}

/// `ListObjectVersions`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectVersionsRequest {
    /// The bucket.
    pub bucket: String,
    /// Only keys that begin with this.
    pub prefix: String,
    /// Last key of the page before.
    pub key_marker: Option<String>,
    /// Last version of the page before.
    pub version_id_marker: Option<String>,
    /// At most 1000, and 1000 unless given.
    pub max_keys: Option<u32>,
}

/// A version or a delete marker in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVersion {
    /// The key.
    pub key: String,
    /// The version, `null` where none are kept.
    pub version_id: String,
    /// Whether it is the newest of its key.
    pub is_latest: bool,
    /// Whether it is a delete marker.
    pub is_delete_marker: bool,
    /// Size in bytes.
    pub size: u64,
    /// `ETag`, with its quotes; empty for a delete marker.
    pub e_tag: String,
    /// Whole seconds.
    pub last_modified: Timestamp,
}

/// Answer of `ListObjectVersions`; the last entry's key and version are the markers of the next page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListObjectVersionsResponse {
    /// Keys in order, newest version first.
    pub versions: Vec<ListedVersion>,
    /// Whether there are more.
    pub is_truncated: bool,
}

fn listed_versions(bucket: &Bucket, prefix: &str) -> Vec<ListedVersion> {
    let matching = bucket
        .objects
        .range(prefix.to_owned()..)
        .take_while(|(key, _)| key.starts_with(prefix));
    let of_key = |key: &String, versions: &Vec<Version>| {
        let newest_first = versions.iter().rev().enumerate();
        let listed = newest_first.map(|(age, version)| ListedVersion {
            key: key.clone(),
            version_id: version.id.clone(),
            is_latest: age == 0,
            is_delete_marker: version.blob.is_none(),
            size: version.size,
            e_tag: version.e_tag.clone(),
            last_modified: version.last_modified,
        });
        listed.collect::<Vec<_>>()
    };
    matching
        .flat_map(|(key, versions)| of_key(key, versions))
        .collect()
}
