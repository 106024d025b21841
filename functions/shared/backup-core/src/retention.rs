//! What to keep: the plan's rules, in restic's words.

mod plan;
mod span;

pub use plan::{Backup, Decision, Plan, SUSPICION_DAYS, Standing, plan};
pub use span::KeepWithin;

use crate::{Error, ErrorName};
use jiff::tz::TimeZone;
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
    /// Never fewer than this many verified, unsuspicious backups: the newest ones stay whatever the rules say.
    pub minimum: u32,
    /// Our manual snapshots that stay in ElastiCache, of backups that stay and are not suspicious.
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

/// A retention that was read to the end: nothing in it can fail any more.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Each period with the number of it to keep, those with 0 left out.
    counts: Vec<(Period, u32)>,
    within: Option<KeepWithin>,
    minimum: u32,
    zone: TimeZone,
}

/// What a counting rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Last,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// Most backups that one rule may ask for: some 40 days of hourly ones, 2.7 years of daily ones.
const MOST_KEPT: u32 = 1000;
/// ElastiCache makes 20 manual snapshots of a node a day, so more than that is no intention.
const MOST_SNAPSHOTS: u32 = 20;

impl Retention {
    /// Refuses what contradicts itself or is out of bounds, naming the field.
    ///
    /// The keep rules allow 0 to 1000, `minimum` and `maxDeletions` 1 to 1000, `keepSnapshots` 0 to 20, and at
    /// least one rule must keep something: a retention without a rule would delete all but the minimum.
    pub fn check(&self) -> Result<(), Error> {
        self.rules().map(drop)
    }

    /// Reads the rules, with every check of [`Retention::check`].
    pub fn rules(&self) -> Result<Rules, Error> {
        let counts = self.counts();
        for (field, value, from, to) in [
            ("minimum", self.minimum, 1, MOST_KEPT),
            ("maxDeletions", self.max_deletions, 1, MOST_KEPT),
            ("keepSnapshots", self.keep_snapshots, 0, MOST_SNAPSHOTS),
        ]
        .into_iter()
        .chain(counts.map(|(field, _, n)| (field, n, 0, MOST_KEPT)))
        {
            if !(from..=to).contains(&value) {
                let field = format!("retention.{field}");
                return Err(Error::invalid_input(&field, value, &format!("{from} to {to}")));
            }
        }
        let within = self.keep_within.as_deref().map(KeepWithin::parse).transpose()?;
        let counts: Vec<_> = counts
            .into_iter()
            .filter(|(_, _, n)| *n > 0)
            .map(|(_, period, n)| (period, n))
            .collect();
        if counts.is_empty() && within.is_none() {
            return Err(Error::new(
                ErrorName::InvalidInput,
                "`retention` has no rule that keeps anything, set one of `keepLast`, `keepHourly`, `keepDaily`, \
                 `keepWeekly`, `keepMonthly`, `keepYearly` and `keepWithin`, or leave `retention` out to keep all",
            ));
        }
        Ok(Rules {
            counts,
            within,
            minimum: self.minimum,
            zone: self.zone()?,
        })
    }

    fn counts(&self) -> [(&'static str, Period, u32); 6] {
        [
            ("keepLast", Period::Last, self.keep_last),
            ("keepHourly", Period::Hour, self.keep_hourly),
            ("keepDaily", Period::Day, self.keep_daily),
            ("keepWeekly", Period::Week, self.keep_weekly),
            ("keepMonthly", Period::Month, self.keep_monthly),
            ("keepYearly", Period::Year, self.keep_yearly),
        ]
    }

    fn zone(&self) -> Result<TimeZone, Error> {
        let zone = TimeZone::get(&self.time_zone)
            .ok()
            .filter(|zone| !zone.is_unknown());
        zone.ok_or_else(|| {
            Error::invalid_input(
                "retention.timeZone",
                &self.time_zone,
                "an IANA time zone such as `Europe/Berlin` or `UTC`",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(retention: Value) -> Result<(), String> {
        let retention: Retention = serde_json::from_value(retention).unwrap();
        retention.check().map_err(|error| {
            assert_eq!(error.name, ErrorName::InvalidInput);
            error.message
        })
    }

    #[test]
    fn what_keeps_something_within_bounds_is_accepted() {
        for (retention, why) in [
            (json!({"keepLast": 1}), "the smallest"),
            (json!({"keepWithin": "7d"}), "a span is a rule of its own"),
            (json!({"keepYearly": 1000}), "the upper bound"),
            (
                json!({"keepLast": 3, "keepSnapshots": 0}),
                "no snapshot need stay",
            ),
            (json!({"keepLast": 3, "keepSnapshots": 20}), "a day's quota"),
            (
                json!({"keepDaily": 7, "timeZone": "Australia/Lord_Howe"}),
                "half an hour of summer time",
            ),
            (
                json!({"keepLast": 1, "minimum": 1000, "maxDeletions": 1000}),
                "the upper bounds",
            ),
        ] {
            assert_eq!(check(retention), Ok(()), "{why}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused_by_field() {
        for (retention, part, why) in [
            (
                json!({}),
                "`retention` has no rule that keeps anything",
                "all defaults",
            ),
            (json!({"minimum": 7}), "has no rule", "a floor is no rule"),
            (
                json!({"keepDaily": 1001}),
                "`retention.keepDaily` is `1001`, allowed is 0 to 1000",
                "over",
            ),
            (
                json!({"keepLast": 1, "minimum": 0}),
                "`retention.minimum` is `0`, allowed is 1 to 1000",
                "no floor",
            ),
            (
                json!({"keepLast": 1, "minimum": 1001}),
                "retention.minimum",
                "over",
            ),
            (
                json!({"keepLast": 1, "keepSnapshots": 21}),
                "`retention.keepSnapshots` is `21`, allowed is 0 to 20",
                "over",
            ),
            (
                json!({"keepLast": 1, "maxDeletions": 0}),
                "retention.maxDeletions",
                "a fuse that blows always",
            ),
            (
                json!({"keepLast": 1, "timeZone": "Mars/Olympus"}),
                "`retention.timeZone` is `Mars/Olympus`",
                "no zone",
            ),
            (
                json!({"keepLast": 1, "timeZone": "Etc/Unknown"}),
                "retention.timeZone",
                "a zone that says it is none",
            ),
            (
                json!({"keepLast": 1, "timeZone": ""}),
                "retention.timeZone",
                "empty",
            ),
            (
                json!({"keepWithin": "a week"}),
                "`retention.keepWithin` is `a week`",
                "not the grammar",
            ),
        ] {
            let message = check(retention).unwrap_err();
            assert!(message.contains(part), "{why}: {message}");
        }
    }
}
