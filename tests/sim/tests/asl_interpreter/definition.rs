//! What a definition may say, and how everything else is refused.

use serde_json::{Value, json};
use sim::asl::{StateMachine, StateType};

use crate::support::{machine, task, with};

fn sound() -> Value {
    machine(
        "A",
        &json!({
            "A": task("f", &json!({"Next": "B", "Retry": [{"ErrorEquals": ["Busy"]}]})),
            "B": {"Type": "Wait", "Seconds": "{% $states.input.n %}", "Next": "C"},
            "C": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.ok %}", "Next": "M"}], "Default": "B"},
            "M": {
                "Type": "Map",
                "Items": "{% $states.input.items %}",
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "P",
                    "States": {"P": {"Type": "Pass", "End": true}},
                },
                "Next": "E",
            },
            "E": {"Type": "Succeed"},
        }),
    )
}

/// Sets the value at a JSON pointer of a sound definition, or removes it with null.
#[track_caller]
fn check(pointer: &str, value: Value, expected: &str) {
    let mut definition = sound();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = definition.pointer_mut(parent).unwrap();
    *parent = with(parent, &json!({field: value}));
    let verdict = StateMachine::parse(&definition.to_string());
    let message = verdict.map_or_else(|error| error.to_string(), |_| "accepted".to_owned());
    assert!(
        message.contains(expected),
        "`{pointer}`: got `{message}`, expected `{expected}`"
    );
}

#[test]
fn what_is_modelled_is_accepted() {
    check("/Comment", json!("why"), "accepted");
    check("/Version", json!("1.0"), "accepted");
    check("/TimeoutSeconds", json!(86400), "accepted");
    check("/States/A/TimeoutSeconds", json!(60), "accepted");
    check(
        "/States/A/Resource",
        json!("arn:aws-cn:states:::lambda:invoke"),
        "accepted",
    );
    check("/States/A/Assign", json!({"x": 1}), "accepted");
    check(
        "/States/C/Choices/0/Assign",
        json!({"x": "{% $states.input.ok %}"}),
        "accepted",
    );
    check("/States/B/Seconds", json!(30), "accepted");
    check(
        "/States/M/ItemSelector",
        json!({"item": "{% $states.context.Map.Item.Value %}"}),
        "accepted",
    );
    check("/States/M/MaxConcurrency", json!(0), "accepted");
    check("/States/M/Items", json!([1, 2]), "accepted");
    check("/States/E/Output", json!({"done": true}), "accepted");
}

#[test]
fn what_is_not_modelled_is_refused_by_name() {
    for (pointer, field) in [
        ("/States/A/Catch", "Catch"),
        ("/States/A/HeartbeatSeconds", "HeartbeatSeconds"),
        ("/States/A/TimeoutSecondsPath", "TimeoutSecondsPath"),
        ("/States/A/Credentials", "Credentials"),
        ("/States/A/InputPath", "InputPath"),
        ("/States/A/OutputPath", "OutputPath"),
        ("/States/A/ResultPath", "ResultPath"),
        ("/States/A/ResultSelector", "ResultSelector"),
        ("/States/A/Parameters", "Parameters"),
        ("/States/A/QueryLanguage", "QueryLanguage"),
        ("/States/A/Retry/0/Catch", "Catch"),
        ("/States/A/Arguments/InvocationType", "InvocationType"),
        ("/States/B/SecondsPath", "SecondsPath"),
        ("/States/B/Timestamp", "Timestamp"),
        ("/States/B/Retry", "Retry"),
        ("/States/C/Next", "Next"),
        ("/States/C/Choices/0/Variable", "Variable"),
        ("/States/E/Assign", "Assign"),
        ("/States/E/End", "End"),
        ("/States/M/ItemsPath", "ItemsPath"),
        ("/States/M/Iterator", "Iterator"),
        ("/States/M/ItemReader", "ItemReader"),
        ("/States/M/ItemBatcher", "ItemBatcher"),
        ("/States/M/ResultWriter", "ResultWriter"),
        (
            "/States/M/ToleratedFailurePercentage",
            "ToleratedFailurePercentage",
        ),
        ("/States/M/ItemProcessor/TimeoutSeconds", "TimeoutSeconds"),
        (
            "/States/M/ItemProcessor/ProcessorConfig/ExecutionType",
            "ExecutionType",
        ),
        ("/Processor", "Processor"),
    ] {
        check(pointer, json!("x"), &format!("field `{field}` at"));
    }
    for state_type in ["Fail", "Parallel", "task"] {
        check(
            "/States/E/Type",
            json!(state_type),
            &format!("state type `{state_type}` at `/States/E`"),
        );
    }
    let not_lambda_invoke = "it must be `arn:<partition>:states:::lambda:invoke`";
    for resource in [
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "arn:aws:lambda:eu-central-1:000000000000:function:f",
        "arn:aws:states:::aws-sdk:elasticache:describeSnapshots",
        "arn:${Partition}:states:::lambda:invoke",
    ] {
        check("/States/A/Resource", json!(resource), not_lambda_invoke);
    }
    check("/States/A/Arguments/x.$", json!("$.x"), "field `x.$`");
    check(
        "/States/M/ItemProcessor/ProcessorConfig/Mode",
        json!("DISTRIBUTED"),
        "must be `INLINE`",
    );
    check("/QueryLanguage", json!("JSONPath"), "must be `JSONata`");
}

