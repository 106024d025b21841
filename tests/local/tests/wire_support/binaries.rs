//! What the tests on the real binaries share: where they are, an engine on them, the three caches, the bucket's content.

use local::engine::{Engine, EngineConfig};
use serde_json::Value;
use sim::world::elasticache::{Group, Profile, Serverless};
use sim::world::s3::{GetObjectRequest, ListObjectsV2Request};
use sim::world::{FileContent, World};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use super::root;

/// The backup bucket.
pub(crate) const BUCKET: &str = "sthree-snapkeep";

/// The functions: those that a run calls, and the one that watches.
pub(crate) const FUNCTIONS: [&str; 8] = [
    "create-snapshot",
    "check-status",
    "copy-to-s3",
    "verify-object",
    "record-backup",
    "prune",
    "notify",
    "watch",
];

/// The folder of the binaries, or nothing, with the reason printed; `make test` has them and takes no excuse.
pub(crate) fn functions() -> Option<PathBuf> {
    let functions =
        std::env::var_os("SNAPKEEP_FUNCTIONS").map_or_else(|| root().join("target/lambda"), PathBuf::from);
    if FUNCTIONS
        .iter()
        .all(|function| functions.join(function).join("bootstrap").is_file())
    {
        return Some(functions);
    }
    assert!(
        std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_none(),
        "run `make build` first"
    );
    println!(
        "skipped: not all binaries are in `{}`; `make build` makes them",
        functions.display()
    );
    None
}

/// An engine on the real binaries with the three caches.
pub(crate) async fn engine(home: &Path) -> Option<Engine> {
    let state_machine = root().join("statemachine/backup.asl.json");
    let engine = Engine::open(EngineConfig::new(home, state_machine, functions()?))
        .await
        .unwrap();
    engine.world().edit(fill).unwrap();
    Some(engine)
}

/// The three caches, each shard with the same small file.
pub(crate) fn fill(world: &mut World, now: jiff::Timestamp) {
    world.put_group(Group::disabled(
        "orders",
        &["eu-west-1a", "eu-west-1b"],
        Profile::default(),
    ));
    world.put_group(Group::enabled("sessions", 3, &["eu-west-1a"], Profile::default()));
    world.put_serverless(Serverless::new("catalog", now));
    attach(world);
}

/// Each shard's content, which is not saved with the world.
pub(crate) fn attach(world: &mut World) {
    let file = root().join("functions/shared/rdb/tests/fixtures/rdb/multiple_dbs.rdb");
    for content in [
        "orders/0001",
        "sessions/0001",
        "sessions/0002",
        "sessions/0003",
        "catalog/0001",
    ] {
        world
            .contents
            .attach(content, Arc::new(FileContent(file.clone())));
    }
}

/// Keys of the bucket's objects that end so.
pub(crate) fn keys(engine: &Engine, end: &str) -> Vec<String> {
    let list = ListObjectsV2Request {
        bucket: BUCKET.to_owned(),
        ..Default::default()
    };
    let listed = engine
        .world()
        .call(|world, now| world.list_objects_v2(&list, now))
        .unwrap()
        .unwrap();
    listed
        .contents
        .into_iter()
        .map(|object| object.key)
        .filter(|key| key.ends_with(end))
        .collect()
}

/// The only manifest in the bucket.
pub(crate) fn manifest(engine: &Engine) -> Value {
    let keys = keys(engine, "manifest.json");
    assert_eq!(keys.len(), 1, "{keys:?}");
    let request = GetObjectRequest {
        bucket: BUCKET.to_owned(),
        key: keys[0].clone(),
        ..Default::default()
    };
    let answer = engine
        .world()
        .call(|world, now| world.get_object(&request, now))
        .unwrap()
        .unwrap();
    serde_json::from_slice(&answer.read().unwrap()).unwrap()
}
