//! Step Functions: JSON 1.0, the operation in `X-Amz-Target`.

mod describe;
mod requests;

use crate::engine::{Executions, StatesError};
use crate::wire::loopback::{Answer, answer};
use crate::wire::{request_id, with_request_id};
use describe::{description, listed, seconds, state_machine};
use hyper::StatusCode;
use requests::{Page, member, name_in};
use serde_json::{Value, json};
use sim::asl::Why;

const JSON: &str = "application/x-amz-json-1.0";
const PREFIX: &str = "AWSStepFunctions.";

/// Answers a request.
pub(crate) fn respond(executions: &Executions, target: &str, body: &[u8]) -> Answer {
    let operation = target.strip_prefix(PREFIX).unwrap_or(target);
    match run(executions, operation, body) {
        Ok(result) => with_request_id(answer(StatusCode::OK, JSON, result.to_string()), &request_id()),
        Err(error) => failure(400, error.code(), &error.to_string()),
    }
}

/// An error as the protocol answers it.
pub(crate) fn failure(status: u16, code: &str, message: &str) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({"__type": code, "message": message}).to_string();
    with_request_id(answer(status, JSON, body), &request_id())
}

fn run(executions: &Executions, operation: &str, body: &[u8]) -> Result<Value, StatesError> {
    let request: Value =
        serde_json::from_slice(body).map_err(|error| StatesError::Serialization(error.to_string()))?;
    match operation {
        "StartExecution" => start(executions, &request),
        "DescribeExecution" => describe(executions, &request),
        "GetExecutionHistory" => history(executions, &request),
        "RedriveExecution" => redrive(executions, &request),
        "StopExecution" => stop(executions, &request),
        "ListExecutions" => list(executions, &request),
        "DescribeStateMachine" => {
            check_machine(executions, member(&request, "stateMachineArn")?)?;
            Ok(state_machine(executions, true))
        }
        "ListStateMachines" => Ok(json!({"stateMachines": [state_machine(executions, false)]})),
        other => Err(StatesError::UnknownOperation(other.to_owned())),
    }
}

fn start(executions: &Executions, request: &Value) -> Result<Value, StatesError> {
    check_machine(executions, member(request, "stateMachineArn")?)?;
    let input = request["input"].as_str().unwrap_or("{}");
    let input: Value =
        serde_json::from_str(input).map_err(|error| StatesError::InvalidExecutionInput(error.to_string()))?;
    let started = executions.start(request["name"].as_str(), input)?;
    Ok(json!({"executionArn": started.execution_arn, "startDate": seconds(started.start_date)}))
}

fn describe(executions: &Executions, request: &Value) -> Result<Value, StatesError> {
    let execution = executions.get(name_in(executions, request)?)?;
    Ok(description(&execution, executions.now()))
}

fn history(executions: &Executions, request: &Value) -> Result<Value, StatesError> {
    let mut events = executions.get(name_in(executions, request)?)?.history;
    if request["reverseOrder"].as_bool() == Some(true) {
        events.reverse();
    }
    let (page, next_token) = Page::of(request, 1000)?.cut(&events);
    let shown = page.iter().map(|event| {
        event
            .to_api()
            .map_err(|error| StatesError::Validation(format!("an event cannot be shown: {error}")))
    });
    let shown: Vec<Value> = shown.collect::<Result<_, _>>()?;
    Ok(with_token(json!({ "events": shown }), next_token))
}

fn redrive(executions: &Executions, request: &Value) -> Result<Value, StatesError> {
    let redriven = executions.redrive(name_in(executions, request)?)?;
    Ok(json!({"redriveDate": seconds(redriven)}))
}

fn stop(executions: &Executions, request: &Value) -> Result<Value, StatesError> {
    let text = |name: &str| request[name].as_str().map(str::to_owned);
    let why = Why {
        error: text("error"),
        cause: text("cause"),
    };
    let stopped = executions.stop(name_in(executions, request)?, why)?;
    Ok(json!({"stopDate": seconds(stopped)}))
}

fn list(executions: &Executions, request: &Value) -> Result<Value, StatesError> {
    check_machine(executions, member(request, "stateMachineArn")?)?;
    let status = request["statusFilter"].as_str();
    let mut all = executions.list();
    all.retain(|execution| status.is_none_or(|status| execution.status.to_string() == status));
    let (page, next_token) = Page::of(request, 100)?.cut(&all);
    let shown: Vec<Value> = page.iter().map(listed).collect();
    Ok(with_token(json!({ "executions": shown }), next_token))
}

fn with_token(mut answer: Value, next_token: Option<String>) -> Value {
    if let Some(token) = next_token {
        answer["nextToken"] = Value::from(token);
    }
    answer
}

fn check_machine(executions: &Executions, arn: &str) -> Result<(), StatesError> {
    if !arn.starts_with("arn:") {
        return Err(StatesError::InvalidArn(arn.to_owned()));
    }
    if arn == executions.state_machine_arn() {
        return Ok(());
    }
    Err(StatesError::StateMachineDoesNotExist(arn.to_owned()))
}
