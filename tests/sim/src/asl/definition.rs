//! The state machine as the interpreter holds it: exactly the fields that the project's files use.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::DefinitionError;
use super::expression::Template;
use super::{parse, validate};

/// A parsed and checked state machine.
#[derive(Clone, Debug)]
pub struct StateMachine {
    pub(super) scope: Scope,
    pub(super) timeout: Option<Duration>,
}

impl StateMachine {
    /// Reads a definition in Amazon States Language (JSONata, STANDARD).
    ///
    /// # Errors
    ///
    /// Everything that AWS would refuse, everything that the interpreter does not model, and what could never
    /// work (unreachable states, variables that nothing assigns), each with its place.
    pub fn parse(definition: &str) -> Result<Self, DefinitionError> {
        let machine = parse::state_machine(serde_json::from_str(definition)?)?;
        validate::check(&machine)?;
        Ok(machine)
    }

    /// Every state, those inside a Map after the Map, so that a sweep over the states need not list them by hand.
    pub fn states(&self) -> Vec<StateInfo> {
        let mut found = Vec::new();
        list(&self.scope, &mut found);
        found
    }

    /// The time an execution may take from its start or latest redrive, if it is bounded.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }
}

/// What [`StateMachine::states`] tells of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateInfo {
    /// Its name, unique in the state machine.
    pub name: String,
    /// Its type.
    pub state_type: StateType,
    /// The function a Task invokes, where its name is written out and not computed.
    pub function_name: Option<String>,
}

/// The modelled state types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StateType {
    /// Calls a function.
    Task,
    /// Lets time pass.
    Wait,
    /// Decides where to go.
    Choice,
    /// Runs states once per item, inline.
    Map,
    /// Computes.
    Pass,
    /// Ends its scope.
    Succeed,
}

/// The states that can lead to each other: the top level, or the inside of one Map.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) start_at: String,
    pub(super) states: BTreeMap<String, State>,
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) kind: Kind,
    pub(super) result: Transform,
    /// Where it goes; none for `End`, for Succeed, and for Choice, whose rules say it.
    pub(super) next: Option<String>,
}

/// What a state does with its outcome: the same two fields on every type and on every Choice rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Transform {
    pub(super) assign: Vec<(String, Template)>,
    pub(super) output: Option<Template>,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Task(Task),
    Wait {
        seconds: Template,
    },
    Choice {
        rules: Vec<Rule>,
        default: Option<String>,
    },
    Map(Box<MapState>),
    Pass,
    Succeed,
}

#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) arguments: Template,
    pub(super) timeout: Option<Duration>,
    pub(super) retry: Vec<Retrier>,
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) condition: Template,
    pub(super) next: String,
    pub(super) result: Transform,
}

#[derive(Clone, Debug)]
pub(super) struct MapState {
    pub(super) items: Template,
    pub(super) selector: Option<Template>,
    /// Iterations in flight at most; never more than [`INLINE_CONCURRENCY`].
    pub(super) concurrency: usize,
    pub(super) scope: Scope,
    pub(super) retry: Vec<Retrier>,
}

/// What an inline Map runs at once at most, also where `MaxConcurrency` is 0 (guide, "Using Map state in Inline mode").
pub(super) const INLINE_CONCURRENCY: usize = 40;

#[derive(Clone, Debug)]
pub(super) struct Retrier {
    pub(super) error_equals: Vec<String>,
    pub(super) interval_seconds: f64,
    pub(super) max_attempts: u32,
    pub(super) backoff_rate: f64,
    pub(super) max_delay_seconds: Option<f64>,
    pub(super) full_jitter: bool,
}

impl Kind {
    pub(super) fn state_type(&self) -> StateType {
        match self {
            Self::Task(_) => StateType::Task,
            Self::Wait { .. } => StateType::Wait,
            Self::Choice { .. } => StateType::Choice,
            Self::Map(_) => StateType::Map,
            Self::Pass => StateType::Pass,
            Self::Succeed => StateType::Succeed,
        }
    }
}

impl State {
    /// Every place it can go to, with the field that says so.
    pub(super) fn targets(&self) -> Vec<(String, &str)> {
        let mut targets: Vec<(String, &str)> = self
            .next
            .iter()
            .map(|next| ("Next".to_owned(), next.as_str()))
            .collect();
        if let Kind::Choice { rules, default } = &self.kind {
            targets.extend(
                rules
                    .iter()
                    .enumerate()
                    .map(|(i, rule)| (format!("Choices[{i}]/Next"), rule.next.as_str())),
            );
            targets.extend(
                default
                    .iter()
                    .map(|default| ("Default".to_owned(), default.as_str())),
            );
        }
        targets
    }

    /// Whether its scope ends with it.
    pub(super) fn is_terminal(&self) -> bool {
        self.next.is_none() && !matches!(self.kind, Kind::Choice { .. })
    }
}

fn list(scope: &Scope, found: &mut Vec<StateInfo>) {
    for (name, state) in &scope.states {
        let function_name = match &state.kind {
            Kind::Task(task) => literal_function(&task.arguments),
            _ => None,
        };
        found.push(StateInfo {
            name: name.clone(),
            state_type: state.kind.state_type(),
            function_name,
        });
        if let Kind::Map(map) = &state.kind {
            list(&map.scope, found);
        }
    }
}

fn literal_function(arguments: &Template) -> Option<String> {
    let name = match arguments {
        Template::Object(fields) => fields
            .iter()
            .find(|(key, _)| key == "FunctionName")
            .map(|(_, value)| value)?,
        Template::Literal(value) => return value.get("FunctionName")?.as_str().map(str::to_owned),
        _ => return None,
    };
    match name {
        Template::Literal(value) => value.as_str().map(str::to_owned),
        _ => None,
    }
}
