//! Inline Maps: items, order, concurrency, failures, scopes.

use std::time::{Duration, Instant};

use expect_test::expect;
use serde_json::{Value, json};
use sim::asl::{Invocation, Status};

use crate::support::{Answer, after, drive, machine, no_calls, run, start, task, with};

/// A Map over `$states.input.items` with one Task per item.
fn map(fields: &Value) -> Value {
    let base = json!({
        "Type": "Map",
        "Items": "{% $states.input.items %}",
        "ItemProcessor": {"StartAt": "F", "States": {"F": task("f", &json!({"End": true}))}},
        "End": true,
    });
    machine("M", &json!({"M": with(&base, fields)}))
}

fn echo(call: &Invocation, _: usize) -> Answer {
    Answer::Returns(call.payload.clone())
}

#[test]
fn outputs_come_in_the_order_of_the_items() {
    let slow_first = |call: &Invocation, _: usize| {
        let n = call.payload.as_u64().unwrap();
        after(10 - n, Answer::Returns(json!(n * 10)))
    };
    let ran = run(&map(&json!({})), json!({"items": [1, 2, 3]}), slow_first);
    assert_eq!(*ran.output(), json!([10, 20, 30]));
    expect![[r#"
        1 <0 0s ExecutionStarted
        2 <0 0s MapStateEntered M
        3 <2 0s MapStateStarted 3
        4 <3 0s MapIterationStarted M[0]
        5 <3 0s MapIterationStarted M[1]
        6 <3 0s MapIterationStarted M[2]
        7 <4 0s TaskStateEntered F
        8 <7 0s TaskScheduled {"FunctionName":"f","Payload":1}
        9 <8 0s TaskStarted
        10 <5 0s TaskStateEntered F
        11 <10 0s TaskScheduled {"FunctionName":"f","Payload":2}
        12 <11 0s TaskStarted
        13 <6 0s TaskStateEntered F
        14 <13 0s TaskScheduled {"FunctionName":"f","Payload":3}
        15 <14 0s TaskStarted
        16 <15 7s TaskSucceeded
        17 <16 7s TaskStateExited F 30
        18 <17 7s MapIterationSucceeded M[2]
        19 <12 8s TaskSucceeded
        20 <19 8s TaskStateExited F 20
        21 <20 8s MapIterationSucceeded M[1]
        22 <9 9s TaskSucceeded
        23 <22 9s TaskStateExited F 10
        24 <23 9s MapIterationSucceeded M[0]
        25 <24 9s MapStateSucceeded
        26 <25 9s MapStateExited M [10,20,30]
        27 <26 9s ExecutionSucceeded [10,20,30]
    "#]]
    .assert_eq(&ran.history());
}

#[test]
fn an_empty_map_gives_an_empty_array() {
    assert_eq!(
        *run(&map(&json!({})), json!({"items": []}), no_calls).output(),
        json!([])
    );
}

#[test]
fn a_selector_sees_the_item_and_the_map_s_input() {
    let selector = json!({
        "index": "{% $states.context.Map.Item.Index %}",
        "value": "{% $states.context.Map.Item.Value %}",
        "all": "{% $count($states.input.items) %}",
        "name": "{% $states.context.Execution.Name %}",
    });
    let ran = run(
        &map(&json!({"ItemSelector": selector})),
        json!({"items": ["a", "b"]}),
        echo,
    );
    let item = |index: u32, value: &str| json!({"index": index, "value": value, "all": 2, "name": "one"});
    assert_eq!(*ran.output(), json!([item(0, "a"), item(1, "b")]));
}

#[test]
fn states_inside_see_their_item_in_the_context() {
    let inside = json!({"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Output": "{% $states.context.Map.Item %}", "End": true},
    }});
    let ran = run(
        &map(&json!({"ItemProcessor": inside, "ItemSelector": "changed"})),
        json!({"items": ["a"]}),
        no_calls,
    );
    assert_eq!(
        *ran.output(),
        json!([{"Index": 0, "Value": "a"}]),
        "the item as it was, not as it was selected"
    );
}

