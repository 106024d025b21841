//! The host of the functions, with a function in Python that behaves as its event says.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod wire_support;

use local::lambda::{Host, Limits, Tamper, Tampering};
use serde_json::{Value, json};
use sim::asl::{Invocation, Invoke as _, TaskError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use wire_support::{Bench, within};

async fn fails(host: &Host, function: &str, event: &Value, error: &str, in_cause: &str) {
    let failed: TaskError = host.invoke(function, event).await.unwrap_err();
    assert_eq!(failed.error, error, "{}", failed.cause);
    assert!(failed.cause.contains(in_cause), "{}", failed.cause);
}

fn pid(answer: &Value) -> u64 {
    answer["pid"].as_u64().unwrap()
}

#[tokio::test]
async fn a_process_is_used_again_while_it_is_well() {
    let Some(bench) = Bench::new() else { return };
    let host = bench.host(Limits::default());
    let first = host.invoke("first-step", &json!({"n": 1})).await.unwrap();
    let second = host.invoke("first-step", &json!({"n": 2})).await.unwrap();
    assert_eq!(second["event"], json!({"n": 2}));
    assert_eq!(pid(&first), pid(&second), "warm");
    fails(
        &host,
        "first-step",
        &json!({"do": "fail"}),
        "Test.Failed",
        "as told",
    )
    .await;
    let third = host.invoke("first-step", &json!({})).await.unwrap();
    assert_eq!(
        pid(&first),
        pid(&third),
        "a function error does not spoil the process"
    );
    let activity = host.activity("first-step");
    assert_eq!((activity.cold_starts, activity.invocations), (1, 4));
    let idle: Vec<u64> = host
        .idle_processes("first-step")
        .into_iter()
        .map(u64::from)
        .collect();
    assert_eq!(idle, [pid(&first)]);
}

#[tokio::test]
async fn every_way_to_fail_has_the_name_that_step_functions_shows() {
    let Some(bench) = Bench::new() else { return };
    bench.add_function("no-interpreter", "#!/no/such/interpreter\n");
    std::fs::create_dir_all(bench.path("functions/without-bootstrap")).unwrap();
    let host = bench.host(within(Duration::from_millis(500)));
    let corrupt = json!({"do": "fail", "error": "Backup.Corrupt"});
    let exit = |code: i32| json!({"do": "exit", "code": code});
    let garbage = json!({"do": "garbage"});
    let cases = [
        (
            "first-step",
            corrupt,
            "Backup.Corrupt",
            r#""errorMessage": "as told""#,
        ),
        ("first-step", exit(3), "Runtime.ExitError", "exit status 3"),
        ("first-step", exit(0), "Runtime.ExitError", "without providing"),
        ("first-step", garbage, "Runtime.InvalidResponse", "not JSON"),
        ("fails-to-start", json!({}), "Test.NoStart", "no start"),
        (
            "without-bootstrap",
            json!({}),
            "Runtime.InvalidEntrypoint",
            "valid bootstrap",
        ),
        (
            "no-interpreter",
            json!({}),
            "Runtime.InvalidEntrypoint",
            "valid bootstrap",
        ),
        (
            "nobody",
            json!({}),
            "Lambda.ResourceNotFoundException",
            "function:nobody",
        ),
        (
            "../functions/first-step",
            json!({}),
            "Lambda.ResourceNotFoundException",
            "not found",
        ),
    ];
    for (function, event, error, part) in cases {
        fails(&host, function, &event, error, part).await;
    }
}

#[tokio::test]
async fn a_late_function_is_killed_and_replaced() {
    let Some(bench) = Bench::new() else { return };
    let host = bench.host(within(Duration::from_millis(300)));
    let before = host.invoke("first-step", &json!({})).await.unwrap();
    let start = Instant::now();
    let event = json!({"do": "sleep", "seconds": 30});
    fails(
        &host,
        "first-step",
        &event,
        "Sandbox.Timedout",
        "timed out after 0.30 seconds",
    )
    .await;
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "nobody waited for the function"
    );
    let after = host.invoke("first-step", &json!({})).await.unwrap();
    assert_ne!(pid(&before), pid(&after), "the late process is gone");
    assert_eq!(host.activity("first-step").cold_starts, 2);
}

