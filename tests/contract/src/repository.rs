//! The repository as `git` and `cargo` tell it.

use crate::root;
use crate::rust::Source;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `cargo metadata --no-deps` tells of the workspace, as far as the rules ask.
#[derive(Debug, Clone, Deserialize)]
pub struct Workspace {
    /// Its crates.
    pub packages: Vec<Package>,
    /// Its top level.
    pub workspace_root: PathBuf,
}

/// A crate of the workspace.
#[derive(Debug, Clone, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Where its manifest lies.
    pub manifest_path: PathBuf,
    /// What it depends on, of every kind and for every platform.
    pub dependencies: Vec<Dependency>,
    /// Its features with what each turns on, those that Cargo adds for optional dependencies included.
    pub features: BTreeMap<String, Vec<String>>,
    /// Its libraries, binaries and tests.
    pub targets: Vec<Target>,
}

/// A dependency as the manifest declares it.
#[derive(Debug, Clone, Deserialize)]
pub struct Dependency {
    /// The crate's own name, whatever it is renamed to.
    pub name: String,
    /// `dev` or `build`; absent for a plain one.
    pub kind: Option<String>,
    /// Whether a feature turns it on.
    pub optional: bool,
    /// Its folder, where it is one of ours.
    pub path: Option<PathBuf>,
}

/// Something that Cargo builds from a crate.
#[derive(Debug, Clone, Deserialize)]
pub struct Target {
    /// Such as `lib`, `bin`, `test`.
    pub kind: Vec<String>,
    /// The features without which it is passed over.
    #[serde(default, rename = "required-features")]
    pub required_features: Vec<String>,
}

impl Workspace {
    /// The workspace as it stands.
    pub fn read() -> Result<Self, String> {
        let json = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"])?;
        serde_json::from_str(&json).map_err(|error| format!("cargo metadata: {error}"))
    }

    /// A folder below the top level, such as `functions/prune`.
    pub fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.workspace_root).unwrap_or(path)
    }

    /// Where a crate lies below the top level.
    pub fn folder(&self, package: &Package) -> String {
        let folder = package.manifest_path.parent().unwrap_or(Path::new(""));
        self.relative(folder).display().to_string()
    }
}

/// What a cargo command prints.
pub fn cargo(arguments: &[&str]) -> Result<String, String> {
    said(Command::new(env!("CARGO")).args(arguments))
}

/// The files under version control that are there, in `git`'s order.
pub fn tracked() -> Result<Vec<String>, String> {
    let files = said(Command::new("git").args(["ls-files", "-z"]))?;
    let files = files
        .split_terminator('\0')
        .filter(|file| root().join(file).is_file());
    Ok(files.map(str::to_owned).collect())
}

/// Every Rust file under version control.
pub fn sources() -> Result<Vec<Source>, String> {
    let files = tracked()?
        .into_iter()
        .filter(|file| Path::new(file).extension().is_some_and(|ext| ext == "rs"));
    files
        .map(|file| Source::parse(&file, crate::text(&file)?))
        .collect()
}

/// Tells files of tests from the others: those under a crate's `tests`, and the modules that are only compiled for tests.
pub struct TestFiles(Vec<PathBuf>);

impl TestFiles {
    /// From every source of the crates in question.
    pub fn of(sources: &[Source]) -> Self {
        Self(sources.iter().flat_map(Source::test_modules).collect())
    }

    /// Whether a file of a product crate is one of tests as a whole.
    pub fn contains(&self, path: &str) -> bool {
        let module = Path::new(path).with_extension("");
        !path.contains("/src/") || self.0.iter().any(|test| module.starts_with(test))
    }
}

fn said(command: &mut Command) -> Result<String, String> {
    let output = command
        .current_dir(root())
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|error| format!("{command:?}: {error}"))
    } else {
        Err(format!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_known_by_place_or_by_declaration() {
        let declares = "#[cfg(test)] mod world; mod read;".to_owned();
        let files = TestFiles::of(&[Source::parse("functions/prune/src/lib.rs", declares).unwrap()]);
        for (path, want) in [
            ("functions/prune/src/lib.rs", false),
            ("functions/prune/src/read.rs", false),
            ("functions/prune/src/world.rs", true),
            ("functions/prune/src/world/objects.rs", true),
            ("functions/prune/src/worldly.rs", false),
            ("functions/prune/tests/it/main.rs", true),
        ] {
            assert_eq!(files.contains(path), want, "{path}");
        }
    }

    #[test]
    fn a_command_that_fails_says_why() {
        assert!(
            cargo(&["no-such-command"])
                .unwrap_err()
                .contains("no-such-command")
        );
    }
}
