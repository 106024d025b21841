//! What must hold after a run, however it came to its end.

use crate::wire_support::binaries::{self, BUCKET, keys};
use jiff::SignedDuration;
use local::engine::Engine;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sim::asl::{Details, Execution};
use sim::world::Operation;
use sim::world::s3::GetObjectRequest;
use std::path::Path;

/// Fails a cell with a text.
macro_rules! ensure {
    ($holds:expr, $($text:tt)+) => {
        if !$holds {
            return Err(format!($($text)+));
        }
    };
}
pub(super) use ensure;

/// What a run may do once; the first two are of nodes, the others of serverless caches.
const ONCE: [Operation; 4] = [
    Operation::CreateSnapshot,
    Operation::CopySnapshot,
    Operation::CreateServerlessCacheSnapshot,
    Operation::ExportServerlessCacheSnapshot,
];

/// Where the log of calls and the messages stood.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    calls: usize,
    messages: usize,
}

/// How many snapshots were made, and exports started.
pub(super) type Effects = [usize; 2];

impl Mark {
    /// The present.
    pub(super) fn of(engine: &Engine) -> Result<Self, String> {
        let calls = engine.world().call(|world, _| world.log.entries().len());
        let messages = engine.messages().map_err(|error| error.to_string())?;
        Ok(Self {
            calls: calls.map_err(|error| error.to_string())?,
            messages: messages.len(),
        })
    }

    /// The snapshots that were made, and the exports that were started since; more than one is a failure.
    pub(super) fn effects(self, engine: &Engine) -> Result<Effects, String> {
        let counted = engine.world().call(|world, _| {
            let since = &world.log.entries()[self.calls..];
            ONCE.map(|operation| {
                let took_effect =
                    |entry: &&sim::world::log::Entry| entry.operation == operation && entry.effective;
                since.iter().filter(took_effect).count()
            })
        });
        let [created, copied, created_serverless, exported] = counted.map_err(|error| error.to_string())?;
        let effects = [created + created_serverless, copied + exported];
        ensure!(
            effects.iter().all(|count| *count <= 1),
            "{effects:?} snapshots and exports"
        );
        Ok(effects)
    }

    /// The messages since, each as its subject and its mail.
    pub(super) fn messages(self, engine: &Engine) -> Result<Vec<(String, String)>, String> {
        let messages = engine.messages().map_err(|error| error.to_string())?;
        let since = messages.into_iter().skip(self.messages);
        Ok(since
            .map(|message| {
                let mail = message.body_for("email").to_owned();
                (message.subject.unwrap_or_default(), mail)
            })
            .collect())
    }
}

/// That there is one backup, and that every object of it is what was verified.
pub(super) fn one_verified_backup(engine: &Engine) -> Result<(), String> {
    let manifests = keys(engine, "manifest.json");
    ensure!(manifests.len() == 1, "the manifests are {manifests:?}");
    let manifest = binaries::manifest(engine);
    let objects = manifest["objects"].as_array().cloned().unwrap_or_default();
    ensure!(!objects.is_empty(), "no objects in {manifest}");
    for object in &objects {
        let bytes = read(engine, object["key"].as_str().unwrap_or_default())?;
        let digest = base16ct::lower::encode_string(&Sha256::digest(&bytes));
        ensure!(object["sha256"] == digest, "another digest than in {object}");
        ensure!(object["keys"].as_u64() > Some(0), "no keys in {object}");
    }
    let folder = manifests[0].trim_end_matches("manifest.json");
    let verdicts = keys(engine, ".rdb.json");
    let verdicts = verdicts.iter().filter(|key| key.starts_with(folder)).count();
    ensure!(
        verdicts == objects.len(),
        "{verdicts} verdicts of {} objects",
        objects.len()
    );
    Ok(())
}

/// That no snapshot stays but the newest.
pub(super) fn one_snapshot(engine: &Engine) -> Result<(), String> {
    let statuses = engine.world().call(|world, _| world.snapshot_statuses());
    let mut statuses = statuses.map_err(|error| error.to_string())?;
    statuses.retain(|(_, status)| status != "deleting");
    ensure!(statuses.len() == 1, "the snapshots are {statuses:?}");
    Ok(())
}

/// How long what a crash left of a pruned backup stays, and a day.
const LEFTOVERS: SignedDuration = SignedDuration::from_hours(17 * 24);

/// That a later night's `prune` leaves nothing of any backup but the one that is kept.
pub(super) async fn nothing_left_over(engine: &Engine, execution: &Execution) -> Result<(), String> {
    let mut payload = pruning(execution).ok_or("`prune` was never called")?;
    payload["now"] = Value::from((engine.now() + LEFTOVERS).to_string());
    let pruned = engine.functions().invoke("prune", &payload).await;
    pruned.map_err(|error| format!("the later `prune` failed: {error:?}"))?;
    let manifests = keys(engine, "manifest.json");
    let kept = manifests
        .first()
        .map_or("", |key| key.trim_end_matches("manifest.json"));
    let mut others = keys(engine, "");
    others.retain(|key| !key.starts_with(kept));
    ensure!(others.is_empty(), "left over are {others:?}");
    Ok(())
}

/// What `prune` was last called with.
fn pruning(execution: &Execution) -> Option<Value> {
    let parameters = execution
        .history
        .iter()
        .rev()
        .find_map(|event| match &event.details {
            Some(Details::TaskScheduled { parameters, .. }) if parameters.contains(":prune\"") => {
                Some(parameters)
            }
            _ => None,
        });
    let call: Value = serde_json::from_str(parameters?).ok()?;
    call.get("Payload").cloned()
}

fn read(engine: &Engine, key: &str) -> Result<Vec<u8>, String> {
    let request = GetObjectRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        ..GetObjectRequest::default()
    };
    let answer = engine.world().call(|world, now| world.get_object(&request, now));
    let answer = answer.map_err(|error| error.to_string())?;
    let answer = answer.map_err(|error| format!("`{key}`: {error}"))?;
    answer.read().map_err(|error| error.to_string())
}

/// What only the processes may know: the beginning of each session token, and the access key and its secret.
const SECRETS: [&str; 2] = ["function/", "test"];

/// That no log, no message and no execution tells a secret.
pub(super) fn no_secret(home: &Path) -> Result<(), String> {
    for folder in ["logs", "messages", "executions"] {
        let Ok(files) = std::fs::read_dir(home.join(folder)) else {
            continue;
        };
        for file in files {
            let path = file.map_err(|error| error.to_string())?.path();
            let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
            for secret in SECRETS {
                let told = text.lines().find(|line| has_word(line, secret));
                ensure!(told.is_none(), "`{}` tells `{secret}`: {told:?}", path.display());
            }
        }
    }
    Ok(())
}

/// Whether the text has the word, not as a part of another.
fn has_word(text: &str, word: &str) -> bool {
    let is_inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        let ends_open = word.ends_with(char::is_alphanumeric);
        let after = text[at + word.len()..].chars().next();
        let is_part = is_inner(text[..at].chars().next_back()) || (ends_open && is_inner(after));
        !is_part
    })
}

#[test]
fn a_word_is_told_from_its_parts() {
    for (text, has) in [
        ("secret=test, more", true),
        ("\"test\"", true),
        ("the latest", false),
        ("tested", false),
    ] {
        assert_eq!(has_word(text, "test"), has, "{text}");
    }
    assert!(has_word("x:function/prune/00", "function/"));
}
