//! Who recorded it, and what it is compared with.

use super::common::{Bucket, Write, input, orders};
use crate::Output;
use backup_core::{Error, ErrorName};
use futures_executor::block_on;
use serde_json::{Value, json};

const FOLDER: &str = "backups/replication-group/orders";

fn record(bucket: &Bucket, payload: Value) -> Result<Output, Error> {
    block_on(crate::handle(bucket, bucket, input(payload)))
}

fn tonight() -> Value {
    orders("20261120t0304z")
}

fn manifest_key(instant: &str) -> String {
    format!("{FOLDER}/{instant}/manifest.json")
}

#[test]
fn a_lost_answer_is_our_own_success() {
    let bucket = Bucket::new();
    bucket.write.set(Write::AnswerLost);
    let error = record(&bucket, tonight()).unwrap_err();
    assert_eq!(error.name, ErrorName::ServiceUnavailable);
    let mut later = tonight();
    later["now"] = json!("2026-11-20T03:35:00Z");
    later["redriveCount"] = json!(1);
    let output = record(&bucket, later).unwrap();
    assert!(output.recorded, "the same execution");
    let recorded_at = &bucket.json(&manifest_key("20261120t0304z"))["run"]["timings"]["recordedAt"];
    assert_eq!(recorded_at, "2026-11-20T03:31:00Z", "the first write stands");
}

#[test]
fn a_duplicate_execution_agrees_and_did_not_record() {
    let bucket = Bucket::new();
    assert!(record(&bucket, tonight()).unwrap().recorded);
    let mut duplicate = tonight();
    duplicate["run"]["executionArn"] = json!("arn:aws:states:eu-west-1:000000000000:execution:backup:b");
    let output = record(&bucket, duplicate).unwrap();
    assert!(!output.recorded);
    assert_eq!(output.keys, 100, "it tells what is there");
}

#[test]
fn another_backup_under_the_key_is_a_conflict_that_names_both() {
    for (path, value, why) in [
        ("/run/owner", json!("main/weekly"), "two plans, one minute"),
        ("/run/owner", json!("test/nightly"), "two deployments"),
        ("/snapshot/arn", json!("arn:x"), "another snapshot"),
        ("/objects/0/versionId", json!("version-9"), "another version"),
        ("/objects/0/etag", json!("\"other\""), "another object"),
    ] {
        let bucket = Bucket::new();
        record(&bucket, tonight()).unwrap();
        let before = bucket.objects.borrow().clone();
        let mut other = tonight();
        *other.pointer_mut(path).unwrap() = value;
        let error = record(&bucket, other.clone()).unwrap_err();
        assert_eq!(error.name, ErrorName::ManifestConflict, "{why}");
        for part in [
            "owner `main/nightly`",
            &format!("owner `{}`", other["run"]["owner"].as_str().unwrap()),
            &format!("snapshot `{}`", other["snapshot"]["arn"].as_str().unwrap()),
        ] {
            assert!(error.message.contains(part), "{why}: {error}");
        }
        assert_eq!(*bucket.objects.borrow(), before, "{why}: nothing is overwritten");
    }
}

#[test]
fn two_writes_that_meet_are_tried_again() {
    let bucket = Bucket::new();
    bucket.write.set(Write::Meets);
    assert_eq!(
        record(&bucket, tonight()).unwrap_err().name,
        ErrorName::ServiceUnavailable
    );
}

