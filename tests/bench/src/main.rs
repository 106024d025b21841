//! What the product costs, measured.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tables are all it is for")]

mod files;

use clap::{Parser, Subcommand};
use files::Size;
use std::path::PathBuf;

type Failure = Box<dyn std::error::Error>;

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
    /// Makes the files that are not there.
    Files {
        /// A tenth of the size.
        #[arg(long)]
        quick: bool,
    },
}

fn main() -> Result<(), Failure> {
    let Arguments { target, command } = Arguments::parse();
    match command {
        Command::Files { quick } => {
            let size = if quick { Size::Quick } else { Size::Full };
            for file in files::provide(&target.join("venv"), &target.join("bench/data"), size)? {
                println!("{} {} {}", file.path.display(), file.keys, file.bytes);
            }
        }
    }
    Ok(())
}
