//! The endpoint as raw requests see it: who is let in, what is refused, and how faults look on the wire.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod wire_support;

use local::engine::Engine;
use sim::world::elasticache::{Group, Profile};
use sim::world::{Fault, Operation};
use wire_support::{Bench, Said, send, signed};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded; charset=utf-8";

async fn query(engine: &Engine, service: &str, body: &str) -> Option<Said> {
    send(
        engine.endpoint(),
        "POST /",
        &[FORM, &signed("test", service)],
        body,
    )
    .await
}

async fn elasticache(engine: &Engine, parameters: &str) -> Option<Said> {
    query(engine, "elasticache", &format!("Version=2015-02-02&{parameters}")).await
}

fn check(said: Option<Said>, status: u16, parts: &[&str]) {
    let said = said.unwrap();
    assert_eq!(said.status, status, "{said:?}");
    for part in parts {
        assert!(said.body.contains(part), "`{part}` is not in {}", said.body);
    }
}

async fn engine_with_orders(bench: &Bench) -> Engine {
    let engine = bench.engine().await;
    let orders = Group::disabled("orders", &["eu-west-1a", "eu-west-1b"], Profile::default());
    engine.world().edit(|world, _| world.put_group(orders)).unwrap();
    engine
}

#[tokio::test]
async fn only_the_access_key_of_the_local_world_is_let_in() {
    let Some(bench) = Bench::new() else { return };
    let engine = bench.engine().await;
    let url = engine.endpoint();
    let foreign = |service: &str| signed("AKIAREALKEY", service);
    let said = send(
        url,
        "POST /",
        &[FORM, &foreign("elasticache")],
        "Action=DescribeSnapshots",
    )
    .await;
    check(said, 403, &["<Code>InvalidClientTokenId</Code>"]);
    check(
        send(url, "POST /", &[FORM, &foreign("sns")], "Action=ListTopics").await,
        403,
        &["InvalidClientTokenId"],
    );
    let target = "X-Amz-Target: AWSStepFunctions.ListStateMachines";
    check(
        send(url, "POST /", &[target, &foreign("states")], "{}").await,
        400,
        &["UnrecognizedClientException"],
    );
    check(
        send(url, "GET /", &[&foreign("s3")], "").await,
        403,
        &["<Code>InvalidAccessKeyId</Code>"],
    );
    check(
        send(url, "POST /", &[FORM], "Action=DescribeSnapshots").await,
        403,
        &["MissingAuthenticationToken"],
    );
    check(
        send(url, "GET /bucket", &[], "").await,
        403,
        &["<Error>", "not signed"],
    );
    let said = send(
        url,
        "GET /",
        &[
            &signed("test", "s3"),
            "x-amz-date: 20260301T000000Z",
            "x-amz-content-sha256: UNSIGNED-PAYLOAD",
        ],
        "",
    )
    .await;
    assert!(said.unwrap().status >= 400, "S3 checks the signature too");
}

#[tokio::test]
async fn a_query_request_is_checked_before_it_is_answered() {
    let Some(bench) = Bench::new() else { return };
    let engine = engine_with_orders(&bench).await;
    check(
        query(&engine, "elasticache", "Version=2015-02-02").await,
        400,
        &["<Code>MissingAction</Code>"],
    );
    check(
        elasticache(&engine, "Action=RebootCacheCluster").await,
        400,
        &["<Code>InvalidAction</Code>", "RebootCacheCluster"],
    );
    let old = query(
        &engine,
        "elasticache",
        "Action=DescribeSnapshots&Version=2014-01-01",
    )
    .await;
    check(old, 400, &["<Code>InvalidAction</Code>", "2014-01-01"]);
    check(
        elasticache(&engine, "Action=CreateSnapshot").await,
        400,
        &["<Code>MissingParameter</Code>", "SnapshotName"],
    );
    check(
        query(&engine, "sts", "Action=GetCallerIdentity").await,
        400,
        &["`sts` is not modelled"],
    );
    let unknown = elasticache(
        &engine,
        "Action=DescribeReplicationGroups&ReplicationGroupId=nobody",
    )
    .await;
    check(
        unknown,
        404,
        &[
            "<ErrorResponse xmlns=",
            "<Type>Sender</Type><Code>ReplicationGroupNotFoundFault</Code>",
            "<RequestId>",
        ],
    );
}

