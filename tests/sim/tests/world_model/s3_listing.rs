//! S3 case by case: buckets, listings of objects and of versions.

use crate::support::{BUCKET, at, code, put, world};
use sim::world::CallError;
use sim::world::s3::{DeleteObjectRequest, ListObjectVersionsRequest, ListObjectsV2Request, Versioning};

#[test]
fn listings_group_by_delimiter() {
    let mut world = world();
    for key in ["a", "a/1", "a/2/x", "a/2/y", "a/3", "b/1"] {
        world.put_object(&put(key, b""), at(0)).unwrap();
    }
    let cases: [(&str, &[&str], &[&str]); 4] = [
        ("", &["a"], &["a/", "b/"]),
        ("a/", &["a/1", "a/3"], &["a/2/"]),
        ("a/2", &[], &["a/2/"]),
        ("c", &[], &[]),
    ];
    for (prefix, contents, groups) in cases {
        let request = ListObjectsV2Request {
            bucket: BUCKET.into(),
            prefix: prefix.into(),
            delimiter: Some("/".into()),
            ..Default::default()
        };
        let answer = world.list_objects_v2(&request, at(1)).unwrap();
        let listed: Vec<_> = answer.contents.iter().map(|object| object.key.as_str()).collect();
        assert_eq!(listed, contents, "{prefix}");
        assert_eq!(answer.common_prefixes, groups, "{prefix}");
    }
}

#[test]
fn a_page_has_at_most_1000_keys() {
    let mut world = world();
    for n in 0..1001 {
        world.put_object(&put(&format!("k{n:04}"), b""), at(0)).unwrap();
    }
    let mut request = ListObjectsV2Request {
        bucket: BUCKET.into(),
        max_keys: Some(5000),
        ..Default::default()
    };
    let first = world.list_objects_v2(&request, at(1)).unwrap();
    assert_eq!(
        (first.contents.len(), first.key_count, first.is_truncated),
        (1000, 1000, true)
    );
    request.continuation_token = first.next_continuation_token;
    let second = world.list_objects_v2(&request, at(1)).unwrap();
    assert_eq!((second.contents.len(), second.is_truncated), (1, false));
    request.continuation_token = Some("made up".to_owned());
    assert_eq!(code(&world.list_objects_v2(&request, at(1))), "InvalidArgument");
}

#[test]
fn versions_are_listed_newest_first_and_page_by_their_markers() {
    let mut world = world();
    for body in [b"1", b"2", b"3"] {
        world.put_object(&put("a", body), at(0)).unwrap();
        world.put_object(&put("b", body), at(0)).unwrap();
    }
    let hidden = DeleteObjectRequest {
        bucket: BUCKET.into(),
        key: "a".into(),
        version_id: None,
    };
    world.delete_object(&hidden, at(1)).unwrap();
    let mut request = ListObjectVersionsRequest {
        bucket: BUCKET.into(),
        max_keys: Some(2),
        ..Default::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = world.list_object_versions(&request, at(2)).unwrap();
        let last = page.versions.last().unwrap();
        (request.key_marker, request.version_id_marker) =
            (Some(last.key.clone()), Some(last.version_id.clone()));
        seen.extend(
            page.versions
                .into_iter()
                .map(|v| (v.key, v.is_latest, v.is_delete_marker)),
        );
        if !page.is_truncated {
            break;
        }
    }
    let expected = [
        ("a", true, true),
        ("a", false, false),
        ("a", false, false),
        ("a", false, false),
    ];
    assert_eq!(
        seen[..4],
        expected.map(|(key, latest, marker)| (key.to_owned(), latest, marker))
    );
    assert_eq!(seen.len(), 7);
}

#[test]
fn buckets_have_names_owners_and_regions() {
    let mut world = world();
    for name in ["ab", "Upper", "under_score", "-a-b", "a..b", &"x".repeat(64)] {
        assert_eq!(
            world.put_bucket(name, Versioning::Enabled).unwrap_err().code,
            "InvalidBucketName",
            "{name}"
        );
    }
    world.put_bucket("foreign", Versioning::Enabled).unwrap().owner = "111111111111".to_owned();
    assert_eq!(world.list_buckets(at(0)).unwrap(), [BUCKET]);
    assert_eq!(world.get_bucket_location(BUCKET, at(0)).unwrap(), "eu-west-1");
    assert_eq!(world.head_bucket(BUCKET, at(0)).unwrap(), "eu-west-1");
    assert_eq!(code(&world.head_bucket("foreign", at(0))), "AccessDenied");
    let missing = world.head_bucket("nobody", at(0)).unwrap_err();
    assert!(matches!(missing, CallError::Aws(error) if error.status == 404));
}
