//! The function libraries behind the interpreter, and what may meddle with their calls.

use crate::asl::{Invocation, Invoke, TaskError};
use crate::ports::{Measured, Ports};
use crate::stage::DEPLOYMENT;
use backup_core::input::read;
use backup_core::{Error, ErrorName};
use futures_executor::block_on;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What happens to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interference {
    /// Nothing.
    Pass,
    /// It fails before the function runs.
    FailBefore(TaskError),
    /// The function runs to its end and its answer is lost.
    FailAfter(TaskError),
    /// The function runs twice, as at-least-once delivery allows, and the second answer counts.
    Twice,
}

/// Decides what happens to a call.
pub type Meddle = Box<dyn FnMut(&Invocation) -> Interference + Send>;

/// All functions over one set of ports.
pub struct Functions {
    ports: Ports,
    region: String,
    deployment: String,
    meddle: Mutex<Meddle>,
    /// Time that one call takes.
    latency: Duration,
    /// Time that `verify-object` is told it has left, in milliseconds.
    remaining_ms: AtomicU64,
    measured: Measured,
}

impl Functions {
    /// The functions of the deployment [`DEPLOYMENT`], unmeddled.
    pub fn new(ports: Ports, region: String) -> Self {
        Self {
            ports,
            region,
            deployment: DEPLOYMENT.to_owned(),
            meddle: Mutex::new(Box::new(|_| Interference::Pass)),
            latency: Duration::from_millis(200),
            remaining_ms: AtomicU64::new(900_000),
            measured: Measured::default(),
        }
    }

    /// The same functions under another deployment's name.
    #[must_use]
    pub fn deployed_as(self, deployment: &str) -> Self {
        Self {
            deployment: deployment.to_owned(),
            ..self
        }
    }

    /// The Region they run in.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The metrics that they emitted.
    pub fn measured(&self) -> &Measured {
        &self.measured
    }

    /// Lets `meddle` decide on every call from now on.
    pub fn meddle(&self, meddle: impl FnMut(&Invocation) -> Interference + Send + 'static) {
        *self.meddle.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(meddle);
    }

    /// Tells `verify-object` from now on that so much time is left, however long it reads.
    pub fn leave(&self, remaining: Duration) {
        let ms = u64::try_from(remaining.as_millis()).unwrap_or(u64::MAX);
        self.remaining_ms.store(ms, Ordering::Relaxed);
    }

    /// Calls a function by name.
    pub fn call(&self, function: &str, payload: Value) -> Result<Value, Error> {
        let (ports, region) = (&self.ports, self.region.clone());
        let (deployment, measured) = (self.deployment.clone(), &self.measured);
        match function {
            "create-snapshot" => {
                let settings = create_snapshot::Settings { deployment, region };
                answer(block_on(create_snapshot::handle(
                    ports,
                    &settings,
                    read(payload)?,
                ))?)
            }
            "check-status" => answer(block_on(check_status::handle(ports, &(), read(payload)?))?),
            "copy-to-s3" => answer(block_on(copy_to_s3::handle(ports, &(), read(payload)?))?),
            "verify-object" => {
                let settings = verify_object::Settings::default();
                let remaining = || Duration::from_millis(self.remaining_ms.load(Ordering::Relaxed));
                answer(block_on(verify_object::handle(
                    ports,
                    &settings,
                    read(payload)?,
                    remaining,
                ))?)
            }
            "record-backup" => answer(block_on(record_backup::handle(ports, measured, read(payload)?))?),
            "prune" => answer(block_on(prune::handle(ports, measured, read(payload)?))?),
            "notify" => {
                let settings = notify::Settings {
                    deployment,
                    region,
                    bucket: ports.bucket.clone(),
                };
                answer(block_on(notify::handle(ports, &settings, read(payload)?))?)
            }
            "watch" => {
                let settings = watch::Settings { deployment };
                answer(block_on(watch::handle(
                    ports,
                    &settings,
                    measured,
                    read(payload)?,
                ))?)
            }
            other => Err(Error::new(
                ErrorName::Unexpected,
                format!("there is no function `{other}`"),
            )),
        }
    }

    fn decide(&self, call: &Invocation) -> Interference {
        (self.meddle.lock().unwrap_or_else(PoisonError::into_inner))(call)
    }
}

fn answer(output: impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(output).map_err(|error| Error::new(ErrorName::Unexpected, error.to_string()))
}

/// The function's error as Lambda hands it to Step Functions.
fn task_error(error: &Error) -> TaskError {
    let cause = json!({"errorType": error.name.as_str(), "errorMessage": error.text()});
    TaskError {
        error: error.name.to_string(),
        cause: cause.to_string(),
    }
}

impl Invoke for Functions {
    fn invoke(&self, call: Invocation) -> BoxFuture<'_, Result<Value, TaskError>> {
        Box::pin(async move {
            self.ports.clock.sleep(self.latency).await;
            let function = call.function_name.rsplit(':').next().unwrap_or_default();
            let run = || {
                self.call(function, call.payload.clone())
                    .map_err(|error| task_error(&error))
            };
            match self.decide(&call) {
                Interference::Pass => run(),
                Interference::FailBefore(error) => Err(error),
                Interference::FailAfter(error) => run().and(Err(error)),
                Interference::Twice => {
                    let _first = run();
                    run()
                }
            }
        })
    }
}
