//! Requests as they go over the wire, and answers as the service has been seen to give them.

mod finding;

use super::*;
use crate::testing::{Answer, Replay};
use backup_core::ports::DescribeSnapshot;
use backup_core::{CacheId, CacheRef, CallErrorKind};
use expect_test::{Expect, expect};

/// An answer with only its wrapper, which is all that the mutating operations are asked for.
fn done(operation: &str) -> String {
    format!("<{operation}Response><{operation}Result/></{operation}Response>")
}

fn fault(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    )
}

fn result(operation: &str, inside: &str) -> String {
    format!("<{operation}Response><{operation}Result>{inside}</{operation}Result></{operation}Response>")
}

fn with(answers: &[Answer<'_>]) -> (Replay, Aws) {
    Replay::new(answers)
}

fn name() -> SnapshotName {
    SnapshotName::from_service("orders-202611200304")
}

fn cache(kind: CacheKind) -> CacheRef {
    let id = CacheId::parse("orders").unwrap();
    CacheRef { kind, id }
}

#[tokio::test]
async fn snapshots_are_asked_for_by_their_source_and_with_tags() {
    let tags = vec![Tag {
        key: "snapkeep:run".into(),
        value: "replication-group/orders/20261120t0304z".into(),
    }];
    let check = async |source: SnapshotSource, operation: &str, want: Expect| {
        let (replay, elasticache) = with(&[(200, &[], &done(operation))]);
        let params = CreateSnapshotParams {
            name: name(),
            source,
            tags: tags.clone(),
        };
        elasticache.create_snapshot(&params).await.unwrap();
        want.assert_eq(&replay.forms().join("\n"));
    };
    check(
        SnapshotSource::ReplicationGroup("orders".into()),
        "CreateSnapshot",
        expect!["Action=CreateSnapshot&Version=2015-02-02&ReplicationGroupId=orders&SnapshotName=orders-202611200304&Tags.Tag.1.Key=snapkeep:run&Tags.Tag.1.Value=replication-group/orders/20261120t0304z"],
    )
    .await;
    check(
        SnapshotSource::CacheCluster("orders-002".into()),
        "CreateSnapshot",
        expect!["Action=CreateSnapshot&Version=2015-02-02&CacheClusterId=orders-002&SnapshotName=orders-202611200304&Tags.Tag.1.Key=snapkeep:run&Tags.Tag.1.Value=replication-group/orders/20261120t0304z"],
    )
    .await;
    check(
        SnapshotSource::ServerlessCache("orders".into()),
        "CreateServerlessCacheSnapshot",
        expect!["Action=CreateServerlessCacheSnapshot&Version=2015-02-02&ServerlessCacheSnapshotName=orders-202611200304&ServerlessCacheName=orders&Tags.Tag.1.Key=snapkeep:run&Tags.Tag.1.Value=replication-group/orders/20261120t0304z"],
    )
    .await;
}

#[tokio::test]
async fn exports_and_deletions_name_bucket_and_target() {
    let check = async |kind: CacheKind, export: &str, delete: &str, want: Expect| {
        let (replay, elasticache) = with(&[(200, &[], &done(export)), (200, &[], &done(delete))]);
        let params = ExportSnapshotParams {
            kind,
            snapshot: name(),
            target: "backups/replication-group/orders/20261120t0304z/orders".into(),
        };
        elasticache.export_snapshot(&params).await.unwrap();
        elasticache.delete_snapshot(kind, &name()).await.unwrap();
        want.assert_eq(&replay.forms().join("\n"));
    };
    check(
        CacheKind::ReplicationGroup,
        "CopySnapshot",
        "DeleteSnapshot",
        expect![[r#"
            Action=CopySnapshot&Version=2015-02-02&SourceSnapshotName=orders-202611200304&TargetSnapshotName=backups/replication-group/orders/20261120t0304z/orders&TargetBucket=backups-bucket
            Action=DeleteSnapshot&Version=2015-02-02&SnapshotName=orders-202611200304"#]],
    )
    .await;
    check(
        CacheKind::ServerlessCache,
        "ExportServerlessCacheSnapshot",
        "DeleteServerlessCacheSnapshot",
        expect![[r#"
            Action=ExportServerlessCacheSnapshot&Version=2015-02-02&ServerlessCacheSnapshotName=orders-202611200304&S3BucketName=backups-bucket
            Action=DeleteServerlessCacheSnapshot&Version=2015-02-02&ServerlessCacheSnapshotName=orders-202611200304"#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn reads_are_tried_again_and_mutations_never() {
    let down = fault("ServiceUnavailable", "try later");
    let listed = result("DescribeSnapshots", "<Snapshots/>");
    let (replay, elasticache) = with(&[(503, &[], &down), (503, &[], &down), (200, &[], &listed)]);
    let found = elasticache
        .describe_snapshot(CacheKind::CacheCluster, &name())
        .await;
    assert_eq!(found.unwrap(), None);
    assert_eq!(replay.forms().len(), 3, "two failures and the answer");

    let params = ExportSnapshotParams {
        kind: CacheKind::CacheCluster,
        snapshot: name(),
        target: "t".into(),
    };
    let create = CreateSnapshotParams {
        name: name(),
        source: SnapshotSource::CacheCluster("orders".into()),
        tags: Vec::new(),
    };
    let (replay, elasticache) = with(&[(503, &[], &down), (503, &[], &down), (503, &[], &down)]);
    let failed = [
        elasticache.create_snapshot(&create).await,
        elasticache.export_snapshot(&params).await,
        elasticache.delete_snapshot(params.kind, &name()).await,
    ];
    for error in failed.map(Result::unwrap_err) {
        assert_eq!(error.kind, CallErrorKind::ServiceUnavailable, "{error}");
    }
    assert_eq!(replay.forms().len(), 3, "one request per operation");
}

#[tokio::test]
async fn faults_keep_their_wire_code_and_text() {
    let text = "The S3 bucket backups-bucket already contains an object with key orders-0001.rdb";
    let (_, elasticache) = with(&[(400, &[], &fault("InvalidParameterValue", text))]);
    let params = ExportSnapshotParams {
        kind: CacheKind::CacheCluster,
        snapshot: name(),
        target: "orders".into(),
    };
    let error = elasticache.export_snapshot(&params).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::ExportExists);
    assert_eq!(
        error.to_string(),
        format!("CopySnapshot answered `InvalidParameterValue`: {text}")
    );
}
