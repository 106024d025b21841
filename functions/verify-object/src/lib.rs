//! Reads back every byte of one exported object and judges its structure.
//!
//! The object is read by several ranged GETs in flight, each pinned to the `ETag` and version that were found
//! when the export ended, and fed to the `rdb` scanner, to SHA-256, and to the CRC that S3 keeps of the object, if it
//! keeps one. Before the invocation's own deadline the function stops and hands out a cursor; the state machine
//! calls it again with that cursor, so the size of an object is not bounded by the length of an invocation.

mod checksum;
mod cursor;
mod digest;
mod read;
mod settings;

pub use cursor::Cursor;
pub use settings::Settings;

use backup_core::manifest::ShardVerdict;
use backup_core::names::{self, ObjectKey};
use backup_core::ports::{ReadChecksum, ReadRange, StoredChecksum, WriteObject};
use backup_core::snapshot::ExportedObject;
use backup_core::{Error, ErrorName, Run};
use jiff::Timestamp;
use read::{Judged, Place, Progress, Reader};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the state machine hands over for one object.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Input {
    /// The run that the object belongs to.
    pub run: Run,
    /// What stands before the shard in the object's key.
    pub stem: String,
    /// The object as it was found when the export ended.
    pub object: ExportedObject,
    /// The re-drive count under which the export was renewed; 0 at first.
    pub renewal: u32,
    /// Where an earlier invocation stopped.
    #[serde(default)]
    pub cursor: Option<Cursor>,
    /// The time of this attempt; expiries are judged at that of the first.
    pub now: Timestamp,
}

/// What the state machine carries on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// The invocation's time was used up; call again with the cursor.
    #[serde(rename_all = "camelCase")]
    Unfinished {
        /// Always false.
        done: bool,
        /// Bytes judged so far: where the cursor goes on. It grows from call to call.
        offset: u64,
        /// Where to go on.
        cursor: Box<Cursor>,
    },
    /// The object is sound.
    #[serde(rename_all = "camelCase")]
    Finished {
        /// Always true.
        done: bool,
        /// The short verdict.
        verdict: ShardVerdict,
    },
}

/// The full verdict as it is written beside the object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct VerdictDocument<'a> {
    format_version: u32,
    owner: &'a backup_core::Owner,
    execution_arn: &'a str,
    key: &'a ObjectKey,
    etag: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    sha256: &'a str,
    /// Absent where S3 keeps none.
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<Compared<'a>>,
    verified_at: Timestamp,
    millis: u64,
    verdict: &'a rdb::Verdict,
}

/// The object's own checksum in the verdict document.
#[derive(Debug, Serialize)]
struct Compared<'a> {
    #[serde(flatten)]
    stored: &'a StoredChecksum,
    /// Whether what was read was compared with it, and had the same; false where it is composite or of an algorithm
    /// that is not computed.
    compared: bool,
}

/// Version of the verdict document's format.
const VERDICT_FORMAT_VERSION: u32 = 1;

/// Judges the object, or as much of it as the invocation has time for.
///
/// `remaining` tells the time left to the invocation; it is the only clock that any function asks.
pub async fn handle<P: ReadRange + ReadChecksum + WriteObject>(
    ports: &P,
    settings: &Settings,
    mut input: Input,
    remaining: impl Fn() -> Duration,
) -> Result<Output, Error> {
    let key = names::shard_key(&input.stem, &input.object.shard);
    if input.object.size == 0 {
        return Err(Error::invalid_input(
            "object.size",
            0,
            "1 or more: an empty object is no export",
        ));
    }
    let cursor = input.cursor.take();
    let place = Place {
        ports,
        key: &key,
        object: &input.object,
    };
    let resumed = cursor.map(|cursor| cursor.restore(&input.object)).transpose()?;
    let reader = match resumed.flatten() {
        Some(reader) => reader,
        None => Reader::start(&place, input.now).await?,
    };
    match reader.read(&place, *settings, remaining).await? {
        Progress::Stopped(cursor) => {
            tracing::info!(%key, offset = cursor.offset(), bytes = input.object.size, "stopped before the deadline");
            Ok(Output::Unfinished {
                done: false,
                offset: cursor.offset(),
                cursor,
            })
        }
        Progress::Judged(judged) => {
            write(ports, &input, &key, &judged).await?;
            let Judged { verdict, millis, .. } = judged.as_ref();
            tracing::info!(%key, keys = verdict.keys, bytes = verdict.bytes, millis, "sound");
            Ok(Output::Finished {
                done: true,
                verdict: shorten(input.object, *judged),
            })
        }
    }
}

/// Writes the full verdict beside the object.
async fn write<P: WriteObject>(
    ports: &P,
    input: &Input,
    key: &ObjectKey,
    judged: &Judged,
) -> Result<(), Error> {
    let compared = judged.compared;
    let document = VerdictDocument {
        format_version: VERDICT_FORMAT_VERSION,
        owner: &input.run.owner,
        execution_arn: &input.run.execution_arn,
        key,
        etag: &input.object.etag,
        version_id: input.object.version_id.as_deref(),
        sha256: &judged.sha256,
        checksum: judged.stored.as_ref().map(|stored| Compared { stored, compared }),
        verified_at: input.now,
        millis: judged.millis,
        verdict: &judged.verdict,
    };
    let place = names::verdict_key(&input.run.cache, input.run.instant, input.renewal, key);
    let body = serde_json::to_vec_pretty(&document).map_err(|e| {
        Error::new(
            ErrorName::Unexpected,
            format!("verdict of `{key}` is no JSON: {e}"),
        )
    })?;
    Ok(ports.write_object(&place, body).await?)
}

fn shorten(object: ExportedObject, judged: Judged) -> ShardVerdict {
    let verdict = &judged.verdict;
    ShardVerdict {
        shard: object.shard,
        size: verdict.bytes,
        etag: object.etag,
        version_id: object.version_id,
        sha256: judged.sha256,
        keys: verdict.keys,
        expires: verdict.expires,
        rdb_version: u32::from(verdict.version),
        crc: verdict.crc == rdb::Crc::Right,
        millis: judged.millis,
    }
}

#[cfg(test)]
mod tests;
