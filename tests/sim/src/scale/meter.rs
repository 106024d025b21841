//! Counts what a season asks of AWS: by second, by operation and by kind of cache.

use super::fleet::Kind;
use crate::ports::Asked;
use crate::world::{Operation, Service};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Whose calls: a kind's, or those of `watch`, which looks at all of them.
pub type Whose = Option<Kind>;

/// `ElastiCache` calls of a second by operation.
type Second = BTreeMap<&'static str, u32>;

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meter {
    /// Calls by whom and operation, all services, those without effect included.
    pub calls: BTreeMap<(Whose, &'static str), u64>,
    /// Invocations by whom and function.
    pub invocations: BTreeMap<(Whose, String), u64>,
    /// Most `ElastiCache` calls in one second.
    pub peak: u32,
    /// The same by operation.
    pub peaks: BTreeMap<&'static str, u32>,
    /// Most `ElastiCache` calls in one minute.
    pub busiest_minute: u32,
    /// `ElastiCache` calls by second of the first night, from its beginning.
    pub first_night: Vec<(i64, u32)>,
    /// Calls that met a fault, also one that lasts.
    pub struck: u64,
    /// Calls that were throttled for being too many in their second.
    pub throttled: u64,
    /// Most tries of one second that were throttled.
    pub throttled_peak: u32,
    seconds: BTreeMap<i64, Second>,
    refused: BTreeMap<i64, u32>,
    seen: BTreeSet<u64>,
}

/// Whether `ElastiCache` answers it.
pub(super) fn is_elasticache(operation: &str) -> bool {
    Operation::named(Service::ElastiCache, operation).is_some()
}

/// Whose call it is: that of the cache whose execution it is about.
pub(super) fn whose(asked: &Asked<'_>) -> Whose {
    Kind::of(name_of(asked))
}

/// The name of the execution that a call is about, which begins with the cache's id.
pub(super) fn name_of<'a>(asked: &'a Asked<'_>) -> &'a str {
    let execution = asked.caller.execution.as_deref();
    execution.map_or(asked.argument, |arn| arn.rsplit(':').next().unwrap_or_default())
}

impl Meter {
    /// Counts one call.
    pub fn count(&mut self, asked: &Asked<'_>, now: Timestamp) {
        let whose = if asked.caller.function == "watch" {
            None
        } else {
            whose(asked)
        };
        *self.calls.entry((whose, asked.operation)).or_default() += 1;
        if asked.caller.invocation > 0 && self.seen.insert(asked.caller.invocation) {
            let function = asked.caller.function.clone();
            *self.invocations.entry((whose, function)).or_default() += 1;
        }
        if is_elasticache(asked.operation) {
            let second = self.seconds.entry(now.as_second()).or_default();
            *second.entry(asked.operation).or_default() += 1;
        }
    }

    /// Whether this second has had more accepted calls than `limit` with this one; it counts as throttled then.
    pub fn is_too_many(&mut self, limit: u32, now: Timestamp) -> bool {
        let second = now.as_second();
        let asked: u32 = self.seconds.get(&second).map_or(0, |calls| calls.values().sum());
        let refused = self.refused.entry(second).or_default();
        if asked.saturating_sub(*refused) <= limit {
            return false;
        }
        *refused += 1;
        self.throttled += 1;
        self.throttled_peak = self.throttled_peak.max(*refused);
        true
    }

    /// Takes the seconds of a night, which began at `begin`, into the peaks, and forgets them.
    pub fn end_night(&mut self, begin: Timestamp) {
        let seconds = std::mem::take(&mut self.seconds);
        self.refused.clear();
        self.seen.clear();
        let mut minutes: BTreeMap<i64, u32> = BTreeMap::new();
        let mut series = Vec::new();
        for (at, calls) in seconds {
            let sum = calls.values().sum();
            self.peak = self.peak.max(sum);
            for (operation, count) in calls {
                let peak = self.peaks.entry(operation).or_default();
                *peak = (*peak).max(count);
            }
            *minutes.entry(at.div_euclid(60)).or_default() += sum;
            series.push((at - begin.as_second(), sum));
        }
        let busiest = minutes.into_values().max().unwrap_or(0);
        self.busiest_minute = self.busiest_minute.max(busiest);
        if self.first_night.is_empty() {
            self.first_night = series;
        }
    }

    /// Calls of these kinds whose operation passes.
    pub fn calls_of(&self, whose: Whose, is: impl Fn(&str) -> bool) -> u64 {
        let counted = self.calls.iter();
        counted
            .filter(|((of, operation), _)| *of == whose && is(operation))
            .map(|(_, count)| count)
            .sum()
    }

    /// Invocations of these kinds whose function passes.
    pub fn invocations_of(&self, whose: Whose, is: impl Fn(&str) -> bool) -> u64 {
        let counted = self.invocations.iter();
        counted
            .filter(|((of, function), _)| *of == whose && is(function))
            .map(|(_, count)| count)
            .sum()
    }
}
