//! Histories as `GetExecutionHistory` gives them with `reverseOrder`, and executions as `DescribeExecution` does.

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

#[tokio::test]
async fn an_execution_is_described_with_what_its_event_may_lack() {
    let arn = "arn:aws:states:eu-west-1:000000000000:execution:m:e";
    let ended = r#"{"executionArn":"arn:aws:states:eu-west-1:000000000000:execution:m:e",
      "stateMachineArn":"arn:aws:states:eu-west-1:000000000000:stateMachine:m","name":"e","status":"FAILED",
      "startDate":1795143604.123,"stopDate":1795152611.456,"input":"{\"cache\":1}","inputDetails":{"included":true},
      "redriveCount":1,"redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"too old",
      "error":"Backup.ExportFailed","cause":"nothing was written"}"#;
    let running = r#"{"executionArn":"a","stateMachineArn":"m","status":"RUNNING","startDate":1795143604}"#;
    let (replay, aws) = Replay::new(&[(200, &[], ended), (200, &[], running)]);
    let some = |text: &str| Some(text.to_owned());
    let want = DescribedExecution {
        status: "FAILED".to_owned(),
        input: some("{\"cache\":1}"),
        started_at: "2026-11-20T03:00:04.123Z".parse().ok(),
        stopped_at: "2026-11-20T05:30:11.456Z".parse().ok(),
        error: some("Backup.ExportFailed"),
        cause: some("nothing was written"),
        redrive_count: Some(1),
        redrive_status: some("NOT_REDRIVABLE"),
        redrive_reason: some("too old"),
    };
    assert_eq!(aws.describe_execution(arn).await.unwrap(), want);
    let want = DescribedExecution {
        status: "RUNNING".to_owned(),
        started_at: "2026-11-20T03:00:04Z".parse().ok(),
        ..DescribedExecution::default()
    };
    assert_eq!(
        aws.describe_execution(arn).await.unwrap(),
        want,
        "no field is missed"
    );
    expect![[r#"
        {"executionArn":"arn:aws:states:eu-west-1:000000000000:execution:m:e"}
        {"executionArn":"arn:aws:states:eu-west-1:000000000000:execution:m:e"}"#]]
    .assert_eq(&replay.forms().join("\n"));
}

#[tokio::test]
async fn a_key_that_may_not_be_used_is_told_by_its_name() {
    let answer = r#"{"__type":"KmsAccessDeniedException","message":"no kms:Decrypt"}"#;
    let (_, aws) = Replay::new(&[(400, &[], answer)]);
    let error = aws.describe_execution("arn").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "DescribeExecution answered `KmsAccessDeniedException`: no kms:Decrypt"
    );
}
