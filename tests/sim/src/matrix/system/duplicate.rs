//! A run that is started twice: at any moment of the first, after its end, and beside the next one.

use super::SystemCell;
use super::mishap::{self, Lost, Made, Played, entries, must_have_made, once, prepared};
use crate::asl::{Run, Status};
use crate::matrix::act::Act;
use crate::matrix::end::End;
use crate::matrix::witness::Told;
use crate::stage::{Interference, task_states};
use crate::world::{ExportFault, SnapshotFault, When};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const GROUP: &str = "duplicate start";
const WAITS: [&str; 2] = ["WaitForSnapshot", "WaitForExport"];

type Moment = fn(Act) -> Played;
type Play = Box<dyn Fn(Act) -> Played + Send + Sync>;

/// Cells that are about a point in time and not about a state.
const MOMENTS: [(&str, Moment); 10] = [
    ("in the same millisecond", |act| {
        Box::pin(after(act, SignedDuration::ZERO))
    }),
    ("an hour after success", |act| {
        Box::pin(after(act, SignedDuration::from_hours(1)))
    }),
    ("23 h late", |act| {
        Box::pin(after(act, SignedDuration::from_hours(23)))
    }),
    ("13 days late", |act| {
        Box::pin(after(act, SignedDuration::from_hours(13 * 24)))
    }),
    ("late, its backup pruned since", |act| Box::pin(pruned_since(act))),
    ("on demand, in the same minute", |act| {
        Box::pin(on_demand(act, SignedDuration::from_secs(20)))
    }),
    ("on demand, two minutes later", |act| {
        Box::pin(on_demand(act, SignedDuration::from_mins(2)))
    }),
    ("next run while the first waits for its snapshot", |act| {
        Box::pin(next_run(act, "snapshot"))
    }),
    ("next run while the first waits for its export", |act| {
        Box::pin(next_run(act, "export"))
    }),
    ("next run between the first's snapshot and its export", |act| {
        Box::pin(next_run_in_between(act))
    }),
];

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells = Vec::new();
    let mut add = |name: String, play: Play| {
        cells.push(SystemCell::new(GROUP, name, move || {
            Act::on(prepared("group"), &play)
        }));
    };
    for state in task_states().into_iter().chain(WAITS.map(str::to_owned)) {
        let at = state.clone();
        add(
            format!("while the first is in {state}"),
            Box::new(move |act| Box::pin(beside(act, at.clone()))),
        );
    }
    for state in task_states() {
        let (hung, failed) = (state.clone(), state.clone());
        add(
            format!("past a first that hangs in {state}"),
            Box::new(move |act| Box::pin(past(act, hung.clone()))),
        );
        add(
            format!("after a first that failed in {state}"),
            Box::new(move |act| Box::pin(instead(act, failed.clone()))),
        );
    }
    for (name, play) in MOMENTS {
        add(name.to_owned(), Box::new(play));
    }
    for scene in ["sharded", "stand-alone", "serverless"] {
        let name = format!("in the same millisecond ({scene})");
        cells.push(SystemCell::new(GROUP, name, move || {
            Act::on(prepared(scene), |act| after(act, SignedDuration::ZERO))
        }));
    }
    cells
}

/// The end of the second start, once both are over: one backup, made once and told once.
fn end_of_second(act: &Act, first: &Run, second: &Run) -> End {
    for run in [first, second] {
        let status = run.status();
        act.must(
            status == Status::Succeeded,
            "both succeed",
            format!("{} is {status}", run.with(|e| e.name.clone())),
        );
    }
    must_have_made(act, Made::ONE);
    let prunes = entries(first, "Prune") + entries(second, "Prune");
    act.must(prunes == 1, "one prune", format!("{prunes}"));
    let told = act.told();
    act.must(
        (told.successes, told.failures) == (1, 0),
        "one message",
        format!("{told:?}"),
    );
    ended(act, second)
}

/// A second start that has nothing to wait for was told that the backup is recorded.
fn ended(act: &Act, second: &Run) -> End {
    let end = act.end_of(second, true);
    if end == End::Adopts && entries(second, "WaitForSnapshot") == 0 {
        End::NoOp
    } else {
        end
    }
}

async fn beside(act: Act, state: String) -> (Arc<Run>, End) {
    let first = act.spawn("first");
    act.until(&first.run, &state, 1).await;
    let second = act.spawn("second").ended().await;
    let first = first.ended().await;
    let end = end_of_second(&act, &first, &second);
    (second, end)
}

/// The first hangs until its Task times out, and is retried once the second is far ahead of it.
async fn past(act: Act, state: String) -> (Arc<Run>, End) {
    act.stage
        .functions
        .meddle(once("first", &state, Lost::Before.hanging()));
    beside(act, state).await
}

