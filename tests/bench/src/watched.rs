//! Processes of functions, started by the local Lambda host and watched.

use crate::Failure;
use local::lambda::{Host, HostConfig};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde_json::Value;
use sim::asl::TaskError;
use std::fs;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// One process of one function, from its start with the first call to its end.
///
/// Only one may be watched at a time: its CPU time is that of the children that ended meanwhile.
#[derive(Debug)]
pub(crate) struct Watched<'a> {
    host: Host,
    function: &'a str,
    cpu_before: Duration,
}

/// What a process took in all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    /// User and system time.
    pub(crate) cpu: Duration,
    /// Its largest resident set; nothing where the platform does not tell.
    pub(crate) peak_kib: Option<u64>,
}

impl<'a> Watched<'a> {
    /// The function of that name; its process starts with the first call.
    pub(crate) fn new(config: HostConfig, function: &'a str) -> Result<Self, Failure> {
        Ok(Self {
            host: Host::new(config)?,
            function,
            cpu_before: cpu_of_ended_processes()?,
        })
    }

    /// Calls it; tells how long that took.
    pub(crate) async fn call(&self, payload: &Value) -> (Duration, Result<Value, TaskError>) {
        let start = Instant::now();
        let answer = self.host.invoke(self.function, payload).await;
        (start.elapsed(), answer)
    }

    /// The last line that it printed.
    pub(crate) fn last_words(&self) -> String {
        let lines = self.host.last_log_lines(self.function, 1);
        lines.unwrap_or_default().concat()
    }

    /// Ends the process.
    pub(crate) async fn end(self) -> Result<Spent, Failure> {
        // Linux keeps the largest resident set of the program itself, counted from its `exec`, as long as it lives.
        let process = self.host.idle_processes(self.function).first().copied();
        let status = process.map(|id| fs::read_to_string(format!("/proc/{id}/status")));
        let peak_kib = status.and_then(Result::ok).and_then(|status| peak_of(&status));
        // Its process is killed with its host, and counts once the runtime has reaped it, which it does in passing.
        drop(self.host);
        for _ in 0..1000 {
            let cpu = cpu_of_ended_processes()?.saturating_sub(self.cpu_before);
            if !cpu.is_zero() {
                return Ok(Spent { cpu, peak_kib });
            }
            sleep(Duration::from_millis(1)).await;
        }
        Err(format!(
            "the process of `{}` was not reaped within a second",
            self.function
        )
        .into())
    }
}

fn cpu_of_ended_processes() -> Result<Duration, Failure> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = (usage.user_time() + usage.system_time()).num_microseconds();
    Ok(Duration::from_micros(micros.try_into()?))
}

/// `VmHWM` of `/proc/<id>/status`.
fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_the_high_water_mark() {
        let status = "Name:\tbootstrap\nVmPeak:\t  9000 kB\nVmHWM:\t    5236 kB\nVmRSS:\t    4100 kB\n";
        assert_eq!(peak_of(status), Some(5236));
        assert_eq!(peak_of("Name:\tzombie\n"), None, "it has ended");
    }
}
