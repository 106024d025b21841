//! Exports: what is checked first, what appears and when, and every way in which it can go wrong afterwards.

use crate::support::{
    BUCKET, SHARDS, at, code, content, export_to, keys, of_group, of_node, put, read, status, with_snapshot,
    world, world_with,
};
use jiff::SignedDuration;
use sim::world::elasticache::shapes::CopySnapshotRequest;
use sim::world::elasticache::{
    Assumptions, ExportAnswer, ExportChecksum, Profile, StandAlone, TargetCase, Timings,
};
use sim::world::s3::{Checksum, ChecksumAlgorithm, ChecksumType, Versioning};
use sim::world::{CallError, Config, ExportFault, When, World};

/// A world in which the snapshot `bk` of three shards is available at `at(180)`.
fn with_shards() -> World {
    let mut world = world();
    world.create_snapshot(&of_group("bk", "sessions"), at(0)).unwrap();
    world.advance(at(180));
    world
}

#[test]
fn the_source_reads_exporting_until_the_objects_are_there() {
    let mut world = with_snapshot();
    let answer = world
        .copy_snapshot(&export_to("bk", "backups/orders"), at(200))
        .unwrap();
    assert_eq!(
        (answer.snapshot_name.as_str(), answer.snapshot_status.as_str()),
        ("bk", "exporting")
    );
    assert_eq!(status(&mut world, "bk", at(319)), "exporting");
    assert!(keys(&mut world, at(319)).is_empty());
    assert_eq!(status(&mut world, "bk", at(320)), "available");
    assert_eq!(keys(&mut world, at(320)), ["backups/orders-0001.rdb"]);
    assert_eq!(
        read(&mut world, "backups/orders-0001.rdb", at(320)),
        content("orders/0001")
    );
}

#[test]
fn each_shard_is_an_object_named_by_its_node_group() {
    let mut world = with_shards();
    world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap();
    assert_eq!(
        keys(&mut world, at(320)),
        ["x-0001.rdb", "x-0002.rdb", "x-0003.rdb"]
    );
    for shard in SHARDS {
        assert_eq!(
            read(&mut world, &format!("x-{shard}.rdb"), at(320)),
            content(&format!("sessions/{shard}"))
        );
    }
}

#[test]
fn the_data_are_those_of_the_snapshot_not_of_the_export() {
    let mut world = with_snapshot();
    world
        .contents
        .attach("orders/0001", sim::world::FixedContent::shared(b"later"));
    world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap();
    assert_eq!(read(&mut world, "x-0001.rdb", at(320)), content("orders/0001"));
}

#[test]
fn buckets_are_checked_before_the_job_starts_in_the_documented_words() {
    type Prepare = fn(&mut World);
    let cases: &[(Prepare, &str)] = &[
        (
            |world| world.remove_bucket(BUCKET),
            "The S3 bucket snapkeep-vault does not exist.",
        ),
        (
            |world| "111111111111".clone_into(&mut world.bucket_mut(BUCKET).unwrap().owner),
            "The S3 bucket snapkeep-vault is not owned by the authenticated user.",
        ),
        (
            |world| "us-east-1".clone_into(&mut world.bucket_mut(BUCKET).unwrap().region),
            "The S3 bucket snapkeep-vault is outside of the region.",
        ),
        (
            |world| world.bucket_mut(BUCKET).unwrap().policy = None,
            "ElastiCache has not been granted READ, READ_ACP, WRITE permissions on the S3 Bucket snapkeep-vault.",
        ),
        (
            |world| {
                world.put_object(&put("x-0001.rdb", b"mine"), at(190)).unwrap();
            },
            "The S3 bucket snapkeep-vault already contains an object with key x-0001.rdb.",
        ),
    ];
    for (prepare, expected) in cases {
        let mut world = with_snapshot();
        prepare(&mut world);
        let error = world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap_err();
        let CallError::Aws(error) = error else {
            panic!("an answer is expected")
        };
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("InvalidParameterValue", *expected)
        );
        assert_eq!(
            status(&mut world, "bk", at(200)),
            "available",
            "a refused export leaves no trace"
        );
    }
}

