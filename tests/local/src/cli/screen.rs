//! Where text goes: a terminal, with colours and lines that change in place, or plain lines for everything else.

use console::{Term, style};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::env;
use std::io::Write as _;
use std::time::Duration;

/// Width where nobody tells one.
const PLAIN_WIDTH: u16 = 100;
/// Text that is wider is hard to read, and narrower cannot be laid out.
const WIDTHS: std::ops::RangeInclusive<u16> = 40..=120;

/// Standard output.
#[derive(Debug)]
pub struct Screen {
    /// None where lines must not change.
    live: Option<MultiProgress>,
    width: u16,
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}

impl Screen {
    /// Looks at what standard output is. `NO_COLOR`, `CI` and a dumb terminal ask for plain lines.
    pub fn new() -> Self {
        let term = Term::stdout();
        let asked_plain = ["NO_COLOR", "CI"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        let live = (term.is_term() && !asked_plain && !dumb)
            .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stdout_with_hz(12)));
        let width = term.size_checked().map_or(PLAIN_WIDTH, |(_, columns)| columns);
        Self {
            live,
            width: width.clamp(*WIDTHS.start(), *WIDTHS.end()),
        }
    }

    /// Columns.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Prints text, above the lines that change. Where nobody reads any more, it goes nowhere.
    pub fn print(&self, text: &str) {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let Some(live) = &self.live else {
            let _ = writeln!(std::io::stdout(), "{text}");
            return;
        };
        for line in text.split('\n') {
            let coloured = painted(line);
            // Text goes past the changing lines only through their owner.
            let _ = live.suspend(|| writeln!(std::io::stdout(), "{coloured}"));
        }
    }

    /// Prints a heading with space around it.
    pub fn heading(&self, text: &str) {
        let text = if self.live.is_some() {
            style(text).bold().to_string()
        } else {
            text.to_owned()
        };
        self.print(&format!("\n{text}\n\n"));
    }

    /// A line that changes in place, if there is such a thing here. It goes when it is dropped.
    pub fn line(&self) -> Line {
        let bar = self.live.as_ref().map(|live| {
            let bar = live.add(ProgressBar::new_spinner());
            if let Ok(look) = ProgressStyle::with_template("{spinner:.cyan} {wide_msg}") {
                bar.set_style(look.tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "));
            }
            bar.enable_steady_tick(Duration::from_millis(90));
            bar
        });
        Line(bar)
    }
}

/// A line that changes in place.
#[derive(Debug)]
pub struct Line(Option<ProgressBar>);

impl Line {
    /// Shows this text from now on.
    pub fn show(&self, text: String) {
        if let Some(bar) = &self.0 {
            bar.set_message(text);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Marks in their colours, and what stands behind a bar set apart.
fn painted(line: &str) -> String {
    let marks = [
        ("✔", style("✔").green()),
        ("✘", style("✘").red().bold()),
        ("…", style("…").cyan()),
    ];
    for (mark, coloured) in marks {
        if let Some(rest) = line.strip_prefix(mark) {
            return format!("{coloured}{rest}");
        }
    }
    for bar in ["│", "┃"] {
        if let Some(rest) = line.strip_prefix(bar) {
            return format!("{}{rest}", style(bar).cyan());
        }
    }
    if line.starts_with('─') {
        style(line).dim().to_string()
    } else {
        line.to_owned()
    }
}
