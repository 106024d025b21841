//! The product's ports over the fake world: what `backup-aws` is to AWS, this is to [`World`].

mod asking;
mod disturb;
mod elasticache;
mod metering;
mod s3;
mod snapshots;
mod telling;

pub use asking::{Fate, READ_TIMEOUT};
pub use disturb::{Asked, Disturb, Effect, Strike};
pub use metering::{Measured, Measuring};
pub use telling::ReadExecution;

use crate::asl::Clock;
use crate::trace::{Caller, Trace};
use crate::world::World;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Everything a function may ask for; a call takes no time unless something disturbs it.
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
    /// What disturbs calls.
    pub disturb: Arc<dyn Disturb>,
    /// Who hears of calls and of what they change.
    pub trace: Trace,
    /// The invocation that calls.
    pub caller: Caller,
    /// Whether that invocation's process still lives.
    pub fate: Arc<Fate>,
}

impl Ports {
    /// The same ports for one invocation, with a process of its own.
    #[must_use]
    pub fn called_by(&self, caller: Caller) -> Self {
        Self {
            caller,
            fate: Arc::default(),
            ..self.clone()
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The world, also after a test's thread died while it held it.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
