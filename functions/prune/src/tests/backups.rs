//! Backups: which go, which are nobody else's business, and when nothing goes at all.
#![allow(
    clippy::needless_raw_string_hashes,
    reason = "UPDATE_EXPECT=1 writes golden values with them"
)]

use super::scene::{Scene, TONIGHT, instant, nights_ago};
use super::world::World;
use crate::Status;
use backup_core::ports::CallErrorKind;
use backup_core::{ErrorName, names};
use expect_test::expect;
use serde_json::{Value, json};

fn keep_two() -> Value {
    json!({"keepLast": 2, "keepSnapshots": 20})
}

fn suspicious(manifest: &mut Value) {
    manifest["suspicion"] = json!({"reasons": ["it holds no keys"], "comparedWith": null});
}

#[test]
fn without_retention_nothing_is_even_asked() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(30);
    let output = scene.prune(Value::Null).unwrap();
    assert_eq!(output.status, Status::NoRetention);
    assert!(world.log.borrow().is_empty());
}

#[test]
fn a_retention_that_contradicts_itself_is_refused_before_any_call() {
    let world = World::new();
    let error = Scene::prod(&world).prune(json!({"keepLast": 0})).unwrap_err();
    assert_eq!(error.name, ErrorName::InvalidInput);
    assert!(world.log.borrow().is_empty());
}

#[test]
fn what_no_rule_keeps_goes_manifest_first() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(3);
    let output = scene.prune(keep_two()).unwrap();
    assert_eq!((output.kept, output.deleted, output.objects_deleted), (2, 1, 3));
    assert_eq!(scene.manifests(), [0, 1]);
    let folder = "backups/replication-group/prod/20261118t0304z";
    assert_eq!(
        world.deletions(),
        [
            format!("DeleteObject {folder}/manifest.json"),
            format!("DeleteObject {folder}/prod-0001.rdb"),
            format!("DeleteObject {folder}/verdicts/prod-0001.rdb.json"),
            "DeleteSnapshot prod-202611180304".to_owned(),
        ],
        "the backup leaves the catalogue first, and what says whose it was goes last"
    );
    let plan = expect![[r#"
        delete 20261118t0304z: no rule keeps it
        delete snapshot prod-202611180304: no sound backup of it is kept, and that of 20261120t0304z stands
        keep 20261120t0304z: newest; minimum of 1; last
        keep 20261119t0304z: last
        keep snapshot prod-202611200304: one of the newest 20
        keep snapshot prod-202611190304: one of the newest 20
    "#]];
    plan.assert_eq(&(output.plan.join("\n") + "\n"));
}

#[test]
fn a_dry_run_shows_the_plan_and_deletes_nothing() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(30);
    let before = world.keys();
    let output = scene.prune(json!({"keepLast": 1, "dryRun": true})).unwrap();
    assert_eq!((output.status, output.deleted), (Status::DryRun, 0));
    assert_eq!(
        (output.plan.len(), output.plan_lines),
        (50, 60),
        "29 backups, 29 snapshots and two that stay"
    );
    assert!(output.plan[28].starts_with("delete 2026"), "deletions come first");
    assert!(world.deletions().is_empty());
    assert_eq!(world.keys(), before);
}

#[test]
fn the_fuse_refuses_the_whole_plan() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(5);
    let rules = |most: u32| json!({"keepLast": 1, "maxDeletions": most});
    let error = scene.prune(rules(3)).unwrap_err();
    assert_eq!(error.name, ErrorName::PruneRefused);
    let want = "the plan would delete `4` backups of `replication-group/prod` in one run, \
                `retention.maxDeletions` allows `3`; nothing was deleted; look at the plan with \
                `retention.dryRun`, and if it is right raise `retention.maxDeletions` to `4` for the next run";
    assert_eq!(error.message, want);
    assert!(world.deletions().is_empty());
    assert_eq!(scene.prune(rules(4)).unwrap().deleted, 4, "exactly at the fuse");
}

