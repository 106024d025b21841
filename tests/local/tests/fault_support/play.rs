//! Plays one cell: the scene, the run that meets the fault, its end, and what mends it.

use super::calls::Scene;
use super::judge::{Effects, Mark, ensure, no_secret, nothing_left_over, one_snapshot, one_verified_backup};
use super::{ALWAYS, Cell, End, Fault};
use crate::wire_support::binaries::root;
use backup_core::{ErrorName, Mend};
use local::engine::{Engine, EngineConfig};
use local::lambda::Limits;
use sim::asl::{Execution, Status};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// Waits pass so many times faster.
const SPEED: f64 = 6000.0;

/// A cell that was played.
#[derive(Debug)]
pub(crate) struct Row {
    /// The cell's name.
    pub(crate) cell: String,
    /// How the run ended, and what mended it.
    pub(crate) end: String,
    /// How often the function was called until then.
    pub(crate) attempts: u64,
    /// How long it all took.
    pub(crate) took: Duration,
    /// What is not as it must be.
    pub(crate) wrong: Option<String>,
}

/// Plays a cell in a folder of its own.
pub(crate) async fn play(cell: Cell, functions: std::path::PathBuf) -> Row {
    let start = Instant::now();
    let home = TempDir::new().unwrap();
    let mut row = Row {
        cell: cell.name(),
        end: String::new(),
        attempts: 0,
        took: Duration::ZERO,
        wrong: None,
    };
    let played = met(&cell, home.path(), &functions, &mut row).await;
    row.wrong = played.and_then(|()| no_secret(home.path())).err();
    row.took = start.elapsed();
    row
}

fn config(cell: &Cell, home: &Path, functions: &Path) -> EngineConfig {
    let state_machine = root().join("statemachine/backup.asl.json");
    let mut config = EngineConfig {
        speed: SPEED,
        ..EngineConfig::new(home, state_machine, functions)
    };
    if let Some(timeout) = cell.limit {
        let limits = Limits {
            timeout,
            ..Limits::default()
        };
        config.limits_of.insert(cell.call.function().to_owned(), limits);
    }
    config
}

async fn open(config: EngineConfig) -> Result<Engine, String> {
    Engine::open(config).await.map_err(|error| error.to_string())
}

/// The run meets the fault, ends, and is mended where it has to be.
async fn met(cell: &Cell, home: &Path, functions: &Path, row: &mut Row) -> Result<(), String> {
    let usual = config(cell, home, functions);
    let Fault::Door(door) = &cell.fault else {
        let engine = open(usual).await?;
        let mark = first_attempt(cell, &engine, row).await?;
        engine.disturbances().lift();
        return mended(cell, &engine, mark, row).await;
    };
    let door = door.open().map_err(|error| error.to_string())?;
    let endpoint = BTreeMap::from([("AWS_ENDPOINT_URL".to_owned(), door.url.clone())]);
    let misled = EngineConfig {
        variables_of: BTreeMap::from([(cell.call.function().to_owned(), endpoint)]),
        ..usual.clone()
    };
    let engine = open(misled).await?;
    let mark = first_attempt(cell, &engine, row).await?;
    engine.close().await;
    let engine = open(usual).await?;
    cell.call.scene.fill(&engine, false);
    mended(cell, &engine, mark, row).await
}

/// Everything up to the end of the run that meets the fault.
async fn first_attempt(cell: &Cell, engine: &Engine, row: &mut Row) -> Result<Mark, String> {
    let scene = cell.call.scene;
    scene.fill(engine, true);
    scene.prepare(engine).await?;
    let mark = Mark::of(engine)?;
    let invocations = || engine.functions().activity(cell.call.function()).invocations;
    let before = invocations();
    if let Fault::Disturbed(disturbance) = &cell.fault {
        engine
            .disturbances()
            .arm(cell.call.meant(cell.times), disturbance.clone());
    }
    let (_, execution) = run(engine, scene.input(2), "run").await?;
    row.attempts = invocations() - before;
    row.end = execution.error.clone().unwrap_or_else(|| "succeeded".to_owned());
    let struck = engine.disturbances().struck();
    let as_meant = match cell.fault {
        Fault::Door(_) => struck == 0,
        Fault::Disturbed(_) if cell.times == ALWAYS => struck > 0,
        Fault::Disturbed(_) => struck == 1,
    };
    ensure!(as_meant, "{struck} calls were disturbed");
    judge_first(cell, engine, mark, &execution)?;
    Ok(mark)
}

