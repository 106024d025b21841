//! A manifest is true, and a success has one (I5, and I1 for what hides a loss).

use super::catalogue::{Backup, good};
use super::invariant::Found;
use super::invariant::Invariant::{I1, I5, I13};
use super::memory::{Memory, Run, Version, same_bytes};
use super::snapshots::{ever, is_of_instant};
use crate::trace::{By, Caller, SnapshotView, Step, VersionView, What};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The shrink, in percent, above which a backup is suspicious (`infra/config/example.yaml`).
const SHRINK_PERCENT: u64 = 50;

/// A manifest that a function writes is true of the bucket and of the snapshot; run before the step is learnt.
pub(super) fn recorded(memory: &Memory, step: &Step, found: &mut Found) {
    let (By::Function(caller), What::VersionAppeared(view)) = (&step.by, &step.what) else {
        return;
    };
    let (Some(bytes), Some(run)) = (&view.bytes, memory.run_of(caller)) else {
        return;
    };
    if run.manifest_key().as_deref() != Some(&view.key) {
        return;
    }
    let Some(cache) = run.cache.clone() else { return };
    let backup = Backup::read(cache, run.instant.clone(), bytes, &view.tags);
    let by = By::Function(caller.clone());
    let mut say = |why: String| found.say(I5, format!("the manifest `{}` of {by}: {why}", view.key));
    head(run, &backup, &mut say);
    match taken_from(memory, &backup) {
        Err(why) => say(why),
        Ok(snapshot) => objects(memory, run, &backup, snapshot, &mut say),
    }
    belongs(memory, caller, view, &backup, found);
    shrink(memory, run, &backup, found);
}

/// Owner, cache and instant are the run's.
fn head(run: &Run, backup: &Backup, say: &mut impl FnMut(String)) {
    let manifest = &backup.manifest;
    for (said, expected) in [
        (&manifest["owner"], run.owner.as_str()),
        (&manifest["cache"]["kind"], backup.cache.kind.as_str()),
        (&manifest["cache"]["id"], backup.cache.id.as_str()),
        (&manifest["run"]["instant"], run.instant.as_str()),
    ] {
        if said != expected {
            say(format!("it says {said} where the run has `{expected}`"));
        }
    }
}

fn taken_from<'a>(memory: &'a Memory, backup: &Backup) -> Result<&'a SnapshotView, String> {
    let name = backup.manifest["snapshot"]["name"]
        .as_str()
        .ok_or("it names no snapshot")?;
    let snapshot =
        ever(memory, &backup.cache, name).ok_or_else(|| format!("there never was a snapshot `{name}`"))?;
    if is_of_instant(snapshot, &backup.instant) {
        Ok(snapshot)
    } else {
        Err(format!("snapshot `{name}` is not one of its instant"))
    }
}

/// Exactly one object for each shard, each proven.
fn objects(
    memory: &Memory,
    run: &Run,
    backup: &Backup,
    snapshot: &SnapshotView,
    say: &mut impl FnMut(String),
) {
    let objects: Vec<&Value> = backup.manifest["objects"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let mut shards: Vec<String> = objects.iter().map(|object| shard(object)).collect();
    shards.sort();
    let expected: Vec<String> = snapshot.shards.keys().cloned().collect();
    if shards != expected {
        say(format!(
            "it has objects for the shards {shards:?}, snapshot `{}` has {expected:?}",
            snapshot.name
        ));
    }
    for object in objects {
        if let Some(source) = snapshot.shards.get(&shard(object))
            && let Err(why) = proven(memory, run, object, source)
        {
            say(format!("object {}: {why}", object["key"]));
        }
    }
}

/// The number of an object's shard; `1` is `0001`.
fn shard(object: &Value) -> String {
    format!("{:0>4}", object["shard"].as_str().unwrap_or("none"))
}

/// The named version is there, is the shard's bytes, is sound, is described rightly, and was read to the last byte.
fn proven(memory: &Memory, run: &Run, object: &Value, source: &Arc<[u8]>) -> Result<(), String> {
    let key = object["key"].as_str().ok_or("it has no key")?;
    let version = named(memory, key, object["versionId"].as_str()).ok_or("its version is not there")?;
    let bytes = version
        .view
        .bytes
        .as_ref()
        .ok_or("its version is a delete marker")?;
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    if !same_bytes(bytes, source) {
        return Err("its bytes are not those of the shard".to_owned());
    }
    if memory.setting.unsound.contains(&digest) {
        return Err("it is not sound".to_owned());
    }
    let hex = base16ct::lower::encode_string(&digest);
    for (name, said, is) in [
        ("size", &object["size"], Value::from(bytes.len())),
        ("etag", &object["etag"], Value::from(version.view.e_tag.clone())),
        ("sha256", &object["sha256"], Value::from(hex)),
    ] {
        if *said != is {
            return Err(format!("its {name} is {is}, the manifest says {said}"));
        }
    }
    let verdict = object["verdictKey"].as_str().and_then(|key| memory.current(key));
    verdict.ok_or("its verdict is not there")?;
    let id = (run.arn.clone(), key.to_owned(), version.view.version_id.clone());
    let reads = memory.reads.get(&id).cloned().unwrap_or_default();
    let read = covered(reads);
    (read >= bytes.len() as u64)
        .then_some(())
        .ok_or_else(|| format!("only its first {read} bytes were read"))
}

/// The version of that id; where the bucket keeps none, the only one.
fn named<'a>(memory: &'a Memory, key: &str, version: Option<&str>) -> Option<&'a Version> {
    let wanted = version.unwrap_or("null");
    memory
        .versions
        .get(key)?
        .iter()
        .find(|known| known.view.version_id == wanted)
}