#[test]
fn what_is_missing_or_malformed_is_refused() {
    check("/StartAt", Value::Null, "field `StartAt` is missing");
    check("/QueryLanguage", Value::Null, "field `QueryLanguage` is missing");
    check(
        "/States/A/Type",
        Value::Null,
        "field `Type` is missing at `/States/A`",
    );
    check(
        "/States/A/Arguments/Payload",
        Value::Null,
        "field `Payload` is missing",
    );
    check("/States/A/Next", Value::Null, "field `Next` is missing");
    check("/States/A/End", json!(true), "must be absent beside `Next`");
    check("/States/B/Seconds", json!(-1), "`/States/B/Seconds` is `-1`");
    check("/States/B/Seconds", json!("30"), "must be a whole number");
    check("/States/C/Choices", json!([]), "at least one element");
    check(
        "/States/C/Choices/0/Condition",
        json!("yes"),
        "must be an expression or a boolean",
    );
    check("/States/A/TimeoutSeconds", json!(0), "at least 1");
    check(
        "/States/A/Assign",
        json!({"states": 1}),
        "must be a variable name",
    );
    check("/States/A/Assign", json!({"a-b": 1}), "must be a variable name");
    check("/States/A/Retry/0/ErrorEquals", json!([]), "at least one element");
    check("/States/A/Retry/0/MaxAttempts", json!(-1), "at least 0");
    check("/States/A/Retry/0/BackoffRate", json!(0.5), "at least 1");
    check(
        "/States/A/Retry/0/MaxDelaySeconds",
        json!(1),
        "more than `IntervalSeconds`",
    );
    check(
        "/States/A/Retry/0/JitterStrategy",
        json!("HALF"),
        "`FULL` or `NONE`",
    );
    assert_eq!(
        StateMachine::parse("{").unwrap_err().to_string(),
        "the definition is not JSON"
    );
}

#[test]
fn the_graph_is_sound() {
    check("/StartAt", json!("Z"), "`/StartAt` leads to `Z`");
    check("/States/A/Next", json!("Z"), "`/States/A/Next` leads to `Z`");
    check(
        "/States/C/Default",
        json!("Z"),
        "`/States/C/Default` leads to `Z`",
    );
    check(
        "/States/C/Choices/0/Next",
        json!("Z"),
        "`/States/C/Choices[0]/Next` leads to `Z`",
    );
    check(
        "/States/A/Next",
        json!("P"),
        "leads to `P`, which is no state beside it",
    );
    check(
        "/States/Z",
        json!({"Type": "Succeed"}),
        "state `/States/Z` is never reached",
    );
    check(
        "/States/E",
        json!({"Type": "Pass", "Next": "B"}),
        "the states of `/States` have no end",
    );
    check(
        "/States/M/ItemProcessor/States/P",
        json!({"Type": "Pass", "Next": "P"}),
        "have no end",
    );
    check("/States/M/ItemProcessor/StartAt", json!("A"), "leads to `A`");
    let twice = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}});
    check("/States/M/ItemProcessor", twice, "state name `A` stands twice");
}

