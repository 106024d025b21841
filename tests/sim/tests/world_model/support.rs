//! A world with one cache of each kind and a bucket that lets `ElastiCache` write.

use jiff::{SignedDuration, Timestamp};
use sim::world::elasticache::shapes::{
    CopySnapshotRequest, CreateSnapshotRequest, DescribeSnapshotsRequest, Snapshot, Tag,
};
use sim::world::elasticache::{Group, Profile, Serverless, StandAlone};
use sim::world::s3::{GetObjectRequest, ListObjectsV2Request, PutObjectRequest, Versioning};
use sim::world::{CallError, Config, FixedContent, World};

/// The bucket that exports go to.
pub(crate) const BUCKET: &str = "snapkeep-vault";
/// The shards of the cache with cluster mode enabled.
pub(crate) const SHARDS: [&str; 3] = ["0001", "0002", "0003"];

/// Seconds after the world's first instant, which is a whole minute.
pub(crate) fn at(seconds: i64) -> Timestamp {
    "2026-03-01T02:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

/// What a shard's data read as.
pub(crate) fn content(id: &str) -> Vec<u8> {
    format!("REDIS0011 {id}").into_bytes()
}

/// `orders` (cluster mode disabled, a primary and two replicas), `sessions` (three shards with a replica each),
/// `alone`, `legacy` (Memcached), and the serverless `catalog`.
pub(crate) fn world() -> World {
    world_with(Config::default())
}

pub(crate) fn world_with(config: Config) -> World {
    let mut world = World::new(config, 1);
    fill(&mut world);
    world
}

pub(crate) fn fill(world: &mut World) {
    let mut profile = Profile::default();
    profile.tags.insert("team".to_owned(), "shop".to_owned());
    world.put_group(Group::disabled(
        "orders",
        &["eu-west-1a", "eu-west-1b", "eu-west-1c"],
        profile.clone(),
    ));
    world.put_group(Group::enabled(
        "sessions",
        3,
        &["eu-west-1a", "eu-west-1b"],
        profile,
    ));
    world.put_cluster(StandAlone::new("alone", "eu-west-1a", Profile::default()));
    let memcached = Profile {
        engine: "memcached".to_owned(),
        ..Profile::default()
    };
    world.put_cluster(StandAlone::new("legacy", "eu-west-1a", memcached));
    world.put_serverless(Serverless::new("catalog", at(0)));
    attach_contents(world);
    world.put_bucket(BUCKET, Versioning::Enabled).unwrap();
    world.grant_export(BUCKET).unwrap();
}

pub(crate) fn attach_contents(world: &mut World) {
    let sharded = SHARDS.map(|shard| format!("sessions/{shard}"));
    let others = ["orders/0001", "alone/0001", "catalog/0001"].map(str::to_owned);
    for id in sharded.iter().chain(&others) {
        world.contents.attach(id, FixedContent::shared(&content(id)));
    }
}

pub(crate) fn of_node(name: &str, node: &str) -> CreateSnapshotRequest {
    CreateSnapshotRequest {
        snapshot_name: name.to_owned(),
        cache_cluster_id: Some(node.to_owned()),
        ..CreateSnapshotRequest::default()
    }
}

pub(crate) fn of_group(name: &str, group: &str) -> CreateSnapshotRequest {
    CreateSnapshotRequest {
        snapshot_name: name.to_owned(),
        replication_group_id: Some(group.to_owned()),
        ..CreateSnapshotRequest::default()
    }
}

pub(crate) fn export_to(source: &str, target: &str) -> CopySnapshotRequest {
    CopySnapshotRequest {
        source_snapshot_name: source.to_owned(),
        target_snapshot_name: target.to_owned(),
        target_bucket: Some(BUCKET.to_owned()),
        ..CopySnapshotRequest::default()
    }
}

pub(crate) fn copy_to(source: &str, target: &str) -> CopySnapshotRequest {
    CopySnapshotRequest {
        target_bucket: None,
        ..export_to(source, target)
    }
}

/// The snapshot of that name with its layout, if describes show it.
pub(crate) fn described(world: &mut World, name: &str, now: Timestamp) -> Option<Snapshot> {
    let request = DescribeSnapshotsRequest {
        snapshot_name: Some(name.to_owned()),
        show_node_group_config: Some(true),
        ..DescribeSnapshotsRequest::default()
    };
    let mut answer = world.describe_snapshots(&request, now).unwrap();
    assert!(answer.snapshots.len() <= 1, "names are unique");
    answer.snapshots.pop()
}

/// The status that describes show, or `gone`.
pub(crate) fn status(world: &mut World, name: &str, now: Timestamp) -> String {
    described(world, name, now).map_or_else(|| "gone".to_owned(), |snapshot| snapshot.snapshot_status)
}

/// All keys in the bucket.
pub(crate) fn keys(world: &mut World, now: Timestamp) -> Vec<String> {
    let request = ListObjectsV2Request {
        bucket: BUCKET.to_owned(),
        ..ListObjectsV2Request::default()
    };
    let answer = world.list_objects_v2(&request, now).unwrap();
    answer.contents.into_iter().map(|object| object.key).collect()
}

pub(crate) fn get(key: &str) -> GetObjectRequest {
    GetObjectRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        ..GetObjectRequest::default()
    }
}

pub(crate) fn put(key: &str, body: &[u8]) -> PutObjectRequest {
    PutObjectRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        body: body.to_vec(),
        ..PutObjectRequest::default()
    }
}

pub(crate) fn read(world: &mut World, key: &str, now: Timestamp) -> Vec<u8> {
    world.get_object(&get(key), now).unwrap().read().unwrap()
}

/// The wire code of an answer, `ok` for a success.
pub(crate) fn code<T>(answer: &Result<T, CallError>) -> &str {
    answer.as_ref().err().map_or("ok", CallError::code)
}

pub(crate) fn tag(key: &str, value: &str) -> Tag {
    Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

/// A world in which the snapshot `bk` of `orders-003` is available at `at(180)`.
pub(crate) fn with_snapshot() -> World {
    let mut world = world();
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    world.advance(at(180));
    world
}
