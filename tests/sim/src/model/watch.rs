//! Silence is an alarm (promise 4): `watch` calls no cache well that has no young backup. It counts as telling (I6).

use super::catalogue::good;
use super::invariant::Found;
use super::invariant::Invariant::I6;
use super::memory::Memory;
use super::names::{Cache, instant_time};
use crate::trace::{By, Caller, Step, What};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Since when `watch` knows a cache of a plan, and when it last saw it paused.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    since: Timestamp,
    paused: Option<Timestamp>,
}

/// The key of a watched cache: owner and cache.
fn id(memory: &Memory, entry: &Value) -> Option<(String, Cache)> {
    let (kind, id) = (entry["cache"]["kind"].as_str()?, entry["cache"]["id"].as_str()?);
    let owner = format!("{}/{}", memory.setting.deployment, entry["plan"].as_str()?);
    Some((owner, Cache::new(kind, id)))
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// Remembers what `watch` was asked about.
pub(super) fn learn(memory: &mut Memory, caller: &Caller, payload: &Value, at: Timestamp) {
    let entries = payload["watched"]
        .as_array()
        .filter(|_| caller.function == "watch");
    for entry in entries.into_iter().flatten() {
        let Some(id) = id(memory, entry) else { continue };
        let fresh = Watched {
            since: at,
            paused: None,
        };
        let known = memory.watched.entry(id).or_insert(fresh);
        if entry["paused"] == true {
            known.paused = Some(at);
        }
    }
}

/// A ratio of at most 1 means that there is a good backup young enough, or that nobody may expect one yet. What is
/// returned is judged, and what is measured, which is what the alarm sees, where it can only be of one cache.
pub(super) fn rule(memory: &Memory, step: &Step, found: &mut Found) {
    let By::Function(caller) = &step.by else { return };
    let known = memory
        .invocations
        .get(&caller.invocation)
        .filter(|_| caller.function == "watch");
    let Some(asked) = known.and_then(|known| known.payload["watched"].as_array()) else {
        return;
    };
    let said: Vec<(&Value, f64)> = match &step.what {
        What::Returned {
            result: Ok(Value::Array(said)),
        } => {
            let ratios = said
                .iter()
                .filter_map(|entry| Some((entry, entry["ratio"].as_f64()?)));
            ratios.collect()
        }
        What::Measured(values) if asked.len() == 1 => {
            asked.iter().zip(values.get("BackupAgeRatio").copied()).collect()
        }
        _ => return,
    };
    for (entry, ratio) in said.into_iter().filter(|(_, ratio)| *ratio <= 1.0) {
        let wanted = asked
            .iter()
            .find(|one| one["cache"] == entry["cache"] && one["plan"] == entry["plan"]);
        if let Some(why) = wanted.and_then(|wanted| overdue(memory, wanted, step.at)) {
            found.say(
                I6,
                format!(
                    "watch measured {ratio} for {} of {}: {why}",
                    entry["cache"], entry["plan"]
                ),
            );
        }
    }
}

/// Why a watched cache is overdue, if it is.
fn overdue(memory: &Memory, wanted: &Value, now: Timestamp) -> Option<String> {
    let (owner, cache) = id(memory, wanted)?;
    let allowed = SignedDuration::from_secs(wanted["maxAgeSeconds"].as_i64()?);
    let watched = memory.watched.get(&(owner.clone(), cache.clone()))?;
    let newest = good(memory, &owner, &cache).filter_map(|backup| {
        time(&backup.manifest["snapshot"]["createTime"]).or_else(|| instant_time(&backup.instant))
    });
    let newest = newest.max();
    let is_old = |at: Timestamp| now.duration_since(at) > allowed;
    let excused =
        watched.paused.is_some_and(|at| !is_old(at)) || (newest.is_none() && !is_old(watched.since));
    (newest.is_none_or(is_old) && !excused)
        .then(|| format!("its newest good backup is of {newest:?}, {allowed:#} are allowed"))
}
