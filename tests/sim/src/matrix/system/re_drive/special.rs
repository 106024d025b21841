//! Re-drives that are about one point in time, one error, or what happened to the deployment since.

use super::super::SystemCell;
use super::super::mishap::{
    Lost, Made, Played, delete_snapshot, entries, finishes, must_have_made, once, prepared,
};
use super::GROUP;
use crate::asl::{Details, EventType, NotRedrivable, Run, Status};
use crate::matrix::act::Act;
use crate::matrix::end::End;
use crate::matrix::witness::{Told, locked};
use crate::stage::{BACKUP, Interference};
use crate::world::{ExportFault, SnapshotFault, When};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

type Play = fn(Act) -> Played;

/// Name, scene, and what is played.
const CELLS: [(&str, &str, Play); 20] = [
    (
        "CopyToS3 never began, the snapshot deleted by hand",
        "group",
        |act| Box::pin(deleted(act, "CopyToS3", Made::SNAPSHOT)),
    ),
    (
        "CheckExport found nothing written, the snapshot deleted by hand",
        "group",
        |act| {
            silent(&act);
            Box::pin(deleted(
                act,
                "",
                Made {
                    exports: 1,
                    ..Made::SNAPSHOT
                },
            ))
        },
    ),
    ("CheckExport found nothing written", "group", |act| {
        Box::pin(renewed(act))
    }),
    (
        "CheckExport found nothing written, beside a duplicate",
        "group",
        |act| Box::pin(renewed_beside(act)),
    ),
    (
        "CheckExport found nothing written (serverless)",
        "serverless",
        |act| Box::pin(renewed(act)),
    ),
    ("CheckSnapshot, after 13 days", "group", |act| {
        Box::pin(days_later(act, "CheckSnapshot", 13))
    }),
    ("VerifyObject, after 13 days", "group", |act| {
        Box::pin(days_later(act, "VerifyObject", 13))
    }),
    ("Prune, after 13 days", "group", |act| {
        Box::pin(days_later(act, "Prune", 13))
    }),
    ("CheckSnapshot, after 15 days", "group", |act| {
        Box::pin(too_late(act, "CheckSnapshot"))
    }),
    ("VerifyObject, after 15 days", "group", |act| {
        Box::pin(too_late(act, "VerifyObject"))
    }),
    ("Prune, after 15 days", "group", |act| {
        Box::pin(too_late(act, "Prune"))
    }),
    ("CopyToS3, after a night that pruned", "group", |act| {
        Box::pin(after_nights(act, "CopyToS3", 1, Made::SNAPSHOT))
    }),
    ("VerifyObject, after a night that pruned", "group", |act| {
        Box::pin(after_nights(act, "VerifyObject", 1, Made::ONE))
    }),
    (
        "VerifyObject, on its last day, after 13 nights that pruned",
        "group",
        |act| Box::pin(after_nights(act, "VerifyObject", 13, Made::ONE)),
    ),
    ("the deadline passed, the snapshot ready since", "group", |act| {
        Box::pin(past_deadline(act, true, 3))
    }),
    (
        "the deadline passed, the snapshot not ready yet",
        "group",
        |act| Box::pin(past_deadline(act, true, 1)),
    ),
    ("the deadline passed, the export ready since", "group", |act| {
        Box::pin(past_deadline(act, false, 3))
    }),
    ("the deadline passed, the export not ready yet", "group", |act| {
        Box::pin(past_deadline(act, false, 1))
    }),
    ("under the definition it was started with", "group", |act| {
        Box::pin(old_definition(act))
    }),
    ("VerifyObject, the shards that are done", "sharded", |act| {
        Box::pin(undone_shards(act))
    }),
];

pub(super) fn cells() -> Vec<SystemCell> {
    let cell = |(name, scene, play): (&'static str, &'static str, Play)| {
        SystemCell::new(GROUP, name, move || Act::on(prepared(scene), play))
    };
    CELLS.into_iter().map(cell).collect()
}

/// The next export ends without an object.
fn silent(act: &Act) {
    act.stage
        .person(|world, _| world.faults.arm_export(ExportFault::Silent, When::next(1)));
}

