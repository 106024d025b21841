//! Backups that were restored, beside what they were made of.

use crate::source::Census;
use crate::view::table::{Align, Column, lay_out};
use crate::view::units;
use std::collections::BTreeSet;

/// A shard's source, and a fresh server that loaded its exported file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// The cache's id.
    pub cache: String,
    /// The shard.
    pub shard: String,
    /// What the source had when the snapshot was made.
    pub source: Census,
    /// What the restored server has.
    pub restored: Census,
}

impl Restore {
    /// Whether nothing is lost and nothing is added.
    pub fn is_equal(&self) -> bool {
        self.source == self.restored
    }
}

/// The table: a row per database of each shard, with the digest of the whole shard in its first row. What differs shows
/// both, the source's first.
pub fn table(restores: &[Restore], width: u16) -> String {
    let columns = [
        Column("", Align::Left),
        Column("shard", Align::Left),
        Column("database", Align::Right),
        Column("keys", Align::Right),
        Column("expiring", Align::Right),
        Column("DEBUG DIGEST", Align::Left),
    ];
    let rows: Vec<Vec<String>> = restores.iter().flat_map(rows).collect();
    lay_out(&columns, &rows, width)
}

fn rows(restore: &Restore) -> Vec<Vec<String>> {
    let Restore {
        cache,
        shard,
        source,
        restored,
    } = restore;
    let mark = if restore.is_equal() { "✔" } else { "✘" };
    let databases: BTreeSet<u32> = source
        .databases
        .keys()
        .chain(restored.databases.keys())
        .copied()
        .collect();
    let row = |(index, database): (usize, &u32)| {
        let before = source.databases.get(database).copied().unwrap_or_default();
        let after = restored.databases.get(database).copied().unwrap_or_default();
        let once = |text: String| if index == 0 { text } else { String::new() };
        vec![
            once(mark.to_owned()),
            once(format!("{cache}-{shard}")),
            database.to_string(),
            both(units::count(before.keys), &units::count(after.keys)),
            both(units::count(before.expires), &units::count(after.expires)),
            once(both(short(&source.digest), &short(&restored.digest))),
        ]
    };
    databases.iter().enumerate().map(row).collect()
}

fn both(before: String, after: &str) -> String {
    if before == after {
        before
    } else {
        format!("{before} ≠ {after}")
    }
}

/// Enough of a digest for the eye; they are compared whole.
fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
