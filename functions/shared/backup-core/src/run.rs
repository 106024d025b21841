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
mod tests {
    use super::*;
    use serde_json::json;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn derive(input: serde_json::Value) -> Result<Run, Error> {
        let arn = "arn:aws:states:eu-west-1:000000000000:execution:backup:a".to_owned();
        let now = at("2026-11-20T03:04:30Z");
        Run::derive(ExecutionInput::parse(input)?, "main", arn, now, now)
    }

    #[test]
    fn an_on_demand_run_takes_its_start_for_the_instant() {
        let run = derive(json!({"cache": {"kind": "serverless-cache", "id": "catalog"}})).unwrap();
        assert_eq!(run.instant.to_string(), "20261120t0304z");
        assert_eq!(run.owner.to_string(), "main/on-demand");
        assert_eq!(run.snapshot_name.as_str(), "catalog-202611200304");
        assert_eq!(run.tag(), "serverless-cache/catalog/20261120t0304z");
        let json = serde_json::to_value(&run).unwrap();
        assert_eq!(serde_json::from_value::<Run>(json).unwrap(), run);
    }

    #[test]
    fn a_scheduled_time_ahead_is_refused() {
        let with = |time: &str| {
            derive(json!({"cache": {"kind": "cache-cluster", "id": "a"}, "scheduledTime": time}))
        };
        assert!(
            with("2026-11-20T04:04:00Z").is_ok(),
            "clocks differ and windows are flexible"
        );
        assert!(
            with("2026-11-19T03:04:00Z").is_ok(),
            "a late delivery is still that run"
        );
        let error = with("2026-11-20T04:06:00Z").unwrap_err();
        assert_eq!(
            error.message,
            "`scheduledTime` is `20261120t0406z`, allowed is a time at most one hour ahead"
        );
    }

    #[test]
    fn past_the_deadline_is_an_error_with_a_name() {
        let run = derive(json!({"cache": {"kind": "cache-cluster", "id": "a"}})).unwrap();
        let deadline = at("2026-11-20T15:04:30Z");
        assert!(run.check_deadline("the snapshot", deadline, deadline).is_ok());
        let error = run
            .check_deadline("the snapshot", deadline, at("2026-11-20T15:04:31Z"))
            .unwrap_err();
        assert_eq!(error.name, ErrorName::DeadlineExceeded);
    }

    #[test]
    fn owners_never_blend() {
        for (text, why) in [
            ("main", "no plan"),
            ("/x", "no deployment"),
            ("a/b/c", "a slash in the plan"),
        ] {
            assert!(Owner::try_from(text.to_owned()).is_err(), "{why}");
        }
        assert_eq!(
            Owner::try_from("main/nightly".to_owned()).unwrap(),
            Owner::new("main", "nightly").unwrap()
        );
    }
}
