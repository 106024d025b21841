//! What a season costs: what was counted, times public prices, and beside it the lines that hang on the size of the
//! data, which the season's small files cannot show.

use super::fleet::Kind;
use super::meter::Whose;
use super::season::{Season, Totals};

/// Public on-demand prices of us-east-1 in US dollars, 2026-11: the figures of `infra/ops/cost/prices.ts`, which names
/// the page of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// A state transition.
    pub transition: f64,
    /// A GB-second of Lambda on arm64.
    pub gb_second: f64,
    /// A call of a function.
    pub call: f64,
    /// A GB-month of S3 Standard.
    pub s3_gb_month: f64,
    /// A PUT or LIST.
    pub put: f64,
    /// A GET or HEAD.
    pub get: f64,
    /// A custom metric for a month.
    pub metric_month: f64,
    /// A metric of an alarm for a month.
    pub alarm_metric_month: f64,
    /// A dashboard for a month.
    pub dashboard_month: f64,
    /// A GB of logs.
    pub log_gb: f64,
    /// A customer managed key for a month.
    pub key_month: f64,
    /// A request to a key.
    pub key_request: f64,
    /// A firing of a schedule.
    pub firing: f64,
    /// A mail.
    pub mail: f64,
    /// A GB-month of a snapshot.
    pub snapshot_gb_month: f64,
}

/// The prices.
pub const PRICES: Price = Price {
    transition: 0.025 / 1_000.0,
    gb_second: 0.000_013_333_4,
    call: 0.2 / 1_000_000.0,
    s3_gb_month: 0.023,
    put: 0.005 / 1_000.0,
    get: 0.000_4 / 1_000.0,
    metric_month: 0.3,
    alarm_metric_month: 0.1,
    dashboard_month: 3.0,
    log_gb: 0.5,
    key_month: 1.0,
    key_request: 0.03 / 10_000.0,
    firing: 1.0 / 1_000_000.0,
    mail: 2.0 / 100_000.0,
    snapshot_gb_month: 0.085,
};

// As `infra/ops/cost/model.ts` has them.
/// Hours of a month.
const HOURS: f64 = 730.0;
/// Nights of a month.
const MONTH: f64 = 30.0;
/// GB of a cache's RDB files together.
pub(super) const GIGABYTES: f64 = 5.0;
/// Seconds in which `verify-object` reads them, at 100 MB/s and 1 GB of memory.
const READING: f64 = GIGABYTES * 1_000.0 / 100.0;
/// Parts that `ElastiCache` uploads, and ranges that are read: 8 MiB each.
const PIECES: f64 = 597.0;
/// GB of memory of the functions other than `verify-object`.
const MEMORY: f64 = 0.25;
/// Seconds of one of their calls.
const CALL_SECONDS: f64 = 0.3;
/// GB of logs of a run.
const LOG_GB: f64 = 0.000_5;
/// Metrics of a run, alive for an hour each.
const RUN_METRICS: f64 = 11.0;
/// Metrics that `watch` keeps alive for a cache.
const WATCH_METRICS: f64 = 2.0;
/// Metrics in the alarms of a deployment with one plan.
const ALARM_METRICS: f64 = 23.0;
/// Backups that were deleted and can be had back for 30 days: one a night.
const DELETED: f64 = 30.0;

/// Names of the parts, in the order of [`Bill::parts`]; the first five are what runs do, and were counted.
const PARTS: [&str; 8] = [
    "Step Functions",
    "Lambda",
    "S3 requests",
    "keys, logs, metrics of runs",
    "Scheduler and mail",
    "watch and its alarm",
    "backups in S3",
    "snapshot in ElastiCache",
];
/// How many of the parts are what runs do.
const WORK: usize = 5;

/// Dollars of a cache and month, each kind weighed by its share of all caches.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    /// By part.
    pub parts: Vec<(&'static str, f64)>,
    /// What its runs do: calls, transitions, requests.
    pub work: f64,
    /// All of it.
    pub cache: f64,
    /// Of the deployment, however many caches it has.
    pub deployment: f64,
    /// GB-seconds of Lambda of a run.
    pub gb_seconds: f64,
}

/// A count as a number to reckon with.
#[expect(
    clippy::cast_precision_loss,
    reason = "a season counts fewer things than 2^53"
)]
pub(super) const fn real(count: u64) -> f64 {
    count as f64
}

/// Reckons a season.
pub fn bill(season: &Season) -> Bill {
    let mut sums = [0.0; PARTS.len()];
    let mut gb_seconds = 0.0;
    for kind in Kind::ALL {
        let share = f64::from(kind.percent()) / 100.0;
        let cache_months = real(season.kinds[&kind]) * f64::from(season.setup.nights) / MONTH;
        let (parts, seconds) = of_kind(season, kind, cache_months);
        for (sum, part) in sums.iter_mut().zip(parts) {
            *sum += share * part;
        }
        gb_seconds += share * seconds / MONTH;
    }
    let price = PRICES;
    let watch_calls = HOURS * (CALL_SECONDS * MEMORY * price.gb_second + price.call + price.firing);
    Bill {
        parts: PARTS.into_iter().zip(sums).collect(),
        work: sums[..WORK].iter().sum(),
        cache: sums.iter().sum(),
        deployment: ALARM_METRICS * price.alarm_metric_month
            + price.dashboard_month
            + price.key_month
            + watch_calls,
        gb_seconds,
    }
}

