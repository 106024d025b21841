//! Events that leave out what the execution tells: under a customer managed key, or because the input is large.
use crate::handle::{MARKER, denied, is_silent};
use crate::world::{EXECUTION, World, encrypted, event, notify};
use serde_json::{Value, json};

/// An execution that stands as this full event's `detail` tells it, and the event under a customer managed key.
fn hidden(detail: &Value) -> (World, Value) {
    let (world, event) = (denied(), event(detail));
    world.describe(&event["detail"]);
    (world, encrypted(event))
}

#[test]
fn an_event_without_input_is_marked_where_one_with_it_is() {
    let (world, hidden) = hidden(&json!({}));
    assert_eq!(notify(&world, hidden.clone()).unwrap().marked, Some(true));
    assert!(world.object(MARKER).is_some());
    assert!(is_silent(&notify(&world, hidden).unwrap()));
    assert!(
        is_silent(&notify(&world, event(&json!({}))).unwrap()),
        "whichever form the second delivery has"
    );
}

#[test]
fn the_marker_lies_under_the_count_of_the_attempt_that_is_told() {
    let later = json!({"status": "RUNNING", "stopDate": null, "redriveCount": 1});
    let other = json!({"stopDate": 1_795_152_999_000_u64, "redriveCount": 1});
    let cases = [
        (json!({}), json!({}), Some("alert-0.json"), "as it was"),
        (
            json!({}),
            later.clone(),
            Some("alert-0.json"),
            "re-driven since: the event's own count",
        ),
        (json!({}), other.clone(), Some("alert-0.json"), "and failed again"),
        (
            json!({"redriveCount": null}),
            json!({}),
            Some("alert-0.json"),
            "told by the execution",
        ),
        (
            json!({"redriveCount": null}),
            later,
            None,
            "of a later attempt, so no marker can be trusted",
        ),
        (
            json!({"redriveCount": null}),
            other,
            None,
            "of a later attempt that ended",
        ),
    ];
    for (fields, described, marker, why) in cases {
        let world = denied();
        world.describe(&event(&described)["detail"]);
        let output = notify(&world, encrypted(event(&fields))).unwrap();
        assert_eq!(output.marked, Some(marker.is_some()), "{why}");
        let objects = world.objects.lock().unwrap();
        let written: Vec<_> = objects
            .keys()
            .map(|key| key.rsplit('/').next().unwrap())
            .collect();
        assert_eq!(written, marker.into_iter().collect::<Vec<_>>(), "{why}");
    }
}

#[test]
fn a_large_input_is_looked_up_and_the_events_own_error_stands() {
    let (world, _) = hidden(&json!({"error": "Backup.Corrupt", "cause": "from the execution"}));
    let told = json!({"input": null, "error": "Backup.ExportFailed", "cause": "from the event"});
    notify(&world, event(&told)).unwrap();
    let mail = world.messages().remove(0).email;
    assert!(
        mail.contains("replication-group/orders") && mail.contains("from the event"),
        "{mail}"
    );
    assert!(!mail.contains("from the execution"), "{mail}");
}

#[test]
fn of_a_run_that_was_redriven_since_only_the_events_own_words_are_told() {
    let later =
        json!({"status": "RUNNING", "stopDate": null, "redriveCount": 1, "redriveStatus": "NOT_REDRIVABLE"});
    let own = json!({"error": "Backup.ExportFailed", "cause": "from the event"});
    for (status, fields, error, why) in [
        ("FAILED", &json!({}), "unknown", "the event tells no error"),
        ("FAILED", &own, "Backup.ExportFailed", "a large input: it does"),
        ("TIMED_OUT", &json!({}), "unknown", "nor of a time-out"),
        (
            "ABORTED",
            &own,
            "Backup.ExportFailed",
            "of what was stopped as well",
        ),
    ] {
        let (world, _) = hidden(&later);
        let mut told = event(fields);
        told["detail"]["status"] = json!(status);
        told["detail"]["input"] = Value::Null;
        notify(&world, told).unwrap();
        assert_eq!(world.count("GetExecutionHistory"), 0, "{why}: it is another's");
        let message = world.messages().remove(0);
        let mail = &message.email;
        assert!(
            !message.subject.contains("CopyToS3"),
            "{why}: {}",
            message.subject
        );
        assert!(mail.contains("\nState             unknown\n"), "{why}: {mail}");
        let row = mail
            .lines()
            .find_map(|line| line.strip_prefix("Error").or(line.strip_prefix("Last error")));
        assert_eq!(row.map(str::trim), Some(error), "{why}: {mail}");
        assert!(
            mail.contains("1. Look at the run in the console"),
            "{why}: {mail}"
        );
        for command in ["redrive-execution", "start-execution"] {
            assert!(!mail.contains(command), "{why}: {mail}");
            assert!(!message.default.contains(command), "{why}: {}", message.default);
        }
    }
}

#[test]
fn what_was_told_without_the_input_is_not_told_again_with_it() {
    let blind = denied().breaking(&["DescribeExecution"]);
    let hidden = encrypted(event(&json!({})));
    assert!(notify(&blind, hidden.clone()).unwrap().published);
    let unknown = "alerts/orders-0a1b2c3d/alert-0.json";
    let marker = blind.object(unknown).unwrap();
    let other = EXECUTION.replace("0a1b", "ffff");
    for (detail, told, why) in [
        (json!({}), false, "the same attempt"),
        (json!({"redriveCount": 1}), true, "the next one"),
        (json!({"executionArn": other}), true, "a duplicate execution"),
    ] {
        for is_hidden in [false, true] {
            let world = denied().with_object(unknown, &marker.to_string());
            let event = event(&detail);
            world.describe(&event["detail"]);
            let event = if is_hidden { encrypted(event) } else { event };
            let output = notify(&world, event).unwrap();
            assert_eq!(output.published, told, "{why}, {is_hidden}");
            let reason = format!("`{unknown}` shows that this attempt was told");
            assert_eq!(output.reason, (!told).then_some(reason), "{why}, {is_hidden}");
        }
    }
    assert!(
        is_silent(&notify(&blind, hidden).unwrap()),
        "nor without it once more"
    );
}
