//! What must fail: in the right state, by the right name, without a manifest, with one alert.

use crate::stage::{Look, input, on_stage};
use serde_json::{Value, json};
use sim::asl::Status;
use sim::stage::{EventForm, Stage};
use sim::world::elasticache::{Group, Profile, StandAlone};
use sim::world::{ExportFault, SnapshotFault, When};

/// Runs once and says in which state and by which name it failed; nothing may be recorded, one alert told.
fn failure(prepare: impl FnOnce(&Stage), input: Value) -> (String, String) {
    on_stage(|stage| async move {
        prepare(&stage);
        let run = stage.start("a", input).await;
        let (status, error, state) = run.with(|e| {
            let state = e
                .history
                .iter()
                .rev()
                .find_map(|event| event.entered())
                .unwrap_or_default()
                .to_owned();
            (e.status, e.error.clone().unwrap_or_default(), state)
        });
        assert_eq!(status, Status::Failed, "{error}");
        assert!(stage.manifests().is_empty(), "no manifest");
        assert_eq!(stage.subjects().len(), 1, "one alert: {:?}", stage.subjects());
        (state, error)
    })
}

fn orders() -> Value {
    input("replication-group", "orders")
}

#[test]
fn broken_exports_fail_verification() {
    let faults = [
        (
            ExportFault::FlipBit {
                node_group: "0001".into(),
                byte: 3,
            },
            "Backup.Corrupt",
        ),
        (
            ExportFault::CutTail {
                node_group: "0001".into(),
                bytes: 1,
            },
            "Backup.Corrupt",
        ),
    ];
    for (fault, name) in faults {
        let arm = |stage: &Stage| stage.ports.world().faults.arm_export(fault, When::next(1));
        assert_eq!(
            failure(arm, orders()),
            ("VerifyObject".to_owned(), name.to_owned())
        );
    }
}

#[test]
fn a_withheld_shard_fails_the_export() {
    let arm = |stage: &Stage| {
        stage
            .ports
            .world()
            .faults
            .arm_export(ExportFault::Withhold("0003".into()), When::next(1));
    };
    let (state, name) = failure(arm, input("replication-group", "sessions"));
    assert_eq!(
        (state.as_str(), name.as_str()),
        ("CheckExport", "Backup.ExportIncomplete")
    );
}

#[test]
fn snapshots_that_fail_or_vanish_are_named() {
    for (fault, name) in [
        (SnapshotFault::Fails, "Backup.SnapshotFailed"),
        (SnapshotFault::Vanishes, "Backup.SnapshotVanished"),
    ] {
        let arm = |stage: &Stage| stage.ports.world().faults.arm_snapshot(fault, When::next(1));
        assert_eq!(
            failure(arm, orders()),
            ("CheckSnapshot".to_owned(), name.to_owned())
        );
    }
}

#[test]
fn what_cannot_be_exported_is_refused_before_anything_is_made() {
    let zones = ["eu-west-1a", "eu-west-1b"];
    let put = |profile: Profile| {
        move |stage: &Stage| {
            stage
                .ports
                .world()
                .put_group(Group::disabled("odd", &zones, profile));
        }
    };
    let odd = || input("replication-group", "odd");
    let cases = [
        failure(
            put(Profile {
                data_tiering: true,
                ..Profile::default()
            }),
            odd(),
        ),
        failure(
            put(Profile {
                kms_key_id: Some("arn:aws:kms:eu-west-1:000000000000:key/a".into()),
                ..Profile::default()
            }),
            odd(),
        ),
        failure(
            |stage| {
                let profile = Profile {
                    engine: "memcached".into(),
                    ..Profile::default()
                };
                stage
                    .ports
                    .world()
                    .put_cluster(StandAlone::new("odd", "eu-west-1a", profile));
            },
            input("cache-cluster", "odd"),
        ),
    ];
    for case in cases {
        assert_eq!(
            case,
            ("CreateSnapshot".to_owned(), "Backup.Unsupported".to_owned())
        );
    }
    let elsewhere = |stage: &Stage| {
        stage
            .ports
            .world()
            .bucket_mut(&stage.ports.bucket)
            .unwrap()
            .region = "us-east-1".into();
    };
    assert_eq!(
        failure(elsewhere, orders()),
        ("CreateSnapshot".to_owned(), "Backup.BucketWrongRegion".to_owned())
    );
}

#[test]
fn bad_input_is_refused_before_any_call() {
    for (input, part) in [
        (json!({}), "cache"),
        (
            json!({"cache": {"kind": "replication-group", "id": "orders"}, "typo": 1}),
            "typo",
        ),
        (
            json!({"cache": {"kind": "replication-group", "id": "or ders"}}),
            "or ders",
        ),
    ] {
        on_stage(|stage| async move {
            let run = stage.start("a", input).await;
            let cause = run.with(|e| {
                assert_eq!(e.error.as_deref(), Some("Backup.InvalidInput"));
                e.cause.clone().unwrap_or_default()
            });
            assert!(cause.contains(part), "{cause}");
            assert_eq!(stage.snapshots_made(), 0);
            assert_eq!(stage.subjects().len(), 1, "{part}: even a typo is told");
        });
    }
}

/// The alert about a run that breaks at its export, after an event of this form, and the key of its marker.
fn alert(form: EventForm) -> (String, Vec<String>) {
    on_stage(|mut stage| async move {
        stage.event_form = form;
        let withhold = ExportFault::Withhold("0001".into());
        stage.ports.world().faults.arm_export(withhold, When::next(1));
        stage.start("a", orders()).await;
        let keys = stage.keys().into_iter().filter(|key| key.contains("alert-"));
        let markers = keys.collect();
        let world = stage.ports.world();
        let messages = world.messages(&stage.ports.topic_arn);
        (messages[0].body_for("email").to_owned(), markers)
    })
}

#[test]
fn the_alert_is_the_same_whatever_the_event_leaves_out() {
    let full = alert(EventForm::Full);
    assert!(full.0.contains("replication-group/orders"), "{}", full.0);
    let marker = "backups/replication-group/orders/20260301t0200z/alert-0.json";
    assert_eq!(full.1, [marker]);
    assert_eq!(EventForm::default(), EventForm::Encrypted, "what is deployed");
    for form in [EventForm::Encrypted, EventForm::Large] {
        assert_eq!(alert(form), full, "{form:?}");
    }
}
