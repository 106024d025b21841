//! Judges what another state started: whether the snapshot is ready, whether the export is finished.
//!
//! It starts nothing and changes nothing, so that a re-drive, which enters the state that failed, looks again.
//! Whatever is ready is ready, even past the deadline; only waiting ends there.

mod evidence;
mod export;
mod snapshot;
#[cfg(test)]
mod world;

pub use export::{GRACE, SETTLE};
pub use snapshot::LAG;

use backup_core::export::ExportRequested;
use backup_core::ports::{BucketName, DescribeSnapshot, HeadObject, ListObjects, ListTags};
use backup_core::snapshot::{ExportSeen, SnapshotSeen};
use backup_core::{CacheKind, Error, Run, polling};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// The run's snapshot, by its status and tags.
    Snapshot,
    /// The export of it, by what lies in the bucket.
    Export,
}

/// What the state machine hands over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Input {
    /// What is looked at.
    pub what: What,
    /// The run.
    pub run: Run,
    /// When the snapshot or the export was asked for; waits grow from here on.
    pub requested_at: Timestamp,
    /// The snapshot as it was seen ready; with `what` = `export` only.
    #[serde(default)]
    pub snapshot: Option<SnapshotSeen>,
    /// The export as it was asked for; with `what` = `export` only.
    #[serde(default)]
    pub export: Option<ExportRequested>,
    /// How often the execution has been re-driven.
    pub redrive_count: u32,
    /// When waiting ends.
    pub deadline: Timestamp,
    /// The time of this attempt.
    pub now: Timestamp,
}

/// What the state machine goes on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Output {
    /// Not yet; look again later.
    Pending {
        /// Seconds until then.
        wait_seconds: u32,
    },
    /// Ready, and what was seen.
    Ready(Box<Seen>),
    /// The export came to nothing and is to be started again, from the same snapshot.
    Restart,
}

/// What was seen ready, under the field of its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Seen {
    /// A snapshot that may be exported.
    Snapshot(SnapshotSeen),
    /// Every object of an export.
    Export(ExportSeen),
}

/// Looks at the snapshot or the export; fails by name on what will never be ready and past the deadline.
pub async fn handle<P>(ports: &P, _settings: &(), input: Input) -> Result<Output, Error>
where
    P: BucketName + DescribeSnapshot + HeadObject + ListObjects + ListTags,
{
    let output = match (input.what, &input.snapshot, &input.export) {
        (What::Snapshot, None, None) => snapshot::check(ports, &input).await?,
        (What::Export, Some(snapshot), Some(export)) => {
            check_snapshot_seen(&input.run, snapshot)?;
            export::check(ports, &input, snapshot, export).await?
        }
        (What::Snapshot, ..) => {
            let allowed = "`export` where the fields `snapshot` and `export` are given";
            return Err(Error::invalid_input("what", "snapshot", allowed));
        }
        (What::Export, ..) => {
            let allowed = "`snapshot` where a field `snapshot` or `export` is missing";
            return Err(Error::invalid_input("what", "export", allowed));
        }
    };
    let waited = input.now.duration_since(input.requested_at).as_secs();
    let (cache, what) = (&input.run.cache, input.what);
    match &output {
        Output::Pending { wait_seconds } => {
            tracing::info!(%cache, ?what, waited, wait_seconds, "not ready yet");
        }
        Output::Ready(_) => {
            tracing::info!(%cache, ?what, waited, "ready");
        }
        Output::Restart => {
            tracing::warn!(%cache, ?what, waited, "the export came to nothing, it is started again");
        }
    }
    Ok(output)
}

/// The snapshot that is exported must be the run's, and one that can be told complete.
fn check_snapshot_seen(run: &Run, snapshot: &SnapshotSeen) -> Result<(), Error> {
    run.check_snapshot(&snapshot.name)?;
    if snapshot.node_groups.is_empty() && run.cache.kind != CacheKind::ServerlessCache {
        let allowed = "one node group or more, but for serverless caches";
        return Err(Error::invalid_input("snapshot.nodeGroups", "[]", allowed));
    }
    Ok(())
}

impl Input {
    /// Waits on, unless the time for it is used up; `waiting_for` says what was last seen.
    fn pending(&self, waiting_for: &str) -> Result<Output, Error> {
        self.run.check_deadline(waiting_for, self.deadline, self.now)?;
        Ok(Output::Pending {
            wait_seconds: polling::next_wait(self.requested_at, self.now),
        })
    }

    /// Whether less than `grace` has passed since it was asked for.
    fn is_within(&self, grace: SignedDuration) -> bool {
        self.now.duration_since(self.requested_at) < grace
    }
}

#[cfg(test)]
mod tests;
