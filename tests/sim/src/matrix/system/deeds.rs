//! What the cells of caches, snapshots, exports and objects share: scenes that are played once, what happens to a run
//! at one of its states, and what must hold after its end.

use crate::asl::{Run, Status};
use crate::matrix::act::Act;
use crate::matrix::cell::Outcome;
use crate::matrix::end::End;
use crate::matrix::recovery::is_there;
pub(super) use crate::matrix::scene::{prepared, put_caches};
use crate::stage::BUCKET;
use crate::world::s3::{DeleteObjectRequest, GetObjectRequest, PutObjectRequest};
use crate::world::{Operation, World};
use backup_core::ObjectKey;
use backup_core::manifest::Manifest;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// What somebody does to the world.
pub(super) type Deed = fn(&mut World, Timestamp);

/// Backups that every scene's retention keeps.
const KEPT: u8 = 2;

/// A run in which a person does something when it enters a state for the `nth` time; `prepare` comes before.
pub(super) async fn run_with(act: &Act, prepare: Deed, (state, nth): (&str, usize), deed: Deed) -> Arc<Run> {
    act.stage.person(prepare);
    let going = act.spawn("run");
    act.until(&going.run, state, nth).await;
    act.stage.person(deed);
    going.ended().await
}

/// A deed that does nothing.
pub(super) fn nothing(_: &mut World, _: Timestamp) {}

/// The end of a run, once what must hold after such an end was looked at: a run that succeeded has recorded its
/// backup from one snapshot and one export, a run that failed has left everything as it was.
pub(super) fn judged(act: &Act, run: &Run) -> End {
    let end = act.end_of(run, false);
    if run.status() == Status::Succeeded {
        recorded(act, "");
        exported(act, 1);
    } else {
        unrecorded(act);
    }
    end
}

/// Plays a cell: a run on a scene, its end as it is judged, and what a person mends before the alert is obeyed.
pub(super) fn play<F>(scene: &str, mend: Deed, run: impl FnOnce(Act) -> F) -> Outcome
where
    F: Future<Output = Arc<Run>>,
{
    Act::on(prepared(scene), |act| async move {
        let run = run(act.clone()).await;
        let end = judged(&act, &run);
        act.stage.person(mend);
        (run, end)
    })
}

/// What the alert asks for: waits an hour and re-drives the run, which must then succeed with its first snapshot and
/// so many exports in all, the last of which lies under `renewed` (`r1/`, or nothing).
pub(super) async fn again(act: &Act, run: &Run, exports: usize, renewed: &str) {
    act.pass(SignedDuration::from_hours(1)).await;
    let redriven = act.stage.redrive(run).await;
    act.must(
        redriven == Ok(Status::Succeeded),
        "a re-drive mends it",
        format!("{redriven:?}"),
    );
    recorded(act, renewed);
    exported(act, exports);
}

/// The name of the run's snapshot.
pub(super) fn snapshot(act: &Act) -> String {
    act.scene.snapshot_name(act.due)
}

/// The folder of the run's backup, with a slash at its end.
pub(super) fn folder(act: &Act) -> String {
    act.scene.folder(act.due)
}

/// The key of a shard of the run's first export.
pub(super) fn shard_key(act: &Act, shard: &str) -> String {
    if act.scene.kind == "serverless-cache" {
        return crate::world::elasticache::serverless_export_key(&snapshot(act));
    }
    format!("{}{}-{shard}.rdb", folder(act), act.scene.id)
}

/// Keys of all manifests of the scene's cache.
pub(super) fn manifests(act: &Act) -> Vec<String> {
    let prefix = format!("backups/{}/{}/", act.scene.kind, act.scene.id);
    let world = act.stage.ports.world();
    let mut keys: Vec<String> = world
        .s3
        .versions()
        .map(|(_, key, _)| key)
        .filter(|key| key.starts_with(&prefix) && key.ends_with("/manifest.json"))
        .filter(|key| is_there(&world, key))
        .map(str::to_owned)
        .collect();
    keys.dedup();
    keys
}

/// The manifest of the run, if there is one that can be read.
pub(super) fn manifest(act: &Act) -> Option<Manifest> {
    let key = act.scene.manifest_key(act.due);
    let bytes = act.stage.person(|world, now| read(world, &key, None, now))?;
    Manifest::parse(&ObjectKey::new(key), &bytes).ok()
}

