//! Random files, written from a model that counts by itself.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rdb::{Hint, Kind, Verdict};

use crate::samples;
use crate::writer::Writer;
use crate::{NOW_MS, scan};

/// One key, by the database it is in, the place of its value in the table, and its expiry.
#[derive(Debug, Clone)]
struct Key {
    database: u32,
    value: usize,
    expiry_ms: Option<i64>,
}

fn keys() -> impl Strategy<Value = Vec<Key>> {
    let expiry = prop::option::of(prop_oneof![
        0..NOW_MS * 2,
        Just(NOW_MS),
        Just(i64::MIN),
        Just(i64::MAX)
    ]);
    let key = (0_u32..5, 0..samples::common_values().len(), expiry);
    prop::collection::vec(
        key.prop_map(|(database, value, expiry_ms)| Key {
            database,
            value,
            expiry_ms,
        }),
        0..60,
    )
}

/// Writes the keys, with a SELECTDB before each; what the model announces for a database comes with its first key.
fn write(keys: &[Key], announced: &BTreeMap<u32, Hint>) -> Vec<u8> {
    let values = samples::common_values();
    let mut announced = announced.clone();
    let mut writer = Writer::valkey();
    for (number, key) in keys.iter().enumerate() {
        writer = writer.select(key.database.into());
        if let Some(hint) = announced.remove(&key.database) {
            writer = writer.raw(&[251]).lens(&[hint.keys, hint.expires]);
        }
        if let Some(at) = key.expiry_ms {
            writer = writer.expiry_ms(at);
        }
        let value = &values[key.value];
        writer = writer
            .key(value.rdb_type, &"n".repeat(number * 9))
            .raw(&value.bytes);
    }
    writer.end()
}

/// What the model holds of each database.
fn totals(keys: &[Key]) -> BTreeMap<u32, Hint> {
    keys.iter().fold(BTreeMap::new(), |mut totals, key| {
        let total: &mut Hint = totals.entry(key.database).or_default();
        total.keys += 1;
        total.expires += u64::from(key.expiry_ms.is_some());
        totals
    })
}

fn kinds(keys: &[Key]) -> BTreeMap<Kind, (u64, u64)> {
    let values = samples::common_values();
    keys.iter().fold(BTreeMap::new(), |mut kinds, key| {
        let value = &values[key.value];
        let (count, bytes) = kinds.entry(value.kind).or_default();
        *count += 1;
        *bytes += value.bytes.len() as u64;
        kinds
    })
}

fn largest_sizes(keys: &[Key]) -> Vec<u64> {
    let values = samples::common_values();
    let mut sizes: Vec<u64> = keys
        .iter()
        .map(|key| values[key.value].bytes.len() as u64)
        .collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.truncate(10);
    sizes
}

fn check_against(verdict: &Verdict, keys: &[Key]) {
    let per_database = verdict.databases.iter().map(|database| {
        (
            database.number,
            Hint {
                keys: database.keys,
                expires: database.expires,
            },
        )
    });
    assert_eq!(per_database.collect::<BTreeMap<_, _>>(), totals(keys));
    let per_kind = verdict
        .types
        .iter()
        .map(|(&kind, tally)| (kind, (tally.keys, tally.bytes)));
    assert_eq!(per_kind.collect::<BTreeMap<_, _>>(), kinds(keys));
    assert_eq!(verdict.keys, keys.len() as u64);
    assert_eq!(verdict.encodings.values().sum::<u64>(), verdict.keys);
    assert_eq!(
        verdict.expires,
        keys.iter().filter(|key| key.expiry_ms.is_some()).count() as u64
    );
    let expired = keys
        .iter()
        .filter(|key| key.expiry_ms.is_some_and(|at| at < NOW_MS))
        .count();
    assert_eq!(verdict.expired, expired as u64);
    assert_eq!(
        verdict.expired,
        verdict
            .databases
            .iter()
            .map(|database| database.expired)
            .sum::<u64>()
    );
    let sizes: Vec<u64> = verdict.largest.iter().map(|large| large.bytes).collect();
    assert_eq!(sizes, largest_sizes(keys));
}

proptest! {
    #[test]
    fn a_verdict_counts_what_was_written(keys in keys()) {
        let verdict = scan(&write(&keys, &totals(&keys))).unwrap();
        check_against(&verdict, &keys);
        prop_assert!(verdict.databases.iter().all(|database| database.announced.is_none()));
    }

    #[test]
    fn a_wrong_announcement_changes_no_count(keys in keys(), wrong in any::<u64>()) {
        let announced = totals(&keys).into_keys().map(|number| (number, Hint { keys: wrong, expires: 61 }));
        let verdict = scan(&write(&keys, &announced.collect())).unwrap();
        check_against(&verdict, &keys);
        // Nobody has 61 expiries among at most 60 keys.
        prop_assert!(verdict.databases.iter().all(|database| database.announced.is_some()));
    }
}