#[test]
fn pinned_and_accepted_are_read_from_tags() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(1);
    scene.backup(nights_ago(20), suspicious);
    scene.backup(nights_ago(21), suspicious);
    scene.backup(nights_ago(22), |_| ());
    scene.backup(nights_ago(23), |_| ());
    let key = |days| names::manifest_key(&scene.cache, nights_ago(days)).to_string();
    world.tag(&key(20), names::TAG_ACCEPT);
    world.tag(&key(23), names::TAG_PIN);
    scene.prune(keep_two()).unwrap();
    assert_eq!(
        scene.manifests(),
        [0, 20, 23],
        "the accepted one fills a rule, the pinned one stays beside"
    );
    let tags = |log: &[String]| log.iter().filter(|c| c.starts_with("GetObjectTagging")).count();
    assert_eq!(
        tags(&world.log.borrow()),
        5,
        "two suspicious, three to be deleted"
    );
}

#[test]
fn suspicious_nights_license_no_deletion() {
    let world = World::new();
    let scene = Scene::prod(&world);
    for days in 0..5 {
        scene.backup(nights_ago(days), suspicious);
    }
    for days in 5..8 {
        scene.backup(nights_ago(days), |_| ());
    }
    scene.prune(keep_two()).unwrap();
    assert_eq!(
        scene.manifests(),
        [0, 1, 2, 3, 4, 5, 6],
        "the two newest sound ones are the sixth and seventh"
    );
}

#[test]
fn other_owners_and_siblings_stay_as_they_are() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(3);
    let weekly = Scene::of(&world, "replication-group", "prod", "main/weekly");
    weekly.backup(nights_ago(40), |_| ());
    let test = Scene::of(&world, "replication-group", "prod", "test/nightly");
    test.backup(nights_ago(50), |_| ());
    let sibling = Scene::of(&world, "replication-group", "prod-2", "main/nightly");
    sibling.nights(10);
    let same_name = Scene::of(&world, "cache-cluster", "prod", "main/nightly");
    same_name.nights(10);
    let output = scene.prune(keep_two()).unwrap();
    assert_eq!((output.deleted, output.others), (1, 2));
    assert_eq!(scene.manifests(), [0, 1, 40, 50]);
    assert_eq!((sibling.manifests().len(), same_name.manifests().len()), (10, 10));
    let own = |call: &String| call.contains("/replication-group/prod/20261118t0304z/");
    let deletions = world.deletions();
    let mut objects = deletions.iter().filter(|c| c.starts_with("DeleteObject"));
    assert!(objects.all(own), "{deletions:?}");
}

#[test]
fn a_copied_manifest_is_nobodys() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(2);
    scene.backup(nights_ago(30), |manifest| {
        manifest["run"]["instant"] = json!(nights_ago(1));
    });
    scene.backup(nights_ago(31), |manifest| {
        manifest["cache"]["id"] = json!("prod-2");
    });
    let output = scene.prune(json!({"keepLast": 1, "keepSnapshots": 20})).unwrap();
    assert_eq!((output.deleted, output.others), (1, 2));
    assert_eq!(scene.manifests(), [0, 30, 31]);
}

#[test]
fn what_a_person_laid_into_a_folder_stays() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(3);
    let note = format!("{}notes.txt", names::run_prefix(&scene.cache, nights_ago(2)));
    scene.put(&note, nights_ago(2), "keep me");
    scene.prune(keep_two()).unwrap();
    let left: Vec<_> = world
        .keys()
        .into_iter()
        .filter(|key| key.contains("20261118t"))
        .collect();
    assert_eq!(left, [note]);
}