#[test]
fn wildcards_stand_alone_and_last() {
    let all = json!({"ErrorEquals": ["States.ALL"]});
    let busy = json!({"ErrorEquals": ["Busy"]});
    check("/States/A/Retry", json!([busy, all]), "accepted");
    check(
        "/States/A/Retry",
        json!([all, busy]),
        "`States.ALL` at `/States/A/Retry[0]`",
    );
    check(
        "/States/A/Retry",
        json!([{"ErrorEquals": ["Busy", "States.ALL"]}]),
        "`States.ALL`",
    );
    check(
        "/States/M/Retry",
        json!([all, busy]),
        "`States.ALL` at `/States/M/Retry[0]`",
    );
}

#[test]
fn variables_have_scopes() {
    let inside = |state: Value| json!({"StartAt": "P", "States": {"P": state}});
    let outer = json!({"Type": "Pass", "Assign": {"x": 1}, "End": true});
    let mut definition = sound();
    definition["States"]["A"]["Assign"] = json!({"x": 1});
    definition["States"]["M"]["ItemProcessor"] = inside(outer);
    let error = StateMachine::parse(&definition.to_string())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("variable `$x` at `/States/M/ItemProcessor/States/P` belongs to the scope around"),
        "{error}"
    );
    definition["States"]["M"]["ItemProcessor"] =
        inside(json!({"Type": "Pass", "Output": "{% $x %}", "End": true}));
    StateMachine::parse(&definition.to_string()).unwrap();

    check(
        "/States/E/Output",
        json!("{% $x %}"),
        "variable `$x` at `/States/E` is never assigned",
    );
    let inner = inside(json!({"Type": "Pass", "Assign": {"y": 1}, "Output": "{% $y %}", "End": true}));
    check("/States/M/ItemProcessor", inner, "accepted");
    let mut definition = sound();
    definition["States"]["M"]["ItemProcessor"] =
        inside(json!({"Type": "Pass", "Assign": {"y": 1}, "End": true}));
    definition["States"]["E"]["Output"] = json!("{% $y %}");
    let error = StateMachine::parse(&definition.to_string())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("variable `$y` at `/States/E` is never assigned"),
        "an inner variable ends with its Map: {error}"
    );
}

#[test]
fn every_expression_is_parsed_beforehand() {
    for (pointer, place) in [
        ("/States/A/Output", "/States/A/Output"),
        ("/States/A/Arguments/Payload", "/States/A/Arguments/Payload"),
        ("/States/B/Seconds", "/States/B/Seconds"),
        ("/States/C/Choices/0/Condition", "/States/C/Choices[0]/Condition"),
        ("/States/M/Items", "/States/M/Items"),
        ("/States/M/ItemSelector", "/States/M/ItemSelector"),
        (
            "/States/M/ItemProcessor/States/P/Output",
            "/States/M/ItemProcessor/States/P/Output",
        ),
    ] {
        check(
            pointer,
            json!("{% 1 + %}"),
            &format!("expression `1 +` at `{place}` is refused"),
        );
        check(pointer, json!("{% $states.input.a ?? 1 %}"), "operator `??`");
    }
}

#[test]
fn the_project_s_own_file_is_accepted() {
    let text = include_str!("../../../../statemachine/backup.asl.json").replace("${Partition}", "aws");
    let states = StateMachine::parse(&text).unwrap().states();
    let tasks = states.iter().filter(|state| state.state_type == StateType::Task);
    assert!(
        tasks.clone().all(|task| task.function_name.is_some()),
        "every Task names its function: {states:?}"
    );
    assert!(tasks.count() >= 8);
    assert!(
        states.iter().any(|state| state.name == "VerifyObject"),
        "states inside a Map are listed too"
    );
}
