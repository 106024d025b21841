//! Ends, bounds and what is not repeated: I9, I10.

use crate::story::{Story, check};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::model::Invariant::{I9, I10};
use sim::trace::By;
use sim::trace::{Ending, What};

/// A run that ends after so many hours.
fn after(hours: i64, deadline: Value) -> impl FnOnce(&mut Story) {
    move |story| {
        story.input["deadlineSeconds"] = deadline;
        story.start();
        story.pass(SignedDuration::from_hours(hours));
        story.fail("Backup.DeadlineExceeded", "CheckExport");
        story.alert(0, "Backup.DeadlineExceeded", "CheckExport");
    }
}

#[test]
fn every_run_ends_in_time() {
    check("by its deadline", &[], after(12, json!(43_200)));
    check("after its deadline", &[I9], after(14, json!(43_200)));
    check(
        "where the plan says nothing, by the longest that one may say",
        &[],
        after(23, Value::Null),
    );
    check("longer than the machine lets it", &[I9], after(25, json!(86_400)));
    check("never", &[I9], Story::start);
    check("late, as seen before its end", &[I9], |story| {
        story.start();
        story.pass(SignedDuration::from_hours(14));
        story.redrive();
        story.fail("Backup.DeadlineExceeded", "CheckExport");
        story.alert(1, "Backup.DeadlineExceeded", "CheckExport");
    });
    check("a re-drive after days has a deadline of its own", &[], |story| {
        after(12, json!(43_200))(story);
        story.pass(SignedDuration::from_hours(72));
        story.redrive();
        story.pass(SignedDuration::from_hours(12));
        story.fail("Backup.DeadlineExceeded", "CheckExport");
        story.alert(1, "Backup.DeadlineExceeded", "CheckExport");
    });
}

#[test]
fn a_run_is_bounded() {
    let events = |events: usize| {
        move |story: &mut Story| {
            story.backup();
            let ending = Ending {
                status: "SUCCEEDED".to_owned(),
                error: None,
                cause: None,
                state: None,
                events,
                transitions: 1,
                redrive_count: 0,
            };
            let arn = story.arn();
            story.tell(&By::StateMachine, What::ExecutionEnded { arn, ending });
        }
    };
    check("half of what Step Functions allows", &[I9], events(12_500));
    check("less", &[], events(12_499));
    let calls = |calls: usize| {
        move |story: &mut Story| {
            story.backup();
            let by = story.invoke("check-status", Some("CheckExport"), json!({}));
            (0..calls).for_each(|_| story.called(&by, "DescribeSnapshots", "orders", "ok"));
            story.succeed();
        }
    };
    check("a poll of a few calls", &[], calls(20));
    check("a poll that never tires", &[I9], calls(500));
}

/// A state that fails so many times by this error, after this answer of AWS.
fn refused(
    times: usize,
    operation: &'static str,
    answer: &'static str,
    error: &'static str,
) -> impl FnOnce(&mut Story) {
    move |story| {
        story.start();
        for _ in 0..times {
            let now = story.now.to_string();
            let by = story.invoke("copy-to-s3", Some("CopyToS3"), json!({"now": now}));
            story.called(&by, operation, "orders-202603010200", answer);
            story.raised(&by, error, "no");
            story.pass(SignedDuration::from_secs(1));
        }
        story.fail(error, "CopyToS3");
        story.alert(0, error, "CopyToS3");
    }
}

#[test]
fn what_failed_for_good_is_not_repeated() {
    check(
        "once",
        &[],
        refused(1, "CopySnapshot", "AccessDenied", "Backup.AccessDenied"),
    );
    check(
        "twice, as a duplicate delivery may",
        &[],
        refused(2, "CopySnapshot", "AccessDenied", "Backup.AccessDenied"),
    );
    check(
        "three times",
        &[I10],
        refused(3, "CopySnapshot", "AccessDenied", "Backup.AccessDenied"),
    );
    check(
        "taken for something transient",
        &[I10],
        refused(3, "CopySnapshot", "AccessDenied", "Backup.ServiceUnavailable"),
    );
    check(
        "a quota",
        &[I10],
        refused(
            3,
            "CreateSnapshot",
            "SnapshotQuotaExceededFault",
            "Backup.CacheBusy",
        ),
    );
    check(
        "throttling may be repeated",
        &[],
        refused(16, "CopySnapshot", "Throttling", "Backup.Throttled"),
    );
    check(
        "so may a wait for a snapshot",
        &[],
        refused(
            16,
            "DescribeSnapshots",
            "SnapshotNotFoundFault",
            "Backup.SnapshotBusy",
        ),
    );
    check(
        "a permanent error with no call behind it",
        &[I10],
        refused(3, "DescribeSnapshots", "ok", "Backup.ExportFailed"),
    );
    check("a new attempt counts anew", &[], |story| {
        refused(2, "CopySnapshot", "AccessDenied", "Backup.AccessDenied")(story);
        story.redrive();
        let by = story.invoke("copy-to-s3", Some("CopyToS3"), json!({}));
        story.called(&by, "CopySnapshot", "orders-202603010200", "AccessDenied");
        story.raised(&by, "Backup.AccessDenied", "no");
        story.fail("Backup.AccessDenied", "CopyToS3");
        story.alert(1, "Backup.AccessDenied", "CopyToS3");
    });
}
