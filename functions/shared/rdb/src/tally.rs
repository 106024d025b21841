//! Counters of one scan, bounded whatever the file holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::layout;
use crate::record::NAME_TOLD;
use crate::verdict::{Database, Kind, Magic, NotChecked, TypeTally};

/// Databases with counters of their own; ElastiCache's default is 16. The others are summed up in one row.
pub(crate) const DATABASES: usize = 32;

/// Greatest number of largest values that are remembered.
pub(crate) const LARGEST: u8 = 32;

/// Notes of the writer that tell nothing of the data; only these are kept.
pub(crate) const AUX_NAMES: [&str; 10] = [
    "redis-ver",
    "valkey-ver",
    "redis-bits",
    "ctime",
    "used-mem",
    "aof-preamble",
    "aof-base",
    "repl-stream-db",
    "repl-id",
    "repl-offset",
];

/// Longest note that is kept, and the most bytes of a string that are ever collected.
pub(crate) const AUX_VALUE: usize = 64;

/// Greatest integer that every JSON reader keeps exactly; the states of a Step Functions execution are JSON.
const EXACT: u64 = (1 << 53) - 1;

/// Number of RDB types that have a counter.
const TYPES: usize = 26;

/// What a writer announced for one database (RESIZEDB).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hint {
    /// Number of keys, at most 2^53 - 1.
    pub keys: u64,
    /// Number of keys with an expiry, at most 2^53 - 1.
    pub expires: u64,
}

/// A large value, by its place in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Large {
    /// 1 for the first key record of the file.
    pub key: u64,
    /// Number of the database it is in.
    pub database: u32,
    /// Sort of value.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Bytes of the value in the file, without the key's name.
    pub bytes: u64,
    /// The key's name, only where [`crate::Options::with_names`] asks for it: at most 64 characters of it,
    /// with anything but printable ASCII escaped (`\xNN`), and `…` where it was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Counters of one database; `None` as number is the row of all that have none of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    number: Option<u32>,
    keys: u64,
    expires: u64,
    expired: u64,
    kinds: [u64; 7],
    hint: Option<Hint>,
}

/// A key record that was walked to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done<'a> {
    pub(crate) kind: Kind,
    pub(crate) rdb_type: u8,
    pub(crate) bytes: u64,
    /// Whether the expiry has passed; none where the key has no expiry.
    pub(crate) expired: Option<bool>,
    /// How many largest values to remember.
    pub(crate) largest: u8,
    /// Whether its entries were too many to be compared.
    pub(crate) given_up: bool,
    /// The key's name, if it may be told.
    pub(crate) name: Option<&'a str>,
}

/// All counters of one scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Tally {
    pub(crate) keys: u64,
    pub(crate) functions: u64,
    pub(crate) other_aux: u64,
    database: u32,
    /// Index of the row in use: one of `rows`, or one past [`DATABASES`] for the sum.
    row: usize,
    rows: Vec<Row>,
    others: Row,
    kind_bytes: [u64; 7],
    encodings: [u64; TYPES],
    largest: Vec<Large>,
    /// Index into [`AUX_NAMES`] and the note.
    aux: BTreeMap<u8, String>,
    pub(crate) not_checked: NotChecked,
}

impl Default for Tally {
    /// Keys before the first SELECTDB are in database 0.
    fn default() -> Self {
        Self {
            keys: 0,
            functions: 0,
            other_aux: 0,
            database: 0,
            row: 0,
            rows: vec![Row {
                number: Some(0),
                ..Row::default()
            }],
            others: Row::default(),
            kind_bytes: [0; 7],
            encodings: [0; TYPES],
            largest: Vec::new(),
            aux: BTreeMap::new(),
            not_checked: NotChecked::default(),
        }
    }
}

impl Tally {
    pub(crate) fn database(&self) -> u32 {
        self.database
    }

