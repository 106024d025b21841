//! Faults over real processes, exactly at a call: `kill -9`, silence, expired credentials, answers of others, broken
//! connections. Each cell is the real binaries under the real state machine, and says how its run must end.
//!
//! `cargo test -p local --test process_faults -- --nocapture` prints the table; `SNAPKEEP_CELLS=CopySnapshot` plays only
//! the cells whose names have this part.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(clippy::print_stdout, reason = "the table is for a person to read")]

mod fault_support;
mod wire_support;

use fault_support::{Cell, Row, answers, credentials, doors, kills, play, silences};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wire_support::binaries;

/// Cells at once: most of a cell is waiting, for processes and for the clock.
const AT_ONCE: usize = 16;

/// All cells, the longest first.
fn cells() -> Vec<Cell> {
    let part = std::env::var("SNAPKEEP_CELLS").unwrap_or_default();
    let all = [
        silences::cells(),
        doors::cells(),
        credentials::cells(),
        kills::cells(),
        answers::cells(),
    ];
    let cells = all.into_iter().flatten();
    cells.filter(|cell| cell.name().contains(&part)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_at_each_call_ends_as_it_must() {
    let Some(functions) = binaries::functions() else {
        return;
    };
    let cells = cells();
    let (permits, mut playing) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for (number, cell) in cells.iter().cloned().enumerate() {
        let (permits, functions) = (Arc::clone(&permits), functions.clone());
        playing.spawn(async move {
            let _permit = permits.acquire_owned().await.unwrap();
            (number, play(cell, functions).await)
        });
    }
    let mut rows = playing.join_all().await;
    rows.sort_by_key(|(number, _)| *number);
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(number, row)| {
            print(row);
            let wrong = row.wrong.as_ref()?;
            Some(format!(
                "{}\n  {wrong}\n  It must, because {}.",
                row.cell, cells[*number].why
            ))
        })
        .collect();
    println!("{} cells, {} wrong", rows.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn print(row: &Row) {
    let sign = if row.wrong.is_some() { "WRONG" } else { "ok" };
    println!(
        "{sign:5} {:88} {:50} {:2} calls {:6.1} s",
        row.cell,
        row.end,
        row.attempts,
        row.took.as_secs_f64()
    );
}
