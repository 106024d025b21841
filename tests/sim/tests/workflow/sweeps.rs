//! Every state of the file failed once and re-driven, and every state delivered twice: the same backup each time.

use crate::stage::{CACHES, Look, failed, input, on_stage, succeeded};
use serde_json::Value;
use sim::asl::{Invocation, TaskError};
use sim::stage::{Interference, task_states};

/// The manifest of a run that nothing disturbed.
fn undisturbed(kind: &str, id: &str) -> Vec<Value> {
    on_stage(|stage| async move {
        succeeded(&*stage.start("calm", input(kind, id)).await);
        stage.manifests()
    })
}

/// Lets the first call from `state` meet `interference`.
fn once(state: &str, interference: Interference) -> impl FnMut(&Invocation) -> Interference + Send + 'static {
    let (state, mut left) = (state.to_owned(), Some(interference));
    move |call| {
        if call.state == state {
            left.take().unwrap_or(Interference::Pass)
        } else {
            Interference::Pass
        }
    }
}

fn permanent() -> TaskError {
    TaskError {
        error: "Backup.Unexpected".into(),
        cause: "injected".into(),
    }
}

#[test]
fn the_file_has_the_states_that_the_sweep_expects() {
    assert!(task_states().len() >= 8, "{:?}", task_states());
    assert!(
        task_states().contains(&"VerifyObject".to_owned()),
        "states inside Maps are swept too"
    );
}

#[test]
fn each_state_failed_once_and_redriven_ends_in_the_same_backup() {
    for (kind, id, shards) in CACHES {
        let calm = undisturbed(kind, id);
        assert_eq!(calm.len(), 1);
        assert_eq!(calm[0]["objects"].as_array().unwrap().len(), shards, "{id}");
        for state in task_states() {
            for interference in [
                Interference::FailBefore(permanent()),
                Interference::FailAfter(permanent()),
            ] {
                let what = format!("{id}: {state} {interference:?}");
                let (calm, state) = (calm.clone(), state.clone());
                on_stage(|stage| async move {
                    stage.functions.meddle(once(&state, interference));
                    let run = stage.start("disturbed", input(kind, id)).await;
                    failed(&run, "Backup.Unexpected");
                    let subjects = stage.subjects();
                    let alerts = subjects.iter().filter(|s| s.contains("FAILED")).count();
                    assert_eq!(alerts, 1, "{what}: one alert for one failure, {subjects:?}");
                    stage.redrive(&run).await.unwrap();
                    succeeded(&run);
                    assert_eq!(stage.snapshots_made(), 1, "{what}");
                    assert_eq!(stage.manifests(), calm, "{what}");
                });
            }
        }
    }
}

#[test]
fn each_state_delivered_twice_ends_in_the_same_backup() {
    for (kind, id, _) in CACHES {
        let calm = undisturbed(kind, id);
        for state in task_states() {
            let calm = calm.clone();
            on_stage(|stage| async move {
                stage.functions.meddle(once(&state, Interference::Twice));
                succeeded(&*stage.start("twice", input(kind, id)).await);
                assert_eq!(stage.snapshots_made(), 1, "{id}: {state}");
                assert_eq!(stage.manifests(), calm, "{id}: {state}");
                // A success may be told twice where the telling itself is delivered twice, and only there.
                let told = stage.subjects().len();
                assert!(
                    told == 1 || (told == 2 && state == "NotifySuccess"),
                    "{id}: {state}: {told}"
                );
            });
        }
    }
}

#[test]
fn each_state_whose_crash_is_retried_needs_no_person() {
    for state in task_states() {
        for error in [
            "Runtime.ExitError",
            "Sandbox.Timedout",
            "Lambda.ServiceException",
            "Backup.Throttled",
        ] {
            for after in [false, true] {
                let state = state.clone();
                on_stage(|stage| async move {
                    let error = TaskError {
                        error: error.into(),
                        cause: "injected".into(),
                    };
                    let what = format!("{state} {} after={after}", error.error);
                    let wrong = if after {
                        Interference::FailAfter(error)
                    } else {
                        Interference::FailBefore(error)
                    };
                    stage.functions.meddle(once(&state, wrong));
                    succeeded(&*stage.start("shaken", input("replication-group", "orders")).await);
                    assert_eq!(stage.snapshots_made(), 1, "{what}");
                    assert_eq!(stage.manifests().len(), 1, "{what}");
                    assert!(
                        !stage.subjects().iter().any(|s| s.contains("FAILED")),
                        "{what}: nobody is woken"
                    );
                });
            }
        }
    }
}
