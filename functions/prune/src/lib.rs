//! Deletes what the plan's retention no longer keeps: plan first, printed with its reasons, then the deletions.
//!
//! Within one owner and one cache only. Objects get delete markers, never is a version deleted. Of each backup
//! the manifest goes first, so that a crash leaves objects without a manifest and never a manifest without
//! objects; what is left over is swept once it is 16 days old.

mod belongings;
mod delete;
mod report;
mod snapshots;
mod survey;
mod sweep;

pub use report::{Output, Status};

use backup_core::metrics::{Metric, Metrics};
use backup_core::ports::{
    DeleteObject, DeleteSnapshot, DescribeCache, EmitMetrics, ListObjects, ListSnapshots, ListTags,
    ObjectTags, ReadObject,
};
use backup_core::retention::Plan;
use backup_core::{Error, ErrorName, Retention, Run};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use snapshots::SnapshotPlan;
use survey::Survey;

/// What the state machine passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Input {
    /// The run, whose backup is recorded by now.
    pub run: Run,
    /// The time of this call.
    pub now: Timestamp,
}

/// Everything this function asks of AWS.
pub trait Ports:
    ListObjects
    + ReadObject
    + ObjectTags
    + DeleteObject
    + DescribeCache
    + ListSnapshots
    + ListTags
    + DeleteSnapshot
{
}
impl<P> Ports for P where
    P: ListObjects
        + ReadObject
        + ObjectTags
        + DeleteObject
        + DescribeCache
        + ListSnapshots
        + ListTags
        + DeleteSnapshot
{
}

/// Everything that will be done, with its reasons.
struct Intent {
    /// The backups.
    plan: Plan,
    /// The runs whose leftovers are swept, oldest first, no more than the fuse has room for.
    sweep: Vec<sweep::Orphan>,
    /// Runs whose leftovers wait for the next time, for the fuse has no more room.
    waiting: usize,
    /// The snapshots.
    snapshots: SnapshotPlan,
}

/// Prunes after a recorded backup; without retention in the run it asks nothing and deletes nothing.
///
/// Fails with `PruneRefused`, and has deleted nothing, where the listing is not to be trusted, a manifest cannot
/// be read, or the plan would delete more backups than `maxDeletions`. A call that fails keeps its own name;
/// one that fails during the deletions is raised after everything else was tried, and after what was really done is
/// measured.
pub async fn handle<P: Ports>(ports: &P, metrics: &impl EmitMetrics, input: Input) -> Result<Output, Error> {
    let Input { run, now } = input;
    let Some(retention) = &run.retention else {
        tracing::info!("the run of `{}` has no retention, nothing is pruned", run.cache);
        return Ok(Output::default());
    };
    let rules = retention.rules()?;
    let survey = Survey::take(ports, &run, now).await?;
    let plan = survey.plan(ports, &rules, now).await?;
    let (snapshots, snapshot_trouble) =
        match snapshots::plan(ports, &run, retention.keep_snapshots, &survey.sound(&plan)).await {
            Ok(snapshots) => (snapshots, None),
            Err(error) => (SnapshotPlan::default(), Some(error)),
        };
    let intent = intend(retention, &survey, plan, snapshots);
    let lines = report::lines(&intent);
    for line in &lines {
        tracing::info!("{line}");
    }
    let mut output = Output::of(&intent, &survey, lines);
    if !retention.dry_run {
        fuse(retention, &run, &intent)?;
        output.status = Status::Done;
        let done = delete::all(ports, &run, &survey, intent, &mut output, snapshot_trouble).await;
        // Also where some of it failed: what is gone is in no later plan, so no later prune would count it.
        metrics.emit(&measured(&run, &output, now));
        done?;
    } else if let Some(error) = snapshot_trouble {
        return Err(error);
    }
    output.bound();
    Ok(output)
}

fn measured(run: &Run, output: &Output, now: Timestamp) -> Metrics {
    let count = |backups: usize| u64::try_from(backups).unwrap_or(u64::MAX);
    Metrics::of_cache(now, &run.owner, &run.cache)
        .with_count(Metric::KeptBackups, count(output.kept))
        .with_count(Metric::DeletedBackups, count(output.deleted))
}

/// Backups go all or not at all; sweeping takes what room the fuse has left and goes on at the next run, so that
/// many failed runs in a row cannot blow it.
fn intend(retention: &Retention, survey: &Survey, plan: Plan, snapshots: SnapshotPlan) -> Intent {
    let most = usize::try_from(retention.max_deletions).unwrap_or(usize::MAX);
    let room = most.saturating_sub(plan.delete.len());
    let sweep: Vec<_> = survey.orphans.iter().take(room).cloned().collect();
    Intent {
        waiting: survey.orphans.len() - sweep.len(),
        plan,
        sweep,
        snapshots,
    }
}

fn fuse(retention: &Retention, run: &Run, intent: &Intent) -> Result<(), Error> {
    let (wanted, allowed) = (intent.plan.delete.len(), retention.max_deletions);
    if wanted <= usize::try_from(allowed).unwrap_or(usize::MAX) {
        return Ok(());
    }
    Err(Error::new(
        ErrorName::PruneRefused,
        format!(
            "the plan would delete `{wanted}` backups of `{}` in one run, `retention.maxDeletions` allows \
             `{allowed}`; nothing was deleted; look at the plan with `retention.dryRun`, and if it is right raise \
             `retention.maxDeletions` to `{wanted}` for the next run",
            run.cache
        ),
    ))
}

#[cfg(test)]
mod tests;
