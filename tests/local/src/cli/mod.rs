//! The command line: what a person types, and what becomes of it.
//!
//! ```text
//! args (clap) ─> one module per command ─> Engine, Home, source
//!                        └─> view (text) ─> Screen (terminal or plain lines)
//! ```
//!
//! Exit status: 0 if it was done, 1 if it failed (one line on standard error says why), 2 if it was asked wrongly.

mod args;
mod backup;
mod catalogue;
mod error;
mod follow;
mod look;
mod paths;
mod screen;
mod serve;
pub(crate) mod watched;

pub use args::{Args, Command, Global};
pub use catalogue::backups;
pub use error::CliError;
pub use follow::{Follow, follow};
pub use paths::open;
pub use screen::Screen;

use crate::source::one_line;
use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime
        .map_err(CliError::Runtime)
        .and_then(|runtime| runtime.block_on(until_stopped(&args)));
    match done {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to be told when standard error is closed.
            let _ = writeln!(std::io::stderr(), "error: {}", one_line(&error));
            ExitCode::FAILURE
        }
    }
}

/// Runs the command; a signal ends it in order, so that no server is left behind.
async fn until_stopped(args: &Args) -> Result<ExitCode, CliError> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CliError::Runtime)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(CliError::Runtime)?;
    tokio::select! {
        done = run(args) => done,
        _ = interrupt.recv() => Ok(ended_by(&args.command, 130)),
        _ = terminate.recv() => Ok(ended_by(&args.command, 143)),
    }
}

/// A signal is how `serve` is meant to end; elsewhere it cuts work off.
fn ended_by(command: &Command, code: u8) -> ExitCode {
    if matches!(command, Command::Serve { .. }) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(code)
    }
}

async fn run(args: &Args) -> Result<ExitCode, CliError> {
    let screen = Screen::new();
    let global = &args.global;
    match &args.command {
        Command::Backup(what) => backup::run(global, what, &screen).await,
        Command::Redrive { run } => backup::redrive(global, run, &screen).await,
        Command::Runs => look::runs(global, &screen),
        Command::Show { run } => look::show(global, run, &screen),
        Command::Catalogue => look::catalogue(global, &screen),
        Command::Watch { max_age } => watched::run(global, *max_age, &screen).await,
        Command::Serve { port } => serve::run(global, *port, &screen).await,
        Command::Demo { require_server } => {
            let server = if *require_server {
                crate::demo::Servers::Required
            } else {
                crate::demo::Servers::Wanted
            };
            let all_true = crate::demo::run(global, server, &screen).await?;
            Ok(if all_true {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Fixtures { folder } => {
            crate::demo::write_fixtures(global, folder, &screen)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
