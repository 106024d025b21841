//! The metrics: one spelling in Rust and in what alarms and draws.

use backup_core::metrics::{Dimension, Metric, NAMESPACE};
use std::collections::BTreeSet;

const FILE: &str = "infra/lib/metrics.ts";

/// The texts in single quotes between `export const <name> =` and the end of the statement, comments left out.
fn quoted(text: &str, name: &str) -> BTreeSet<String> {
    let is_code = |line: &&str| !line.trim_start().starts_with(['/', '*']);
    let code: Vec<&str> = text.lines().filter(is_code).collect();
    let code = code.join("\n");
    let start = format!("export const {name} =");
    let statement = code.split_once(&start).map_or("", |(_, rest)| rest);
    let statement = statement.split(';').next().unwrap_or_default();
    let texts = statement.split('\'').skip(1).step_by(2);
    texts.map(str::to_owned).collect()
}

/// What a test expects.
fn set<'n>(names: impl IntoIterator<Item = &'n str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_names_are_those_that_alarms_and_dashboards_look_for() {
    let text = contract::text(FILE).unwrap();
    let metrics = set(Metric::ALL.iter().map(|metric| metric.as_str()));
    let dimensions = set(Dimension::ALL.iter().map(|dimension| dimension.as_str()));
    assert_eq!(quoted(&text, "METRICS"), metrics);
    assert_eq!(quoted(&text, "DIMENSIONS"), dimensions);
    assert_eq!(quoted(&text, "NAMESPACE"), set([NAMESPACE]));
}

#[test]
fn names_are_read_from_the_statement_alone() {
    let text = "/**\n * It's `A`; 'Z'.\n */\nexport const METRICS = {\n  /** The plan's 'X'; more. */\n  A: 'A',\n  B: 'B',\n\
                } as const;\nexport const OTHER = 'C';\n";
    assert_eq!(quoted(text, "METRICS"), set(["A", "B"]));
    assert_eq!(quoted(text, "OTHER"), set(["C"]));
    assert_eq!(quoted(text, "NONE"), set([]));
}
