//! How cells, runs and seeds are told of.

use super::totals::{self, count};
use super::{Played, PlayedRun, Report, Seeds};
use std::fmt::Write as _;

impl Played {
    /// Its name: `CopyToS3: CopySnapshot × lost after`, or `re-drive: after 3 days` for a cell of the system.
    pub(super) fn name(&self) -> String {
        let between = if self.row.contains(": ") { " × " } else { ": " };
        format!("{}{between}{}", self.row, self.column)
    }

    /// The runs that are not as required, those of one outcome together under all their names.
    pub(super) fn alike(&self) -> Vec<(Vec<&str>, &PlayedRun)> {
        let mut alike: Vec<(Vec<&str>, &PlayedRun)> = Vec::new();
        for run in self.runs.iter().filter(|run| !self.is_kept_by(run)) {
            let outcome = |run: &PlayedRun| {
                let PlayedRun { required, end, .. } = run.clone();
                (required, end, run.recovered.clone(), run.findings.clone())
            };
            match alike.iter_mut().find(|(_, other)| outcome(other) == outcome(run)) {
                Some((names, _)) => names.push(&run.name),
                None => alike.push((vec![&run.name], run)),
            }
        }
        alike
    }

    /// How a run of it ended, and how it had to where the cell's own requirement is not that of the run.
    pub(super) fn ended(&self, run: &PlayedRun) -> String {
        let mut text = format!("ended {}", run.end);
        if let Some(required) = run.required.as_ref().filter(|end| **end != self.required) {
            let _ = write!(text, ", must end {required} here");
        }
        if !run.recovered.is_empty() {
            let _ = write!(text, ", then {}", run.recovered);
        }
        text
    }
}

impl Report {
    /// In a few words, whether all of it is as required, and if not, how much is not.
    pub(super) fn verdict(&self) -> String {
        if self.is_as_required() {
            return "all as required".to_owned();
        }
        let totals = self.totals();
        let seeds = self.seeds.as_ref().map_or(0, |seeds| seeds.failed.len());
        let wrong = [
            (
                totals.run - totals.as_required,
                ["cell", "cells"],
                "not as required",
            ),
            (totals.cells - totals.run, ["cell", "cells"], "not run"),
            (seeds, ["seed", "seeds"], "not as required"),
        ];
        let wrong = wrong.into_iter().filter(|(number, ..)| *number > 0);
        let told =
            wrong.map(|(number, [one, many], what)| format!("{} {what}", totals::of(number, one, many)));
        told.collect::<Vec<_>>().join(", ")
    }
}

impl Seeds {
    /// Which were run, and which failed.
    pub(super) fn told(&self) -> String {
        let last = self.first + self.count.saturating_sub(1);
        let range = format!("{} from {} to {last}", count(self.count), self.first);
        if self.failed.is_empty() {
            return format!("{range}, all as required");
        }
        let (number, failed) = (count(self.failed.len() as u64), self.failed.join("; "));
        format!("{range}, {number} not as required: {failed}")
    }
}
