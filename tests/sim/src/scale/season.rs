//! Plays a season from its first night to its last.

use super::fleet::{Cache, Kind, fleet};
use super::meter::Meter;
use super::night::{self, NightEnd, until};
use super::promise::{Breach, Promises};
use super::weather::{Weather, spoil};
use super::{Setup, promise};
use crate::asl::{Clock, VirtualClock};
use crate::stage::{BUCKET, Stage};
use crate::world::s3::Versioning;
use crate::world::{Config, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// When the first runs are due.
const EPOCH: &str = "2026-03-01T02:00:00Z";

/// What came of a season.
#[derive(Debug, Clone, PartialEq)]
pub struct Season {
    /// What it was like.
    pub setup: Setup,
    /// Caches by kind.
    pub kinds: BTreeMap<Kind, u64>,
    /// What was counted.
    pub meter: Meter,
    /// Totals by kind.
    pub totals: BTreeMap<Kind, Totals>,
    /// What failed, by error.
    pub errors: BTreeMap<String, u64>,
    /// Messages that the topic accepted.
    pub messages: u64,
    /// What nobody was told of: it lies in the queue, and the alarm on the queue tells.
    pub undelivered: u64,
    /// Promises that did not hold; none where all is well.
    pub breaches: Vec<Breach>,
    /// Nights of a cache at whose end its newest backup was too old, and which an alert had told of.
    pub told_late: u64,
    /// Backups in the bucket in the end, by kind.
    pub kept: BTreeMap<Kind, u64>,
    /// Manifests, and objects that they name, that were read and compared in the end.
    pub compared: (u64, u64),
}

/// What the nights of one kind came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Nights of a cache.
    pub nights: u64,
    /// Those with a backup without a person.
    pub by_itself: u64,
    /// Those with a backup in the end.
    pub succeeded: u64,
    /// Executions.
    pub executions: u64,
    /// Attempts of executions that failed.
    pub failed: u64,
    /// Re-drives and new runs by a person.
    pub mended: u64,
    /// State transitions.
    pub transitions: u64,
    /// History events of all executions.
    pub events: u64,
    /// Most history events of one execution.
    pub most_events: u64,
}

impl Totals {
    fn add(&mut self, night: &NightEnd) {
        self.nights += 1;
        self.by_itself += u64::from(night.by_itself);
        self.succeeded += u64::from(night.succeeded);
        self.executions += night.executions;
        self.failed += night.failed.len() as u64;
        self.mended += night.mended;
        self.transitions += night.transitions;
        for events in &night.events {
            self.events += *events as u64;
            self.most_events = self.most_events.max(*events as u64);
        }
    }
}

/// Plays it; an error where the operating system has no runtime.
///
/// # Panics
///
/// Where the task of a night panicked.
pub fn play(setup: &Setup) -> std::io::Result<Season> {
    #[expect(clippy::expect_used, reason = "a constant of this file")]
    let epoch: Timestamp = EPOCH.parse().expect("a time");
    VirtualClock::run(epoch, |clock| Player::new(setup.clone(), &clock).play())
}

struct Player {
    setup: Setup,
    caches: Arc<Vec<Cache>>,
    stage: Stage,
    weather: Arc<Weather>,
    promises: Promises,
    season: Season,
    rng: fastrand::Rng,
    begin: Timestamp,
}

impl Player {
    fn new(setup: Setup, clock: &Arc<dyn Clock>) -> Self {
        let caches = fleet(setup.caches);
        let stage = empty_stage(&setup, &caches, clock);
        let weather = Arc::new(Weather::new(
            Arc::clone(clock),
            setup.seed,
            setup.fault_rate,
            setup.limit,
        ));
        let stage = stage.disturbed(Arc::clone(&weather) as _);
        let mut kinds = BTreeMap::new();
        for cache in &caches {
            *kinds.entry(cache.kind).or_default() += 1;
        }
        Self {
            season: Season {
                setup: setup.clone(),
                kinds,
                meter: Meter::default(),
                totals: BTreeMap::new(),
                errors: BTreeMap::new(),
                messages: 0,
                undelivered: 0,
                breaches: Vec::new(),
                told_late: 0,
                kept: BTreeMap::new(),
                compared: (0, 0),
            },
            rng: fastrand::Rng::with_seed(setup.seed ^ 0x005e_a501),
            begin: clock.now(),
            caches: Arc::new(caches),
            promises: Promises::default(),
            setup,
            stage,
            weather,
        }
    }

