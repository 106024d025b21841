//! Once per failed attempt: markers, duplicates, and what may fail without silencing an alert.
use crate::world::{EXECUTION, World, encrypted, event, manifest, notify, success, suspicion, suspicious};
use backup_core::ErrorName;
use notify::Output;
use serde_json::{Value, json};

pub(crate) const MARKER: &str = "backups/replication-group/orders/20261120t0300z/alert-0.json";

pub(crate) fn denied() -> World {
    World::failed_in(
        "CopyToS3",
        "Backup.AccessDenied",
        "CopySnapshot answered `AccessDenied`: no",
    )
}

pub(crate) fn is_silent(output: &Output) -> bool {
    !output.published && output.reason.is_some() && output.subject.is_none()
}

#[test]
fn a_second_delivery_stays_silent() {
    let world = denied();
    let first = notify(&world, event(&json!({}))).unwrap();
    assert_eq!((first.published, first.marked), (true, Some(true)));
    let want = json!({"formatVersion": 1, "owner": "prod/nightly", "executionArn": EXECUTION, "redriveCount": 0,
        "status": "FAILED", "error": "Backup.AccessDenied", "state": "CopyToS3", "time": "2026-11-20T05:30:12Z"});
    assert_eq!(world.object(MARKER), Some(want));
    assert!(is_silent(&notify(&world, event(&json!({}))).unwrap()));
    assert_eq!(world.messages().len(), 1);
}

#[test]
fn every_failed_attempt_is_told() {
    let world = denied();
    let other = EXECUTION.replace("0a1b", "ffff");
    let cases = [
        (json!({}), true, "the first"),
        (json!({"redriveCount": 1}), true, "the same after a re-drive"),
        (json!({"redriveCount": 1}), false, "delivered twice"),
        (
            json!({"executionArn": other}),
            true,
            "a duplicate execution of the run",
        ),
        (json!({"executionArn": other}), false, "delivered twice"),
    ];
    for (detail, told, why) in cases {
        assert_eq!(notify(&world, event(&detail)).unwrap().published, told, "{why}");
    }
}

#[test]
fn without_a_redrive_count_no_marker_is_trusted() {
    let world = denied();
    for _ in 0..2 {
        let output = notify(&world, event(&json!({"redriveCount": null}))).unwrap();
        assert_eq!((output.published, output.marked), (true, Some(false)));
    }
    assert!(world.objects.lock().unwrap().is_empty());
}

#[test]
fn a_broken_marker_counts_as_none() {
    let world = denied().with_object(MARKER, "{");
    assert!(notify(&world, event(&json!({}))).unwrap().published);
}

