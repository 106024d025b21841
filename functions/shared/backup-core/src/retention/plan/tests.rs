#![allow(
    clippy::needless_raw_string_hashes,
    reason = "UPDATE_EXPECT=1 writes golden values with them"
)]

use super::*;
use crate::Retention;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

/// A backup from `2026-11-20T03:04`, followed by `suspicious`, `accepted` or `pinned` where it is.
fn backup(line: &str) -> Backup {
    let (time, flags) = line.split_once(' ').unwrap_or((line, ""));
    let create_time: Timestamp = format!("{time}:00Z").parse().unwrap();
    Backup {
        instant: Instant::of(create_time).unwrap(),
        create_time,
        standing: if flags.contains("suspicious") {
            Standing::Suspicious
        } else {
            Standing::Unsuspicious
        },
        pinned: flags.contains("pinned"),
    }
}

fn planned(retention: Value, backups: &[&str], now: &str) -> Plan {
    let rules = serde_json::from_value::<Retention>(retention)
        .unwrap()
        .rules()
        .unwrap();
    let backups: Vec<Backup> = backups.iter().map(|line| backup(line)).collect();
    plan(&rules, &backups, now.parse().unwrap())
}

/// Which of `backups` stay, by their index.
fn check(retention: Value, backups: &[&str], want: &[usize], why: &str) {
    let plan = planned(retention, backups, "2030-01-01T00:00:00Z");
    let stays = |line: &str| plan.keep.iter().any(|kept| kept.instant == backup(line).instant);
    let kept: Vec<usize> = (0..backups.len()).filter(|i| stays(backups[*i])).collect();
    assert_eq!(kept, want, "{why}: {plan:#?}");
}

#[test]
fn each_rule_keeps_the_newest_of_each_period() {
    let hours = [
        "2026-11-20T05:50",
        "2026-11-20T05:10",
        "2026-11-20T04:10",
        "2026-11-20T01:10",
    ];
    check(json!({"keepLast": 2}), &hours, &[0, 1], "the newest two");
    check(
        json!({"keepHourly": 2}),
        &hours,
        &[0, 2],
        "the newest of each of two hours",
    );
    let days = [
        "2026-11-20T05:50",
        "2026-11-20T03:04",
        "2026-11-18T03:04",
        "2026-11-17T03:04",
    ];
    check(
        json!({"keepDaily": 2}),
        &days,
        &[0, 2],
        "a day without a backup is no day",
    );
    let weeks = [
        "2026-11-23T03:04",
        "2026-11-22T03:04",
        "2026-11-16T03:04",
        "2026-11-15T03:04",
    ];
    check(
        json!({"keepWeekly": 2}),
        &weeks,
        &[0, 1],
        "a week begins on Monday",
    );
    let months = [
        "2026-11-20T03:04",
        "2026-11-01T03:04",
        "2026-10-31T03:04",
        "2026-01-31T03:04",
    ];
    check(
        json!({"keepMonthly": 2}),
        &months,
        &[0, 2],
        "November and October",
    );
    let years = [
        "2026-11-20T03:04",
        "2026-01-01T03:04",
        "2025-12-31T03:04",
        "2019-12-31T03:04",
    ];
    check(json!({"keepYearly": 2}), &years, &[0, 2], "2026 and 2025");
}

#[test]
fn the_union_of_rules_is_kept() {
    let backups = [
        "2026-11-20T03:04",
        "2026-11-19T03:04",
        "2026-11-18T03:04",
        "2026-10-30T03:04",
        "2026-09-30T03:04",
    ];
    check(
        json!({"keepLast": 2, "keepMonthly": 2}),
        &backups,
        &[0, 1, 3],
        "two last, two months",
    );
    check(
        json!({"keepLast": 1, "minimum": 3}),
        &backups,
        &[0, 1, 2],
        "the floor is no period",
    );
    check(
        json!({"keepLast": 1, "minimum": 9}),
        &backups,
        &[0, 1, 2, 3, 4],
        "fewer than the floor: all stay",
    );
}

