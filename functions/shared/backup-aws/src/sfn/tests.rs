//! Histories as `GetExecutionHistory` gives them with `reverseOrder`.

use super::*;
use crate::testing::Replay;
use backup_core::CallErrorKind;
use expect_test::expect;

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
