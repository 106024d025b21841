//! The Rust half of the tests that drive real clients: the caches, and the desk at which the Python half asks for what
//! no client of AWS can do (faults, statuses, foreign buckets, time).

pub(crate) mod product;

use local::engine::{Engine, EngineConfig};
use serde::Deserialize;
use serde_json::{Value, json};
use sim::world::elasticache::{Group, Profile, Serverless, StandAlone};
use sim::world::s3::Versioning;
use sim::world::{Fault, FixedContent, Operation, Service, SnapshotFault, When, World};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// How many times faster than the wall clock waits pass: an hour in a few milliseconds.
const SPEED: f64 = 1e6;

/// An engine with every kind of cache, whose state machine only waits.
pub(crate) async fn engine(folder: &Path) -> Engine {
    let machine = folder.join("wait.asl.json");
    std::fs::write(&machine, include_str!("wait.asl.json")).unwrap();
    let config = EngineConfig::new(folder.join("home"), machine, folder.join("functions"));
    let engine = Engine::open(EngineConfig {
        speed: SPEED,
        ..config
    })
    .await
    .unwrap();
    engine.world().edit(fill).unwrap();
    engine
}

/// One cache of each kind whose life is told, and those that only refuse.
fn fill(world: &mut World, now: jiff::Timestamp) {
    let profile = Profile {
        created: now,
        ..Profile::default()
    };
    let zones = ["eu-west-1a", "eu-west-1b"];
    world.put_group(Group::disabled("orders", &zones, profile.clone()));
    world.put_group(Group::enabled("sessions", 3, &zones, profile.clone()));
    world.put_cluster(StandAlone::new("ledger", "eu-west-1a", profile.clone()));
    world.put_serverless(Serverless::new("catalog", now));
    let memcached = Profile {
        engine: "memcached".to_owned(),
        ..profile.clone()
    };
    world.put_cluster(StandAlone::new("pages", "eu-west-1a", memcached));
    let own_key = Profile {
        kms_key_id: Some("own-key".to_owned()),
        ..profile.clone()
    };
    world.put_cluster(StandAlone::new("vault", "eu-west-1a", own_key));
    world.put_cluster(StandAlone::new("spare", "eu-west-1a", profile));
    world.put_serverless(Serverless::new("reserve", now));
    let contents = [
        "orders/0001",
        "sessions/0001",
        "sessions/0002",
        "sessions/0003",
        "ledger/0001",
        "catalog/0001",
        "vault/0001",
        "spare/0001",
        "reserve/0001",
    ];
    for content in contents {
        let bytes = format!("data of {content}");
        world
            .contents
            .attach(content, FixedContent::shared(bytes.as_bytes()));
    }
}

/// What the Python half asks for; the names are those of its `desk.py`.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", deny_unknown_fields)]
enum Wish {
    /// The next calls of the operation fail so.
    Arm {
        operation: Operation,
        fault: Fault,
        times: u32,
    },
    /// The snapshot of that name ends so.
    ArmSnapshot { name: String, fault: SnapshotFault },
    /// A cache, or a node of one, has this status.
    Status { id: String, status: String },
    /// A bucket with that owner in that Region; absent means like the backup bucket.
    Bucket {
        name: String,
        owner: Option<String>,
        region: Option<String>,
    },
    /// An automatic snapshot of a cache, this many minutes old; answers its name.
    Automatic { id: String, minutes: i64 },
    /// Virtual time passes.
    Pass { seconds: u32 },
    /// The operations that the world models, by service.
    Operations,
    /// The answers that clients saw, for the product to judge.
    Judge { answers: Vec<product::Seen> },
}

/// A run of the Python half: what it printed, and what it saw.
pub(crate) struct Told {
    pub(crate) success: bool,
    pub(crate) output: String,
    pub(crate) answers: Vec<product::Seen>,
}

