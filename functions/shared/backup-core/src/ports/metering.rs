//! Port of those who have something to measure.

use crate::metrics::Metrics;

/// Hands metrics to CloudWatch.
///
/// It neither waits nor fails: a function's work is not lost because a number is. Alarms treat what is missing as
/// breaching where that matters.
pub trait EmitMetrics {
    /// Hands one set of metrics over.
    fn emit(&self, metrics: &Metrics);
}
