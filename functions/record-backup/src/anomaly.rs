//! The guard against a backup that is sound and yet not what it should be: empty, or much smaller than the last.

use backup_core::catalogue;
use backup_core::manifest::{Manifest, ManifestObject, Suspicion};
use backup_core::ports::{ListObjects, ObjectTags, ReadObject};
use backup_core::{Anomaly, Error, Instant, Run};

/// What the owner's earlier backups of this cache are good for.
pub(crate) enum Past {
    /// There is none.
    Empty,
    /// There are some, all suspicious: nothing to compare with.
    OnlySuspicious,
    /// The newest that is not suspicious.
    Good(Size),
    /// A manifest on the way to it cannot be read, for the reason given.
    Unreadable(String),
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    instant: Instant,
    keys: u64,
    bytes: u64,
}

/// Looks back from the run's instant for the newest backup of its owner and cache that counts as good: not
/// suspicious, or accepted by a person.
///
/// A manifest that cannot be read does not fail the run, for a backup in hand is worth more than a comparison;
/// it makes the backup suspicious, which is told and licenses no pruning.
pub(crate) async fn past<P>(ports: &P, run: &Run) -> Result<Past, Error>
where
    P: ListObjects + ReadObject + ObjectTags,
{
    let listing = catalogue::list(ports, &run.cache).await?;
    let mut past = Past::Empty;
    for (instant, folder) in listing.0.range(..run.instant).rev() {
        let Some(key) = &folder.manifest_key else { continue };
        let manifest = match catalogue::read_manifest(ports, key).await {
            Ok(Some(manifest)) if manifest.is_of(&run.owner, &run.cache, *instant) => manifest,
            Ok(_) => continue,
            Err(error) if error.source.is_none() => return Ok(Past::Unreadable(error.message)),
            Err(error) => return Err(error),
        };
        if !catalogue::is_suspicious(ports, key, &manifest).await? {
            return Ok(Past::Good(Size::of(&manifest)));
        }
        past = Past::OnlySuspicious;
    }
    Ok(past)
}

impl Size {
    fn of(manifest: &Manifest) -> Self {
        Self {
            instant: manifest.instant(),
            keys: manifest.keys(),
            bytes: manifest.bytes(),
        }
    }
}

impl Past {
    /// Whether there is no earlier backup at all.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// Whether a backup is suspicious against this past. An empty one always is, also the first.
    pub(crate) fn judge(&self, objects: &[ManifestObject], limits: Anomaly) -> Option<Suspicion> {
        let keys: u64 = objects.iter().map(|object| object.verdict.keys).sum();
        let bytes: u64 = objects.iter().map(|object| object.verdict.size).sum();
        let empty = (keys == 0).then(|| "it holds no keys".to_owned());
        let (compared_with, reasons) = match self {
            Self::Empty | Self::OnlySuspicious => (None, [None, None]),
            Self::Unreadable(why) => {
                let reason = format!("it could not be compared with the last one: {why}");
                (None, [Some(reason), None])
            }
            Self::Good(last) => {
                let key_reason = shrink("keys", last.keys, keys, limits.max_key_shrink_percent);
                let byte_reason = shrink("bytes", last.bytes, bytes, limits.max_byte_shrink_percent);
                (Some(last.instant), [key_reason, byte_reason])
            }
        };
        let reasons: Vec<String> = empty.into_iter().chain(reasons.into_iter().flatten()).collect();
        (!reasons.is_empty()).then_some(Suspicion {
            reasons,
            compared_with,
        })
    }
}

/// Why going from `before` to `after` is more than `limit` percent less, if it is.
fn shrink(what: &str, before: u64, after: u64, limit: u8) -> Option<String> {
    let lost = u128::from(before.saturating_sub(after));
    if lost * 100 <= u128::from(before) * u128::from(limit) {
        return None;
    }
    let percent = lost * 100 / u128::from(before);
    Some(format!(
        "{what} shrank from {before} to {after}, by {percent} %, where {limit} % is allowed"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_shrink_beyond_the_limit_is_told_in_numbers() {
        let beyond = "keys shrank from 1000 to 499, by 50 %, where 50 % is allowed";
        let any = "keys shrank from 1000 to 999, by 0 %, where 0 % is allowed";
        let largest = "keys shrank from 18446744073709551615 to 0, by 100 %, where 99 % is allowed";
        for (before, after, limit, want, why) in [
            (1000, 499, 50, Some(beyond), "just beyond"),
            (1000, 500, 50, None, "exactly the limit"),
            (1000, 1000, 0, None, "nothing lost"),
            (1000, 999, 0, Some(any), "nothing may be lost"),
            (1000, 2000, 0, None, "grown"),
            (0, 0, 50, None, "nothing to lose"),
            (0, 10, 0, None, "from nothing"),
            (1000, 0, 100, None, "an empty dump has a reason of its own"),
            (u64::MAX, 0, 99, Some(largest), "the largest"),
        ] {
            assert_eq!(shrink("keys", before, after, limit).as_deref(), want, "{why}");
        }
    }

    proptest! {
        #[test]
        fn less_is_never_less_suspicious(before in any::<u64>(), after in any::<u64>(), less in any::<u64>(), limit in 0..=100_u8) {
            let (more, less) = (after.max(less), after.min(less));
            if shrink("keys", before, more, limit).is_some() {
                prop_assert!(shrink("keys", before, less, limit).is_some());
            }
        }

        #[test]
        fn a_wider_limit_is_never_more_suspicious(before in any::<u64>(), after in any::<u64>(), limit in 0..100_u8) {
            if shrink("keys", before, after, limit).is_none() {
                prop_assert_eq!(shrink("keys", before, after, limit + 1), None);
            }
        }
    }
}
