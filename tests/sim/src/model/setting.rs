//! What a stage knows that no step shows.

use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// What the model has to be told beforehand.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The deployment's name: first half of every owner.
    pub deployment: String,
    /// The backup bucket.
    pub bucket: String,
    /// SHA-256 of shards' contents that are no sound RDB files.
    pub unsound: BTreeSet<[u8; 32]>,
    /// Texts that nobody may be told.
    pub secrets: Vec<String>,
    /// Executions of other deployments by name, where several share a world.
    pub deployments: BTreeMap<String, String>,
    /// How long after its deadline a run may end: what is under way then has a last wait and its own retries.
    pub slack: SignedDuration,
}

impl Setting {
    /// A stage with sound shards, no secrets and one deployment. The slack is an hour: one wait (5 minutes), the
    /// retries of one throttled state (22 minutes nominal) and the calls between (statemachine/README, "Times").
    pub fn new(deployment: &str, bucket: &str) -> Self {
        Self {
            deployment: deployment.to_owned(),
            bucket: bucket.to_owned(),
            unsound: BTreeSet::new(),
            secrets: Vec::new(),
            deployments: BTreeMap::new(),
            slack: SignedDuration::from_hours(1),
        }
    }

    pub(super) fn deployment_of(&self, execution: &str) -> &str {
        self.deployments.get(execution).unwrap_or(&self.deployment)
    }
}
