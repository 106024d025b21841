//! Cold starts of the functions beside one of Python and boto3, in the same run: `make bench`.
//!
//! `startup <python with boto3> <folder of functions>`. Each start is a new process, timed from its spawn to its first
//! answer. The calls go over HTTPS, because over plain HTTP nobody would see what setting up TLS costs, to a stub that
//! refuses them all: every function answers after its first. What Lambda does before the process starts is not in it.
//!
//! Other work on the machine moves the times of both sides, those of the short starts more: on an idle machine the
//! ratios can be read, on a busy one only the CPU. The stub is a debug build and adds its handshake to all alike. A goal
//! that was missed is printed and is no failure; a function that did not run is.
#![allow(clippy::print_stdout, reason = "a table is all it is for")]

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use local::lambda::{Host, HostConfig, Limits};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf, absolute};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer};

/// How many times faster than Python, in how many milliseconds of CPU and megabytes of zip, a function is to start.
const GOALS: [f64; 3] = [35.0, 8.0, 2.5];

/// Starts of each that count, after one that brings the files into memory.
const STARTS: usize = 21;

/// Python's name among the functions.
const PEER: &str = "python";

/// Calls of AWS that the function under test has made.
static CALLS: AtomicU32 = AtomicU32::new(0);

type Failure = Box<dyn std::error::Error>;

/// Of one start: milliseconds to the answer, milliseconds of CPU (user and system), calls of AWS.
type Figures = [f64; 3];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [python, functions] = &arguments[..] else {
        return Err("usage: startup <python with boto3> <folder of functions>".into());
    };
    let temporary = tempfile::tempdir()?;
    let folder = temporary.path();
    let payloads = payloads()?;
    for name in payloads.keys().filter(|name| *name != PEER) {
        symlink(absolute(functions)?.join(name), folder.join(name))?;
    }
    let peer = install_peer(&absolute(python)?, &folder.join(PEER))?;
    let mut peer = Command::new(peer);
    peer.args(payloads.keys())
        .current_dir(folder)
        .stderr(Stdio::inherit());
    let peer: Value = serde_json::from_slice(&peer.output()?.stdout)?;

    let stub = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("https://{}", stub.local_addr()?);
    let roots = folder.join("roots.pem");
    fs::copy(peer["roots"].as_str().unwrap_or_default(), &roots)?;
    let (tls, root) = tls()?;
    File::options()
        .append(true)
        .open(&roots)?
        .write_all(root.as_bytes())?;
    tokio::spawn(refuse_all(stub, tls));
    let host = host(folder, &endpoint, &roots)?;
    let mut starts: BTreeMap<String, Vec<Figures>> = BTreeMap::new();
    for round in 0..=STARTS {
        for (name, payload) in &payloads {
            let figures = start(host.clone(), name, payload).await?;
            if round > 0 {
                starts.entry(name.clone()).or_default().push(figures);
            }
        }
    }
    print(&starts, &peer);
    Ok(())
}

/// What the state machine sends to each function, and the peer's.
fn payloads() -> Result<BTreeMap<String, Value>, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/payloads/0.1.0/replication-group");
    let mut payloads = BTreeMap::from([(PEER.to_owned(), json!({"snapshot": "orders-202603010200"}))]);
    for entry in fs::read_dir(folder)? {
        let state: Value = serde_json::from_slice(&fs::read(entry?.path())?)?;
        let name = state["function"].as_str().unwrap_or_default();
        // Of the two states that have one function, the one whose first call is for ElastiCache.
        if state["payload"]["what"] != "export" {
            payloads.insert(name.to_owned(), state["payload"].clone());
        }
    }
    Ok(payloads)
}

/// Lambda's image has boto3, so a function that uses it is its script alone.
fn install_peer(python: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let (bootstrap, script) = (folder.join("bootstrap"), include_str!("startup_peer.py"));
    fs::create_dir(folder)?;
    fs::write(&bootstrap, format!("#!{}\n{script}", python.display()))?;
    fs::set_permissions(&bootstrap, Permissions::from_mode(0o755))?;
    Ok(bootstrap)
}

fn host(folder: &Path, endpoint: &str, roots: &Path) -> Result<HostConfig, Failure> {
    let variables = json!({
        "AWS_ENDPOINT_URL": endpoint,
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
        limits: Limits::default(),
        limits_of: BTreeMap::new(),
    })
}

