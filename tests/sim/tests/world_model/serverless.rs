//! Serverless snapshots: their own operations and codes, the same life cycle.

use crate::support::{BUCKET, at, code, content, keys, put, read, world, world_with};
use sim::world::elasticache::shapes::{
    CreateServerlessCacheSnapshotRequest, DescribeEventsRequest, DescribeServerlessCacheSnapshotsRequest,
    ExportServerlessCacheSnapshotRequest, ServerlessCacheSnapshot,
};
use sim::world::elasticache::{Assumptions, Serverless, UnknownName, serverless_export_key};
use sim::world::{Config, ExportFault, SnapshotFault, When, World};

fn create(name: &str) -> CreateServerlessCacheSnapshotRequest {
    CreateServerlessCacheSnapshotRequest {
        serverless_cache_snapshot_name: name.to_owned(),
        serverless_cache_name: "catalog".to_owned(),
        ..Default::default()
    }
}

fn export(name: &str) -> ExportServerlessCacheSnapshotRequest {
    ExportServerlessCacheSnapshotRequest {
        serverless_cache_snapshot_name: name.to_owned(),
        s3_bucket_name: BUCKET.to_owned(),
    }
}

fn described(world: &mut World, name: &str, now: i64) -> Option<ServerlessCacheSnapshot> {
    let request = DescribeServerlessCacheSnapshotsRequest {
        serverless_cache_snapshot_name: Some(name.to_owned()),
        ..Default::default()
    };
    world
        .describe_serverless_cache_snapshots(&request, at(now))
        .ok()?
        .serverless_cache_snapshots
        .pop()
}

fn status(world: &mut World, name: &str, now: i64) -> String {
    described(world, name, now).map_or_else(|| "gone".to_owned(), |snapshot| snapshot.status)
}

fn with_snapshot() -> World {
    let mut world = world();
    world
        .create_serverless_cache_snapshot(&create("bk"), at(0))
        .unwrap();
    world.advance(at(180));
    world
}

#[test]
fn the_life_cycle_ends_in_an_object_under_the_services_own_key() {
    let mut world = world();
    let answer = world
        .create_serverless_cache_snapshot(&create("BK"), at(0))
        .unwrap();
    assert_eq!(
        answer.arn,
        "arn:aws:elasticache:eu-west-1:000000000000:serverlesscachesnapshot:bk"
    );
    assert_eq!(
        (answer.status.as_str(), answer.bytes_used_for_cache),
        ("creating", None)
    );
    let done = described(&mut world, "bk", 180).unwrap();
    assert_eq!(
        (done.status.as_str(), done.snapshot_type.as_str()),
        ("available", "manual")
    );
    assert_eq!(
        done.bytes_used_for_cache,
        Some(content("catalog/0001").len().to_string())
    );
    world
        .export_serverless_cache_snapshot(&export("bk"), at(200))
        .unwrap();
    assert_eq!(status(&mut world, "bk", 319), "exporting");
    assert_eq!(status(&mut world, "bk", 320), "available");
    assert_eq!(keys(&mut world, at(320)), ["bk/bk-0001.rdb"]);
    assert_eq!(
        read(&mut world, &serverless_export_key("bk"), at(320)),
        content("catalog/0001")
    );
    world.delete_serverless_cache_snapshot("bk", at(400)).unwrap();
    assert_eq!(
        (status(&mut world, "bk", 429), status(&mut world, "bk", 430)),
        ("deleting".into(), "gone".into())
    );
}

#[test]
fn creations_are_refused_by_name() {
    let mut world = with_snapshot();
    let unknown = CreateServerlessCacheSnapshotRequest {
        serverless_cache_name: "nobody".to_owned(),
        ..create("x")
    };
    assert_eq!(
        code(&world.create_serverless_cache_snapshot(&unknown, at(200))),
        "ServerlessCacheNotFoundFault"
    );
    let taken = world.create_serverless_cache_snapshot(&create("bk"), at(200));
    assert_eq!(code(&taken), "ServerlessCacheSnapshotAlreadyExistsFault");
    assert_eq!(
        code(&world.create_serverless_cache_snapshot(&create("b--k"), at(200))),
        "InvalidParameterValue"
    );
    world
        .create_serverless_cache_snapshot(&create("two"), at(200))
        .unwrap();
    let second = world.create_serverless_cache_snapshot(&create("three"), at(201));
    assert_eq!(code(&second), "InvalidServerlessCacheStateFault", "one at a time");
    "MODIFYING".clone_into(&mut world.serverless_mut("catalog").unwrap().status);
    let busy = world.create_serverless_cache_snapshot(&create("three"), at(400));
    assert_eq!(code(&busy), "InvalidServerlessCacheStateFault");
    "AVAILABLE".clone_into(&mut world.serverless_mut("catalog").unwrap().status);
    assert_eq!(
        code(&world.create_serverless_cache_snapshot(&create("three"), at(400))),
        "ok",
        "case does not matter"
    );
}

#[test]
fn the_25th_in_24_hours_is_refused() {
    let mut world = world();
    for n in 0..24 {
        world
            .create_serverless_cache_snapshot(&create(&format!("bk-{n}")), at(n * 600))
            .unwrap();
    }
    let refused = world.create_serverless_cache_snapshot(&create("more"), at(24 * 600));
    assert_eq!(code(&refused), "ServerlessCacheSnapshotQuotaExceededFault");
    assert_eq!(
        code(&world.create_serverless_cache_snapshot(&create("more"), at(24 * 3600))),
        "ok"
    );
}

