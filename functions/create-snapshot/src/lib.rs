//! Starts a run: makes the snapshot under its derived name, adopts the one an earlier attempt made, or picks
//! the newest automatic one.
//!
//! What cannot be exported is refused before anything is made. `CreateSnapshot` has no client token, so the
//! name is looked up first, and again after any refusal that a lost answer may be behind.

mod automatic;
mod fresh;
mod source;
mod tags;
#[cfg(test)]
mod world;

pub use automatic::MAX_AGE;

use backup_core::ports::{
    BucketName, BucketRegion, CreateSnapshot, DescribeCache, DescribeSnapshot, ListObjects, ListSnapshots,
    ListTags, ReadObject,
};
use backup_core::snapshot::SnapshotRequested;
use backup_core::{Error, ErrorName, ExecutionInput, Run, Source, catalogue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the state machine hands over when a run starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Input {
    /// The execution's input as it was given; read and checked here.
    pub input: serde_json::Value,
    /// The execution.
    pub execution: Execution,
    /// The time of this attempt.
    pub now: Timestamp,
}

/// What Step Functions tells of the execution.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// When it started; the instant of a run that was given none.
    pub start_time: Timestamp,
}

/// How the run came by its snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// This attempt asked ElastiCache for it.
    Created,
    /// A snapshot of the run's name was there; whether it is the run's is judged by its tags, later.
    Adopted,
    /// ElastiCache made it by itself.
    Automatic,
    /// The backup exists already; the execution ends here in success.
    Recorded,
}

/// What the state machine carries on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// How the run came by its snapshot.
    pub status: Status,
    /// The run, from here on carried along.
    pub run: Run,
    /// The snapshot; absent where the backup exists already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotRequested>,
}

/// What the deployment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Name of the deployment, first half of every owner.
    pub deployment: String,
    /// The Region of the function and its caches, such as `eu-west-1`.
    pub region: String,
}

/// All that this function asks of AWS.
pub trait Ports:
    BucketName
    + BucketRegion
    + CreateSnapshot
    + DescribeCache
    + DescribeSnapshot
    + ListObjects
    + ListSnapshots
    + ListTags
    + ReadObject
{
}

impl<P> Ports for P where
    P: BucketName
        + BucketRegion
        + CreateSnapshot
        + DescribeCache
        + DescribeSnapshot
        + ListObjects
        + ListSnapshots
        + ListTags
        + ReadObject
{
}

/// Derives the run from its input and provides its snapshot.
pub async fn handle<P: Ports>(ports: &P, settings: &Settings, input: Input) -> Result<Output, Error> {
    let Execution { arn, start_time } = input.execution;
    let parsed = ExecutionInput::parse(input.input)?;
    let run = Run::derive(parsed, &settings.deployment, arn, start_time, input.now)?;
    if is_recorded(ports, &run).await? {
        tracing::info!(cache = %run.cache, instant = %run.instant, "the backup is recorded already");
        return Ok(Output {
            status: Status::Recorded,
            run,
            snapshot: None,
        });
    }
    check_bucket(ports, settings).await?;
    let output = match run.source {
        Source::NewSnapshot => fresh::provide(ports, run, input.now).await?,
        Source::LatestAutomatic => automatic::provide(ports, run, input.now).await?,
    };
    let requested = output.snapshot.as_ref();
    tracing::info!(
        cache = %output.run.cache,
        snapshot = %output.run.snapshot_name,
        status = ?output.status,
        source_node = requested.and_then(|snapshot| snapshot.source_node.as_deref()),
        source_role = requested.and_then(|snapshot| snapshot.source_role.as_deref()),
        "the run has its snapshot"
    );
    Ok(output)
}

/// Whether this owner's backup of this cache and instant exists; another's under its key is a conflict.
async fn is_recorded<P: ReadObject>(ports: &P, run: &Run) -> Result<bool, Error> {
    let key = run.manifest_key();
    let Some(manifest) = catalogue::read_manifest(ports, &key).await? else {
        return Ok(false);
    };
    if manifest.is_of(&run.owner, &run.cache, run.instant) {
        return Ok(true);
    }
    Err(Error::new(
        ErrorName::ManifestConflict,
        format!(
            "manifest `{key}` records a backup of `{}` at `{}` by `{}`, and this run is by `{}`; \
             give the two plans different minutes, or start a run with another `scheduledTime`",
            manifest.cache_ref(),
            manifest.instant(),
            manifest.owner,
            run.owner
        ),
    ))
}

/// ElastiCache exports within one Region only (user guide, exporting a backup).
async fn check_bucket<P: BucketName + BucketRegion>(ports: &P, settings: &Settings) -> Result<(), Error> {
    let region = ports.bucket_region().await?;
    if region == settings.region {
        return Ok(());
    }
    Err(Error::new(
        ErrorName::BucketWrongRegion,
        format!(
            "bucket `{}` is in `{region}`, the caches are in `{}`, and ElastiCache exports within one Region only; \
             deploy with a bucket in `{}`",
            ports.bucket_name(),
            settings.region,
            settings.region
        ),
    ))
}

#[cfg(test)]
mod tests;
