//! Whatever an event holds, the message is one that SNS, mail and chat take.
use crate::world::{World, event, notify, success};
use backup_core::ports::FailedState;
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON of any shape, shallow.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-zA-Z]{1,9}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn any_input() -> impl Strategy<Value = Value> {
    let fields = || (any_json(), any_json(), any_json());
    prop_oneof![
        any_json(),
        fields().prop_map(|(cache, plan, at)| json!(
            json!({"cache": cache, "plan": plan, "scheduledTime": at}).to_string()
        )),
        fields().prop_map(|(kind, id, rest)| json!(
            json!({"cache": {"kind": kind, "id": id}, "rest": rest}).to_string()
        )),
        Just(json!(
            json!({"cache": {"kind": "replication-group", "id": "orders"}, "note": "x".repeat(200_000)})
                .to_string()
        )),
    ]
}

/// The bounds of a publish: SNS counts the whole message, both forms together (API reference: `Publish`).
fn assert_sendable(world: &World) -> Result<(), TestCaseError> {
    let messages = world.messages();
    prop_assert_eq!(messages.len(), 1);
    let message = &messages[0];
    prop_assert!(message.subject.len() < 100);
    prop_assert!(
        message.subject.bytes().all(|b| (b' '..=b'~').contains(&b)),
        "{}",
        message.subject
    );
    prop_assert!(message.subject.starts_with("[snapkeep] "));
    let wire = json!({"email": message.email, "default": message.default}).to_string();
    prop_assert!(wire.len() < 65_536, "far below 256 KiB: {}", wire.len());
    prop_assert!(!message.email.contains(|c: char| c.is_control() && c != '\n'));
    let chat: Value = serde_json::from_str(&message.default).unwrap();
    let content = &chat["content"];
    let length = |text: &Value| text.as_str().unwrap().chars().count();
    prop_assert!(length(&content["title"]) <= 250 && length(&content["description"]) <= 8000);
    prop_assert!(
        content["nextSteps"]
            .as_array()
            .unwrap()
            .iter()
            .all(|step| length(step) <= 350)
    );
    Ok(())
}

/// Fields of `detail` that may hold anything.
const ODD: &str = "startDate|stopDate|redrive(Count|Status|StatusReason)|error|cause|stateMachineArn|name";

/// Every line but commands, links, and words that are longer than a line keeps to 76 columns.
fn assert_narrow(mail: &str) -> Result<(), TestCaseError> {
    for line in mail.lines().filter(|line| line.chars().count() > 76) {
        let long = ["   aws ", "https://", "snapkeep, "]
            .iter()
            .any(|start| line.starts_with(start));
        let word = line.split_whitespace().any(|word| word.chars().count() > 50);
        prop_assert!(long || word, "{line}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_failure_is_told_in_bounds(
        status in prop_oneof![Just("FAILED"), Just("TIMED_OUT"), Just("ABORTED")],
        input in any_input(),
        odd in proptest::collection::btree_map(ODD, any_json(), 0..5),
        state in proptest::option::of(any::<String>()),
        error in proptest::option::of("\\PC{0,600}"),
        cause in proptest::option::of("(?s).{0,6000}"),
    ) {
        let mut detail = json!(odd);
        detail["status"] = json!(status);
        detail["input"] = input;
        let world = World { history: FailedState { state, error, cause }, ..World::default() };
        prop_assert!(notify(&world, event(&detail)).unwrap().published);
        assert_sendable(&world)?;
        assert_narrow(&world.messages()[0].email)?;
    }

    #[test]
    fn every_warning_is_told_in_bounds(
        warnings in proptest::collection::vec("(?s).{0,900}", 1..30),
        reasons in proptest::collection::vec("(?s).{0,900}", 0..30),
        key in any::<String>(),
        keys in any::<u64>(),
    ) {
        let suspicion = json!({"reasons": reasons, "comparedWith": null});
        let backup = json!({"manifestKey": key, "keys": keys, "suspicion": suspicion});
        let world = World::default();
        let output = notify(&world, success("failure", backup, json!({"warnings": warnings}))).unwrap();
        prop_assert!(output.published);
        assert_sendable(&world)?;
        assert_narrow(&world.messages()[0].email)?;
    }
}
