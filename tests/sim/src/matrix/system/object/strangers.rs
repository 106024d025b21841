//! Objects that strangers put where exports go, and exports that strangers overwrite or delete.

use super::GROUP;
use crate::asl::Run;
use crate::matrix::act::Act;
use crate::matrix::rdb::sealed_rdb;
use crate::matrix::recovery::move_export_away;
use crate::matrix::system::SystemCell;
use crate::matrix::system::deeds::{
    Deed, again, delete, exported, folder, judged, manifest, nothing, play, prepared, put, read, run_with,
    shard_key, snapshot, source_is,
};
use crate::stage::BUCKET;
use crate::world::s3::{ListObjectVersionsRequest, Versioning};
use crate::world::{FixedContent, World};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells: Vec<SystemCell> = TAKEN.iter().map(taken).collect();
    cells.extend(BESIDE.iter().map(beside));
    cells.extend(SWAPS.iter().map(swapped));
    cells.extend([cleared_in_time(), serverless_taken(), missing_at_the_look()]);
    cells
}

/// Keys of the export's objects that are there tonight, whoever wrote them.
fn tonight(world: &mut World, now: Timestamp) -> Vec<String> {
    let folder = now.strftime("/%Y%m%dt").to_string();
    let name = now.strftime("-%Y%m%d").to_string();
    let is_tonights = |key: &&str| key.contains(&folder) || key.contains(&name);
    let is_shard = |key: &&str| key.strip_suffix(".rdb").is_some();
    let versions = world.s3.versions();
    let keys = versions
        .map(|(_, key, _)| key)
        .filter(is_tonights)
        .filter(is_shard);
    let mut keys: Vec<String> = keys.map(str::to_owned).collect();
    keys.dedup();
    keys
}

/// Name, scene, shard, and the file that lay at its key an hour before the run.
type Taken = (&'static str, &'static str, &'static str, fn() -> Vec<u8>);

const TAKEN: [Taken; 7] = [
    (
        "another cache's sound file at the key before the run",
        "group",
        "0001",
        || sealed_rdb(7),
    ),
    (
        "last night's file at the key before the run",
        "group",
        "0001",
        || sealed_rdb(40),
    ),
    ("garbage at the key before the run", "group", "0001", || {
        b"garbage".to_vec()
    }),
    (
        "an empty object at the key before the run",
        "group",
        "0001",
        Vec::new,
    ),
    (
        "sharded, a sound file at one key before the run",
        "sharded",
        "0002",
        || sealed_rdb(11),
    ),
    (
        "stand-alone, a sound file at the key before the run",
        "stand-alone",
        "0001",
        || sealed_rdb(5),
    ),
    (
        "automatic, a sound file at the key before the snapshot",
        "automatic",
        "0001",
        || sealed_rdb(40),
    ),
];

/// It can be no export of a snapshot that is younger; the renewed one goes elsewhere and leaves it alone.
fn taken((name, scene, shard, file): &'static Taken) -> SystemCell {
    SystemCell::new(GROUP, *name, move || {
        Act::on(prepared(scene), |act| async move {
            let (key, file) = (shard_key(&act, shard), file());
            let hours = if *scene == "automatic" { 3 } else { 1 };
            act.stage
                .person(|world, now| put(world, &key, &file, now - SignedDuration::from_hours(hours)));
            let run = act.spawn("run").ended().await;
            let end = judged_without_export(&act, &run);
            again(&act, &run, 1, "r1/").await;
            let left = act.stage.person(|world, now| read(world, &key, None, now));
            act.must(left == Some(file), "a stranger's object is left alone", key);
            (run, end)
        })
    })
}

fn judged_without_export(act: &Act, run: &Arc<Run>) -> crate::matrix::end::End {
    let end = act.end_of(run, false);
    act.must(
        manifest(act).is_none(),
        "a stranger's file is no backup",
        "it is recorded",
    );
    exported(act, 0);
    if act.scene.name != "automatic" {
        source_is(act, Some("available"));
    }
    end
}

/// The service chooses the key of a serverless export, so what lies there must go before the re-drive.
fn serverless_taken() -> SystemCell {
    let name = "serverless, a sound file at the key before the run";
    SystemCell::new(GROUP, name, || {
        Act::on(prepared("serverless"), |act| async move {
            let key = shard_key(&act, "0001");
            act.stage.person(|world, now| {
                put(world, &key, &sealed_rdb(20), now - SignedDuration::from_hours(1));
            });
            let run = act.spawn("run").ended().await;
            let end = judged_without_export(&act, &run);
            act.stage
                .person(|world, now| move_export_away(world, &snapshot(&act), now));
            again(&act, &run, 1, "").await;
            (run, end)
        })
    })
}

/// What lay there is moved away before the export.
fn cleared_in_time() -> SystemCell {
    SystemCell::new(
        GROUP,
        "a sound file at the key, moved away before the export",
        || {
            play("group", nothing, |act| async move {
                let key = shard_key(&act, "0001");
                act.stage.person(|world, now| {
                    put(world, &key, &sealed_rdb(40), now - SignedDuration::from_hours(1));
                });
                run_with(&act, nothing, ("CopyToS3", 1), |world, now| {
                    for key in tonight(world, now) {
                        delete(world, &key, None, now);
                    }
                })
                .await
            })
        },
    )
}

/// Name, what a stranger calls the file that is put beside the export, and whether the run fails until it is gone.
type Beside = (&'static str, &'static str, bool);

const BESIDE: [Beside; 4] = [
    ("two objects for one shard", "orders-1.rdb", true),
    ("a shard too many", "orders-0002.rdb", true),
    (
        "a file of another name beside the export",
        "orders-0001.rdb.tmp",
        false,
    ),
    ("a sibling's file beside the export", "orders-2-0001.rdb", false),
];

fn beside((name, file, fails): &'static Beside) -> SystemCell {
    SystemCell::new(GROUP, *name, move || {
        Act::on(prepared("group"), |act| async move {
            let key = format!("{}{file}", folder(&act));
            let going = act.spawn("run");
            act.until(&going.run, "WaitForExport", 1).await;
            act.stage
                .person(|world, now| put(world, &key, &sealed_rdb(40), now));
            let run = going.ended().await;
            let end = judged(&act, &run);
            source_is(&act, Some("available"));
            let left = act
                .stage
                .person(|world, now| read(world, &key, None, now).is_some());
            act.must(left, "a stranger's object is left alone", &key);
            if *fails {
                act.stage.person(|world, now| delete(world, &key, None, now));
                again(&act, &run, 1, "").await;
            }
            (run, end)
        })
    })
}

/// Name, state and how often it is entered before, whether versions are kept, and what a stranger does.
type Swap = (&'static str, (&'static str, usize), Versioning, Deed);

