//! The history of an execution, with the types and fields of `API_HistoryEvent`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::definition::StateType;

/// What happened at one point of an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEvent {
    /// 1 for the first event, then without gaps.
    pub id: u64,
    /// The event that led to this one. The first state's is 0, as real histories have it.
    pub previous_event_id: u64,
    /// When it happened, on the interpreter's clock.
    pub timestamp: Timestamp,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// What the type adds; some types add nothing.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

impl HistoryEvent {
    /// The state that it enters, if it enters one.
    pub fn entered(&self) -> Option<&str> {
        match &self.details {
            Some(Details::StateEntered { name, .. }) => Some(name),
            _ => None,
        }
    }

    /// The event as `GetExecutionHistory` sends it: the timestamp in seconds, data marked as not truncated.
    pub fn to_api(&self) -> Result<Value, serde_json::Error> {
        let mut event = serde_json::to_value(self)?;
        if let Some(fields) = event.as_object_mut() {
            fields.insert("timestamp".to_owned(), json!(seconds(self.timestamp)));
            for details in fields.values_mut().filter_map(Value::as_object_mut) {
                for (field, marker) in DATA_FIELDS {
                    if details.contains_key(field) {
                        details.insert(marker.to_owned(), json!({"truncated": false}));
                    }
                }
            }
        }
        Ok(event)
    }
}

const DATA_FIELDS: [(&str, &str); 3] = [
    ("input", "inputDetails"),
    ("output", "outputDetails"),
    ("assignedVariables", "assignedVariablesDetails"),
];

/// Seconds since 1970 with milliseconds, the form of timestamps in the JSON protocol.
fn seconds(at: Timestamp) -> f64 {
    std::time::Duration::try_from(at.as_duration()).map_or(0.0, |since| {
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds since 1970 fit 53 bits for millions of years"
        )]
        let whole = since.as_secs() as f64;
        whole + f64::from(since.subsec_millis()) / 1000.0
    })
}

/// The event types of the modelled states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are AWS's and say all there is")]
pub enum EventType {
    ExecutionStarted,
    ExecutionSucceeded,
    ExecutionFailed,
    ExecutionTimedOut,
    ExecutionAborted,
    ExecutionRedriven,
    EvaluationFailed,
    TaskStateEntered,
    TaskStateExited,
    TaskStateAborted,
    TaskScheduled,
    TaskStarted,
    TaskSucceeded,
    TaskFailed,
    TaskTimedOut,
    WaitStateEntered,
    WaitStateExited,
    WaitStateAborted,
    ChoiceStateEntered,
    ChoiceStateExited,
    PassStateEntered,
    PassStateExited,
    SucceedStateEntered,
    SucceedStateExited,
    MapStateEntered,
    MapStateExited,
    MapStateStarted,
    MapStateSucceeded,
    MapStateFailed,
    MapStateAborted,
    MapIterationStarted,
    MapIterationSucceeded,
    MapIterationFailed,
    MapIterationAborted,
}

impl EventType {
    pub(super) fn entered(state: StateType) -> Self {
        match state {
            StateType::Task => Self::TaskStateEntered,
            StateType::Wait => Self::WaitStateEntered,
            StateType::Choice => Self::ChoiceStateEntered,
            StateType::Map => Self::MapStateEntered,
            StateType::Pass => Self::PassStateEntered,
            StateType::Succeed => Self::SucceedStateEntered,
        }
    }

    pub(super) fn exited(state: StateType) -> Self {
        match state {
            StateType::Task => Self::TaskStateExited,
            StateType::Wait => Self::WaitStateExited,
            StateType::Choice => Self::ChoiceStateExited,
            StateType::Map => Self::MapStateExited,
            StateType::Pass => Self::PassStateExited,
            StateType::Succeed => Self::SucceedStateExited,
        }
    }

    /// Only states that take time can be aborted.
    pub(super) fn aborted(state: StateType) -> Option<Self> {
        match state {
            StateType::Task => Some(Self::TaskStateAborted),
            StateType::Wait => Some(Self::WaitStateAborted),
            StateType::Map => Some(Self::MapStateAborted),
            StateType::Choice | StateType::Pass | StateType::Succeed => None,
        }
    }
}

/// What an event carries; data is JSON in strings, as AWS sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the names are AWS's and say all there is")]
pub enum Details {
    #[serde(rename = "executionStartedEventDetails")]
    ExecutionStarted {
        input: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role_arn: Option<String>,
    },
    #[serde(rename = "executionSucceededEventDetails")]
    ExecutionSucceeded { output: String },
    #[serde(rename = "executionFailedEventDetails")]
    ExecutionFailed(Why),
    #[serde(rename = "executionTimedOutEventDetails")]
    ExecutionTimedOut(Why),
    #[serde(rename = "executionAbortedEventDetails")]
    ExecutionAborted(Why),
    #[serde(rename = "executionRedrivenEventDetails")]
    ExecutionRedriven { redrive_count: u32 },
    #[serde(rename = "evaluationFailedEventDetails")]
    EvaluationFailed {
        error: String,
        cause: String,
        location: String,
        state: String,
    },
    #[serde(rename = "stateEnteredEventDetails")]
    StateEntered { name: String, input: String },
    #[serde(rename = "stateExitedEventDetails")]
    StateExited {
        name: String,
        output: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        assigned_variables: BTreeMap<String, String>,
    },
    #[serde(rename = "taskScheduledEventDetails")]
    TaskScheduled {
        resource_type: String,
        resource: String,
        region: String,
        parameters: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_in_seconds: Option<u64>,
    },
    #[serde(rename = "taskStartedEventDetails")]
    TaskStarted(Integration),
    #[serde(rename = "taskSucceededEventDetails")]
    TaskSucceeded {
        #[serde(flatten)]
        integration: Integration,
        output: String,
    },
    #[serde(rename = "taskFailedEventDetails")]
    TaskFailed {
        #[serde(flatten)]
        integration: Integration,
        #[serde(flatten)]
        why: Why,
    },
    #[serde(rename = "taskTimedOutEventDetails")]
    TaskTimedOut {
        #[serde(flatten)]
        integration: Integration,
        #[serde(flatten)]
        why: Why,
    },
    #[serde(rename = "mapStateStartedEventDetails")]
    MapStateStarted { length: usize },
    #[serde(rename = "mapIterationStartedEventDetails")]
    MapIterationStarted(MapIteration),
    #[serde(rename = "mapIterationSucceededEventDetails")]
    MapIterationSucceeded(MapIteration),
    #[serde(rename = "mapIterationFailedEventDetails")]
    MapIterationFailed(MapIteration),
    #[serde(rename = "mapIterationAbortedEventDetails")]
    MapIterationAborted(MapIteration),
}

/// An error's name and its cause, as far as there are any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are AWS's and say all there is")]
pub struct Why {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// The service a Task calls: always Lambda's `invoke` here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are AWS's and say all there is")]
pub struct Integration {
    pub resource_type: String,
    pub resource: String,
}

impl Integration {
    pub(super) fn lambda() -> Self {
        Self {
            resource_type: "lambda".to_owned(),
            resource: "invoke".to_owned(),
        }
    }
}

/// One iteration of a Map: the Map's name and the item's index from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are AWS's and say all there is")]
pub struct MapIteration {
    pub name: String,
    pub index: usize,
}
