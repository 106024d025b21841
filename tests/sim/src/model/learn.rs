//! How a step becomes memory.

use super::catalogue::Backup;
use super::limits::refusal;
use super::memory::{Attempt, DEADLINE_MAX_S, Invocation, Memory, Run, Version};
use super::names::{Cache, File, Place, instant};
use super::watch;
use crate::trace::{By, Caller, Step, VersionView, What};
use jiff::Timestamp;
use serde_json::Value;

impl Memory {
    /// Takes a step in.
    pub(super) fn learn(&mut self, step: &Step) {
        match &step.what {
            What::Called { .. } | What::Read { .. } | What::Invoked { .. } | What::Returned { .. } => {
                if let By::Function(caller) = &step.by {
                    let export = self.export_of(caller, &step.what);
                    self.exports.extend(export);
                    self.learn_call(caller, &step.what);
                }
                if let (By::Function(caller), What::Invoked { payload }) = (&step.by, &step.what) {
                    watch::learn(self, caller, payload, step.at);
                }
            }
            What::SnapshotAppeared(view) | What::SnapshotChanged(view) => {
                if let (By::Function(caller), What::SnapshotAppeared(_)) = (&step.by, &step.what) {
                    self.learn_made(caller);
                }
                let id = (view.serverless, view.name.clone());
                self.snapshots.insert(id.clone(), view.clone());
                self.snapshots_ever.insert(id, view.clone());
            }
            What::SnapshotGone(view) => {
                self.snapshots.remove(&(view.serverless, view.name.clone()));
            }
            What::VersionAppeared(view) | What::VersionChanged(view) | What::VersionGone(view) => {
                if view.bucket == self.setting.bucket {
                    self.learn_version(&step.by, &step.what, view);
                }
            }
            What::Published(_) => {
                if let By::Function(caller) = &step.by {
                    self.told(caller, |attempt| attempt.told += 1);
                    self.invocations.entry(caller.invocation).or_default().published = true;
                }
            }
            What::ExecutionStarted { arn, input } => self.learn_start(arn, input, step.at),
            What::ExecutionRedriven { arn, .. } => {
                if let Some(run) = self.runs.get_mut(arn) {
                    run.attempts.push(Attempt::new(step.at));
                }
            }
            What::ExecutionEnded { arn, ending } => {
                if let Some(attempt) = self.runs.get_mut(arn).and_then(|run| run.attempts.last_mut()) {
                    attempt.ended = Some((step.at, ending.clone()));
                }
            }
            What::Undelivered { about } => self.learn_undelivered(about),
            What::Measured(_) => {}
        }
    }

