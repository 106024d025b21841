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

/// Broken inside a blob, with a right CRC or none: the frame shows nothing of it.
const BROKEN_INSIDE_A_BLOB: [&str; 1] = ["hdt3213/cases__zipmap_big_len.rdb"];

#[test]
fn files_that_everybody_rejects_are_refused_where_the_structure_shows_it() {
    for entry in labelled(&["rejected-by-all"]) {
        let hidden = BROKEN_INSIDE_A_BLOB.contains(&entry.path.as_str());
        assert_eq!(scan(&entry.file).is_err(), !hidden, "{}", entry.path);
    }
}

/// Prints with `--nocapture` which hostile files the frames alone do not give away.
#[test]
fn hostile_and_disputed_files_end_in_an_answer() {
    for entry in labelled(&["hostile-rejected", "hostile-disputed", "disputed"]) {
        match scan(&entry.file) {
            Ok(_) => println!("{} {}: accepted", entry.label, entry.path),
            Err(broken) => println!("{} {}: {broken}", entry.label, entry.path),
        }
    }
}
