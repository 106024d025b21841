//! Interfering with calls, for sweeps: fail, repeat or kill the nth call of a state or function.

use crate::lambda::Host;
use futures_util::future::BoxFuture;
use serde_json::Value;
use sim::asl::{Invocation, Invoke, TaskError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is done to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tampering {
    /// It fails by this name before the function is called.
    FailBefore(String),
    /// The function is called, then the call fails by this name.
    FailAfter(String),
    /// The function is called twice, one after the other; the second answer counts.
    Duplicate,
    /// The function's process is killed this long after it took the work.
    Kill(Duration),
}

/// One armed interference.
#[derive(Debug, Clone)]
struct Armed {
    /// Name of a state or of a function.
    target: String,
    /// Calls of the target that still pass.
    skip: u32,
    tampering: Tampering,
}

/// The functions, called by a state machine, with armed interferences.
#[derive(Debug)]
pub struct Tamper {
    host: Arc<Host>,
    armed: Mutex<Vec<Armed>>,
}

impl Tamper {
    /// Calls functions of the host, untouched until something is armed.
    pub fn new(host: Arc<Host>) -> Self {
        Self {
            host,
            armed: Mutex::default(),
        }
    }

    /// Interferes once, with the call after the next `skip` ones of a state or function of that name.
    pub fn arm(&self, target: &str, skip: u32, tampering: Tampering) {
        let armed = Armed {
            target: target.to_owned(),
            skip,
            tampering,
        };
        self.armed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(armed);
    }

    /// Whether every armed interference took place.
    pub fn is_spent(&self) -> bool {
        self.armed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    fn take(&self, call: &Invocation) -> Option<Tampering> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let function = call.function_name.rsplit(':').next();
        let meant = |rule: &Armed| rule.target == call.state || Some(rule.target.as_str()) == function;
        let mut taken = None;
        for (index, rule) in armed.iter_mut().enumerate().filter(|(_, rule)| meant(rule)) {
            if rule.skip == 0 {
                taken = taken.or(Some(index));
            } else {
                rule.skip -= 1;
            }
        }
        taken.map(|index| armed.remove(index).tampering)
    }

    async fn call(&self, call: &Invocation) -> Result<Value, TaskError> {
        let invoke = || self.host.invoke(&call.function_name, &call.payload);
        match self.take(call) {
            None => invoke().await,
            Some(Tampering::FailBefore(error)) => Err(failed(error)),
            Some(Tampering::FailAfter(error)) => {
                // What the function answered is lost on purpose.
                let _ = invoke().await;
                Err(failed(error))
            }
            Some(Tampering::Duplicate) => {
                let _ = invoke().await;
                invoke().await
            }
            Some(Tampering::Kill(after)) => {
                self.host
                    .invoke_and_kill(&call.function_name, &call.payload, after)
                    .await
            }
        }
    }
}

fn failed(error: String) -> TaskError {
    let cause = serde_json::json!({"errorType": error, "errorMessage": "tampered with"}).to_string();
    TaskError { error, cause }
}

impl Invoke for Tamper {
    fn invoke(&self, call: Invocation) -> BoxFuture<'_, Result<Value, TaskError>> {
        Box::pin(async move { self.call(&call).await })
    }
}
