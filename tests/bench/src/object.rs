//! `verify-object` end to end: the release binary behind the local Lambda host, reading from the embedded S3.
//!
//! Beside it the same work in one process, without S3 and Lambda: the scanner over pieces of the file, SHA-256 over them,
//! and both. The product always hashes, so what SHA-256 costs is told by these.

use crate::Failure;
use crate::files::DataFile;
use crate::launched::{Launcher, Taken, mebibytes, megabytes};
use crate::table::Table;
use crate::watched::{Spent, Watched};
use local::engine::{Engine, EngineConfig};
use local::lambda::{HostConfig, Limits};
use serde_json::{Value, json};
use sim::world::s3::PutObjectRequest;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// In MB, as functions are configured.
const MEMORIES: [u32; 3] = [256, 512, 1024];

/// From this memory on, in MB, a function has a whole core; below it a share in proportion (Lambda developer guide,
/// "Configure Lambda function memory").
const WHOLE_CORE_MB: f64 = 1769.0;

/// The function under test.
const FUNCTION: &str = "verify-object";

/// Bytes that the runs in one process read at a time.
const PIECE: u32 = 4 << 20;

/// Where the programs are.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    /// Has `verify-object/bootstrap`.
    pub(crate) functions: &'a Path,
    /// The program that reads in one process.
    pub(crate) pieces: &'a Path,
    /// Where there is room for a copy of the file.
    pub(crate) scratch: &'a Path,
}

/// Verifies a file at each memory size and prints a table.
pub(crate) async fn run(
    launcher: &Launcher,
    places: &Places<'_>,
    file: &DataFile,
    rounds: u32,
) -> Result<(), Failure> {
    let home = tempfile::tempdir_in(places.scratch)?;
    let state_machine = crate::root().join("statemachine/backup.asl.json");
    let engine = Engine::open(EngineConfig::new(home.path(), state_machine, places.functions)).await?;
    let payload = put(&engine, file)?;

    let mut table = Table::new(&[
        "what",
        "memory MB",
        "CPU s/GB",
        "wall MB/s",
        "peak MiB",
        "MB/s at Lambda's share of a core",
    ]);
    let mut best: BTreeMap<u32, Taken> = BTreeMap::new();
    for _ in 0..rounds {
        for memory_mb in MEMORIES {
            let taken = verify(&engine, memory_mb, &payload).await?;
            let best = best.entry(memory_mb).or_insert(taken);
            *best = best.better(taken);
        }
    }
    for (memory_mb, taken) in best {
        let share = (f64::from(memory_mb) / WHOLE_CORE_MB).min(1.0);
        let at_share = taken.megabytes_per_cpu_second(file.bytes) * share;
        let row = figures(FUNCTION, &memory_mb.to_string(), taken, file.bytes);
        let [what, memory, cpu, wall, peak] = &row;
        table.row(&[what, memory, cpu, wall, peak, &format!("{at_share:.0}")]);
    }
    for (mode, what) in [
        ("both", "scanner and SHA-256, one process"),
        ("scan", "scanner alone, one process"),
        ("hash", "SHA-256 alone, one process"),
    ] {
        let taken = read(launcher, places.pieces, mode, file, rounds)?;
        table.row(
            &figures(what, "", taken, file.bytes)
                .each_ref()
                .map(String::as_str),
        );
    }
    println!("{table}");
    println!(
        "The best of {rounds} rounds by CPU time, on `{}`, {:.0} MB. S3 is the embedded one over plain HTTP, a debug build on",
        file.recipe.name,
        megabytes(file.bytes)
    );
    println!(
        "the same machine: it bounds the wall time. The last column is computed: CPU time at {WHOLE_CORE_MB} MB for a core."
    );
    Ok(())
}

