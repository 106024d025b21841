//! The stages on which faults strike: a cache of each kind with earlier nights, and the ways of a run that a calm
//! night does not take.

use super::rdb::sound_rdb;
use crate::asl::{Clock, VirtualClock};
use crate::stage::{BUCKET, Stage};
use crate::world::elasticache::{Group, Profile, Serverless, StandAlone};
use crate::world::s3::Versioning;
use crate::world::{Config, ExportFault, FixedContent, MemoryBlobs, When, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

/// A way of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scene {
    /// Its name.
    pub name: &'static str,
    /// Kind of the cache.
    pub kind: &'static str,
    /// Id of the cache.
    pub id: &'static str,
    /// Nights before, each with a backup.
    pub nights: u8,
    /// What is special about the run.
    pub way: Way,
}

/// What is special about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Nothing.
    Calm,
    /// It exports the newest automatic snapshot.
    Automatic,
    /// The answer to its request for a snapshot is lost, so it looks for what it asked for.
    Adopting,
    /// Its export writes nothing, so it fails, is told, and is re-driven to its end.
    Renewed,
}

/// All of them; the first in which a call occurs is where its faults strike, unless a fault asks for another.
pub const SCENES: [Scene; 7] = [
    scene("group", "replication-group", "orders", 3, Way::Calm),
    scene("sharded", "replication-group", "sessions", 1, Way::Calm),
    scene("stand-alone", "cache-cluster", "lonely", 1, Way::Calm),
    scene("serverless", "serverless-cache", "catalog", 3, Way::Calm),
    scene("automatic", "replication-group", "orders", 1, Way::Automatic),
    scene("adopting", "replication-group", "orders", 1, Way::Adopting),
    scene("renewed", "replication-group", "orders", 1, Way::Renewed),
];

const fn scene(name: &'static str, kind: &'static str, id: &'static str, nights: u8, way: Way) -> Scene {
    Scene {
        name,
        kind,
        id,
        nights,
        way,
    }
}

const ZONES: [&str; 3] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
/// When the first night begins.
const EPOCH: &str = "2026-03-01T02:00:00Z";

/// A scene up to the moment at which its run is due.
pub struct Prepared {
    /// The scene.
    pub scene: Scene,
    /// When the run is due.
    pub due: Timestamp,
    world: String,
    blobs: MemoryBlobs,
    topic_arn: String,
}

/// The scene of that name up to the moment at which its run is due: played once, however many cells begin there.
///
/// # Panics
///
/// Where there is no scene of that name.
pub(super) fn prepared(name: &str) -> &'static Prepared {
    static PREPARED: [OnceLock<Prepared>; SCENES.len()] = [const { OnceLock::new() }; SCENES.len()];
    let found = SCENES.iter().position(|scene| scene.name == name);
    #[expect(clippy::expect_used, reason = "a cell without its scene can show nothing")]
    let at = found.expect("a scene of that name");
    PREPARED[at].get_or_init(|| SCENES[at].prepare())
}

/// The caches that every scene has, with what they hold.
pub fn put_caches(world: &mut World, now: Timestamp) {
    world.put_group(Group::disabled("orders", &ZONES, Profile::default()));
    world.put_group(Group::enabled("sessions", 3, &ZONES, Profile::default()));
    world.put_cluster(StandAlone::new("lonely", ZONES[0], Profile::default()));
    world.put_serverless(Serverless::new("catalog", now));
    put_contents(world);
}

fn put_contents(world: &mut World) {
    for (shard, keys) in [
        ("orders/0001", 40),
        ("sessions/0001", 10),
        ("sessions/0002", 11),
        ("sessions/0003", 12),
        ("lonely/0001", 5),
        ("catalog/0001", 20),
    ] {
        world
            .contents
            .attach(shard, FixedContent::shared(&sound_rdb(keys)));
    }
}

impl Scene {
    /// The input of the run that is due at `at`: two backups are kept, and every success is told.
    pub fn input(&self, at: Timestamp) -> Value {
        let mut input = json!({
            "cache": {"kind": self.kind, "id": self.id},
            "plan": "nightly",
            "scheduledTime": at.to_string(),
            "retention": {"keepLast": 2, "minimum": 2},
            "notify": "always",
        });
        if self.way == Way::Automatic {
            input["source"] = json!("latestAutomatic");
        }
        input
    }

