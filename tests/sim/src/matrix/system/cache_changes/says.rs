//! What a manifest says of the cache, as it was when its snapshot was taken.

use backup_core::manifest::{Manifest, ManifestObject};

fn source(manifest: &Manifest) -> (Option<&str>, Option<&str>) {
    let snapshot = &manifest.snapshot;
    (snapshot.source_node.as_deref(), snapshot.source_role.as_deref())
}

pub(super) fn of_replica_2(manifest: &Manifest) -> bool {
    source(manifest) == (Some("orders-002"), Some("replica"))
}

pub(super) fn of_replica_3(manifest: &Manifest) -> bool {
    source(manifest) == (Some("orders-003"), Some("replica"))
}

pub(super) fn of_primary(manifest: &Manifest) -> bool {
    source(manifest) == (Some("orders-001"), Some("primary"))
}

/// Every shard is there with the slots that it had when the snapshot was taken.
fn has_shards(manifest: &Manifest, shards: usize) -> bool {
    let slots = |at: usize| format!("{}-{}", 16_384 * at / shards, 16_384 * (at + 1) / shards - 1);
    let as_it_was =
        |(at, object): (usize, &ManifestObject)| object.slots.as_deref() == Some(slots(at).as_str());
    manifest.objects.len() == shards && manifest.objects.iter().enumerate().all(as_it_was)
}

pub(super) fn has_two_shards(manifest: &Manifest) -> bool {
    has_shards(manifest, 2)
}

pub(super) fn has_three_shards(manifest: &Manifest) -> bool {
    has_shards(manifest, 3)
}

pub(super) fn has_four_shards(manifest: &Manifest) -> bool {
    has_shards(manifest, 4)
}

pub(super) fn has_cluster_mode(manifest: &Manifest) -> bool {
    manifest.cache.cluster_mode && manifest.objects.len() == 1
}

pub(super) fn is_upgraded(manifest: &Manifest) -> bool {
    let versions = manifest.objects.iter().map(|object| object.verdict.rdb_version);
    manifest.cache.engine_version.as_deref() == Some("9.0.0") && versions.eq([80])
}

pub(super) fn is_not_upgraded(manifest: &Manifest) -> bool {
    let versions = manifest.objects.iter().map(|object| object.verdict.rdb_version);
    manifest.cache.engine_version.as_deref() == Some("8.0.1") && versions.eq([11])
}

/// Such a run records nothing.
pub(super) fn never(_: &Manifest) -> bool {
    false
}
