//! The marker that a failed attempt was told: `alert-<re-drive count>.json` beside the run.

use backup_core::names::{self, ObjectKey};
use backup_core::ports::{ReadObject, WriteObject};
use backup_core::{CacheRef, CallError, Instant, Owner};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Version of the marker's format; fields are only added within one.
pub const FORMAT_VERSION: u32 = 1;
/// Folder of the markers of runs whose cache or instant cannot be told.
pub const ALERTS: &str = "alerts";

/// Who was told of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Marker {
    /// [`FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// Whose run failed, where the input tells; recoveries count by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// The execution that failed; a duplicate of the run has another and is told by itself.
    pub execution_arn: String,
    /// How often it had been re-driven.
    pub redrive_count: u32,
    /// `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// The error name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The state that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// When the failure's event was made.
    pub time: Timestamp,
}

impl Marker {
    /// Reads a marker; `None` for anything else, which then counts as not there: one message too many is the
    /// smaller harm.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Where the marker of an attempt lies: beside the run, or under `alerts/<execution name>/` where cache or
/// instant are unknown.
pub fn key(run: Option<(&CacheRef, Instant)>, execution_name: &str, redrive_count: u32) -> ObjectKey {
    if let Some((cache, instant)) = run {
        return names::alert_key(cache, instant, redrive_count);
    }
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let folder: String = execution_name.chars().take(80).map(plain).collect();
    ObjectKey::new(format!("{ALERTS}/{folder}/alert-{redrive_count}.json"))
}

/// Whether this very attempt was told before.
pub async fn is_told<P: ReadObject>(
    ports: &P,
    key: &ObjectKey,
    execution_arn: &str,
) -> Result<bool, CallError> {
    let bytes = ports.read_object(key).await?;
    let marker = bytes.as_deref().and_then(Marker::parse);
    Ok(marker.is_some_and(|marker| marker.execution_arn == execution_arn))
}

/// Writes the marker, over one of another execution where there is one.
pub async fn write<P: WriteObject>(ports: &P, key: &ObjectKey, marker: &Marker) -> Result<(), CallError> {
    let body = serde_json::json!(marker).to_string().into_bytes();
    ports.write_object(key, body).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_the_run_or_under_the_executions_name() {
        let cache: CacheRef =
            serde_json::from_value(serde_json::json!({"kind": "cache-cluster", "id": "a"})).unwrap();
        let instant = Instant::parse("20261120t0304z").unwrap();
        let long = "é/".repeat(100);
        let cases = [
            (
                Some((&cache, instant)),
                "x",
                2,
                "backups/cache-cluster/a/20261120t0304z/alert-2.json".to_owned(),
                "known",
            ),
            (
                None,
                "orders-1b2c",
                0,
                "alerts/orders-1b2c/alert-0.json".to_owned(),
                "unknown",
            ),
            (
                None,
                "../a b",
                1,
                "alerts/.._a_b/alert-1.json".to_owned(),
                "no way out of the folder",
            ),
            (
                None,
                &long,
                0,
                format!("alerts/{}/alert-0.json", "__".repeat(40)),
                "bounded",
            ),
        ];
        for (run, name, count, want, why) in cases {
            assert_eq!(key(run, name, count).as_str(), want, "{why}");
        }
    }

    #[test]
    fn what_is_no_marker_counts_as_not_there() {
        assert_eq!(Marker::parse(b""), None);
        assert_eq!(Marker::parse(b"{\"formatVersion\":1}"), None);
    }
}