#[test]
fn a_rule_that_is_not_filled_keeps_the_oldest() {
    let backups = ["2026-11-20T23:04", "2026-11-20T15:04", "2026-11-20T03:04"];
    check(
        json!({"keepDaily": 2}),
        &backups,
        &[0, 2],
        "restic: as far back as there is anything",
    );
    check(json!({"keepDaily": 1}), &backups, &[0], "a filled rule does not");
}

#[test]
fn within_counts_from_the_newest_backup() {
    let backups = [
        "2026-11-20T03:04",
        "2026-11-14T03:04",
        "2026-11-13T03:05",
        "2026-11-13T03:04",
    ];
    check(
        json!({"keepWithin": "7d"}),
        &backups,
        &[0, 1, 2],
        "exactly seven days is not within, as in restic",
    );
    let leap = [
        "2028-02-29T03:04",
        "2027-03-01T03:04",
        "2027-02-28T03:05",
        "2027-02-28T03:04",
    ];
    check(
        json!({"keepWithin": "1y"}),
        &leap,
        &[0, 1, 2],
        "the leap day less a year is 28 February",
    );
    let with_suspicious = [
        "2026-12-20T03:04 suspicious",
        "2026-11-20T03:04",
        "2026-11-14T03:04",
    ];
    check(
        json!({"keepWithin": "7d"}),
        &with_suspicious,
        &[0, 1, 2],
        "the newest that counts",
    );
}

#[test]
fn periods_are_those_of_the_plans_zone() {
    let evening = ["2026-11-20T22:30", "2026-11-20T23:30"];
    check(
        json!({"keepDaily": 2, "keepSnapshots": 0}),
        &evening,
        &[0, 1],
        "one day in UTC, filled by the oldest",
    );
    check(json!({"keepDaily": 1}), &evening, &[1], "one day in UTC");
    let three = ["2026-11-20T21:30", "2026-11-20T22:30", "2026-11-20T23:30"];
    check(
        json!({"keepDaily": 2, "timeZone": "Europe/Berlin"}),
        &three,
        &[1, 2],
        "23:30 UTC is the next day in Berlin",
    );
}

#[test]
fn summer_time_bends_hours_and_days() {
    let berlin = |mut rule: Value| {
        rule["timeZone"] = json!("Europe/Berlin");
        rule
    };
    // 25 October 2026: 02:30 is shown twice, at 00:30 and 01:30 UTC.
    let autumn = [
        "2026-10-24T22:30",
        "2026-10-24T23:30",
        "2026-10-25T00:30",
        "2026-10-25T01:30",
    ];
    check(
        berlin(json!({"keepHourly": 2})),
        &autumn,
        &[1, 3],
        "the repeated hour is one, as its clock shows it",
    );
    // 25 hours: 22:00 UTC on the 24th to 23:00 on the 25th.
    let long_day = [
        "2026-10-24T21:59",
        "2026-10-24T22:00",
        "2026-10-25T22:59",
        "2026-10-25T23:00",
    ];
    check(
        berlin(json!({"keepDaily": 2})),
        &long_day,
        &[2, 3],
        "a day of 25 hours",
    );
    check(
        berlin(json!({"keepDaily": 3})),
        &long_day,
        &[0, 2, 3],
        "and the one before it",
    );
    // 29 March 2026: 23 hours, from 23:00 UTC on the 28th to 22:00 on the 29th.
    let short_day = [
        "2026-03-28T22:59",
        "2026-03-28T23:00",
        "2026-03-29T21:59",
        "2026-03-29T22:00",
    ];
    check(
        berlin(json!({"keepDaily": 2})),
        &short_day,
        &[2, 3],
        "a day of 23 hours",
    );
}

#[test]
fn weeks_have_years_of_their_own() {
    // 2026 has 53 ISO weeks: 2026-12-28 to 2027-01-03 is one week in two calendar years.
    let backups = [
        "2027-01-04T03:04",
        "2027-01-03T03:04",
        "2026-12-31T03:04",
        "2026-12-27T03:04",
    ];
    check(
        json!({"keepWeekly": 2}),
        &backups,
        &[0, 1],
        "1 January lies in week 53 of 2026",
    );
    check(
        json!({"keepWeekly": 3}),
        &backups,
        &[0, 1, 3],
        "31 December and 3 January are one week",
    );
    // 2024-12-30 and 2025-01-01 are both in 2025-W01; 2024-01-01 is in 2024-W01, no mix-up of years.
    let first = [
        "2025-01-01T03:04",
        "2024-12-30T03:04",
        "2024-01-01T03:04",
        "2023-12-31T03:04",
    ];
    check(
        json!({"keepWeekly": 2}),
        &first,
        &[0, 2],
        "week 1 of 2025 begins in 2024",
    );
}

