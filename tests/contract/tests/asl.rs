//! The rules that the state machine file is judged by, each decided by a program over the definition.
//!
//! The readings of the design stand: no wildcard retrier, the deadline as an argument of every check, a Default that
//! goes back into its loop, and a Map over the shards of one backup.

use contract::{State, definition, root, states, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const FILE: &str = "statemachine/backup.asl.json";

fn tasks(definition: &Value) -> Vec<State<'_>> {
    states(definition)
        .into_iter()
        .filter(|state| state.is("Task"))
        .collect()
}

fn retrier<'s>(state: &'s State<'_>, name: &str) -> Option<&'s Value> {
    let rows = state.fields["Retry"].as_array()?;
    rows.iter().find(|row| {
        row["ErrorEquals"]
            .as_array()
            .is_some_and(|names| names.iter().any(|n| n == name))
    })
}

/// The nominal delay of all attempts of a retrier, in seconds.
fn budget(row: &Value) -> f64 {
    let number = |field: &str, default: f64| row[field].as_f64().unwrap_or(default);
    let (mut delay, mut total) = (number("IntervalSeconds", 1.0), 0.0);
    let cap = number("MaxDelaySeconds", f64::INFINITY);
    for _ in 0..row["MaxAttempts"].as_u64().unwrap_or(3) {
        total += delay.min(cap);
        delay *= number("BackoffRate", 2.0);
    }
    total
}

#[test]
fn lambda_itself_is_retried_as_aws_advises() {
    for state in tasks(&definition(FILE).unwrap()) {
        for name in [
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.ClientExecutionTimeoutException",
        ] {
            let row = retrier(&state, name).unwrap_or_else(|| panic!("{}: {name}", state.path));
            assert_eq!(
                (&row["IntervalSeconds"], &row["BackoffRate"]),
                (&2.into(), &2.into()),
                "{}",
                state.path
            );
            assert_eq!(row["MaxAttempts"], 6, "{}", state.path);
        }
        for name in [
            "Sandbox.Timedout",
            "Runtime.ExitError",
            "Lambda.Unknown",
            "States.Timeout",
        ] {
            assert_eq!(
                retrier(&state, name).unwrap()["MaxAttempts"],
                2,
                "{}: {name}",
                state.path
            );
        }
    }
}

#[test]
fn throttling_is_waited_out_with_jitter_and_a_cap() {
    for state in tasks(&definition(FILE).unwrap()) {
        for name in ["Lambda.TooManyRequestsException", "Backup.Throttled"] {
            let row = retrier(&state, name).unwrap();
            assert_eq!(row["JitterStrategy"], "FULL", "{}", state.path);
            assert!(
                row["MaxDelaySeconds"].is_u64(),
                "{}: jitter without a cap waits for hours",
                state.path
            );
            assert!(budget(row) >= 20.0 * 60.0, "{}: {} s", state.path, budget(row));
        }
    }
}

#[test]
fn busy_is_minutes_apart_for_hours() {
    for state in tasks(&definition(FILE).unwrap()) {
        if let Some(row) = retrier(&state, "Backup.CacheBusy") {
            assert!(row["IntervalSeconds"].as_u64() >= Some(60), "{}", state.path);
            assert!(budget(row) >= 3.0 * 3600.0, "{}: {} s", state.path, budget(row));
        }
    }
}

#[test]
fn no_wildcards_no_catch_no_fail() {
    let definition = definition(FILE).unwrap();
    for state in states(&definition) {
        assert!(
            state.fields["Catch"].is_null(),
            "{}: a re-drive would not start here",
            state.path
        );
        assert!(!state.is("Fail") && !state.is("Parallel"), "{}", state.path);
        let names = state.fields["Retry"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|row| {
                assert_ne!(
                    row["MaxAttempts"], 0,
                    "{}: an unlisted name fails at once anyway",
                    state.path
                );
                row["ErrorEquals"].as_array().into_iter().flatten()
            });
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        assert!(
            !names.contains(&"States.ALL") && !names.contains(&"States.TaskFailed"),
            "{}",
            state.path
        );
        assert_eq!(
            names.len(),
            names.iter().collect::<BTreeSet<_>>().len(),
            "{}: named twice",
            state.path
        );
    }
}

#[test]
fn everything_has_a_time_limit_above_the_function_s() {
    let definition = definition(FILE).unwrap();
    assert_eq!(definition["TimeoutSeconds"], 86_400);
    for state in tasks(&definition) {
        let limit = state.fields["TimeoutSeconds"].as_u64().unwrap();
        let function = match state.name() {
            "VerifyObject" => 900,
            "Prune" => 300,
            _ => 70,
        };
        assert!(
            limit >= function + 5,
            "{}: the first call would still run when the retry starts",
            state.path
        );
        assert!(
            state.fields["HeartbeatSeconds"].is_null(),
            "{}: does nothing on request-response",
            state.path
        );
    }
}