#[test]
fn an_unknown_run_is_marked_under_its_execution() {
    for (input, why) in [
        (json!(null), "no input"),
        (json!("{"), "no JSON"),
        (
            json!(r#"{"cache":{"kind":"replication-group","id":"orders"},"scheduledTime":"x"}"#),
            "no instant",
        ),
    ] {
        let world = denied();
        assert!(
            notify(&world, event(&json!({"input": input}))).unwrap().published,
            "{why}"
        );
        assert!(
            world.object("alerts/orders-0a1b2c3d/alert-0.json").is_some(),
            "{why}"
        );
        assert!(
            is_silent(&notify(&world, event(&json!({"input": input}))).unwrap()),
            "{why}"
        );
    }
}

#[test]
fn what_is_no_failure_is_not_told() {
    for status in ["RUNNING", "SUCCEEDED", "PENDING_REDRIVE"] {
        let world = denied();
        let output = notify(&world, event(&json!({"status": status}))).unwrap();
        assert_eq!(output.reason, Some(format!("status `{status}` is no failure")));
        assert!(world.messages().is_empty() && world.objects.lock().unwrap().is_empty());
    }
}

#[test]
fn nothing_but_the_publish_can_silence_an_alert() {
    for operation in [
        "GetExecutionHistory",
        "DescribeExecution",
        "ListObjectsV2",
        "GetObject",
        "PutObject",
        "GetObjectTagging",
    ] {
        let world = denied()
            .with_manifest(&suspicious("prod/nightly", "20261119t0300z"))
            .breaking(&[operation]);
        let event = event(&json!({}));
        world.describe(&event["detail"]);
        let output = notify(&world, encrypted(event)).unwrap();
        assert!(output.published, "{operation}");
        assert_eq!(output.marked, Some(operation != "PutObject"), "{operation}");
    }
    let world = denied().breaking(&["Publish"]);
    let error = notify(&world, event(&json!({}))).unwrap_err();
    assert_eq!(error.name, ErrorName::AccessDenied);
    assert!(
        world.objects.lock().unwrap().is_empty(),
        "no marker for what was not told"
    );
}

#[test]
fn what_fails_after_the_record_begins_with_the_good_news() {
    for (state, is_safe) in [
        ("Prune", true),
        ("NotifySuccess", true),
        ("RecordBackup", false),
        ("prune", false),
    ] {
        for status in ["FAILED", "TIMED_OUT", "ABORTED"] {
            let world = World::failed_in(state, "Backup.AccessDenied", "no");
            notify(&world, event(&json!({"status": status}))).unwrap();
            let message = world.messages().remove(0);
            let begins = message.email.starts_with("The backup is recorded and safe. ");
            let says = message.subject.ends_with("(backup is safe)");
            assert_eq!(
                (begins, says),
                (is_safe, is_safe),
                "{status} in {state}: {}",
                message.subject
            );
        }
    }
}

fn last_good(world: &World) -> String {
    notify(world, event(&json!({}))).unwrap();
    let mail = world.messages().remove(0).email;
    let line = mail
        .lines()
        .find(|line| line.starts_with("Last good backup"))
        .unwrap();
    line["Last good backup".len()..].trim().to_owned()
}

#[test]
fn the_last_good_backup_is_ours_and_unsuspicious() {
    let old = || denied().with_manifest(&manifest("prod/nightly", "20261117t0300z"));
    let new = |owner: &str| manifest(owner, "20261119t0300z");
    let odd = || suspicious("prod/nightly", "20261119t0300z");
    let broken = "backups/replication-group/orders/20261119t0300z/manifest.json";
    let cases = [
        (old(), "3 days 2 h old", "the only one"),
        (
            old().with_manifest(&new("prod/nightly")),
            "1 day 2 h old",
            "the newest",
        ),
        (
            old().with_manifest(&new("prod/weekly")),
            "3 days 2 h old",
            "another plan's is not ours",
        ),
        (
            old().with_manifest(&new("test/nightly")),
            "3 days 2 h old",
            "another deployment's is not ours",
        ),
        (old().with_manifest(&odd()), "3 days 2 h old", "suspicious"),
        (
            old().with_manifest(&odd()).accepting("20261119t0300z"),
            "1 day 2 h old",
            "suspicious, but accepted",
        ),
        (
            denied().with_manifest(&odd()),
            "there is no good backup",
            "none but a suspicious one",
        ),
        (denied(), "there is no good backup", "none at all"),
        (
            old().with_object(broken, "{"),
            "unknown, it could not be read: manifest",
            "what cannot be read is not absent",
        ),
    ];
    for (world, want, why) in cases {
        let found = last_good(&world);
        assert!(found.starts_with(want), "{why}: {found}");
    }
}

/// An alert marker of `orders` at an instant.
fn told(world: World, instant: &str, count: u32, owner: &str) -> World {
    let key = format!("backups/replication-group/orders/{instant}/alert-{count}.json");
    let marker = json!({"formatVersion": 1, "owner": owner, "executionArn": "a", "redriveCount": count,
        "status": "FAILED", "time": "2026-11-19T04:00:00Z"});
    world.with_object(&key, &marker.to_string())
}

#[test]
fn a_recovery_counts_our_failures_since_the_last_backup() {
    let ours = "prod/nightly";
    let backed_up = |instant| World::default().with_manifest(&manifest(ours, instant));
    let cases = [
        (World::default(), None, "no failure"),
        (
            told(World::default(), "20261118t0300z", 0, ours),
            Some(1),
            "never a backup before",
        ),
        (
            told(backed_up("20261118t0300z"), "20261119t0300z", 0, ours),
            Some(1),
            "after the last one",
        ),
        (
            told(backed_up("20261119t0300z"), "20261118t0300z", 0, ours),
            None,
            "before the last one",
        ),
        (
            told(backed_up("20261119t0300z"), "20261120t0300z", 0, ours),
            Some(1),
            "this very run, before its re-drive",
        ),
        (
            told(backed_up("20261120t0300z"), "20261119t0300z", 0, ours),
            Some(1),
            "this run's own manifest is no bound",
        ),
        (
            told(backed_up("20261118t0300z"), "20261121t0300z", 0, ours),
            None,
            "later than this run",
        ),
        (
            told(World::default(), "20261119t0300z", 0, "prod/weekly"),
            None,
            "another plan's failure",
        ),
        (
            told(World::default(), "20261119t0300z", 0, ours)
                .with_manifest(&manifest("prod/weekly", "20261119t0300z")),
            Some(1),
            "another plan's backup is no bound",
        ),
        (World::default().with_object(MARKER, "{"), None, "no marker"),
    ];
    for (world, want, why) in cases {
        let output = notify(&world, success("recovery", json!({}), json!({}))).unwrap();
        let subject = want.map(|n: u64| {
            let ending = if n == 1 { "" } else { "s" };
            format!("[snapkeep] RECOVERED orders: works again after {n} failure{ending}")
        });
        assert_eq!(output.subject, subject, "{why}");
    }
}

#[test]
fn a_duplicate_execution_tells_no_success() {
    let world = World::default();
    let output = notify(&world, success("always", json!({"recorded": false}), json!({}))).unwrap();
    assert!(is_silent(&output) && world.messages().is_empty());
}

#[test]
fn a_success_that_cannot_be_told_fails_by_name() {
    let cases = [
        ("always", json!({}), "Publish", true, "nobody would know"),
        (
            "recovery",
            json!({}),
            "ListObjectsV2",
            true,
            "whether to tell hangs on it",
        ),
        (
            "failure",
            json!({}),
            "ListObjectsV2",
            false,
            "the plan does not ask",
        ),
        (
            "recovery",
            json!({"suspicion": suspicion()}),
            "ListObjectsV2",
            false,
            "a warning goes out in any case",
        ),
    ];
    for (wanted, backup, operation, fails, why) in cases {
        let world = World::default().breaking(&[operation]);
        let result = notify(&world, success(wanted, backup, json!({})));
        assert_eq!(result.is_err(), fails, "{why}: {result:?}");
    }
}

#[test]
fn the_output_says_only_what_is() {
    let world = denied();
    let told: Value = json!(notify(&world, event(&json!({}))).unwrap());
    assert_eq!(
        told,
        json!({"published": true, "marked": true, "subject": "[snapkeep] FAILED orders: Backup.AccessDenied in CopyToS3"})
    );
    let silent: Value = json!(notify(&world, event(&json!({}))).unwrap());
    assert_eq!(
        silent,
        json!({"published": false, "reason": format!("`{MARKER}` shows that this attempt was told")})
    );
}
