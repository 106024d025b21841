//! Every way of a run that asks AWS for something of its own, each played once.

use super::{CACHES, Deployment, LONG, fill, fill_sessions, nightly};
use crate::wire_support::binaries::BUCKET;
use local::lambda::Tampering;
use local::wire::Call;
use serde_json::{Value, json};
use sim::asl::Status;
use sim::stage::EventForm;
use sim::world::s3::ObjectRef;
use sim::world::{ExportFault, Tags, When, World};
use std::collections::BTreeSet;

/// Plays the whole story; gives every distinct call, or nothing where the binaries are not built.
pub(crate) async fn calls() -> Option<BTreeSet<Call>> {
    let deployment = Deployment::open(EventForm::Encrypted).await?;
    automatic_snapshots(&deployment).await;
    new_snapshots(&deployment).await;
    second_night(&deployment).await;
    missing_grant(&deployment).await;
    suspicion(&deployment).await;
    watched(&deployment).await;
    renewed_export(&deployment).await;
    repeated_calls(&deployment).await;
    duplicates(&deployment).await;
    bad_input(&deployment).await;
    let told_in_full = event_with_everything().await?;
    let calls = deployment.engine.calls().unwrap();
    Some(calls.into_iter().chain(told_in_full).collect())
}

fn each(night: u8, name: &str, other: &Value) -> Vec<(String, Value)> {
    let run = |(kind, id): (&str, &str)| (format!("{id}-{name}"), nightly(kind, id, night, other));
    CACHES.into_iter().map(run).collect()
}

/// `ElastiCache`'s own snapshots are exported, and not a second time by a later run.
async fn automatic_snapshots(deployment: &Deployment) {
    let at = "2025-03-01T01:00:00Z".parse().unwrap();
    deployment.edit(|world| {
        for id in ["orders-002", "sessions", "catalog", &format!("{LONG}-002")] {
            world.put_automatic_snapshot(id, at).unwrap();
        }
        world.put_automatic_serverless_snapshot("carts", at).unwrap();
    });
    let source = json!({"source": "latestAutomatic"});
    deployment.succeed(each(1, "automatic", &source)).await;
    let later = json!({"source": "latestAutomatic", "scheduledTime": "2025-03-01T04:00:00Z"});
    deployment.succeed(each(1, "automatic-again", &later)).await;
}

/// Snapshots are made; the backups of the automatic ones are pruned, but for a pinned one, and so is what two runs
/// left that never recorded a backup.
async fn new_snapshots(deployment: &Deployment) {
    let ours = json!({"owner": "prod/nightly"});
    let orders = "backups/replication-group/orders/20250101t0300z";
    let carts = "backups/serverless-cache/carts/20250101t0300z";
    deployment.put_old(&format!("{orders}/orders-0001.rdb"), &json!("half a backup"));
    deployment.put_old(&format!("{orders}/verdicts/orders-0001.rdb.json"), &ours);
    deployment.put_old(&format!("{carts}/alert-0.json"), &ours);
    deployment.put_old(
        "carts-202501010300/carts-202501010300-0001.rdb",
        &json!("half a backup"),
    );
    let pinned = ObjectRef {
        bucket: BUCKET.to_owned(),
        key: "backups/cache-cluster/catalog/20250301t0300z/manifest.json".to_owned(),
        version_id: None,
    };
    let pin = Tags::from([("snapkeep:pin".to_owned(), "audit".to_owned())]);
    let now = deployment.engine.now();
    deployment
        .edit(|world| world.put_object_tagging(&pinned, &pin, now))
        .unwrap();
    deployment.succeed(each(2, "first", &json!({}))).await;
}

/// Backups, their objects and their snapshots are pruned. An object is larger than what is read at a time.
async fn second_night(deployment: &Deployment) {
    deployment.edit(|world| fill(world, "catalog/0001", 10, 1 << 20));
    let others = each(3, "second", &json!({})).into_iter();
    deployment
        .succeed(others.filter(|(name, _)| !name.starts_with("orders")))
        .await;
}

