//! The data between the states is a frozen contract: a re-driven run keeps its old definition but calls new functions.
//!
//! `tests/fixtures/payloads` holds what each state of a released definition sends; the functions of today must
//! still read it. `UPDATE_EXPECT=1` writes the payloads of the present definition.

use crate::stage::{Look, on_stage, succeeded};
use serde_json::{Value, json};
use sim::stage::Interference;
use sim::trace::Caller;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

fn fixtures(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(folder)
}

fn read(path: &std::path::Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// A run of the golden input of a kind, and what each state sent first: function and payload.
fn payloads(kind: &str) -> BTreeMap<String, Value> {
    let input = read(&fixtures(&format!("inputs/{kind}.json")));
    let sent = Arc::new(Mutex::new(BTreeMap::new()));
    let seen = Arc::clone(&sent);
    on_stage(|stage| async move {
        stage.functions.meddle(move |call| {
            let function = call.function_name.rsplit(':').next().unwrap_or_default();
            let entry = json!({"function": function, "payload": call.payload});
            seen.lock().unwrap().entry(call.state.clone()).or_insert(entry);
            Interference::Pass
        });
        let run = stage.start("golden", input).await;
        succeeded(&run);
        assert_eq!(stage.manifests().len(), 1);
    });
    std::mem::take(&mut *sent.lock().unwrap())
}

const KINDS: [&str; 3] = ["replication-group", "cache-cluster", "serverless-cache"];

#[test]
fn the_golden_inputs_run_and_send_what_is_written_down() {
    for kind in KINDS {
        for (state, sent) in payloads(kind) {
            let path = fixtures(&format!("payloads/0.1.0/{kind}/{state}.json"));
            let text = serde_json::to_string_pretty(&sorted(sent)).unwrap() + "\n";
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &text).unwrap();
            }
            let golden = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                golden, text,
                "{kind}: {state}; a change here breaks runs that are re-driven"
            );
        }
    }
}

/// Objects with their fields in order, whatever order a map of theirs keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> = fields.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            json!(fields)
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

#[test]
fn the_payloads_of_every_release_are_still_read() {
    let mut replayed = 0;
    for release in std::fs::read_dir(fixtures("payloads"))
        .unwrap()
        .map(|e| e.unwrap().path())
    {
        for kind in std::fs::read_dir(&release).unwrap().map(|e| e.unwrap().path()) {
            for state in std::fs::read_dir(&kind).unwrap().map(|e| e.unwrap().path()) {
                let entry = read(&state);
                let function = entry["function"].as_str().unwrap().to_owned();
                on_stage(|stage| async move {
                    // What comes of it depends on the world; that it is understood does not.
                    if let Err(error) = stage
                        .functions
                        .call(Caller::of(&function), entry["payload"].clone())
                        .await
                    {
                        assert_ne!(
                            error.error,
                            "Backup.InvalidInput",
                            "{}: {}",
                            state.display(),
                            error.cause
                        );
                    }
                });
                replayed += 1;
            }
        }
    }
    assert!(replayed >= 3 * 8, "{replayed}");
}
