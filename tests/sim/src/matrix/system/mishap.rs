//! What the cells of re-drives, duplicates, aborts and deliveries share: what happens to one execution's call, and what
//! a run must have made when it is over.

use crate::asl::{Invocation, Run, Status, TaskError};
use crate::matrix::act::Act;
use crate::matrix::end::End;
pub(super) use crate::matrix::scene::prepared;
use crate::stage::{BUCKET, Interference};
use crate::world::Operation;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// What a cell's play comes to: the run and its end while it is wrong.
pub(super) type Played = BoxFuture<'static, (Arc<Run>, End)>;

/// Whether a call's answer is lost before or after what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// The function does not run.
    Before,
    /// The function runs to its end.
    After,
}

impl Lost {
    /// The call fails by a name that nothing retries.
    pub(super) fn failing(self) -> Interference {
        let error = TaskError {
            error: "Backup.Unexpected".to_owned(),
            cause: "injected".to_owned(),
        };
        match self {
            Self::Before => Interference::FailBefore(error),
            Self::After => Interference::FailAfter(error),
        }
    }

    /// Nobody answers the call.
    pub(super) const fn hanging(self) -> Interference {
        match self {
            Self::Before => Interference::HangBefore,
            Self::After => Interference::HangAfter,
        }
    }
}

/// Lets the first call that a state of the execution of that name makes meet `interference`.
pub(super) fn once(
    execution: &str,
    state: &str,
    interference: Interference,
) -> impl FnMut(&Invocation) -> Interference + Send + 'static {
    let (of, state) = (format!(":{execution}"), state.to_owned());
    let mut left = Some(interference);
    move |call| {
        if call.state == state && call.execution_arn.ends_with(&of) {
            left.take().unwrap_or(Interference::Pass)
        } else {
            Interference::Pass
        }
    }
}

/// Whether a state's function leaves something behind that the next attempt finds.
pub(super) fn leaves_something(state: &str) -> bool {
    !state.starts_with("Check")
}

/// The name of the snapshot of the run that is due at `at`.
pub(super) fn snapshot_name(act: &Act, at: Timestamp) -> String {
    act.scene.snapshot_name(at)
}

/// How often a run entered a state.
pub(super) fn entries(run: &Run, state: &str) -> usize {
    run.with(|execution| execution.entries(state))
}

/// What was made for one instant, counted by effect, whoever asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Made {
    /// Snapshots of the run's name.
    pub(super) snapshots: usize,
    /// Exports of them.
    pub(super) exports: usize,
    /// Manifests of the instant, each time that one was written.
    pub(super) manifests: usize,
}

impl Made {
    /// One backup, made once.
    pub(super) const ONE: Self = Self {
        snapshots: 1,
        exports: 1,
        manifests: 1,
    };
    /// A snapshot that came to nothing.
    pub(super) const SNAPSHOT: Self = Self {
        snapshots: 1,
        exports: 0,
        manifests: 0,
    };

    /// What was made so far for the instant at `at`.
    pub(super) fn at(act: &Act, at: Timestamp) -> Self {
        let name = snapshot_name(act, at);
        let manifest = format!("{BUCKET}/{}", act.scene.manifest_key(at));
        let log = &act.stage.ports.world().log;
        let count = |operations: [Operation; 2], part: &str| {
            let of = log
                .entries()
                .iter()
                .filter(|entry| operations.contains(&entry.operation));
            of.filter(|entry| entry.effective && entry.argument.contains(part))
                .count()
        };
        Self {
            snapshots: count(
                [
                    Operation::CreateSnapshot,
                    Operation::CreateServerlessCacheSnapshot,
                ],
                &name,
            ),
            exports: count(
                [Operation::CopySnapshot, Operation::ExportServerlessCacheSnapshot],
                &name,
            ),
            manifests: count([Operation::PutObject; 2], &manifest),
        }
    }
}

/// Says so unless exactly this was made for the scene's run.
pub(super) fn must_have_made(act: &Act, wanted: Made) {
    let made = Made::at(act, act.due);
    act.must(
        made == wanted,
        "made once",
        format!("{made:?} instead of {wanted:?}"),
    );
}

/// Somebody deletes the snapshot of the scene's run.
pub(super) fn delete_snapshot(act: &Act) {
    let name = snapshot_name(act, act.due);
    let is_serverless = act.scene.kind == "serverless-cache";
    let deleted = act.stage.person(|world, now| {
        if is_serverless {
            world.delete_serverless_cache_snapshot(&name, now).map(drop)
        } else {
            world.delete_snapshot(&name, now).map(drop)
        }
    });
    act.must(
        deleted.is_ok(),
        "the cell",
        format!("`{name}` could not be deleted: {deleted:?}"),
    );
}

/// The call is refused because something is in use.
pub(super) fn busy() -> Interference {
    Interference::FailBefore(TaskError {
        error: "Backup.SnapshotBusy".to_owned(),
        cause: "injected".to_owned(),
    })
}

/// Re-drives the run after this time; it must succeed then.
pub(super) async fn finishes(act: &Act, run: &Arc<Run>, after: SignedDuration) {
    act.pass(after).await;
    let redriven = act.stage.redrive(run).await;
    let why = run.with(|e| format!("{redriven:?}, {:?}: {:?}", e.error, e.cause));
    act.must(redriven == Ok(Status::Succeeded), "a re-drive finishes", why);
}

/// Subject and text of the last message.
pub(super) fn last_message(act: &Act) -> (String, String) {
    let world = act.stage.ports.world();
    let last = world.messages(&act.stage.ports.topic_arn).last();
    last.map_or_else(Default::default, |message| {
        (
            message.subject.clone().unwrap_or_default(),
            message.body_for("email").to_owned(),
        )
    })
}
