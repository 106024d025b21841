//! The run's own deadline, the state machine's time-out above it, and the history that has an end.

use super::super::SystemCell;
use super::super::mishap::{Lost, Made, busy, finishes, last_message, must_have_made, prepared};
use super::GROUP;
use crate::asl::{Execution, HistoryEvent, MAX_EVENTS, NotRedrivable, Run, Status};
use crate::matrix::act::Act;
use crate::matrix::end::End;
use crate::stage::Interference;
use crate::world::{ExportFault, SnapshotFault, When};
use jiff::SignedDuration;
use serde_json::json;
use std::sync::Arc;

/// The largest `deadlineSeconds`.
const LARGEST: i64 = 23 * 3600;
/// The state machine's `TimeoutSeconds`.
const MACHINE: SignedDuration = SignedDuration::from_hours(24);
/// The longest wait between two looks, and the looks themselves.
const LATE: SignedDuration = SignedDuration::from_mins(6);

/// What never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endless {
    Snapshot,
    Export,
}

/// A state that is under way when the machine's time is up.
#[derive(Debug, Clone, Copy)]
struct Late {
    state: &'static str,
    /// How long the snapshot takes, in minutes.
    snapshot: i64,
    /// How long the export takes.
    export: i64,
    /// Until when the export's start meets somebody's copy.
    copy_busy_until: i64,
    /// From when on the state answers that it is busy, or nothing at all.
    from: i64,
    interference: fn() -> Interference,
}

const DAYS: i64 = 2 * 24 * 60;

/// No wait can be the place: a look past the largest deadline fails, and that is an hour before the machine's time.
const LATES: [Late; 5] = [
    late("CheckSnapshot", (DAYS, 2), 0, 22 * 60 + 50, busy),
    late("CopyToS3", (22 * 60 + 45, 0), DAYS, DAYS, busy),
    late("CheckExport", (3, DAYS), 0, 22 * 60 + 50, busy),
    late("VerifyObject", (22 * 60 + 45, 0), 23 * 60 + 45, 0, || {
        Lost::Before.hanging()
    }),
    late("Prune", (22 * 60 + 45, 0), 23 * 60 + 45, 0, || {
        Lost::Before.hanging()
    }),
];

const fn late(
    state: &'static str,
    (snapshot, export): (i64, i64),
    copy_busy_until: i64,
    from: i64,
    interference: fn() -> Interference,
) -> Late {
    Late {
        state,
        snapshot,
        export,
        copy_busy_until,
        from,
        interference,
    }
}

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells = Vec::new();
    for (endless, wait) in [
        (Endless::Snapshot, "WaitForSnapshot"),
        (Endless::Export, "WaitForExport"),
    ] {
        for (seconds, of) in [(600, "ten minutes"), (LARGEST, "23 hours")] {
            let name = format!("deadline of {of} in {wait}");
            cells.push(SystemCell::new(GROUP, name, move || {
                Act::on(prepared("group"), |act| deadline(act, endless, seconds))
            }));
        }
    }
    for late in LATES {
        let name = format!("the machine's time-out in {}", late.state);
        cells.push(SystemCell::new(GROUP, name, move || {
            Act::on(prepared("group"), |act| machine(act, late))
        }));
    }
    cells.push(SystemCell::new(GROUP, "the longest run's history", || {
        Act::on(prepared("group"), longest)
    }));
    cells.push(SystemCell::new(
        GROUP,
        "re-driven until its history is full",
        || Act::on(prepared("group"), full),
    ));
    cells
}

fn arm(act: &Act, snapshot: SignedDuration, export: SignedDuration) {
    act.stage.person(|world, _| {
        world
            .faults
            .arm_snapshot(SnapshotFault::Takes(snapshot), When::next(1));
        world.faults.arm_export(ExportFault::Takes(export), When::next(1));
    });
}

fn lasting(act: &Act, deadline_seconds: i64) -> serde_json::Value {
    let mut input = act.input();
    input["deadlineSeconds"] = json!(deadline_seconds);
    input
}

fn took(run: &Run) -> SignedDuration {
    run.with(|e| {
        e.stop_date
            .map_or(SignedDuration::MAX, |stop| stop.duration_since(e.start_date))
    })
}

