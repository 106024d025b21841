//! Where an execution stands: one cursor for the top level, and below a Map one for each iteration.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::clock::iso;
use super::definition::StateType;
use super::execution::{Execution, MAX_EVENTS};
use super::history::{Details, EventType, MapIteration};

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

    /// Retry counters begin anew at a redrive.
    pub(super) fn refresh(&mut self) {
        self.retries = 0;
        self.inner().for_each(|(_, inner)| inner.refresh());
    }

    /// Nothing here is under way any more.
    pub(super) fn rest(&mut self) {
        self.active = false;
        self.inner().for_each(|(_, inner)| inner.rest());
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
            inner.rest();
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
