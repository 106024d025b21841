//! Re-drives: of every state, after anything that may have happened since it failed.

use super::SystemCell;
use super::mishap::{Lost, Made, delete_snapshot, entries, leaves_something, must_have_made, once, prepared};
use crate::asl::{NotRedrivable, Run, Status};
use crate::matrix::act::{Act, Going};
use crate::matrix::end::End;
use crate::matrix::witness::Told;
use crate::stage::task_states;
use jiff::SignedDuration;
use std::sync::Arc;

mod special;

const GROUP: &str = "re-drive";

/// What happens between a state's failure and the re-drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Hour,
    ThreeDays,
    Deletion,
    SecondRedrive,
    Duplicate,
    SecondStart,
}

/// Name, whether the failed call did its work, and what happens before the re-drive.
const VARIANTS: [(&str, Lost, Since); 7] = [
    ("failed before its effect", Lost::Before, Since::Hour),
    ("failed after its effect", Lost::After, Since::Hour),
    ("after three days", Lost::After, Since::ThreeDays),
    ("the snapshot deleted by hand", Lost::After, Since::Deletion),
    ("two re-drives at once", Lost::After, Since::SecondRedrive),
    ("beside a duplicate", Lost::Before, Since::Duplicate),
    ("after a second start", Lost::After, Since::SecondStart),
];

/// Scene, and the variants that are played on it: all on one, and those that look for what was made on the kind of
/// cache whose snapshots and exports have operations of their own.
const SCENES: [(&str, &str); 4] = [
    ("group", ""),
    ("serverless", "failed after its effect"),
    ("serverless", "the snapshot deleted by hand"),
    ("sharded", "failed after its effect"),
];

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells = Vec::new();
    for (scene, only) in SCENES {
        for state in task_states() {
            for (variant, lost, since) in VARIANTS {
                if only.is_empty() || only == variant {
                    cells.push(cell(scene, state.clone(), variant, (lost, since)));
                }
            }
        }
    }
    cells.extend(special::cells());
    cells
}

fn cell(scene: &'static str, state: String, variant: &str, (lost, since): (Lost, Since)) -> SystemCell {
    let of = if scene == "group" {
        String::new()
    } else {
        format!(" ({scene})")
    };
    SystemCell::new(GROUP, format!("{state}, {variant}{of}"), move || {
        Act::on(prepared(scene), |act| redriven(act, state.clone(), lost, since))
    })
}

async fn redriven(act: Act, state: String, lost: Lost, since: Since) -> (Arc<Run>, End) {
    act.stage.functions.meddle(once("run", &state, lost.failing()));
    let going = act.spawn("run");
    act.pass(SignedDuration::from_secs(1)).await;
    let beside = (since == Since::Duplicate).then(|| act.spawn("beside"));
    let run = going.ended().await;
    let before = act.told();
    act.must(
        run.status() == Status::Failed,
        "the cell",
        format!("{} is {}", state, run.status()),
    );
    act.must(
        before.failures == 1,
        "one alert for one failure",
        format!("{} alerts", before.failures),
    );
    happen(&act, since).await;
    let found = redrive(&act, &run, since, beside).await;
    let adopts = found || (lost == Lost::After && leaves_something(&state));
    let is_vanished = since == Since::Deletion && state == "CheckSnapshot";
    let is_anew = since == Since::Deletion && state == "CreateSnapshot";
    must_have_made(
        &act,
        match (is_vanished, is_anew) {
            (true, _) => Made::SNAPSHOT,
            (_, true) => Made {
                snapshots: 2,
                ..Made::ONE
            },
            _ => Made::ONE,
        },
    );
    // A success that was told before the failure is the same one.
    let failures = Told {
        successes: 0,
        warnings: 0,
        ..before
    };
    let end = act.end_since(&failures, &run, adopts && !is_anew);
    let has_nothing_to_do = end == End::Adopts && entries(&run, "WaitForSnapshot") == 0;
    (run, if has_nothing_to_do { End::NoOp } else { end })
}

/// What happens before the re-drive.
async fn happen(act: &Act, since: Since) {
    match since {
        Since::SecondRedrive | Since::Duplicate => {}
        Since::Hour => act.pass(SignedDuration::from_hours(1)).await,
        Since::ThreeDays => act.pass(SignedDuration::from_hours(72)).await,
        Since::Deletion => {
            act.pass(SignedDuration::from_hours(1)).await;
            delete_snapshot(act);
            act.pass(SignedDuration::from_mins(10)).await;
        }
        Since::SecondStart => {
            let second = act.spawn("second").ended().await;
            let status = second.status();
            act.must(
                status == Status::Succeeded,
                "a second start finishes",
                format!("it is {status}"),
            );
        }
    }
}

/// Re-drives; gives whether somebody else's work had to be found.
async fn redrive(act: &Act, run: &Arc<Run>, since: Since, beside: Option<Going>) -> bool {
    let going = act.spawn_redrive(run);
    if since == Since::SecondRedrive {
        act.pass(SignedDuration::from_millis(50)).await;
        let second = run.redrive(act.stage.ports.clock.now());
        act.must(
            second == Err(NotRedrivable::Status(Status::Running)),
            "a re-drive of a running execution is refused",
            format!("{second:?}"),
        );
    }
    going.ended().await;
    let finds = beside.is_some() || since == Since::SecondStart;
    if let Some(beside) = beside {
        let status = beside.ended().await.status();
        act.must(
            status == Status::Succeeded,
            "the duplicate finishes",
            format!("it is {status}"),
        );
    }
    finds
}
