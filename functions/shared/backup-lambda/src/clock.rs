//! The one clock of the functions: what Lambda and CloudWatch tell and take as a time of day.

use std::time::SystemTime;

/// The time of day.
#[expect(
    clippy::disallowed_methods,
    reason = "the one clock of the functions: Lambda's deadline is a time of day, and a failure's time is nobody's argument"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
