//! What only shows when the whole state machine is there: the graph, the names, the scopes of variables.

use std::collections::BTreeSet;

use super::definition::{Kind, Retrier, Scope, State, StateMachine, Transform};
use super::error::DefinitionError;
use super::expression::Template;

type Checked = Result<(), DefinitionError>;

pub(super) fn check(machine: &StateMachine) -> Checked {
    names(&machine.scope, "", &mut BTreeSet::new())?;
    scope(&machine.scope, "", &BTreeSet::new())
}

fn names(scope: &Scope, place: &str, seen: &mut BTreeSet<String>) -> Checked {
    for (name, state) in &scope.states {
        let path = format!("{place}/States/{name}");
        if name.is_empty() || name.chars().count() > 80 {
            return Err(DefinitionError::Value {
                path,
                found: format!("{name:?}"),
                expected: "a name of 1 to 80 characters",
            });
        }
        if !seen.insert(name.clone()) {
            return Err(DefinitionError::DuplicateName {
                path,
                name: name.clone(),
            });
        }
        if let Kind::Map(map) = &state.kind {
            names(&map.scope, &format!("{path}/ItemProcessor"), seen)?;
        }
    }
    Ok(())
}

/// `outer` are the variables that the scopes around this one assign.
fn scope(scope: &Scope, place: &str, outer: &BTreeSet<&str>) -> Checked {
    graph(scope, place)?;
    let own: BTreeSet<&str> = scope.states.values().flat_map(assigned).collect();
    let visible: BTreeSet<&str> = own.union(outer).copied().collect();
    for (name, state) in &scope.states {
        let path = format!("{place}/States/{name}");
        if let Some(variable) = assigned(state).find(|variable| outer.contains(variable)) {
            return Err(DefinitionError::OuterVariable {
                path,
                name: variable.to_owned(),
            });
        }
        variables(state, &path, &visible)?;
        match &state.kind {
            Kind::Task(task) => wildcards(&task.retry, &path)?,
            Kind::Map(map) => {
                wildcards(&map.retry, &path)?;
                self::scope(&map.scope, &format!("{path}/ItemProcessor"), &visible)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Every transition leads to a state, every state is reached, and the scope can end.
fn graph(scope: &Scope, place: &str) -> Checked {
    let dangling = |path: String, target: &str| DefinitionError::Dangling {
        path,
        target: target.to_owned(),
    };
    if !scope.states.contains_key(&scope.start_at) {
        return Err(dangling(format!("{place}/StartAt"), &scope.start_at));
    }
    for (name, state) in &scope.states {
        if let Some((field, target)) = state
            .targets()
            .into_iter()
            .find(|(_, target)| !scope.states.contains_key(*target))
        {
            return Err(dangling(format!("{place}/States/{name}/{field}"), target));
        }
    }
    let mut reached = BTreeSet::new();
    let mut open = vec![scope.start_at.as_str()];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(
                scope
                    .states
                    .get(name)
                    .into_iter()
                    .flat_map(State::targets)
                    .map(|(_, target)| target),
            );
        }
    }
    if let Some(name) = scope.states.keys().find(|name| !reached.contains(name.as_str())) {
        return Err(DefinitionError::Unreachable {
            path: format!("{place}/States/{name}"),
        });
    }
    if scope.states.values().any(State::is_terminal) {
        Ok(())
    } else {
        Err(DefinitionError::Endless {
            path: format!("{place}/States"),
        })
    }
}

/// `States.ALL` stands alone and in the last retrier (guide, "Handling errors in Step Functions workflows").
fn wildcards(retry: &[Retrier], path: &str) -> Checked {
    for (index, retrier) in retry.iter().enumerate() {
        let is_wildcard = retrier.error_equals.iter().any(|name| name == "States.ALL");
        if is_wildcard && (retrier.error_equals.len() > 1 || index + 1 < retry.len()) {
            return Err(DefinitionError::Wildcard {
                path: format!("{path}/Retry[{index}]"),
            });
        }
    }
    Ok(())
}

fn assigned(state: &State) -> impl Iterator<Item = &str> {
    transforms(state)
        .into_iter()
        .flat_map(|transform| &transform.assign)
        .map(|(name, _)| name.as_str())
}

fn transforms(state: &State) -> Vec<&Transform> {
    let mut all = vec![&state.result];
    if let Kind::Choice { rules, .. } = &state.kind {
        all.extend(rules.iter().map(|rule| &rule.result));
    }
    all
}

/// Every variable that is read is assigned somewhere in sight; whether before, only a run can tell.
fn variables(state: &State, path: &str, visible: &BTreeSet<&str>) -> Checked {
    let own: Vec<&Template> = match &state.kind {
        Kind::Task(task) => vec![&task.arguments],
        Kind::Wait { seconds } => vec![seconds],
        Kind::Choice { rules, .. } => rules.iter().map(|rule| &rule.condition).collect(),
        Kind::Map(map) => std::iter::once(&map.items).chain(&map.selector).collect(),
        Kind::Pass | Kind::Succeed => Vec::new(),
    };
    let results = transforms(state)
        .into_iter()
        .flat_map(|t| t.assign.iter().map(|(_, value)| value).chain(&t.output));
    for template in own.into_iter().chain(results) {
        let references = template.references();
        if let Some(name) = references
            .assigned_elsewhere()
            .find(|name| !visible.contains(name.as_str()))
        {
            return Err(DefinitionError::Unassigned {
                path: path.to_owned(),
                name: name.clone(),
            });
        }
    }
    Ok(())
}
