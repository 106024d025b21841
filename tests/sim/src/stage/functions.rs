//! The function libraries behind the interpreter, and what may meddle with their calls.

use crate::asl::{Invocation, Invoke, TaskError};
use crate::ports::{Measured, Measuring, Ports};
use crate::stage::DEPLOYMENT;
use crate::trace::{By, Caller, What};
use backup_core::input::read;
use backup_core::{Error, ErrorName};
use futures_util::future::{BoxFuture, Either, select};
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
    /// The function runs with this payload in place of its own.
    With(Value),
    /// Lambda never answers, and the function does not run.
    HangBefore,
    /// The function runs to its end and Lambda never answers.
    HangAfter,
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
    /// Time that `verify-object` is told it has left instead of what it has.
    left: Mutex<Option<Duration>>,
    invocations: AtomicU64,
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
            left: Mutex::new(None),
            invocations: AtomicU64::new(0),
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
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(remaining);
    }

    /// Calls a function in a process of its own, and gives its answer or its error as Lambda tells it.
    pub async fn call(&self, caller: Caller, payload: Value) -> Result<Value, TaskError> {
        let invocation = self.invocations.fetch_add(1, Ordering::Relaxed) + 1;
        let caller = Caller { invocation, ..caller };
        let ports = self.ports.called_by(caller.clone());
        let (by, trace) = (By::Function(caller.clone()), &self.ports.trace);
        trace.tell(&by, ports.clock.now(), || What::Invoked {
            payload: payload.clone(),
        });
        let limit = time_limit(&caller.function);
        let work = Box::pin(self.run(&ports, &caller.function, payload, limit));
        // Asked for only once the function waits, for a clock may count a wait that is asked for as over.
        let late = async { ports.clock.sleep(limit).await };
        let dies = Box::pin(select(Box::pin(ports.fate.killed()), Box::pin(late)));
        let result = match select(work, dies).await {
            Either::Left((result, _)) => result.map_err(|error| task_error(&error)),
            Either::Right((Either::Left(_), _)) => Err(killed()),
            Either::Right((Either::Right(_), _)) => Err(timed_out(limit)),
        };
        trace.tell(&by, ports.clock.now(), || What::Returned {
            result: result.clone().map_err(|error| (error.error, error.cause)),
        });
        result
    }

    async fn run(
        &self,
        ports: &Ports,
        function: &str,
        payload: Value,
        limit: Duration,
    ) -> Result<Value, Error> {
        let (region, deployment) = (self.region.clone(), self.deployment.clone());
        let measured = &Measuring::new(&self.measured, ports);
        match function {
            "create-snapshot" => {
                let settings = create_snapshot::Settings { deployment, region };
                answer(create_snapshot::handle(ports, &settings, read(payload)?).await?)
            }
            "check-status" => answer(check_status::handle(ports, &(), read(payload)?).await?),
            "copy-to-s3" => answer(copy_to_s3::handle(ports, &(), read(payload)?).await?),
            "verify-object" => {
                let settings = verify_object::Settings::default();
                let remaining = self.remaining(ports, limit);
                answer(verify_object::handle(ports, &settings, read(payload)?, remaining).await?)
            }
            "record-backup" => answer(record_backup::handle(ports, measured, read(payload)?).await?),
            "prune" => answer(prune::handle(ports, measured, read(payload)?).await?),
            "notify" => {
                let bucket = ports.bucket.clone();
                let settings = notify::Settings {
                    deployment,
                    region,
                    bucket,
                };
                answer(notify::handle(ports, &settings, read(payload)?).await?)
            }
            "watch" => {
                let settings = watch::Settings { deployment };
                answer(watch::handle(ports, &settings, measured, read(payload)?).await?)
            }
            other => Err(Error::new(
                ErrorName::Unexpected,
                format!("there is no function `{other}`"),
            )),
        }
    }

    /// The time that is left to an invocation which begins now.
    fn remaining<'a>(&self, ports: &'a Ports, limit: Duration) -> impl Fn() -> Duration + use<'a> {
        let (start, told) = (
            ports.clock.now(),
            *self.left.lock().unwrap_or_else(PoisonError::into_inner),
        );
        move || {
            let spent = ports.clock.now().duration_since(start).unsigned_abs();
            told.unwrap_or_else(|| limit.saturating_sub(spent))
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

/// Lambda's word for a process that ended by itself or was ended.
fn killed() -> TaskError {
    let cause = json!({"errorType": "Runtime.ExitError", "errorMessage": "Error: Runtime exited with error: signal: killed"});
    TaskError {
        error: "Runtime.ExitError".to_owned(),
        cause: cause.to_string(),
    }
}

/// Lambda's word for an invocation that took too long.
fn timed_out(limit: Duration) -> TaskError {
    let text = format!("Error: Task timed out after {}.00 seconds", limit.as_secs());
    TaskError {
        error: "Sandbox.Timedout".to_owned(),
        cause: json!({"errorType": "Sandbox.Timedout", "errorMessage": text}).to_string(),
    }
}

/// How long an invocation may take (`infra/lib/backup-workflow.ts`, `TIMEOUTS`).
fn time_limit(function: &str) -> Duration {
    match function {
        "verify-object" => Duration::from_mins(15),
        "prune" | "watch" => Duration::from_mins(5),
        _ => Duration::from_mins(1),
    }
}

impl Invoke for Functions {
    fn invoke(&self, call: Invocation) -> BoxFuture<'_, Result<Value, TaskError>> {
        Box::pin(async move {
            self.ports.clock.sleep(self.latency).await;
            let caller = Caller {
                function: call
                    .function_name
                    .rsplit(':')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                state: Some(call.state.clone()),
                execution: Some(call.execution_arn.clone()),
                invocation: 0,
            };
            let run = || self.call(caller.clone(), call.payload.clone());
            match self.decide(&call) {
                Interference::Pass => run().await,
                Interference::FailBefore(error) => Err(error),
                Interference::FailAfter(error) => run().await.and(Err(error)),
                Interference::With(payload) => self.call(caller, payload).await,
                Interference::HangBefore => std::future::pending().await,
                Interference::HangAfter => {
                    // Nobody hears what it answers.
                    let _ = run().await;
                    std::future::pending().await
                }
                Interference::Twice => {
                    let _first = run().await;
                    run().await
                }
            }
        })
    }
}
