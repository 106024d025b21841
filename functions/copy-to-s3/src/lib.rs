//! Starts the export of the run's snapshot, or adopts the one that an earlier attempt started.
//!
//! `CopySnapshot` with a target bucket and `ExportServerlessCacheSnapshot` have no client token, so an answer that
//! was lost shows at the next attempt as a refusal: the snapshot is exporting, or its object is there. What was
//! found is adopted and left to `check-status`, which judges it by the objects.

mod refusal;

use backup_core::export::{self, ExportRequested};
use backup_core::names::{self, ExportGrammar};
use backup_core::ports::{BucketName, DescribeSnapshot, ExportSnapshot, ExportSnapshotParams, ListObjects};
use backup_core::snapshot::{SnapshotSeen, SnapshotStatus};
use backup_core::{CallError, CallErrorKind, Error, Run};
use jiff::Timestamp;
use refusal::Refusal;
use serde::Deserialize;

/// What the state machine hands over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Input {
    /// The run.
    pub run: Run,
    /// The snapshot as `check-status` saw it: ready, and by its tags the run's.
    pub snapshot: SnapshotSeen,
    /// The re-drive count under which a failed export is renewed, part of its keys; 0 at first.
    pub renewal: u32,
    /// How often the execution has been re-driven.
    pub redrive_count: u32,
    /// The time of this attempt.
    pub now: Timestamp,
}

/// Starts or adopts the export; success says only that ElastiCache has one to do or to show.
pub async fn handle<P>(ports: &P, _settings: &(), input: Input) -> Result<ExportRequested, Error>
where
    P: BucketName + DescribeSnapshot + ExportSnapshot + ListObjects,
{
    check(&input)?;
    let Input { run, renewal, .. } = &input;
    let params = ExportSnapshotParams {
        kind: run.cache.kind,
        snapshot: run.snapshot_name.clone(),
        target: names::export_target(&run.cache, run.instant, *renewal),
    };
    let adopted = match ports.export_snapshot(&params).await {
        Ok(()) => false,
        Err(call) => {
            let found = if may_hide_an_earlier_attempt(&call) {
                look(ports, &input, &params).await?
            } else {
                Found::NotLooked
            };
            let refusal = Refusal {
                bucket: ports.bucket_name(),
                region: region_of(&input.snapshot),
                snapshot: &params.snapshot,
            };
            refusal.judge(found, call)?;
            true
        }
    };
    tracing::info!(
        cache = %run.cache, snapshot = %params.snapshot, target = params.target, adopted, "the export is on its way"
    );
    Ok(ExportRequested {
        target: params.target,
        renewal: *renewal,
        requested_at: input.now,
        redrive_count: input.redrive_count,
        adopted,
    })
}

/// Input that contradicts itself would export another's snapshot or write over no one knows what.
fn check(input: &Input) -> Result<(), Error> {
    let Input { run, snapshot, .. } = input;
    run.check_snapshot(&snapshot.name)?;
    if input.renewal > input.redrive_count {
        let allowed = format!("at most the re-drive count, `{}`", input.redrive_count);
        return Err(Error::invalid_input("renewal", input.renewal, &allowed));
    }
    Ok(())
}

/// The Region in the snapshot's ARN, for texts: `arn:<partition>:elasticache:<region>:…`.
fn region_of(snapshot: &SnapshotSeen) -> &str {
    let region = snapshot.arn.split(':').nth(3);
    region.filter(|region| !region.is_empty()).unwrap_or("<region>")
}

/// What an earlier attempt left behind, as far as can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    /// The refusal has nothing to do with an earlier attempt.
    NotLooked,
    /// An object of this very target.
    Objects,
    /// No object, and the snapshot in this status, or gone.
    Status(Option<SnapshotStatus>),
}

/// Refusals that an attempt whose answer was lost can be behind. Whether an export counts against the quota of
/// snapshots is not documented \[U\]. A snapshot that is gone may have been exported before it went: a run that is
/// re-driven days later meets that.
fn may_hide_an_earlier_attempt(call: &CallError) -> bool {
    matches!(
        call.kind,
        CallErrorKind::ExportExists
            | CallErrorKind::InvalidSnapshotState
            | CallErrorKind::SnapshotAlreadyExists
            | CallErrorKind::SnapshotNotFound
            | CallErrorKind::SnapshotQuotaExceeded
    )
}

/// Describes before listing: an export that ended in between has its objects listed.
async fn look<P: DescribeSnapshot + ListObjects>(
    ports: &P,
    input: &Input,
    params: &ExportSnapshotParams,
) -> Result<Found, Error> {
    let source = ports.describe_snapshot(params.kind, &params.snapshot).await?;
    let grammar = ExportGrammar::of(&input.run.cache, &params.snapshot, &params.target);
    if export::list(ports, &grammar).await?.is_empty() {
        return Ok(Found::Status(source.map(|source| source.status)));
    }
    Ok(Found::Objects)
}

#[cfg(test)]
mod tests;
