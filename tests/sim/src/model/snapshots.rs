//! Snapshots: made once, under our name, and kept as long as they are needed (I2, I3, I4, I7, I8, I13).

use super::catalogue::good;
use super::invariant::Found;
use super::invariant::Invariant::{I2, I3, I4, I7, I8, I13};
use super::memory::{Memory, Run};
use super::names::{Cache, instant_in, is_snapshot_name};
use super::prune::may_prune;
use crate::trace::{By, Caller, SnapshotView, Step, What};

/// Snapshots that stay in `ElastiCache` unless the plan says otherwise (design, "Prune").
const KEEP_SNAPSHOTS: u64 = 1;

/// Functions make and delete only our own snapshots.
pub(super) fn rule(memory: &Memory, step: &Step, found: &mut Found) {
    let By::Function(caller) = &step.by else { return };
    match &step.what {
        What::SnapshotAppeared(view) => made(memory, caller, view, found),
        What::SnapshotChanged(view) => {
            let before = memory.snapshots.get(&(view.serverless, view.name.clone()));
            if before.is_some_and(|before| before.tags != view.tags) {
                found.say(
                    I2,
                    format!("{} changed tags of snapshot `{}`", step.by, view.name),
                );
            }
            match view.status.as_str() {
                "deleting" if before.is_none_or(|before| before.status != "deleting") => {
                    deleted(memory, caller, view, found);
                }
                "exporting" if before.is_none_or(|before| before.status != "exporting") => {
                    exported(memory, caller, view, found);
                }
                _ => {}
            }
        }
        What::SnapshotGone(view) if view.status != "deleting" => deleted(memory, caller, view, found),
        _ => {}
    }
}

/// A snapshot is exported again for the same run only where the export before left shards missing: after a re-drive under
/// a target of that re-drive's number; within one attempt, where an answer was lost, under the same one if nothing is there.
pub(super) fn exports(memory: &Memory, step: &Step, found: &mut Found) {
    let By::Function(caller) = &step.by else { return };
    let Some(export) = memory.export_of(caller, &step.what) else {
        return;
    };
    let redrives = export.attempt.saturating_sub(1) as u64;
    let mut say = |why: String| found.say(I4, format!("{} exported `{}`: {why}", step.by, export.snapshot));
    if export.renewal > redrives {
        say(format!("renewal {} after {redrives} re-drives", export.renewal));
    }
    let instant = |arn: &str| memory.runs.get(arn).map(|run| &run.instant);
    let before = memory
        .exports
        .iter()
        .filter(|before| before.snapshot == export.snapshot && instant(&before.arn) == instant(&export.arn));
    for before in before {
        let there = memory.exported(before);
        let shards = memory
            .snapshots
            .values()
            .find(|view| view.name == export.snapshot)
            .map_or(1, |view| view.shards.len());
        // What wrote nothing may be tried again: by the same attempt, which never heard of it, or by a duplicate. A re-drive
        // knows of it, and goes elsewhere.
        let lost = (before.arn != export.arn || before.attempt == export.attempt) && there == 0;
        let serverless = before.folder.starts_with(&before.snapshot);
        if before.folder == export.folder
            && !lost
            && !(serverless && there == 0 && before.renewal < export.renewal)
        {
            say(format!("again to `{}`", export.folder));
        } else if there >= shards {
            say(format!("though all of it is in `{}`", before.folder));
        }
    }
}

/// What the tags say a snapshot is ours for: owner, cache and instant; only where the name agrees with them.
fn identity(view: &SnapshotView) -> Option<(&str, Cache, String)> {
    let owner = view.tags.get("snapkeep:owner")?;
    let (kind, rest) = view.tags.get("snapkeep:run")?.split_once('/')?;
    let (id, instant) = rest.rsplit_once('/')?;
    let cache = Cache::new(kind, id);
    let agrees = view.tags.get("snapkeep:cache") == Some(&cache.to_string())
        && is_snapshot_name(&view.name, &cache, instant);
    let ours = agrees && !view.automatic && view.serverless == cache.is_serverless();
    ours.then(|| (owner.as_str(), cache, instant.to_owned()))
}

