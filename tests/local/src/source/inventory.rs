//! What a server says that it has, to be compared with what is found in its file.

use crate::source::census::{column, databases, knows};
use crate::source::{Counts, Server, SourceError};
use redis::{Connection, Pipeline};
use std::collections::BTreeMap;

/// Keys asked about in one round trip.
const BATCH: usize = 1000;

/// A server's own counts. Taking them reads every key, so those past their expiry are gone afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// `INFO keyspace` before any key was read, so with keys past their expiry.
    pub keyspace: BTreeMap<u32, Counts>,
    /// Keys by database and `TYPE`, without those past their expiry.
    pub types: BTreeMap<u32, BTreeMap<String, u64>>,
    /// Keys by `TYPE` and `OBJECT ENCODING`, such as `hash listpack`.
    pub encodings: BTreeMap<String, u64>,
    /// Elements of every set, sorted set and hash by its encoding as above: what may hold duplicates.
    pub sizes: Vec<(String, u64)>,
    /// Hashes with fields that expire by themselves; only Valkey 9 has and tells them.
    pub with_expiring_fields: u64,
    /// Libraries of functions.
    pub functions: u64,
}

impl Inventory {
    /// Asks for everything.
    pub fn of(server: &Server) -> Result<Self, SourceError> {
        let mut connection = server.connect()?;
        let info: String = server.ask(&mut connection, redis::cmd("INFO").arg("keyspace"))?;
        let functions = if knows(server, &mut connection, "FUNCTION")? {
            let list = redis::cmd("FUNCTION").arg("LIST").to_owned();
            let libraries: Vec<redis::Value> = server.ask(&mut connection, &list)?;
            libraries.len() as u64
        } else {
            0
        };
        let mut inventory = Self {
            keyspace: databases(&info),
            types: BTreeMap::new(),
            encodings: BTreeMap::new(),
            sizes: Vec::new(),
            with_expiring_fields: column(&info, "keys_with_volatile_items").values().sum(),
            functions,
        };
        let numbers: Vec<u32> = inventory.keyspace.keys().copied().collect();
        for database in numbers {
            server.ask::<()>(&mut connection, redis::cmd("SELECT").arg(database))?;
            for keys in names(server, &mut connection)?.chunks(BATCH) {
                inventory.count(server, &mut connection, database, keys)?;
            }
        }
        Ok(inventory)
    }

    /// Keys in all databases, with those past their expiry.
    pub fn keys(&self) -> u64 {
        self.keyspace.values().map(|counts| counts.keys).sum()
    }

    /// Keys of one database that are not past their expiry.
    pub fn alive(&self, database: u32) -> u64 {
        self.types.get(&database).map_or(0, |types| types.values().sum())
    }

    /// Keys in all databases that are not past their expiry.
    pub fn alive_in_all(&self) -> u64 {
        self.types.keys().map(|database| self.alive(*database)).sum()
    }

    fn count(
        &mut self,
        server: &Server,
        connection: &mut Connection,
        database: u32,
        keys: &[Vec<u8>],
    ) -> Result<(), SourceError> {
        let kinds: Vec<String> = each(server, connection, keys.iter().map(|key| command("TYPE", key)))?;
        let encodings: Vec<String> = each(
            server,
            connection,
            keys.iter().map(|key| command("OBJECT ENCODING", key)),
        )?;
        let mut collections = Vec::new();
        for ((key, kind), encoding) in keys.iter().zip(&kinds).zip(&encodings) {
            *self
                .types
                .entry(database)
                .or_default()
                .entry(kind.clone())
                .or_default() += 1;
            let name = format!("{kind} {encoding}");
            let size = match kind.as_str() {
                "set" => Some("SCARD"),
                "zset" => Some("ZCARD"),
                "hash" => Some("HLEN"),
                _ => None,
            };
            collections.extend(size.map(|size| (name.clone(), command(size, key))));
            *self.encodings.entry(name).or_default() += 1;
        }
        let (names, commands): (Vec<String>, Vec<redis::Cmd>) = collections.into_iter().unzip();
        let sizes: Vec<u64> = each(server, connection, commands.into_iter())?;
        self.sizes.extend(names.into_iter().zip(sizes));
        Ok(())
    }
}

/// A command of one or two words on a key.
fn command(words: &str, key: &[u8]) -> redis::Cmd {
    let mut words = words.split(' ');
    let mut command = redis::cmd(words.next().unwrap_or_default());
    words.for_each(|word| {
        command.arg(word);
    });
    command.arg(key).take()
}

/// Answers to commands in one round trip.
fn each<T: redis::FromRedisValue>(
    server: &Server,
    connection: &mut Connection,
    commands: impl Iterator<Item = redis::Cmd>,
) -> Result<Vec<T>, SourceError> {
    let mut pipeline = Pipeline::new();
    commands.for_each(|command| {
        pipeline.add_command(command);
    });
    if pipeline.is_empty() {
        return Ok(Vec::new());
    }
    pipeline
        .query(connection)
        .map_err(|source| server.refused(source))
}

/// Every key's name, once.
fn names(server: &Server, connection: &mut Connection) -> Result<Vec<Vec<u8>>, SourceError> {
    let mut names = Vec::new();
    let mut cursor = String::from("0");
    loop {
        let scan = redis::cmd("SCAN").arg(&cursor).arg("COUNT").arg(BATCH).to_owned();
        let (next, found): (String, Vec<Vec<u8>>) = server.ask(connection, &scan)?;
        names.extend(found);
        if next == "0" {
            break;
        }
        cursor = next;
    }
    // A table that is being resized may name a key twice.
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
