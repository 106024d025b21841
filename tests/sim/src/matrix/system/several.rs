//! Several caches, plans and deployments at once: none may suffer from another.

use super::SystemCell;
use super::look::{Ended, TWO_NIGHTS, cell, instant};
use crate::asl::{Run, Status};
use crate::matrix::scene::{Scene, Way};
use crate::matrix::{Act, Going, sound_rdb};
use crate::ports::{Asked, Disturb, Effect, Strike};
use crate::stage::Interference;
use crate::world::elasticache::{Group, Profile};
use crate::world::{AwsError, FixedContent, SnapshotFault, When};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

const GROUP: &str = "several caches";

/// The caches beside the scene's own.
const OTHERS: [(&str, &str); 3] = [
    ("replication-group", "sessions"),
    ("cache-cluster", "lonely"),
    ("serverless-cache", "catalog"),
];

/// All cells of the group.
pub(super) fn cells() -> Vec<SystemCell> {
    vec![
        cell(GROUP, "one fails", &TWO_NIGHTS, one_fails),
        cell(GROUP, "one hangs", &TWO_NIGHTS, one_hangs),
        cell(GROUP, "mutual throttling", &TWO_NIGHTS, throttled),
        cell(GROUP, "one removed", &TWO_NIGHTS, one_removed),
        cell(GROUP, "same name after truncation", &TWO_NIGHTS, |act| {
            alike(act, LONG_TOO.to_owned())
        }),
        cell(
            GROUP,
            "an id that is another's truncated name",
            &TWO_NIGHTS,
            |act| alike(act, stem(LONG)),
        ),
        cell(GROUP, "two deployments, minutes apart", &TWO_NIGHTS, |act| {
            two_deployments(act, 20)
        }),
        cell(GROUP, "two deployments, the same minute", &TWO_NIGHTS, |act| {
            two_deployments(act, 0)
        }),
        cell(GROUP, "two plans, minutes apart", &TWO_NIGHTS, |act| {
            two_plans(act, 20)
        }),
        cell(GROUP, "two plans, the same minute", &TWO_NIGHTS, |act| {
            two_plans(act, 0)
        }),
    ]
}

fn quiet(act: &Act, kind: &'static str, id: &'static str) -> Value {
    let scene = Scene {
        name: id,
        kind,
        id,
        nights: 0,
        way: Way::Calm,
    };
    let mut input = scene.input(act.due);
    input["notify"] = json!("failure");
    input
}

fn others(act: &Act) -> Vec<Going> {
    let start = |(kind, id)| act.spawn_with(&format!("beside-{id}"), quiet(act, kind, id));
    OTHERS.into_iter().map(start).collect()
}

async fn others_succeed(act: &Act, others: Vec<Going>) {
    for going in others {
        let run = going.ended().await;
        let (name, status, error) = run.with(|e| (e.name.clone(), e.status, e.error.clone()));
        act.must(
            status == Status::Succeeded,
            "no cache suffers from another",
            format!("{name}: {error:?}"),
        );
    }
    for (kind, id) in OTHERS {
        let manifests = act.manifests_of(&format!("{kind}/{id}"));
        let wanted = [instant(act.due)];
        act.must(
            manifests == wanted,
            "each cache has its backup",
            format!("{id}: {manifests:?}"),
        );
    }
}

async fn one_fails(act: Act) -> Ended {
    let fails = When::named("orders-");
    act.stage
        .person(|world, _| world.faults.arm_snapshot(SnapshotFault::Fails, fails));
    let (going, beside) = (act.spawn("run"), others(&act));
    others_succeed(&act, beside).await;
    let run = going.ended().await;
    let end = act.end_of(&run, false);
    act.must_have(&[1, 2]);
    (run, end)
}

/// The first call of each task of the one hangs until its time is up; the others are done long before.
async fn one_hangs(act: Act) -> Ended {
    let mut hung = BTreeSet::new();
    act.stage.functions.meddle(move |call| {
        if call.execution_arn.ends_with(":run") && hung.insert(call.state.clone()) {
            return Interference::HangBefore;
        }
        Interference::Pass
    });
    let (going, beside) = (act.spawn("run"), others(&act));
    others_succeed(&act, beside).await;
    act.must(
        going.run.status() == Status::Running,
        "the others are done before",
        "they are not",
    );
    let took = act.stage.ports.clock.now().duration_since(act.due);
    act.must(
        took < SignedDuration::from_mins(10),
        "no cache waits for another",
        format!("{took}"),
    );
    let run = going.ended().await;
    let end = act.end_of(&run, false);
    act.unmeddled();
    act.must_have(&[0, 1]);
    (run, end)
}

/// Throttles every third call that was not throttled before.
#[derive(Default)]
struct EveryThird(Mutex<(u32, BTreeSet<String>)>);

impl Disturb for EveryThird {
    fn strike(&self, asked: &Asked<'_>) -> Strike {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.0 += 1;
        let (arn, operation) = (asked.caller.execution.as_deref(), asked.operation);
        let call = format!("{arn:?} {:?} {operation} {}", asked.caller.state, asked.argument);
        if !seen.0.is_multiple_of(3) || !seen.1.insert(call) {
            return Strike::Pass;
        }
        Strike::Answer(AwsError::new(400, "Throttling", "Rate exceeded"), Effect::None)
    }
}

async fn throttled(act: Act) -> Ended {
    let crowd = Arc::new(EveryThird::default());
    let mut act = act;
    act.stage = act.stage.disturbed(Arc::clone(&crowd) as _);
    let (going, beside) = (act.spawn("run"), others(&act));
    others_succeed(&act, beside).await;
    let run = going.ended().await;
    let struck = crowd.0.lock().unwrap_or_else(PoisonError::into_inner).1.len();
    act.must(struck > 20, "many calls are throttled", format!("{struck}"));
    let end = act.end_of(&run, false);
    act.must_have(&[0, 1]);
    (run, end)
}

