//! The one way from a function to AWS: what disturbs the call, how it is answered, and who hears of it.

use super::Ports;
use super::disturb::{Asked, Effect, Strike};
use crate::trace::{By, What};
use crate::world::{self, AwsError, Fault, Operation, World};
use backup_core::CallError;
use jiff::Timestamp;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// How long the functions wait for the first byte of an answer (`backup-aws`, `READ_TIMEOUT`).
pub const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Whether an invocation's process still lives.
#[derive(Debug, Default)]
pub struct Fate {
    killed: Notify,
    cut: AtomicBool,
}

impl Fate {
    /// Whether the body that was answered last breaks off half-way; asked once.
    pub(super) fn is_cut(&self) -> bool {
        self.cut.swap(false, Ordering::Relaxed)
    }

    /// Completes once the process is killed.
    pub async fn killed(&self) {
        self.killed.notified().await;
    }
}

/// An answer that did not come, in the words of whoever waited for it.
fn no_answer(operation: &'static str, code: &str) -> CallError {
    CallError::judge(
        operation,
        code,
        "the connection ended without a readable answer",
        None,
    )
}

/// What the world answered, in the product's words; a lost answer has no status.
fn judged(operation: &'static str, error: world::CallError) -> CallError {
    match error {
        world::CallError::Aws(e) => CallError::judge(operation, &e.code, &e.message, Some(e.status)),
        world::CallError::NoAnswer => no_answer(operation, "ConnectionFailed"),
    }
}

impl Ports {
    /// Asks AWS one thing.
    ///
    /// The SDK's own retries of reads are not modelled: each of its attempts is one of the function's, which is
    /// harder on the function.
    pub(super) async fn ask<T>(
        &self,
        operation: &'static str,
        argument: &str,
        run: impl FnOnce(&mut World, Timestamp) -> Result<T, world::CallError>,
    ) -> Result<T, CallError> {
        let asked = Asked {
            caller: &self.caller,
            operation,
            argument,
        };
        let (effect, told, wait) = match self.disturb.strike(&asked) {
            Strike::Pass => return self.perform(operation, argument, run, None),
            Strike::Cut => {
                self.fate.cut.store(true, Ordering::Relaxed);
                return self.perform(operation, argument, run, None);
            }
            Strike::Lags => {
                self.arm_lag(operation);
                return self.perform(operation, argument, run, None);
            }
            Strike::Answer(error, effect) => {
                let told = CallError::judge(operation, &error.code, &error.message, Some(error.status));
                (effect, told, Duration::ZERO)
            }
            Strike::NoAnswer(effect, wait) => {
                let code = if wait.is_zero() {
                    "ConnectionFailed"
                } else {
                    "Timeout"
                };
                (effect, no_answer(operation, code), wait)
            }
            Strike::Garbled => {
                let told = no_answer(operation, "UnreadableAnswer");
                (Effect::Done, told, Duration::ZERO)
            }
            Strike::Killed(effect) => {
                self.lose(operation, argument, effect, run, "killed");
                self.fate.killed.notify_one();
                return std::future::pending().await;
            }
            Strike::Frozen(effect) => {
                self.lose(operation, argument, effect, run, "frozen");
                return std::future::pending().await;
            }
        };
        self.lose(operation, argument, effect, run, &told.code);
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        Err(told)
    }

    /// Runs the operation unless it shall have no effect; the caller gets `answer` instead of its answer.
    fn lose<T>(
        &self,
        operation: &'static str,
        argument: &str,
        effect: Effect,
        run: impl FnOnce(&mut World, Timestamp) -> Result<T, world::CallError>,
        answer: &str,
    ) {
        if effect == Effect::Done {
            // What it answers is lost; what it did is seen by the trace.
            let _ = self.perform(operation, argument, run, Some(answer));
        } else {
            let what = || What::Called {
                operation,
                argument: argument.to_owned(),
                answer: answer.to_owned(),
                effective: false,
            };
            self.settle();
            self.trace.tell(&self.by(), self.now(), what);
        }
    }

    /// Runs the operation and tells the trace of it; `instead` is the answer that the caller gets where that is lost.
    fn perform<T>(
        &self,
        operation: &'static str,
        argument: &str,
        run: impl FnOnce(&mut World, Timestamp) -> Result<T, world::CallError>,
        instead: Option<&str>,
    ) -> Result<T, CallError> {
        self.settle();
        let (now, by) = (self.now(), self.by());
        let answer = run(&mut self.world(), now);
        self.trace.tell(&by, now, || What::Called {
            operation,
            argument: argument.to_owned(),
            answer: instead.map_or_else(|| code(&answer).to_owned(), str::to_owned),
            effective: answer.is_ok(),
        });
        self.trace.look(&self.world(), &by, now);
        answer.map_err(|error| judged(operation, error))
    }

    /// Lets AWS finish what is due, so that it is not taken for what the next call did.
    pub fn settle(&self) {
        let (now, mut world) = (self.now(), self.world());
        world.advance(now);
        self.trace.look(&world, &By::Service, now);
    }

    fn by(&self) -> By {
        By::Function(self.caller.clone())
    }

    fn arm_lag(&self, operation: &str) {
        if let Some(operation) = Operation::spelled(operation) {
            self.world().arm(operation, Fault::Stale, 1);
        }
    }

    /// Tells the trace that bytes of an object came.
    pub(super) fn tell_read(&self, key: &str, version: Option<&String>, start: u64, length: usize) {
        self.trace.tell(&self.by(), self.now(), || What::Read {
            key: key.to_owned(),
            version: version.cloned(),
            start,
            length: length as u64,
        });
    }
}

fn code<T>(answer: &Result<T, world::CallError>) -> &str {
    answer.as_ref().map_or_else(world::CallError::code, |_| "ok")
}

/// An error of the world for something that is not one of its operations.
pub(super) fn missing(code: &str, what: &str) -> world::CallError {
    AwsError::bad_request(code, what).into()
}
