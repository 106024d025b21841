//! Retries: which retrier, when, how often, and what moves between attempts.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, Ran, machine, resume, run, start_seeded, task};

fn with_retry(retry: &Value) -> Value {
    machine(
        "A",
        &json!({"A": task("f", &json!({"Retry": retry, "End": true}))}),
    )
}

/// Runs a Task that fails with `errors` in turn and then succeeds.
fn flaky(retry: &Value, errors: &'static [&'static str]) -> Ran {
    run(&with_retry(retry), json!({}), |_, calls| {
        errors
            .get(calls)
            .map_or(Answer::Returns(json!("ok")), |error| Answer::Fails(error))
    })
}

#[test]
fn delays_grow_by_the_rate_up_to_the_cap() {
    let retry = json!([{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 6, "MaxDelaySeconds": 10}]);
    let ran = flaky(&retry, &["Busy"; 6]);
    assert_eq!(ran.call_seconds(), [0.0, 2.0, 6.0, 14.0, 24.0, 34.0, 44.0]);
    assert_eq!(*ran.output(), json!("ok"));
    assert_eq!(ran.execution.transitions, 1 + 6, "each retry is a transition");
    assert_eq!(
        ran.execution.history.len(),
        2 + 5 + 6 * 3,
        "each retry is three events"
    );
}

#[test]
fn defaults_are_one_second_twice_as_long_three_times() {
    let ran = flaky(&json!([{"ErrorEquals": ["Busy"]}]), &["Busy"; 9]);
    assert_eq!(ran.call_seconds(), [0.0, 1.0, 3.0, 7.0]);
    assert_eq!(ran.error(), "Busy");
    assert_eq!(ran.execution.cause.as_deref(), Some("Busy happened"));
}

#[test]
fn the_first_retrier_that_knows_the_error_decides_alone() {
    let retry = json!([
        {"ErrorEquals": ["Busy"], "IntervalSeconds": 10, "MaxAttempts": 1},
        {"ErrorEquals": ["Throttled", "Busy"], "IntervalSeconds": 1, "MaxAttempts": 5},
        {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "MaxAttempts": 1},
    ]);
    assert_eq!(
        flaky(&retry, &["Busy", "Busy"]).error(),
        "Busy",
        "later retriers are not asked"
    );
    let ran = flaky(&retry, &["Throttled", "Busy", "Throttled", "Odd"]);
    assert_eq!(
        ran.call_seconds(),
        [0.0, 1.0, 11.0, 13.0, 113.0],
        "each retrier counts its own attempts"
    );
    assert_eq!(flaky(&retry, &["Odd", "Throttled", "Odd"]).error(), "Odd");
}

#[test]
fn an_error_that_nobody_names_fails_at_once() {
    let ran = flaky(&json!([{"ErrorEquals": ["Busy"]}]), &["AccessDenied"]);
    assert_eq!(ran.error(), "AccessDenied");
    assert_eq!(ran.calls.len(), 1);
}

#[test]
fn no_attempts_means_no_retry() {
    let retry = json!([{"ErrorEquals": ["Busy"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]);
    assert_eq!(flaky(&retry, &["Busy"]).calls.len(), 1);
}

#[test]
fn arguments_are_evaluated_for_every_attempt() {
    let state = task(
        "f",
        &json!({
            "Arguments": {"FunctionName": "f", "Payload": {
                "now": "{% $now() %}",
                "entered": "{% $states.context.State.EnteredTime %}",
                "retries": "{% $states.context.State.RetryCount %}",
            }},
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "BackoffRate": 1}],
            "End": true,
        }),
    );
    let ran = run(&machine("A", &json!({"A": state})), json!({}), |_, calls| {
        if calls < 2 {
            Answer::Fails("Busy")
        } else {
            Answer::Returns(json!(1))
        }
    });
    let payloads: Vec<_> = ran
        .calls
        .iter()
        .map(|call| call.invocation.payload.clone())
        .collect();
    let seen = |now: &str, retries: u32| json!({"now": now, "entered": "2026-03-01T02:00:00.000Z", "retries": retries});
    assert_eq!(
        payloads,
        [
            seen("2026-03-01T02:00:00.000Z", 0),
            seen("2026-03-01T02:00:05.000Z", 1),
            seen("2026-03-01T02:00:10.000Z", 2)
        ]
    );
    assert_eq!(
        ran.calls
            .iter()
            .map(|call| call.invocation.retry)
            .collect::<Vec<_>>(),
        [0, 1, 2]
    );
}

#[test]
fn timeouts_and_evaluations_are_retried_by_name() {
    let retry = json!([{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 5, "MaxAttempts": 1}]);
    let state = task("f", &json!({"TimeoutSeconds": 10, "Retry": retry, "End": true}));
    let ran = run(&machine("A", &json!({"A": state})), json!({}), |_, calls| {
        if calls == 0 {
            Answer::Never
        } else {
            Answer::Returns(json!(1))
        }
    });
    assert_eq!(ran.call_seconds(), [0.0, 15.0]);

    let retry = json!([{"ErrorEquals": ["States.QueryEvaluationError"]}]);
    let state = task(
        "f",
        &json!({"Output": "{% $states.result.Payload.x %}", "Retry": retry, "End": true}),
    );
    let ran = run(&machine("A", &json!({"A": state})), json!({}), |_, calls| {
        Answer::Returns(if calls == 0 { json!({}) } else { json!({"x": 1}) })
    });
    assert_eq!(
        ran.calls.len(),
        2,
        "an Output that fails is an attempt that failed"
    );
}

proptest! {
    #[test]
    fn full_jitter_stays_between_nothing_and_the_nominal_delay(seed: u64) {
        let retry = json!([{
            "ErrorEquals": ["Busy"], "IntervalSeconds": 4, "BackoffRate": 3, "MaxAttempts": 4, "MaxDelaySeconds": 60,
            "JitterStrategy": "FULL",
        }]);
        let ran = resume(start_seeded(&with_retry(&retry), json!({}), seed), |_, calls| {
            if calls < 4 { Answer::Fails("Busy") } else { Answer::Returns(json!(1)) }
        });
        let at = ran.call_seconds();
        for (attempt, nominal) in [4.0, 12.0, 36.0, 60.0].into_iter().enumerate() {
            let delay = at[attempt + 1] - at[attempt];
            prop_assert!((0.0..=nominal + 0.001).contains(&delay), "attempt {attempt}: {delay} of {nominal}");
        }
    }
}