/// Whether a snapshot is this run's own, by name and tags.
fn is_own(view: &SnapshotView, run: &Run) -> bool {
    let identity = identity(view);
    identity.is_some_and(|(owner, cache, instant)| {
        owner == run.owner && Some(&cache) == run.cache.as_ref() && instant == run.instant
    })
}

fn made(memory: &Memory, caller: &Caller, view: &SnapshotView, found: &mut Found) {
    let by = By::Function(caller.clone());
    let run = memory
        .run_of(caller)
        .filter(|_| caller.function == "create-snapshot");
    let Some((run, cache)) = run.and_then(|run| Some((run, run.cache.as_ref()?))) else {
        found.say(I2, format!("{by} made snapshot `{}`", view.name));
        return;
    };
    if !is_own(view, run) {
        let text = format!(
            "{by} made snapshot `{}` with tags {:?}, not those of {cache}/{}",
            view.name, view.tags, run.instant
        );
        found.say(I7, text);
    }
    if !view.sources.iter().any(|source| cache.has_source(source)) {
        found.say(
            I13,
            format!(
                "{by} made snapshot `{}` of {:?}, not of {cache}",
                view.name, view.sources
            ),
        );
    }
    if run.input["source"] == "latestAutomatic" {
        found.say(
            I3,
            format!(
                "{by} made snapshot `{}` though the plan exports automatic ones",
                view.name
            ),
        );
    }
    let before = memory
        .made
        .get(&(run.owner.clone(), cache.clone(), run.instant.clone()));
    if let Some((arn, attempt)) = before.and_then(|made| made.last()) {
        let same = *arn == run.arn && *attempt == run.attempts.len();
        let text = format!(
            "{by} made snapshot `{}` for {cache}/{}, which had one by {arn}",
            view.name, run.instant
        );
        found.say(if same { I3 } else { I7 }, text);
    }
}

/// Exports are of the run's own snapshot, or of an automatic one of its cache.
fn exported(memory: &Memory, caller: &Caller, view: &SnapshotView, found: &mut Found) {
    let by = By::Function(caller.clone());
    let Some(run) = memory.run_of(caller).filter(|_| caller.function == "copy-to-s3") else {
        found.say(I2, format!("{by} exported snapshot `{}`", view.name));
        return;
    };
    let of_cache = |cache: &Cache| view.sources.iter().any(|source| cache.has_source(source));
    let automatic = view.automatic && run.input["source"] == "latestAutomatic";
    if !run.cache.as_ref().is_some_and(of_cache) {
        found.say(
            I13,
            format!("{by} exported snapshot `{}` of {:?}", view.name, view.sources),
        );
    } else if !automatic && !is_own(view, run) {
        found.say(
            I2,
            format!(
                "{by} exported snapshot `{}`, which is not the run's: {:?}",
                view.name, view.tags
            ),
        );
    }
}

/// A snapshot goes when it is ours, prune may, enough younger ones are left, and a backup made it dispensable.
fn deleted(memory: &Memory, caller: &Caller, view: &SnapshotView, found: &mut Found) {
    let by = By::Function(caller.clone());
    let Some((owner, cache, instant)) = identity(view) else {
        found.say(
            I2,
            format!(
                "{by} deleted snapshot `{}`, which is not ours: {:?}",
                view.name, view.tags
            ),
        );
        return;
    };
    let (run, own) = match may_prune(memory, caller) {
        Ok(license) => license,
        Err(why) => {
            found.say(I8, format!("{by} deleted snapshot `{}`: {why}", view.name));
            return;
        }
    };
    if owner != run.owner || cache != *own {
        let invariant = if cache == *own { I2 } else { I13 };
        let text = format!(
            "{by} deleted snapshot `{}` of {owner} {cache}, not of {} {own}",
            view.name, run.owner
        );
        found.say(invariant, text);
        return;
    }
    let keep = keep_snapshots(run);
    let younger = available(memory, owner, &cache)
        .filter(|other| *other > instant)
        .count() as u64;
    if younger < keep {
        found.say(
            I8,
            format!(
                "{by} deleted snapshot `{}`: {younger} younger ones are left, {keep} stay",
                view.name
            ),
        );
    }
    if !is_dispensable(memory, owner, &cache, &instant) {
        found.say(
            I8,
            format!(
                "{by} deleted snapshot `{}`: no backup of it or after it",
                view.name
            ),
        );
    }
}

