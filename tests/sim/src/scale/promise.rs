//! The promises, checked by looking at the world: after every night what may be asked of each cache then, in the end
//! every byte.

use super::fleet::{Cache, Kind};
use super::night::NightEnd;
use crate::stage::BUCKET;
use crate::world::World;
use crate::world::s3::{GetObjectRequest, ListObjectVersionsRequest, ListObjectsV2Request};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Days of which the newest backup is kept.
pub(super) const DAYS: usize = 7;
/// ISO weeks of which the newest backup is kept.
pub(super) const WEEKS: usize = 4;
/// Snapshots that stay in `ElastiCache` for each cache: the default of `keepSnapshots`.
const SNAPSHOTS: usize = 1;
/// How old the newest backup may be: a day between runs, the deadline of twelve hours, and two hours of air.
pub(super) const MAX_AGE: SignedDuration = SignedDuration::from_hours(38);

/// A promise that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// When it was seen.
    pub at: Timestamp,
    /// The cache.
    pub cache: String,
    /// What did not hold.
    pub what: String,
}

/// What is remembered from night to night.
#[derive(Debug, Default)]
pub(super) struct Promises {
    /// What did not hold since this was last emptied.
    pub breaches: Vec<Breach>,
    newest: BTreeMap<String, Timestamp>,
    /// Texts of messages since the last night.
    told: Vec<String>,
    heard: usize,
    queue: BTreeSet<String>,
    /// Caches whose trouble was told since their newest backup.
    alerted: BTreeSet<String>,
}

impl Promises {
    /// Takes in what was told since it last listened, and what lies in the queue.
    pub(super) fn hear(&mut self, world: &World, topic: &str, queue: &[String]) {
        let messages = world.messages(topic);
        self.told = messages[self.heard..]
            .iter()
            .map(|message| message.body_for("email").to_owned())
            .collect();
        self.heard = messages.len();
        let name = |about: &String| about.rsplit(':').next().unwrap_or_default().to_owned();
        self.queue = queue.iter().map(name).collect();
    }

    /// Looks at every cache; gives how many have no young backup, of which an alert had told.
    pub(super) fn after_night(
        &mut self,
        world: &mut World,
        caches: &[Cache],
        ends: &[NightEnd],
        now: Timestamp,
    ) -> u64 {
        for (cache, end) in caches.iter().zip(ends) {
            self.told_of_failures(end, now);
            let newest = newest(world, cache, now);
            let before = self.newest.get(&cache.id).copied();
            if newest < before {
                let what = format!("its newest backup was of {before:?} and is of {newest:?}");
                self.breach(now, &cache.id, what);
            }
            if newest > before {
                self.alerted.remove(&cache.id);
            }
            if let Some(newest) = newest {
                self.newest.insert(cache.id.clone(), newest);
            }
        }
        let is_young = |cache: &&Cache| {
            let newest = self.newest.get(&cache.id);
            newest.is_some_and(|newest| now.duration_since(*newest) <= MAX_AGE)
        };
        let late: Vec<&Cache> = caches.iter().filter(|cache| !is_young(cache)).collect();
        for cache in &late {
            if !self.alerted.contains(&cache.id) {
                self.breach(
                    now,
                    &cache.id,
                    "it has no young backup, and nobody was told".to_owned(),
                );
            }
        }
        late.len() as u64
    }

    /// Every failed execution is named in a message, or lies in the queue; so do firings that began nothing.
    fn told_of_failures(&mut self, end: &NightEnd, now: Timestamp) {
        let unstarted = |name: &String| name.split('-').next() == Some(end.cache.as_str());
        if self.queue.iter().any(unstarted) {
            self.alerted.insert(end.cache.clone());
        }
        for name in &end.failed {
            if self.queue.contains(name) || self.told.iter().any(|text| text.contains(name.as_str())) {
                self.alerted.insert(end.cache.clone());
            } else {
                self.breach(now, &end.cache, format!("nobody was told that `{name}` failed"));
            }
        }
    }

    fn breach(&mut self, at: Timestamp, cache: &str, what: String) {
        self.breaches.push(Breach {
            at,
            cache: cache.to_owned(),
            what,
        });
    }
}

/// What was found in the end.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What did not hold.
    pub breaches: Vec<Breach>,
    /// Backups by kind.
    pub kept: BTreeMap<Kind, u64>,
    /// Manifests and objects that were read.
    pub compared: (u64, u64),
}

/// Compares every backup with what its cache held, what is kept with the plan, and the snapshots that are left.
pub(super) fn in_the_end(world: &mut World, caches: &[Cache], begin: Timestamp, now: Timestamp) -> Found {
    let mut found = Found::default();
    let mut snapshots: BTreeMap<String, usize> = BTreeMap::new();
    for (name, status) in world.snapshot_statuses() {
        let cache = name.split('-').next().unwrap_or_default();
        if status == "available" {
            *snapshots.entry(cache.to_owned()).or_default() += 1;
        }
    }
    for cache in caches {
        let mut problems = Vec::new();
        let kept = manifests(world, cache, now);
        *found.kept.entry(cache.kind).or_default() += kept.len() as u64;
        let should = should_be_kept(&ever_recorded(world, cache, now));
        let is: BTreeSet<Timestamp> = kept.iter().filter_map(|key| instant_of(key)).collect();
        if is != should {
            problems.push(format!("kept are {is:?}, the plan keeps {should:?}"));
        }
        let left = snapshots.get(&cache.id).copied().unwrap_or(0);
        if left > SNAPSHOTS {
            problems.push(format!("{left} snapshots are left in `ElastiCache`"));
        }
        for key in &kept {
            match compare(world, cache, key, begin, now) {
                Ok(objects) => {
                    found.compared.0 += 1;
                    found.compared.1 += objects;
                }
                Err(what) => problems.push(format!("`{key}`: {what}")),
            }
        }
        found.breaches.extend(problems.into_iter().map(|what| Breach {
            at: now,
            cache: cache.id.clone(),
            what,
        }));
    }
    found
}

