//! The catalogue: manifests as they lie in the bucket, and which of them the keep rules keep.

use super::memory::Memory;
use super::names::{Cache, instant_time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One backup of the catalogue.
#[derive(Debug, Clone)]
pub(super) struct Backup {
    pub(super) cache: Cache,
    pub(super) instant: String,
    /// None where the manifest cannot be read.
    pub(super) owner: Option<String>,
    pub(super) manifest: Value,
    suspicious: bool,
    accepted: bool,
    pub(super) pinned: bool,
}

impl Backup {
    pub(super) fn read(cache: Cache, instant: String, bytes: &[u8], tags: &BTreeMap<String, String>) -> Self {
        let manifest: Value = serde_json::from_slice(bytes).unwrap_or_default();
        Self {
            cache,
            instant,
            owner: manifest["owner"].as_str().map(str::to_owned),
            suspicious: manifest.get("suspicion").is_some_and(|found| !found.is_null()),
            accepted: tags.contains_key("snapkeep:accept"),
            pinned: tags.contains_key("snapkeep:pin"),
            manifest,
        }
    }

    /// Whether it counts: it is not suspicious, or a person accepted it.
    pub(super) fn is_good(&self) -> bool {
        self.owner.is_some() && (!self.suspicious || self.accepted)
    }

    pub(super) fn is_suspicious(&self) -> bool {
        self.suspicious
    }

    /// Keys in all shards, and bytes, by the manifest's own numbers.
    pub(super) fn size(&self) -> (u64, u64) {
        let objects = self.manifest["objects"].as_array().into_iter().flatten();
        let sizes = objects.map(|o| (o["keys"].as_u64().unwrap_or(0), o["size"].as_u64().unwrap_or(0)));
        sizes.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }
}

/// The good backups of an owner and a cache, oldest first.
pub(super) fn good<'a>(
    memory: &'a Memory,
    owner: &'a str,
    cache: &'a Cache,
) -> impl DoubleEndedIterator<Item = &'a Backup> {
    let backups = memory.backups.values();
    backups.filter(move |backup| {
        backup.is_good() && backup.owner.as_deref() == Some(owner) && backup.cache == *cache
    })
}

/// The time of an instant where days begin as the plan says.
fn local(instant: &str, zone: &TimeZone) -> Option<Zoned> {
    instant_time(instant).map(|at| at.to_zoned(zone.clone()))
}

/// What is one to a rule of this name: backups of one hour, of one day.
fn bucket(rule: &str, at: &Zoned) -> String {
    let week = at.date().iso_week_date();
    match rule {
        "keepHourly" => at.strftime("%Y-%m-%d %H").to_string(),
        "keepDaily" => at.strftime("%Y-%m-%d").to_string(),
        "keepWeekly" => format!("{} {}", week.year(), week.week()),
        "keepMonthly" => at.strftime("%Y-%m").to_string(),
        "keepYearly" => at.strftime("%Y").to_string(),
        _ => at.timestamp().to_string(),
    }
}

/// A duration in restic's words: `2y5m7d3h` are years, months, days and hours.
fn restic_span(text: &str) -> Option<Span> {
    let mut span = Span::new();
    let mut number = String::new();
    for c in text.chars() {
        let value: Option<i64> = number.parse().ok();
        match c {
            '0'..='9' => {
                number.push(c);
                continue;
            }
            'y' => span = span.years(value?),
            'm' => span = span.months(value?),
            'd' => span = span.days(value?),
            'h' => span = span.hours(value?),
            _ => return None,
        }
        number.clear();
    }
    Some(span)
}

/// Instants that restic's rules keep, of instants that are sorted, oldest first: each rule walks from the newest back and
/// keeps the newest of each of its last so many hours, days and so on.
pub(super) fn kept(retention: &Value, instants: &[&str]) -> BTreeSet<String> {
    let zone = retention["timeZone"]
        .as_str()
        .and_then(|name| TimeZone::get(name).ok());
    let zone = zone.unwrap_or(TimeZone::UTC);
    let mut kept = BTreeSet::new();
    for rule in [
        "keepLast",
        "keepHourly",
        "keepDaily",
        "keepWeekly",
        "keepMonthly",
        "keepYearly",
    ] {
        let mut left = retention[rule].as_u64().unwrap_or(0);
        let mut last = None;
        for instant in instants.iter().rev() {
            let found = local(instant, &zone).map(|at| bucket(rule, &at));
            if left > 0 && found != last {
                kept.insert((*instant).to_owned());
                left -= 1;
            }
            last = found;
        }
    }
    let newest = instants.last().and_then(|newest| local(newest, &zone));
    let within = retention["keepWithin"].as_str().and_then(restic_span);
    let from = newest
        .zip(within)
        .and_then(|(newest, within)| newest.checked_sub(within).ok());
    if let Some(from) = from.map(|from| from.timestamp()) {
        let young = |instant: &&&str| instant_time(instant).is_some_and(|at: Timestamp| at > from);
        kept.extend(instants.iter().filter(young).map(|instant| (*instant).to_owned()));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(retention: &Value, instants: &[&str], expected: &[&str]) {
        let kept = kept(retention, instants);
        let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
        assert_eq!(kept, expected, "{retention}");
    }

    #[test]
    fn the_rules_keep_what_restic_keeps() {
        const DAYS: [&str; 5] = [
            "20260227t0200z",
            "20260228t0200z",
            "20260301t0200z",
            "20260301t1400z",
            "20260302t2330z",
        ];
        check(&json!({}), &DAYS, &[]);
        check(&json!({"keepLast": 2}), &DAYS, &DAYS[3..]);
        // The newest of each day, and the day with two counts once.
        check(&json!({"keepDaily": 3}), &DAYS, &[DAYS[1], DAYS[3], DAYS[4]]);
        // Half past eleven in the evening is the next day in Berlin.
        check(
            &json!({"keepMonthly": 9, "timeZone": "Europe/Berlin"}),
            &DAYS,
            &[DAYS[1], DAYS[4]],
        );
        check(&json!({"keepHourly": 2}), &DAYS, &DAYS[3..]);
        // The first of March 2026 is a Sunday, the last day of its ISO week.
        check(&json!({"keepWeekly": 2}), &DAYS, &DAYS[3..]);
        check(&json!({"keepYearly": 1}), &DAYS, &DAYS[4..]);
        check(&json!({"keepWithin": "1d12h"}), &DAYS, &DAYS[3..]);
        // Rules add up.
        check(
            &json!({"keepLast": 1, "keepMonthly": 2}),
            &DAYS,
            &[DAYS[1], DAYS[4]],
        );
    }
}
