//! The tags of a new snapshot: ours, and as many of the cache's as fit.

use backup_core::Run;
use backup_core::ports::{Cache, ListTags};
use backup_core::run::Tag;
use std::collections::BTreeMap;

/// Most tags that a resource may have (API reference: `TagQuotaPerResourceExceeded`).
const MAX_TAGS: usize = 50;

/// Tags given at creation replace those that ElastiCache would have copied from the cache, so they are copied
/// here. A cache whose tags cannot be read is backed up without them.
pub(crate) async fn of_snapshot<P: ListTags>(ports: &P, run: &Run, cache: &Cache) -> Vec<Tag> {
    let Some(arn) = cache.arn.as_deref() else {
        tracing::warn!(cache = %run.cache, "the cache has no ARN, its tags are not copied");
        return merge(run.tags(), Vec::new());
    };
    let read = ports.list_tags(arn).await;
    let of_cache = read.unwrap_or_else(|error| {
        tracing::warn!(cache = %run.cache, %error, "the tags of the cache could not be read, they are not copied");
        Vec::new()
    });
    merge(run.tags(), of_cache)
}

/// Ours first, then the cache's by key: without AWS's own, which no caller may set, and without ours, which
/// a cache that was restored from one of our snapshots carries.
fn merge(ours: Vec<Tag>, of_cache: Vec<Tag>) -> Vec<Tag> {
    let of_cache: BTreeMap<String, String> = of_cache.into_iter().map(|tag| (tag.key, tag.value)).collect();
    let free: Vec<Tag> = of_cache
        .into_iter()
        .filter(|(key, _)| !key.to_ascii_lowercase().starts_with("aws:"))
        .filter(|(key, _)| ours.iter().all(|our| our.key != *key))
        .map(|(key, value)| Tag { key, value })
        .collect();
    ours.into_iter().chain(free).take(MAX_TAGS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Vec<Tag> {
        pairs.iter().map(|(key, value)| Tag::new(*key, *value)).collect()
    }

    #[test]
    fn ours_win_and_aws_keeps_its_own() {
        let ours = tags(&[("snapkeep:run", "this")]);
        let of_cache = tags(&[
            ("team", "shop"),
            ("aws:cloudformation:stack-name", "shop"),
            ("AWS:x", "any case is reserved"),
            ("snapkeep:run", "that of the snapshot it was restored from"),
            ("cost", ""),
        ]);
        let want = tags(&[("snapkeep:run", "this"), ("cost", ""), ("team", "shop")]);
        assert_eq!(merge(ours, of_cache), want);
    }

    #[test]
    fn the_caches_tags_are_cut_to_what_a_resource_may_have() {
        let ours = tags(&[
            ("snapkeep:run", "r"),
            ("snapkeep:owner", "o"),
            ("snapkeep:cache", "c"),
        ]);
        for (given, want) in [(0, 3), (47, 50), (48, 50), (50, 50)] {
            let of_cache = (0..given).map(|n| Tag::new(format!("k{n:02}"), "v")).collect();
            let merged = merge(ours.clone(), of_cache);
            assert_eq!(merged.len(), want, "{given} tags on the cache");
            assert_eq!(merged[..3], ours[..], "ours are never cut");
        }
    }
}
