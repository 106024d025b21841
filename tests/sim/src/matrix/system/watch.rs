//! The dead man's switch: each call that `watch` makes × what can happen to it.

use super::SystemCell;
use super::look::{Ended, TWO_NIGHTS, call, cell, nights_before};
use crate::asl::VirtualClock;
use crate::matrix::{Act, Disturber, End, Fault};
use crate::stage::{BUCKET, Stage};
use crate::trace::Caller;
use crate::world::s3::{GetObjectRequest, PutObjectRequest};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const GROUP: &str = "watch";

/// Which look at the cache it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// The first: it writes its marker.
    First,
    /// The second: it reads it.
    Second,
}

/// All cells of the group: those calls of a look that are found by looking, each the first and the last time it is made.
pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells = Vec::new();
    for (look, word) in [(Look::First, "first look"), (Look::Second, "second look")] {
        for (operation, times) in calls(look) {
            let mut skips = vec![0, times - 1];
            skips.dedup();
            for (skip, fault) in skips
                .into_iter()
                .flat_map(|skip| Fault::ALL.map(|fault| (skip, fault)))
            {
                let call = call("watch", &operation);
                // What it reads was written to S3 by us long before, and S3's own reads do not lag.
                if !fault.can_strike(&call) || fault == Fault::Lag {
                    continue;
                }
                let name = format!("{word}, {operation} {}, {}", skip + 1, fault.heading());
                let operation = operation.clone();
                cells.push(cell(GROUP, name, &TWO_NIGHTS, move |act| {
                    disturbed(act, look, operation.clone(), skip, fault)
                }));
            }
        }
    }
    cells
}

/// The calls of an undisturbed look, each with how often it is made.
fn calls(look: Look) -> BTreeMap<String, u32> {
    let disturber = Arc::new(Disturber::recording(false));
    let recording = Arc::clone(&disturber);
    let looked = VirtualClock::run(TWO_NIGHTS.due, |clock| async move {
        let stage = TWO_NIGHTS.stage(clock);
        suspect(&stage, TWO_NIGHTS.due);
        if look == Look::Second {
            watch(&stage).await;
        }
        watch(&stage.disturbed(recording)).await
    });
    assert!(matches!(looked, Ok(true)), "an undisturbed look answers");
    disturber
        .calls()
        .into_iter()
        .map(|(call, times)| (call.operation, times))
        .collect()
}

async fn watch(stage: &Stage) -> bool {
    let event = event(stage.ports.clock.now());
    stage.functions.call(Caller::of("watch"), event).await.is_ok()
}

fn event(now: Timestamp) -> Value {
    json!({"now": now, "watched": [{
        "cache": {"kind": "replication-group", "id": "orders"}, "plan": "nightly", "maxAgeSeconds": 30 * 3600
    }]})
}

/// Makes last night's backup suspicious, so that a look asks for its tags and goes on to the night before.
fn suspect(stage: &Stage, due: Timestamp) {
    let at = nights_before(due, 1).strftime("%Y%m%dt%H%Mz");
    let key = format!("backups/replication-group/orders/{at}/manifest.json");
    let changed = stage.person(|world, now| {
        let request = GetObjectRequest {
            bucket: BUCKET.to_owned(),
            key: key.clone(),
            ..Default::default()
        };
        let bytes = world.get_object(&request, now)?.read().unwrap_or_default();
        let mut manifest: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        manifest["suspicion"] = json!({"reasons": ["it holds no keys"]});
        let request = PutObjectRequest {
            bucket: BUCKET.to_owned(),
            key,
            body: manifest.to_string().into_bytes(),
            ..Default::default()
        };
        world.put_object(&request, now).map(drop)
    });
    assert!(changed.is_ok(), "{changed:?}");
}

/// Whole seconds by the 30 hours that are allowed.
fn ratio_since(from: Timestamp, to: Timestamp) -> Option<f64> {
    let seconds = u32::try_from(to.duration_since(from).as_secs()).ok()?;
    Some(f64::from(seconds) / (30.0 * 3600.0))
}

/// An hour's look is disturbed: it says what is so, or nothing; the next hour's says what is so.
async fn disturbed(act: Act, look: Look, operation: String, skip: u32, fault: Fault) -> Ended {
    suspect(&act.stage, act.due);
    if look == Look::Second {
        act.look().await;
        act.pass(SignedDuration::from_hours(1)).await;
    }
    let target = call("watch", &operation);
    let plan = fault.plan(&target);
    // Of all that is read only one thing is not there: the marker, or the backup that would count.
    let (skip, about) = match (fault, skip, operation.as_str()) {
        (Fault::NotFound, 0, "GetObject") => (0, "watch/"),
        (Fault::NotFound, _, "GetObject") => (1, "manifest.json"),
        _ => (skip, ""),
    };
    let is_gone = about == "manifest.json";
    act.strike(target, skip, about, plan);
    let (now, manifest) = (
        act.stage.ports.clock.now(),
        format!("{}manifest.json", act.folder(nights_before(act.due, 2))),
    );
    let made: Option<Timestamp> = act.json(&manifest)["snapshot"]["createTime"]
        .as_str()
        .and_then(|at| at.parse().ok());
    let truth = |at: Timestamp| made.and_then(|made| ratio_since(made, at));
    let since = act.due;
    let ratio = act.look().await;
    act.must(act.disturber.struck() > 0, "the fault strikes", "it never did");
    let undelivered = act.told().undelivered;
    // Where the only good backup is gone, there is none, and it counts from the first look.
    let should = if is_gone {
        ratio_since(since, now)
    } else {
        truth(now)
    };
    act.must(
        ratio.is_none() || ratio == should,
        "never a wrong ratio",
        format!("{ratio:?}, not {should:?}"),
    );
    let is_told = ratio.is_some() == (undelivered == 0);
    act.must(
        is_told,
        "a look without a metric lies in the queue",
        format!("{ratio:?}, {undelivered} there"),
    );
    act.disturber.lift();
    act.wait_until(now + SignedDuration::from_hours(1)).await;
    let (is, should) = (act.look().await, truth(act.stage.ports.clock.now()));
    act.must(
        is == should && is.is_some(),
        "the next look is right",
        format!("{is:?}, not {should:?}"),
    );
    // A duplicate of last night's run finds everything as it was.
    let last = act.scene.input(nights_before(act.due, 1));
    let run = act.quietly("duplicate", last).await;
    act.must_have(&[1, 2]);
    let end = if undelivered > 0 {
        End::Undelivered
    } else {
        End::Recovers
    };
    (run, end)
}
