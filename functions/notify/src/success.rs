//! The way of a success: does the plan want it told, and as what.

use crate::message::{self, Good};
use crate::{Output, Ports, Settings, backups};
use backup_core::manifest::Suspicion;
use backup_core::{Error, NotifyOn, ObjectKey, Run};
use jiff::Timestamp;
use serde::Deserialize;
use tracing::warn;

/// What `NotifySuccess` hands over.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SuccessInput {
    /// Always `success`.
    pub kind: Kind,
    /// The run.
    pub run: Run,
    /// What `record-backup` answered.
    pub backup: RecordedBackup,
    /// What `prune` answered.
    #[serde(default)]
    pub prune: PruneSummary,
    /// How often the execution had been re-driven.
    pub redrive_count: u32,
    /// The time of this attempt.
    pub now: Timestamp,
}

/// The only kind of message that is asked for in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// The run came to its end.
    Success,
}

/// The parts of `record-backup`'s answer that a message shows; what is new there is passed over.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedBackup {
    /// Whether this execution wrote the manifest.
    #[serde(default = "yes")]
    pub recorded: bool,
    /// Where the manifest lies; derived from the run where it is missing.
    pub manifest_key: Option<ObjectKey>,
    /// Number of shards.
    #[serde(default)]
    pub shards: u64,
    /// Keys in all shards.
    #[serde(default)]
    pub keys: u64,
    /// Bytes of all shards.
    #[serde(default)]
    pub bytes: u64,
    /// When the data were taken.
    pub snapshot_create_time: Option<Timestamp>,
    /// Why the backup is suspicious.
    pub suspicion: Option<Suspicion>,
    /// Whether it is the first one of this owner and cache.
    #[serde(default)]
    pub first_backup: bool,
}

const fn yes() -> bool {
    true
}

/// The parts of `prune`'s answer that a message shows; what is new there is passed over.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PruneSummary {
    /// What was left undone, a sentence each.
    pub warnings: Vec<String>,
}

/// What a success is told as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well and the plan wants to hear it.
    Plain,
    /// It works again after this many told failures.
    Recovery(u64),
    /// The backup is recorded, but a person has to look; told whatever the plan says.
    Warning,
}

/// Whether and as what a success is told, by what the plan wants.
pub fn tone(wanted: NotifyOn, warnings: usize, failures: u64) -> Option<Tone> {
    match (wanted, warnings, failures) {
        (_, 1.., _) => Some(Tone::Warning),
        (NotifyOn::Recovery | NotifyOn::Always, 0, 1..) => Some(Tone::Recovery(failures)),
        (NotifyOn::Always, 0, 0) => Some(Tone::Plain),
        (NotifyOn::Failure, 0, _) | (NotifyOn::Recovery, 0, 0) => None,
    }
}

/// Tells a success, where the plan wants it. The publish may fail it, and the look for earlier failures where
/// the message hangs on it; the state's retriers and, in the end, the alert on the execution take care of that.
pub(crate) async fn tell<P: Ports>(
    ports: &P,
    settings: &Settings,
    input: SuccessInput,
) -> Result<Output, Error> {
    let SuccessInput {
        run, backup, prune, ..
    } = input;
    if !backup.recorded {
        return Ok(Output::silent(
            "another execution recorded this backup and tells it",
        ));
    }
    let warnings = usize::from(backup.suspicion.is_some()) + prune.warnings.len();
    let failures = match failures(ports, &run).await {
        Err(error) if warnings > 0 => {
            warn!(owner = %run.owner, %error, "failures before this success not readable, warning anyway");
            0
        }
        failures => failures?,
    };
    let Some(tone) = tone(run.notify, warnings, failures) else {
        return Ok(Output::silent("the plan wants no message of this success"));
    };
    let message = message::success(&Good {
        bucket: settings.bucket.clone(),
        region: settings.region.clone(),
        tone,
        failures,
        redrive_count: input.redrive_count,
        now: input.now,
        warnings: prune.warnings,
        run,
        backup,
    });
    let message = message.publish_params();
    ports.publish(&message).await?;
    Ok(Output::told(message.subject, None))
}

async fn failures<P: Ports>(ports: &P, run: &Run) -> Result<u64, Error> {
    match run.notify {
        NotifyOn::Failure => Ok(0),
        NotifyOn::Recovery | NotifyOn::Always => {
            backups::failures_since_last(ports, &run.cache, &run.owner, run.instant).await
        }
    }
}

#[cfg(test)]
mod tests;
