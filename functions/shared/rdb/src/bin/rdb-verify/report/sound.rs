//! A file that is whole: where it is from and what it holds.

use super::table::{bar, lay_out, number, text};
use super::{Field, GLUE, Look, fields};
use crate::units::{self, count, plural, share};
use jiff::Timestamp;
use rdb::{Crc, Database, Kind, Verdict};
use std::collections::BTreeMap;
use std::time::Duration;

/// First version with a CRC-64 behind the end mark.
const FIRST_WITH_CRC: u16 = 5;
/// Notes of the writer that have fields of their own.
const TOLD: [&str; 5] = ["valkey-ver", "redis-ver", "redis-bits", "ctime", "used-mem"];
/// Columns of the longest bar, and of what stands before the bars.
const BAR: usize = 24;
const BEFORE_BAR: usize = 54;

/// Everything but the heading.
pub(super) fn body(verdict: &Verdict, took: Duration, look: &Look) -> String {
    let mut parts = vec![fields(&facts(verdict, took, look), look)];
    if verdict.keys > 0 {
        parts.push(types(verdict, look));
        parts.push(fields(&[("Encodings", listed(&verdict.encodings))], look));
    }
    if rows(verdict).count() > 1 {
        parts.push(databases(verdict, look));
    }
    if !verdict.largest.is_empty() {
        parts.push(largest(verdict, look));
    }
    let remarks = remarks(verdict);
    if !remarks.is_empty() {
        parts.push(fields(&remarks, look));
    }
    parts.join("\n")
}

fn facts(verdict: &Verdict, took: Duration, look: &Look) -> Vec<Field> {
    let mut facts = vec![("Format", format(verdict))];
    facts.extend(written(verdict).map(|text| ("Written", text)));
    let read =
        units::speed(verdict.bytes, took).map_or_else(String::new, |speed| format!(", read in {speed}"));
    facts.push(("Size", units::bytes(verdict.bytes) + &read));
    facts.push(("Checksum", checksum(verdict).to_owned()));
    facts.push(("Keys", keys(verdict)));
    facts.push(("Expiries", expiries(verdict, look.now)));
    if verdict.functions > 0 {
        facts.push(("Functions", plural(verdict.functions, "library")));
    }
    facts
}

/// `RDB 80 (VALKEY), written by Valkey 9.0.1, 64 bit`.
fn format(verdict: &Verdict) -> String {
    let aux = |name: &str| verdict.aux.get(name);
    let creator = match (aux("valkey-ver"), aux("redis-ver")) {
        (Some(version), _) => format!("written by Valkey {version}"),
        (None, Some(version)) => format!("written by Redis {version}"),
        (None, None) => "its writer does not name itself".to_owned(),
    };
    let bits = aux("redis-bits").map_or_else(String::new, |bits| format!(", {bits} bit"));
    format!("RDB {} ({}), {creator}{bits}", verdict.version, verdict.magic)
}

/// `2026-11-20 03:00:17 UTC, from 812.4 MB of memory`; what is no number is left out.
fn written(verdict: &Verdict) -> Option<String> {
    let seconds = verdict.aux.get("ctime").and_then(|text| text.parse().ok());
    let at = seconds
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map(units::instant);
    let memory = verdict.aux.get("used-mem").and_then(|text| text.parse().ok());
    let memory = memory.map(|memory| format!("from {} of memory", units::bytes(memory)));
    let parts: Vec<String> = [at, memory].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn checksum(verdict: &Verdict) -> &'static str {
    match verdict.crc {
        Crc::Right => "right: the CRC-64 at the end is that of the file",
        Crc::Absent if verdict.version < FIRST_WITH_CRC => {
            "none, as in every file before RDB 5: damage within texts goes unseen"
        }
        Crc::Absent => "none: the writer had checksums switched off, so damage within texts goes unseen",
    }
}

fn keys(verdict: &Verdict) -> String {
    let keys = count(verdict.keys);
    match (rows(verdict).count(), &verdict.databases[..]) {
        (1, [only]) => format!("{keys} in database {}", only.number),
        (0 | 1, _) => keys,
        _ if verdict.other_databases.is_some() => {
            format!(
                "{keys} in more than {}",
                plural(verdict.databases.len() as u64, "database")
            )
        }
        (more, _) => format!("{keys} in {more} databases"),
    }
}

fn expiries(verdict: &Verdict, now: Timestamp) -> String {
    let expired = match (verdict.expires, verdict.expired) {
        (0, _) => return "none".to_owned(),
        (_, 0) => "none".to_owned(),
        (_, expired) => count(expired),
    };
    let by = units::instant(now);
    format!(
        "{}, of which {expired} had passed by {by}",
        count(verdict.expires)
    )
}

