//! What became of one input, and of all of them together.

use crate::problem::Problem;
use rdb::{Broken, BrokenKind, Verdict};
use serde::Serialize;
use std::fmt;
use std::process::ExitCode;
use std::time::Duration;

/// What became of one input.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The input's name, printable.
    pub(crate) path: String,
    /// What was found.
    pub(crate) found: Found,
    /// Bytes that were read; less than the file has where it is broken.
    pub(crate) read: u64,
    /// Size of the input, where it is known.
    pub(crate) size: Option<u64>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// What was found in an input.
#[derive(Debug)]
pub(crate) enum Found {
    /// It is whole.
    Sound(Box<Verdict>),
    /// It is not accepted.
    Broken(Broken),
    /// Nobody knows.
    Unreadable(Problem),
}

/// In one word, what is to be said of an input. The names in JSON are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    Sound,
    Corrupt,
    Truncated,
    Unsupported,
    NotJudgeable,
    Unreadable,
}

impl Outcome {
    /// An input of which nothing could be read.
    pub(crate) fn unreadable(path: String, problem: Problem) -> Self {
        Self {
            path,
            found: Found::Unreadable(problem),
            read: 0,
            size: None,
            took: Duration::ZERO,
        }
    }

    pub(crate) fn status(&self) -> Status {
        match &self.found {
            Found::Sound(_) => Status::Sound,
            Found::Unreadable(_) => Status::Unreadable,
            Found::Broken(broken) => match broken.kind {
                BrokenKind::Corrupt => Status::Corrupt,
                BrokenKind::Truncated => Status::Truncated,
                BrokenKind::Unsupported => Status::Unsupported,
                BrokenKind::NotJudgeable => Status::NotJudgeable,
            },
        }
    }
}

impl Status {
    /// All, in the order in which they are counted up.
    pub(crate) const ALL: [Self; 6] = [
        Self::Sound,
        Self::Corrupt,
        Self::Truncated,
        Self::Unsupported,
        Self::NotJudgeable,
        Self::Unreadable,
    ];

    /// The exit status that one such input asks for; the greatest wins.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Sound => 0,
            Self::Corrupt | Self::Truncated | Self::Unsupported | Self::NotJudgeable => 1,
            Self::Unreadable => 2,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sound => "sound",
            Self::Corrupt => "corrupt",
            Self::Truncated => "truncated",
            Self::Unsupported => "unsupported",
            Self::NotJudgeable => "not judgeable",
            Self::Unreadable => "could not be read",
        })
    }
}

/// All outcomes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    counts: [usize; Status::ALL.len()],
    /// Bytes that were read.
    pub(crate) bytes: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.counts[outcome.status() as usize] += 1;
        self.bytes += outcome.read;
    }

    /// Number of inputs.
    pub(crate) fn inputs(&self) -> usize {
        self.counts.iter().sum()
    }

    /// How many there are of each status that occurred.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (Status, usize)> {
        Status::ALL
            .into_iter()
            .zip(self.counts)
            .filter(|(_, count)| *count > 0)
    }

    /// 0 where all are sound, 1 where some are not, 2 where some could not be read.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        self.counts().map(|(status, _)| status.code()).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(found: Found) -> Outcome {
        Outcome {
            path: "a".into(),
            found,
            read: 5,
            size: None,
            took: Duration::ZERO,
        }
    }

    fn broken(kind: BrokenKind) -> Outcome {
        outcome(Found::Broken(Broken {
            kind,
            offset: 9,
            meaning: "odd".into(),
            key: None,
            sound_keys: 0,
        }))
    }

    fn code(outcomes: &[Outcome]) -> u8 {
        let mut totals = Totals::default();
        for outcome in outcomes {
            totals.add(outcome);
        }
        totals.code()
    }

    #[test]
    fn the_worst_decides_and_not_knowing_is_worst() {
        let unreadable = || outcome(Found::Unreadable(Problem::InputTwice));
        let kinds = [
            (BrokenKind::Corrupt, Status::Corrupt),
            (BrokenKind::Truncated, Status::Truncated),
            (BrokenKind::Unsupported, Status::Unsupported),
            (BrokenKind::NotJudgeable, Status::NotJudgeable),
        ];
        for (kind, status) in kinds {
            assert_eq!(broken(kind).status(), status);
            assert_eq!(code(&[broken(kind)]), 1, "{status}");
            assert_eq!(code(&[broken(kind), unreadable()]), 2, "{status}");
        }
        assert_eq!(
            code(&[unreadable(), broken(BrokenKind::Corrupt)]),
            2,
            "in any order"
        );
        assert_eq!(code(&[]), 0);
    }

    #[test]
    fn each_status_stands_at_its_number() {
        for (number, status) in Status::ALL.into_iter().enumerate() {
            assert_eq!(status as usize, number);
        }
        let mut totals = Totals::default();
        totals.add(&broken(BrokenKind::Truncated));
        totals.add(&broken(BrokenKind::Truncated));
        assert_eq!(totals.counts().collect::<Vec<_>>(), [(Status::Truncated, 2)]);
        assert_eq!((totals.inputs(), totals.bytes), (2, 10));
    }
}
