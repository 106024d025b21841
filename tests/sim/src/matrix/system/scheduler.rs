//! The schedule's own call: `StartExecution` × what can happen to it.

use super::SystemCell;
use super::look::{Ended, TWO_NIGHTS, call, cell, instant, nights_before};
use crate::asl::Status;
use crate::matrix::{Act, End, Fault};
use jiff::SignedDuration;
use std::sync::Arc;

const GROUP: &str = "scheduler";

const FAULTS: [Fault; 13] = [
    Fault::Throttled,
    Fault::ThrottledOn,
    Fault::ErrorBefore,
    Fault::ErrorAfter,
    Fault::ErrorOn,
    Fault::LostAfter,
    Fault::HangAfter,
    Fault::HangBefore,
    Fault::Denied,
    Fault::Expired,
    Fault::NotFound,
    Fault::Exists,
    Fault::Quota,
];

/// All cells of the group.
pub(super) fn cells() -> Vec<SystemCell> {
    let name = |fault: Fault| format!("StartExecution, {}", fault.heading());
    FAULTS
        .into_iter()
        .map(|fault| cell(GROUP, name(fault), &TWO_NIGHTS, move |act| start(act, fault)))
        .collect()
}

async fn start(act: Act, fault: Fault) -> Ended {
    act.look().await;
    act.fault("scheduler", "StartExecution", fault);
    let fired = act.stage.fire("orders", &act.input(), act.due).await;
    let starts = act.disturber.calls()[&call("scheduler", "StartExecution")];
    act.must(
        fired.attempts == starts,
        "each attempt is a call",
        format!("{starts}"),
    );
    if fired.delivered {
        started(&act, fired.ended().await).await
    } else {
        let runs = fired.ended().await.len();
        act.must(
            runs == 0,
            "nothing is begun",
            format!("{runs} executions were begun"),
        );
        missed(&act).await
    }
}

/// A night that nobody could start lies in the queue, `watch` sees it, and the next one runs.
async fn missed(act: &Act) -> Ended {
    let undelivered = act.told().undelivered;
    act.must(
        undelivered == 1,
        "it lies in the queue once",
        format!("{undelivered}"),
    );
    act.must_have(&[1, 2]);
    let mut ratios = Vec::new();
    for hours in 2..=24 {
        act.wait_until(act.due + SignedDuration::from_hours(hours)).await;
        ratios.push(act.look().await.unwrap_or_default());
    }
    // Last night's data are 24 hours and a few seconds old at first, and 30 hours are allowed.
    let seen: Vec<bool> = ratios.iter().map(|ratio| *ratio > 1.0).collect();
    let right = (2..=24).map(|hours| hours >= 6).collect::<Vec<_>>();
    let late = (2..=24).map(|hours| hours > 6).collect::<Vec<_>>();
    act.must(
        seen == right || seen == late,
        "the missed night is seen after its time",
        format!("{ratios:?}"),
    );
    act.disturber.lift();
    let next = nights_before(act.due, -1);
    act.wait_until(next).await;
    let fired = act.stage.fire("orders", &act.scene.input(next), next).await;
    act.must(
        fired.delivered && fired.attempts == 1,
        "the next night starts",
        "it does not",
    );
    let run = fired.ended().await.into_iter().next();
    let ratio = act.look().await.unwrap_or(f64::MAX);
    act.must(ratio < 0.5, "the next night is seen", format!("{ratio}"));
    let Some(run) = run else {
        // Nothing else can be shown; the finding above says why.
        return act.night(act.input()).await;
    };
    act.must(
        run.status() == Status::Succeeded,
        "the next night succeeds",
        format!("{:?}", run.status()),
    );
    act.must_have(&[-1, 1]);
    (run, End::Undelivered)
}

/// One execution, or two of one run: the later finds what the first made.
async fn started(act: &Act, runs: Vec<Arc<crate::asl::Run>>) -> Ended {
    act.must_have(&[0, 1]);
    let names: Vec<_> = runs.iter().map(|run| run.with(|e| e.name.clone())).collect();
    let mut others = names.clone();
    others.dedup();
    act.must(
        others.len() == names.len(),
        "each attempt has a name of its own",
        format!("{names:?}"),
    );
    let statuses: Vec<_> = runs.iter().map(|run| run.status()).collect();
    act.must(
        statuses.iter().all(|status| *status == Status::Succeeded),
        "duplicates converge",
        format!("{statuses:?}"),
    );
    let made = act.snapshots();
    let wanted = act.scene.snapshot_name(act.due);
    act.must(
        made == [wanted.clone()],
        "one snapshot for one night",
        format!("{made:?}, not {wanted}"),
    );
    let made = act
        .disturber
        .calls()
        .get(&call("CreateSnapshot", "CreateSnapshot"))
        .copied();
    act.must(
        made == Some(1),
        "a snapshot is asked for once",
        format!("{made:?} times"),
    );
    let arn = act.json(&format!("{}manifest.json", act.folder(act.due)))["run"]["instant"].clone();
    act.must(
        arn == instant(act.due),
        "the instant is the scheduled one",
        arn.to_string(),
    );
    let duplicated = runs.len() > 1;
    let Some(run) = runs.into_iter().next() else {
        act.find("a delivered start begins a run", "there is none");
        return act.night(act.input()).await;
    };
    let end = act.end_of(&run, duplicated);
    (run, end)
}
