//! Real runs of the real state machine and functions, which keep every invariant; and one that the judge is told not to
//! believe, so that it is seen to look.

use futures_util::future::join;
use jiff::SignedDuration;
use serde_json::json;
use sha2::{Digest, Sha256};
use sim::asl::VirtualClock;
use sim::matrix::{Prepared, SCENES, sound_rdb};
use sim::model::{Model, Setting};
use sim::stage::{BUCKET, DEPLOYMENT, Stage};
use sim::trace::Caller;
use sim::world::elasticache::{Group, Profile};
use sim::world::s3::ObjectRef;
use sim::world::{FixedContent, SnapshotFault, When};
use std::collections::BTreeMap;
use std::future::Future;

fn setting() -> Setting {
    Setting::new(DEPLOYMENT, BUCKET)
}

/// Plays on a judged stage; gives what did not hold.
fn judged<F: Future<Output = Stage>>(
    setting: Setting,
    prepared: &Prepared,
    play: impl FnOnce(Stage) -> F,
) -> Vec<String> {
    let model = Model::new(setting);
    let judge = model.clone();
    VirtualClock::run(prepared.due, |clock| async move {
        let stage = prepared.stage(clock);
        let now = stage.ports.clock.now();
        stage.ports.trace.judge(&stage.ports.world(), now, judge.clone());
        let stage = play(stage).await;
        pass(&stage, 1).await;
        stage.ports.settle();
        judge.at_rest(stage.ports.clock.now());
    })
    .unwrap();
    model.violations().iter().map(ToString::to_string).collect()
}

async fn pass(stage: &Stage, hours: i64) {
    let time = SignedDuration::from_hours(hours).unsigned_abs();
    stage.ports.clock.sleep(time).await;
}

#[test]
fn a_calm_night_of_every_scene_keeps_every_invariant() {
    for scene in SCENES {
        let prepared = scene.prepare();
        let input = scene.input(prepared.due);
        let violations = judged(setting(), &prepared, |stage| async move {
            let run = stage.start("run", input).await;
            // A scene may be one in which the first export fails.
            if run.with(|execution| execution.output.is_none()) {
                stage.redrive(&run).await.unwrap();
            }
            assert!(run.with(|execution| execution.output.is_some()), "{}", scene.name);
            stage
        });
        assert!(violations.is_empty(), "{}: {violations:#?}", scene.name);
    }
}

/// The hourly look of the dead man's switch.
async fn look(stage: &Stage) {
    let event = json!({"now": stage.ports.clock.now(), "watched": [{
        "cache": {"kind": "replication-group", "id": "orders"}, "plan": "nightly",
        "maxAgeSeconds": 30 * 3600, "paused": false
    }]});
    stage.functions.call(Caller::of("watch"), event).await.unwrap();
}

#[test]
fn many_nights_with_all_that_may_come_keep_every_invariant() {
    let prepared = SCENES[0].prepare();
    let violations = judged(setting(), &prepared, |stage| async move {
        for night in 0..6 {
            look(&stage).await;
            match night {
                1 => stage.person(|world, _| {
                    let faults = &mut world.faults;
                    faults.arm_snapshot(SnapshotFault::Fails, When::next(1));
                }),
                3 => stage.person(|world, _| {
                    let odd = FixedContent::shared(&sound_rdb(3));
                    world.contents.attach("orders/0001", odd);
                }),
                _ => {}
            }
            let now = stage.ports.clock.now();
            let input = SCENES[0].input(now);
            stage.start(&format!("again-{night}"), input).await;
            let instant = now.strftime("%Y%m%dt%H%Mz");
            if night == 4 {
                let manifest = ObjectRef {
                    bucket: BUCKET.to_owned(),
                    key: format!("backups/replication-group/orders/{instant}/manifest.json"),
                    version_id: None,
                };
                let tags = BTreeMap::from([("snapkeep:accept".to_owned(), "jo".to_owned())]);
                stage
                    .person(|world, now| world.put_object_tagging(&manifest, &tags, now))
                    .unwrap();
            }
            pass(&stage, 24).await;
        }
        pass(&stage, 24).await;
        look(&stage).await;
        stage
    });
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn the_judge_sees_what_a_real_run_records() {
    let mut distrustful = setting();
    distrustful.unsound.insert(Sha256::digest(sound_rdb(40)).into());
    let prepared = SCENES[0].prepare();
    let input = SCENES[0].input(prepared.due);
    let violations = judged(distrustful, &prepared, |stage| async move {
        stage.start("run", input).await;
        stage
    });
    assert!(
        violations.iter().any(|text| text.starts_with("I5")),
        "{violations:#?}"
    );
}

#[test]
fn the_longest_id_two_plans_and_a_duplicate_keep_every_invariant() {
    let id = "a-replication-group-with-the-longest-id";
    let mut setting = setting();
    setting.deployments.insert("blue".to_owned(), "blue".to_owned());
    let prepared = SCENES[0].prepare();
    let violations = judged(setting, &prepared, |stage| async move {
        stage.person(|world, _| {
            world.put_group(Group::enabled(id, 3, &["eu-west-1a"], Profile::default()));
            for shard in 1..=3 {
                let content = FixedContent::shared(&sound_rdb(shard));
                world.contents.attach(&format!("{id}/{shard:04}"), content);
            }
        });
        for night in 0..3 {
            let mut input = SCENES[0].input(stage.ports.clock.now());
            input["cache"]["id"] = json!(id);
            input["retention"] = json!({"keepLast": 1});
            let (first, second) = (format!("night-{night}"), format!("duplicate-{night}"));
            let first = stage.begin(&first, input.clone());
            let second = stage.begin(&second, input.clone());
            join(stage.drive(&first), stage.drive(&second)).await;
            pass(&stage, 6).await;
            input["plan"] = json!("weekly");
            input["scheduledTime"] = json!(stage.ports.clock.now().to_string());
            stage.start(&format!("weekly-{night}"), input).await;
            pass(&stage, 6).await;
        }
        let mut input = SCENES[0].input(stage.ports.clock.now());
        input["cache"]["id"] = json!(id);
        stage.deployment("blue").start("blue", input).await;
        stage
    });
    assert!(violations.is_empty(), "{violations:#?}");
}
