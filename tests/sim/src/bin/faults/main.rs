//! `make faults` and `make soak`: plays the fault matrix and random nights, prints what came of them, and fails where
//! anything did not end as it must.

#![allow(clippy::print_stdout, reason = "it is what a person asked to see")]

mod nights;
mod whole;

use sim::matrix::{Matrix, Night, Run};
use std::process::ExitCode;

const USAGE: &str =
    "faults                       everything: all cells, the nights that failed once, and 300 random ones
faults PART…                 cells whose row, column and scene contain all parts, with their timelines
faults --bad [PART…]         the same, printing only what is bad, a line each
faults --first [PART…]       the same, ending with the first
faults --seeds FIRST COUNT   random nights, each played twice
faults --replay SEED         one of them, with its timeline
faults --night JSON          one that was shrunk, with its timeline";

/// Random nights that are part of every run of the whole.
const SEEDS: (u64, u64) = (1, 300);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["--bad" | "--first", ..] => told(words[0] == "--first", &arguments[1..]),
        _ => play(&arguments, &words),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn play(arguments: &[String], words: &[&str]) -> Result<bool, String> {
    Matrix::new().and_then(|matrix| match words {
        [] => whole::play(&matrix),
        ["--seeds", first, count] => seeds(&matrix, number(first)?, number(count)?),
        ["--replay", seed] => show(&matrix, &Night::draw(&matrix, number(seed)?)),
        ["--night", json] => show(
            &matrix,
            &serde_json::from_str(json).map_err(|error| error.to_string())?,
        ),
        [option, ..] if option.starts_with('-') => Err(USAGE.to_owned()),
        _ => Ok(part(&matrix, arguments)),
    })
}

fn number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no number\n\n{USAGE}"))
}

/// What is bad, as other programs read it. Without a guard even an undisturbed scene may not come to its end, and a cell
/// may find a world in which it cannot play: that is as bad.
fn told(only_first: bool, parts: &[String]) -> Result<bool, String> {
    let played = std::panic::catch_unwind(|| {
        let matrix = Matrix::new()?;
        let all = if only_first {
            matrix.play_to_first_bad(parts)
        } else {
            matrix.play(parts)
        };
        Ok(bad(&all.runs))
    });
    played.unwrap_or_else(|_| {
        println!("a scene or a cell that cannot be played to its end\n1 runs");
        Ok(false)
    })
}

/// Prints the bad ones as other programs read them, and how many were played.
fn bad(runs: &[Run]) -> bool {
    let bad: Vec<&Run> = runs.iter().filter(|run| !run.is_good()).collect();
    for run in &bad {
        println!("{} × {} ({})", run.row, run.column, run.name);
    }
    println!("{} runs", runs.len());
    bad.is_empty()
}

/// Some cells, each with all that happened.
fn part(matrix: &Matrix, parts: &[String]) -> bool {
    let runs = matrix.play(parts).runs;
    for run in &runs {
        let required = run.required.as_ref().map_or_else(
            || "an end that ends.md does not have".to_owned(),
            ToString::to_string,
        );
        let (row, column, name, end) = (&run.row, &run.column, &run.name, &run.outcome.end);
        println!("{row} × {column} ({name}): {end}, required is {required}");
        for finding in &run.outcome.findings {
            println!("  !! {}: {}", finding.rule, finding.text);
        }
        for line in &run.outcome.timeline {
            println!("    {line}");
        }
    }
    let bad = runs.iter().filter(|run| !run.is_good()).count();
    println!("{} runs, {bad} not as required", runs.len());
    bad == 0 && !runs.is_empty()
}

/// Plays a night; tells what is wrong with it.
fn judge(matrix: &Matrix, night: &Night) -> Result<bool, String> {
    let (told, _) = nights::judge(matrix, night)?;
    if let Some(line) = &told {
        println!("{line}");
    }
    Ok(told.is_none())
}

fn show(matrix: &Matrix, night: &Night) -> Result<bool, String> {
    let (outcome, _) = night.play(matrix)?;
    println!(
        "{}",
        serde_json::to_string(night).map_err(|error| error.to_string())?
    );
    for line in &outcome.timeline {
        println!("{line}");
    }
    println!("{}, then {:?}", outcome.end, outcome.recovered);
    judge(matrix, night)
}

fn seeds(matrix: &Matrix, first: u64, count: u64) -> Result<bool, String> {
    let failed = nights::seeds(matrix, first, count)?;
    for line in &failed {
        println!("{line}");
    }
    println!(
        "seeds {first} to {}, each played twice: {} failed",
        first + count - 1,
        failed.len()
    );
    Ok(failed.is_empty())
}