#[tokio::test]
async fn a_snapshot_is_written_as_the_service_writes_it() {
    let Some(bench) = Bench::new() else { return };
    let engine = engine_with_orders(&bench).await;
    let create = "Action=CreateSnapshot&SnapshotName=One&CacheClusterId=orders-002&Tags.Tag.1.Key=a&Tags.Tag.1.Value=1";
    let said = elasticache(&engine, create).await.unwrap();
    assert_eq!(said.status, 200, "{said:?}");
    assert!(said.head.contains("x-amzn-requestid: "), "{}", said.head);
    assert!(said.head.contains("content-type: text/xml"), "{}", said.head);
    for part in [
        "<CreateSnapshotResponse xmlns=\"http://elasticache.amazonaws.com/doc/2015-02-02/\"><CreateSnapshotResult><Snapshot>",
        "<SnapshotName>one</SnapshotName>",
        "<SnapshotStatus>creating</SnapshotStatus>",
        "<NodeSnapshots><NodeSnapshot>",
        "<CacheSize/>",
        "</Snapshot></CreateSnapshotResult><ResponseMetadata><RequestId>",
    ] {
        assert!(said.body.contains(part), "`{part}` is not in {}", said.body);
    }
    assert!(
        !said.body.contains("KmsKeyId"),
        "absent members are left out: {}",
        said.body
    );
    assert!(
        !said.body.contains("SnapshotCreateTime"),
        "not there before the snapshot is: {}",
        said.body
    );
    let listed = elasticache(&engine, "Action=DescribeSnapshots&SnapshotName=one").await;
    check(
        listed,
        200,
        &["<DescribeSnapshotsResult>", "<Snapshots><Snapshot>"],
    );
    let none = elasticache(&engine, "Action=DescribeSnapshots&SnapshotName=two").await;
    check(none, 200, &["<Snapshots></Snapshots>"]);
    let get = "GET /?Action=DescribeSnapshots&Version=2015-02-02";
    check(
        send(engine.endpoint(), get, &[&signed("test", "elasticache")], "").await,
        200,
        &["<Snapshots>"],
    );
}

#[tokio::test]
async fn faults_of_the_world_show_on_the_wire() {
    let Some(bench) = Bench::new() else { return };
    let engine = engine_with_orders(&bench).await;
    let arm = |operation, fault| {
        engine
            .world()
            .edit(|world, _| world.arm(operation, fault, 1))
            .unwrap();
    };
    let create = "Action=CreateSnapshot&SnapshotName=lost&CacheClusterId=orders-002";

    arm(Operation::CreateSnapshot, Fault::Throttle);
    check(
        elasticache(&engine, create).await,
        400,
        &["<Code>Throttling</Code><Message>Rate exceeded</Message>"],
    );
    arm(Operation::CreateSnapshot, Fault::ErrorBefore);
    check(
        elasticache(&engine, create).await,
        500,
        &["<Type>Receiver</Type><Code>InternalFailure</Code>"],
    );
    arm(Operation::CreateSnapshot, Fault::LostRequest);
    assert!(elasticache(&engine, create).await.is_none(), "no answer");
    check(
        elasticache(&engine, "Action=DescribeSnapshots").await,
        200,
        &["<Snapshots></Snapshots>"],
    );
    arm(Operation::CreateSnapshot, Fault::LostAnswer);
    assert!(
        elasticache(&engine, create).await.is_none(),
        "no answer, but the effect"
    );
    check(
        elasticache(&engine, "Action=DescribeSnapshots").await,
        200,
        &["<SnapshotName>lost</SnapshotName>"],
    );
    check(
        elasticache(&engine, create).await,
        400,
        &["<Code>SnapshotAlreadyExistsFault</Code>"],
    );
}

#[tokio::test]
async fn step_functions_refuses_by_its_own_names() {
    let Some(bench) = Bench::new() else { return };
    let engine = bench.engine().await;
    let machine = "arn:aws:states:eu-west-1:000000000000:stateMachine:machine";
    let cases = [
        (
            "StartExecution",
            r#"{"stateMachineArn": "M", "name": "a b"}"#,
            "InvalidName",
        ),
        (
            "StartExecution",
            r#"{"stateMachineArn": "M", "input": "{"}"#,
            "InvalidExecutionInput",
        ),
        (
            "StartExecution",
            r#"{"stateMachineArn": "Mx"}"#,
            "StateMachineDoesNotExist",
        ),
        (
            "StartExecution",
            r#"{"stateMachineArn": "machine"}"#,
            "InvalidArn",
        ),
        ("StartExecution", "{}", "ValidationException"),
        (
            "DescribeExecution",
            r#"{"executionArn": "E:nobody"}"#,
            "ExecutionDoesNotExist",
        ),
        ("RedriveExecution", r#"{"executionArn": "M"}"#, "InvalidArn"),
        (
            "ListExecutions",
            r#"{"stateMachineArn": "M", "nextToken": "x"}"#,
            "InvalidToken",
        ),
        ("DeleteStateMachine", "{}", "UnknownOperationException"),
    ];
    for (operation, body, code) in cases {
        let body = body.replace("\"M", &format!("\"{machine}")).replace(
            "\"E",
            &format!("\"{}", machine.replace("stateMachine", "execution")),
        );
        let target = format!("X-Amz-Target: AWSStepFunctions.{operation}");
        let said = send(
            engine.endpoint(),
            "POST /",
            &[&target, &signed("test", "states")],
            &body,
        )
        .await;
        check(said, 400, &[&format!(r#""__type":"{code}""#)]);
    }
}
