//! The command line as a process: what it prints, where, in which order, and how it ends.

#![cfg(test)]
#![allow(
    clippy::needless_raw_string_hashes,
    reason = "UPDATE_EXPECT=1 writes golden values with them"
)]

mod asked;
mod document;
mod judged;
mod names;
mod secrets;
mod streams;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The instant at which all tests judge expiries.
const NOW: &str = "2026-12-01T00:00:00Z";

/// Files that engines wrote.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rdb")
}

/// The command in a folder, to be run.
fn bare(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdb-verify"));
    command.current_dir(folder);
    command
}

/// The same at [`NOW`].
fn command(folder: &Path) -> Command {
    let mut command = bare(folder);
    command.args(["--now", NOW]);
    command
}

/// What the command said, and how it ended.
#[derive(Debug)]
struct Said {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Said {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs the command in a folder with these arguments.
fn run(folder: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Said {
    Said::of(command(folder).args(arguments).output().unwrap())
}

/// The same with a line, split at spaces.
fn run_line(folder: &Path, line: &str) -> Said {
    run(folder, line.split_whitespace())
}

/// A folder with a file of each sort: two that are sound, one that is corrupt, cut, too new and unjudgeable each.
fn folder_of_all_sorts() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read(fixtures().join("plain_zset_v6.rdb")).unwrap();
    let mut corrupt = whole.clone();
    corrupt[40] ^= 1;
    let files: [(&str, &[u8]); 6] = [
        ("a.rdb", &whole),
        ("corrupt.rdb", &corrupt),
        ("cut.rdb", &whole[..whole.len() - 20]),
        ("module.rdb", b"REDIS0011\x06\x01k\x00"),
        ("new.rdb", b"REDIS0099\xff"),
        ("z.rdb", b"REDIS0003\xff"),
    ];
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}
