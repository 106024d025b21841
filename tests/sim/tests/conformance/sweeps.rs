//! The deployed machine with every error that its retriers name, in every state that calls a function.

use serde_json::{Value, json};
use sim::stage::{BACKUP, deployed, task_states};
use sim::world::ACCOUNT;

use crate::cases::{Case, Table, check, files};

/// The calm night's case, whose functions each have one answer.
fn calm() -> Case {
    let (_, mut paths) = files("backup").remove(0);
    paths.cases.remove(0)
}

/// The Task of a name in the definition, at the top or inside the Map.
fn task<'d>(definition: &'d Value, name: &str) -> &'d Value {
    let inside = &definition["States"]["VerifyObjects"]["ItemProcessor"]["States"][name];
    definition["States"].get(name).unwrap_or(inside)
}

/// The retriers of a state: their names, and how often each allows.
fn retriers(definition: &Value, state: &str) -> Vec<(Vec<String>, u64)> {
    let retriers = task(definition, state)["Retry"].as_array().unwrap().iter();
    let read = |retrier: &Value| {
        let names = retrier["ErrorEquals"].as_array().unwrap().iter();
        let names = names.map(|name| name.as_str().unwrap().to_owned()).collect();
        (names, retrier["MaxAttempts"].as_u64().unwrap())
    };
    retriers.map(read).collect()
}

/// Puts answers of a state's function before the calm one.
fn precede(case: &mut Case, definition: &Value, state: &str, answers: Vec<Value>) {
    let arguments = &task(definition, state)["Arguments"];
    let function = arguments["FunctionName"]
        .as_str()
        .unwrap()
        .rsplit(':')
        .next()
        .unwrap();
    let what = arguments["Payload"]["what"].as_str();
    let answers = answers
        .into_iter()
        .map(|answer| serde_json::from_value(answer).unwrap())
        .collect();
    case.functions.precede(function, what, answers);
}

/// What a function does for a call to fail by this name: a time-out is a silence.
fn failing(error: &str, times: u64) -> Value {
    match error {
        "States.Timeout" => json!({"never": true, "times": times}),
        error => json!({"fails": error, "times": times}),
    }
}

fn definition() -> Value {
    serde_json::from_str(&deployed(BACKUP, "eu-west-1", ACCOUNT)).unwrap()
}

const REPAIRS: [&str; 1] = ["redrive-count"];

#[test]
fn every_error_of_every_state_is_retried_given_up_or_fatal_alike() {
    let Some(mut table) = Table::start() else { return };
    let definition = definition();
    retried(&mut table, &definition);
    given_up(&mut table, &definition);
    check(&table);
}

/// Every state fails by every name that its retriers know, by two of each retrier at a time, since that is what the
/// most sparing one allows.
fn retried(table: &mut Table, definition: &Value) {
    for turn in 0..3 {
        let mut case = calm();
        "Every state fails by names that its retriers know.".clone_into(&mut case.why);
        for state in task_states() {
            let retriers = retriers(definition, &state).into_iter();
            let names = retriers.flat_map(|(names, _)| names.into_iter().skip(turn * 2).take(2));
            let answers = names.map(|name| failing(&name, 1)).collect();
            precede(&mut case, definition, &state, answers);
        }
        table.case(
            &format!("retried-{turn}"),
            &definition.to_string(),
            &case,
            &REPAIRS,
        );
    }
}

/// Every retrier of every state is used up, and a name that none knows fails at once.
fn given_up(table: &mut Table, definition: &Value) {
    let mut runs = 0;
    for state in task_states() {
        let retriers = retriers(definition, &state).into_iter();
        let used_up = retriers.map(|(names, most)| (names.last().unwrap().clone(), most + 1));
        for (name, times) in used_up.chain([("Backup.Unexpected".to_owned(), 1)]) {
            let mut case = calm();
            case.why = format!("`{state}` fails {times} times by `{name}`.");
            case.ends.clone_from(&name);
            precede(&mut case, definition, &state, vec![failing(&name, times)]);
            let in_map = name.starts_with("States.") && state == "VerifyObject";
            let repairs = ["redrive-count", "states-errors-in-maps"];
            let repairs = if in_map { &repairs[..] } else { &REPAIRS };
            table.case(
                &format!("{state} {name}"),
                &definition.to_string(),
                &case,
                repairs,
            );
            runs += 1;
        }
    }
    assert!(runs >= 32, "eight states with three retriers and more, {runs}");
}
