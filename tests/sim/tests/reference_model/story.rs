//! Traces told by hand: each method is what one state does in a calm night, and tests tell it differently.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sim::model::{Invariant, Model, Setting};
use sim::trace::{By, Caller, Judge, Step, VersionView, What};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The bucket of every story.
pub(crate) const BUCKET: &str = "backups-000000000000";
/// A text that nobody may be told.
pub(crate) const SECRET: &str = "hunter2-hunter2";
/// A shard that the stage knows to be broken.
pub(crate) const BROKEN: &[u8] = b"REDIS0011 and then nothing";

/// Tells a story to a model of its own; exactly these invariants must not hold in it.
pub(crate) fn check(why: &str, expected: &[Invariant], tell: impl FnOnce(&mut Story)) {
    let mut story = Story::new();
    tell(&mut story);
    story.model.at_rest(story.now);
    let violations = story.model.violations();
    let found: BTreeSet<Invariant> = violations.iter().map(|violation| violation.invariant).collect();
    let texts: Vec<String> = violations.iter().map(ToString::to_string).collect();
    let expected: BTreeSet<Invariant> = expected.iter().copied().collect();
    assert_eq!(found, expected, "{why}: {texts:#?}");
}

/// A trace in the making, with the run that it is at.
pub(crate) struct Story {
    pub(crate) model: Model,
    pub(crate) now: Timestamp,
    /// The run's name, with which its ARN ends.
    pub(crate) name: String,
    pub(crate) input: Value,
    /// What the cache holds, by shard.
    pub(crate) shards: BTreeMap<String, Arc<[u8]>>,
    /// Key, version, bytes and shard of what the run's export wrote.
    pub(crate) objects: Vec<(String, String, Arc<[u8]>, String)>,
    /// Under which the export goes.
    pub(crate) renewal: u64,
    /// The newest version of each key.
    pub(crate) views: BTreeMap<String, VersionView>,
    count: u64,
}

impl Story {
    fn new() -> Self {
        let mut setting = Setting::new("main", BUCKET);
        setting.unsound.insert(Sha256::digest(BROKEN).into());
        setting.secrets.push(SECRET.to_owned());
        Self {
            model: Model::new(setting),
            now: "2026-03-01T02:00:00Z".parse().unwrap(),
            name: "night-0".to_owned(),
            input: json!({
                "cache": {"kind": "replication-group", "id": "orders"},
                "plan": "nightly",
                "scheduledTime": "2026-03-01T02:00:00Z",
                "retention": {"keepLast": 2, "minimum": 2, "keepSnapshots": 9},
                "deadlineSeconds": 43_200,
            }),
            shards: BTreeMap::from([("0001".to_owned(), Arc::from(&b"REDIS0011 and so on"[..]))]),
            objects: Vec::new(),
            renewal: 0,
            views: BTreeMap::new(),
            count: 0,
        }
    }

    pub(crate) fn tell(&mut self, by: &By, what: What) {
        let (at, by) = (self.now, by.clone());
        self.model.step(&Step { at, by, what });
    }

    pub(crate) fn pass(&mut self, time: SignedDuration) {
        self.now += time;
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub(crate) fn arn(&self) -> String {
        format!(
            "arn:aws:states:eu-west-1:000000000000:execution:backup:{}",
            self.name
        )
    }

    pub(crate) fn id(&self) -> String {
        self.input["cache"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn due(&self) -> Timestamp {
        self.input["scheduledTime"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn folder(&self) -> String {
        let (kind, id) = (self.input["cache"]["kind"].as_str().unwrap(), self.id());
        format!("backups/{kind}/{id}/{}/", self.due().strftime("%Y%m%dt%H%Mz"))
    }

    /// A function is called by a state, or by an event.
    pub(crate) fn invoke(&mut self, function: &str, state: Option<&str>, payload: Value) -> By {
        let by = By::Function(Caller {
            function: function.to_owned(),
            state: state.map(str::to_owned),
            execution: Some(self.arn()),
            invocation: self.number(),
        });
        self.tell(&by, What::Invoked { payload });
        by
    }

    /// A function is called by a schedule, about no execution.
    pub(crate) fn event_of(&mut self, function: &str, payload: Value) -> By {
        let invocation = self.number();
        let by = By::Function(Caller {
            invocation,
            ..Caller::of(function)
        });
        self.tell(&by, What::Invoked { payload });
        by
    }

    pub(crate) fn returned(&mut self, by: &By, output: Value) {
        self.tell(by, What::Returned { result: Ok(output) });
    }

    /// The function fails by this name.
    pub(crate) fn raised(&mut self, by: &By, error: &str, text: &str) {
        let result = Err((error.to_owned(), text.to_owned()));
        self.tell(by, What::Returned { result });
    }

    pub(crate) fn called(&mut self, by: &By, operation: &'static str, argument: &str, answer: &str) {
        let (argument, answer) = (argument.to_owned(), answer.to_owned());
        let effective = answer == "ok";
        self.tell(
            by,
            What::Called {
                operation,
                argument,
                answer,
                effective,
            },
        );
    }

    pub(crate) fn start(&mut self) {
        let (arn, input) = (self.arn(), self.input.clone());
        self.objects.clear();
        self.tell(&By::StateMachine, What::ExecutionStarted { arn, input });
    }
}
