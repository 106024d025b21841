//! Metrics as they were emitted, for whoever wants to look.

use super::Ports;
use crate::trace::{By, What};
use backup_core::metrics::Metrics;
use backup_core::ports::EmitMetrics;
use std::sync::{Mutex, PoisonError};

/// What was emitted, oldest first.
#[derive(Debug, Default)]
pub struct Measured(Mutex<Vec<Metrics>>);

impl Measured {
    /// Takes what was emitted since this was last asked.
    pub fn take(&self) -> Vec<Metrics> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps what one invocation emits, and tells the trace of it.
pub struct Measuring<'a> {
    kept: &'a Measured,
    ports: &'a Ports,
}

impl<'a> Measuring<'a> {
    /// Emits for the invocation whose ports these are.
    pub fn new(kept: &'a Measured, ports: &'a Ports) -> Self {
        Self { kept, ports }
    }
}

impl EmitMetrics for Measuring<'_> {
    fn emit(&self, metrics: &Metrics) {
        let (by, now) = (By::Function(self.ports.caller.clone()), self.ports.clock.now());
        self.ports.trace.tell(&by, now, || {
            let values = metrics.values().iter();
            What::Measured(
                values
                    .map(|(metric, value)| (metric.as_str().to_owned(), *value))
                    .collect(),
            )
        });
        let mut kept = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(metrics.clone());
    }
}
