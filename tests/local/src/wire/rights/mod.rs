//! What each function asks of AWS, as IAM sees it: every request that reaches a service, with its action, the ARNs of
//! what it acts on, and what a condition could look at.
//!
//! A function is known by the session token that its process is started with. A person's or a test's own client has
//! none, and its requests are not recorded: no role here has to allow them.
//!
//! [`table`] says which operation asks for what. One that it does not know is an error of the whole recording, so that
//! a new call cannot go unseen.

mod s3;
mod table;

pub(crate) use s3::asked as asked_of_s3;
pub(crate) use table::{Place, asked_of_elasticache, asked_of_sns, asked_of_states};

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// What every function's session token begins with; its name follows, and then what no other process has.
const TOKEN: &str = "function/";

/// A new session token for a process of a function.
pub(crate) fn token(function: &str) -> String {
    format!("{TOKEN}{function}/{:032x}", fastrand::u128(..))
}

/// The function that a session token is of.
pub(crate) fn function_of(token: &str) -> Option<&str> {
    let (function, _) = token.strip_prefix(TOKEN)?.split_once('/')?;
    Some(function)
}

/// What a condition can look at: one value of a key, or several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Condition {
    /// A key with one value, such as `s3:prefix`.
    One(String),
    /// A key with several, such as `aws:TagKeys`, in order.
    Many(Vec<String>),
}

/// Condition keys of a request with their values.
pub type Context = BTreeMap<String, Condition>;

/// An action, before it is known who asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) action: String,
    pub(crate) resources: Vec<String>,
    pub(crate) context: Context,
}

impl Asked {
    pub(crate) fn new(action: impl Into<String>, resources: Vec<String>) -> Self {
        Self {
            action: action.into(),
            resources,
            context: Context::new(),
        }
    }
}

/// An action that a function asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Call {
    /// The function's name, such as `prune`.
    pub function: String,
    /// The action as policies spell it, such as `s3:GetObject`.
    pub action: String,
    /// The ARNs that it acts on, all of which must be allowed; `*` where the action knows no resources.
    pub resources: Vec<String>,
    /// What a condition of a policy could look at.
    pub context: Context,
}

/// Why a recording cannot be trusted.
#[derive(Debug, thiserror::Error)]
#[error("not every call could be recorded: {}", troubles.join("; "))]
pub struct RecordingError {
    /// What could not be recorded, or not be written.
    troubles: Vec<String>,
}

#[derive(Debug, Default)]
struct Seen {
    calls: BTreeSet<Call>,
    troubles: BTreeSet<String>,
}

/// Keeps every distinct call, and writes each as a line when it is first seen.
#[derive(Debug)]
pub(crate) struct Recorder {
    file: PathBuf,
    seen: Mutex<Seen>,
}

impl Recorder {
    /// A recorder that appends to a file of lines.
    pub(crate) fn new(file: PathBuf) -> Self {
        Self {
            file,
            seen: Mutex::default(),
        }
    }

    /// Records what a function's request asks for, or that nobody knows what it does.
    pub(crate) fn record(&self, function: &str, asked: Result<Vec<Asked>, String>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = asked.unwrap_or_else(|unknown| {
            seen.troubles.insert(format!(
                "`{function}` {unknown}; add it to tests/local/src/wire/rights"
            ));
            Vec::new()
        });
        for Asked {
            action,
            resources,
            context,
        } in asked
        {
            let call = Call {
                function: function.to_owned(),
                action,
                resources,
                context,
            };
            if seen.calls.contains(&call) {
                continue;
            }
            if let Err(error) = self.write(&call) {
                seen.troubles
                    .insert(format!("`{}` cannot be written: {error}", self.file.display()));
            }
            seen.calls.insert(call);
        }
    }

    fn write(&self, call: &Call) -> io::Result<()> {
        let line = serde_json::to_string(call)?;
        let mut file = File::options().create(true).append(true).open(&self.file)?;
        writeln!(file, "{line}")
    }

    /// Every distinct call so far, in order; an error if there was one that could not be recorded.
    pub(crate) fn calls(&self) -> Result<Vec<Call>, RecordingError> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.troubles.is_empty() {
            return Ok(seen.calls.iter().cloned().collect());
        }
        Err(RecordingError {
            troubles: seen.troubles.iter().cloned().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_distinct_call_is_kept_once_and_written_as_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::new(folder.path().join("calls.jsonl"));
        let asked = || Ok(vec![Asked::new("sns:Publish", vec!["arn:t".to_owned()])]);
        for function in ["notify", "notify", "watch"] {
            recorder.record(function, asked());
        }
        let functions: Vec<_> = recorder
            .calls()
            .unwrap()
            .into_iter()
            .map(|call| call.function)
            .collect();
        assert_eq!(functions, ["notify", "watch"]);
        let written = std::fs::read_to_string(folder.path().join("calls.jsonl")).unwrap();
        let first = r#"{"function":"notify","action":"sns:Publish","resources":["arn:t"],"context":{}}"#;
        assert_eq!(written.lines().next(), Some(first));
        assert_eq!(written.lines().count(), 2);
    }

    #[test]
    fn what_nobody_knows_spoils_the_recording() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::new(folder.path().join("calls.jsonl"));
        recorder.record("prune", Err("calls `PutBucketPolicy` of S3".to_owned()));
        let error = recorder.calls().unwrap_err().to_string();
        assert!(error.contains("`prune` calls `PutBucketPolicy`"), "{error}");
    }

    #[test]
    fn a_function_is_known_by_its_token() {
        assert_eq!(function_of(&token("copy-to-s3")), Some("copy-to-s3"));
        assert_ne!(token("prune"), token("prune"), "each process has its own");
        assert_eq!(function_of("IQoJb3JpZ2luX2Vj"), None, "anybody else's");
    }
}
