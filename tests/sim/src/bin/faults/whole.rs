//! Everything, as a report: on the screen, as a page under `target/`, and as the README's picture.

use crate::{SEEDS, nights};
use sim::matrix::{Fault, Matrix, Played, PlayedRun, Report, Run, Seeds};
use sim::model::Invariant;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

/// Plays everything; `false` where anything is not as required.
pub(crate) fn play(matrix: &Matrix) -> Result<bool, String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long the whole takes on this machine is for a person to know"
    )]
    let start = std::time::Instant::now();
    let all = matrix.play(&[]);
    let cells = start.elapsed();
    let (mut failed, mut needed) = nights::found(matrix)?;
    needed.extend(&all.needed);
    failed.extend(nights::seeds(matrix, SEEDS.0, SEEDS.1)?);
    let report = report(matrix, &all.runs, failed, start.elapsed().as_secs_f64());
    let screen = std::io::stdout();
    print!("{}", report.text(None, screen.is_terminal()));
    println!("the cells took {:.1} s of it", cells.as_secs_f64());
    let page = target().join("faults.html");
    write(&page, &report.html())?;
    println!("every cell with its timeline: {}", page.display());
    let unused = matrix.unused();
    for row in &unused {
        println!("ends.md has `{row}`, which nothing plays any more");
    }
    let needless = matrix.needless(&needed);
    for excuse in &needless {
        println!("ends.md excuses `{excuse}`, which is not there any more");
    }
    let drawn = picture(&report)?;
    Ok(report.is_as_required() && unused.is_empty() && needless.is_empty() && drawn)
}

/// Holds the README's picture against what was played, or with `UPDATE_EXPECT` draws it anew.
fn picture(report: &Report) -> Result<bool, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults.svg");
    let svg = report.svg();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        write(&path, &svg)?;
    }
    let is_drawn = std::fs::read_to_string(&path).is_ok_and(|drawn| drawn == svg);
    if !is_drawn {
        println!("tests/sim/faults.svg shows another matrix; UPDATE_EXPECT=1 make faults draws it anew");
    }
    Ok(is_drawn)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let written = folder.and_then(|()| std::fs::write(path, text));
    written.map_err(|error| format!("cannot write `{}`: {error}", path.display()))
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

fn report(matrix: &Matrix, runs: &[Run], failed: Vec<String>, seconds: f64) -> Report {
    let (calls, system) = runs.iter().partition(|run| !run.name.is_empty());
    Report {
        title: "snapkeep: every fault at every call".to_owned(),
        calls: played(matrix, calls),
        system: played(matrix, system),
        columns: Fault::ALL.map(|fault| fault.heading().to_owned()).to_vec(),
        invariants: Invariant::ALL
            .map(|invariant| (format!("{invariant:?}"), invariant.text().to_owned()))
            .to_vec(),
        seeds: Some(Seeds {
            first: SEEDS.0,
            count: SEEDS.1,
            failed,
        }),
        seconds,
        virtual_seconds: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Runs of one cell stand side by side.
fn played(matrix: &Matrix, runs: Vec<&Run>) -> Vec<Played> {
    let mut cells: Vec<Played> = Vec::new();
    for run in runs {
        let required = run
            .required
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
        let is_same = |cell: &&mut Played| cell.row == run.row && cell.column == run.column;
        let one = |required| PlayedRun {
            name: run.name.clone(),
            required,
            end: run.outcome.end.to_string(),
            recovered: run.outcome.recovered.steps.join(", "),
            findings: run
                .outcome
                .findings
                .iter()
                .map(|found| (found.rule.clone(), found.text.clone()))
                .collect(),
            timeline: run.outcome.timeline.clone(),
        };
        if let Some(cell) = cells.last_mut().filter(is_same) {
            let other = (cell.required != required).then_some(required);
            cell.runs.push(one(other));
        } else {
            cells.push(Played {
                row: run.row.clone(),
                column: run.column.clone(),
                required,
                why: matrix.why(&run.row, &run.column).to_owned(),
                runs: vec![one(None)],
            });
        }
    }
    cells
}
