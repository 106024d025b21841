//! Faults of calls and of jobs, each armed for a number of times.
//!
//! Call faults are consulted in one place ([`crate::world::World`]'s `call`), job faults when a snapshot or an export starts.

use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// What goes wrong with one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// The service's own throttling answer; nothing happens.
    Throttle,
    /// A 500 before the effect.
    ErrorBefore,
    /// A 500 although the effect took place.
    ErrorAfter,
    /// The connection drops before the request is seen.
    LostRequest,
    /// The effect takes place, then the connection drops.
    LostAnswer,
    /// The caller lacks the permission.
    Denied,
    /// The caller's session is over.
    Expired,
    /// This answer instead of the operation, for example a 409 `ConditionalRequestConflict`.
    Answer(AwsError),
    /// A read that lags behind: describes hide what is being created and any export that runs, S3 reads see no object,
    /// no tag is shown yet.
    Stale,
}

impl Fault {
    /// An error of the given status, code and text in place of the operation.
    pub fn answer(status: u16, code: &str, message: &str) -> Self {
        Self::Answer(AwsError::new(status, code, message))
    }

    /// What the caller gets instead of the operation, if it does not run at all.
    pub(crate) fn before(&self, operation: Operation) -> Option<CallError> {
        match self {
            Self::Throttle => Some(operation.throttled().into()),
            Self::ErrorBefore => Some(operation.internal_error().into()),
            Self::Denied => Some(operation.denied().into()),
            Self::Expired => Some(operation.expired().into()),
            Self::Answer(error) => Some(error.clone().into()),
            Self::LostRequest => Some(CallError::NoAnswer),
            Self::ErrorAfter | Self::LostAnswer | Self::Stale => None,
        }
    }

    /// What the caller gets in place of the operation's answer once it ran.
    pub(crate) fn after(&self, operation: Operation) -> Option<CallError> {
        match self {
            Self::ErrorAfter => Some(operation.internal_error().into()),
            Self::LostAnswer => Some(CallError::NoAnswer),
            _ => None,
        }
    }
}

/// What goes wrong while a snapshot is made; taken when the creation is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SnapshotFault {
    /// It ends as `failed`.
    Fails,
    /// It disappears when it should become available.
    Vanishes,
    /// It takes this long.
    Takes(SignedDuration),
    /// It reads this status instead of `available`.
    Reads(String),
}

/// What goes wrong while an export runs; taken when the export is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportFault {
    /// The source goes back to `available`, nothing is written (no trace is known for node-based snapshots).
    Silent,
    /// The object of this node group is not written.
    Withhold(String),
    /// One bit of this byte of the node group's object is flipped; the offset counts from the start, modulo the size.
    FlipBit {
        /// Node group, for example `0001`.
        node_group: String,
        /// Offset in bytes.
        byte: u64,
    },
    /// One bit of this byte of the node group's object is flipped after S3 took entity tag and checksum of it.
    RotBit {
        /// Node group, for example `0001`.
        node_group: String,
        /// Offset in bytes from the start, modulo the size.
        byte: u64,
    },
    /// The last bytes of the node group's object are missing.
    CutTail {
        /// Node group, for example `0001`.
        node_group: String,
        /// How many bytes are missing.
        bytes: u64,
    },
    /// The node group's object is empty.
    Empty(String),
    /// It takes this long.
    Takes(SignedDuration),
    /// The objects appear this long after the source is `available` again; negative means before.
    ObjectsAfter(SignedDuration),
    /// The objects appear one after the other, this long apart.
    ObjectsApart(SignedDuration),
}

/// One armed fault and how often it still strikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Armed<F> {
    fault: F,
    /// A part of the identifying argument; `None` strikes at any.
    matching: Option<String>,
    operation: Option<Operation>,
    /// Matching calls that pass before the first strike.
    skip: u32,
    count: u32,
}

impl<F> Armed<F> {
    fn strikes(&mut self, operation: Option<Operation>, argument: &str) -> bool {
        let matches = self.operation == operation
            && self.count > 0
            && self
                .matching
                .as_deref()
                .is_none_or(|part| argument.contains(part));
        if matches && self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if matches {
            self.count -= 1;
        }
        matches
    }
}

/// When an armed fault strikes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// Only at calls whose identifying argument contains this; `None` is any call.
    pub matching: Option<String>,
    /// How many matching calls pass unharmed first.
    pub skip: u32,
    /// How many times it strikes.
    pub count: u32,
}

impl When {
    /// At the next `count` calls.
    pub fn next(count: u32) -> Self {
        Self {
            count,
            ..Self::default()
        }
    }

    /// At the next call whose identifying argument contains `part`.
    pub fn named(part: &str) -> Self {
        Self {
            matching: Some(part.to_owned()),
            skip: 0,
            count: 1,
        }
    }
}

/// All armed faults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    calls: Vec<Armed<Fault>>,
    snapshots: Vec<Armed<SnapshotFault>>,
    exports: Vec<Armed<ExportFault>>,
}

fn armed<F>(fault: F, operation: Option<Operation>, when: When) -> Armed<F> {
    Armed {
        fault,
        matching: when.matching,
        operation,
        skip: when.skip,
        count: when.count,
    }
}

fn take_all<F: Clone>(rules: &mut Vec<Armed<F>>, argument: &str) -> Vec<F> {
    let taken = rules
        .iter_mut()
        .filter_map(|rule| rule.strikes(None, argument).then(|| rule.fault.clone()))
        .collect();
    rules.retain(|rule| rule.count > 0);
    taken
}

impl Faults {
    /// Arms a fault of an operation's calls.
    pub fn arm(&mut self, operation: Operation, fault: Fault, when: When) {
        self.calls.push(armed(fault, Some(operation), when));
    }

    /// Arms a fault of snapshots, matched by snapshot name.
    pub fn arm_snapshot(&mut self, fault: SnapshotFault, when: When) {
        self.snapshots.push(armed(fault, None, when));
    }

    /// Arms a fault of exports, matched by the source snapshot's name.
    pub fn arm_export(&mut self, fault: ExportFault, when: When) {
        self.exports.push(armed(fault, None, when));
    }

    /// Whether no armed fault is left.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.snapshots.is_empty() && self.exports.is_empty()
    }

    /// Forgets every armed fault.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The first armed fault that strikes this call; the others wait for the next.
    pub(crate) fn take_call(&mut self, operation: Operation, argument: &str) -> Option<Fault> {
        let strike = |rule: &mut Armed<Fault>| {
            rule.strikes(Some(operation), argument)
                .then(|| rule.fault.clone())
        };
        let fault = self.calls.iter_mut().find_map(strike);
        self.calls.retain(|rule| rule.count > 0);
        fault
    }

    /// All armed faults that strike this snapshot.
    pub(crate) fn take_snapshot(&mut self, name: &str) -> Vec<SnapshotFault> {
        take_all(&mut self.snapshots, name)
    }

    /// All armed faults that strike this export.
    pub(crate) fn take_export(&mut self, source: &str) -> Vec<ExportFault> {
        take_all(&mut self.exports, source)
    }
}
