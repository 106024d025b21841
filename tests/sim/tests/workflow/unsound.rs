//! What verification refuses, and that its words come to whoever is told.

use crate::stage::{Look, failed, input, on_stage, rdb, succeeded};
use sim::asl::Execution;
use sim::stage::{BUCKET, Interference, Stage};
use sim::world::elasticache::ExportChecksum;
use sim::world::s3::{DeleteObjectRequest, ListObjectVersionsRequest, PutObjectRequest, Versioning};
use sim::world::{ExportFault, FixedContent, When, World};
use std::time::Duration;

/// Runs one backup of `orders`, which must fail by `name`; gives the mail, in which lines are not broken.
fn mail(name: &str, prepare: impl FnOnce(&Stage)) -> String {
    on_stage(|stage| async move {
        prepare(&stage);
        let run = stage.start("a", input("replication-group", "orders")).await;
        failed(&run, name);
        assert!(stage.manifests().is_empty(), "no manifest");
        assert!(
            !stage.keys().iter().any(|key| key.contains("/verdicts/")),
            "no verdict"
        );
        let world = stage.ports.world();
        let messages = world.messages(&stage.ports.topic_arn);
        assert_eq!(messages.len(), 1, "one alert");
        let words: Vec<&str> = messages[0].body_for("email").split_whitespace().collect();
        words.join(" ")
    })
}

fn export(bytes: &[u8]) -> impl FnOnce(&Stage) {
    let content = FixedContent::shared(bytes);
    move |stage| stage.ports.world().contents.attach("orders/0001", content)
}

fn damage(fault: ExportFault) -> impl FnOnce(&Stage) {
    move |stage| stage.ports.world().faults.arm_export(fault, When::next(1))
}

const OBJECT: &str = "orders-0001.rdb";

#[test]
fn the_alert_says_where_the_object_is_broken_and_what_that_means() {
    let mut trailing = rdb(40);
    trailing.push(0);
    let mut record = rdb(40);
    // The first byte of the third record.
    record[31] = 0xf0;
    let mut newer = rdb(1);
    newer[5..9].copy_from_slice(b"0099");
    let cut = ExportFault::CutTail {
        node_group: "0001".into(),
        bytes: 20,
    };
    let cases = [
        (
            mail("Backup.Corrupt", damage(cut)),
            390..=400,
            "truncated",
            "cut in the last value",
        ),
        (
            mail("Backup.Corrupt", export(&trailing)),
            420..=420,
            "behind the end",
            "a byte too many",
        ),
        (
            mail("Backup.NotVerifiable", export(&record)),
            31..=31,
            "240",
            "an unknown opcode",
        ),
        (
            mail("Backup.NotVerifiable", export(&newer)),
            0..=9,
            "`99`",
            "a version from the future",
        ),
    ];
    for (mail, place, meaning, why) in cases {
        assert!(mail.contains(OBJECT) && mail.contains(meaning), "{why}: {mail}");
        let told = mail
            .split_once("byte `")
            .and_then(|(_, rest)| rest.split_once('`'));
        let at = told.and_then(|(number, _)| number.parse().ok());
        assert!(at.is_some_and(|at: u64| place.contains(&at)), "{why}: {mail}");
    }
}

#[test]
fn an_object_that_is_not_what_was_uploaded_is_corrupt_though_it_is_well_formed() {
    let rot = ExportFault::RotBit {
        node_group: "0001".into(),
        byte: 20,
    };
    let mail = mail("Backup.Corrupt", damage(rot));
    for part in [OBJECT, "CRC64NVME", "what was read is not what was uploaded"] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
}

#[test]
fn the_verdict_says_which_checksum_was_compared() {
    for (export_checksum, algorithm, compared) in [
        (ExportChecksum::Added, Some("CRC64NVME"), Some(true)),
        (ExportChecksum::Composite, Some("CRC32"), Some(false)),
        (ExportChecksum::Absent, None, None),
    ] {
        on_stage(|stage| async move {
            stage.ports.world().config.assumptions.export_checksum = export_checksum;
            let run = stage.start("a", input("replication-group", "orders")).await;
            succeeded(&run);
            let keys = stage.keys();
            let verdict = keys.iter().find(|key| key.contains("/verdicts/")).unwrap();
            let checksum = &stage.json(verdict)["checksum"];
            assert_eq!(checksum["algorithm"].as_str(), algorithm, "{checksum}");
            assert_eq!(checksum["compared"].as_bool(), compared, "{checksum}");
        });
    }
}

/// Deletes every version of the object, as only a person may.
fn delete(world: &mut World, key: &str, now: jiff::Timestamp) {
    let request = ListObjectVersionsRequest {
        bucket: BUCKET.to_owned(),
        prefix: key.to_owned(),
        ..Default::default()
    };
    for version in world.list_object_versions(&request, now).unwrap().versions {
        let gone = DeleteObjectRequest {
            bucket: BUCKET.to_owned(),
            key: key.to_owned(),
            version_id: Some(version.version_id),
        };
        world.delete_object(&gone, now).unwrap();
    }
}

fn overwrite(world: &mut World, key: &str, now: jiff::Timestamp) {
    let other = PutObjectRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        body: rdb(1),
        ..Default::default()
    };
    world.put_object(&other, now).unwrap();
}

/// Interferes with the object before the third call of `VerifyObject`, which goes on from a cursor.
fn in_the_middle(
    versioning: Versioning,
    change: fn(&mut World, &str, jiff::Timestamp),
) -> (Option<String>, usize) {
    on_stage(|stage| async move {
        let bytes = rdb(60_000);
        assert!(bytes.len() > 2 * (256 << 10), "three pieces at least");
        export(&bytes)(&stage);
        stage.ports.world().bucket_mut(BUCKET).unwrap().versioning = versioning;
        stage.functions.leave(Duration::ZERO);
        let (ports, mut calls) = (stage.ports.clone(), 0);
        stage.functions.meddle(move |call| {
            calls += usize::from(call.state == "VerifyObject");
            if call.state == "VerifyObject" && calls == 2 {
                assert!(
                    call.payload["cursor"]["scan"]["offset"].as_u64() > Some(0),
                    "it goes on"
                );
                let key = format!("{}0001.rdb", call.payload["stem"].as_str().unwrap());
                change(&mut ports.world(), &key, ports.clock.now());
            }
            Interference::Pass
        });
        let run = stage.start("a", input("replication-group", "orders")).await;
        (run.with(|e: &Execution| e.error.clone()), stage.manifests().len())
    })
}

#[test]
fn an_object_that_changes_while_it_is_verified_is_told_by_name() {
    let changed = (Some("Backup.ObjectChanged".to_owned()), 0);
    let (kept, plain) = (Versioning::Enabled, Versioning::Disabled);
    assert_eq!(in_the_middle(kept, delete), changed, "its version is gone");
    assert_eq!(
        in_the_middle(plain, overwrite),
        changed,
        "another is in its place"
    );
    let unharmed = (None, 1);
    assert_eq!(in_the_middle(kept, |_, _, _| {}), unharmed, "the control");
    assert_eq!(
        in_the_middle(kept, overwrite),
        unharmed,
        "a version is read to its end"
    );
}
