//! The report in lines of text.

use super::grid::{Group, Row};
use super::legend::{self, AMISS};
use super::totals::{self, count};
use super::{Played, PlayedRun, Report};
use std::fmt::Write as _;

/// Columns of a terminal, unless told.
pub(super) const WIDTH: usize = 140;

/// What stands where a fault cannot happen to a call.
const IMPOSSIBLE: char = '·';
/// Columns between the left edge and the calls.
const INDENT: usize = 4;
/// Letters of a group of the system that stand together.
const TOGETHER: usize = 10;

const HEADING: &str = "1";
const QUIET: &str = "2";
const BAD: &str = "1;31";
const GOOD: &str = "1;32";

struct Terminal {
    width: usize,
    colour: bool,
    lines: String,
}

/// The whole report.
pub(super) fn text(report: &Report, width: usize, colour: bool) -> String {
    let mut out = Terminal {
        width,
        colour,
        lines: String::new(),
    };
    out.heading(report);
    out.matrix(report);
    out.system(report);
    out.legend(report);
    out.amiss(report);
    out.totals(report);
    out.lines
}

impl Terminal {
    fn line(&mut self, line: &str) {
        self.lines.push_str(line.trim_end());
        self.lines.push('\n');
    }

    /// Text in a style of the terminal's (SGR parameters).
    fn ink(&self, style: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{style}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn letter(&self, letter: char) -> String {
        self.ink(legend::of(letter).terminal, &letter.to_string())
    }

    fn heading(&mut self, report: &Report) {
        let title = self.ink(HEADING, &report.title);
        let version = self.ink(QUIET, &report.version);
        self.line(&format!("{title}  {version}"));
        self.line("");
    }

    fn matrix(&mut self, report: &Report) {
        let columns = report.all_columns();
        let grid = report.grid();
        if grid.is_empty() {
            return;
        }
        let names = grid.iter().flat_map(|group| &group.rows);
        let longest = names.map(|row| row.operation.chars().count()).max();
        // The first heading reaches as far to the left as the last one reaches to the right.
        let overhang = columns.iter().map(|column| column.chars().count()).max();
        let label = INDENT + longest.max(overhang).unwrap_or(0) + 1;
        let is_wide = label + 3 * columns.len() + overhang.unwrap_or(0) <= self.width;
        let step = if is_wide { 3 } else { 2 };
        for line in signposts(&columns, label, step) {
            let line = self.ink(QUIET, line.trim_end());
            self.line(&line);
        }
        for group in &grid {
            self.group(group, label, step);
        }
        self.line("");
    }

    fn group(&mut self, group: &Group<'_>, label: usize, step: usize) {
        let place = self.ink(HEADING, group.place);
        self.line(&format!("  {place}"));
        for row in &group.rows {
            let mut line = format!("{:INDENT$}{:width$}", "", row.operation, width = label - INDENT);
            for letter in letters(row) {
                line += &" ".repeat(step - 1);
                line += &match letter {
                    Some(letter) => self.letter(letter),
                    None => self.ink(QUIET, &IMPOSSIBLE.to_string()),
                };
            }
            self.line(&line);
        }
    }

    fn system(&mut self, report: &Report) {
        let groups = report.groups();
        let Some(longest) = groups.iter().map(|(name, _)| name.chars().count()).max() else {
            return;
        };
        let heading = self.ink(HEADING, "The system's own mishaps");
        self.line(&format!("  {heading}"));
        let label = INDENT + longest + 6;
        let per_line = (self.width.saturating_sub(label + 2) / (TOGETHER + 1)).max(1) * TOGETHER;
        for (name, cells) in groups {
            let number = self.ink(QUIET, &format!("{:>4}", cells.len()));
            let mut start = format!("{:INDENT$}{name:longest$} {number}  ", "");
            for part in cells.chunks(per_line) {
                let words = part.chunks(TOGETHER).map(|ten| {
                    let letters = ten.iter().map(|cell| self.letter(cell.letter()));
                    letters.collect::<String>()
                });
                let words = words.collect::<Vec<_>>().join(" ");
                self.line(&format!("{start}{words}"));
                start = " ".repeat(label + 1);
            }
        }
        self.line("");
    }

    fn legend(&mut self, report: &Report) {
        let counts = report.counts();
        let longest = counts
            .iter()
            .map(|(entry, _)| entry.name.len())
            .max()
            .unwrap_or(0);
        for (entry, number) in counts {
            let letter = self.letter(entry.letter);
            let (name, number) = (entry.name, count(number as u64));
            self.meaning(
                &format!("  {letter}  {name:longest$} {number:>6}"),
                longest,
                entry.meaning,
            );
        }
        let dot = self.ink(QUIET, &IMPOSSIBLE.to_string());
        let start = format!("  {dot}  {:longest$} {:6}", "", "");
        self.meaning(&start, longest, "the fault cannot happen to the call");
        self.line("");
    }

    /// A line of the legend; what does not fit goes below its text.
    fn meaning(&mut self, start: &str, longest: usize, meaning: &str) {
        let indent = " ".repeat(longest + 14);
        let lines = textwrap::wrap(meaning, self.width.saturating_sub(indent.len()).max(20));
        for (number, line) in lines.iter().enumerate() {
            let before = if number == 0 {
                format!("{start}  ")
            } else {
                indent.clone()
            };
            let line = self.ink(QUIET, line);
            self.line(&format!("{before}{line}"));
        }
    }

    fn amiss(&mut self, report: &Report) {
        let amiss: Vec<&Played> = report.cells().filter(|cell| cell.letter() == AMISS).collect();
        if amiss.is_empty() {
            return;
        }
        let heading = format!("Not as required: {}", totals::of(amiss.len(), "cell", "cells"));
        let heading = self.ink(BAD, &heading);
        self.line(&heading);
        self.line("");
        for cell in amiss {
            let (cross, name) = (self.ink(BAD, "✘"), self.ink(HEADING, &cell.name()));
            self.line(&format!("{cross} {name} must end {}", cell.required));
            if !cell.why.is_empty() {
                self.wrapped(&format!("for {}", cell.why), "  ", "  ", QUIET);
            }
            for (names, run) in cell.alike() {
                self.run(cell, &names.join("; "), run);
            }
            self.line("");
        }
    }

    fn run(&mut self, cell: &Played, names: &str, run: &PlayedRun) {
        let end = cell.ended(run);
        self.wrapped(&format!("{names}: {end}"), "    ", "      ", "");
        for (rule, text) in &run.findings {
            self.wrapped(&format!("{rule}: {text}"), "      ", "        ", BAD);
        }
    }

    /// Breaks text at the terminal's width; every line of it has the style.
    fn wrapped(&mut self, text: &str, first: &str, other: &str, style: &str) {
        let options = textwrap::Options::new(self.width.max(40))
            .initial_indent(first)
            .subsequent_indent(other)
            .break_words(false);
        for line in textwrap::wrap(text, options) {
            let line = if style.is_empty() {
                line.into_owned()
            } else {
                self.ink(style, &line)
            };
            self.line(&line);
        }
    }

    fn totals(&mut self, report: &Report) {
        for (name, value, is_well) in lines_of_totals(report) {
            let style = match is_well {
                Some(true) => GOOD,
                Some(false) => BAD,
                None => HEADING,
            };
            let name = self.ink(style, &format!("{name:<7}"));
            self.wrapped(&value, &format!("{name} "), "        ", "");
        }
    }
}

/// The totals: a name, a text, and whether it is well, where that can be said.
fn lines_of_totals(report: &Report) -> Vec<(&'static str, String, Option<bool>)> {
    let totals = report.totals();
    let cells = format!(
        "{} possible, {} run, {} as required",
        count(totals.cells as u64),
        count(totals.run as u64),
        count(totals.as_required as u64)
    );
    let runs = format!(
        "{}, each held against {}: {} checks",
        count(totals.runs as u64),
        totals::of(report.invariants.len(), "invariant", "invariants"),
        count(totals.checks as u64)
    );
    let mut lines = vec![
        ("Cells", cells, Some(totals.as_required == totals.cells)),
        ("Runs", runs, None),
    ];
    if let Some(seeds) = &report.seeds {
        lines.push(("Seeds", seeds.told(), Some(seeds.failed.is_empty())));
    }
    let mut time = totals::time(report.seconds);
    if let Some(seconds) = report.virtual_seconds {
        let _ = write!(
            time,
            ", in which {} passed in the simulation",
            totals::time(seconds)
        );
    }
    lines.push(("Time", time, None));
    lines
}

fn letters<'r>(row: &'r Row<'_>) -> impl Iterator<Item = Option<char>> + 'r {
    row.cells.iter().map(|cell| cell.map(Played::letter))
}

/// The columns' headings: each lies flat, with a line down to its column; those of the left half reach to the left,
/// those of the right half to the right, so that two share a line.
fn signposts(columns: &[&str], label: usize, step: usize) -> Vec<String> {
    let left = columns.len() / 2;
    let height = columns.len() - left;
    let mut lines = vec![vec![' '; label + step * columns.len()]; height];
    for (column, heading) in columns.iter().enumerate() {
        let at = label + step * (column + 1) - 1;
        let is_left = column < left;
        let level = if is_left {
            height - 1 - column
        } else {
            height + column - columns.len()
        };
        for line in &mut lines[level + 1..] {
            line[at] = '│';
        }
        let line = &mut lines[level];
        line[at] = if is_left { '╮' } else { '╭' };
        let letters = heading.chars().count();
        let start = if is_left {
            at.saturating_sub(letters + 1)
        } else {
            at + 2
        };
        line.resize(line.len().max(start + letters), ' ');
        for (place, letter) in line[start..].iter_mut().zip(heading.chars()) {
            *place = letter;
        }
    }
    lines.into_iter().map(String::from_iter).collect()
}
