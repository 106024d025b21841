use super::*;
use crate::{CacheId, CacheKind};
use serde_json::{Value, json};

/// A manifest of one shard, as a function of an early release wrote it.
pub(crate) fn sample(instant: &str) -> Value {
    let time = "2026-11-20T03:05:00Z";
    json!({
        "formatVersion": 1, "toolVersion": "snapkeep 0.1.0", "owner": "main/nightly",
        "cache": {
            "kind": "cache-cluster", "id": "ledger", "engine": "redis", "engineVersion": "7.1.0",
            "nodeType": null, "parameterGroup": null, "clusterMode": false,
            "nodeGroups": [{"id": "0001"}], "tags": []
        },
        "run": {
            "executionArn": "arn:aws:states:eu-west-1:000000000000:execution:backup:a",
            "redriveCount": 0, "instant": instant, "source": "newSnapshot",
            "timings": {
                "startedAt": time, "snapshotRequestedAt": time, "snapshotReadyAt": time,
                "exportRequestedAt": time, "exportReadyAt": time, "recordedAt": time
            }
        },
        "snapshot": {"name": "ledger-202611200304", "arn": "arn:snapshot", "createTime": time},
        "objects": [object("0001", 1000, 100), object("0002", 24, 7)],
        "restore": {"minimumEngine": "redis 7.0", "minimumNodeMemoryBytes": 1000}
    })
}

fn object(shard: &str, size: u64, keys: u64) -> Value {
    json!({
        "key": format!("b/ledger-{shard}.rdb"), "verdictKey": format!("b/verdicts/ledger-{shard}.rdb.json"),
        "shard": shard, "size": size, "etag": "\"e\"", "versionId": "v1", "sha256": "9f86d0", "keys": keys,
        "expires": 1, "rdbVersion": 10, "crc": true, "millis": 7
    })
}

fn parse(bytes: &[u8]) -> Result<Manifest, Error> {
    Manifest::parse(&ObjectKey::new("b/manifest.json"), bytes)
}

/// The sample with one value replaced.
fn with(path: &str, value: Value) -> Value {
    let mut manifest = sample("20261120t0304z");
    let (parent, field) = path.rsplit_once('/').unwrap();
    let parent = manifest.pointer_mut(parent).unwrap();
    match field.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[field] = value,
    }
    manifest
}

fn read(value: &Value) -> Manifest {
    parse(value.to_string().as_bytes()).unwrap()
}

fn refused(bytes: &[u8], part: &str, why: &str) {
    let error = parse(bytes).unwrap_err();
    assert_eq!(error.name, ErrorName::Unexpected, "{why}");
    let names_the_key = error.message.starts_with("manifest `b/manifest.json` ");
    assert!(names_the_key && error.message.contains(part), "{why}: {error}");
    assert_eq!(error.source, None, "{why}: no call failed");
}

