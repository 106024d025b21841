use crate::world::{STEM, World, group, payload};
use backup_core::{Error, ErrorName};
use expect_test::expect;
use serde_json::{Value, json};

/// The status, or the error's name.
fn told(judged: Result<Value, Error>) -> String {
    judged.map_or_else(
        |error| error.name.to_string(),
        |output| output["status"].as_str().unwrap().to_owned(),
    )
}

#[test]
fn every_object_is_pinned_as_it_was_found() {
    let output = World::default().holding(&["0001"]).export_after(2).unwrap();
    let golden = r#"{"export":{"objects":[{"etag":"\"e\"","shard":"0001","size":1,"versionId":"v1"}],"readyAt":"2026-11-20T03:07:00Z","stem":"backups/replication-group/orders/20261120t0304z/orders-"},"status":"ready"}"#;
    assert_eq!(output, serde_json::from_str::<Value>(golden).unwrap());
}

#[test]
fn status_and_objects_decide_together() {
    let (vanished, failed) = ("Backup.SnapshotVanished", "Backup.ExportFailed");
    let cases = [
        ("exporting", &["0001"][..], 30, "pending", "never finished"),
        ("tomorrow's", &["0001"], 30, "pending", "nobody knows it"),
        ("available", &["0001"], 0, "ready", "finished at once"),
        ("available", &[], 4, "pending", "`exporting` may come late"),
        ("available", &[], 5, failed, "ended without an object"),
        ("gone", &[], 4, "pending", "out of sight for a moment"),
        ("gone", &[], 5, vanished, "deleted before it was exported"),
        ("deleting", &[], 0, vanished, "no object will come"),
        ("failed", &[], 0, vanished, "no object will come"),
        ("gone", &["0001"], 30, "ready", "exported, then deleted by hand"),
        ("deleting", &["0001"], 30, "ready", "exported, being deleted"),
    ];
    for (status, shards, minutes, want, why) in cases {
        let world = World::in_status(status).holding(shards);
        assert_eq!(told(world.export_after(minutes)), want, "{status}: {why}");
    }
}

#[test]
fn an_export_under_way_is_not_listed() {
    let world = World::in_status("exporting").holding(&["0001"]);
    world.export_after(30).unwrap();
    assert_eq!(
        world.listings.get(),
        0,
        "a listing for each of hundreds of looks would be for nothing"
    );
}

/// A look at the export of three shards, of which `shards` are there, half an hour after it was asked for.
fn three(shards: &[&str], change: impl FnOnce(&mut Value)) -> Result<Value, Error> {
    let mut payload = payload("export", 30);
    payload["snapshot"]["nodeGroups"] = json!([group("0001"), group("0002"), group("0003")]);
    change(&mut payload);
    World::default().holding(shards).handle(payload)
}

#[test]
fn a_failed_export_says_what_is_there_and_what_to_do() {
    let error = three(&[], |_| ()).unwrap_err();
    assert_eq!(error.name, ErrorName::ExportFailed);
    expect!["the export of snapshot `orders-202611200304` ended and wrote nothing to `s3://snapkeep-backups/backups/replication-group/orders/20261120t0304z/orders`; check policy, encryption and quota of the bucket and `aws elasticache describe-events`, then re-drive the run, which exports the same snapshot again"].assert_eq(&error.message);
    let error = three(&["0002"], |_| ()).unwrap_err();
    assert_eq!(error.name, ErrorName::ExportIncomplete);
    expect!["the export of snapshot `orders-202611200304` ended and wrote 1 of 3 objects to `s3://snapkeep-backups/backups/replication-group/orders/20261120t0304z/orders`, missing or empty are the shards `0001`, `0003`; re-drive the run, which exports the same snapshot again"].assert_eq(&error.message);
}

#[test]
fn a_failed_export_is_started_again_once_somebody_mended_something() {
    let look = |shards: &[&str], adopted: bool, since: u32, now: u32| {
        told(three(shards, |payload| {
            payload["export"]["adopted"] = json!(adopted);
            payload["export"]["redriveCount"] = json!(since);
            payload["redriveCount"] = json!(now);
        }))
    };
    let (failed, incomplete) = ("Backup.ExportFailed", "Backup.ExportIncomplete");
    assert_eq!(look(&[], false, 0, 0), failed, "the first failure");
    assert_eq!(
        look(&[], false, 0, 1),
        "restart",
        "re-driven after nothing was written"
    );
    assert_eq!(
        look(&["0001"], false, 0, 1),
        "restart",
        "re-driven after a part was written"
    );
    assert_eq!(
        look(&[], false, 1, 1),
        failed,
        "the renewed export failed as well"
    );
    assert_eq!(
        look(&["0001"], false, 1, 1),
        incomplete,
        "and so did a part of it"
    );
    assert_eq!(
        look(&["0001", "0002", "0003"], false, 0, 1),
        "ready",
        "re-driven, yet all is there"
    );
    assert_eq!(
        look(&[], true, 0, 0),
        "restart",
        "the adopted export was another's"
    );
    assert_eq!(
        look(&["0001"], true, 0, 0),
        incomplete,
        "the adopted export was ours"
    );
}

#[test]
fn an_empty_object_stops_the_same_target_from_being_tried_again() {
    let mut world = World::default();
    world.objects.push((format!("{STEM}0001.rdb"), 0));
    let mut payload = payload("export", 30);
    payload["export"]["adopted"] = json!(true);
    assert_eq!(told(world.handle(payload)), "Backup.ExportFailed");
}

