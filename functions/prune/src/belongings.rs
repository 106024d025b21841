//! Which objects are a run's own: what a person laid beside them is not ours to delete.

use backup_core::manifest::Manifest;
use backup_core::names::{self, ExportGrammar, ObjectKey, SnapshotName};
use backup_core::{CacheKind, CacheRef, Instant};

/// What an object of a run is, in the order of deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The commit point.
    Manifest,
    /// A shard's data.
    Data,
    /// A verdict or an alert's marker. They name the owner, so they go last: without them nobody could tell
    /// later whose the rest is.
    Evidence,
}

/// What `key` is to the run of `cache` at `instant`, or `None` for anything we did not write.
pub(crate) fn part(cache: &CacheRef, instant: Instant, key: &ObjectKey) -> Option<Part> {
    let rest = key.as_str().strip_prefix(&names::run_prefix(cache, instant))?;
    if rest == "manifest.json" {
        return Some(Part::Manifest);
    }
    let marker = rest
        .strip_prefix("alert-")
        .and_then(|rest| rest.strip_suffix(".json"));
    if marker.is_some_and(is_number) {
        return Some(Part::Evidence);
    }
    if let Some(rest) = rest.strip_prefix("verdicts/") {
        let (_, file) = renewal(rest)?;
        return (!file.contains('/') && file.ends_with(".rdb.json")).then_some(Part::Evidence);
    }
    let (renewal, _) = renewal(rest)?;
    let grammar = ExportGrammar::node_based(&names::export_target(cache, instant, renewal));
    grammar.shard(key.as_str()).map(|_| Part::Data)
}

/// Splits `r<count>/rest`; what has no such folder is of the first export, 0.
fn renewal(rest: &str) -> Option<(u32, &str)> {
    let Some((folder, file)) = rest.split_once('/') else {
        return Some((0, rest));
    };
    let count = folder.strip_prefix('r').filter(|count| is_number(count))?;
    Some((count.parse().ok().filter(|count| *count > 0)?, file))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The objects of a backup that lie outside its folder: a serverless export takes no target name.
pub(crate) fn outside(manifest: &Manifest) -> Vec<ObjectKey> {
    if manifest.cache.kind != CacheKind::ServerlessCache {
        return Vec::new();
    }
    let grammar = ExportGrammar::serverless(&manifest.snapshot.name);
    let keys = manifest.objects.iter().map(|object| &object.key);
    keys.filter(|key| grammar.shard(key.as_str()).is_some())
        .cloned()
        .collect()
}

/// Where a serverless run without a manifest may have left objects: under the snapshot that it made, and under
/// an automatic one whose name its verdicts carry.
pub(crate) fn serverless_exports(
    cache: &CacheRef,
    instant: Instant,
    evidence: &[ObjectKey],
) -> Vec<ExportGrammar> {
    if cache.kind != CacheKind::ServerlessCache {
        return Vec::new();
    }
    let exported = |key: &ObjectKey| {
        let (stem, _) = key.file_name().strip_suffix(".rdb.json")?.rsplit_once('-')?;
        Some(SnapshotName::from_service(stem))
    };
    let automatic = evidence
        .iter()
        .filter_map(exported)
        .filter(SnapshotName::is_automatic);
    let mut names: Vec<_> = automatic
        .chain([SnapshotName::for_run(&cache.id, instant)])
        .collect();
    names.sort();
    names.dedup();
    names.iter().map(ExportGrammar::serverless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use backup_core::CacheId;

    #[test]
    fn only_what_we_wrote_is_ours() {
        let cache = CacheRef {
            kind: CacheKind::ReplicationGroup,
            id: CacheId::parse("prod").unwrap(),
        };
        let instant = Instant::parse("20261120t0304z").unwrap();
        for (rest, want, why) in [
            ("manifest.json", Some(Part::Manifest), "the commit point"),
            ("prod-0001.rdb", Some(Part::Data), "a shard"),
            ("r2/prod-0001.rdb", Some(Part::Data), "a renewed export's shard"),
            ("verdicts/prod-0001.rdb.json", Some(Part::Evidence), "its verdict"),
            (
                "verdicts/r2/prod-0001.rdb.json",
                Some(Part::Evidence),
                "the renewed one's",
            ),
            ("alert-0.json", Some(Part::Evidence), "a told failure"),
            ("alert-12.json", Some(Part::Evidence), "the twelfth re-drive's"),
            ("alert-.json", None, "no count"),
            ("alert-x.json", None, "no number"),
            ("notes.txt", None, "a person's"),
            ("old/manifest.json", None, "a copy"),
            ("prod-0001.rdb.bak", None, "a copy"),
            ("prod-2-0001.rdb", None, "a sibling's shard"),
            ("r0/prod-0001.rdb", None, "the first export has no folder"),
            ("r2/r3/prod-0001.rdb", None, "no such depth"),
            ("verdicts/notes.txt", None, "a person's"),
            ("verdicts/x/prod-0001.rdb.json", None, "no renewal"),
            ("", None, "the folder's own marker, as consoles make it"),
        ] {
            let key = ObjectKey::new(format!("backups/replication-group/prod/20261120t0304z/{rest}"));
            assert_eq!(part(&cache, instant, &key), want, "{why}");
        }
        for key in [
            "backups/replication-group/prod-2/20261120t0304z/manifest.json",
            "backups/replication-group/prod/20261121t0304z/manifest.json",
            "backups/cache-cluster/prod/20261120t0304z/manifest.json",
        ] {
            assert_eq!(
                part(&cache, instant, &ObjectKey::new(key)),
                None,
                "{key} is another run's"
            );
        }
    }
}
