//! What is said of files, in each form.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use expect_test::expect;
use serde_json::Value;

use crate::{fixtures, folder_of_all_sorts, run, run_line};

/// A line on a folder with a file of each sort ends like this.
fn check_status(line: &str, status: i32, why: &str) {
    let said = run_line(folder_of_all_sorts().path(), line);
    assert_eq!(said.status, Some(status), "{why}: {said:?}");
}

#[test]
fn the_exit_status_is_that_of_the_worst_file() {
    check_status("a.rdb z.rdb", 0, "all sound");
    for broken in ["corrupt", "cut", "module", "new"] {
        check_status(&format!("a.rdb {broken}.rdb z.rdb"), 1, "one is not sound");
        check_status(&format!("{broken}.rdb --quiet"), 1, "quiet changes words only");
        check_status(&format!("{broken}.rdb --json"), 1, "as does JSON");
    }
    check_status("gone.rdb a.rdb", 2, "one could not be read");
    check_status(
        "corrupt.rdb gone.rdb cut.rdb",
        2,
        "not to know is worse than to know",
    );
    check_status(".", 1, "a folder is its files");
}

#[test]
fn quiet_is_one_line_for_each_file_in_the_order_of_the_arguments() {
    let folder = folder_of_all_sorts();
    let said = run_line(folder.path(), "--quiet z.rdb . a.rdb");
    expect![[r#"
        ✔ z.rdb: sound, 0 keys, 10 B
        ✔ ./a.rdb: sound, 1 key, 343 B
        ✘ ./corrupt.rdb: corrupt at byte 323, in key 1 of database 0: found a duplicate: the value holds the same member or field before
        ✘ ./cut.rdb: truncated at byte 323, in key 1 of database 0: the file ends within a `zset-v1`
        ? ./module.rdb: not judgeable at byte 9: a module value of an RDB 8 release candidate (type `6`) can only be read by its module
        ? ./new.rdb: unsupported at byte 0: RDB version `99` with the magic `REDIS`; read are REDIS 1 to 12 and VALKEY 80
        ✔ ./z.rdb: sound, 0 keys, 10 B
        ✔ a.rdb: sound, 1 key, 343 B
    "#]].assert_eq(&said.stdout);
    assert_eq!(said.stderr, "");
}

#[test]
fn the_order_is_that_of_the_arguments_with_any_number_of_jobs() {
    let folder = folder_of_all_sorts();
    // The first takes the longest: many keys.
    let keys: Vec<u8> = (0..200_000_u32)
        .flat_map(|n| [&[0, 4], &n.to_be_bytes()[..], &[1, b'v']].concat())
        .collect();
    let long = [b"REDIS0003\xfe\x00", &keys[..], b"\xff"].concat();
    fs::write(folder.path().join("long.rdb"), long).unwrap();
    let line = "--quiet long.rdb a.rdb new.rdb long.rdb cut.rdb z.rdb corrupt.rdb z.rdb";
    let alone = run_line(folder.path(), &format!("{line} --jobs 1"));
    let paths: Vec<&str> = alone
        .stdout
        .lines()
        .filter_map(|line| line.split([' ', ':']).nth(1))
        .collect();
    assert_eq!(
        paths,
        [
            "long.rdb",
            "a.rdb",
            "new.rdb",
            "long.rdb",
            "cut.rdb",
            "z.rdb",
            "corrupt.rdb",
            "z.rdb"
        ]
    );
    for jobs in [2, 8, 256] {
        let said = run_line(folder.path(), &format!("{line} --jobs {jobs}"));
        assert_eq!(said.stdout, alone.stdout, "{jobs} jobs");
    }
}

#[test]
fn json_is_one_object_for_each_file() {
    let folder = folder_of_all_sorts();
    let said = run_line(folder.path(), "--json . gone.rdb");
    let lines: Vec<Value> = said
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<[&str; 3]> = lines
        .iter()
        .map(|line| {
            let holds = ["verdict", "broken", "error"]
                .into_iter()
                .filter(|name| !line[name].is_null());
            let holds: Vec<&str> = holds.collect();
            assert!(line["seconds"].is_f64() && line["bytes"].is_u64(), "{line}");
            assert_eq!(holds.len(), 1, "{line}");
            [
                line["path"].as_str().unwrap(),
                line["status"].as_str().unwrap(),
                holds[0],
            ]
        })
        .collect();
    let expected = [
        ["./a.rdb", "sound", "verdict"],
        ["./corrupt.rdb", "corrupt", "broken"],
        ["./cut.rdb", "truncated", "broken"],
        ["./module.rdb", "not-judgeable", "broken"],
        ["./new.rdb", "unsupported", "broken"],
        ["./z.rdb", "sound", "verdict"],
        ["gone.rdb", "unreadable", "error"],
    ];
    assert_eq!(told, expected);
    assert!(said.stderr.contains("`gone.rdb`"), "people are told as well");
}

#[test]
fn a_cut_file_is_told_where_and_what_it_means() {
    let said = run_line(folder_of_all_sorts().path(), "cut.rdb");
    expect![[r"
        ✘ cut.rdb: truncated

          Where        byte 323 (0x143), where the file ends, in key 1 of database 0
          What         the file ends within a `zset-v1`
          Before it    0 keys and 323 B are well-formed
          Restore      The dump was not finished, or a copy of it was cut off. A server
                       refuses the file as a whole and restores none of its keys.
                       Compare its size with its source and copy it again; if the source
                       is as short, restore another backup.
    "]]
    .assert_eq(&said.stdout);
}

#[test]
fn a_file_that_may_not_be_read_does_not_stop_the_others() {
    let folder = folder_of_all_sorts();
    let closed = folder.path().join("cut.rdb");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // Who may read everything, may read this too: then a link to nowhere stands for it.
    if fs::read(&closed).is_ok() {
        fs::remove_file(&closed).unwrap();
        std::os::unix::fs::symlink("nowhere", &closed).unwrap();
    }
    let said = run_line(folder.path(), "--quiet .");
    assert_eq!(said.status, Some(2));
    assert_eq!(said.stdout.lines().count(), 5, "{said:?}");
    assert!(
        said.stderr
            .starts_with("error: `./cut.rdb` could not be opened: "),
        "{said:?}"
    );
    assert_eq!(said.stderr.lines().count(), 1, "{said:?}");
}

#[test]
fn names_of_files_cannot_forge_a_report() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(
        fixtures().join("multiple_dbs.rdb"),
        folder.path().join("a\n✔ b\x1b[2J.rdb"),
    )
    .unwrap();
    let said = run(folder.path(), ["--quiet", "."]);
    assert_eq!(said.stdout, "✔ ./a\\n✔ b\\u{1b}[2J.rdb: sound, 3 keys, 124 B\n");
}

#[test]
fn there_are_no_colours_where_there_is_no_terminal() {
    for variables in [
        [("CLICOLOR", "1"), ("TERM", "xterm-256color")],
        [("NO_COLOR", "1"), ("TERM", "dumb")],
    ] {
        let output = crate::command(&fixtures())
            .arg("multiple_dbs.rdb")
            .envs(variables)
            .output()
            .unwrap();
        assert!(!output.stdout.contains(&0x1b), "{variables:?}");
        assert_eq!(output.stderr, b"", "no bar either");
    }
}
