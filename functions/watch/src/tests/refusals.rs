//! Input that is refused before any call.

use super::world::{World, cache, orders};
use crate::{Settings, handle};
use backup_core::ErrorName;
use futures_executor::block_on;
use serde_json::{Value, json};

const NOW: &str = "2026-11-15T04:00:00Z";

/// Two caches, the second with one field replaced.
fn with(path: &str, value: Value) -> Value {
    let mut watched = json!([cache("orders", false), cache("sessions", false)]);
    watched[1][path] = value;
    watched
}

#[test]
fn bad_input_is_told_by_its_field_before_any_call() {
    let allowed = "allowed is 1 to 40 lower-case letters, digits and hyphens, not starting with a hyphen";
    for (watched, want, why) in [
        (with("maxAgeSeconds", json!(0)), "`watched[1].maxAgeSeconds` is `0`, allowed is 1 or more".to_owned(), "always"),
        (with("maxAgeSeconds", json!(-1)), "`watched[1].maxAgeSeconds` is not valid".to_owned(), "before it was taken"),
        (with("plan", json!("a/b")), format!("`watched[1].plan` is `a/b`, {allowed}"), "another's folder"),
        (with("plan", json!("")), format!("`watched[1].plan` is ``, {allowed}"), "an empty dimension"),
        (with("cache", json!({"kind": "cluster", "id": "a"})), "`watched[1].cache.kind` is not valid".to_owned(), "no kind"),
        (with("pause", json!(true)), "`watched[1].pause` is not valid".to_owned(), "a slip that would alarm"),
        (
            with("cache", json!({"kind": "replication-group", "id": "Orders"})),
            "`watched[1]` is `replication-group/orders of plan nightly`, allowed is each cache of a plan once".to_owned(),
            "twice",
        ),
    ] {
        let world = World::new();
        let error = world.watch(NOW, &watched).unwrap_err();
        assert_eq!(error.name, ErrorName::InvalidInput, "{why}");
        assert!(error.message.starts_with(&want), "{why}: {error}");
        assert_eq!(world.log.borrow().len(), 0, "{why}");
    }
    let error = World::new().watch("yesterday", &json!([])).unwrap_err();
    assert!(error.message.starts_with("`now` is not valid"), "{error}");
}

#[test]
fn a_deployment_that_can_own_nothing_is_refused() {
    let world = World::new();
    let settings = Settings {
        deployment: "Prod".to_owned(),
    };
    let input = backup_core::input::read(json!({"now": NOW, "watched": orders(false)})).unwrap();
    let error = block_on(handle(&world, &settings, &world, input)).unwrap_err();
    assert_eq!(error.name, ErrorName::InvalidInput);
    assert!(error.message.starts_with("`deployment` is `Prod`"), "{error}");
}

#[test]
fn nothing_to_watch_is_fine_and_asks_nothing() {
    let world = World::new();
    assert_eq!(world.watch(NOW, &json!([])), Ok(Vec::new()));
    assert_eq!(world.log.borrow().len(), 0);
}

#[test]
fn one_cache_of_two_plans_is_two_things() {
    let world = World::new();
    world.backup("main/nightly", "orders", "20261115t0300z");
    let mut watched = json!([cache("orders", false), cache("orders", false)]);
    watched[1]["plan"] = json!("weekly");
    let found = world.watch(NOW, &watched).unwrap();
    let ages: Vec<_> = found.iter().map(|found| found.manifest_key.is_some()).collect();
    assert_eq!(ages, [true, false], "the other plan's backup is not its own");
}
