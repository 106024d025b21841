//! Tables: one look for all, within the width; only the last column takes texts that may be long.

use super::{GLUE, INDENT, Look};
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use console::StyledObject;

/// A line under the headings and nothing else.
const LOOK: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
/// Columns between two columns: as many as leave the last one its width, or this much of it.
const GAPS: [u16; 3] = [3, 2, 1];
const LAST: u16 = 16;
/// Parts of a bar, by eighths.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const FULL: char = '█';

/// A column: its heading, and whether its cells are numbers, which stand at the right.
pub(super) type Column = (&'static str, CellAlignment);

pub(super) const fn text(heading: &'static str) -> Column {
    (heading, CellAlignment::Left)
}

pub(super) const fn number(heading: &'static str) -> Column {
    (heading, CellAlignment::Right)
}

/// Lays rows out under their headings.
pub(super) fn lay_out(columns: &[Column], rows: &[Vec<String>], look: &Look) -> String {
    let cell = |text: &str, column: &Column| Cell::new(text).set_alignment(column.1);
    let mut table = Table::new();
    table.load_style(LOOK);
    table.set_header(columns.iter().map(|column| cell(column.0, column)));
    for row in rows {
        table.add_row(row.iter().zip(columns).map(|(text, column)| cell(text, column)));
    }
    constrain(&mut table, look.width - INDENT.len());
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().replace(GLUE, " "))
        .collect();
    // The line under the headings goes as far as the rows do.
    let longest = lines
        .iter()
        .filter(|line| !is_rule(line))
        .map(|line| console::measure_text_width(line));
    let rule = "─".repeat(longest.max().unwrap_or(0));
    let painted = lines.iter().enumerate().map(|(at, line)| match at {
        0 => look.dim(line),
        _ if is_rule(line) => look.dim(&rule),
        _ => with_bar(line, look),
    });
    painted
        .flat_map(|line| [INDENT.to_owned(), line, "\n".to_owned()])
        .collect()
}

/// Gives each column what it needs, and the last one what is left if that is less.
fn constrain(table: &mut Table, width: usize) {
    let width = u16::try_from(width).unwrap_or(u16::MAX);
    let natural = table.column_max_content_widths();
    let last = natural.last().copied().unwrap_or_default();
    let left = |gap: u16| {
        let others = natural.iter().rev().skip(1).map(|column| column + gap);
        width.saturating_sub(others.sum())
    };
    let gap = GAPS
        .into_iter()
        .find(|&gap| left(gap) >= last.min(LAST))
        .unwrap_or(1);
    for column in table.column_iter_mut() {
        // The line under the headings takes a column of its own between two.
        column.set_padding((0, gap - 1));
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    let left = left(gap);
    if let Some(column) = table.column_iter_mut().last().filter(|_| left < last) {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(left + gap - 1)));
    }
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width + gap);
}

fn is_rule(line: &str) -> bool {
    line.starts_with('─')
}

fn with_bar(line: &str, look: &Look) -> String {
    let is_bar = |c: char| c == FULL || EIGHTHS[1..].contains(&c);
    match line.find(is_bar) {
        Some(start) => format!(
            "{}{}",
            &line[..start],
            look.paint(&line[start..], StyledObject::cyan)
        ),
        None => line.to_owned(),
    }
}

/// A bar of up to `cells` columns for a part in thousandths; what is there at all has an eighth of a column.
pub(super) fn bar(per_mille: u64, cells: u64) -> String {
    let eighths = (per_mille.min(1000) * cells * 8).div_ceil(1000).max(1);
    let full = std::iter::repeat_n(FULL, usize::try_from(eighths / 8).unwrap_or(0));
    let rest = usize::try_from(eighths % 8)
        .ok()
        .filter(|rest| *rest > 0)
        .map(|rest| EIGHTHS[rest]);
    full.chain(rest).collect()
}
