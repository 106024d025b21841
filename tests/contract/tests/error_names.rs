//! The error names: one spelling in Rust, in the state machine and in its table.

use backup_core::{Class, ErrorName, Mend};
use contract::{definition, states, text};
use std::collections::BTreeSet;

const FILE: &str = "statemachine/backup.asl.json";

/// The names of one retrier, or none where it has another purpose.
fn retriers(fields: &serde_json::Value) -> Vec<BTreeSet<String>> {
    let rows = fields["Retry"].as_array().into_iter().flatten();
    let names = |row: &serde_json::Value| {
        let names = row["ErrorEquals"].as_array().into_iter().flatten();
        names
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect()
    };
    rows.map(names).collect()
}

fn ours(class: Class) -> BTreeSet<String> {
    let names = ErrorName::ALL.iter().filter(|name| name.class() == class);
    names.map(|name| name.as_str().to_owned()).collect()
}

#[test]
fn retriers_name_what_passes_and_nothing_permanent() {
    let definition = definition(FILE).unwrap();
    for state in states(&definition).iter().filter(|state| state.is("Task")) {
        let named: BTreeSet<String> = retriers(state.fields).into_iter().flatten().collect();
        let permanent: Vec<_> = named.intersection(&ours(Class::Permanent)).cloned().collect();
        assert!(
            permanent.is_empty(),
            "{}: {permanent:?} can never pass",
            state.path
        );
        for class in [Class::Transient, Class::Throttled] {
            assert!(
                named.is_superset(&ours(class)),
                "{}: {class:?} names are missing",
                state.path
            );
        }
        for name in named.iter().filter(|name| name.starts_with("Backup.")) {
            assert!(
                ErrorName::parse(name).is_some(),
                "{}: `{name}` is no error name",
                state.path
            );
        }
    }
}

#[test]
fn a_busy_cache_is_waited_for_where_a_call_may_meet_one() {
    let definition = definition(FILE).unwrap();
    for state in states(&definition).iter().filter(|state| state.is("Task")) {
        let named: BTreeSet<String> = retriers(state.fields).into_iter().flatten().collect();
        let talks_to_elasticache =
            ["CreateSnapshot", "CheckSnapshot", "CopyToS3", "CheckExport"].contains(&state.name());
        assert_eq!(
            named.is_superset(&ours(Class::Busy)),
            talks_to_elasticache,
            "{}",
            state.path
        );
    }
}

#[test]
fn the_table_has_a_true_row_for_every_name() {
    let readme = text("statemachine/README.md").unwrap();
    let rows: Vec<Vec<&str>> = readme
        .lines()
        .filter(|line| line.starts_with("| `Backup."))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let listed: Vec<String> = rows
        .iter()
        .map(|row| row[0].trim_matches('`').to_owned())
        .collect();
    let all: Vec<String> = ErrorName::ALL
        .iter()
        .map(|name| name.as_str().to_owned())
        .collect();
    assert_eq!(listed, all, "every name, in the order of the enum");
    for (row, name) in rows.iter().zip(ErrorName::ALL) {
        let class = match name.class() {
            Class::Transient => "transient",
            Class::Throttled => "throttled",
            Class::Busy => "busy",
            Class::Permanent => "permanent",
        };
        let mend = match name.mend() {
            Mend::Wait => "wait",
            Mend::Redrive => "re-drive",
            Mend::NewRun => "new run",
        };
        assert_eq!((row[1], row[2]), (class, mend), "{name}");
        assert!(row[3].len() > 20, "{name} is explained");
    }
}
