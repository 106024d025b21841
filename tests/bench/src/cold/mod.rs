//! Cold starts of the functions beside one of Python and boto3, in the same run.
//!
//! Each start is a new process, timed from its spawn to its first answer. Its one call of AWS goes over HTTPS to a stub
//! that refuses it: every function answers after its first. What Lambda does before the process starts is not in it.
//!
//! Other work on the machine moves the times of both sides, those of the short starts more: on an idle machine the
//! ratios can be read, on a busy one only the CPU. The stub is a debug build and adds its handshake to all alike. A goal
//! that was missed is printed and is no failure; a function that did not run is.

mod stub;

use crate::Failure;
use crate::launched::mebibytes;
use crate::table::{Table, median, reached};
use crate::watched::{Spent, Watched};
use local::lambda::{HostConfig, Limits};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf, absolute};
use std::process::{Command, Stdio};
use std::time::Duration;
use stub::Stub;

/// How many times faster than Python, in how many milliseconds of CPU and megabytes of zip, a function is to start.
const GOALS: [f64; 3] = [35.0, 8.0, 2.5];

/// Starts of each that count, after one that brings the files into memory.
const STARTS: usize = 21;

/// Calls of a process that has answered before.
const WARM_CALLS: usize = 50;

/// Python's name among the functions.
const PEER: &str = "python";

/// What was measured of a function.
#[derive(Debug, Default)]
struct Figures {
    /// Milliseconds from each spawn to the first answer.
    cold: Vec<f64>,
    /// Milliseconds of CPU of each process that gave one answer.
    cpu: Vec<f64>,
    /// Milliseconds of each call but the first of a process.
    warm: Vec<f64>,
    /// The largest of all its processes.
    peak_kib: Option<u64>,
    /// Calls of AWS for one answer.
    calls: u32,
}

/// What the peer's script says of itself and of the others.
#[derive(Debug)]
struct Peer {
    versions: String,
    /// The root certificates that boto3 trusts.
    roots: PathBuf,
    /// Bytes of each function's zip.
    zips: BTreeMap<String, u64>,
}

/// Starts each function in `functions`, and the peer with `python`, many times, and prints a table.
pub(crate) async fn run(python: &Path, functions: &Path) -> Result<(), Failure> {
    let temporary = tempfile::tempdir()?;
    let folder = temporary.path();
    let payloads = payloads()?;
    for name in payloads.keys().filter(|name| *name != PEER) {
        symlink(absolute(functions)?.join(name), folder.join(name))?;
    }
    let peer = Peer::install(&absolute(python)?, folder, payloads.keys())?;
    let stub = Stub::start().await?;
    let config = host(folder, &stub, &peer)?;
    let mut figures: BTreeMap<&str, Figures> = BTreeMap::new();
    for round in 0..=STARTS {
        for (name, payload) in &payloads {
            // The first brings the files into memory.
            let counted = (round > 0).then(|| figures.entry(name).or_default());
            start(&config, &stub, (name, payload), counted).await?;
        }
    }
    for (name, payload) in &payloads {
        let figures = figures.entry(name).or_default();
        warm(&config, (name, payload), figures).await?;
    }
    print(&figures, &peer);
    Ok(())
}

/// What the state machine sends to each function, what the scheduler sends to `watch`, and the peer's.
fn payloads() -> Result<BTreeMap<String, Value>, Failure> {
    let cache = json!({"kind": "replication-group", "id": "orders"});
    let watched = json!([{"cache": cache, "plan": "nightly", "maxAgeSeconds": 108_000}]);
    let mut payloads = BTreeMap::from([
        (PEER.to_owned(), json!({"snapshot": "orders-202603010200"})),
        (
            "watch".to_owned(),
            json!({"now": "2026-03-01T03:00:00Z", "watched": watched}),
        ),
    ]);
    for entry in fs::read_dir(crate::payloads_folder())? {
        let state: Value = serde_json::from_slice(&fs::read(entry?.path())?)?;
        let name = state["function"].as_str().unwrap_or_default();
        // Of the two states that have one function, the one whose first call is for ElastiCache.
        if state["payload"]["what"] != "export" {
            payloads.insert(name.to_owned(), state["payload"].clone());
        }
    }
    Ok(payloads)
}

impl Peer {
    /// Lambda's image has boto3, so a function that uses it is its script alone.
    fn install<'n>(
        python: &Path,
        folder: &Path,
        names: impl Iterator<Item = &'n String>,
    ) -> Result<Self, Failure> {
        let bootstrap = folder.join(PEER).join("bootstrap");
        fs::create_dir(folder.join(PEER))?;
        let script = include_str!("peer.py");
        fs::write(&bootstrap, format!("#!{}\n{script}", python.display()))?;
        fs::set_permissions(&bootstrap, Permissions::from_mode(0o755))?;
        let mut asked = Command::new(bootstrap);
        asked.args(names).current_dir(folder).stderr(Stdio::inherit());
        Self::read(&asked.output()?.stdout)
    }

    fn read(said: &[u8]) -> Result<Self, Failure> {
        let said: Value = serde_json::from_slice(said)?;
        let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            versions: text("versions"),
            roots: text("roots").into(),
            zips: serde_json::from_value(said["zips"].clone())?,
        })
    }
}

