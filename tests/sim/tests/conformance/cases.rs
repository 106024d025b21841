//! Machines in files, each with the cases that it is run in.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use sim::asl::Execution;
use sim::stage::{BACKUP, deployed};
use sim::world::ACCOUNT;

use crate::ours;
use crate::peer::{Peer, Request};
use crate::script::{Functions, Script};

/// One file: a machine and its cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// The definition; none for the one that is deployed.
    machine: Option<Value>,
    /// What is put right in moto for all of its cases, by name in `peer/repairs.py`.
    #[serde(default)]
    repairs: Vec<String>,
    pub(crate) cases: Vec<Case>,
}

/// One run, and how it must end, so that two interpreters that err alike are found out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) why: String,
    #[serde(default)]
    input: Value,
    #[serde(default)]
    pub(crate) functions: Script,
    /// `SUCCEEDED`, `TIMED_OUT`, or the error of a failed run.
    pub(crate) ends: String,
    /// What is put right in moto for this case besides.
    #[serde(default)]
    repairs: Vec<String>,
}

/// How an execution ended, in the word of a case.
fn ending(execution: &Execution) -> String {
    match &execution.error {
        Some(error) => error.clone(),
        None => execution.status.to_string(),
    }
}

/// Every JSON file of a folder beside this one, by name.
pub(crate) fn files(folder: &str) -> Vec<(String, File)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/conformance")
        .join(folder);
    let mut paths: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let file = serde_json::from_str(&std::fs::read_to_string(path).unwrap());
        (
            name.clone(),
            file.unwrap_or_else(|error| panic!("{name}: {error}")),
        )
    };
    paths.iter().map(read).collect()
}

/// Runs every case of a folder through both, and fails with all that differs.
fn agree(folder: &str) {
    let Some(mut table) = Table::start() else { return };
    for (name, file) in files(folder) {
        table.file(&name, &file);
    }
    check(&table);
    spread(&table.jitter);
}

/// Fails with all faults that were found.
pub(crate) fn check(table: &Table) {
    let (faults, count) = (&table.faults, table.count);
    println!("{count} cases, {} draws of jitter", table.jitter.len());
    assert!(
        faults.is_empty(),
        "{} faults in {count} cases\n{}",
        faults.len(),
        faults.join("\n")
    );
    for (delay, most) in &table.jitter {
        assert!(delay <= most, "a retry waited {delay} ms of at most {most}");
    }
}

/// Cases as they are run.
pub(crate) struct Table {
    peer: Peer,
    faults: Vec<String>,
    /// Each draw of jitter: the delay and what it may be at most, in milliseconds.
    jitter: Vec<(u64, u64)>,
    count: usize,
}

impl Table {
    /// An empty table, or nothing, with the reason printed, where moto is missing.
    pub(crate) fn start() -> Option<Self> {
        Some(Self {
            peer: Peer::start()?,
            faults: Vec::new(),
            jitter: Vec::new(),
            count: 0,
        })
    }

    fn file(
        &mut self,
        file: &str,
        File {
            machine,
            repairs,
            cases,
        }: &File,
    ) {
        let definition = match machine {
            Some(machine) => machine.to_string(),
            None => deployed(BACKUP, "eu-west-1", ACCOUNT),
        };
        let mut unneeded: BTreeSet<&str> = repairs.iter().map(String::as_str).collect();
        for (number, case) in cases.iter().enumerate() {
            let name = format!("{file}-{number}");
            let all: Vec<&str> = repairs.iter().chain(&case.repairs).map(String::as_str).collect();
            let Some(ours) = self.case(&name, &definition, case, &all) else {
                continue;
            };
            let own = case.repairs.iter().map(String::as_str);
            for repair in unneeded.clone().into_iter().chain(own) {
                let others: Vec<&str> = all.iter().copied().filter(|other| *other != repair).collect();
                if self.difference(&ours, case, &others).is_some() {
                    unneeded.remove(repair);
                } else if case.repairs.iter().any(|own| own == repair) {
                    self.faults
                        .push(format!("{name}: moto agrees without `{repair}`; remove it"));
                }
            }
        }
        let unneeded = unneeded.into_iter();
        self.faults
            .extend(unneeded.map(|repair| format!("{file}: moto agrees without `{repair}`; remove it")));
    }

    /// Runs a case through both, and gives our run.
    pub(crate) fn case(
        &mut self,
        name: &str,
        definition: &str,
        case: &Case,
        repairs: &[&str],
    ) -> Option<Execution> {
        self.count += 1;
        let ours = self.ours(name, definition, case)?;
        if let Some(difference) = self.difference(&ours, case, repairs) {
            self.faults.push(format!("{name}: {}\n{difference}", case.why));
        }
        Some(ours)
    }

    /// As [`Self::case`], for one whose end only our run tells; gives the end.
    pub(crate) fn case_as_it_ends(
        &mut self,
        name: &str,
        definition: &str,
        case: &mut Case,
        repairs: &[&str],
    ) -> String {
        case.ends = ending(&ours::run(name, definition, &case.input, &case.functions, 1));
        self.case(name, definition, case, repairs);
        case.ends.clone()
    }

    /// Our run of a case, if it ends as the case says.
    fn ours(&mut self, name: &str, definition: &str, case: &Case) -> Option<Execution> {
        let execution = ours::run(name, definition, &case.input, &case.functions, 1);
        let ended = ending(&execution);
        if ended == case.ends {
            return Some(execution);
        }
        let because = execution.cause.unwrap_or_default();
        let fault = format!(
            "{name}: ours ended as `{ended}`, not as `{}`: {because}",
            case.ends
        );
        self.faults.push(fault);
        None
    }

    /// What differs between our run and moto's.
    fn difference(&mut self, execution: &Execution, case: &Case, repairs: &[&str]) -> Option<String> {
        let ours = ours::trace(execution);
        let functions = Functions::new(&case.functions);
        let request = Request::of(execution, &ours, repairs);
        let ran = self
            .peer
            .run(&request, |call| functions.answer(&call.function, &call.payload));
        self.jitter.extend(ran.jitter);
        ours.difference(&ran.trace)
    }
}

/// Jitter is spread over all that lies below its bound.
fn spread(draws: &[(u64, u64)]) {
    if draws.len() >= 40 {
        #[expect(clippy::cast_precision_loss, reason = "delays are far below 2^52 ms")]
        let shares = draws.iter().map(|(delay, most)| *delay as f64 / *most as f64);
        #[expect(clippy::cast_precision_loss, reason = "there are few draws")]
        let mean = shares.sum::<f64>() / draws.len() as f64;
        assert!(
            (0.35..0.65).contains(&mean),
            "full jitter waits half its bound on average, not {mean}"
        );
    }
}

#[test]
fn every_repair_of_moto_is_shown_to_be_needed() {
    let repairs = include_str!("peer/repairs.py");
    let defined = repairs
        .lines()
        .filter_map(|line| line.strip_prefix("def ")?.strip_suffix("():"));
    let there: BTreeSet<String> = defined.map(|name| name.replace('_', "-")).collect();
    let files = ["machines", "backup"].into_iter().flat_map(files);
    let named: BTreeSet<String> = files
        .flat_map(|(_, file)| {
            let own = file.cases.into_iter().flat_map(|case| case.repairs);
            file.repairs.into_iter().chain(own).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(there, named, "what no case names, nothing shows to be needed");
}

#[test]
fn small_machines_run_as_moto_runs_them() {
    agree("machines");
}

#[test]
fn the_deployed_machine_runs_as_moto_runs_it() {
    agree("backup");
}
