//! What comes between prune and its deletions: locks, crashes, crowds, caches that go, runs beside it, the fuse.

use crate::asl::Status;
use crate::matrix::system::look::{Ended, call, instant, nights_before};
use crate::matrix::{Act, Fault, Plan};
use crate::ports::{Effect, Strike};
use crate::stage::Interference;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

/// A policy forbids to delete one kind of object until somebody lifts it.
pub(super) async fn locked(act: Act, about: &'static str) -> Ended {
    let oldest = act.folder(nights_before(act.due, 2));
    let before = act.keys(&oldest);
    act.aim("Prune", "DeleteObject", about, Fault::Denied);
    let ended = act.night(act.input()).await;
    let left = act.keys(&oldest);
    if about == "manifest.json" {
        act.must(left == before, "no manifest without objects", format!("{left:?}"));
        act.must_have(&[0, 1, 2]);
    } else {
        act.must_have(&[0, 1]);
        let told = left.iter().any(|key| key.contains("/verdicts/"));
        act.must(told, "what shows the owner goes last", format!("{left:?}"));
    }
    ended
}

/// The process dies between the manifest and the objects; later nights find what is left over.
pub(super) async fn cut_short(act: Act, days: i64) -> Ended {
    let oldest = act.folder(nights_before(act.due, 2));
    let killed = Plan::Times(Strike::Killed(Effect::None), 1);
    act.strike(call("Prune", "DeleteObject"), 1, "", killed);
    let ended = act.night(act.input()).await;
    act.must(act.disturber.struck() == 1, "the fault strikes", "it never did");
    act.must_have(&[0, 1]);
    let left = act.keys(&oldest);
    act.must(!left.is_empty(), "left over until it is old", "nothing is left");
    later_night(&act, days).await;
    let swept = act.keys(&oldest);
    let wanted = if days > 16 { Vec::new() } else { left };
    act.must(
        swept == wanted,
        "leftovers are swept once they are 16 days old",
        format!("{swept:?}"),
    );
    ended
}

/// So many days later another night succeeds.
async fn later_night(act: &Act, days: i64) {
    let later = nights_before(act.due, -days);
    act.wait_until(later).await;
    let run = act.quietly("later", act.scene.input(later)).await;
    act.must(
        run.status() == Status::Succeeded,
        "later nights succeed",
        format!("{:?}", run.status()),
    );
}

/// What a run of another plan left is swept by that plan, however old it is; what names no owner is swept by nobody.
pub(super) async fn others_leftovers(act: Act) -> Ended {
    let folders = ["20260301t0300z", "20260301t0400z"];
    let key = |(at, file): (&str, &str)| format!("backups/replication-group/orders/{at}/{file}");
    let keys: Vec<String> = folders
        .iter()
        .map(|at| key((at, "orders-0001.rdb")))
        .chain([key((folders[0], "alert-0.json"))])
        .collect();
    act.put(keys[..2].to_vec(), b"left");
    act.put(keys[2..].to_vec(), br#"{"owner": "main/weekly"}"#);
    let ended = act.night(act.input()).await;
    later_night(&act, 17).await;
    act.must_keep(&keys);
    ended
}

/// The manifests lie on the listing's eleventh page.
pub(super) async fn crowded(act: Act) -> Ended {
    let (person, done) = (act.clone(), AtomicBool::new(false));
    act.stage.functions.meddle(move |call| {
        if call.state == "Prune" && !done.swap(true, Ordering::Relaxed) {
            let key = |n| format!("backups/replication-group/orders/20260101t0200z/part-{n:05}");
            person.put((0..10_000).map(key), b"");
        }
        Interference::Pass
    });
    let ended = act.night(act.input()).await;
    act.unmeddled();
    act.must_have(&[0, 1]);
    let left = act.keys("backups/replication-group/orders/20260101t0200z/").len();
    act.must(
        left == 10_000,
        "nothing else is deleted",
        format!("{left} of 10,000 are left"),
    );
    ended
}

/// The cache is deleted once its snapshot is exported: the backup is recorded and the retention stands.
pub(super) async fn deleted_during(act: Act) -> Ended {
    let going = act.spawn("run");
    act.until(&going.run, "CheckExport", 1).await;
    act.stage.person(|world, _| world.remove_cache("orders"));
    let run = going.ended().await;
    act.must_have(&[0, 1]);
    let end = act.end_of(&run, false);
    (run, end)
}

/// The cache is gone before the night: nothing is made, and what there is of it stays.
pub(super) async fn deleted_before(act: Act) -> Ended {
    let group = act.stage.person(|world, _| {
        let group = world.group_mut("orders").map(|group| group.clone());
        world.remove_cache("orders");
        group
    });
    let keys = act.keys("backups/");
    let ended = act.night(act.input()).await;
    act.must_have(&[1, 2]);
    act.must_keep(&keys);
    // A cache of that name is made again, or no later night could succeed.
    act.stage
        .person(|world, _| group.map(|group| world.put_group(group)));
    ended
}

/// A second run, due half an hour later, verifies its objects while this one prunes.
pub(super) async fn concurrent(act: Act) -> Ended {
    let mut hangs = [("run", "Prune"), ("second", "VerifyObject")].to_vec();
    act.stage.functions.meddle(move |call| {
        let is_it = |(name, state): &(&str, &str)| call.execution_arn.ends_with(name) && call.state == *state;
        let found = hangs.iter().position(is_it);
        found.map_or(Interference::Pass, |place| {
            hangs.remove(place);
            Interference::HangBefore
        })
    });
    let going = act.spawn("run");
    act.until(&going.run, "CheckExport", 1).await;
    let later = act.due + SignedDuration::from_mins(30);
    let mut input = act.scene.input(later);
    input["notify"] = json!("failure");
    let second = act.spawn_with("second", input);
    let run = going.ended().await;
    let end = act.end_of(&run, false);
    let is_verifying = second.run.with(|e| e.output.is_none()) && !act.keys(&act.folder(later)).is_empty();
    act.must(is_verifying, "the second one verifies meanwhile", "it does not");
    act.must_have(&[0, 1]);
    let second = second.ended().await;
    let (status, error) = second.with(|e| (e.status, e.error.clone()));
    act.must(
        status == Status::Succeeded,
        "the second one succeeds",
        format!("{error:?}"),
    );
    let wanted = [instant(act.due), instant(later)];
    let found = act.manifests();
    act.must(found == wanted, "the newest two stay", format!("{found:?}"));
    act.unmeddled();
    (run, end)
}

/// The plan would delete two backups where one is allowed; the next night's input allows both.
pub(super) async fn fuse(act: Act) -> Ended {
    let tight = |mut input: Value, most: u32| {
        input["retention"] = json!({"keepLast": 1, "minimum": 1, "maxDeletions": most});
        input
    };
    let keys = act.keys("backups/");
    let (_, end) = act.night(tight(act.input(), 1)).await;
    act.must_have(&[0, 1, 2]);
    act.must_keep(&keys);
    let next = nights_before(act.due, -1);
    act.wait_until(next).await;
    let run = act.quietly("next", tight(act.scene.input(next), 3)).await;
    act.must_have(&[-1]);
    (run, end)
}
