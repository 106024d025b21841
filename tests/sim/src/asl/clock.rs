//! The interpreter's only source of time: virtual for thousands of runs in process, scaled for a demo that a
//! person watches.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, LocalBoxFuture};
use jiff::{SignedDuration, Timestamp};

/// What the interpreter asks for the time and for waiting.
pub trait Clock: Send + Sync {
    /// The present instant on this clock.
    fn now(&self) -> Timestamp;

    /// Completes once `duration` has passed on this clock; dropping the future ends the wait.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// The wall clock, run `factor` times as fast from a given instant on.
#[derive(Clone, Debug)]
pub struct ScaledClock {
    epoch: Timestamp,
    origin: tokio::time::Instant,
    factor: f64,
}

impl ScaledClock {
    /// A clock that shows `epoch` now and advances `factor` seconds in every real one.
    ///
    /// A factor that is not a positive number counts as 1.
    pub fn new(epoch: Timestamp, factor: f64) -> Self {
        let factor = if factor.is_finite() && factor > 0.0 {
            factor
        } else {
            1.0
        };
        Self {
            epoch,
            origin: tokio::time::Instant::now(),
            factor,
        }
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> Timestamp {
        later(self.epoch, self.origin.elapsed().mul_f64(self.factor))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration.div_f64(self.factor)))
    }
}

/// Virtual time: nothing really waits, and whenever every future sleeps the clock jumps to the next wake-up.
///
/// It is tokio's paused clock, shown on a calendar, so everything else that sleeps on that runtime (a fake
/// world's delays) shares it.
#[derive(Clone, Debug)]
pub struct VirtualClock(ScaledClock);

impl VirtualClock {
    /// Runs `simulate` to its end in virtual time that begins at `epoch`.
    ///
    /// # Errors
    ///
    /// Only where the operating system refuses to make a runtime.
    pub fn run<F: Future>(
        epoch: Timestamp,
        simulate: impl FnOnce(Arc<dyn Clock>) -> F,
    ) -> std::io::Result<F::Output> {
        let mut output = None;
        let simulated =
            |clock| -> LocalBoxFuture<'_, ()> { Box::pin(async { output = Some(simulate(clock).await) }) };
        Self::drive(epoch, Box::new(simulated))?;
        output.ok_or_else(|| std::io::Error::other("the simulation has no output"))
    }

    /// The same behind a pointer, so that a runtime is not compiled for every simulation.
    fn drive<'a>(
        epoch: Timestamp,
        simulate: Box<dyn FnOnce(Arc<dyn Clock>) -> LocalBoxFuture<'a, ()> + 'a>,
    ) -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()?;
        runtime.block_on(async {
            let clock = Self(ScaledClock::new(epoch, 1.0));
            simulate(Arc::new(clock)).await;
        });
        Ok(())
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// `from` plus `duration`, or the end of time where that does not exist.
pub(super) fn later(from: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| from.checked_add(duration).ok())
        .unwrap_or(Timestamp::MAX)
}

/// The instant as AWS writes it in the context object and as JSONata's `$now()` does: UTC, milliseconds, `Z`.
pub(super) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch() -> Timestamp {
        "2026-03-01T02:00:00Z".parse().unwrap()
    }

    #[test]
    fn virtual_time_jumps_over_every_wait() {
        let end = VirtualClock::run(epoch(), |clock| async move {
            clock.sleep(Duration::from_hours(6)).await;
            clock.now()
        });
        assert_eq!(end.unwrap().to_string(), "2026-03-01T08:00:00Z");
    }

    #[test]
    fn scaled_time_runs_faster_than_the_runtime_s() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let (seen, slept) = runtime.block_on(async {
            let clock = ScaledClock::new(epoch(), 60.0);
            let before = tokio::time::Instant::now();
            clock.sleep(Duration::from_mins(10)).await;
            (clock.now(), before.elapsed())
        });
        assert_eq!(seen.to_string(), "2026-03-01T02:10:00Z");
        assert_eq!(slept, Duration::from_secs(10), "ten minutes at factor 60");
    }

    #[test]
    fn the_end_of_time_is_reached_and_not_passed() {
        assert_eq!(later(epoch(), Duration::MAX), Timestamp::MAX);
    }

    #[test]
    fn instants_are_written_with_milliseconds() {
        let at: Timestamp = "2026-03-01T02:00:00.1239Z".parse().unwrap();
        assert_eq!(iso(at), "2026-03-01T02:00:00.123Z");
        assert_eq!(iso(epoch()), "2026-03-01T02:00:00.000Z");
    }
}
