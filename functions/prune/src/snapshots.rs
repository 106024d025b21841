//! Which of our manual snapshots in ElastiCache go.

use crate::Ports;
use backup_core::names::{SnapshotName, TAG_CACHE, TAG_OWNER, TAG_RUN};
use backup_core::ports::{CallErrorKind, SnapshotOrigin};
use backup_core::run::Tag;
use backup_core::snapshot::{Snapshot, SnapshotStatus};
use backup_core::{CacheKind, Error, Instant, Run};
use std::collections::{BTreeMap, BTreeSet};

/// What the catalogue knows of snapshots.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The owner's backups that stay and are not suspicious, with the snapshot that each was taken from.
    pub(crate) sound: BTreeMap<Instant, SnapshotName>,
    /// The snapshots behind other owners' backups.
    pub(crate) others: BTreeSet<SnapshotName>,
    /// The nodes that the owner's backups were taken of. ElastiCache files a snapshot under its node, also where the
    /// node has been replaced since.
    pub(crate) nodes: BTreeSet<String>,
}

/// What becomes of the snapshots, each with its reason, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SnapshotPlan {
    pub(crate) keep: Vec<(SnapshotName, String)>,
    pub(crate) delete: Vec<(SnapshotName, String)>,
    pub(crate) warnings: Vec<String>,
}

/// Whether a snapshot that should go may go.
enum Leave {
    /// Its tags say that this owner's run made it.
    Granted,
    /// It is not ours, or gone.
    None,
    /// Its creation failed and nothing shows whose it is. It holds no data and stays for good, so it is no
    /// warning: one failed night would warn in every night after it.
    Unproven,
    /// It should, and cannot now.
    Later(String),
}

/// Why a failed snapshot stays.
const UNPROVEN: &str = "its creation failed and its tags cannot be read, a person may delete it";

/// Plans over the manual snapshots of the run's cache. A cache that is gone has no members to ask for, and its
/// snapshots are still found under its own id and its former nodes'.
pub(crate) async fn plan<P: Ports>(
    ports: &P,
    run: &Run,
    keep_snapshots: u32,
    known: &Known,
) -> Result<SnapshotPlan, Error> {
    let mut plan = SnapshotPlan::default();
    let mut delete = Vec::new();
    let keep = usize::try_from(keep_snapshots).unwrap_or(usize::MAX);
    for (snapshot, decision) in decide(list(ports, run, known).await?, run, keep, known) {
        match decision {
            Ok(reason) => plan.keep.push((snapshot.name, reason)),
            Err(reason) => delete.push((snapshot, reason)),
        }
    }
    for (snapshot, reason) in delete {
        match may_go(ports, run, &snapshot).await? {
            Leave::Granted => plan.delete.push((snapshot.name, reason)),
            Leave::Later(why) => plan.warnings.push(why),
            Leave::None => plan.keep.push((snapshot.name, "not this owner's".to_owned())),
            Leave::Unproven => plan.keep.push((snapshot.name, UNPROVEN.to_owned())),
        }
    }
    Ok(plan)
}

async fn list<P: Ports>(ports: &P, run: &Run, known: &Known) -> Result<Vec<Snapshot>, Error> {
    let mut members = BTreeSet::new();
    if run.cache.kind == CacheKind::ReplicationGroup {
        let cache = ports.describe_cache(&run.cache).await?;
        let ids = cache.into_iter().flat_map(|cache| cache.members);
        members.extend(ids.map(|member| member.cache_cluster_id));
        members.extend(known.nodes.iter().cloned());
    }
    let members: Vec<String> = members.into_iter().collect();
    match ports
        .list_snapshots(&run.cache, &members, SnapshotOrigin::Manual)
        .await
    {
        Err(error) if error.kind == CallErrorKind::CacheNotFound => Ok(Vec::new()),
        snapshots => Ok(snapshots?),
    }
}

/// Why a snapshot stays, or why it should go.
type Decision = Result<String, String>;

