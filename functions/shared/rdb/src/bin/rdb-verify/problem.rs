//! Why something could not be read or written.

use std::error::Error;
use std::io;

/// Why a path could not be read, or the report not be written. Paths in it are printable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("`{path}` could not be opened")]
    Open {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("`{path}` could not be read beyond byte {offset}")]
    Read {
        path: String,
        offset: u64,
        #[source]
        source: io::Error,
    },
    #[error("the folder `{path}` could not be listed")]
    List {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("the folder `{path}` holds no file that ends in `.rdb`; name files of other names one by one")]
    NoFiles { path: String },
    #[error("`{path}` changed while it was read; verify a copy that nobody writes to")]
    Changed { path: String },
    #[error("standard input is named twice, and can be read once; name `-` once")]
    InputTwice,
    #[error("standard input is a terminal; pipe a file into the command, or name one")]
    InputIsTerminal,
    #[error("the report could not be written")]
    Write(#[source] io::Error),
    #[error("no thread could be started")]
    Thread(#[source] io::Error),
    #[error("{missing} files were not judged; try again with `--jobs 1`, and report it as a bug")]
    Missing { missing: usize },
}

impl Problem {
    /// What, why and what to do, in one line.
    pub(crate) fn line(&self) -> String {
        match (self.source(), self.advice()) {
            (Some(source), Some(advice)) => format!("{self}: {source}; {advice}"),
            _ => self.to_string(),
        }
    }

    fn advice(&self) -> Option<&'static str> {
        let source = match self {
            Self::Open { source, .. } | Self::Read { source, .. } | Self::List { source, .. } => source,
            Self::Write(_) => return Some("free space where it goes, and run the command again"),
            Self::Thread(_) => return Some("try again with `--jobs 1`"),
            Self::NoFiles { .. }
            | Self::Changed { .. }
            | Self::InputTwice
            | Self::InputIsTerminal
            | Self::Missing { .. } => return None,
        };
        Some(match source.kind() {
            io::ErrorKind::NotFound => "check the path",
            io::ErrorKind::PermissionDenied => "run as a user who may read it, or ask for the right to",
            io::ErrorKind::IsADirectory => "name the files in it",
            _ => "check the disk or the connection it comes over, and try again",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_what_why_and_what_to_do() {
        let path = || "a.rdb".to_owned();
        let cases = [
            (
                Problem::Open {
                    path: path(),
                    source: io::ErrorKind::NotFound.into(),
                },
                "`a.rdb` could not be opened: entity not found; check the path",
            ),
            (
                Problem::List {
                    path: path(),
                    source: io::ErrorKind::PermissionDenied.into(),
                },
                "the folder `a.rdb` could not be listed: permission denied; \
                 run as a user who may read it, or ask for the right to",
            ),
            (
                Problem::Read {
                    path: path(),
                    offset: 4096,
                    source: io::Error::other("the disk is gone"),
                },
                "`a.rdb` could not be read beyond byte 4096: the disk is gone; \
                 check the disk or the connection it comes over, and try again",
            ),
            (
                Problem::NoFiles { path: path() },
                "the folder `a.rdb` holds no file that ends in `.rdb`; name files of other names one by one",
            ),
            (
                Problem::Write(io::ErrorKind::StorageFull.into()),
                "the report could not be written: no storage space; free space where it goes, and run the command again",
            ),
        ];
        for (problem, line) in cases {
            assert_eq!(problem.line(), line);
        }
    }
}
