//! Negative controls on the real binaries: what must fail fails in the right state, by the right name, without a
//! manifest; and an object larger than one invocation.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod wire_support;

use local::engine::{Engine, EngineConfig};
use local::lambda::{Limits, Tampering};
use serde_json::{Value, json};
use sim::asl::{Details, Execution, HistoryEvent, Status};
use sim::world::{ExportFault, FileContent, FixedContent, When, World};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use wire_support::binaries::{self, BUCKET, FUNCTIONS, keys, root};

fn orders() -> Value {
    json!({"cache": {"kind": "replication-group", "id": "orders"}})
}

/// The states that were entered, oldest first.
fn entered(execution: &Execution) -> Vec<&str> {
    let names = execution.history.iter().filter_map(|event| match &event.details {
        Some(Details::StateEntered { name, .. }) => Some(name.as_str()),
        _ => None,
    });
    names.collect()
}

/// Runs one backup and says in which state and by which name it failed; nothing may be recorded.
async fn failure(engine: &Engine, input: Value) -> (String, String) {
    engine.start(input, Some("control")).unwrap();
    assert_eq!(engine.wait("control").await.unwrap(), Status::Failed);
    engine.quiet().await;
    let execution = engine.execution("control").unwrap();
    assert!(keys(engine, "manifest.json").is_empty(), "no manifest, no backup");
    assert_eq!(engine.messages().unwrap().len(), 1, "one alert");
    let state = entered(&execution).last().copied().unwrap_or_default().to_owned();
    (state, execution.error.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_control_fails_in_its_state_by_its_name() {
    type Prepare = fn(&mut World);
    let controls: [(&str, Prepare, (&str, &str)); 3] = [
        (
            "orders",
            |world| {
                let flip = ExportFault::FlipBit {
                    node_group: "0001".into(),
                    byte: 40,
                };
                world.faults.arm_export(flip, When::next(1));
            },
            ("VerifyObject", "Backup.Corrupt"),
        ),
        (
            "sessions",
            |world| {
                let withhold = ExportFault::Withhold("0002".into());
                world.faults.arm_export(withhold, When::next(1));
            },
            ("CheckExport", "Backup.ExportIncomplete"),
        ),
        (
            "orders",
            |world| {
                let bucket = world.bucket_mut(BUCKET);
                bucket.unwrap().policy = None;
            },
            ("CopyToS3", "Backup.BucketNotGranted"),
        ),
    ];
    for (id, prepare, (state, name)) in controls {
        let home = TempDir::new().unwrap();
        let Some(engine) = binaries::engine(home.path()).await else {
            return;
        };
        engine.world().edit(|world, _| prepare(world)).unwrap();
        let input = json!({"cache": {"kind": "replication-group", "id": id}});
        assert_eq!(failure(&engine, input).await, (state.to_owned(), name.to_owned()));
    }
}

/// A sound file without a CRC, so that only S3's checksum knows its bytes.
fn without_crc() -> Vec<u8> {
    let mut bytes = b"REDIS0011\xfe\x00\x00\x03key\x05value\xff".to_vec();
    bytes.resize(bytes.len() + 8, 0);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_not_what_was_uploaded_is_told_with_both_checksums() {
    for is_rotten in [true, false] {
        let home = TempDir::new().unwrap();
        let Some(engine) = binaries::engine(home.path()).await else {
            return;
        };
        let world = engine.world();
        world
            .edit(|world, _| {
                world
                    .contents
                    .attach("orders/0001", FixedContent::shared(&without_crc()));
                let rot = ExportFault::RotBit {
                    node_group: "0001".into(),
                    byte: 20,
                };
                if is_rotten {
                    world.faults.arm_export(rot, When::next(1));
                }
            })
            .unwrap();
        if is_rotten {
            let failed = failure(&engine, orders()).await;
            assert_eq!(failed, ("VerifyObject".to_owned(), "Backup.Corrupt".to_owned()));
            let messages = engine.messages().unwrap();
            let mail = messages[0].body_for("email").to_owned();
            assert!(
                mail.contains("CRC64NVME") && mail.contains("orders-0001.rdb"),
                "{mail}"
            );
        } else {
            engine.start(orders(), Some("control")).unwrap();
            assert_eq!(engine.wait("control").await.unwrap(), Status::Succeeded);
            assert_eq!(keys(&engine, "manifest.json").len(), 1, "the same file unharmed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_bootstrap_fails_the_state_that_needs_it() {
    let (home, functions) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let Some(built) = binaries::functions() else {
        return;
    };
    for function in FUNCTIONS.iter().filter(|function| **function != "copy-to-s3") {
        let folder = functions.path().join(function);
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy(built.join(function).join("bootstrap"), folder.join("bootstrap")).unwrap();
    }
    let state_machine = root().join("statemachine/backup.asl.json");
    let engine = Engine::open(EngineConfig::new(home.path(), state_machine, functions.path()))
        .await
        .unwrap();
    engine.world().edit(binaries::fill).unwrap();
    let (state, name) = failure(&engine, orders()).await;
    assert_eq!(state, "CopyToS3");
    assert!(
        name.starts_with("Lambda.") || name.starts_with("Runtime."),
        "{name}"
    );
}

/// A sound file of so many values of 1 MiB, without a CRC.
fn large(path: &Path, mib: u16) {
    use std::io::Write;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    file.write_all(b"REDIS0011\xfe\x00").unwrap();
    let value = vec![b'v'; 1 << 20];
    for key in 0..mib {
        let [high, low] = key.to_be_bytes();
        file.write_all(&[0, 2, high, low, 0x80, 0x00, 0x10, 0x00, 0x00])
            .unwrap();
        file.write_all(&value).unwrap();
    }
    file.write_all(b"\xff\0\0\0\0\0\0\0\0").unwrap();
}

/// An engine whose `verify-object` has 200 ms, with one cache of many invocations' length.
async fn hurried(home: &Path, data: &Path) -> Option<Engine> {
    let functions = binaries::functions()?;
    let mut config = EngineConfig::new(home, root().join("statemachine/backup.asl.json"), functions);
    let limits = Limits {
        timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    config.limits_of.insert("verify-object".to_owned(), limits);
    let engine = Engine::open(config).await.unwrap();
    let content = Arc::new(FileContent(data.to_owned()));
    engine.world().edit(binaries::fill).unwrap();
    engine
        .world()
        .edit(|world, _| world.contents.attach("orders/0001", content))
        .unwrap();
    Some(engine)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_larger_than_one_invocation_is_verified_in_several_and_survives_a_kill() {
    let (folder, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let rdb = data.path().join("large.rdb");
    large(&rdb, 384);
    let Some(engine) = hurried(&folder.path().join("calm"), &rdb).await else {
        return;
    };
    engine.start(orders(), Some("calm")).unwrap();
    assert_eq!(engine.wait("calm").await.unwrap(), Status::Succeeded);
    let calm = engine.execution("calm").unwrap();
    let calls = entered(&calm)
        .iter()
        .filter(|state| **state == "VerifyObject")
        .count();
    println!("{calls} calls of VerifyObject for 384 MiB in 200 ms each");
    assert!(calls >= 3, "{calls}");
    let verdict = binaries::manifest(&engine)["objects"][0].clone();
    assert_eq!(
        (&verdict["keys"], &verdict["size"]),
        (&json!(384), &json!(rdb.metadata().unwrap().len()))
    );
    drop(engine);

    // The third call and its two retries are killed while they read: only the cursor in the state machine is left.
    let engine = hurried(&folder.path().join("killed"), &rdb).await.unwrap();
    for _ in 0..3 {
        engine
            .tamper()
            .arm("VerifyObject", 2, Tampering::Kill(Duration::from_millis(20)));
    }
    engine.start(orders(), Some("killed")).unwrap();
    assert_eq!(engine.wait("killed").await.unwrap(), Status::Failed);
    let before = engine.execution("killed").unwrap();
    assert_eq!(
        before.error.as_deref(),
        Some("Runtime.ExitError"),
        "{:?}",
        before.cause
    );
    let offset = cursor_offset(&before);
    assert!(offset > 0, "it failed in the middle of the object");
    engine.redrive("killed").unwrap();
    assert_eq!(engine.wait("killed").await.unwrap(), Status::Succeeded);
    let again = binaries::manifest(&engine)["objects"][0].clone();
    assert_eq!(
        (&again["sha256"], &again["keys"]),
        (&verdict["sha256"], &verdict["keys"])
    );
    let after = engine.execution("killed").unwrap();
    assert_eq!(
        first_redriven_offset(&after),
        Some(offset),
        "it goes on from its cursor"
    );
}

/// The offsets of the cursors that `VerifyObject` was called with, oldest first.
fn offsets_of<'e>(events: impl Iterator<Item = &'e HistoryEvent>) -> Vec<u64> {
    let parameters = events.filter_map(|event| match &event.details {
        Some(Details::TaskScheduled { parameters, .. }) if parameters.contains("verify-object") => {
            Some(parameters)
        }
        _ => None,
    });
    let offset = |parameters: &String| {
        let call: Value = serde_json::from_str(parameters).unwrap();
        call["Payload"]["cursor"]["scan"]["offset"].as_u64().unwrap_or(0)
    };
    parameters.map(offset).collect()
}

fn cursor_offset(execution: &Execution) -> u64 {
    offsets_of(execution.history.iter()).last().copied().unwrap_or(0)
}

fn first_redriven_offset(execution: &Execution) -> Option<u64> {
    let redriven = execution.redrive_date?;
    let late = execution
        .history
        .iter()
        .filter(|event| event.timestamp >= redriven);
    offsets_of(late).into_iter().next()
}