#[test]
fn what_has_no_format_of_ours_is_refused_with_the_key() {
    let newer = "has format version `2`, this version reads `1`";
    let none = "has format version `none`";
    refused(b"", "is not JSON", "empty, as a write that was cut off");
    refused(b"{\"formatVersion\": 1", "is not JSON", "cut off later");
    refused(b"\xff\xfe", "is not JSON", "not UTF-8");
    refused(b"[]", none, "no object");
    refused(b"{}", none, "nobody's");
    refused(br#"{"formatVersion": "1"}"#, none, "a text is no number");
    refused(br#"{"formatVersion": -1}"#, none, "below all");
    refused(br#"{"formatVersion": 0}"#, "version `0`", "before the first");
    refused(br#"{"formatVersion": 2}"#, newer, "told before what is missing");
    refused(
        br#"{"formatVersion": 4294967297}"#,
        "`4294967297`",
        "32 bits are not all",
    );
    refused(
        br#"{"formatVersion": 1}"#,
        "missing field `toolVersion`",
        "no content",
    );
}

#[test]
fn what_is_damaged_says_what_to_do() {
    let remedy = "; restore the object's earlier version or delete it";
    for (bytes, want, why) in [
        (&b"{"[..], true, "not JSON"),
        (br#"{"formatVersion": 1}"#, true, "not valid"),
        (br#"{"formatVersion": 2}"#, false, "newer, and as it should be"),
    ] {
        let error = parse(bytes).unwrap_err();
        assert_eq!(error.message.ends_with(remedy), want, "{why}: {error}");
    }
}

#[test]
fn a_broken_field_is_named_by_its_path() {
    let check = |path, value, part, why| refused(with(path, value).to_string().as_bytes(), part, why);
    check(
        "/owner",
        json!("nightly"),
        "owner: `nightly` is no owner",
        "no deployment",
    );
    check(
        "/cache/id",
        json!("a--b"),
        "cache.id: `a--b` is no cache id",
        "no id",
    );
    check(
        "/cache/kind",
        json!("cluster"),
        "cache.kind: unknown variant",
        "no kind",
    );
    check(
        "/run/instant",
        json!("tonight"),
        "run.instant: `tonight`",
        "no instant",
    );
    check(
        "/run/timings/recordedAt",
        json!(1),
        "run.timings.recordedAt",
        "no time",
    );
    check(
        "/objects/1",
        json!({}),
        "objects[1]",
        "an object without a verdict",
    );
    check("/objects", json!(null), "objects: invalid type: null", "no list");
}

#[test]
fn fields_of_later_releases_are_passed_over() {
    let plain = read(&sample("20261120t0304z"));
    for path in [
        "/colour",
        "/cache/colour",
        "/run/timings/colour",
        "/objects/0/colour",
    ] {
        assert_eq!(read(&with(path, json!("blue"))), plain, "{path}");
    }
}

#[test]
fn what_was_read_is_written_as_it_was() {
    let value = sample("20261120t0304z");
    assert_eq!(serde_json::to_value(read(&value)).unwrap(), value);
    let suspicion = json!({"reasons": ["it holds no keys"], "comparedWith": null});
    let suspicious = with("/suspicion", suspicion);
    assert_eq!(serde_json::to_value(read(&suspicious)).unwrap(), suspicious);
}

#[test]
fn sums_are_of_all_objects() {
    let manifest = read(&sample("20261120t0304z"));
    assert_eq!((manifest.keys(), manifest.bytes()), (107, 1024));
    let none = read(&with("/objects", json!([])));
    assert_eq!((none.keys(), none.bytes()), (0, 0));
}

#[test]
fn the_same_backup_is_known_by_what_it_is_made_of() {
    let ours = read(&sample("20261120t0304z"));
    for (path, value, same, why) in [
        ("/run/executionArn", json!("arn:b"), true, "a duplicate execution"),
        ("/run/redriveCount", json!(3), true, "after re-drives"),
        (
            "/run/timings/recordedAt",
            json!("2026-11-20T09:00:00Z"),
            true,
            "hours later",
        ),
        (
            "/toolVersion",
            json!("snapkeep 9.0.0"),
            true,
            "by a later release",
        ),
        ("/objects/0/millis", json!(9), true, "verified at another speed"),
        (
            "/cache/tags",
            json!([{"key": "a", "value": "b"}]),
            true,
            "with a tag more",
        ),
        ("/owner", json!("main/weekly"), false, "another plan's"),
        ("/owner", json!("test/nightly"), false, "another deployment's"),
        ("/cache/id", json!("ledger-2"), false, "a sibling's"),
        ("/cache/kind", json!("serverless-cache"), false, "another kind's"),
        ("/run/instant", json!("20261120t0305z"), false, "a minute later"),
        (
            "/snapshot/arn",
            json!("arn:other"),
            false,
            "from another snapshot",
        ),
        ("/objects/0/etag", json!("\"f\""), false, "with other content"),
        ("/objects/1/versionId", json!("v2"), false, "with another version"),
        ("/objects/1/versionId", json!(null), false, "without a version"),
        (
            "/objects/0/key",
            json!("b/r1/ledger-0001.rdb"),
            false,
            "of a renewed export",
        ),
        (
            "/objects",
            json!([object("0001", 1000, 100)]),
            false,
            "with a shard less",
        ),
    ] {
        let theirs = read(&with(path, value));
        assert_eq!(ours.same_backup(&theirs), same, "{why}");
        assert_eq!(theirs.same_backup(&ours), same, "{why}, seen from there");
    }
}

#[test]
fn a_manifest_belongs_to_one_owner_cache_and_instant() {
    let manifest = read(&sample("20261120t0304z"));
    let (owner, instant) = (manifest.owner.clone(), manifest.instant());
    let ledger = manifest.cache_ref();
    assert_eq!(ledger.to_string(), "cache-cluster/ledger");
    assert!(manifest.is_of(&owner, &ledger, instant));
    let weekly = Owner::new("main", "weekly").unwrap();
    assert!(!manifest.is_of(&weekly, &ledger, instant), "another plan");
    let later = Instant::parse("20261121t0304z").unwrap();
    assert!(
        !manifest.is_of(&owner, &ledger, later),
        "copied to another night's folder"
    );
    let group = CacheRef {
        kind: CacheKind::ReplicationGroup,
        id: CacheId::parse("ledger").unwrap(),
    };
    assert!(!manifest.is_of(&owner, &group, instant), "a group of the same id");
}

#[test]
fn the_short_verdict_of_the_largest_object_fits_its_400_bytes() {
    let verdict = ShardVerdict {
        shard: "0500".into(),
        size: u64::MAX,
        etag: format!("\"{}-10000\"", "f".repeat(32)),
        // S3 promises at most 1,024 bytes and gives 32.
        version_id: Some("v".repeat(32)),
        sha256: "f".repeat(64),
        keys: u64::MAX,
        expires: u64::MAX,
        rdb_version: u32::MAX,
        crc: false,
        millis: u64::MAX,
    };
    let bytes = serde_json::to_vec(&verdict).unwrap().len();
    assert!(bytes <= 400, "{bytes} bytes");
}
