//! One whole backup of each kind of cache: the real state machine file and the real binaries, where they are built.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod wire_support;

use local::engine::Engine;
use serde_json::{Value, json};
use sim::asl::{Execution, Status};
use sim::world::World;
use tempfile::TempDir;
use wire_support::binaries::{BUCKET, engine, keys};

fn input(kind: &str, id: &str) -> Value {
    json!({"cache": {"kind": kind, "id": id}, "notify": "always"})
}

async fn succeeds(engine: &Engine, kind: &str, id: &str) -> Execution {
    engine.start(input(kind, id), Some(id)).unwrap();
    let status = engine.wait(id).await.unwrap();
    let execution = engine.execution(id).unwrap();
    assert_eq!(status, Status::Succeeded, "{id}: {}", why(engine, &execution));
    execution
}

/// The error of a failed execution and what each function last printed.
fn why(engine: &Engine, execution: &Execution) -> String {
    let functions = engine.fingerprints().unwrap();
    let logs = functions.iter().flat_map(|function| {
        let lines = engine.functions().last_log_lines(&function.name, 3).unwrap();
        lines.into_iter().map(|line| format!("{}: {line}", function.name))
    });
    format!(
        "{:?} {:?}\n{}",
        execution.error,
        execution.cause,
        logs.collect::<Vec<_>>().join("\n")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_cache_is_backed_up_by_the_real_binaries() {
    let home = TempDir::new().unwrap();
    let Some(engine) = engine(home.path()).await else {
        return;
    };
    for (kind, id, shards) in [
        ("replication-group", "orders", 1),
        ("replication-group", "sessions", 3),
        ("serverless-cache", "catalog", 1),
    ] {
        let execution = succeeds(&engine, kind, id).await;
        let of_cache = |end: &str| {
            keys(&engine, end)
                .into_iter()
                .filter(|key| key.contains(id))
                .count()
        };
        assert_eq!(
            (of_cache("manifest.json"), of_cache(".rdb")),
            (1, shards),
            "{id}: {:?}",
            keys(&engine, "")
        );
        assert!(
            execution.transitions < 250,
            "{id}: {} transitions",
            execution.transitions
        );
    }
    engine.quiet().await;
    let statuses = engine.world().call(|world, _| world.snapshot_statuses()).unwrap();
    assert_eq!(statuses.len(), 3, "one snapshot per run: {statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_grant_fails_by_name_is_told_and_a_redrive_finishes_the_run() {
    let home = TempDir::new().unwrap();
    let Some(engine) = engine(home.path()).await else {
        return;
    };
    let revoke = |world: &mut World, _| world.bucket_mut(BUCKET).map(|bucket| bucket.policy = None);
    engine.world().edit(revoke).unwrap().unwrap();
    engine
        .start(input("replication-group", "orders"), Some("run"))
        .unwrap();
    assert_eq!(engine.wait("run").await.unwrap(), Status::Failed);
    let failed = engine.execution("run").unwrap();
    assert_eq!(
        failed.error.as_deref(),
        Some("Backup.BucketNotGranted"),
        "{}",
        why(&engine, &failed)
    );
    engine.quiet().await;
    let messages = engine.messages().unwrap();
    assert_eq!(messages.len(), 1, "one alert");
    let mail = messages[0].body_for("email");
    assert!(
        mail.contains("BucketNotGranted") && mail.contains("redrive-execution"),
        "{mail}"
    );
    assert!(
        keys(&engine, "manifest.json").is_empty(),
        "no manifest, no backup"
    );

    engine
        .world()
        .edit(|world, _| world.grant_export(BUCKET))
        .unwrap()
        .unwrap();
    engine.redrive("run").unwrap();
    assert_eq!(engine.wait("run").await.unwrap(), Status::Succeeded);
    assert_eq!(keys(&engine, "manifest.json").len(), 1);
    let statuses = engine.world().call(|world, _| world.snapshot_statuses()).unwrap();
    assert_eq!(statuses.len(), 1, "the same snapshot: {statuses:?}");
}
