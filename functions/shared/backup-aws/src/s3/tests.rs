//! Requests as they go over the wire, and answers as S3 gives them.

use super::*;
use crate::testing::{Answer, Replay};
use expect_test::expect;

fn with(answers: &[Answer<'_>]) -> (Replay, Aws) {
    Replay::new(answers)
}

fn fault(code: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>because</Message></Error>")
}

fn key() -> ObjectKey {
    ObjectKey::new("backups/cache-cluster/orders/20261120t0304z/manifest.json")
}

const CONDITIONS: [&str; 3] = ["range", "if-match", "if-none-match"];

#[tokio::test]
async fn ranges_are_pinned_and_include_their_last_byte() {
    let (replay, s3) = with(&[(206, &[], "0123456789"), (206, &[], "01234")]);
    let mut params = ReadRangeParams {
        key: key(),
        etag: "\"e1\"".into(),
        version_id: Some("v1".into()),
        start: 100,
        length: 10,
    };
    assert_eq!(s3.read_range(&params).await.unwrap(), "0123456789");
    params.version_id = None;
    let error = s3.read_range(&params).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GetObject answered `WrongLength`: asked for 10 bytes, got 5"
    );
    expect![[r#"
        GET https://backups-bucket.s3.eu-west-1.amazonaws.com/backups/cache-cluster/orders/20261120t0304z/manifest.json?x-id=GetObject&versionId=v1 range=bytes=100-109 if-match="e1"
        GET https://backups-bucket.s3.eu-west-1.amazonaws.com/backups/cache-cluster/orders/20261120t0304z/manifest.json?x-id=GetObject range=bytes=100-109 if-match="e1"
    "#]].assert_eq(&replay.lines(&CONDITIONS));
}

#[tokio::test]
async fn creating_is_conditional_and_writing_is_not() {
    let taken = fault("PreconditionFailed");
    let racing = fault("ConditionalRequestConflict");
    let (replay, s3) = with(&[(200, &[], ""), (412, &[], &taken), (409, &[], &racing)]);
    s3.write_object(&key(), b"{}".to_vec()).await.unwrap();
    let error = s3.create_object(&key(), b"{}".to_vec()).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::PreconditionFailed);
    let error = s3.create_object(&key(), b"{}".to_vec()).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::ConditionalConflict);
    expect![[r#"
        PUT https://backups-bucket.s3.eu-west-1.amazonaws.com/backups/cache-cluster/orders/20261120t0304z/manifest.json?x-id=PutObject
        PUT https://backups-bucket.s3.eu-west-1.amazonaws.com/backups/cache-cluster/orders/20261120t0304z/manifest.json?x-id=PutObject if-none-match=*
        PUT https://backups-bucket.s3.eu-west-1.amazonaws.com/backups/cache-cluster/orders/20261120t0304z/manifest.json?x-id=PutObject if-none-match=*
    "#]].assert_eq(&replay.lines(&CONDITIONS));
}

#[tokio::test]
async fn a_missing_object_is_none_and_a_missing_bucket_a_failure() {
    let (_, s3) = with(&[
        (404, &[], ""),
        (404, &[], &fault("NoSuchKey")),
        (404, &[], &fault("NoSuchBucket")),
    ]);
    assert_eq!(
        s3.head_object(&key()).await.unwrap(),
        None,
        "a head request has no body"
    );
    assert_eq!(s3.read_object(&key()).await.unwrap(), None);
    assert_eq!(
        s3.read_object(&key()).await.unwrap_err().kind,
        CallErrorKind::BucketNotFound
    );
}

#[tokio::test]
async fn another_object_under_the_key_is_told_from_a_missing_one() {
    let params = ReadRangeParams {
        key: key(),
        etag: "\"e1\"".into(),
        version_id: None,
        start: 0,
        length: 1,
    };
    for (status, code, want) in [
        (412, "PreconditionFailed", CallErrorKind::PreconditionFailed),
        (404, "NoSuchKey", CallErrorKind::NotFound),
        (404, "NoSuchVersion", CallErrorKind::NotFound),
        (403, "AccessDenied", CallErrorKind::AccessDenied),
    ] {
        let (_, s3) = with(&[(status, &[], &fault(code))]);
        assert_eq!(s3.read_range(&params).await.unwrap_err().kind, want, "{code}");
    }
}

#[tokio::test]
async fn a_head_tells_size_etag_and_version() {
    let headers = [
        ("content-length", "42"),
        ("etag", "\"e1\""),
        ("x-amz-version-id", "v1"),
    ];
    let (_, s3) = with(&[(200, &headers, "")]);
    let head = s3.head_object(&key()).await.unwrap().unwrap();
    assert_eq!(
        (head.size, head.etag.as_str(), head.version_id.as_deref()),
        (42, "\"e1\"", Some("v1"))
    );
}

fn pinned(version_id: Option<&str>) -> PinnedObject {
    PinnedObject {
        key: key(),
        etag: "\"e1\"".into(),
        version_id: version_id.map(str::to_owned),
    }
}

#[tokio::test]
async fn checksums_are_asked_of_the_pinned_object_and_the_cheapest_is_taken() {
    type Header = (&'static str, &'static str);
    const TYPE: &str = "x-amz-checksum-type";
    let (crc64, crc32) = (
        ("x-amz-checksum-crc64nvme", "B64="),
        ("x-amz-checksum-crc32", "B32="),
    );
    let (sha256, sha1) = (
        ("x-amz-checksum-sha256", "S256="),
        ("x-amz-checksum-sha1", "S1=-7"),
    );
    let (full, composite) = ((TYPE, "FULL_OBJECT"), (TYPE, "COMPOSITE"));
    let cases: [(&[Header], &str, &str); 8] = [
        (&[], "", "an object from before 2024"),
        (
            &[full, crc64],
            "CRC64NVME FULL_OBJECT B64=",
            "what S3 adds by itself",
        ),
        (
            &[full, crc32, sha256, crc64],
            "CRC64NVME FULL_OBJECT B64=",
            "the fastest of several",
        ),
        (
            &[full, sha1, sha256],
            "SHA256 FULL_OBJECT S256=",
            "the hash that is made anyway",
        ),
        (&[composite, crc32], "CRC32 COMPOSITE B32=", "S3's word counts"),
        (
            &[sha1],
            "SHA1 COMPOSITE S1=-7",
            "no type: the number of parts tells",
        ),
        (&[crc32], "CRC32 FULL_OBJECT B32=", "no type and no parts"),
        (
            &[full, ("x-amz-checksum-xxhash3", "X=")],
            "XXHASH3 FULL_OBJECT X=",
            "a newer algorithm is told, too",
        ),
    ];
    for (headers, want, why) in cases {
        let (_, s3) = with(&[(200, headers, "")]);
        let found = s3.stored_checksum(&pinned(None)).await.unwrap();
        let found = found.map(|c| format!("{} {} {}", c.algorithm, c.of, c.value));
        assert_eq!(found.unwrap_or_default(), want, "{why}");
    }
    let (replay, s3) = with(&[(412, &[], ""), (404, &[], "")]);
    let error = s3.stored_checksum(&pinned(Some("v1"))).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::PreconditionFailed);
    let error = s3.stored_checksum(&pinned(None)).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::NotFound);
    expect![[r#"
        HEAD https://backups-bucket.s3.eu-west-1.amazonaws.com/backups/cache-cluster/orders/20261120t0304z/manifest.json?versionId=v1 if-match="e1" x-amz-checksum-mode=ENABLED
        HEAD https://backups-bucket.s3.eu-west-1.amazonaws.com/backups/cache-cluster/orders/20261120t0304z/manifest.json if-match="e1" x-amz-checksum-mode=ENABLED
    "#]].assert_eq(&replay.lines(&["if-match", "x-amz-checksum-mode"]));
}

#[tokio::test]
async fn regions_have_two_historical_spellings() {
    for (constraint, want) in [
        ("", "us-east-1"),
        ("EU", "eu-west-1"),
        ("eu-central-1", "eu-central-1"),
    ] {
        let body = format!("<LocationConstraint>{constraint}</LocationConstraint>");
        let (_, s3) = with(&[(200, &[], &body)]);
        assert_eq!(s3.bucket_region().await.unwrap(), want);
    }
}

#[tokio::test]
async fn listings_are_read_to_the_last_page() {
    let page = |key: &str, more: &str| {
        format!(
            "<ListBucketResult>{more}<Contents><Key>{key}</Key><LastModified>2026-11-20T03:05:00.000Z</LastModified>
             <ETag>&quot;e&quot;</ETag><Size>7</Size></Contents></ListBucketResult>"
        )
    };
    let first = page(
        "backups/a",
        "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>",
    );
    let (replay, s3) = with(&[(200, &[], &first), (200, &[], &page("backups/b", ""))]);
    let listed = s3.list_objects("backups/").await.unwrap();
    let keys: Vec<_> = listed
        .iter()
        .map(|o| (o.key.as_str(), o.size, o.etag.as_str()))
        .collect();
    assert_eq!(keys, [("backups/a", 7, "\"e\""), ("backups/b", 7, "\"e\"")]);
    assert_eq!(listed[0].last_modified.to_string(), "2026-11-20T03:05:00Z");
    expect![[r#"
        GET https://backups-bucket.s3.eu-west-1.amazonaws.com/?list-type=2&prefix=backups%2F
        GET https://backups-bucket.s3.eu-west-1.amazonaws.com/?list-type=2&prefix=backups%2F&continuation-token=t
    "#]].assert_eq(&replay.lines(&[]));
}

#[tokio::test]
async fn a_listing_that_breaks_off_is_a_lost_answer() {
    let object = "<Contents><Key>backups/a</Key><LastModified>2026-11-20T03:05:00.000Z</LastModified>
                  <ETag>&quot;e&quot;</ETag><Size>7</Size></Contents>";
    let head = "<ListBucketResult><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>";
    for (body, what) in [
        (format!("{head}{object}<Conte"), "amid the second key"),
        (head.to_owned(), "before the first"),
    ] {
        let (_, s3) = with(&[(200, &[], &body)]);
        let error = s3.list_objects("backups/").await.unwrap_err();
        assert_eq!(error.kind, CallErrorKind::ServiceUnavailable, "{what}: {error}");
        assert!(error.message.contains("2 keys are announced"), "{what}: {error}");
    }
    let (_, s3) = with(&[(200, &[], &format!("{head}{object}{object}</ListBucketResult>"))]);
    assert_eq!(s3.list_objects("backups/").await.unwrap().len(), 2, "a whole one");
}

#[tokio::test]
async fn deletions_name_no_version_and_tags_are_read() {
    let tags = "<Tagging><TagSet><Tag><Key>snapkeep:pin</Key><Value>yes</Value></Tag></TagSet></Tagging>";
    let (replay, s3) = with(&[(204, &[], ""), (200, &[], tags)]);
    s3.delete_object(&key()).await.unwrap();
    let tags = s3.object_tags(&key()).await.unwrap();
    assert_eq!(
        (tags[0].key.as_str(), tags[0].value.as_str()),
        ("snapkeep:pin", "yes")
    );
    expect![[r#"
        DELETE https://backups-bucket.s3.eu-west-1.amazonaws.com/backups/cache-cluster/orders/20261120t0304z/manifest.json?x-id=DeleteObject
        GET https://backups-bucket.s3.eu-west-1.amazonaws.com/backups/cache-cluster/orders/20261120t0304z/manifest.json?tagging
    "#]].assert_eq(&replay.lines(&[]));
}
