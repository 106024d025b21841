//! The metrics: one spelling in Rust and in what alarms and draws.

use backup_core::metrics::{Dimension, Metric, NAMESPACE};
use std::collections::BTreeSet;

const FILE: &str = "infra/lib/metrics.ts";

/// The texts in single quotes between `export const <name> =` and the end of the statement.
fn quoted<'t>(text: &'t str, name: &str) -> BTreeSet<&'t str> {
    let start = format!("export const {name} =");
    let statement = text.split_once(&start).map_or("", |(_, rest)| rest);
    let statement = statement
        .split_once(';')
        .map_or(statement, |(statement, _)| statement);
    // A comment may have an apostrophe, which is no quote.
    let code = statement
        .lines()
        .filter(|line| !line.trim_start().starts_with("/*"));
    code.flat_map(|line| line.split('\'').skip(1).step_by(2))
        .collect()
}

#[test]
fn the_names_are_those_that_alarms_and_dashboards_look_for() {
    let text = contract::text(FILE).unwrap();
    let metrics: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.as_str()).collect();
    let dimensions: BTreeSet<&str> = Dimension::ALL
        .iter()
        .map(|dimension| dimension.as_str())
        .collect();
    assert_eq!(quoted(&text, "METRICS"), metrics);
    assert_eq!(quoted(&text, "DIMENSIONS"), dimensions);
    assert_eq!(quoted(&text, "NAMESPACE"), BTreeSet::from([NAMESPACE]));
}

#[test]
fn names_are_read_from_the_statement_alone() {
    let text = "/** It's `A`. */\nexport const METRICS = {\n  /** The plan's 'X'. */\n  A: 'A',\n  B: 'B',\n} as const;\n\
                export const OTHER = 'C';\n";
    assert_eq!(quoted(text, "METRICS"), BTreeSet::from(["A", "B"]));
    assert_eq!(quoted(text, "OTHER"), BTreeSet::from(["C"]));
    assert_eq!(quoted(text, "NONE"), BTreeSet::new());
}