#[tokio::test]
async fn concurrent_calls_get_processes_of_their_own_up_to_the_limit() {
    let Some(bench) = Bench::new() else { return };
    let host = bench.host(Limits {
        concurrency: 2,
        ..Limits::default()
    });
    let event = json!({"do": "sleep", "seconds": 0.2});
    let calls = (0..4).map(|_| host.invoke("first-step", &event));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(
        host.activity("first-step").cold_starts,
        2,
        "two at once, then both again"
    );
}

#[tokio::test]
async fn a_function_sees_what_lambda_shows_it_and_nothing_else() {
    let Some(bench) = Bench::new() else { return };
    let host = bench.host(Limits {
        memory_mb: 256,
        ..Limits::default()
    });
    let arn = host.arn("first-step");
    assert_eq!(arn, "arn:aws:lambda:eu-west-1:000000000000:function:first-step");
    let seen = host.invoke(&arn, &json!({})).await.unwrap();
    let environment = &seen["environment"];
    for (name, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", "first-step"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("SNAPKEEP_BUCKET", "sthree-vault"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    assert!(
        environment["HOME"].is_null(),
        "the environment of the person is not passed on"
    );
    let headers = &seen["headers"];
    assert_eq!(headers["lambda-runtime-invoked-function-arn"], *arn);
    assert_eq!(
        headers["lambda-runtime-aws-request-id"].as_str().unwrap().len(),
        36
    );
    assert!(
        headers["lambda-runtime-trace-id"]
            .as_str()
            .unwrap()
            .starts_with("Root=1-")
    );
    let deadline: i64 = headers["lambda-runtime-deadline-ms"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    let left = deadline - i64::try_from(since.as_millis()).unwrap();
    assert!(
        (30_000..=60_000).contains(&left),
        "a minute from the hand-over, in real time: {left} ms"
    );
}

#[tokio::test]
async fn logs_are_kept_by_function() {
    let Some(bench) = Bench::new() else { return };
    let host = bench.host(Limits::default());
    assert!(
        host.last_log_lines("first-step", 5).unwrap().is_empty(),
        "it never ran"
    );
    for deed in ["fail", "garbage", "echo"] {
        let _ = host.invoke("first-step", &json!({"do": deed})).await;
    }
    assert_eq!(
        host.last_log_lines("first-step", 2).unwrap(),
        [r#"{"do": "garbage"}"#, r#"{"do": "echo"}"#]
    );
}

fn call(state: &str) -> Invocation {
    Invocation {
        function_name: "arn:aws:lambda:eu-west-1:000000000000:function:first-step".to_owned(),
        payload: json!({"do": "sleep", "seconds": 0.1}),
        execution_arn: "arn".to_owned(),
        state: state.to_owned(),
        retry: 0,
        timeout: None,
    }
}

#[tokio::test]
async fn calls_can_be_interfered_with_once_by_state_or_function() {
    let Some(bench) = Bench::new() else { return };
    let host = Arc::new(bench.host(Limits::default()));
    let tamper = Tamper::new(Arc::clone(&host));
    let invocations = || host.activity("first-step").invocations;

    tamper.arm(
        "A",
        1,
        Tampering::FailBefore("Lambda.ServiceException".to_owned()),
    );
    tamper.invoke(call("A")).await.unwrap();
    tamper.invoke(call("B")).await.unwrap();
    let failed = tamper.invoke(call("A")).await.unwrap_err();
    assert_eq!(
        (failed.error.as_str(), invocations()),
        ("Lambda.ServiceException", 2),
        "not called"
    );

    tamper.arm("first-step", 0, Tampering::FailAfter("States.Timeout".to_owned()));
    assert!(tamper.invoke(call("B")).await.is_err());
    assert_eq!(invocations(), 3, "called, and the answer lost");

    tamper.arm("A", 0, Tampering::Duplicate);
    tamper.invoke(call("A")).await.unwrap();
    assert_eq!(invocations(), 5, "called twice");

    tamper.arm("A", 0, Tampering::Kill(Duration::from_millis(20)));
    let killed = tamper.invoke(call("A")).await.unwrap_err();
    assert_eq!(killed.error, "Runtime.ExitError", "{}", killed.cause);
    assert!(tamper.is_spent());
    tamper.invoke(call("A")).await.unwrap();
}
