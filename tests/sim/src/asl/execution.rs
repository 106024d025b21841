//! The record of an execution: everything that must survive a restart of the process and allow a redrive.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::clock::iso;
use super::definition::{StateMachine, StateType};
use super::draws::Draws;
use super::error::{DefinitionError, NotRedrivable};
use super::history::{Details, EventType, HistoryEvent, MapIteration, Why};

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

/// Where one strand of work stands: the top level, or one iteration of a Map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Cursor {
    pub(super) state: String,
    pub(super) input: Value,
    /// The variables of this scope, without those around it.
    pub(super) variables: Map<String, Value>,
    pub(super) entered: Option<Entered>,
    pub(super) retries: u32,
    /// The strand's latest event, the next one's `previousEventId`.
    pub(super) last_event: u64,
    /// Whether the strand is under way, so that a stop must tell of it.
    pub(super) active: bool,
    /// The iterations, while `state` is a Map.
    pub(super) iterations: Option<Vec<Iteration>>,
}

/// The entry into the present state, which stands still across retries and redrives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entered {
    pub(super) at: Timestamp,
    pub(super) event: u64,
    pub(super) state_type: StateType,
}

/// One item of a Map and how far it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Iteration {
    pub(super) item: Value,
    pub(super) phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Phase {
    Waiting { input: Value },
    Open(Box<Cursor>),
    Done { output: Value },
}

impl Cursor {
    pub(super) fn at(state: &str, input: Value) -> Self {
        Self {
            state: state.to_owned(),
            input,
            variables: Map::new(),
            entered: None,
            retries: 0,
            last_event: 0,
            active: false,
            iterations: None,
        }
    }