/// Puts the file where the golden run exported it; gives what the function is sent.
fn put(engine: &Engine, file: &DataFile) -> Result<Value, Failure> {
    let state = fs::read(crate::payloads_folder().join("VerifyObject.json"))?;
    let mut payload: Value = serde_json::from_slice::<Value>(&state)?["payload"].take();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (stem, shard) = (text(&payload["stem"]), text(&payload["object"]["shard"]));
    let body = fs::read(&file.path)?;
    let request = PutObjectRequest {
        bucket: engine.config().bucket.clone(),
        key: format!("{stem}{shard}.rdb"),
        body,
        ..PutObjectRequest::default()
    };
    let put = engine
        .world()
        .call(|world, now| world.put_object(&request, now))?;
    let put = put.map_err(|error| format!("the object cannot be put: {error:?}"))?;
    payload["object"]["etag"] = put.e_tag.into();
    payload["object"]["versionId"] = put.version_id.into();
    payload["object"]["size"] = file.bytes.into();
    Ok(payload)
}

/// One whole verification in a process of its own.
async fn verify(engine: &Engine, memory_mb: u32, payload: &Value) -> Result<Taken, Failure> {
    let process = Watched::new(host(engine, memory_mb)?, FUNCTION)?;
    let (mut payload, mut wall) = (payload.clone(), Duration::ZERO);
    loop {
        let (took, answer) = process.call(&payload).await;
        wall += took;
        let mut answer = answer.map_err(|error| format!("{}: {}", error.error, error.cause))?;
        if answer["done"] == true {
            break;
        }
        payload["cursor"] = answer["cursor"].take();
    }
    let Spent { cpu, peak_kib } = process.end().await?;
    Ok(Taken {
        wall,
        cpu,
        peak_kib: peak_kib.unwrap_or_default(),
    })
}

fn host(engine: &Engine, memory_mb: u32) -> Result<HostConfig, Failure> {
    let config = engine.config();
    let variables = json!({
        "AWS_ENDPOINT_URL": engine.endpoint(),
        "SNAPKEEP_BUCKET": config.bucket,
        "SNAPKEEP_DEPLOYMENT": config.deployment,
    });
    Ok(HostConfig {
        functions: config.functions.clone(),
        logs: engine.home().logs(),
        region: config.region.clone(),
        variables: serde_json::from_value(variables)?,
        variables_of: BTreeMap::new(),
        limits: Limits {
            timeout: Duration::from_mins(15),
            memory_mb,
            concurrency: 1,
        },
        limits_of: BTreeMap::new(),
    })
}

/// The same bytes in one process.
fn read(
    launcher: &Launcher,
    program: &Path,
    mode: &str,
    file: &DataFile,
    rounds: u32,
) -> Result<Taken, Failure> {
    let arguments = [mode.into(), PIECE.to_string().into(), file.path.clone().into()];
    let mut best: Option<Taken> = None;
    for _ in 0..rounds.max(1) {
        let ended = launcher.run(program, &arguments)?;
        if ended.code != 0 {
            return Err(format!("`pieces {mode}` ends with {}: {}", ended.code, ended.said).into());
        }
        best = Some(best.map_or(ended.taken, |best| best.better(ended.taken)));
    }
    best.ok_or_else(|| "no round was asked for".into())
}

/// A row: what, memory, CPU seconds per GB, MB/s by the wall, peak.
fn figures(what: &str, memory: &str, taken: Taken, bytes: u64) -> [String; 5] {
    [
        what.to_owned(),
        memory.to_owned(),
        format!("{:.2}", 1e3 / taken.megabytes_per_cpu_second(bytes)),
        format!("{:.0}", megabytes(bytes) / taken.wall.as_secs_f64()),
        format!("{:.1}", mebibytes(taken.peak_kib)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_cpu_per_gigabyte_and_speed_by_the_wall() {
        let taken = Taken {
            wall: Duration::from_secs(1),
            cpu: Duration::from_millis(500),
            peak_kib: 10 * 1024,
        };
        let row = figures("x", "256", taken, 250_000_000);
        assert_eq!(row, ["x", "256", "2.00", "250", "10.0"]);
    }
}
