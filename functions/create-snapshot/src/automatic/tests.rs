use super::*;
use crate::tests::{manifest, manifest_key};
use crate::world::{GROUP, NOW, World, at, snapshot};
use proptest::prelude::*;
use serde_json::{Value, json};

const LAST: &str = "automatic.orders-002-2026-11-20-02-00";

/// Reads snapshots given as `<name> <day>T<hh:mm:ss> <status>, …` of November 2026.
fn snapshots(text: &str) -> Vec<Snapshot> {
    let read = |text: &str| {
        let words: Vec<&str> = text.split(' ').collect();
        Snapshot {
            create_time: Some(at(&format!("2026-11-{}Z", words[1]))),
            status: SnapshotStatus::parse(words[2]),
            ..snapshot(words[0])
        }
    };
    text.split(", ")
        .filter(|text| !text.is_empty())
        .map(read)
        .collect()
}

/// A world with one automatic snapshot, an hour old at the instant of 03:04.
fn world() -> World {
    World::with_snapshots(snapshots(&format!("{LAST} 20T02:00:30 available")))
}

fn run(world: &World) -> Result<Value, Error> {
    world.handle(json!({"cache": {"kind": GROUP, "id": "orders"}, "source": "latestAutomatic"}))
}

#[test]
fn the_newest_at_or_before_the_instant_is_picked() {
    let cases = [
        ("a 20T02:00:00 available", "a", "the only one"),
        ("a 19T02:00:00 available, b 20T02:00:00 available", "b", "newest"),
        ("a 20T03:04:00 available, b 20T03:04:01 available", "a", "bound"),
        ("a 20T01:00:00 available, b 20T02:00:00 creating", "a", "no end"),
        ("a 20T01:00:00 available, b 20T02:00:00 exporting", "b", "a twin"),
        ("a 20T01:00:00 available, b 20T02:00:00 failed", "a", "no source"),
        ("a 20T01:00:00 available, b 20T02:00:00 deleting", "a", "leaving"),
        ("a 19T01:04:00 available", "a", "26 hours to the second"),
    ];
    for (given, want, why) in cases {
        let output = run(&World::with_snapshots(snapshots(given))).unwrap();
        assert_eq!(output["status"], "automatic", "{why}");
        assert_eq!(output["run"]["snapshotName"], want, "{why}");
        let requested = json!({"requestedAt": NOW, "sourceNode": "orders-002"});
        assert_eq!(output["snapshot"], requested, "{why}");
    }
}

#[test]
fn a_busy_cache_is_no_hindrance_and_nothing_is_made() {
    let mut world = world();
    world.cache.as_mut().unwrap().status = "modifying".into();
    assert_eq!(run(&world).unwrap()["run"]["snapshotName"], LAST);
    assert!(!world.calls.borrow().contains(&"CreateSnapshot"));
}

#[test]
fn nothing_young_enough_is_an_error_that_names_the_newest() {
    let none = "has no automatic snapshot";
    let as_is: fn(&mut Snapshot) = |_| ();
    let cases = [
        ("", as_is, none, "automatic backups are off"),
        ("a 19T01:03:59 available", as_is, "is `a` of", "a second over"),
        ("a 20T03:05:00 available", as_is, none, "after the instant"),
        (
            "a 20T02:00:00 available",
            |s| s.create_time = None,
            none,
            "untimed",
        ),
        (
            "a 20T02:00:00 available",
            |s| s.cache_cluster_id = Some("orders-2-001".into()),
            none,
            "of a sibling",
        ),
    ];
    for (given, change, part, why) in cases {
        let mut given = snapshots(given);
        given.iter_mut().for_each(change);
        let error = run(&World::with_snapshots(given)).unwrap_err();
        assert_eq!(error.name, ErrorName::NoRecentAutomaticSnapshot, "{why}");
        assert!(error.message.contains(part), "{why}: {}", error.message);
    }
}

#[test]
fn a_snapshot_that_is_backed_up_is_not_exported_again() {
    let (ours, arn) = ("main/on-demand", format!("arn:{LAST}"));
    let (recorded, automatic) = ("recorded", "automatic");
    let cases = [
        (ours, "0230", arn.as_str(), recorded, "an earlier run"),
        (ours, "0430", &arn, recorded, "a later run that was faster"),
        ("main/nightly", "0230", &arn, automatic, "another plan's"),
        (ours, "0230", "arn:other", automatic, "another snapshot"),
    ];
    for (owner, minute, arn, want, why) in cases {
        let instant = format!("20261120t{minute}z");
        let world = world().holding(manifest_key(&instant), manifest(owner, &instant, arn));
        let output = run(&world).unwrap();
        assert_eq!(output["status"], want, "{why}");
        assert_eq!(output["run"]["snapshotName"], LAST, "{why}");
    }
    let unnamed = world();
    unnamed.snapshots.borrow_mut()[0].arn = None;
    assert_eq!(
        run(&unnamed).unwrap()["status"],
        automatic,
        "left to check-status"
    );
}

#[test]
fn manifests_older_than_the_snapshot_are_not_read() {
    let older = world().holding(manifest_key("20261120t0159z"), "not read");
    assert_eq!(run(&older).unwrap()["status"], "automatic");
    let same_minute = world().holding(manifest_key("20261120t0200z"), "read");
    assert_eq!(run(&same_minute).unwrap_err().name, ErrorName::Unexpected);
}

proptest! {
    #[test]
    fn the_pick_is_the_newest_bound_by_the_instant_whatever_the_order(
        minutes in prop::collection::vec(-200_i64..200, 1..8),
        turn in 0_usize..8,
    ) {
        let cache = serde_json::from_value(json!({"kind": GROUP, "id": "orders"})).unwrap();
        let instant = Instant::of(at(NOW)).unwrap();
        let taken = |minute: i64| instant.timestamp() + SignedDuration::from_mins(minute);
        let mut all = snapshots(&vec!["a 20T00:00:00 available"; minutes.len()].join(", "));
        for (snapshot, minute) in all.iter_mut().zip(&minutes) {
            snapshot.create_time = Some(taken(*minute));
        }
        let picked = newest(all.clone(), &cache, instant);
        let want = minutes.iter().copied().filter(|minute| *minute <= 0).max();
        prop_assert_eq!(picked.as_ref().map(|picked| picked.taken_at), want.map(taken));
        let turn = turn % all.len();
        all.rotate_left(turn);
        prop_assert_eq!(newest(all, &cache, instant), picked);
    }
}
