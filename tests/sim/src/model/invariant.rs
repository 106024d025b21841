//! The invariants and what is said when one does not hold.

use jiff::Timestamp;
use std::fmt;

/// What has to hold in every trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// See [`Invariant::text`], as for all of them.
    I1,
    /// Nothing that is not ours is touched.
    I2,
    /// One snapshot a run.
    I3,
    /// One export a run and target.
    I4,
    /// The right bytes, read.
    I5,
    /// Told, once, in time.
    I6,
    /// A re-drive or a duplicate goes on with the same names.
    I7,
    /// Snapshots stay as long as they are needed and no longer.
    I8,
    /// An end in time, within bounds.
    I9,
    /// Permanent faults are not repeated.
    I10,
    /// Nothing is deleted before a verified backup.
    I11,
    /// No secrets; error names of the fixed set.
    I12,
    /// Caches do not influence one another.
    I13,
}

impl Invariant {
    /// All of them, in order.
    pub const ALL: [Self; 13] = [
        Self::I1,
        Self::I2,
        Self::I3,
        Self::I4,
        Self::I5,
        Self::I6,
        Self::I7,
        Self::I8,
        Self::I9,
        Self::I10,
        Self::I11,
        Self::I12,
        Self::I13,
    ];

    /// What it demands.
    pub const fn text(self) -> &'static str {
        match self {
            Self::I1 => {
                "after the first good backup of an owner and cache there is always one, and prune leaves at least \
                 max(1, minimum), the newest, the pinned and what the keep rules keep"
            }
            Self::I2 => "nothing is deleted, tagged or overwritten that this system did not create",
            Self::I3 => "a snapshot is created at most once for a run",
            Self::I4 => {
                "an export is started at most once for a snapshot and target, and no key is written twice"
            }
            Self::I5 => {
                "a manifest, and a success, means that the bytes of every shard are in the bucket, are sound and were \
                 read to the last one"
            }
            Self::I6 => {
                "every attempt that does not succeed is told within ten minutes, with cache, state and error, and once"
            }
            Self::I7 => "a re-drive or a duplicate continues the same backup: same names, no second snapshot",
            Self::I8 => {
                "a failed run's snapshot stays until a later verified backup; after a success no more than \
                 `keepSnapshots` are left"
            }
            Self::I9 => {
                "every run ends by its deadline, with fewer than 12,500 events and a bounded number of calls"
            }
            Self::I10 => "what failed for good is called at most twice",
            Self::I11 => {
                "nothing is deleted before the same run recorded a verified backup, and only what is older than the \
                 newest of them"
            }
            Self::I12 => "no secret is told, and error names are of the fixed set",
            Self::I13 => "caches do not influence one another",
        }
    }
}

/// An invariant that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// When it was seen.
    pub at: Timestamp,
    /// What happened, with which value, in which step.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (invariant, at, text) = (self.invariant, self.at, &self.text);
        write!(f, "{invariant:?} at {at}: {text}; but {}", invariant.text())
    }
}

/// What rules have to say about one step.
#[derive(Debug, Default)]
pub(super) struct Found(pub(super) Vec<(Invariant, String)>);

impl Found {
    pub(super) fn say(&mut self, invariant: Invariant, text: String) {
        self.0.push((invariant, text));
    }
}
