//! How a cache stands, and what is said of it.

use super::world::{Fault, World, cache, marker_key, orders};
use crate::State;
use backup_core::ErrorName;
use backup_core::metrics::Metric;
use backup_core::run::Tag;
use serde_json::{Value, json};

const SUNDAY: &str = "20261115t0300z";

#[test]
fn a_cache_is_as_old_as_its_newest_backup() {
    for (now, hours, state, why) in [
        ("2026-11-15T03:00:00Z", 0, State::Fresh, "just taken"),
        (
            "2026-11-16T09:00:00Z",
            30,
            State::Fresh,
            "exactly the age allowed",
        ),
        ("2026-11-16T10:00:00Z", 31, State::Overdue, "an hour more"),
        ("2026-11-15T02:00:00Z", 0, State::Fresh, "taken ahead of now"),
    ] {
        let world = World::new();
        world.backup("main/nightly", "orders", "20261114t0300z");
        let newest = world.backup("main/nightly", "orders", SUNDAY);
        let found = &world.watch(now, &orders(false)).unwrap()[0];
        assert_eq!((found.age_seconds, found.state), (hours * 3600, state), "{why}");
        assert_eq!(found.manifest_key.as_ref().unwrap().as_str(), newest);
        assert_eq!(world.last(Metric::BackupAgeRatio), Some(found.ratio), "{why}");
        let age = world.last(Metric::BackupAge).map(|age| age / 108_000.0);
        assert_eq!(age, Some(found.ratio), "{why}");
        assert_eq!(found.ratio > 1.0, state == State::Overdue, "{why}");
    }
}

#[test]
fn only_good_backups_of_this_plan_count() {
    let suspicion = json!({"reasons": ["it holds no keys"], "comparedWith": null});
    let cases: [(&str, Value, bool, u64, &str); 5] = [
        ("/owner", json!("main/nightly"), false, 1, "ours"),
        ("/owner", json!("main/weekly"), false, 25, "another plan's"),
        ("/owner", json!("blue/nightly"), false, 25, "another deployment's"),
        ("/suspicion", suspicion.clone(), false, 25, "suspicious"),
        ("/suspicion", suspicion, true, 1, "suspicious and accepted"),
    ];
    for (path, value, accepted, hours, why) in cases {
        let world = World::new();
        world.backup("main/nightly", "orders", "20261114t0300z");
        let key = world.backup("main/nightly", "orders", SUNDAY);
        let mut manifest = world.json(&key);
        manifest["suspicion"] = Value::Null;
        *manifest.pointer_mut(path).unwrap() = value;
        world.put(&key, &manifest);
        if accepted {
            world
                .tags
                .borrow_mut()
                .insert(key, vec![Tag::new("snapkeep:accept", "jo")]);
        }
        let found = world.watch("2026-11-15T04:00:00Z", &orders(false)).unwrap();
        assert_eq!(found[0].age_seconds, hours * 3600, "{why}");
    }
}

#[test]
fn a_cache_without_a_backup_waits_and_then_is_overdue() {
    let world = World::new();
    for (now, hours, state) in [
        ("2026-11-15T04:00:00Z", 0, State::Waiting),
        ("2026-11-16T10:00:00Z", 30, State::Waiting),
        ("2026-11-16T11:00:00Z", 31, State::Overdue),
    ] {
        let found = world.watch(now, &orders(false)).unwrap().remove(0);
        assert_eq!((found.age_seconds, found.state), (hours * 3600, state), "{now}");
        assert_eq!(found.manifest_key, None);
        assert_eq!(
            world.last(Metric::BackupAge),
            None,
            "a backup that is not there has no age"
        );
        assert!(world.last(Metric::BackupAgeRatio).is_some());
    }
    let first = world.backup("main/nightly", "orders", "20261116t1100z");
    let found = world
        .watch("2026-11-16T12:00:00Z", &orders(false))
        .unwrap()
        .remove(0);
    assert_eq!((found.age_seconds, found.state), (3600, State::Fresh));
    world.objects.borrow_mut().remove(&first);
    let found = world
        .watch("2026-11-16T13:00:00Z", &orders(false))
        .unwrap()
        .remove(0);
    assert_eq!(
        (found.age_seconds, found.state),
        (33 * 3600, State::Overdue),
        "with the only backup gone it counts from the first look again"
    );
}

#[test]
fn an_old_backup_is_old_however_lately_watch_came() {
    let world = World::new();
    world.backup("main/nightly", "orders", "20261101t0300z");
    let found = world
        .watch("2026-11-15T04:00:00Z", &orders(false))
        .unwrap()
        .remove(0);
    assert_eq!(found.state, State::Overdue, "{found:?}");
}