/// The first failed and was told; the second start does what was left undone, up to the backup.
async fn instead(act: Act, state: String) -> (Arc<Run>, End) {
    act.stage
        .functions
        .meddle(once("first", &state, Lost::After.failing()));
    let first = act.spawn("first").ended().await;
    let before = act.told();
    act.must(
        first.status() == Status::Failed && before.failures == 1,
        "the cell",
        format!("{before:?}"),
    );
    act.pass(SignedDuration::from_mins(30)).await;
    let second = act.spawn("second").ended().await;
    must_have_made(&act, Made::ONE);
    let end = act.end_since(&before, &second, true);
    let is_no_op = end == End::Adopts && entries(&second, "WaitForSnapshot") == 0;
    (second, if is_no_op { End::NoOp } else { end })
}

async fn after(act: Act, time: SignedDuration) -> (Arc<Run>, End) {
    let first = act.spawn("first");
    act.pass(time).await;
    let second = act.spawn("second").ended().await;
    let first = first.ended().await;
    let end = end_of_second(&act, &first, &second);
    (second, end)
}

/// Two starts by a person, who gives no time: the instant is the minute of the start.
async fn on_demand(act: Act, later: SignedDuration) -> (Arc<Run>, End) {
    let mut input = act.input();
    if let Some(fields) = input.as_object_mut() {
        fields.remove("scheduledTime");
    }
    let first = act.spawn_with("first", input.clone());
    act.pass(later).await;
    let second = act.spawn_with("second", input).ended().await;
    let first = first.ended().await;
    if later < SignedDuration::from_mins(1) {
        let end = end_of_second(&act, &first, &second);
        return (second, end);
    }
    let end = end_of_next(&act, act.due + later, &second);
    (second, end)
}

/// The end of the next run, which is another backup; the first one's is told beside it.
fn end_of_next(act: &Act, at: Timestamp, next: &Run) -> End {
    for due in [act.due, at] {
        let made = Made::at(act, due);
        act.must(made == Made::ONE, "made once", format!("{made:?} at {due}"));
    }
    let first = Told {
        successes: 1,
        ..Told::default()
    };
    act.end_since(&first, next, false)
}

/// How much later the next run is due where it overlaps with the first.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

/// The first waits for two hours, and the next run is due in the middle of that.
async fn next_run(act: Act, first_waits_for: &str) -> (Arc<Run>, End) {
    let takes = SignedDuration::from_hours(2);
    act.stage.person(|world, _| match first_waits_for {
        "snapshot" => world
            .faults
            .arm_snapshot(SnapshotFault::Takes(takes), When::next(1)),
        _ => world.faults.arm_export(ExportFault::Takes(takes), When::next(1)),
    });
    let first = act.spawn("first");
    act.pass(OVERLAP).await;
    let at = act.due + OVERLAP;
    let next = act.spawn_with("next", act.scene.input(at)).ended().await;
    let first = first.ended().await;
    let status = first.status();
    act.must(
        status == Status::Succeeded,
        "the first finishes",
        format!("it is {status}"),
    );
    let end = end_of_next(&act, at, &next);
    (next, end)
}

/// Somebody's copy occupies the first's snapshot until the next run is over, and has pruned.
async fn next_run_in_between(act: Act) -> (Arc<Run>, End) {
    let is_busy = Arc::new(AtomicBool::new(true));
    let busy = Arc::clone(&is_busy);
    act.stage.functions.meddle(move |call| {
        let is_first = call.state == "CopyToS3" && call.execution_arn.ends_with(":first");
        if is_first && busy.load(Ordering::Relaxed) {
            return mishap::busy();
        }
        Interference::Pass
    });
    let first = act.spawn("first");
    act.pass(OVERLAP).await;
    let next = act
        .spawn_with("next", act.scene.input(act.due + OVERLAP))
        .ended()
        .await;
    act.must(
        next.status() == Status::Succeeded,
        "the next run succeeds",
        "it did not",
    );
    is_busy.store(false, Ordering::Relaxed);
    let first = first.ended().await;
    must_have_made(&act, Made::SNAPSHOT);
    let end = act.end_of(&first, false);
    (first, end)
}

/// The second start comes when two later backups have taken the place of the first's.
async fn pruned_since(act: Act) -> (Arc<Run>, End) {
    act.spawn("first").ended().await;
    for night in 1..=2 {
        let at = act.due + SignedDuration::from_hours(24 * night);
        act.pass(at.duration_since(act.stage.ports.clock.now())).await;
        act.spawn_with(&format!("night-{night}"), act.scene.input(at))
            .ended()
            .await;
    }
    let before = act.told();
    act.pass(SignedDuration::from_hours(1)).await;
    let second = act.spawn("second").ended().await;
    let end = act.end_since(&before, &second, true);
    (second, end)
}
