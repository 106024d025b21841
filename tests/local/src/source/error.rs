//! What can be wrong with an address, a server or what it sends.

use crate::source::Address;
use std::io;
use std::path::PathBuf;

/// Why a server cannot be had or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// No address.
    #[error("`{text}` is no address of a server; write `redis://[user:password@]host:port`")]
    Address {
        /// What was given, without a password.
        text: String,
    },
    /// An address that asks for TLS.
    #[error(
        "`{address}` asks for TLS, which is not spoken here; read over a tunnel, or save a file and use `--rdb`"
    )]
    Tls {
        /// What was given, without a password.
        address: String,
    },
    /// Nobody answers there.
    #[error("no connection to `{address}`")]
    Connect {
        /// Where.
        address: Address,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// User or password are missing or wrong.
    #[error("`{address}` lets nobody in with this user and password: {answer}")]
    Authentication {
        /// Where.
        address: Address,
        /// The server's words.
        answer: String,
    },
    /// The server does not replicate, or not for this user.
    #[error(
        "`{address}` refuses `{command}`: {answer}; managed services do, so save a file there and use `--rdb`"
    )]
    Refused {
        /// Where.
        address: Address,
        /// What was asked.
        command: &'static str,
        /// The server's words.
        answer: String,
    },
    /// The connection broke or fell silent before the whole file was there.
    #[error("`{address}` broke off after {bytes} bytes of its data")]
    BrokenOff {
        /// Where.
        address: Address,
        /// How much had come.
        bytes: u64,
        /// What happened.
        #[source]
        source: io::Error,
    },
    /// More data than allowed.
    #[error("`{address}` sends more than the allowed {limit} bytes; allow more with `--max-bytes`")]
    TooLarge {
        /// Where.
        address: Address,
        /// The limit.
        limit: u64,
    },
    /// Another protocol.
    #[error("`{address}` answers `{answer}`, which is no replication protocol")]
    Protocol {
        /// Where.
        address: Address,
        /// The beginning of its answer.
        answer: String,
    },
    /// What was read cannot be stored.
    #[error("the data cannot be stored")]
    Store(#[source] io::Error),
    /// A server of our own does not start.
    #[error("`{program}` does not start: {reason}")]
    Start {
        /// The program.
        program: PathBuf,
        /// The last words of its log, or the system's.
        reason: String,
    },
    /// A server of our own does not do what it was told.
    #[error("the server on port {port} refused a command")]
    Command {
        /// Which server.
        port: u16,
        /// Its answer.
        #[source]
        source: redis::RedisError,
    },
}

/// An error and its causes in one line, for people.
pub fn one_line(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !line.ends_with(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        source = cause.source();
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
