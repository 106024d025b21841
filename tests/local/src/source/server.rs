//! Servers of our own: each in a folder of its own, on loopback, gone with its handle.

use crate::source::{Address, Limits, Program, SourceError, live};
use redis::{Connection, FromRedisValue};
use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

/// How often a start is tried: between the choice of a port and its use another process may take it.
const STARTS: usize = 8;
/// How long a server may take until it answers, loading its file included, in steps of [`STEP`].
const PATIENCE: u32 = 1500;
const STEP: Duration = Duration::from_millis(20);
/// Between a cluster node's port and that of its bus.
const BUS: u16 = 10_000;

/// What a server is started as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup<'a> {
    /// Empty, with sixteen databases.
    Plain,
    /// Empty, as a node of a cluster that knows nobody and owns no slot.
    Cluster,
    /// With the data of a file, of which it gets a copy.
    Restored(&'a Path),
    /// With the data of one shard's file, as a node of a cluster.
    RestoredShard(&'a Path),
}

impl<'a> Setup<'a> {
    fn file(self) -> Option<&'a Path> {
        match self {
            Self::Restored(file) | Self::RestoredShard(file) => Some(file),
            Self::Plain | Self::Cluster => None,
        }
    }

    fn is_cluster(self) -> bool {
        matches!(self, Self::Cluster | Self::RestoredShard(_))
    }
}

/// A running server. It is killed when this is dropped, and its folder goes too.
#[derive(Debug)]
pub struct Server {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts a server and waits until it answers.
    pub fn start(program: &Program, setup: Setup<'_>) -> Result<Self, SourceError> {
        Self::start_with(program, setup, &[])
    }

    /// As [`Server::start`], with settings that cannot be changed later, such as `("rdbchecksum", "no")`.
    pub fn start_with(
        program: &Program,
        setup: Setup<'_>,
        settings: &[(&str, &str)],
    ) -> Result<Self, SourceError> {
        let failed = |error: io::Error| SourceError::Start {
            program: program.path.clone(),
            reason: error.to_string(),
        };
        let mut last = failed(io::Error::other("it was not tried"));
        for _ in 0..STARTS {
            let folder = tempfile::Builder::new()
                .prefix("snapkeep-server-")
                .tempdir()
                .map_err(failed)?;
            if let Some(file) = setup.file() {
                fs::copy(file, folder.path().join("dump.rdb")).map_err(failed)?;
            }
            let port = free_port(setup.is_cluster()).map_err(failed)?;
            let child = spawn(program, setup, settings, folder.path(), port).map_err(failed)?;
            let mut server = Self { child, folder, port };
            match server.wait_until_ready() {
                Ok(()) => return Ok(server),
                Err(reason) => {
                    last = SourceError::Start {
                        program: program.path.clone(),
                        reason,
                    }
                }
            }
        }
        Err(last)
    }

    /// Where it listens.
    pub fn address(&self) -> Address {
        Address::loopback(self.port)
    }

    /// Has it write its data to its file, which lies in its folder and goes with it.
    pub fn save(&self) -> Result<PathBuf, SourceError> {
        self.ask::<()>(&mut self.connect()?, &redis::cmd("SAVE"))?;
        Ok(self.folder.path().join("dump.rdb"))
    }

    /// A connection for commands.
    pub fn connect(&self) -> Result<Connection, SourceError> {
        live::connect(&self.address(), Limits::default())
    }

    /// Runs a command on a connection of this server, with an error that says which server refused.
    pub fn ask<T: FromRedisValue>(
        &self,
        connection: &mut Connection,
        command: &redis::Cmd,
    ) -> Result<T, SourceError> {
        command.query(connection).map_err(|source| self.refused(source))
    }

    /// An error of this server.
    pub(crate) fn refused(&self, source: redis::RedisError) -> SourceError {
        SourceError::Command {
            port: self.port,
            source,
        }
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        for _ in 0..PATIENCE {
            if let Some(status) = self.child.try_wait().map_err(|error| error.to_string())? {
                return Err(format!("{status}, {}", self.last_words()));
            }
            let pong = self
                .connect()
                .map(|mut connection| redis::cmd("PING").query::<String>(&mut connection));
            if matches!(pong, Ok(Ok(answer)) if answer == "PONG") {
                return Ok(());
            }
            sleep(STEP);
        }
        Err(format!("it does not answer, {}", self.last_words()))
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        format!("its log ends with `{}`", log.lines().last().unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free now; with a cluster's bus, the port for that is free too.
fn free_port(with_bus: bool) -> io::Result<u16> {
    for _ in 0..64 {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let bus = port.checked_add(BUS).unwrap_or(port - BUS);
        if !with_bus || (bus > port && TcpListener::bind(("127.0.0.1", bus)).is_ok()) {
            return Ok(port);
        }
    }
    Err(io::Error::other("no two free ports for a cluster node"))
}

fn spawn(
    program: &Program,
    setup: Setup<'_>,
    settings: &[(&str, &str)],
    folder: &Path,
    port: u16,
) -> io::Result<Child> {
    let log = File::create(folder.join("log"))?;
    let mut command = Command::new(&program.path);
    command
        .current_dir(folder)
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args([
            "--save",
            "",
            "--appendonly",
            "no",
            "--dbfilename",
            "dump.rdb",
            "--dir",
            ".",
        ])
        .args(["--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"])
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    if program.major() >= 7 {
        // `DEBUG DIGEST` is what a restore is judged by; version 6 has no such switch and always allows it.
        command.args(["--enable-debug-command", "yes"]);
    }
    if setup.is_cluster() {
        command.args([
            "--cluster-enabled",
            "yes",
            "--cluster-require-full-coverage",
            "no",
        ]);
    }
    for (name, value) in settings {
        command.arg(format!("--{name}")).arg(value);
    }
    command.spawn()
}
