use crate::world::{World, payload};
use backup_core::ErrorName;
use serde_json::json;

#[test]
fn contradictory_input_is_refused_by_field() {
    let cases = [
        ("snapshot", "", "shard", json!(1), "unknown field `shard`"),
        ("snapshot", "", "what", json!("cache"), "`what` is not valid"),
        ("snapshot", "", "redriveCount", json!(-1), "`redriveCount`"),
        ("snapshot", "", "what", json!("export"), "is missing"),
        ("export", "", "what", json!("snapshot"), "are given"),
        ("export", "/snapshot", "name", json!("other"), "`snapshot.name`"),
        (
            "export",
            "/snapshot",
            "nodeGroups",
            json!([]),
            "`snapshot.nodeGroups`",
        ),
    ];
    for (what, within, field, value, part) in cases {
        let mut payload = payload(what, 0);
        payload.pointer_mut(within).unwrap()[field] = value;
        let error = World::default().handle(payload).unwrap_err();
        assert_eq!(error.name, ErrorName::InvalidInput, "{part}");
        assert!(error.message.contains(part), "{part}: {}", error.message);
    }
}

#[test]
fn waits_grow_and_end_at_the_deadline() {
    let wait = |what: &str, minutes: i64| World::in_status("exporting").handle(payload(what, minutes));
    for what in ["snapshot", "export"] {
        for (minutes, seconds) in [(0, 15), (10, 90), (60, 300)] {
            let pending = json!({"status": "pending", "waitSeconds": seconds});
            assert_eq!(
                wait(what, minutes).unwrap(),
                pending,
                "{what} after {minutes} min"
            );
        }
        assert!(wait(what, 719).is_ok(), "the deadline itself is in time");
        let error = wait(what, 720).unwrap_err();
        assert_eq!(error.name, ErrorName::DeadlineExceeded);
        assert!(
            error.message.contains("last seen `exporting`"),
            "{}",
            error.message
        );
    }
}

#[test]
fn what_is_ready_is_ready_even_past_the_deadline() {
    let world = World::default().holding(&["0001"]);
    for what in ["snapshot", "export"] {
        assert_eq!(
            world.handle(payload(what, 10_000)).unwrap()["status"],
            "ready",
            "{what}"
        );
    }
}
