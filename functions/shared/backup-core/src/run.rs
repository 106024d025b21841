//! The run: what `create-snapshot` derives once and the state machine carries from then on.

use crate::input::{DEFAULT_DEADLINE_SECONDS, ON_DEMAND_PLAN, check_word};
use crate::names::{self, ObjectKey, SnapshotName};
use crate::{Anomaly, CacheRef, Error, ErrorName, ExecutionInput, Instant, NotifyOn, Retention, Source};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `<deployment>/<plan>`: who owns a backup. Retention never crosses it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Owner {
    deployment: String,
    plan: String,
}

impl Owner {
    /// The owner of a deployment's plan; both are 1 to 40 lower-case letters, digits and hyphens.
    pub fn new(deployment: &str, plan: &str) -> Result<Self, Error> {
        check_word("deployment", deployment)?;
        check_word("plan", plan)?;
        Ok(Self {
            deployment: deployment.to_owned(),
            plan: plan.to_owned(),
        })
    }

    /// The stack that made it.
    pub fn deployment(&self) -> &str {
        &self.deployment
    }

    /// The policy it belongs to.
    pub fn plan(&self) -> &str {
        &self.plan
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.deployment, self.plan)
    }
}

impl TryFrom<String> for Owner {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let (deployment, plan) = text
            .split_once('/')
            .ok_or_else(|| format!("`{text}` is no owner, allowed is `<deployment>/<plan>`"))?;
        Self::new(deployment, plan).map_err(|error| error.message)
    }
}

impl From<Owner> for String {
    fn from(owner: Owner) -> Self {
        owner.to_string()
    }
}

/// One execution of the backup state machine: one cache, one instant.
///
/// A frozen contract between states: a re-driven run keeps its old definition but calls new functions,
/// so fields are only ever added, and only as optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Run {
    /// What is backed up.
    pub cache: CacheRef,
    /// Who owns the result.
    pub owner: Owner,
    /// The scheduled minute.
    pub instant: Instant,
    /// The execution that carries this run; a duplicate has another.
    pub execution_arn: String,
    /// When that execution started; never changed by a re-drive.
    pub started_at: Timestamp,
    /// Where the backup comes from.
    pub source: Source,
    /// The snapshot that is exported: ours, or the automatic one that was picked.
    pub snapshot_name: SnapshotName,
    /// Time budget in seconds, added by the state machine to the start or the latest re-drive.
    pub deadline_seconds: u32,
    /// What to keep, if anything is to be pruned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// When the backup is suspicious.
    #[serde(default)]
    pub anomaly: Anomaly,
    /// Which messages the plan wants.
    #[serde(default)]
    pub notify: NotifyOn,
}

impl Run {
    /// The run that an input describes, before a source other than a new snapshot was picked.
    ///
    /// A scheduled time more than an hour after `now` contradicts itself and is refused: its snapshot would
    /// carry a name that a later run expects to give.
    pub fn derive(
        input: ExecutionInput,
        deployment: &str,
        execution_arn: String,
        started_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let instant = input.instant(started_at)?;
        if instant.timestamp().duration_since(now) > jiff::SignedDuration::from_hours(1) {
            return Err(Error::invalid_input(
                "scheduledTime",
                instant,
                "a time at most one hour ahead",
            ));
        }
        let owner = Owner::new(deployment, input.plan.as_deref().unwrap_or(ON_DEMAND_PLAN))?;
        Ok(Self {
            snapshot_name: SnapshotName::for_run(&input.cache.id, instant),
            cache: input.cache,
            owner,
            instant,
            execution_arn,
            started_at,
            source: input.source.unwrap_or_default(),
            deadline_seconds: input.deadline_seconds.unwrap_or(DEFAULT_DEADLINE_SECONDS),
            retention: input.retention,
            anomaly: input.anomaly.unwrap_or_default(),
            notify: input.notify.unwrap_or_default(),
        })
    }

    /// The value of the run tag: equal for duplicates and re-drives, different for all else.
    pub fn tag(&self) -> String {
        format!("{}/{}", self.cache, self.instant)
    }

    /// Our own tags on a snapshot of this run.
    pub fn tags(&self) -> Vec<Tag> {
        vec![
            Tag::new(names::TAG_RUN, self.tag()),
            Tag::new(names::TAG_OWNER, self.owner.to_string()),
            Tag::new(names::TAG_CACHE, self.cache.to_string()),
        ]
    }

    /// Where the manifest of this run lies.
    pub fn manifest_key(&self) -> ObjectKey {
        names::manifest_key(&self.cache, self.instant)
    }

    /// Refuses, as field `snapshot.name`, a snapshot that is carried beside this run and is not its own.
    pub fn check_snapshot(&self, name: &SnapshotName) -> Result<(), Error> {
        if *name == self.snapshot_name {
            return Ok(());
        }
        let allowed = format!("`{}`, the snapshot of the run", self.snapshot_name);
        Err(Error::invalid_input("snapshot.name", name, &allowed))
    }

    /// Fails by name once `now` is past `deadline`, both as the state machine computed them.
    pub fn check_deadline(
        &self,
        waiting_for: &str,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        if now <= deadline {
            return Ok(());
        }
        Err(Error::new(
            ErrorName::DeadlineExceeded,
            format!(
                "{waiting_for} of `{}` was not done by `{deadline}`, the budget of `{}` seconds is used up; \
                 re-drive the run to go on with a fresh budget",
                self.cache, self.deadline_seconds
            ),
        ))
    }
}

/// A tag as AWS spells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tag {
    /// Up to 128 characters.
    pub key: String,
    /// Up to 256 characters.
    pub value: String,
}

impl Tag {
    /// A tag of key and value.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

#[cfg(test)]
mod tests;