    /// The name of the snapshot of the run that is due at `at`.
    pub fn snapshot_name(&self, at: Timestamp) -> String {
        format!("{}-{}", self.id, at.strftime("%Y%m%d%H%M"))
    }

    /// The folder of the backup of the run that is due at `at`, with a slash at its end.
    pub fn folder(&self, at: Timestamp) -> String {
        format!(
            "backups/{}/{}/{}/",
            self.kind,
            self.id,
            at.strftime("%Y%m%dt%H%Mz")
        )
    }

    /// The key of the manifest of the run that is due at `at`.
    pub(super) fn manifest_key(&self, at: Timestamp) -> String {
        self.folder(at) + "manifest.json"
    }

    /// Plays the nights before.
    ///
    /// # Panics
    ///
    /// Where a calm night fails: nothing can be shown then.
    pub fn prepare(self) -> Prepared {
        #[expect(clippy::expect_used, reason = "a constant of this file")]
        let epoch: Timestamp = EPOCH.parse().expect("a time");
        let prepared = VirtualClock::run(epoch, |clock| async move { self.play(clock).await });
        #[expect(clippy::expect_used, reason = "without its scene no cell can show anything")]
        prepared.expect("a runtime")
    }

    async fn play(self, clock: Arc<dyn Clock>) -> Prepared {
        let blobs = Arc::new(MemoryBlobs::default());
        let mut world = World::with_blobs(Config::default(), 1, Arc::clone(&blobs) as _);
        let topic_arn = world.put_topic("snapkeep-alerts");
        // A name of our own cannot be refused; if it were, every run would fail by name.
        let _ = world.put_bucket(BUCKET, Versioning::Enabled).map(|_| ());
        let _ = world.grant_export(BUCKET);
        put_caches(&mut world, clock.now());
        let stage = Stage::over(world, topic_arn.clone(), Arc::clone(&clock));
        for night in 0..self.nights {
            let due = clock.now();
            let run = stage
                .start(
                    &format!("night-{night}"),
                    Scene {
                        way: Way::Calm,
                        ..self
                    }
                    .input(due),
                )
                .await;
            let why = run.with(|e| format!("{:?} {:?}", e.error, e.cause));
            assert!(run.with(|e| e.output.is_some()), "{}: {why}", self.name);
            clock
                .sleep(
                    (due + SignedDuration::from_hours(24))
                        .duration_since(clock.now())
                        .unsigned_abs(),
                )
                .await;
        }
        let due = clock.now();
        let world = stage.person(|world, now| {
            self.make_automatic_snapshot(world, now);
            world.log.clear();
            world.save()
        });
        #[expect(clippy::expect_used, reason = "a world of our own is JSON")]
        let world = world.expect("it serializes");
        let blobs = blobs.fork();
        Prepared {
            scene: self,
            due,
            world,
            blobs,
            topic_arn,
        }
    }

    /// What ElastiCache makes by itself in the hour before a run that exports automatic snapshots.
    pub(super) fn make_automatic_snapshot(&self, world: &mut World, due: Timestamp) {
        if self.way == Way::Automatic {
            let made = due - SignedDuration::from_hours(1);
            let put = world.put_automatic_snapshot("orders-002", made);
            assert!(put.is_ok(), "{put:?}");
        }
    }
}

impl Prepared {
    /// The stage at the moment at which the run is due, as often as it is asked for.
    ///
    /// # Panics
    ///
    /// Where what was saved cannot be read.
    pub fn stage(&self, clock: Arc<dyn Clock>) -> Stage {
        #[expect(clippy::expect_used, reason = "it was saved by this file")]
        let mut world = World::load(&self.world, Arc::new(self.blobs.fork())).expect("as saved");
        put_contents(&mut world);
        match self.scene.way {
            Way::Calm | Way::Automatic | Way::Adopting => {}
            Way::Renewed => world.faults.arm_export(ExportFault::Silent, When::next(1)),
        }
        Stage::over(world, self.topic_arn.clone(), clock)
    }
}