#[test]
fn a_pause_is_silent_and_its_end_counts_afresh() {
    let world = World::new();
    world.backup("main/nightly", "orders", SUNDAY);
    let look = |now: &str, paused| world.watch(now, &orders(paused)).unwrap().remove(0);
    assert_eq!(look("2026-11-15T04:00:00Z", false).state, State::Fresh);
    for now in ["2026-11-15T05:00:00Z", "2026-11-25T05:00:00Z"] {
        let found = look(now, true);
        assert_eq!((found.age_seconds, found.state), (0, State::Paused), "{now}");
        assert_eq!(
            world.last(Metric::BackupAgeRatio),
            Some(0.0),
            "it is said, for silence alarms"
        );
        assert_eq!(world.last(Metric::BackupAge), None, "nobody looked");
    }
    let resumed = look("2026-11-25T06:00:00Z", false);
    assert_eq!((resumed.age_seconds, resumed.state), (0, State::Fresh));
    assert_eq!(
        world.last(Metric::BackupAge),
        Some(243.0 * 3600.0),
        "the backup itself is as old as it is"
    );
    assert_eq!(
        look("2026-11-26T12:00:00Z", false).state,
        State::Fresh,
        "30 hours after the pause"
    );
    assert_eq!(look("2026-11-26T13:00:00Z", false).state, State::Overdue);
    world.backup("main/nightly", "orders", "20261126t1300z");
    assert_eq!(look("2026-11-26T14:00:00Z", false).age_seconds, 3600);
}

#[test]
fn one_that_cannot_be_read_silences_nobody_else() {
    let watched = json!(["a", "b", "c", "d"].map(|id| cache(id, false)));
    for part in [
        "watch/main/nightly/replication-group/b.",
        "backups/replication-group/b/",
    ] {
        let world = World::new();
        *world.fault.borrow_mut() = Fault::On(part);
        let error = world.watch("2026-11-15T04:00:00Z", &watched).unwrap_err();
        assert_eq!(error.name, ErrorName::ServiceUnavailable);
        assert!(error.source.is_some(), "the call stays the source");
        let start = "1 of 4 caches could not be watched and have no metric now: `replication-group/b` of plan \
                     `nightly`: ";
        assert!(error.message.starts_with(start), "{error}");
        assert_eq!(world.told(), ["a", "c", "d"], "{part}");
    }
    let world = World::new();
    world.put(
        "backups/replication-group/b/20261115t0300z/manifest.json",
        &json!({"formatVersion": 9}),
    );
    world.put(&marker_key("d"), &json!("?"));
    let error = world.watch("2026-11-15T04:00:00Z", &watched).unwrap_err();
    assert_eq!(error.name, ErrorName::Unexpected, "the first one's");
    for part in [
        "2 of 4 caches",
        "`replication-group/b` of plan",
        "`replication-group/d` of plan",
    ] {
        assert!(error.message.contains(part), "{part}: {error}");
    }
    assert_eq!(world.told(), ["a", "c"]);
}

#[test]
fn what_could_not_be_watched_says_what_to_do() {
    let watched = json!(["a", "b"].map(|id| cache(id, false)));
    let (wait, mend) = ("wait for the next hour", "mend what is named here");
    let a = "backups/replication-group/a/";
    for (fault, is_broken, want, why) in [
        (Fault::On(a), false, wait, "time mends it"),
        (Fault::Never, true, mend, "no time mends a marker"),
        (Fault::On(a), true, mend, "time mends only one of the two"),
        (Fault::Denied(a), false, "look at the function's role", "a right"),
        (
            Fault::Denied(a),
            true,
            "look at the function's role",
            "a right may be missing for more than one",
        ),
    ] {
        let world = World::new();
        *world.fault.borrow_mut() = fault;
        if is_broken {
            world.put(&marker_key("b"), &json!("?"));
        }
        let error = world.watch("2026-11-15T04:00:00Z", &watched).unwrap_err();
        let (_, last) = error.message.rsplit_once("; ").unwrap();
        assert!(last.starts_with(want), "{why}: {error}");
        assert!(last.contains("the next hour"), "{why}: {error}");
    }
}

#[test]
fn the_answer_is_in_the_order_of_the_input() {
    let world = World::new();
    // More than are looked at at a time.
    let ids: Vec<String> = (0..20).rev().map(|n| format!("cache-{n}")).collect();
    let watched: Vec<Value> = ids.iter().map(|id| cache(id, false)).collect();
    let found = world.watch("2026-11-15T04:00:00Z", &json!(watched)).unwrap();
    let order: Vec<&str> = found.iter().map(|found| found.cache.id.as_str()).collect();
    assert_eq!(order, ids);
    let mut told = world.told();
    told.sort();
    assert_eq!(told.len(), 20, "each has metrics: {told:?}");
}

#[test]
fn what_is_said_is_that_of_the_cache_at_the_time() {
    let world = World::new();
    let found = world.watch("2026-11-15T04:00:00Z", &orders(false)).unwrap();
    let line = world.measured.borrow()[0].clone();
    assert_eq!(line.at().to_string(), "2026-11-15T04:00:00Z");
    let dimensions: Vec<_> = line.dimensions().values().collect();
    assert_eq!(dimensions, ["main", "nightly", "replication-group", "orders"]);
    assert_eq!(
        serde_json::to_value(&found).unwrap(),
        json!([{
            "cache": {"kind": "replication-group", "id": "orders"}, "plan": "nightly", "ageSeconds": 0,
            "ratio": 0.0, "state": "waiting"
        }]),
        "what a person reads who calls it by hand"
    );
}
