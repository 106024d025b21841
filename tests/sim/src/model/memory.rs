//! What the model remembers of a trace: no more than what happened, without a judgement.

use super::catalogue::Backup;
use super::names::{Cache, Place, place};
use super::setting::Setting;
use super::watch::Watched;
use crate::trace::{By, Caller, Ending, SnapshotView, VersionView, What};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One execution from its start to now.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) arn: String,
    pub(super) input: Value,
    /// None where the input does not tell.
    pub(super) cache: Option<Cache>,
    pub(super) owner: String,
    pub(super) instant: String,
    pub(super) attempts: Vec<Attempt>,
    /// Seconds that the run may take; the functions' own word where the input has none.
    pub(super) deadline_s: i64,
}

/// What happened between a start or re-drive and the end that follows it.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) began: Timestamp,
    pub(super) ended: Option<(Timestamp, Ending)>,
    /// Messages that told of its end.
    pub(super) told: usize,
    /// Whether an event about it lies in the queue of what nobody took.
    pub(super) undelivered: bool,
    /// The marker that says it was told.
    pub(super) marker: Option<String>,
    pub(super) calls: usize,
    pub(super) invocations: usize,
}

/// One invocation of a function.
#[derive(Debug, Clone, Default)]
pub(super) struct Invocation {
    pub(super) payload: Value,
    /// Whether the topic accepted a message of it.
    pub(super) published: bool,
    /// Operation, argument and answer of each call that was not answered `ok`.
    pub(super) refused: Vec<(&'static str, String, String)>,
}

/// An export that took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Export {
    pub(super) snapshot: String,
    pub(super) arn: String,
    /// Attempts of the execution so far.
    pub(super) attempt: usize,
    pub(super) renewal: u64,
    /// The folder that its objects go to.
    pub(super) folder: String,
}

/// A version with who made it.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) view: VersionView,
    pub(super) by: By,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) setting: Setting,
    pub(super) runs: BTreeMap<String, Run>,
    pub(super) invocations: BTreeMap<u64, Invocation>,
    /// Snapshots that are there, by whether they are serverless, and name.
    pub(super) snapshots: BTreeMap<(bool, String), SnapshotView>,
    /// Snapshots as they were last seen, also those that are gone.
    pub(super) snapshots_ever: BTreeMap<(bool, String), SnapshotView>,
    /// Who made snapshots for owner, cache and instant: ARN and attempt.
    pub(super) made: BTreeMap<(String, Cache, String), Vec<(String, usize)>>,
    /// Exports that took effect, oldest first.
    pub(super) exports: Vec<Export>,
    /// All versions by key, oldest first.
    pub(super) versions: BTreeMap<String, Vec<Version>>,
    /// The catalogue, by the manifest's key.
    pub(super) backups: BTreeMap<String, Backup>,
    /// Every backup that ever was in the catalogue.
    pub(super) backups_ever: BTreeMap<String, Backup>,
    /// Keys of manifests that prune took out of the catalogue.
    pub(super) retired: BTreeSet<String>,
    /// Manifests that this execution wrote, by its ARN.
    pub(super) recorded: BTreeMap<String, BTreeSet<String>>,
    /// Manifests that a prune of this execution deleted, by its ARN.
    pub(super) pruned: BTreeMap<String, BTreeSet<String>>,
    /// What this execution read of a key's version.
    pub(super) reads: BTreeMap<(String, String, String), Vec<(u64, u64)>>,
    /// Executions whose prune ended well and without a warning.
    pub(super) clean_prunes: Vec<String>,
    /// What `watch` looks at, by owner and cache.
    pub(super) watched: BTreeMap<(String, Cache), Watched>,
    /// How often a state was refused for good, by what it asked.
    pub(super) refusals: BTreeMap<String, usize>,
}

impl Memory {
    pub(super) fn new(setting: Setting) -> Self {
        Self {
            setting,
            runs: BTreeMap::new(),
            invocations: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            snapshots_ever: BTreeMap::new(),
            made: BTreeMap::new(),
            exports: Vec::new(),
            versions: BTreeMap::new(),
            backups: BTreeMap::new(),
            backups_ever: BTreeMap::new(),
            retired: BTreeSet::new(),
            recorded: BTreeMap::new(),
            pruned: BTreeMap::new(),
            reads: BTreeMap::new(),
            clean_prunes: Vec::new(),
            watched: BTreeMap::new(),
            refusals: BTreeMap::new(),
        }
    }

    pub(super) fn place(&self, key: &str) -> Place {
        place(&self.setting.deployment, key)
    }