/// Whether a request costs what a PUT costs; deletions cost nothing.
pub(super) fn is_put(operation: &str) -> bool {
    ["PutObject", "ListObjectsV2"].contains(&operation)
}

/// Whether a request costs what a GET costs.
pub(super) fn is_get(operation: &str) -> bool {
    ["GetObject", "HeadObject", "GetObjectTagging", "GetBucketLocation"].contains(&operation)
}

/// Parts of one kind's cache-month, and its GB-seconds.
fn of_kind(season: &Season, kind: Kind, cache_months: f64) -> ([f64; PARTS.len()], f64) {
    let (price, meter, shards) = (PRICES, &season.meter, f64::from(kind.shards()));
    let whose: Whose = Some(kind);
    let totals = season.totals.get(&kind).cloned().unwrap_or_default();
    let calls = |is: &dyn Fn(&str) -> bool| real(meter.calls_of(whose, is)) / cache_months;
    let verifying = real(meter.invocations_of(whose, |function| function == "verify-object")) / cache_months;
    let invocations = real(meter.invocations_of(whose, |_| true)) / cache_months;
    let seconds = verifying * READING / shards + (invocations - verifying) * CALL_SECONDS * MEMORY;
    let exports = calls(&|operation| ["CopySnapshot", "ExportServerlessCacheSnapshot"].contains(&operation));
    let puts = calls(&is_put) + exports * PIECES;
    let gets = calls(&is_get) + verifying * (PIECES / shards - 1.0).max(0.0);
    let Totals {
        transitions,
        executions,
        ..
    } = totals;
    let executions = real(executions) / cache_months;
    let kept = real(season.kept.get(&kind).copied().unwrap_or(0)) / real(season.kinds[&kind]);
    let parts = [
        real(transitions) / cache_months * price.transition,
        seconds * price.gb_second + invocations * price.call,
        puts * price.put + gets * price.get,
        invocations * price.key_request
            + executions * (LOG_GB * price.log_gb + RUN_METRICS / HOURS * price.metric_month),
        calls(&|operation| operation == "StartExecution") * price.firing
            + calls(&|operation| operation == "Publish") * price.mail,
        watching(season),
        (kept + DELETED) * GIGABYTES * price.s3_gb_month,
        GIGABYTES * price.snapshot_gb_month,
    ];
    (parts, seconds)
}

/// A cache's part of `watch`, which was called once a day and is priced once an hour.
fn watching(season: &Season) -> f64 {
    let (price, meter) = (PRICES, &season.meter);
    let looks = f64::from(season.setup.nights) * f64::from(season.setup.caches);
    let puts = real(meter.calls_of(None, is_put)) / looks;
    let gets = real(meter.calls_of(None, is_get)) / looks;
    let look = puts * price.put + gets * price.get + CALL_SECONDS * 0.1 * MEMORY * price.gb_second;
    HOURS * look + WATCH_METRICS * price.metric_month + price.alarm_metric_month
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = include_str!("../../../../infra/ops/cost/prices.ts");

    /// The value of `name: a / b,` in the TypeScript file.
    fn in_source(name: &str) -> f64 {
        let line = SOURCE
            .lines()
            .find_map(|line| line.trim().strip_prefix(&format!("{name}: ")));
        let line = line.unwrap_or_else(|| panic!("prices.ts has no `{name}`"));
        let numbers = line.trim_end_matches(',').replace('_', "");
        let mut numbers = numbers.split(" / ").map(|number| number.parse::<f64>().unwrap());
        let first = numbers.next().unwrap();
        numbers.fold(first, |value, by| value / by)
    }

    #[test]
    fn prices_are_those_of_make_cost() {
        let price = PRICES;
        for (name, value) in [
            ("transition", price.transition),
            ("gbSecond", price.gb_second),
            ("call", price.call),
            ("s3GbMonth", price.s3_gb_month),
            ("put", price.put),
            ("get", price.get),
            ("metricMonth", price.metric_month),
            ("alarmMetricMonth", price.alarm_metric_month),
            ("dashboardMonth", price.dashboard_month),
            ("logGb", price.log_gb),
            ("keyMonth", price.key_month),
            ("keyRequest", price.key_request),
            ("firing", price.firing),
            ("mail", price.mail),
            ("snapshotGbMonth", price.snapshot_gb_month),
        ] {
            let expected = in_source(name);
            assert!(
                (expected / value - 1.0).abs() < 1e-12,
                "{name}: {expected} there, {value} here"
            );
        }
    }
}
