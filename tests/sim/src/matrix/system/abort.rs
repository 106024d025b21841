//! What nothing in the state machine can catch: a person stops the execution, its time is up, its history is full.
//! One alert tells of it, and a re-drive finishes the run.

mod time_out;

use super::SystemCell;
use super::mishap::{Lost, Made, finishes, must_have_made, once, prepared};
use crate::asl::{Run, Status};
use crate::matrix::act::Act;
use crate::matrix::end::End;
use crate::stage::{Interference, task_states};
use jiff::SignedDuration;
use std::sync::Arc;

const GROUP: &str = "abort and time-out";

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells = Vec::new();
    for state in task_states() {
        for (lost, when) in [(Lost::Before, "before"), (Lost::After, "after")] {
            let state = state.clone();
            let name = format!("stopped in {state}, {when} its effect");
            cells.push(SystemCell::new(GROUP, name, move || {
                Act::on(prepared("group"), |act| stopped_in_task(act, state.clone(), lost))
            }));
        }
    }
    for state in ["WaitForSnapshot", "WaitForExport"] {
        cells.push(SystemCell::new(GROUP, format!("stopped in {state}"), move || {
            Act::on(prepared("group"), |act| stopped(act, state.to_owned()))
        }));
    }
    cells.push(SystemCell::new(
        GROUP,
        "stopped in VerifyObjects, two of three shards done",
        || Act::on(prepared("sharded"), stopped_in_map),
    ));
    cells.push(SystemCell::new(GROUP, "stopped twice", || {
        Act::on(prepared("group"), stopped_twice)
    }));
    cells.push(SystemCell::new(GROUP, "stopped after its end", || {
        Act::on(prepared("group"), stopped_late)
    }));
    cells.extend(time_out::cells());
    cells
}

/// Nobody answers the state's first call, with or without its effect, when the execution is stopped.
async fn stopped_in_task(act: Act, state: String, lost: Lost) -> (Arc<Run>, End) {
    act.stage.functions.meddle(once("run", &state, lost.hanging()));
    stopped(act, state).await
}

async fn stopped(act: Act, state: String) -> (Arc<Run>, End) {
    let going = act.spawn("run");
    act.until(&going.run, &state, 1).await;
    act.pass(SignedDuration::from_secs(2)).await;
    act.abort(&going.run);
    let run = going.ended().await;
    act.must(
        run.status() == Status::Aborted,
        "the cell",
        format!("it is {}", run.status()),
    );
    let end = act.end_of(&run, false);
    finishes(&act, &run, SignedDuration::from_hours(1)).await;
    must_have_made(&act, Made::ONE);
    (run, end)
}

/// The last of three shards is still read; the two that are done stay done.
async fn stopped_in_map(act: Act) -> (Arc<Run>, End) {
    let calls = Arc::new(std::sync::Mutex::new(0_u32));
    let counted = Arc::clone(&calls);
    act.stage.functions.meddle(move |call| {
        if call.state != "VerifyObject" {
            return Interference::Pass;
        }
        let mut calls = crate::matrix::witness::locked(&counted);
        *calls += 1;
        if *calls == 3 {
            Interference::HangBefore
        } else {
            Interference::Pass
        }
    });
    let (run, end) = stopped(act.clone(), "VerifyObject".to_owned()).await;
    let calls = *crate::matrix::witness::locked(&calls);
    act.must(
        calls == 4,
        "what is done stays done",
        format!("{calls} calls for three shards and one stop"),
    );
    (run, end)
}

async fn stopped_twice(act: Act) -> (Arc<Run>, End) {
    let going = act.spawn("run");
    act.until(&going.run, "WaitForSnapshot", 1).await;
    act.abort(&going.run);
    let run = going.ended().await;
    let first = act.told();
    act.must(
        first.failures == 1,
        "one alert for one failure",
        format!("{first:?}"),
    );
    let going = act.spawn_redrive(&run);
    act.pass(SignedDuration::from_secs(1)).await;
    act.until(&run, "WaitForExport", 1).await;
    act.abort(&run);
    let run = going.ended().await;
    let end = act.end_since(&first, &run, false);
    finishes(&act, &run, SignedDuration::from_hours(1)).await;
    must_have_made(&act, Made::ONE);
    (run, end)
}

async fn stopped_late(act: Act) -> (Arc<Run>, End) {
    let run = act.spawn("run").ended().await;
    act.abort(&run);
    act.pass(SignedDuration::from_mins(1)).await;
    must_have_made(&act, Made::ONE);
    let end = act.end_of(&run, false);
    (run, end)
}
