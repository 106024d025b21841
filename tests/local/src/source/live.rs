//! A running server as the source of a shard: asked at `CreateSnapshot`, it gives its data as of then.

use crate::source::{Address, Limits, SourceError, copy_rdb, one_line};
use redis::{Client, Connection, ErrorKind, RedisError, ServerErrorKind};
use sim::world::ReadContent;
use std::io;
use std::sync::Arc;

/// A server whose data are read over the replication protocol whenever a snapshot is made.
#[derive(Debug, Clone)]
pub struct LiveContent {
    address: Address,
    limits: Limits,
}

impl LiveContent {
    /// Reads from this address within these limits.
    pub fn new(address: Address, limits: Limits) -> Self {
        Self { address, limits }
    }

    /// Writes the data as of now to `out`; gives their size in bytes.
    pub fn copy_to(&self, out: &mut dyn io::Write) -> Result<u64, SourceError> {
        let version = version(&mut connect(&self.address, self.limits)?);
        copy_rdb(&self.address, version.as_deref(), self.limits, out)
    }
}

impl ReadContent for LiveContent {
    fn read(&self) -> Result<Arc<[u8]>, String> {
        let mut bytes = Vec::new();
        self.copy_to(&mut bytes).map_err(|error| one_line(&error))?;
        Ok(Arc::from(bytes))
    }
}

/// A connection for commands, logged in.
pub(crate) fn connect(address: &Address, limits: Limits) -> Result<Connection, SourceError> {
    let client = address
        .connection_info()
        .and_then(Client::open)
        .map_err(|error| refused(address, &error))?;
    let connection = client
        .get_connection_with_timeout(limits.connect)
        .map_err(|error| refused(address, &error))?;
    connection
        .set_read_timeout(Some(limits.silence))
        .map_err(|error| refused(address, &error))?;
    Ok(connection)
}

fn refused(address: &Address, error: &RedisError) -> SourceError {
    let address = address.clone();
    let let_in = !matches!(
        error.kind(),
        ErrorKind::AuthenticationFailed | ErrorKind::Server(ServerErrorKind::NoPerm)
    );
    if let_in {
        return SourceError::Connect {
            address,
            source: io::Error::other(error.to_string()),
        };
    }
    SourceError::Authentication {
        address,
        answer: error.to_string(),
    }
}

/// The server's own version. One that does not tell is served without it.
fn version(connection: &mut Connection) -> Option<String> {
    let info: String = redis::cmd("INFO").arg("server").query(connection).ok()?;
    let field = |name: &str| {
        info.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
    };
    field("valkey_version")
        .or_else(|| field("redis_version"))
        .map(|version| version.trim().to_owned())
}
