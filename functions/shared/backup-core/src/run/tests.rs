use super::*;
use proptest::prelude::*;
use serde_json::json;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn derive(input: serde_json::Value) -> Result<Run, Error> {
    let arn = "arn:aws:states:eu-west-1:000000000000:execution:backup:a".to_owned();
    let now = at("2026-11-20T03:04:30Z");
    Run::derive(ExecutionInput::parse(input)?, "main", arn, now, now)
}

#[test]
fn an_on_demand_run_takes_its_start_for_the_instant() {
    let run = derive(json!({"cache": {"kind": "serverless-cache", "id": "catalog"}})).unwrap();
    assert_eq!(run.instant.to_string(), "20261120t0304z");
    assert_eq!(run.owner.to_string(), "main/on-demand");
    assert_eq!(run.snapshot_name.as_str(), "catalog-202611200304");
    assert_eq!(run.tag(), "serverless-cache/catalog/20261120t0304z");
    let json = serde_json::to_value(&run).unwrap();
    assert_eq!(serde_json::from_value::<Run>(json).unwrap(), run);
}

#[test]
fn a_scheduled_time_ahead_is_refused() {
    let with =
        |time: &str| derive(json!({"cache": {"kind": "cache-cluster", "id": "a"}, "scheduledTime": time}));
    assert!(
        with("2026-11-20T04:04:00Z").is_ok(),
        "clocks differ and windows are flexible"
    );
    assert!(
        with("2026-11-19T03:04:00Z").is_ok(),
        "a late delivery is still that run"
    );
    let error = with("2026-11-20T04:06:00Z").unwrap_err();
    assert_eq!(
        error.message,
        "`scheduledTime` is `20261120t0406z`, allowed is a time at most one hour ahead"
    );
}

#[test]
fn past_the_deadline_is_an_error_with_a_name() {
    let run = derive(json!({"cache": {"kind": "cache-cluster", "id": "a"}})).unwrap();
    let deadline = at("2026-11-20T15:04:30Z");
    assert!(run.check_deadline("the snapshot", deadline, deadline).is_ok());
    let error = run
        .check_deadline("the snapshot", deadline, at("2026-11-20T15:04:31Z"))
        .unwrap_err();
    assert_eq!(error.name, ErrorName::DeadlineExceeded);
}

#[test]
fn a_run_carries_its_plan_and_what_the_plan_leaves_open() {
    let cache = json!({"kind": "cache-cluster", "id": "a"});
    let plain = derive(json!({"cache": cache})).unwrap();
    assert_eq!(
        (plain.source, plain.notify),
        (Source::NewSnapshot, NotifyOn::Recovery)
    );
    assert_eq!((plain.deadline_seconds, plain.retention), (43_200, None));
    let full = json!({
        "cache": cache, "plan": "nightly", "scheduledTime": "2026-11-20T03:00:00Z", "source": "latestAutomatic",
        "retention": {"keepLast": 3}, "anomaly": {"maxKeyShrinkPercent": 7}, "deadlineSeconds": 600,
        "notify": "always"
    });
    let run = derive(full).unwrap();
    assert_eq!(run.owner, Owner::new("main", "nightly").unwrap());
    assert_eq!(
        run.instant.to_string(),
        "20261120t0300z",
        "the scheduled minute, not the start"
    );
    assert_eq!(run.started_at, at("2026-11-20T03:04:30Z"));
    assert_eq!(
        (run.source, run.notify),
        (Source::LatestAutomatic, NotifyOn::Always)
    );
    assert_eq!(
        (run.deadline_seconds, run.anomaly.max_key_shrink_percent),
        (600, 7)
    );
    assert_eq!(run.retention.as_ref().map(|r| r.keep_last), Some(3));
    let json = serde_json::to_value(&run).unwrap();
    assert_eq!(serde_json::from_value::<Run>(json).unwrap(), run);
}

#[test]
fn what_an_older_release_did_not_carry_has_its_default() {
    let run = derive(json!({"cache": {"kind": "cache-cluster", "id": "a"}})).unwrap();
    let mut json = serde_json::to_value(&run).unwrap();
    for optional in ["retention", "anomaly", "notify"] {
        json.as_object_mut().unwrap().remove(optional);
    }
    assert_eq!(serde_json::from_value::<Run>(json.clone()).unwrap(), run);
    json["surprise"] = json!(1);
    let error = serde_json::from_value::<Run>(json).unwrap_err().to_string();
    assert!(error.starts_with("unknown field `surprise`"), "{error}");
}

#[test]
fn a_bad_deployment_is_refused_before_anything_is_named_after_it() {
    let input = ExecutionInput::parse(json!({"cache": {"kind": "cache-cluster", "id": "a"}})).unwrap();
    let now = at("2026-11-20T03:04:30Z");
    let error = Run::derive(input, "Main", "arn".into(), now, now).unwrap_err();
    assert_eq!(error.name, ErrorName::InvalidInput);
    assert!(error.message.starts_with("`deployment` is `Main`"), "{error}");
}

#[test]
fn our_tags_tell_run_owner_and_cache() {
    let run = derive(json!({"cache": {"kind": "cache-cluster", "id": "a"}, "plan": "b"})).unwrap();
    let want = [
        Tag::new("snapkeep:run", "cache-cluster/a/20261120t0304z"),
        Tag::new("snapkeep:owner", "main/b"),
        Tag::new("snapkeep:cache", "cache-cluster/a"),
    ];
    assert_eq!(run.tags(), want);
    let key = "backups/cache-cluster/a/20261120t0304z/manifest.json";
    assert_eq!(run.manifest_key().as_str(), key);
}

#[test]
fn a_tag_has_a_key_and_a_value_and_nothing_else() {
    for (text, part) in [
        (r#"{"key": "a"}"#, "missing field `value`"),
        (r#"{"Key": "a", "Value": "b"}"#, "unknown field `Key`"),
        (r#"{"key": "a", "value": 1}"#, "invalid type"),
    ] {
        let error = serde_json::from_str::<Tag>(text).unwrap_err().to_string();
        assert!(error.starts_with(part), "{error}");
    }
}

#[test]
fn owners_never_blend() {
    for (text, why) in [
        ("main", "no plan"),
        ("", "nothing"),
        ("/x", "no deployment"),
        ("x/", "an empty plan"),
        ("a/b/c", "a slash in the plan"),
        ("a/B", "upper case"),
        ("a /b", "a space"),
    ] {
        assert!(Owner::try_from(text.to_owned()).is_err(), "{why}");
    }
    let owner = Owner::try_from("main/nightly".to_owned()).unwrap();
    assert_eq!(owner, Owner::new("main", "nightly").unwrap());
    assert_eq!((owner.deployment(), owner.plan()), ("main", "nightly"));
}

proptest! {
    #[test]
    fn owners_read_back(deployment in "[a-z0-9][a-z0-9-]{0,39}", plan in "[a-z0-9][a-z0-9-]{0,39}") {
        let owner = Owner::new(&deployment, &plan).unwrap();
        prop_assert_eq!(Owner::try_from(owner.to_string()), Ok(owner.clone()));
        let json = serde_json::to_value(&owner).unwrap();
        prop_assert_eq!(serde_json::from_value::<Owner>(json).unwrap(), owner);
    }
}