#[test]
fn suspicious_ones_neither_count_nor_license() {
    let keep_one = json!({"keepLast": 1});
    for (backups, want, why) in [
        (
            &[
                "2026-11-20T03:04 suspicious",
                "2026-11-19T03:04",
                "2026-11-18T03:04",
            ][..],
            &[0, 1][..],
            "the newest sound one is the 19th's",
        ),
        (
            &["2026-11-20T03:04 suspicious", "2026-11-19T03:04 suspicious"],
            &[0, 1],
            "nothing sound: nothing goes",
        ),
        (
            &["2026-11-20T03:04", "2026-11-19T03:04 suspicious"],
            &[0],
            "superseded, and long past its days",
        ),
        (
            &["2026-11-20T03:04", "2026-11-19T03:04 suspicious pinned"],
            &[0, 1],
            "a pin holds it",
        ),
        (
            &["2026-11-20T03:04", "2026-11-19T03:04 pinned", "2026-11-18T03:04"],
            &[0, 1],
            "a pin holds what no rule reaches",
        ),
    ] {
        check(keep_one.clone(), backups, want, why);
    }
}

#[test]
fn a_superseded_suspicious_one_stays_sixteen_days() {
    let backups = ["2026-11-20T03:04", "2026-11-19T03:04 suspicious"];
    for (now, want, why) in [
        ("2026-12-05T03:03:59Z", 0, "a second short of sixteen days"),
        ("2026-12-05T03:04:00Z", 1, "sixteen days"),
    ] {
        let plan = planned(json!({"keepLast": 1}), &backups, now);
        assert_eq!(plan.delete.len(), want, "{why}");
    }
}

#[test]
fn a_sound_one_of_the_same_data_does_not_supersede() {
    let sound = backup("2026-11-20T03:04");
    let mut suspicious = backup("2026-11-19T03:04 suspicious");
    suspicious.create_time = sound.create_time;
    let rules = Retention {
        keep_last: 1,
        ..Retention::default()
    };
    let now = "2030-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(
        plan(&rules.rules().unwrap(), &[sound, suspicious], now).delete,
        []
    );
}

#[test]
fn nothing_makes_an_empty_plan() {
    assert_eq!(
        planned(json!({"keepLast": 1}), &[], "2026-11-20T03:04:00Z"),
        Plan::default()
    );
}

#[test]
fn every_decision_says_why() {
    let backups = [
        "2026-11-20T03:04",
        "2026-11-19T03:04 suspicious",
        "2026-11-18T03:04 pinned",
        "2026-11-17T03:04",
        "2026-11-16T03:04",
        "2026-10-30T03:04 suspicious",
        "2026-10-29T03:04",
    ];
    let rules = json!({"keepLast": 1, "keepWeekly": 2, "keepMonthly": 3, "keepWithin": "2d", "minimum": 2});
    shows(
        &planned(rules, &backups, "2026-11-20T05:00:00Z"),
        &expect![[r#"
        keep 20261120t0304z: newest; minimum of 2; within 2d; last; week 2026-W47; month 2026-11
        keep 20261119t0304z: suspicious, younger than 16 days
        keep 20261118t0304z: minimum of 2; pinned
        keep 20261029t0304z: week 2026-W44; month 2026-10
        delete 20261117t0304z: no rule keeps it
        delete 20261116t0304z: no rule keeps it
        delete 20261030t0304z: suspicious, superseded by a sound backup and older than 16 days
    "#]],
    );
}

fn shows(plan: &Plan, want: &Expect) {
    let lines = |word: &'static str, decisions: &[Decision]| -> String {
        let line = |d: &Decision| format!("{word} {}: {}\n", d.instant, d.reasons.join("; "));
        decisions.iter().map(line).collect()
    };
    want.assert_eq(&(lines("keep", &plan.keep) + &lines("delete", &plan.delete)));
}
