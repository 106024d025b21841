//! The record of an execution: everything that must survive a restart of the process and allow a redrive.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::definition::StateMachine;
use super::draws::Draws;
use super::error::{DefinitionError, NotRedrivable};
use super::history::{Details, EventType, HistoryEvent, Why};
use super::position::Cursor;

/// The most events a history holds (Step Functions quotas).
pub const MAX_EVENTS: usize = 25_000;

/// Where an execution stands (`API_DescribeExecution`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It is under way, or was when its process ended.
    Running,
    /// It reached its end.
    Succeeded,
    /// A state failed and was not retried to success.
    Failed,
    /// The state machine's own `TimeoutSeconds` passed.
    TimedOut,
    /// Somebody stopped it.
    Aborted,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        })
    }
}

/// What starts an execution.
#[derive(Clone, Debug)]
pub struct StartExecution {
    /// `arn:aws:states:<region>:<account>:stateMachine:<name>`.
    pub state_machine_arn: String,
    /// The role the state machine runs under, if the context object shall show one.
    pub role_arn: Option<String>,
    /// The execution's name.
    pub name: String,
    /// The execution's input.
    pub input: Value,
    /// The definition's text; the execution keeps it for good.
    pub definition: String,
    /// What jitter, `$random` and `$uuid` are drawn from.
    pub seed: u64,
}

/// An execution's whole state. It serializes, and a deserialized one can be run on, stopped and redriven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    /// `arn:aws:states:<region>:<account>:execution:<state machine>:<name>`.
    pub execution_arn: String,
    /// The state machine's ARN.
    pub state_machine_arn: String,
    /// The state machine's role, if any.
    pub role_arn: Option<String>,
    /// The execution's name.
    pub name: String,
    /// Its input.
    pub input: Value,
    /// The definition it was started with; a redrive keeps it.
    pub definition: String,
    /// Where it stands.
    pub status: Status,
    /// When it was started.
    pub start_date: Timestamp,
    /// When it ended last; none while it runs.
    pub stop_date: Option<Timestamp>,
    /// When it was redriven last.
    pub redrive_date: Option<Timestamp>,
    /// How often it was redriven.
    pub redrive_count: u32,
    /// Its output, once it succeeded.
    pub output: Option<Value>,
    /// The error that ended it.
    pub error: Option<String>,
    /// That error's explanation.
    pub cause: Option<String>,
    /// Billed state transitions: each state entered, each retry, each redrive.
    pub transitions: u64,
    /// What happened so far.
    pub history: Vec<HistoryEvent>,
    pub(super) draws: Draws,
    /// Where to go on; none once it succeeded.
    pub(super) position: Option<Cursor>,
}

impl Execution {
    /// A running execution that has done nothing yet but begin.
    pub fn start(params: StartExecution, now: Timestamp) -> Result<Self, DefinitionError> {
        let machine = StateMachine::parse(&params.definition)?;
        let mut execution = Self {
            execution_arn: execution_arn(&params.state_machine_arn, &params.name),
            position: Some(Cursor::at(&machine.scope.start_at, params.input.clone())),
            draws: Draws::new(params.seed),
            state_machine_arn: params.state_machine_arn,
            role_arn: params.role_arn,
            name: params.name,
            input: params.input,
            definition: params.definition,
            status: Status::Running,
            start_date: now,
            stop_date: None,
            redrive_date: None,
            redrive_count: 0,
            output: None,
            error: None,
            cause: None,
            transitions: 0,
            history: Vec::new(),
        };
        let started = Details::ExecutionStarted {
            input: execution.input.to_string(),
            role_arn: execution.role_arn.clone(),
        };
        execution.push(EventType::ExecutionStarted, 0, Some(started), now);
        Ok(execution)
    }

    /// Ends a running execution as `ABORTED`, as `StopExecution` does; an ended one stays as it is.
    ///
    /// While a [`super::Run`] drives it, stop that instead, so that what is in flight is cancelled too.
    pub fn stop(&mut self, why: Why, now: Timestamp) {
        if self.status == Status::Running {
            self.abort_strands(now);
            self.end(Ending::Aborted(why), now);
        }
    }

