//! The metrics: their names, units and dimensions, each spelled here and nowhere else in Rust.
//!
//! Alarms and dashboards find a metric by name and dimensions, and one that is misspelled there is simply never seen.
//! So `infra/lib/metrics.ts` has the same names, and a contract test holds the two together.

use crate::{CacheRef, ErrorName, Owner};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The namespace of all of them.
pub const NAMESPACE: &str = "Snapkeep";

/// Units, as CloudWatch spells them (API reference: `MetricDatum`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// How many.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Millions of bytes a second.
    MegabytesPerSecond,
    /// A ratio.
    None,
}

impl Unit {
    /// CloudWatch's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Bytes => "Bytes",
            Self::Seconds => "Seconds",
            Self::MegabytesPerSecond => "Megabytes/Second",
            Self::None => "None",
        }
    }
}

macro_rules! metric_names {
    ($($(#[doc = $doc:literal])+ $name:ident: $unit:ident;)+) => {
        /// Every metric, each spelled as its name here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Metric { $($(#[doc = $doc])+ $name,)+ }

        impl Metric {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name in CloudWatch.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// What its values are in.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)+ }
            }
        }
    };
}

metric_names! {
    /// Backups that a run recorded, each verified to the last byte.
    VerifiedBackups: Count;
    /// Those of them that are suspicious: 1 or 0 a backup.
    SuspiciousBackups: Count;
    /// Bytes of all shards of a backup.
    BackupBytes: Bytes;
    /// Keys in all shards of a backup.
    BackupKeys: Count;
    /// Bytes of a backup by the time its shards took to be verified, summed over them.
    VerifyThroughput: MegabytesPerSecond;
    /// From the execution's start to the manifest; absent where it was re-driven.
    BackupDuration: Seconds;
    /// Backups that a prune kept.
    KeptBackups: Count;
    /// Backups that a prune deleted.
    DeletedBackups: Count;
    /// Age of the newest good backup's data; absent where there is no backup.
    BackupAge: Seconds;
    /// The age that counts by the age that the plan allows: above 1 a run was missed.
    BackupAgeRatio: None;
    /// Failures that left a function.
    Failures: Count;
}

macro_rules! dimension_names {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {
        /// Every dimension, each spelled as its name here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Dimension { $($(#[doc = $doc])+ $name,)+ }

        impl Dimension {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name in CloudWatch.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }
        }
    };
}

dimension_names! {
    /// The deployment, first half of the owner.
    Deployment;
    /// The plan, second half of the owner.
    Plan;
    /// Kind of the cache.
    Kind;
    /// Id of the cache.
    Cache;
    /// What a function failed with, such as `Backup.Throttled`.
    ErrorName;
}

/// Metrics that are found under the same dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The dimensions.
    pub dimensions: Vec<Dimension>,
    /// The metrics, at least one.
    pub metrics: Vec<Metric>,
}

/// What was measured at one time about one thing.
///
/// Values are finite and no dimension is empty, for CloudWatch throws away the whole line otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    at: Timestamp,
    dimensions: BTreeMap<Dimension, String>,
    values: BTreeMap<Metric, f64>,
    /// Metrics that also count for the deployment as a whole.
    totals: BTreeSet<Metric>,
    /// Metrics that also count for the plan as a whole.
    of_plan: BTreeSet<Metric>,
}

impl Metrics {
    /// Nothing yet about one cache of one plan.
    pub fn of_cache(at: Timestamp, owner: &Owner, cache: &CacheRef) -> Self {
        let dimensions = [
            (Dimension::Deployment, owner.deployment().to_owned()),
            (Dimension::Plan, owner.plan().to_owned()),
            (Dimension::Kind, cache.kind.to_string()),
            (Dimension::Cache, cache.id.to_string()),
        ];
        Self {
            at,
            dimensions: dimensions.into(),
            values: BTreeMap::new(),
            totals: BTreeSet::new(),
            of_plan: BTreeSet::new(),
        }
    }

    /// One failure of a deployment's function; `deployment` is not empty.
    pub fn of_failure(at: Timestamp, deployment: &str, name: ErrorName) -> Self {
        let dimensions = [
            (Dimension::Deployment, deployment.to_owned()),
            (Dimension::ErrorName, name.to_string()),
        ];
        Self {
            at,
            dimensions: dimensions.into(),
            values: [(Metric::Failures, 1.0)].into(),
            totals: BTreeSet::new(),
            of_plan: BTreeSet::new(),
        }
    }

    /// The same with one more value; one that is not finite is left out.
    #[must_use]
    pub fn with(mut self, metric: Metric, value: f64) -> Self {
        if value.is_finite() {
            self.values.insert(metric, value);
        }
        self
    }

