//! The world as many use it at once: behind a lock, on one clock, saved whenever it changed.

use crate::home::{Home, HomeError};
use jiff::Timestamp;
use sim::asl::Clock;
use sim::world::World;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A world with its clock and its folder.
#[derive(Debug)]
pub struct SharedWorld {
    kept: Mutex<Kept>,
    clock: Arc<crate::engine::PacedClock>,
    home: Arc<Home>,
    /// The topic whose messages are written to the folder.
    topic_arn: String,
}

#[derive(Debug)]
struct Kept {
    world: World,
    /// The world's revision when it was last saved.
    saved: Option<u64>,
}

impl SharedWorld {
    /// Shares a world; the first call saves it.
    pub fn new(
        world: World,
        clock: Arc<crate::engine::PacedClock>,
        home: Arc<Home>,
        topic_arn: String,
    ) -> Self {
        Self {
            kept: Mutex::new(Kept { world, saved: None }),
            clock,
            home,
            topic_arn,
        }
    }

    /// Present virtual time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Calls operations of the world at the present instant, and saves the world if they changed it.
    pub fn call<R>(&self, run: impl FnOnce(&mut World, Timestamp) -> R) -> Result<R, HomeError> {
        let mut kept = self.lock();
        let now = self.clock.now();
        let result = run(&mut kept.world, now);
        if kept.saved != Some(kept.world.revision()) {
            self.save(&mut kept, now)?;
        }
        Ok(result)
    }

    /// Changes the world from outside (caches, grants, faults, contents) and saves it in any case.
    pub fn edit<R>(&self, change: impl FnOnce(&mut World, Timestamp) -> R) -> Result<R, HomeError> {
        let mut kept = self.lock();
        let now = self.clock.now();
        let result = change(&mut kept.world, now);
        self.save(&mut kept, now)?;
        Ok(result)
    }

    fn save(&self, kept: &mut Kept, now: Timestamp) -> Result<(), HomeError> {
        self.home.save_messages(kept.world.messages(&self.topic_arn))?;
        self.home.save_world(&kept.world, now)?;
        kept.saved = Some(kept.world.revision());
        Ok(())
    }

    /// Operations either return or change nothing half, so a panic elsewhere does not spoil the world.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
