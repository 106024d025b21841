//! Every name snapkeep gives, derived from cache, instant and re-drive count and nothing else.
//!
//! Two attempts of one run therefore meet under the same names, which is the whole idempotency scheme:
//! ElastiCache has no client tokens (API reference: `CreateSnapshot`, `CopySnapshot`).

use crate::{CacheId, CacheKind, CacheRef, Instant, Owner};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Longest manual snapshot name (`ElastiCache` user guide: the rules of cluster names, 40 characters) \[U\].
pub const SNAPSHOT_NAME_MAX: usize = 40;
/// First folder of everything that node-based exports and manifests write.
pub const BACKUPS: &str = "backups";
/// First folder of what `watch` remembers.
pub const WATCH: &str = "watch";
/// Tag on our snapshots: the run, `<kind>/<cache id>/<instant>`.
pub const TAG_RUN: &str = "snapkeep:run";
/// Tag on our snapshots: the owner, `<deployment>/<plan>`.
pub const TAG_OWNER: &str = "snapkeep:owner";
/// Tag on our snapshots: the cache, `<kind>/<cache id>`.
pub const TAG_CACHE: &str = "snapkeep:cache";
/// Object tag on a manifest: prune never deletes this backup.
pub const TAG_PIN: &str = "snapkeep:pin";
/// Object tag on a manifest: a person accepts this suspicious backup.
pub const TAG_ACCEPT: &str = "snapkeep:accept";

/// A snapshot's name: ours, or an automatic one, which is never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SnapshotName(String);

impl SnapshotName {
    /// The name of the snapshot that a run of `cache` at `instant` makes.
    pub fn for_run(cache: &CacheId, instant: Instant) -> Self {
        Self(format!("{}-{}", snapshot_stem(cache), instant.compact()))
    }

    /// A name as ElastiCache gave it; it stores lower case.
    pub fn from_service(name: &str) -> Self {
        Self(name.to_ascii_lowercase())
    }

    /// Whether ElastiCache made it by itself; only it can create names with a dot.
    pub fn is_automatic(&self) -> bool {
        self.0.starts_with("automatic.")
    }

    /// The instant in a name of ours for this cache, or `None` when the name is not one.
    pub fn instant_for(&self, cache: &CacheId) -> Option<Instant> {
        let (stem, instant) = self.parse()?;
        (stem == snapshot_stem(cache)).then_some(instant)
    }

    /// Splits a name of our grammar into stem (the id, when it was not cut) and instant.
    pub fn parse(&self) -> Option<(&str, Instant)> {
        let (stem, minute) = self.0.rsplit_once('-')?;
        let instant = Instant::parse_compact(minute)?;
        CacheId::parse(stem).ok().map(|_| (stem, instant))
    }

