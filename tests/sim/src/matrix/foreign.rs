//! What is in a run's way and is not ours, put there before the run or just before the call that meets it.

use super::act::Act;
use super::row::Call;
use super::scene::Scene;
use crate::stage::{BUCKET, Interference, Stage};
use crate::world::World;
use crate::world::elasticache::shapes::{CreateServerlessCacheSnapshotRequest, CreateSnapshotRequest};
use crate::world::s3::{GetObjectRequest, PutObjectRequest};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Puts a stranger's thing where the call would put ours.
///
/// # Panics
///
/// Where the world refuses the stranger: then nothing would be shown.
pub(super) fn put(act: &Act, call: &Call) {
    let (stage, scene, due) = (&act.stage, &act.scene, act.due);
    let (name, folder) = (scene.snapshot_name(due), scene.folder(due));
    let put = match call.operation.as_str() {
        "CreateSnapshot" => stage.person(|world, now| {
            let request = CreateSnapshotRequest {
                snapshot_name: name,
                cache_cluster_id: (scene.id != "sessions").then(|| source_of(scene)),
                replication_group_id: (scene.id == "sessions").then(|| source_of(scene)),
                ..Default::default()
            };
            world.create_snapshot(&request, now).map(drop)
        }),
        "CreateServerlessCacheSnapshot" => stage.person(|world, now| {
            let request = CreateServerlessCacheSnapshotRequest {
                serverless_cache_snapshot_name: name,
                serverless_cache_name: scene.id.to_owned(),
                ..Default::default()
            };
            world.create_serverless_cache_snapshot(&request, now).map(drop)
        }),
        "CopySnapshot" => {
            let key = format!("{folder}{}-0001.rdb", scene.id);
            stage.person(|world, now| object(world, &key, b"a stranger's".to_vec(), now))
        }
        "ExportServerlessCacheSnapshot" => {
            let key = crate::world::elasticache::serverless_export_key(&name);
            stage.person(|world, now| object(world, &key, b"a stranger's".to_vec(), now))
        }
        _ => {
            let last_night = scene.folder(due - SignedDuration::from_hours(24));
            before_recording(
                stage,
                format!("{folder}manifest.json"),
                format!("{last_night}manifest.json"),
            );
            Ok(())
        }
    };
    assert!(put.is_ok(), "{call}: {put:?}");
}

fn source_of(scene: &Scene) -> String {
    // The replica that the run itself would choose.
    if scene.id == "orders" {
        "orders-002".to_owned()
    } else {
        scene.id.to_owned()
    }
}

fn object(
    world: &mut World,
    key: &str,
    body: Vec<u8>,
    now: Timestamp,
) -> Result<(), crate::world::CallError> {
    let request = PutObjectRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        body,
        ..Default::default()
    };
    world.put_object(&request, now).map(drop)
}

/// Another owner's manifest appears after the run began and before it records its own: last night's, for tonight.
fn before_recording(stage: &Stage, key: String, last_night: String) {
    let (stage_of_person, mut done) = (stage.clone(), false);
    stage.functions.meddle(move |call| {
        if call.state == "RecordBackup" && !done {
            done = true;
            let put = stage_of_person.person(|world, now| {
                let request = GetObjectRequest {
                    bucket: BUCKET.to_owned(),
                    key: last_night.clone(),
                    ..Default::default()
                };
                let manifest = world.get_object(&request, now)?;
                let manifest = manifest.read().unwrap_or_default();
                let mut manifest: Value = serde_json::from_slice(&manifest).unwrap_or_default();
                manifest["owner"] = json!("elsewhere/nightly");
                object(world, &key, manifest.to_string().into_bytes(), now)
            });
            assert!(put.is_ok(), "{put:?}");
        }
        Interference::Pass
    });
}