/// Up to where ranges cover everything from the first byte on.
fn covered(mut ranges: Vec<(u64, u64)>) -> u64 {
    ranges.sort_unstable();
    let reach = |end: u64, (from, to): (u64, u64)| if from <= end { end.max(to) } else { end };
    ranges.into_iter().fold(0, reach)
}

/// The snapshot is one of the run's cache.
fn belongs(memory: &Memory, caller: &Caller, view: &VersionView, backup: &Backup, found: &mut Found) {
    let Ok(snapshot) = taken_from(memory, backup) else {
        return;
    };
    if !snapshot
        .sources
        .iter()
        .any(|source| backup.cache.has_source(source))
    {
        let (by, sources) = (By::Function(caller.clone()), &snapshot.sources);
        found.say(
            I13,
            format!("{by} recorded `{}` from a snapshot of {sources:?}", view.key),
        );
    }
}

/// A backup that shrank beyond the plan's limit, or is empty, says so; else it would replace better ones.
fn shrink(memory: &Memory, run: &Run, backup: &Backup, found: &mut Found) {
    let limit = |name: &str| run.input["anomaly"][name].as_u64().unwrap_or(SHRINK_PERCENT);
    let newest = good(memory, &run.owner, &backup.cache).next_back();
    let before = newest
        .filter(|newest| newest.instant < backup.instant)
        .map_or((0, 0), Backup::size);
    let now = backup.size();
    let shrank = |was: u64, is: u64, limit: u64| is < was && (was - is) * 100 > was * limit;
    let odd = now.0 == 0
        || shrank(before.0, now.0, limit("maxKeyShrinkPercent"))
        || shrank(before.1, now.1, limit("maxByteShrinkPercent"));
    if odd && !backup.is_suspicious() {
        let text = format!(
            "{} {} has (keys, bytes) {now:?} after {before:?} and is not suspicious",
            backup.cache, backup.instant
        );
        found.say(I1, text);
    }
}

/// An execution that succeeded has its manifest, by itself, by another or, for automatic snapshots, by an earlier run.
pub(super) fn succeeded(memory: &Memory, step: &Step, found: &mut Found) {
    let What::ExecutionEnded { arn, ending } = &step.what else {
        return;
    };
    let Some(run) = memory.runs.get(arn).filter(|_| ending.status == "SUCCEEDED") else {
        return;
    };
    let is_of = |backup: &Backup| {
        backup.owner.as_ref() == Some(&run.owner) && Some(&backup.cache) == run.cache.as_ref()
    };
    let own = run.manifest_key().and_then(|key| memory.backups_ever.get(&key));
    let automatic = |backup: &Backup| {
        is_of(backup)
            && backup.manifest["snapshot"]["name"]
                .as_str()
                .is_some_and(|name| name.starts_with("automatic."))
    };
    let earlier = run.input["source"] == "latestAutomatic" && memory.backups_ever.values().any(automatic);
    if !own.is_some_and(is_of) && !earlier {
        found.say(
            I5,
            format!(
                "`{arn}` succeeded without a backup of {:?} at {}",
                run.cache, run.instant
            ),
        );
    }
}
