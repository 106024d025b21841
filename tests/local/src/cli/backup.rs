//! `backup` and `redrive`: one run, followed to its end.

use crate::cli::args::What;
use crate::cli::catalogue::keys;
use crate::cli::look::transitions;
use crate::cli::{CliError, Follow, Global, Screen, backups, follow, open};
use crate::engine::Engine;
use crate::source::{Address, Limits, LiveContent, staged};
use crate::view::{catalogue, timeline};
use backup_core::{CacheId, CacheKind, Instant};
use serde_json::json;
use sim::asl::Status;
use sim::world::content::FileContent;
use sim::world::elasticache::{Group, Profile, StandAlone};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Where the nodes of a person's own cache are said to be.
const ZONES: [&str; 2] = ["eu-west-1a", "eu-west-1b"];

/// `backup`: everything that can be wrong with the source is found before the state folder is touched.
pub(crate) async fn run(global: &Global, what: &What, screen: &Screen) -> Result<ExitCode, CliError> {
    let source = Source::read(what)?;
    let engine = open(global.config(|_| ())?).await?;
    let kind = source.put(&engine)?;
    let now = engine.now();
    let instant = Instant::of(now).map_or_else(String::new, |instant| instant.to_string());
    let name = format!("{}-{instant}", source.id);
    let input = json!({"cache": {"kind": kind, "id": source.id}, "scheduledTime": now});
    let notices = engine.subscribe();
    engine.start(input, Some(&name)).map_err(|error| CliError::Run {
        run: name.clone(),
        source: error,
    })?;
    let run = Follow {
        name,
        label: source.id.to_string(),
        before: Vec::new(),
    };
    let ends = follow(&engine, notices, std::slice::from_ref(&run), screen).await?;
    finish(&engine, &run.name, ends.first().copied(), screen).await
}

/// `redrive`.
pub(crate) async fn redrive(global: &Global, run: &str, screen: &Screen) -> Result<ExitCode, CliError> {
    if !global.home().is_dir() {
        return Err(CliError::NoHome(global.home()));
    }
    let engine = open(global.config(|_| ())?).await?;
    let failed = |source| CliError::Run {
        run: run.to_owned(),
        source,
    };
    let before = engine.execution(run).map_err(failed)?.history;
    let notices = engine.subscribe();
    engine.redrive(run).map_err(failed)?;
    let label = run.rsplit_once('-').map_or(run, |(id, _)| id).to_owned();
    let follows = [Follow {
        name: run.to_owned(),
        label,
        before,
    }];
    let ends = follow(&engine, notices, &follows, screen).await?;
    finish(&engine, run, ends.first().copied(), screen).await
}

/// What came of a run.
async fn finish(
    engine: &Engine,
    run: &str,
    status: Option<Status>,
    screen: &Screen,
) -> Result<ExitCode, CliError> {
    engine.quiet().await;
    let execution = engine.execution(run).map_err(|source| CliError::Run {
        run: run.to_owned(),
        source,
    })?;
    screen.print("");
    if status != Some(Status::Succeeded) {
        screen.print(&timeline::text(&execution, engine.now(), screen.width()));
        screen.print(&format!(
            "Messages lie in {}",
            engine.home().messages_folder().display()
        ));
        return Ok(ExitCode::FAILURE);
    }
    let bucket = &engine.config().bucket;
    let all = engine.world().call(|world, now| backups(world, bucket, now))??;
    let made = all
        .iter()
        .find(|(_, manifest)| manifest.run.execution_arn == execution.execution_arn);
    let Some((key, manifest)) = made else {
        return Err(CliError::Catalogue(format!(
            "run `{run}` succeeded without a manifest of its own"
        )));
    };
    let row = catalogue::Row::of(
        manifest,
        transitions(std::slice::from_ref(&execution), &execution.execution_arn),
    );
    screen.print(&catalogue::table(&[row], screen.width()));
    screen.print("");
    let folder = key.trim_end_matches("manifest.json");
    for key in engine
        .world()
        .call(|world, now| keys(world, bucket, folder, now))??
    {
        screen.print(&engine.home().object_path(bucket, &key).display().to_string());
    }
    Ok(ExitCode::SUCCESS)
}