/// The run is told at its deadline, and the re-drive finds what became ready meanwhile.
async fn deadline(act: Act, endless: Endless, seconds: i64) -> (Arc<Run>, End) {
    let (long, short) = (SignedDuration::from_hours(30), SignedDuration::from_mins(2));
    match endless {
        Endless::Snapshot => arm(&act, long, short),
        Endless::Export => arm(&act, short, long),
    }
    let run = act.spawn_with("run", lasting(&act, seconds)).ended().await;
    let most = SignedDuration::from_secs(seconds) + LATE;
    act.must(
        took(&run) <= most,
        "ends by its deadline",
        format!("it took {:#}", took(&run)),
    );
    let end = act.end_of(&run, false);
    finishes(&act, &run, SignedDuration::from_hours(31)).await;
    must_have_made(&act, Made::ONE);
    (run, end)
}

async fn machine(act: Act, late: Late) -> (Arc<Run>, End) {
    arm(
        &act,
        SignedDuration::from_mins(late.snapshot),
        SignedDuration::from_mins(late.export),
    );
    let (clock, due) = (Arc::clone(&act.stage.ports.clock), act.due);
    act.stage.functions.meddle(move |call| {
        let minutes = clock.now().duration_since(due).as_mins();
        if minutes >= 24 * 60 {
            return Interference::Pass;
        }
        if call.state == "CopyToS3" && minutes < late.copy_busy_until {
            return busy();
        }
        if call.state == late.state && minutes >= late.from {
            return (late.interference)();
        }
        Interference::Pass
    });
    let run = act.spawn_with("run", lasting(&act, LARGEST)).ended().await;
    act.must(
        run.status() == Status::TimedOut && took(&run) == MACHINE,
        "the cell",
        format!("{} after {:#}", run.status(), took(&run)),
    );
    let end = act.end_of(&run, false);
    finishes(&act, &run, SignedDuration::from_mins(DAYS)).await;
    must_have_made(&act, Made::ONE);
    (run, end)
}

/// Almost a day of waiting.
async fn longest(act: Act) -> (Arc<Run>, End) {
    let half = SignedDuration::from_secs(LARGEST / 2) - LATE;
    arm(&act, half, half);
    let run = act.spawn_with("run", lasting(&act, LARGEST)).ended().await;
    let events = run.with(|e| e.history.len());
    act.must(events < 12_500, "fewer than 12,500 events", format!("{events}"));
    must_have_made(&act, Made::ONE);
    let end = act.end_of(&run, false);
    (run, end)
}

/// The run was re-driven for days, and its history has room for a few looks more.
async fn full(act: Act) -> (Arc<Run>, End) {
    arm(
        &act,
        SignedDuration::from_mins(3),
        SignedDuration::from_mins(DAYS),
    );
    let failed = act.spawn_with("run", lasting(&act, 600)).ended().await;
    let before = act.told();
    let run = act.stage.resume(padded(failed.snapshot(), MAX_EVENTS - 20));
    act.pass(SignedDuration::from_hours(1)).await;
    let redriven = act.stage.redrive(&run).await;
    act.must(
        redriven == Ok(Status::Failed),
        "the cell",
        format!("{redriven:?}"),
    );
    let end = act.end_since(&before, &run, false);
    let refused = run.redrive(act.stage.ports.clock.now());
    let is_full = matches!(refused, Err(NotRedrivable::History(_)));
    act.must(is_full, "no re-drive of a full history", format!("{refused:?}"));
    let (subject, text) = last_message(&act);
    act.must(
        text.contains("maximum number of history events") && text.contains("start-execution"),
        "the alert says to start a new run",
        format!("`{subject}`: {text}"),
    );
    (run, end)
}

/// The execution as if its last events had happened many times over.
fn padded(mut execution: Execution, events: usize) -> Execution {
    let Some(last) = execution.history.last().cloned() else {
        return execution;
    };
    for id in last.id + 1..=events as u64 {
        execution.history.push(HistoryEvent {
            id,
            previous_event_id: id - 1,
            ..last.clone()
        });
    }
    execution
}
