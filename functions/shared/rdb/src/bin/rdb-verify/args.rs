//! What can be typed.

use clap::Parser;
use jiff::Timestamp;
use std::path::PathBuf;

const ABOUT: &str = "Tells whether RDB files of Redis and Valkey are whole, and what is in them";

const MORE: &str = "\
Every byte is read: lengths, encodings, entries of small collections, compressed
strings, streams and the CRC-64. Read are RDB 1 to 12 (REDIS) and 80 (VALKEY).
No key's name and no byte of a value is shown unless --show-keys asks for names.

Exit status:
  0  all files are sound
  1  at least one is not: corrupt, truncated, unsupported or not judgeable
  2  at least one could not be read, or the command was typed wrongly

Examples:
  rdb-verify dump.rdb                 a report on one file
  rdb-verify --quiet backups/         one line for each .rdb file below a folder
  rdb-verify --json backups/ | jq .   one object per file, for programs
  aws s3 cp s3://bucket/key - | rdb-verify -";

/// The command line.
#[derive(Debug, Clone, Parser)]
#[command(name = "rdb-verify", version, about = ABOUT, after_help = MORE, max_term_width = 100)]
pub(crate) struct Args {
    /// Files, folders (every file below that ends in .rdb), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print one line per file and nothing else
    #[arg(short, long, conflicts_with = "json")]
    pub(crate) quiet: bool,
    /// Print one JSON object per line and file
    #[arg(long)]
    pub(crate) json: bool,
    /// Name the largest keys and a broken key; names are data
    #[arg(long)]
    pub(crate) show_keys: bool,
    /// How many of the largest values to list, 0 to 32
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(0..=32))]
    pub(crate) largest: u8,
    /// Judge expiries at this instant, such as 2026-01-31T03:00:00Z [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) now: Option<Timestamp>,
    /// Read this many files at a time, 1 to 256 [default: number of cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,
}

impl Args {
    /// How many files to read at a time on a machine with this many cores; never more than there are.
    pub(crate) fn jobs(&self, cores: usize, files: usize) -> usize {
        self.jobs.map_or(cores, usize::from).clamp(1, files.max(1))
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "write date, time and offset, such as 2026-01-31T03:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    fn parse(line: &str) -> Result<Args, ErrorKind> {
        let words = std::iter::once("rdb-verify").chain(line.split_whitespace());
        Args::try_parse_from(words).map_err(|error| error.kind())
    }

    fn check(line: &str, expected: Result<(), ErrorKind>, why: &str) {
        assert_eq!(parse(line).map(|_| ()), expected, "{why}: {line}");
    }

    #[test]
    fn what_can_be_typed_and_what_not() {
        Args::command().debug_assert();
        check("a.rdb", Ok(()), "a file");
        check("-", Ok(()), "standard input is a path here, not an option");
        check("a b --quiet -j 3 c", Ok(()), "options stand anywhere");
        check("-- --json", Ok(()), "a file that is named like an option");
        check("", Err(ErrorKind::MissingRequiredArgument), "nothing to verify");
        check(
            "a --quiet --json",
            Err(ErrorKind::ArgumentConflict),
            "one of both",
        );
        check("a --jobs 0", Err(ErrorKind::ValueValidation), "nobody would read");
        check(
            "a --jobs 257",
            Err(ErrorKind::ValueValidation),
            "memory is bounded",
        );
        check(
            "a --largest 33",
            Err(ErrorKind::ValueValidation),
            "the scanner keeps 32",
        );
        check("a --now noon", Err(ErrorKind::ValueValidation), "no instant");
        check(
            "a --now 2026-01-31",
            Err(ErrorKind::ValueValidation),
            "which hour, and where?",
        );
        check("a --deep", Err(ErrorKind::UnknownArgument), "always deep");
        check("--help", Err(ErrorKind::DisplayHelp), "help is not an error");
        check("--version", Err(ErrorKind::DisplayVersion), "nor is the version");
    }

    #[test]
    fn now_has_an_offset() {
        let now = |text: &str| parse(&format!("a --now {text}")).unwrap().now;
        let expected = "2026-01-31T03:00:00Z".parse().ok();
        assert_eq!(now("2026-01-31T03:00:00Z"), expected);
        assert_eq!(now("2026-01-31T05:00:00+02:00"), expected);
    }

    #[test]
    fn jobs_are_cores_unless_told_and_files_at_most() {
        let jobs = |line: &str, cores, files| parse(line).unwrap().jobs(cores, files);
        for (line, cores, files, expected) in [
            ("a", 8, 3, 3),
            ("a", 2, 100, 2),
            ("a -j 5", 2, 100, 5),
            ("a -j 5", 2, 1, 1),
            ("a", 2, 0, 1),
        ] {
            assert_eq!(
                jobs(line, cores, files),
                expected,
                "{line}, {cores} cores, {files} files"
            );
        }
    }
}
