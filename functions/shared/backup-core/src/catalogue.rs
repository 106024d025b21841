//! The catalogue: the set of manifests.

use crate::manifest::Manifest;
use crate::names::{self, ObjectKey};
use crate::ports::{CallErrorKind, ListObjects, ListedObject, ObjectTags, ReadObject};
use crate::{CacheRef, Error, Instant, Owner};
use std::collections::BTreeMap;

/// What lies under one instant of one cache.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// Every object below the instant, in key order.
    pub objects: Vec<ListedObject>,
    /// The manifest's key, where there is one.
    pub manifest_key: Option<ObjectKey>,
    /// `alert-<n>.json` keys.
    pub alerts: Vec<ObjectKey>,
}

/// A cache's folders by instant. Keys that are not of our grammar are in none of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing(pub BTreeMap<Instant, Folder>);

impl Listing {
    /// Sorts a listing below [`names::cache_prefix`] into folders; what follows another grammar is passed over.
    pub fn of(cache: &CacheRef, objects: impl IntoIterator<Item = ListedObject>) -> Self {
        let prefix = names::cache_prefix(cache);
        let mut folders: BTreeMap<Instant, Folder> = BTreeMap::new();
        for object in objects {
            let Some((instant, rest)) = object
                .key
                .as_str()
                .strip_prefix(&prefix)
                .and_then(|k| k.split_once('/'))
            else {
                continue;
            };
            let Some(instant) = Instant::parse(instant) else {
                continue;
            };
            let folder = folders.entry(instant).or_default();
            if rest == "manifest.json" {
                folder.manifest_key = Some(object.key.clone());
            } else if is_alert(rest) {
                folder.alerts.push(object.key.clone());
            }
            folder.objects.push(object);
        }
        Self(folders)
    }
}

fn is_alert(rest: &str) -> bool {
    let count = rest
        .strip_prefix("alert-")
        .and_then(|rest| rest.strip_suffix(".json"));
    count.is_some_and(|count| !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()))
}

/// Lists one cache's folders.
pub async fn list<P: ListObjects>(ports: &P, cache: &CacheRef) -> Result<Listing, Error> {
    Ok(Listing::of(
        cache,
        ports.list_objects(&names::cache_prefix(cache)).await?,
    ))
}

/// Reads one manifest; `None` where it is gone by now.
pub async fn read_manifest<P: ReadObject>(ports: &P, key: &ObjectKey) -> Result<Option<Manifest>, Error> {
    match ports.read_object(key).await? {
        None => Ok(None),
        Some(bytes) => Manifest::parse(key, &bytes).map(Some),
    }
}

/// Reads every manifest of a listing, oldest first, each with the instant of the folder it lies in. One that
/// cannot be read is an error: what cannot be understood must not be taken for absent.
pub async fn read_each<P: ReadObject>(
    ports: &P,
    listing: &Listing,
) -> Result<Vec<(Instant, Manifest)>, Error> {
    use futures_util::{StreamExt, TryStreamExt, stream};
    let keys = listing.0.iter();
    let keys = keys.filter_map(|(instant, folder)| Some((*instant, folder.manifest_key.as_ref()?)));
    let read = |(instant, key)| async move { Ok::<_, Error>((instant, read_manifest(ports, key).await?)) };
    // Collected first: a stream that held the closures would not be `Send` for every lifetime.
    let reads: Vec<_> = keys.map(read).collect();
    let reads = stream::iter(reads).buffered(READS_IN_FLIGHT);
    let manifests: Vec<(Instant, Option<Manifest>)> = reads.try_collect().await?;
    let there = manifests.into_iter();
    Ok(there
        .filter_map(|(instant, manifest)| Some((instant, manifest?)))
        .collect())
}

/// Reads every manifest of a listing, oldest first, under the rule of [`read_each`].
pub async fn read_all<P: ReadObject>(ports: &P, listing: &Listing) -> Result<Vec<Manifest>, Error> {
    let manifests = read_each(ports, listing).await?;
    Ok(manifests.into_iter().map(|(_, manifest)| manifest).collect())
}

/// Whether a person tagged a manifest, with whatever value: [`names::TAG_PIN`] or [`names::TAG_ACCEPT`]. One
/// that is gone by now has no tags.
pub async fn is_tagged<P: ObjectTags>(ports: &P, manifest: &ObjectKey, tag: &str) -> Result<bool, Error> {
    match ports.object_tags(manifest).await {
        Ok(tags) => Ok(tags.iter().any(|found| found.key == tag)),
        Err(error) if error.kind == CallErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether a backup is suspicious and no person has accepted it: such a one fills no keep rule, is compared with
/// nothing and is no last good backup. Tags are read only where they decide.
pub async fn is_suspicious<P: ObjectTags>(
    ports: &P,
    key: &ObjectKey,
    manifest: &Manifest,
) -> Result<bool, Error> {
    Ok(manifest.suspicion.is_some() && !is_tagged(ports, key, names::TAG_ACCEPT).await?)
}

/// The newest backup of this owner and cache that is not suspicious, or that a person accepted.
///
/// Manifests are read newest first and no further than needed: an old one that cannot be read is no reason to go
/// without the newest. One that was copied here from elsewhere is nobody's, and one that names another owner is no
/// business of this one, whether it can be read or not.
pub async fn last_good<P: ListObjects + ReadObject + ObjectTags>(
    ports: &P,
    cache: &CacheRef,
    owner: &Owner,
) -> Result<Option<Manifest>, Error> {
    let listing = list(ports, cache).await?;
    for (instant, folder) in listing.0.iter().rev() {
        let Some(key) = &folder.manifest_key else {
            continue;
        };
        let Some(bytes) = ports.read_object(key).await? else {
            continue;
        };
        if Manifest::is_of_another(owner, &bytes) {
            continue;
        }
        let manifest = Manifest::parse(key, &bytes)?;
        if manifest.is_of(owner, cache, *instant) && !is_suspicious(ports, key, &manifest).await? {
            return Ok(Some(manifest));
        }
    }
    Ok(None)
}

/// Manifests read at a time.
const READS_IN_FLIGHT: usize = 8;

#[cfg(test)]
mod tests;
