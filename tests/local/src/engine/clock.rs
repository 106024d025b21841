//! Time of the embedded AWS: it runs fast while everyone waits, and as fast as the machine while a function works.
//!
//! Scaling the wall clock alone would scale the functions' own run time too, and a task's timeout would strike after a
//! fraction of a second. So the clock runs at `speed` only while somebody sleeps on it and no function is at work; else
//! it keeps step with the wall clock. It never passes a sleeper's wake-up before the sleeper was woken, so waits are
//! exact.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use sim::asl::Clock;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The wall clock: what a person's watch shows, and what real processes count their deadlines by.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where real time comes in"
)]
pub(crate) fn wall_clock() -> Timestamp {
    Timestamp::now()
}

/// Virtual time that goes on from a given instant.
#[derive(Debug)]
pub struct PacedClock {
    speed: f64,
    state: Mutex<State>,
    /// Told whenever the pace may have changed.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    /// Virtual time at `since`.
    then: Timestamp,
    since: Instant,
    /// Functions at work.
    working: usize,
    /// Wake-ups of all sleepers, told apart by number.
    sleepers: BTreeSet<(Timestamp, u64)>,
    next_sleeper: u64,
}

impl PacedClock {
    /// A clock that shows `epoch` now; a speed below 1, or none, counts as 1.
    pub fn new(epoch: Timestamp, speed: f64) -> Self {
        let speed = if speed.is_finite() { speed.max(1.0) } else { 1.0 };
        let state = State {
            then: epoch,
            since: Instant::now(),
            working: 0,
            sleepers: BTreeSet::new(),
            next_sleeper: 0,
        };
        Self {
            speed,
            state: Mutex::new(state),
            changed: Notify::new(),
        }
    }

    /// Keeps the clock at the machine's pace until the guard is dropped.
    pub fn work(&self) -> Working<'_> {
        self.change(|state| state.working += 1);
        Working(self)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what the pace depends on, from the present instant on.
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.lock();
        state.then = state.now(self.speed);
        state.since = Instant::now();
        let result = change(&mut state);
        drop(state);
        self.changed.notify_waiters();
        result
    }

    /// How long a sleeper has to wait in real time at the present pace; nothing once its time has come.
    fn left(&self, until: Timestamp) -> Option<Duration> {
        let state = self.lock();
        let left = Duration::try_from(until.duration_since(state.now(self.speed))).ok()?;
        (!left.is_zero()).then(|| left.div_f64(state.pace(self.speed)))
    }
}

impl State {
    fn pace(&self, speed: f64) -> f64 {
        if self.working == 0 && !self.sleepers.is_empty() {
            speed
        } else {
            1.0
        }
    }

    fn now(&self, speed: f64) -> Timestamp {
        let now = later(self.then, self.since.elapsed().mul_f64(self.pace(speed)));
        let first = self.sleepers.first().map(|(until, _)| (*until).max(self.then));
        first.map_or(now, |until| now.min(until))
    }
}

/// `from` plus `duration`, or the end of time where that does not exist.
fn later(from: Timestamp, duration: Duration) -> Timestamp {
    let sum = SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| from.checked_add(duration).ok());
    sum.unwrap_or(Timestamp::MAX)
}

/// A function is at work.
#[derive(Debug)]
pub struct Working<'a>(&'a PacedClock);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0
            .change(|state| state.working = state.working.saturating_sub(1));
    }
}

/// A registered sleeper; it is forgotten when it wakes or is dropped.
struct Sleeper<'a> {
    clock: &'a PacedClock,
    entry: (Timestamp, u64),
}

impl<'a> Sleeper<'a> {
    fn new(clock: &'a PacedClock, duration: Duration) -> Self {
        let entry = clock.change(|state| {
            let entry = (later(state.then, duration), state.next_sleeper);
            state.next_sleeper += 1;
            state.sleepers.insert(entry);
            entry
        });
        Self { clock, entry }
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.clock.change(|state| state.sleepers.remove(&self.entry));
    }
}

impl Clock for PacedClock {
    /// Cut to milliseconds, the finest that AWS's answers show.
    fn now(&self) -> Timestamp {
        let now = self.lock().now(self.speed);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let sleeper = Sleeper::new(self, duration);
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                // Registered before the look at the clock, so that no change in between is missed.
                changed.as_mut().enable();
                let Some(left) = self.left(sleeper.entry.0) else {
                    return;
                };
                tokio::select! {
                    () = tokio::time::sleep(left) => {}
                    () = changed => {}
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join;

    const EPOCH: Timestamp = Timestamp::constant(1_772_330_400, 0);

    fn run<F: Future>(test: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(test)
    }

    fn seconds(clock: &PacedClock) -> i64 {
        clock.now().as_second() - EPOCH.as_second()
    }

    #[test]
    fn waits_are_compressed_and_exact() {
        run(async {
            let clock = PacedClock::new(EPOCH, 600.0);
            let before = Instant::now();
            clock.sleep(Duration::from_hours(1)).await;
            assert_eq!(seconds(&clock), 3600, "neither early nor late");
            assert!(
                before.elapsed() <= Duration::from_millis(6010),
                "an hour takes six seconds"
            );
        });
    }

    #[test]
    fn nobody_sleeps_so_time_keeps_step_with_the_wall_clock() {
        run(async {
            let clock = PacedClock::new(EPOCH, 600.0);
            tokio::time::sleep(Duration::from_mins(1)).await;
            assert_eq!(
                seconds(&clock),
                60,
                "an idle endpoint does not rush through the redrive period"
            );
        });
    }

    #[test]
    fn a_function_at_work_slows_time_down_to_its_own() {
        run(async {
            let clock = PacedClock::new(EPOCH, 600.0);
            let work = async {
                let _working = clock.work();
                tokio::time::sleep(Duration::from_secs(5)).await;
                seconds(&clock)
            };
            let (seen, ()) = join(work, clock.sleep(Duration::from_hours(1))).await;
            assert_eq!(
                seen, 5,
                "five real seconds of work are five seconds, though another run waits"
            );
            assert_eq!(seconds(&clock), 3600);
        });
    }

    #[test]
    fn a_dropped_sleeper_holds_nothing_up() {
        run(async {
            let clock = PacedClock::new(EPOCH, 600.0);
            let short = tokio::time::timeout(Duration::from_millis(10), clock.sleep(Duration::from_mins(1)));
            assert!(short.await.is_err(), "a minute takes 100 ms");
            clock.sleep(Duration::from_hours(1)).await;
            assert_eq!(seconds(&clock), 3606, "6 s of the first, then the second whole");
        });
    }

    #[test]
    fn a_speed_that_makes_no_sense_is_1() {
        run(async {
            for speed in [0.0, -3.0, f64::NAN, f64::INFINITY] {
                let clock = PacedClock::new(EPOCH, speed);
                let before = Instant::now();
                clock.sleep(Duration::from_secs(2)).await;
                assert!(before.elapsed() >= Duration::from_secs(2));
            }
        });
    }
}
