use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A field beside a good cache as JSON text, a part of the refusal, and why it is refused.
const BAD_FIELDS: &[(&str, &str, &str)] = &[
    (r#""retetion": {}"#, "unknown field `retetion`", "misspelt"),
    (
        r#""plan": "a/b""#,
        "`plan` is `a/b`",
        "a slash would leave the owner",
    ),
    (r#""plan": """#, "`plan` is ``", "empty"),
    (
        r#""plan": "-a""#,
        "not starting with a hyphen",
        "a leading hyphen",
    ),
    (r#""plan": "Nightly""#, "`plan` is `Nightly`", "upper case"),
    (r#""plan": 7"#, "`plan` is not valid", "no text"),
    (
        r#""scheduledTime": "tonight""#,
        "`scheduledTime` is not valid",
        "no time",
    ),
    (
        r#""scheduledTime": "2026-11-20T03:04:00""#,
        "`scheduledTime` is not valid",
        "no zone",
    ),
    (
        r#""source": "copy""#,
        "`copy`, expected `newSnapshot` or `latestAutomatic`",
        "unknown source",
    ),
    (
        r#""deadlineSeconds": 60"#,
        "`deadlineSeconds` is `60`, allowed is 600 to 82800",
        "too short",
    ),
    (
        r#""deadlineSeconds": 599"#,
        "allowed is 600 to 82800",
        "just too short",
    ),
    (
        r#""deadlineSeconds": 82801"#,
        "allowed is 600 to 82800",
        "not below the machine's own",
    ),
    (
        r#""deadlineSeconds": -1"#,
        "`deadlineSeconds` is not valid",
        "negative",
    ),
    (
        r#""anomaly": {"maxKeyShrinkPercent": 101}"#,
        "`anomaly.maxKeyShrinkPercent` is `101`, allowed is 0 to 100",
        "over 100",
    ),
    (
        r#""anomaly": {"maxByteShrinkPercent": 255}"#,
        "`anomaly.maxByteShrinkPercent` is `255`",
        "over 100",
    ),
    (
        r#""anomaly": {"maxKeyShrinkPercent": 256}"#,
        "`anomaly.maxKeyShrinkPercent` is not valid",
        "no byte",
    ),
    (
        r#""anomaly": {"percent": 1}"#,
        "unknown field `percent`",
        "misspelt within",
    ),
    (
        r#""retention": {"keepLast": -1}"#,
        "`retention.keepLast` is not valid",
        "negative",
    ),
    (
        r#""retention": {}"#,
        "`retention` has no rule",
        "checked as a whole",
    ),
    (
        r#""notify": "never""#,
        "`never`, expected one of",
        "silence is not on offer",
    ),
];

/// A whole input, a part of the refusal, and why it is refused.
const BAD_INPUTS: &[(&str, &str, &str)] = &[
    ("{}", "missing field `cache`", "nothing given"),
    (r#""orders""#, "the input is not valid", "not an object"),
    ("null", "the input is not valid", "null"),
    (
        r#"{"cache": {"kind": "cluster", "id": "a"}}"#,
        "`cluster`, expected one of",
        "unknown kind",
    ),
    (
        r#"{"cache": {"kind": "cache-cluster"}}"#,
        "missing field `id`",
        "no id",
    ),
    (
        r#"{"cache": {"kind": "cache-cluster", "id": "a-"}}"#,
        "`a-` is no cache id",
        "illegal id",
    ),
    (
        r#"{"cache": {"kind": "cache-cluster", "id": "a", "region": "eu-west-1"}}"#,
        "unknown field `region`",
        "more than a cache",
    ),
];

fn refused(value: Value, part: &str, why: &str) {
    let error = ExecutionInput::parse(value).unwrap_err();
    assert_eq!(error.name, ErrorName::InvalidInput, "{why}");
    assert!(error.message.contains(part), "{why}: {}", error.message);
}

/// A good cache and one more field, as JSON text.
fn with(field: &str) -> Value {
    let cache = r#""cache": {"kind": "cache-cluster", "id": "a"}"#;
    serde_json::from_str(&format!("{{{cache}, {field}}}")).unwrap()
}

#[test]
fn bad_input_names_the_field_the_value_and_what_is_allowed() {
    for (field, part, why) in BAD_FIELDS {
        refused(with(field), part, why);
    }
    for (input, part, why) in BAD_INPUTS {
        refused(serde_json::from_str(input).unwrap(), part, why);
    }
}

#[test]
fn bounds_belong_to_what_is_allowed() {
    for field in [
        r#""deadlineSeconds": 600"#,
        r#""deadlineSeconds": 82800"#,
        r#""anomaly": {"maxKeyShrinkPercent": 0, "maxByteShrinkPercent": 100}"#,
        r#""plan": "7-nights""#,
        r#""plan": "a-plan-whose-name-has-its-40-characters-""#,
        r#""retention": {"keepLast": 1}"#,
        r#""notify": "failure""#,
    ] {
        assert_eq!(ExecutionInput::parse(with(field)).err(), None, "{field}");
    }
}

#[test]
fn only_the_cache_is_required() {
    let input = json!({"cache": {"kind": "replication-group", "id": "Orders"}});
    let input = ExecutionInput::parse(input).unwrap();
    assert_eq!(input.cache.to_string(), "replication-group/orders");
    let start = "2026-11-20T03:04:59Z".parse().unwrap();
    assert_eq!(input.instant(start).unwrap().to_string(), "20261120t0304z");
    let again = serde_json::to_value(&input).unwrap();
    let want = json!({"cache": {"kind": "replication-group", "id": "orders"}});
    assert_eq!(again, want, "what was not given is not made up");
}

#[test]
fn the_scheduled_time_goes_before_the_start_and_has_bounds() {
    let start = "2026-11-20T03:04:59Z".parse().unwrap();
    let instant = |time: &str| {
        let input = ExecutionInput::parse(with(&format!(r#""scheduledTime": "{time}""#)));
        input.unwrap().instant(start).map(|instant| instant.to_string())
    };
    let late = instant("2026-11-20T04:59:59+02:00");
    assert_eq!(late.as_deref(), Ok("20261120t0259z"), "in UTC, cut to the minute");
    let error = instant("1999-12-31T23:59:59Z").unwrap_err();
    let want = "`scheduledTime` is `1999-12-31T23:59:59Z`, allowed is a time in the years 2000 to 9999";
    assert_eq!(
        (error.name, error.message.as_str()),
        (ErrorName::InvalidInput, want)
    );
}

#[test]
fn a_plan_that_says_nothing_of_anomalies_has_half_as_the_limit() {
    let half = Anomaly {
        max_key_shrink_percent: 50,
        max_byte_shrink_percent: 50,
    };
    assert_eq!(Anomaly::default(), half);
    let input = ExecutionInput::parse(with(r#""anomaly": {"maxKeyShrinkPercent": 7}"#)).unwrap();
    let want = Anomaly {
        max_key_shrink_percent: 7,
        ..half
    };
    assert_eq!(input.anomaly, Some(want), "one limit leaves the other");
}

proptest! {
    #[test]
    fn words_hold_no_slash_and_no_capital(text in "[a-zA-Z0-9/ _.-]{0,42}") {
        let legal = !text.is_empty() && text.len() <= 40 && !text.starts_with('-')
            && !text.contains(|c: char| c.is_ascii_uppercase() || "/ _.".contains(c));
        let judged = check_word("plan", &text);
        prop_assert_eq!(judged.is_ok(), legal, "{}", text);
    }
}
