//! An interpreter of Amazon States Language: JSONata, STANDARD, the fields that this project's files use.
//!
//! It runs the real `statemachine/*.asl.json`, in process on virtual time and, for a demo, on scaled time against
//! real processes. What it does not model it refuses by name ([`StateMachine::parse`]). Histories have AWS's
//! event types, fields and order; [`Execution`] is the record that survives a restart and can be redriven.
//!
//! ```text
//! Execution::start ─> Run::new ─> Run::run(&Environment { clock, invoke, observer }) ─> Status
//!                        ▲                                                                │
//!                        └──────────── Run::redrive (or Execution::redrive) <─────────────┘
//! ```

mod clock;
mod definition;
mod dialect;
mod draws;
mod environment;
mod error;
mod evaluate;
mod execution;
mod expression;
mod fields;
mod functions;
mod history;
mod map;
mod parse;
mod position;
mod retry;
mod run;
mod step;
mod task;
mod validate;

pub use clock::{Clock, ScaledClock, VirtualClock};
pub use definition::{StateInfo, StateMachine, StateType};
pub use environment::{Environment, Invocation, Invoke, Observer, TaskError};
pub use error::{DefinitionError, NotRedrivable};
pub use execution::{Execution, MAX_EVENTS, StartExecution, Status};
pub use history::{Details, EventType, HistoryEvent, Integration, MapIteration, Why};
pub use run::Run;
