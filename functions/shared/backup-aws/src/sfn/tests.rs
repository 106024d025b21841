//! Histories as `GetExecutionHistory` gives them with `reverseOrder`.

use super::*;
use crate::testing::Replay;
use backup_core::CallErrorKind;
use expect_test::expect;

fn entered(id: i64, previous: i64, state: &str) -> EndEvent {
    EndEvent {
        id,
        previous,
        entered: Some(state.to_owned()),
        failure: None,
    }
}

fn failed(id: i64, previous: i64, error: &str) -> EndEvent {
    EndEvent {
        id,
        previous,
        entered: None,
        failure: Some((error.to_owned(), Some(format!("cause of {error}")))),
    }
}

fn other(id: i64, previous: i64) -> EndEvent {
    EndEvent {
        id,
        previous,
        ..EndEvent::default()
    }
}

#[test]
fn the_end_of_a_history_names_the_state_that_failed() {
    let check = |mut oldest_first: Vec<EndEvent>, state: Option<&str>, error: Option<&str>, why: &str| {
        oldest_first.reverse();
        let found = FailedState::read(&oldest_first);
        assert_eq!(
            (found.state.as_deref(), found.error.as_deref()),
            (state, error),
            "{why}"
        );
    };
    check(
        vec![
            other(1, 0),
            entered(2, 1, "CopyToS3"),
            failed(3, 2, "Backup.BucketNotGranted"),
            failed(4, 3, "Backup.BucketNotGranted"),
        ],
        Some("CopyToS3"),
        Some("Backup.BucketNotGranted"),
        "one task fails",
    );
    check(
        vec![
            entered(2, 1, "VerifyObject"),
            entered(3, 1, "WaitForTurn"),
            failed(4, 2, "Backup.Corrupt"),
            entered(5, 3, "OtherState"),
            failed(6, 4, "Backup.Corrupt"),
        ],
        Some("VerifyObject"),
        Some("Backup.Corrupt"),
        "a parallel iteration entered a state after the failing one did",
    );
    check(
        vec![
            entered(2, 1, "CreateSnapshot"),
            failed(3, 2, "Backup.Throttled"),
            entered(4, 3, "WaitForExport"),
            other(5, 0),
        ],
        Some("WaitForExport"),
        None,
        "a time-out while waiting is not the fault of an attempt long mended",
    );
    check(
        vec![
            entered(2, 1, "CheckExport"),
            failed(3, 2, "Backup.CacheBusy"),
            other(4, 3),
            failed(5, 4, "States.Timeout"),
        ],
        Some("CheckExport"),
        Some("States.Timeout"),
        "an attempt that timed out",
    );
    check(vec![], None, None, "no events at all");
    check(
        vec![failed(900, 899, "E")],
        None,
        Some("E"),
        "the state lies beyond the page",
    );
    check(
        vec![other(7, 8), other(8, 7)],
        None,
        None,
        "a history that is no history ends",
    );
}

#[tokio::test]
async fn events_are_asked_for_newest_first_and_read_by_their_details() {
    let answer = r#"{"events":[
      {"timestamp":1795143900,"type":"ExecutionFailed","id":5,"previousEventId":4,
       "executionFailedEventDetails":{"error":"Backup.ExportFailed","cause":"nothing was written"}},
      {"timestamp":1795143900,"type":"LambdaFunctionFailed","id":4,"previousEventId":3,
       "lambdaFunctionFailedEventDetails":{"error":"Backup.ExportFailed","cause":"nothing was written"}},
      {"timestamp":1795143899,"type":"LambdaFunctionScheduled","id":3,"previousEventId":2},
      {"timestamp":1795143899,"type":"TaskStateEntered","id":2,"previousEventId":1,
       "stateEnteredEventDetails":{"name":"CheckExport"}}]}"#;
    let (replay, aws) = Replay::new(&[(200, &[], answer)]);
    let found = aws
        .failed_state("arn:aws:states:eu-west-1:000000000000:execution:m:e")
        .await;
    let found = found.unwrap();
    assert_eq!(found.state.as_deref(), Some("CheckExport"));
    assert_eq!(found.error.as_deref(), Some("Backup.ExportFailed"));
    assert_eq!(found.cause.as_deref(), Some("nothing was written"));
    expect![[r#"{"executionArn":"arn:aws:states:eu-west-1:000000000000:execution:m:e","maxResults":1000,"reverseOrder":true}"#]].assert_eq(&replay.forms().join("\n"));
}

#[tokio::test]
async fn an_unknown_execution_is_not_found() {
    let answer = r#"{"__type":"ExecutionDoesNotExist","message":"no such execution"}"#;
    let (_, aws) = Replay::new(&[(400, &[], answer)]);
    let error = aws.failed_state("arn").await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (CallErrorKind::NotFound, "no such execution")
    );
}
