//! Reads the catalogue out of a bucket: the set of manifests.

use crate::cli::CliError;
use backup_core::ObjectKey;
use backup_core::manifest::Manifest;
use backup_core::names::BACKUPS;
use jiff::Timestamp;
use sim::world::World;
use sim::world::s3::{GetObjectRequest, ListObjectsV2Request};

/// Every manifest in a bucket, with its key, in key order.
pub fn backups(world: &mut World, bucket: &str, now: Timestamp) -> Result<Vec<(String, Manifest)>, CliError> {
    let mut found = Vec::new();
    for key in keys(world, bucket, &format!("{BACKUPS}/"), now)? {
        if key.ends_with("/manifest.json") {
            let manifest = Manifest::parse(&ObjectKey::new(key.as_str()), &read(world, bucket, &key, now)?);
            found.push((key, manifest.map_err(|error| CliError::Catalogue(error.message))?));
        }
    }
    Ok(found)
}

/// All keys that begin with a prefix.
pub(crate) fn keys(
    world: &mut World,
    bucket: &str,
    prefix: &str,
    now: Timestamp,
) -> Result<Vec<String>, CliError> {
    let mut keys = Vec::new();
    let mut request = ListObjectsV2Request {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        ..Default::default()
    };
    loop {
        let page = world
            .list_objects_v2(&request, now)
            .map_err(|error| CliError::Catalogue(error.to_string()))?;
        keys.extend(page.contents.into_iter().map(|object| object.key));
        request.continuation_token = page.next_continuation_token;
        if request.continuation_token.is_none() {
            return Ok(keys);
        }
    }
}

/// An object's bytes.
pub(crate) fn read(world: &mut World, bucket: &str, key: &str, now: Timestamp) -> Result<Vec<u8>, CliError> {
    let request = GetObjectRequest {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        ..Default::default()
    };
    let answer = world
        .get_object(&request, now)
        .map_err(|error| CliError::Catalogue(error.to_string()))?;
    answer
        .read()
        .map_err(|error| CliError::Catalogue(error.to_string()))
}