async fn start(host: HostConfig, name: &str, payload: &Value) -> Result<Figures, Failure> {
    let host = Host::new(host)?;
    CALLS.store(0, Ordering::Relaxed);
    let (before, spawned) = (cpu_of_ended_processes()?, Instant::now());
    let answer = host.invoke(name, payload).await;
    let wall = spawned.elapsed().as_secs_f64() * 1e3;
    let calls = CALLS.load(Ordering::Relaxed);
    // An error of the function's own, told by its name, is an answer to a refused call.
    let ran = answer
        .as_ref()
        .map_or_else(|error| error.error.starts_with("Backup."), |_| true);
    if !ran || calls == 0 {
        let log = host.last_log_lines(name, 1)?.concat();
        return Err(format!("`{name}` did not run, after {calls} calls: {answer:?}: {log}").into());
    }
    // Its process is killed with its host, and counts once the runtime has reaped it, which it does in passing.
    drop(host);
    for _ in 0..1000 {
        let cpu = cpu_of_ended_processes()? - before;
        if cpu > 0.0 {
            return Ok([wall, cpu, calls.into()]);
        }
        sleep(Duration::from_millis(1)).await;
    }
    Err(format!("the process of `{name}` was not reaped within a second").into())
}

/// In milliseconds.
fn cpu_of_ended_processes() -> Result<f64, Failure> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = (usage.user_time() + usage.system_time()).num_microseconds();
    Ok(Duration::from_micros(micros.try_into()?).as_secs_f64() * 1e3)
}

/// TLS with a certificate of our own, and the root that vouches for it.
fn tls() -> Result<(TlsAcceptor, String), Failure> {
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    root.distinguished_name
        .push(DnType::CommonName, "start-up benchmark");
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
    let mut own = CertificateParams::new(["127.0.0.1".to_owned()])?;
    // Python 3.13 and later insist on it.
    own.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let chain = vec![own.signed_by(&key, &root)?.der().clone()];
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
    Ok((TlsAcceptor::from(Arc::new(config)), root.pem()))
}

async fn refuse_all(stub: TcpListener, tls: TlsAcceptor) {
    while let Ok((stream, _)) = stub.accept().await {
        let tls = tls.clone();
        tokio::spawn(async move {
            // Without it an answer may wait 40 ms for a delayed ACK. Connections end in errors with killed processes.
            let _ = stream.set_nodelay(true);
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let http = http1::Builder::new();
            let _ = http
                .serve_connection(TokioIo::new(stream), service_fn(refuse))
                .await;
        });
    }
}

/// With `AccessDenied`, which no SDK tries again: as S3 writes it, and at `/` as the Query services do.
async fn refuse(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    CALLS.fetch_add(1, Ordering::Relaxed);
    let mut body = "<Error><Code>AccessDenied</Code><Message>refused</Message></Error>".to_owned();
    if request.uri().path() == "/" {
        body = format!("<ErrorResponse>{body}</ErrorResponse>");
    }
    request.into_body().collect().await?;
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = StatusCode::FORBIDDEN;
    Ok(response)
}

/// A line for each, with what it missed.
fn print(starts: &BTreeMap<String, Vec<Figures>>, peer: &Value) {
    let [faster, less, smaller] = GOALS;
    println!(
        "{}; median of {STARTS}",
        peer["versions"].as_str().unwrap_or_default()
    );
    println!("                 calls  cold ms  CPU ms  zip MB  times faster");
    let python = median(&starts[PEER])[0];
    for (name, starts) in starts {
        let [wall, cpu, calls] = median(starts);
        let (zip, ratio) = (
            peer["zips"][name].as_f64().unwrap_or(f64::NAN) / 1e6,
            python / wall,
        );
        print!("{name:<16} {calls:>5} {wall:>8.1} {cpu:>7.1} {zip:>7.2} {ratio:>13.1}");
        if name == PEER {
            println!("  what the others are compared with");
            continue;
        }
        let judged = [ratio >= faster, cpu <= less, zip <= smaller];
        let [speed, work, size] = judged.map(|reached| if reached { "reached" } else { "missed" });
        println!("  speed {speed}, CPU {work}, zip {size}");
    }
    println!("goals: {faster} times faster than Python, {less} ms of CPU, {smaller} MB of zip");
}

/// Of each figure by itself.
fn median(starts: &[Figures]) -> Figures {
    [0, 1, 2].map(|figure| {
        let mut values: Vec<f64> = starts.iter().map(|start| start[figure]).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    })
}
