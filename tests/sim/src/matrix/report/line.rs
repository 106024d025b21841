//! A line of a timeline, taken apart: when, who, what, and of which kind.

/// A line of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'l> {
    /// Seconds since the run was due; none where the line does not begin with a time.
    pub seconds: Option<u64>,
    /// Through whom; may be empty.
    pub who: &'l str,
    /// What.
    pub what: &'l str,
    /// Its kind.
    pub kind: Kind,
}

/// What a line is about, which decides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A call that was answered, or whatever is not one of the others.
    Call,
    /// Something went wrong: a call without a good answer, a failed function or execution.
    Error,
    /// The world is another than before.
    Change,
    /// Somebody was told.
    Told,
    /// An execution began or succeeded.
    Execution,
}

impl Kind {
    /// Its letter in the page's data.
    pub(super) const fn letter(self) -> char {
        match self {
            Self::Call => 'c',
            Self::Error => 'e',
            Self::Change => 'w',
            Self::Told => 't',
            Self::Execution => 'x',
        }
    }
}

impl<'l> Line<'l> {
    /// Takes a line apart; what cannot be is kept whole as `what`.
    pub(super) fn parse(line: &'l str) -> Self {
        let trimmed = line.trim();
        let (seconds, rest) = match trimmed.split_once(char::is_whitespace) {
            Some((time, rest)) => match seconds(time) {
                Some(seconds) => (Some(seconds), rest.trim_start()),
                None => (None, trimmed),
            },
            None => (None, trimmed),
        };
        let (who, what) = match rest.split_once(": ") {
            Some((who, what)) if !who.contains('`') => (who, what),
            _ => ("", rest),
        };
        Self {
            seconds,
            who,
            what,
            kind: kind(what),
        }
    }
}

/// `1:02:03` in seconds.
fn seconds(time: &str) -> Option<u64> {
    let parts: Option<Vec<u64>> = time.split(':').map(|part| part.parse().ok()).collect();
    match parts?.as_slice() {
        [hours, minutes, seconds] => Some(hours * 3600 + minutes * 60 + seconds),
        _ => None,
    }
}

/// The kind of what happened, from how the trace words it.
fn kind(what: &str) -> Kind {
    // Behind the last name in backticks stands what became of it.
    let (name, after) = match what.split_once('`') {
        Some((before, rest)) => {
            let after = rest.split_once('`').map_or("", |(_, after)| after);
            (before.trim_end(), after)
        }
        None => (what, ""),
    };
    let is_changed = [" appeared", " changed", " is gone"]
        .iter()
        .any(|change| after.starts_with(change));
    match name {
        "published" => Kind::Told,
        "nobody took" => Kind::Error,
        "started" | "re-drove" => Kind::Execution,
        "" | "snapshot" | "delete marker of" if is_changed => Kind::Change,
        "" if ["FAILED", "TIMED_OUT", "ABORTED"]
            .iter()
            .any(|status| after.trim_start().starts_with(status)) =>
        {
            Kind::Error
        }
        "" if after.trim_start().starts_with("SUCCEEDED") => Kind::Execution,
        _ if what.starts_with("failed by ") => Kind::Error,
        // A call's answer. That a key is not there is what most look-ups are for.
        "GetObject" | "HeadObject" if after == ": NoSuchKey" || after == ": NotFound" => Kind::Call,
        _ if after.starts_with(": ") && after != ": ok" => Kind::Error,
        _ => Kind::Call,
    }
}
