//! The matrix as a picture in SVG.

use super::legend::{self, Entry};
use super::markup::escape;
use super::totals::{self, count};
use super::{Played, Report};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Width in pixels, that of a page on a code host.
const WIDTH: usize = 830;
/// From the left edge to the first column.
const LABEL: usize = 252;
/// Side of a square, and from one column or row to the next.
const SQUARE: usize = 17;
const COLUMN: usize = 26;
const ROW: usize = 19;
/// Left edge of names.
const MARGIN: usize = 14;

const STYLE: &str = "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\
.h,.t{font-weight:600}.t{font-size:15px}text.l{font:600 11px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;text-anchor:middle}";

/// The picture as it grows from top to bottom.
#[derive(Default)]
struct Picture {
    /// Names and headings.
    texts: String,
    /// Lower edge of what is drawn, in pixels.
    y: usize,
    /// Left upper corners of the squares of each letter.
    squares: BTreeMap<char, Vec<(usize, usize)>>,
}

/// The picture.
pub(super) fn svg(report: &Report) -> String {
    let mut picture = Picture::default();
    picture.heading(report);
    picture.matrix(report);
    picture.system(report);
    picture.legend(report);
    picture.totals(report);
    picture.drawn(report)
}

impl Picture {
    fn text(&mut self, class: &str, x: usize, y: usize, text: &str) {
        let class = if class.is_empty() {
            String::new()
        } else {
            format!(" class=\"{class}\"")
        };
        let _ = writeln!(
            self.texts,
            "<text{class} x=\"{x}\" y=\"{y}\">{}</text>",
            escape(text)
        );
    }

    fn square(&mut self, letter: char, x: usize, y: usize) {
        let letter = legend::of(letter).letter;
        self.squares.entry(letter).or_default().push((x, y));
    }

    /// The title, and the columns' headings at a slant.
    fn heading(&mut self, report: &Report) {
        let columns = report.all_columns();
        let longest = columns.iter().map(|column| column.chars().count()).max();
        // A letter is about 6.5 pixels wide, and the slant makes it 5 high.
        self.y = 34 + 5 * longest.unwrap_or(0);
        self.text("t", MARGIN, 26, &report.title);
        for (column, heading) in columns.iter().enumerate() {
            let x = LABEL + COLUMN * column + SQUARE / 2 + 3;
            let (y, heading) = (self.y - 4, escape(heading));
            let _ = writeln!(
                self.texts,
                "<text class=\"q\" transform=\"translate({x} {y})rotate(-50)\">{heading}</text>"
            );
        }
    }

    fn matrix(&mut self, report: &Report) {
        for group in report.grid() {
            self.y += 18;
            self.text("h", MARGIN, self.y - 3, group.place);
            for row in &group.rows {
                self.text("", MARGIN + 12, self.y + 13, row.operation);
                for (column, cell) in row.cells.iter().enumerate() {
                    if let Some(cell) = cell {
                        self.square(cell.letter(), LABEL + COLUMN * column, self.y);
                    }
                }
                self.y += ROW;
            }
        }
    }

    fn system(&mut self, report: &Report) {
        let groups = report.groups();
        if groups.is_empty() {
            return;
        }
        self.y += 30;
        self.text("h", MARGIN, self.y - 8, "The system’s own mishaps");
        let per_line = (WIDTH - LABEL) / ROW;
        for (name, cells) in groups {
            self.text("", MARGIN + 12, self.y + 13, name);
            for line in cells.chunks(per_line) {
                for (place, cell) in line.iter().enumerate() {
                    self.square(Played::letter(cell), LABEL + ROW * place, self.y);
                }
                self.y += ROW;
            }
        }
    }

    fn legend(&mut self, report: &Report) {
        self.y += 16;
        for (entry, number) in report.counts() {
            let Entry { name, meaning, .. } = entry;
            self.square(entry.letter, MARGIN + 12, self.y);
            self.text("h", MARGIN + 38, self.y + 13, name);
            let number = count(number as u64);
            let _ = writeln!(
                self.texts,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{number}</text>",
                MARGIN + 160,
                self.y + 13
            );
            self.text("q", LABEL, self.y + 13, meaning);
            self.y += ROW + 2;
        }
    }

    fn totals(&mut self, report: &Report) {
        let totals = report.totals();
        let mut line = format!(
            "{} of {} cells as required, in {}, each held against {}",
            count(totals.as_required as u64),
            count(totals.cells as u64),
            totals::of(totals.runs, "run", "runs"),
            totals::of(report.invariants.len(), "invariant", "invariants"),
        );
        if let Some(seeds) = &report.seeds {
            let _ = write!(line, "; {} seeds", count(seeds.count));
            if !seeds.failed.is_empty() {
                let _ = write!(line, ", {} not", count(seeds.failed.len() as u64));
            }
        }
        self.y += 24;
        self.text("h", MARGIN, self.y, &line);
        self.y += 16;
    }

    fn drawn(&self, report: &Report) -> String {
        let (title, height) = (escape(&report.title), self.y);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"t\">\n<title id=\"t\">{title}</title>\n\
             <style>{}</style>\n<rect class=\"page\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>\n{}",
            self.style(),
            self.texts
        );
        for (letter, places) in &self.squares {
            svg += &squares(legend::of(*letter), places);
        }
        svg + "</svg>\n"
    }

    /// The colours of the letters that occur, written out where they are used: not every program that shows an SVG
    /// knows custom properties.
    fn style(&self) -> String {
        let theme = |page: &str, ink: &str, quiet: &str, dark: bool| {
            let mut style = format!(".page{{fill:{page}}}text{{fill:{ink}}}text.q{{fill:{quiet}}}");
            let _ = write!(style, "path.no-op,path.not-run{{stroke:{quiet};stroke-width:.8}}");
            for entry in self.squares.keys().map(|letter| legend::of(*letter)) {
                let [fill, ink] = if dark { entry.dark } else { entry.light };
                let name = entry.name;
                let _ = write!(style, ".{name}{{fill:{fill}}}text.{name}{{fill:{ink}}}");
            }
            style
        };
        format!(
            "{STYLE}{}@media(prefers-color-scheme:dark){{{}}}",
            theme("#ffffff", "#1c2128", "#59636e", false),
            theme("#101419", "#e3e8ee", "#98a3b0", true)
        )
    }
}

/// All squares of one letter as one path, and all its letters as one text with a place for each.
fn squares(entry: &Entry, places: &[(usize, usize)]) -> String {
    let (mut path, mut xs, mut ys, mut before) = (String::new(), String::new(), String::new(), None);
    for (x, y) in places {
        let _ = write!(path, "M{x} {y}h{SQUARE}v{SQUARE}h-{SQUARE}z");
        let _ = write!(
            xs,
            "{}{}",
            if before.is_some() { " " } else { "" },
            x + SQUARE / 2
        );
        let _ = write!(ys, "{}{}", if before.is_some() { " " } else { "" }, y + 13);
        before = Some(());
    }
    let (name, letters) = (entry.name, entry.letter.to_string().repeat(places.len()));
    format!(
        "<path class=\"{name}\" d=\"{path}\"/>\n<text class=\"l {name}\" x=\"{xs}\" y=\"{ys}\">{}</text>\n",
        escape(&letters)
    )
}
