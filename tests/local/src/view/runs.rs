//! The list of runs.

use crate::view::table::{Align, Column, lay_out};
use crate::view::units;
use jiff::Timestamp;
use sim::asl::Execution;

/// The table, newest run first, as `ListExecutions` has them.
pub fn table(runs: &[Execution], now: Timestamp, width: u16) -> String {
    if runs.is_empty() {
        return "There is no run yet.\n".to_owned();
    }
    let columns = [
        Column("run", Align::Left),
        Column("took", Align::Right),
        Column("re-drives", Align::Right),
        Column("status", Align::Left),
    ];
    let mut newest: Vec<&Execution> = runs.iter().collect();
    newest.sort_by(|a, b| (b.start_date, &b.name).cmp(&(a.start_date, &a.name)));
    let rows: Vec<Vec<String>> = newest.into_iter().map(|run| cells(run, now)).collect();
    lay_out(&columns, &rows, width)
}

fn cells(run: &Execution, now: Timestamp) -> Vec<String> {
    let took = run.stop_date.unwrap_or(now).duration_since(run.start_date);
    let status = match &run.error {
        None => run.status.to_string(),
        Some(error) => format!("{} {error}", run.status),
    };
    vec![
        run.name.clone(),
        units::span(took),
        run.redrive_count.to_string(),
        status,
    ]
}