    /// Makes `number` the database of the keys that follow.
    pub(crate) fn select(&mut self, number: u32) {
        self.database = number;
        self.row = match self.rows.iter().position(|row| row.number == Some(number)) {
            Some(row) => row,
            None if self.rows.len() < DATABASES => {
                self.rows.push(Row {
                    number: Some(number),
                    ..Row::default()
                });
                self.rows.len() - 1
            }
            None => DATABASES,
        };
    }

    fn row(&mut self) -> &mut Row {
        self.rows.get_mut(self.row).unwrap_or(&mut self.others)
    }

    /// Adds to what the writer announced for the database in use.
    pub(crate) fn announce(&mut self, keys: u64, expires: u64) {
        let hint = self.row().hint.get_or_insert_default();
        hint.keys = hint.keys.saturating_add(keys).min(EXACT);
        hint.expires = hint.expires.saturating_add(expires).min(EXACT);
    }

    #[inline]
    pub(crate) fn key_done(&mut self, done: Done<'_>) {
        self.keys += 1;
        let kind = done.kind as usize;
        let row = self.row();
        row.keys += 1;
        row.kinds[kind] += 1;
        if let Some(expired) = done.expired {
            row.expires += 1;
            row.expired += u64::from(expired);
        }
        self.kind_bytes[kind] += done.bytes;
        if let Some(count) = self.encodings.get_mut(usize::from(done.rdb_type)) {
            *count += 1;
        }
        if done.given_up {
            self.give_up(done.kind);
        }
        let room = usize::from(done.largest);
        let least = self.largest.last().map_or(0, |large| large.bytes);
        if done.bytes > least || self.largest.len() < room {
            self.remember(done, room);
        }
    }

    #[cold]
    fn give_up(&mut self, kind: Kind) {
        match kind {
            Kind::Stream => self.not_checked.pending += 1,
            _ => self.not_checked.duplicates += 1,
        }
    }

    /// Keeps the largest values, largest first; of equal ones the first in the file.
    #[cold]
    fn remember(&mut self, done: Done<'_>, room: usize) {
        let at = self.largest.partition_point(|large| large.bytes >= done.bytes);
        let large = Large {
            key: self.keys,
            database: self.database,
            kind: done.kind,
            bytes: done.bytes,
            name: done.name.map(str::to_owned),
        };
        self.largest.insert(at, large);
        self.largest.truncate(room.min(usize::from(LARGEST)));
    }

    /// Keeps the writer's note under the name of this index in [`AUX_NAMES`]; unprintable bytes become `?`.
    pub(crate) fn note(&mut self, name: u8, value: &[u8]) {
        let printable = |&byte: &u8| match byte {
            b'"' | b'\\' => '?',
            b' '..=b'~' => char::from(byte),
            _ => '?',
        };
        self.aux
            .insert(name, value.iter().take(AUX_VALUE).map(printable).collect());
    }

    pub(crate) fn aux(&self) -> BTreeMap<String, String> {
        let name = |index: u8| AUX_NAMES.get(usize::from(index)).copied();
        self.aux
            .iter()
            .filter_map(|(&index, value)| Some((name(index)?.to_owned(), value.clone())))
            .collect()
    }

    pub(crate) fn largest(&self) -> Vec<Large> {
        self.largest.clone()
    }

    pub(crate) fn databases(&self) -> Vec<Database> {
        let mut databases: Vec<Database> = self
            .rows
            .iter()
            .filter(|row| row.keys > 0 || row.hint.is_some())
            .map(Row::database)
            .collect();
        databases.sort_by_key(|database| database.number);
        databases
    }

    pub(crate) fn other_databases(&self) -> Option<Database> {
        let used = self.others.keys > 0 || self.others.hint.is_some();
        used.then(|| self.others.database())
    }

    /// Keys with an expiry, and how many of them have expired.
    pub(crate) fn expiries(&self) -> (u64, u64) {
        self.all().fold((0, 0), |(expires, expired), row| {
            (expires + row.expires, expired + row.expired)
        })
    }