    /// The same with one more whole number.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "CloudWatch's own values are doubles, exact up to nine thousand terabytes"
    )]
    pub fn with_count(self, metric: Metric, value: u64) -> Self {
        self.with(metric, value as f64)
    }

    /// The same with one more whole number, which also counts for the deployment as a whole.
    #[must_use]
    pub fn with_total(mut self, metric: Metric, value: u64) -> Self {
        self.totals.insert(metric);
        self.with_count(metric, value)
    }

    /// The same with one more value, which also counts for the plan as a whole: one alarm is enough for all its caches.
    #[must_use]
    pub fn with_of_plan(mut self, metric: Metric, value: f64) -> Self {
        self.of_plan.insert(metric);
        self.with(metric, value)
    }

    /// When it was measured.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The dimensions with their values.
    pub fn dimensions(&self) -> &BTreeMap<Dimension, String> {
        &self.dimensions
    }

    /// The metrics with their values.
    pub fn values(&self) -> &BTreeMap<Metric, f64> {
        &self.values
    }

    /// What is found under which dimensions: everything under all of them, totals also under deployment or plan.
    pub fn directives(&self) -> Vec<Directive> {
        let all = Directive {
            dimensions: self.dimensions.keys().copied().collect(),
            metrics: self.values.keys().copied().collect(),
        };
        let totals = Directive {
            dimensions: vec![Dimension::Deployment],
            metrics: self.valued(&self.totals),
        };
        let of_plan = Directive {
            dimensions: vec![Dimension::Deployment, Dimension::Plan],
            metrics: self.valued(&self.of_plan),
        };
        let directives = [all, totals, of_plan].into_iter();
        directives
            .filter(|directive| !directive.metrics.is_empty())
            .collect()
    }

    /// Those that have a value, as a metric that a directive names must have.
    fn valued(&self, metrics: &BTreeSet<Metric>) -> Vec<Metric> {
        let with_value = metrics.iter().filter(|metric| self.values.contains_key(*metric));
        with_value.copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn night() -> Metrics {
        let owner = Owner::new("main", "nightly").unwrap();
        let cache = serde_json::from_str(r#"{"kind": "cache-cluster", "id": "ledger"}"#).unwrap();
        Metrics::of_cache(Timestamp::UNIX_EPOCH, &owner, &cache)
    }

    #[test]
    fn no_metric_has_a_dimensions_name_for_both_stand_in_one_object() {
        let metrics = Metric::ALL.iter().map(|metric| metric.as_str());
        let names: Vec<_> = metrics
            .chain(Dimension::ALL.iter().map(|dimension| dimension.as_str()))
            .collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(names.iter().all(|name| (1..=250).contains(&name.len())));
    }

    #[test]
    fn totals_stand_under_the_deployment_or_the_plan_as_well() {
        use Dimension::{Cache, Deployment, Kind, Plan};
        let metrics = night()
            .with_total(Metric::VerifiedBackups, 1)
            .with_of_plan(Metric::BackupDuration, 1.5);
        let found: Vec<_> = metrics
            .directives()
            .into_iter()
            .map(|directive| (directive.dimensions, directive.metrics))
            .collect();
        let all = vec![Metric::VerifiedBackups, Metric::BackupDuration];
        assert_eq!(
            found,
            [
                (vec![Deployment, Plan, Kind, Cache], all),
                (vec![Deployment], vec![Metric::VerifiedBackups]),
                (vec![Deployment, Plan], vec![Metric::BackupDuration])
            ]
        );
        assert_eq!(night().directives(), [], "nothing was measured");
    }

    #[test]
    fn what_a_directive_names_has_a_value_and_is_named_once() {
        use Metric::{BackupDuration, VerifiedBackups};
        for (metrics, want, why) in [
            (
                night().with_of_plan(BackupDuration, f64::NAN),
                vec![],
                "no number, and nothing else",
            ),
            (
                night()
                    .with_total(VerifiedBackups, 1)
                    .with_of_plan(BackupDuration, f64::INFINITY),
                vec![vec![VerifiedBackups]; 2],
                "no number beside one",
            ),
            (
                night()
                    .with_total(VerifiedBackups, 1)
                    .with_total(VerifiedBackups, 2),
                vec![vec![VerifiedBackups]; 2],
                "a total twice",
            ),
            (
                night()
                    .with_of_plan(BackupDuration, 1.0)
                    .with_of_plan(BackupDuration, f64::NAN),
                vec![vec![BackupDuration]; 2],
                "twice, and the value is the number's",
            ),
        ] {
            let directives = metrics.directives().into_iter();
            let found: Vec<_> = directives.map(|directive| directive.metrics).collect();
            assert_eq!(found, want, "{why}");
        }
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        for (value, want, why) in [
            (f64::NAN, None, "no time passed and nothing was read"),
            (f64::INFINITY, None, "no time passed"),
            (0.0, Some(0.0), "nothing is a number too"),
        ] {
            let metrics = night().with(Metric::VerifyThroughput, value);
            assert_eq!(
                metrics.values().get(&Metric::VerifyThroughput).copied(),
                want,
                "{why}"
            );
        }
    }

    #[test]
    fn a_failure_is_one_of_its_name() {
        let failure = Metrics::of_failure(Timestamp::UNIX_EPOCH, "main", ErrorName::Throttled);
        assert_eq!(failure.dimensions()[&Dimension::ErrorName], "Backup.Throttled");
        let [directive] = &failure.directives()[..] else {
            panic!("one directive")
        };
        assert_eq!(
            directive.dimensions,
            [Dimension::Deployment, Dimension::ErrorName]
        );
        assert_eq!(directive.metrics, [Metric::Failures]);
    }
}
