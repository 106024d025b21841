//! The operator's commands of `infra/ops` and the lines of `infra/README.md`, against `serve`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]
#![allow(clippy::print_stdout, reason = "a test says why it was skipped")]

mod cli_support;

use cli_support::served::{Served, VARIABLES};
use cli_support::{Cli, aws, infra, root};
use std::path::Path;
use std::process::Command;

/// The machine and the bucket that `serve` names in its invitation.
fn named<'s>(served: &'s Served, before: &str) -> &'s str {
    let rest = served.invitation.iter().find_map(|line| line.split_once(before));
    rest.unwrap().1.split_whitespace().next().unwrap()
}

/// Runs `make backup`'s command; gives its exit status and what it printed.
fn backup(infra: &Path, served: &Served, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new("node")
        .args([
            "--import",
            "tsx",
            "ops/backup.ts",
            "--env",
            "minimal",
            "--interval",
            "0.2",
        ])
        .args(["--state-machine-arn", named(served, "--state-machine-arn ")])
        .args(["--bucket", named(served, "s3://")])
        .args(words)
        .current_dir(infra)
        .env("AWS_ENDPOINT_URL", &served.endpoint)
        .envs(VARIABLES)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// The lines of the README that ask the catalogue by the AWS CLI alone, on one line each.
fn catalogue_lines() -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("infra/README.md")).unwrap();
    let joined = readme.replace("\\\n", " ");
    let lines = joined.lines().filter_map(|line| line.strip_prefix("$ "));
    lines
        .filter(|line| line.starts_with("aws s3api list-objects-v2"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_backup_that_an_operator_starts_is_followed_to_its_manifest_and_found_by_the_aws_cli() {
    let (Some(cli), Some(aws), Some(infra)) = (Cli::new(), aws(), infra()) else {
        return;
    };
    let served = Served::start(&cli, aws);
    let (status, text) = backup(&infra, &served, &["--cache", "orders"]);
    assert_eq!(status, Some(0), "{text}");
    for part in [
        "CreateSnapshot",
        "CheckExport",
        "1 of 1 shard verified",
        "NotifySuccess",
        "manifest.json",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (status, text) = backup(&infra, &served, &["--cache", "nobody"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(
        text.contains("replication-group/orders"),
        "says what there is: {text}"
    );

    let bucket = named(&served, "s3://").to_owned();
    let lines = catalogue_lines();
    assert_eq!(lines.len(), 2, "the list, and the last before T: {lines:?}");
    let ask = |line: &str, before: &str| {
        served.paste(&line.replace("BUCKET", &bucket).replace("20261120t0300z", before))
    };
    let all = ask(&lines[0], "");
    assert_eq!(all.lines().count(), 1, "{all}");
    assert!(all.trim().ends_with("/manifest.json"), "{all}");
    assert_eq!(
        ask(&lines[1], "99991231t2359z").trim(),
        all.trim(),
        "the only one is before the end of time"
    );
    assert_eq!(
        ask(&lines[1], "20000101t0000z").trim(),
        "None",
        "nothing is before the beginning"
    );
    assert!(served.end().success());
}
