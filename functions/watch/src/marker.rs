//! What `watch` remembers of one cache of one plan: since when it counts, and whether it was paused.

use crate::check::Target;
use backup_core::names::{ObjectKey, watch_key};
use backup_core::ports::{CallErrorKind, ReadObject, WriteObject};
use backup_core::{Error, ErrorName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Version of the marker's format; fields are only added within one.
pub const FORMAT_VERSION: u32 = 1;

/// `watch/<deployment>/<plan>/<kind>/<cache id>.json`, written only when it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Marker {
    /// [`FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// When the cache was first seen, or when a pause was first seen to begin or to end.
    pub since: Timestamp,
    /// Whether it was paused when it was last seen.
    pub paused: bool,
    /// Whether `since` is the end of a pause. Only then it excuses a backup that is older.
    #[serde(default)]
    pub resumed: bool,
}

impl Marker {
    /// The marker after a look at `now` that finds the cache paused or not.
    ///
    /// A `since` that lies ahead is brought back to `now`: events may come late and out of order, and one look with a
    /// wrong time must not hold the count still until that time.
    pub fn after(before: Option<Self>, paused: bool, now: Timestamp) -> Self {
        let new = |resumed| Self {
            format_version: FORMAT_VERSION,
            since: now,
            paused,
            resumed,
        };
        match before {
            None => new(false),
            Some(marker) if marker.paused != paused => new(!paused),
            Some(marker) => Self {
                since: marker.since.min(now),
                ..marker
            },
        }
    }

    /// Reads a marker. One that is broken or of a newer format is an error, never taken for absent: replacing it would
    /// let whatever damaged it begin the count anew.
    fn parse(key: &ObjectKey, bytes: &[u8]) -> Result<Self, Error> {
        let broken = |what: String| {
            let mend = "delete it to have the cache counted from its newest backup, or from then on where it has none";
            Error::new(ErrorName::Unexpected, format!("marker `{key}` {what}; {mend}"))
        };
        let marker: Self = serde_json::from_slice(bytes).map_err(|e| broken(format!("is not valid: {e}")))?;
        if marker.format_version != FORMAT_VERSION {
            let found = marker.format_version;
            return Err(broken(format!(
                "has format version `{found}`, this version reads `{FORMAT_VERSION}`"
            )));
        }
        Ok(marker)
    }
}

/// The marker of a target as of this look, which is in the bucket when this returns.
pub(crate) async fn keep<P: ReadObject + WriteObject>(ports: &P, target: &Target) -> Result<Marker, Error> {
    let key = watch_key(&target.owner, &target.cache);
    let Some(before) = read(ports, &key).await? else {
        let first = Marker::after(None, target.paused, target.now);
        match ports.create_object(&key, bytes(&first)).await {
            Ok(()) => return Ok(first),
            Err(error) if error.kind == CallErrorKind::PreconditionFailed => {}
            Err(error) => return Err(error.into()),
        }
        // Another look was first; what it wrote stands.
        let there = read(ports, &key).await?;
        return update(ports, target, &key, there.unwrap_or(first)).await;
    };
    update(ports, target, &key, before).await
}

async fn update<P: WriteObject>(
    ports: &P,
    target: &Target,
    key: &ObjectKey,
    before: Marker,
) -> Result<Marker, Error> {
    let marker = Marker::after(Some(before), target.paused, target.now);
    if marker != before {
        ports.write_object(key, bytes(&marker)).await?;
    }
    Ok(marker)
}

async fn read<P: ReadObject>(ports: &P, key: &ObjectKey) -> Result<Option<Marker>, Error> {
    let bytes = ports.read_object(key).await?;
    bytes.map(|bytes| Marker::parse(key, &bytes)).transpose()
}

fn bytes(marker: &Marker) -> Vec<u8> {
    serde_json::json!(marker).to_string().into_bytes()
}
