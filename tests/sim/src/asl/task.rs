//! One attempt at a Task: evaluate the arguments, call the function, take its answer.

use futures_util::future::{Either, select};
use serde_json::{Value, json};

use super::definition::{Task, Transform};
use super::environment::{Invocation, TaskError};
use super::history::{Details, EventType, Integration, Why};
use super::run::{Failure, Path, Runner};
use super::step::{MAX_BYTES, Outcome};

impl Runner<'_> {
    /// Arguments are evaluated for every attempt, so `$now()` moves on while `EnteredTime` stands still.
    pub(super) async fn attempt_task(
        &self,
        path: Path<'_>,
        name: &str,
        task: &Task,
        result: &Transform,
    ) -> Result<Outcome, Failure> {
        let call = self.invocation(path, name, task)?;
        let lambda = Integration::lambda();
        self.emit(
            path,
            EventType::TaskStarted,
            Some(Details::TaskStarted(lambda.clone())),
        )?;
        let answer = match self.answer(call).await {
            Ok(answer) => answer,
            Err(why) => return Err(self.task_failed(path, why)),
        };
        let output = answer.to_string();
        if output.len() > MAX_BYTES {
            let why = self.too_large(path, "task result");
            return Err(self.task_failed(
                path,
                Why {
                    error: Some(why.error),
                    cause: why.cause,
                },
            ));
        }
        self.emit(
            path,
            EventType::TaskSucceeded,
            Some(Details::TaskSucceeded {
                integration: lambda,
                output,
            }),
        )?;
        self.outcome(path, result, "", Some(&answer))
    }

    /// Evaluates the arguments and writes `TaskScheduled`.
    fn invocation(&self, path: Path<'_>, name: &str, task: &Task) -> Result<Invocation, Failure> {
        let mut arguments = self.evaluate(path, &task.arguments, "Arguments", None)?;
        let parameters = arguments.to_string();
        if parameters.len() > MAX_BYTES {
            return Err(self.too_large(path, "arguments"));
        }
        let Some(function_name) = arguments["FunctionName"].as_str().map(str::to_owned) else {
            let found = &arguments["FunctionName"];
            return Err(self.wrong_type(path, &task.arguments, "Arguments/FunctionName", "string", found));
        };
        let (execution_arn, retry) = self.read(|execution| {
            (
                execution.execution_arn.clone(),
                execution.cursor(path).map_or(0, |cursor| cursor.retries),
            )
        });
        let lambda = Integration::lambda();
        let details = Details::TaskScheduled {
            resource_type: lambda.resource_type,
            resource: lambda.resource,
            region: execution_arn.split(':').nth(3).unwrap_or_default().to_owned(),
            parameters,
            timeout_in_seconds: task.timeout.map(|timeout| timeout.as_secs()),
        };
        self.emit(path, EventType::TaskScheduled, Some(details))?;
        let payload = arguments["Payload"].take();
        Ok(Invocation {
            function_name,
            payload,
            execution_arn,
            state: name.to_owned(),
            retry,
            timeout: task.timeout,
        })
    }

    /// The function's answer in the form of the optimized integration, or the error; an answer in time wins a tie.
    async fn answer(&self, call: Invocation) -> Result<Value, Why> {
        let timeout = call.timeout;
        let work = self.environment.invoke.invoke(call);
        let answer = match timeout {
            None => work.await,
            Some(timeout) => match select(work, self.environment.clock.sleep(timeout)).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => {
                    return Err(Why {
                        error: Some("States.Timeout".to_owned()),
                        cause: None,
                    });
                }
            },
        };
        match answer {
            Ok(payload) => Ok(self.integration_result(&payload)),
            Err(TaskError { error, cause }) => Err(Why {
                error: Some(error),
                cause: Some(cause),
            }),
        }
    }

    /// What `lambda:invoke` adds around the payload (real histories; HTTP headers left out).
    fn integration_result(&self, payload: &Value) -> Value {
        let request = self.change(|execution| execution.draws.uuid());
        json!({
            "ExecutedVersion": "$LATEST",
            "Payload": payload,
            "SdkHttpMetadata": {"HttpStatusCode": 200},
            "SdkResponseMetadata": {"RequestId": request},
            "StatusCode": 200,
        })
    }

    fn task_failed(&self, path: Path<'_>, why: Why) -> Failure {
        let integration = Integration::lambda();
        let (event_type, details) = if why.error.as_deref() == Some("States.Timeout") {
            (
                EventType::TaskTimedOut,
                Details::TaskTimedOut {
                    integration,
                    why: why.clone(),
                },
            )
        } else {
            (
                EventType::TaskFailed,
                Details::TaskFailed {
                    integration,
                    why: why.clone(),
                },
            )
        };
        match self.emit(path, event_type, Some(details)) {
            Ok(event) => Failure {
                error: why.error.unwrap_or_default(),
                cause: why.cause,
                event,
            },
            Err(full) => full,
        }
    }
}