    fn inner(&mut self) -> impl Iterator<Item = (usize, &mut Self)> {
        self.iterations
            .iter_mut()
            .flatten()
            .enumerate()
            .filter_map(|(index, iteration)| match &mut iteration.phase {
                Phase::Open(cursor) => Some((index, &mut **cursor)),
                Phase::Waiting { .. } | Phase::Done { .. } => None,
            })
    }
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
            refresh(cursor);
        }
        Ok(())
    }

    /// Whether [`Execution::redrive`] would be allowed at `now`, and if not, why (`redriveStatusReason`).
    pub fn redrivable(&self, now: Timestamp) -> Result<(), NotRedrivable> {
        const DAY: SignedDuration = SignedDuration::from_hours(24);
        let (Status::Failed | Status::TimedOut | Status::Aborted, Some(stopped)) = (self.status, self.stop_date)
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

    /// The context object, `$states.context`, for the strand at `path`.
    pub(super) fn context(&self, path: &[usize]) -> Value {
        let mut context = json!({
            "Execution": {
                "Id": self.execution_arn,
                "Input": self.input,
                "Name": self.name,
                "StartTime": iso(self.start_date),
                "RedriveCount": self.redrive_count,
            },
            "StateMachine": {
                "Id": self.state_machine_arn,
                "Name": self.state_machine_arn.rsplit(':').next(),
            },
        });
        if let Some(role) = &self.role_arn {
            context["Execution"]["RoleArn"] = json!(role);
        }
        if let Some(redriven) = self.redrive_date {
            context["Execution"]["RedriveTime"] = json!(iso(redriven));
        }
        if let Some(cursor) = self.cursor(path) {
            let entered = cursor.entered.as_ref().map(|entered| iso(entered.at));
            context["State"] =
                json!({"Name": cursor.state, "EnteredTime": entered, "RetryCount": cursor.retries});
        }
        if let Some((index, around)) = path.split_last()
            && let Some(iteration) = self
                .cursor(around)
                .and_then(|map| map.iterations.as_ref()?.get(*index))
        {
            context["Map"] = json!({"Item": {"Index": index, "Value": iteration.item}});
        }
        context
    }

    /// The strand at `path`: the indexes of the iterations that lead to it, none for the top level.
    pub(super) fn cursor(&self, path: &[usize]) -> Option<&Cursor> {
        path.iter().try_fold(self.position.as_ref()?, |cursor, index| {
            match &cursor.iterations.as_ref()?.get(*index)?.phase {
                Phase::Open(inner) => Some(&**inner),
                Phase::Waiting { .. } | Phase::Done { .. } => None,
            }
        })
    }

    pub(super) fn cursor_mut(&mut self, path: &[usize]) -> Option<&mut Cursor> {
        path.iter().try_fold(self.position.as_mut()?, |cursor, index| {
            match &mut cursor.iterations.as_mut()?.get_mut(*index)?.phase {
                Phase::Open(inner) => Some(&mut **inner),
                Phase::Waiting { .. } | Phase::Done { .. } => None,
            }
        })
    }

    /// A variable as the strand at `path` sees it: its own, else the nearest scope's around it.
    pub(super) fn variable(&self, path: &[usize], name: &str) -> Option<&Value> {
        (0..=path.len())
            .rev()
            .find_map(|depth| self.cursor(&path[..depth])?.variables.get(name))
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
            rest(cursor);
        }
        self.push(event_type, previous, Some(details), now);
    }

    fn blame(&mut self, why: &Why) {
        self.error.clone_from(&why.error);
        self.cause.clone_from(&why.cause);
    }

    /// Writes the `Aborted` events of everything that is under way, from the outside in.
    ///
    /// That AWS writes them at a timeout of the whole execution too is unconfirmed.
    pub(super) fn abort_strands(&mut self, now: Timestamp) {
        if let Some(mut cursor) = self.position.take() {
            let previous = cursor.last_event;
            if let Some(id) = self.abort(&mut cursor, previous, now) {
                cursor.last_event = id;
            }
            self.position = Some(cursor);
        }
    }

    /// Aborts what runs below `cursor`, then the state that `cursor` is in.
    fn abort(&mut self, cursor: &mut Cursor, previous: u64, now: Timestamp) -> Option<u64> {
        self.abort_iterations(cursor, previous, now);
        let active = std::mem::take(&mut cursor.active);
        let entered = cursor.entered.as_ref().filter(|_| active)?;
        let event_type = EventType::aborted(entered.state_type)?;
        self.push_if_room(event_type, previous, None, now)
    }

    /// Aborts the iterations under way in the Map at `path`, except the one that failed.
    pub(super) fn abort_siblings(&mut self, path: &[usize], failed: usize, previous: u64, now: Timestamp) {
        let Some(cursor) = self.cursor_mut(path) else {
            return;
        };
        let mut map = std::mem::replace(cursor, Cursor::at("", Value::Null));
        for (_, inner) in map.inner().filter(|(index, _)| *index == failed) {
            rest(inner);
        }
        self.abort_iterations(&mut map, previous, now);
        if let Some(cursor) = self.cursor_mut(path) {
            *cursor = map;
        }
    }

    fn abort_iterations(&mut self, cursor: &mut Cursor, previous: u64, now: Timestamp) {
        let name = cursor.state.clone();
        for (index, inner) in cursor.inner().filter(|(_, inner)| inner.active) {
            let details = Details::MapIterationAborted(MapIteration {
                name: name.clone(),
                index,
            });
            self.push_if_room(EventType::MapIterationAborted, previous, Some(details), now);
            self.abort(inner, previous, now);
        }
    }

    /// The last place in a history belongs to the event that ends the execution.
    pub(super) fn push_if_room(
        &mut self,
        event_type: EventType,
        previous: u64,
        details: Option<Details>,
        now: Timestamp,
    ) -> Option<u64> {
        (self.history.len() < MAX_EVENTS - 1).then(|| self.push(event_type, previous, details, now))
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

/// Retry counters begin anew at a redrive.
fn refresh(cursor: &mut Cursor) {
    cursor.retries = 0;
    cursor.inner().for_each(|(_, inner)| refresh(inner));
}

fn rest(cursor: &mut Cursor) {
    cursor.active = false;
    cursor.inner().for_each(|(_, inner)| rest(inner));
}

fn execution_arn(state_machine_arn: &str, name: &str) -> String {
    format!(
        "{}:{name}",
        state_machine_arn.replacen(":stateMachine:", ":execution:", 1)
    )
}