/// A look at an export whose snapshot is a second younger than what lies at the keys of these shards.
fn over_older(shards: &[&str], since: u32, now: u32) -> Result<Value, Error> {
    three(shards, |payload| {
        payload["snapshot"]["createTime"] = json!("2026-11-20T03:06:01Z");
        payload["export"]["adopted"] = json!(true);
        payload["export"]["redriveCount"] = json!(since);
        payload["redriveCount"] = json!(now);
    })
}

#[test]
fn an_object_that_is_older_than_the_snapshot_is_no_export_of_it() {
    let all = &["0001", "0002", "0003"][..];
    for (shards, since, now, want, why) in [
        (
            all,
            0,
            0,
            "Backup.ExportFailed",
            "all keys are taken, however sound",
        ),
        (
            &all[1..2],
            0,
            0,
            "Backup.ExportFailed",
            "one key is enough to refuse the export",
        ),
        (all, 0, 1, "restart", "re-driven, exported elsewhere"),
        (all, 1, 1, "Backup.ExportFailed", "those keys are taken as well"),
    ] {
        let judged = over_older(shards, since, now);
        assert_eq!(told(judged), want, "{why}");
    }
    let error = over_older(all, 0, 0).unwrap_err();
    expect!["object `backups/replication-group/orders/20261120t0304z/orders-0001.rdb` was in bucket `snapkeep-backups` before snapshot `orders-202611200304` was made, so it is no export of it, and ElastiCache overwrites none; find out who put it there, then re-drive the run, which exports the same snapshot again"].assert_eq(&error.message);
}

#[test]
fn an_object_that_changes_under_the_look_is_looked_at_again() {
    let world = World {
        size_by_head: Some(2),
        ..World::default().holding(&["0001"])
    };
    assert_eq!(told(world.export_after(30)), "pending");
}

#[test]
fn keys_of_others_below_the_prefix_are_passed_over() {
    let mut world = World::default().holding(&["0001"]);
    for key in ["0001.rdb.tmp", "2-0001.rdb", "notes.txt"] {
        world.objects.push((format!("{STEM}{key}"), 1));
    }
    let output = world.export_after(30).unwrap();
    assert_eq!(output["export"]["objects"].as_array().unwrap().len(), 1);
}

/// A look at a serverless export, `seconds` after its newest object was written.
fn serverless(keys: &[&str], status: &str, seconds: i64) -> String {
    let objects = keys.iter().map(|key| ((*key).to_owned(), 1)).collect();
    told(serverless_export(objects, status, seconds))
}

/// The same of objects of these sizes.
fn serverless_export(objects: Vec<(String, u64)>, status: &str, seconds: i64) -> Result<Value, Error> {
    let mut payload = payload("export", 0);
    payload["run"]["cache"]["kind"] = json!("serverless-cache");
    payload["snapshot"]["nodeGroups"] = json!([]);
    let now = crate::world::at("2026-11-20T03:06:00Z") + jiff::SignedDuration::from_secs(seconds);
    payload["now"] = json!(now);
    let mut world = World::in_status(status);
    world.objects = objects;
    world.handle(payload)
}

#[test]
fn a_serverless_export_that_wrote_nothing_leaves_nothing_to_move_away() {
    let error = serverless_export(Vec::new(), "available", 300).unwrap_err();
    expect!["the export of snapshot `orders-202611200304` ended and wrote nothing to `s3://snapkeep-backups/orders-202611200304`; check policy, encryption and quota of the bucket and `aws elasticache describe-events`, then re-drive the run, which exports the same snapshot again"].assert_eq(&error.message);
    let empty = ("orders-202611200304/orders-202611200304-0001.rdb".to_owned(), 0);
    let error = serverless_export(vec![empty], "available", 300).unwrap_err();
    expect!["the export of snapshot `orders-202611200304` ended and wrote only empty objects to `s3://snapkeep-backups/orders-202611200304`; check policy, encryption and quota of the bucket and `aws elasticache describe-events`, move its objects away unless a manifest names them by now, then re-drive the run, which exports the same snapshot again"].assert_eq(&error.message);
}

#[test]
fn a_serverless_export_must_have_come_to_rest() {
    const FIRST: &str = "orders-202611200304/orders-202611200304-0001.rdb";
    const SECOND: &str = "orders-202611200304/orders-202611200304-0002.rdb";
    const ELSEWHERE: &str = "orders-202611200304-0002.rdb";
    let (incomplete, odd) = ("Backup.ExportIncomplete", "Backup.Unexpected");
    let cases = [
        (&[FIRST][..], "available", 59, "pending", "more may follow"),
        (&[FIRST], "available", 60, "ready", "a minute of rest"),
        (&[FIRST, SECOND], "available", 60, "ready", "several objects"),
        (&[FIRST], "gone", 0, "ready", "nothing can follow"),
        (&[SECOND], "available", 300, incomplete, "no first one"),
        (&[FIRST, ELSEWHERE], "available", 60, odd, "two prefixes"),
        (&[], "available", 300, "Backup.ExportFailed", "nothing at all"),
    ];
    for (keys, status, seconds, want, why) in cases {
        assert_eq!(serverless(keys, status, seconds), want, "{why}");
    }
}
