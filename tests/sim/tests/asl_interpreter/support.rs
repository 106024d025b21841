//! Small machines, scripted functions, and histories a person can read.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use sim::asl::{
    Clock, Details, Environment, Execution, HistoryEvent, Invocation, Invoke, Observer, Run, StartExecution,
    Status, TaskError, VirtualClock, Why,
};

/// When every test begins.
pub(crate) const EPOCH: &str = "2026-03-01T02:00:00Z";

pub(crate) fn epoch() -> Timestamp {
    EPOCH.parse().unwrap()
}

/// A definition whose states are `states`, begun at `start`.
pub(crate) fn machine(start: &str, states: &Value) -> Value {
    json!({"QueryLanguage": "JSONata", "StartAt": start, "States": states})
}

/// A Task that calls `function` with the state's input and passes on what it returns.
pub(crate) fn task(function: &str, rest: &Value) -> Value {
    let base = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": "{% $states.input %}"},
        "Output": "{% $states.result.Payload %}",
    });
    with(&base, rest)
}

/// `base` with the fields of `rest` set, or removed where they are null.
pub(crate) fn with(base: &Value, rest: &Value) -> Value {
    let mut merged = base.as_object().unwrap().clone();
    for (field, value) in rest.as_object().unwrap() {
        match value {
            Value::Null => merged.remove(field),
            value => merged.insert(field.clone(), value.clone()),
        };
    }
    Value::Object(merged)
}

/// What a scripted function does.
#[derive(Clone)]
pub(crate) enum Answer {
    Returns(Value),
    Fails(&'static str),
    After(Duration, Box<Answer>),
    Never,
}

pub(crate) fn after(seconds: u64, answer: Answer) -> Answer {
    Answer::After(Duration::from_secs(seconds), Box::new(answer))
}

/// What an observer would have stored: the record at each event.
#[derive(Default)]
pub(crate) struct Journal(pub(crate) Mutex<Vec<String>>);

impl Observer for Journal {
    fn on_event(&self, event: &HistoryEvent, execution: &Execution) {
        assert_eq!(
            execution.history.last().map(|last| last.id),
            Some(event.id),
            "told of each event as it happens"
        );
        self.0
            .lock()
            .unwrap()
            .push(serde_json::to_string(execution).unwrap());
    }
}

type Script = dyn Fn(&Invocation, usize) -> Answer + Send + Sync;

/// Functions that follow a script, which sees each call and how many came before it.
struct Functions {
    script: Box<Script>,
    clock: Arc<dyn Clock>,
    calls: Mutex<Vec<Call>>,
}

/// A call and the instant of it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) at: Timestamp,
    pub(crate) invocation: Invocation,
}

impl Invoke for Functions {
    fn invoke(&self, call: Invocation) -> BoxFuture<'_, Result<Value, TaskError>> {
        Box::pin(async move {
            let mut answer = {
                let mut calls = self.calls.lock().unwrap();
                let answer = (self.script)(&call, calls.len());
                calls.push(Call {
                    at: self.clock.now(),
                    invocation: call,
                });
                answer
            };
            loop {
                match answer {
                    Answer::Returns(value) => return Ok(value),
                    Answer::Fails(error) => {
                        return Err(TaskError {
                            error: error.to_owned(),
                            cause: format!("{error} happened"),
                        });
                    }
                    Answer::After(delay, then) => {
                        self.clock.sleep(delay).await;
                        answer = *then;
                    }
                    Answer::Never => std::future::pending().await,
                }
            }
        })
    }
}

/// An execution that ended, and the calls it made.
pub(crate) struct Ran {
    pub(crate) execution: Execution,
    pub(crate) calls: Vec<Call>,
}

impl Ran {
    pub(crate) fn output(&self) -> &Value {
        assert_eq!(self.execution.status, Status::Succeeded, "{}", self.history());
        self.execution.output.as_ref().unwrap()
    }

    pub(crate) fn error(&self) -> &str {
        assert_eq!(self.execution.status, Status::Failed, "{}", self.history());
        self.execution.error.as_deref().unwrap()
    }

    pub(crate) fn history(&self) -> String {
        history(&self.execution.history)
    }

    pub(crate) fn count(&self, event_type: &str) -> usize {
        self.execution
            .history
            .iter()
            .filter(|event| format!("{:?}", event.event_type) == event_type)
            .count()
    }

    /// Seconds from the start to each call.
    pub(crate) fn call_seconds(&self) -> Vec<f64> {
        self.calls
            .iter()
            .map(|call| call.at.duration_since(epoch()).as_secs_f64())
            .collect()
    }
}

