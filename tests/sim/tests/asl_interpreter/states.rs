//! What each state does with its data: expressions, variables, the context object, limits.

use serde_json::{Value, json};
use sim::asl::{Details, Status};

use crate::support::{Answer, machine, no_calls, run, task, with};

/// Runs a Pass state with `fields` and gives its output.
fn pass(fields: &Value, input: Value) -> Value {
    let state = with(&json!({"Type": "Pass", "End": true}), fields);
    run(&machine("A", &json!({"A": state})), input, no_calls)
        .output()
        .clone()
}

/// The output of `expression` on `input`.
fn value(expression: &str, input: Value) -> Value {
    pass(&json!({"Output": format!("{{% {expression} %}}")}), input)
}

/// How a machine of one state fails: error and cause.
fn failure(state: Value, input: Value) -> (String, String) {
    let ran = run(&machine("A", &json!({"A": state})), input, |_, _| {
        Answer::Returns(json!({"x": "y"}))
    });
    assert_eq!(ran.execution.status, Status::Failed, "{}", ran.history());
    (
        ran.execution.error.unwrap(),
        ran.execution.cause.unwrap_or_default(),
    )
}

#[test]
fn data_passes_through_unchanged_without_an_output() {
    assert_eq!(
        pass(&json!({}), json!({"a": [1, 2.5, null, "x"]})),
        json!({"a": [1, 2.5, null, "x"]})
    );
}

#[test]
fn expressions_stand_anywhere_in_a_template() {
    let output =
        json!({"a": ["{% $states.input.n %}", {"b": "{% $states.input.n + 1 %}"}], "c": "plain", "d": null});
    assert_eq!(
        pass(&json!({"Output": output}), json!({"n": 1})),
        json!({"a": [1, {"b": 2}], "c": "plain", "d": null})
    );
}

#[test]
fn arrays_of_one_stay_arrays() {
    assert_eq!(
        value("$states.input.a", json!({"a": [1]})),
        json!([1]),
        "a field's own array is not unwrapped"
    );
    assert_eq!(value("$states.input.a", json!({"a": []})), json!([]));
    assert_eq!(
        value("$states.input.a[x = 1]", json!({"a": [{"x": 1}]})),
        json!({"x": 1}),
        "a filter's sequence is"
    );
    assert_eq!(
        value("$states.input.a[x = 1][]", json!({"a": [{"x": 1}]})),
        json!([{"x": 1}])
    );
    assert_eq!(value("[$states.input.a.x]", json!({"a": [{"x": 1}]})), json!([1]));
}

#[test]
fn numbers_are_javascript_s() {
    assert_eq!(value("$states.input.n * 2", json!({"n": 21})).to_string(), "42");
    assert_eq!(value("1 / 4", json!({})).to_string(), "0.25");
    assert_eq!(value("$floor(7 / 2)", json!({})).to_string(), "3");
    assert_eq!(
        value("$states.input.n", json!({"n": 1_772_330_400_123_u64})),
        json!(1_772_330_400_123_u64)
    );
}

#[test]
fn step_functions_own_functions_are_there() {
    assert_eq!(
        value("$partition([1, 2, 3, 4, 5], 2)", json!({})),
        json!([[1, 2], [3, 4], [5]])
    );
    assert_eq!(value("$range(0, 10, 4)", json!({})), json!([0, 4, 8]));
    assert_eq!(value("$range(3, 1, -1)", json!({})), json!([3, 2, 1]));
    assert_eq!(value("$parse('{\"a\": [1]}').a", json!({})), json!([1]));
    assert_eq!(
        value("$hash('abc', 'MD5')", json!({})),
        json!("900150983cd24fb0d6963f7d28e17f72")
    );
    assert_eq!(
        value("$hash('abc', 'SHA-1')", json!({})),
        json!("a9993e364706816aba3e25717850c26c9cd0d89d")
    );
    assert_eq!(
        value("$hash('abc', 'SHA-256')", json!({})),
        json!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    );
    assert_eq!(
        value("$random(7) = $random(7)", json!({})),
        json!(true),
        "a seed repeats"
    );
    assert_eq!(value("$random() = $random()", json!({})), json!(false));
    assert_eq!(value("$length($uuid())", json!({})), json!(36));
    assert_eq!(
        value("$substring($uuid(), 14, 1)", json!({})),
        json!("4"),
        "version 4"
    );
    for bad in [
        "$partition([1], 0)",
        "$range(0, 5000, 1)",
        "$hash('x', 'CRC')",
        "$parse('{')",
    ] {
        let state = json!({"Type": "Pass", "Output": format!("{{% {bad} %}}"), "End": true});
        assert_eq!(
            failure(state, json!({})).0,
            "States.QueryEvaluationError",
            "{bad}"
        );
    }
}