fn host(folder: &Path, stub: &Stub, peer: &Peer) -> Result<HostConfig, Failure> {
    let roots = folder.join("roots.pem");
    fs::copy(&peer.roots, &roots)?;
    let mut file = File::options().append(true).open(&roots)?;
    file.write_all(stub.root.as_bytes())?;
    let variables = json!({
        "AWS_ENDPOINT_URL": stub.endpoint,
        "AWS_CA_BUNDLE": roots,
        "SSL_CERT_FILE": roots,
        "SNAPKEEP_BUCKET": "sthree-snapkeep",
        "SNAPKEEP_DEPLOYMENT": "local",
        "SNAPKEEP_TOPIC_ARN": "arn:aws:sns:eu-west-1:000000000000:snapkeep",
    });
    Ok(HostConfig {
        functions: folder.to_owned(),
        logs: folder.to_owned(),
        region: "eu-west-1".to_owned(),
        variables: serde_json::from_value(variables)?,
        variables_of: BTreeMap::new(),
        limits: Limits::default(),
        limits_of: BTreeMap::new(),
    })
}

/// A process that gives one answer.
async fn start(
    config: &HostConfig,
    stub: &Stub,
    (name, payload): (&str, &Value),
    counted: Option<&mut Figures>,
) -> Result<(), Failure> {
    stub.take_calls();
    let process = Watched::new(config.clone(), name)?;
    let (wall, answer) = process.call(payload).await;
    let calls = stub.take_calls();
    // An error of the function's own, told by its name, is an answer to a refused call.
    let ran = answer
        .as_ref()
        .map_or_else(|error| error.error.starts_with("Backup."), |_| true);
    if !ran || calls == 0 {
        let log = process.last_words();
        return Err(format!("`{name}` did not run, after {calls} calls: {answer:?}: {log}").into());
    }
    let Spent { cpu, peak_kib } = process.end().await?;
    if let Some(figures) = counted {
        figures.cold.push(millis(wall));
        figures.cpu.push(millis(cpu));
        figures.peak_kib = figures.peak_kib.max(peak_kib);
        figures.calls = calls;
    }
    Ok(())
}

/// A process that gives many answers; its first is a cold start and counts for nothing.
async fn warm(
    config: &HostConfig,
    (name, payload): (&str, &Value),
    figures: &mut Figures,
) -> Result<(), Failure> {
    let process = Watched::new(config.clone(), name)?;
    for call in 0..=WARM_CALLS {
        let (wall, _) = process.call(payload).await;
        if call > 0 {
            figures.warm.push(millis(wall));
        }
    }
    figures.peak_kib = figures.peak_kib.max(process.end().await?.peak_kib);
    Ok(())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// A row for each, with what it missed.
fn print(figures: &BTreeMap<&str, Figures>, peer: &Peer) {
    let [faster, less, smaller] = GOALS;
    let mut table = Table::new(&[
        "function",
        "AWS calls",
        "cold ms",
        "warm ms",
        "CPU ms",
        "peak MiB",
        "zip MB",
        "times faster",
        "goals",
    ]);
    let python = median(figures[PEER].cold.iter().copied());
    for (name, figures) in figures {
        let zip = peer
            .zips
            .get(*name)
            .map_or(f64::NAN, |bytes| crate::launched::megabytes(*bytes));
        let [cold, warm, cpu] =
            [&figures.cold, &figures.warm, &figures.cpu].map(|all| median(all.iter().copied()));
        let goals = if *name == PEER {
            "what the others are compared with".to_owned()
        } else {
            judged([python / cold, cpu, zip])
        };
        table.row(&[
            name,
            &figures.calls.to_string(),
            &format!("{cold:.1}"),
            &format!("{warm:.2}"),
            &format!("{cpu:.1}"),
            &figures
                .peak_kib
                .map_or_else(|| "not told".to_owned(), |kib| format!("{:.1}", mebibytes(kib))),
            &format!("{zip:.2}"),
            &format!("{:.1}", python / cold),
            &goals,
        ]);
    }
    println!(
        "{}; medians of {STARTS} starts and of {WARM_CALLS} warm calls, largest peak",
        peer.versions
    );
    println!("{table}");
    println!(
        "Goals: {faster} times faster than Python, {less} ms of CPU to the first answer, {smaller} MB of zip."
    );
}

/// Which of [`GOALS`] were reached.
fn judged([ratio, cpu, zip]: [f64; 3]) -> String {
    let [faster, less, smaller] = GOALS;
    let [speed, work, size] = [ratio >= faster, cpu <= less, zip <= smaller].map(reached);
    format!("speed {speed}, CPU {work}, zip {size}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goal_is_judged_by_itself() {
        assert_eq!(
            judged([35.0, 8.0, 2.5]),
            "speed reached, CPU reached, zip reached"
        );
        assert_eq!(judged([34.9, 8.1, 2.6]), "speed missed, CPU missed, zip missed");
        assert!(
            judged([40.0, 4.0, f64::NAN]).ends_with("zip missed"),
            "a zip that nobody made"
        );
    }

    #[test]
    fn every_function_has_a_payload() {
        let payloads = payloads().unwrap();
        assert_eq!(
            payloads.len(),
            9,
            "eight functions and the peer: {:?}",
            payloads.keys()
        );
        assert!(payloads.contains_key("verify-object") && payloads.contains_key(PEER));
    }

    #[test]
    fn the_peer_tells_of_itself_and_of_the_zips() {
        let said = br#"{"versions": "Python 3", "roots": "/etc/roots.pem", "zips": {"prune": 12}}"#;
        let peer = Peer::read(said).unwrap();
        assert_eq!((peer.versions.as_str(), peer.zips["prune"]), ("Python 3", 12));
        assert!(Peer::read(b"Traceback").is_err(), "it has no boto3");
    }
}
