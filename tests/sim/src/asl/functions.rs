//! The functions that Step Functions adds to JSONata, and the ones whose answers must come from the
//! interpreter's clock and seed (guide, "JSONata functions provided by Step Functions").

use std::cell::Cell;
use std::rc::Rc;

use jiff::Timestamp;
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::JValue;
use md5::Md5;
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::clock::iso;
use super::draws::Draws;

type Answer = Result<JValue, EvaluatorError>;

/// Registers them all; `now` stands still for the whole evaluation, as JSONata demands.
pub(super) fn register(
    evaluator: &mut Evaluator,
    now: Timestamp,
    draws: &Rc<Cell<Draws>>,
) -> Result<(), EvaluatorError> {
    let (iso, millis) = (iso(now), now.as_millisecond());
    evaluator.register_fn_override("now", move |_: &[JValue]| Ok(JValue::from(iso.as_str())))?;
    evaluator.register_fn_override("millis", move |_: &[JValue]| Ok(JValue::from(millis)))?;
    let source = Rc::clone(draws);
    evaluator.register_fn_override("random", move |args: &[JValue]| random(args, &source))?;
    let source = Rc::clone(draws);
    evaluator.register_fn("uuid", move |_: &[JValue]| {
        Ok(JValue::from(drawn(&source, Draws::uuid)))
    })?;
    evaluator.register_fn("partition", partition)?;
    evaluator.register_fn("range", range)?;
    evaluator.register_fn("hash", hash)?;
    evaluator.register_fn("parse", parse)
}

fn drawn<T>(source: &Cell<Draws>, draw: impl FnOnce(&mut Draws) -> T) -> T {
    let mut draws = source.get();
    let value = draw(&mut draws);
    source.set(draws);
    value
}

fn refuse(message: String) -> EvaluatorError {
    EvaluatorError::EvaluationError(message)
}

/// `$random([seed])`: the same seed gives the same number, without touching the execution's own sequence.
fn random(args: &[JValue], source: &Cell<Draws>) -> Answer {
    match args {
        [] => Ok(JValue::from(drawn(source, Draws::uniform))),
        [JValue::Number(seed)] => Ok(JValue::from(Draws::new(seed.to_bits()).uniform())),
        _ => Err(refuse(
            "$random takes a number as its seed, or nothing".to_owned(),
        )),
    }
}

/// `$partition(array, size)`: pieces of `size`, the last one shorter.
fn partition(args: &[JValue]) -> Answer {
    let [JValue::Array(items), JValue::Number(size)] = args else {
        return Err(refuse("$partition takes an array and a number".to_owned()));
    };
    let size = whole(*size)
        .and_then(|size| usize::try_from(size).ok())
        .filter(|size| *size > 0);
    let size = size.ok_or_else(|| refuse("$partition takes a size of at least 1".to_owned()))?;
    Ok(JValue::array(
        items
            .chunks(size)
            .map(|piece| JValue::array(piece.to_vec()))
            .collect(),
    ))
}

/// `$range(first, last, step)`: both ends included, at most 1,000 numbers, downwards for a negative step.
fn range(args: &[JValue]) -> Answer {
    let [JValue::Number(first), JValue::Number(last), JValue::Number(step)] = args else {
        return Err(refuse("$range takes three numbers".to_owned()));
    };
    let (Some(first), Some(last), Some(step)) = (whole(*first), whole(*last), whole(*step)) else {
        return Err(refuse("$range takes whole numbers".to_owned()));
    };
    if step == 0 {
        return Err(refuse("$range takes a step that is not 0".to_owned()));
    }
    let within = |at: &i64| if step > 0 { *at <= last } else { *at >= last };
    let numbers: Vec<JValue> = std::iter::successors(Some(first), |at| at.checked_add(step))
        .take_while(within)
        .take(1_001)
        .map(JValue::from)
        .collect();
    if numbers.len() > 1_000 {
        return Err(refuse("$range makes at most 1,000 numbers".to_owned()));
    }
    Ok(JValue::array(numbers))
}

fn whole(number: f64) -> Option<i64> {
    JValue::Number(number).as_i64()
}

/// `$hash(data, algorithm)`: lower case hex; `data` is at most 10,000 characters.
fn hash(args: &[JValue]) -> Answer {
    let [data, JValue::String(algorithm)] = args else {
        return Err(refuse("$hash takes data and the name of an algorithm".to_owned()));
    };
    let text = match data {
        JValue::String(text) => text.to_string(),
        other => other
            .to_json_string()
            .map_err(|error| refuse(format!("$hash: {error}")))?,
    };
    if text.chars().count() > 10_000 {
        return Err(refuse("$hash takes at most 10,000 characters".to_owned()));
    }
    let digest = match algorithm.as_ref() {
        "MD5" => hex::<Md5>(&text),
        "SHA-1" => hex::<Sha1>(&text),
        "SHA-256" => hex::<Sha256>(&text),
        "SHA-384" => hex::<Sha384>(&text),
        "SHA-512" => hex::<Sha512>(&text),
        other => {
            return Err(refuse(format!(
                "$hash knows `MD5`, `SHA-1`, `SHA-256`, `SHA-384` and `SHA-512`, not `{other}`"
            )));
        }
    };
    Ok(JValue::from(digest))
}

fn hex<D: Digest>(text: &str) -> String {
    base16ct::lower::encode_string(&D::digest(text))
}

/// `$parse(text)`: the JSON in `text`.
fn parse(args: &[JValue]) -> Answer {
    match args {
        [JValue::Undefined] => Ok(JValue::Undefined),
        [JValue::String(text)] => {
            let mut json = serde_json::Deserializer::from_str(text);
            let value = JValue::deserialize(&mut json).and_then(|value| json.end().map(|()| value));
            value.map_err(|error| refuse(format!("$parse: {error}")))
        }
        _ => Err(refuse("$parse takes a string".to_owned())),
    }
}
