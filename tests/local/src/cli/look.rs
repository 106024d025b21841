//! The commands that only look: they open the folder, not the embedded AWS.

use crate::cli::{CliError, Global, Screen, backups};
use crate::engine::EngineConfig;
use crate::home::Home;
use crate::view::{catalogue as table, runs as list, timeline};
use jiff::Timestamp;
use sim::asl::Execution;

/// `runs`.
pub(crate) fn runs(global: &Global, screen: &Screen) -> Result<std::process::ExitCode, CliError> {
    let home = opened(global)?;
    let executions = home.load_executions()?;
    screen.print(&list::table(&executions, now(&home), screen.width()));
    Ok(std::process::ExitCode::SUCCESS)
}

/// `show`.
pub(crate) fn show(global: &Global, run: &str, screen: &Screen) -> Result<std::process::ExitCode, CliError> {
    let home = opened(global)?;
    let executions = home.load_executions()?;
    let found = executions.iter().find(|execution| execution.name == run);
    let execution = found.ok_or_else(|| CliError::NoRun {
        run: run.to_owned(),
        home: global.home(),
    })?;
    screen.print(&timeline::text(execution, now(&home), screen.width()));
    Ok(std::process::ExitCode::SUCCESS)
}

/// `catalogue`.
pub(crate) fn catalogue(global: &Global, screen: &Screen) -> Result<std::process::ExitCode, CliError> {
    let home = opened(global)?;
    let Some(mut world) = home.load_world()? else {
        return Err(CliError::NoHome(global.home()));
    };
    let executions = home.load_executions()?;
    let bucket = EngineConfig::new("", "", "").bucket;
    let rows: Vec<table::Row> = backups(&mut world, &bucket, now(&home))?
        .iter()
        .map(|(_, manifest)| table::Row::of(manifest, transitions(&executions, &manifest.run.execution_arn)))
        .collect();
    screen.print(&table::table(&rows, screen.width()));
    screen.print(&format!(
        "\nThe objects lie under {}",
        home.buckets().join(&bucket).display()
    ));
    Ok(std::process::ExitCode::SUCCESS)
}

/// State transitions of the run of that ARN.
pub(crate) fn transitions(executions: &[Execution], arn: &str) -> Option<u64> {
    executions
        .iter()
        .find(|execution| execution.execution_arn == arn)
        .map(|execution| execution.transitions)
}

/// The folder, which must be there: looking makes none.
fn opened(global: &Global) -> Result<Home, CliError> {
    let home = global.home();
    if home.is_dir() {
        Ok(Home::open(home)?)
    } else {
        Err(CliError::NoHome(home))
    }
}

/// As far as the folder's own time came.
fn now(home: &Home) -> Timestamp {
    home.clock().unwrap_or_else(crate::engine::wall_clock)
}