const SWAPS: [Swap; 12] = [
    (
        "new version before it is read",
        ("VerifyObject", 1),
        Versioning::Enabled,
        overwrite,
    ),
    (
        "new version while it is read",
        ("VerifyObject", 2),
        Versioning::Enabled,
        overwrite,
    ),
    (
        "new version between verification and record",
        ("RecordBackup", 1),
        Versioning::Enabled,
        overwrite,
    ),
    (
        "new version after the record",
        ("Prune", 1),
        Versioning::Enabled,
        overwrite,
    ),
    (
        "deleted before it is read",
        ("VerifyObject", 1),
        Versioning::Enabled,
        mark_deleted,
    ),
    (
        "deleted between verification and record",
        ("RecordBackup", 1),
        Versioning::Enabled,
        mark_deleted,
    ),
    (
        "deleted after the record",
        ("Prune", 1),
        Versioning::Enabled,
        mark_deleted,
    ),
    (
        "version deleted for good before it is read",
        ("VerifyObject", 1),
        Versioning::Enabled,
        destroy,
    ),
    (
        "version deleted for good while it is read",
        ("VerifyObject", 2),
        Versioning::Enabled,
        destroy,
    ),
    (
        "without versions, overwritten before it is read",
        ("VerifyObject", 1),
        Versioning::Disabled,
        overwrite,
    ),
    (
        "without versions, overwritten while it is read",
        ("VerifyObject", 2),
        Versioning::Disabled,
        overwrite,
    ),
    (
        "without versions, deleted before it is read",
        ("VerifyObject", 1),
        Versioning::Disabled,
        mark_deleted,
    ),
];

/// So many keys take three calls of `verify-object` that have no time.
const LARGE: u16 = 60_000;

fn swapped((name, at, versioning, deed): &'static Swap) -> SystemCell {
    SystemCell::new(GROUP, *name, move || {
        play("group", nothing, |act| async move {
            let keys = if at.1 > 1 { LARGE } else { 40 };
            let content = FixedContent::shared(&sealed_rdb(keys));
            act.stage.person(|world, _| {
                world.contents.attach("orders/0001", content);
                if let Some(bucket) = world.bucket_mut(BUCKET) {
                    bucket.versioning = *versioning;
                }
            });
            act.stage.functions.leave(Duration::ZERO);
            let run = run_with(&act, nothing, *at, *deed).await;
            source_is(&act, Some("available"));
            if let Some(manifest) = manifest(&act) {
                let pinned = manifest.keys() == u64::from(keys);
                act.must(pinned, "what was verified is pinned", format!("{manifest:?}"));
            }
            run
        })
    })
}

fn overwrite(world: &mut World, now: Timestamp) {
    for key in tonight(world, now) {
        put(world, &key, &sealed_rdb(3), now);
    }
}

fn mark_deleted(world: &mut World, now: Timestamp) {
    for key in tonight(world, now) {
        delete(world, &key, None, now);
    }
}

fn destroy(world: &mut World, now: Timestamp) {
    for key in tonight(world, now) {
        let request = ListObjectVersionsRequest {
            bucket: BUCKET.to_owned(),
            prefix: key.clone(),
            ..Default::default()
        };
        let versions = world.list_object_versions(&request, now);
        for version in versions.into_iter().flat_map(|listed| listed.versions) {
            delete(world, &key, Some(version.version_id), now);
        }
    }
}

/// One shard of three is deleted before anybody looked at the export.
fn missing_at_the_look() -> SystemCell {
    SystemCell::new(GROUP, "sharded, one shard deleted before the first look", || {
        Act::on(prepared("sharded"), |act| async move {
            let (key, mut done) = (shard_key(&act, "0002"), false);
            let meddled = act.just_before("ListObjectsV2", move |world, now| {
                if !done && read(world, &key, None, now).is_some() {
                    done = true;
                    delete(world, &key, None, now);
                }
            });
            let run = meddled.spawn("run").ended().await;
            let end = judged(&act, &run);
            source_is(&act, Some("available"));
            again(&act, &run, 2, "r1/").await;
            (run, end)
        })
    })
}