pub(crate) fn start(definition: &Value, input: Value) -> Execution {
    start_seeded(definition, input, 1)
}

pub(crate) fn start_seeded(definition: &Value, input: Value, seed: u64) -> Execution {
    let params = StartExecution {
        state_machine_arn: "arn:aws:states:eu-central-1:000000000000:stateMachine:test".to_owned(),
        role_arn: None,
        name: "one".to_owned(),
        input,
        definition: definition.to_string(),
        seed,
    };
    Execution::start(params, epoch()).unwrap()
}

/// Runs `definition` from start to end.
pub(crate) fn run(
    definition: &Value,
    input: Value,
    script: impl Fn(&Invocation, usize) -> Answer + Send + Sync + 'static,
) -> Ran {
    resume(start(definition, input), script)
}

/// Runs a record on, after a round trip through its stored form.
pub(crate) fn resume(
    execution: Execution,
    script: impl Fn(&Invocation, usize) -> Answer + Send + Sync + 'static,
) -> Ran {
    drive(execution, script, None)
}

/// Runs a record and stops it from outside after `stop`, if given.
pub(crate) fn drive(
    execution: Execution,
    script: impl Fn(&Invocation, usize) -> Answer + Send + Sync + 'static,
    stop: Option<Duration>,
) -> Ran {
    watch(execution, script, stop, Arc::new(()))
}

/// As [`drive`], with an observer.
pub(crate) fn watch(
    execution: Execution,
    script: impl Fn(&Invocation, usize) -> Answer + Send + Sync + 'static,
    stop: Option<Duration>,
    observer: Arc<dyn Observer>,
) -> Ran {
    let stored: Execution = serde_json::from_str(&serde_json::to_string(&execution).unwrap()).unwrap();
    assert_eq!(stored, execution, "the stored form lost something");
    let from = stored.history.last().unwrap().timestamp;
    VirtualClock::run(from, |clock| async move {
        let functions = Arc::new(Functions {
            script: Box::new(script),
            clock: clock.clone(),
            calls: Mutex::default(),
        });
        let run = Run::new(stored).unwrap();
        let environment = Environment::new(clock.clone(), functions.clone()).observed_by(observer);
        let stopper = async {
            if let Some(delay) = stop {
                clock.sleep(delay).await;
                run.stop(Why {
                    error: Some("Stopped".to_owned()),
                    cause: Some("by the test".to_owned()),
                });
            }
        };
        futures_util::future::join(run.run(&environment), stopper).await;
        let calls = functions.calls.lock().unwrap().clone();
        Ran {
            execution: run.snapshot(),
            calls,
        }
    })
    .unwrap()
}

/// A script for machines that call nothing.
pub(crate) fn no_calls(call: &Invocation, _: usize) -> Answer {
    panic!("`{}` was called", call.function_name)
}

/// One line per event: id, previous id, seconds since the start, type, what matters of the details.
pub(crate) fn history(events: &[HistoryEvent]) -> String {
    events.iter().map(line).collect()
}

fn line(event: &HistoryEvent) -> String {
    let details = match &event.details {
        Some(Details::StateEntered { name, .. }) => name.clone(),
        Some(Details::StateExited { name, output, .. }) => format!("{name} {output}"),
        Some(Details::ExecutionSucceeded { output }) => output.clone(),
        Some(
            Details::ExecutionFailed(why)
            | Details::ExecutionAborted(why)
            | Details::TaskFailed { why, .. }
            | Details::TaskTimedOut { why, .. },
        ) => why.error.clone().unwrap_or_default(),
        Some(Details::EvaluationFailed { location, .. }) => location.clone(),
        Some(Details::TaskScheduled { parameters, .. }) => parameters.clone(),
        Some(Details::MapStateStarted { length }) => length.to_string(),
        Some(
            Details::MapIterationStarted(iteration)
            | Details::MapIterationSucceeded(iteration)
            | Details::MapIterationFailed(iteration)
            | Details::MapIterationAborted(iteration),
        ) => format!("{}[{}]", iteration.name, iteration.index),
        Some(Details::ExecutionRedriven { redrive_count }) => redrive_count.to_string(),
        _ => String::new(),
    };
    let seconds = event.timestamp.duration_since(epoch()).as_secs_f64();
    let text = format!(
        "{} <{} {seconds}s {:?} {details}",
        event.id, event.previous_event_id, event.event_type
    );
    format!("{}\n", text.trim_end())
}
