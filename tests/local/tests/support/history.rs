//! Runs whose histories are written by hand: what a view shows must follow from events alone.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sim::asl::{Details, EventType, Execution, HistoryEvent, Integration, StartExecution, Status, Why};

const START: Timestamp = Timestamp::constant(1_795_143_600, 0);

/// Appends events, each some seconds after the one before.
struct Writer {
    run: Execution,
    at: Timestamp,
}

impl Writer {
    fn new(name: &str) -> Self {
        let start = StartExecution {
            state_machine_arn: "arn:aws:states:eu-west-1:000000000000:stateMachine:backup".to_owned(),
            role_arn: None,
            name: name.to_owned(),
            input: json!({}),
            definition: json!({
                "QueryLanguage": "JSONata", "StartAt": "End", "States": {"End": {"Type": "Succeed"}}
            })
            .to_string(),
            seed: 1,
        };
        Self {
            run: Execution::start(start, START).unwrap(),
            at: START,
        }
    }

    fn event(&mut self, event_type: EventType, details: Option<Details>) -> &mut Self {
        let id = self.run.history.len() as u64 + 1;
        let timestamp = self.at;
        self.run.history.push(HistoryEvent {
            id,
            previous_event_id: id - 1,
            timestamp,
            event_type,
            details,
        });
        self
    }

    fn after(&mut self, millis: i64) -> &mut Self {
        self.at += SignedDuration::from_millis(millis);
        self
    }

    fn enter(&mut self, event_type: EventType, name: &str) -> &mut Self {
        self.run.transitions += 1;
        self.event(
            event_type,
            Some(Details::StateEntered {
                name: name.to_owned(),
                input: "{}".to_owned(),
            }),
        )
    }

    fn wait(&mut self, name: &str, seconds: i64) -> &mut Self {
        self.enter(EventType::WaitStateEntered, name)
            .after(seconds * 1000)
            .event(EventType::WaitStateExited, None)
    }

    fn call(&mut self, millis: i64) -> &mut Self {
        self.event(EventType::TaskScheduled, None).after(millis)
    }

    fn task(&mut self, name: &str, millis: i64) -> &mut Self {
        self.enter(EventType::TaskStateEntered, name)
            .call(millis)
            .event(EventType::TaskStateExited, None)
    }

    fn fail_call(&mut self, error: &str) -> &mut Self {
        let integration = Integration {
            resource_type: "lambda".to_owned(),
            resource: "invoke".to_owned(),
        };
        let why = Why {
            error: Some(error.to_owned()),
            cause: None,
        };
        self.event(
            EventType::TaskFailed,
            Some(Details::TaskFailed { integration, why }),
        )
    }

    fn up_to_copy(&mut self) -> &mut Self {
        self.enter(EventType::TaskStateEntered, "CreateSnapshot")
            .call(900)
            .fail_call("Backup.Throttled");
        self.after(2000).call(420).event(EventType::TaskStateExited, None);
        for seconds in [15, 17, 20, 23, 120] {
            self.wait("WaitForSnapshot", seconds).task("CheckSnapshot", 61);
            self.enter(EventType::ChoiceStateEntered, "SnapshotReady")
                .event(EventType::ChoiceStateExited, None);
        }
        self
    }

    fn on_from_copy(&mut self) -> &mut Self {
        self.task("CopyToS3", 233)
            .wait("WaitForExport", 135)
            .task("CheckExport", 90);
        self.enter(EventType::MapStateEntered, "VerifyObjects");
        self.event(
            EventType::MapStateStarted,
            Some(Details::MapStateStarted { length: 3 }),
        );
        for _ in 0..4 {
            self.task("VerifyObject", 40);
        }
        for _ in 0..3 {
            self.event(EventType::MapIterationSucceeded, None);
        }
        self.event(EventType::MapStateExited, None);
        self.task("RecordBackup", 120)
            .task("Prune", 75)
            .task("NotifySuccess", 50)
    }

    fn end(mut self, status: Status, event_type: EventType, details: Option<Details>) -> Execution {
        self.event(event_type, details);
        self.run.status = status;
        self.run.stop_date = Some(self.at);
        self.run
    }
}

/// A run without trouble, save one throttled call.
pub(crate) fn succeeded() -> Execution {
    let mut writer = Writer::new("catalog-20261120t0300z");
    writer.up_to_copy().on_from_copy();
    writer.end(Status::Succeeded, EventType::ExecutionSucceeded, None)
}

/// A run that failed at the bucket twice, and whose process ended while its second redrive waited.
pub(crate) fn redriven() -> Execution {
    let mut writer = Writer::new("orders-20261120t0300z");
    writer.up_to_copy();
    let error = "Backup.BucketNotGranted";
    let cause = json!({
        "errorType": error,
        "errorMessage": "CopySnapshot answered `InvalidParameterValue`: ElastiCache has not been granted WRITE \
                         permissions on the S3 Bucket sthree-snapkeep",
    });
    let why = Why {
        error: Some(error.to_owned()),
        cause: Some(cause.to_string()),
    };
    for count in 1..=2 {
        // A redrive goes on with the call, as AWS does, and does not enter the state again.
        if count == 1 {
            writer.enter(EventType::TaskStateEntered, "CopyToS3");
        }
        writer.call(200).fail_call(error);
        writer
            .event(
                EventType::ExecutionFailed,
                Some(Details::ExecutionFailed(why.clone())),
            )
            .after(600_000);
        writer.event(
            EventType::ExecutionRedriven,
            Some(Details::ExecutionRedriven { redrive_count: count }),
        );
    }
    writer.run.redrive_count = 2;
    writer.call(180).event(EventType::TaskStateExited, None);
    writer
        .enter(EventType::WaitStateEntered, "WaitForExport")
        .after(15_000);
    let why = Why {
        error: Some("Local.Interrupted".to_owned()),
        cause: Some("The process ended.".to_owned()),
    };
    writer.run.error.clone_from(&why.error);
    writer.run.cause.clone_from(&why.cause);
    writer.end(
        Status::Aborted,
        EventType::ExecutionAborted,
        Some(Details::ExecutionAborted(why)),
    )
}

/// A run that is under way.
pub(crate) fn running() -> Execution {
    let mut writer = Writer::new("sessions-20261120t0300z");
    writer.up_to_copy();
    writer.run
}

/// A run whose redrive failed as the first attempt did.
pub(crate) fn failed() -> Execution {
    let mut run = redriven();
    let ends = run
        .history
        .iter()
        .enumerate()
        .filter(|(_, event)| event.event_type == EventType::ExecutionFailed);
    let last = ends.map(|(index, _)| index).next_back().unwrap();
    run.history.truncate(last + 1);
    let Some(Details::ExecutionFailed(why)) = run.history[last].details.clone() else {
        panic!("it failed")
    };
    (run.status, run.redrive_count) = (Status::Failed, 1);
    run.stop_date = Some(run.history[last].timestamp);
    (run.error, run.cause) = (why.error, why.cause);
    run
}
