//! `Publish` and its rules.

use crate::support::{at, code, world};
use sim::world::sns::PublishRequest;

#[test]
fn messages_are_kept_with_a_text_per_protocol() {
    let mut world = world();
    let topic_arn = world.put_topic("alerts");
    assert_eq!(topic_arn, "arn:aws:sns:eu-west-1:000000000000:alerts");
    let request = PublishRequest {
        topic_arn: topic_arn.clone(),
        subject: Some("orders: backup done".to_owned()),
        message: r#"{"default":"card","email":"letter","number":1}"#.to_owned(),
        message_structure: Some("json".to_owned()),
    };
    let id = world.publish(&request, at(5)).unwrap();
    let [message] = world.messages(&topic_arn) else {
        panic!("one message is expected")
    };
    assert_eq!((&message.message_id, message.at), (&id, at(5)));
    assert_eq!(
        (message.body_for("email"), message.body_for("https")),
        ("letter", "card")
    );
    assert_eq!(id.len(), 36);
    assert_eq!(world.list_topics(at(6)).unwrap(), [topic_arn]);
}

/// Reason, subject, message, structure, answer.
type Case<'a> = (&'a str, Option<String>, &'a str, Option<String>, &'a str);

#[test]
fn subjects_and_structures_are_checked() {
    let text = |value: &str| Some(value.to_owned());
    let (long, longest) = ("x".repeat(100), "x".repeat(99));
    let (largest, too_large) = ("x".repeat(262_144), "x".repeat(262_145));
    let cases: Vec<Case<'_>> = vec![
        ("plain", None, "hello", None, "ok"),
        ("99 characters", text(&longest), "hello", None, "ok"),
        ("100 characters", text(&long), "hello", None, "InvalidParameter"),
        ("line break", text("a\nb"), "hello", None, "InvalidParameter"),
        ("not ASCII", text("größer"), "hello", None, "InvalidParameter"),
        (
            "begins with a blank",
            text(" a"),
            "hello",
            None,
            "InvalidParameter",
        ),
        ("empty subject", text(""), "hello", None, "InvalidParameter"),
        ("empty message", None, "", None, "InvalidParameter"),
        ("largest message", None, &largest, None, "ok"),
        ("too large", None, &too_large, None, "InvalidParameter"),
        (
            "JSON with default",
            None,
            r#"{"default":"x"}"#,
            text("json"),
            "ok",
        ),
        (
            "JSON without default",
            None,
            r#"{"email":"x"}"#,
            text("json"),
            "InvalidParameter",
        ),
        (
            "default is no text",
            None,
            r#"{"default":{}}"#,
            text("json"),
            "InvalidParameter",
        ),
        ("no JSON", None, "hello", text("json"), "InvalidParameter"),
        (
            "unknown structure",
            None,
            "hello",
            text("xml"),
            "InvalidParameter",
        ),
    ];
    for (reason, subject, message, message_structure, expected) in cases {
        let mut world = world();
        let topic_arn = world.put_topic("alerts");
        let request = PublishRequest {
            topic_arn: topic_arn.clone(),
            subject,
            message: message.to_owned(),
            message_structure,
        };
        assert_eq!(code(&world.publish(&request, at(0))), expected, "{reason}");
        assert_eq!(
            world.messages(&topic_arn).len(),
            usize::from(expected == "ok"),
            "{reason}"
        );
    }
}

#[test]
fn an_unknown_topic_is_not_found() {
    let request = PublishRequest {
        topic_arn: "arn:nobody".into(),
        message: "hello".into(),
        ..Default::default()
    };
    assert_eq!(code(&world().publish(&request, at(0))), "NotFound");
}
