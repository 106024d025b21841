//! A stage while something goes wrong on it: what a cell of the system does, and how it is judged in the end.

use super::cell::{Finding, Outcome};
use super::disturber::Disturber;
use super::end::End;
use super::recovery::{Recovered, recover};
use super::scene::{Prepared, Scene, Way};
use super::witness::{Told, Witness};
use crate::asl::{Run, Status, VirtualClock, Why};
use crate::ports::{Asked, Disturb, Strike};
use crate::stage::Stage;
use crate::world::World;
use futures_util::future::LocalBoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A stage with whoever watches it.
#[derive(Clone)]
pub struct Act {
    /// The stage; its calls pass the disturber.
    pub stage: Stage,
    /// What disturbs calls; nothing yet.
    pub disturber: Arc<Disturber>,
    /// The scene.
    pub scene: Scene,
    /// When the run is due, which is now at first.
    pub due: Timestamp,
    witness: Witness,
    findings: Arc<std::sync::Mutex<Vec<Finding>>>,
}

/// How often a run is looked at to see whether it is where it is waited for.
const LOOK: Duration = Duration::from_millis(50);

impl Act {
    /// Plays on the scene's stage from the moment at which the run is due: `play` makes it go wrong and gives the run
    /// and its end while it is wrong; then all faults are taken away, and the run is brought to its end as its alert says.
    ///
    /// # Panics
    ///
    /// Where the operating system has no runtime.
    pub fn on<F>(prepared: &Prepared, play: impl FnOnce(Self) -> F) -> Outcome
    where
        F: Future<Output = (Arc<Run>, End)>,
    {
        Self::on_erased(prepared, Box::new(|act| Box::pin(play(act))))
    }

    /// The same behind a pointer, so that a stage is not compiled for every cell.
    fn on_erased(prepared: &Prepared, play: Play<'_>) -> Outcome {
        let outcome = VirtualClock::run(prepared.due, |clock| async move {
            let witness = Witness::default();
            let stage = prepared.stage(clock);
            witness.watch(&stage);
            let disturber = Arc::new(Disturber::recording(prepared.scene.way == Way::Adopting));
            let act = Self {
                stage: stage.disturbed(Arc::clone(&disturber) as _),
                disturber,
                scene: prepared.scene,
                due: prepared.due,
                witness,
                findings: Arc::default(),
            };
            let (run, end) = play(act.clone()).await;
            act.conclude(&run, end).await
        });
        #[expect(clippy::expect_used, reason = "without a runtime nothing can be shown")]
        outcome.expect("a runtime")
    }

    async fn conclude(&self, run: &Arc<Run>, end: End) -> Outcome {
        self.disturber.lift();
        let recovered = recover(&self.stage, run, &self.scene, self.due).await;
        let mut findings = self.witness.findings(&self.stage).await;
        findings.append(&mut super::witness::locked(&self.findings));
        if !recovered.succeeded {
            findings.push(Finding::new("liveness", not_recovered(&recovered)));
        }
        Outcome {
            end,
            recovered,
            findings,
            timeline: self.witness.timeline(),
            log_digest: self.witness.log_digest(),
        }
    }

    /// Says that something is not as it must be.
    pub fn find(&self, rule: &str, text: impl Into<String>) {
        super::witness::locked(&self.findings).push(Finding::new(rule, text.into()));
    }

    /// Says so unless it holds.
    pub fn must(&self, holds: bool, rule: &str, text: impl Into<String>) {
        if !holds {
            self.find(rule, text);
        }
    }

    /// The input of the scene's run.
    pub fn input(&self) -> Value {
        self.scene.input(self.due)
    }

    /// Starts an execution of the scene's run and drives it beside whatever else goes on.
    pub fn spawn(&self, name: &str) -> Going {
        self.spawn_with(name, self.input())
    }

    /// The same with another input.
    pub fn spawn_with(&self, name: &str, input: Value) -> Going {
        let run = self.stage.begin(name, input);
        let (stage, driven) = (self.stage.clone(), Arc::clone(&run));
        let task = tokio::spawn(async move { stage.drive(&driven).await });
        Going { run, task }
    }