fn types(verdict: &Verdict, look: &Look) -> String {
    let columns = [
        text("Type"),
        number("Keys"),
        number("Bytes"),
        number("Share"),
        text(""),
    ];
    let sum = value_bytes(verdict);
    let cells = look.width.saturating_sub(BEFORE_BAR).clamp(1, BAR) as u64;
    let mut types: Vec<_> = verdict.types.iter().collect();
    types.sort_by_key(|(kind, tally)| (std::cmp::Reverse(tally.bytes), **kind));
    let rows: Vec<Vec<String>> = types
        .into_iter()
        .map(|(kind, tally)| {
            vec![
                name(*kind).to_owned(),
                count(tally.keys),
                units::bytes(tally.bytes),
                share(tally.bytes, sum),
                bar(units::per_mille(tally.bytes, sum), cells),
            ]
        })
        .collect();
    lay_out(&columns, &rows, look)
}

fn databases(verdict: &Verdict, look: &Look) -> String {
    let columns = [
        number("Database"),
        number("Keys"),
        number("Expiries"),
        number("Expired"),
        text("Types"),
    ];
    let rows: Vec<Vec<String>> = rows(verdict)
        .map(|(name, row)| {
            let types = row
                .types
                .iter()
                .map(|(kind, keys)| (self::name(*kind).to_owned(), *keys));
            vec![
                name,
                count(row.keys),
                count(row.expires),
                count(row.expired),
                listed(&types.collect()),
            ]
        })
        .collect();
    lay_out(&columns, &rows, look)
}

/// Names of keys have a column only where there are any.
fn largest(verdict: &Verdict, look: &Look) -> String {
    let named = verdict.largest.iter().any(|large| large.name.is_some());
    let mut columns = vec![
        text("Largest"),
        number("Database"),
        text("Type"),
        number("Bytes"),
        number("Share"),
    ];
    columns.extend(named.then_some(text("Name")));
    let sum = value_bytes(verdict);
    let rows: Vec<Vec<String>> = verdict
        .largest
        .iter()
        .map(|large| {
            let mut row = vec![
                format!("key {}", count(large.key)),
                large.database.to_string(),
                name(large.kind).to_owned(),
                units::bytes(large.bytes),
                share(large.bytes, sum),
            ];
            row.extend(named.then(|| large.name.clone().unwrap_or_default()));
            row
        })
        .collect();
    lay_out(&columns, &rows, look)
}

/// What somebody should know who relies on the verdict.
fn remarks(verdict: &Verdict) -> Vec<Field> {
    let mut remarks = Vec::new();
    let not_checked = verdict.not_checked;
    if not_checked.duplicates > 0 {
        let values = plural(not_checked.duplicates, "value");
        remarks.push((
            "Not checked",
            format!("{values} of more than 4,096 entries or 1 MiB: whether two entries are the same"),
        ));
    }
    if not_checked.pending > 0 {
        let streams = plural(not_checked.pending, "stream");
        remarks.push((
            "Not checked",
            format!("{streams} of more than 4,096 pending entries: which consumer has which; their number is right"),
        ));
    }
    for (name, row) in rows(verdict) {
        if let Some(hint) = &row.announced {
            let announced = format!(
                "{} and {}",
                plural(hint.keys, "key"),
                plural(hint.expires, "expiry")
            );
            let there = format!("{} and {}", count(row.keys), count(row.expires));
            remarks.push((
                "Announced",
                format!(
                    "database {name} says {announced}, but has {there}; servers only size their tables by it"
                ),
            ));
        }
    }
    remarks.extend(notes(verdict).map(|text| ("Notes", text)));
    remarks
}

/// The writer's notes that have no field of their own.
fn notes(verdict: &Verdict) -> Option<String> {
    let told = |name: &&String| TOLD.contains(&name.as_str());
    let shown = verdict
        .aux
        .iter()
        .filter(|(name, _)| !told(name))
        .map(|(name, value)| format!("{name} {value}"));
    let hidden = (verdict.other_aux > 0).then(|| format!("{} more not shown", count(verdict.other_aux)));
    let all: Vec<String> = shown.chain(hidden).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Databases by name; those beyond the first 32 are one row.
fn rows(verdict: &Verdict) -> impl Iterator<Item = (String, &Database)> {
    let others = verdict
        .other_databases
        .iter()
        .map(|row| ("others".to_owned(), row));
    verdict
        .databases
        .iter()
        .map(|row| (row.number.to_string(), row))
        .chain(others)
}

fn value_bytes(verdict: &Verdict) -> u64 {
    verdict.types.values().map(|tally| tally.bytes).sum()
}

/// `string 12, hash 3`, the greatest number first; a line does not break between a name and its number.
fn listed(counts: &BTreeMap<String, u64>) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(name, number)| (std::cmp::Reverse(**number), *name));
    let pairs = counts
        .into_iter()
        .map(|(name, number)| format!("{name}{GLUE}{}", count(*number)));
    pairs.collect::<Vec<_>>().join(", ")
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "string",
        Kind::List => "list",
        Kind::Set => "set",
        Kind::Zset => "zset",
        Kind::Hash => "hash",
        Kind::Stream => "stream",
        Kind::Module => "module",
    }
}

#[cfg(test)]
mod tests;
