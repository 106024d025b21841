//! What every function agrees on: names, errors, the data between the states, and the decisions.
//!
//! Pure by rule: no SDK, no runtime, no clock, no environment. `now` is always an argument, and everything
//! that talks to AWS goes through the narrow traits in [`ports`], which `backup-aws` implements.

pub mod cache;
pub mod catalogue;
pub mod error;
pub mod export;
pub mod input;
pub mod instant;
pub mod manifest;
pub mod metrics;
pub mod names;
pub mod polling;
pub mod ports;
pub mod retention;
pub mod run;
pub mod snapshot;

pub use cache::{CacheId, CacheKind, CacheRef};
pub use error::{Class, Error, ErrorName, Mend};
pub use input::{Anomaly, ExecutionInput, NotifyOn, Source};
pub use instant::Instant;
pub use names::{ObjectKey, SnapshotName};
pub use ports::{CallError, CallErrorKind};
pub use retention::Retention;
pub use run::{Owner, Run};