/// The run fails, before its effect where a state is given; what was told of it by then.
async fn failed(act: &Act, state: &str) -> (Arc<Run>, Told) {
    act.stage
        .functions
        .meddle(once("run", state, Lost::Before.failing()));
    let run = act.spawn("run").ended().await;
    let told = act.told();
    let good = run.status() == Status::Failed && told.failures == 1;
    act.must(good, "the cell", format!("{} and {told:?}", run.status()));
    (run, told)
}

async fn redriven(act: &Act, run: &Arc<Run>) {
    let redriven = act.stage.redrive(run).await;
    act.must(redriven.is_ok(), "it can be re-driven", format!("{redriven:?}"));
}

async fn deleted(act: Act, state: &'static str, made: Made) -> (Arc<Run>, End) {
    let (run, before) = failed(&act, state).await;
    act.pass(SignedDuration::from_hours(1)).await;
    delete_snapshot(&act);
    act.pass(SignedDuration::from_mins(10)).await;
    redriven(&act, &run).await;
    must_have_made(&act, made);
    let end = act.end_since(&before, &run, false);
    (run, end)
}

/// The same snapshot is exported again, under the re-drive's own keys.
async fn renewed(act: Act) -> (Arc<Run>, End) {
    silent(&act);
    let (run, before) = failed(&act, "").await;
    redriven(&act, &run).await;
    must_have_made(
        &act,
        Made {
            exports: 2,
            ..Made::ONE
        },
    );
    let end = act.end_since(&before, &run, false);
    (run, end)
}

/// A duplicate exports the same snapshot to the first keys, and comes to record what is recorded under the others.
async fn renewed_beside(act: Act) -> (Arc<Run>, End) {
    silent(&act);
    let (run, before) = failed(&act, "").await;
    let beside = act.spawn("beside");
    redriven(&act, &run).await;
    act.must(
        run.status() == Status::Succeeded,
        "the re-drive finishes",
        format!("it is {}", run.status()),
    );
    let beside = beside.ended().await;
    must_have_made(
        &act,
        Made {
            exports: 3,
            ..Made::ONE
        },
    );
    let end = act.end_since(&before, &beside, false);
    (run, end)
}

async fn days_later(act: Act, state: &'static str, days: i64) -> (Arc<Run>, End) {
    let (run, before) = failed(&act, state).await;
    act.pass(SignedDuration::from_hours(24 * days)).await;
    redriven(&act, &run).await;
    must_have_made(&act, Made::ONE);
    let end = act.end_since(&before, &run, false);
    (run, end)
}

/// Step Functions refuses; what the alert of such a run would say is done then: a new run.
async fn too_late(act: Act, state: &'static str) -> (Arc<Run>, End) {
    let (run, _) = failed(&act, state).await;
    let end = act.end_of(&run, false);
    act.pass(SignedDuration::from_hours(15 * 24)).await;
    let refused = run.redrive(act.stage.ports.clock.now());
    let is_expired = matches!(refused, Err(NotRedrivable::Expired(_)));
    act.must(is_expired, "no re-drive after 14 days", format!("{refused:?}"));
    (run, end)
}

/// The nights after a failed one succeed, and the last prunes what it no longer keeps just before the re-drive.
async fn after_nights(act: Act, state: &'static str, nights: i64, made: Made) -> (Arc<Run>, End) {
    let (run, _) = failed(&act, state).await;
    for night in 1..=nights {
        let at = act.due + SignedDuration::from_hours(24 * night);
        act.pass(at.duration_since(act.stage.ports.clock.now())).await;
        let next = act
            .spawn_with(&format!("night-{night}"), act.scene.input(at))
            .ended()
            .await;
        let why = next.with(|e| format!("{:?}: {:?}", e.error, e.cause));
        act.must(next.status() == Status::Succeeded, "the next night succeeds", why);
    }
    let before = act.told();
    redriven(&act, &run).await;
    must_have_made(&act, made);
    let end = act.end_since(&before, &run, false);
    (run, end)
}

