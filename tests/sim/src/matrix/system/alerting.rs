//! What people are told, and what becomes of it when telling goes wrong.

mod nights;

use super::SystemCell;
use super::look::{Ended, ONE_NIGHT, TWO_NIGHTS, call, cell};
use crate::asl::{Run, Status, TaskError};
use crate::matrix::{Act, End, Fault, Plan};
use crate::ports::{Effect, Strike};
use crate::stage::{EventForm, Interference, status_change};
use crate::world::{ExportFault, SnapshotFault, When};
use jiff::SignedDuration;
use nights::{aborted, recovery, silence, timed_out};
use serde_json::{Value, json};

const GROUP: &str = "alerting";

/// All cells of the group.
pub(super) fn cells() -> Vec<SystemCell> {
    let publish = [
        ("topic gone", Fault::NotFound),
        ("throttled for ever", Fault::ThrottledOn),
        ("lost answer of Publish", Fault::LostAfter),
        ("hanging answer of Publish", Fault::HangAfter),
    ];
    let publish = publish
        .into_iter()
        .map(|(name, fault)| cell(GROUP, name, &ONE_NIGHT, move |act| publish_with(act, fault)));
    let forms = [
        ("event without input, error and cause", EventForm::Encrypted),
        ("event without input", EventForm::Large),
        ("event with everything", EventForm::Full),
    ];
    let forms = forms
        .into_iter()
        .map(|(name, form)| cell(GROUP, name, &ONE_NIGHT, move |act| formed(act, form)));
    let dies = [
        ("notify dies once", Plan::Times(Strike::Killed(Effect::None), 1)),
        ("notify dies for ever", Plan::Until(Strike::Killed(Effect::None))),
    ];
    let dies = dies
        .into_iter()
        .map(|(name, plan)| cell(GROUP, name, &ONE_NIGHT, move |act| dying(act, plan.clone())));
    let rest = [
        cell(GROUP, "topic gone at a success", &ONE_NIGHT, untold_success),
        cell(GROUP, "event twice", &ONE_NIGHT, twice),
        cell(
            GROUP,
            "event again after a re-drive succeeded",
            &ONE_NIGHT,
            |act| late(act, false),
        ),
        cell(
            GROUP,
            "undelivered event after a re-drive succeeded",
            &ONE_NIGHT,
            |act| late(act, true),
        ),
        cell(GROUP, "notify may read nothing", &ONE_NIGHT, blind),
        cell(GROUP, "huge cause with secrets", &ONE_NIGHT, hostile),
        cell(GROUP, "no run for 26 hours", &ONE_NIGHT, silence),
        cell(GROUP, "recovery after three failures", &ONE_NIGHT, recovery),
        cell(GROUP, "aborted", &ONE_NIGHT, aborted),
        cell(GROUP, "timed out", &TWO_NIGHTS, timed_out),
    ];
    publish.chain(forms).chain(dies).chain(rest).collect()
}

/// The night's snapshot fails.
fn fail(act: &Act, nights: u32) {
    let next = When::next(nights);
    act.stage
        .person(|world, _| world.faults.arm_snapshot(SnapshotFault::Fails, next));
}

/// The event about an execution as it stands.
fn event(act: &Act, run: &Run) -> Value {
    let now = act.stage.ports.clock.now();
    status_change(&run.snapshot(), act.stage.event_form, "again", now)
}

async fn deliver(act: &Act, run: &Run, event: Value) -> bool {
    let arn = run.with(|e| e.execution_arn.clone());
    act.stage.deliver(&arn, event).await
}

async fn publish_with(act: Act, fault: Fault) -> Ended {
    fail(&act, 1);
    act.fault("notify", "Publish", fault);
    let run = act.spawn("run").ended().await;
    let told = act.told();
    if told.failures < 2 {
        let end = act.end_of(&run, false);
        return (run, end);
    }
    act.must(told.failures == 2, "told twice at most", format!("{told:?}"));
    (run, End::ToldTwice)
}

/// Neither the success nor, after it, the failure to tell it can be told.
async fn untold_success(act: Act) -> Ended {
    for place in ["NotifySuccess", "notify"] {
        act.fault(place, "Publish", Fault::NotFound);
    }
    let ended = act.night(act.input()).await;
    act.must_have(&[0, 1]);
    act.must(
        ended.0.status() == Status::Failed,
        "an untold success fails the run",
        format!("{:?}", ended.0.status()),
    );
    ended
}

async fn formed(mut act: Act, form: EventForm) -> Ended {
    fail(&act, 1);
    act.stage.event_form = form;
    let ended = act.night(act.input()).await;
    let (subject, email, _) = act.last_message();
    let wanted = "FAILED orders: Backup.SnapshotFailed in CheckSnapshot";
    act.must(
        subject.contains(wanted),
        "cache, error and state are told",
        subject,
    );
    act.must(email.contains("plan nightly"), "the plan is told", email);
    let marker = act.json(&format!("{}alert-0.json", act.folder(act.due)));
    act.must(
        marker["owner"] == "main/nightly",
        "the marker lies beside the run",
        marker.to_string(),
    );
    ended
}

