//! Limits: bytes of data, seconds of a Task and of an execution.

use std::time::Duration;

use serde_json::{Value, json};
use sim::asl::{Details, Status};

use crate::support::{Answer, drive, machine, no_calls, run, start, task, with};

#[test]
fn data_is_limited_to_262_144_bytes_of_json() {
    let text = |bytes: usize| "x".repeat(bytes - 2);
    let limit = 262_144;
    let echo = |bytes: usize| {
        let state = task(
            "f",
            &json!({"Output": "{% $states.result.Payload %}", "End": true}),
        );
        let payload = json!(text(bytes));
        run(&machine("A", &json!({"A": state})), json!({}), move |_, _| {
            Answer::Returns(payload.clone())
        })
    };
    let around = echo(1000).execution.history[4].details.clone();
    let Some(Details::TaskSucceeded { output, .. }) = around else {
        panic!("{around:?}")
    };
    let envelope = output.len() - 1000;
    assert_eq!(
        echo(limit - envelope).execution.status,
        Status::Succeeded,
        "what AWS adds to the payload counts"
    );
    let over = echo(limit - envelope + 1);
    assert_eq!(over.error(), "States.DataLimitExceeded");
    assert_eq!(over.count("TaskFailed"), 1);

    let doubled = |field: &str, value: Value| {
        let state = with(&json!({"Type": "Pass", "End": true}), &json!({field: value}));
        error_of(state, json!({"t": text(140_000)}))
    };
    assert_eq!(
        doubled(
            "Output",
            json!(["{% $states.input.t %}", "{% $states.input.t %}"])
        ),
        "States.DataLimitExceeded"
    );
    assert_eq!(
        doubled(
            "Assign",
            json!({"a": "{% $states.input.t %}", "b": "{% $states.input.t %}"})
        ),
        "States.DataLimitExceeded"
    );
    let umlauts = json!({"Type": "Pass", "Output": "{% $join([1..140000].('ä')) %}", "End": true});
    assert_eq!(
        error_of(umlauts, json!({})),
        "States.DataLimitExceeded",
        "bytes of UTF-8 count, not characters"
    );
}

#[test]
fn a_task_that_takes_too_long_times_out() {
    let slow = task("f", &json!({"TimeoutSeconds": 10, "End": true}));
    let ran = run(&machine("A", &json!({"A": slow})), json!({}), |_, _| {
        Answer::Never
    });
    assert_eq!(ran.error(), "States.Timeout");
    assert_eq!(ran.count("TaskTimedOut"), 1);
    assert_eq!(
        ran.execution.stop_date.unwrap().to_string(),
        "2026-03-01T02:00:10Z"
    );
}

#[test]
fn the_state_machine_s_own_timeout_ends_the_execution() {
    let mut definition = machine("A", &json!({"A": {"Type": "Wait", "Seconds": 100, "End": true}}));
    definition["TimeoutSeconds"] = json!(60);
    let ran = run(&definition, json!({}), no_calls);
    assert_eq!(ran.execution.status, Status::TimedOut);
    assert_eq!(ran.execution.error, None, "as real executions have it");
    assert_eq!(
        ran.execution.stop_date.unwrap().to_string(),
        "2026-03-01T02:01:00Z"
    );
    assert_eq!(ran.count("ExecutionTimedOut"), 1);
}

#[test]
fn a_stop_that_comes_late_changes_nothing() {
    let definition = machine("A", &json!({"A": {"Type": "Pass", "End": true}}));
    let ran = drive(
        start(&definition, json!({})),
        no_calls,
        Some(Duration::from_secs(5)),
    );
    assert_eq!(ran.execution.status, Status::Succeeded);
}

fn error_of(state: Value, input: Value) -> String {
    run(&machine("A", &json!({"A": state})), input, no_calls)
        .error()
        .to_owned()
}
