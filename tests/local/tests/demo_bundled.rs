//! The demo on a machine without a server: the bundled files stand in, and it says so. With a real server `make test` runs
//! it as a person does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]
#![allow(clippy::print_stdout, reason = "a test says its seed, and why it was skipped")]

mod cli_support;

use cli_support::Cli;
use std::process::Output;

/// Plays the demo where no server can be found.
fn play(cli: &Cli, words: &[&str]) -> Output {
    let nowhere = cli.folder.path().join("nowhere");
    cli.command(words)
        .env("PATH", &nowhere)
        .arg("--venv")
        .arg(&nowhere)
        .output()
        .unwrap()
}

#[test]
fn bundled_files_stand_in_and_the_output_says_so() {
    let Some(cli) = Cli::new() else { return };
    let output = play(&cli, &["demo"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for part in [
        "No real server can be had",
        "✘ orders  CopyToS3",
        "Subject: [snapkeep] FAILED orders: Backup.BucketNotGranted in CopyToS3",
        "✔ orders  RecordBackup",
        "RECOVERED orders",
        "✔ watch finds a fresh backup of every cache",
        "✔ every exported file is the bundled one, byte for byte",
        "are true.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let checks = text.split_once("What had to be true").unwrap().1;
    assert!(!checks.contains('✘'), "{checks}");
    assert_eq!(cli.manifests().len(), 4, "four runs, four backups");
}

#[test]
fn a_required_server_that_is_not_there_fails_the_demo() {
    let Some(cli) = Cli::new() else { return };
    let output = play(&cli, &["demo", "--require-server"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(
        error.contains("no server: neither `valkey-server` nor `redis-server` is on PATH"),
        "{error}"
    );
    assert!(cli.manifests().is_empty());
}

#[test]
fn a_damaged_function_fails_the_demo() {
    let Some(cli) = Cli::new() else { return };
    let broken = cli.folder.path().join("functions");
    copy_functions(&broken);
    std::fs::remove_file(broken.join("record-backup/bootstrap")).unwrap();
    let output = play(&cli, &["demo", "--functions", broken.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("✘ every run left one manifest"), "{text}");
    assert!(cli.manifests().is_empty());
}

fn copy_functions(to: &std::path::Path) {
    for entry in std::fs::read_dir(cli_support::functions().unwrap()).unwrap() {
        let from = entry.unwrap().path();
        let folder = to.join(from.file_name().unwrap());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(from.join("bootstrap"), folder.join("bootstrap")).unwrap();
    }
}
