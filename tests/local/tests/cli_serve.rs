//! `serve`, for the unmodified AWS CLI: what an alert says to paste finishes the run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]
#![allow(clippy::print_stdout, reason = "a test says its seed, and why it was skipped")]

mod cli_support;

use cli_support::served::Served;
use cli_support::{Cli, aws, root};
use std::path::Path;

fn lines_of(file: &Path, prefix: &str) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(str::trim)
        .filter(|line| line.starts_with(prefix))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_line_of_an_alert_pasted_into_the_aws_cli_finishes_the_run() {
    let (Some(cli), Some(aws)) = (Cli::new(), aws()) else {
        return;
    };
    let file = root().join("tests/fixtures/rdb/demo/orders-0001.rdb");
    let file = file.to_str().unwrap();
    cli.run(&["backup", "--rdb", file, "--name", "first"])
        .check(0, &[]);
    cli.edit(|world| world.bucket_mut("sthree-snapkeep").unwrap().policy = None);
    cli.run(&["backup", "--rdb", file, "--name", "mine"])
        .check(1, &["Backup.BucketNotGranted"]);
    cli.edit(|world| world.grant_export("sthree-snapkeep").unwrap());

    let alert = lines_of(
        &cli.home().join("messages/0001.txt"),
        "aws stepfunctions redrive-execution",
    );
    let [redrive] = alert.as_slice() else {
        panic!("{alert:?}")
    };
    let served = Served::start(&cli, aws);
    served.paste(redrive);
    let arn = redrive.split_whitespace().nth(4).unwrap();
    served.wait_for(
        &format!("aws stepfunctions describe-execution --execution-arn {arn} --query status --output text"),
        "SUCCEEDED",
    );
    assert!(served.end().success(), "a signal is how it is meant to end");
    assert_eq!(cli.manifests().len(), 2);
}

#[test]
fn what_serve_says_to_try_works_as_printed() {
    let (Some(cli), Some(aws)) = (Cli::new(), aws()) else {
        return;
    };
    let served = Served::start(&cli, aws);
    let invitation = served.invitation.join("\n").replace("\\\n", " ");
    let lines: Vec<&str> = invitation
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("aws "))
        .collect();
    assert!(lines.len() >= 5, "{invitation}");
    let answers: Vec<String> = lines.iter().map(|line| served.paste(line)).collect();
    assert!(
        answers[0].contains("\"ReplicationGroupId\": \"orders\""),
        "{}",
        answers[0]
    );
    assert!(answers[0].contains("\"sessions\""), "{}", answers[0]);
    let list = lines
        .iter()
        .find(|line| line.contains("list-executions"))
        .unwrap();
    served.wait_for(list, "SUCCEEDED");
    let objects = served.paste(lines.iter().find(|line| line.contains("s3 ls")).unwrap());
    assert!(
        objects.contains("orders-0001.rdb") && objects.contains("manifest.json"),
        "{objects}"
    );
    served.wait_for(
        "aws elasticache describe-snapshots",
        "\"SnapshotStatus\": \"available\"",
    );
    assert!(served.end().success());
}
