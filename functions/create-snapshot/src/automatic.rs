//! The newest automatic snapshot instead of one of our own.

use crate::{Output, Ports, Status, source};
use backup_core::catalogue::{self, Listing};
use backup_core::ports::{ListObjects, ReadObject, SnapshotOrigin};
use backup_core::snapshot::{Snapshot, SnapshotRequested, SnapshotStatus};
use backup_core::{CacheRef, Error, ErrorName, Instant, Run};
use jiff::{SignedDuration, Timestamp};

/// How old an automatic snapshot may be at the instant: a day, and two hours for a snapshot that took longer
/// than the day before. ElastiCache makes one a day.
pub const MAX_AGE: SignedDuration = SignedDuration::from_hours(26);

/// Picks the snapshot and gives the run its name, or says that it is backed up already.
///
/// A busy cache is no hindrance, because nothing is asked of it.
pub(crate) async fn provide<P: Ports>(ports: &P, mut run: Run, now: Timestamp) -> Result<Output, Error> {
    let cache = source::resolve(ports, &run.cache).await?;
    let members: Vec<String> = cache
        .members
        .into_iter()
        .map(|member| member.cache_cluster_id)
        .collect();
    let origin = SnapshotOrigin::Automatic;
    let all = ports.list_snapshots(&run.cache, &members, origin).await?;
    let picked = check_age(newest(all, &run.cache, run.instant), &run)?;
    run.snapshot_name = picked.snapshot.name.clone();
    if is_backed_up(ports, &run, &picked).await? {
        return Ok(Output {
            status: Status::Recorded,
            run,
            snapshot: None,
        });
    }
    Ok(Output {
        status: Status::Automatic,
        run,
        snapshot: Some(SnapshotRequested {
            requested_at: now,
            source_node: picked.snapshot.cache_cluster_id,
            source_role: None,
        }),
    })
}

/// A snapshot whose data are complete, with the time they were taken.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Picked {
    taken_at: Timestamp,
    snapshot: Snapshot,
}

/// The newest complete snapshot of the cache taken at or before the first second of the instant.
///
/// One that is being exported, copied or restored is complete as well: if it were passed over, a duplicate
/// execution would pick an older one than the execution that is exporting it.
fn newest(all: Vec<Snapshot>, cache: &CacheRef, instant: Instant) -> Option<Picked> {
    let complete = |snapshot: &Snapshot| match &snapshot.status {
        SnapshotStatus::Available => true,
        SnapshotStatus::InProgress(what) => what != "creating",
        SnapshotStatus::Failed | SnapshotStatus::Deleting => false,
    };
    all.into_iter()
        .filter(|snapshot| snapshot.is_of(cache) && complete(snapshot))
        .filter_map(|snapshot| {
            let taken_at = snapshot.create_time?;
            (taken_at <= instant.timestamp()).then_some(Picked { taken_at, snapshot })
        })
        .max_by(|a, b| (a.taken_at, &a.snapshot.name).cmp(&(b.taken_at, &b.snapshot.name)))
}

fn check_age(newest: Option<Picked>, run: &Run) -> Result<Picked, Error> {
    let what = match newest {
        Some(picked) if run.instant.timestamp().duration_since(picked.taken_at) <= MAX_AGE => {
            return Ok(picked);
        }
        Some(Picked { taken_at, snapshot }) => format!(
            "the newest automatic snapshot of `{}` at `{}` is `{}` of `{taken_at}`, older than {} hours",
            run.cache,
            run.instant,
            snapshot.name,
            MAX_AGE.as_hours()
        ),
        None => format!(
            "`{}` has no automatic snapshot taken at or before `{}`",
            run.cache, run.instant
        ),
    };
    Err(Error::new(
        ErrorName::NoRecentAutomaticSnapshot,
        format!(
            "{what}; check that automatic backups of the cache are on and their window lies before the instant, \
             or start a run with `source` `newSnapshot`"
        ),
    ))
}

/// Whether this owner has a backup of that very snapshot. Only instants from its creation on can have one.
async fn is_backed_up<P: ListObjects + ReadObject>(
    ports: &P,
    run: &Run,
    picked: &Picked,
) -> Result<bool, Error> {
    let Some(arn) = picked.snapshot.arn.as_deref() else {
        return Ok(false);
    };
    let mut listing = catalogue::list(ports, &run.cache).await?;
    if let Some(first) = Instant::of(picked.taken_at) {
        listing = Listing(listing.0.split_off(&first));
    }
    let manifests = catalogue::read_all(ports, &listing).await?;
    let same = manifests
        .iter()
        .find(|manifest| manifest.owner == run.owner && manifest.snapshot.arn == arn);
    if let Some(manifest) = same {
        tracing::info!(snapshot = %run.snapshot_name, recorded_at = %manifest.instant(), "backed up already");
    }
    Ok(same.is_some())
}

#[cfg(test)]
mod tests;
