//! From JSON to the model. Each function takes the fields of one object and refuses what is left over.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::definition::{
    INLINE_CONCURRENCY, Kind, MapState, Retrier, Rule, Scope, State, StateMachine, Task, Transform,
};
use super::error::DefinitionError;
use super::expression::Template;
use super::fields::{Fields, wrong};

type Parsed<T> = Result<T, DefinitionError>;

pub(super) fn state_machine(definition: Value) -> Parsed<StateMachine> {
    let mut fields = Fields::of(definition, "")?;
    expect_text(&mut fields, "QueryLanguage", "JSONata", "`JSONata`")?;
    if let Some(version) = fields.take("Version").filter(|version| version != "1.0") {
        return Err(wrong("/Version", &version, "`1.0`"));
    }
    fields.text("Comment")?;
    let timeout = seconds(&mut fields, "TimeoutSeconds")?;
    let scope = scope(&mut fields)?;
    fields.finish()?;
    Ok(StateMachine { scope, timeout })
}

fn scope(fields: &mut Fields) -> Parsed<Scope> {
    let start_at = fields.need_text("StartAt")?;
    let place = fields.at("States");
    let states = fields
        .object("States")?
        .into_iter()
        .map(|(name, value)| {
            Ok((
                name.clone(),
                state(Fields::of(value, &format!("{place}/{name}"))?)?,
            ))
        })
        .collect::<Parsed<BTreeMap<_, _>>>()?;
    Ok(Scope { start_at, states })
}

fn state(mut fields: Fields) -> Parsed<State> {
    let state_type = fields.need_text("Type")?;
    fields.text("Comment")?;
    let kind = match state_type.as_str() {
        "Task" => Kind::Task(task(&mut fields)?),
        "Wait" => Kind::Wait {
            seconds: wait_seconds(&mut fields)?,
        },
        "Choice" => choice(&mut fields)?,
        "Map" => Kind::Map(Box::new(map(&mut fields)?)),
        "Pass" => Kind::Pass,
        "Succeed" => Kind::Succeed,
        _ => {
            return Err(DefinitionError::UnknownType {
                path: fields.path,
                found: state_type,
            });
        }
    };
    // A Succeed assigns nothing: no state comes after it (guide, "Passing data between states with variables").
    let assign = if matches!(kind, Kind::Succeed) {
        Vec::new()
    } else {
        assign(&mut fields)?
    };
    let result = Transform {
        assign,
        output: template(&mut fields, "Output")?,
    };
    let next = match kind {
        Kind::Choice { .. } | Kind::Succeed => None,
        _ => next_or_end(&mut fields)?,
    };
    fields.finish()?;
    Ok(State { kind, result, next })
}

fn next_or_end(fields: &mut Fields) -> Parsed<Option<String>> {
    match (fields.text("Next")?, fields.take("End")) {
        (Some(next), None) => Ok(Some(next)),
        (None, Some(Value::Bool(true))) => Ok(None),
        (Some(_), Some(end)) => Err(wrong(&fields.at("End"), &end, "absent beside `Next`")),
        (None, Some(end)) => Err(wrong(&fields.at("End"), &end, "`true`")),
        (None, None) => Err(DefinitionError::Missing {
            path: fields.path.clone(),
            field: "Next".to_owned(),
        }),
    }
}

fn task(fields: &mut Fields) -> Parsed<Task> {
    let resource = fields.need_text("Resource")?;
    if !is_lambda_invoke(&resource) {
        let found = Value::String(resource);
        return Err(wrong(
            &fields.at("Resource"),
            &found,
            "`arn:<partition>:states:::lambda:invoke`",
        ));
    }
    let mut arguments = Fields::of(fields.need("Arguments")?, &fields.at("Arguments"))?;
    let mut kept = Map::new();
    for field in ["FunctionName", "Payload"] {
        kept.insert(field.to_owned(), arguments.need(field)?);
    }
    arguments.finish()?;
    Ok(Task {
        arguments: Template::parse(Value::Object(kept), &fields.at("Arguments"))?,
        timeout: seconds(fields, "TimeoutSeconds")?,
        retry: retry(fields)?,
    })
}

