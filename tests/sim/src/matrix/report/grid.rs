//! Where a cell stands: rows grouped by state in the state machine's order, columns in reading order.

use super::{Played, Report};
use crate::stage::BACKUP;
use std::collections::BTreeMap;

/// The calls of one state, or of a function that no state calls.
pub(super) struct Group<'r> {
    /// The state or the function.
    pub place: &'r str,
    /// Its calls, by name.
    pub rows: Vec<Row<'r>>,
}

/// A call.
pub(super) struct Row<'r> {
    /// The row's whole name.
    pub name: &'r str,
    /// The operation alone.
    pub operation: &'r str,
    /// Its cells, one per column; none where the fault cannot happen to the call.
    pub cells: Vec<Option<&'r Played>>,
}

impl Report {
    /// All columns, those that occur without being listed last.
    pub(super) fn all_columns(&self) -> Vec<&str> {
        let mut columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        for cell in &self.calls {
            if !columns.contains(&cell.column.as_str()) {
                columns.push(&cell.column);
            }
        }
        columns
    }

    /// The matrix of calls and faults.
    pub(super) fn grid(&self) -> Vec<Group<'_>> {
        let columns = self.all_columns();
        let mut places: BTreeMap<(usize, &str), BTreeMap<&str, Row<'_>>> = BTreeMap::new();
        for cell in &self.calls {
            let (place, operation) = cell.row.split_once(": ").unwrap_or(("", &cell.row));
            let rows = places.entry((position(place), place)).or_default();
            let row = rows.entry(operation).or_insert_with(|| Row {
                name: &cell.row,
                operation,
                cells: vec![None; columns.len()],
            });
            let column = columns.iter().position(|column| *column == cell.column);
            let free = column.and_then(|column| row.cells.get_mut(column));
            // Where two cells claim one place, the one that is amiss must be seen.
            if let Some(shown) = free.filter(|shown| shown.is_none_or(Played::is_as_required)) {
                *shown = Some(cell);
            }
        }
        places
            .into_iter()
            .map(|((_, place), rows)| Group {
                place,
                rows: rows.into_values().collect(),
            })
            .collect()
    }

    /// The cells of the system by group, in the order in which the groups first occur.
    pub(super) fn groups(&self) -> Vec<(&str, Vec<&Played>)> {
        let mut groups: Vec<(&str, Vec<&Played>)> = Vec::new();
        for cell in &self.system {
            match groups.iter_mut().find(|(name, _)| *name == cell.row) {
                Some((_, cells)) => cells.push(cell),
                None => groups.push((&cell.row, vec![cell])),
            }
        }
        groups
    }
}

/// Where a state stands in the state machine's file, which lists states as a run goes through them; functions that an
/// event or a schedule calls come last.
fn position(place: &str) -> usize {
    BACKUP.find(&format!("\"{place}\": {{")).unwrap_or(usize::MAX)
}
