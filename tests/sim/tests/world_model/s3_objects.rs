//! S3 case by case: conditions, ranges, versions, tags, checksums, listings.

use crate::support::{BUCKET, at, code, get, keys, put, read, world};
use sim::world::s3::{
    ByteRange, Checksum, ChecksumAlgorithm, ChecksumType, DeleteObjectRequest, DeleteObjectResponse,
    GetObjectRequest, ListObjectVersionsRequest, ObjectRef, PutObjectRequest, Versioning,
};
use sim::world::{Tags, World};

#[test]
fn the_entity_tag_is_the_md5_in_quotes_and_times_have_whole_seconds() {
    let mut world = world();
    let now = at(0) + jiff::SignedDuration::from_millis(789);
    let answer = world.put_object(&put("k", b"hello"), now).unwrap();
    assert_eq!(answer.e_tag, "\"5d41402abc4b2a76b9719d911017c592\"");
    let head = world.head_object(&get("k"), now).unwrap();
    assert_eq!(
        (head.e_tag, head.size, head.last_modified),
        (answer.e_tag, 5, at(0))
    );
    assert_eq!(head.version_id, answer.version_id);
}

/// Writes into a world in which `k` holds `hello` and `gone` was deleted; a refusal must leave `k` as it was.
#[track_caller]
fn check_write(reason: &str, request: &PutObjectRequest, expected: &str) {
    let mut world = world();
    world.put_object(&put("k", b"hello"), at(0)).unwrap();
    world.put_object(&put("gone", b"hello"), at(0)).unwrap();
    delete(&mut world, "gone", None);
    assert_eq!(code(&world.put_object(request, at(1))), expected, "{reason}");
    if expected != "ok" {
        assert_eq!(read(&mut world, "k", at(2)), b"hello", "{reason}");
    }
}

#[test]
fn conditional_writes_never_overwrite_by_accident() {
    let hello = "\"5d41402abc4b2a76b9719d911017c592\"";
    let unless = |key: &str, tag: &str| PutObjectRequest {
        if_none_match: Some(tag.to_owned()),
        ..put(key, b"")
    };
    let matching = |key: &str, tag: &str| PutObjectRequest {
        if_match: Some(tag.to_owned()),
        ..put(key, b"")
    };
    check_write("a new key", &unless("new", "*"), "ok");
    check_write("an existing key", &unless("k", "*"), "PreconditionFailed");
    check_write("a deleted key is free", &unless("gone", "*"), "ok");
    check_write("only `*` is possible", &unless("new", hello), "NotImplemented");
    check_write("the tag it has", &matching("k", hello), "ok");
    check_write("another tag", &matching("k", "x"), "PreconditionFailed");
    check_write("nothing to match", &matching("new", hello), "NoSuchKey");
    check_write("no condition", &put("k", b""), "ok");
}

#[test]
fn buckets_and_keys_are_checked() {
    let elsewhere = PutObjectRequest {
        bucket: "nobody".into(),
        ..put("k", b"")
    };
    check_write("no bucket", &elsewhere, "NoSuchBucket");
    check_write("no key", &put("", b""), "InvalidArgument");
    check_write("longest key", &put(&"x".repeat(1024), b""), "ok");
    check_write("too long", &put(&"x".repeat(1025), b""), "KeyTooLongError");
}

fn delete(world: &mut World, key: &str, version_id: Option<String>) -> sim::world::s3::DeleteObjectResponse {
    let request = DeleteObjectRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        version_id,
    };
    world.delete_object(&request, at(1)).unwrap()
}