/// Decides by name and catalogue alone, newest first; whose a snapshot is, its tags must say before it goes.
///
/// Those of sound backups count against `keep`. One of a failed run, of a suspicious backup or of a backup that
/// was deleted stays until a later sound backup stands, and then it is of no use.
fn decide(snapshots: Vec<Snapshot>, run: &Run, keep: usize, known: &Known) -> Vec<(Snapshot, Decision)> {
    let newest_sound = known.sound.keys().next_back();
    let counted: BTreeSet<&SnapshotName> = known.sound.values().collect();
    let mut named: Vec<(Instant, Snapshot)> = snapshots
        .into_iter()
        .filter(|snapshot| !snapshot.automatic && !snapshot.name.is_automatic() && snapshot.is_of(&run.cache))
        .filter(|snapshot| snapshot.status != SnapshotStatus::Deleting)
        .filter_map(|snapshot| Some((snapshot.name.instant_for(&run.cache.id)?, snapshot)))
        .collect();
    named.sort_by_key(|(instant, _)| std::cmp::Reverse(*instant));
    named.dedup_by(|a, b| a.1.name == b.1.name);
    let mut kept = 0;
    let decide = |(instant, snapshot): (Instant, Snapshot)| {
        let decision = if known.others.contains(&snapshot.name) {
            Ok("another owner's backup".to_owned())
        } else if counted.contains(&snapshot.name) {
            kept += 1;
            let (stays, beyond) = (
                format!("one of the newest {keep}"),
                format!("beyond the newest {keep}"),
            );
            if kept <= keep { Ok(stays) } else { Err(beyond) }
        } else {
            match newest_sound.filter(|sound| **sound > instant) {
                Some(sound) => Err(format!(
                    "no sound backup of it is kept, and that of {sound} stands"
                )),
                None => Ok("no later sound backup stands".to_owned()),
            }
        };
        (snapshot, decision)
    };
    named.into_iter().map(decide).collect()
}

async fn may_go<P: Ports>(ports: &P, run: &Run, snapshot: &Snapshot) -> Result<Leave, Error> {
    let name = &snapshot.name;
    let later = |why: &str| {
        Ok(Leave::Later(format!(
            "snapshot `{name}` could not be deleted: {why}"
        )))
    };
    let Some(arn) = snapshot.arn.as_deref() else {
        return later("ElastiCache tells no ARN to read its tags by");
    };
    match &snapshot.status {
        SnapshotStatus::Available | SnapshotStatus::Failed => {}
        SnapshotStatus::Deleting => return Ok(Leave::None),
        status @ SnapshotStatus::InProgress(_) => {
            return later(&format!("it is `{status}`, the next run tries again"));
        }
    }
    match ports.list_tags(arn).await {
        Ok(tags) if is_ours(&tags, run, name) => Ok(Leave::Granted),
        Ok(_) => Ok(Leave::None),
        // Whether the tags of a failed snapshot can be read is not documented \[U\].
        Err(error) if snapshot.status == SnapshotStatus::Failed => {
            tracing::info!(%name, %error, "a failed snapshot stays");
            Ok(Leave::Unproven)
        }
        Err(error) => match error.kind {
            CallErrorKind::SnapshotNotFound | CallErrorKind::NotFound => Ok(Leave::None),
            CallErrorKind::InvalidSnapshotState | CallErrorKind::InvalidCacheState => {
                later("it is busy, the next run tries again")
            }
            _ => Err(error.into()),
        },
    }
}

/// All three tags, as the run that gives this name sets them.
fn is_ours(tags: &[Tag], run: &Run, name: &SnapshotName) -> bool {
    let Some(instant) = name.instant_for(&run.cache.id) else {
        return false;
    };
    let cache = run.cache.to_string();
    [
        (TAG_RUN, format!("{cache}/{instant}")),
        (TAG_OWNER, run.owner.to_string()),
        (TAG_CACHE, cache),
    ]
    .into_iter()
    .all(|(key, value)| tags.contains(&Tag::new(key, value)))
}
