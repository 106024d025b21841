//! What names and keys mean, by the documents: design "Names", ARCHITECTURE "Names and idempotency".

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::fmt;

/// The page that lists the error names.
const ERROR_TABLE: &str = include_str!("../../../../statemachine/README.md");

/// A cache: kind and id, the id in lower case as `ElastiCache` stores it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cache {
    pub(super) kind: String,
    pub(super) id: String,
}

impl Cache {
    pub(super) fn new(kind: &str, id: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            id: id.to_ascii_lowercase(),
        }
    }

    pub(super) fn is_serverless(&self) -> bool {
        self.kind == "serverless-cache"
    }

    /// Whether a snapshot of this source is one of this cache: the cache itself, or a node that `ElastiCache` named
    /// after its group (`orders-002`).
    pub(super) fn has_source(&self, source: &str) -> bool {
        let node = source
            .strip_prefix(&self.id)
            .and_then(|rest| rest.strip_prefix('-'));
        source == self.id || node.is_some_and(|number| number.len() == 3 && is_digits(number))
    }

    /// The folder of one instant's backup.
    pub(super) fn folder(&self, instant: &str) -> String {
        format!("backups/{}/{}/{instant}/", self.kind, self.id)
    }

    /// The key of one instant's manifest.
    pub(super) fn manifest_key(&self, instant: &str) -> String {
        self.folder(instant) + "manifest.json"
    }
}

impl fmt::Display for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)
    }
}

/// What lies under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Something in an instant's folder.
    Backup {
        cache: Cache,
        instant: String,
        file: File,
    },
    /// A shard where `ElastiCache` puts the exports of serverless caches, which takes no name.
    Serverless { snapshot: String },
    /// The marker of an alert about an execution whose cache is unknown.
    Alert { execution: String },
    /// What `watch` remembers.
    Watch { plan: String, cache: Cache },
    /// Nothing of ours.
    Foreign,
}

/// What a file in an instant's folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum File {
    Manifest,
    Shard,
    Verdict,
    Alert,
    /// Nothing that we would have put there.
    Foreign,
}

/// Reads a key.
pub(super) fn place(deployment: &str, key: &str) -> Place {
    let parts: Vec<&str> = key.split('/').collect();
    match parts.as_slice() {
        ["backups", kind, id, instant, rest @ ..] if instant_time(instant).is_some() => Place::Backup {
            cache: Cache::new(kind, id),
            instant: (*instant).to_owned(),
            file: file(id, rest),
        },
        ["alerts", execution, marker] if is_marker(marker) => Place::Alert {
            execution: (*execution).to_owned(),
        },
        ["watch", of, plan, kind, file] if *of == deployment => Place::Watch {
            plan: (*plan).to_owned(),
            cache: Cache::new(kind, file.strip_suffix(".json").unwrap_or_default()),
        },
        [folder, file] if shard_of(file) == Some(folder) => Place::Serverless {
            snapshot: (*folder).to_owned(),
        },
        [file] => shard_of(file).map_or(Place::Foreign, |snapshot| Place::Serverless {
            snapshot: snapshot.to_owned(),
        }),
        _ => Place::Foreign,
    }
}

fn file(id: &str, rest: &[&str]) -> File {
    let renewed = |folder: &str| folder.strip_prefix('r').is_some_and(is_digits);
    match rest {
        ["manifest.json"] => File::Manifest,
        [name] if is_marker(name) => File::Alert,
        [name] if shard_of(name) == Some(id) => File::Shard,
        [folder, name] if renewed(folder) && shard_of(name) == Some(id) => File::Shard,
        ["verdicts", .., name] if name.strip_suffix(".json").and_then(shard_of).is_some() => File::Verdict,
        _ => File::Foreign,
    }
}

fn is_marker(name: &str) -> bool {
    let number = name
        .strip_prefix("alert-")
        .and_then(|rest| rest.strip_suffix(".json"));
    number.is_some_and(is_digits)
}

/// `orders` of `orders-0001.rdb`.
fn shard_of(name: &str) -> Option<&str> {
    let (stem, shard) = name.strip_suffix(".rdb")?.rsplit_once('-')?;
    (shard.len() == 4 && is_digits(shard)).then_some(stem)
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `20260301t0200z` of a time.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y%m%dt%H%Mz").to_string()
}

/// The time of `20260301t0200z`.
pub(super) fn instant_time(instant: &str) -> Option<Timestamp> {
    let (date, time) = instant.strip_suffix('z')?.split_once('t')?;
    if date.len() != 8 || time.len() != 4 {
        return None;
    }
    let civil = DateTime::strptime("%Y%m%d%H%M", format!("{date}{time}")).ok()?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// The instant in a snapshot's name: `20260301t0200z` of `orders-202603010200`.
pub(super) fn instant_in(snapshot: &str) -> Option<String> {
    let (_, digits) = snapshot.rsplit_once('-')?;
    let (date, time) = (digits.get(..8)?, digits.get(8..)?);
    let instant = format!("{date}t{time}z");
    instant_time(&instant).map(|_| instant)
}

/// Whether a snapshot has the name of this cache and instant; a long id is cut, so only its beginning is compared.
pub(super) fn is_snapshot_name(name: &str, cache: &Cache, instant: &str) -> bool {
    let Some((id, _)) = name
        .rsplit_once('-')
        .filter(|_| instant_in(name).as_deref() == Some(instant))
    else {
        return false;
    };
    let whole = cache.id.len() + "-202603010200".len() <= 40;
    name.len() <= 40
        && if whole {
            id == cache.id
        } else {
            id.starts_with(cache.id.get(..8).unwrap_or_default())
        }
}

/// The error names of the table, and those whose class there is `permanent`.
pub(super) fn error_names() -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let rows = ERROR_TABLE.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `Backup.")?.split('|').map(str::trim);
        Some((cells.next()?.trim_end_matches('`'), cells.next()?))
    });
    let (mut all, mut permanent) = (BTreeSet::new(), BTreeSet::new());
    for (name, class) in rows {
        all.insert(name);
        if class == "permanent" {
            permanent.insert(name);
        }
    }
    (all, permanent)
}
