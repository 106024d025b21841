//! Counts, and how counts and times are written.

use super::{Report, legend};

/// The counts of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Totals {
    /// Cells that are possible.
    pub cells: usize,
    /// Cells with at least one run.
    pub run: usize,
    /// Cells that are as required.
    pub as_required: usize,
    /// Runs of all cells.
    pub runs: usize,
    /// Invariants held against runs.
    pub checks: usize,
}

impl Report {
    /// Its counts.
    pub(super) fn totals(&self) -> Totals {
        let runs = self.cells().map(|cell| cell.runs.len()).sum();
        Totals {
            cells: self.cells().count(),
            run: self.cells().filter(|cell| !cell.runs.is_empty()).count(),
            as_required: self.cells().filter(|cell| cell.is_as_required()).count(),
            runs,
            checks: runs * self.invariants.len(),
        }
    }

    /// The letters that occur, each with its number of cells.
    pub(super) fn counts(&self) -> Vec<(&'static legend::Entry, usize)> {
        let count = |entry: &legend::Entry| {
            self.cells()
                .filter(|cell| legend::of(cell.letter()).letter == entry.letter)
                .count()
        };
        let counted = legend::ENTRIES.iter().map(|entry| (entry, count(entry)));
        counted.filter(|(_, count)| *count > 0).collect()
    }
}

/// A count with its thousands apart.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun.
pub(super) fn of(number: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        count(number as u64),
        if number == 1 { one } else { many }
    )
}

/// A time in the two units that matter.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a report are few and not negative, and a cast of what is not saturates"
)]
pub(super) fn time(seconds: f64) -> String {
    const HOUR: u64 = 3600;
    let whole = seconds.round() as u64;
    match whole {
        0..120 => format!("{seconds:.1} s"),
        120..7200 => format!("{} min {} s", whole / 60, whole % 60),
        _ if whole < 1000 * HOUR => format!("{} h {} min", whole / HOUR, whole / 60 % 60),
        _ => format!("{} h", count(whole / HOUR)),
    }
}
