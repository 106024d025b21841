//! Metrics as log lines: CloudWatch's embedded metric format, which needs no call, no permission and no waiting.
//!
//! CloudWatch Logs reads the metrics out of a line that is one JSON object with the member `_aws` (user guide,
//! *Specification: Embedded metric format*); a line that breaks the specification is kept as a log line and its metrics
//! are lost. The lines are printed at every log level, but have none: Lambda counts them as `INFO` and drops them
//! itself where the function's application log level is above that, which `infra` therefore keeps at `INFO`.

use backup_core::metrics::{Directive, Metrics, NAMESPACE};
use backup_core::ports::EmitMetrics;
use serde_json::{Map, Value, json};
use std::io::Write as _;

/// Prints metrics to standard output, one line a set.
#[derive(Debug, Clone, Copy)]
pub struct Emf;

impl EmitMetrics for Emf {
    fn emit(&self, metrics: &Metrics) {
        let line = Self::line(metrics);
        // In one piece, so that no other line comes between. Where nobody reads any more, it is missing, as it would be
        // had the function died.
        let _ = std::io::stdout().lock().write_all(line.as_bytes());
    }
}

impl Emf {
    /// The line, with its end.
    pub fn line(metrics: &Metrics) -> String {
        let directives: Vec<Value> = metrics.directives().iter().map(directive).collect();
        let metadata = json!({
            "Timestamp": metrics.at().as_millisecond(),
            "CloudWatchMetrics": directives,
        });
        let dimensions = metrics.dimensions().iter();
        let dimensions = dimensions.map(|(dimension, value)| (dimension.as_str(), json!(value)));
        let values = metrics.values().iter();
        let values = values.map(|(metric, value)| (metric.as_str(), json!(value)));
        let members = dimensions.chain(values).chain([("_aws", metadata)]);
        let document: Map<String, Value> = members.map(|(name, value)| (name.to_owned(), value)).collect();
        format!("{}\n", Value::Object(document))
    }
}

fn directive(directive: &Directive) -> Value {
    let dimensions: Vec<&str> = directive
        .dimensions
        .iter()
        .map(|dimension| dimension.as_str())
        .collect();
    let metrics: Vec<Value> = directive
        .metrics
        .iter()
        .map(|metric| json!({"Name": metric.as_str(), "Unit": metric.unit().as_str()}))
        .collect();
    json!({"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics})
}