#[test]
fn requests_are_checked() {
    let with_key = CopySnapshotRequest {
        kms_key_id: Some("key".to_owned()),
        ..export_to("bk", "x")
    };
    let cases = [
        (
            "unknown source",
            export_to("nobody", "x"),
            "SnapshotNotFoundFault",
        ),
        ("empty target", export_to("bk", ""), "InvalidParameterValue"),
        ("1000 characters fit", export_to("bk", &"x".repeat(1000)), "ok"),
        (
            "1001 do not",
            export_to("bk", &"x".repeat(1001)),
            "InvalidParameterValue",
        ),
        ("not printable", export_to("bk", "a\nb"), "InvalidParameterValue"),
        ("a key of one's own", with_key, "InvalidParameterCombination"),
        ("a target is no snapshot name", export_to("bk", "A/b_c.d"), "ok"),
    ];
    for (reason, request, expected) in cases {
        assert_eq!(
            code(&with_snapshot().copy_snapshot(&request, at(200))),
            expected,
            "{reason}"
        );
    }
}

#[test]
fn customer_keys_and_data_tiering_forbid_exports_but_not_snapshots() {
    let profiles = [
        (
            "customer key",
            Profile {
                kms_key_id: Some("key".to_owned()),
                ..Profile::default()
            },
        ),
        (
            "data tiering",
            Profile {
                data_tiering: true,
                ..Profile::default()
            },
        ),
    ];
    for (reason, profile) in profiles {
        let mut world = world();
        world.put_cluster(StandAlone::new("alone", "eu-west-1a", profile));
        world.create_snapshot(&of_node("bk", "alone"), at(0)).unwrap();
        let answer = world.copy_snapshot(&export_to("bk", "x"), at(180));
        assert_eq!(code(&answer), "InvalidParameterCombination", "{reason}");
    }
}

#[test]
fn one_export_at_a_time_and_none_of_what_is_not_available() {
    let mut world = world();
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    assert_eq!(
        code(&world.copy_snapshot(&export_to("bk", "x"), at(1))),
        "InvalidSnapshotState"
    );
    world.copy_snapshot(&export_to("bk", "x"), at(180)).unwrap();
    assert_eq!(
        code(&world.copy_snapshot(&export_to("bk", "y"), at(181))),
        "InvalidSnapshotState"
    );
    assert_eq!(
        code(&world.copy_snapshot(&export_to("bk", "y"), at(300))),
        "ok",
        "after its end the next may start"
    );
}

#[test]
fn faults_after_the_start_show_only_in_the_objects() {
    let shard = || "0002".to_owned();
    let intact = content("sessions/0002");
    let mut flipped = intact.clone();
    flipped[10] ^= 1;
    let cut = intact[..intact.len() - 9].to_vec();
    let cases: Vec<(&str, ExportFault, Option<Vec<u8>>)> = vec![
        ("withheld", ExportFault::Withhold(shard()), None),
        ("nothing at all", ExportFault::Silent, None),
        (
            "one bit",
            ExportFault::FlipBit {
                node_group: shard(),
                byte: 10,
            },
            Some(flipped),
        ),
        (
            "the tail",
            ExportFault::CutTail {
                node_group: shard(),
                bytes: 9,
            },
            Some(cut),
        ),
        ("empty", ExportFault::Empty(shard()), Some(Vec::new())),
        (
            "another shard's fault",
            ExportFault::Empty("0001".to_owned()),
            Some(intact),
        ),
    ];
    for (reason, fault, expected) in cases {
        let mut world = with_shards();
        let silent = fault == ExportFault::Silent;
        world.faults.arm_export(fault, When::named("bk"));
        world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap();
        assert_eq!(status(&mut world, "bk", at(320)), "available", "{reason}");
        let found = world.get_object(&crate::support::get("x-0002.rdb"), at(320)).ok();
        assert_eq!(found.map(|object| object.read().unwrap()), expected, "{reason}");
        assert_eq!(keys(&mut world, at(320)).is_empty(), silent, "{reason}");
    }
}

#[test]
fn objects_and_status_are_not_ordered() {
    for (after, early) in [(60, false), (-60, true)] {
        let mut world = with_snapshot();
        world.faults.arm_export(
            ExportFault::ObjectsAfter(SignedDuration::from_secs(after)),
            When::next(1),
        );
        world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap();
        assert_eq!(!keys(&mut world, at(300)).is_empty(), early);
        assert_eq!(status(&mut world, "bk", at(319)), "exporting");
        assert_eq!(!keys(&mut world, at(320)).is_empty(), early);
        assert_eq!(keys(&mut world, at(380)), ["x-0001.rdb"]);
    }
}

