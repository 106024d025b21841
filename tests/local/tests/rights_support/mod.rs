//! A deployment `prod` over the real binaries, with one cache of each kind, whose calls are the same at every run:
//! every name follows from the caches, the nights and the executions' names, which are all given here.

pub(crate) mod story;

use super::wire_support::binaries::{BUCKET, functions, root};
use local::engine::{Engine, EngineConfig};
use serde_json::{Value, json};
use sim::asl::Status;
use sim::stage::EventForm;
use sim::world::elasticache::{Group, Profile, Serverless, StandAlone};
use sim::world::s3::PutObjectRequest;
use sim::world::{FixedContent, Tags, World};
use tempfile::TempDir;

/// A cache id as long as they can be, so that the names of its snapshots are cut.
pub(crate) const LONG: &str = "events-of-the-warehouse-in-rotterdam-b12";

/// Kind and id of every cache: without cluster mode, with it, a node of its own, serverless, and one of a long name.
pub(crate) const CACHES: [(&str, &str); 5] = [
    ("replication-group", "orders"),
    ("replication-group", "sessions"),
    ("cache-cluster", "catalog"),
    ("serverless-cache", "carts"),
    ("replication-group", LONG),
];

/// An engine, and the folder that it lives in.
pub(crate) struct Deployment {
    pub(crate) engine: Engine,
    _folder: TempDir,
}

impl Deployment {
    /// The deployment, or nothing where the binaries are not built; events about its executions come in this form.
    pub(crate) async fn open(event_form: EventForm) -> Option<Self> {
        let functions = functions()?;
        let folder = tempfile::tempdir().unwrap();
        // The state machine is named for its file.
        let machine = folder.path().join("snapkeep-prod-backup.asl.json");
        std::fs::copy(root().join("statemachine/backup.asl.json"), &machine).unwrap();
        let engine = Engine::open(EngineConfig {
            speed: 6000.0,
            deployment: "prod".to_owned(),
            topic: "snapkeep-prod-alerts".to_owned(),
            event_form,
            ..EngineConfig::new(folder.path().join("home"), machine, functions)
        });
        let engine = engine.await.unwrap();
        engine.world().edit(put_caches).unwrap();
        Some(Self {
            engine,
            _folder: folder,
        })
    }

    /// Changes the world.
    pub(crate) fn edit<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        self.engine.world().edit(|world, _| change(world)).unwrap()
    }

    /// Puts an object there as if it had been written on the first of January 2025.
    pub(crate) fn put_old(&self, key: &str, body: &Value) {
        let request = PutObjectRequest {
            bucket: BUCKET.to_owned(),
            key: key.to_owned(),
            body: body.to_string().into_bytes(),
            ..PutObjectRequest::default()
        };
        let at = "2025-01-01T04:00:00Z".parse().unwrap();
        self.edit(|world| world.put_object(&request, at)).unwrap();
    }

    /// Starts a run.
    pub(crate) fn start(&self, name: &str, input: &Value) {
        self.engine.start(input.clone(), Some(name)).unwrap();
    }

    /// Waits until a run has ended, and its alert with it; it must have ended so.
    pub(crate) async fn ends(&self, name: &str, status: Status) {
        let ended = self.engine.wait(name).await.unwrap();
        self.engine.quiet().await;
        let execution = self.engine.execution(name).unwrap();
        assert_eq!(
            ended, status,
            "{name}: {:?} {:?}",
            execution.error, execution.cause
        );
    }

    /// Runs all of these at once; each must succeed.
    pub(crate) async fn succeed(&self, runs: impl IntoIterator<Item = (String, Value)>) {
        let runs: Vec<_> = runs.into_iter().collect();
        for (name, input) in &runs {
            self.start(name, input);
        }
        for (name, _) in &runs {
            self.ends(name, Status::Succeeded).await;
        }
    }

    /// Has a failed run go on; then it must succeed.
    pub(crate) async fn redrive(&self, name: &str) {
        self.engine.redrive(name).unwrap();
        self.ends(name, Status::Succeeded).await;
    }
}

/// The input of the plan `nightly` for a night of March 2025, with other fields in place of its own.
pub(crate) fn nightly(kind: &str, id: &str, night: u8, other: &Value) -> Value {
    let mut input = json!({
        "cache": {"kind": kind, "id": id}, "plan": "nightly",
        "scheduledTime": format!("2025-03-{night:02}T03:00:00Z"),
        "retention": {"keepLast": 1, "keepSnapshots": 1}, "notify": "always",
    });
    for (field, value) in other.as_object().unwrap() {
        input[field] = value.clone();
    }
    input
}

fn put_caches(world: &mut World, now: jiff::Timestamp) {
    let zones = ["eu-west-1a", "eu-west-1b"];
    let tagged = Profile {
        tags: Tags::from([("team".to_owned(), "shop".to_owned())]),
        ..Profile::default()
    };
    world.put_group(Group::disabled("orders", &zones, tagged));
    world.put_group(Group::enabled("sessions", 3, &zones, Profile::default()));
    world.put_cluster(StandAlone::new("catalog", zones[0], Profile::default()));
    world.put_serverless(Serverless::new("carts", now));
    world.put_group(Group::disabled(LONG, &zones, Profile::default()));
    for content in [
        "orders/0001",
        "catalog/0001",
        "carts/0001",
        &format!("{LONG}/0001"),
    ] {
        fill(world, content, 100, 5);
    }
    fill_sessions(world, 100);
}

/// Gives each shard of `sessions` so many keys.
pub(crate) fn fill_sessions(world: &mut World, keys: u16) {
    for shard in ["sessions/0001", "sessions/0002", "sessions/0003"] {
        fill(world, shard, keys, 5);
    }
}

/// Has a shard hold so many keys, each with a value of so many bytes.
pub(crate) fn fill(world: &mut World, content: &str, keys: u16, bytes: u32) {
    let mut rdb = b"REDIS0011\xfe\x00".to_vec();
    for key in 0..keys {
        rdb.extend_from_slice(&[0, 2]);
        rdb.extend_from_slice(&key.to_be_bytes());
        rdb.push(0x80);
        rdb.extend_from_slice(&bytes.to_be_bytes());
        rdb.resize(rdb.len() + usize::try_from(bytes).unwrap(), b'v');
    }
    rdb.push(0xff);
    rdb.extend_from_slice(&[0; 8]);
    world.contents.attach(content, FixedContent::shared(&rdb));
}