type Lay = fn(&Scene<'_>);

#[test]
fn a_listing_that_lacks_the_runs_own_manifest_is_not_trusted() {
    let cases: [(Lay, &str); 3] = [
        (|_| (), "an empty listing"),
        (|scene| scene.backup(nights_ago(1), |_| ()), "an old listing"),
        (|scene| scene.failed(instant(TONIGHT)), "no manifest, objects"),
    ];
    for (lay, why) in cases {
        let world = World::new();
        let scene = Scene::prod(&world);
        lay(&scene);
        let part = "lacks this run's own manifest";
        scene.refused(json!({"keepLast": 1}), ErrorName::PruneRefused, part, why);
    }
}

#[test]
fn a_manifest_of_another_owner_in_the_runs_place_is_refused() {
    let world = World::new();
    Scene::of(&world, "replication-group", "prod", "main/weekly").nights(3);
    let part = "is not that of a backup of owner `main/nightly`";
    Scene::prod(&world).refused(keep_two(), ErrorName::PruneRefused, part, "the weekly plan's");
}

#[test]
fn what_cannot_be_read_refuses_by_name() {
    for (body, part) in [
        ("{", "is not JSON"),
        (r#"{"formatVersion": 2}"#, "format version `2`"),
        (r#"{"formatVersion": 1}"#, "is not valid"),
    ] {
        let world = World::new();
        let scene = Scene::prod(&world);
        scene.nights(9);
        let key = names::manifest_key(&scene.cache, nights_ago(4));
        scene.put(key.as_str(), nights_ago(4), body);
        for part in [key.as_str(), part] {
            scene.refused(keep_two(), ErrorName::PruneRefused, part, body);
        }
    }
}

#[test]
fn calls_that_fail_before_the_first_deletion_keep_their_names() {
    for operation in ["ListObjectsV2", "GetObject", "GetObjectTagging"] {
        let world = World::new();
        let scene = Scene::prod(&world);
        scene.nights(5);
        world.fail(operation, "", CallErrorKind::AccessDenied);
        scene.refused(keep_two(), ErrorName::AccessDenied, operation, "a look");
    }
}

#[test]
fn an_object_that_cannot_be_deleted_is_told_after_all_else_was_tried() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(4);
    world.fail("DeleteObject", "1117t0304z/manifest", CallErrorKind::AccessDenied);
    let rules = json!({"keepLast": 2, "keepSnapshots": 1});
    let error = scene.prune(rules).unwrap_err();
    assert_eq!(error.name, ErrorName::AccessDenied);
    let part = "20261117t0304z/manifest.json` could not be deleted";
    assert!(error.message.contains(part), "{error}");
    assert_eq!(scene.manifests(), [0, 1, 3]);
    let stays = |key: &String| key.contains("20261117t");
    assert_eq!(
        world.keys().iter().filter(|key| stays(key)).count(),
        3,
        "no manifest without its objects"
    );
    assert_eq!(
        world.snapshot_names(),
        ["prod-202611200304"],
        "the snapshots were still done"
    );
}

#[test]
fn a_serverless_backups_objects_go_from_where_they_lie() {
    let world = World::new();
    let scene = Scene::of(&world, "serverless-cache", "catalog", "main/nightly");
    scene.nights(3);
    scene.put(
        "catalog-202611180304/notes.txt",
        nights_ago(2),
        "not of the grammar",
    );
    scene.backup(nights_ago(3), |manifest| {
        let elsewhere = "backups/replication-group/prod/20261118t0304z/prod-0001.rdb";
        manifest["objects"][0]["key"] = json!(elsewhere);
    });
    scene.prune(keep_two()).unwrap();
    let root: Vec<_> = world
        .keys()
        .into_iter()
        .filter(|key| !key.starts_with("backups/serverless"))
        .collect();
    assert_eq!(
        root,
        [
            "backups/replication-group/prod/20261118t0304z/prod-0001.rdb",
            "catalog-202611180304/notes.txt",
            "catalog-202611190304/catalog-202611190304-0001.rdb",
            "catalog-202611200304/catalog-202611200304-0001.rdb"
        ],
        "a key that no export of that snapshot writes is not followed"
    );
}

#[test]
fn an_object_that_another_backup_refers_to_stays() {
    let world = World::new();
    let scene = Scene::of(&world, "serverless-cache", "catalog", "main/nightly");
    scene.nights(2);
    let shared = "automatic.catalog-2026-11-17/automatic.catalog-2026-11-17-0001.rdb";
    let from_automatic = |manifest: &mut Value| {
        manifest["snapshot"]["name"] = json!("automatic.catalog-2026-11-17");
        manifest["objects"][0]["key"] = json!(shared);
    };
    scene.backup(nights_ago(3), from_automatic);
    let weekly = Scene::of(&world, "serverless-cache", "catalog", "main/weekly");
    weekly.backup(nights_ago(2), from_automatic);
    scene.prune(keep_two()).unwrap();
    assert_eq!(scene.manifests(), [0, 1, 2]);
    assert!(
        world.keys().iter().any(|key| key == shared),
        "the weekly plan's backup needs it"
    );
}