#[test]
fn what_becomes_forbidden_meanwhile_fails_silently_and_never_overwrites() {
    let mut world = with_snapshot();
    world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap();
    world.put_object(&put("x-0001.rdb", b"mine"), at(210)).unwrap();
    assert_eq!(status(&mut world, "bk", at(320)), "available");
    assert_eq!(read(&mut world, "x-0001.rdb", at(320)), b"mine");

    world.copy_snapshot(&export_to("bk", "y"), at(400)).unwrap();
    world.bucket_mut(BUCKET).unwrap().policy = None;
    assert_eq!(status(&mut world, "bk", at(520)), "available");
    assert_eq!(keys(&mut world, at(520)), ["x-0001.rdb"]);
}

#[test]
fn a_lag_hides_the_exporting_status_but_not_the_lock() {
    let timings = Timings {
        exporting_lag: SignedDuration::from_secs(30),
        ..Timings::default()
    };
    let mut world = world_with(Config {
        timings,
        ..Config::default()
    });
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap();
    assert_eq!(status(&mut world, "bk", at(229)), "available");
    assert_eq!(
        code(&world.copy_snapshot(&export_to("bk", "y"), at(229))),
        "InvalidSnapshotState"
    );
    assert_eq!(status(&mut world, "bk", at(230)), "exporting");
}

#[test]
fn unconfirmed_points_of_the_answer_and_the_names_can_be_turned_over() {
    let assumptions = Assumptions {
        export_answer: ExportAnswer::Target,
        export_target_case: TargetCase::Lowered,
        bucket_code: "InvalidParameterCombination".to_owned(),
        ..Assumptions::default()
    };
    let mut world = world_with(Config {
        assumptions,
        ..Config::default()
    });
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    let answer = world
        .copy_snapshot(&export_to("bk", "Mixed/Case"), at(180))
        .unwrap();
    assert_eq!(
        (answer.snapshot_name.as_str(), answer.snapshot_status.as_str()),
        ("Mixed/Case", "creating")
    );
    assert_eq!(keys(&mut world, at(300)), ["mixed/case-0001.rdb"]);
    world.put_bucket("elsewhere", Versioning::Disabled).unwrap();
    let refused = CopySnapshotRequest {
        target_bucket: Some("elsewhere".to_owned()),
        ..export_to("bk", "x")
    };
    assert_eq!(
        code(&world.copy_snapshot(&refused, at(300))),
        "InvalidParameterCombination"
    );
}

#[test]
fn an_exported_object_has_the_checksum_of_what_was_uploaded_or_none() {
    let bytes = content("orders/0001");
    let added = Checksum::of_whole(ChecksumAlgorithm::Crc64Nvme, &bytes);
    let parts = Checksum::of_one_part(ChecksumAlgorithm::Crc32, &bytes);
    assert!(parts.of == ChecksumType::Composite && parts.value.ends_with("-1"));
    for (export_checksum, want) in [
        (ExportChecksum::Added, Some(added)),
        (ExportChecksum::Composite, Some(parts)),
        (ExportChecksum::Absent, None),
    ] {
        let assumptions = Assumptions {
            export_checksum,
            ..Assumptions::default()
        };
        let mut world = world_with(Config {
            assumptions,
            ..Config::default()
        });
        world
            .create_snapshot(&of_node("bk", "orders-003"), at(0))
            .unwrap();
        let rot = ExportFault::RotBit {
            node_group: "0001".to_owned(),
            byte: 10,
        };
        world.faults.arm_export(rot, When::named("bk"));
        world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap();
        let object = world
            .get_object(&crate::support::get("x-0001.rdb"), at(320))
            .unwrap();
        assert_eq!(object.head.checksum, want, "{export_checksum:?}");
        let mut rotten = bytes.clone();
        rotten[10] ^= 1;
        assert_eq!(object.read().unwrap(), rotten, "what is read is another matter");
    }
}

#[test]
fn automatic_snapshots_are_exported_by_their_name() {
    let mut world = world();
    let name = world.put_automatic_snapshot("sessions", at(0)).unwrap();
    world.copy_snapshot(&export_to(&name, "x"), at(60)).unwrap();
    assert_eq!(keys(&mut world, at(180)).len(), 3);
}
