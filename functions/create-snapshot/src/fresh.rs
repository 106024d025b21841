//! A new snapshot: found under its name, or asked for.

use crate::source::{self, Chosen};
use crate::{Output, Ports, Status, tags};
use backup_core::ports::{CreateSnapshotParams, DescribeSnapshot};
use backup_core::snapshot::{Snapshot, SnapshotRequested};
use backup_core::{CacheKind, CallError, CallErrorKind, Error, ErrorName, Run};
use jiff::Timestamp;

/// Provides the run's own snapshot.
pub(crate) async fn provide<P: Ports>(ports: &P, run: Run, now: Timestamp) -> Result<Output, Error> {
    if let Some(requested) = look(ports, &run, now).await? {
        return Ok(output(Status::Adopted, run, requested));
    }
    let cache = source::resolve(ports, &run.cache).await?;
    source::check_available(&run.cache, &cache.status)?;
    let chosen = source::choose(ports, &run.cache, &cache).await?;
    let params = CreateSnapshotParams {
        name: run.snapshot_name.clone(),
        source: chosen.source.clone(),
        tags: tags::of_snapshot(ports, &run, &cache).await,
    };
    match ports.create_snapshot(&params).await {
        Ok(()) => {
            let requested = SnapshotRequested {
                requested_at: now,
                source_node: chosen.node,
                source_role: chosen.role,
            };
            Ok(output(Status::Created, run, requested))
        }
        Err(call) if may_hide_an_earlier_attempt(&call) => match look(ports, &run, now).await? {
            Some(requested) => Ok(output(Status::Adopted, run, requested)),
            None => Err(refused(&run, &chosen, call)),
        },
        Err(call) => Err(refused(&run, &chosen, call)),
    }
}

fn output(status: Status, run: Run, requested: SnapshotRequested) -> Output {
    Output {
        status,
        run,
        snapshot: Some(requested),
    }
}

/// The snapshot of the run's name, if there is one and it is of this cache. Its tags cannot be read before it
/// is available, so whose it is, and what became of a failed one, is left to `check-status`.
async fn look<P: DescribeSnapshot>(
    ports: &P,
    run: &Run,
    now: Timestamp,
) -> Result<Option<SnapshotRequested>, Error> {
    let name = &run.snapshot_name;
    match ports.describe_snapshot(run.cache.kind, name).await? {
        None => Ok(None),
        Some(found) if found.is_of(&run.cache) => Ok(Some(adopt(found, now))),
        Some(found) => Err(Error::new(
            ErrorName::SnapshotForeign,
            format!(
                "snapshot `{name}` exists and is of `{}`, not of `{}`; \
                 it is left alone: start a run with another `scheduledTime`, or delete the snapshot if nobody needs it",
                source_of(&found),
                run.cache
            ),
        )),
    }
}

/// An adopted snapshot is waited for from its create time on, so that the waits go on growing where the first
/// attempt left off. It has none while it is being created; then the wait begins anew, which costs a few
/// looks more and delays nothing.
fn adopt(found: Snapshot, now: Timestamp) -> SnapshotRequested {
    SnapshotRequested {
        requested_at: found.create_time.filter(|at| *at <= now).unwrap_or(now),
        source_node: found.cache_cluster_id,
        source_role: None,
    }
}

fn source_of(snapshot: &Snapshot) -> &str {
    let fields = [
        &snapshot.replication_group_id,
        &snapshot.cache_cluster_id,
        &snapshot.serverless_cache_name,
    ];
    fields
        .into_iter()
        .flatten()
        .next()
        .map_or("an unknown source", String::as_str)
}

/// Refusals that an attempt whose answer was lost can be behind: its snapshot has the name, makes the cache
/// busy and may have taken the last of the day's.
fn may_hide_an_earlier_attempt(call: &CallError) -> bool {
    matches!(
        call.kind,
        CallErrorKind::SnapshotAlreadyExists
            | CallErrorKind::InvalidCacheState
            | CallErrorKind::InvalidSnapshotState
            | CallErrorKind::SnapshotQuotaExceeded
    )
}

/// The error behind a refusal, once no snapshot of the run's name was seen.
fn refused(run: &Run, chosen: &Chosen, call: CallError) -> Error {
    let (cache, name) = (&run.cache, &run.snapshot_name);
    let node = chosen.node.as_deref();
    let whole = format!("{cache}");
    let of = node.unwrap_or(&whole);
    let (error, message) = match call.kind {
        CallErrorKind::SnapshotAlreadyExists => (
            ErrorName::SnapshotBusy,
            format!(
                "snapshot `{name}` exists, but ElastiCache does not show it yet; the next attempt looks again"
            ),
        ),
        CallErrorKind::InvalidCacheState => (
            ErrorName::CacheBusy,
            format!("`{of}` is not available for snapshot `{name}`; the next attempt looks again"),
        ),
        CallErrorKind::CacheNotFound if node.is_some() && cache.kind == CacheKind::ReplicationGroup => (
            ErrorName::CacheBusy,
            format!(
                "node `{of}` of `{cache}` went away before its snapshot; the next attempt chooses another"
            ),
        ),
        CallErrorKind::SnapshotQuotaExceeded => (
            ErrorName::SnapshotQuotaExceeded,
            format!(
                "the manual snapshots of `{of}` are used up (20 per node, 24 per serverless cache in 24 hours) \
                 and deleting gives none back; re-drive the run when the oldest is 24 hours old"
            ),
        ),
        CallErrorKind::NotSupported => (
            ErrorName::Unsupported,
            format!("ElastiCache takes no snapshot of `{of}`; take the cache out of the plan"),
        ),
        _ => return call.into(),
    };
    Error::of_call(error, message, call)
}

#[cfg(test)]
mod tests;
