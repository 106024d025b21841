//! Outcomes as people read them. Everything here is decided from an outcome and a [`Look`] alone.

mod broken;
#[cfg(test)]
pub(crate) mod samples;
mod sound;
mod table;
#[cfg(test)]
mod tests;

use crate::outcome::{Found, Outcome, Status, Totals};
use crate::units;
use console::{StyledObject, Term, style};
use jiff::Timestamp;
use std::fmt::Write as _;
use std::time::Duration;

/// Columns where nobody tells a width, and the most that text stays readable on.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=120;
const PLAIN_WIDTH: usize = 80;

/// Columns of the labels before fields.
const LABEL: usize = 13;
const INDENT: &str = "  ";
/// A space at which no line breaks; printed as any other.
const GLUE: char = '\u{a0}';

/// How a report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Columns to lay it out in; paths alone may be longer.
    pub(crate) width: usize,
    /// Whether there are colours.
    pub(crate) colour: bool,
    /// The instant at which expiries were judged.
    pub(crate) now: Timestamp,
}

impl Look {
    /// What suits standard output: its width, and colours unless it is no terminal or `NO_COLOR` is set.
    pub(crate) fn of_stdout(now: Timestamp) -> Self {
        let width = Term::stdout()
            .size_checked()
            .map_or(PLAIN_WIDTH, |(_, columns)| usize::from(columns));
        Self {
            width: width.clamp(*WIDTHS.start(), *WIDTHS.end()),
            colour: console::colors_enabled(),
            now,
        }
    }

    fn paint<'a>(
        &self,
        text: &'a str,
        how: impl Fn(StyledObject<&'a str>) -> StyledObject<&'a str>,
    ) -> String {
        how(style(text).force_styling(self.colour)).to_string()
    }

    fn dim(&self, text: &str) -> String {
        self.paint(text, StyledObject::dim)
    }

    /// A word in the colour of what it means.
    fn status(&self, status: Status, word: &str) -> String {
        self.paint(word, |word| match status {
            Status::Sound => word.green(),
            Status::Corrupt | Status::Truncated => word.red().bold(),
            Status::Unsupported | Status::NotJudgeable | Status::Unreadable => word.yellow().bold(),
        })
    }
}

/// One line about an input: `✔ dumps/a.rdb: sound, 3 keys, 1.2 kB`. Nothing about one that could not be read, of which
/// standard error tells.
pub(crate) fn line(outcome: &Outcome, look: &Look) -> String {
    let rest = match &outcome.found {
        Found::Sound(verdict) => {
            format!(
                ", {}, {}",
                units::plural(verdict.keys, "key"),
                units::bytes(verdict.bytes)
            )
        }
        Found::Broken(broken) => broken::in_line(broken),
        Found::Unreadable(_) => return String::new(),
    };
    format!("{}{rest}\n", heading(outcome, look))
}

/// All about an input; with an empty line below it if it is one `of` several.
pub(crate) fn full(outcome: &Outcome, of: usize, look: &Look) -> String {
    let body = match &outcome.found {
        Found::Sound(verdict) => sound::body(verdict, outcome.took, look),
        Found::Broken(broken) => broken::body(broken, outcome.size, look),
        Found::Unreadable(_) => return String::new(),
    };
    let space = if of > 1 { "\n" } else { "" };
    format!("{}\n\n{body}{space}", heading(outcome, look))
}

/// How many inputs there were of each status: `6 files: 5 sound, 1 truncated; 1.2 GB read in 0.9 s (1,333 MB/s)`.
pub(crate) fn totals(totals: &Totals, took: Duration, look: &Look) -> String {
    let counts: Vec<String> = totals
        .counts()
        .map(|(status, count)| look.status(status, &format!("{} {status}", units::count(count as u64))))
        .collect();
    let files = units::plural(totals.inputs() as u64, "file");
    let speed = units::speed(totals.bytes, took).map_or_else(String::new, |speed| format!(" in {speed}"));
    format!(
        "{files}: {}; {} read{speed}\n",
        counts.join(", "),
        units::bytes(totals.bytes)
    )
}

/// `✔ dumps/a.rdb: sound`. The path is never broken, so that it can be taken from the screen.
fn heading(outcome: &Outcome, look: &Look) -> String {
    let status = outcome.status();
    let mark = match status {
        Status::Sound => "✔",
        Status::Corrupt | Status::Truncated => "✘",
        Status::Unsupported | Status::NotJudgeable | Status::Unreadable => "?",
    };
    let path = match outcome.path.as_str() {
        "-" => "standard input",
        path => path,
    };
    let [mark, word] = [mark, &status.to_string()].map(|word| look.status(status, word));
    format!("{mark} {}: {word}", look.paint(path, StyledObject::bold))
}

/// A label and what stands behind it.
type Field = (&'static str, String);

/// Fields below each other, long ones broken.
fn fields(fields: &[Field], look: &Look) -> String {
    let mut text = String::new();
    let room = look.width - INDENT.len() - LABEL;
    let options = textwrap::Options::new(room).word_splitter(textwrap::WordSplitter::NoHyphenation);
    for (label, value) in fields {
        for (number, line) in textwrap::wrap(value, &options).iter().enumerate() {
            let label = if number == 0 { *label } else { "" };
            let label = look.dim(&format!("{label:LABEL$}"));
            let _ = writeln!(text, "{INDENT}{label}{}", line.replace(GLUE, " "));
        }
    }
    text
}
