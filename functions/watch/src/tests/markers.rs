//! What is remembered, and when it is written.

use super::world::{Fault, World, marker_key, orders};
use crate::State;
use backup_core::ErrorName;
use serde_json::{Value, json};

fn marker(since: &str, paused: bool, resumed: bool) -> Value {
    json!({"formatVersion": 1, "since": since, "paused": paused, "resumed": resumed})
}

const FOUR: &str = "2026-11-15T04:00:00Z";
const FIVE: &str = "2026-11-15T05:00:00Z";
const SIX: &str = "2026-11-15T06:00:00Z";

#[test]
fn it_is_written_when_it_changes_and_only_then() {
    let world = World::new();
    for (now, paused, want, writes, why) in [
        (FOUR, false, marker(FOUR, false, false), 1, "first seen"),
        (FIVE, false, marker(FOUR, false, false), 1, "nothing is new"),
        (SIX, true, marker(SIX, true, false), 2, "a pause"),
        (
            "2026-11-15T07:00:00Z",
            true,
            marker(SIX, true, false),
            2,
            "still paused",
        ),
        (
            "2026-11-15T08:00:00Z",
            false,
            marker("2026-11-15T08:00:00Z", false, true),
            3,
            "resumed",
        ),
        (
            "2026-11-15T09:00:00Z",
            false,
            marker("2026-11-15T08:00:00Z", false, true),
            3,
            "since then",
        ),
        (
            FIVE,
            false,
            marker(FIVE, false, true),
            4,
            "a late event brings it back",
        ),
    ] {
        world.watch(now, &orders(paused)).unwrap();
        assert_eq!(world.json(&marker_key("orders")), want, "{why}");
        assert_eq!(world.writes().len(), writes, "{why}");
    }
}

#[test]
fn a_look_far_ahead_holds_no_count_still() {
    let world = World::new();
    world.watch("2099-01-01T00:00:00Z", &orders(false)).unwrap();
    world.watch(FOUR, &orders(false)).unwrap();
    let found = world.watch("2026-11-16T11:00:00Z", &orders(false)).unwrap();
    assert_eq!(found[0].state, State::Overdue, "{found:?}");
}

#[test]
fn the_first_of_two_first_looks_stands() {
    for (rival, want, why) in [
        (
            marker(FOUR, false, false),
            marker(FOUR, false, false),
            "the same look, delivered twice",
        ),
        (
            marker(FOUR, true, false),
            marker(FIVE, false, true),
            "a pause that has ended",
        ),
    ] {
        let world = World::new();
        world.rival.set(Some(rival));
        world.watch(FIVE, &orders(false)).unwrap();
        assert_eq!(world.json(&marker_key("orders")), want, "{why}");
    }
}

#[test]
fn a_marker_of_the_first_version_without_the_newer_field_is_read() {
    let world = World::new();
    let old = json!({"formatVersion": 1, "since": FOUR, "paused": false});
    world.put(&marker_key("orders"), &old);
    let found = world.watch(FIVE, &orders(false)).unwrap();
    assert_eq!(found[0].age_seconds, 3600);
    assert_eq!(world.json(&marker_key("orders")), old, "nothing is new");
}

#[test]
fn what_is_no_marker_fails_its_cache_and_is_not_replaced() {
    for (body, part) in [
        (json!("?"), "is not valid"),
        (
            json!({"formatVersion": 1, "paused": false}),
            "is not valid: missing field `since`",
        ),
        (
            json!({"formatVersion": 2, "since": FOUR, "paused": false}),
            "has format version `2`, this version reads `1`",
        ),
    ] {
        for paused in [false, true] {
            let world = World::new();
            world.put(&marker_key("orders"), &body);
            let error = world.watch(FIVE, &orders(paused)).unwrap_err();
            assert_eq!(error.name, ErrorName::Unexpected);
            for part in [part, &marker_key("orders"), "; delete it to have"] {
                assert!(error.message.contains(part), "{part}: {error}");
            }
            assert_eq!(world.told(), Vec::<String>::new(), "no metric, which alarms");
            assert_eq!(world.json(&marker_key("orders")), body);
        }
    }
}

#[test]
fn a_paused_cache_is_not_looked_at() {
    let world = World::new();
    world.put(
        "backups/replication-group/orders/20261115t0300z/manifest.json",
        &json!("broken"),
    );
    *world.fault.borrow_mut() = Fault::On("backups/");
    let found = world.watch(FIVE, &orders(true)).unwrap();
    assert_eq!(found[0].state, State::Paused);
}
