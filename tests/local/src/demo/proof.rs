//! What had to be true, looked up in what is there: manifests, files, servers, the call log, messages.

use crate::cli::{CliError, Screen, backups, watched};
use crate::demo::stage::Stage;
use crate::demo::story::{Story, Told};
use crate::engine::Engine;
use crate::source::{Census, Server, Setup};
use crate::view::catalogue;
use crate::view::checks::Check;
use crate::view::restores::{self, Restore};
use backup_core::SnapshotName;
use backup_core::manifest::{Manifest, ManifestObject};
use jiff::SignedDuration;
use sim::asl::{EventType, Execution, Status};
use sim::world::Operation;
use std::fs;

/// How old a backup may be here: the interval of an ordinary plan.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A run with what it left.
struct Outcome<'a> {
    run: &'a Told,
    record: Execution,
    manifests: Vec<Manifest>,
}

/// Shows the catalogue, what is watched, the files and the restores; gives every statement with whether it holds.
pub(crate) async fn show(
    engine: &Engine,
    stage: &Stage,
    story: &Story<'_>,
    screen: &Screen,
) -> Result<Vec<Check>, CliError> {
    let bucket = &engine.config().bucket;
    let all = engine.world().call(|world, now| backups(world, bucket, now))??;
    let mut results = Vec::new();
    for run in &story.runs {
        let of_run = |(_, manifest): &&(String, Manifest)| {
            manifest.cache.id.as_str() == run.cache.id && manifest.instant() == run.instant
        };
        let manifests = all
            .iter()
            .filter(of_run)
            .map(|(_, manifest)| manifest.clone())
            .collect();
        results.push(Outcome {
            run,
            record: story.record(&run.name)?,
            manifests,
        });
    }
    show_catalogue(engine, &results, screen);
    let mut checks = of_runs(&results);
    checks.extend(of_snapshots(engine, &results)?);
    checks.extend(of_failure(story, &results)?);
    checks.push(of_watch(engine, &results, screen).await?);
    checks.extend(of_content(engine, stage, &results, screen)?);
    Ok(checks)
}

fn show_catalogue(engine: &Engine, results: &[Outcome<'_>], screen: &Screen) {
    screen.heading("The catalogue");
    let row = |result: &Outcome<'_>| {
        let transitions = Some(result.record.transitions);
        result
            .manifests
            .iter()
            .map(|manifest| catalogue::Row::of(manifest, transitions))
            .collect::<Vec<_>>()
    };
    let rows: Vec<catalogue::Row> = results.iter().flat_map(row).collect();
    screen.print(&catalogue::table(&rows, screen.width()));
    screen.print("\nThe files:\n\n");
    let root = engine.home().buckets().join(&engine.config().bucket);
    screen.print(&format!("{}/", root.display()));
    for object in results
        .iter()
        .flat_map(|result| &result.manifests)
        .flat_map(|manifest| &manifest.objects)
    {
        screen.print(&format!("  {}", object.key));
    }
}

