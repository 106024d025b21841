//! Histories: types, order, chains, arithmetic, and the form in which the API sends them.

use std::time::Duration;

use expect_test::expect;
use serde_json::{Value, json};
use sim::asl::Status;

use crate::support::{Answer, after, drive, machine, no_calls, resume, run, start, start_seeded, task};

fn loop_machine() -> Value {
    machine(
        "Wait",
        &json!({
            "Wait": {"Type": "Wait", "Seconds": 30, "Next": "Check"},
            "Check": task("check", &json!({"Next": "Ready"})),
            "Ready": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $states.input.ready %}", "Next": "Done"}],
                "Default": "Wait",
            },
            "Done": {"Type": "Succeed"},
        }),
    )
}

#[test]
fn a_history_reads_as_aws_writes_it() {
    let ran = run(&loop_machine(), json!({}), |_, _| {
        after(2, Answer::Returns(json!({"ready": true})))
    });
    expect![[r#"
        1 <0 0s ExecutionStarted
        2 <0 0s WaitStateEntered Wait
        3 <2 30s WaitStateExited Wait {}
        4 <3 30s TaskStateEntered Check
        5 <4 30s TaskScheduled {"FunctionName":"check","Payload":{}}
        6 <5 30s TaskStarted
        7 <6 32s TaskSucceeded
        8 <7 32s TaskStateExited Check {"ready":true}
        9 <8 32s ChoiceStateEntered Ready
        10 <9 32s ChoiceStateExited Ready {"ready":true}
        11 <10 32s SucceedStateEntered Done
        12 <11 32s SucceedStateExited Done {"ready":true}
        13 <12 32s ExecutionSucceeded {"ready":true}
    "#]]
    .assert_eq(&ran.history());
}

#[test]
fn a_polling_loop_of_a_day_takes_nine_events_and_three_transitions_a_round() {
    // The state before the last Choice answers ready at the 1,440th check: 24 h at 30 s would not fit 25,000 events.
    let mut definition = loop_machine();
    definition["States"]["Wait"]["Seconds"] = json!(60);
    let ran = run(&definition, json!({}), |_, calls| {
        Answer::Returns(json!({"ready": calls + 1 == 1440}))
    });
    assert_eq!(
        ran.execution.history.len(),
        2 + 1440 * 9 + 2,
        "start and end, rounds, Succeed"
    );
    assert_eq!(ran.execution.transitions, 1440 * 3 + 1);
    let stopped = ran.execution.stop_date.unwrap();
    assert_eq!(
        stopped.to_string(),
        "2026-03-02T02:00:00Z",
        "virtual time ran for a day"
    );
}

#[test]
fn a_history_holds_25_000_events_and_then_fails_the_execution() {
    let ran = run(&loop_machine(), json!({}), |_, _| {
        Answer::Returns(json!({"ready": false}))
    });
    assert_eq!(ran.error(), "States.Runtime");
    assert_eq!(ran.execution.history.len(), 25_000);
    let redriven = ran
        .execution
        .clone()
        .redrive(ran.execution.stop_date.unwrap())
        .unwrap_err();
    assert_eq!(
        redriven.to_string(),
        "execution has `25000` history events; a redrive needs fewer than 24,999"
    );
}

#[test]
fn events_per_state_are_what_the_quota_arithmetic_says() {
    let one = |state: Value| {
        let states = json!({"A": state});
        let ran = run(&machine("A", &states), json!({"items": []}), |_, _| {
            Answer::Returns(json!(1))
        });
        assert_eq!(ran.execution.status, Status::Succeeded, "{}", ran.history());
        ran.execution.history.len() - 2
    };
    assert_eq!(one(task("f", &json!({"End": true}))), 5);
    assert_eq!(one(json!({"Type": "Wait", "Seconds": 1, "End": true})), 2);
    assert_eq!(one(json!({"Type": "Pass", "End": true})), 2);
    assert_eq!(one(json!({"Type": "Succeed"})), 2);
    let map = |items: Value| {
        let inner = json!({"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}});
        json!({"Type": "Map", "Items": items, "ItemProcessor": inner, "End": true})
    };
    assert_eq!(one(map(json!([]))), 4, "entered, started, succeeded, exited");
    assert_eq!(
        one(map(json!([1, 2, 3]))),
        4 + 3 * (2 + 2),
        "started and succeeded, around its states"
    );
}

#[test]
fn ids_and_chains_are_sound() {
    let ran = run(&loop_machine(), json!({}), |_, calls| {
        Answer::Returns(json!({"ready": calls == 3}))
    });
    for (index, event) in ran.execution.history.iter().enumerate() {
        assert_eq!(event.id, index as u64 + 1);
        assert!(event.previous_event_id < event.id);
    }
}

#[test]
fn the_api_form_has_seconds_strings_and_markers() {
    let assign = json!({"Type": "Pass", "Assign": {"x": "{% $states.input.n + 1 %}"}, "End": true});
    let ran = run(&machine("A", &json!({"A": assign})), json!({"n": 1}), no_calls);
    let sent: Vec<Value> = ran
        .execution
        .history
        .iter()
        .map(|event| event.to_api().unwrap())
        .collect();
    expect![[r#"
        [
          {
            "id": 1,
            "previousEventId": 0,
            "timestamp": 1772330400.0,
            "type": "ExecutionStarted",
            "executionStartedEventDetails": {
              "input": "{\"n\":1}",
              "inputDetails": {
                "truncated": false
              }
            }
          },
          {
            "id": 2,
            "previousEventId": 0,
            "timestamp": 1772330400.0,
            "type": "PassStateEntered",
            "stateEnteredEventDetails": {
              "name": "A",
              "input": "{\"n\":1}",
              "inputDetails": {
                "truncated": false
              }
            }
          },
          {
            "id": 3,
            "previousEventId": 2,
            "timestamp": 1772330400.0,
            "type": "PassStateExited",
            "stateExitedEventDetails": {
              "name": "A",
              "output": "{\"n\":1}",
              "assignedVariables": {
                "x": "2"
              },
              "outputDetails": {
                "truncated": false
              },
              "assignedVariablesDetails": {
                "truncated": false
              }
            }
          },
          {
            "id": 4,
            "previousEventId": 3,
            "timestamp": 1772330400.0,
            "type": "ExecutionSucceeded",
            "executionSucceededEventDetails": {
              "output": "{\"n\":1}",
              "outputDetails": {
                "truncated": false
              }
            }
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&sent).unwrap());
}

#[test]
fn the_same_seed_gives_the_same_history() {
    let retry = json!([{
        "ErrorEquals": ["Busy"], "IntervalSeconds": 10, "MaxAttempts": 5, "JitterStrategy": "FULL",
    }]);
    let flaky = task(
        "f",
        &json!({"Retry": retry, "End": true, "Output": "{% [$uuid(), $random(), $now()] %}"}),
    );
    let map = json!({"Type": "Map", "Items": [1, 2, 3], "End": true,
        "ItemProcessor": {"StartAt": "B", "States": {"B": flaky}}});
    let definition = machine("A", &json!({"A": map}));
    let script = |_: &sim::asl::Invocation, calls: usize| {
        if calls < 7 {
            Answer::Fails("Busy")
        } else {
            Answer::Returns(json!(1))
        }
    };
    let of = |seed| {
        serde_json::to_string(&resume(start_seeded(&definition, json!({}), seed), script).execution).unwrap()
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn a_stop_cancels_what_is_in_flight() {
    let ran = drive(
        start(
            &machine("A", &json!({"A": task("f", &json!({"End": true}))})),
            json!({}),
        ),
        |_, _| Answer::Never,
        Some(Duration::from_secs(7)),
    );
    assert_eq!(ran.execution.status, Status::Aborted);
    assert_eq!(ran.execution.error.as_deref(), Some("Stopped"));
    assert_eq!(ran.execution.cause.as_deref(), Some("by the test"));
    expect![[r#"
        1 <0 0s ExecutionStarted
        2 <0 0s TaskStateEntered A
        3 <2 0s TaskScheduled {"FunctionName":"f","Payload":{}}
        4 <3 0s TaskStarted
        5 <4 7s TaskStateAborted
        6 <5 7s ExecutionAborted Stopped
    "#]]
    .assert_eq(&ran.history());
}
