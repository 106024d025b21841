//! What the functions ask of AWS: narrow traits, one per capability, so that a test fakes one method.
//!
//! `backup-aws` implements them over the SDK, `tests/sim` over a fake world. Neither decides anything: they
//! carry a request out and tell failures by [`CallErrorKind`].
#![allow(
    async_fn_in_trait,
    reason = "callers are concrete where a future must be `Send`; a bound here would bind fakes"
)]

mod call_error;
mod elasticache;
mod metering;
mod s3;
mod telling;

pub use call_error::{CallError, CallErrorKind, Operation};
pub use elasticache::*;
pub use metering::EmitMetrics;
pub use s3::*;
pub use telling::*;
