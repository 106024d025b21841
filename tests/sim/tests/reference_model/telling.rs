//! Who is told what, and no secrets: I6, I12.

use crate::story::{SECRET, Story, check};
use jiff::SignedDuration;
use serde_json::json;
use sim::model::Invariant::{I5, I6, I12};
use sim::trace::{By, What};

const ERROR: &str = "Backup.BucketNotGranted";
const STATE: &str = "CopyToS3";

/// A run fails; then the test goes on.
fn failed(then: impl FnOnce(&mut Story)) -> impl FnOnce(&mut Story) {
    move |story| {
        story.start();
        story.fail(ERROR, STATE);
        then(story);
    }
}

/// A run fails and is told in these words.
fn told(subject: &'static str, email: &'static str) -> impl FnOnce(&mut Story) {
    failed(move |story| {
        let by = story.event(0);
        story.publish(&by, subject, email);
    })
}

#[test]
fn a_failure_is_told_in_time() {
    check("it is", &[], failed(|story| story.alert(0, ERROR, STATE)));
    check("nobody is told", &[I6], failed(|_| {}));
    check(
        "after eleven minutes",
        &[I6],
        failed(|story| {
            story.pass(SignedDuration::from_mins(11));
            story.alert(0, ERROR, STATE);
        }),
    );
    check(
        "the event lies in the alarmed queue",
        &[],
        failed(|story| {
            let about = story.arn();
            story.tell(&By::StateMachine, What::Undelivered { about });
        }),
    );
    check(
        "each attempt",
        &[],
        failed(|story| {
            story.alert(0, ERROR, STATE);
            story.redrive();
            story.fail(ERROR, STATE);
            story.alert(1, ERROR, STATE);
        }),
    );
    check(
        "only the first attempt",
        &[I6],
        failed(|story| {
            story.alert(0, ERROR, STATE);
            story.redrive();
            story.fail(ERROR, STATE);
        }),
    );
    check("an abort", &[], |story| {
        story.start();
        story.end("ABORTED", None, None);
        let by = story.event(0);
        story.publish(
            &by,
            "[snapkeep] ABORTED orders",
            "The backup of replication-group/orders was aborted.",
        );
    });
}

#[test]
fn an_alert_says_what_where_and_of_which_cache() {
    const SUBJECT: &str = "[snapkeep] FAILED orders: Backup.BucketNotGranted in CopyToS3";
    const EMAIL: &str = "The backup of replication-group/orders failed in\nCopyToS3: Backup.BucketNotGranted";
    check("all of it", &[], told(SUBJECT, EMAIL));
    check(
        "no cache",
        &[I6],
        told(SUBJECT, "A backup failed in CopyToS3: Backup.BucketNotGranted"),
    );
    check(
        "no state",
        &[I6],
        told(
            SUBJECT,
            "The backup of replication-group/orders failed: Backup.BucketNotGranted",
        ),
    );
    check(
        "no error",
        &[I6],
        told(
            SUBJECT,
            "The backup of replication-group/orders failed in CopyToS3.",
        ),
    );
    check("another status", &[I6], told("[snapkeep] OK orders", EMAIL));
    check(
        "a subject that SNS refuses",
        &[I6],
        told(
            "[snapkeep] FAILED orders: Backup.BucketNotGranted in CopyToS3, which is the state of the run that exports",
            EMAIL,
        ),
    );
    check(
        "safe, of a backup that is not there",
        &[I5, I6],
        told(
            SUBJECT,
            "The backup is recorded and safe. The backup of replication-group/orders failed in CopyToS3: Backup.BucketNotGranted",
        ),
    );
    check(
        "the state could not be read",
        &[],
        failed(|story| {
            let by = story.event(0);
            let arn = story.arn();
            story.called(&by, "GetExecutionHistory", &arn, "AccessDeniedException");
            story.publish(
                &by,
                "[snapkeep] FAILED orders: Backup.BucketNotGranted",
                "The backup of replication-group/orders failed: Backup.BucketNotGranted",
            );
        }),
    );
}

#[test]
fn an_alert_says_what_where_and_of_which_cache_in_other_ways() {
    let in_prune = |says_safe: bool| {
        move |story: &mut Story| {
            story.backup();
            story.fail("Backup.PruneRefused", "Prune");
            let by = story.event(0);
            let (subject, email) = story.words(
                "Backup.PruneRefused",
                if says_safe { "Prune" } else { "Elsewhere" },
            );
            story.publish(&by, &subject, &email.replace("Elsewhere", "Prune"));
        }
    };
    check("a failing prune begins with what is safe", &[], in_prune(true));
    check("a failing prune that frightens", &[I6], in_prune(false));
}

