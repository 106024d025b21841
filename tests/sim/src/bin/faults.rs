//! `make faults`: plays the fault matrix, prints it, and fails where a cell does not end as it must.

#![allow(clippy::print_stdout, reason = "it is what a person asked to see")]

use sim::matrix::Matrix;
use std::process::ExitCode;

fn main() -> ExitCode {
    let parts: Vec<String> = std::env::args().skip(1).collect();
    let matrix = match Matrix::new() {
        Ok(matrix) => matrix,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let runs = matrix.play(&parts);
    let bad: Vec<_> = runs.iter().filter(|run| !run.is_good()).collect();
    for run in &bad {
        let required = run
            .required
            .as_ref()
            .map_or_else(|| "no end in ends.md".to_owned(), ToString::to_string);
        println!(
            "{} × {} ({}): {} instead of {required}",
            run.row, run.column, run.name, run.outcome.end
        );
        for finding in &run.outcome.findings {
            println!("  {}: {}", finding.rule, finding.text);
        }
        if parts.len() > 1 {
            run.outcome
                .timeline
                .iter()
                .for_each(|line| println!("    {line}"));
        }
    }
    let unused = if parts.is_empty() {
        matrix.unused()
    } else {
        Vec::new()
    };
    unused
        .iter()
        .for_each(|row| println!("ends.md has `{row}`, which nothing plays any more"));
    println!("{} runs, {} not as required", runs.len(), bad.len());
    if bad.is_empty() && unused.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