/// The replica has become the primary; the export fails, is told, mended and re-driven, and the recovery is told.
async fn missing_grant(deployment: &Deployment) {
    deployment.edit(|world| {
        world.group_mut("orders").unwrap().fail_over_to("orders-002");
        revoke(world);
    });
    let input = nightly("replication-group", "orders", 3, &json!({"notify": "recovery"}));
    deployment.start("orders-second", &input);
    deployment.ends("orders-second", Status::Failed).await;
    deployment.edit(|world| world.grant_export(BUCKET)).unwrap();
    deployment.redrive("orders-second").await;
}

fn revoke(world: &mut World) {
    world.bucket_mut(BUCKET).unwrap().policy = None;
}

/// A backup that shrank is recorded as suspicious, and told.
async fn suspicion(deployment: &Deployment) {
    deployment.edit(|world| fill_sessions(world, 1));
    let input = nightly("replication-group", "sessions", 4, &json!({}));
    deployment
        .succeed([("sessions-shrunken".to_owned(), input)])
        .await;
}

/// Ages are measured as the schedule has it: every cache for the first time, and one whose newest backup is suspicious,
/// so that its tags are asked for.
async fn watched(deployment: &Deployment) {
    let each = CACHES.map(
        |(kind, id)| json!({"cache": {"kind": kind, "id": id}, "plan": "nightly", "maxAgeSeconds": 90_000}),
    );
    let payload = json!({"now": deployment.engine.now(), "watched": each});
    let found = deployment
        .engine
        .functions()
        .invoke("watch", &payload)
        .await
        .unwrap();
    assert_eq!(found.as_array().unwrap().len(), CACHES.len());
}

/// An export that lacks a shard is told with the last good backup, which is the one before the suspicious one; the
/// re-drive exports under `r1/`, and the next night prunes that.
async fn renewed_export(deployment: &Deployment) {
    deployment.edit(|world| {
        fill_sessions(world, 100);
        let withhold = ExportFault::Withhold("0002".into());
        world.faults.arm_export(withhold, When::next(1));
    });
    let input = |night| nightly("replication-group", "sessions", night, &json!({}));
    deployment.start("sessions-renewed", &input(5));
    deployment.ends("sessions-renewed", Status::Failed).await;
    deployment.redrive("sessions-renewed").await;
    deployment.succeed([("sessions-last".to_owned(), input(6))]).await;
}

/// Functions are called twice: the second call finds the snapshot exporting, and the manifest there.
async fn repeated_calls(deployment: &Deployment) {
    for (kind, id) in [("replication-group", "orders"), ("serverless-cache", "carts")] {
        for state in ["CreateSnapshot", "CopyToS3", "RecordBackup", "Prune"] {
            deployment.engine.tamper().arm(state, 0, Tampering::Duplicate);
        }
        let run = nightly(kind, id, 4, &json!({}));
        deployment.succeed([(format!("{id}-repeated"), run)]).await;
        assert!(deployment.engine.tamper().is_spent(), "{id}");
    }
}

/// A second execution of a run that is recorded finds the manifest there, and that is all.
async fn duplicates(deployment: &Deployment) {
    let again = CACHES.into_iter().map(|(kind, id)| {
        let night = match id {
            "sessions" => 6,
            "orders" | "carts" => 4,
            _ => 3,
        };
        (format!("{id}-duplicate"), nightly(kind, id, night, &json!({})))
    });
    deployment.succeed(again).await;
}

/// A run of which no instant can be told has its marker under its execution's name.
async fn bad_input(deployment: &Deployment) {
    let input = nightly(
        "replication-group",
        "orders",
        9,
        &json!({"scheduledTime": "soon"}),
    );
    deployment.start("orders-bad", &input);
    deployment.ends("orders-bad", Status::Failed).await;
}

/// A failed run that is told by an event that lacks nothing: then the execution is not asked for.
async fn event_with_everything() -> Option<Vec<Call>> {
    let deployment = Deployment::open(EventForm::Full).await?;
    deployment.edit(revoke);
    deployment.start(
        "orders-second",
        &nightly("replication-group", "orders", 3, &json!({})),
    );
    deployment.ends("orders-second", Status::Failed).await;
    let calls = deployment.engine.calls().unwrap();
    let of_states = calls.iter().filter(|call| call.action.starts_with("states:"));
    let actions: Vec<&str> = of_states.map(|call| call.action.as_str()).collect();
    assert_eq!(actions, ["states:GetExecutionHistory"]);
    Some(calls)
}
