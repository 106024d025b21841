//! The export writes nothing, too little, too early, too late, or may not write at all. Whatever it is, a re-drive exports
//! the same snapshot again.

mod jobs;

use super::SystemCell;
use super::deeds::{
    again, exported, folder, judged, manifest, nothing, play, prepared, read, run_with, snapshot,
    snapshots_made, source_is,
};
use crate::asl::{Run, Status};
use crate::matrix::act::Act;
use crate::matrix::disturber::{Plan, Target};
use crate::matrix::row::Call;
use crate::ports::{Effect, Strike};
use crate::stage::BUCKET;
use crate::world::elasticache::shapes::CopySnapshotRequest;
use crate::world::elasticache::{ExportAnswer, QuotaCounts, TargetCase};
use crate::world::s3::Versioning;
use crate::world::{AwsError, ExportFault, When, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::Arc;

const GROUP: &str = "export fails";

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells: Vec<SystemCell> = jobs::cells();
    cells.extend(WORLDS.iter().map(|world| assumed(*world)));
    cells.extend(REFUSALS.iter().map(refused));
    cells.extend([
        renewed_twice(),
        policy_missing("CopyToS3", "InvalidParameterValue", 1, ""),
        policy_missing("CopyToS3", "InvalidParameterCombination", 1, ""),
        policy_missing("WaitForExport", "InvalidParameterValue", 2, "r1/"),
        bucket_elsewhere(),
        bucket_gone("CopyToS3", 1, ""),
        bucket_gone("WaitForExport", 2, "r1/"),
        serverless_apart(),
        quota_used_up_by_exports(),
        exported_by_another(),
        copied_by_another(),
    ]);
    cells
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn withheld(shard: &str) -> ExportFault {
    ExportFault::Withhold(shard.to_owned())
}

/// Re-drives a run that failed; its snapshot must be there until then.
async fn mended(act: &Act, run: &Arc<Run>, exports: usize, renewed: &str) {
    snapshots_made(act, 1);
    if run.status() != Status::Succeeded {
        again(act, run, exports, renewed).await;
    }
    source_is(act, Some("available"));
}

/// Name, and what is assumed.
type Assumed = (&'static str, fn(&mut World));

/// What nobody could confirm against a real account, assumed otherwise; the id is given in mixed case.
const WORLDS: [Assumed; 3] = [
    ("keys lowered by the export", |world| {
        world.config.assumptions.export_target_case = TargetCase::Lowered;
    }),
    ("the answer describes the target", |world| {
        world.config.assumptions.export_answer = ExportAnswer::Target;
    }),
    ("the source reads available for 2 min more", |world| {
        world.config.timings.exporting_lag = minutes(2);
        world.config.timings.export = minutes(20);
    }),
];

fn assumed((name, assume): Assumed) -> SystemCell {
    SystemCell::new(GROUP, name, move || {
        play("group", nothing, |act| async move {
            act.stage.person(|world, _| assume(world));
            let mut input = act.input();
            input["cache"]["id"] = json!("Orders");
            act.spawn_with("run", input).ended().await
        })
    })
}

/// Name, status, code, text.
type Refusal = (&'static str, u16, &'static str, &'static str);

/// Answers of `CopySnapshot` that stand until somebody mends their cause (`elasticache.md` §1.1).
const REFUSALS: [Refusal; 5] = [
    (
        "key disabled",
        403,
        "AccessDenied",
        "User is not authorized to perform: kms:Decrypt",
    ),
    (
        "caller without s3:PutObject",
        400,
        "InvalidParameterValue",
        "The authenticated user does not have sufficient permissions to perform the desired activity",
    ),
    (
        "caller without s3:ListAllMyBuckets",
        400,
        "InvalidParameterValue",
        "Elasticache was unable to validate the authenticated user has access on the S3 bucket backups",
    ),
    (
        "bucket of another account",
        400,
        "InvalidParameterValue",
        "The S3 bucket backups is not owned by the authenticated user",
    ),
    (
        "a customer's key after all",
        400,
        "InvalidParameterCombination",
        "A customer managed CMK cannot be used for encrypting exported snapshots",
    ),
];

fn refused((name, status, code, text): &'static Refusal) -> SystemCell {
    SystemCell::new(GROUP, *name, move || {
        play("group", nothing, |act| async move {
            let call = Call {
                place: "CopyToS3".to_owned(),
                operation: "CopySnapshot".to_owned(),
            };
            let target = Target {
                call,
                skip: 0,
                about: "",
            };
            let answer = Strike::Answer(AwsError::new(*status, *code, *text), Effect::None);
            act.disturber.arm(target, Plan::Until(answer));
            let run = act.spawn("run").ended().await;
            source_is(&act, Some("available"));
            run
        })
    })
}

/// Each renewal has a folder of its own.
fn renewed_twice() -> SystemCell {
    SystemCell::new(GROUP, "nothing written twice, then one shard of three", || {
        Act::on(prepared("sharded"), |act| async move {
            let arm = |fault: ExportFault, times| {
                act.stage
                    .person(|world, _| world.faults.arm_export(fault, When::next(times)));
            };
            arm(ExportFault::Silent, 2);
            let run = act.spawn("run").ended().await;
            let end = judged(&act, &run);
            for error in ["Backup.ExportFailed", "Backup.ExportIncomplete"] {
                if error == "Backup.ExportIncomplete" {
                    arm(withheld("0001"), 1);
                }
                act.pass(minutes(60)).await;
                let redriven = act.stage.redrive(&run).await;
                let found = run.with(|execution| execution.error.clone());
                let failed = redriven == Ok(Status::Failed) && found.as_deref() == Some(error);
                act.must(
                    failed,
                    "each renewal is judged",
                    format!("{found:?} instead of {error}"),
                );
            }
            again(&act, &run, 4, "r3/").await;
            (run, end)
        })
    })
}

fn revoke(world: &mut World, _: Timestamp) {
    if let Some(bucket) = world.bucket_mut(BUCKET) {
        bucket.policy = None;
    }
}

fn grant(world: &mut World, _: Timestamp) {
    let granted = world.grant_export(BUCKET);
    assert!(granted.is_ok(), "{granted:?}");
}

/// `code` is that of the refusal, which nobody could confirm.
fn policy_missing(
    state: &'static str,
    code: &'static str,
    exports: usize,
    renewed: &'static str,
) -> SystemCell {
    let name = match code {
        "InvalidParameterValue" => format!("bucket policy gone in {state}"),
        _ => format!("bucket policy gone in {state}, told as {code}"),
    };
    SystemCell::new(GROUP, name, move || {
        Act::on(prepared("group"), |act| async move {
            act.stage
                .person(|world, _| code.clone_into(&mut world.config.assumptions.bucket_code));
            let run = run_with(&act, nothing, (state, 1), revoke).await;
            let end = judged(&act, &run);
            act.stage.person(grant);
            mended(&act, &run, exports, renewed).await;
            (run, end)
        })
    })
}

/// `ElastiCache` exports within one Region only, so no snapshot is made for a bucket in another.
fn bucket_elsewhere() -> SystemCell {
    fn stand(world: &mut World, region: &str) {
        if let Some(bucket) = world.bucket_mut(BUCKET) {
            region.clone_into(&mut bucket.region);
        }
    }
    fn here(world: &mut World, _: Timestamp) {
        let region = world.config.region.clone();
        stand(world, &region);
    }
    SystemCell::new(GROUP, "bucket in another Region", || {
        play("group", here, |act| async move {
            act.stage.person(|world, _| stand(world, "us-east-1"));
            let run = act.spawn("run").ended().await;
            snapshots_made(&act, 0);
            run
        })
    })
}

/// The bucket is deleted with all that is in it, and made again after the alert.
fn bucket_gone(state: &'static str, exports: usize, renewed: &'static str) -> SystemCell {
    fn gone(world: &mut World, _: Timestamp) {
        world.remove_bucket(BUCKET);
    }
    fn made_again(world: &mut World, now: Timestamp) {
        let made = world.put_bucket(BUCKET, Versioning::Enabled).map(drop);
        assert!(made.is_ok(), "{made:?}");
        grant(world, now);
    }
    SystemCell::new(GROUP, format!("bucket gone in {state}, made again"), move || {
        Act::on(prepared("group"), |act| async move {
            let run = run_with(&act, nothing, (state, 1), gone).await;
            let end = act.end_of(&run, false);
            act.stage.person(made_again);
            act.pass(minutes(60)).await;
            let redriven = act.stage.redrive(&run).await;
            let done = redriven == Ok(Status::Succeeded);
            act.must(done, "a re-drive mends it", format!("{redriven:?}"));
            let key = format!("{}{renewed}{}-0001.rdb", folder(&act), act.scene.id);
            let there = act
                .stage
                .person(|world, now| read(world, &key, None, now).is_some());
            act.must(there, "the export's key", key);
            snapshots_made(&act, 1);
            exported(&act, exports);
            (run, end)
        })
    })
}

/// Nobody tells how many objects a serverless export will have, and its snapshot may be available while they come.
fn serverless_apart() -> SystemCell {
    SystemCell::new(GROUP, "serverless, two objects 40 s apart", || {
        play("serverless", nothing, |act| async move {
            act.stage.person(|world, _| {
                world.config.assumptions.serverless_shards = 2;
                let apart = ExportFault::ObjectsApart(SignedDuration::from_secs(40));
                world.faults.arm_export(apart, When::next(1));
            });
            let run = act.spawn("run").ended().await;
            let recorded = manifest(&act).map_or(0, |manifest| manifest.objects.len());
            act.must(recorded == 2, "both are recorded", format!("{recorded} are"));
            run
        })
    })
}

/// Where exports count as snapshots do, others can use up the day's between snapshot and export.
fn quota_used_up_by_exports() -> SystemCell {
    SystemCell::new(GROUP, "exports count, and the day's are used up", || {
        Act::on(prepared("group"), |act| async move {
            act.stage.person(|world, _| {
                world.config.assumptions.quota_counts = QuotaCounts::Everything;
            });
            let run = run_with(&act, nothing, ("CopyToS3", 1), use_up).await;
            let end = judged(&act, &run);
            source_is(&act, Some("available"));
            act.pass(SignedDuration::from_hours(23)).await;
            again(&act, &run, 1, "").await;
            (run, end)
        })
    })
}

/// Others copy last night's snapshot until the node's quota is used up.
fn use_up(world: &mut World, now: Timestamp) {
    let statuses = world.snapshot_statuses();
    let last = statuses.iter().find(|(name, _)| name.starts_with("orders-"));
    let source = last.map(|(name, _)| name.clone()).unwrap_or_default();
    let usual = std::mem::replace(&mut world.config.timings.copy, SignedDuration::ZERO);
    let copy = |number: usize| CopySnapshotRequest {
        source_snapshot_name: source.clone(),
        target_snapshot_name: format!("theirs-{number}"),
        ..Default::default()
    };
    while world
        .copy_snapshot(&copy(world.snapshot_statuses().len()), now)
        .is_ok()
    {}
    world.config.timings.copy = usual;
    world.advance(now);
}

/// A run whose snapshot somebody copies to `target`, in `ElastiCache` or into a bucket, just before it exports it.
async fn after_anothers_copy(act: &Act, target: &str, bucket: Option<&str>) -> Arc<Run> {
    let going = act.spawn("run");
    act.until(&going.run, "CopyToS3", 1).await;
    let request = CopySnapshotRequest {
        source_snapshot_name: snapshot(act),
        target_snapshot_name: target.to_owned(),
        target_bucket: bucket.map(str::to_owned),
        ..Default::default()
    };
    let copied = act.stage.person(|world, now| world.copy_snapshot(&request, now));
    assert!(copied.is_ok(), "{copied:?}");
    going.ended().await
}

/// Somebody exports the run's snapshot to a place of their own just before the run does.
fn exported_by_another() -> SystemCell {
    SystemCell::new(GROUP, "snapshot being exported elsewhere by another", || {
        Act::on(prepared("group"), |act| async move {
            let run = after_anothers_copy(&act, "elsewhere/theirs", Some(BUCKET)).await;
            let end = act.end_of(&run, false);
            let theirs = act
                .stage
                .person(|world, now| read(world, "elsewhere/theirs-0001.rdb", None, now).is_some());
            act.must(theirs, "others' exports are left alone", "it is gone");
            // One is theirs.
            exported(&act, 2);
            snapshots_made(&act, 1);
            (run, end)
        })
    })
}

/// Somebody copies it within `ElastiCache`; the export waits its turn.
fn copied_by_another() -> SystemCell {
    SystemCell::new(GROUP, "snapshot being copied by another", || {
        Act::on(prepared("group"), |act| async move {
            let run = after_anothers_copy(&act, "theirs", None).await;
            let theirs = act.stage.ports.world().snapshot_statuses();
            let left = theirs.iter().any(|(name, _)| name == "theirs");
            act.must(left, "others' snapshots are left alone", format!("{theirs:?}"));
            let end = act.end_of(&run, false);
            (run, end)
        })
    })
}
