//! No secrets, and error names of the fixed set (I12).

use super::invariant::Found;
use super::invariant::Invariant::I12;
use super::memory::Memory;
use super::names::error_names;
use crate::trace::{By, Step, What};

/// What only the address of a signed request or of a webhook has.
const TOKENS: [&str; 5] = [
    "X-Amz-Signature=",
    "X-Amz-Security-Token=",
    "X-Amz-Credential=",
    "hooks.slack.com/services/",
    "AWSAccessKeyId=",
];

/// Names that Lambda and Step Functions give.
const FAMILIES: [&str; 4] = ["Lambda.", "States.", "Sandbox.", "Runtime."];

/// Nothing that is told, stored or returned has a secret in it.
pub(super) fn secrets(memory: &Memory, step: &Step, found: &mut Found) {
    let texts: Vec<String> = match &step.what {
        What::Published(message) => vec![
            message.subject.clone(),
            message.email.clone(),
            message.default.clone(),
        ],
        What::Returned { result: Ok(output) } => vec![output.to_string()],
        What::Returned {
            result: Err((error, text)),
        } => vec![error.clone(), text.clone()],
        What::ExecutionEnded { ending, .. } => [&ending.error, &ending.cause]
            .into_iter()
            .flatten()
            .cloned()
            .collect(),
        What::VersionAppeared(view) if matches!(step.by, By::Function(_)) => {
            let text = view
                .bytes
                .as_ref()
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            text.into_iter().collect()
        }
        _ => return,
    };
    let known = memory.setting.secrets.iter().map(String::as_str).chain(TOKENS);
    for secret in known.filter(|secret| texts.iter().any(|text| text.contains(secret))) {
        let begin: String = secret.chars().take(6).collect();
        found.say(I12, format!("{} told a secret, `{begin}…`", step.by));
    }
}

/// What Lambda says of an invocation that did not return.
const LAMBDA: [&str; 2] = ["Runtime.ExitError", "Sandbox.Timedout"];

/// Functions raise names of the table only; executions fail by those, or by names of Lambda and Step Functions.
pub(super) fn names(step: &Step, found: &mut Found) {
    let (name, of_function) = match &step.what {
        What::Returned {
            result: Err((name, _)),
        } => (name, true),
        What::ExecutionEnded { ending, .. } if ["FAILED", "TIMED_OUT"].contains(&ending.status.as_str()) => {
            match &ending.error {
                Some(name) => (name, false),
                None => return,
            }
        }
        _ => return,
    };
    let ours = name
        .strip_prefix("Backup.")
        .is_some_and(|name| error_names().0.contains(name));
    let theirs = if of_function {
        LAMBDA.contains(&name.as_str())
    } else {
        FAMILIES.iter().any(|family| name.starts_with(family))
    };
    if !ours && !theirs {
        found.say(I12, format!("{} failed by the name `{name}`", step.by));
    }
}