/// Runs a module of the Python half to its end and serves its wishes meanwhile.
pub(crate) async fn run(python: PathBuf, module: &str, engine: &Engine) -> Told {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients_support");
    let mut child = Command::new(python)
        .args(["-m", module, engine.endpoint()])
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let answers = serve(&mut child, engine).await;
    let ended = child.wait_with_output().await.unwrap();
    Told {
        success: ended.status.success(),
        output: String::from_utf8_lossy(&ended.stderr).into_owned(),
        answers,
    }
}

/// One wish per line of its output, one answer per line of its input.
async fn serve(child: &mut Child, engine: &Engine) -> Vec<product::Seen> {
    let mut wishes = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut desk = child.stdin.take().unwrap();
    let mut seen = Vec::new();
    while let Some(line) = wishes.next_line().await.unwrap() {
        let wish = serde_json::from_str(&line)
            .map_err(|error| format!("{error} in the wish {line}"))
            .unwrap();
        let answer = match wish {
            Wish::Judge { answers } => {
                seen.extend(answers);
                json!(null)
            }
            Wish::Pass { seconds } => {
                let started = engine.start(json!({ "seconds": seconds }), None).unwrap();
                engine.wait(&started.name).await.unwrap();
                json!(null)
            }
            wish => grant(wish, engine),
        };
        reply(&mut desk, &answer).await;
    }
    seen
}

async fn reply(desk: &mut ChildStdin, answer: &Value) {
    // A child that has ended meanwhile is told by its status.
    let _ = desk.write_all(format!("{answer}\n").as_bytes()).await;
}

fn grant(wish: Wish, engine: &Engine) -> Value {
    if let Wish::Operations = wish {
        return operations();
    }
    engine
        .world()
        .edit(|world, now| {
            match wish {
                Wish::Arm {
                    operation,
                    fault,
                    times,
                } => world.arm(operation, fault, times),
                Wish::ArmSnapshot { name, fault } => world.faults.arm_snapshot(fault, When::named(&name)),
                Wish::Status { id, status } => set_status(world, &id, &status),
                Wish::Bucket { name, owner, region } => {
                    let bucket = world.put_bucket(&name, Versioning::Enabled).unwrap();
                    bucket.owner = owner.unwrap_or_else(|| bucket.owner.clone());
                    bucket.region = region.unwrap_or_else(|| bucket.region.clone());
                }
                Wish::Automatic { id, minutes } => {
                    let at = now - jiff::SignedDuration::from_mins(minutes);
                    let made = if world.serverless_mut(&id).is_some() {
                        world.put_automatic_serverless_snapshot(&id, at)
                    } else {
                        world.put_automatic_snapshot(&id, at)
                    };
                    return json!(made.unwrap());
                }
                Wish::Pass { .. } | Wish::Operations | Wish::Judge { .. } => {}
            }
            json!(null)
        })
        .unwrap()
}

fn operations() -> Value {
    let of = |service| -> Vec<&str> {
        let all = Operation::ALL.iter();
        all.filter(|operation| operation.service() == service)
            .map(|operation| operation.name())
            .collect()
    };
    json!({ "elasticache": of(Service::ElastiCache), "s3": of(Service::S3), "sns": of(Service::Sns) })
}

fn set_status(world: &mut World, id: &str, status: &str) {
    let owner = id.split_once("-0").map_or(id, |(group, _)| group);
    if let Some(group) = world.group_mut(owner) {
        if id == owner {
            status.clone_into(&mut group.status);
        }
        let nodes = group.shards.iter_mut().flat_map(|shard| &mut shard.nodes);
        for node in nodes.filter(|node| node.cluster_id == id) {
            status.clone_into(&mut node.status);
        }
    } else if let Some(cluster) = world.cluster_mut(id) {
        status.clone_into(&mut cluster.status);
    } else {
        let cache = world
            .serverless_mut(id)
            .ok_or_else(|| format!("no cache `{id}`"))
            .unwrap();
        status.clone_into(&mut cache.status);
    }
}
