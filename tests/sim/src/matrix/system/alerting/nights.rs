//! What is told of nights that do not run, fail in a row, are stopped, or do not end.

use crate::asl::{Status, TaskError};
use crate::matrix::system::look::{Ended, nights_before};
use crate::matrix::{Act, End, Told};
use crate::stage::Interference;
use crate::world::{SnapshotFault, When};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// No schedule fires for two days; the plan allows 26 hours.
pub(super) async fn silence(act: Act) -> Ended {
    let mut ratios = Vec::new();
    for hours in 0..48 {
        act.wait_until(act.due + SignedDuration::from_hours(hours)).await;
        let mut event = act.look_event();
        event["watched"][0]["maxAgeSeconds"] = json!(26 * 3600);
        act.stage.watch(event).await;
        ratios.push(act.ratio().unwrap_or_default());
    }
    // The last backup is a night old at first.
    let seen = ratios.iter().position(|ratio| *ratio > 1.0);
    let right = seen.is_some_and(|hours| (2..=3).contains(&hours));
    act.must(
        right,
        "a missing night is seen within an hour",
        format!("{ratios:?}"),
    );
    let until_mended = ratios.iter().skip(3).all(|ratio| *ratio > 1.0);
    act.must(
        until_mended,
        "it is seen until somebody looks",
        format!("{ratios:?}"),
    );
    let told = act.told();
    act.must(
        told == Told::default(),
        "nothing ran that could tell",
        format!("{told:?}"),
    );
    let next = nights_before(act.due, -2);
    act.wait_until(next).await;
    let (run, end) = act.night(act.scene.input(next)).await;
    let ratio = act.look().await.unwrap_or(f64::MAX);
    act.must(ratio < 0.5, "it ends with the next backup", format!("{ratio}"));
    (run, end)
}

pub(super) async fn recovery(act: Act) -> Ended {
    super::fail(&act, 3);
    let mut last = None;
    for night in 0..5 {
        let at = nights_before(act.due, -night);
        act.wait_until(at).await;
        let mut input = act.scene.input(at);
        input["notify"] = json!("recovery");
        let before = act.told();
        let run = act.spawn_with(&format!("night-{night}"), input).ended().await;
        let (told, (subject, ..)) = (act.told().since(&before), act.last_message());
        let (failures, successes) = (usize::from(night < 3), usize::from(night == 3));
        let right = (told.failures, told.successes) == (failures, successes);
        act.must(
            right,
            "each failure and the recovery are told once",
            format!("night {night}: {told:?}"),
        );
        if night == 3 {
            act.must(
                subject.contains("works again after 3 failures"),
                "the failures are counted",
                subject,
            );
        }
        last = Some((Arc::clone(&run), act.end_since(&before, &run, false)));
    }
    let Some(last) = last else {
        return act.night(act.input()).await;
    };
    last
}

pub(super) async fn aborted(act: Act) -> Ended {
    let going = act.spawn("run");
    act.until(&going.run, "WaitForSnapshot", 1).await;
    act.abort(&going.run);
    let run = going.ended().await;
    let end = act.end_of(&run, false);
    let (subject, email, _) = act.last_message();
    act.must(
        subject.contains("ABORTED orders"),
        "it is told as what it was",
        subject,
    );
    act.must(
        email.contains("redrive-execution"),
        "it is told how to go on",
        email,
    );
    (run, end)
}

/// The snapshot takes 22 hours and 50 minutes of the 23 that the run is given, and then Lambda is slow and throttles:
/// the state machine's own 24 hours end before the run does.
pub(super) async fn timed_out(act: Act) -> Ended {
    let takes = SnapshotFault::Takes(SignedDuration::from_mins(22 * 60 + 50));
    act.stage
        .person(|world, _| world.faults.arm_snapshot(takes, When::next(1)));
    let mut attempts = BTreeMap::<String, u32>::new();
    act.stage.functions.meddle(move |call| {
        if !["VerifyObject", "RecordBackup", "Prune", "NotifySuccess"].contains(&call.state.as_str()) {
            return Interference::Pass;
        }
        let attempt = attempts.entry(call.state.clone()).or_default();
        *attempt += 1;
        match *attempt {
            1..=2 => Interference::HangBefore,
            3..=18 => Interference::FailBefore(TaskError {
                error: "Lambda.TooManyRequestsException".to_owned(),
                cause: "Rate Exceeded.".to_owned(),
            }),
            _ => Interference::Pass,
        }
    });
    let mut input = act.input();
    input["deadlineSeconds"] = json!(23 * 3600);
    let run = act.spawn_with("run", input).ended().await;
    act.unmeddled();
    let took = run.with(|e| e.stop_date.map(|at| at.duration_since(e.start_date)));
    let is_day = took == Some(SignedDuration::from_hours(24));
    act.must(
        is_day && run.status() == Status::TimedOut,
        "it ends after a day",
        format!("{took:?}"),
    );
    let (told, (subject, ..)) = (act.told(), act.last_message());
    act.must(
        told.failures == 1,
        "one alert for one failure",
        format!("{told:?}"),
    );
    act.must(
        subject.contains("TIMED OUT orders") || subject.contains("TIMED_OUT orders"),
        "it is told as what it was",
        subject,
    );
    let name = "States.Timeout".to_owned();
    let end = if told.safe > 0 {
        End::Safe(name)
    } else {
        End::Fails(name)
    };
    (run, end)
}
