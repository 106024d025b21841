//! What people see, as it is printed. `UPDATE_EXPECT=1 cargo test -p local --test view_golden` rewrites the files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]
#![allow(clippy::print_stdout, reason = "a test says its seed, and why it was skipped")]

mod support {
    pub(crate) mod history;
}

use backup_core::Instant;
use expect_test::{ExpectFile, expect_file};
use jiff::{SignedDuration, Timestamp};
use local::engine::Fingerprint;
use local::source::{Census, Counts};
use local::view::checks::{self, Check};
use local::view::restores::{self, Restore};
use local::view::{catalogue, fingerprints, mail, runs, slack, timeline, watched};
use sim::asl::Status;
use support::history::{failed, redriven, running, succeeded};

/// The card that `notify` sends for a run that a redrive mends, and one for a recovery.
const FAILURE: &str = include_str!("../../../functions/notify/tests/golden/failure-redrive.json");
const FAILURE_MAIL: &str = include_str!("../../../functions/notify/tests/golden/failure-redrive.txt");
const RECOVERY: &str = include_str!("../../../functions/notify/tests/golden/recovery.json");

fn check(text: &str, expected: &ExpectFile) {
    expected.assert_eq(text);
    assert!(!text.contains('\u{1b}'), "text carries no colours");
}

/// No line is wider, save those that must stay whole to be pasted.
fn fits(text: &str, width: usize) {
    for line in text
        .lines()
        .filter(|line| !line.contains("arn:") && !line.contains("://"))
    {
        assert!(
            line.chars().count() <= width,
            "{} columns: {line}",
            line.chars().count()
        );
    }
}

fn row(cache: &str, instant: &str, bytes: u64, keys: u64) -> catalogue::Row {
    catalogue::Row {
        cache: cache.to_owned(),
        instant: Instant::parse(instant).unwrap(),
        shards: 1,
        bytes,
        keys,
        millis: 12,
        transitions: Some(31),
        suspicions: Vec::new(),
    }
}

#[test]
fn the_catalogue() {
    let rows = [
        catalogue::Row {
            shards: 3,
            ..row("sessions", "20261120t0300z", 1_234_567, 15_000)
        },
        catalogue::Row {
            transitions: None,
            millis: 9_876,
            ..row("orders", "20261121t0300z", 3_456_789_012, 1_234_567)
        },
        row("orders", "20261120t0300z", 3_456_789, 31_234),
        catalogue::Row {
            millis: 0,
            suspicions: vec!["keys shrank by 97 percent, from 31,234 to 900".to_owned()],
            ..row("catalog", "20261121t0300z", 12_345, 900)
        },
    ];
    let wide = catalogue::table(&rows, 120);
    check(&wide, &expect_file!["golden/catalogue.txt"]);
    let narrow = catalogue::table(&rows, 80);
    check(&narrow, &expect_file!["golden/catalogue-80.txt"]);
    fits(&wide, 120);
    fits(&narrow, 80);
    check(
        &catalogue::table(&rows, 40),
        &expect_file!["golden/catalogue-40.txt"],
    );
    assert_eq!(catalogue::table(&[], 80), "There is no backup yet.\n");
}

#[test]
fn what_watch_found() {
    let found = |id: &str, instant: Option<&str>, age_seconds: u64, state: watch::State| watch::Found {
        cache: serde_json::from_value(serde_json::json!({"kind": "cache-cluster", "id": id})).unwrap(),
        plan: "nightly".to_owned(),
        manifest_key: instant.map(|instant| {
            backup_core::ObjectKey::new(format!("backups/cache-cluster/{id}/{instant}/manifest.json"))
        }),
        age_seconds,
        ratio: 0.0,
        state,
    };
    let allowed = SignedDuration::from_hours(30);
    let rows = [
        found("orders", Some("20261120t0300z"), 8520, watch::State::Fresh),
        found("sessions", Some("20261118t0300z"), 181_320, watch::State::Overdue),
        found("ledger", None, 0, watch::State::Waiting),
        found("catalog", None, 0, watch::State::Paused),
    ]
    .map(|found| watched::Row::of(&found, allowed));
    let wide = watched::table(&rows, 100);
    check(&wide, &expect_file!["golden/watched.txt"]);
    for width in [40, 60, 80] {
        fits(&watched::table(&rows, width), width.into());
    }
    assert_eq!(
        watched::table(&[], 80),
        "There is no run yet, so nothing is watched.\n"
    );
}