    /// The name as ElastiCache knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id as it stands in snapshot names: whole where it fits, else cut and told apart by a short hash.
fn snapshot_stem(cache: &CacheId) -> String {
    let room = SNAPSHOT_NAME_MAX - "-202611200304".len();
    let id = cache.as_str();
    if id.len() <= room {
        return id.to_owned();
    }
    let hash = base16ct::lower::encode_string(&Sha256::digest(id.as_bytes())[..4]);
    let head = id[..room - 1 - hash.len()].trim_end_matches('-');
    format!("{head}-{hash}")
}

/// A key in the backup bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Any key, as listed or as derived.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key as S3 knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last slash.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl std::fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// `backups/<kind>/<cache id>/`: everything of one cache but a serverless export's own objects.
pub fn cache_prefix(cache: &CacheRef) -> String {
    format!("{BACKUPS}/{}/{}/", cache.kind, cache.id)
}

/// `backups/<kind>/<cache id>/<instant>/`: everything of one run but a serverless export's own objects.
pub fn run_prefix(cache: &CacheRef, instant: Instant) -> String {
    format!("{}{instant}/", cache_prefix(cache))
}

/// `…/manifest.json`, the commit point.
pub fn manifest_key(cache: &CacheRef, instant: Instant) -> ObjectKey {
    ObjectKey(format!("{}manifest.json", run_prefix(cache, instant)))
}

/// `…/verdicts/<object>.json`; an export renewed under `r<count>/` keeps that folder, so nothing is overwritten.
pub fn verdict_key(cache: &CacheRef, instant: Instant, renewal: u32, object: &ObjectKey) -> ObjectKey {
    let folder = if renewal == 0 {
        String::new()
    } else {
        format!("r{renewal}/")
    };
    ObjectKey(format!(
        "{}verdicts/{folder}{}.json",
        run_prefix(cache, instant),
        object.file_name()
    ))
}

/// `…/alert-<re-drive count>.json`, the marker of an alert that was sent.
pub fn alert_key(cache: &CacheRef, instant: Instant, redrive_count: u32) -> ObjectKey {
    ObjectKey(format!(
        "{}alert-{redrive_count}.json",
        run_prefix(cache, instant)
    ))
}

/// `watch/<deployment>/<plan>/<kind>/<cache id>.json`: what `watch` remembers of one cache of one plan. Outside of
/// [`BACKUPS`], so that no prune ever lists it.
pub fn watch_key(owner: &Owner, cache: &CacheRef) -> ObjectKey {
    ObjectKey(format!("{WATCH}/{owner}/{cache}.json"))
}

/// The `TargetSnapshotName` of an export; `renewal` is the re-drive count under which it was started again, 0 at first.
///
/// Slashes make a prefix (seen in production use); commas are forbidden in seeding, and none can occur here.
pub fn export_target(cache: &CacheRef, instant: Instant, renewal: u32) -> String {
    let folder = if renewal == 0 {
        String::new()
    } else {
        format!("r{renewal}/")
    };
    format!("{}{folder}{}", run_prefix(cache, instant), cache.id)
}

/// The key of a shard: what stands before it in every key of the export, the shard, `.rdb`.
pub fn shard_key(stem: &str, shard: &str) -> ObjectKey {
    ObjectKey(format!("{stem}{shard}.rdb"))
}

/// The number of a shard, by which shards are compared: whether a node group `1` is exported as `1` or as
/// `0001` is not documented \[U\]. `None` for what is no shard of 1 to 4 digits.
pub fn shard_number(shard: &str) -> Option<u16> {
    let digits = (1..=4).contains(&shard.len()) && shard.bytes().all(|b| b.is_ascii_digit());
    shard.parse().ok().filter(|_| digits)
}

/// Where the objects of an export lie, and which of the keys there are its shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportGrammar {
    stems: Vec<String>,
}

impl ExportGrammar {
    /// `<target>-<shard>.rdb`, one per node group.
    pub fn node_based(target: &str) -> Self {
        Self {
            stems: vec![format!("{target}-")],
        }
    }

    /// A serverless export takes no target name: `<snapshot>/<snapshot>-<4 digits>.rdb` was observed and
    /// `<snapshot>-<4 digits>.rdb` would follow the node-based rule; nothing else is accepted \[U\].
    pub fn serverless(snapshot: &SnapshotName) -> Self {
        Self {
            stems: vec![format!("{snapshot}/{snapshot}-"), format!("{snapshot}-")],
        }
    }

    /// The grammar for a cache's kind.
    pub fn of(cache: &CacheRef, snapshot: &SnapshotName, target: &str) -> Self {
        match cache.kind {
            CacheKind::ServerlessCache => Self::serverless(snapshot),
            CacheKind::ReplicationGroup | CacheKind::CacheCluster => Self::node_based(target),
        }
    }

    /// The prefixes to list.
    pub fn prefixes(&self) -> &[String] {
        &self.stems
    }

    /// The shard id (1 to 4 digits) of a key of this export, or `None` for any other key.
    pub fn shard<'k>(&self, key: &'k str) -> Option<&'k str> {
        self.stems.iter().find_map(|stem| {
            let shard = key.strip_prefix(stem.as_str())?.strip_suffix(".rdb")?;
            shard_number(shard).map(|_| shard)
        })
    }
}

#[cfg(test)]
mod tests;