/// Whether the catalogue has, or had, a good backup of that instant or a later one.
fn is_dispensable(memory: &Memory, owner: &str, cache: &Cache, instant: &str) -> bool {
    let own = memory.backups_ever.get(&cache.manifest_key(instant));
    let own = own.is_some_and(|backup| backup.owner.as_deref() == Some(owner));
    own || good(memory, owner, cache).any(|backup| backup.instant.as_str() > instant)
}

fn keep_snapshots(run: &Run) -> u64 {
    run.input["retention"]["keepSnapshots"]
        .as_u64()
        .unwrap_or(KEEP_SNAPSHOTS)
}

/// Instants of our snapshots that are available.
fn available<'a>(memory: &'a Memory, owner: &'a str, cache: &'a Cache) -> impl Iterator<Item = String> + 'a {
    let views = memory
        .snapshots
        .values()
        .filter(|view| view.status == "available");
    let ours = views
        .filter_map(identity)
        .filter(move |(of, which, _)| *of == owner && which == cache);
    ours.map(|(_, _, instant)| instant)
}

/// After a prune without a warning no more than `keepSnapshots` are left of what a backup made dispensable.
pub(super) fn at_rest(memory: &Memory, found: &mut Found) {
    for arn in &memory.clean_prunes {
        let Some(run) = memory.runs.get(arn).filter(|run| run.retention().is_some()) else {
            continue;
        };
        let Some(cache) = run.cache.as_ref() else { continue };
        let own = memory.backups_ever.get(&cache.manifest_key(&run.instant));
        if own.is_none_or(|own| !own.is_good()) {
            continue;
        }
        let mut left: Vec<String> = available(memory, &run.owner, cache)
            .filter(|instant| *instant <= run.instant)
            .collect();
        left.retain(|instant| {
            is_dispensable(memory, &run.owner, cache, instant)
                && !is_of_others(memory, &run.owner, cache, instant)
        });
        let keep = keep_snapshots(run);
        if left.len() as u64 > keep {
            found.say(
                I8,
                format!("{cache} has snapshots of {left:?} after {arn}, {keep} may stay"),
            );
        }
    }
}

/// Whether another owner's manifest names the snapshot of that instant, which therefore stays.
fn is_of_others(memory: &Memory, owner: &str, cache: &Cache, instant: &str) -> bool {
    let others = memory
        .backups
        .values()
        .filter(|backup| backup.owner.as_deref() != Some(owner) && backup.cache == *cache);
    let mut names = others.filter_map(|backup| backup.manifest["snapshot"]["name"].as_str());
    names.any(|name| instant_in(name).as_deref() == Some(instant))
}

/// The snapshot of a name, as it was last seen.
pub(super) fn ever<'a>(memory: &'a Memory, cache: &Cache, name: &str) -> Option<&'a SnapshotView> {
    memory
        .snapshots_ever
        .get(&(cache.is_serverless(), name.to_owned()))
}

/// Whether a snapshot is an automatic one or has an instant's name.
pub(super) fn is_of_instant(view: &SnapshotView, instant: &str) -> bool {
    view.automatic || instant_in(&view.name).as_deref() == Some(instant)
}