#[test]
fn the_timeline() {
    let now: Timestamp = "2026-11-20T04:00:00Z".parse().unwrap();
    let run = redriven();
    check(
        &timeline::text(&run, now, 100),
        &expect_file!["golden/timeline.txt"],
    );
    let narrow = timeline::text(&run, now, 72);
    fits(&narrow, 72);
    check(
        &timeline::text(&failed(), now, 100),
        &expect_file!["golden/timeline-failed.txt"],
    );
    check(
        &timeline::text(&succeeded(), now, 100),
        &expect_file!["golden/timeline-succeeded.txt"],
    );
    check(
        &timeline::text(&running(), now, 100),
        &expect_file!["golden/timeline-running.txt"],
    );
}

#[test]
fn the_list_of_runs() {
    let now: Timestamp = "2026-11-20T04:00:00Z".parse().unwrap();
    let all = [succeeded(), failed(), running()];
    check(&runs::table(&all, now, 80), &expect_file!["golden/runs.txt"]);
    assert!(
        all.iter().any(|run| run.status == Status::Running),
        "one is still under way"
    );
    assert_eq!(runs::table(&[], now, 100), "There is no run yet.\n");
}

#[test]
fn the_mail() {
    let (subject, body) = FAILURE_MAIL.split_once('\n').unwrap();
    let subject = subject.strip_prefix("Subject: ").unwrap();
    let text = mail::text(subject, body.trim_start());
    check(&text, &expect_file!["golden/mail.txt"]);
    fits(&text, 80);
}

#[test]
fn the_slack_card() {
    let card = slack::text(FAILURE, 80).unwrap();
    check(&card, &expect_file!["golden/slack.txt"]);
    fits(&card, 80);
    let narrow = slack::text(FAILURE, 50).unwrap();
    fits(&narrow, 50);
    check(
        &slack::text(RECOVERY, 100).unwrap(),
        &expect_file!["golden/slack-recovery.txt"],
    );
}

#[test]
fn a_command_in_a_card_stays_whole() {
    let command = "aws stepfunctions redrive-execution --execution-arn arn:aws:states:eu-west-1:123456789012:execution:\
                   snapkeep-prod-backup:orders-0a1b2c3d --region eu-west-1";
    for width in [20, 80, 200] {
        let card = slack::text(FAILURE, width).unwrap();
        assert!(card.contains(command), "it is there to be pasted");
    }
}

#[test]
fn what_is_no_custom_notification_is_refused() {
    for json in [
        "",
        "{}",
        "the text of a mail",
        r#"{"content": {"title": "no description"}}"#,
    ] {
        assert!(slack::text(json, 80).is_err(), "{json}");
    }
}

#[test]
fn restores_that_are_equal_and_one_that_is_not() {
    let census = |keys: u64, digest: &str| Census {
        databases: [
            (0, Counts { keys, expires: 3012 }),
            (
                7,
                Counts {
                    keys: 501,
                    expires: 0,
                },
            ),
        ]
        .into(),
        digest: digest.repeat(10),
        functions: Vec::new(),
    };
    let restore = |cache: &str, restored: Census| Restore {
        cache: cache.to_owned(),
        shard: "0001".to_owned(),
        source: census(31_234, "a0b1"),
        restored,
    };
    let mut smaller = census(31_233, "ffff");
    smaller.databases.remove(&7);
    let both = [
        restore("orders", census(31_234, "a0b1")),
        restore("catalog", smaller),
    ];
    assert_eq!(
        both.iter().map(Restore::is_equal).collect::<Vec<_>>(),
        [true, false]
    );
    check(&restores::table(&both, 80), &expect_file!["golden/restores.txt"]);
}

#[test]
fn checks_and_fingerprints() {
    let all = [
        Check::equal("four runs, four snapshots", &4, &4),
        Check::equal("each alert was told once", &2, &1),
        Check::each(
            "every run has one manifest",
            [("a".to_owned(), 1), ("b".to_owned(), 2)],
            &1,
        ),
        Check::each("every shard is equal", [("0001".to_owned(), true)], &true),
        Check::each("what is checked of nothing fails", [], &1),
    ];
    assert_eq!(
        all.iter().map(Check::holds).collect::<Vec<_>>(),
        [true, false, false, true, false]
    );
    check(&checks::text(&all, 60), &expect_file!["golden/checks.txt"]);
    let file = |name: &str, size| Fingerprint {
        name: name.to_owned(),
        sha256: "0123456789abcdef".repeat(4),
        size,
    };
    let files = [file("backup.asl.json", 17_012), file("copy-to-s3", 2_345_678)];
    check(
        &fingerprints::text(&files, 100),
        &expect_file!["golden/fingerprints.txt"],
    );
    fits(&fingerprints::text(&files, 80), 80);
}
