//! Ends, bounds and what is not repeated (I9, I10).

use super::invariant::Found;
use super::invariant::Invariant::{I9, I10};
use super::memory::{Memory, Run};
use super::names::error_names;
use crate::trace::{By, Caller, Step, What};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// What the machine allows (statemachine/README, "Times").
const MACHINE: SignedDuration = SignedDuration::from_hours(24);
/// Half of what Step Functions allows (asl-checks, 16).
const EVENTS: usize = 12_500;
/// Calls that any attempt may make, and more for each invocation and for each key of its cache.
const CALLS: (usize, usize, usize) = (40, 8, 4);
/// How often one thing may be refused for good.
const REFUSALS: usize = 2;

/// An attempt that ended did so in time and within bounds; run before the step is learnt.
pub(super) fn ended(memory: &Memory, step: &Step, found: &mut Found) {
    let What::ExecutionEnded { arn, ending } = &step.what else {
        return;
    };
    let Some(run) = memory.runs.get(arn) else { return };
    if let Some(text) = late(memory, run, step.at) {
        found.say(I9, text);
    }
    if ending.events >= EVENTS {
        found.say(I9, format!("`{arn}` has {} events", ending.events));
    }
    let Some(attempt) = run.attempts.last() else {
        return;
    };
    let folder = run.cache.as_ref().map(|cache| format!("backups/{cache}/"));
    let keys = memory
        .versions
        .keys()
        .filter(|key| folder.as_ref().is_some_and(|folder| key.starts_with(folder)));
    let allowed = CALLS.0 + CALLS.1 * attempt.invocations + CALLS.2 * keys.count();
    if attempt.calls > allowed {
        found.say(
            I9,
            format!("`{arn}` made {} calls, {allowed} are enough", attempt.calls),
        );
    }
}

/// An attempt that still runs is not late; run at every step.
pub(super) fn overdue(memory: &Memory, now: Timestamp, found: &mut Found) {
    let running = memory
        .runs
        .values()
        .filter(|run| run.attempts.last().is_some_and(|attempt| attempt.ended.is_none()));
    running
        .filter_map(|run| late(memory, run, now))
        .for_each(|text| found.say(I9, text));
}

fn late(memory: &Memory, run: &Run, now: Timestamp) -> Option<String> {
    let attempt = run.attempts.last()?;
    let due = run.due(memory.setting.slack)?.min(attempt.began + MACHINE);
    (now > due).then(|| format!("`{}`, begun at {}, ran beyond {due}", run.arn, attempt.began))
}

/// At rest nothing runs.
pub(super) fn at_rest(memory: &Memory, found: &mut Found) {
    let running = memory
        .runs
        .values()
        .filter(|run| run.attempts.last().is_some_and(|attempt| attempt.ended.is_none()));
    running.for_each(|run| found.say(I9, format!("`{}` never ended", run.arn)));
}

/// Whether AWS means its answer for good: a right, a quota, a parameter, or something that does not exist. A snapshot or
/// an object that is not there may still come, and a group's node is chosen afresh each time (design, "Sources").
fn is_permanent(run: &Run, code: &str) -> bool {
    let group = run
        .cache
        .as_ref()
        .is_some_and(|cache| cache.kind == "replication-group");
    let passing =
        code.contains("Snapshot") || code == "NotFound" || (group && code.starts_with("CacheCluster"));
    let missing = code.contains("NotFound") && !passing;
    let exceeded = code.contains("QuotaExceeded") || code.contains("QuotaPerResourceExceeded");
    let refused = ["AccessDenied", "AuthorizationError", "NoSuchBucket"]
        .iter()
        .any(|part| code.contains(part));
    missing || exceeded || refused || code.starts_with("InvalidParameter")
}

/// What a failed invocation was refused for good, as one text for all that ask it again: the last call that was refused,
/// where AWS meant it for good, or else an error whose name means it.
pub(super) fn refusal(
    memory: &Memory,
    caller: &Caller,
    result: &Result<Value, (String, String)>,
) -> Option<String> {
    let (Err((error, _)), Some(run)) = (result, memory.run_of(caller)) else {
        return None;
    };
    let state = caller.state.as_ref()?;
    let known = memory.invocations.get(&caller.invocation)?;
    let (_, permanent) = error_names();
    let what = match known.refused.last() {
        Some((operation, argument, code)) if is_permanent(run, code) => {
            format!("{operation} `{argument}` ({code})")
        }
        _ if error
            .strip_prefix("Backup.")
            .is_some_and(|name| permanent.contains(name)) =>
        {
            let mut payload = known.payload.clone();
            payload.as_object_mut().and_then(|fields| fields.remove("now"));
            format!("{error} of {payload}")
        }
        _ => return None,
    };
    Some(format!(
        "{state} of `{}`, attempt {}: {what}",
        run.arn,
        run.attempts.len()
    ))
}

/// What failed for good is not tried a third time; run after the step is learnt.
pub(super) fn repeated(memory: &Memory, step: &Step, found: &mut Found) {
    let (By::Function(caller), What::Returned { result }) = (&step.by, &step.what) else {
        return;
    };
    let Some(id) = refusal(memory, caller, result) else {
        return;
    };
    let count = memory.refusals.get(&id).copied().unwrap_or(0);
    if count > REFUSALS {
        found.say(I10, format!("more than {REFUSALS} times: {id}"));
    }
}
