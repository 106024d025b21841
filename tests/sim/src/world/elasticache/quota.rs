//! Manual snapshots per node, or serverless cache, in any 24 hours (developer guide, *Snapshot and restore*).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Manual snapshots per node in 24 hours.
pub(crate) const PER_NODE: usize = 20;
/// Manual snapshots per serverless cache in 24 hours.
pub(crate) const PER_SERVERLESS_CACHE: usize = 24;
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// When snapshots were taken, by node. Deleting a snapshot does not give its slot back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Quotas(BTreeMap<String, Vec<Timestamp>>);

impl Quotas {
    /// Whether each of the nodes may be snapshotted once more.
    pub(crate) fn allow(&self, keys: &[String], limit: usize, now: Timestamp) -> bool {
        let recent = |taken: &Vec<Timestamp>| {
            taken
                .iter()
                .filter(|at| now.duration_since(**at) < WINDOW)
                .count()
        };
        keys.iter().all(|key| self.0.get(key).map_or(0, recent) < limit)
    }

    /// Counts one snapshot of each of the nodes.
    pub(crate) fn count(&mut self, keys: &[String], now: Timestamp) {
        for key in keys {
            let taken = self.0.entry(key.clone()).or_default();
            taken.retain(|at| now.duration_since(*at) < WINDOW);
            taken.push(now);
        }
    }
}
