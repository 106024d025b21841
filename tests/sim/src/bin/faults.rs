//! `make faults` and `make soak`: plays the fault matrix and random nights, prints what came of them, and fails where
//! anything did not end as it must.

#![allow(clippy::print_stdout, reason = "it is what a person asked to see")]

use sim::matrix::{FOUND, Matrix, Night, Run};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const USAGE: &str =
    "faults [PART…]               cells whose row, column and scene contain all parts; all without one
faults --bad [PART…]         the same, printing only what is bad, a line each
faults --first [PART…]       the same, ending with the first
faults --seeds FIRST COUNT   random nights, each played twice
faults --replay SEED         one of them, with its timeline
faults --night JSON          one that was shrunk, with its timeline";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = Matrix::new().and_then(|matrix| match words.as_slice() {
        ["--seeds", first, count] => seeds(&matrix, number(first)?, number(count)?),
        ["--replay", seed] => show(&matrix, &Night::draw(&matrix, number(seed)?)),
        ["--night", json] => show(
            &matrix,
            &serde_json::from_str(json).map_err(|error| error.to_string())?,
        ),
        ["--bad", ..] => Ok(bad(&matrix.play(&arguments[1..]))),
        ["--first", ..] => Ok(bad(&matrix.play_to_first_bad(&arguments[1..]))),
        [option, ..] if option.starts_with('-') => Err(USAGE.to_owned()),
        _ => cells(&matrix, &arguments),
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no number\n\n{USAGE}"))
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

fn cells(matrix: &Matrix, parts: &[String]) -> Result<bool, String> {
    let runs = matrix.play(parts);
    let bad: Vec<&Run> = runs.iter().filter(|run| !run.is_good()).collect();
    for run in &bad {
        let required = run.required.as_ref().map_or_else(
            || "an end that ends.md does not have".to_owned(),
            ToString::to_string,
        );
        let (row, column, name, end) = (&run.row, &run.column, &run.name, &run.outcome.end);
        println!("{row} × {column} ({name}): {end} instead of {required}");
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
    let whole = parts.is_empty();
    let unused = if whole { matrix.unused() } else { Vec::new() };
    unused
        .iter()
        .for_each(|row| println!("ends.md has `{row}`, which nothing plays any more"));
    println!("{} runs, {} not as required", runs.len(), bad.len());
    let found = !whole || found(matrix)?;
    Ok(bad.is_empty() && unused.is_empty() && found)
}

/// The nights that failed once.
fn found(matrix: &Matrix) -> Result<bool, String> {
    let mut good = true;
    for line in FOUND.lines().filter(|line| !line.is_empty()) {
        let night: Night =
            serde_json::from_str(line).map_err(|error| format!("found.jsonl: {error}: {line}"))?;
        good &= judge(matrix, &night)?;
    }
    Ok(good)
}

/// Plays a night twice; says what is wrong with it, and what is left of it once it is as small as it goes.
fn judge(matrix: &Matrix, night: &Night) -> Result<bool, String> {
    let problems = problems(matrix, night)?;
    if problems.is_empty() {
        return Ok(true);
    }
    let fails = |less: &Night| self::problems(matrix, less).is_ok_and(|problems| !problems.is_empty());
    let least = night.shrink(fails);
    let line = serde_json::to_string(&least).map_err(|error| error.to_string())?;
    println!("seed {} fails:", night.seed);
    self::problems(matrix, &least)?
        .iter()
        .for_each(|problem| println!("  {problem}"));
    println!(
        "  look at it with `faults --night '{line}'`, and once it is mended add the line to tests/sim/found.jsonl"
    );
    Ok(false)
}

fn problems(matrix: &Matrix, night: &Night) -> Result<Vec<String>, String> {
    let (first, second) = (night.play(matrix)?, night.play(matrix)?);
    let findings = first.findings.iter();
    let mut problems: Vec<String> = findings
        .map(|found| format!("{}: {}", found.rule, found.text))
        .collect();
    if first != second {
        problems.push("I14: played again, it is another".to_owned());
    }
    Ok(problems)
}

fn show(matrix: &Matrix, night: &Night) -> Result<bool, String> {
    let outcome = night.play(matrix)?;
    println!(
        "{}",
        serde_json::to_string(night).map_err(|error| error.to_string())?
    );
    outcome.timeline.iter().for_each(|line| println!("{line}"));
    println!("{}, then {:?}", outcome.end, outcome.recovered);
    judge(matrix, night)
}

fn seeds(matrix: &Matrix, first: u64, count: u64) -> Result<bool, String> {
    let (next, bad) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let seed = first + index;
            if !matches!(judge(matrix, &Night::draw(matrix, seed)), Ok(true))
                && let Ok(mut bad) = bad.lock()
            {
                bad.push(seed);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let bad = bad.into_inner().map_err(|error| error.to_string())?;
    println!(
        "seeds {first} to {}: each played twice, {} failed {bad:?}",
        first + count - 1,
        bad.len()
    );
    Ok(bad.is_empty())
}
