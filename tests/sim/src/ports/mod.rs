//! The product's ports over the fake world: what `backup-aws` is to AWS, this is to [`World`].

mod elasticache;
mod metering;
mod s3;
mod telling;

pub use metering::Measured;
pub use telling::ReadExecution;

use crate::asl::Clock;
use crate::world::{self, World};
use backup_core::CallError;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Everything a function may ask for; a call never waits, so its future is ready at once.
#[derive(Clone)]
pub struct Ports {
    /// The world.
    pub world: Arc<Mutex<World>>,
    /// The time at which calls are made.
    pub clock: Arc<dyn Clock>,
    /// The backup bucket.
    pub bucket: String,
    /// The alert topic's ARN.
    pub topic_arn: String,
    /// Where executions' histories are read.
    pub executions: Arc<dyn ReadExecution>,
}

impl Ports {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The world, also after a test's thread died while it held it.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the world answered, in the product's words; a lost answer has no status.
fn judged(operation: &'static str) -> impl Fn(world::CallError) -> CallError {
    move |error| match error {
        world::CallError::Aws(e) => CallError::judge(operation, &e.code, &e.message, Some(e.status)),
        world::CallError::NoAnswer => CallError::judge(
            operation,
            "NoAnswer",
            "the connection was dropped without an answer",
            None,
        ),
    }
}