#[test]
fn ranges_are_those_of_http() {
    let cases = [
        ("bytes=0-0", Some("0")),
        ("bytes=2-4", Some("234")),
        ("bytes=7-", Some("789")),
        ("bytes=-3", Some("789")),
        ("bytes=8-99", Some("89")),
        ("bytes=-99", Some("0123456789")),
        ("bytes=10-", None),
        ("bytes=10-12", None),
        ("bytes=-0", None),
    ];
    for (header, expected) in cases {
        let mut world = world();
        world.put_object(&put("k", b"0123456789"), at(0)).unwrap();
        let request = GetObjectRequest {
            range: ByteRange::parse(header),
            ..get("k")
        };
        assert!(request.range.is_some(), "{header}");
        let answer = world.get_object(&request, at(0));
        match expected {
            Some(text) => assert_eq!(answer.unwrap().read().unwrap(), text.as_bytes(), "{header}"),
            None => assert_eq!(code(&answer), "InvalidRange", "{header}"),
        }
    }
    for header in ["items=0-1", "bytes=", "bytes=a-b", "bytes=0-1,3-4", "bytes=-"] {
        assert_eq!(ByteRange::parse(header), None, "{header}");
    }
}

#[test]
fn reads_can_be_pinned_by_tag_or_version() {
    let mut world = world();
    let old = world.put_object(&put("k", b"one"), at(0)).unwrap();
    world.put_object(&put("k", b"two"), at(1)).unwrap();
    let by_tag = GetObjectRequest {
        if_match: Some(old.e_tag),
        ..get("k")
    };
    assert_eq!(code(&world.get_object(&by_tag, at(2))), "PreconditionFailed");
    assert_eq!(code(&world.head_object(&by_tag, at(2))), "PreconditionFailed");
    let by_version = GetObjectRequest {
        version_id: old.version_id,
        ..get("k")
    };
    assert_eq!(
        world.get_object(&by_version, at(2)).unwrap().read().unwrap(),
        b"one"
    );
    let unknown = GetObjectRequest {
        version_id: Some("nobody".to_owned()),
        ..get("k")
    };
    assert_eq!(code(&world.get_object(&unknown, at(2))), "NoSuchVersion");
}

#[test]
fn deleting_hides_and_deleting_the_marker_brings_back() {
    let mut world = world();
    world.put_object(&put("k", b"one"), at(0)).unwrap();
    let marker = delete(&mut world, "k", None);
    assert!(marker.delete_marker);
    assert_eq!(code(&world.get_object(&get("k"), at(2))), "NoSuchKey");
    assert_eq!(code(&world.head_object(&get("k"), at(2))), "NotFound");
    let of_marker = GetObjectRequest {
        version_id: marker.version_id.clone(),
        ..get("k")
    };
    assert_eq!(code(&world.get_object(&of_marker, at(2))), "MethodNotAllowed");
    assert!(keys(&mut world, at(2)).is_empty());
    assert!(delete(&mut world, "k", marker.version_id).delete_marker);
    assert_eq!(read(&mut world, "k", at(3)), b"one");
}

#[test]
fn a_bucket_without_versions_keeps_only_the_last() {
    let mut world = world();
    world.put_bucket("plain", Versioning::Disabled).unwrap();
    let write = |body: &[u8]| PutObjectRequest {
        bucket: "plain".to_owned(),
        ..put("k", body)
    };
    assert_eq!(world.put_object(&write(b"one"), at(0)).unwrap().version_id, None);
    world.put_object(&write(b"two"), at(1)).unwrap();
    let request = ListObjectVersionsRequest {
        bucket: "plain".to_owned(),
        ..Default::default()
    };
    let listed = world.list_object_versions(&request, at(1)).unwrap().versions;
    assert_eq!(
        (listed.len(), listed[0].version_id.as_str(), listed[0].size),
        (1, "null", 3)
    );
    let gone = DeleteObjectRequest {
        bucket: "plain".to_owned(),
        key: "k".to_owned(),
        version_id: None,
    };
    assert_eq!(
        world.delete_object(&gone, at(2)).unwrap(),
        DeleteObjectResponse::default()
    );
    assert!(
        world
            .list_object_versions(&request, at(3))
            .unwrap()
            .versions
            .is_empty()
    );
}