/// A backup of each cache, seen by the function that would miss it. Runs of an earlier demo in the same folder are
/// another day's.
async fn of_watch(engine: &Engine, results: &[Outcome<'_>], screen: &Screen) -> Result<Check, CliError> {
    screen.heading("What watch finds");
    let runs: Vec<Execution> = results.iter().map(|result| result.record.clone()).collect();
    let found = watched::look(engine, &runs, DAY).await?;
    screen.print(&watched::text(&found, DAY, screen.width()));
    let states = found.iter().map(|found| (found.cache.to_string(), found.state));
    let statement = "watch finds a fresh backup of every cache";
    Ok(Check::each(statement, states, &watch::State::Fresh))
}

/// What every run must leave.
fn of_runs(results: &[Outcome<'_>]) -> Vec<Check> {
    let each = |found: fn(&Outcome<'_>) -> u64| {
        let named = results
            .iter()
            .map(move |result| (result.run.name.clone(), found(result)));
        named.collect::<Vec<_>>()
    };
    let statuses = results
        .iter()
        .map(|result| (result.run.name.clone(), result.record.status));
    let missing = each(|result| {
        let shards: usize = result
            .manifests
            .iter()
            .map(|manifest| manifest.objects.len())
            .sum();
        u64::from(result.run.cache.shards).abs_diff(shards as u64)
    });
    let suspicious = each(|result| {
        result
            .manifests
            .iter()
            .filter(|manifest| manifest.suspicion.is_some())
            .count() as u64
    });
    vec![
        Check::equal("four runs were started", &results.len(), &4),
        Check::each("every run succeeded in the end", statuses, &Status::Succeeded),
        Check::each(
            "every run left one manifest",
            each(|result| result.manifests.len() as u64),
            &1,
        ),
        Check::each("no manifest lacks a shard", missing, &0),
        Check::each("no backup is suspicious", suspicious, &0),
    ]
}

/// One snapshot a run, whoever asked how often; and not of a node that takes the writes.
fn of_snapshots(engine: &Engine, results: &[Outcome<'_>]) -> Result<Vec<Check>, CliError> {
    let mut made = Vec::new();
    let mut roles = Vec::new();
    for Outcome { run, manifests, .. } in results {
        let cache = backup_core::CacheId::parse(run.cache.id).map_err(CliError::Catalogue)?;
        let name = SnapshotName::for_run(&cache, run.instant);
        let count = engine.world().call(|world, _| {
            let creations = [
                Operation::CreateSnapshot,
                Operation::CreateServerlessCacheSnapshot,
            ];
            let calls = world.log.entries().iter().filter(|call| call.effective);
            calls
                .filter(|call| creations.contains(&call.operation) && call.argument.contains(name.as_str()))
                .count()
        })?;
        made.push((run.name.clone(), count));
        if run.cache.id == "orders" {
            let role = manifests
                .first()
                .and_then(|manifest| manifest.snapshot.source_role.as_deref());
            roles.push((run.name.clone(), role));
        }
    }
    Ok(vec![
        Check::each("every run made one snapshot, the re-driven one too", made, &1),
        Check::each(
            "orders was read from a replica, not from its primary",
            roles,
            &Some("replica"),
        ),
    ])
}

/// The run that failed: where, by which name, told how often, mended by what.
fn of_failure(story: &Story<'_>, results: &[Outcome<'_>]) -> Result<Vec<Check>, CliError> {
    let (Some(failed), Some(mended)) = (&story.failed, results.last()) else {
        return Ok(Vec::new());
    };
    let state = crate::view::Steps::of(&failed.history)
        .all()
        .last()
        .map(|step| step.state.clone());
    let subjects: Vec<String> = story
        .messages()?
        .into_iter()
        .map(|message| message.subject.unwrap_or_default())
        .collect();
    let about = |word: &str| subjects.iter().filter(|subject| subject.contains(word)).count();
    let created = mended.record.history.iter().filter(|event| {
        event.event_type == EventType::TaskStateEntered
            && format!("{:?}", event.details).contains("\"CreateSnapshot\"")
    });
    let named = Some("Backup.BucketNotGranted");
    Ok(vec![
        Check::equal(
            "without the grant the fourth run failed in CopyToS3",
            &state.as_deref(),
            &Some("CopyToS3"),
        ),
        Check::equal(
            "it failed by its name, Backup.BucketNotGranted",
            &failed.error.as_deref(),
            &named,
        ),
        Check::equal(
            "the failed run had left no manifest",
            &story.manifests_of_failed,
            &0,
        ),
        Check::equal("its failure was told once", &about("FAILED"), &1),
        Check::equal("its recovery was told once", &about("RECOVERED"), &1),
        Check::equal("nothing else was told", &subjects.len(), &2),
        Check::equal("one re-drive mended it", &mended.record.redrive_count, &1),
        Check::equal(
            "the re-drive did not begin again at CreateSnapshot",
            &created.count(),
            &1,
        ),
    ])
}

/// What is in the files is what was in the caches.
fn of_content(
    engine: &Engine,
    stage: &Stage,
    results: &[Outcome<'_>],
    screen: &Screen,
) -> Result<Vec<Check>, CliError> {
    let mut objects = Vec::new();
    for Outcome { run, manifests, .. } in results {
        objects.extend(
            manifests
                .iter()
                .flat_map(|manifest| &manifest.objects)
                .map(|object| (*run, object)),
        );
    }
    match stage {
        Stage::Live { .. } => restore_all(engine, stage, &objects, screen),
        Stage::Bundled(files) => {
            let mut equal = Vec::new();
            for (run, object) in objects {
                let content = format!("{}/{}", run.cache.id, object.verdict.shard);
                let source = files.get(&content).and_then(|file| fs::read(file).ok());
                let path = engine
                    .home()
                    .object_path(&engine.config().bucket, object.key.as_str());
                let exported = fs::read(&path).map_err(CliError::io(&path, "read"))?;
                equal.push((
                    format!("{} {}", run.name, object.verdict.shard),
                    source == Some(exported),
                ));
            }
            Ok(vec![Check::each(
                "every exported file is the bundled one, byte for byte",
                equal,
                &true,
            )])
        }
    }
}

/// Loads each exported file into a fresh server of its own and compares that with the source.
fn restore_all(
    engine: &Engine,
    stage: &Stage,
    objects: &[(&Told, &ManifestObject)],
    screen: &Screen,
) -> Result<Vec<Check>, CliError> {
    let Stage::Live { program, servers } = stage else {
        return Ok(Vec::new());
    };
    screen.heading("Every exported file, loaded into a fresh server and compared with its source");
    let (mut restored, mut counted, mut equal) = (Vec::new(), Vec::new(), Vec::new());
    let line = screen.line();
    for (run, object) in objects {
        let shard = &object.verdict.shard;
        line.show(format!("restoring {} {shard}", run.name));
        let path = engine
            .home()
            .object_path(&engine.config().bucket, object.key.as_str());
        let setup = if run.cache.is_cluster() {
            Setup::RestoredShard(&path)
        } else {
            Setup::Restored(&path)
        };
        let Some(source) = servers.get(&format!("{}/{shard}", run.cache.id)) else {
            continue;
        };
        let source = Census::of(source)?;
        let restore = Restore {
            cache: run.name.clone(),
            shard: shard.clone(),
            restored: Census::of(&Server::start(program, setup)?)?,
            source,
        };
        let name = format!("{} {shard}", run.name);
        let by_manifest = (object.verdict.keys, object.verdict.expires);
        counted.push((
            name.clone(),
            by_manifest == (restore.source.keys(), restore.source.expires()),
        ));
        equal.push((name, restore.is_equal()));
        restored.push(restore);
    }
    drop(line);
    screen.print(&restores::table(&restored, screen.width()));
    Ok(vec![
        Check::each(
            "every manifest counts the keys and expiries that the source has",
            counted,
            &true,
        ),
        Check::each(
            "every file, restored, equals its source: keys, digest, functions",
            equal,
            &true,
        ),
    ])
}
