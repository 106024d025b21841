use super::*;
use crate::tests::{manifest, manifest_key};
use crate::world::{GROUP, NOW, World, at, snapshot};
use backup_core::CacheId;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::RefCell;

const LAST: &str = "automatic.orders-002-2026-11-20-02-00";

fn automatic(name: &str, create_time: &str, status: &str) -> Snapshot {
    Snapshot {
        status: SnapshotStatus::parse(status),
        create_time: Some(at(create_time)),
        ..snapshot(name)
    }
}

fn with(snapshots: Vec<Snapshot>) -> World {
    World {
        snapshots: RefCell::new(snapshots),
        ..World::default()
    }
}

fn run(world: &World) -> Result<Value, Error> {
    world.handle(json!({"cache": {"kind": GROUP, "id": "orders"}, "source": "latestAutomatic"}))
}

#[test]
fn the_newest_at_or_before_the_instant_is_picked() {
    let cases = [
        (
            vec![("a", "2026-11-20T02:00:00Z", "available")],
            "a",
            "the only one",
        ),
        (
            vec![
                ("a", "2026-11-19T02:00:00Z", "available"),
                ("b", "2026-11-20T02:00:00Z", "available"),
            ],
            "b",
            "the newest",
        ),
        (
            vec![
                ("a", "2026-11-20T03:04:00Z", "available"),
                ("b", "2026-11-20T03:04:01Z", "available"),
            ],
            "a",
            "the instant's first second is the bound",
        ),
        (
            vec![
                ("a", "2026-11-20T01:00:00Z", "available"),
                ("b", "2026-11-20T02:00:00Z", "creating"),
            ],
            "a",
            "not complete yet",
        ),
        (
            vec![
                ("a", "2026-11-20T01:00:00Z", "available"),
                ("b", "2026-11-20T02:00:00Z", "exporting"),
            ],
            "b",
            "a duplicate picks what the first one is exporting",
        ),
        (
            vec![
                ("a", "2026-11-20T01:00:00Z", "available"),
                ("b", "2026-11-20T02:00:00Z", "failed"),
                ("c", "2026-11-20T02:30:00Z", "deleting"),
            ],
            "a",
            "failed and leaving ones are no source",
        ),
        (
            vec![("b", "2026-11-19T01:04:00Z", "available")],
            "b",
            "26 hours to the second",
        ),
    ];
    for (snapshots, want, why) in cases {
        let given = snapshots
            .into_iter()
            .map(|(name, time, status)| automatic(name, time, status));
        let output = run(&with(given.collect())).unwrap();
        assert_eq!(output["status"], "automatic", "{why}");
        assert_eq!(output["run"]["snapshotName"], want, "{why}");
        assert_eq!(
            output["snapshot"],
            json!({"requestedAt": NOW, "sourceNode": "orders-002"}),
            "{why}"
        );
    }
}

#[test]
fn a_busy_cache_is_no_hindrance_and_nothing_is_made() {
    let mut world = with(vec![automatic(LAST, "2026-11-20T02:00:00Z", "available")]);
    world.cache.as_mut().unwrap().status = "modifying".into();
    assert_eq!(run(&world).unwrap()["run"]["snapshotName"], LAST);
    assert!(!world.calls().contains(&"CreateSnapshot"));
}

#[test]
fn nothing_young_enough_is_an_error_that_names_the_newest() {
    let sibling = Snapshot {
        cache_cluster_id: Some("orders-2-001".into()),
        ..automatic("s", "2026-11-20T02:00:00Z", "available")
    };
    let creating = Snapshot {
        create_time: None,
        ..automatic("c", NOW, "available")
    };
    let cases = [
        (vec![], "has no automatic snapshot", "automatic backups are off"),
        (
            vec![automatic(LAST, "2026-11-19T01:03:59Z", "available")],
            LAST,
            "a second too old",
        ),
        (
            vec![automatic("later", "2026-11-20T03:05:00Z", "available")],
            "has no automatic",
            "made after the instant",
        ),
        (vec![sibling], "has no automatic", "of a sibling"),
        (vec![creating], "has no automatic", "without a create time"),
    ];
    for (snapshots, part, why) in cases {
        let error = run(&with(snapshots)).unwrap_err();
        assert_eq!(error.name, ErrorName::NoRecentAutomaticSnapshot, "{why}");
        assert!(error.message.contains(part), "{why}: {}", error.message);
    }
}

#[test]
fn a_snapshot_that_is_backed_up_is_not_exported_again() {
    let arn = format!("arn:{LAST}");
    let cases = [
        (
            "main/on-demand",
            "20261120t0230z",
            arn.as_str(),
            "recorded",
            "an earlier run",
        ),
        (
            "main/on-demand",
            "20261120t0430z",
            &arn,
            "recorded",
            "a later run that was faster",
        ),
        (
            "main/nightly",
            "20261120t0230z",
            &arn,
            "automatic",
            "another plan's backup is not ours",
        ),
        (
            "main/on-demand",
            "20261120t0230z",
            "arn:other",
            "automatic",
            "another snapshot",
        ),
    ];
    for (owner, instant, arn, want, why) in cases {
        let mut world = with(vec![automatic(LAST, "2026-11-20T02:00:00Z", "available")]);
        world
            .objects
            .insert(manifest_key(instant), manifest(owner, instant, arn));
        let output = run(&world).unwrap();
        assert_eq!(output["status"], want, "{why}");
        assert_eq!(output["run"]["snapshotName"], LAST, "{why}");
    }
}

#[test]
fn manifests_older_than_the_snapshot_are_not_read() {
    let mut world = with(vec![automatic(LAST, "2026-11-20T02:00:30Z", "available")]);
    world
        .objects
        .insert(manifest_key("20261120t0159z"), b"not read".to_vec());
    assert_eq!(run(&world).unwrap()["status"], "automatic");
    world
        .objects
        .insert(manifest_key("20261120t0200z"), b"read".to_vec());
    assert_eq!(
        run(&world).unwrap_err().name,
        ErrorName::Unexpected,
        "the snapshot's own minute counts"
    );
}

#[test]
fn without_an_arn_the_next_states_decide() {
    let unnamed = Snapshot {
        arn: None,
        ..automatic(LAST, "2026-11-20T02:00:00Z", "available")
    };
    assert_eq!(run(&with(vec![unnamed])).unwrap()["status"], "automatic");
}

proptest! {
    #[test]
    fn the_pick_is_the_newest_bound_by_the_instant_whatever_the_order(
        minutes in prop::collection::vec(-200_i64..200, 0..8),
        turn in 0_usize..8,
    ) {
        let cache = CacheRef { kind: backup_core::CacheKind::ReplicationGroup, id: CacheId::parse("orders").unwrap() };
        let instant = Instant::of(at(NOW)).unwrap();
        let taken = |minute: i64| instant.timestamp() + SignedDuration::from_mins(minute);
        let mut all: Vec<Snapshot> = minutes
            .iter()
            .enumerate()
            .map(|(n, minute)| automatic(&format!("s{n}"), &taken(*minute).to_string(), "available"))
            .collect();
        let picked = newest(all.clone(), &cache, instant);
        let want = minutes.iter().copied().filter(|minute| *minute <= 0).max();
        prop_assert_eq!(picked.as_ref().map(|picked| picked.taken_at), want.map(taken));
        let turn = turn % all.len().max(1);
        all.rotate_left(turn);
        prop_assert_eq!(newest(all, &cache, instant), picked);
    }
}
