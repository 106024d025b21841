//! The crate's README shows what is printed.

use std::fs;
use std::path::Path;

use expect_test::expect_file;

use crate::{folder_of_all_sorts, run_line};

/// What stands before a command in the README, and what ends its output.
const OPENS: &str = "```console\n$ rdb-verify ";
const CLOSES: &str = "\n```";

/// The document with the output of each command as `run` gives it, and how many commands there are.
fn with_outputs(document: &str, run: impl Fn(&str) -> String) -> (String, usize) {
    let mut parts = document.split(OPENS);
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut commands = 0;
    for part in parts {
        let (session, rest) = part.split_once(CLOSES).unwrap();
        let command = session.lines().next().unwrap();
        let output = run(command);
        text.extend([OPENS, command, "\n", output.trim_end(), CLOSES, rest]);
        commands += 1;
    }
    (text, commands)
}

/// A folder in which the README's commands are typed.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let whole =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/rdb/demo/orders-0001.rdb");
    let whole = fs::read(whole).unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("orders-0001.rdb"), &whole).unwrap();
    fs::write(at("cut.rdb"), &whole[..200_000]).unwrap();
    fs::create_dir(at("backups")).unwrap();
    for entry in fs::read_dir(folder_of_all_sorts().path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), at("backups").join(entry.file_name())).unwrap();
    }
    folder
}

#[test]
fn what_the_readme_shows_is_what_is_printed() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let folder = folder();
    let (expected, commands) = with_outputs(&readme, |line| run_line(folder.path(), line).stdout);
    assert_eq!(commands, 3, "a report, a flaw, several files");
    expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")].assert_eq(&expected);
}

#[test]
fn what_the_repositorys_readme_shows_is_what_is_printed() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../README.md");
    let folder = folder();
    let (expected, commands) = with_outputs(&fs::read_to_string(&readme).unwrap(), |line| {
        run_line(folder.path(), line).stdout
    });
    assert_eq!(commands, 1, "several files");
    expect_file![readme].assert_eq(&expected);
}

#[test]
fn outputs_are_put_behind_their_commands() {
    let document = "a\n```console\n$ rdb-verify one\nold\nold\n```\nb\n```console\n$ other\n```\n";
    let (text, commands) = with_outputs(document, |command| format!("of {command}\n"));
    assert_eq!(
        text,
        "a\n```console\n$ rdb-verify one\nof one\n```\nb\n```console\n$ other\n```\n"
    );
    assert_eq!(commands, 1);
}
