//! Objects larger than one invocation.

use crate::stage::{Look, failed, input, on_stage, rdb, succeeded};
use serde_json::Value;
use sim::asl::{Details, Execution, TaskError};
use sim::stage::{Interference, Stage};
use sim::world::FixedContent;
use std::time::Duration;

/// A sound file of `mib` values of 1 MiB each, without a CRC.
fn large(mib: u8) -> Vec<u8> {
    let mut bytes = b"REDIS0011\xfe\x00".to_vec();
    for key in 0..mib {
        bytes.extend_from_slice(&[0, 1, key, 0x80, 0x00, 0x10, 0x00, 0x00]);
        bytes.resize(bytes.len() + (1 << 20), key);
    }
    bytes.push(0xff);
    bytes.resize(bytes.len() + 8, 0);
    bytes
}

fn put(stage: &Stage, bytes: &[u8]) {
    stage
        .ports
        .world()
        .contents
        .attach("orders/0001", FixedContent::shared(bytes));
}

/// The offset in the cursor of each call of `VerifyObject`, oldest first; 0 where there was none.
fn cursor_offsets(execution: &Execution) -> Vec<u64> {
    let calls = execution.history.iter().filter_map(|event| match &event.details {
        Some(Details::TaskScheduled { parameters, .. }) => serde_json::from_str::<Value>(parameters).ok(),
        _ => None,
    });
    calls
        .filter(|call| {
            call["FunctionName"]
                .as_str()
                .is_some_and(|name| name.ends_with("verify-object"))
        })
        .map(|call| call["Payload"]["cursor"]["scan"]["offset"].as_u64().unwrap_or(0))
        .collect()
}

#[test]
fn a_large_object_takes_several_calls_and_gives_the_same_verdict() {
    let object = |calls_end_early: bool| {
        on_stage(|stage| async move {
            put(&stage, &large(13));
            if calls_end_early {
                stage.functions.leave(Duration::ZERO);
            }
            let run = stage.start("a", input("replication-group", "orders")).await;
            succeeded(&run);
            let entries = run.with(|e| e.entries("VerifyObject"));
            (entries, stage.manifests()[0]["objects"].clone())
        })
    };
    let (one, whole) = object(false);
    let (several, pieced) = object(true);
    assert_eq!(one, 1);
    assert!(several >= 3, "each call reads one piece: {several}");
    assert_eq!(whole, pieced);
}

#[test]
fn a_run_that_dies_in_the_middle_of_an_object_goes_on_from_its_cursor() {
    on_stage(|stage| async move {
        put(&stage, &large(13));
        stage.functions.leave(Duration::ZERO);
        let mut calls = 0;
        stage.functions.meddle(move |call| {
            calls += usize::from(call.state == "VerifyObject");
            if call.state == "VerifyObject" && calls == 3 {
                let cause = "killed".to_owned();
                return Interference::FailBefore(TaskError {
                    error: "Backup.Unexpected".into(),
                    cause,
                });
            }
            Interference::Pass
        });
        let run = stage.start("a", input("replication-group", "orders")).await;
        failed(&run, "Backup.Unexpected");
        stage.functions.meddle(|_| Interference::Pass);
        stage.redrive(&run).await.unwrap();
        succeeded(&run);
        let offsets = run.with(cursor_offsets);
        assert!(offsets[2] > 0, "two calls had judged something: {offsets:?}");
        assert_eq!(
            offsets[3], offsets[2],
            "the call after the re-drive goes on where the one that died began"
        );
        assert!(offsets.is_sorted(), "nothing is judged twice: {offsets:?}");
        assert_eq!(stage.manifests()[0]["objects"][0]["keys"], 13);
    });
}

#[test]
fn one_broken_shard_of_three_fails_the_backup_and_only_open_shards_are_verified_again() {
    on_stage(|stage| async move {
        let mut broken = rdb(11);
        broken[3] ^= 1;
        stage
            .ports
            .world()
            .contents
            .attach("sessions/0002", FixedContent::shared(&broken));
        let run = stage.start("a", input("replication-group", "sessions")).await;
        failed(&run, "Backup.Corrupt");
        assert!(stage.manifests().is_empty());
        let cause = run.with(|e| e.cause.clone().unwrap_or_default());
        assert!(
            cause.contains("sessions-0002.rdb") && cause.contains("byte"),
            "{cause}"
        );
    });
}
