//! Objects of the bucket: who may write which (I2, I4, I13).

use super::invariant::Found;
use super::invariant::Invariant::{I2, I4, I13};
use super::memory::Memory;
use super::names::{Cache, File, Place, instant_in};
use super::prune::deleted;
use crate::trace::{By, Caller, Step, VersionView, What};
use serde_json::Value;

/// Functions change objects only in the ways that the documents name; nobody else is judged, except that the service
/// writes no key twice.
pub(super) fn rule(memory: &Memory, step: &Step, found: &mut Found) {
    let (What::VersionAppeared(view) | What::VersionChanged(view) | What::VersionGone(view)) = &step.what
    else {
        return;
    };
    if let (What::VersionAppeared(_), By::Function(_) | By::Service) = (&step.what, &step.by) {
        exported_twice(memory, view, found);
    }
    let By::Function(caller) = &step.by else { return };
    if view.bucket != memory.setting.bucket {
        found.say(I2, format!("{} wrote to the bucket `{}`", step.by, view.bucket));
        return;
    }
    stays_with_its_cache(memory, caller, view, found);
    match &step.what {
        What::VersionAppeared(_) if view.bytes.is_some() => written(memory, caller, view, found),
        What::VersionAppeared(_) => deleted(memory, caller, view, step.at, found),
        What::VersionGone(_) if view.version_id == "null" => deleted(memory, caller, view, step.at, found),
        What::VersionGone(_) => {
            found.say(
                I2,
                format!(
                    "{} deleted version {} of `{}`",
                    step.by, view.version_id, view.key
                ),
            );
        }
        _ => found.say(I2, format!("{} changed tags or bytes of `{}`", step.by, view.key)),
    }
}

/// No shard's key gets a second version, whoever asked for it (design, "Names": keys are never overwritten).
fn exported_twice(memory: &Memory, view: &VersionView, found: &mut Found) {
    let shard = matches!(
        memory.place(&view.key),
        Place::Serverless { .. }
            | Place::Backup {
                file: File::Shard,
                ..
            }
    );
    let before = memory.versions.get(&view.key).into_iter().flatten();
    let ours = before.filter(|version| version.view.bytes.is_some() && version.by != By::Person);
    if shard && view.bytes.is_some() && ours.count() > 0 {
        found.say(I4, format!("the shard `{}` was written twice", view.key));
    }
}

/// A call for one cache touches no key of another.
fn stays_with_its_cache(memory: &Memory, caller: &Caller, view: &VersionView, found: &mut Found) {
    let Some(run) = memory.run_of(caller) else { return };
    let other = match memory.place(&view.key) {
        Place::Backup { cache, .. } | Place::Watch { cache, .. } => {
            (run.cache.as_ref() != Some(&cache)).then_some(cache.to_string())
        }
        Place::Serverless { snapshot } => {
            let of = serverless_cache(memory, &snapshot);
            (of.is_none() || of != run.cache).then_some(snapshot)
        }
        Place::Alert { execution } => (!run.arn.ends_with(&format!(":{execution}"))).then_some(execution),
        Place::Foreign => None,
    };
    if let Some(other) = other {
        let text = format!(
            "{}, called for {}, touched `{}` of {other}",
            By::Function(caller.clone()),
            run.arn,
            view.key
        );
        found.say(I13, text);
    }
}

/// The cache of a serverless snapshot; of one that nobody saw, its name says it.
fn serverless_cache(memory: &Memory, snapshot: &str) -> Option<Cache> {
    let seen = memory.snapshots_ever.get(&(true, snapshot.to_owned()));
    let named = || {
        snapshot
            .rsplit_once('-')
            .filter(|_| instant_in(snapshot).is_some())
            .map(|(id, _)| id.to_owned())
    };
    let id = seen
        .and_then(|view| view.sources.first().cloned())
        .or_else(named)?;
    Some(Cache::new("serverless-cache", &id))
}

/// Each function writes its own kind of file, into the folder of its own run, and none over another.
fn written(memory: &Memory, caller: &Caller, view: &VersionView, found: &mut Found) {
    let by = By::Function(caller.clone());
    let run = memory.run_of(caller);
    let own = |cache: &Cache, instant: &str| {
        run.is_some_and(|run| run.cache.as_ref() == Some(cache) && run.instant == instant)
    };
    let place = memory.place(&view.key);
    let allowed = match &place {
        Place::Backup { cache, instant, file } if own(cache, instant) => matches!(
            (file, caller.function.as_str()),
            (File::Verdict, "verify-object") | (File::Manifest, "record-backup") | (File::Alert, "notify")
        ),
        Place::Alert { .. } => caller.function == "notify",
        Place::Watch { .. } => caller.function == "watch",
        _ => false,
    };
    if !allowed {
        found.say(
            I2,
            format!("{by} wrote `{}`, which is not its to write", view.key),
        );
    }
    let Some(before) = memory.current(&view.key) else {
        return;
    };
    let may_repeat = match place {
        Place::Backup {
            file: File::Verdict, ..
        } => {
            let both = before.view.bytes.as_ref().zip(view.bytes.as_ref());
            both.is_some_and(|(old, new)| says(old) == says(new))
        }
        // What only says that, and since when, may be said again.
        Place::Backup {
            file: File::Alert, ..
        }
        | Place::Alert { .. }
        | Place::Watch { .. } => true,
        _ => false,
    };
    if !may_repeat {
        found.say(I2, format!("{by} overwrote `{}`", view.key));
    }
}

/// What a verdict says of its object; who reached it, when and in what time is not of the object.
fn says(verdict: &[u8]) -> Option<Value> {
    let mut verdict: Value = serde_json::from_slice(verdict).ok()?;
    let fields = verdict.as_object_mut()?;
    fields.retain(|name, _| !["executionArn", "verifiedAt", "millis"].contains(&name.as_str()));
    Some(verdict)
}