    async fn play(mut self) -> Season {
        for night in 0..self.setup.nights {
            if night > 0 && night + 1 == self.setup.nights {
                // What a fault leaves for the next night to prune must be gone after a last one that is calm.
                self.weather.clear_up();
                self.setup.spoilt_rate = 0.0;
            }
            self.night(night).await;
        }
        let (now, caches) = (self.stage.ports.clock.now(), Arc::clone(&self.caches));
        let found = self
            .stage
            .person(|world, _| promise::in_the_end(world, &caches, self.begin, now));
        self.season.breaches.extend(found.breaches);
        self.season.kept = found.kept;
        self.season.compared = found.compared;
        self.season.meter = self.weather.meter(std::mem::take);
        self.season
    }

    async fn night(&mut self, number: u32) {
        let due = self.begin + SignedDuration::from_hours(24 * i64::from(number));
        self.prepare(number, due);
        until(&self.stage, due).await;
        let playing: Vec<_> = (0..self.caches.len())
            .map(|index| {
                let (setup, caches) = (self.setup.clone(), Arc::clone(&self.caches));
                // Each run draws jitter of its own, as real ones do.
                let seed = self.rng.u64(..);
                let mut stage = self.stage.clone();
                stage.seed = seed;
                tokio::spawn(async move { night::play(&setup, stage, &caches[index], due).await })
            })
            .collect();
        let watched = due + SignedDuration::from_hours(12);
        let watching = async {
            until(&self.stage, watched).await;
            self.stage.watch(watch_input(&self.caches, watched)).await
        };
        let (ends, _) = futures_util::future::join(futures_util::future::join_all(playing), watching).await;
        #[expect(clippy::expect_used, reason = "a night that is lost can show nothing")]
        let ends: Vec<NightEnd> = ends.into_iter().map(|end| end.expect("it ends")).collect();
        until(
            &self.stage,
            due + SignedDuration::from_hours(24) - SignedDuration::from_mins(10),
        )
        .await;
        self.audit(&ends, due);
    }

    /// What the caches hold on that night, and whose snapshot or export ends badly.
    fn prepare(&mut self, number: u32, due: Timestamp) {
        let (caches, rng, rate) = (&self.caches, &mut self.rng, self.setup.spoilt_rate);
        self.stage.person(|world, _| {
            for cache in caches.iter() {
                cache.fill(world, number);
                if rng.f64() < rate {
                    let snapshot = format!("{}-{}", cache.id, due.strftime("%Y%m%d%H%M"));
                    spoil(world, cache.kind, &snapshot, rng);
                }
            }
        });
    }

    fn audit(&mut self, ends: &[NightEnd], due: Timestamp) {
        for end in ends {
            self.season.totals.entry(end.kind).or_default().add(end);
            for error in &end.errors {
                *self.season.errors.entry(error.clone()).or_default() += 1;
            }
        }
        let queue = self.stage.take_undelivered();
        self.season.undelivered += queue.len() as u64;
        self.stage.functions.measured().take();
        let (caches, topic) = (Arc::clone(&self.caches), self.stage.ports.topic_arn.clone());
        let promises = &mut self.promises;
        let season = &mut self.season;
        self.stage.person(|world, now| {
            promises.hear(world, &topic, &queue);
            season.told_late += promises.after_night(world, &caches, ends, now);
            season.messages = world.messages(&topic).len() as u64;
            season.breaches.append(&mut promises.breaches);
            world.log.clear();
        });
        self.weather.meter(|meter| meter.end_night(due));
    }
}

fn empty_stage(setup: &Setup, caches: &[Cache], clock: &Arc<dyn Clock>) -> Stage {
    let mut config = Config::default();
    config.timings.snapshot = setup.snapshot;
    config.timings.export = setup.export;
    let mut world = World::new(config, setup.seed);
    let topic_arn = world.put_topic("snapkeep-alerts");
    // A name of our own cannot be refused; if it were, every run would fail by name.
    let _ = world.put_bucket(BUCKET, Versioning::Enabled).map(|_| ());
    let _ = world.grant_export(BUCKET);
    for cache in caches {
        cache.put(&mut world, clock.now());
    }
    Stage::over(world, topic_arn, Arc::clone(clock))
}

fn watch_input(caches: &[Cache], now: Timestamp) -> serde_json::Value {
    let watched = caches.iter().map(|cache| {
        json!({
            "cache": cache.reference(),
            "plan": "nightly",
            "maxAgeSeconds": promise::MAX_AGE.as_secs(),
        })
    });
    json!({"now": now, "watched": watched.collect::<Vec<_>>()})
}