#[test]
fn time_is_the_interpreter_s() {
    assert_eq!(value("$now()", json!({})), json!("2026-03-01T02:00:00.000Z"));
    assert_eq!(
        value("$fromMillis($millis() + 1500)", json!({})),
        json!("2026-03-01T02:00:01.500Z")
    );
    let states = json!({
        "A": {"Type": "Wait", "Seconds": 90, "Next": "B"},
        "B": {"Type": "Pass", "Output": "{% [$now(), $states.context.State.EnteredTime] %}", "End": true},
    });
    let late = json!(["2026-03-01T02:01:30.000Z", "2026-03-01T02:01:30.000Z"]);
    assert_eq!(*run(&machine("A", &states), json!({}), no_calls).output(), late);
}

#[test]
fn the_context_object_is_aws_s() {
    let context = value("$states.context", json!({"cache": "orders"}));
    assert_eq!(
        context,
        json!({
            "Execution": {
                "Id": "arn:aws:states:eu-central-1:000000000000:execution:test:one",
                "Input": {"cache": "orders"},
                "Name": "one",
                "StartTime": "2026-03-01T02:00:00.000Z",
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": "arn:aws:states:eu-central-1:000000000000:stateMachine:test", "Name": "test"},
            "State": {"Name": "A", "EnteredTime": "2026-03-01T02:00:00.000Z", "RetryCount": 0},
        })
    );
    assert_eq!(
        value("$exists($states.context.Execution.RedriveTime)", json!({})),
        json!(false)
    );
    assert_eq!(
        value("$exists($states.result)", json!({})),
        json!(false),
        "only a Task or a Map has one"
    );
}

#[test]
fn assignments_happen_at_once_with_the_values_from_before() {
    let states = json!({
        "A": {"Type": "Pass", "Assign": {"x": 1, "y": 2}, "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"x": "{% $y %}", "y": "{% $x %}"}, "Output": "{% [$x, $y] %}", "Next": "C"},
        "C": {"Type": "Pass", "Output": {"during": "{% $states.input %}", "after": "{% [$x, $y] %}"}, "End": true},
    });
    let ran = run(&machine("A", &states), json!({}), no_calls);
    assert_eq!(*ran.output(), json!({"during": [1, 2], "after": [2, 1]}));
    let assigned = ran
        .execution
        .history
        .iter()
        .filter_map(|event| match &event.details {
            Some(Details::StateExited {
                assigned_variables, ..
            }) => Some(assigned_variables.clone()),
            _ => None,
        });
    assert_eq!(
        assigned.map(|variables| variables.len()).collect::<Vec<_>>(),
        [2, 2, 0]
    );
}

#[test]
fn a_choice_takes_the_first_true_rule_with_its_own_fields() {
    let states = json!({
        "C": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $states.input.n > 10 %}", "Next": "Big", "Assign": {"size": "big"}, "Output": "rule"},
                {"Condition": "{% $states.input.n > 5 %}", "Next": "Big", "Assign": {"size": "medium"}},
            ],
            "Default": "Small",
            "Assign": {"size": "small"},
            "Output": "default",
        },
        "Big": {"Type": "Pass", "Output": "{% [$size, $states.input] %}", "End": true},
        "Small": {"Type": "Pass", "Output": "{% [$size, $states.input] %}", "End": true},
    });
    let of = |n: u32| {
        run(&machine("C", &states), json!({"n": n}), no_calls)
            .output()
            .clone()
    };
    assert_eq!(of(11), json!(["big", "rule"]));
    assert_eq!(
        of(6),
        json!(["medium", {"n": 6}]),
        "a rule's absent Output passes the input on"
    );
    assert_eq!(of(1), json!(["small", "default"]));
}

