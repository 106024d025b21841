//! What CloudWatch would read out of the real functions' logs, against the specification.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "../../../functions/shared/backup-lambda/tests/specification/mod.rs"]
mod specification;
mod wire_support;

use backup_core::ErrorName;
use local::engine::Engine;
use serde_json::{Value, json};
use sim::asl::Status;
use std::fs;
use tempfile::TempDir;
use wire_support::binaries::engine;

/// The lines of a function's log that are metrics; every one keeps the specification.
fn lines(engine: &Engine, function: &str) -> Vec<Value> {
    let log = fs::read_to_string(engine.home().logs().join(format!("{function}.log"))).unwrap();
    let documents = log.lines().filter_map(|line| {
        let document = specification::document(line)?;
        assert_eq!(
            specification::breaches(line),
            Vec::<String>::new(),
            "{function}: {line}"
        );
        Some(document)
    });
    documents.collect()
}

/// The metrics of the only line, those of its first directive.
fn only(engine: &Engine, function: &str) -> (Vec<String>, Value) {
    let [line] = &lines(engine, function)[..] else {
        panic!("{function} has one line: {:?}", lines(engine, function))
    };
    let metrics = &line["_aws"]["CloudWatchMetrics"][0]["Metrics"];
    let names = metrics.as_array().unwrap().iter();
    (
        names
            .map(|metric| metric["Name"].as_str().unwrap().to_owned())
            .collect(),
        line.clone(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_and_a_look_are_measured() {
    let home = TempDir::new().unwrap();
    let Some(engine) = engine(home.path()).await else {
        return;
    };
    let cache = json!({"kind": "replication-group", "id": "orders"});
    let input = json!({"cache": cache, "plan": "nightly", "retention": {"keepLast": 2}});
    engine.start(input, Some("run")).unwrap();
    assert_eq!(engine.wait("run").await.unwrap(), Status::Succeeded);
    let event = json!({"now": engine.now(), "watched": [{"cache": cache, "plan": "nightly", "maxAgeSeconds": 86_400}]});
    let said = engine.functions().invoke("watch", &event).await.unwrap();
    assert_eq!(said[0]["state"], "fresh", "{said}");

    let whose = json!(["local", "nightly", "replication-group", "orders"]);
    for (function, want) in [
        (
            "record-backup",
            vec![
                "VerifiedBackups",
                "SuspiciousBackups",
                "BackupBytes",
                "BackupKeys",
            ],
        ),
        ("prune", vec!["KeptBackups", "DeletedBackups"]),
        ("watch", vec!["BackupAge", "BackupAgeRatio"]),
    ] {
        let (names, line) = only(&engine, function);
        assert_eq!(names[..want.len()], want, "{function}");
        let of = ["Deployment", "Plan", "Kind", "Cache"].map(|name| line[name].clone());
        assert_eq!(json!(of), whose, "{function}");
    }
    let (_, recorded) = only(&engine, "record-backup");
    let total = json!([["Deployment"]]);
    assert_eq!(recorded["_aws"]["CloudWatchMetrics"][1]["Dimensions"], total);
    assert_eq!(only(&engine, "watch").1["BackupAgeRatio"], said[0]["ratio"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_counted_by_the_function_that_it_leaves() {
    let home = TempDir::new().unwrap();
    let Some(engine) = engine(home.path()).await else {
        return;
    };
    for function in ["create-snapshot", "check-status", "copy-to-s3", "prune", "watch"] {
        engine
            .functions()
            .invoke(function, &json!({"odd": 1}))
            .await
            .unwrap_err();
        let (names, line) = only(&engine, function);
        assert_eq!(names, ["Failures"], "{function}");
        let of = [&line["Deployment"], &line["ErrorName"], &line["Failures"]];
        assert_eq!(
            json!(of),
            json!(["local", ErrorName::InvalidInput, 1.0]),
            "{function}"
        );
    }
}
