//! What the servers are filled with.
//!
//! - [`shapes`]: one key of every type in every encoding that a server writes, with the reason it is there, once per
//!   database; and a library of functions.
//! - [`edges`]: keys at, below and above every limit between two encodings, by the hundred, for the verifier's tests.
//! - [`bulk`]: many ordinary keys, as a shop has them: orders, customers, carts, sessions, products.
//! - [`random`]: keys of any type, size and name from a seed, for data that nobody thought of.
//!
//! Everything follows from the [`Recipe`]; nothing is left to the clock. Expiries lie in the year 2100, so that no key
//! vanishes between a backup and its comparison.

pub mod bulk;
pub mod edges;
pub mod random;
pub mod shapes;

use crate::source::{Server, SourceError, census, owner_of};
use redis::{Cmd, Connection, Pipeline};

/// Keys per round trip.
const BATCH: usize = 500;

/// Seconds since 1970 of the first of January 2100.
pub(crate) const FAR: u64 = 4_102_444_800;

/// The functions that a filled server has: a backup carries them, and a restore must too.
const LIBRARY: &str = "#!lua name=snapkeep_demo\n\
    redis.register_function('total', function(keys, args) return redis.call('HGET', keys[1], 'total') end)\n";

/// A key and the commands that make it, in order; each names no other key.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its database.
    pub database: u32,
    /// Its name.
    pub key: Vec<u8>,
    /// What makes it.
    pub commands: Vec<Cmd>,
}

/// What a server understands beyond the oldest commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// Fields of a hash may expire by themselves: Valkey 9, Redis 7.4.
    pub field_expiry: bool,
    /// Libraries of functions: version 7.
    pub functions: bool,
}

impl Abilities {
    /// Asks a server.
    pub fn of(server: &Server) -> Result<Self, SourceError> {
        let mut connection = server.connect()?;
        Ok(Self {
            field_expiry: census::knows(server, &mut connection, "HEXPIRE")?,
            functions: census::knows(server, &mut connection, "FUNCTION")?,
        })
    }
}

/// What to fill with.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    /// Databases that get one key of every shape; bulk goes into the first, some into the others.
    pub databases: &'static [u32],
    /// Makes the bulk's nth key.
    pub bulk: fn(u32) -> Item,
    /// How many of those.
    pub count: u32,
    /// Random keys besides, from this seed.
    pub random: Option<u64>,
}

impl Recipe {
    /// All keys, for servers of these abilities.
    pub fn items(&self, abilities: Abilities) -> Vec<Item> {
        let shapes = self
            .databases
            .iter()
            .flat_map(|database| shapes::all(*database, abilities));
        let bulk = (0..self.count).map(|number| {
            let item = (self.bulk)(number);
            // Every twentieth key is not in the first database, if there are others.
            let other = (number % 20 == 19).then(|| number as usize / 20 % self.databases.len());
            Item {
                database: self.databases.get(other.unwrap_or(0)).copied().unwrap_or(0),
                ..item
            }
        });
        let random = self
            .random
            .into_iter()
            .flat_map(|seed| random::items(seed, self.databases));
        shapes.chain(bulk).chain(random).collect()
    }
}

/// Fills servers: one alone, or the shards of a cluster, each with the keys whose slots it owns.
pub fn fill(servers: &[Server], recipe: &Recipe) -> Result<(), SourceError> {
    let Some(first) = servers.first() else {
        return Ok(());
    };
    let abilities = Abilities::of(first)?;
    let items = recipe.items(abilities);
    let owners = if servers.len() > 1 {
        owners(servers, &items)?
    } else {
        vec![0; items.len()]
    };
    for (index, server) in servers.iter().enumerate() {
        let own = items
            .iter()
            .zip(&owners)
            .filter(|(_, owner)| **owner == index)
            .map(|(item, _)| item);
        Writer::new(server)?.write(own)?;
        if abilities.functions {
            let load = redis::cmd("FUNCTION")
                .arg("LOAD")
                .arg("REPLACE")
                .arg(LIBRARY)
                .to_owned();
            server.ask::<()>(&mut server.connect()?, &load)?;
        }
    }
    Ok(())
}

/// Which server each key belongs to; a server tells the slot, so that nobody here can get it wrong.
fn owners(servers: &[Server], items: &[Item]) -> Result<Vec<usize>, SourceError> {
    let shards = u32::try_from(servers.len()).unwrap_or(u32::MAX);
    let Some(server) = servers.first() else {
        return Ok(Vec::new());
    };
    let mut connection = server.connect()?;
    let mut owners = Vec::with_capacity(items.len());
    for batch in items.chunks(BATCH) {
        let mut pipeline = Pipeline::with_capacity(batch.len());
        for item in batch {
            pipeline.cmd("CLUSTER").arg("KEYSLOT").arg(&item.key);
        }
        let slots: Vec<u32> = pipeline
            .query(&mut connection)
            .map_err(|error| server.refused(error))?;
        owners.extend(slots.into_iter().map(|slot| owner_of(slot, shards) as usize));
    }
    Ok(owners)
}

/// Sends commands in batches, changing the database where an item needs it.
struct Writer<'a> {
    server: &'a Server,
    connection: Connection,
    database: u32,
    pipeline: Pipeline,
}

impl<'a> Writer<'a> {
    fn new(server: &'a Server) -> Result<Self, SourceError> {
        let connection = server.connect()?;
        Ok(Self {
            server,
            connection,
            database: 0,
            pipeline: Pipeline::new(),
        })
    }

    fn write<'i>(mut self, items: impl Iterator<Item = &'i Item>) -> Result<(), SourceError> {
        for item in items {
            if item.database != self.database {
                self.pipeline.cmd("SELECT").arg(item.database).ignore();
                self.database = item.database;
            }
            for command in &item.commands {
                self.pipeline.add_command(command.clone()).ignore();
            }
            if self.pipeline.len() >= BATCH {
                self.flush()?;
            }
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        if self.pipeline.is_empty() {
            return Ok(());
        }
        self.pipeline
            .exec(&mut self.connection)
            .map_err(|error| self.server.refused(error))?;
        self.pipeline.clear();
        Ok(())
    }
}

/// A command on a key.
pub(crate) fn on(command: &str, key: &[u8]) -> Cmd {
    redis::cmd(command).arg(key).take()
}

/// Lets a key expire, in 2100 and `seconds` later.
pub(crate) fn expire(key: &[u8], seconds: u64) -> Cmd {
    on("EXPIREAT", key).arg(FAR + seconds).take()
}
