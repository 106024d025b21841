//! Figures in columns, in Markdown, so that they can be shown elsewhere as they are.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{Cell, CellAlignment, ContentArrangement};
use std::fmt;

/// A table that is as wide as it has to be: figures are compared, not broken into lines.
#[derive(Debug)]
pub(crate) struct Table {
    columns: usize,
    table: comfy_table::Table,
}

impl Table {
    /// With a heading for each column.
    pub(crate) fn new(headings: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(headings);
        Self {
            columns: headings.len(),
            table,
        }
    }

    /// Numbers stand to the right; cells that are not given are empty.
    pub(crate) fn row(&mut self, cells: &[&str]) {
        let cell = |text: &&str| {
            let number = text.parse::<f64>().is_ok();
            let align = if number {
                CellAlignment::Right
            } else {
                CellAlignment::Left
            };
            Cell::new(text).set_alignment(align)
        };
        let empty = (cells.len()..self.columns).map(|_| Cell::new(""));
        self.table.add_row(cells.iter().map(cell).chain(empty));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}

/// Whether a goal was reached, in a word.
pub(crate) fn reached(goal: bool) -> &'static str {
    if goal { "reached" } else { "missed" }
}

/// The value in the middle, the upper one of two; NaN of none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_missing_cells_are_empty() {
        let mut table = Table::new(&["name", "CPU s", "goal"]);
        table.row(&["ours", "0.123", "reached"]);
        table.row(&["theirs", "12.3"]);
        table.row(&["other", "not readable"]);
        let expected = "\
| name   | CPU s        | goal    |
|--------|--------------|---------|
| ours   |        0.123 | reached |
| theirs |         12.3 |         |
| other  | not readable |         |";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn a_median_is_one_of_the_values() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median([4.0, 1.0]) - 4.0).abs() < f64::EPSILON);
        assert!(median([]).is_nan());
    }
}
