//! Leftovers: objects of runs that never recorded a backup, and of deletions that were cut short.

use crate::Ports;
use crate::belongings::{self, Part};
use backup_core::catalogue::{Folder, Listing};
use backup_core::names::ObjectKey;
use backup_core::ports::{ListedObject, ReadObject};
use backup_core::{Error, Instant, Owner, Run};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::collections::BTreeSet;

/// How old everything of a run without a manifest must be, in days: it can be re-driven for 14 days (Step
/// Functions, `RedriveExecution`), and a re-driven run takes at most one day more; one day to spare.
pub(crate) const SWEEP_DAYS: i64 = 16;

/// Files of evidence read at a time.
const READS_IN_FLIGHT: usize = 8;

/// What a run without a manifest left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Orphan {
    /// Its scheduled minute.
    pub(crate) instant: Instant,
    /// Its objects, data before evidence.
    pub(crate) objects: Vec<ObjectKey>,
}

/// Alert markers and verdicts say whose run they are of.
#[derive(Deserialize)]
struct Evidence {
    owner: Option<Owner>,
}

/// The orphans of the run's owner, oldest first, and how many more old folders without a manifest there are.
pub(crate) async fn find<P: Ports>(
    ports: &P,
    run: &Run,
    listing: &Listing,
    now: Timestamp,
) -> Result<(Vec<Orphan>, usize), Error> {
    let (mut orphans, mut unowned) = (Vec::new(), 0);
    let old = |at: Timestamp| now.duration_since(at) >= SignedDuration::from_hours(SWEEP_DAYS * 24);
    let all_old = |objects: &[ListedObject]| objects.iter().all(|object| old(object.last_modified));
    for (instant, folder) in &listing.0 {
        if folder.manifest_key.is_some() || !old(instant.timestamp()) || !all_old(&folder.objects) {
            continue;
        }
        let (data, evidence) = parts(run, *instant, folder);
        if owners(ports, &evidence).await? != BTreeSet::from([run.owner.clone()]) {
            unowned += 1;
            continue;
        }
        let outside = outside(ports, run, *instant, &evidence).await?;
        if all_old(&outside) {
            let outside = outside.into_iter().map(|object| object.key);
            orphans.push(Orphan {
                instant: *instant,
                objects: outside.chain(data).chain(evidence).collect(),
            });
        }
    }
    Ok((orphans, unowned))
}

fn parts(run: &Run, instant: Instant, folder: &Folder) -> (Vec<ObjectKey>, Vec<ObjectKey>) {
    let keys = folder.objects.iter().map(|object| &object.key);
    let ours = keys.filter_map(|key| Some((belongings::part(&run.cache, instant, key)?, key.clone())));
    let (data, evidence): (Vec<_>, Vec<_>) = ours.partition(|(part, _)| *part == Part::Data);
    let keys = |parts: Vec<(Part, ObjectKey)>| parts.into_iter().map(|(_, key)| key).collect();
    (keys(data), keys(evidence))
}

/// Every owner that the evidence names. Two plans that failed at the same minute leave two, and neither sweeps.
async fn owners<P: ReadObject>(ports: &P, evidence: &[ObjectKey]) -> Result<BTreeSet<Owner>, Error> {
    let read = evidence.iter().map(|key| async move {
        let body = ports.read_object(key).await?;
        // What is gone or no document of ours is no evidence.
        let document = body.and_then(|body| serde_json::from_slice::<Evidence>(&body).ok());
        Ok::<_, Error>(document.and_then(|document| document.owner))
    });
    // Collected first: a stream that held the closure would not be `Send` for every lifetime.
    let reads: Vec<_> = read.collect();
    let owners: Vec<Option<Owner>> = stream::iter(reads)
        .buffered(READS_IN_FLIGHT)
        .try_collect()
        .await?;
    Ok(owners.into_iter().flatten().collect())
}

async fn outside<P: Ports>(
    ports: &P,
    run: &Run,
    instant: Instant,
    evidence: &[ObjectKey],
) -> Result<Vec<ListedObject>, Error> {
    let mut found = Vec::new();
    for grammar in belongings::serverless_exports(&run.cache, instant, evidence) {
        for prefix in grammar.prefixes() {
            let listed = ports.list_objects(prefix).await?;
            found.extend(
                listed
                    .into_iter()
                    .filter(|object| grammar.shard(object.key.as_str()).is_some()),
            );
        }
    }
    Ok(found)
}
