//! What may be deleted, by whom and when (I1, I2, I11).

use super::catalogue::{Backup, good, kept};
use super::invariant::Found;
use super::invariant::Invariant::{I1, I2, I11};
use super::memory::{Memory, Run, Version};
use super::names::{Cache, File, Place, instant_in, instant_time};
use crate::trace::{By, Caller, VersionView};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// How old what no manifest names has to be before it may be swept (design, "Prune").
const SWEPT_AFTER: SignedDuration = SignedDuration::from_hours(16 * 24);
/// The fuse on deletions in one run (`infra/config/example.yaml`).
const MAX_DELETIONS: u64 = 10;

/// Only prune deletes, for a plan with retention, once its own run has recorded a backup.
fn license<'a>(memory: &'a Memory, caller: &Caller) -> Result<(&'a Run, &'a Cache), String> {
    let run = memory
        .run_of(caller)
        .filter(|_| caller.function == "prune" && caller.state.as_deref() == Some("Prune"));
    let run = run.ok_or("who is not the state Prune deletes nothing")?;
    run.retention().ok_or("the input asks for no deletion")?;
    let key = run.manifest_key().ok_or("the input names no cache")?;
    let recorded = memory
        .recorded
        .get(&run.arn)
        .is_some_and(|keys| keys.contains(&key));
    if !recorded {
        return Err(format!("the run did not record `{key}`"));
    }
    let cache = run.cache.as_ref().ok_or("the input names no cache")?;
    Ok((run, cache))
}

/// The same for snapshots, where the run's own backup has to be good.
pub(super) fn may_prune<'a>(memory: &'a Memory, caller: &Caller) -> Result<(&'a Run, &'a Cache), String> {
    let (run, cache) = license(memory, caller)?;
    let own = memory.backups_ever.get(&cache.manifest_key(&run.instant));
    if own.is_some_and(|own| !own.is_good()) {
        return Err("the run's own backup is suspicious".to_owned());
    }
    Ok((run, cache))
}

pub(super) fn deleted(
    memory: &Memory,
    caller: &Caller,
    view: &VersionView,
    now: Timestamp,
    found: &mut Found,
) {
    let key = &view.key;
    let (run, cache) = match license(memory, caller) {
        Ok(license) => license,
        Err(why) => {
            found.say(
                I11,
                format!("{} deleted `{key}`: {why}", By::Function(caller.clone())),
            );
            return;
        }
    };
    match (memory.place(key), memory.backups.get(key)) {
        (
            Place::Backup {
                file: File::Manifest, ..
            },
            Some(backup),
        ) => {
            manifest_deleted(memory, run, backup, found);
            if let Err(why) = may_prune(memory, caller) {
                found.say(I11, format!("prune deleted `{key}`: {why}"));
            }
        }
        (
            Place::Backup {
                file: File::Foreign, ..
            }
            | Place::Foreign
            | Place::Watch { .. }
            | Place::Alert { .. },
            _,
        ) => {
            found.say(
                I2,
                format!("prune deleted `{key}`, which this system does not prune"),
            );
        }
        (Place::Backup { cache, instant, .. }, _) => {
            leftover_deleted(memory, &cache, &instant, key, now, found);
        }
        (Place::Serverless { snapshot }, _) => {
            let instant = instant_in(&snapshot).unwrap_or_default();
            leftover_deleted(memory, cache, &instant, key, now, found);
        }
    }
}

/// What keeps a backup: its owner, a pin, that it is the newest, the minimum, the rules, the fuse.
fn manifest_deleted(memory: &Memory, run: &Run, backup: &Backup, found: &mut Found) {
    let retention = &run.input["retention"];
    let mut keep = |invariant, why: String| {
        let text = format!(
            "prune for {} deleted the backup {} {}: {why}",
            run.owner, backup.cache, backup.instant
        );
        found.say(invariant, text);
    };
    if backup.owner.as_ref() != Some(&run.owner) {
        keep(
            I2,
            format!(
                "it is of {}",
                backup.owner.as_deref().unwrap_or("an unknown owner")
            ),
        );
    }
    if backup.pinned {
        keep(I1, "it is pinned".to_owned());
    }
    let instants: Vec<&str> = good(memory, &run.owner, &backup.cache)
        .map(|good| good.instant.as_str())
        .collect();
    let newest = instants.last().copied();
    if newest.is_none_or(|newest| newest <= backup.instant.as_str()) {
        keep(
            I11,
            format!("it is not older than the newest good one, {newest:?}"),
        );
    }
    let minimum = retention["minimum"].as_u64().unwrap_or(1).max(1);
    let left = instants
        .iter()
        .filter(|instant| **instant != backup.instant)
        .count();
    if backup.is_good() && (left as u64) < minimum {
        keep(I1, format!("{left} good ones are left, {minimum} have to be"));
    }
    if backup.is_good() && kept(retention, &instants).contains(&backup.instant) {
        keep(I1, format!("the rules {retention} keep it"));
    }
    let deleted = memory.pruned.get(&run.arn).map_or(0, BTreeSet::len) as u64;
    let allowed = retention["maxDeletions"].as_u64().unwrap_or(MAX_DELETIONS);
    if deleted >= allowed {
        keep(I1, format!("{deleted} were deleted before, {allowed} may be"));
    }
}

/// Objects go after their manifest; what never had one goes when it is old.
fn leftover_deleted(
    memory: &Memory,
    cache: &Cache,
    instant: &str,
    key: &str,
    now: Timestamp,
    found: &mut Found,
) {
    let manifest = cache.manifest_key(instant);
    if memory.backups.contains_key(&manifest) {
        found.say(
            I1,
            format!("prune deleted `{key}` while `{manifest}` is in the catalogue"),
        );
        return;
    }
    let named = memory.backups.iter().find(|(_, backup)| names(backup, key));
    if let Some((manifest, _)) = named {
        found.say(I1, format!("prune deleted `{key}`, which `{manifest}` names"));
    } else if !memory.retired.contains(&manifest) {
        let folder = cache.folder(instant);
        let beside = |(other, _): &(&String, &Vec<Version>)| other.starts_with(&folder) || *other == key;
        let all = memory
            .versions
            .iter()
            .filter(beside)
            .filter_map(|(_, versions)| versions.last());
        let newest = all
            .filter(|v| v.view.bytes.is_some())
            .map(|v| v.view.last_modified)
            .max();
        let young = newest
            .into_iter()
            .chain(instant_time(instant))
            .find(|at| now.duration_since(*at) < SWEPT_AFTER);
        if let Some(at) = young {
            found.say(
                I11,
                format!("prune swept `{key}` too early: something of it is of {at}"),
            );
        }
    }
}

fn names(backup: &Backup, key: &str) -> bool {
    let objects = backup.manifest["objects"].as_array().into_iter().flatten();
    objects
        .into_iter()
        .any(|object| object["key"] == key || object["verdictKey"] == key)
}
