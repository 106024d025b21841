//! Programs that are run to be measured.

use crate::Failure;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Runs programs one at a time, each on the same core.
#[derive(Debug)]
pub(crate) struct Launcher {
    program: PathBuf,
    /// The core, or `any` where the platform gives no choice.
    core: String,
    folder: TempDir,
}

/// What a process took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// User and system time.
    pub(crate) cpu: Duration,
    /// Its largest resident set.
    pub(crate) peak_kib: u64,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What it took.
    pub(crate) taken: Taken,
    /// Its exit status; -1 where a signal ended it.
    pub(crate) code: i32,
    /// What it printed, errors last.
    pub(crate) said: String,
}

impl Launcher {
    /// With the small program that starts the others.
    pub(crate) fn new(program: &Path) -> Result<Self, Failure> {
        let core = last_core()?.map_or_else(|| "any".to_owned(), |core| core.to_string());
        Ok(Self {
            program: program.to_owned(),
            core,
            folder: tempfile::tempdir()?,
        })
    }

    /// The core that everything runs on, for people.
    pub(crate) fn core(&self) -> &str {
        &self.core
    }

    /// Runs a program to its end.
    pub(crate) fn run(&self, program: &Path, arguments: &[OsString]) -> Result<Ended, Failure> {
        let report = self.folder.path().join("report");
        let mut command = Command::new(&self.program);
        command.arg(&report).arg(&self.core).arg(program).args(arguments);
        let output = command
            .output()
            .map_err(|error| format!("`{}`: {error}", self.program.display()))?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        if !output.status.success() {
            return Err(format!("`{}` cannot be run: {said}", program.display()).into());
        }
        let (taken, code) = read(&fs::read_to_string(report)?)?;
        Ok(Ended { taken, code, said })
    }

    /// Below this nobody's peak can be told: it is the launcher's own.
    pub(crate) fn floor_kib(&self) -> Result<u64, Failure> {
        let nothing = ["-c", ":"].map(OsString::from);
        Ok(self.run(Path::new("/bin/sh"), &nothing)?.taken.peak_kib)
    }
}

impl Taken {
    /// The one of less CPU of two runs of the same; a peak counts whichever had it.
    pub(crate) fn better(self, other: Self) -> Self {
        let peak_kib = self.peak_kib.max(other.peak_kib);
        let of_less = if other.cpu < self.cpu { other } else { self };
        Self { peak_kib, ..of_less }
    }

    /// Bytes in a second of CPU time, in MB/s.
    pub(crate) fn megabytes_per_cpu_second(&self, bytes: u64) -> f64 {
        megabytes(bytes) / self.cpu.as_secs_f64()
    }
}

/// MB of 1,000,000 bytes.
pub(crate) fn megabytes(bytes: u64) -> f64 {
    // Files are far below the 9 PB from which on this would round.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    let bytes = bytes as f64;
    bytes / 1e6
}

/// MiB of 1,048,576 bytes.
pub(crate) fn mebibytes(kib: u64) -> f64 {
    // A machine has less than the 9 ZB from which on this would round.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    let kib = kib as f64;
    kib / 1024.0
}

/// Reads a launcher's report.
fn read(report: &str) -> Result<(Taken, i32), Failure> {
    let numbers: Vec<i64> = report
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [wall, user, system, peak, code] = numbers[..] else {
        return Err(format!("`{report}` is no report of five numbers").into());
    };
    let taken = Taken {
        wall: Duration::from_micros(wall.try_into()?),
        cpu: Duration::from_micros((user + system).try_into()?),
        peak_kib: peak.try_into()?,
    };
    Ok((taken, code.try_into()?))
}

/// The last of the cores that this process may use; interrupts tend to be on the first.
#[cfg(target_os = "linux")]
fn last_core() -> Result<Option<usize>, Failure> {
    use nix::sched::{CpuSet, sched_getaffinity};
    use nix::unistd::Pid;

    let allowed = sched_getaffinity(Pid::from_raw(0))?;
    Ok((0..CpuSet::count())
        .rev()
        .find(|core| allowed.is_set(*core).unwrap_or(false)))
}

/// Elsewhere the system chooses.
#[cfg(not(target_os = "linux"))]
fn last_core() -> Result<Option<usize>, Failure> {
    Ok(None)
}

/// The files of that name on PATH or below.
pub(crate) fn on_path(name: &OsStr) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_five_numbers() {
        let (taken, code) = read("2000000 1500000 250000 3072 1\n").unwrap();
        let expected = Taken {
            wall: Duration::from_secs(2),
            cpu: Duration::from_millis(1750),
            peak_kib: 3072,
        };
        assert_eq!((taken, code), (expected, 1));
        assert_eq!(read("1 1 0 1 -1").unwrap().1, -1, "ended by a signal");
        for wrong in ["", "1 2 3 4", "1 2 3 4 5 6", "1 2 x 4 5", "1 -9 0 4 5"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_run_of_less_cpu_counts_and_the_larger_peak() {
        let run = |report: &str| read(report).unwrap().0;
        let (slow, quick) = (run("30 30 0 9 0"), run("25 20 0 5 0"));
        let best = run("25 20 0 9 0");
        assert_eq!(slow.better(quick), best);
        assert_eq!(quick.better(slow), best);
    }

    #[test]
    fn speed_is_of_cpu_time() {
        let (taken, _) = read("9000000 400000 100000 1 0").unwrap();
        let speed = taken.megabytes_per_cpu_second(250_000_000);
        assert!((speed - 500.0).abs() < 1e-9, "{speed}");
    }
}
