//! The lines that CloudWatch reads, against its specification.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod specification;

use backup_core::metrics::{Metric, Metrics};
use backup_core::{CacheRef, ErrorName, Owner};
use backup_lambda::Emf;
use jiff::Timestamp;
use serde_json::{Value, json};
use specification::{breaches, document};

fn night() -> Metrics {
    let owner = Owner::new("main", "nightly").unwrap();
    let cache: CacheRef =
        serde_json::from_value(json!({"kind": "replication-group", "id": "orders"})).unwrap();
    let at: Timestamp = "2026-11-20T03:31:00.5Z".parse().unwrap();
    Metrics::of_cache(at, &owner, &cache)
}

#[test]
fn a_set_of_metrics_is_one_line_of_the_specification() {
    let metrics = night()
        .with_total(Metric::VerifiedBackups, 1)
        .with_count(Metric::BackupBytes, 5_368_709_120)
        .with(Metric::VerifyThroughput, 212.5)
        .with(Metric::BackupDuration, f64::NAN);
    let line = Emf::line(&metrics);
    assert_eq!(breaches(&line), Vec::<String>::new());
    assert_eq!(line.matches('\n').count(), 1, "one event of the log");
    let dimensions = ["Deployment", "Plan", "Kind", "Cache"];
    let count = |name: &str| json!({"Name": name, "Unit": "Count"});
    let want = json!({
        "_aws": {
            "Timestamp": 1_795_145_460_500_i64,
            "CloudWatchMetrics": [
                {"Namespace": "Snapkeep", "Dimensions": [dimensions], "Metrics": [
                    count("VerifiedBackups"), {"Name": "BackupBytes", "Unit": "Bytes"},
                    {"Name": "VerifyThroughput", "Unit": "Megabytes/Second"}
                ]},
                {"Namespace": "Snapkeep", "Dimensions": [["Deployment"]], "Metrics": [count("VerifiedBackups")]}
            ]
        },
        "Deployment": "main", "Plan": "nightly", "Kind": "replication-group", "Cache": "orders",
        "VerifiedBackups": 1.0, "BackupBytes": 5_368_709_120.0, "VerifyThroughput": 212.5
    });
    assert_eq!(document(&line), Some(want));
}

#[test]
fn every_metric_and_every_failure_keeps_the_specification() {
    let all = Metric::ALL
        .iter()
        .fold(night(), |metrics, metric| metrics.with(*metric, 0.0));
    assert_eq!(breaches(&Emf::line(&all)), Vec::<String>::new(), "all at once");
    for name in ErrorName::ALL {
        let failure = Metrics::of_failure(Timestamp::UNIX_EPOCH, "main", *name);
        assert_eq!(breaches(&Emf::line(&failure)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_breaks_the_specification_is_seen() {
    let sound: Value = document(&Emf::line(&night().with(Metric::BackupAge, 1.0))).unwrap();
    assert_eq!(breaches(&sound.to_string()), Vec::<String>::new());
    let many: Vec<Value> = (0..101)
        .map(|_| json!({"Name": "BackupAge", "Unit": "Seconds"}))
        .collect();
    let directive = "/_aws/CloudWatchMetrics/0";
    for (path, value, says) in [
        (
            "/_aws/Timestamp".to_owned(),
            json!("now"),
            "Timestamp is \"now\", allowed are milliseconds",
        ),
        ("/_aws/CloudWatchMetrics".to_owned(), json!([]), "no directive"),
        (
            format!("{directive}/Namespace"),
            json!("AWS/Lambda"),
            "namespace `AWS/Lambda`",
        ),
        (format!("{directive}/Metrics"), json!(many), "1 sets, 101 metrics"),
        (
            format!("{directive}/Dimensions"),
            json!([vec!["Cache"; 31]]),
            "31 dimensions",
        ),
        (
            format!("{directive}/Dimensions"),
            json!([["Shard"]]),
            "dimension `Shard` has ``",
        ),
        (
            format!("{directive}/Metrics/0/Unit"),
            json!("Weeks"),
            "metric `BackupAge` is in \"Weeks\"",
        ),
        (
            "/BackupAge".to_owned(),
            Value::Null,
            "metric `BackupAge` has no number",
        ),
        ("/Cache".to_owned(), json!(" "), "dimension `Cache` has ` `"),
        ("/Cache".to_owned(), json!("ü"), "dimension `Cache` has `ü`"),
    ] {
        let mut broken = sound.clone();
        *broken.pointer_mut(&path).unwrap() = value;
        assert_eq!(breaches(&broken.to_string()), [says]);
    }
    assert_eq!(breaches("START RequestId: x"), ["no JSON object"]);
    let large = format!("{sound}{}", " ".repeat(1 << 20));
    assert_eq!(breaches(&large).len(), 1, "larger than an event of the log");
}
