//! What the product costs, measured: `make bench`, `make bench-quick`, `make bench-cold`.
//!
//! ```text
//! files     makes with a real server what is read
//! scan      rdb-verify beside the servers' own checkers ─> checkers ─> launched: one process on one core
//! object    verify-object end to end, and its parts in one process ─> watched: processes of the local Lambda host
//! cold      starts of every function, beside Python and boto3 ─> watched
//! ```
//!
//! Nothing here asserts a time: goals are printed beside the figures. What fails is a file that is not found sound.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tables are all it is for"
)]

mod checkers;
mod cold;
mod files;
mod launched;
mod machine;
mod object;
mod scan;
mod table;
mod watched;

use checkers::Checker;
use clap::{Parser, Subcommand};
use files::Size;
use launched::Launcher;
use std::path::{Path, PathBuf};

type Failure = Box<dyn std::error::Error>;

/// What the product costs, measured.
#[derive(Parser)]
struct Arguments {
    /// Folder of everything that is made: `venv`, `release`, `lambda`, `bench`.
    #[arg(long, default_value = "target")]
    target: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes the files that are not there, and says where they are.
    Files {
        /// A tenth of the size.
        #[arg(long)]
        quick: bool,
    },
    /// Reads them with `rdb-verify` and with the servers' own checkers.
    Scan {
        /// A tenth of the size.
        #[arg(long)]
        quick: bool,
        /// How often each reads each.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
    },
    /// Verifies the mixed file with the function, at several memory sizes.
    Object {
        /// A tenth of the size.
        #[arg(long)]
        quick: bool,
        /// How often at each size.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
    },
    /// Times cold starts of the functions beside one of Python and boto3.
    Cold,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let Arguments { target, command } = Arguments::parse();
    // Functions are started in folders of their own.
    let target = std::path::absolute(target)?;
    match command {
        Command::Files { quick } => {
            for file in data(&target, quick)? {
                println!("{}", file.path.display());
            }
        }
        Command::Scan { quick, rounds } => {
            let files = data(&target, quick)?;
            let links = tempfile::tempdir()?;
            let mut checkers = vec![Checker::ours(target.join("release/rdb-verify"))];
            checkers.extend(checkers::references(&target.join("venv"), links.path())?);
            let launcher = launcher(&target)?;
            println!("{}", machine::describe());
            scan::run(&launcher, (&files, size(quick)), &checkers, rounds)?;
        }
        Command::Object { quick, rounds } => {
            let files = data(&target, quick)?;
            let mixed = files.last().ok_or("there is no file")?;
            let places = object::Places {
                functions: &target.join("lambda"),
                pieces: &target.join("release/pieces"),
                scratch: &target.join("bench"),
            };
            println!("{}", machine::describe());
            object::run(&launcher(&target)?, &places, mixed, rounds).await?;
        }
        Command::Cold => {
            println!("{}", machine::describe());
            cold::run(&target.join("venv/bin/python"), &target.join("lambda")).await?;
        }
    }
    Ok(())
}

fn launcher(target: &Path) -> Result<Launcher, Failure> {
    Launcher::new(&target.join("release/launch"))
}

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What the state machine sends to each function in the golden runs.
fn payloads_folder() -> PathBuf {
    root().join("tests/fixtures/payloads/0.1.0/replication-group")
}

fn data(target: &Path, quick: bool) -> Result<Vec<files::DataFile>, Failure> {
    files::provide(&target.join("venv"), &target.join("bench/data"), size(quick))
}

fn size(quick: bool) -> Size {
    if quick { Size::Quick } else { Size::Full }
}
