//! What is asked wrongly, and what explains itself.

use std::fs;

use crate::{fixtures, run, run_line};

/// A line on the fixtures fails without a word on standard output, and says this on standard error.
fn check_wrong(line: &str, part: &str, why: &str) {
    let said = run_line(&fixtures(), line);
    assert_eq!(said.status, Some(2), "{why}: {said:?}");
    assert!(said.stderr.contains(part), "{why}: {said:?}");
    assert_eq!(said.stdout, "", "{why}");
}

#[test]
fn wrong_usage_ends_with_2_and_reads_nothing() {
    check_wrong("", "<PATH>", "nothing to verify");
    check_wrong("multiple_dbs.rdb --deep", "--deep", "no such option");
    check_wrong(
        "multiple_dbs.rdb --quiet --json",
        "cannot be used with",
        "one of both",
    );
    check_wrong("multiple_dbs.rdb --jobs 0", "1..=256", "nobody would read");
    check_wrong("multiple_dbs.rdb --largest 33", "0..=32", "more than is kept");
}

#[test]
fn what_cannot_be_found_is_told_with_what_to_do() {
    check_wrong(
        "gone.rdb",
        "error: `gone.rdb` could not be opened: ",
        "what and why",
    );
    check_wrong("gone.rdb", "; check the path\n", "what to do");
    check_wrong("gone.rdb --quiet", "`gone.rdb`", "quiet is not silent");
}

#[test]
fn a_folder_without_dumps_is_told_apart_from_one_that_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "").unwrap();
    let said = run(folder.path(), [folder.path()]);
    assert_eq!((said.status, said.stdout.as_str()), (Some(2), ""));
    assert!(
        said.stderr.contains("holds no file that ends in `.rdb`"),
        "{said:?}"
    );
}

#[test]
fn now_is_read_by_the_scanner() {
    let folder = tempfile::tempdir().unwrap();
    // One key whose expiry is 2 ms after 1970.
    let file = b"REDIS0004\xfe\x00\xfc\x02\0\0\0\0\0\0\0\x00\x01k\x01v\xff";
    fs::write(folder.path().join("a.rdb"), file).unwrap();
    let expired = |now: &str| {
        let mut command = crate::bare(folder.path());
        let output = command.args(["a.rdb", "--json", "--now", now]).output().unwrap();
        let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        line["verdict"]["expired"].as_u64()
    };
    assert_eq!(expired("1970-01-01T00:00:00Z"), Some(0));
    assert_eq!(expired("1970-01-01T01:00:01+01:00"), Some(1));
}

#[test]
fn help_and_version_explain_themselves() {
    let help = run_line(&fixtures(), "--help");
    assert_eq!((help.status, help.stderr.as_str()), (Some(0), ""));
    for part in [
        "Usage: rdb-verify",
        "Exit status:",
        "Examples:",
        "--show-keys",
        "standard input",
    ] {
        assert!(help.stdout.contains(part), "{part}: {}", help.stdout);
    }
    assert!(
        help.stdout.lines().all(|line| line.chars().count() <= 100),
        "{}",
        help.stdout
    );
    let version = run_line(&fixtures(), "--version");
    assert_eq!(
        version.stdout,
        concat!("rdb-verify ", env!("CARGO_PKG_VERSION"), "\n")
    );
}
