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
        // A call's answer. That something is not there is what most look-ups are for.
        _ if is_lookup(name) && is_absence(after) => Kind::Call,
        _ if after.starts_with(": ") && after != ": ok" => Kind::Error,
        _ => Kind::Call,
    }
}

fn is_lookup(operation: &str) -> bool {
    ["Get", "Head", "Describe"]
        .iter()
        .any(|read| operation.starts_with(read))
}

fn is_absence(answer: &str) -> bool {
    ["NoSuchKey", "NotFound", "NotFoundFault"]
        .iter()
        .any(|code| answer.ends_with(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_timeline_is_taken_apart() {
        let check = |line: &str, seconds: Option<u64>, who: &str, what: &str, kind: Kind| {
            let expected = Line {
                seconds,
                who,
                what,
                kind,
            };
            assert_eq!(Line::parse(line), expected, "{line}");
        };
        let call = "create-snapshot#3(CreateSnapshot)";
        check(
            "  1:02:03  create-snapshot#3(CreateSnapshot): CreateSnapshot `a`: ok",
            Some(3723),
            call,
            "CreateSnapshot `a`: ok",
            Kind::Call,
        );
        check(
            "0:00:00  AWS: snapshot `a` changed, available",
            Some(0),
            "AWS",
            "snapshot `a` changed, available",
            Kind::Change,
        );
        check(
            "0:00:00  prune#1: `k` appeared as v1, 3 bytes",
            Some(0),
            "prune#1",
            "`k` appeared as v1, 3 bytes",
            Kind::Change,
        );
        check("no time: and `words`", None, "no time", "and `words`", Kind::Call);
        check("`a: b` without who", None, "", "`a: b` without who", Kind::Call);
        check("", None, "", "", Kind::Call);
    }

    #[test]
    fn what_a_line_is_about_decides_how_it_looks() {
        for (what, kind, why) in [
            ("PutObject `k`: ok", Kind::Call, "a call that was answered"),
            (
                "PutObject `k`: 500 InternalError, took effect",
                Kind::Error,
                "its answer is an error",
            ),
            ("PutObject `k`: no answer", Kind::Error, "it has none"),
            (
                "GetObject `k`: NoSuchKey",
                Kind::Call,
                "a look-up that found nothing",
            ),
            (
                "DescribeSnapshots `s`: SnapshotNotFoundFault",
                Kind::Call,
                "so did this",
            ),
            ("PutObject `k`: NoSuchKey", Kind::Error, "this looks nothing up"),
            (
                "failed by Backup.Throttled: Rate exceeded",
                Kind::Error,
                "a function failed",
            ),
            (
                "`arn:a:b` FAILED Backup.Throttled",
                Kind::Error,
                "an execution failed",
            ),
            ("`arn:a:b` SUCCEEDED", Kind::Execution, "it succeeded"),
            ("started `arn:a:b` with {\"a\": 1}", Kind::Execution, "it began"),
            ("re-drove `arn:a:b`, 1 in all", Kind::Execution, "it went on"),
            (
                "published `Backup FAILED`",
                Kind::Told,
                "a message, whatever it says",
            ),
            ("nobody took `arn:a:b`", Kind::Error, "an event that was lost"),
            (
                "delete marker of `k` appeared as v2",
                Kind::Change,
                "the world changed",
            ),
            ("`k` is gone as v2", Kind::Change, "so it did here"),
            ("read `k` changed", Kind::Call, "no wording of a change"),
        ] {
            assert_eq!(
                Line::parse(&format!("0:00:00  AWS: {what}")).kind,
                kind,
                "{why}: {what}"
            );
        }
    }
}
