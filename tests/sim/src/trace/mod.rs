//! What happened in a run, step by step: every call with its answer, and every change of the world with who made it.
//!
//! Changes are not told by the operations that make them; they are found by comparing the world before and after, so
//! a trace shows what was done and not what was meant.

mod census;
mod step;
mod text;

pub use census::{MessageView, SnapshotView, VersionView};
pub use step::{By, Caller, Ending, Step, What};

use crate::trace::census::Census;
use crate::world::World;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Watches a trace as it grows.
pub trait Judge: Send {
    /// One step, in the order in which things happened.
    fn step(&mut self, step: &Step);
}

/// The trace of one stage; off until somebody listens.
#[derive(Clone, Default)]
pub struct Trace(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    census: Census,
    judges: Vec<Box<dyn Judge>>,
}

impl Trace {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a judge see every step from now on; what is in the world already is told first, as made in the past.
    pub fn judge(&self, world: &World, now: Timestamp, judge: impl Judge + 'static) {
        let mut inner = self.lock();
        inner.census = Census::default();
        inner.judges.push(Box::new(judge));
        inner.look(world, &By::Past, now);
    }

    /// Tells what the world shows that it did not show before, as made by `by`.
    pub fn look(&self, world: &World, by: &By, now: Timestamp) {
        let mut inner = self.lock();
        if inner.is_on() {
            inner.look(world, by, now);
        }
    }

    /// Tells something that no look at the world shows.
    pub fn tell(&self, by: &By, at: Timestamp, what: impl FnOnce() -> What) {
        let mut inner = self.lock();
        if inner.is_on() {
            let by = by.clone();
            inner.tell(&Step { at, by, what: what() });
        }
    }
}

impl Inner {
    fn is_on(&self) -> bool {
        !self.judges.is_empty()
    }

    fn look(&mut self, world: &World, by: &By, at: Timestamp) {
        // What a person changes passes by the operations, and so by the world's count of its changes.
        if *by == By::Person {
            self.census.forget_revision();
        }
        for what in self.census.update(world) {
            let by = by.clone();
            self.tell(&Step { at, by, what });
        }
    }

    fn tell(&mut self, step: &Step) {
        for judge in &mut self.judges {
            judge.step(step);
        }
    }
}
