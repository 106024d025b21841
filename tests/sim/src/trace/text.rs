//! A step as one line of text: what two runs of one seed must have in common, byte for byte.

use super::census::{SnapshotView, VersionView};
use super::step::{By, Step, What};
use sha2::{Digest, Sha256};
use std::fmt;

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(caller) => {
                write!(f, "{}#{}", caller.function, caller.invocation)?;
                caller.state.iter().try_for_each(|state| write!(f, "({state})"))
            }
            Self::StateMachine => f.write_str("state machine"),
            Self::Service => f.write_str("AWS"),
            Self::Person => f.write_str("person"),
            Self::Past => f.write_str("past"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.at, self.by, self.what)
    }
}

fn snapshot(f: &mut fmt::Formatter<'_>, word: &str, view: &SnapshotView) -> fmt::Result {
    write!(f, "snapshot `{}` {word}, {}", view.name, view.status)
}

fn version(f: &mut fmt::Formatter<'_>, word: &str, view: &VersionView) -> fmt::Result {
    let (key, id) = (&view.key, &view.version_id);
    match &view.bytes {
        None => write!(f, "delete marker of `{key}` {word} as {id}"),
        Some(bytes) => {
            let digest = base16ct::lower::encode_string(&Sha256::digest(bytes)[..6]);
            let tags = &view.tags;
            write!(
                f,
                "`{key}` {word} as {id}, {} bytes {digest} {tags:?}",
                bytes.len()
            )
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Called {
                operation,
                argument,
                answer,
                effective,
            } => {
                let hidden = if *effective && answer != "ok" {
                    ", took effect"
                } else {
                    ""
                };
                write!(f, "{operation} `{argument}`: {answer}{hidden}")
            }
            Self::Read {
                key, start, length, ..
            } => write!(f, "read {length} bytes of `{key}` from {start}"),
            Self::SnapshotAppeared(view) => snapshot(f, "appeared", view),
            Self::SnapshotChanged(view) => snapshot(f, "changed", view),
            Self::SnapshotGone(view) => snapshot(f, "is gone", view),
            Self::VersionAppeared(view) => version(f, "appeared", view),
            Self::VersionChanged(view) => version(f, "changed", view),
            Self::VersionGone(view) => version(f, "is gone", view),
            Self::Published(message) => write!(f, "published `{}`", message.subject),
            Self::ExecutionStarted { arn, input } => write!(f, "started `{arn}` with {input}"),
            Self::ExecutionRedriven { arn, redrive_count } => {
                write!(f, "re-drove `{arn}`, {redrive_count} in all")
            }
            Self::ExecutionEnded { arn, ending } => {
                write!(f, "`{arn}` {}", ending.status)?;
                ending.error.iter().try_for_each(|error| write!(f, " {error}"))
            }
            Self::Invoked { payload } => write!(f, "called with {payload}"),
            Self::Returned { result: Ok(output) } => write!(f, "returned {output}"),
            Self::Returned {
                result: Err((error, text)),
            } => write!(f, "failed by {error}: {text}"),
            Self::Measured(values) => write!(f, "measured {values:?}"),
            Self::Undelivered { about } => write!(f, "nobody took `{about}`"),
        }
    }
}