fn judge_first(cell: &Cell, engine: &Engine, mark: Mark, execution: &Execution) -> Result<(), String> {
    let cause = || format!("{:?}: {:?}", execution.error, execution.cause);
    let messages = mark.messages(engine)?;
    let subjects: Vec<&str> = messages.iter().map(|(subject, _)| subject.as_str()).collect();
    ensure!(
        messages.len() == cell.told,
        "told {subjects:?}, not {} times; {}",
        cell.told,
        cause()
    );
    mark.effects(engine)?;
    match cell.end {
        End::Recovers => {
            ensure!(execution.status == Status::Succeeded, "it failed, {}", cause());
            ensure!(
                subjects.iter().all(|subject| subject.contains(" OK ")),
                "told {subjects:?}"
            );
        }
        End::Fails(name) => {
            ensure!(
                execution.status == Status::Failed,
                "it ended as {:?}",
                execution.status
            );
            ensure!(execution.error.as_deref() == Some(name), "{}", cause());
            for (subject, mail) in &messages {
                ensure!(subject.contains(" FAILED "), "told {subject}");
                ensure!(mail.contains(name), "the mail does not name {name}: {mail}");
            }
        }
    }
    Ok(())
}

/// What the error's name says, once the fault is lifted; nothing for a run that succeeded.
async fn mended(cell: &Cell, engine: &Engine, mark: Mark, row: &mut Row) -> Result<(), String> {
    let End::Fails(name) = cell.end else {
        let execution = engine.execution("run").map_err(|error| error.to_string())?;
        return complete(cell, engine, &execution, mark.effects(engine)?).await;
    };
    cell.call.scene.mend(engine);
    // What is Lambda's own passes with time.
    let is_lost = ErrorName::parse(name).is_some_and(|name| name.mend() == Mend::NewRun);
    let since = Mark::of(engine)?;
    let (status, execution) = if is_lost {
        row.end += ", then a new run";
        run(engine, cell.call.scene.input(3), "again").await?
    } else {
        row.end += ", then a re-drive";
        engine.redrive("run").map_err(|error| error.to_string())?;
        ended(engine, "run").await?
    };
    ensure!(
        status == Status::Succeeded,
        "what should mend it failed, {:?}: {:?}",
        execution.error,
        execution.cause
    );
    let told = since.messages(engine)?;
    ensure!(told.len() == 1, "after it was mended: {told:?}");
    let effects = if is_lost { since } else { mark }.effects(engine)?;
    complete(cell, engine, &execution, effects).await
}

/// What must hold once the run, or the one in its place, has succeeded.
async fn complete(
    cell: &Cell,
    engine: &Engine,
    execution: &Execution,
    effects: Effects,
) -> Result<(), String> {
    ensure!(effects == [1, 1], "{effects:?} snapshots and exports");
    one_verified_backup(engine)?;
    one_snapshot(engine)?;
    if cell.call.scene == Scene::SecondNight {
        nothing_left_over(engine, execution).await?;
    }
    engine.calls().map_err(|error| error.to_string())?;
    Ok(())
}

async fn run(engine: &Engine, input: serde_json::Value, name: &str) -> Result<(Status, Execution), String> {
    engine
        .start(input, Some(name))
        .map_err(|error| error.to_string())?;
    ended(engine, name).await
}

/// Waits for the end of an execution, and for the alert about it.
async fn ended(engine: &Engine, name: &str) -> Result<(Status, Execution), String> {
    let status = engine.wait(name).await.map_err(|error| error.to_string())?;
    engine.quiet().await;
    let execution = engine.execution(name).map_err(|error| error.to_string())?;
    Ok((status, execution))
}
