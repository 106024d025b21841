//! A person with the unmodified AWS CLI against the real binaries: an on-demand start, and a look around.
//!
//! That the alert's own line finishes its run is shown against `serve`, in `cli_serve.rs`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(clippy::print_stdout, reason = "a skipped test says why")]

mod wire_support;

use local::engine::Engine;
use serde_json::Value;
use sim::asl::Status;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;
use wire_support::binaries::{self, BUCKET, root};

/// The folder with the AWS CLI, or nothing, with the reason printed.
fn cli() -> Option<PathBuf> {
    let folder = root().join("target/venv/bin");
    if folder.join("aws").is_file() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_none(),
        "run `make setup-test` first"
    );
    println!("skipped: no AWS CLI in `target/venv`; `make setup-test` installs it");
    None
}

/// What a shell prints for a command line, with the variables that `serve` tells a person to export.
async fn shell(engine: &Engine, cli: &std::path::Path, line: &str) -> String {
    let path = format!("{}:{}", cli.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .env("PATH", path)
        .env("AWS_ENDPOINT_URL", engine.endpoint());
    command
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command
        .env("AWS_DEFAULT_REGION", "eu-west-1")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let line = line.to_owned();
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    assert!(
        output.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_on_demand_start_needs_only_the_cache_and_all_can_be_looked_at() {
    let home = TempDir::new().unwrap();
    let (Some(cli), Some(engine)) = (cli(), binaries::engine(home.path()).await) else {
        return;
    };
    let machine = "arn:aws:states:eu-west-1:000000000000:stateMachine:backup";
    let input = r#"{"cache":{"kind":"replication-group","id":"sessions"}}"#;
    let line = format!("aws stepfunctions start-execution --state-machine-arn {machine} --input '{input}'");
    let started: Value = serde_json::from_str(&shell(&engine, &cli, &line).await).unwrap();
    let arn = started["executionArn"].as_str().unwrap().to_owned();
    assert_eq!(
        engine.wait(arn.rsplit(':').next().unwrap()).await.unwrap(),
        Status::Succeeded
    );

    let described = shell(
        &engine,
        &cli,
        &format!("aws stepfunctions describe-execution --execution-arn {arn}"),
    )
    .await;
    assert!(described.contains("\"SUCCEEDED\""), "{described}");
    let snapshots = shell(&engine, &cli, "aws elasticache describe-snapshots").await;
    assert!(snapshots.contains("\"sessions-"), "{snapshots}");
    let listed = shell(&engine, &cli, &format!("aws s3 ls --recursive s3://{BUCKET}")).await;
    assert_eq!(
        listed
            .lines()
            .filter(|line| line.contains(".rdb") && !line.contains("/verdicts/"))
            .count(),
        3,
        "{listed}"
    );
    let manifest = binaries::manifest(&engine);
    assert_eq!(manifest["owner"], "local/on-demand");
    let shard = &manifest["objects"][1];
    let copied = home.path().join("copied.rdb");
    let key = shard["key"].as_str().unwrap();
    shell(
        &engine,
        &cli,
        &format!("aws s3 cp s3://{BUCKET}/{key} {}", copied.display()),
    )
    .await;
    assert_eq!(
        std::fs::metadata(copied).unwrap().len(),
        shard["size"].as_u64().unwrap()
    );
}
