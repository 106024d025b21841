//! Who is told what (I6), and that nobody is told of a backup that is not there (I5).

use super::invariant::Found;
use super::invariant::Invariant::{I5, I6};
use super::memory::{Attempt, Memory, Run};
use crate::trace::{By, Caller, Ending, MessageView, Step, What};
use jiff::{SignedDuration, Timestamp};

/// How long a failure may go untold.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// How the alert begins whose backup exists (design, "Notify").
const SAFE: &str = "The backup is recorded and safe.";

/// A message is about what happened; run before the step is learnt.
pub(super) fn rule(memory: &Memory, step: &Step, found: &mut Found) {
    let (By::Function(caller), What::Published(message)) = (&step.by, &step.what) else {
        return;
    };
    if caller.function != "notify" {
        found.say(I6, format!("{} published `{}`", step.by, message.subject));
        return;
    }
    if message.subject.len() >= 100 || !message.subject.is_ascii() {
        found.say(
            I6,
            format!(
                "the subject `{}` is no line of less than 100 ASCII characters",
                message.subject
            ),
        );
    }
    if caller.state.is_some() {
        told_success(memory, caller, message, found);
        return;
    }
    let Some((run, number)) = memory.told_attempt(caller) else {
        found.say(
            I6,
            format!("{} told `{}` about no execution", step.by, message.subject),
        );
        return;
    };
    let attempt = &run.attempts[number];
    match attempt.failure() {
        None => found.say(
            I6,
            format!(
                "attempt {number} of `{}` did not fail and was told as `{}`",
                run.arn, message.subject
            ),
        ),
        Some((_, ending)) => {
            says_what_happened(memory, caller, run, ending, message, found);
            told_once(memory, caller, run, attempt, number, found);
        }
    }
}

/// A success is told of a backup that is, or was, in the catalogue.
fn told_success(memory: &Memory, caller: &Caller, message: &MessageView, found: &mut Found) {
    let key = memory.run_of(caller).and_then(Run::manifest_key);
    if !key.is_some_and(|key| memory.backups_ever.contains_key(&key)) {
        found.say(
            I5,
            format!(
                "`{}` was told of {:?} without a manifest",
                message.subject, caller.execution
            ),
        );
    }
}

/// Cache, state and error are in the text, unless the calls that tell them failed.
fn says_what_happened(
    memory: &Memory,
    caller: &Caller,
    run: &Run,
    ending: &Ending,
    message: &MessageView,
    found: &mut Found,
) {
    // Lines of mails are broken where they are long.
    let words: Vec<&str> = message.email.split_whitespace().collect();
    let text = words.join(" ");
    let refused = |operation: &str| {
        let known = memory.invocations.get(&caller.invocation);
        known.is_some_and(|known| known.refused.iter().any(|(name, ..)| *name == operation))
    };
    let (no_input, no_history) = (refused("DescribeExecution"), refused("GetExecutionHistory"));
    let cache = run.cache.as_ref().map(ToString::to_string).filter(|_| !no_input);
    let state = ending.state.clone().filter(|_| !no_history);
    let status = ending.status.replace('_', " ");
    let error = ending
        .error
        .clone()
        .filter(|_| ending.status == "FAILED" && !no_input);
    let missing: Vec<String> = [cache, state, error]
        .into_iter()
        .flatten()
        .filter(|part| !text.contains(part))
        .collect();
    if !missing.is_empty() {
        found.say(
            I6,
            format!(
                "the alert `{}` about `{}` does not say {missing:?}",
                message.subject, run.arn
            ),
        );
    }
    if !message.subject.contains(&status) {
        found.say(
            I6,
            format!("the subject `{}` does not say {status}", message.subject),
        );
    }
    let after = ending
        .state
        .as_deref()
        .is_some_and(|state| ["Prune", "NotifySuccess"].contains(&state));
    let safe = text.starts_with(SAFE);
    if safe != after && !no_history {
        found.say(
            I6,
            format!(
                "the alert `{}` about {:?} begins `{}`",
                message.subject,
                ending.state,
                text.get(..40).unwrap_or(&text)
            ),
        );
    }
    if safe
        && !run
            .manifest_key()
            .is_some_and(|key| memory.backups_ever.contains_key(&key))
    {
        found.say(
            I5,
            format!("`{}` calls a backup safe that is not recorded", message.subject),
        );
    }
}

/// Lambda gives an event to the function three times: at first, and twice again where that fails.
const MOST_TOLD: usize = 3;

/// Another message only where the last one's function could not leave its marker, or this one could not find it.
fn told_once(
    memory: &Memory,
    caller: &Caller,
    run: &Run,
    attempt: &Attempt,
    number: usize,
    found: &mut Found,
) {
    let known = memory.invocations.get(&caller.invocation);
    let missed = |marker: &String| {
        let refused = known.into_iter().flat_map(|known| &known.refused);
        refused
            .into_iter()
            .any(|(_, argument, _)| argument.ends_with(marker.as_str()))
    };
    let excused = attempt.marker.as_ref().is_none_or(missed);
    let again = known.is_some_and(|known| known.published);
    let told = attempt.told;
    if told >= MOST_TOLD || (told > 0 && (again || !excused)) {
        found.say(
            I6,
            format!("message {} about attempt {number} of `{}`", told + 1, run.arn),
        );
    }
}

/// Nobody was told in time; run at every step.
pub(super) fn overdue(memory: &Memory, now: Timestamp, found: &mut Found) {
    untold(memory, found, |at| now.duration_since(at) > TOLD_WITHIN);
}

/// At rest nobody will be told any more.
pub(super) fn at_rest(memory: &Memory, found: &mut Found) {
    untold(memory, found, |_| true);
}

fn untold(memory: &Memory, found: &mut Found, is_late: impl Fn(Timestamp) -> bool) {
    for run in memory.runs.values() {
        for (number, attempt) in run.attempts.iter().enumerate() {
            let Some((at, ending)) = attempt.failure() else {
                continue;
            };
            if attempt.told == 0 && !attempt.undelivered && is_late(at) {
                let (status, error) = (&ending.status, &ending.error);
                found.say(
                    I6,
                    format!(
                        "attempt {number} of `{}` ended {status} {error:?} at {at} and nobody was told",
                        run.arn
                    ),
                );
            }
        }
    }
}
