//! CloudWatch's embedded metric format as rules (user guide, *Specification: Embedded metric format*; its limits of
//! names and values are those of `PutMetricData`).
//!
//! Whoever has a line to judge includes this file: the tests here, and those that read the functions' own logs.

use serde_json::{Map, Value};

/// Largest event of CloudWatch Logs, in bytes.
const LINE_MAX: usize = 1024 * 1024;
/// Metrics of one directive.
const METRICS_MAX: usize = 100;
/// Dimensions of one set.
const DIMENSIONS_MAX: usize = 30;
/// Characters of a dimension's value.
const VALUE_MAX: usize = 1024;
/// Units of CloudWatch, as far as anything here could use them.
const UNITS: [&str; 9] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Megabytes",
    "Percent",
    "Count",
    "Megabytes/Second",
    "None",
];

/// A line that says it is one.
pub(crate) fn document(line: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(line).ok()?;
    value.get("_aws").is_some().then_some(value)
}

/// What of a line breaks the specification.
pub(crate) fn breaches(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    if line.len() > LINE_MAX {
        found.push(format!("{} bytes, allowed are {LINE_MAX}", line.len()));
    }
    let Ok(Value::Object(root)) = serde_json::from_str(line) else {
        found.push("no JSON object".to_owned());
        return found;
    };
    let metadata = root.get("_aws").unwrap_or(&Value::Null);
    if metadata["Timestamp"].as_i64().is_none_or(|at| at < 0) {
        found.push(format!(
            "Timestamp is {}, allowed are milliseconds",
            metadata["Timestamp"]
        ));
    }
    let directives = metadata["CloudWatchMetrics"].as_array();
    if directives.is_none_or(Vec::is_empty) {
        found.push("no directive".to_owned());
    }
    for directive in directives.into_iter().flatten() {
        of_directive(&root, directive, &mut found);
    }
    found
}

fn of_directive(root: &Map<String, Value>, directive: &Value, found: &mut Vec<String>) {
    let list = |name: &str| directive[name].as_array().cloned().unwrap_or_default();
    let namespace = directive["Namespace"].as_str().unwrap_or_default();
    if namespace.is_empty() || namespace.starts_with("AWS/") {
        found.push(format!("namespace `{namespace}`"));
    }
    let (sets, metrics) = (list("Dimensions"), list("Metrics"));
    if sets.is_empty() || metrics.is_empty() || metrics.len() > METRICS_MAX {
        found.push(format!("{} sets, {} metrics", sets.len(), metrics.len()));
    }
    for set in &sets {
        let names = set.as_array().cloned().unwrap_or_default();
        if names.is_empty() || names.len() > DIMENSIONS_MAX {
            found.push(format!("{} dimensions", names.len()));
        }
        for name in &names {
            of_dimension(root, name, found);
        }
    }
    for metric in &metrics {
        let name = metric["Name"].as_str().unwrap_or_default();
        // JSON has no number that is not finite; serde writes such a one as null.
        if !root.get(name).is_some_and(Value::is_number) {
            found.push(format!("metric `{name}` has no number"));
        }
        if !UNITS.iter().any(|unit| metric["Unit"] == *unit) {
            found.push(format!("metric `{name}` is in {}", metric["Unit"]));
        }
    }
}

fn of_dimension(root: &Map<String, Value>, name: &Value, found: &mut Vec<String>) {
    let name = name.as_str().unwrap_or_default();
    let value = root.get(name).and_then(Value::as_str).unwrap_or_default();
    if value.trim().is_empty() || value.len() > VALUE_MAX || !value.is_ascii() {
        found.push(format!("dimension `{name}` has `{value}`"));
    }
}