#[test]
fn concurrency_is_bounded_and_never_above_forty() {
    let most_at_once = |concurrency: u32, items: usize| {
        let items: Vec<usize> = (0..items).collect();
        let ran = run(
            &map(&json!({"MaxConcurrency": concurrency})),
            json!({"items": items}),
            |_, _| after(10, Answer::Returns(json!(1))),
        );
        let starts: Vec<_> = ran.calls.iter().map(|call| call.at).collect();
        starts
            .iter()
            .map(|at| starts.iter().filter(|other| *other == at).count())
            .max()
            .unwrap()
    };
    assert_eq!(most_at_once(1, 4), 1);
    assert_eq!(most_at_once(3, 10), 3);
    assert_eq!(most_at_once(0, 100), 40, "an inline Map's own limit");
    assert_eq!(most_at_once(90, 100), 40);
}

#[test]
fn the_first_failure_aborts_the_others() {
    let ran = run(
        &map(&json!({"MaxConcurrency": 3})),
        json!({"items": [0, 1, 2, 3]}),
        |call, _| match call.payload.as_u64().unwrap() {
            0 => Answer::Returns(json!("done")),
            1 => after(5, Answer::Fails("Corrupt")),
            _ => Answer::Never,
        },
    );
    assert_eq!(ran.error(), "Corrupt");
    assert_eq!(ran.execution.cause.as_deref(), Some("Corrupt happened"));
    expect![[r#"
        1 <0 0s ExecutionStarted
        2 <0 0s MapStateEntered M
        3 <2 0s MapStateStarted 4
        4 <3 0s MapIterationStarted M[0]
        5 <3 0s MapIterationStarted M[1]
        6 <3 0s MapIterationStarted M[2]
        7 <4 0s TaskStateEntered F
        8 <7 0s TaskScheduled {"FunctionName":"f","Payload":0}
        9 <8 0s TaskStarted
        10 <9 0s TaskSucceeded
        11 <10 0s TaskStateExited F "done"
        12 <11 0s MapIterationSucceeded M[0]
        13 <3 0s MapIterationStarted M[3]
        14 <5 0s TaskStateEntered F
        15 <14 0s TaskScheduled {"FunctionName":"f","Payload":1}
        16 <15 0s TaskStarted
        17 <6 0s TaskStateEntered F
        18 <17 0s TaskScheduled {"FunctionName":"f","Payload":2}
        19 <18 0s TaskStarted
        20 <13 0s TaskStateEntered F
        21 <20 0s TaskScheduled {"FunctionName":"f","Payload":3}
        22 <21 0s TaskStarted
        23 <16 5s TaskFailed Corrupt
        24 <23 5s MapIterationFailed M[1]
        25 <23 5s MapIterationAborted M[2]
        26 <23 5s TaskStateAborted
        27 <23 5s MapIterationAborted M[3]
        28 <23 5s TaskStateAborted
        29 <23 5s MapStateFailed
        30 <29 5s ExecutionFailed Corrupt
    "#]]
    .assert_eq(&ran.history());
}

#[test]
fn a_stop_tells_of_every_iteration_under_way() {
    let execution = start(&map(&json!({})), json!({"items": [0, 1]}));
    let ran = drive(execution, |_, _| Answer::Never, Some(Duration::from_secs(3)));
    assert_eq!(ran.execution.status, Status::Aborted);
    expect![[r#"
        1 <0 0s ExecutionStarted
        2 <0 0s MapStateEntered M
        3 <2 0s MapStateStarted 2
        4 <3 0s MapIterationStarted M[0]
        5 <3 0s MapIterationStarted M[1]
        6 <4 0s TaskStateEntered F
        7 <6 0s TaskScheduled {"FunctionName":"f","Payload":0}
        8 <7 0s TaskStarted
        9 <5 0s TaskStateEntered F
        10 <9 0s TaskScheduled {"FunctionName":"f","Payload":1}
        11 <10 0s TaskStarted
        12 <3 3s MapIterationAborted M[0]
        13 <3 3s TaskStateAborted
        14 <3 3s MapIterationAborted M[1]
        15 <3 3s TaskStateAborted
        16 <3 3s MapStateAborted
        17 <16 3s ExecutionAborted Stopped
    "#]]
    .assert_eq(&ran.history());
}

#[test]
fn a_map_can_be_retried_as_a_whole() {
    let retry = json!([{"ErrorEquals": ["Corrupt"], "IntervalSeconds": 60}]);
    let ran = run(
        &map(&json!({"Retry": retry})),
        json!({"items": [0, 1]}),
        |_, calls| {
            if calls == 1 {
                Answer::Fails("Corrupt")
            } else {
                Answer::Returns(json!(calls))
            }
        },
    );
    assert_eq!(
        ran.call_seconds(),
        [0.0, 0.0, 60.0, 60.0],
        "every iteration runs again"
    );
    assert_eq!(ran.count("MapStateStarted"), 2);
    assert_eq!(*ran.output(), json!([2, 3]));
}

#[test]
fn variables_of_an_iteration_are_its_own() {
    let inside = json!({"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Assign": {"mine": "{% $states.input + $outer %}"}, "Next": "W"},
        "W": {"Type": "Wait", "Seconds": "{% 10 - $states.input %}", "Next": "Q"},
        "Q": {"Type": "Pass", "Output": "{% $mine %}", "End": true},
    }});
    let fields = json!({"ItemProcessor": inside, "Assign": {"total": "{% $sum($states.result) %}"}, "Next": "E", "End": null});
    let mut definition = map(&fields);
    definition["StartAt"] = json!("A");
    definition["States"]["A"] = json!({"Type": "Pass", "Assign": {"outer": 100}, "Next": "M"});
    definition["States"]["E"] =
        json!({"Type": "Succeed", "Output": {"total": "{% $total %}", "each": "{% $states.input %}"}});
    let ran = run(&definition, json!({"items": [1, 2, 3]}), no_calls);
    assert_eq!(*ran.output(), json!({"total": 306, "each": [101, 102, 103]}));
}

#[test]
fn maps_nest() {
    let inner = json!({"Type": "Map", "Items": "{% $states.input %}", "End": true,
        "ItemProcessor": {"StartAt": "F", "States": {"F": task("f", &json!({"End": true}))}}});
    let outer = json!({"StartAt": "I", "States": {"I": inner}});
    let definition = map(&json!({"ItemProcessor": outer}));
    assert_eq!(
        *run(&definition, json!({"items": [[1], [2, 3]]}), echo).output(),
        json!([[1], [2, 3]])
    );
    let ran = run(
        &definition,
        json!({"items": [[1], [2, 3]]}),
        |call, _| match call.payload.as_u64() {
            Some(3) => Answer::Fails("Corrupt"),
            _ => Answer::Never,
        },
    );
    assert_eq!(ran.error(), "Corrupt");
    assert_eq!(
        (ran.count("MapStateFailed"), ran.count("MapStateAborted")),
        (2, 1)
    );
}

#[test]
fn items_must_be_an_array() {
    let ran = run(&map(&json!({})), json!({"items": {"a": 1}}), no_calls);
    assert_eq!(ran.error(), "States.QueryEvaluationError");
    assert_eq!(
        (ran.count("EvaluationFailed"), ran.count("MapStateFailed")),
        (1, 1)
    );
}

#[test]
fn results_are_limited_too() {
    let big = "x".repeat(2000);
    let items: Vec<_> = (0..200).collect();
    let ran = run(&map(&json!({})), json!({"items": items}), move |_, _| {
        Answer::Returns(json!(big))
    });
    assert_eq!(ran.error(), "States.DataLimitExceeded");
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the interpreter's own speed is what is measured"
)]
fn five_hundred_items_take_seconds_not_minutes() {
    let items: Vec<Value> = (0..500)
        .map(|n| json!({"key": n, "pad": "x".repeat(280)}))
        .collect();
    let selector =
        json!({"object": "{% $states.context.Map.Item.Value %}", "of": "{% $count($states.input.items) %}"});
    let began = Instant::now();
    let ran = run(
        &map(&json!({"ItemSelector": selector, "MaxConcurrency": 10})),
        json!({"items": items}),
        |_, _| after(60, Answer::Returns(json!({"verdict": "y".repeat(280)}))),
    );
    assert_eq!(ran.output().as_array().unwrap().len(), 500);
    assert_eq!(ran.execution.history.len(), 2 + 4 + 500 * 7);
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "took {:?} unoptimized",
        began.elapsed()
    );
}
