//! The plan: which backups stay and which go, each with its reasons. Pure; deleting is somebody else's.

use super::{Period, Rules};
use crate::Instant;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::collections::{BTreeMap, BTreeSet};

/// How long a suspicious backup stays, in days, once a later unsuspicious one stands: as long as its run could
/// have been re-driven (14 days, Step Functions `RedriveExecution`) and the longest run, so that whoever
/// is told of it has two weeks to look.
pub const SUSPICION_DAYS: i64 = 16;

/// What is known of a backup's soundness beyond its verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing speaks against it, or a person accepted it.
    Unsuspicious,
    /// It shrank too much or is empty, and nobody accepted it.
    Suspicious,
}

/// One backup of one owner and one cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its scheduled minute, which names it.
    pub instant: Instant,
    /// When its data were taken: ages and calendar periods count from here.
    pub create_time: Timestamp,
    /// Whether it counts.
    pub standing: Standing,
    /// Whether a person pinned it.
    pub pinned: bool,
}

/// What becomes of one backup, and why: one or more phrases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The backup.
    pub instant: Instant,
    /// Why it stays, each rule that keeps it; or why it goes.
    pub reasons: Vec<String>,
}

/// What stays and what goes, each newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What stays.
    pub keep: Vec<Decision>,
    /// What goes.
    pub delete: Vec<Decision>,
}

/// Decides over all backups of **one** owner and **one** cache; the caller sorts out the others.
///
/// The rules are restic's `ApplyPolicy` (restic, `internal/data/snapshot_policy.go`): newest first, each rule by
/// itself, the union is kept; a rule that runs out of periods also keeps the oldest backup, so that a young
/// history is not thinned to less than it may reach back. `keepWithin` counts from the newest backup, not
/// from `now`: a plan that stopped running deletes nothing by the mere passing of time. A repeated hour at
/// the end of summer time is one hour, as its clock shows it.
///
/// On top of them: the newest `minimum` stay; pinned ones stay; suspicious ones fill no rule, and one stays
/// until an unsuspicious one is newer and it is [`SUSPICION_DAYS`] old.
pub fn plan(rules: &Rules, backups: &[Backup], now: Timestamp) -> Plan {
    let mut newest_first: Vec<&Backup> = backups.iter().collect();
    newest_first.sort_by_key(|backup| std::cmp::Reverse((backup.create_time, backup.instant)));
    let counted: Vec<&Backup> = newest_first
        .iter()
        .copied()
        .filter(|backup| backup.standing == Standing::Unsuspicious)
        .collect();
    let mut kept = Kept::default();
    keep_floor(rules, &counted, &mut kept);
    keep_by_rules(rules, &counted, &mut kept);
    for backup in &newest_first {
        if backup.pinned {
            kept.add(backup, "pinned".to_owned());
        }
        if backup.standing == Standing::Suspicious {
            keep_suspicious(backup, counted.first().copied(), now, &mut kept);
        }
    }
    split(&newest_first, kept)
}

/// The reasons to keep, by instant.
#[derive(Default)]
struct Kept(BTreeMap<Instant, Vec<String>>);

impl Kept {
    fn add(&mut self, backup: &Backup, reason: String) {
        self.0.entry(backup.instant).or_default().push(reason);
    }
}

fn split(newest_first: &[&Backup], mut kept: Kept) -> Plan {
    let mut plan = Plan::default();
    for backup in newest_first {
        let instant = backup.instant;
        match kept.0.remove(&instant) {
            Some(reasons) => plan.keep.push(Decision { instant, reasons }),
            None => plan.delete.push(Decision {
                instant,
                reasons: vec![why_it_goes(backup).to_owned()],
            }),
        }
    }
    plan
}

fn why_it_goes(backup: &Backup) -> &'static str {
    match backup.standing {
        Standing::Unsuspicious => "no rule keeps it",
        Standing::Suspicious => "suspicious, superseded by a sound backup and older than 16 days",
    }
}

/// The newest `minimum` stay even where no rule reaches them, the newest of all before any other thought.
fn keep_floor(rules: &Rules, counted: &[&Backup], kept: &mut Kept) {
    if let Some(newest) = counted.first() {
        kept.add(newest, "newest".to_owned());
    }
    let minimum = usize::try_from(rules.minimum).unwrap_or(usize::MAX);
    for backup in counted.iter().take(minimum) {
        kept.add(backup, format!("minimum of {}", rules.minimum));
    }
}

fn keep_by_rules(rules: &Rules, counted: &[&Backup], kept: &mut Kept) {
    if let (Some(within), Some(newest)) = (rules.within, counted.first()) {
        let since = within.before(newest.create_time, &rules.zone);
        for backup in counted.iter().filter(|backup| backup.create_time > since) {
            kept.add(backup, format!("within {within}"));
        }
    }
    for (period, count) in &rules.counts {
        let count = usize::try_from(*count).unwrap_or(usize::MAX);
        let mut seen = BTreeSet::new();
        for (nr, backup) in counted.iter().enumerate() {
            if seen.len() == count {
                break;
            }
            let label = period.label(backup, &rules.zone);
            if seen.insert(label.clone()) {
                kept.add(
                    backup,
                    if *period == Period::Last {
                        "last".to_owned()
                    } else {
                        label
                    },
                );
            } else if nr + 1 == counted.len() {
                kept.add(backup, format!("oldest, {} not filled", period.rule()));
            }
        }
    }
}

fn keep_suspicious(backup: &Backup, newest: Option<&Backup>, now: Timestamp, kept: &mut Kept) {
    if newest.is_none_or(|newest| newest.create_time <= backup.create_time) {
        kept.add(backup, "suspicious, no sound backup is newer".to_owned());
    }
    if now.duration_since(backup.create_time) < SignedDuration::from_hours(SUSPICION_DAYS * 24) {
        kept.add(backup, format!("suspicious, younger than {SUSPICION_DAYS} days"));
    }
}

impl Period {
    /// The field of the rule.
    const fn rule(self) -> &'static str {
        match self {
            Self::Last => "keepLast",
            Self::Hour => "keepHourly",
            Self::Day => "keepDaily",
            Self::Week => "keepWeekly",
            Self::Month => "keepMonthly",
            Self::Year => "keepYearly",
        }
    }

    /// The period that a backup lies in, as people write it; two backups of one period have one label, and
    /// each is a period of its own to `keepLast`.
    fn label(self, backup: &Backup, zone: &TimeZone) -> String {
        let format = match self {
            Self::Last => return backup.instant.to_string(),
            Self::Hour => "hour %Y-%m-%d %H",
            Self::Day => "day %Y-%m-%d",
            Self::Week => "week %G-W%V",
            Self::Month => "month %Y-%m",
            Self::Year => "year %Y",
        };
        backup
            .create_time
            .to_zoned(zone.clone())
            .strftime(format)
            .to_string()
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
