//! What comes after the faults: what the alert says to do is done, until there is a verified backup.

use super::scene::Scene;
use crate::asl::{Run, Status};
use crate::stage::{BUCKET, Stage};
use crate::world::World;
use crate::world::elasticache::serverless_export_key;
use crate::world::s3::DeleteObjectRequest;
use backup_core::{ErrorName, Mend};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// What was done, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// What was done, in order: `re-drive`, `new run`.
    pub steps: Vec<&'static str>,
    /// Whether the last run succeeded.
    pub succeeded: bool,
    /// How it ended instead.
    pub error: Option<String>,
}

/// As often a person tries before calling it lost.
const PATIENCE: usize = 6;

/// What an alert says to do about an error; one that is none of ours is mended by a re-drive.
pub fn mend_of(error: &str) -> Mend {
    ErrorName::parse(error).map_or(Mend::Redrive, ErrorName::mend)
}

/// Does what mends the run's error until it succeeds: waits an hour and re-drives it, or starts a new one the next night;
/// a new one also where it cannot be re-driven any more, as its alert then says. What its alert says to move away is moved
/// away first.
pub async fn recover(stage: &Stage, run: &Arc<Run>, scene: &Scene, due: Timestamp) -> Recovered {
    let mut run = Arc::clone(run);
    let mut steps = Vec::new();
    let mut at = due;
    while run.status() != Status::Succeeded && steps.len() < PATIENCE {
        let (error, cause) = run.with(|e| (e.error.clone(), e.cause.clone()));
        let (error, cause) = (error.unwrap_or_default(), cause.unwrap_or_default());
        if mend_of(&error) != Mend::NewRun {
            // The day's snapshots come back after a day, all else is mended within an hour.
            let wait = if error.ends_with("QuotaExceeded") { 24 } else { 1 };
            stage.ports.clock.sleep(Duration::from_hours(wait)).await;
            if cause.contains("move its objects away unless a manifest names them") {
                let (snapshot, manifest) = (scene.snapshot_name(at), scene.manifest_key(at));
                stage.person(|world, now| {
                    if !is_there(world, &manifest) {
                        move_export_away(world, &snapshot, now);
                    }
                });
            }
            if stage.redrive(&run).await.is_ok() {
                steps.push("re-drive");
                continue;
            }
        }
        steps.push("new run");
        at = next_night(stage, due).await;
        stage.person(|world, _| scene.make_automatic_snapshot(world, at));
        let name = format!("again-{}", steps.len());
        run = stage.start(&name, scene.input(at)).await;
    }
    Recovered {
        steps,
        succeeded: run.status() == Status::Succeeded,
        error: run.with(|e| e.error.clone()),
    }
}

/// Whether the bucket shows an object of this key.
pub(super) fn is_there(world: &World, key: &str) -> bool {
    let bucket = world.s3.bucket(BUCKET);
    bucket.is_some_and(|bucket| bucket.current(key).is_some())
}

/// Moves away what lies where the service puts the export of a serverless snapshot, whoever wrote it.
pub(super) fn move_export_away(world: &mut World, snapshot: &str, now: Timestamp) {
    let request = DeleteObjectRequest {
        bucket: BUCKET.to_owned(),
        key: serverless_export_key(snapshot),
        version_id: None,
    };
    let deleted = world.delete_object(&request, now);
    assert!(deleted.is_ok(), "{request:?}: {deleted:?}");
}

/// Waits for the next night, counted from the one on which the first run was due, and gives its time.
async fn next_night(stage: &Stage, due: Timestamp) -> Timestamp {
    const NIGHT: SignedDuration = SignedDuration::from_hours(24);
    let now = stage.ports.clock.now();
    let nights = now.duration_since(due).as_secs() / NIGHT.as_secs();
    let at = due + SignedDuration::from_hours(24 * (nights + 1));
    stage
        .ports
        .clock
        .sleep(at.duration_since(now).unsigned_abs())
        .await;
    at
}
