//! What the engine tells whoever watches.

use sim::asl::{HistoryEvent, Status};
use std::sync::Arc;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Notice {
    /// An execution got an event.
    Event {
        /// The execution's name.
        execution: String,
        /// The event.
        event: Arc<HistoryEvent>,
    },
    /// An execution ended, and its record is saved.
    Ended {
        /// The execution's name.
        execution: String,
        /// How.
        status: Status,
    },
    /// The rule on the executions' status had `notify` called.
    Alerted {
        /// The execution's name.
        execution: String,
    },
    /// `notify` failed at every attempt; on AWS the event would be lost or lie in a queue.
    AlertLost {
        /// The execution's name.
        execution: String,
        /// The error of the last attempt and its cause.
        reason: String,
    },
    /// An execution could not be saved: after a restart it would be found as it was before.
    NotSaved {
        /// The execution's name.
        execution: String,
        /// Why, with the file.
        reason: String,
    },
}
