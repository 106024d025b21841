use super::*;
use serde_json::json;

/// An event as it comes under a customer managed key, with fields of `detail` replaced.
fn event(fields: &serde_json::Value) -> StatusEvent {
    let mut event = json!({
        "detail-type": crate::event::DETAIL_TYPE, "time": "2026-11-20T05:30:12Z",
        "detail": {
            "executionArn": "arn:aws:states:eu-west-1:1:execution:m:e", "status": "FAILED",
            "startDate": 1_795_143_604_123_u64, "stopDate": 1_795_152_611_456_u64, "input": null, "redriveCount": 1,
            "redriveStatus": "REDRIVABLE", "error": null, "cause": null
        }
    });
    for (field, value) in fields.as_object().unwrap() {
        event["detail"][field] = value.clone();
    }
    StatusEvent::read(&event).unwrap()
}

/// The description of the attempt that [`event`] tells of.
fn described() -> DescribedExecution {
    let some = |text: &str| Some(text.to_owned());
    DescribedExecution {
        status: "FAILED".to_owned(),
        input: some(r#"{"cache":1}"#),
        started_at: "2026-11-20T03:00:04.123Z".parse().ok(),
        stopped_at: "2026-11-20T05:30:11.456Z".parse().ok(),
        error: some("Backup.Corrupt"),
        cause: some("at byte 7"),
        redrive_count: Some(1),
        redrive_status: some("REDRIVABLE"),
        redrive_reason: None,
    }
}

fn running(redrive_count: u32) -> DescribedExecution {
    DescribedExecution {
        status: "RUNNING".to_owned(),
        stopped_at: None,
        error: None,
        cause: None,
        redrive_count: Some(redrive_count),
        redrive_status: Some("NOT_REDRIVABLE".to_owned()),
        ..described()
    }
}

fn ended(status: &str, at: &str, redrive_count: u32) -> DescribedExecution {
    DescribedExecution {
        status: status.to_owned(),
        stopped_at: at.parse().ok(),
        redrive_count: Some(redrive_count),
        ..described()
    }
}

#[test]
fn which_attempt_a_description_is_of() {
    let (counted, uncounted) = (json!({}), json!({"redriveCount": null}));
    let bare = json!({"redriveCount": null, "stopDate": null});
    let same = "2026-11-20T05:30:11.456Z";
    let cases = [
        (&counted, described(), Attempt::Same, "the same count"),
        (
            &counted,
            running(1),
            Attempt::Same,
            "the same count, lagging behind its end",
        ),
        (
            &counted,
            running(2),
            Attempt::Later,
            "re-driven since, and running",
        ),
        (
            &counted,
            ended("FAILED", "2026-11-20T05:40:00Z", 2),
            Attempt::Later,
            "failed again",
        ),
        (
            &counted,
            ended("FAILED", "2026-11-20T04:00:00Z", 0),
            Attempt::Other,
            "an older answer",
        ),
        (&uncounted, described(), Attempt::Same, "the same end"),
        (
            &uncounted,
            ended("ABORTED", same, 1),
            Attempt::Other,
            "the same end, another status",
        ),
        (
            &uncounted,
            ended("FAILED", "2026-11-20T05:40:00Z", 2),
            Attempt::Later,
            "a later end",
        ),
        (
            &uncounted,
            ended("FAILED", "2026-11-20T04:00:00Z", 0),
            Attempt::Other,
            "an earlier end",
        ),
        (&uncounted, running(2), Attempt::Later, "running again"),
        (
            &uncounted,
            running(0),
            Attempt::Other,
            "never re-driven, so the answer lags behind",
        ),
        (&bare, described(), Attempt::Other, "nothing to hold it against"),
        (&bare, running(1), Attempt::Later, "ended once and runs"),
    ];
    for (fields, described, want, why) in cases {
        assert_eq!(attempt_of(&event(fields), &described), want, "{why}");
    }
}

#[test]
fn only_the_same_attempt_tells_more_than_input_and_start() {
    let lacking = json!({"redriveCount": null, "redriveStatus": null, "startDate": null});
    for attempt in [Attempt::Same, Attempt::Later, Attempt::Other] {
        let mut event = event(&lacking);
        add(&mut event, described(), attempt);
        assert_eq!(event.input, Some(json!({"cache": 1})), "{attempt:?}");
        assert_eq!(event.started_at, described().started_at, "{attempt:?}");
        let is_same = attempt == Attempt::Same;
        let count = is_same.then_some(1);
        assert_eq!(
            event.redrive_count, count,
            "{attempt:?}: the marker lies under it"
        );
        assert_eq!(event.error.is_some(), is_same, "{attempt:?}");
        assert_eq!(event.cause.is_some(), is_same, "{attempt:?}");
        assert_eq!(event.redrive_status.is_some(), is_same, "{attempt:?}");
    }
}

#[test]
fn whether_it_can_be_redriven_is_told_by_an_answer_of_the_same_status() {
    let some = |text: &str| Some(text.to_owned());
    for (described, want, why) in [
        (described(), some("REDRIVABLE"), "the event's own"),
        (running(1), None, "it lags behind, and what runs cannot be"),
        (
            ended("ABORTED", "2026-11-20T05:30:11.456Z", 1),
            None,
            "another end",
        ),
    ] {
        let mut event = event(&json!({"redriveStatus": null}));
        let reason = DescribedExecution {
            redrive_reason: some("as it stands"),
            ..described
        };
        add(&mut event, reason, Attempt::Same);
        assert_eq!(event.redrive_reason.is_some(), want.is_some(), "{why}");
        assert_eq!(event.redrive_status, want, "{why}");
    }
}

#[test]
fn what_the_event_tells_stands() {
    let told = json!({"error": "States.Timeout", "cause": "after a day", "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "too old", "startDate": 1_000_u64});
    let mut event = event(&told);
    let before = event.clone();
    add(&mut event, described(), Attempt::Same);
    assert_eq!(
        event,
        StatusEvent {
            input: Some(json!({"cache": 1})),
            ..before
        }
    );
}
