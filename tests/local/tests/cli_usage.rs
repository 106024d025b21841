//! What is asked wrongly ends with 2, what cannot be done with 1 and one line; neither leaves anything behind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]
#![allow(clippy::print_stdout, reason = "a test says its seed, and why it was skipped")]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the command in an empty folder with this line; `{}` stands for the folder.
fn run(folder: &Path, line: &str) -> Output {
    let folder = folder.display().to_string();
    Command::new(env!("CARGO_BIN_EXE_local"))
        .args(line.split_whitespace().map(|word| word.replace("{}", &folder)))
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap()
}

fn check(folder: &Path, line: &str, status: i32, part: &str, why: &str) {
    let before = names(folder);
    let output = run(folder, line);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "{why}: {error}");
    assert!(error.contains(part), "{why}: {error}");
    if status == 1 {
        assert_eq!(error.lines().count(), 1, "{why}: {error}");
        assert!(
            error.starts_with("error: ") && !error.contains("secret"),
            "{why}: {error}"
        );
    }
    assert_eq!(names(folder), before, "{why}: nothing is left behind");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A line on a state folder that is not there fails like this; `{}` is the folder around it.
fn fails(folder: &Path, line: &str, part: &str) {
    let part = part.replace("{}", &folder.display().to_string());
    check(folder, &format!("--home {{}}/home {line}"), 1, &part, line);
}

#[test]
fn looking_at_a_folder_that_is_not_there_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    for line in ["runs", "catalogue", "show x", "redrive x", "watch"] {
        fails(folder.path(), line, "`{}/home` has no runs and no backups");
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("empty.rdb"), "").unwrap();
    fs::write(folder.join("some.rdb"), "REDIS0011").unwrap();
    let cannot = "`{}/none.rdb` cannot be read: No such file";
    fails(folder, "backup --rdb {}/none.rdb", cannot);
    fails(folder, "backup --rdb {}/some.rdb {}/none.rdb", cannot);
    fails(folder, "backup --rdb {}", "`{}` is a folder");
    fails(folder, "backup --rdb {}/empty.rdb", "`{}/empty.rdb` is empty");
}

#[test]
fn what_is_wrong_with_an_address_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = listener.local_addr().unwrap();
    drop(listener);
    fails(folder, "backup --cache somewhere", "`somewhere` is no address");
    fails(folder, "backup --cache rediss://u:secret@h:1", "asks for TLS");
    let line = format!("backup --cache redis://u:secret@{free}");
    fails(folder, &line, &format!("no connection to `{free}`: "));
}

#[test]
fn functions_that_are_not_built_are_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("some.rdb"), "REDIS0011").unwrap();
    for line in ["demo", "serve", "backup --rdb {}/some.rdb"] {
        let part = "`{}` has no functions; build them with `make build`";
        fails(folder, &format!("{line} --functions {{}}"), part);
    }
}

#[test]
fn a_folder_of_somebody_else_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
    for line in ["--home {} runs", "--home {} catalogue"] {
        check(folder.path(), line, 1, "holds other files", line);
    }
    check(
        folder.path(),
        "--home {}/thesis.txt runs",
        1,
        "has no runs and no backups",
        "a file is no folder",
    );
}

#[test]
fn what_is_asked_wrongly_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    check(folder, "", 2, "Usage: local", "no command");
    check(folder, "restore", 2, "unrecognized subcommand", "no such command");
    check(folder, "backup", 2, "--rdb", "no source");
    check(
        folder,
        "backup --rdb a --cache redis://h",
        2,
        "cannot be used with",
        "two sources",
    );
    check(
        folder,
        "backup --rdb a --name 1a",
        2,
        "no cache id",
        "an id that ElastiCache refuses",
    );
    check(
        folder,
        "--speed 0 runs",
        2,
        "allowed is 1 to 100000",
        "time would stand still",
    );
}

#[test]
fn help_is_not_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), "--help");
    let help = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    for part in [
        "state folder",
        "buckets/<bucket>",
        "messages/",
        "backup",
        "redrive",
        "catalogue",
        "watch",
        "serve",
        "demo",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
    assert!(
        !help.contains("fixtures"),
        "what only the repository needs is not offered"
    );
}
