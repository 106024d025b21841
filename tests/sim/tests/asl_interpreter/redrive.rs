//! Redrives, each over a round trip through the stored record, as after a restart of the process.

use std::time::Duration;

use expect_test::expect;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::asl::{EventType, Execution, Invocation, Status, Why};

use crate::support::{
    Answer, Ran, after, drive, epoch, history, machine, no_calls, resume, run, start, task,
};

/// Redrives what ended, `hours` after its end, and runs it on.
fn redrive(
    ran: Ran,
    hours: i64,
    script: impl Fn(&Invocation, usize) -> Answer + Send + Sync + 'static,
) -> Ran {
    let mut execution = ran.execution;
    let now = execution.stop_date.unwrap() + SignedDuration::from_hours(hours);
    execution.redrive(now).unwrap();
    resume(execution, script)
}

fn fails(error: &'static str) -> impl Fn(&Invocation, usize) -> Answer + Send + Sync {
    move |_, _| Answer::Fails(error)
}

fn returns(value: Value) -> impl Fn(&Invocation, usize) -> Answer + Send + Sync {
    move |_, _| Answer::Returns(value.clone())
}

#[test]
fn a_task_is_scheduled_again_with_what_it_had() {
    let payload = json!({
        "input": "{% $states.input %}",
        "kept": "{% $kept %}",
        "entered": "{% $states.context.State.EnteredTime %}",
        "count": "{% $states.context.Execution.RedriveCount %}",
        "time": "{% $exists($states.context.Execution.RedriveTime) ? $states.context.Execution.RedriveTime : null %}",
    });
    let states = json!({
        "A": {"Type": "Pass", "Assign": {"kept": 7}, "Output": "from A", "Next": "B"},
        "B": task("f", &json!({"Arguments": {"FunctionName": "f", "Payload": payload}, "End": true})),
    });
    let failed = run(&machine("A", &states), json!({}), fails("Denied"));
    assert_eq!(failed.execution.transitions, 2);
    let ran = redrive(failed, 1, returns(json!("mended")));
    assert_eq!(*ran.output(), json!("mended"));
    assert_eq!(
        ran.calls[0].invocation.payload,
        json!({
            "input": "from A",
            "kept": 7,
            "entered": "2026-03-01T02:00:00.000Z",
            "count": 1,
            "time": "2026-03-01T03:00:00.000Z",
        })
    );
    assert_eq!(
        ran.execution.transitions, 3,
        "the redrive is one, the state is not entered again"
    );
    assert_eq!(
        (ran.execution.error.as_ref(), ran.execution.cause.as_ref()),
        (None, None)
    );
    expect![[r#"
        1 <0 0s ExecutionStarted
        2 <0 0s PassStateEntered A
        3 <2 0s PassStateExited A "from A"
        4 <3 0s TaskStateEntered B
        5 <4 0s TaskScheduled {"FunctionName":"f","Payload":{"input":"from A","kept":7,"entered":"2026-03-01T02:00:00.000Z","count":0,"time":null}}
        6 <5 0s TaskStarted
        7 <6 0s TaskFailed Denied
        8 <7 0s ExecutionFailed Denied
        9 <8 3600s ExecutionRedriven 1
        10 <9 3600s TaskScheduled {"FunctionName":"f","Payload":{"input":"from A","kept":7,"entered":"2026-03-01T02:00:00.000Z","count":1,"time":"2026-03-01T03:00:00.000Z"}}
        11 <10 3600s TaskStarted
        12 <11 3600s TaskSucceeded
        13 <12 3600s TaskStateExited B "mended"
        14 <13 3600s ExecutionSucceeded "mended"
    "#]].assert_eq(&ran.history());
}

#[test]
fn retries_begin_anew() {
    let retry = json!([{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2}]);
    let definition = machine(
        "A",
        &json!({"A": task("f", &json!({"Retry": retry, "End": true}))}),
    );
    let failed = run(&definition, json!({}), fails("Busy"));
    assert_eq!(failed.calls.len(), 3);
    let again = redrive(failed, 0, fails("Busy"));
    assert_eq!(
        again
            .calls
            .iter()
            .map(|call| call.invocation.retry)
            .collect::<Vec<_>>(),
        [0, 1, 2]
    );
    assert_eq!(again.error(), "Busy");
    assert_eq!(again.execution.redrive_count, 1);
}

#[test]
fn timeouts_begin_anew() {
    let mut definition = machine("A", &json!({"A": task("f", &json!({"End": true}))}));
    definition["TimeoutSeconds"] = json!(100);
    let timed_out = run(&definition, json!({}), |_, _| Answer::Never);
    assert_eq!(timed_out.execution.status, Status::TimedOut);
    let ran = redrive(timed_out, 5, |_, _| after(99, Answer::Returns(json!(1))));
    assert_eq!(*ran.output(), json!(1));
}

#[test]
fn a_choice_is_evaluated_again() {
    let states = json!({
        "C": {"Type": "Choice", "Default": "D", "Choices": [
            {"Condition": "{% $states.context.Execution.RedriveCount = 0 ? $states.input.missing : true %}", "Next": "D"},
        ]},
        "D": {"Type": "Succeed"},
    });
    let failed = run(&machine("C", &states), json!({}), no_calls);
    assert_eq!(failed.error(), "States.QueryEvaluationError");
    let ran = redrive(failed, 0, no_calls);
    assert_eq!(ran.execution.status, Status::Succeeded);
    assert_eq!(ran.count("ChoiceStateEntered"), 1);
}

#[test]
fn a_pass_that_failed_is_evaluated_again() {
    let output = "{% $states.context.Execution.RedriveCount = 0 ? $states.input.missing : 'now' %}";
    let definition = machine(
        "P",
        &json!({"P": {"Type": "Pass", "Output": output, "End": true}}),
    );
    let ran = redrive(run(&definition, json!({}), no_calls), 0, no_calls);
    assert_eq!(*ran.output(), json!("now"));
    assert_eq!(
        (ran.count("PassStateEntered"), ran.count("PassStateExited")),
        (1, 1)
    );
}

#[test]
fn a_wait_starts_over() {
    let definition = machine("W", &json!({"W": {"Type": "Wait", "Seconds": 100, "End": true}}));
    let stopped = drive(
        start(&definition, json!({})),
        no_calls,
        Some(Duration::from_secs(90)),
    );
    assert_eq!(stopped.execution.status, Status::Aborted);
    let ran = redrive(stopped, 1, no_calls);
    let waited = ran
        .execution
        .stop_date
        .unwrap()
        .duration_since(ran.execution.redrive_date.unwrap());
    assert_eq!(waited, SignedDuration::from_secs(100));
    assert_eq!(
        (ran.count("WaitStateEntered"), ran.count("WaitStateAborted")),
        (1, 1)
    );
}

/// Three items; each goes through two Tasks.
fn two_steps() -> Value {
    let inside = json!({"StartAt": "F", "States": {
        "F": task("first", &json!({"Assign": {"seen": "{% $states.input %}"}, "Next": "G"})),
        "G": task("second", &json!({"Output": "{% [$seen, $states.result.Payload] %}", "End": true})),
    }});
    let map = json!({"Type": "Map", "Items": "{% $states.input.items %}", "MaxConcurrency": 2,
        "ItemProcessor": inside, "End": true});
    machine("M", &json!({"M": map}))
}

#[test]
fn only_unfinished_iterations_of_a_map_run_again_where_they_stopped() {
    // Item 0 is done, item 1 fails in its second state while item 2 waits in its first, item 3 has not begun.
    let failed = run(&two_steps(), json!({"items": [0, 1, 2, 3]}), |call, _| {
        let item = call.payload.as_u64().unwrap() % 10;
        match (call.function_name.as_str(), item) {
            ("first", 2) => Answer::Never,
            ("second", 1) => after(5, Answer::Fails("Corrupt")),
            _ => Answer::Returns(json!(item + 10)),
        }
    });
    assert_eq!(failed.error(), "Corrupt");
    let ran = redrive(failed, 1, |call, _| {
        Answer::Returns(json!(call.payload.as_u64().unwrap() % 10 + 20))
    });
    let called: Vec<String> = ran
        .calls
        .iter()
        .map(|call| format!("{} {}", call.invocation.function_name, call.invocation.payload))
        .collect();
    assert_eq!(
        called,
        ["second 11", "first 2", "second 22", "first 3", "second 23"]
    );
    assert_eq!(
        *ran.output(),
        json!([[0, 10], [1, 21], [2, 22], [3, 23]]),
        "item 0 keeps its output"
    );
    let redriven = ran
        .execution
        .history
        .iter()
        .position(|event| event.event_type == EventType::ExecutionRedriven);
    expect![[r#"
        35 <34 3605s ExecutionRedriven 1
        36 <35 3605s MapIterationStarted M[1]
        37 <35 3605s MapIterationStarted M[2]
        38 <36 3605s TaskScheduled {"FunctionName":"second","Payload":11}
        39 <38 3605s TaskStarted
        40 <39 3605s TaskSucceeded
        41 <40 3605s TaskStateExited G [1,21]
        42 <41 3605s MapIterationSucceeded M[1]
        43 <35 3605s MapIterationStarted M[3]
        44 <37 3605s TaskScheduled {"FunctionName":"first","Payload":2}
        45 <44 3605s TaskStarted
        46 <45 3605s TaskSucceeded
        47 <46 3605s TaskStateExited F 22
        48 <47 3605s TaskStateEntered G
        49 <48 3605s TaskScheduled {"FunctionName":"second","Payload":22}
        50 <49 3605s TaskStarted
        51 <50 3605s TaskSucceeded
        52 <51 3605s TaskStateExited G [2,22]
        53 <52 3605s MapIterationSucceeded M[2]
        54 <43 3605s TaskStateEntered F
        55 <54 3605s TaskScheduled {"FunctionName":"first","Payload":3}
        56 <55 3605s TaskStarted
        57 <56 3605s TaskSucceeded
        58 <57 3605s TaskStateExited F 23
        59 <58 3605s TaskStateEntered G
        60 <59 3605s TaskScheduled {"FunctionName":"second","Payload":23}
        61 <60 3605s TaskStarted
        62 <61 3605s TaskSucceeded
        63 <62 3605s TaskStateExited G [3,23]
        64 <63 3605s MapIterationSucceeded M[3]
        65 <64 3605s MapStateSucceeded
        66 <65 3605s MapStateExited M [[0,10],[1,21],[2,22],[3,23]]
        67 <66 3605s ExecutionSucceeded [[0,10],[1,21],[2,22],[3,23]]
    "#]]
    .assert_eq(&history(&ran.execution.history[redriven.unwrap()..]));
}

#[test]
fn a_map_whose_own_output_failed_runs_no_iteration_again() {
    let mut definition = two_steps();
    definition["States"]["M"]["Output"] = json!(
        "{% $states.context.Execution.RedriveCount = 0 ? $states.input.missing : $count($states.result) %}"
    );
    let failed = run(&definition, json!({"items": [0, 1]}), |call, _| {
        Answer::Returns(call.payload.clone())
    });
    assert_eq!(failed.error(), "States.QueryEvaluationError");
    assert_eq!(*redrive(failed, 0, no_calls).output(), json!(2));
}

#[test]
fn after_too_much_data_a_map_begins_anew() {
    let failed = run(&two_steps(), json!({"items": [0, 1]}), |call, _| {
        Answer::Returns(if call.payload == json!(1) {
            json!("x".repeat(300_000))
        } else {
            call.payload.clone()
        })
    });
    assert_eq!(failed.error(), "States.DataLimitExceeded");
    let ran = redrive(failed, 0, |call, _| Answer::Returns(call.payload.clone()));
    assert_eq!(ran.calls.len(), 4, "both items, both states");
    assert_eq!(ran.count("MapStateStarted"), 2);
}

#[test]
fn a_redrive_keeps_the_definition_it_was_started_with() {
    let definition = machine("A", &json!({"A": task("f", &json!({"End": true}))}));
    let failed = run(&definition, json!({}), fails("Denied"));
    let ran = redrive(failed, 0, returns(json!(1)));
    assert_eq!(ran.execution.definition, definition.to_string());
}

#[test]
fn it_can_be_redriven_as_often_as_it_fails() {
    let definition = machine("A", &json!({"A": task("f", &json!({"End": true}))}));
    let mut ran = run(&definition, json!({}), fails("Denied"));
    for count in 1..=3 {
        ran = redrive(ran, 24 * 13, fails("Denied"));
        assert_eq!(ran.execution.redrive_count, count);
    }
    assert_eq!(*redrive(ran, 1, returns(json!(1))).output(), json!(1));
}

#[test]
fn what_cannot_be_redriven_says_why() {
    let definition = machine("A", &json!({"A": task("f", &json!({"End": true}))}));
    let refused = |execution: &mut Execution, hours: i64| {
        let now = execution.stop_date.unwrap_or(epoch()) + SignedDuration::from_hours(hours);
        let before = execution.clone();
        let why = execution.redrive(now).unwrap_err().to_string();
        assert_eq!(*execution, before, "a refused redrive changes nothing");
        why
    };
    let mut running = start(&definition, json!({}));
    assert_eq!(
        refused(&mut running, 0),
        "execution is `RUNNING`; only a failed, timed out or aborted one can be redriven"
    );
    let mut succeeded = run(&definition, json!({}), returns(json!(1))).execution;
    assert!(refused(&mut succeeded, 0).starts_with("execution is `SUCCEEDED`"));
    let failed = run(&definition, json!({}), fails("Denied")).execution;
    assert!(refused(&mut failed.clone(), 24 * 14 + 1).contains("more than 14 days ago"));
    assert!(
        failed
            .redrivable(failed.stop_date.unwrap() + SignedDuration::from_hours(24 * 14))
            .is_ok()
    );
    let mut full = failed.clone();
    let event = full.history[0].clone();
    full.history.resize(24_999, event);
    assert!(refused(&mut full, 0).contains("`24999` history events"));
    let mut old = failed;
    old.start_date -= SignedDuration::from_hours(24 * 366);
    assert!(refused(&mut old, 0).contains("more than a year ago"));
}

#[test]
fn a_process_that_died_leaves_a_run_to_stop_and_redrive_or_to_run_on() {
    let definition = machine("A", &json!({"A": task("f", &json!({"End": true}))}));
    // What an observer stored while the Task was under way.
    let aborted = drive(
        start(&definition, json!({})),
        |_, _| Answer::Never,
        Some(Duration::from_secs(1)),
    )
    .execution;
    let mut died = aborted.clone();
    died.history.truncate(4);
    died.status = Status::Running;
    died.stop_date = None;

    let ran_on = resume(died.clone(), returns(json!(1)));
    assert_eq!(*ran_on.output(), json!(1));

    let now = epoch() + SignedDuration::from_hours(1);
    died.stop(
        Why {
            error: Some("Interrupted".to_owned()),
            cause: None,
        },
        now,
    );
    assert_eq!(died.status, Status::Aborted);
    died.redrive(now).unwrap();
    assert_eq!(*resume(died, returns(json!(2))).output(), json!(2));
}
