//! The catalogue: what there is to restore.

use crate::view::table::{Align, Column, lay_out};
use crate::view::units;
use backup_core::Instant;
use backup_core::manifest::Manifest;
use std::fmt::Write as _;

/// One backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The cache's id.
    pub cache: String,
    /// The scheduled minute.
    pub instant: Instant,
    /// Number of objects.
    pub shards: usize,
    /// Bytes of all objects.
    pub bytes: u64,
    /// Keys in all objects.
    pub keys: u64,
    /// Milliseconds that verification took, summed over shards.
    pub millis: u64,
    /// Billed state transitions of the run, if its record is still there.
    pub transitions: Option<u64>,
    /// Why the backup is suspicious; empty where it is not.
    pub suspicions: Vec<String>,
}

impl Row {
    /// What a manifest says; the transitions come from the run's record.
    pub fn of(manifest: &Manifest, transitions: Option<u64>) -> Self {
        Self {
            cache: manifest.cache.id.to_string(),
            instant: manifest.instant(),
            shards: manifest.objects.len(),
            bytes: manifest.bytes(),
            keys: manifest.keys(),
            millis: manifest.objects.iter().map(|object| object.verdict.millis).sum(),
            transitions,
            suspicions: manifest
                .suspicion
                .as_ref()
                .map(|found| found.reasons.clone())
                .unwrap_or_default(),
        }
    }

    fn verdict(&self) -> &'static str {
        if self.suspicions.is_empty() {
            "sound"
        } else {
            "suspicious"
        }
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.cache.clone(),
            self.instant.to_string(),
            self.shards.to_string(),
            units::bytes(self.bytes),
            units::count(self.keys),
            units::speed(self.bytes, self.millis).unwrap_or_else(|| "-".to_owned()),
            self.transitions.map_or_else(|| "-".to_owned(), units::count),
            self.verdict().to_owned(),
        ]
    }
}

/// The table, oldest backup first, and below it why any is suspicious; a sentence where there is none.
pub fn table(rows: &[Row], width: u16) -> String {
    if rows.is_empty() {
        return "There is no backup yet.\n".to_owned();
    }
    let columns = [
        Column("cache", Align::Left),
        Column("instant", Align::Left),
        Column("shards", Align::Right),
        Column("bytes", Align::Right),
        Column("keys", Align::Right),
        Column("verify", Align::Right),
        Column("transitions", Align::Right),
        Column("verdict", Align::Left),
    ];
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by(|a, b| (a.instant, &a.cache).cmp(&(b.instant, &b.cache)));
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.cells()).collect();
    let mut text = lay_out(&columns, &cells, width);
    for row in rows.iter().filter(|row| !row.suspicions.is_empty()) {
        let reasons = format!("{} {}: {}", row.cache, row.instant, row.suspicions.join("; "));
        let options = textwrap::Options::new(usize::from(width)).subsequent_indent("  ");
        let _ = writeln!(text, "{}", textwrap::fill(&reasons, options));
    }
    text
}
