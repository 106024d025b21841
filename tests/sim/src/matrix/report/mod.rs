//! What a run of the matrix came to: as text for a terminal, as a page with every timeline, and as a picture.
//!
//! It knows nothing of how cells are run: it takes names, ends and lines of text, and what it gives depends on them alone.

mod data;
mod grid;
mod legend;
mod line;
mod markup;
mod page;
mod picture;
mod terminal;
mod totals;
mod wording;

#[cfg(test)]
mod tests;

/// A cell with all its runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Played {
    /// The row: a call as `CreateSnapshot: CopySnapshot`, or the group of a cell of the system.
    pub row: String,
    /// The column: a fault's heading, or the name of a cell of the system.
    pub column: String,
    /// The end that it must have, as [`End`](super::End) prints it, for example `F Throttled`.
    pub required: String,
    /// Why it must have this end; may be empty.
    pub why: String,
    /// What was run; none where the cell was passed over.
    pub runs: Vec<PlayedRun>,
}

/// One run of a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlayedRun {
    /// What sets it apart from the cell's other runs: the scene, and which call.
    pub name: String,
    /// The end that this run must have, where it is another than the cell's.
    pub required: Option<String>,
    /// The end that it had.
    pub end: String,
    /// The way back to a verified backup, for example `re-drive`; empty where none was needed.
    pub recovered: String,
    /// What must not be: the rule, and what was found instead.
    pub findings: Vec<(String, String)>,
    /// What happened, line by line: `h:mm:ss  who: what`.
    pub timeline: Vec<String>,
}

/// What the runs with several faults drawn from seeds came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seeds {
    /// The first seed.
    pub first: u64,
    /// How many, one after the other.
    pub count: u64,
    /// Those that failed, each with what was found.
    pub failed: Vec<String>,
}

/// What a run of the whole matrix came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Its heading.
    pub title: String,
    /// The cells of calls and faults, one per row and column.
    pub calls: Vec<Played>,
    /// The cells of the system, in reading order.
    pub system: Vec<Played>,
    /// The faults' headings, in reading order.
    pub columns: Vec<String>,
    /// What every run is held against: `I1` and its text.
    pub invariants: Vec<(String, String)>,
    /// The runs from seeds, where there were any.
    pub seeds: Option<Seeds>,
    /// Time that all of it took, in seconds.
    pub seconds: f64,
    /// Time that passed in the simulation, in seconds, where it was counted.
    pub virtual_seconds: Option<f64>,
    /// The product's version.
    pub version: String,
}

impl Report {
    /// The matrix, its legend, what is not as required, and the totals, in lines of at most `width` characters (140
    /// unless given; headings and names are never cut). `colour` is for terminals that have it.
    pub fn text(&self, width: Option<usize>, colour: bool) -> String {
        terminal::text(self, width.unwrap_or(terminal::WIDTH), colour)
    }

    /// One HTML page that needs nothing else: the matrix, and the timeline of every run.
    pub fn html(&self) -> String {
        page::html(self)
    }

    /// The matrix as a picture in SVG. It has no times, so it changes only where a cell does.
    pub fn svg(&self) -> String {
        picture::svg(self)
    }

    /// Whether every cell and every seed was as required.
    pub fn is_as_required(&self) -> bool {
        let seeds = self.seeds.as_ref().is_none_or(|seeds| seeds.failed.is_empty());
        seeds && self.cells().all(Played::is_as_required)
    }

    /// All cells: those of calls, then those of the system.
    fn cells(&self) -> impl Iterator<Item = &Played> {
        self.calls.iter().chain(&self.system)
    }
}

impl Played {
    /// Whether every run had its end and nothing was found; not so where nothing was run.
    pub fn is_as_required(&self) -> bool {
        !self.runs.is_empty() && self.runs.iter().all(|run| self.is_kept_by(run))
    }

    /// Whether this run had the end that it must have, and nothing was found.
    fn is_kept_by(&self, run: &PlayedRun) -> bool {
        run.findings.is_empty() && run.end == *run.required.as_ref().unwrap_or(&self.required)
    }

    /// What stands in the table: the letter of its end, `!` where it is not as required, `?` where nothing was run.
    fn letter(&self) -> char {
        if self.runs.is_empty() {
            legend::NOT_RUN
        } else if self.is_as_required() {
            self.required.chars().next().unwrap_or(legend::NOT_RUN)
        } else {
            legend::AMISS
        }
    }
}
