//! No name of a key and no byte of a value is printed unless it is asked for.

use std::collections::BTreeSet;
use std::fs;

use crate::{fixtures, run};

/// Shortest text that is taken for one of the file's own; shorter ones occur in any report.
const TEXT: usize = 4;

/// What the report may repeat: the format's own words and what the writer notes under harmless names.
const HARMLESS: [&str; 14] = [
    "REDIS",
    "redis-ver",
    "redis-bits",
    "ctime",
    "used-mem",
    "aof-base",
    "repl-id",
    "repl-offset",
    "repl-stream-db",
    "255.255.255",
    "7.1.242",
    "7.4.2",
    "162395634",
    "f42ea6b158e5926941d08bde6b9ecb6ae88dcd45",
];

/// Texts of printable characters in a file, as `strings` finds them.
fn texts(file: &[u8]) -> BTreeSet<String> {
    file.split(|byte| !byte.is_ascii_graphic())
        .filter(|run| run.len() >= TEXT)
        .map(|run| String::from_utf8(run.to_vec()).unwrap())
        .filter(|text| !HARMLESS.iter().any(|harmless| text.contains(harmless)))
        .collect()
}

/// Those of the texts that stand in what was printed.
fn leaks<'t>(texts: &'t BTreeSet<String>, printed: &str) -> Vec<&'t String> {
    texts
        .iter()
        .filter(|text| printed.contains(text.as_str()))
        .collect()
}

/// A file whose names and values are all marked, in every place where one can stand, and refused at its end.
fn marked() -> Vec<u8> {
    let mut file = b"REDIS0011".to_vec();
    let text = |file: &mut Vec<u8>, text: &str| {
        file.push(u8::try_from(text.len()).unwrap());
        file.extend(text.as_bytes());
    };
    for aux in ["auxname-marked", "auxvalue-marked"] {
        if aux.starts_with("auxname") {
            file.push(250);
        }
        text(&mut file, aux);
    }
    file.push(245);
    text(&mut file, "#!lua name=function-marked");
    file.extend([254, 0]);
    for (rdb_type, entries) in [(0, 1), (1, 2), (2, 2), (4, 2)] {
        file.push(rdb_type);
        text(&mut file, &format!("key-marked-{rdb_type}"));
        if rdb_type > 0 {
            file.push(if rdb_type == 4 { 1 } else { entries });
        }
        for entry in 0..entries {
            text(&mut file, &format!("entry-marked-{entry}"));
        }
    }
    file.push(255);
    file.extend([0; 8]);
    file
}

/// A folder with a file, all its beginnings, and it with each byte changed.
fn damaged(file: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("whole.rdb"), file).unwrap();
    for at in 0..file.len() {
        fs::write(folder.path().join(format!("cut.{at}.rdb")), &file[..at]).unwrap();
        let mut changed = file.to_vec();
        changed[at] ^= 0x81;
        fs::write(folder.path().join(format!("changed.{at}.rdb")), changed).unwrap();
    }
    folder
}

fn check(name: &str, file: &[u8]) {
    let texts = texts(file);
    let folder = damaged(file);
    for form in ["--largest=32", "--quiet", "--json"] {
        let said = run(folder.path(), [form, "."]);
        let shortest = 2 * file.len();
        assert!(
            said.stdout.lines().count() > shortest,
            "{name}: all files are told of"
        );
        let found = leaks(&texts, &(said.stdout + &said.stderr));
        assert!(found.is_empty(), "{name} {form}: {found:?}");
    }
}

#[test]
fn no_output_holds_a_text_of_a_fixture_or_of_what_is_left_of_one() {
    for entry in fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rdb") {
            check(&path.display().to_string(), &fs::read(&path).unwrap());
        }
    }
}

#[test]
fn no_output_holds_a_name_or_a_value_wherever_it_stands() {
    let file = marked();
    assert!(
        run_whole(&file).starts_with("✔ whole.rdb: sound, 4 keys"),
        "the file is well made"
    );
    assert_eq!(
        texts(&file).iter().filter(|text| text.contains("marked")).count(),
        9
    );
    check("marked", &file);
}

fn run_whole(file: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("whole.rdb"), file).unwrap();
    run(folder.path(), ["--quiet", "whole.rdb"]).stdout
}

#[test]
fn a_leak_is_seen() {
    let texts = texts(b"\x05user:1\x00REDIS0011\x03abc");
    assert_eq!(texts.iter().collect::<Vec<_>>(), ["user:1"]);
    assert_eq!(leaks(&texts, "key 1 named `user:1`"), ["user:1"]);
}
