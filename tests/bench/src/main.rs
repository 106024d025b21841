//! What the product costs, measured: `make bench`, `make bench-quick`, `make bench-cold`.
//!
//! ```text
//! files     makes with a real server what is read
//! scan      rdb-verify beside the servers' own checkers ── checkers, launched (one process, one core, its CPU and peak)
//! ```
//!
//! Nothing here asserts a time: goals are printed beside the figures. What fails is a file that is not found sound.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tables are all it is for"
)]

mod checkers;
mod files;
mod launched;
mod machine;
mod scan;
mod table;

use checkers::Checker;
use clap::{Parser, Subcommand};
use files::Size;
use launched::Launcher;
use std::path::PathBuf;

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
}

fn main() -> Result<(), Failure> {
    let Arguments { target, command } = Arguments::parse();
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
            let launcher = Launcher::new(&target.join("release/launch"))?;
            println!("{}", machine::describe());
            scan::run(&launcher, &files, &checkers, rounds)?;
        }
    }
    Ok(())
}

fn data(target: &std::path::Path, quick: bool) -> Result<Vec<files::DataFile>, Failure> {
    let size = if quick { Size::Quick } else { Size::Full };
    files::provide(&target.join("venv"), &target.join("bench/data"), size)
}
