//! Reads one input into the scanner.
//!
//! It is read with plain calls into a buffer that is used again and again. Mapping the file into memory would kill the
//! process if somebody cut it meanwhile.

use crate::clock;
use crate::files::Input;
use crate::outcome::{Found, Outcome};
use crate::problem::Problem;
use crate::progress::Progress;
use rdb::{Broken, Options, Scanner, Verdict};
use std::fs::{File, Metadata};
use std::io::{self, IsTerminal as _, Read};
use std::time::SystemTime;

/// Bytes that are read at a time: of 64 KiB to 1 MiB the least CPU time over small values, none more over large ones,
/// and 3.5 MB of memory for the whole process.
pub(crate) const BUFFER: usize = 256 * 1024;

/// What inputs are scanned with.
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    pub(crate) options: Options,
    pub(crate) progress: Progress,
}

impl Scan {
    /// Reads an input to its end, or to its first flaw.
    pub(crate) fn verify(&self, path: String, input: &Input, buffer: &mut [u8]) -> Outcome {
        let began = clock::stopwatch();
        let mut reading = Reading { read: 0, size: None };
        let found = match input {
            Input::File(file) => match File::open(file) {
                Ok(file) => self.file(&path, &file, &mut reading, buffer),
                Err(source) => Found::Unreadable(Problem::Open {
                    path: path.clone(),
                    source,
                }),
            },
            Input::Stdin if io::stdin().is_terminal() => Found::Unreadable(Problem::InputIsTerminal),
            Input::Stdin => self.all(&path, io::stdin().lock(), &mut reading, buffer),
        };
        Outcome {
            path,
            found,
            read: reading.read,
            size: reading.size,
            took: began.elapsed(),
        }
    }

    fn file(&self, path: &str, file: &File, reading: &mut Reading, buffer: &mut [u8]) -> Found {
        let before = file.metadata().ok();
        reading.size = before.as_ref().and_then(size);
        let found = self.all(path, file, reading, buffer);
        if was_changed(before.as_ref(), file.metadata().ok().as_ref()) {
            return Found::Unreadable(Problem::Changed {
                path: path.to_owned(),
            });
        }
        found
    }

    fn all(&self, path: &str, source: impl Read, reading: &mut Reading, buffer: &mut [u8]) -> Found {
        let options = reading
            .size
            .map_or(self.options, |size| self.options.with_size(size));
        let mut bar = self.progress.bar(path, reading.size);
        let read = &mut reading.read;
        let judged = pump(source, options, buffer, |bytes| {
            *read += bytes;
            bar.show(*read);
        });
        match judged {
            Ok(Ok(verdict)) => Found::Sound(Box::new(verdict)),
            Ok(Err(broken)) => Found::Broken(broken),
            Err(source) => Found::Unreadable(Problem::Read {
                path: path.to_owned(),
                offset: *read,
                source,
            }),
        }
    }
}

/// How far an input has been read.
#[derive(Debug)]
struct Reading {
    read: u64,
    size: Option<u64>,
}

/// The size of a regular file; files that a system makes up as they are read say 0.
fn size(file: &Metadata) -> Option<u64> {
    (file.is_file() && file.len() > 0).then_some(file.len())
}

/// Whether somebody wrote to a regular file between two looks at it.
fn was_changed(before: Option<&Metadata>, after: Option<&Metadata>) -> bool {
    let state = |file: &Metadata| -> (Option<u64>, Option<SystemTime>) { (size(file), file.modified().ok()) };
    match (before, after) {
        (Some(before), Some(after)) => before.is_file() && state(before) != state(after),
        _ => false,
    }
}

/// Feeds a scanner what `source` has, up to the first flaw; `read` is told how many bytes each read gave.
fn pump(
    mut source: impl Read,
    options: Options,
    buffer: &mut [u8],
    mut read: impl FnMut(u64),
) -> io::Result<Result<Verdict, Broken>> {
    let mut scanner = Scanner::new(options);
    loop {
        let bytes = match source.read(buffer) {
            Ok(0) => return Ok(scanner.finish()),
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        read(bytes as u64);
        if let Err(broken) = scanner.feed(&buffer[..bytes]) {
            return Ok(Err(broken));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdb::BrokenKind;
    use std::collections::VecDeque;
    use std::fs;

    const WHOLE: &[u8] = b"REDIS0003\xfe\x00\x00\x01k\x01v\xff";

    /// Gives these answers, one a call.
    struct Script(VecDeque<io::Result<&'static [u8]>>);

    impl Read for Script {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(answer) = self.0.pop_front() else {
                return Ok(0);
            };
            let bytes = answer?;
            buffer[..bytes.len()].copy_from_slice(bytes);
            Ok(bytes.len())
        }
    }

    fn pump_all(answers: Vec<io::Result<&'static [u8]>>) -> (io::Result<Result<Verdict, Broken>>, u64) {
        let mut total = 0;
        let source = Script(answers.into());
        let judged = pump(source, Options::new(0), &mut [0; 64], |bytes| total += bytes);
        (judged, total)
    }

    #[test]
    fn short_and_interrupted_reads_are_gone_on_with() {
        let (head, rest) = WHOLE.split_at(5);
        let (judged, read) = pump_all(vec![Ok(head), Err(io::ErrorKind::Interrupted.into()), Ok(rest)]);
        assert_eq!(judged.unwrap().unwrap().keys, 1);
        assert_eq!(read, WHOLE.len() as u64);
    }

    #[test]
    fn reading_ends_at_the_first_flaw() {
        let (judged, read) = pump_all(vec![Ok(b"RADIS0003"), Err(io::Error::other("never read"))]);
        assert_eq!(judged.unwrap().unwrap_err().kind, BrokenKind::Corrupt);
        assert_eq!(read, 9);
    }

    #[test]
    fn a_failure_is_no_end_of_the_file() {
        let (judged, read) = pump_all(vec![Ok(WHOLE), Err(io::Error::other("gone"))]);
        assert_eq!(judged.unwrap_err().to_string(), "gone");
        assert_eq!(read, WHOLE.len() as u64);
    }

    #[test]
    fn a_file_that_is_written_to_meanwhile_is_not_judged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rdb");
        fs::write(&path, WHOLE).unwrap();
        let before = fs::metadata(&path).unwrap();
        assert!(!was_changed(Some(&before), Some(&fs::metadata(&path).unwrap())));
        fs::write(&path, &WHOLE[..12]).unwrap();
        assert!(was_changed(Some(&before), Some(&fs::metadata(&path).unwrap())));
        let this = fs::metadata(folder.path()).unwrap();
        assert!(
            !was_changed(Some(&this), Some(&before)),
            "only files are looked after"
        );
    }
}
