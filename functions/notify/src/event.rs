//! The EventBridge event "Step Functions Execution Status Change", read so that a failure is always told.
//!
//! Its `detail` is the answer of `DescribeExecution` with times in milliseconds (developer guide, *Step
//! Functions event examples*), under a customer managed key without input, output, error and cause. Whatever is
//! missing, new or of another type there is passed over: an alert with a gap is worth more than none. Only what
//! nothing can be told without is refused.

use crate::text;
use backup_core::Error;
use jiff::Timestamp;
use serde_json::Value;

/// `detail-type` of the only event that is read.
pub const DETAIL_TYPE: &str = "Step Functions Execution Status Change";
/// Longest ARN that is carried on; Step Functions' own are at most 256 characters.
const ARN_MAX: usize = 512;

/// How an execution ended without success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A state failed and no retrier helped.
    Failed,
    /// The state machine's own `TimeoutSeconds` ran out.
    TimedOut,
    /// A person or a program stopped it.
    Aborted,
}

impl Ending {
    /// The ending behind a status; `None` for `RUNNING`, `SUCCEEDED` and what is no ending.
    pub fn of(status: &str) -> Option<Self> {
        match status {
            "FAILED" => Some(Self::Failed),
            "TIMED_OUT" => Some(Self::TimedOut),
            "ABORTED" => Some(Self::Aborted),
            _ => None,
        }
    }

    /// As Step Functions spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        }
    }
}

/// What the event tells.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusEvent {
    /// `detail.status` as it stands.
    pub status: String,
    /// When the event was made: `time`, or the latest time that `detail` has.
    pub time: Timestamp,
    /// The execution.
    pub execution_arn: String,
    /// Its machine; derived from the execution's ARN where the event has none.
    pub state_machine_arn: String,
    /// When the execution started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// Whether the event has the execution's input at all, JSON or not.
    pub has_input: bool,
    /// The execution's input, where it is JSON.
    pub input: Option<Value>,
    /// How often it had been re-driven; without it no marker can be trusted.
    pub redrive_count: Option<u32>,
    /// `redriveStatus` as it stands.
    pub redrive_status: Option<String>,
    /// `redriveStatusReason` as it stands.
    pub redrive_reason: Option<String>,
    /// The error name.
    pub error: Option<String>,
    /// Its text.
    pub cause: Option<String>,
}

impl StatusEvent {
    /// Reads the event as EventBridge delivers it.
    pub fn read(event: &Value) -> Result<Self, Error> {
        let detail_type = string(event, "detail-type").unwrap_or_default();
        if detail_type != DETAIL_TYPE {
            return Err(Error::invalid_input("detail-type", detail_type, DETAIL_TYPE));
        }
        let detail = event.get("detail").unwrap_or(&Value::Null);
        let missing = |field: &str, allowed: &str| {
            let value = field.split('.').try_fold(event, |value, part| value.get(part));
            Error::invalid_input(field, value.unwrap_or(&Value::Null), allowed)
        };
        let status =
            string(detail, "status").ok_or_else(|| missing("detail.status", "an execution status"))?;
        let (started_at, stopped_at) = (millis(detail, "startDate"), millis(detail, "stopDate"));
        let time = string(event, "time").and_then(|text| text.parse().ok());
        let time = time
            .or(stopped_at)
            .or(started_at)
            .ok_or_else(|| missing("time", "an RFC 3339 time"))?;
        let execution_arn = arn(detail.get("executionArn"))
            .or_else(|| arn(event.get("resources").and_then(|all| all.get(0))))
            .ok_or_else(|| missing("detail.executionArn", "the ARN of an execution"))?;
        let input = string(detail, "input");
        Ok(Self {
            status,
            time,
            state_machine_arn: arn(detail.get("stateMachineArn"))
                .unwrap_or_else(|| machine_of(&execution_arn)),
            execution_arn,
            started_at,
            stopped_at,
            has_input: input.is_some(),
            input: input.and_then(|text| serde_json::from_str(&text).ok()),
            redrive_count: detail
                .get("redriveCount")
                .and_then(Value::as_u64)
                .and_then(|count| u32::try_from(count).ok()),
            redrive_status: string(detail, "redriveStatus"),
            redrive_reason: string(detail, "redriveStatusReason"),
            error: string(detail, "error").filter(|error| !error.is_empty()),
            cause: string(detail, "cause").filter(|cause| !cause.is_empty()),
        })
    }

    /// The execution's own name: the last part of its ARN.
    pub fn execution_name(&self) -> &str {
        self.execution_arn.rsplit(':').next().unwrap_or_default()
    }

    /// Why it cannot be re-driven any more, empty where nothing tells the reason.
    pub fn not_redrivable(&self) -> Option<String> {
        let status = self.redrive_status.as_deref()?;
        let reason = self.redrive_reason.as_deref().unwrap_or_default();
        status.starts_with("NOT_REDRIVABLE").then(|| text::name(reason))
    }
}

fn string(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().map(str::to_owned)
}

fn millis(detail: &Value, field: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(detail.get(field)?.as_i64()?).ok()
}

fn arn(value: Option<&Value>) -> Option<String> {
    let text = text::one_line(value?.as_str()?);
    let fits = text.starts_with("arn:") && text.chars().count() <= ARN_MAX;
    fits.then_some(text)
}

/// `arn:…:execution:<machine>:<name>` belongs to `arn:…:stateMachine:<machine>`.
fn machine_of(execution_arn: &str) -> String {
    let machine = execution_arn
        .rsplit_once(':')
        .map_or(execution_arn, |(head, _)| head);
    machine.replacen(":execution:", ":stateMachine:", 1)
}

#[cfg(test)]
mod tests;
