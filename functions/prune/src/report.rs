//! The plan as people read it, and the function's answer.

use crate::Intent;
use crate::survey::Survey;
use crate::sweep::SWEEP_DAYS;
use serde::{Deserialize, Serialize};

/// Lines of the plan in the answer; all of them are in the log.
const MOST_LINES: usize = 50;
/// Warnings in the answer.
const MOST_WARNINGS: usize = 20;

/// How far it went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// The run has no retention: nothing was looked at.
    #[default]
    NoRetention,
    /// The plan was made and nothing deleted.
    DryRun,
    /// The plan was carried out.
    Done,
}

/// What was kept and deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Output {
    /// How far it went.
    pub status: Status,
    /// Backups of this owner that stay.
    pub kept: usize,
    /// Backups whose manifests were deleted.
    pub deleted: usize,
    /// Runs without a manifest whose leftovers were deleted.
    pub swept: usize,
    /// Runs whose leftovers wait for the next time, because `maxDeletions` had no more room.
    pub waiting: usize,
    /// Old folders without a manifest that nothing shows to be this owner's; a person has to look.
    pub unowned: usize,
    /// Backups of others in the same cache's folder, left alone.
    pub others: usize,
    /// Objects that got a delete marker.
    pub objects_deleted: usize,
    /// Snapshots that were deleted in ElastiCache.
    pub snapshots_deleted: usize,
    /// The plan, a line each, deletions first, at most 50.
    pub plan: Vec<String>,
    /// Lines of the whole plan.
    pub plan_lines: usize,
    /// What was left undone and why, a sentence each, without a full stop.
    pub warnings: Vec<String>,
}

impl Output {
    /// What is known before the first deletion.
    pub(crate) fn of(intent: &Intent, survey: &Survey, lines: Vec<String>) -> Self {
        Self {
            status: Status::DryRun,
            kept: intent.plan.keep.len(),
            waiting: intent.waiting,
            unowned: survey.unowned,
            others: survey.others.len(),
            plan_lines: lines.len(),
            plan: lines.into_iter().take(MOST_LINES).collect(),
            warnings: intent.snapshots.warnings.clone(),
            ..Self::default()
        }
    }

    /// Keeps the answer far below the 256 KiB of a state.
    pub(crate) fn bound(&mut self) {
        let more = self.warnings.len().saturating_sub(MOST_WARNINGS);
        if more > 0 {
            self.warnings.truncate(MOST_WARNINGS);
            self.warnings.push(format!("{more} more warnings are in the log"));
        }
    }
}

/// The whole plan: what goes, then what stays.
pub(crate) fn lines(intent: &Intent) -> Vec<String> {
    let backup = |word: &str, of: &backup_core::retention::Decision| {
        format!("{word} {}: {}", of.instant, of.reasons.join("; "))
    };
    let delete = intent
        .plan
        .delete
        .iter()
        .map(|decision| backup("delete", decision));
    let sweep = intent.sweep.iter().map(|orphan| {
        let (instant, objects) = (orphan.instant, orphan.objects.len());
        format!("sweep {instant}: {objects} objects without a manifest, older than {SWEEP_DAYS} days")
    });
    let snapshots = &intent.snapshots;
    let delete_snapshots = snapshots
        .delete
        .iter()
        .map(|(name, why)| format!("delete snapshot {name}: {why}"));
    let keep = intent.plan.keep.iter().map(|decision| backup("keep", decision));
    let keep_snapshots = snapshots
        .keep
        .iter()
        .map(|(name, why)| format!("keep snapshot {name}: {why}"));
    delete
        .chain(sweep)
        .chain(delete_snapshots)
        .chain(keep)
        .chain(keep_snapshots)
        .collect()
}
