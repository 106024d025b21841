//! A copy of the repository in which every guard can be switched off, built once.

use crate::list::{Mutant, SWITCH};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The state machine in the copy and in the repository.
const DEFINITION: &str = "statemachine/backup.asl.json";

/// The variable that leads to the definition without the guard which is out.
const DEFINITION_SWITCH: &str = "SNAPKEEP_MUTANT_DEFINITION";

/// Where the stage takes the definition, and where it takes it in the copy.
const STAGE: (&str, &str) = ("tests/sim/src/stage/mod.rs", "definition: deployed(BACKUP, ");

/// Where the lints begin, which are not about code that nobody reads.
const LINTS: (&str, &str) = ("Cargo.toml", "[workspace.lints.rust]\n");

/// The copy.
pub(crate) struct Tree {
    root: PathBuf,
    build: PathBuf,
}

/// What a matrix came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Played {
    /// The bad cells, as `row × column (scene)`.
    pub(crate) bad: Vec<String>,
    /// How many were played.
    pub(crate) count: usize,
}

impl Tree {
    /// Copies what Git would (what it ignores stays behind) to a folder below `target`, puts the switches in, builds.
    pub(crate) fn build(repository: &Path, target: &Path, mutants: &[Mutant]) -> Result<Self, String> {
        let home = target.join("mutants");
        let tree = Self {
            root: home.join("tree"),
            build: home.join("build"),
        };
        let mut texts = BTreeMap::new();
        for file in files(repository)? {
            // What is deleted but still in the index.
            if let Ok(bytes) = std::fs::read(repository.join(&file)) {
                texts.insert(file, bytes);
            }
        }
        switch(&mut texts, mutants)?;
        for (file, bytes) in &texts {
            put(&tree.root.join(file), bytes)?;
        }
        let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
        cargo.args(["build", "--quiet", "--package", "sim", "--bin", "faults"]);
        cargo.current_dir(&tree.root).env("CARGO_TARGET_DIR", &tree.build);
        let built = run(&mut cargo)?;
        if built.status.success() {
            return Ok(tree);
        }
        Err(format!(
            "the copy does not build:\n{}",
            String::from_utf8_lossy(&built.stderr)
        ))
    }

    /// Plays the cells that have all `parts`, with a guard out if one is given; up to the first bad one if `first`.
    pub(crate) fn play(&self, out: Option<&Mutant>, parts: &[String], first: bool) -> Result<Played, String> {
        let mut faults = Command::new(self.build.join("debug/faults"));
        faults.arg(if first { "--first" } else { "--bad" }).args(parts);
        faults.env_remove(SWITCH).env_remove(DEFINITION_SWITCH);
        if let Some(mutant) = out {
            faults.env(SWITCH, &mutant.name);
            if mutant.is_of_the_definition() {
                faults.env(DEFINITION_SWITCH, self.definition(mutant)?);
            }
        }
        let output = run(&mut faults)?;
        let told = String::from_utf8_lossy(&output.stdout);
        let mut bad: Vec<String> = told.lines().map(str::to_owned).collect();
        let count = bad
            .pop()
            .and_then(|last| last.strip_suffix(" runs")?.parse().ok());
        match count {
            Some(count) => Ok(Played { bad, count }),
            None => Err(format!(
                "the matrix cannot be played: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )),
        }
    }

    fn definition(&self, mutant: &Mutant) -> Result<PathBuf, String> {
        let text = std::fs::read_to_string(self.root.join(DEFINITION)).map_err(|error| error.to_string())?;
        let without = mutant
            .edits
            .iter()
            .try_fold(text, |text, edit| edit.apply(&text, &mutant.name))?;
        // What Step Functions would refuse shows nothing about the guard.
        sim::asl::StateMachine::parse(&sim::stage::deployed(&without, "eu-west-1", "000000000000"))
            .map_err(|error| format!("without it Step Functions takes no such state machine: {error}"))?;
        let place = self.root.join("without.asl.json");
        put(&place, without.as_bytes())?;
        Ok(place)
    }
}

fn files(repository: &Path) -> Result<Vec<String>, String> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = run(git.current_dir(repository))?;
    let files = String::from_utf8_lossy(&listed.stdout);
    let files: Vec<String> = files.split_terminator('\0').map(str::to_owned).collect();
    if files.is_empty() {
        return Err(format!(
            "`git ls-files` lists nothing: {}",
            String::from_utf8_lossy(&listed.stderr)
        ));
    }
    Ok(files)
}

fn switch(texts: &mut BTreeMap<String, Vec<u8>>, mutants: &[Mutant]) -> Result<(), String> {
    let mut change = |file: &str, change: &dyn Fn(&str) -> Result<String, String>| {
        let bytes = texts
            .get_mut(file)
            .ok_or_else(|| format!("there is no `{file}`"))?;
        let text = std::str::from_utf8(bytes).map_err(|error| format!("`{file}`: {error}"))?;
        *bytes = change(text)?.into_bytes();
        Ok::<_, String>(())
    };
    for mutant in mutants.iter().filter(|mutant| !mutant.is_of_the_definition()) {
        for edit in &mutant.edits {
            change(&edit.file, &|text| edit.apply(text, &mutant.name))?;
        }
    }
    let (stage, place) = STAGE;
    let read = format!(
        "definition: deployed(&std::env::var_os(\"{DEFINITION_SWITCH}\").and_then(|path| std::fs::read_to_string(path).ok())\
         .unwrap_or_else(|| BACKUP.to_owned()), "
    );
    let (manifest, lints) = LINTS;
    let quiet = format!("{lints}warnings = \"allow\"\n");
    for (file, place, with) in [(stage, place, &read), (manifest, lints, &quiet)] {
        change(file, &|text| match text.matches(place).count() {
            1 => Ok(text.replacen(place, with, 1)),
            count => Err(format!("`{place}` is {count} times in `{file}` instead of once")),
        })?;
    }
    Ok(())
}

/// Writes a file unless it is so already: what did not change is not built again.
fn put(place: &Path, bytes: &[u8]) -> Result<(), String> {
    if std::fs::read(place).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let folder = place.parent().unwrap_or(place);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(place, bytes))
        .map_err(|error| format!("`{}`: {error}", place.display()))
}

fn run(command: &mut Command) -> Result<Output, String> {
    command.output().map_err(|error| format!("{command:?}: {error}"))
}
