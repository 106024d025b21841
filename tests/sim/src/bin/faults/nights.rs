//! Random nights, and the ones that failed once.

use sim::matrix::{FOUND, Matrix, Night, on_all_cores};
use std::collections::BTreeSet;

/// Plays a night twice; tells what is wrong with it and what is left of it once it is as small as it goes, and the
/// numbers of the excuses that it needed.
pub(crate) fn judge(matrix: &Matrix, night: &Night) -> Result<(Option<String>, BTreeSet<usize>), String> {
    let (wrong, needed) = problems(matrix, night)?;
    if wrong.is_empty() {
        return Ok((None, needed));
    }
    let fails = |less: &Night| problems(matrix, less).is_ok_and(|(wrong, _)| !wrong.is_empty());
    let least = night.shrink(fails);
    let line = serde_json::to_string(&least).map_err(|error| error.to_string())?;
    let wrong = problems(matrix, &least)?.0.join("\n  ");
    let told = format!(
        "seed {} fails:\n  {wrong}\n  look at it with `faults --night '{line}'`, \
         and add the line to tests/sim/found.jsonl",
        night.seed
    );
    Ok((Some(told), needed))
}

fn problems(matrix: &Matrix, night: &Night) -> Result<(Vec<String>, BTreeSet<usize>), String> {
    let ((first, needed), (second, _)) = (night.play(matrix)?, night.play(matrix)?);
    let findings = first.findings.iter();
    let mut problems: Vec<String> = findings
        .map(|found| format!("{}: {}", found.rule, found.text))
        .collect();
    if first != second {
        problems.push("I14: played again, it is another".to_owned());
    }
    Ok((problems, needed))
}

/// The nights that failed once and are played for good: what is wrong with those that fail, and the excuses needed.
pub(crate) fn found(matrix: &Matrix) -> Result<(Vec<String>, BTreeSet<usize>), String> {
    let (mut failed, mut needed) = (Vec::new(), BTreeSet::new());
    for line in FOUND.lines().filter(|line| !line.is_empty()) {
        let night: Night =
            serde_json::from_str(line).map_err(|error| format!("found.jsonl: {error}: {line}"))?;
        let (told, mut of_night) = judge(matrix, &night)?;
        failed.extend(told);
        needed.append(&mut of_night);
    }
    Ok((failed, needed))
}

/// Plays so many seeds on all cores, and gives what is wrong with those that fail, in the order of the seeds.
pub(crate) fn seeds(matrix: &Matrix, first: u64, count: u64) -> Result<Vec<String>, String> {
    let numbers = usize::try_from(count).map_err(|error| error.to_string())?;
    let play =
        |number: usize| judge(matrix, &Night::draw(matrix, first + number as u64)).map(|(told, _)| told);
    let judged = on_all_cores(numbers, play, |_| false);
    Ok(judged
        .into_iter()
        .filter_map(|told| told.unwrap_or_else(Some))
        .collect())
}
