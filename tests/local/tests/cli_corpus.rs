//! `backup --rdb` on files of other projects' test suites, with what two reference checkers say of them. They are not part
//! of the repository; where they are absent, these tests say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]
#![allow(clippy::print_stdout, reason = "a test says its seed, and why it was skipped")]

mod cli_support;

use cli_support::{Cli, root};
use std::fs;
use std::path::PathBuf;

/// One line of the index.
struct Entry {
    file: PathBuf,
    label: String,
    keys: Option<u64>,
    expires: Option<u64>,
}

fn corpus() -> Vec<Entry> {
    let folder = root().join("../shared/rdb");
    let Ok(index) = fs::read_to_string(folder.join("INDEX.tsv")) else {
        println!("skipped: no corpus beside the repository at ../shared/rdb");
        return Vec::new();
    };
    let entry = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        Entry {
            file: folder.join(fields[0]),
            label: fields[5].to_owned(),
            keys: fields[6].parse().ok(),
            expires: fields[7].parse().ok(),
        }
    };
    index.lines().skip(1).map(entry).collect()
}

#[test]
fn every_valid_file_is_backed_up_with_the_counts_of_the_index() {
    let Some(cli) = Cli::new() else { return };
    let mut valid = corpus();
    valid.retain(|entry| ["valid", "valid-redis-only"].contains(&entry.label.as_str()));
    if valid.is_empty() {
        return;
    }
    let mut words = vec!["backup", "--name", "corpus", "--rdb"];
    words.extend(valid.iter().map(|entry| entry.file.to_str().unwrap()));
    cli.run(&words).check(0, &["✔ corpus  RecordBackup"]);
    let manifests = cli.manifests();
    assert_eq!(manifests[0].objects.len(), valid.len(), "one shard a file");
    for (object, entry) in manifests[0].objects.iter().zip(&valid) {
        let found = (Some(object.verdict.keys), Some(object.verdict.expires));
        assert_eq!(found, (entry.keys, entry.expires), "{}", entry.file.display());
    }
}

/// Depth against files that are broken inside a blob is the scanner's own matter, and tested there.
#[test]
fn every_corrupt_file_is_refused_by_name() {
    let Some(cli) = Cli::new() else { return };
    for entry in corpus() {
        let name = match entry.label.as_str() {
            "corrupt" => "Backup.Corrupt",
            "unsupported-version" => "Backup.NotVerifiable",
            _ => continue,
        };
        let said = cli.run(&[
            "backup",
            "--rdb",
            entry.file.to_str().unwrap(),
            "--name",
            "broken",
        ]);
        assert_eq!(
            said.status,
            Some(1),
            "{}: {}{}",
            entry.file.display(),
            said.text,
            said.error
        );
        assert!(
            said.text.contains(name),
            "{}: {}{}",
            entry.file.display(),
            said.text,
            said.error
        );
    }
    assert!(cli.manifests().is_empty(), "nothing broken is in the catalogue");
}
