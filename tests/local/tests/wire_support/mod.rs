//! What the tests of the local endpoint share: a folder of functions, an engine on it, a raw HTTP client.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(clippy::print_stdout, reason = "a skipped test says why")]

pub(crate) mod binaries;

use local::engine::{Engine, EngineConfig};
use local::lambda::{Host, HostConfig, Limits};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A temporary folder with functions in Python, a state machine and room for a state folder.
pub(crate) struct Bench {
    folder: TempDir,
}

impl Bench {
    /// A bench, or nothing, with the reason printed, where there is no Python.
    pub(crate) fn new() -> Option<Self> {
        let bootstrap = bootstrap()?;
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for function in ["first-step", "second-step", "notify", "fails-to-start"] {
            let folder = bench.path("functions").join(function);
            fs::create_dir_all(&folder).unwrap();
            std::os::unix::fs::symlink(bootstrap, folder.join("bootstrap")).unwrap();
        }
        fs::write(bench.path("machine.asl.json"), include_str!("machine.asl.json")).unwrap();
        Some(bench)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn add_function(&self, name: &str, bootstrap: &str) {
        let folder = self.path("functions").join(name);
        fs::create_dir_all(&folder).unwrap();
        write_program(&folder.join("bootstrap"), bootstrap);
    }

    pub(crate) fn host(&self, limits: Limits) -> Host {
        let config = HostConfig {
            functions: self.path("functions"),
            logs: self.path("logs"),
            region: "eu-west-1".to_owned(),
            variables: BTreeMap::from([("SNAPKEEP_BUCKET".to_owned(), "sthree-vault".to_owned())]),
            variables_of: BTreeMap::new(),
            limits,
            limits_of: BTreeMap::new(),
        };
        Host::new(config).unwrap()
    }

    pub(crate) fn config(&self) -> EngineConfig {
        let speed = 6000.0;
        let (home, machine) = (self.path("home"), self.path("machine.asl.json"));
        EngineConfig {
            speed,
            ..EngineConfig::new(home, machine, self.path("functions"))
        }
    }

    pub(crate) async fn engine(&self) -> Engine {
        Engine::open(self.config()).await.unwrap()
    }
}

/// The bootstrap in Python, written once before any process is started: a program that some process still has open for
/// writing cannot be run, and a process that is being started has open what this one has.
fn bootstrap() -> Option<&'static Path> {
    static BOOTSTRAP: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let written = BOOTSTRAP.get_or_init(|| {
        let python = python()?;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bootstrap");
        write_program(
            &path,
            &format!("#!{}\n{}", python.display(), include_str!("bootstrap.py")),
        );
        Some((folder, path))
    });
    written.as_ref().map(|(_, path)| path.as_path())
}

fn write_program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
}

/// The Python that the set-up installs, else the one on PATH.
pub(crate) fn python() -> Option<PathBuf> {
    let candidates = [root().join("target/venv/bin/python"), PathBuf::from("python3")];
    let executable = |python: &PathBuf| {
        let told = Command::new(python)
            .args(["-c", "import sys; print(sys.executable)"])
            .output()
            .ok()?;
        let path = String::from_utf8(told.stdout).ok()?;
        told.status.success().then(|| PathBuf::from(path.trim()))
    };
    let found = candidates.iter().find_map(executable);
    if found.is_none() {
        println!("skipped: there is no Python, neither in target/venv nor on PATH");
    }
    found
}

/// A Python with both clients, or nothing, with the reason printed.
pub(crate) fn python_with_clients() -> Option<PathBuf> {
    let python = python()?;
    let found = Command::new(&python)
        .args(["-c", "import boto3, awscli"])
        .output()
        .unwrap();
    if found.status.success() {
        return Some(python);
    }
    assert!(
        std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_none(),
        "`{}` has no boto3 and awscli; run `make setup-test` first",
        python.display()
    );
    println!(
        "skipped: `{}` has no boto3 and awscli; `make test` installs them",
        python.display()
    );
    None
}

/// Limits with a time limit.
pub(crate) fn within(timeout: Duration) -> Limits {
    Limits {
        timeout,
        ..Limits::default()
    }
}

/// Credentials as a header, signed by nobody.
pub(crate) fn signed(access_key: &str, service: &str) -> String {
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential={access_key}/20260301/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=00"
    )
}

/// What a server said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends a request with the given headers and body; nothing if the connection was dropped without an answer.
pub(crate) async fn send(url: &str, line: &str, headers: &[&str], body: &str) -> Option<Said> {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let headers = [headers, &[""]].concat().join("\r\n");
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap_or_default();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some(Said {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