    /// Sets the execution running again from where it failed, as `RedriveExecution` does.
    pub fn redrive(&mut self, now: Timestamp) -> Result<(), NotRedrivable> {
        self.redrivable(now)?;
        let everything = self.error.as_deref() == Some("States.DataLimitExceeded");
        self.status = Status::Running;
        self.stop_date = None;
        self.error = None;
        self.cause = None;
        self.redrive_count += 1;
        self.redrive_date = Some(now);
        self.transitions += 1;
        let details = Details::ExecutionRedriven {
            redrive_count: self.redrive_count,
        };
        let last = self.history.last().map_or(0, |event| event.id);
        let id = self.push(EventType::ExecutionRedriven, last, Some(details), now);
        if let Some(cursor) = &mut self.position {
            // A Map that failed for the size of its data is begun anew (guide, "Redrive behavior of individual states").
            if everything {
                cursor.iterations = None;
            }
            cursor.last_event = id;
            cursor.refresh();
        }
        Ok(())
    }

    /// How often it entered a state so far.
    pub fn entries(&self, state: &str) -> usize {
        let entered = self.history.iter().filter(|event| event.entered() == Some(state));
        entered.count()
    }

    /// `redriveStatus` at `now` and, where it is none that allows one, `redriveStatusReason`.
    pub fn redrive_status(&self, now: Timestamp) -> (&'static str, Option<String>) {
        match self.redrivable(now) {
            Ok(()) => ("REDRIVABLE", None),
            Err(reason) => ("NOT_REDRIVABLE", Some(reason.to_string())),
        }
    }

    /// Whether [`Execution::redrive`] would be allowed at `now`, and if not, why (`redriveStatusReason`).
    pub fn redrivable(&self, now: Timestamp) -> Result<(), NotRedrivable> {
        const DAY: SignedDuration = SignedDuration::from_hours(24);
        let (Status::Failed | Status::TimedOut | Status::Aborted, Some(stopped)) =
            (self.status, self.stop_date)
        else {
            return Err(NotRedrivable::Status(self.status));
        };
        if now.duration_since(stopped) > DAY * 14 {
            return Err(NotRedrivable::Expired(stopped));
        }
        if now.duration_since(self.start_date) > DAY * 365 {
            return Err(NotRedrivable::TooOld(self.start_date));
        }
        if self.history.len() >= MAX_EVENTS - 1 {
            return Err(NotRedrivable::History(self.history.len()));
        }
        Ok(())
    }

    /// The instant at which the state machine's own timeout strikes.
    pub(super) fn deadline(&self, timeout: Duration) -> Timestamp {
        super::clock::later(self.redrive_date.unwrap_or(self.start_date), timeout)
    }

    /// Appends an event and gives its id.
    pub(super) fn push(
        &mut self,
        event_type: EventType,
        previous: u64,
        details: Option<Details>,
        now: Timestamp,
    ) -> u64 {
        let id = self.history.last().map_or(1, |event| event.id + 1);
        self.history.push(HistoryEvent {
            id,
            previous_event_id: previous,
            timestamp: now,
            event_type,
            details,
        });
        id
    }

    /// Ends the execution and says so in its history.
    pub(super) fn end(&mut self, ending: Ending, now: Timestamp) {
        let last = self.position.as_ref().map_or(0, |cursor| cursor.last_event);
        let (status, event_type, previous, details) = match ending {
            Ending::Succeeded(output) => {
                let details = Details::ExecutionSucceeded {
                    output: output.to_string(),
                };
                self.output = Some(output);
                self.position = None;
                (Status::Succeeded, EventType::ExecutionSucceeded, last, details)
            }
            Ending::Failed(why, event) => {
                self.blame(&why);
                (
                    Status::Failed,
                    EventType::ExecutionFailed,
                    event,
                    Details::ExecutionFailed(why),
                )
            }
            Ending::TimedOut => {
                let details = Details::ExecutionTimedOut(Why::default());
                (Status::TimedOut, EventType::ExecutionTimedOut, last, details)
            }
            Ending::Aborted(why) => {
                self.blame(&why);
                (
                    Status::Aborted,
                    EventType::ExecutionAborted,
                    last,
                    Details::ExecutionAborted(why),
                )
            }
        };
        self.status = status;
        self.stop_date = Some(now);
        if let Some(cursor) = &mut self.position {
            cursor.rest();
        }
        self.push(event_type, previous, Some(details), now);
    }

    fn blame(&mut self, why: &Why) {
        self.error.clone_from(&why.error);
        self.cause.clone_from(&why.cause);
    }
}

/// How an execution ends.
pub(super) enum Ending {
    Succeeded(Value),
    /// With the event that the failure began with.
    Failed(Why, u64),
    TimedOut,
    Aborted(Why),
}

fn execution_arn(state_machine_arn: &str, name: &str) -> String {
    format!(
        "{}:{name}",
        state_machine_arn.replacen(":stateMachine:", ":execution:", 1)
    )
}
