//! Executions: started, redriven, alerted about, and found again after a restart.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod wire_support;

use local::engine::{Engine, EngineConfig, INTERRUPTED, Notice, StatesError};
use local::lambda::Tampering;
use serde_json::{Value, json};
use sim::asl::{Execution, Status, Why};
use sim::stage::EventForm;
use std::fs;
use wire_support::Bench;

fn alerts(engine: &Engine) -> u64 {
    engine.functions().activity("notify").invocations
}

#[tokio::test]
async fn an_execution_runs_through_real_processes_with_its_waits_compressed() {
    let Some(bench) = Bench::new() else { return };
    let engine = bench.engine().await;
    let mut notices = engine.subscribe();
    let started = engine.start(json!({"second": {"n": 2}}), Some("one")).unwrap();
    assert_eq!(
        started.execution_arn,
        "arn:aws:states:eu-west-1:000000000000:execution:machine:one"
    );
    assert_eq!(engine.wait("one").await.unwrap(), Status::Succeeded);
    let execution = engine.execution("one").unwrap();
    assert_eq!(execution.output, Some(json!({"event": {"n": 2}})));
    let took = execution
        .stop_date
        .unwrap()
        .duration_since(execution.start_date)
        .as_secs();
    assert!(
        (600..640).contains(&took),
        "the wait of 600 s and little else: {took} s"
    );
    let mut types = Vec::new();
    while let Ok(notice) = notices.try_recv() {
        match notice {
            Notice::Event { event, .. } => types.push(format!("{:?}", event.event_type)),
            Notice::Ended { status, .. } => types.push(status.to_string()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        (types.first().unwrap().as_str(), types.last().unwrap().as_str()),
        ("ExecutionStarted", "SUCCEEDED")
    );
    assert_eq!(
        types.len(),
        execution.history.len() + 1,
        "each event once, then the end"
    );
    engine.quiet().await;
    assert_eq!(alerts(&engine), 0, "success is not the rule's business");
}

#[tokio::test]
async fn a_start_is_idempotent_while_it_runs_and_only_then() {
    let Some(bench) = Bench::new() else { return };
    let engine = bench.engine().await;
    let input = json!({"second": 1});
    let first = engine.start(input.clone(), Some("same")).unwrap();
    assert_eq!(
        engine.start(input.clone(), Some("same")).unwrap(),
        first,
        "the same execution"
    );
    let other = engine.start(json!({"second": 2}), Some("same")).unwrap_err();
    assert!(matches!(other, StatesError::ExecutionAlreadyExists(_)), "{other}");
    engine.wait("same").await.unwrap();
    let closed = engine.start(input, Some("same")).unwrap_err();
    assert!(
        matches!(closed, StatesError::ExecutionAlreadyExists(_)),
        "{closed}"
    );
    let started = engine.start(json!({}), None).unwrap();
    assert_eq!(started.name.len(), 36, "a name is made where none is given");
}

#[tokio::test]
async fn a_failure_is_alerted_and_a_redrive_goes_on_where_it_failed() {
    let Some(bench) = Bench::new() else { return };
    let engine = bench.engine().await;
    let mended = bench.path("mended");
    let second = json!({"failUnless": mended, "error": "Backup.BucketNotGranted"});
    engine.start(json!({"second": second}), Some("run")).unwrap();
    assert_eq!(engine.wait("run").await.unwrap(), Status::Failed);
    assert_eq!(
        engine.execution("run").unwrap().error.as_deref(),
        Some("Backup.BucketNotGranted")
    );
    engine.quiet().await;
    assert_eq!(alerts(&engine), 1);

    fs::write(mended, "").unwrap();
    engine.redrive("run").unwrap();
    assert_eq!(engine.wait("run").await.unwrap(), Status::Succeeded);
    assert_eq!(
        engine.functions().activity("first-step").invocations,
        1,
        "the first state is not run again"
    );
    assert_eq!(engine.execution("run").unwrap().redrive_count, 1);
    let again = engine.redrive("run").unwrap_err();
    assert_eq!(again.code(), "ExecutionNotRedrivable");
}

#[tokio::test]
async fn an_alert_is_tried_three_times_and_its_loss_is_told() {
    let Some(bench) = Bench::new() else { return };
    let engine = bench.engine().await;
    let mut notices = engine.subscribe();
    for skip in 0..3 {
        engine
            .tamper()
            .arm("notify", skip, Tampering::FailBefore(format!("Test.Try{skip}")));
    }
    engine.start(json!({"do": "fail"}), Some("run")).unwrap();
    engine.quiet().await;
    let mut lost = None;
    while let Ok(notice) = notices.try_recv() {
        if let Notice::AlertLost { reason, .. } = notice {
            lost = Some(reason);
        }
    }
    assert!(lost.unwrap().starts_with("Test.Try"), "told under the last error");
    assert!(engine.tamper().is_spent());
}

#[tokio::test]
async fn a_stopped_execution_is_aborted_and_alerted() {
    let Some(bench) = Bench::new() else { return };
    let engine = bench.engine().await;
    engine
        .start(json!({"do": "sleep", "seconds": 30}), Some("run"))
        .unwrap();
    let why = Why {
        error: Some("Person".to_owned()),
        cause: None,
    };
    engine.stop("run", why).unwrap();
    assert_eq!(engine.wait("run").await.unwrap(), Status::Aborted);
    engine.quiet().await;
    assert_eq!(alerts(&engine), 1);
}

#[tokio::test]
async fn an_execution_of_a_dead_process_is_found_aborted_and_can_be_redriven() {
    let Some(bench) = Bench::new() else { return };
    let engine = bench.engine().await;
    engine
        .start(json!({"do": "sleep", "seconds": 0.5, "second": 1}), Some("run"))
        .unwrap();
    let record = bench.path("home/executions/run.json");
    while !fs::read_to_string(&record).is_ok_and(|text| text.contains("TaskStarted")) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let before = engine.now();
    engine.close().await;

    let engine = bench.engine().await;
    assert!(engine.now() >= before, "virtual time never goes back");
    let found = engine.execution("run").unwrap();
    assert_eq!(
        (found.status, found.error.as_deref()),
        (Status::Aborted, Some(INTERRUPTED))
    );
    engine.redrive("run").unwrap();
    assert_eq!(engine.wait("run").await.unwrap(), Status::Succeeded);
    engine.close().await;

    let engine = bench.engine().await;
    assert_eq!(
        engine.execution("run").unwrap().status,
        Status::Succeeded,
        "the end is saved"
    );
}

#[tokio::test]
async fn the_folder_and_the_bucket_are_checked_before_anything_starts() {
    let Some(bench) = Bench::new() else { return };
    let engine = bench.engine().await;
    let error = Engine::open(bench.config()).await.err().unwrap();
    assert!(error.to_string().contains("in use by another process"), "{error}");
    engine.close().await;
    let mut config = bench.config();
    config.bucket = "production-backups".to_owned();
    let error = Engine::open(config).await.err().unwrap();
    assert!(error.to_string().contains("could exist on AWS"), "{error}");
    fs::write(bench.path("machine.asl.json"), r#"{"StartAt": "${Nothing}"}"#).unwrap();
    let error = Engine::open(bench.config()).await.err().unwrap();
    assert!(error.to_string().contains("`${Nothing}`"), "{error}");
}

/// A failed execution, and the event that the rule called `notify` with.
async fn told(form: EventForm) -> Option<(Execution, Value)> {
    let bench = Bench::new()?;
    let config = EngineConfig {
        event_form: form,
        ..bench.config()
    };
    let engine = Engine::open(config).await.unwrap();
    engine
        .start(json!({"do": "fail", "error": "Backup.Corrupt"}), Some("run"))
        .unwrap();
    engine.quiet().await;
    // The function prints each event that it is called with.
    let printed = engine.functions().last_log_lines("notify", 1).unwrap();
    let event = serde_json::from_str(&printed[0]).unwrap();
    Some((engine.execution("run").unwrap(), event))
}

#[tokio::test]
async fn the_event_of_the_rule_has_the_shape_that_aws_sends() {
    for form in [EventForm::Full, EventForm::Encrypted, EventForm::Large] {
        let Some((execution, event)) = told(form).await else {
            return;
        };
        let detail = &event["detail"];
        assert_eq!(event["detail-type"], "Step Functions Execution Status Change");
        assert_eq!(event["source"], "aws.states");
        assert_eq!(event["account"], "000000000000");
        assert_eq!(event["region"], "eu-west-1");
        assert_eq!(event["resources"], json!([execution.execution_arn]));
        assert_eq!(detail["status"], "FAILED");
        assert_eq!(detail["redriveStatus"], "REDRIVABLE");
        assert_eq!(detail["redriveCount"], 0);
        assert_eq!(detail["startDate"], json!(execution.start_date.as_millisecond()));
        assert_eq!(detail["output"], Value::Null);
        let error = json!((form != EventForm::Encrypted).then_some("Backup.Corrupt"));
        assert_eq!(detail["error"], error, "{form:?}");
        let has_input = form == EventForm::Full;
        assert_eq!(detail["inputDetails"], json!({"included": has_input}), "{form:?}");
        let input = detail["input"]
            .as_str()
            .map(|text| serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(
            input,
            has_input.then_some(execution.input),
            "{form:?}: input is JSON in a string"
        );
    }
}
