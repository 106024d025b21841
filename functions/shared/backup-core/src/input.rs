//! The execution input: the contract between scheduler, console, state machine and functions.

use crate::{CacheRef, Error, ErrorName, Instant, Retention};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Where the backup comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// A manual snapshot made for this run.
    #[default]
    NewSnapshot,
    /// The newest automatic snapshot made at or before the instant.
    LatestAutomatic,
}

/// Which messages a plan wants. Failures and warnings are always told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NotifyOn {
    /// Failures and warnings only.
    Failure,
    /// Also the first success after a failure.
    #[default]
    Recovery,
    /// Also every success.
    Always,
}

/// How much smaller than the last unsuspicious backup one may be, in percent of keys and of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Anomaly {
    /// Largest shrink in keys that is not suspicious, 0 to 100 percent.
    pub max_key_shrink_percent: u8,
    /// Largest shrink in bytes that is not suspicious, 0 to 100 percent.
    pub max_byte_shrink_percent: u8,
}

impl Default for Anomaly {
    fn default() -> Self {
        Self {
            max_key_shrink_percent: 50,
            max_byte_shrink_percent: 50,
        }
    }
}

/// The plan of a run that names none: started by hand.
pub const ON_DEMAND_PLAN: &str = "on-demand";
/// Time budget of a run that names none, in seconds: twelve hours.
pub const DEFAULT_DEADLINE_SECONDS: u32 = 12 * 3600;
/// Bounds of `deadlineSeconds`: ten minutes to 23 hours, below the state machine's own 24 h time-out.
pub const DEADLINE_SECONDS: std::ops::RangeInclusive<u32> = 600..=23 * 3600;

/// What starts a run. Only `cache` is required; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExecutionInput {
    /// What to back up.
    pub cache: CacheRef,
    /// The policy that this run belongs to; default `on-demand`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The scheduler's scheduled time; default is the execution's start. Cut to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_time: Option<Timestamp>,
    /// Where the backup comes from; default a new snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What to keep; without it nothing is ever pruned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// When a backup is suspicious.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anomaly: Option<Anomaly>,
    /// Time budget in seconds from the start or the latest re-drive; default 12 h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<u32>,
    /// Which messages the plan wants; default failures, warnings and recoveries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<NotifyOn>,
}

/// Reads any data that a function is given; an error names the field, the value and what is allowed.
pub fn read<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Error> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let at = if path == "." {
            "the input".to_owned()
        } else {
            format!("`{path}`")
        };
        Error::new(
            ErrorName::InvalidInput,
            format!("{at} is not valid: {}", error.into_inner()),
        )
    })
}

impl ExecutionInput {
    /// Reads and checks an execution input.
    pub fn parse(value: serde_json::Value) -> Result<Self, Error> {
        let input: Self = read(value)?;
        input.check()?;
        Ok(input)
    }

    /// The scheduled minute, or the execution's start where the input has none.
    pub fn instant(&self, start: Timestamp) -> Result<Instant, Error> {
        let at = self.scheduled_time.unwrap_or(start);
        Instant::of(at)
            .ok_or_else(|| Error::invalid_input("scheduledTime", at, "a time in the years 2000 to 9999"))
    }

    fn check(&self) -> Result<(), Error> {
        if let Some(plan) = &self.plan {
            check_word("plan", plan)?;
        }
        if let Some(seconds) = self.deadline_seconds
            && !DEADLINE_SECONDS.contains(&seconds)
        {
            return Err(Error::invalid_input("deadlineSeconds", seconds, "600 to 82800"));
        }
        if let Some(anomaly) = &self.anomaly {
            for (field, value) in [
                ("anomaly.maxKeyShrinkPercent", anomaly.max_key_shrink_percent),
                ("anomaly.maxByteShrinkPercent", anomaly.max_byte_shrink_percent),
            ] {
                if value > 100 {
                    return Err(Error::invalid_input(field, value, "0 to 100"));
                }
            }
        }
        self.retention.as_ref().map_or(Ok(()), Retention::check)
    }
}

/// Names of deployments and plans: they stand in tags, owners and keys, so they hold no slash. `field` is told.
pub fn check_word(field: &str, text: &str) -> Result<(), Error> {
    let legal = (1..=40).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if legal {
        return Ok(());
    }
    let allowed = "1 to 40 lower-case letters, digits and hyphens, not starting with a hyphen";
    Err(Error::invalid_input(field, text, allowed))
}

#[cfg(test)]
mod tests;
