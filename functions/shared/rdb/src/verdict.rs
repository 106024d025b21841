//! What was found in a file that is whole.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::tally::{Hint, Large};

/// What a whole file holds; no key's name and no byte of a value is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Which family wrote the file.
    pub magic: Magic,
    /// RDB version, 1 to 12 or 80.
    pub version: u16,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// What the trailer says; a wrong CRC is no verdict but [`crate::Broken`].
    pub crc: Crc,
    /// The writer's notes under names known to be harmless (`redis-ver`, `valkey-ver`, `redis-bits`, `ctime`,
    /// `used-mem`, `repl-*`, `aof-*`), cut to 64 printable characters.
    pub aux: BTreeMap<String, String>,
    /// Number of notes under other names or not shown, among them scripts and slot information.
    pub other_aux: u64,
    /// Number of keys.
    pub keys: u64,
    /// Number of keys with an expiry.
    pub expires: u64,
    /// Number of keys whose expiry lies before [`crate::Options::now_ms`].
    pub expired: u64,
    /// Number of function libraries.
    pub functions: u64,
    /// Databases with keys or with an announced size, by number; those beyond the first 32 seen are only in
    /// `other_databases`.
    pub databases: Vec<Database>,
    /// Sum over the databases that have no row of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_databases: Option<Database>,
    /// Keys and bytes per type of value.
    pub types: BTreeMap<Kind, TypeTally>,
    /// Number of keys per RDB type, by the name that the engines' checkers use (`quicklist-v2`, `hash-listpack`).
    pub encodings: BTreeMap<String, u64>,
    /// The largest values by bytes in the file, largest first; as many as [`crate::Options::largest`] asks for.
    pub largest: Vec<Large>,
    /// What was too large to be compared exactly.
    #[serde(default)]
    pub not_checked: NotChecked,
}

/// Values that exceed what is compared exactly: 4,096 entries or 1 MiB of them.
///
/// Their structure is judged like that of any other value; only whether two of their entries are the same is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NotChecked {
    /// Number of sets, sorted sets and hashes in which duplicate members or fields were not looked for.
    pub duplicates: u64,
    /// Number of streams in which consumers' pending entries were only counted against their group's.
    pub pending: u64,
}

/// Which family wrote a file: the letters it starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Magic {
    /// Redis, and Valkey before 9.0.
    #[serde(rename = "REDIS")]
    Redis,
    /// Valkey from 9.0 on.
    #[serde(rename = "VALKEY")]
    Valkey,
}

/// What the trailer says of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Crc {
    /// The CRC-64 of the trailer is that of the file.
    Right,
    /// The writer had checksums switched off (eight zero bytes), or the version is below 5 and has no trailer.
    Absent,
}

/// What one database holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Database {
    /// Its number; 0 in the sum over other databases.
    pub number: u32,
    /// Number of keys.
    pub keys: u64,
    /// Number of keys with an expiry.
    pub expires: u64,
    /// Number of keys whose expiry lies before `now_ms`.
    pub expired: u64,
    /// Number of keys per type of value.
    pub types: BTreeMap<Kind, u64>,
    /// What the writer announced (RESIZEDB), where it differs from what is there; reported, never refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<Hint>,
}

/// Sort of value a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text, number or bits.
    String,
    /// A list in any encoding.
    List,
    /// A set in any encoding.
    Set,
    /// A sorted set in any encoding.
    Zset,
    /// A hash in any encoding.
    Hash,
    /// A stream of any version.
    Stream,
    /// A value of a module, such as JSON or a Bloom filter.
    Module,
}

/// Keys and bytes of one type of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TypeTally {
    /// Number of keys.
    pub keys: u64,
    /// Bytes of their values in the file, without the keys' names and expiries.
    pub bytes: u64,
}

impl Kind {
    /// All kinds; each stands at the index that it is as a number.
    pub(crate) const ALL: [Self; 7] = [
        Self::String,
        Self::List,
        Self::Set,
        Self::Zset,
        Self::Hash,
        Self::Stream,
        Self::Module,
    ];
}

impl fmt::Display for Magic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "REDIS",
            Self::Valkey => "VALKEY",
        })
    }
}