    /// Re-drives an ended execution beside whatever else goes on.
    ///
    /// # Panics
    ///
    /// Where it cannot be re-driven.
    pub fn spawn_redrive(&self, run: &Arc<Run>) -> Going {
        let (stage, driven) = (self.stage.clone(), Arc::clone(run));
        let task = tokio::spawn(async move {
            let redriven = stage.redrive(&driven).await;
            #[expect(clippy::expect_used, reason = "the cell is about what comes after")]
            redriven.expect("it can be re-driven")
        });
        Going {
            run: Arc::clone(run),
            task,
        }
    }

    /// Waits until the run enters a state for the `nth` time (from 1), or ends before.
    pub async fn until(&self, run: &Run, state: &str, nth: usize) {
        let is_there =
            || run.with(|execution| execution.status != Status::Running || execution.entries(state) >= nth);
        while !is_there() {
            self.stage.ports.clock.sleep(LOOK).await;
        }
    }

    /// The same stage, on which a person does something just before every call of this operation: between what a
    /// function saw and what it does about it.
    #[must_use]
    pub fn just_before(
        &self,
        operation: &'static str,
        deed: impl FnMut(&mut World, Timestamp) + Send + 'static,
    ) -> Self {
        let before = JustBefore {
            stage: self.stage.clone(),
            operation,
            deed: Mutex::new(Box::new(deed)),
            then: Arc::clone(&self.disturber),
        };
        Self {
            stage: self.stage.disturbed(Arc::new(before)),
            ..self.clone()
        }
    }

    /// Lets time pass.
    pub async fn pass(&self, time: SignedDuration) {
        self.stage.ports.clock.sleep(time.unsigned_abs()).await;
    }

    /// Stops a running execution, as a person does in the console.
    pub fn abort(&self, run: &Run) {
        run.stop(Why {
            error: Some("Stopped".to_owned()),
            cause: Some("a person stopped it".to_owned()),
        });
    }

    /// Tells the judge that these bytes are no sound RDB file, though a cache may hold them.
    pub fn unsound(&self, content: &[u8]) {
        self.witness.model().unsound(content);
    }

    /// Tells the judge that the execution of this name is of another deployment.
    pub fn of_deployment(&self, execution: &str, deployment: &str) {
        self.witness.model().of_deployment(execution, deployment);
    }

    /// What was told so far.
    pub fn told(&self) -> Told {
        self.witness.told()
    }

    /// How a run stands now that it has ended; `adopts` where something that was made before had to be found.
    pub fn end_of(&self, run: &Run, adopts: bool) -> End {
        self.end_since(&Told::default(), run, adopts)
    }

    /// The same for a run that was re-driven, or had another beside it: what is in `before` was told of something else.
    pub fn end_since(&self, before: &Told, run: &Run, adopts: bool) -> End {
        let told = self.told().since(before);
        let end = super::cell::end_of(run, &told, adopts, self.scene.way);
        if let Some(text) = super::cell::wrongly_told(&end, &told, self.scene.way) {
            self.find("one alert for one failure", text);
        }
        end
    }
}

impl Act {
    /// How a run stands, where several things went wrong and so the number of alerts is nothing to judge by.
    pub fn end_of_any(&self, run: &Run) -> End {
        super::cell::end_of(run, &self.told(), false, self.scene.way)
    }
}

/// What a cell does on its stage: gives the run and its end.
type Play<'a> = Box<dyn FnOnce(Act) -> LocalBoxFuture<'a, (Arc<Run>, End)> + 'a>;

type Deed = Box<dyn FnMut(&mut World, Timestamp) + Send>;

/// Acts before calls of one operation, then leaves them to the disturber.
struct JustBefore {
    stage: Stage,
    operation: &'static str,
    deed: Mutex<Deed>,
    then: Arc<Disturber>,
}

impl Disturb for JustBefore {
    fn strike(&self, asked: &Asked<'_>) -> Strike {
        if asked.operation == self.operation {
            let mut deed = super::witness::locked(&self.deed);
            self.stage.person(&mut **deed);
        }
        self.then.strike(asked)
    }
}

/// An execution under way.
pub struct Going {
    /// The execution.
    pub run: Arc<Run>,
    task: tokio::task::JoinHandle<Status>,
}

impl Going {
    /// Waits for its end and for the message about it.
    ///
    /// # Panics
    ///
    /// Where its task panicked.
    pub async fn ended(self) -> Arc<Run> {
        let ended = self.task.await;
        assert!(ended.is_ok(), "{ended:?}");
        self.run
    }
}

fn not_recovered(recovered: &Recovered) -> String {
    format!("after {:?} it ends with {:?}", recovered.steps, recovered.error)
}