    fn learn_start(&mut self, arn: &str, input: &Value, at: Timestamp) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let (kind, id) = (&input["cache"]["kind"], &input["cache"]["id"]);
        let scheduled = text(&input["scheduledTime"]).and_then(|time| time.parse().ok());
        let plan = text(&input["plan"]).unwrap_or_else(|| "on-demand".to_owned());
        let name = arn.rsplit(':').next().unwrap_or_default();
        let run = Run {
            arn: arn.to_owned(),
            cache: kind
                .as_str()
                .zip(id.as_str())
                .map(|(kind, id)| Cache::new(kind, id)),
            owner: format!("{}/{plan}", self.setting.deployment_of(name)),
            instant: instant(scheduled.unwrap_or(at)),
            attempts: vec![Attempt::new(at)],
            deadline_s: input["deadlineSeconds"].as_i64().unwrap_or(DEADLINE_MAX_S),
            input: input.clone(),
        };
        self.runs.insert(arn.to_owned(), run);
    }

    fn learn_call(&mut self, caller: &Caller, what: &What) {
        let known = self.invocations.entry(caller.invocation).or_default();
        match what {
            // Numbers are those of one stage; where several share a world, one may come again.
            What::Invoked { payload } => {
                *known = Invocation {
                    payload: payload.clone(),
                    ..Invocation::default()
                };
                self.learn_invoked(caller, payload);
            }
            What::Called {
                operation,
                argument,
                answer,
                ..
            } => {
                if answer != "ok" {
                    known.refused.push((operation, argument.clone(), answer.clone()));
                }
                // Reading a shard takes as many calls as it has bytes, so those say nothing.
                if caller.function != "verify-object" || *operation != "GetObject" {
                    self.attempt(caller, |attempt| attempt.calls += 1);
                }
            }
            What::Read {
                key,
                version,
                start,
                length,
            } => {
                let current = self.versions.get(key).and_then(|all| all.last());
                let version = version.clone().or_else(|| Some(current?.view.version_id.clone()));
                let by = caller.execution.clone().unwrap_or_default();
                let id = (by, key.clone(), version.unwrap_or_default());
                self.reads.entry(id).or_default().push((*start, start + length));
            }
            What::Returned { result } => {
                let warnings = result
                    .as_ref()
                    .ok()
                    .and_then(|output| output["warnings"].as_array());
                // Who was told that something is not there could not do what is left undone.
                let clean = warnings.is_some_and(Vec::is_empty) && known.refused.is_empty();
                if caller.function == "prune" && clean {
                    self.clean_prunes.extend(caller.execution.clone());
                }
                if let Some(id) = refusal(self, caller, result) {
                    *self.refusals.entry(id).or_default() += 1;
                }
            }
            _ => {}
        }
    }

    fn learn_invoked(&mut self, caller: &Caller, payload: &Value) {
        self.attempt(caller, |attempt| attempt.invocations += 1);
        let run = caller.execution.as_ref().and_then(|arn| self.runs.get_mut(arn));
        if let Some(run) = run.filter(|run| run.input["deadlineSeconds"].is_null()) {
            let said = payload["run"]["deadlineSeconds"].as_i64();
            run.deadline_s = said.unwrap_or(run.deadline_s).min(DEADLINE_MAX_S);
        }
    }

    /// Changes the attempt that a state's call belongs to.
    fn attempt(&mut self, caller: &Caller, change: impl FnOnce(&mut Attempt)) {
        let run = caller.execution.as_ref().filter(|_| caller.state.is_some());
        let run = run.and_then(|arn| self.runs.get_mut(arn));
        if let Some(attempt) = run.and_then(|run| run.attempts.last_mut()) {
            change(attempt);
        }
    }

    /// Changes the attempt that an alert is about.
    fn told(&mut self, caller: &Caller, change: impl FnOnce(&mut Attempt)) {
        let Some((arn, number)) = self.told_ids(caller).filter(|_| caller.state.is_none()) else {
            return;
        };
        let run = self.runs.get_mut(&arn);
        if let Some(attempt) = run.and_then(|run| run.attempts.get_mut(number)) {
            change(attempt);
        }
    }

    fn learn_made(&mut self, caller: &Caller) {
        let Some(run) = self.run_of(caller) else { return };
        let Some(cache) = run.cache.clone() else { return };
        let by = (run.arn.clone(), run.attempts.len());
        let id = (run.owner.clone(), cache, run.instant.clone());
        self.made.entry(id).or_default().push(by);
    }

    fn learn_version(&mut self, by: &By, what: &What, view: &VersionView) {
        let all = self.versions.entry(view.key.clone()).or_default();
        let known = all
            .iter()
            .position(|known| known.view.version_id == view.version_id);
        let version = Version {
            view: view.clone(),
            by: by.clone(),
        };
        match (what, known) {
            (What::VersionGone(_), Some(index)) => drop(all.remove(index)),
            (What::VersionGone(_), None) => {}
            (What::VersionChanged(_), Some(index)) => all[index].view = view.clone(),
            // In a bucket without versions the new one takes the old one's place.
            (_, Some(index)) => {
                all.remove(index);
                all.push(version);
            }
            (_, None) => all.push(version),
        }
        let function = if let By::Function(caller) = by {
            Some(caller)
        } else {
            None
        };
        let appeared = function.filter(|_| matches!(what, What::VersionAppeared(_)));
        match (self.place(&view.key), appeared) {
            (
                Place::Backup {
                    cache,
                    instant,
                    file: File::Manifest,
                },
                _,
            ) => {
                let arn = function.and_then(|caller| caller.execution.clone());
                let wrote = appeared.is_some() && view.bytes.is_some();
                self.learn_catalogue(arn, wrote, &view.key, (cache, instant));
            }
            (
                Place::Backup {
                    file: File::Alert, ..
                }
                | Place::Alert { .. },
                Some(caller),
            ) => {
                self.told(caller, |attempt| attempt.marker = Some(view.key.clone()));
            }
            _ => {}
        }
    }

    /// Takes a manifest in as it is now; `arn` is the execution whose function changed it.
    fn learn_catalogue(&mut self, arn: Option<String>, wrote: bool, key: &str, at: (Cache, String)) {
        let newest = self.current(key).map(|version| version.view.clone());
        let bytes = newest.as_ref().and_then(|newest| newest.bytes.clone());
        let (Some(newest), Some(bytes)) = (newest, bytes) else {
            if let (Some(_), Some(arn)) = (self.backups.remove(key), arn) {
                self.retired.insert(key.to_owned());
                self.pruned.entry(arn).or_default().insert(key.to_owned());
            }
            return;
        };
        if let Some(arn) = arn.filter(|_| wrote) {
            self.recorded.entry(arn).or_default().insert(key.to_owned());
        }
        self.retired.remove(key);
        let backup = Backup::read(at.0, at.1, &bytes, &newest.tags);
        self.backups.insert(key.to_owned(), backup.clone());
        self.backups_ever.insert(key.to_owned(), backup);
    }

    /// An undelivered event names its execution.
    fn learn_undelivered(&mut self, about: &str) {
        let runs = self.runs.values_mut().filter(|run| about.contains(&run.arn));
        for run in runs {
            let mut attempts = run.attempts.iter_mut().rev();
            if let Some(ended) = attempts.find(|attempt| attempt.ended.is_some()) {
                ended.undelivered = true;
            }
        }
    }
}
