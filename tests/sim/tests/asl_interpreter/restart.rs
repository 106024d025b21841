//! The stored record: a process may end after any event, and the execution still comes to the same end.

use std::sync::Arc;

use serde_json::{Value, json};
use sim::asl::{Environment, Execution, Invocation, Run, Status};

use crate::support::{Answer, Journal, after, machine, resume, start, task, watch};

/// Every modelled state type, a retry, a loop, a Map with its own variables.
fn everything() -> Value {
    let busy = json!([{"ErrorEquals": ["Busy"], "IntervalSeconds": 5}]);
    let each = json!({"StartAt": "Note", "States": {
        "Note": {"Type": "Pass", "Assign": {"noted": "{% $states.input %}"}, "Next": "Read"},
        "Read": task("read", &json!({"Output": "{% $noted + $base %}", "End": true})),
    }});
    machine(
        "Make",
        &json!({
            "Make": task("make", &json!({"Assign": {"base": 100}, "Retry": busy, "Next": "Sleep"})),
            "Sleep": {"Type": "Wait", "Seconds": 30, "Next": "Check"},
            "Check": task("check", &json!({"Next": "Ready"})),
            "Ready": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $states.input.ready %}", "Next": "Each", "Output": "{% [1, 2, 3] %}"}],
                "Default": "Sleep",
            },
            "Each": {"Type": "Map", "Items": "{% $states.input %}", "MaxConcurrency": 2, "ItemProcessor": each, "Next": "Done"},
            "Done": {"Type": "Succeed"},
        }),
    )
}

/// `retries` and the instant come with the call, so a restarted process answers as the first one would have.
fn answer(call: &Invocation, _: usize) -> Answer {
    match call.function_name.as_str() {
        "make" if call.retry == 0 => Answer::Fails("Busy"),
        "check" => Answer::Returns(json!({"ready": true})),
        _ => after(3, Answer::Returns(json!("ok"))),
    }
}

fn journal() -> Vec<Execution> {
    let journal = Arc::new(Journal::default());
    let ran = watch(start(&everything(), json!({})), answer, None, journal.clone());
    assert_eq!(*ran.output(), json!([101, 102, 103]));
    let records = journal.0.lock().unwrap();
    assert_eq!(
        records.len(),
        ran.execution.history.len() - 1,
        "all but the event that was there before it ran"
    );
    records
        .iter()
        .map(|record| serde_json::from_str(record).unwrap())
        .collect()
}

#[test]
fn a_process_may_end_after_any_event() {
    for record in journal() {
        let events = record.history.len();
        if record.status == Status::Running {
            let ran = resume(record, answer);
            assert_eq!(
                *ran.output(),
                json!([101, 102, 103]),
                "resumed after event {events}"
            );
        }
    }
}

#[test]
fn a_run_stopped_after_any_event_can_be_redriven_to_the_same_end() {
    for mut record in journal() {
        let events = record.history.len();
        if record.status == Status::Running {
            let now = record.history.last().unwrap().timestamp;
            record.stop(sim::asl::Why::default(), now);
            record.redrive(now).unwrap();
            let ran = resume(record, answer);
            assert_eq!(
                *ran.output(),
                json!([101, 102, 103]),
                "redriven after event {events}"
            );
        }
    }
}

#[test]
fn a_run_may_move_between_threads() {
    fn movable<T: Send>(_: &T) {}
    let run = Run::new(start(&everything(), json!({}))).unwrap();
    let drive = |environment: Environment| {
        let run = run.clone();
        async move { run.run(&environment).await }
    };
    let never_called = |environment| movable(&drive(environment));
    let _: &dyn Fn(Environment) = &never_called;
    movable(&run);
}
