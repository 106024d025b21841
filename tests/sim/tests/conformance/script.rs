//! Functions that answer by a script: one for both interpreters.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use sim::asl::{Clock, Invocation, Invoke, TaskError};

/// What the functions of one case answer, by function.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Script(BTreeMap<String, Answers>);

impl Script {
    /// Puts answers before those that a function has, for one value of the place that it is keyed by.
    pub(crate) fn precede(&mut self, function: &str, key: Option<&str>, mut answers: Vec<Answer>) {
        let present = match (self.0.get_mut(function).unwrap(), key) {
            (Answers::Plain(present), _) => present,
            (Answers::Keyed { answers: present, .. }, key) => present.get_mut(key.unwrap()).unwrap(),
        };
        answers.append(present);
        *present = answers;
    }
}

/// A function's answers in the order of its calls; the last one is given for good.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Answers {
    /// Counted over all its calls.
    Plain(Vec<Answer>),
    /// Counted for each value at a place of the payload, because iterations of a Map call in no order.
    Keyed {
        by: String,
        answers: BTreeMap<String, Vec<Answer>>,
    },
}

/// One answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Answer {
    /// What the function returns, unless it does something else.
    returns: Value,
    /// The name of the error that it fails with; `Lambda.…Exception` is Lambda's own, anything else the function's.
    fails: Option<String>,
    /// It never answers.
    never: bool,
    /// Milliseconds that it takes.
    after: u64,
    /// For how many calls the answer stands.
    times: Option<usize>,
}

impl Answer {
    /// An answer that returns or fails after so many milliseconds.
    pub(crate) fn of(answered: Result<Value, TaskError>, after: u64) -> Self {
        let (returns, fails) = match answered {
            Ok(value) => (value, None),
            Err(error) => (Value::String(error.cause), Some(error.error)),
        };
        Self {
            returns,
            fails,
            after,
            ..Self::default()
        }
    }

    /// What a Task sees of it.
    fn outcome(self) -> Result<Value, TaskError> {
        let Some(error) = self.fails else {
            return Ok(self.returns);
        };
        let cause = match (service_code(&error), self.returns) {
            (Some(code), _) => format!(
                "it said so (Service: AWSLambda; Status Code: 500; Error Code: {code}; Request ID: 0; Proxy: null)"
            ),
            (None, Value::String(cause)) => cause,
            (None, _) => json!({"errorMessage": format!("{error} happened"), "errorType": error}).to_string(),
        };
        Err(TaskError { error, cause })
    }

    /// The answer as the peer reads it.
    pub(crate) fn to_wire(&self) -> Value {
        if self.never {
            return json!({"never": true});
        }
        let after = self.after;
        match self.clone().outcome() {
            Ok(value) => json!({"after": after, "returns": value}),
            Err(TaskError { error, cause }) => match service_code(&error) {
                Some(code) => json!({"after": after, "service": {"code": code, "message": "it said so"}}),
                None => json!({"after": after, "function": cause}),
            },
        }
    }
}

/// The code of an error of Lambda itself, which Step Functions puts `Lambda.` before.
fn service_code(error: &str) -> Option<&str> {
    error
        .strip_prefix("Lambda.")
        .filter(|code| code.ends_with("Exception"))
}

/// A script and how far it is.
pub(crate) struct Functions {
    script: Script,
    calls: Mutex<BTreeMap<String, usize>>,
}

impl Functions {
    pub(crate) fn new(script: &Script) -> Self {
        Self {
            script: script.clone(),
            calls: Mutex::default(),
        }
    }

    /// The answer to the next call.
    pub(crate) fn answer(&self, function: &str, payload: &Value) -> Answer {
        let function = function.rsplit(':').next().unwrap();
        let answers = self.script.0.get(function);
        let (key, answers) = match answers.unwrap_or_else(|| panic!("no answer of `{function}`")) {
            Answers::Plain(answers) => (function.to_owned(), answers),
            Answers::Keyed { by, answers } => {
                let value = payload
                    .pointer(by)
                    .unwrap_or_else(|| panic!("`{function}` has no `{by}`"));
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let key = format!("{function} {value}");
                let answers = answers.get(&value);
                (
                    key.clone(),
                    answers.unwrap_or_else(|| panic!("no answer of `{key}`")),
                )
            }
        };
        let mut calls = self.calls.lock().unwrap();
        let call = calls.entry(key).or_default();
        *call += 1;
        let mut past = 0;
        let answer = answers.iter().find(|answer| {
            past += answer.times.unwrap_or(1);
            *call <= past
        });
        answer.or(answers.last()).unwrap().clone()
    }

    /// The functions as our interpreter calls them.
    pub(crate) fn on(self, clock: Arc<dyn Clock>) -> Arc<dyn Invoke> {
        Arc::new(Clocked {
            functions: self,
            clock,
        })
    }
}

struct Clocked {
    functions: Functions,
    clock: Arc<dyn Clock>,
}

impl Invoke for Clocked {
    fn invoke(&self, call: Invocation) -> BoxFuture<'_, Result<Value, TaskError>> {
        Box::pin(async move {
            let answer = self.functions.answer(&call.function_name, &call.payload);
            if answer.never {
                std::future::pending::<()>().await;
            }
            self.clock.sleep(Duration::from_millis(answer.after)).await;
            answer.outcome()
        })
    }
}