#[test]
fn exports_are_refused_by_name() {
    type Prepare = fn(&mut World);
    let cases: &[(&str, Prepare, &str)] = &[
        (
            "no grant",
            |world| world.bucket_mut(BUCKET).unwrap().policy = None,
            "InvalidParameterValue",
        ),
        (
            "no bucket",
            |world| world.remove_bucket(BUCKET),
            "InvalidParameterValue",
        ),
        (
            "the key is taken",
            |world| {
                world.put_object(&put("bk/bk-0001.rdb", b""), at(190)).unwrap();
            },
            "InvalidParameterValue",
        ),
        (
            "already exporting",
            |world| {
                world
                    .export_serverless_cache_snapshot(&export("bk"), at(190))
                    .unwrap();
            },
            "InvalidServerlessCacheSnapshotStateFault",
        ),
        (
            "deleting",
            |world| {
                world.delete_serverless_cache_snapshot("bk", at(190)).unwrap();
            },
            "InvalidServerlessCacheSnapshotStateFault",
        ),
        ("nothing in the way", |_| {}, "ok"),
    ];
    for (reason, prepare, expected) in cases {
        let mut world = with_snapshot();
        prepare(&mut world);
        assert_eq!(
            code(&world.export_serverless_cache_snapshot(&export("bk"), at(200))),
            *expected,
            "{reason}"
        );
    }
    let unknown = with_snapshot()
        .export_serverless_cache_snapshot(&export("nobody"), at(200))
        .map(|_| ());
    assert_eq!(code(&unknown), "ServerlessCacheSnapshotNotFoundFault");
}

#[test]
fn customer_keys_and_memcached_cannot_be_exported() {
    let keyed = Serverless {
        kms_key_id: Some("key".to_owned()),
        ..Serverless::new("catalog", at(0))
    };
    let memcached = Serverless {
        engine: "memcached".to_owned(),
        ..Serverless::new("catalog", at(0))
    };
    for cache in [keyed, memcached] {
        let mut world = world();
        world.put_serverless(cache);
        world
            .create_serverless_cache_snapshot(&create("bk"), at(0))
            .unwrap();
        assert_eq!(
            code(&world.export_serverless_cache_snapshot(&export("bk"), at(200))),
            "InvalidParameterValue"
        );
    }
}

#[test]
fn failures_show_in_the_status_or_in_the_events() {
    let mut world = world();
    world
        .faults
        .arm_snapshot(SnapshotFault::Fails, When::named("bad"));
    world
        .create_serverless_cache_snapshot(&create("bad"), at(0))
        .unwrap();
    assert_eq!(status(&mut world, "bad", 180), "failed");
    world
        .create_serverless_cache_snapshot(&create("bk"), at(200))
        .unwrap();
    world.advance(at(380));
    world
        .export_serverless_cache_snapshot(&export("bk"), at(400))
        .unwrap();
    world.bucket_mut(BUCKET).unwrap().policy = None;
    assert_eq!(status(&mut world, "bk", 520), "available");
    let events = world
        .describe_events(&DescribeEventsRequest::default(), at(520))
        .unwrap()
        .events;
    let newest = events.first().unwrap();
    assert_eq!(newest.source_type, "serverless-cache-snapshot");
    assert!(
        newest.message.starts_with(
            "Export failed for serverless cache snapshot 'bk': ElastiCache has not been granted"
        )
    );
}

#[test]
fn export_faults_work_here_too() {
    let mut world = with_snapshot();
    world.faults.arm_export(ExportFault::Silent, When::named("bk"));
    world
        .export_serverless_cache_snapshot(&export("bk"), at(200))
        .unwrap();
    assert_eq!(status(&mut world, "bk", 320), "available");
    assert!(keys(&mut world, at(320)).is_empty());
}

#[test]
fn an_unknown_name_is_a_fault_or_an_empty_list() {
    let request = DescribeServerlessCacheSnapshotsRequest {
        serverless_cache_snapshot_name: Some("nobody".to_owned()),
        ..Default::default()
    };
    let assumptions = Assumptions {
        unknown_serverless_snapshot: UnknownName::EmptyList,
        ..Assumptions::default()
    };
    let worlds = [
        (world(), "ServerlessCacheSnapshotNotFoundFault"),
        (
            world_with(Config {
                assumptions,
                ..Config::default()
            }),
            "ok",
        ),
    ];
    for (mut world, expected) in worlds {
        assert_eq!(
            code(&world.describe_serverless_cache_snapshots(&request, at(0))),
            expected
        );
    }
}

#[test]
fn automatic_ones_are_told_by_type() {
    let mut world = with_snapshot();
    let name = world.put_automatic_serverless_snapshot("catalog", at(0)).unwrap();
    let names = |world: &mut World, kind: &str| {
        let request = DescribeServerlessCacheSnapshotsRequest {
            serverless_cache_name: Some("catalog".to_owned()),
            snapshot_type: Some(kind.to_owned()),
            ..Default::default()
        };
        let answer = world
            .describe_serverless_cache_snapshots(&request, at(200))
            .unwrap();
        answer
            .serverless_cache_snapshots
            .into_iter()
            .map(|s| s.serverless_cache_snapshot_name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&mut world, "automated"), [name.as_str()]);
    assert_eq!(names(&mut world, "manual"), ["bk"]);
}
