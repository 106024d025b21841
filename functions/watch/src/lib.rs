//! `watch`: the dead man's switch. Every hour it says of each cache how old its newest good backup is, by the age that
//! the plan allows.
//!
//! It reads the catalogue and depends on no run: where the schedule, the state machine or every function of it is gone,
//! the age grows all the same. Where `watch` itself is gone, its metric is missing, and the alarm takes that as
//! breaching.
//!
//! Three rules decide in doubt. What cannot be read is not guessed: that cache has no metric then, which alarms, while
//! the others have theirs. Nothing that `watch` remembers makes a backup look younger, save the end of a pause. And a
//! call may be repeated, for it says the same again.

mod age;
mod check;
mod look;
mod marker;

pub use marker::{FORMAT_VERSION, Marker};

use backup_core::ports::{EmitMetrics, ListObjects, ObjectTags, ReadObject, WriteObject};
use backup_core::{CacheRef, Error, ErrorName, Mend, ObjectKey};
use check::Target;
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the scheduler sends, made where the plans are: the caches of every plan with a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Input {
    /// The scheduled time, to which ages are counted; a repeated delivery has the same.
    pub now: Timestamp,
    /// What is watched; nothing where no plan has a schedule.
    pub watched: Vec<Watched>,
}

/// One cache of one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Watched {
    /// The cache.
    pub cache: CacheRef,
    /// The plan that backs it up, second half of the owner.
    pub plan: String,
    /// Seconds that its newest good backup may be old: the plan's interval, the longest run and some air.
    pub max_age_seconds: u32,
    /// Whether its plan is paused; it is never overdue then.
    #[serde(default)]
    pub paused: bool,
}

/// What the environment tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The deployment's name, first half of every owner.
    pub deployment: String,
}

/// How one cache stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Its newest good backup is young enough, or it was paused until lately.
    Fresh,
    /// Its newest good backup is too old, or the first one is long due.
    Overdue,
    /// It has no backup yet, and the first one is not overdue.
    Waiting,
    /// Its plan is paused.
    Paused,
}

/// What was found about one cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// The cache.
    pub cache: CacheRef,
    /// The plan.
    pub plan: String,
    /// Where the manifest of its newest good backup lies; absent where there is none, or nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_key: Option<ObjectKey>,
    /// Seconds that count: the backup's age, or the time since a pause or the first look; 0 while it is paused.
    pub age_seconds: u64,
    /// The age by the age allowed: above 1 it is overdue.
    pub ratio: f64,
    /// How it stands.
    pub state: State,
}

/// Everything this function asks of AWS.
pub trait Ports: ListObjects + ReadObject + ObjectTags + WriteObject {}
impl<P: ListObjects + ReadObject + ObjectTags + WriteObject> Ports for P {}

/// Caches that are looked at at a time.
const LOOKS_IN_FLIGHT: usize = 8;

/// Looks at every cache and emits its metrics as soon as they are known; the answer has them in the order of the input.
///
/// Fails with `InvalidInput`, before any call, where the input contradicts itself. Where caches cannot be read, it fails
/// once the others are told, by the name of the first in the order of the input and with a text that names each.
pub async fn handle<P: Ports>(
    ports: &P,
    settings: &Settings,
    metrics: &impl EmitMetrics,
    input: Input,
) -> Result<Vec<Found>, Error> {
    let targets = check::targets(settings, input)?;
    // Collected first: a stream that held the closures would not be `Send` for every lifetime.
    let looks: Vec<_> = targets
        .iter()
        .enumerate()
        .map(|(place, target)| async move { (place, one(ports, metrics, target).await) })
        .collect();
    // Not in order, so that one call that hangs holds up nobody else's metric.
    let mut seen: Vec<_> = stream::iter(looks)
        .buffer_unordered(LOOKS_IN_FLIGHT)
        .collect()
        .await;
    seen.sort_unstable_by_key(|(place, _)| *place);
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    for (target, (_, look)) in targets.iter().zip(seen) {
        match look {
            Ok(look) => found.push(look),
            Err(error) => failed.push((target, error)),
        }
    }
    let message = unread(&failed, targets.len());
    match failed.into_iter().next() {
        None => Ok(found),
        Some((_, Error { name, source, .. })) => Err(Error {
            name,
            message,
            source,
        }),
    }
}

async fn one<P: Ports>(ports: &P, metrics: &impl EmitMetrics, target: &Target) -> Result<Found, Error> {
    let seen = look::at(ports, target).await?;
    metrics.emit(&seen.metrics(target));
    let found = seen.found(target);
    let (cache, owner, state) = (&target.cache, &target.owner, found.state);
    if state == State::Overdue {
        tracing::warn!(%cache, %owner, ratio = found.ratio, "cache `{cache}` of plan `{owner}` is overdue");
    } else {
        tracing::info!(%cache, %owner, ratio = found.ratio, ?state, "cache `{cache}` of plan `{owner}` is watched");
    }
    Ok(found)
}

/// What happened to each that failed, and what to do.
fn unread(failed: &[(&Target, Error)], of: usize) -> String {
    let tell = |(target, error): &(&Target, Error)| {
        format!(
            "`{}` of plan `{}`: {}",
            target.cache,
            target.owner.plan(),
            error.text()
        )
    };
    let told: Vec<String> = failed.iter().map(tell).collect();
    format!(
        "{} of {of} caches could not be watched and have no metric now: {}; {}",
        failed.len(),
        told.join("; "),
        remedy(failed)
    )
}

/// What to do, by the failure that asks for the most.
fn remedy(failed: &[(&Target, Error)]) -> &'static str {
    let any = |is: fn(ErrorName) -> bool| failed.iter().any(|(_, error)| is(error.name));
    if any(|name| name == ErrorName::AccessDenied) {
        "look at the function's role and at the policies of bucket and key, the next hour looks again"
    } else if any(|name| name.mend() != Mend::Wait) {
        "mend what is named here, the next hour looks again"
    } else {
        "wait for the next hour, which looks again"
    }
}

#[cfg(test)]
mod tests;
