//! What is there before a cell is played, and the run that meets its fault.

use super::calls::Scene;
use crate::wire_support::binaries::{self, BUCKET};
use local::engine::Engine;
use serde_json::{Value, json};
use sim::asl::Status;
use sim::world::{FixedContent, World};

/// Keys of the object that is read in several pieces, each with a value of 1 MiB.
const LARGE_KEYS: u8 = 10;

impl Scene {
    /// The run that meets the fault, or one of a later night.
    pub(crate) fn input(self, night: u8) -> Value {
        let cache = match self {
            Self::Serverless => json!({"kind": "serverless-cache", "id": "catalog"}),
            _ => json!({"kind": "replication-group", "id": "orders"}),
        };
        json!({
            "cache": cache,
            "plan": "nightly",
            "scheduledTime": format!("2025-03-{night:02}T03:00:00Z"),
            "retention": {"keepLast": 1, "keepSnapshots": 1},
            "notify": "always",
        })
    }

    /// Prepares the world, and plays the nights before.
    pub(crate) async fn prepare(self, engine: &Engine) -> Result<(), String> {
        let edit = |change: fn(&mut World)| {
            let edited = engine.world().edit(|world, _| change(world));
            edited.map_err(|error| error.to_string())
        };
        match self {
            Self::FirstNight | Self::Serverless | Self::Large => Ok(()),
            Self::NotGranted => edit(|world| {
                if let Some(bucket) = world.bucket_mut(BUCKET) {
                    bucket.policy = None;
                }
            }),
            Self::SecondNight => {
                let started = engine.start(self.input(1), Some("night-1"));
                started.map_err(|error| error.to_string())?;
                let ended = engine.wait("night-1").await.map_err(|error| error.to_string())?;
                engine.quiet().await;
                match ended {
                    Status::Succeeded => Ok(()),
                    other => Err(format!("the night before ended as {other:?}")),
                }
            }
        }
    }

    /// Puts the caches' contents there, which an engine forgets when it is closed.
    pub(crate) fn fill(self, engine: &Engine, is_new: bool) {
        let fill = |world: &mut World, now| {
            if is_new {
                binaries::fill(world, now);
            } else {
                binaries::attach(world);
            }
            if self == Self::Large {
                world
                    .contents
                    .attach("orders/0001", FixedContent::shared(&large()));
            }
        };
        engine.world().edit(fill).unwrap();
    }

    /// Removes what makes the run fail whatever the fault.
    pub(crate) fn mend(self, engine: &Engine) {
        if self == Self::NotGranted {
            let granted = engine.world().edit(|world, _| world.grant_export(BUCKET));
            granted.unwrap().unwrap();
        }
    }
}

/// A sound file that is read in several pieces.
fn large() -> Vec<u8> {
    let mut rdb = b"REDIS0011\xfe\x00".to_vec();
    for key in 0..LARGE_KEYS {
        // A string under a key of two bytes, its length as 32 bits.
        rdb.extend_from_slice(&[0, 2, b'k', key, 0x80, 0x00, 0x10, 0x00, 0x00]);
        rdb.resize(rdb.len() + (1 << 20), b'v');
    }
    rdb.extend_from_slice(b"\xff\0\0\0\0\0\0\0\0");
    rdb
}