/// A cache of a person's own, and a file for each shard.
struct Source {
    id: CacheId,
    files: Vec<PathBuf>,
    /// What a server gave lies here until it has its place.
    _read: Option<NamedTempFile>,
}

impl Source {
    fn read(what: &What) -> Result<Self, CliError> {
        let Some(address) = &what.cache else {
            what.rdb.iter().try_for_each(|file| check_file(file))?;
            let first = what.rdb.first().and_then(|file| file.file_stem());
            let first = first.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
            return Ok(Self {
                id: id(what, &first)?,
                files: what.rdb.clone(),
                _read: None,
            });
        };
        let address = Address::parse(address)?;
        let id = id(what, &format!("cache-{}-{}", address.host(), address.port()))?;
        let limits = Limits {
            bytes: what.max_bytes,
            ..Limits::default()
        };
        let mut file = NamedTempFile::new().map_err(CliError::io(std::env::temp_dir(), "written"))?;
        LiveContent::new(address, limits).copy_to(&mut file)?;
        Ok(Self {
            id,
            files: vec![file.path().to_owned()],
            _read: Some(file),
        })
    }

    /// Puts the cache into the world, with copies of the files as its content; gives its kind.
    fn put(&self, engine: &Engine) -> Result<CacheKind, CliError> {
        let home = engine.home().root();
        let contents: Vec<String> = (1..=self.files.len())
            .map(|shard| format!("{}/{shard:04}", self.id))
            .collect();
        for (content, file) in contents.iter().zip(&self.files) {
            staged::put(home, content, file)
                .map_err(CliError::io(staged::path_of(home, content), "written"))?;
        }
        let shards = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let kind = if shards == 1 {
            CacheKind::CacheCluster
        } else {
            CacheKind::ReplicationGroup
        };
        engine.world().edit(|world, now| {
            let profile = Profile {
                created: now,
                ..Profile::default()
            };
            world.remove_cache(self.id.as_str());
            match kind {
                CacheKind::ReplicationGroup => {
                    world.put_group(Group::enabled(self.id.as_str(), shards, &ZONES, profile));
                }
                _ => world.put_cluster(StandAlone::new(self.id.as_str(), ZONES[0], profile)),
            }
            for content in &contents {
                world
                    .contents
                    .attach(content, Arc::new(FileContent(staged::path_of(home, content))));
            }
        })?;
        Ok(kind)
    }
}

/// Whether a file can be a shard's data at all; what is in it is judged by the functions.
fn check_file(path: &Path) -> Result<(), CliError> {
    let wrong = |wrong| {
        Err(CliError::File {
            path: path.to_owned(),
            wrong,
        })
    };
    let metadata = fs::metadata(path).map_err(CliError::io(path, "read"))?;
    if metadata.is_dir() {
        return wrong("is a folder; name its files");
    }
    if metadata.len() == 0 {
        return wrong("is empty");
    }
    fs::File::open(path).map_err(CliError::io(path, "read"))?;
    Ok(())
}

/// The id that was asked for, or one made of a name: `My_Cache.0001` becomes `my-cache-0001`.
fn id(what: &What, from: &str) -> Result<CacheId, CliError> {
    let made = what.name.clone().unwrap_or_else(|| {
        let words = from
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty());
        let joined = words.collect::<Vec<_>>().join("-");
        let letter = joined.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        letter
            .chars()
            .take(40)
            .collect::<String>()
            .trim_end_matches('-')
            .to_owned()
    });
    CacheId::parse(&made).map_err(|_| CliError::NoName {
        path: from.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_of(name: &str) -> Option<String> {
        let what = What {
            rdb: Vec::new(),
            cache: None,
            name: None,
            max_bytes: 0,
        };
        id(&what, name).ok().map(|id| id.to_string())
    }

    #[test]
    fn ids_are_made_of_names() {
        for (name, expected) in [
            ("dump", Some("dump")),
            ("My_Cache.0001", Some("my-cache-0001")),
            ("127.0.0.1", None),
            ("2024-orders", Some("orders")),
            ("--", None),
            (&"x".repeat(60), Some(&*"x".repeat(40))),
        ] {
            assert_eq!(made_of(name).as_deref(), expected, "{name}");
        }
    }
}
