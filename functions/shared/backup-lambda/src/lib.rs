//! The one crate that speaks to Lambda: runs a handler, and sees to it that a failure leaves under its own name.
//!
//! Step Functions compares `errorType` with the names in its retriers. With a plain `?` the runtime reports a Rust
//! type path there, and so it does for an event that does not deserialize; so errors are converted and events
//! deserialized here. [`Emf`] is how a function's metrics leave.

mod clock;
mod emf;
mod env;
mod failure;
mod log;

pub use emf::Emf;
pub use env::Env;
pub use lambda_runtime::Error as RuntimeError;

use backup_core::Error;
use failure::Failure;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// What Lambda tells about one call.
#[derive(Debug, Clone, Copy)]
pub struct Invocation {
    deadline: SystemTime,
}

impl Invocation {
    /// The time left before Lambda kills this invocation.
    pub fn remaining(&self) -> Duration {
        self.deadline.duration_since(clock::now()).unwrap_or_default()
    }
}

/// Serves events until Lambda ends the process.
///
/// `wire` reads the environment and puts the adapters together, once, when the process starts. Where it fails, the
/// reason is logged at once and every event is answered with it: a run then fails by that name, where a process
/// that exits would be retried as a crash and reported without a reason. `handle` gets one event at a time.
///
/// Every failure that leaves is counted as a metric of the deployment, where `SNAPKEEP_DEPLOYMENT` names one.
pub async fn run<W, I, O>(
    wire: impl FnOnce(&Env) -> Result<W, Error>,
    handle: impl AsyncFn(&W, I, Invocation) -> Result<O, Error>,
) -> Result<(), RuntimeError>
where
    I: DeserializeOwned,
    O: Serialize,
{
    let env = Env::of_process();
    log::init(&env);
    let wired = wire(&env);
    if let Err(error) = &wired {
        tracing::error!(error_name = %error.name, "cannot start: {error}");
    }
    let deployment = env.optional("SNAPKEEP_DEPLOYMENT");
    let (wired, handle, deployment) = (&wired, &handle, deployment.as_deref());
    let serve = |event: LambdaEvent<Value>| async move {
        let answer = answer(wired, handle, event).await;
        answer.map_err(|error| Failure::of(error).logged().counted(deployment))
    };
    lambda_runtime::run(service_fn(serve)).await
}

async fn answer<W, I: DeserializeOwned, O>(
    wired: &Result<W, Error>,
    handle: &impl AsyncFn(&W, I, Invocation) -> Result<O, Error>,
    event: LambdaEvent<Value>,
) -> Result<O, Error> {
    let wired = wired.as_ref().map_err(Clone::clone)?;
    let input = backup_core::input::read(event.payload)?;
    let deadline = SystemTime::UNIX_EPOCH + Duration::from_millis(event.context.deadline);
    // Boxed, because a function's whole tree of futures in one is large, to move as well as to compile.
    Box::pin(handle(wired, input, Invocation { deadline })).await
}
