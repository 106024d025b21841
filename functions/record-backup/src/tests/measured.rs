//! What is measured, and when nothing is.

use super::common::{Bucket, Write, input, orders};
use backup_core::metrics::{Dimension, Metric};
use futures_executor::block_on;
use serde_json::{Value, json};

fn tonight() -> Value {
    orders("20261120t0304z")
}

fn record(bucket: &Bucket, payload: Value) {
    block_on(crate::handle(bucket, bucket, input(payload))).unwrap();
}

/// The values of the only line.
fn values(bucket: &Bucket) -> Vec<(&'static str, f64)> {
    let measured = bucket.measured.borrow();
    let [line] = &measured[..] else {
        panic!("one line: {measured:?}")
    };
    let values = line.values().iter();
    values.map(|(metric, value)| (metric.as_str(), *value)).collect()
}

#[test]
fn a_recorded_backup_is_measured_once() {
    let bucket = Bucket::new();
    record(&bucket, tonight());
    assert_eq!(
        values(&bucket),
        [
            ("VerifiedBackups", 1.0),
            ("SuspiciousBackups", 0.0),
            ("BackupBytes", 1000.0),
            ("BackupKeys", 100.0),
            // 1000 bytes in 7 ms.
            ("VerifyThroughput", 0.001 / 0.007),
            // From 03:04:05 to 03:31:00.
            ("BackupDuration", 1615.0),
        ]
    );
    let measured = bucket.measured.borrow();
    assert_eq!(
        measured[0].at().to_string(),
        "2026-11-20T03:31:00Z",
        "when it was recorded"
    );
    let dimensions: Vec<_> = measured[0].dimensions().values().collect();
    assert_eq!(dimensions, ["main", "nightly", "replication-group", "orders"]);
    let [_, total, of_plan] = &measured[0].directives()[..] else {
        panic!("for the cache, the deployment and the plan")
    };
    assert_eq!(total.dimensions, [Dimension::Deployment]);
    assert_eq!(
        total.metrics,
        [Metric::VerifiedBackups, Metric::SuspiciousBackups]
    );
    assert_eq!(of_plan.dimensions, [Dimension::Deployment, Dimension::Plan]);
    assert_eq!(of_plan.metrics, [Metric::BackupDuration]);
}

#[test]
fn what_is_odd_is_measured_too() {
    for (path, value, metric, want, why) in [
        (
            "/objects/0/keys",
            json!(0),
            "SuspiciousBackups",
            Some(1.0),
            "empty",
        ),
        (
            "/objects/0/millis",
            json!(0),
            "VerifyThroughput",
            None,
            "read in no time",
        ),
        (
            "/now",
            json!("2026-11-20T03:00:00Z"),
            "BackupDuration",
            Some(0.0),
            "a clock that was set back",
        ),
        (
            "/redriveCount",
            json!(1),
            "BackupDuration",
            None,
            "re-driven, after a person let it lie for a week perhaps",
        ),
        (
            "/redriveCount",
            json!(1),
            "VerifiedBackups",
            Some(1.0),
            "re-driven, and a backup like any other",
        ),
    ] {
        let bucket = Bucket::new();
        let mut payload = tonight();
        *payload.pointer_mut(path).unwrap() = value;
        record(&bucket, payload);
        let values = values(&bucket);
        let found = values
            .iter()
            .find(|(name, _)| *name == metric)
            .map(|(_, value)| *value);
        assert_eq!(found, want, "{why}");
    }
}

#[test]
fn only_the_execution_that_recorded_it_measures() {
    let bucket = Bucket::new();
    bucket.write.set(Write::AnswerLost);
    block_on(crate::handle(&bucket, &bucket, input(tonight()))).unwrap_err();
    assert_eq!(bucket.measured.borrow().len(), 0, "a failed attempt");
    record(&bucket, tonight());
    assert_eq!(
        bucket.measured.borrow().len(),
        1,
        "its retry finds its own manifest"
    );
    let mut duplicate = tonight();
    duplicate["run"]["executionArn"] = json!("arn:aws:states:eu-west-1:000000000000:execution:backup:b");
    record(&bucket, duplicate);
    assert_eq!(bucket.measured.borrow().len(), 1, "a duplicate execution");
}
