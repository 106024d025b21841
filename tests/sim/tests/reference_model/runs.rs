//! Real runs of the real state machine and functions, which keep every invariant.

use jiff::{SignedDuration, Timestamp};
use sim::asl::VirtualClock;
use sim::matrix::SCENES;
use sim::model::{Model, Setting};
use sim::stage::{BUCKET, DEPLOYMENT};

#[test]
fn a_calm_night_of_every_scene_keeps_every_invariant() {
    for scene in SCENES {
        let prepared = scene.prepare();
        let model = Model::new(Setting::new(DEPLOYMENT, BUCKET));
        let judge = model.clone();
        VirtualClock::run(prepared.due, |clock| async move {
            let stage = prepared.stage(clock);
            let now: Timestamp = stage.ports.clock.now();
            stage.ports.trace.judge(&stage.ports.world(), now, judge.clone());
            let run = stage.start("run", scene.input(prepared.due)).await;
            // A scene may be one in which the first export fails.
            if run.with(|execution| execution.output.is_none()) {
                stage.redrive(&run).await.unwrap();
            }
            assert!(run.with(|execution| execution.output.is_some()), "{}", scene.name);
            stage
                .ports
                .clock
                .sleep(SignedDuration::from_hours(1).unsigned_abs())
                .await;
            stage.ports.settle();
            judge.at_rest(stage.ports.clock.now());
        })
        .unwrap();
        let texts: Vec<String> = model.violations().iter().map(ToString::to_string).collect();
        assert!(texts.is_empty(), "{}: {texts:#?}", scene.name);
    }
}