#[test]
fn a_manifest_of_a_newer_format_is_not_overwritten() {
    let bucket = Bucket::new();
    bucket.put(&manifest_key("20261120t0304z"), r#"{"formatVersion": 2}"#);
    let error = record(&bucket, tonight()).unwrap_err();
    assert_eq!(error.name, ErrorName::Unexpected);
    assert!(error.message.contains("has format version `2`"), "{error}");
}

#[test]
fn calls_that_fail_keep_their_names() {
    let bucket = Bucket::new();
    record(&bucket, orders("20261119t0304z")).unwrap();
    for operation in ["ListObjectsV2", "GetObject"] {
        bucket.fails.set(Some(operation));
        let error = record(&bucket, tonight()).unwrap_err();
        assert_eq!(error.name, ErrorName::Throttled, "{operation}");
    }
    assert!(
        !bucket
            .objects
            .borrow()
            .contains_key(&manifest_key("20261120t0304z"))
    );
}

/// A night at `instant` with this many keys and bytes.
fn night(bucket: &Bucket, instant: &str, keys: u64, bytes: u64) -> Output {
    let mut payload = orders(instant);
    payload["objects"][0]["keys"] = json!(keys);
    payload["objects"][0]["size"] = json!(bytes);
    record(bucket, payload).unwrap()
}

fn reasons(output: &Output) -> Vec<&str> {
    let suspicion = output.suspicion.as_ref();
    suspicion.map_or(Vec::new(), |s| s.reasons.iter().map(String::as_str).collect())
}

#[test]
fn a_shrunk_night_is_suspicious_until_it_is_accepted() {
    let bucket = Bucket::new();
    let first = night(&bucket, "20261117t0304z", 1000, 1000);
    assert!(first.first_backup && first.suspicion.is_none());
    let shrunk = night(&bucket, "20261118t0304z", 400, 900);
    assert_eq!(
        reasons(&shrunk),
        ["keys shrank from 1000 to 400, by 60 %, where 50 % is allowed"]
    );
    assert!(!shrunk.first_backup);
    let still = night(&bucket, "20261119t0304z", 400, 400);
    assert_eq!(
        reasons(&still),
        [
            "keys shrank from 1000 to 400, by 60 %, where 50 % is allowed",
            "bytes shrank from 1000 to 400, by 60 %, where 50 % is allowed"
        ],
        "a suspicious night is no measure for the next"
    );
    let compared = still.suspicion.unwrap().compared_with.unwrap();
    assert_eq!(compared.to_string(), "20261117t0304z");
    bucket.tag(&manifest_key("20261119t0304z"), "snapkeep:accept");
    assert_eq!(
        night(&bucket, "20261120t0304z", 400, 400).suspicion,
        None,
        "accepted"
    );
    let written = bucket.json(&manifest_key("20261118t0304z"));
    assert_eq!(
        written["suspicion"]["comparedWith"], "20261117t0304z",
        "it stands in the manifest"
    );
}

#[test]
fn an_empty_dump_is_always_suspicious() {
    let bucket = Bucket::new();
    let first = night(&bucket, "20261118t0304z", 0, 100);
    assert_eq!(reasons(&first), ["it holds no keys"], "also the first");
    assert!(first.first_backup);
    let second = night(&bucket, "20261119t0304z", 100, 1000);
    assert!(
        second.suspicion.is_none() && !second.first_backup,
        "nothing good to compare with"
    );
    let mut lenient = orders("20261120t0304z");
    lenient["run"]["anomaly"] = json!({"maxKeyShrinkPercent": 100, "maxByteShrinkPercent": 100});
    lenient["objects"][0]["keys"] = json!(0);
    assert_eq!(
        reasons(&record(&bucket, lenient).unwrap()),
        ["it holds no keys"],
        "whatever the limits"
    );
}

#[test]
fn only_earlier_backups_of_the_same_owner_and_cache_are_a_measure() {
    for (path, value, why) in [
        ("/owner", json!("main/weekly"), "another plan"),
        ("/owner", json!("test/nightly"), "another deployment"),
        ("/cache/id", json!("orders-2"), "from a sibling's"),
        ("/run/instant", json!("20261101t0304z"), "from another night"),
    ] {
        let bucket = Bucket::new();
        night(&bucket, "20261119t0304z", 1000, 1000);
        let key = manifest_key("20261119t0304z");
        let mut manifest = bucket.json(&key);
        *manifest.pointer_mut(path).unwrap() = value;
        bucket.put(&key, manifest.to_string());
        let output = night(&bucket, "20261120t0304z", 1, 1);
        assert!(output.suspicion.is_none() && output.first_backup, "{why}");
    }
    let bucket = Bucket::new();
    night(&bucket, "20261121t0304z", 1000, 1000);
    let late = night(&bucket, "20261120t0304z", 1, 1);
    assert!(
        late.suspicion.is_none() && late.first_backup,
        "a later night is no predecessor"
    );
}

#[test]
fn an_unreadable_predecessor_makes_suspicious_and_does_not_lose_the_backup() {
    for (body, part) in [
        ("{", "is not JSON"),
        (r#"{"formatVersion": 2}"#, "has format version `2`"),
    ] {
        let bucket = Bucket::new();
        night(&bucket, "20261118t0304z", 1000, 1000);
        bucket.put(&manifest_key("20261119t0304z"), body);
        let output = night(&bucket, "20261120t0304z", 1000, 1000);
        assert!(output.recorded && !output.first_backup);
        let [reason] = reasons(&output)[..] else {
            panic!("one reason")
        };
        assert!(
            reason.starts_with("it could not be compared with the last one: manifest `"),
            "{reason}"
        );
        assert!(reason.contains(part), "{reason}");
    }
}
