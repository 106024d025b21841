//! Runs a program on one core and writes down what it took: `launch <report> <core, or any> <program> [arguments]`.
//!
//! It is a program of its own, and a small one, because of how Linux tells the peak of memory: `ru_maxrss` of a process
//! includes what its parent had when it was started (`setmax_mm_hiwater_rss` at `exec`), so under the benchmark itself
//! nothing would seem to take less than the benchmark. Under this one nothing takes less than this one, which is about
//! 2 MiB; the benchmark measures that too.
//!
//! The report is one line of five numbers: wall time, user and system time in µs, peak memory in KiB, and the exit status.

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::env::args_os;
use std::ffi::OsString;
use std::fs;
use std::process::{Command, ExitCode};
use std::time::Instant;

#[allow(clippy::disallowed_methods, reason = "it measures")]
fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = args_os().skip(1);
    let (Some(report), Some(core), Some(program)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: launch <report> <core, or any> <program> [arguments]".into());
    };
    stay_on(&core)?;
    let start = Instant::now();
    let status = Command::new(program).args(arguments).status()?;
    let wall = start.elapsed().as_micros();
    // It has had no other child.
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let (user, system) = (
        usage.user_time().num_microseconds(),
        usage.system_time().num_microseconds(),
    );
    // What a signal ended has no status of its own.
    let exit = status.code().unwrap_or(-1);
    fs::write(
        report,
        format!("{wall} {user} {system} {} {exit}\n", peak_kib(&usage)),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Linux tells it in KiB, macOS in bytes.
fn peak_kib(usage: &Usage) -> i64 {
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 };
    usage.max_rss() / unit
}

/// The child inherits it.
#[cfg(target_os = "linux")]
fn stay_on(core: &OsString) -> Result<(), Box<dyn std::error::Error>> {
    use nix::sched::{CpuSet, sched_setaffinity};
    use nix::unistd::Pid;

    if core == "any" {
        return Ok(());
    }
    let core: usize = core.to_string_lossy().parse()?;
    let mut set = CpuSet::new();
    set.set(core)?;
    Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
}

/// Elsewhere the system chooses.
#[cfg(not(target_os = "linux"))]
fn stay_on(_: &OsString) -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}