    pub(crate) fn types(&self) -> BTreeMap<Kind, TypeTally> {
        let keys = |kind: Kind| self.all().map(|row| row.kinds[kind as usize]).sum();
        Kind::ALL
            .into_iter()
            .map(|kind| {
                (
                    kind,
                    TypeTally {
                        keys: keys(kind),
                        bytes: self.kind_bytes[kind as usize],
                    },
                )
            })
            .filter(|(_, tally)| tally.keys > 0)
            .collect()
    }

    pub(crate) fn encodings(&self, magic: Magic) -> BTreeMap<String, u64> {
        let name = |rdb_type| {
            layout::find(magic, rdb_type)
                .ok()
                .map(|layout| layout.name.to_owned())
        };
        (0..)
            .zip(self.encodings)
            .filter(|&(_, count)| count > 0)
            .filter_map(|(t, n)| Some((name(t)?, n)))
            .collect()
    }

    /// Whether these counters can stand after `walked` bytes of some file. Every key takes bytes, so no sum exceeds
    /// `walked`, and no addition that follows can overflow.
    pub(crate) fn is_plausible(&self, walked: u64) -> bool {
        let sum = |values: &[u64]| {
            values
                .iter()
                .try_fold(0_u64, |sum, &value| sum.checked_add(value))
        };
        let rows_hold = self.all().all(|row| {
            sum(&row.kinds) == Some(row.keys)
                && row.expires <= row.keys
                && row.expired <= row.expires
                && row
                    .hint
                    .is_none_or(|hint| hint.keys <= EXACT && hint.expires <= EXACT)
        });
        let keys: Vec<u64> = self.all().map(|row| row.keys).collect();
        self.keys <= walked
            && self.functions <= walked
            && self.other_aux <= walked
            && rows_hold
            && sum(&keys) == Some(self.keys)
            && sum(&[self.not_checked.duplicates, self.not_checked.pending])
                .is_some_and(|values| values <= self.keys)
            && sum(&self.encodings) == Some(self.keys)
            && sum(&self.kind_bytes).is_some_and(|bytes| bytes <= walked)
            && self.rows_are_plausible()
            && self.largest_are_plausible(walked)
            && self
                .aux
                .iter()
                .all(|(&name, note)| usize::from(name) < AUX_NAMES.len() && is_note(note))
    }

    fn rows_are_plausible(&self) -> bool {
        let selected = self.rows.iter().position(|row| row.number == Some(self.database));
        self.rows.len() <= DATABASES
            && self.rows.iter().all(|row| row.number.is_some())
            && self.others.number.is_none()
            && self.row == selected.unwrap_or(DATABASES)
            && (self.row < self.rows.len() || self.rows.len() == DATABASES)
    }

    fn largest_are_plausible(&self, walked: u64) -> bool {
        self.largest.len() <= usize::from(LARGEST)
            && self.largest.is_sorted_by(|a, b| a.bytes >= b.bytes)
            && self.largest.iter().all(|large| {
                (1..=self.keys).contains(&large.key)
                    && large.bytes <= walked
                    && large.name.as_ref().is_none_or(|name| name.len() <= NAME_TOLD)
            })
    }

    fn all(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().chain([&self.others])
    }
}

impl Row {
    fn database(&self) -> Database {
        let types = Kind::ALL
            .into_iter()
            .zip(self.kinds)
            .filter(|&(_, keys)| keys > 0)
            .collect();
        Database {
            number: self.number.unwrap_or(0),
            keys: self.keys,
            expires: self.expires,
            expired: self.expired,
            types,
            announced: self
                .hint
                .filter(|hint| (hint.keys, hint.expires) != (self.keys, self.expires)),
        }
    }
}

fn is_note(note: &str) -> bool {
    note.len() <= AUX_VALUE
        && note
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
}

#[cfg(test)]
mod tests;
