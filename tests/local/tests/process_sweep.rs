//! The sweep over real processes: every state that calls a function killed once, and every one of them called twice.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod wire_support;

use local::lambda::Tampering;
use serde_json::json;
use sim::asl::Status;
use sim::stage::task_states;
use std::time::Duration;
use tempfile::TempDir;
use wire_support::binaries::{self, keys};

#[tokio::test(flavor = "multi_thread")]
async fn each_state_failed_killed_or_called_twice_ends_in_one_backup() {
    let states = task_states();
    assert!(states.len() >= 8, "{states:?}");
    for state in states {
        let cases = [
            (Tampering::FailAfter("Backup.Unexpected".to_owned()), true),
            (Tampering::Kill(Duration::ZERO), false),
            (Tampering::Duplicate, false),
        ];
        for (tampering, needs_a_person) in cases {
            let what = format!("{state}: {tampering:?}");
            let home = TempDir::new().unwrap();
            let Some(engine) = binaries::engine(home.path()).await else {
                return;
            };
            engine.tamper().arm(&state, 0, tampering);
            let input = json!({"cache": {"kind": "replication-group", "id": "orders"}, "notify": "always"});
            engine.start(input, Some("run")).unwrap();
            let ended = engine.wait("run").await.unwrap();
            assert!(engine.tamper().is_spent(), "{what} never took place");
            if needs_a_person {
                assert_eq!(ended, Status::Failed, "{what}");
                engine.redrive("run").unwrap();
                engine.wait("run").await.unwrap();
            }
            let execution = engine.execution("run").unwrap();
            assert_eq!(
                execution.status,
                Status::Succeeded,
                "{what}: {:?} {:?}",
                execution.error,
                execution.cause
            );
            assert_eq!(keys(&engine, "manifest.json").len(), 1, "{what}");
            let snapshots = engine.world().call(|world, _| world.snapshot_statuses()).unwrap();
            assert_eq!(snapshots.len(), 1, "{what}: {snapshots:?}");
        }
    }
}
