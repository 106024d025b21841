//! Evaluation of templates against a state's data. Synchronous: the library's values are not `Send`, so none of
//! them lives across an `await`.

use std::cell::Cell;
use std::rc::Rc;

use jiff::Timestamp;
use jsonata_core::evaluator::{Context, Evaluator};
use jsonata_core::value::{JMap, JValue};
use serde::Deserialize;
use serde_json::{Map, Number, Value};

use super::dialect::References;
use super::draws::Draws;
use super::expression::{Expression, Template};
use super::functions;

/// What the expressions of one state may see.
pub(super) struct Sight<'a> {
    pub(super) input: &'a Value,
    pub(super) result: Option<&'a Value>,
    pub(super) context: &'a Value,
    /// The value of a workflow variable that is in scope.
    pub(super) variable: &'a dyn Fn(&str) -> Option<&'a Value>,
    pub(super) now: Timestamp,
}

/// A failed evaluation: where below the field, in which expression, and how.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The place below the field that was evaluated, as `/a/b[0]`.
    pub(super) below: String,
    pub(super) source: String,
    pub(super) problem: String,
}

/// The data of a [`Sight`], converted once for any number of evaluations.
pub(super) struct Evaluation<'d> {
    states: Vec<(String, JValue)>,
    variables: Vec<(String, JValue)>,
    now: Timestamp,
    draws: Rc<Cell<Draws>>,
    written_back: &'d mut Draws,
}

impl Drop for Evaluation<'_> {
    fn drop(&mut self) {
        *self.written_back = self.draws.get();
    }
}

impl<'d> Evaluation<'d> {
    /// Converts only what `references` names: a Map's input may be large, and most expressions do not read it.
    pub(super) fn new(sight: &Sight<'_>, references: &References, draws: &'d mut Draws) -> Self {
        let fields = [
            ("input", Some(sight.input)),
            ("result", sight.result),
            ("context", Some(sight.context)),
        ];
        let states = fields
            .into_iter()
            .filter(|(field, _)| references.states.contains(field))
            .filter_map(|(field, value)| Some((field.to_owned(), to_jsonata(value?))))
            .collect();
        let variables = references
            .variables
            .iter()
            .filter_map(|name| Some((name.clone(), to_jsonata((sight.variable)(name)?))))
            .collect();
        Self {
            states,
            variables,
            now: sight.now,
            draws: Rc::new(Cell::new(*draws)),
            written_back: draws,
        }
    }

    /// Sets `$states.context.Map.Item` for the evaluations that follow.
    pub(super) fn set_item(&mut self, index: usize, value: &Value) {
        for (_, context) in self.states.iter_mut().filter(|(field, _)| field == "context") {
            let item = [("Index", JValue::from(index)), ("Value", to_jsonata(value))];
            let item = object(item.map(|(key, value)| (key.to_owned(), value)));
            let map = object([("Item".to_owned(), item)]);
            if let JValue::Object(fields) = &*context {
                let others = fields
                    .iter()
                    .filter(|(key, _)| *key != "Map")
                    .map(|(key, value)| (key.clone(), value.clone()));
                *context = object(others.chain([("Map".to_owned(), map)]));
            }
        }
    }

    pub(super) fn template(&self, template: &Template) -> Result<Value, Fault> {
        let mut evaluator = self.evaluator()?;
        evaluate(&mut evaluator, template)
    }

    fn evaluator(&self) -> Result<Evaluator, Fault> {
        let mut context = Context::new();
        context.bind("states".to_owned(), object(self.states.iter().cloned()));
        for (name, value) in &self.variables {
            context.bind(name.clone(), value.clone());
        }
        let mut evaluator = Evaluator::with_context(context);
        functions::register(&mut evaluator, self.now, &self.draws).map_err(|error| Fault {
            below: String::new(),
            source: String::new(),
            problem: error.to_string(),
        })?;
        Ok(evaluator)
    }
}

fn evaluate(evaluator: &mut Evaluator, template: &Template) -> Result<Value, Fault> {
    let below = |step: String| {
        move |fault: Fault| Fault {
            below: format!("{step}{}", fault.below),
            ..fault
        }
    };
    match template {
        Template::Literal(value) => Ok(value.clone()),
        Template::Expression(expression) => expression_value(evaluator, expression),
        Template::Object(fields) => fields
            .iter()
            .map(|(key, value)| {
                Ok((
                    key.clone(),
                    evaluate(evaluator, value).map_err(below(format!("/{key}")))?,
                ))
            })
            .collect::<Result<Map<_, _>, _>>()
            .map(Value::Object),
        Template::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| evaluate(evaluator, item).map_err(below(format!("[{index}]"))))
            .collect(),
    }
}

fn expression_value(evaluator: &mut Evaluator, expression: &Expression) -> Result<Value, Fault> {
    let fault = |problem: String| Fault {
        below: String::new(),
        source: expression.source.clone(),
        problem,
    };
    let value = evaluator
        .evaluate(&expression.ast, &JValue::Undefined)
        .map_err(|error| fault(format!("threw an error during evaluation. {}", error.message())))?;
    match value {
        JValue::Undefined => Err(fault("returned nothing (undefined).".to_owned())),
        value => {
            to_json(&value).ok_or_else(|| fault("returned an unsupported result type 'function'.".to_owned()))
        }
    }
}

fn object(fields: impl IntoIterator<Item = (String, JValue)>) -> JValue {
    JValue::Object(Rc::new(fields.into_iter().collect::<JMap>()))
}

fn to_jsonata(value: &Value) -> JValue {
    // A JSON value is always readable as another; the fallback only spares an unwrap.
    JValue::deserialize(value).unwrap_or(JValue::Undefined)
}

/// Functions and what holds them have no JSON form; AWS refuses them too.
fn to_json(value: &JValue) -> Option<Value> {
    match value {
        JValue::Null | JValue::Undefined => Some(Value::Null),
        JValue::Bool(truth) => Some(Value::Bool(*truth)),
        JValue::Number(number) => Some(to_number(*number)),
        JValue::String(text) => Some(Value::String(text.to_string())),
        JValue::Array(items) => items
            .iter()
            .map(to_json)
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        JValue::Object(fields) => fields
            .iter()
            .map(|(key, value)| Some((key.clone(), to_json(value)?)))
            .collect::<Option<Map<_, _>>>()
            .map(Value::Object),
        _ => None,
    }
}

/// JavaScript has one kind of number and writes a whole one without a fraction.
fn to_number(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match JValue::Number(number).as_i64() {
        Some(whole) if number.abs() <= EXACT && number.fract() == 0.0 => Value::from(whole),
        _ => Number::from_f64(number).map_or(Value::Null, Value::Number),
    }
}
