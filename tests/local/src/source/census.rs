//! What is in a server, so that two can be compared: a source, and a server that loaded its backup.

use crate::source::{Server, SourceError};
use redis::Connection;
use std::collections::BTreeMap;

/// Keys of one database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All keys.
    pub keys: u64,
    /// Keys with an expiry.
    pub expires: u64,
}

/// All that a server has, in numbers that any difference in content changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// By database; empty ones are left out.
    pub databases: BTreeMap<u32, Counts>,
    /// `DEBUG DIGEST`: a SHA-1 over every key and value of every database, and over which keys expire.
    pub digest: String,
    /// `FUNCTION DUMP`; empty where the server knows no functions. The digest does not cover them.
    pub functions: Vec<u8>,
}

impl Census {
    /// Counts a server's content.
    pub fn of(server: &Server) -> Result<Self, SourceError> {
        let mut connection = server.connect()?;
        let info: String = server.ask(&mut connection, redis::cmd("INFO").arg("keyspace"))?;
        let digest = server.ask(&mut connection, redis::cmd("DEBUG").arg("DIGEST"))?;
        let functions = if knows(server, &mut connection, "FUNCTION")? {
            server.ask(&mut connection, redis::cmd("FUNCTION").arg("DUMP"))?
        } else {
            Vec::new()
        };
        Ok(Self {
            databases: databases(&info),
            digest,
            functions,
        })
    }

    /// Keys in all databases.
    pub fn keys(&self) -> u64 {
        self.databases.values().map(|counts| counts.keys).sum()
    }

    /// Keys with an expiry in all databases.
    pub fn expires(&self) -> u64 {
        self.databases.values().map(|counts| counts.expires).sum()
    }
}

/// Whether a server has a command.
pub(crate) fn knows(
    server: &Server,
    connection: &mut Connection,
    command: &str,
) -> Result<bool, SourceError> {
    let found: Vec<redis::Value> = server.ask(connection, redis::cmd("COMMAND").arg("INFO").arg(command))?;
    Ok(found.iter().any(|found| *found != redis::Value::Nil))
}

/// Keys and expiries by database.
pub(crate) fn databases(info: &str) -> BTreeMap<u32, Counts> {
    let keys = column(info, "keys").into_iter();
    let expires = column(info, "expires").into_iter();
    keys.zip(expires)
        .map(|((number, keys), (_, expires))| (number, Counts { keys, expires }))
        .collect()
}

/// One number of lines like `db0:keys=12,expires=3,avg_ttl=0`, by database; nothing where a server does not tell it.
pub(crate) fn column(info: &str, name: &str) -> BTreeMap<u32, u64> {
    let number = |line: &str| {
        let (database, fields) = line.trim().strip_prefix("db")?.split_once(':')?;
        let mut pairs = fields.split(',').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| *key == name)?;
        Some((database.parse().ok()?, value.parse().ok()?))
    };
    info.lines().filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyspace_is_read_by_database() {
        let info = "# Keyspace\r\ndb0:keys=12,expires=3,avg_ttl=5,keys_with_volatile_items=1\r\ndb11:keys=1,expires=0,avg_ttl=0\r\n";
        let expected = [
            (0, Counts { keys: 12, expires: 3 }),
            (11, Counts { keys: 1, expires: 0 }),
        ];
        assert_eq!(databases(info), BTreeMap::from(expected));
        assert_eq!(databases("# Keyspace\r\n"), BTreeMap::new(), "an empty server");
        assert_eq!(
            column(info, "keys_with_volatile_items"),
            BTreeMap::from([(0, 1)]),
            "one that not every line has"
        );
    }
}
