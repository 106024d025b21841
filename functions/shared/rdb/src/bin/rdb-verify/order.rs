//! Several tasks at a time, their results in the order of the tasks.

use std::collections::BTreeMap;
use std::io;
use std::iter::Enumerate;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::vec;

/// Results in the order of their tasks, each as soon as it and those before it are there.
///
/// It ends early where a worker died over a task. Workers are not waited for when it is dropped: they end with the
/// process, or at their next result.
#[derive(Debug)]
pub(crate) struct InOrder<R> {
    results: Receiver<(usize, R)>,
    /// What came before its turn.
    early: BTreeMap<usize, R>,
    next: usize,
}

/// Tasks that nobody has taken.
type Tasks<T> = Arc<Mutex<Enumerate<vec::IntoIter<T>>>>;

/// Works on `tasks` in `workers` threads; `worker` makes what each thread works with, such as its buffer. An error is
/// that no thread at all could be started.
pub(crate) fn in_order<T, R, W>(
    tasks: Vec<T>,
    workers: usize,
    worker: impl Fn() -> W + Clone + Send + 'static,
) -> io::Result<InOrder<R>>
where
    T: Send + 'static,
    R: Send + 'static,
    W: FnMut(T) -> R,
{
    let (sender, results) = channel();
    let tasks = Arc::new(Mutex::new(tasks.into_iter().enumerate()));
    for started in 0..workers {
        let (tasks, sender, worker) = (Arc::clone(&tasks), sender.clone(), worker.clone());
        let spawned = thread::Builder::new().spawn(move || work(&tasks, &sender, worker()));
        match spawned {
            Ok(_) => {}
            Err(error) if started == 0 => return Err(error),
            // Those that run do it all.
            Err(_) => break,
        }
    }
    Ok(InOrder {
        results,
        early: BTreeMap::new(),
        next: 0,
    })
}

fn work<T, R>(tasks: &Tasks<T>, results: &Sender<(usize, R)>, mut work: impl FnMut(T) -> R) {
    let next = || tasks.lock().unwrap_or_else(PoisonError::into_inner).next();
    while let Some((number, task)) = next() {
        if results.send((number, work(task))).is_err() {
            // Nobody waits for results any more.
            break;
        }
    }
}

impl<R> Iterator for InOrder<R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        loop {
            if let Some(result) = self.early.remove(&self.next) {
                self.next += 1;
                return Some(result);
            }
            let (number, result) = self.results.recv().ok()?;
            self.early.insert(number, result);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Condvar;

    #[test]
    fn results_keep_the_order_whatever_is_done_first() {
        for workers in [1, 3, 9] {
            let results = in_order((0..100).collect(), workers, || |n: u32| n * 2).unwrap();
            let expected: Vec<u32> = (0..100).map(|n| n * 2).collect();
            assert_eq!(results.collect::<Vec<u32>>(), expected, "{workers} workers");
        }
    }

    #[test]
    fn the_first_may_be_done_last() {
        let done = Arc::new((Mutex::new(0), Condvar::new()));
        let worker = {
            let done = Arc::clone(&done);
            move || {
                let done = Arc::clone(&done);
                move |task: usize| {
                    let (count, changed) = &*done;
                    let mut count = count.lock().unwrap();
                    while task == 0 && *count < 4 {
                        count = changed.wait(count).unwrap();
                    }
                    *count += 1;
                    changed.notify_all();
                    task
                }
            }
        };
        let results = in_order((0..5).collect(), 2, worker).unwrap();
        assert_eq!(results.collect::<Vec<usize>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_worker_has_what_it_works_with_to_itself() {
        let worker = || {
            let mut seen = 0;
            move |()| {
                seen += 1;
                seen
            }
        };
        let results = in_order(vec![(); 5], 1, worker).unwrap();
        assert_eq!(results.collect::<Vec<u32>>(), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_worker_that_dies_leaves_a_gap_that_ends_it() {
        let worker = || {
            |task: u32| {
                assert_ne!(task, 2, "this task kills");
                task
            }
        };
        let results = in_order((0..5).collect(), 1, worker).unwrap();
        assert_eq!(results.collect::<Vec<u32>>(), [0, 1]);
    }
}
