//! Writes the manifest: the commit point of a backup, once every shard has its verdict.
//!
//! The last write of a run, under `If-None-Match`: whoever comes second finds what is there and either agrees
//! with it or fails by name. Nothing is ever overwritten.

mod anomaly;
mod build;
mod engine;
mod measure;

use backup_core::export::ExportRequested;
use backup_core::manifest::{Manifest, ShardVerdict, Suspicion};
use backup_core::names::ObjectKey;
use backup_core::ports::{CallErrorKind, EmitMetrics, ListObjects, ObjectTags, ReadObject, WriteObject};
use backup_core::snapshot::{SnapshotRequested, SnapshotSeen};
use backup_core::{CacheRef, Error, ErrorName, Instant, Run, catalogue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the state machine passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Input {
    /// The run.
    pub run: Run,
    /// How the snapshot was asked for.
    pub requested: SnapshotRequested,
    /// The ready snapshot.
    pub snapshot: SnapshotSeen,
    /// How the export was started.
    pub export: ExportRequested,
    /// Where it was found finished.
    pub exported: Exported,
    /// The verdicts, one per shard.
    pub objects: Vec<ShardVerdict>,
    /// How often the execution was re-driven.
    pub redrive_count: u32,
    /// The time of this call.
    pub now: Timestamp,
}

/// The export as `check-status` found it finished; its objects come back as verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Exported {
    /// When all objects were seen.
    pub ready_at: Timestamp,
    /// What stands before the shard in every key.
    pub stem: String,
}

/// What is recorded, in the few bytes that the message needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// Whether this execution recorded the backup; a duplicate finds it recorded by another.
    pub recorded: bool,
    /// Where the manifest lies.
    pub manifest_key: ObjectKey,
    /// What was backed up.
    pub cache: CacheRef,
    /// The scheduled minute.
    pub instant: Instant,
    /// Number of shards.
    pub shards: usize,
    /// Keys in all shards.
    pub keys: u64,
    /// Keys with an expiry in all shards.
    pub expires: u64,
    /// Bytes of all shards.
    pub bytes: u64,
    /// When the data were taken.
    pub snapshot_create_time: Timestamp,
    /// Milliseconds spent verifying, summed over shards.
    pub verify_millis: u64,
    /// Whether this owner has no earlier backup of this cache.
    pub first_backup: bool,
    /// Set where the backup is suspicious.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspicion: Option<Suspicion>,
}

/// Everything this function asks of AWS.
pub trait Ports: ListObjects + ReadObject + ObjectTags + WriteObject {}
impl<P: ListObjects + ReadObject + ObjectTags + WriteObject> Ports for P {}

/// Records the backup, or agrees with the manifest that is there.
///
/// Fails with `InvalidInput` where the verdicts are not one per shard, with `ManifestConflict` where another
/// backup is recorded at this cache and instant, with `ServiceUnavailable` where two writes met. What was recorded is
/// measured where this execution did it, so that a duplicate counts nothing; a repeated call of the same execution may
/// count it twice.
pub async fn handle<P: Ports>(ports: &P, metrics: &impl EmitMetrics, input: Input) -> Result<Output, Error> {
    let (owner, took, now) = (input.run.owner.clone(), measure::took(&input), input.now);
    let objects = build::objects(&input)?;
    let past = anomaly::past(ports, &input.run).await?;
    let suspicion = past.judge(&objects, input.run.anomaly);
    let first_backup = past.is_empty();
    let manifest = build::manifest(input, objects, suspicion)?;
    let key = backup_core::names::manifest_key(&manifest.cache_ref(), manifest.instant());
    let there = store(ports, &key, manifest).await?;
    tracing::info!(manifest_key = %key, recorded = there.by_us, "backup `{key}` is recorded");
    let output = output(there, key, first_backup);
    if output.recorded {
        metrics.emit(&measure::recorded(&output, &owner, took, now));
    }
    Ok(output)
}

/// The manifest that lies in the bucket, and whether this execution put it there.
struct Recorded {
    manifest: Manifest,
    by_us: bool,
}

async fn store<P: ReadObject + WriteObject>(
    ports: &P,
    key: &ObjectKey,
    ours: Manifest,
) -> Result<Recorded, Error> {
    match ports.create_object(key, bytes(&ours)?).await {
        Ok(()) => Ok(Recorded {
            manifest: ours,
            by_us: true,
        }),
        Err(error) if error.kind == CallErrorKind::PreconditionFailed => agree(ports, key, &ours).await,
        Err(error) => Err(error.into()),
    }
}

/// Another attempt was first. One of our own whose answer was lost is ours, a duplicate execution's is not.
async fn agree<P: ReadObject>(ports: &P, key: &ObjectKey, ours: &Manifest) -> Result<Recorded, Error> {
    let Some(theirs) = catalogue::read_manifest(ports, key).await? else {
        return Err(Error::new(
            ErrorName::ServiceUnavailable,
            format!("manifest `{key}` was there when it was written and is gone when it is read, try again"),
        ));
    };
    if !theirs.same_backup(ours) {
        return Err(conflict(key, ours, &theirs));
    }
    Ok(Recorded {
        by_us: theirs.run.execution_arn == ours.run.execution_arn,
        manifest: theirs,
    })
}

fn conflict(key: &ObjectKey, ours: &Manifest, theirs: &Manifest) -> Error {
    let tell = |m: &Manifest| {
        let (owner, snapshot, execution) = (&m.owner, &m.snapshot.arn, &m.run.execution_arn);
        format!("a backup of owner `{owner}` from snapshot `{snapshot}` by execution `{execution}`")
    };
    Error::new(
        ErrorName::ManifestConflict,
        format!(
            "manifest `{key}` records {}, this run made {}; start a new run at another minute, and give two plans \
             of one cache different minutes",
            tell(theirs),
            tell(ours)
        ),
    )
}

/// People read manifests, so they are indented, in the order of the fields, and end with a line.
fn bytes(manifest: &Manifest) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(manifest).map_err(|e| {
        Error::new(
            ErrorName::Unexpected,
            format!("the manifest cannot be written as JSON: {e}"),
        )
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn output(there: Recorded, manifest_key: ObjectKey, first_backup: bool) -> Output {
    let manifest = there.manifest;
    let verdicts = || manifest.objects.iter().map(|object| &object.verdict);
    Output {
        recorded: there.by_us,
        manifest_key,
        cache: manifest.cache_ref(),
        instant: manifest.instant(),
        shards: manifest.objects.len(),
        keys: manifest.keys(),
        expires: verdicts().map(|verdict| verdict.expires).sum(),
        bytes: manifest.bytes(),
        snapshot_create_time: manifest.snapshot.create_time,
        verify_millis: verdicts().map(|verdict| verdict.millis).sum(),
        first_backup,
        suspicion: manifest.suspicion,
    }
}

#[cfg(test)]
mod tests;