/// The optimized integration, request and response (guide, "Invoke an AWS Lambda function with Step Functions").
fn is_lambda_invoke(resource: &str) -> bool {
    let partition = resource
        .strip_prefix("arn:")
        .and_then(|rest| rest.strip_suffix(":states:::lambda:invoke"));
    partition.is_some_and(|name| {
        name.starts_with("aws") && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    })
}

fn wait_seconds(fields: &mut Fields) -> Parsed<Template> {
    let value = fields.need("Seconds")?;
    let place = fields.at("Seconds");
    match Template::parse(value.clone(), &place)? {
        Template::Expression(expression) => Ok(Template::Expression(expression)),
        Template::Literal(seconds) if seconds.as_u64().is_some_and(|seconds| seconds <= 99_999_999) => {
            Ok(Template::Literal(seconds))
        }
        _ => Err(wrong(
            &place,
            &value,
            "a whole number up to 99,999,999 or an expression",
        )),
    }
}

fn choice(fields: &mut Fields) -> Parsed<Kind> {
    let rules = fields.list("Choices")?;
    if rules.is_empty() {
        return Err(DefinitionError::Missing {
            path: fields.path.clone(),
            field: "Choices".to_owned(),
        });
    }
    let rules = rules
        .into_iter()
        .map(|(place, value)| rule(Fields::of(value, &place)?))
        .collect::<Parsed<_>>()?;
    Ok(Kind::Choice {
        rules,
        default: fields.text("Default")?,
    })
}

fn rule(mut fields: Fields) -> Parsed<Rule> {
    let condition = fields.need("Condition")?;
    let place = fields.at("Condition");
    let condition = match Template::parse(condition.clone(), &place)? {
        Template::Literal(Value::Bool(value)) => Template::Literal(Value::Bool(value)),
        Template::Expression(expression) => Template::Expression(expression),
        _ => return Err(wrong(&place, &condition, "an expression or a boolean")),
    };
    let result = Transform {
        assign: assign(&mut fields)?,
        output: template(&mut fields, "Output")?,
    };
    let next = fields.need_text("Next")?;
    fields.text("Comment")?;
    fields.finish()?;
    Ok(Rule {
        condition,
        next,
        result,
    })
}

fn map(fields: &mut Fields) -> Parsed<MapState> {
    let items = fields.need("Items")?;
    let place = fields.at("Items");
    if !(items.is_array() || items.is_string()) {
        return Err(wrong(&place, &items, "an array or an expression"));
    }
    let items = Template::parse(items, &place)?;
    let concurrency = fields
        .whole("MaxConcurrency", 0)?
        .and_then(|most| usize::try_from(most).ok())
        .unwrap_or(0);
    let mut processor = Fields::of(fields.need("ItemProcessor")?, &fields.at("ItemProcessor"))?;
    if let Some(config) = processor.take("ProcessorConfig") {
        let mut config = Fields::of(config, &processor.at("ProcessorConfig"))?;
        expect_text(&mut config, "Mode", "INLINE", "`INLINE`")?;
        config.finish()?;
    }
    processor.text("Comment")?;
    let scope = scope(&mut processor)?;
    processor.finish()?;
    Ok(MapState {
        items,
        selector: template(fields, "ItemSelector")?,
        concurrency: if concurrency == 0 {
            INLINE_CONCURRENCY
        } else {
            concurrency.min(INLINE_CONCURRENCY)
        },
        scope,
        retry: retry(fields)?,
    })
}

fn retry(fields: &mut Fields) -> Parsed<Vec<Retrier>> {
    fields
        .list("Retry")?
        .into_iter()
        .map(|(place, value)| retrier(Fields::of(value, &place)?))
        .collect()
}

