//! One state: entered, done, left. Pass, Succeed, Wait and Choice are done here.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::definition::{Kind, Rule, State, Transform};
use super::dialect::References;
use super::evaluate::{Evaluation, Fault, Sight};
use super::expression::Template;
use super::history::{Details, EventType};
use super::position::{Cursor, Entered};
use super::retry::Work;
use super::run::{Failure, Path, Runner};

/// The most bytes of JSON that a payload, a state's output or one `Assign` may have (Step Functions quotas).
pub(super) const MAX_BYTES: usize = 262_144;

/// A state's outcome, evaluated and within its limits.
pub(super) struct Outcome {
    pub(super) output: Value,
    output_text: String,
    assigned: Map<String, Value>,
    assigned_texts: BTreeMap<String, String>,
}

impl Runner<'_> {
    /// Runs one state; gives the strand's output if the strand ended with it.
    pub(super) async fn step(
        &self,
        name: &str,
        state: &State,
        path: Path<'_>,
    ) -> Result<Option<Value>, Failure> {
        self.enter(name, state, path)?;
        let mut next = state.next.as_deref();
        let outcome = match &state.kind {
            Kind::Pass | Kind::Succeed => self.outcome(path, &state.result, "", None)?,
            Kind::Wait { seconds } => {
                let seconds = self.wait_seconds(path, seconds)?;
                self.environment.clock.sleep(seconds).await;
                self.outcome(path, &state.result, "", None)?
            }
            Kind::Choice { rules, default } => {
                let (target, outcome) = self.choose(path, rules, default.as_deref(), &state.result)?;
                next = Some(target);
                outcome
            }
            Kind::Task(task) => {
                self.attempts(
                    path,
                    &task.retry,
                    Work::Task {
                        name,
                        task,
                        result: &state.result,
                    },
                )
                .await?
            }
            Kind::Map(map) => {
                self.attempts(
                    path,
                    &map.retry,
                    Work::Map {
                        name,
                        map,
                        result: &state.result,
                    },
                )
                .await?
            }
        };
        self.leave(name, state, path, next, outcome)
    }

    /// A strand that goes on after a redrive is in its state already.
    fn enter(&self, name: &str, state: &State, path: Path<'_>) -> Result<(), Failure> {
        let entered = self.change(|execution| {
            let cursor = execution.cursor_mut(path)?;
            cursor.active = true;
            cursor.entered.is_none().then(|| cursor.input.to_string())
        });
        let Some(input) = entered else { return Ok(()) };
        let state_type = state.kind.state_type();
        let (at, details) = (
            self.now(),
            Details::StateEntered {
                name: name.to_owned(),
                input,
            },
        );
        self.emit_and(
            path,
            EventType::entered(state_type),
            Some(details),
            |execution, event| {
                execution.transitions += 1;
                if let Some(cursor) = execution.cursor_mut(path) {
                    cursor.entered = Some(Entered {
                        at,
                        event,
                        state_type,
                    });
                }
            },
        )?;
        Ok(())
    }

    fn leave(
        &self,
        name: &str,
        state: &State,
        path: Path<'_>,
        next: Option<&str>,
        outcome: Outcome,
    ) -> Result<Option<Value>, Failure> {
        let details = Details::StateExited {
            name: name.to_owned(),
            output: outcome.output_text,
            assigned_variables: outcome.assigned_texts,
        };
        self.emit_and(
            path,
            EventType::exited(state.kind.state_type()),
            Some(details),
            |execution, last_event| {
                let Some(cursor) = execution.cursor_mut(path) else {
                    return;
                };
                cursor.variables.extend(outcome.assigned);
                if let Some(next) = next {
                    let variables = std::mem::take(&mut cursor.variables);
                    let output = outcome.output.clone();
                    *cursor = Cursor {
                        variables,
                        last_event,
                        active: true,
                        ..Cursor::at(next, output)
                    };
                }
            },
        )?;
        Ok(next.is_none().then_some(outcome.output))
    }

    fn wait_seconds(&self, path: Path<'_>, seconds: &Template) -> Result<Duration, Failure> {
        let value = self.evaluate(path, seconds, "Seconds", None)?;
        match value.as_u64() {
            Some(whole) if whole <= 99_999_999 => Ok(Duration::from_secs(whole)),
            _ => Err(self.wrong_type(
                path,
                seconds,
                "Seconds",
                "a whole number up to 99,999,999",
                &value,
            )),
        }
    }

    fn choose<'s>(
        &self,
        path: Path<'_>,
        rules: &'s [Rule],
        default: Option<&'s str>,
        otherwise: &Transform,
    ) -> Result<(&'s str, Outcome), Failure> {
        for (index, rule) in rules.iter().enumerate() {
            let place = format!("Choices[{index}]/Condition");
            match self.evaluate(path, &rule.condition, &place, None)? {
                Value::Bool(false) => {}
                Value::Bool(true) => {
                    let outcome = self.outcome(path, &rule.result, &format!("Choices[{index}]/"), None)?;
                    return Ok((&rule.next, outcome));
                }
                other => return Err(self.wrong_type(path, &rule.condition, &place, "boolean", &other)),
            }
        }
        match default {
            Some(default) => Ok((default, self.outcome(path, otherwise, "", None)?)),
            None => Err(self.failure(
                path,
                "States.NoChoiceMatched",
                "no rule matched and the state has no `Default`",
            )),
        }
    }

    /// Evaluates `Assign` and `Output`, both with the values from before the state.
    pub(super) fn outcome(
        &self,
        path: Path<'_>,
        transform: &Transform,
        place: &str,
        result: Option<&Value>,
    ) -> Result<Outcome, Failure> {
        let mut assigned = Map::new();
        let mut assigned_texts = BTreeMap::new();
        for (name, template) in &transform.assign {
            let value = self.evaluate(path, template, &format!("{place}Assign/{name}"), result)?;
            assigned_texts.insert(name.clone(), value.to_string());
            assigned.insert(name.clone(), value);
        }
        if assigned_texts.values().map(String::len).sum::<usize>() > MAX_BYTES {
            return Err(self.too_large(path, "assigned variables"));
        }
        let output = match (&transform.output, result) {
            (Some(template), _) => self.evaluate(path, template, &format!("{place}Output"), result)?,
            (None, Some(result)) => result.clone(),
            (None, None) => self
                .read(|execution| execution.cursor(path).map(|cursor| cursor.input.clone()))
                .unwrap_or_default(),
        };
        let output_text = output.to_string();
        if output_text.len() > MAX_BYTES {
            return Err(self.too_large(path, "output"));
        }
        Ok(Outcome {
            output,
            output_text,
            assigned,
            assigned_texts,
        })
    }

    /// Evaluates a field of the strand's state; a failure has its event.
    pub(super) fn evaluate(
        &self,
        path: Path<'_>,
        template: &Template,
        place: &str,
        result: Option<&Value>,
    ) -> Result<Value, Failure> {
        if let Template::Literal(value) = template {
            return Ok(value.clone());
        }
        let evaluated = self.evaluation(path, &template.references(), result, |evaluation| {
            evaluation.template(template)
        });
        evaluated.map_err(|fault| self.evaluation_failed(path, place, &fault))
    }

    /// Gives `work` the strand's data to evaluate with, without copying it out of the record.
    pub(super) fn evaluation<R>(
        &self,
        path: Path<'_>,
        references: &References,
        result: Option<&Value>,
        work: impl FnOnce(&mut Evaluation<'_>) -> R,
    ) -> R {
        let now = self.now();
        self.change(|execution| {
            let mut draws = execution.draws;
            let context = if references.states.contains("context") {
                execution.context(path)
            } else {
                Value::Null
            };
            let sight = Sight {
                input: execution
                    .cursor(path)
                    .map_or(&Value::Null, |cursor| &cursor.input),
                result,
                context: &context,
                variable: &|name| execution.variable(path, name),
                now,
            };
            let value = work(&mut Evaluation::new(&sight, references, &mut draws));
            execution.draws = draws;
            value
        })
    }

    pub(super) fn evaluation_failed(&self, path: Path<'_>, place: &str, fault: &Fault) -> Failure {
        let location = format!("{place}{}", fault.below);
        let (state, entered) = self.read(|execution| {
            let cursor = execution.cursor(path);
            let entered = cursor
                .and_then(|cursor| cursor.entered.as_ref())
                .map_or(0, |entered| entered.event);
            (
                cursor.map(|cursor| cursor.state.clone()).unwrap_or_default(),
                entered,
            )
        });
        // The wording is that of real histories.
        let cause = format!(
            "An error occurred while executing the state '{state}' (entered at the event id #{entered}). \
             The JSONata expression '{}' specified for the field '{location}' {}",
            fault.source, fault.problem,
        );
        let error = "States.QueryEvaluationError".to_owned();
        let details = Details::EvaluationFailed {
            error: error.clone(),
            cause: cause.clone(),
            location,
            state,
        };
        match self.emit(path, EventType::EvaluationFailed, Some(details)) {
            Ok(event) => Failure {
                error,
                cause: Some(cause),
                event,
            },
            Err(full) => full,
        }
    }

    pub(super) fn wrong_type(
        &self,
        path: Path<'_>,
        template: &Template,
        place: &str,
        expected: &str,
        found: &Value,
    ) -> Failure {
        let mut source = String::new();
        template.visit(&mut |expression| source.clone_from(&expression.source));
        let problem =
            format!("returned an unexpected result type. Expected '{expected}', but was '{found}'.");
        self.evaluation_failed(
            path,
            place,
            &Fault {
                below: String::new(),
                source,
                problem,
            },
        )
    }

    pub(super) fn too_large(&self, path: Path<'_>, what: &str) -> Failure {
        let state = self
            .read(|execution| execution.cursor(path).map(|cursor| cursor.state.clone()))
            .unwrap_or_default();
        self.failure(
            path,
            "States.DataLimitExceeded",
            format!("The state/task '{state}' returned a result with a size exceeding the maximum number of bytes service limit ({what})."),
        )
    }
}
