//! Files of other projects' test suites, with what two reference checkers say of them. They are not part of the
//! repository; where they are absent, these tests say so and pass.

use std::fs;
use std::path::PathBuf;

use rdb::{BrokenKind, Options};

use crate::{NOW_MS, scan, scan_with};

/// One line of the index.
struct Entry {
    path: String,
    label: String,
    keys: Option<u64>,
    expires: Option<u64>,
    file: Vec<u8>,
}

fn corpus() -> Vec<Entry> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/rdb");
    let Ok(index) = fs::read_to_string(root.join("INDEX.tsv")) else {
        println!("skipped: no corpus beside the repository at ../shared/rdb");
        return Vec::new();
    };
    let entry = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let file = fs::read(root.join(fields[0])).unwrap_or_else(|error| panic!("{}: {error}", fields[0]));
        let [path, label] = [fields[0], fields[5]].map(str::to_owned);
        Entry {
            path,
            label,
            keys: fields[6].parse().ok(),
            expires: fields[7].parse().ok(),
            file,
        }
    };
    index.lines().skip(1).map(entry).collect()
}

fn labelled(labels: &[&str]) -> Vec<Entry> {
    let mut entries = corpus();
    entries.retain(|entry| labels.contains(&entry.label.as_str()));
    entries
}

#[test]
fn valid_files_are_accepted_with_the_counts_of_the_index() {
    for entry in labelled(&["valid", "valid-redis-only"]) {
        let verdict = scan(&entry.file).unwrap_or_else(|broken| panic!("{}: {broken}", entry.path));
        assert_eq!(
            (Some(verdict.keys), Some(verdict.expires)),
            (entry.keys, entry.expires),
            "{}",
            entry.path
        );
        assert_eq!(verdict.bytes, entry.file.len() as u64, "{}", entry.path);
        let sized = Options::new(NOW_MS).with_size(verdict.bytes);
        assert_eq!(
            scan_with(sized, entry.file.chunks(97)),
            Ok(verdict),
            "{}",
            entry.path
        );
    }
}

#[test]
fn corrupt_and_unsupported_files_are_refused_as_what_they_are() {
    for entry in labelled(&["corrupt", "unsupported-version"]) {
        let broken = scan(&entry.file).expect_err(&entry.path);
        let expected = if entry.label == "corrupt" {
            BrokenKind::Corrupt
        } else {
            BrokenKind::Unsupported
        };
        assert_eq!(broken.kind, expected, "{}: {broken}", entry.path);
    }
}

/// Files of which no two checkers say the same, and what decides here.
const DISPUTED: [(&str, Option<&str>); 1] = [
    // A stream whose length is not the number of entries that its nodes hold as live: Valkey 9.1 refuses it, Redis 8.0
    // passes over it. The format has both numbers for the same thing, so one of them is wrong.
    ("hdt3213/cases__stream_listpacks_1.rdb", Some("stream")),
];

#[test]
fn disputed_files_are_judged_by_the_format() {
    for entry in labelled(&["disputed"]) {
        let (_, part) = DISPUTED
            .into_iter()
            .find(|(path, _)| *path == entry.path)
            .unwrap_or_else(|| panic!("{} has no line above", entry.path));
        match (scan(&entry.file), part) {
            (Err(broken), Some(part)) => {
                assert_eq!(broken.kind, BrokenKind::Corrupt, "{}: {broken}", entry.path);
                assert!(broken.meaning.contains(part), "{}: {broken}", entry.path);
            }
            (answer, part) => assert_eq!(answer.is_err(), part.is_some(), "{}", entry.path),
        }
    }
}

/// Says of all that are accepted at once.
#[test]
fn what_a_reference_checker_refuses_is_refused() {
    let mut accepted = Vec::new();
    for entry in labelled(&["hostile-rejected", "hostile-disputed", "rejected-by-all"]) {
        match scan(&entry.file) {
            Ok(_) => accepted.push(entry.path),
            Err(broken) => assert_ne!(broken.kind, BrokenKind::NotJudgeable, "{}: {broken}", entry.path),
        }
    }
    assert!(accepted.is_empty(), "accepted: {accepted:#?}");
}

#[test]
fn every_file_has_a_label_that_is_tested() {
    let tested = [
        "valid",
        "valid-redis-only",
        "corrupt",
        "unsupported-version",
        "disputed",
        "hostile-rejected",
        "hostile-disputed",
        "rejected-by-all",
    ];
    for entry in corpus() {
        assert!(
            tested.contains(&entry.label.as_str()),
            "{}: {}",
            entry.path,
            entry.label
        );
    }
}