#[test]
fn the_deadline_is_an_argument_of_every_check() {
    let definition = definition(FILE).unwrap();
    for name in ["CheckSnapshot", "CheckExport"] {
        let payload = &definition["States"][name]["Arguments"]["Payload"];
        let deadline = payload["deadline"].as_str().unwrap();
        assert!(
            deadline.contains("RedriveTime") && deadline.contains("StartTime"),
            "{name}: {deadline}"
        );
        assert!(
            payload["redriveCount"].as_str().unwrap().contains("RedriveCount"),
            "{name}"
        );
    }
    let text = text(FILE).unwrap();
    assert!(
        !text.contains("EnteredTime"),
        "it stands still across retries and re-drives"
    );
    assert_eq!(
        text.matches("$now()").count(),
        tasks(&definition).len(),
        "`now` is read once per attempt"
    );
}

#[test]
fn every_choice_defaults_into_its_loop_and_never_to_success() {
    let definition = definition(FILE).unwrap();
    let back = BTreeMap::from([
        ("AlreadyBackedUp", "WaitForSnapshot"),
        ("SnapshotReady", "WaitForSnapshot"),
        ("ExportReady", "WaitForExport"),
        ("ObjectDone", "VerifyObject"),
        // The manifest is written: what is left is who prunes and tells.
        ("RecordedHere", "Done"),
    ]);
    let choices = states(&definition).into_iter().filter(|state| state.is("Choice"));
    let found: BTreeMap<String, String> = choices
        .map(|s| {
            (
                s.name().to_owned(),
                s.fields["Default"].as_str().unwrap_or("").to_owned(),
            )
        })
        .collect();
    let want = back
        .into_iter()
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect();
    assert_eq!(found, want);
}

#[test]
fn prune_is_reached_only_over_verified_and_recorded() {
    let definition = definition(FILE).unwrap();
    let next = |name: &str| {
        definition["States"][name]["Next"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let into = |target: &str| -> Vec<String> {
        let states = definition["States"].as_object().unwrap();
        let leads = |fields: &Value| {
            let rules = fields["Choices"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|rule| &rule["Next"]);
            rules
                .chain([&fields["Next"], &fields["Default"]])
                .any(|next| next == target)
        };
        states
            .iter()
            .filter(|(_, fields)| leads(fields))
            .map(|(name, _)| name.clone())
            .collect()
    };
    assert_eq!(into("Prune"), ["RecordedHere"]);
    assert_eq!(into("RecordedHere"), ["RecordBackup"]);
    assert_eq!(into("RecordBackup"), ["VerifyObjects"]);
    assert_eq!(into("VerifyObjects"), ["ExportReady"]);
    assert_eq!(next("Prune"), "NotifySuccess");
}

#[test]
fn the_map_is_bounded_and_has_no_tolerance() {
    let definition = definition(FILE).unwrap();
    let map = &definition["States"]["VerifyObjects"];
    let concurrency = map["MaxConcurrency"].as_u64().unwrap();
    assert!(
        (1..=40).contains(&concurrency),
        "0 is unlimited, and inline Maps run 40 at most"
    );
    assert_eq!(map["ItemProcessor"]["ProcessorConfig"]["Mode"], "INLINE");
    assert!(
        map["ToleratedFailurePercentage"].is_null(),
        "one broken shard fails the backup"
    );
}

#[test]
fn states_are_named_explained_and_short() {
    let text = text(FILE).unwrap();
    assert!(text.lines().count() < 250, "{} lines", text.lines().count());
    let definition = definition(FILE).unwrap();
    for state in states(&definition) {
        let comment = state.fields["Comment"].as_str().unwrap_or("");
        assert!(
            comment.ends_with('.') && comment.len() > 20,
            "{}: a sentence that says why",
            state.path
        );
        let pascal = state.name().starts_with(|c: char| c.is_ascii_uppercase());
        assert!(
            pascal && state.name().bytes().all(|b| b.is_ascii_alphanumeric()),
            "{}",
            state.path
        );
    }
    for line in text.lines().filter(|line| line.contains("ErrorEquals")) {
        assert!(
            line.trim_start().starts_with("{ \"ErrorEquals\""),
            "one retrier a line: {line}"
        );
    }
}

#[test]
fn placeholders_stand_inside_strings_and_name_our_functions() {
    let definition = definition(FILE).unwrap();
    let placeholder = |state: &State<'_>| {
        state.fields["Arguments"]["FunctionName"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for state in tasks(&definition) {
        let function = match state.name() {
            "CheckSnapshot" | "CheckExport" => "CheckStatus",
            "NotifySuccess" => "Notify",
            same => same,
        };
        assert_eq!(
            placeholder(&state),
            format!("${{{function}Arn}}"),
            "{}",
            state.path
        );
        assert_eq!(
            state.fields["Resource"], "arn:${Partition}:states:::lambda:invoke",
            "any partition"
        );
        let folder = root().join("functions").join(kebab(function));
        assert!(
            folder.join("src/main.rs").is_file(),
            "{} is no function",
            folder.display()
        );
    }
    let text = text(FILE).unwrap();
    let used: BTreeSet<&str> = text
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .collect();
    assert_eq!(used.len(), 8, "seven functions and the partition: {used:?}");
}

/// `CopyToS3` as the folder `copy-to-s3`.
fn kebab(pascal: &str) -> String {
    let mut out = String::new();
    for c in pascal.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
