//! Failures after which the same run is finished from the same snapshot.

use crate::stage::{Look, failed, input, on_stage, pass, succeeded};
use jiff::SignedDuration;
use sim::world::{ExportFault, Fault, Operation, When};

fn orders() -> serde_json::Value {
    input("replication-group", "orders")
}

#[test]
fn an_export_that_failed_after_its_start_is_finished_by_a_redrive() {
    let faults = [
        (ExportFault::Silent, "orders", "Backup.ExportFailed"),
        (
            ExportFault::Withhold("0002".into()),
            "sessions",
            "Backup.ExportIncomplete",
        ),
        (ExportFault::Empty("0001".into()), "orders", "Backup.ExportFailed"),
    ];
    for (fault, id, name) in faults {
        on_stage(|stage| async move {
            stage.ports.world().faults.arm_export(fault, When::next(1));
            let run = stage.start("a", input("replication-group", id)).await;
            failed(&run, name);
            assert!(stage.manifests().is_empty(), "{name}: no manifest, no backup");
            pass(&stage, SignedDuration::from_hours(72)).await;
            stage.redrive(&run).await.unwrap();
            succeeded(&run);
            assert_eq!(stage.snapshots_made(), 1, "{name}: the same snapshot");
            let manifest = &stage.manifests()[0];
            let key = manifest["objects"][0]["key"].as_str().unwrap();
            assert!(
                key.contains("/r1/"),
                "{name}: a renewed export overwrites nothing: {key}"
            );
        });
    }
}

#[test]
fn a_missing_grant_is_mended_and_the_run_redriven() {
    on_stage(|stage| async move {
        stage
            .ports
            .world()
            .bucket_mut(&stage.ports.bucket)
            .unwrap()
            .policy = None;
        let run = stage.start("a", orders()).await;
        failed(&run, "Backup.BucketNotGranted");
        assert_eq!(stage.subjects().len(), 1);
        stage.ports.world().grant_export(&stage.ports.bucket).unwrap();
        stage.redrive(&run).await.unwrap();
        succeeded(&run);
        assert_eq!((stage.snapshots_made(), stage.manifests().len()), (1, 1));
        assert!(
            stage.manifests()[0]["objects"][0]["key"]
                .as_str()
                .unwrap()
                .ends_with("z/orders-0001.rdb")
        );
    });
}

#[test]
fn a_lost_answer_of_any_mutating_call_is_found_again() {
    for operation in [
        Operation::CreateSnapshot,
        Operation::CopySnapshot,
        Operation::PutObject,
        Operation::Publish,
    ] {
        for fault in [
            Fault::LostAnswer,
            Fault::ErrorAfter,
            Fault::LostRequest,
            Fault::Throttle,
        ] {
            on_stage(|stage| async move {
                stage.ports.world().arm(operation, fault.clone(), 1);
                succeeded(&*stage.start("a", orders()).await);
                let what = format!("{} {fault:?}", operation.name());
                assert_eq!(
                    (stage.snapshots_made(), stage.manifests().len()),
                    (1, 1),
                    "{what}"
                );
                let exports = stage
                    .ports
                    .world()
                    .log
                    .of(Operation::CopySnapshot)
                    .filter(|e| e.effective)
                    .count();
                assert_eq!(exports, 1, "{what}");
            });
        }
    }
}

#[test]
fn a_snapshot_deleted_by_hand_is_named_and_not_made_again() {
    on_stage(|stage| async move {
        stage
            .ports
            .world()
            .bucket_mut(&stage.ports.bucket)
            .unwrap()
            .policy = None;
        let run = stage.start("a", orders()).await;
        failed(&run, "Backup.BucketNotGranted");
        let now = stage.ports.clock.now();
        stage
            .ports
            .world()
            .delete_snapshot("orders-202603010200", now)
            .unwrap();
        stage.ports.world().grant_export(&stage.ports.bucket).unwrap();
        pass(&stage, SignedDuration::from_hours(1)).await;
        stage.redrive(&run).await.unwrap();
        failed(&run, "Backup.SnapshotVanished");
        assert_eq!(stage.snapshots_made(), 1);
    });
}
