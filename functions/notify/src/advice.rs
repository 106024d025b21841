//! What each error name means to a person who was just woken, and what to do first.

mod ours;
mod platform;

pub use platform::PLATFORM;

use backup_core::{ErrorName, Mend};
use ours::OURS;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// What happened: a clause without a full stop.
    pub meaning: &'static str,
    /// What to do first: whole sentences, in which `{bucket}`, `{cache}` and `{region}` stand for their values.
    pub first: &'static str,
    /// What mends the run after that.
    pub mend: Mend,
}

/// Words for the places in [`Advice::first`].
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The backup bucket.
    pub bucket: &'a str,
    /// The cache's id, or words for an unknown one.
    pub cache: &'a str,
    /// The Region.
    pub region: &'a str,
}

impl Advice {
    /// [`Advice::first`] with its places filled.
    pub fn first(&self, places: Places<'_>) -> String {
        let Places {
            bucket,
            cache,
            region,
        } = places;
        let text = self.first.replace("{bucket}", bucket).replace("{region}", region);
        text.replace("{cache}", cache)
    }
}

/// The row of an error name: one of ours, one of Step Functions' or Lambda's, or the row of the unknown.
pub fn advice(error: Option<&str>) -> Advice {
    let name = error.unwrap_or_default();
    if let Some(row) = ErrorName::parse(name).and_then(ours) {
        return row;
    }
    let exact = PLATFORM.iter().find(|(known, _)| *known == name);
    let family = || PLATFORM.iter().find(|(known, _)| is_family_of(known, name));
    exact.or_else(family).map_or(UNKNOWN, |(_, row)| *row)
}

/// `Lambda.*` is the family of `Lambda.Unknown`.
fn is_family_of(known: &str, name: &str) -> bool {
    known
        .strip_suffix('*')
        .is_some_and(|family| name.starts_with(family))
}

fn ours(name: ErrorName) -> Option<Advice> {
    let (_, meaning, first) = OURS.iter().find(|(known, _, _)| *known == name)?;
    Some(Advice {
        meaning,
        first,
        mend: name.mend(),
    })
}

/// A run that was stopped from outside.
pub const ABORTED: Advice = Advice {
    meaning: "a person or a program stopped the run",
    first: "If it was you, nothing is left to do. If not, CloudTrail names who called StopExecution, and from \
            where.",
    mend: Mend::Redrive,
};

/// A run that outlived the state machine's own limit.
pub const TIMED_OUT: Advice = Advice {
    meaning: "the run took longer than the 24 hours that the state machine allows",
    first: "Look in the console at the state in which the hours went by. A wait there means that ElastiCache \
            is still at it: look at the cache's events (aws elasticache describe-events --duration 1440).",
    mend: Mend::Redrive,
};

/// A run that was re-driven before its failure was told.
pub const REDRIVEN: Advice = Advice {
    meaning: "the event does not tell why, and the run was re-driven since",
    first: "Look at the run in the console as it stands now: it was re-driven after this failure, and may be under way \
            or over. If it fails again, another message tells what to do.",
    mend: Mend::Wait,
};

/// Any name that this version does not know.
pub const UNKNOWN: Advice = Advice {
    meaning: "this version has no name for what went wrong",
    first: "Read the cause below and the failed state in the console; the function's log in CloudWatch says \
            more.",
    mend: Mend::Redrive,
};

#[cfg(test)]
mod tests;