async fn one_removed(act: Act) -> Ended {
    let group = act.stage.person(|world, _| {
        let group = world.group_mut("orders").map(|group| group.clone());
        world.remove_cache("orders");
        group
    });
    let (going, beside) = (act.spawn("run"), others(&act));
    others_succeed(&act, beside).await;
    let run = going.ended().await;
    let end = act.end_of(&run, false);
    act.must_have(&[1, 2]);
    // It is made again, or no later night could succeed.
    act.stage
        .person(|world, _| group.map(|group| world.put_group(group)));
    (run, end)
}

/// Too long for a snapshot's name.
const LONG: &str = "orders-and-invoices-of-region-one";
/// The same in its first 32 characters.
const LONG_TOO: &str = "orders-and-invoices-of-region-onx";
/// [`LONG`] and another cache whose snapshots could be mistaken for its own, at the same minute.
async fn alike(act: Act, other: String) -> Ended {
    let (one, other) = (LONG, other.as_str());
    act.stage.person(|world, _| {
        for (id, keys) in [(one, 7), (other, 9)] {
            world.put_group(Group::disabled(
                id,
                &["eu-west-1a", "eu-west-1b"],
                Profile::default(),
            ));
            let content = FixedContent::shared(&sound_rdb(keys));
            world.contents.attach(&format!("{id}/0001"), content);
        }
    });
    let input = |id: &str| {
        let mut input = act.input();
        input["cache"]["id"] = json!(id);
        input["notify"] = json!("failure");
        input
    };
    let first = act.spawn_with("first", input(one));
    act.pass(SignedDuration::from_secs(1)).await;
    let second = act.spawn_with("second", input(other));
    let (first, second) = (first.ended().await, second.ended().await);
    act.must(
        first.status() == Status::Succeeded,
        "the first has its backup",
        "it has none",
    );
    for (id, keys) in [(one, 7), (other, 9)] {
        let key = format!(
            "backups/replication-group/{id}/{}/manifest.json",
            instant(act.due)
        );
        let manifest = act.json(&key);
        let found = &manifest["objects"][0]["keys"];
        act.must(
            *found == keys || (manifest.is_null() && id == other),
            "each backup has its own cache's data",
            format!("{id} has {found} keys"),
        );
    }
    let end = act.end_of(&second, false);
    let is_recorded = act.manifests_of(&format!("replication-group/{other}")).len() == 1;
    act.must(
        is_recorded == end.error().is_none(),
        "the second is recorded unless it fails",
        end.to_string(),
    );
    if is_recorded {
        return (second, end);
    }
    // What its alert says: another time of its own.
    let at = act.due + SignedDuration::from_mins(30);
    act.wait_until(at).await;
    let mut input = input(other);
    input["scheduledTime"] = json!(at.to_string());
    let again = act.spawn_with("again", input).ended().await;
    (again, end)
}

/// The name of a snapshot of the cache, without the minute.
fn stem(id: &str) -> String {
    let name = backup_core::CacheId::parse(id).ok().and_then(|id| {
        let at = backup_core::Instant::parse("20260101t0000z")?;
        Some(backup_core::SnapshotName::for_run(&id, at).to_string())
    });
    let name = name.unwrap_or_default();
    name.strip_suffix("-202601010000").unwrap_or(&name).to_owned()
}

/// Another deployment backs the same cache up into the same bucket.
async fn two_deployments(act: Act, minutes: i64) -> Ended {
    let blue = act.stage.deployment("blue");
    act.of_deployment("blue", "blue");
    let at = act.due + SignedDuration::from_mins(minutes);
    let mut input = act.scene.input(at);
    input["retention"] = json!({"keepLast": 1});
    input["notify"] = json!("failure");
    beside(&act, "blue/nightly", at, async move {
        blue.start("blue", input).await
    })
    .await
}

/// Another plan of the same deployment backs the same cache up.
async fn two_plans(act: Act, minutes: i64) -> Ended {
    let (stage, at) = (act.stage.clone(), act.due + SignedDuration::from_mins(minutes));
    let mut input = act.scene.input(at);
    input["plan"] = json!("hourly");
    input["retention"] = json!({"keepLast": 1});
    input["notify"] = json!("failure");
    beside(&act, "main/hourly", at, async move {
        stage.start("hourly", input).await
    })
    .await
}

/// The run of the scene, and soon after it, or in the same minute, another owner's: its end is the cell's.
async fn beside(act: &Act, owner: &str, at: jiff::Timestamp, other: impl Future<Output = Arc<Run>>) -> Ended {
    let ours = act.quietly("run", act.input());
    let theirs = async {
        act.wait_until(at + SignedDuration::from_secs(1)).await;
        other.await
    };
    let (ours, theirs) = futures_util::future::join(ours, theirs).await;
    act.must(
        ours.status() == Status::Succeeded,
        "ours has its backup",
        format!("{:?}", ours.with(|e| e.error.clone())),
    );
    let key = |at| format!("{}manifest.json", act.folder(at));
    let owner_of = |at| act.json(&key(at))["owner"].clone();
    act.must(
        owner_of(act.due) == "main/nightly",
        "ours is recorded",
        owner_of(act.due).to_string(),
    );
    let end = act.end_of(&theirs, false);
    if at != act.due {
        act.must(
            owner_of(at) == *owner,
            "theirs is recorded",
            owner_of(at).to_string(),
        );
        act.must(
            act.manifests().len() == 3,
            "each owner's retention is its own",
            format!("{:?}", act.manifests()),
        );
    }
    let run = if end.error().is_some() { ours } else { theirs };
    (run, end)
}