/// Defaults as in the guide's "Handling errors in Step Functions workflows": 1 second, 3 attempts, rate 2.
fn retrier(mut fields: Fields) -> Parsed<Retrier> {
    let names = fields.list("ErrorEquals")?;
    if names.is_empty() {
        return Err(DefinitionError::Missing {
            path: fields.path,
            field: "ErrorEquals".to_owned(),
        });
    }
    let error_equals = names
        .into_iter()
        .map(|(place, name)| {
            name.as_str()
                .map(str::to_owned)
                .ok_or_else(|| wrong(&place, &name, "a string"))
        })
        .collect::<Parsed<_>>()?;
    let interval_seconds = f64::from(fields.whole("IntervalSeconds", 1)?.unwrap_or(1));
    let max_delay_seconds = max_delay(&mut fields, interval_seconds)?;
    let retrier = Retrier {
        error_equals,
        interval_seconds,
        max_attempts: fields.whole("MaxAttempts", 0)?.unwrap_or(3),
        backoff_rate: backoff_rate(&mut fields)?,
        max_delay_seconds,
        full_jitter: full_jitter(&mut fields)?,
    };
    fields.text("Comment")?;
    fields.finish()?;
    Ok(retrier)
}

fn max_delay(fields: &mut Fields, interval_seconds: f64) -> Parsed<Option<f64>> {
    let most = fields.whole("MaxDelaySeconds", 1)?.map(f64::from);
    match most {
        Some(most) if most <= interval_seconds || most >= 31_622_400.0 => Err(wrong(
            &fields.at("MaxDelaySeconds"),
            &most.into(),
            "more than `IntervalSeconds` and less than 31,622,400",
        )),
        _ => Ok(most),
    }
}

fn backoff_rate(fields: &mut Fields) -> Parsed<f64> {
    let Some(value) = fields.take("BackoffRate") else {
        return Ok(2.0);
    };
    value
        .as_f64()
        .filter(|rate| *rate >= 1.0)
        .ok_or_else(|| wrong(&fields.at("BackoffRate"), &value, "a number of at least 1"))
}

fn full_jitter(fields: &mut Fields) -> Parsed<bool> {
    match fields.text("JitterStrategy")?.as_deref() {
        None | Some("NONE") => Ok(false),
        Some("FULL") => Ok(true),
        Some(other) => Err(wrong(
            &fields.at("JitterStrategy"),
            &other.into(),
            "`FULL` or `NONE`",
        )),
    }
}

fn assign(fields: &mut Fields) -> Parsed<Vec<(String, Template)>> {
    let place = fields.at("Assign");
    let Some(value) = fields.take("Assign") else {
        return Ok(Vec::new());
    };
    let Value::Object(variables) = value else {
        return Err(wrong(&place, &value, "an object"));
    };
    variables
        .into_iter()
        .map(|(name, value)| {
            if !is_variable(&name) {
                return Err(wrong(
                    &place,
                    &name.into(),
                    "a variable name: a letter or `_`, then letters, digits and `_`, not `states`",
                ));
            }
            let value = Template::parse(value, &format!("{place}/{name}"))?;
            Ok((name, value))
        })
        .collect()
}

/// Up to 80 characters, and not the reserved name (guide, "Passing data between states with variables").
fn is_variable(name: &str) -> bool {
    let mut characters = name.chars();
    name.len() <= 80
        && name != "states"
        && characters
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn template(fields: &mut Fields, field: &str) -> Parsed<Option<Template>> {
    let place = fields.at(field);
    fields
        .take(field)
        .map(|value| Template::parse(value, &place))
        .transpose()
}

fn seconds(fields: &mut Fields, field: &str) -> Parsed<Option<Duration>> {
    Ok(fields
        .whole(field, 1)?
        .map(|seconds| Duration::from_secs(seconds.into())))
}

fn expect_text(fields: &mut Fields, field: &str, right: &str, expected: &'static str) -> Parsed<()> {
    let text = fields.need_text(field)?;
    if text == right {
        Ok(())
    } else {
        Err(wrong(&fields.at(field), &Value::String(text), expected))
    }
}