/// What takes two hours had ten minutes. Each attempt has a budget of its own, and one alert.
async fn past_deadline(act: Act, is_snapshot: bool, hours: i64) -> (Arc<Run>, End) {
    let takes = SignedDuration::from_hours(2);
    act.stage.person(|world, _| {
        if is_snapshot {
            world
                .faults
                .arm_snapshot(SnapshotFault::Takes(takes), When::next(1));
        } else {
            world.faults.arm_export(ExportFault::Takes(takes), When::next(1));
        }
    });
    let mut input = act.input();
    input["deadlineSeconds"] = json!(600);
    let run = act.spawn_with("run", input).ended().await;
    let first = act.told();
    act.must(
        first.failures == 1,
        "one alert for one failure",
        format!("{first:?}"),
    );
    act.pass(SignedDuration::from_hours(hours)).await;
    redriven(&act, &run).await;
    let end = act.end_since(&first, &run, false);
    if run.status() != Status::Succeeded {
        finishes(&act, &run, SignedDuration::from_hours(3)).await;
    }
    must_have_made(&act, Made::ONE);
    (run, end)
}

/// The deployment changed while the run was failed: what it does is still what its own text says.
async fn old_definition(act: Act) -> (Arc<Run>, End) {
    let (wait, longer) = ("$states.input.waitSeconds : 15", "$states.input.waitSeconds : 45");
    let old = act.stage.redefined(&BACKUP.replace(wait, longer));
    act.stage
        .functions
        .meddle(once("run", "CopyToS3", Lost::Before.failing()));
    let run = old.start("run", act.input()).await;
    let before = act.told();
    act.pass(SignedDuration::from_hours(1)).await;
    redriven(&act, &run).await;
    must_have_made(&act, Made::ONE);
    let waits = run.with(|e| {
        let mut entered = None;
        let mut waits = Vec::new();
        for event in &e.history {
            match event.event_type {
                EventType::WaitStateEntered => entered = Some(event.timestamp),
                EventType::WaitStateExited => {
                    waits.extend(entered.map(|at| event.timestamp.duration_since(at).as_secs()));
                }
                _ => {}
            }
        }
        waits
    });
    // The first wait for the snapshot before, and the first for the export after the re-drive.
    let long = waits.iter().filter(|seconds| **seconds == 45).count();
    act.must(
        long == 2,
        "a run keeps its definition",
        format!("waits of {waits:?} seconds"),
    );
    let end = act.end_since(&before, &run, false);
    (run, end)
}

/// One of three shards fails: the others, as far as they were done, are not read again.
async fn undone_shards(act: Act) -> (Arc<Run>, End) {
    let calls = Arc::new(Mutex::new(BTreeMap::<String, usize>::new()));
    let counted = Arc::clone(&calls);
    act.stage.functions.meddle(move |call| {
        let Some(shard) = call.payload["object"]["shard"].as_str() else {
            return Interference::Pass;
        };
        let mut counted = locked(&counted);
        let count = counted.entry(shard.to_owned()).or_default();
        *count += 1;
        if shard == "0003" && *count == 1 {
            Lost::Before.failing()
        } else {
            Interference::Pass
        }
    });
    let run = act.spawn("run").ended().await;
    let before = act.told();
    let done = run.with(|e| {
        let of = |details: &Details| match details {
            Details::MapIterationSucceeded(iteration) => Some(iteration.index),
            _ => None,
        };
        e.history
            .iter()
            .filter_map(|event| event.details.as_ref())
            .filter_map(of)
            .collect::<Vec<_>>()
    });
    act.must(done == [0, 1], "the cell", format!("{done:?} are done"));
    redriven(&act, &run).await;
    must_have_made(&act, Made::ONE);
    let calls = locked(&calls).clone();
    let wanted = [("0001", 1), ("0002", 1), ("0003", 2)].map(|(shard, count)| (shard.to_owned(), count));
    act.must(
        calls == BTreeMap::from(wanted),
        "what is done stays done",
        format!("{calls:?}"),
    );
    act.must(
        entries(&run, "VerifyObjects") == 1,
        "the Map goes on",
        "it began anew",
    );
    let end = act.end_since(&before, &run, false);
    (run, end)
}
