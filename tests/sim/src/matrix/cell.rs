//! One cell: a scene, one fault at one call, its end, and the way back.

use super::disturber::{Disturber, Plan, Target};
use super::end::End;
use super::fault::Fault;
use super::recovery::{Recovered, recover};
use super::row::Call;
use super::scene::{Prepared, Way};
use super::witness::{Told, Witness};
use crate::asl::{Run, Status, VirtualClock};
use crate::ports::{Effect, Strike};
use crate::stage::Stage;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A fault at a call of a scene.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The row.
    pub call: Call,
    /// The column.
    pub fault: Fault,
    /// The scene's name.
    pub scene: &'static str,
    /// Calls of that kind that pass first.
    pub skip: u32,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {} ({}", self.call, self.fault.heading(), self.scene)?;
        if self.skip > 0 {
            write!(f, ", call {}", self.skip + 1)?;
        }
        f.write_str(")")
    }
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The invariant, or what else was to hold.
    pub rule: String,
    /// What was found instead.
    pub text: String,
}

impl Finding {
    /// A rule that does not hold, and what was found.
    pub fn new(rule: &str, text: String) -> Self {
        Self {
            rule: rule.to_owned(),
            text,
        }
    }
}

/// What came of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its end while the fault was there.
    pub end: End,
    /// The way back.
    pub recovered: Recovered,
    /// What must not be; empty in a good cell.
    pub findings: Vec<Finding>,
    /// What happened, line by line.
    pub timeline: Vec<String>,
    /// The SHA-256 of all that happened, calls that read included: a cell that is played again has the same.
    pub log_digest: String,
}

impl Cell {
    /// Runs the cell.
    ///
    /// # Panics
    ///
    /// Where the operating system has no runtime for it.
    pub fn run(&self, prepared: &Prepared) -> Outcome {
        let outcome = VirtualClock::run(prepared.due, |clock| async move {
            let witness = Witness::default();
            let stage = prepared.stage(clock);
            witness.watch(&stage);
            self.play(prepared, &stage, &witness).await
        });
        #[expect(clippy::expect_used, reason = "without a runtime nothing can be shown")]
        outcome.expect("a runtime")
    }

    async fn play(&self, prepared: &Prepared, stage: &Stage, witness: &Witness) -> Outcome {
        let scene = prepared.scene;
        let disturber = Arc::new(Disturber::recording(scene.way == Way::Adopting));
        let target = Target {
            call: self.call.clone(),
            skip: self.skip,
            about: "",
        };
        let plan = self.fault.plan(&self.call);
        let is_lost = matches!(
            &plan,
            Plan::Times(
                Strike::Answer(_, Effect::Done)
                    | Strike::NoAnswer(Effect::Done, _)
                    | Strike::Killed(Effect::Done)
                    | Strike::Garbled,
                _
            )
        );
        disturber.arm(target, plan);
        let stage = stage.disturbed(Arc::clone(&disturber) as _);
        if self.fault == Fault::ExistsForeign {
            super::foreign::put(&stage, &self.call, &scene, prepared.due);
            // What lies there is older than anything that the run makes, also in S3's whole seconds.
            stage.ports.clock.sleep(Duration::from_mins(1)).await;
        }
        let run = stage.start("run", scene.input(prepared.due)).await;
        let fails_by_design = run.with(|e| e.error.as_deref() == Some("Backup.ExportFailed"));
        let way = if scene.way == Way::Renewed && fails_by_design {
            // The scene's own failure, which is no end of the cell; a run that cannot be re-driven stays as it is.
            let _ = stage.redrive(&run).await;
            Way::Renewed
        } else {
            Way::Calm
        };
        let told = witness.told();
        let adopts = is_lost && self.call.mutates();
        let end = end_of(&run, &told, adopts, way);
        let struck = disturber.struck();
        disturber.lift();
        super::foreign::take_away(&stage, &self.call, self.fault, &scene, prepared.due);
        let recovered = recover(&stage, &run, &scene, prepared.due).await;
        let mut findings = witness.findings(&stage).await;
        let mut find = |rule: &str, text: String| findings.push(Finding::new(rule, text));
        if struck == 0 && self.fault != Fault::ExistsForeign {
            find("the fault strikes", "it never did".to_owned());
        }
        if !recovered.succeeded {
            let why = format!("after {:?} it ends with {:?}", recovered.steps, recovered.error);
            find("liveness", why);
        }
        if let Some(text) = wrongly_told(&end, &told, way) {
            find("one alert for one failure", text);
        }
        Outcome {
            end,
            recovered,
            findings,
            timeline: witness.timeline(),
            log_digest: witness.log_digest(),
        }
    }
}

/// How the run stands while the fault is there.
pub(super) fn end_of(run: &Run, told: &Told, adopts: bool, way: Way) -> End {
    let (status, error) = run.with(|e| (e.status, e.error.clone()));
    // A run that timed out has no error: then its status says how it ended.
    let error = error.unwrap_or_else(|| status.to_string());
    let name = error.strip_prefix("Backup.").unwrap_or(&error).to_owned();
    let by_design = usize::from(way == Way::Renewed);
    if told.undelivered > 0 {
        return End::Undelivered;
    }
    match status {
        Status::Succeeded if told.failures > by_design || told.successes > 1 => End::ToldTwice,
        Status::Succeeded if told.warnings > 0 => End::Warns,
        Status::Succeeded if adopts => End::Adopts,
        Status::Succeeded => End::Recovers,
        _ if told.safe > 0 => End::Safe(name),
        _ => End::Fails(name),
    }
}

/// What is wrong with the number of alerts, given the end.
pub(super) fn wrongly_told(end: &End, told: &Told, way: Way) -> Option<String> {
    let by_design = usize::from(way == Way::Renewed);
    let wanted = match end {
        End::Fails(_) | End::Safe(_) => by_design + 1..=by_design + 1,
        End::ToldTwice => 0..=by_design + 1,
        End::Undelivered => 0..=by_design,
        End::Recovers | End::Adopts | End::Warns | End::NoOp => by_design..=by_design,
    };
    (!wanted.contains(&told.failures))
        .then(|| format!("{} alerts of failures, {wanted:?} are due", told.failures))
}
