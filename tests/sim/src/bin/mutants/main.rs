//! `make mutants`: takes one guard after the other out of the product and shows which cells of the fault matrix see it.
//! A guard that no cell misses fails it: what it protects from is then not proved.

#![allow(clippy::print_stdout, reason = "it is what a person asked to see")]

mod list;
mod tree;

use list::Mutant;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tree::{Played, Tree};

fn main() -> ExitCode {
    let mut parts: Vec<String> = std::env::args().skip(1).collect();
    let all = parts.len();
    parts.retain(|part| part != "--quick");
    match mutants(&parts, parts.len() < all) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// How many guards survive being taken out, of those whose names have all parts. If `quick`, no survivor of the cells
/// that the list names is tried against the whole matrix.
fn mutants(parts: &[String], quick: bool) -> Result<usize, String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(repository.join("target"), PathBuf::from);
    let target = std::path::absolute(target).map_err(|error| error.to_string())?;
    let all = list::read(list::LIST)?;
    let (tree, took) = timed(|| Tree::build(&repository, &target, &all));
    let tree = tree?;
    println!("{} guards, built in {} s", all.len(), took.as_secs());
    let is_wanted = |mutant: &&Mutant| parts.iter().all(|part| mutant.name.contains(part.as_str()));
    let (mut baseline, mut survived) = (Baseline::default(), 0);
    for mutant in all.iter().filter(is_wanted) {
        let (killers, took) = timed(|| killers(&tree, &mut baseline, mutant, quick));
        println!("\n{}: {}", mutant.name, mutant.why);
        let killers = match killers {
            Ok(killers) => killers,
            Err(error) => {
                survived += 1;
                println!("  NOT PLAYED: {error}");
                continue;
            }
        };
        let (count, seconds) = (killers.count, took.as_secs_f64());
        if let Some(first) = killers.bad.first() {
            let bad = killers.bad.len();
            println!("  killed by {bad} of {count} cells, first by {first}, in {seconds:.1} s");
        } else {
            survived += 1;
            println!("  SURVIVES all {count} cells, {seconds:.1} s");
        }
    }
    println!("\n{survived} of these guards survive: no cell misses them");
    Ok(survived)
}

/// The cells that are bad without the guard and good with it: where the list looks first, else in the whole matrix.
fn killers(tree: &Tree, baseline: &mut Baseline, mutant: &Mutant, quick: bool) -> Result<Played, String> {
    let of = |error: String| format!("`{}`: {error}", mutant.name);
    baseline.check(tree, &mutant.cells)?;
    let killers = tree.play(Some(mutant), &mutant.cells, false).map_err(of)?;
    if !killers.bad.is_empty() || mutant.cells.is_empty() || quick {
        return Ok(killers);
    }
    baseline.check(tree, &[])?;
    let mut whole = tree.play(Some(mutant), &[], true).map_err(of)?;
    if let Some(bad) = whole.bad.first_mut() {
        bad.push_str(" (and not where the list looks first)");
    }
    Ok(whole)
}

/// With every guard in place no cell is bad; each set of cells is played once.
#[derive(Default)]
struct Baseline(BTreeSet<Vec<String>>);

impl Baseline {
    fn check(&mut self, tree: &Tree, cells: &[String]) -> Result<(), String> {
        if self.0.contains(cells) || self.0.contains([].as_slice()) {
            return Ok(());
        }
        let played = tree.play(None, cells, false)?;
        if let Some(bad) = played.bad.first() {
            return Err(format!(
                "with every guard in place `{bad}` is bad, which `make faults` tells more of"
            ));
        }
        if played.count == 0 {
            return Err(format!("no cell has all of `{}`", cells.join("`, `")));
        }
        self.0.insert(cells.to_vec());
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "it is told how long a person waits")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = std::time::Instant::now();
    let done = work();
    (done, began.elapsed())
}
