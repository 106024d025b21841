//! Seasons as a plain text table, a column each.

use super::fleet::Kind;
use super::meter::is_elasticache;
use super::price::{Bill, GIGABYTES, bill, is_get, is_put, real};
use super::season::{Season, Totals};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Most events that a history may have: half of Step Functions' limit, so that a run can be re-driven.
pub(super) const EVENTS_ALLOWED: u64 = 12_500;

/// Totals of all kinds.
pub(super) fn whole(season: &Season) -> Totals {
    let mut all = Totals::default();
    for totals in season.totals.values() {
        all.nights += totals.nights;
        all.by_itself += totals.by_itself;
        all.succeeded += totals.succeeded;
        all.executions += totals.executions;
        all.failed += totals.failed;
        all.mended += totals.mended;
        all.transitions += totals.transitions;
        all.events += totals.events;
        all.most_events = all.most_events.max(totals.most_events);
    }
    all
}

struct Column<'a> {
    season: &'a Season,
    totals: Totals,
    bill: Bill,
}

type Cell<'a> = Box<dyn Fn(&Column<'_>) -> String + 'a>;

/// The table of all seasons.
pub fn table(seasons: &[Season]) -> String {
    let columns: Vec<Column<'_>> = seasons
        .iter()
        .map(|season| Column {
            season,
            totals: whole(season),
            bill: bill(season),
        })
        .collect();
    let mut rows: Vec<(String, Option<Cell<'_>>)> = Vec::new();
    promises(&mut rows);
    calls(&mut rows, seasons);
    sizes(&mut rows);
    if let Some(first) = columns.first() {
        money(&mut rows, &first.bill);
    }
    let mut text = String::new();
    for (name, cell) in rows {
        let Some(cell) = cell else {
            let _ = writeln!(text, "\n{name}");
            continue;
        };
        let _ = write!(text, "  {name:<52}");
        for column in &columns {
            let _ = write!(text, "{:>14}", cell(column));
        }
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&notes(seasons));
    text
}

fn head(rows: &mut Vec<(String, Option<Cell<'_>>)>, name: &str) {
    rows.push((name.to_owned(), None));
}

fn row<'a>(
    rows: &mut Vec<(String, Option<Cell<'a>>)>,
    name: impl Into<String>,
    cell: impl Fn(&Column<'_>) -> String + 'a,
) {
    rows.push((name.into(), Some(Box::new(cell))));
}

fn promises(rows: &mut Vec<(String, Option<Cell<'_>>)>) {
    head(rows, "promises");
    row(rows, "caches", |c| c.season.setup.caches.to_string());
    row(rows, "nights of a cache", |c| c.totals.nights.to_string());
    row(rows, "calls that met a fault", |c| {
        percent(c.season.meter.struck, c.season.meter.calls.values().sum())
    });
    row(rows, "nights with a verified backup by themselves", |c| {
        percent(c.totals.by_itself, c.totals.nights)
    });
    row(rows, "… after what the alert says was done", |c| {
        percent(c.totals.succeeded, c.totals.nights)
    });
    row(rows, "attempts that failed", |c| c.totals.failed.to_string());
    row(rows, "re-drives and new runs by a person", |c| {
        c.totals.mended.to_string()
    });
    row(rows, "messages", |c| c.season.messages.to_string());
    row(rows, "laid into the queue of what was not delivered", |c| {
        c.season.undelivered.to_string()
    });
    row(rows, "nights that end without a young backup, told", |c| {
        c.season.told_late.to_string()
    });
    row(rows, "backups in the end, objects read again", |c| {
        format!("{}, {}", c.season.compared.0, c.season.compared.1)
    });
    row(rows, "promises that did not hold", |c| {
        c.season.breaches.len().to_string()
    });
}

fn calls<'a>(rows: &mut Vec<(String, Option<Cell<'a>>)>, seasons: &'a [Season]) {
    head(rows, "ElastiCache calls in a second");
    row(rows, "most", |c| c.season.meter.peak.to_string());
    row(rows, "mean of the busiest minute", |c| {
        format!("{:.2}", f64::from(c.season.meter.busiest_minute) / 60.0)
    });
    let operations: BTreeSet<&'static str> = seasons
        .iter()
        .flat_map(|season| season.meter.peaks.keys().copied())
        .collect();
    for operation in operations.clone() {
        row(rows, format!("most of {operation}"), move |c| {
            c.season
                .meter
                .peaks
                .get(operation)
                .copied()
                .unwrap_or(0)
                .to_string()
        });
    }
    row(rows, "throttled for being too many", |c| {
        c.season.meter.throttled.to_string()
    });
    head(rows, "calls of a night and cache");
    let all: BTreeSet<&'static str> = seasons
        .iter()
        .flat_map(|season| season.meter.calls.keys().map(|(_, operation)| *operation))
        .collect();
    for operation in all.iter().copied().filter(|operation| is_elasticache(operation)) {
        row(rows, operation, move |c| per_night(c, |asked| asked == operation));
    }
    for operation in all.iter().copied().filter(|operation| !is_elasticache(operation)) {
        row(rows, operation, move |c| per_night(c, |asked| asked == operation));
    }
    row(rows, "S3 requests priced as PUT", |c| per_night(c, is_put));
    row(rows, "S3 requests priced as GET", |c| per_night(c, is_get));
}

fn sizes(rows: &mut Vec<(String, Option<Cell<'_>>)>) {
    head(rows, "executions");
    row(rows, "history events, mean", |c| {
        ratio(c.totals.events, c.totals.executions)
    });
    row(
        rows,
        format!("history events, most (allowed {EVENTS_ALLOWED})"),
        |c| c.totals.most_events.to_string(),
    );
    row(rows, "transitions of a night", |c| {
        ratio(c.totals.transitions, c.totals.nights)
    });
    row(rows, "Lambda invocations of a night", |c| {
        let count = Kind::ALL.map(|kind| c.season.meter.invocations_of(Some(kind), |_| true));
        ratio(count.into_iter().sum(), c.totals.nights)
    });
    row(rows, "Lambda GB-seconds of a night", |c| {
        format!("{:.1}", c.bill.gb_seconds)
    });
}

fn money(rows: &mut Vec<(String, Option<Cell<'_>>)>, first: &Bill) {
    head(rows, "dollars of a cache and month");
    for (index, (part, _)) in first.parts.iter().enumerate() {
        row(rows, *part, move |c| format!("{:.4}", c.bill.parts[index].1));
    }
    row(rows, "together", |c| format!("{:.4}", c.bill.cache));
    row(rows, "  of which runs", |c| format!("{:.4}", c.bill.work));
    let (cache, work) = (first.cache, first.work);
    row(rows, "together, by that of the first column", move |c| {
        format!("{:.4}", c.bill.cache / cache)
    });
    row(rows, "  of which runs, by that of the first column", move |c| {
        format!("{:.4}", c.bill.work / work)
    });
    row(rows, "beside it, of the deployment and month", |c| {
        format!("{:.4}", c.bill.deployment)
    });
}

/// Calls of the kinds' own runs, each kind weighed by its share, so that columns can be compared.
fn per_night(column: &Column<'_>, is: impl Fn(&str) -> bool) -> String {
    let of = |kind: Kind| {
        let nights = column.season.totals.get(&kind).map_or(0, |totals| totals.nights);
        let calls = column.season.meter.calls_of(Some(kind), &is);
        f64::from(kind.percent()) / 100.0 * real(calls) / real(nights.max(1))
    };
    format!("{:.2}", Kind::ALL.into_iter().map(of).sum::<f64>())
}

fn ratio(count: u64, by: u64) -> String {
    format!("{:.1}", real(count) / real(by.max(1)))
}

fn percent(count: u64, by: u64) -> String {
    format!("{:.2} %", 100.0 * real(count) / real(by.max(1)))
}

fn notes(seasons: &[Season]) -> String {
    let mut text = String::new();
    for season in seasons {
        let setup = &season.setup;
        let limit = setup
            .limit
            .map_or("none".to_owned(), |limit| format!("{limit} calls a second"));
        let _ = writeln!(
            text,
            "{} caches, {} nights: faults begin at {} % of calls, {} % of nights are spoilt, starts spread over {} min, \
             throttling from {limit}, seed {}.",
            setup.caches,
            setup.nights,
            setup.fault_rate * 100.0,
            setup.spoilt_rate * 100.0,
            setup.window_minutes,
            setup.seed,
        );
        for breach in season.breaches.iter().take(20) {
            let _ = writeln!(
                text,
                "  DID NOT HOLD {} {}: {}",
                breach.at, breach.cache, breach.what
            );
        }
    }
    if let Some(last) = seasons.last() {
        let errors = last
            .errors
            .iter()
            .map(|(error, count)| format!("{error} {count}"));
        let _ = writeln!(
            text,
            "Errors of the last column: {}.",
            errors.collect::<Vec<_>>().join(", ")
        );
    }
    let _ = writeln!(
        text,
        "Counted: calls, transitions, events, invocations. Reckoned as `make cost` does, for {GIGABYTES} GB of a cache: time\n\
         of reading, ranges and parts of 8 MiB, storage; 0.3 s of a call. Kinds are weighed 70:15:10:5. `watch` was called\n\
         once a day without faults and is priced hourly."
    );
    text
}
