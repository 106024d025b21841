//! What can go wrong between a function and AWS, decided call by call.

use crate::trace::Caller;
use crate::world::AwsError;
use std::time::Duration;

/// One call on its way to AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Who calls.
    pub caller: &'a Caller,
    /// The operation, spelled as AWS spells it.
    pub operation: &'static str,
    /// What it is about: a snapshot's or cache's name, a key, a topic, an execution.
    pub argument: &'a str,
}

/// Whether the operation took place before its answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It did not.
    None,
    /// It did.
    Done,
}

/// What happens to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strike {
    /// Nothing.
    Pass,
    /// AWS answers with this error: instead of the operation, or although it took place.
    Answer(AwsError, Effect),
    /// The connection ends without an answer, after this time.
    NoAnswer(Effect, Duration),
    /// The operation takes place and its answer cannot be read.
    Garbled,
    /// The body of the answer breaks off half-way, and nothing says so. Whoever reads no body takes no notice.
    Cut,
    /// The operation reads what lags behind (S3 reads see no object, describes see nothing that is being made, no
    /// tag is shown).
    Lags,
    /// The process is killed.
    Killed(Effect),
    /// The process stands still until its function's time is up.
    Frozen(Effect),
}

/// Decides about calls.
pub trait Disturb: Send + Sync {
    /// What happens to this call.
    fn strike(&self, asked: &Asked<'_>) -> Strike;
}

/// Nothing ever happens.
impl Disturb for () {
    fn strike(&self, _: &Asked<'_>) -> Strike {
        Strike::Pass
    }
}