/// Runs machine `states` and checks the error's name, its place and a part of its cause.
#[track_caller]
fn fails(states: Value, error: &str, place: &str, cause: &str) {
    let ran = run(&machine("A", &states), json!({"text": "x"}), |_, _| {
        Answer::Returns(json!(1))
    });
    let located = ran
        .execution
        .history
        .iter()
        .find_map(|event| match &event.details {
            Some(Details::EvaluationFailed { location, .. }) => Some(location.as_str()),
            _ => None,
        });
    assert_eq!((ran.error(), located.unwrap_or_default()), (error, place));
    let found = ran.execution.cause.as_deref().unwrap_or_default();
    assert!(found.contains(cause), "`{found}` does not contain `{cause}`");
}

const FAILED: &str = "States.QueryEvaluationError";

#[test]
fn failing_evaluations_name_the_expression_and_its_field() {
    let pass = |fields: Value| json!({"A": with(&json!({"Type": "Pass", "End": true}), &fields)});
    let cause = "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression \
                 '$states.input.no' specified for the field 'Output/a[1]' returned nothing (undefined).";
    fails(
        pass(json!({"Output": {"a": [1, "{% $states.input.no %}"]}})),
        FAILED,
        "Output/a[1]",
        cause,
    );
    fails(
        pass(json!({"Assign": {"x": "{% 1 + 'a' %}"}})),
        FAILED,
        "Assign/x",
        "T2002",
    );
    fails(
        pass(json!({"Output": "{% $sum %}"})),
        FAILED,
        "Output",
        "unsupported",
    );

    let call = |arguments: Value| json!({"A": task("f", &json!({"Arguments": arguments, "End": true}))});
    let undefined = json!({"FunctionName": "f", "Payload": {"x": "{% $states.input.no %}"}});
    fails(call(undefined), FAILED, "Arguments/Payload/x", "undefined");
    let number = json!({"FunctionName": "{% 5 %}", "Payload": 1});
    fails(
        call(number),
        FAILED,
        "Arguments/FunctionName",
        "Expected 'string', but was '5'",
    );
}

#[test]
fn results_of_the_wrong_type_fail_their_state() {
    let wait = |seconds: &str| json!({"A": {"Type": "Wait", "Seconds": seconds, "End": true}});
    fails(wait("{% 'x' %}"), FAILED, "Seconds", "Expected 'a whole number");
    fails(wait("{% -1 %}"), FAILED, "Seconds", "was '-1'");
    fails(wait("{% 1.5 %}"), FAILED, "Seconds", "was '1.5'");

    let choice = |condition: &str| json!({"A": {"Type": "Choice", "Choices": [{"Condition": condition, "Next": "B"}]}, "B": {"Type": "Succeed"}});
    fails(
        choice("{% $states.input.text %}"),
        FAILED,
        "Choices[0]/Condition",
        "Expected 'boolean', but was '\"x\"'",
    );
    fails(
        choice("{% false %}"),
        "States.NoChoiceMatched",
        "",
        "no rule matched",
    );
}

#[test]
fn a_function_cannot_read_a_variable_before_its_assignment() {
    let states = json!({
        "A": {"Type": "Pass", "Output": "{% $late %}", "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"late": 1}, "End": true},
    });
    assert_eq!(
        run(&machine("A", &states), json!({}), no_calls).error(),
        "States.QueryEvaluationError"
    );
}
