//! What is measured of a prune, and when nothing is.

use super::scene::Scene;
use super::world::{Fault, World};
use backup_core::ErrorName;
use backup_core::metrics::{Metric, Metrics};
use backup_core::ports::CallErrorKind;
use serde_json::{Value, json};

fn keep_two() -> Value {
    json!({"keepLast": 2, "keepSnapshots": 1})
}

/// What was measured: backups kept and deleted.
fn counts(world: &World) -> Vec<(f64, f64)> {
    let of_line = |line: &Metrics| {
        let value = |metric| line.values()[&metric];
        (value(Metric::KeptBackups), value(Metric::DeletedBackups))
    };
    world.measured.borrow().iter().map(of_line).collect()
}

#[test]
fn what_was_done_is_measured_where_some_of_it_failed() {
    use CallErrorKind::AccessDenied;
    for (operation, part, first, why) in [
        (
            "DeleteObject",
            "20261118t0304z/manifest.json",
            (3.0, 1.0),
            "one is still in the catalogue",
        ),
        (
            "DeleteObject",
            "manifest.json",
            (4.0, 0.0),
            "both are still in the catalogue",
        ),
        (
            "DeleteObject",
            "20261118t0304z/prod-0001.rdb",
            (2.0, 2.0),
            "only data stay",
        ),
        ("DeleteObject", "verdicts/", (2.0, 2.0), "only evidence stays"),
        ("DeleteSnapshot", "prod", (2.0, 2.0), "only snapshots stay"),
        (
            "DescribeReplicationGroups",
            "prod",
            (2.0, 2.0),
            "no snapshot could be looked at",
        ),
    ] {
        let world = World::new();
        let scene = Scene::prod(&world);
        scene.nights(4);
        world.fail(operation, part, AccessDenied);
        assert_eq!(
            scene.prune(keep_two()).unwrap_err().name,
            ErrorName::AccessDenied,
            "{why}"
        );
        world.fault.set(Fault::Never);
        let second = scene.prune(keep_two()).unwrap();
        assert_eq!(second.kept, 2, "{why}");
        let rest = (2.0, 2.0 - first.1);
        assert_eq!(counts(&world), [first, rest], "{why}: each counts once");
    }
}

#[test]
fn only_a_plan_that_was_carried_out_is_measured() {
    for (retention, want, why) in [
        (keep_two(), Some((2.0, 1.0)), "done"),
        (
            json!({"keepLast": 2, "dryRun": true}),
            None,
            "nothing was deleted",
        ),
        (json!({"keepLast": 1, "maxDeletions": 1}), None, "refused"),
        (Value::Null, None, "nothing to prune by"),
    ] {
        let world = World::new();
        let scene = Scene::prod(&world);
        scene.nights(3);
        // One is refused, and says so elsewhere.
        let _ = scene.prune(retention);
        let measured = world.measured.borrow();
        assert_eq!(counts(&world).first().copied(), want, "{why}");
        let dimensions = measured
            .first()
            .map(|line| line.dimensions().values().cloned().collect::<Vec<_>>());
        let whose = ["main", "nightly", "replication-group", "prod"].map(str::to_owned);
        assert_eq!(dimensions, want.map(|_| whose.to_vec()), "{why}");
    }
}
