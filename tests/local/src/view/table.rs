//! Tables: one look for all, never wider than asked. The last column takes the long texts; where the others alone are
//! too wide, each row becomes a block of lines.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use std::fmt::Write as _;

/// A line under the headings and nothing else.
const LOOK: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
/// The narrowest last column that still reads well.
const LAST_MIN: u16 = 16;

/// A column: its heading, and where its cells stand.
pub(crate) struct Column(pub(crate) &'static str, pub(crate) Align);

/// Where a column's cells stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Lays rows out within a width: with two columns between its own, with one, with the last one broken, as blocks.
pub(crate) fn lay_out(columns: &[Column], rows: &[Vec<String>], width: u16) -> String {
    let mut table = plain(columns, rows);
    let natural = table.column_max_content_widths();
    let last = natural.last().copied().unwrap_or_default();
    let others = |gap: u16| -> u16 { natural.iter().rev().skip(1).map(|column| column + gap).sum() };
    let gap = if others(2) + last <= width { 2 } else { 1 };
    let left = width.saturating_sub(others(gap));
    if left < last.min(LAST_MIN) {
        return blocks(columns, rows, width);
    }
    for column in table.column_iter_mut() {
        // The line under the headings takes a column of its own between two.
        column.set_padding((0, gap - 1));
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    if let Some(column) = table.column_iter_mut().last().filter(|_| left < last) {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(left + gap - 1)));
    }
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width + gap);
    let lines: Vec<String> = table.lines().map(|line| clipped(&line, width)).collect();
    lines.join("\n") + "\n"
}

fn plain(columns: &[Column], rows: &[Vec<String>]) -> Table {
    let cell = |text: &str, column: &Column| {
        let align = match column.1 {
            Align::Left => CellAlignment::Left,
            Align::Right => CellAlignment::Right,
        };
        Cell::new(text).set_alignment(align)
    };
    let mut table = Table::new();
    table.load_style(LOOK);
    table.set_header(columns.iter().map(|column| cell(column.0, column)));
    for row in rows {
        table.add_row(row.iter().zip(columns).map(|(text, column)| cell(text, column)));
    }
    table
}

/// A line without the padding of its last column.
fn clipped(line: &str, width: u16) -> String {
    if line.starts_with('─') {
        return "─".repeat(line.chars().count().min(usize::from(width)));
    }
    line.trim_end().to_owned()
}

/// Each row as lines of heading and cell.
fn blocks(columns: &[Column], rows: &[Vec<String>], width: u16) -> String {
    let label = columns
        .iter()
        .map(|column| column.0.chars().count())
        .max()
        .unwrap_or_default()
        + 2;
    let rest = " ".repeat(label);
    let mut text = String::new();
    for row in rows {
        for (column, cell) in columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
            let first = format!("{:label$}", column.0);
            let options = textwrap::Options::new(usize::from(width))
                .initial_indent(&first)
                .subsequent_indent(&rest);
            let _ = writeln!(text, "{}", textwrap::fill(cell, options));
        }
        text.push('\n');
    }
    text
}