    /// The execution that a call is about.
    pub(super) fn run_of(&self, caller: &Caller) -> Option<&Run> {
        self.runs.get(caller.execution.as_ref()?)
    }

    /// The export that a call starts, if it does.
    pub(super) fn export_of(&self, caller: &Caller, what: &What) -> Option<Export> {
        let What::Called {
            operation,
            argument,
            effective: true,
            ..
        } = what
        else {
            return None;
        };
        let run = self.run_of(caller)?;
        let cache = run.cache.as_ref()?;
        let known = self.invocations.get(&caller.invocation)?;
        let renewal = known.payload["renewal"].as_u64().unwrap_or(0);
        let folder = match (*operation, renewal) {
            ("CopySnapshot", 0) => cache.folder(&run.instant),
            ("CopySnapshot", _) => format!("{}r{renewal}/", cache.folder(&run.instant)),
            ("ExportServerlessCacheSnapshot", _) => format!("{argument}/"),
            _ => return None,
        };
        let (snapshot, arn) = (argument.clone(), run.arn.clone());
        Some(Export {
            snapshot,
            arn,
            attempt: run.attempts.len(),
            renewal,
            folder,
        })
    }

    /// How many shards lie in the folder of an export.
    pub(super) fn exported(&self, export: &Export) -> usize {
        let has_bytes = |key: &str| {
            let bytes = self.current(key).and_then(|version| version.view.bytes.as_ref());
            bytes.is_some_and(|bytes| !bytes.is_empty())
        };
        let there = self.versions.keys().filter(|key| has_bytes(key));
        let keys = there.filter_map(|key| key.strip_prefix(&export.folder));
        let shards = keys.filter(|name| !name.contains('/') && name.strip_suffix(".rdb").is_some());
        shards.count()
    }

    /// The newest version of a key, unless it is a delete marker.
    pub(super) fn current(&self, key: &str) -> Option<&Version> {
        let newest = self.versions.get(key)?.last()?;
        newest.view.bytes.is_some().then_some(newest)
    }

    /// Which attempt of an execution an alert's invocation is about.
    pub(super) fn told_attempt(&self, caller: &Caller) -> Option<(&Run, usize)> {
        let (arn, number) = self.told_ids(caller)?;
        Some((self.runs.get(&arn)?, number))
    }

    pub(super) fn told_ids(&self, caller: &Caller) -> Option<(String, usize)> {
        let payload = self
            .invocations
            .get(&caller.invocation)
            .map(|i| &i.payload["detail"]);
        let named = payload
            .and_then(|detail| detail["executionArn"].as_str())
            .map(str::to_owned);
        let arn = named.or_else(|| caller.execution.clone())?;
        let last = self.runs.get(&arn)?.attempts.len().checked_sub(1)?;
        let number = payload.and_then(|detail| detail["redriveCount"].as_u64());
        let number = number.and_then(|number| usize::try_from(number).ok());
        Some((arn, number.filter(|number| *number <= last).unwrap_or(last)))
    }
}

/// The most that `deadlineSeconds` may be (statemachine/README, "Times").
pub(super) const DEADLINE_MAX_S: i64 = 23 * 3600;

impl Attempt {
    pub(super) fn new(began: Timestamp) -> Self {
        Self {
            began,
            ended: None,
            told: 0,
            undelivered: false,
            marker: None,
            calls: 0,
            invocations: 0,
        }
    }

    /// How it ended, if it did not succeed.
    pub(super) fn failure(&self) -> Option<(Timestamp, &Ending)> {
        let (at, ending) = self.ended.as_ref()?;
        (ending.status != "SUCCEEDED").then_some((*at, ending))
    }
}

impl Run {
    /// When the latest attempt has to be over.
    pub(super) fn due(&self, slack: SignedDuration) -> Option<Timestamp> {
        let attempt = self.attempts.last()?;
        Some(attempt.began + SignedDuration::from_secs(self.deadline_s) + slack)
    }

    /// What the plan says about keeping; none where nothing may be deleted.
    pub(super) fn retention(&self) -> Option<&Value> {
        let retention = &self.input["retention"];
        let active = retention.is_object() && retention["dryRun"] != true;
        active.then_some(retention)
    }

    /// The key of its manifest.
    pub(super) fn manifest_key(&self) -> Option<String> {
        Some(self.cache.as_ref()?.manifest_key(&self.instant))
    }
}

/// Bytes that are the same, cheaply where they are shared.
pub(super) fn same_bytes(a: &Arc<[u8]>, b: &Arc<[u8]>) -> bool {
    Arc::ptr_eq(a, b) || a == b
}