/// The bytes of an object or of one of its versions.
pub(super) fn read(world: &mut World, key: &str, version: Option<&str>, now: Timestamp) -> Option<Vec<u8>> {
    let request = GetObjectRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        version_id: version.map(str::to_owned),
        ..Default::default()
    };
    world.get_object(&request, now).ok()?.read().ok()
}

/// A stranger writes an object.
pub(super) fn put(world: &mut World, key: &str, body: &[u8], now: Timestamp) {
    let request = PutObjectRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        body: body.to_vec(),
        ..Default::default()
    };
    let put = world.put_object(&request, now);
    assert!(put.is_ok(), "{key}: {put:?}");
}

/// A person deletes an object, or one of its versions for good.
pub(super) fn delete(world: &mut World, key: &str, version: Option<String>, now: Timestamp) {
    let request = DeleteObjectRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        version_id: version,
    };
    let deleted = world.delete_object(&request, now);
    assert!(deleted.is_ok(), "{key}: {deleted:?}");
}

/// How often an operation took effect for the run's snapshot since the run was due.
fn effective(act: &Act, operations: [Operation; 2]) -> usize {
    let (world, name) = (act.stage.ports.world(), snapshot(act));
    operations
        .into_iter()
        .map(|operation| world.log.effective(operation, &name))
        .sum()
}

/// The run's snapshot was asked for so often.
pub(super) fn snapshots_made(act: &Act, wanted: usize) {
    let made = effective(
        act,
        [
            Operation::CreateSnapshot,
            Operation::CreateServerlessCacheSnapshot,
        ],
    );
    act.must(
        made == wanted,
        "one snapshot a run",
        format!("{made} were made instead of {wanted}"),
    );
}

/// The run's snapshot was exported so often.
pub(super) fn exported(act: &Act, wanted: usize) {
    if act.scene.name == "automatic" {
        return;
    }
    let made = effective(
        act,
        [Operation::CopySnapshot, Operation::ExportServerlessCacheSnapshot],
    );
    let text = format!("{made} exports were made instead of {wanted}");
    act.must(made == wanted, "one export a target", text);
}

/// The run's backup is recorded from its one snapshot, its objects lie under `renewed`, what is pinned can be read,
/// and retention has gone over what was there before.
fn recorded(act: &Act, renewed: &str) {
    let Some(manifest) = manifest(act) else {
        return act.find("success is recorded", "there is no manifest");
    };
    let stem = match act.scene.kind {
        "serverless-cache" => String::new(),
        _ => format!("{}{renewed}{}-", folder(act), act.scene.id),
    };
    for object in &manifest.objects {
        let (key, verdict) = (object.key.as_str(), &object.verdict);
        act.must(key.starts_with(&stem), "the export's key", key);
        let version = verdict.version_id.as_deref();
        let bytes = act.stage.person(|world, now| read(world, key, version, now));
        let size = bytes.map(|bytes| bytes.len() as u64);
        act.must(size == Some(verdict.size), "what is pinned is there", key);
    }
    if act.scene.name != "automatic" {
        snapshots_made(act, 1);
        let name = manifest.snapshot.name.to_string();
        act.must(name == snapshot(act), "the run's own snapshot", name);
    }
    let all = act.scene.nights.min(KEPT) + 1;
    let kept = if manifest.suspicion.is_some() {
        all
    } else {
        all.min(KEPT)
    };
    let found = manifests(act);
    act.must(
        found.len() == usize::from(kept),
        "retention",
        format!("{found:?}"),
    );
}

/// Nothing is recorded, every earlier backup is still there, and so is the snapshot if there ever was one that could
/// be exported.
fn unrecorded(act: &Act) {
    act.must(
        manifest(act).is_none(),
        "failure records nothing",
        "there is a manifest",
    );
    let found = manifests(act);
    let all = found.len() == usize::from(act.scene.nights.min(KEPT));
    act.must(all, "failure prunes nothing", format!("{found:?}"));
}

/// The run's snapshot has this status, or is not there.
pub(super) fn source_is(act: &Act, wanted: Option<&str>) {
    act.stage.ports.settle();
    let name = snapshot(act);
    let statuses = act.stage.ports.world().snapshot_statuses();
    let found = statuses.iter().find(|(found, _)| *found == name);
    let status = found.map(|(_, status)| status.as_str());
    let text = format!("it is {status:?} instead of {wanted:?}");
    act.must(status == wanted, "the source snapshot", text);
}
