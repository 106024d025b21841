//! What an execution did, in the one form that both interpreters are brought into and compared in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// What an execution did: its end, and by strand one line for each step. The top level is "", an iteration
/// `/<Map>[<index>]` below the strand around it; a Map that is opened again has new strands, `/<Map>#2[<index>]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Trace {
    pub(crate) strands: BTreeMap<String, Vec<Value>>,
    pub(crate) end: Value,
}

impl Trace {
    /// Appends a line to a strand.
    pub(crate) fn push(&mut self, strand: &str, line: Value) {
        self.strands.entry(strand.to_owned()).or_default().push(line);
    }

    /// The waits before retries by strand, in milliseconds.
    pub(crate) fn delays(&self) -> BTreeMap<&str, Vec<u64>> {
        let delays = |lines: &Vec<Value>| lines.iter().filter_map(|line| line["retry"].as_u64()).collect();
        self.strands
            .iter()
            .map(|(strand, lines)| (strand.as_str(), delays(lines)))
            .collect()
    }

    /// Where the two part, for a person: what leads there, and both continuations; nothing where they are equal.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        let mut told = String::new();
        let none = Vec::new();
        for strand in self.strands.keys().chain(other.strands.keys()) {
            let (ours, theirs) = (
                self.strands.get(strand).unwrap_or(&none),
                other.strands.get(strand).unwrap_or(&none),
            );
            if ours != theirs && !told.contains(&heading(strand)) {
                told.push_str(&parting(strand, ours, theirs));
            }
        }
        if self.end != other.end {
            let _ = writeln!(told, "end\n  ours {}\n  moto {}", self.end, other.end);
        }
        (!told.is_empty()).then_some(told)
    }
}

fn heading(strand: &str) -> String {
    format!("strand `{strand}`\n")
}

fn parting(strand: &str, ours: &[Value], theirs: &[Value]) -> String {
    const CONTEXT: usize = 3;
    let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    let mut told = heading(strand);
    for line in &ours[same.saturating_sub(CONTEXT)..same] {
        let _ = writeln!(told, "  both {line}");
    }
    for (who, lines) in [("ours", ours), ("moto", theirs)] {
        for line in lines.iter().skip(same).take(CONTEXT) {
            let _ = writeln!(told, "  {who} {line}");
        }
        if lines.len() == same {
            let _ = writeln!(told, "  {who} nothing more");
        }
    }
    told
}

/// The line of an event in AWS's form, at so many milliseconds; nothing for events that repeat what others tell.
pub(crate) fn line(event: &Value, at: u64) -> Option<Value> {
    let event_type = event["type"].as_str().unwrap_or_default();
    let details = event
        .as_object()
        .and_then(|fields| fields.iter().find(|(field, _)| field.ends_with("EventDetails")))
        .map_or(&Value::Null, |(_, details)| details);
    let mut line = match event_type {
        "TaskScheduled" => {
            json!({"scheduled": data(&details["parameters"]), "timeout": details["timeoutInSeconds"]})
        }
        "TaskSucceeded" => json!({"succeeded": data(&details["output"])}),
        "TaskFailed" => json!({"failed": details["error"], "cause": data(&details["cause"])}),
        "TaskTimedOut" | "EvaluationFailed" => json!({"failed": details["error"]}),
        "MapStateStarted" => json!({"opened": details["length"]}),
        "MapIterationStarted" => json!({"iteration": "started"}),
        "MapIterationSucceeded" => json!({"iteration": "succeeded"}),
        "MapIterationFailed" => json!({"iteration": "failed"}),
        "Retry" => json!({"retry": event["delay"]}),
        entered if entered.ends_with("StateEntered") => {
            json!({"entered": details["name"], "as": entered, "input": data(&details["input"])})
        }
        exited if exited.ends_with("StateExited") => {
            let assigned = details["assignedVariables"]
                .as_object()
                .cloned()
                .unwrap_or_default();
            let assigned: Map<_, _> = assigned.iter().map(|(k, v)| (k.clone(), data(v))).collect();
            json!({"exited": details["name"], "output": data(&details["output"]), "assigned": assigned})
        }
        _ => return None,
    };
    line["at"] = json!(at);
    Some(plain(line))
}

/// The JSON in a string; what is no JSON stays a string.
fn data(text: &Value) -> Value {
    let parsed = text.as_str().and_then(|text| serde_json::from_str(text).ok());
    parsed.unwrap_or_else(|| text.clone())
}

/// Without what is of one implementation alone: how it writes whole numbers, and the HTTP of its calls.
pub(crate) fn plain(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| name != "SdkHttpMetadata" && name != "SdkResponseMetadata")
            .map(|(name, value)| (name, plain(value)))
            .collect::<Map<_, _>>()
            .into(),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and far below 2^53")]
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                json!(float as i64)
            }
            _ => Value::Number(number),
        },
        other => other,
    }
}
