//! The state machine file and the binaries: read, filled in, fingerprinted.

use sha2::{Digest as _, Sha256};
use sim::asl::StateMachine;
use sim::stage::fill_in;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why the state machine file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateMachineError {
    /// It cannot be read.
    #[error("the state machine `{path}` cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A placeholder that nothing here fills.
    #[error(
        "placeholder `{placeholder}` in `{path}` is unknown; there are `${{Partition}}` and `${{<Function>Arn}}`"
    )]
    Placeholder {
        /// The file.
        path: PathBuf,
        /// The placeholder as it stands.
        placeholder: String,
    },
    /// The interpreter refuses it.
    #[error("the state machine `{path}` is refused")]
    Refused {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: sim::asl::DefinitionError,
    },
}

/// The file's text with its placeholders filled in by `arn_of`, which turns a function's name into an ARN.
pub(crate) fn load(path: &Path, arn_of: impl Fn(&str) -> String) -> Result<String, StateMachineError> {
    let text = fs::read_to_string(path).map_err(|source| StateMachineError::Read {
        path: path.to_owned(),
        source,
    })?;
    let filled = fill_in(&text, arn_of).map_err(|placeholder| StateMachineError::Placeholder {
        path: path.to_owned(),
        placeholder,
    })?;
    StateMachine::parse(&filled).map_err(|source| StateMachineError::Refused {
        path: path.to_owned(),
        source,
    })?;
    Ok(filled)
}

/// A file that takes part in every run, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The file's name, or the function's.
    pub name: String,
    /// SHA-256 in hex.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
}

/// Fingerprints of the state machine file and of every bootstrap in the folder, by name.
pub(crate) fn fingerprints(state_machine: &Path, functions: &Path) -> io::Result<Vec<Fingerprint>> {
    let mut found = vec![fingerprint(file_name(state_machine), state_machine)?];
    let mut folders = fs::read_dir(functions)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    folders.sort();
    for folder in folders {
        let bootstrap = folder.join("bootstrap");
        if bootstrap.is_file() {
            found.push(fingerprint(file_name(&folder), &bootstrap)?);
        }
    }
    Ok(found)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn fingerprint(name: String, path: &Path) -> io::Result<Fingerprint> {
    let bytes = fs::read(path)?;
    let sha256 = base16ct::lower::encode_string(&Sha256::digest(&bytes));
    Ok(Fingerprint {
        name,
        sha256,
        size: bytes.len() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_those_of_sha256sum() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.asl.json");
        fs::write(&file, "abc").unwrap();
        let functions = folder.path().join("functions");
        fs::create_dir_all(functions.join("prune")).unwrap();
        fs::create_dir_all(functions.join("empty")).unwrap();
        fs::write(functions.join("prune/bootstrap"), "").unwrap();
        let found = fingerprints(&file, &functions).unwrap();
        let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["m.asl.json", "prune"]);
        assert_eq!(
            found[0].sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
