//! The dead man's switch over days: nights that run or do not, with a look every hour.

use crate::stage::{input, on_stage, pass, rdb, succeeded};
use backup_core::metrics::{Metric, Metrics};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::stage::{BUCKET, Stage};
use sim::trace::Caller;
use sim::world::FixedContent;
use sim::world::s3::ObjectRef;

/// A night's interval and six hours for the run.
const MAX_AGE_HOURS: i64 = 30;

/// One cache's plan with its schedule: a run each 24 hours while `runs`, a look each hour in any case.
struct Watch {
    stage: Stage,
    hour: i64,
    /// Whether the schedule of the runs works.
    runs: bool,
    paused: bool,
    plan: &'static str,
}

impl Watch {
    fn new(stage: Stage) -> Self {
        Self {
            stage,
            hour: 0,
            runs: true,
            paused: false,
            plan: "nightly",
        }
    }

    /// So many hours; gives the ratio of each hour's look.
    async fn hours(&mut self, hours: i64) -> Vec<f64> {
        let mut ratios = Vec::new();
        for _ in 0..hours {
            if self.runs && self.hour % 24 == 0 {
                self.night().await;
            }
            let next = self.stage.ports.clock.now() + SignedDuration::from_hours(1);
            // A run takes less than an hour here; the next look is on the hour all the same.
            let next = jiff::Timestamp::from_second(next.as_second() / 3600 * 3600).unwrap();
            pass(&self.stage, next.duration_since(self.stage.ports.clock.now())).await;
            self.hour += 1;
            ratios.push(self.look().await);
        }
        ratios
    }

    async fn night(&self) {
        let mut input = input("replication-group", "orders");
        input["plan"] = json!(self.plan);
        input["scheduledTime"] = json!(self.stage.ports.clock.now().to_string());
        let run = self
            .stage
            .start(&format!("{}-{}", self.plan, self.hour), input)
            .await;
        succeeded(&run);
    }

    /// One look, twice, as a delivery may be repeated.
    async fn look(&self) -> f64 {
        let event = json!({"now": self.stage.ports.clock.now(), "watched": [{
            "cache": {"kind": "replication-group", "id": "orders"}, "plan": "nightly",
            "maxAgeSeconds": MAX_AGE_HOURS * 3600, "paused": self.paused
        }]});
        let call = || async {
            let caller = Caller::of("watch");
            self.stage.functions.call(caller, event.clone()).await.unwrap()
        };
        let said: Value = call().await;
        assert_eq!(call().await, said, "a repeated delivery says the same");
        let emitted: Vec<f64> = self.ratios();
        assert_eq!(emitted.len(), 2);
        assert_eq!(said[0]["ratio"], json!(emitted[1]));
        emitted[1]
    }

    /// The ratios that were emitted since the last look; the runs' own metrics are passed over.
    fn ratios(&self) -> Vec<f64> {
        let measured = self.stage.functions.measured().take();
        let ratio = |line: &Metrics| line.values().get(&Metric::BackupAgeRatio).copied();
        measured.iter().filter_map(ratio).collect()
    }
}

fn highest(ratios: &[f64]) -> f64 {
    ratios.iter().copied().fold(0.0, f64::max)
}

#[test]
fn a_week_of_nights_is_quiet_and_a_schedule_that_stops_is_seen() {
    on_stage(|stage| async move {
        let mut watch = Watch::new(stage);
        let week = watch.hours(7 * 24).await;
        assert_eq!(week.len(), 168);
        assert!(highest(&week) <= 1.0, "{week:?}");
        assert!(highest(&week) > 0.7, "it grows between two nights: {week:?}");
        watch.runs = false;
        let silence = watch.hours(48).await;
        let seen = silence.iter().position(|ratio| *ratio > 1.0).unwrap();
        // The last night was 24 hours ago when the schedule stopped, and the first look after that is an hour later.
        let hours = 25 + i64::try_from(seen).unwrap();
        assert!(hours <= MAX_AGE_HOURS + 1, "{silence:?}");
        assert!(
            silence[seen..].iter().all(|ratio| *ratio > 1.0),
            "until somebody looks"
        );
        watch.runs = true;
        let mended = watch.hours(24).await;
        assert!(highest(&mended) <= 1.0, "{mended:?}");
    });
}

#[test]
fn a_cache_that_never_had_a_backup_is_seen_too() {
    on_stage(|stage| async move {
        let mut watch = Watch::new(stage);
        watch.runs = false;
        let silence = watch.hours(MAX_AGE_HOURS + 2).await;
        assert!(highest(&silence[..silence.len() - 1]) <= 1.0, "{silence:?}");
        assert!(silence[silence.len() - 1] > 1.0, "{silence:?}");
    });
}

#[test]
fn a_pause_silences_and_its_end_counts_afresh() {
    on_stage(|stage| async move {
        let mut watch = Watch::new(stage);
        watch.hours(24).await;
        (watch.runs, watch.paused) = (false, true);
        assert!(highest(&watch.hours(5 * 24).await) == 0.0, "as long as it takes");
        watch.paused = false;
        let resumed = watch.hours(MAX_AGE_HOURS + 2).await;
        assert!(highest(&resumed[..resumed.len() - 1]) <= 1.0, "{resumed:?}");
        assert!(
            resumed[resumed.len() - 1] > 1.0,
            "the schedule was not put back: {resumed:?}"
        );
    });
}

#[test]
fn a_suspicious_night_counts_once_it_is_accepted() {
    on_stage(|stage| async move {
        let mut watch = Watch::new(stage);
        watch.hours(24).await;
        let odd = FixedContent::shared(&rdb(3));
        watch.stage.ports.world().contents.attach("orders/0001", odd);
        let night = watch.hours(24).await;
        assert!(night[23] > 1.0, "as if it had not run: {night:?}");
        let newest = {
            let keys = crate::stage::Look::keys(&watch.stage);
            keys.into_iter()
                .rfind(|key| key.ends_with("/manifest.json"))
                .unwrap()
        };
        let object = ObjectRef {
            bucket: BUCKET.to_owned(),
            key: newest,
            version_id: None,
        };
        let now = watch.stage.ports.clock.now();
        let tags = std::collections::BTreeMap::from([("snapkeep:accept".to_owned(), "jo".to_owned())]);
        watch
            .stage
            .ports
            .world()
            .put_object_tagging(&object, &tags, now)
            .unwrap();
        assert!(watch.look().await <= 1.0, "accepted");
    });
}

#[test]
fn backups_of_others_do_not_feed_it() {
    on_stage(|stage| async move {
        let mut weekly = Watch::new(stage.clone());
        weekly.plan = "weekly";
        let blue = stage.deployment("blue");
        let mut ratios = Vec::new();
        for night in 0..2 {
            let mut input = input("replication-group", "orders");
            input["scheduledTime"] = json!(stage.ports.clock.now().to_string());
            succeeded(&*blue.start(&format!("blue-{night}"), input).await);
            pass(&stage, SignedDuration::from_mins(1)).await;
            // Its own plan is the weekly one's, the watched one is `nightly`.
            ratios.extend(weekly.hours(24).await);
        }
        assert!(ratios[ratios.len() - 1] > 1.0, "{ratios:?}");
    });
}
