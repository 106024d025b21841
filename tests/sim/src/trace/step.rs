//! One thing that happened.

use super::census::{MessageView, SnapshotView, VersionView};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// One thing that happened, when, and through whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// When it was seen: changes that AWS makes by itself are seen at the next call.
    pub at: Timestamp,
    /// Through whom.
    pub by: By,
    /// What.
    pub what: What,
}

/// Through whom something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// One of the functions.
    Function(Caller),
    /// The executions of the state machine.
    StateMachine,
    /// AWS by itself: what it was asked for earlier came to its end.
    Service,
    /// A person, or a program that is not ours.
    Person,
    /// Whoever was there before the trace began.
    Past,
}

/// One invocation of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The function, for example `prune`.
    pub function: String,
    /// The state that called it; none where an event or a schedule did.
    pub state: Option<String>,
    /// The ARN of the execution that it is about, where there is one.
    pub execution: Option<String>,
    /// The number of the invocation on its stage, from 1.
    pub invocation: u64,
}

impl Caller {
    /// An invocation that an event or a schedule brings about.
    pub fn of(function: &str) -> Self {
        Self {
            function: function.to_owned(),
            ..Self::default()
        }
    }
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// The error's name.
    pub error: Option<String>,
    /// The error's text.
    pub cause: Option<String>,
    /// The state that failed; none where no state did.
    pub state: Option<String>,
    /// Events in its history so far.
    pub events: usize,
    /// State transitions so far.
    pub transitions: u64,
    /// Re-drives so far.
    pub redrive_count: u32,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A call of AWS was answered, or was not.
    Called {
        /// The operation, spelled as AWS spells it.
        operation: &'static str,
        /// What it was about: a snapshot's or cache's name, a key, a topic, an execution.
        argument: String,
        /// What the caller got: `ok`, a wire code, or in words why there was no answer.
        answer: String,
        /// Whether the operation ran and succeeded, whatever the caller got.
        effective: bool,
    },
    /// Bytes of an object's version came to the caller.
    Read {
        /// The key.
        key: String,
        /// The version; the current one unless given.
        version: Option<String>,
        /// First byte.
        start: u64,
        /// Number of bytes that came.
        length: u64,
    },
    /// A snapshot is there that was not, or is another than before.
    SnapshotAppeared(SnapshotView),
    /// A snapshot's status or tags changed; this is how it is now.
    SnapshotChanged(SnapshotView),
    /// A snapshot is no longer there.
    SnapshotGone(SnapshotView),
    /// A version of an object, or a delete marker, is there that was not; it is the newest of its key.
    VersionAppeared(VersionView),
    /// A version's tags or bytes changed; this is how it is now.
    VersionChanged(VersionView),
    /// A version was deleted for good.
    VersionGone(VersionView),
    /// The topic accepted a message.
    Published(MessageView),
    /// An execution was started.
    ExecutionStarted {
        /// Its ARN.
        arn: String,
        /// Its input.
        input: Value,
    },
    /// An execution was re-driven.
    ExecutionRedriven {
        /// Its ARN.
        arn: String,
        /// How often so far.
        redrive_count: u32,
    },
    /// An execution came to an end, for the time being.
    ExecutionEnded {
        /// Its ARN.
        arn: String,
        /// How.
        ending: Ending,
    },
    /// A function was called.
    Invoked {
        /// Its payload.
        payload: Value,
    },
    /// A function ended, whether or not its answer reached anybody.
    Returned {
        /// What it returned, or the error's name and text.
        result: Result<Value, (String, String)>,
    },
    /// Metrics that a function emitted, by name.
    Measured(BTreeMap<String, f64>),
    /// An event that no function took, also after its retries: it lies in the queue of what was not delivered.
    Undelivered {
        /// What it was about.
        about: String,
    },
}
