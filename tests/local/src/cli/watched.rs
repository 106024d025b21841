//! `watch`: the dead man's switch, called by hand for every cache that had a run.

use crate::cli::{CliError, Global, Screen, open};
use crate::engine::Engine;
use crate::view::watched;
use backup_core::input::ON_DEMAND_PLAN;
use backup_core::{CacheRef, ExecutionInput};
use jiff::SignedDuration;
use serde_json::json;
use sim::asl::{Execution, TaskError};
use std::collections::BTreeSet;
use std::process::ExitCode;
use watch::{Found, Watched};

/// The function's name.
const WATCH: &str = "watch";

/// `watch`.
pub(crate) async fn run(
    global: &Global,
    max_age: SignedDuration,
    screen: &Screen,
) -> Result<ExitCode, CliError> {
    if !global.home().is_dir() {
        return Err(CliError::NoHome(global.home()));
    }
    let engine = open(global.config(|_| ())?).await?;
    let found = look(&engine, &engine.executions().list(), max_age).await?;
    screen.print(&text(&found, max_age, screen.width()));
    Ok(ExitCode::SUCCESS)
}

/// Calls the real function for each cache and plan of these runs, once.
pub(crate) async fn look(
    engine: &Engine,
    runs: &[Execution],
    max_age: SignedDuration,
) -> Result<Vec<Found>, CliError> {
    let seconds = u32::try_from(max_age.as_secs()).unwrap_or(u32::MAX);
    let watched: Vec<Watched> = caches(runs)
        .into_iter()
        .map(|(plan, cache)| Watched {
            cache,
            plan,
            max_age_seconds: seconds,
            paused: false,
        })
        .collect();
    let event = json!({"now": engine.now(), "watched": watched});
    let said = engine.functions().invoke(WATCH, &event).await;
    let said = said.map_err(|TaskError { error, cause }| CliError::Watch(format!("{error}: {cause}")))?;
    serde_json::from_value(said).map_err(|error| CliError::Watch(error.to_string()))
}

/// The table.
pub(crate) fn text(found: &[Found], max_age: SignedDuration, width: u16) -> String {
    let rows: Vec<watched::Row> = found
        .iter()
        .map(|found| watched::Row::of(found, max_age))
        .collect();
    watched::table(&rows, width)
}

/// Plan and cache of every run; one that was started with anything else has neither.
fn caches(runs: &[Execution]) -> BTreeSet<(String, CacheRef)> {
    let inputs = runs
        .iter()
        .filter_map(|run| ExecutionInput::parse(run.input.clone()).ok());
    inputs
        .map(|input| {
            (
                input.plan.unwrap_or_else(|| ON_DEMAND_PLAN.to_owned()),
                input.cache,
            )
        })
        .collect()
}