/// What restic's rules keep of all that was ever recorded, worked out apart from the product.
fn should_be_kept(recorded: &BTreeSet<Timestamp>) -> BTreeSet<Timestamp> {
    let newest_of = |period: &dyn Fn(Timestamp) -> (i16, i16), count: usize| {
        let mut seen = BTreeSet::new();
        let firsts = recorded.iter().rev().filter(|at| seen.insert(period(**at)));
        firsts.take(count).copied().collect::<Vec<_>>()
    };
    let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let day = |at: Timestamp| (date(at).year(), date(at).day_of_year());
    let week = |at: Timestamp| {
        let week = date(at).iso_week_date();
        (week.year(), i16::from(week.week()))
    };
    let days = newest_of(&day, DAYS);
    days.into_iter().chain(newest_of(&week, WEEKS)).collect()
}

/// Reads every object of a manifest at its version and compares it with what the shard held; gives their number.
fn compare(
    world: &mut World,
    cache: &Cache,
    key: &str,
    begin: Timestamp,
    now: Timestamp,
) -> Result<u64, String> {
    let bytes = read(world, key, None, now)?;
    let manifest: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    let instant = instant_of(key).ok_or("its key has no instant")?;
    let night = u32::try_from(instant.duration_since(begin).as_hours() / 24).unwrap_or(0);
    let objects = manifest["objects"].as_array().ok_or("it names no objects")?;
    if objects.len() != cache.kind.shards() as usize {
        return Err(format!("it names {} objects", objects.len()));
    }
    for (shard, object) in (1..).zip(objects) {
        let (key, version) = (object["key"].as_str(), object["versionId"].as_str());
        let key = key.ok_or("an object has no key")?;
        let version = version.ok_or_else(|| format!("`{key}` has no version"))?;
        if read(world, key, Some(version), now)? != cache.content(shard, night) {
            return Err(format!("`{key}` is not what the cache held that night"));
        }
        // What a restore by hand would take, by the key alone.
        if read(world, key, None, now)? != cache.content(shard, night) {
            return Err(format!("`{key}` was overwritten"));
        }
    }
    Ok(objects.len() as u64)
}

fn read(world: &mut World, key: &str, version: Option<&str>, now: Timestamp) -> Result<Vec<u8>, String> {
    let request = GetObjectRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        version_id: version.map(str::to_owned),
        ..Default::default()
    };
    let answer = world
        .get_object(&request, now)
        .map_err(|error| error.to_string())?;
    answer.read().map_err(|error| error.to_string())
}

/// Keys of the manifests of a cache, oldest first.
fn manifests(world: &mut World, cache: &Cache, now: Timestamp) -> Vec<String> {
    let request = ListObjectsV2Request {
        bucket: BUCKET.to_owned(),
        prefix: cache.prefix(),
        ..Default::default()
    };
    // A season keeps some ten backups of a cache, so one page of 1,000 has all keys.
    let listed = world.list_objects_v2(&request, now).map(|answer| answer.contents);
    let keys = listed.unwrap_or_default().into_iter().map(|object| object.key);
    keys.filter(|key| key.ends_with("/manifest.json")).collect()
}

fn newest(world: &mut World, cache: &Cache, now: Timestamp) -> Option<Timestamp> {
    manifests(world, cache, now)
        .iter()
        .filter_map(|key| instant_of(key))
        .max()
}

/// The instants of all manifests that there ever were, those deleted meanwhile included.
fn ever_recorded(world: &mut World, cache: &Cache, now: Timestamp) -> BTreeSet<Timestamp> {
    let request = ListObjectVersionsRequest {
        bucket: BUCKET.to_owned(),
        prefix: cache.prefix(),
        ..Default::default()
    };
    let listed = world
        .list_object_versions(&request, now)
        .map(|answer| answer.versions);
    let keys = listed.unwrap_or_default().into_iter().map(|version| version.key);
    keys.filter(|key| key.ends_with("/manifest.json"))
        .filter_map(|key| instant_of(&key))
        .collect()
}

/// The instant in `backups/<kind>/<cache id>/<instant>/…`.
fn instant_of(key: &str) -> Option<Timestamp> {
    let instant = key.split('/').nth(3)?;
    backup_core::Instant::parse(instant).map(backup_core::Instant::timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_of_nights_keeps_seven_days_and_four_weeks() {
        let nights = (1..=30).map(|day| format!("2026-03-{day:02}T02:00:00Z").parse().unwrap());
        let kept: Vec<String> = should_be_kept(&nights.collect())
            .into_iter()
            .map(|at| at.strftime("%d").to_string())
            .collect();
        // Sundays end ISO weeks: the 29th, the 22nd and the 15th, and the week of the 30th has but one night.
        assert_eq!(kept, ["15", "22", "24", "25", "26", "27", "28", "29", "30"]);
    }
}
