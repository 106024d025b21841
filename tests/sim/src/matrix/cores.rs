//! Plays many runs on all cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Bytes of stack of a thread that plays: JSONata asks for a new stack at every expression where less is left.
const STACK: usize = 64 << 20;

/// Plays the runs with the numbers 0 to `count` on as many threads as there are cores, until one is enough; gives what
/// they came to, in the order of their numbers.
///
/// # Panics
///
/// Where the operating system has no memory for a thread: what was not played shows nothing.
pub fn on_all_cores<T: Send>(
    count: usize,
    play: impl Fn(usize) -> T + Sync,
    is_enough: impl Fn(&T) -> bool + Sync,
) -> Vec<T> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            let played = play(number);
            if is_enough(&played) {
                next.store(count, Ordering::Relaxed);
            }
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((number, played));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let thread = std::thread::Builder::new().stack_size(STACK);
            #[expect(clippy::expect_used, reason = "what was not played shows nothing")]
            thread.spawn_scoped(scope, work).expect("a thread");
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, played)| played).collect()
}
