//! The deployed machine over the real function libraries: moto drives them in a world of its own, and the two worlds
//! must be equal afterwards.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sim::asl::{Clock, Invocation, Invoke as _, TaskError};
use sim::stage::{Interference, Meddle, Stage};
use sim::world::FixedContent;

use crate::ours;
use crate::peer::{Call, Peer, Request};
use crate::script::Answer;
use crate::stage::{CACHES, Look as _, epoch, input, on_stage, rdb};

/// A clock that somebody sets by hand and that nobody waits for: a sleep moves it on at once.
struct HandSet(Mutex<Timestamp>);

impl HandSet {
    fn set(&self, at: Timestamp) {
        *self.0.lock().unwrap() = at;
    }
}

impl Clock for HandSet {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        let later = self.now() + SignedDuration::try_from(duration).unwrap();
        self.set(later);
        Box::pin(std::future::ready(()))
    }
}

/// One night: a cache, and what goes wrong.
#[derive(Clone, Copy)]
struct Night {
    kind: &'static str,
    id: &'static str,
    /// Arranges for it, in both worlds alike.
    arrange: fn(&Stage),
}

fn nothing(_: &Stage) {}

/// Every Task's first call fails by an error that its retriers know, before or after the function ran.
fn every_first_call_fails(stage: &Stage) {
    let mut seen = std::collections::BTreeSet::new();
    let meddle: Meddle = Box::new(move |call| {
        if !seen.insert(call.state.clone()) {
            return Interference::Pass;
        }
        let error = TaskError {
            error: "Lambda.Unknown".to_owned(),
            cause: r#"{"errorType":"Lambda.Unknown"}"#.to_owned(),
        };
        match seen.len() % 2 {
            0 => Interference::FailAfter(error),
            _ => Interference::FailBefore(error),
        }
    });
    stage.functions.meddle(meddle);
}

/// The verifier has no time, so each of its calls reads one piece, the first of which has 256 KiB: two shards take
/// several calls, and the third takes one.
fn verification_takes_several_calls(stage: &Stage) {
    const VALUE: u32 = 300 << 10;
    for (shard, values) in [("sessions/0001", 1_u8), ("sessions/0002", 2)] {
        let mut bytes = b"REDIS0011\xfe\x00".to_vec();
        for key in 0..values {
            bytes.extend_from_slice(&[0, 1, key, 0x80]);
            bytes.extend_from_slice(&VALUE.to_be_bytes());
            bytes.resize(bytes.len() + VALUE as usize, key);
        }
        bytes.push(0xff);
        bytes.resize(bytes.len() + 8, 0);
        let content = FixedContent::shared(&bytes);
        stage.ports.world().contents.attach(shard, content);
    }
    stage.functions.leave(Duration::ZERO);
}

/// A shard whose file is cut off fails the backup for good; the last one, so that the others are done by then.
fn a_shard_is_broken(stage: &Stage) {
    let mut bytes = rdb(11);
    bytes.truncate(60);
    let content = FixedContent::shared(&bytes);
    stage.ports.world().contents.attach("sessions/0003", content);
}

/// What a night leaves behind: all objects' keys, the manifests as they are, and what was told.
fn left(stage: &Stage) -> Value {
    let keys = stage.keys();
    let manifests = keys.iter().filter(|key| key.strip_suffix(".json").is_some());
    let manifests: Vec<Value> = manifests.map(|key| stage.json(key)).collect();
    let world = stage.ports.world();
    let messages = world.messages(&stage.ports.topic_arn);
    let told: Vec<&str> = messages.iter().map(|message| message.body_for("email")).collect();
    json!({"keys": keys, "manifests": manifests, "told": told})
}

/// Answers a call of moto's by the real function, at the instant that moto has.
fn answer(stage: &Stage, clock: &HandSet, execution_arn: &str, call: Call) -> Answer {
    let at = epoch() + Duration::from_millis(call.at);
    clock.set(at);
    let answering = stage.functions.invoke(Invocation {
        function_name: call.function,
        payload: call.payload,
        execution_arn: execution_arn.to_owned(),
        state: call.state,
        retry: 0,
        timeout: None,
    });
    let answered = answering
        .now_or_never()
        .expect("nothing waits on a clock that is set by hand");
    let after = clock.now().duration_since(at).as_millis();
    Answer::of(answered, u64::try_from(after).unwrap())
}

/// Spends a night in both, and gives how it ended and how often a shard was read on.
fn spend(peer: &mut Peer, night: Night) -> (String, usize) {
    let Night { kind, id, arrange } = night;
    let (execution, ours_left) = on_stage(|stage| async move {
        arrange(&stage);
        let run = stage.begin("night", input(kind, id));
        let environment = sim::asl::Environment::new(stage.ports.clock.clone(), stage.functions.clone());
        run.run(&environment).await;
        (run.snapshot(), left(&stage))
    });
    let clock = Arc::new(HandSet(Mutex::new(epoch())));
    let stage = Stage::new(clock.clone(), 1);
    sim::matrix::put_caches(&mut stage.ports.world(), epoch());
    arrange(&stage);
    let ours = ours::trace(&execution);
    let ran = peer.run(&Request::of(&execution, &ours, &["redrive-count"]), |call| {
        answer(&stage, &clock, &execution.execution_arn, call)
    });
    if let Some(difference) = ours.difference(&ran.trace) {
        panic!("{id}\n{difference}");
    }
    assert_eq!(ours_left, left(&stage), "{id}: the worlds differ");
    let calls = ours.strands.values().flatten();
    let read_on = calls
        .filter(|line| line["scheduled"]["Payload"]["cursor"].is_object())
        .count();
    let ended = execution.error.unwrap_or_else(|| execution.status.to_string());
    (ended, read_on)
}

#[test]
fn moto_makes_the_same_backups_by_the_real_functions() {
    let Some(mut peer) = Peer::start() else { return };
    for (kind, id, _) in CACHES {
        for arrange in [nothing, every_first_call_fails] {
            let ended = spend(&mut peer, Night { kind, id, arrange });
            assert_eq!(ended, ("SUCCEEDED".to_owned(), 0), "{id}");
        }
    }
    let mut sessions = |arrange| {
        let kind = "replication-group";
        spend(
            &mut peer,
            Night {
                kind,
                id: "sessions",
                arrange,
            },
        )
    };
    assert_eq!(
        sessions(verification_takes_several_calls),
        ("SUCCEEDED".to_owned(), 3)
    );
    assert_eq!(sessions(a_shard_is_broken), ("Backup.Corrupt".to_owned(), 0));
}
