//! `rdb-verify` beside the servers' own checkers, on the same files.

use crate::Failure;
use crate::checkers::{Checker, Judged};
use crate::files::{DataFile, Size};
use crate::launched::{Launcher, Taken, mebibytes, megabytes};
use crate::table::{Table, reached};
use std::fs::File;
use std::io;

/// What `rdb-verify` may take of memory at most, in KiB.
const PEAK_GOAL_KIB: u64 = 8 * 1024;

/// A checker's figures on a file: of its best round, and the peak of all.
type Best = Option<Taken>;

/// Measures each checker on each file in turn and prints a table. The first of `checkers` is ours.
pub(crate) fn run(
    launcher: &Launcher,
    (files, size): (&[DataFile], Size),
    checkers: &[Checker],
    rounds: u32,
) -> Result<(), Failure> {
    let mut table = Table::new(&[
        "file",
        "checker",
        "CPU s",
        "wall s",
        "MB/s",
        "peak MiB",
        "times ours",
        "goal",
    ]);
    for file in files {
        eprint!("reading `{}` ", file.recipe.name);
        let best = measure(launcher, file, checkers, rounds)?;
        eprintln!();
        rows(&mut table, file, checkers, &best);
    }
    println!("{table}");
    println!(
        "The best of {rounds} rounds by CPU time (user and system), the programs in turn on core {}, files in the page",
        launcher.core()
    );
    println!(
        "cache; MB/s are of CPU time. Peak memory is `ru_maxrss` under a launcher that itself has {:.1} MiB.",
        mebibytes(launcher.floor_kib()?)
    );
    if size == Size::Quick {
        println!("The goals are for files ten times as large: here the start of a process counts for more.");
    }
    Ok(())
}

fn measure(
    launcher: &Launcher,
    file: &DataFile,
    checkers: &[Checker],
    rounds: u32,
) -> Result<Vec<Best>, Failure> {
    // So that no round is the one that brings the file into memory.
    io::copy(&mut File::open(&file.path)?, &mut io::sink())?;
    let mut best: Vec<Best> = vec![None; checkers.len()];
    for round in 0..rounds {
        for (best, checker) in best.iter_mut().zip(checkers) {
            if round > 0 && best.is_none() {
                continue;
            }
            if let Judged::Sound(taken) = checker.judge(launcher, &file.path)? {
                *best = Some(best.map_or(taken, |best| best.better(taken)));
            }
            eprint!(".");
        }
    }
    Ok(best)
}

fn rows(table: &mut Table, file: &DataFile, checkers: &[Checker], best: &[Best]) {
    let all = || checkers.iter().zip(best);
    let ours = all().find_map(|(checker, best)| best.filter(|_| checker.is_ours()));
    let reference = all().filter_map(|(checker, best)| best.filter(|_| !checker.is_ours()));
    let reference = reference.min_by_key(|taken| taken.cpu);
    let name = format!(
        "{}, {:.0} MB, {} keys",
        file.recipe.name,
        megabytes(file.bytes),
        file.keys
    );
    for (number, (checker, best)) in all().enumerate() {
        let name = if number == 0 { name.as_str() } else { "" };
        let Some(taken) = best else {
            table.row(&[name, &checker.name, "not readable"]);
            continue;
        };
        let figures = [
            format!("{:.3}", taken.cpu.as_secs_f64()),
            format!("{:.3}", taken.wall.as_secs_f64()),
            format!("{:.0}", taken.megabytes_per_cpu_second(file.bytes)),
            format!("{:.1}", mebibytes(taken.peak_kib)),
        ];
        let (ratio, goal) = if checker.is_ours() {
            (String::new(), judged(*taken, reference, file.recipe.goal))
        } else {
            (
                ours.map_or_else(String::new, |ours| format!("{:.1}", ratio(*taken, ours))),
                String::new(),
            )
        };
        let [cpu, wall, speed, peak] = &figures;
        table.row(&[name, &checker.name, cpu, wall, speed, peak, &ratio, &goal]);
    }
}

/// How many times more CPU `other` takes.
fn ratio(other: Taken, ours: Taken) -> f64 {
    other.cpu.as_secs_f64() / ours.cpu.as_secs_f64()
}

fn judged(ours: Taken, reference: Best, goal: f64) -> String {
    let speed = reference.map_or_else(
        || format!("{goal} times less CPU: no reference reads it"),
        |reference| {
            format!(
                "{goal} times less CPU {}",
                reached(ratio(reference, ours) >= goal)
            )
        },
    );
    let peak = reached(ours.peak_kib <= PEAK_GOAL_KIB);
    format!("{speed}, 8 MiB {peak}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn taken(cpu_ms: u64, peak_kib: u64) -> Taken {
        Taken {
            wall: Duration::from_millis(cpu_ms + 1),
            cpu: Duration::from_millis(cpu_ms),
            peak_kib,
        }
    }

    #[test]
    fn goals_are_judged_against_the_best_reference() {
        for (ours, reference, expected) in [
            (
                taken(10, 8192),
                Some(taken(80, 1)),
                "8 times less CPU reached, 8 MiB reached",
            ),
            (
                taken(10, 8193),
                Some(taken(79, 1)),
                "8 times less CPU missed, 8 MiB missed",
            ),
            (
                taken(10, 1),
                None,
                "8 times less CPU: no reference reads it, 8 MiB reached",
            ),
        ] {
            assert_eq!(judged(ours, reference, 8.0), expected);
        }
    }
}
