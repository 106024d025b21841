//! Metrics as they were emitted, for whoever wants to look.

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

impl EmitMetrics for Measured {
    fn emit(&self, metrics: &Metrics) {
        let mut measured = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        measured.push(metrics.clone());
    }
}
