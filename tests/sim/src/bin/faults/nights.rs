//! Random nights, and the ones that failed once.

use sim::matrix::{FOUND, Matrix, Night, STACK};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Plays a night twice; tells what is wrong with it and what is left of it once it is as small as it goes.
pub(crate) fn judge(matrix: &Matrix, night: &Night) -> Result<Option<String>, String> {
    if problems(matrix, night)?.is_empty() {
        return Ok(None);
    }
    let fails = |less: &Night| problems(matrix, less).is_ok_and(|problems| !problems.is_empty());
    let least = night.shrink(fails);
    let line = serde_json::to_string(&least).map_err(|error| error.to_string())?;
    let problems = problems(matrix, &least)?.join("\n  ");
    Ok(Some(format!(
        "seed {} fails:\n  {problems}\n  look at it with `faults --night '{line}'`, \
         and add the line to tests/sim/found.jsonl",
        night.seed
    )))
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

/// The nights that failed once and are played for good.
pub(crate) fn found(matrix: &Matrix) -> Result<Vec<String>, String> {
    let mut failed = Vec::new();
    for line in FOUND.lines().filter(|line| !line.is_empty()) {
        let night = serde_json::from_str(line).map_err(|error| format!("found.jsonl: {error}: {line}"))?;
        failed.extend(judge(matrix, &night)?);
    }
    Ok(failed)
}

/// Plays so many seeds on all cores, and gives what is wrong with those that fail, in the order of the seeds.
pub(crate) fn seeds(matrix: &Matrix, first: u64, count: u64) -> Result<Vec<String>, String> {
    let (next, failed) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let seed = first + index;
            let judged = judge(matrix, &Night::draw(matrix, seed));
            if let Some(told) = judged.unwrap_or_else(Some) {
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.push((seed, told));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            // The operating system refuses a thread only where it has no memory left.
            let _ = std::thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, work);
        }
    });
    let mut failed = failed.into_inner().map_err(|error| error.to_string())?;
    failed.sort();
    Ok(failed.into_iter().map(|(_, told)| told).collect())
}