#[test]
fn nobody_is_told_twice_or_without_a_reason() {
    check(
        "a second message after the marker",
        &[I6],
        failed(|story| {
            story.alert(0, ERROR, STATE);
            story.alert(0, ERROR, STATE);
        }),
    );
    let unmarked = |times: u32| {
        failed(move |story| {
            for _ in 0..times {
                let by = story.event(0);
                let (subject, email) = story.words(ERROR, STATE);
                story.publish(&by, &subject, &email);
            }
        })
    };
    for times in 1..=3 {
        check("what told before died before its marker", &[], unmarked(times));
    }
    check("Lambda delivers it three times at most", &[I6], unmarked(4));
    check(
        "the marker could not be seen",
        &[],
        failed(|story| {
            story.alert(0, ERROR, STATE);
            let by = story.event(0);
            let (marker, (subject, email)) = (story.folder() + "alert-0.json", story.words(ERROR, STATE));
            story.called(&by, "GetObject", &marker, "SlowDown");
            story.publish(&by, &subject, &email);
        }),
    );
    check(
        "twice by one invocation",
        &[I6],
        failed(|story| {
            let by = story.event(0);
            let (subject, email) = story.words(ERROR, STATE);
            story.publish(&by, &subject, &email);
            story.publish(&by, &subject, &email);
        }),
    );
    check("of a success", &[I6], |story| {
        story.night();
        story.name = "night-0".to_owned();
        story.input["scheduledTime"] = json!("2026-03-01T02:00:00Z");
        story.alert(0, ERROR, STATE);
    });
    check("about no execution", &[I6], |story| {
        let by = story.event_of("notify", json!({}));
        story.publish(&by, "[snapkeep] FAILED", "Something failed.");
    });
    check("by another function", &[I6], |story| {
        story.backup();
        let by = story.invoke("prune", Some("Prune"), json!({}));
        story.publish(&by, "pruned", "");
        story.succeed();
    });
    check("a success", &[], |story| {
        story.backup();
        let by = story.invoke("notify", Some("NotifySuccess"), json!({}));
        story.publish(
            &by,
            "[snapkeep] OK orders",
            "The backup is verified and recorded.",
        );
        story.succeed();
    });
}

/// A night, and after so many hours a look of `watch`, which says this.
fn watched(nights: u32, hours: i64, ratio: Option<f64>) -> impl FnOnce(&mut Story) {
    move |story| {
        let entry = json!({"cache": story.input["cache"], "plan": "nightly", "maxAgeSeconds": 108_000, "paused": false});
        let look = |story: &mut Story, ratio: Option<f64>| {
            let by = story.event_of("watch", json!({"now": story.now.to_string(), "watched": [entry]}));
            let values = ratio.map(|ratio| ("BackupAgeRatio".to_owned(), ratio));
            story.tell(&by, What::Measured(values.into_iter().collect()));
            story.returned(
                &by,
                json!([{"cache": entry["cache"], "plan": "nightly", "ratio": ratio}]),
            );
        };
        look(story, Some(0.0));
        let begin = story.now;
        (0..nights).for_each(|_| story.night());
        story.now = begin + SignedDuration::from_hours(hours);
        look(story, ratio);
    }
}

#[test]
fn silence_is_an_alarm() {
    check("a young backup", &[], watched(1, 29, Some(0.97)));
    check("an old one, and it says so", &[], watched(1, 31, Some(1.03)));
    check(
        "an old one that is called young",
        &[I6],
        watched(1, 31, Some(0.5)),
    );
    check(
        "an old one of which nothing is said, which alarms",
        &[],
        watched(1, 31, None),
    );
    check("none yet", &[], watched(0, 29, Some(0.97)));
    check("never one, and all is well", &[I6], watched(0, 31, Some(0.0)));
}

#[test]
fn no_secret_is_told_and_errors_have_names_of_the_table() {
    check(
        "a secret in an alert",
        &[I12],
        failed(|story| {
            let by = story.event(0);
            let (subject, email) = story.words(ERROR, STATE);
            story.publish(&by, &subject, &format!("{email} {SECRET}"));
        }),
    );
    check("a webhook in an error", &[I12], |story| {
        story.start();
        let by = story.invoke("copy-to-s3", Some(STATE), json!({}));
        story.raised(&by, ERROR, "https://hooks.slack.com/services/T0/B0/x");
        story.fail(ERROR, STATE);
        story.alert(0, ERROR, STATE);
    });
    check("a signed address in a verdict", &[I12], |story| {
        story.backup();
        let by = story.invoke("notify", Some("NotifySuccess"), json!({}));
        let key = story.folder() + "alert-0.json";
        story.put(&by, &key, Some(b"{\"url\": \"https://x/?X-Amz-Signature=0\"}"));
        story.succeed();
    });
    let named = |name: &'static str| {
        move |story: &mut Story| {
            story.start();
            let by = story.invoke("copy-to-s3", Some(STATE), json!({}));
            story.raised(&by, name, "no");
            story.fail(name, STATE);
            story.alert(0, name, STATE);
        }
    };
    check("a name of the table", &[], named(ERROR));
    check("Lambda's own word for a crash", &[], named("Runtime.ExitError"));
    check("a name that nobody explains", &[I12], named("Backup.Oops"));
    check(
        "a Rust path",
        &[I12],
        named("&lambda_runtime::deserializer::DeserializeError"),
    );
    check("Step Functions' own", &[], |story| {
        story.start();
        story.fail("States.DataLimitExceeded", STATE);
        story.alert(0, "States.DataLimitExceeded", STATE);
    });
    check(
        "a name that a function may not raise",
        &[I12],
        named("States.Timeout"),
    );
}