#[test]
fn a_checksum_is_checked_and_kept_and_added_where_none_is_sent() {
    use ChecksumAlgorithm as A;
    type Sent<'a> = (A, &'a str);
    let sha256 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    let cases: [(&[Sent<'_>], &str, Sent<'_>); 6] = [
        (&[], "S3's own", (A::Crc64Nvme, "M3eFcAZSQlc=")),
        (
            &[(A::Crc64Nvme, "M3eFcAZSQlc=")],
            "the same, sent",
            (A::Crc64Nvme, "M3eFcAZSQlc="),
        ),
        (
            &[(A::Crc32, "NhCmhg==")],
            "what boto3 sends",
            (A::Crc32, "NhCmhg=="),
        ),
        (
            &[(A::Crc32c, "mnG7TA==")],
            "Castagnoli's",
            (A::Crc32c, "mnG7TA=="),
        ),
        (
            &[(A::Sha1, "qvTGHdzF6KLavt4PO0gs2a6pQ00=")],
            "a hash",
            (A::Sha1, "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
        ),
        (&[(A::Sha256, sha256)], "another hash", (A::Sha256, sha256)),
    ];
    let mut world = world();
    let with = |sent: &[(A, &str)], body: &[u8]| PutObjectRequest {
        checksums: sent
            .iter()
            .map(|(algorithm, value)| (*algorithm, (*value).to_owned()))
            .collect(),
        ..put("k", body)
    };
    for (sent, why, (algorithm, value)) in cases {
        let want = Checksum {
            algorithm,
            of: ChecksumType::FullObject,
            value: value.to_owned(),
        };
        let answer = world.put_object(&with(sent, b"hello"), at(0)).unwrap();
        assert_eq!(answer.checksum, want, "{why}");
        assert_eq!(
            world.head_object(&get("k"), at(0)).unwrap().checksum,
            Some(want),
            "{why}"
        );
        if !sent.is_empty() {
            let wrong = world.put_object(&with(sent, b"hallo"), at(1));
            assert_eq!(code(&wrong), "BadDigest", "{why}");
        }
    }
    let two = with(&[(A::Crc32, "NhCmhg=="), (A::Sha256, sha256)], b"hello");
    assert_eq!(
        code(&world.put_object(&two, at(1))),
        "InvalidRequest",
        "one at most"
    );
}

#[test]
fn tags_replace_one_another_and_have_limits() {
    let mut world = world();
    let pinned = Tags::from([("snapkeep:pin".to_owned(), String::new())]);
    world
        .put_object(
            &PutObjectRequest {
                tagging: pinned.clone(),
                ..put("k", b"")
            },
            at(0),
        )
        .unwrap();
    let object = ObjectRef {
        bucket: BUCKET.into(),
        key: "k".into(),
        version_id: None,
    };
    assert_eq!(world.get_object_tagging(&object, at(0)).unwrap(), pinned);
    assert_eq!(world.head_object(&get("k"), at(0)).unwrap().tag_count, 1);
    let many = |count: usize| {
        (0..count)
            .map(|n| (format!("k{n}"), "v".to_owned()))
            .collect::<Tags>()
    };
    world.put_object_tagging(&object, &many(10), at(1)).unwrap();
    assert_eq!(world.get_object_tagging(&object, at(1)).unwrap().len(), 10);
    assert_eq!(
        code(&world.put_object_tagging(&object, &many(11), at(1))),
        "BadRequest"
    );
    let long = Tags::from([("k".repeat(129), String::new())]);
    assert_eq!(
        code(&world.put_object_tagging(&object, &long, at(1))),
        "InvalidTag"
    );
    world.delete_object_tagging(&object, at(2)).unwrap();
    assert!(world.get_object_tagging(&object, at(2)).unwrap().is_empty());
    let missing = ObjectRef {
        key: "nobody".into(),
        ..object
    };
    assert_eq!(code(&world.get_object_tagging(&missing, at(2))), "NoSuchKey");
}

#[test]
fn a_batch_has_1_to_1000_keys() {
    let mut world = world();
    assert_eq!(code(&world.delete_objects(BUCKET, &[], at(0))), "MalformedXML");
    let many = vec![
        DeleteObjectRequest {
            key: "k".into(),
            ..Default::default()
        };
        1001
    ];
    assert_eq!(code(&world.delete_objects(BUCKET, &many, at(0))), "MalformedXML");
    assert_eq!(
        world
            .delete_objects(BUCKET, &many[..1000], at(0))
            .unwrap()
            .deleted
            .len(),
        1000
    );
}
