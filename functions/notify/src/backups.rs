//! What the catalogue tells a message: the failures since the last backup.

use crate::marker::Marker;
use backup_core::catalogue;
use backup_core::ports::{ListObjects, ReadObject};
use backup_core::{CacheRef, Error, Instant, Owner};

/// Told failures of this owner and cache after its last manifest before `instant`, up to and with `instant`.
pub(crate) async fn failures_since_last<P: ListObjects + ReadObject>(
    ports: &P,
    cache: &CacheRef,
    owner: &Owner,
    instant: Instant,
) -> Result<u64, Error> {
    let listing = catalogue::list(ports, cache).await?;
    let mut failures = 0;
    for (at, folder) in listing.0.range(..=instant).rev() {
        if *at < instant
            && let Some(key) = &folder.manifest_key
            && let Some(manifest) = catalogue::read_manifest(ports, key).await?
            && manifest.owner == *owner
        {
            break;
        }
        for key in &folder.alerts {
            let bytes = ports.read_object(key).await?;
            let marker = bytes.as_deref().and_then(Marker::parse);
            failures += u64::from(marker.is_some_and(|marker| marker.owner.as_ref() == Some(owner)));
        }
    }
    Ok(failures)
}