async fn dying(act: Act, plan: Plan) -> Ended {
    fail(&act, 1);
    act.strike(call("notify", "DescribeExecution"), 0, "", plan);
    act.night(act.input()).await
}

async fn twice(act: Act) -> Ended {
    fail(&act, 1);
    let (run, end) = act.night(act.input()).await;
    let again = event(&act, &run);
    for wait in [0, 1, 24 * 60] {
        act.pass(SignedDuration::from_mins(wait)).await;
        act.must(
            deliver(&act, &run, again.clone()).await,
            "a repeated event is taken",
            "it is not",
        );
    }
    let told = act.told();
    act.must(
        told.failures == 1,
        "one alert for one failure",
        format!("{told:?}"),
    );
    (run, end)
}

/// The event of the first attempt comes once the second has succeeded: again, or for the first time, from the queue.
async fn late(act: Act, is_first: bool) -> Ended {
    act.stage
        .person(|world, _| world.faults.arm_export(ExportFault::Silent, When::next(1)));
    if is_first {
        act.fault("notify", "Publish", Fault::ThrottledOn);
    }
    let (run, end) = act.night(act.input()).await;
    let of_first = event(&act, &run);
    act.disturber.lift();
    act.pass(SignedDuration::from_hours(1)).await;
    let run = act.spawn_redrive(&run).ended().await;
    act.must(
        run.status() == Status::Succeeded,
        "the re-drive succeeds",
        format!("{:?}", run.status()),
    );
    act.pass(SignedDuration::from_hours(24)).await;
    act.must(
        deliver(&act, &run, of_first).await,
        "a late event is taken",
        "it is not",
    );
    let told = act.told();
    act.must(
        told.failures == 1,
        "one alert for one failure",
        format!("{told:?}"),
    );
    if is_first {
        let (subject, email, _) = act.last_message();
        act.must(subject.contains("FAILED orders"), "the cache is told", subject);
        act.must(
            email.contains("re-driven"),
            "that it was re-driven since is told",
            email,
        );
    }
    (run, end)
}

/// Its role lost every right but the one to publish.
async fn blind(act: Act) -> Ended {
    fail(&act, 1);
    for read in [
        "DescribeExecution",
        "GetExecutionHistory",
        "ListObjectsV2",
        "GetObject",
        "PutObject",
    ] {
        act.fault("notify", read, Fault::Denied);
    }
    let ended = act.night(act.input()).await;
    let (_, email, _) = act.last_message();
    let arn = ended.0.with(|e| e.execution_arn.clone());
    act.must(email.contains(&arn), "the execution is told", email);
    ended
}

/// What a service or a proxy might put into an error's text.
const SECRETS: [&str; 4] = [
    "aws_secret_access_key=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE",
    "redis://default:hunter2@orders.example",
];

/// An error's text of 200 kB that begins with what would act in a mail or a chat and has secrets in its depth.
async fn hostile(act: Act) -> Ended {
    let text = format!(
        "first\r\nSubject: all is well\u{1b}[31m\u{202e} <!channel> `code` *bold* {}{}",
        "all work and no play ".repeat(10_000),
        SECRETS.join(" ")
    );
    let cause = json!({"errorType": "Backup.Unexpected", "errorMessage": text}).to_string();
    act.stage.functions.meddle(move |call| {
        if call.state != "CheckSnapshot" {
            return Interference::Pass;
        }
        Interference::FailBefore(TaskError {
            error: "Backup.Unexpected".to_owned(),
            cause: cause.clone(),
        })
    });
    let ended = act.night(act.input()).await;
    act.unmeddled();
    let (subject, email, chat) = act.last_message();
    let told = format!("{subject} {email} {chat}");
    let told_secret = SECRETS.iter().find(|secret| told.contains(**secret));
    act.must(
        told_secret.is_none(),
        "no secret is told",
        format!("{told_secret:?}"),
    );
    let lengths = (subject.len(), email.len(), chat.len());
    act.must(
        lengths.0 < 100 && lengths.1 < 8_000 && lengths.2 < 8_000,
        "what is told is cut",
        format!("{lengths:?}"),
    );
    let is_odd = |c: &char| (c.is_control() && *c != '\n') || *c == '\u{202e}';
    act.must(
        !told.chars().any(|c| is_odd(&c)),
        "what is told is harmless",
        told.clone(),
    );
    act.must(
        !email.lines().any(|line| line.starts_with("Subject: all")),
        "it begins no line",
        email,
    );
    act.must(!chat.contains("<!channel>"), "it wakes no channel", chat);
    ended
}
