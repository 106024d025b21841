//! Faults of calls, and the log that tells what took effect.

use crate::support::{BUCKET, at, code, export_to, get, keys, of_node, put, status, with_snapshot, world};
use expect_test::expect;
use sim::world::{CallError, Fault, Operation, When, World};

#[test]
fn call_faults_decide_what_the_caller_gets_and_whether_it_happened() {
    let conflict = Fault::answer(409, "ConditionalRequestConflict", "conflict");
    let cases = [
        (Fault::Throttle, "Throttling", false),
        (Fault::ErrorBefore, "InternalFailure", false),
        (Fault::ErrorAfter, "InternalFailure", true),
        (Fault::LostRequest, "NoAnswer", false),
        (Fault::LostAnswer, "NoAnswer", true),
        (Fault::Denied, "AccessDenied", false),
        (Fault::Expired, "ExpiredToken", false),
        (conflict, "ConditionalRequestConflict", false),
        (Fault::Stale, "ok", true),
    ];
    for (fault, expected, happened) in cases {
        let mut world = world();
        world.arm(Operation::CreateSnapshot, fault.clone(), 1);
        assert_eq!(
            code(&world.create_snapshot(&of_node("bk", "orders-003"), at(0))),
            expected,
            "{fault:?}"
        );
        assert_eq!(
            world.log.effective(Operation::CreateSnapshot, "bk"),
            usize::from(happened),
            "{fault:?}"
        );
        assert_eq!(
            status(&mut world, "bk", at(1)) == "creating",
            happened,
            "{fault:?}"
        );
        assert!(
            world.faults.is_empty(),
            "an armed fault strikes as often as it was armed for"
        );
    }
}

#[test]
fn throttling_is_spelled_as_each_service_spells_it() {
    let answers = [
        Operation::DescribeSnapshots,
        Operation::PutObject,
        Operation::Publish,
    ]
    .map(Operation::throttled);
    let spelled: Vec<_> = answers
        .iter()
        .map(|error| (error.status, error.code.as_str()))
        .collect();
    assert_eq!(
        spelled,
        [(400, "Throttling"), (503, "SlowDown"), (400, "Throttling")]
    );
}

#[test]
fn a_retry_after_a_lost_answer_sees_its_own_effect() {
    let mut world = world();
    world.arm(Operation::CreateSnapshot, Fault::LostAnswer, 1);
    assert_eq!(
        world
            .create_snapshot(&of_node("bk", "orders-003"), at(0))
            .unwrap_err(),
        CallError::NoAnswer
    );
    assert_eq!(
        code(&world.create_snapshot(&of_node("bk", "orders-003"), at(1))),
        "SnapshotAlreadyExistsFault"
    );
    world.arm(Operation::CopySnapshot, Fault::LostAnswer, 1);
    assert_eq!(
        code(&world.copy_snapshot(&export_to("bk", "x"), at(200))),
        "NoAnswer"
    );
    assert_eq!(
        code(&world.copy_snapshot(&export_to("bk", "x"), at(201))),
        "InvalidSnapshotState"
    );
    let done = world.copy_snapshot(&export_to("bk", "x"), at(320)).unwrap_err();
    assert!(matches!(done, CallError::Aws(error) if error.message.contains("already contains an object")));
}

#[test]
fn faults_wait_for_their_argument_and_their_turn() {
    let mut world = world();
    let third = When {
        matching: Some("manifest".to_owned()),
        skip: 2,
        count: 1,
    };
    world.faults.arm(Operation::PutObject, Fault::ErrorBefore, third);
    let codes: Vec<String> = ["a/manifest", "b", "a/manifest", "a/manifest", "a/manifest"]
        .map(|key| code(&world.put_object(&put(key, b""), at(0))).to_owned())
        .to_vec();
    assert_eq!(codes, ["ok", "ok", "ok", "InternalError", "ok"]);
}

#[test]
fn s3_reads_can_lag_behind() {
    let mut world = world();
    world.put_object(&put("k", b"v"), at(0)).unwrap();
    for operation in [
        Operation::GetObject,
        Operation::HeadObject,
        Operation::ListObjectsV2,
    ] {
        world.arm(operation, Fault::Stale, 1);
    }
    assert_eq!(code(&world.get_object(&get("k"), at(1))), "NoSuchKey");
    assert_eq!(code(&world.head_object(&get("k"), at(1))), "NotFound");
    assert!(keys(&mut world, at(1)).is_empty());
    assert_eq!(keys(&mut world, at(1)), ["k"]);
}

#[test]
fn a_batch_can_fail_in_part() {
    let mut world = world();
    let objects: Vec<_> = ["a", "b", "c"]
        .map(|key| {
            world.put_object(&put(key, b""), at(0)).unwrap();
            sim::world::s3::DeleteObjectRequest {
                key: key.to_owned(),
                ..Default::default()
            }
        })
        .to_vec();
    world
        .faults
        .arm(Operation::DeleteObject, Fault::Denied, When::named("/b"));
    let answer = world.delete_objects(BUCKET, &objects, at(1)).unwrap();
    assert_eq!(answer.deleted.len(), 2);
    assert_eq!(answer.errors[0].0, "b");
    assert_eq!(keys(&mut world, at(2)), ["b"]);
}

/// One run with a fault, to compare logs.
fn scripted(seed: u64) -> World {
    let mut world = World::new(sim::world::Config::default(), seed);
    crate::support::fill(&mut world);
    world.arm(Operation::CreateSnapshot, Fault::LostAnswer, 1);
    let _ = world.create_snapshot(&of_node("bk", "orders-003"), at(0));
    let _ = world.create_snapshot(&of_node("bk", "orders-003"), at(1));
    world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap();
    world.head_object(&get("x-0001.rdb"), at(320)).unwrap();
    world
}

#[test]
fn the_log_tells_what_was_asked_and_what_took_effect() {
    let world = scripted(1);
    let lines: Vec<String> = world.log.entries().iter().map(ToString::to_string).collect();
    expect![[r#"
        2026-03-01T02:00:00Z CreateSnapshot bk NoAnswer (took effect)
        2026-03-01T02:00:01Z CreateSnapshot bk SnapshotAlreadyExistsFault
        2026-03-01T02:03:20Z CopySnapshot bk ok
        2026-03-01T02:05:20Z HeadObject snapkeep-vault/x-0001.rdb ok"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn equal_seeds_give_equal_worlds_and_other_seeds_other_version_ids() {
    let state = |seed| scripted(seed).save().unwrap();
    assert_eq!(state(1), state(1));
    let version = |seed| {
        scripted(seed)
            .head_object(&get("x-0001.rdb"), at(400))
            .unwrap()
            .version_id
    };
    assert_ne!(version(1), version(2));
}

#[test]
fn forced_states_are_seen_and_respected() {
    let mut world = with_snapshot();
    assert!(world.force_snapshot_status("bk", "restoring"));
    assert!(!world.force_snapshot_status("nobody", "restoring"));
    assert_eq!(status(&mut world, "bk", at(200)), "restoring");
    assert_eq!(
        code(&world.delete_snapshot("bk", at(200))),
        "InvalidSnapshotState"
    );
}
