//! One cell: a scene, one fault at one call, its end, and the way back.

use super::act::Act;
use super::disturber::{Plan, Target};
use super::end::End;
use super::fault::Fault;
use super::foreign;
use super::recovery::Recovered;
use super::row::Call;
use super::scene::{Prepared, Way};
use super::witness::Told;
use crate::asl::{Run, Status};
use crate::ports::{Effect, Strike};
use jiff::SignedDuration;
use std::fmt;
use std::sync::Arc;

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
        Act::on(prepared, |act| self.play(act))
    }

    async fn play(&self, act: Act) -> (Arc<Run>, End) {
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
        let target = Target {
            call: self.call.clone(),
            skip: self.skip,
            about: "",
        };
        act.disturber.arm(target, plan);
        if self.fault == Fault::ExistsForeign {
            foreign::put(&act, &self.call);
            // What lies there is older than anything that the run makes, also in S3's whole seconds.
            act.pass(SignedDuration::from_mins(1)).await;
        }
        let run = act.stage.start("run", act.input()).await;
        let fails_by_design = run.with(|e| e.error.as_deref() == Some("Backup.ExportFailed"));
        let way = if act.scene.way == Way::Renewed && fails_by_design {
            // The scene's own failure, which is no end of the cell; a run that cannot be re-driven stays as it is.
            let _ = act.stage.redrive(&run).await;
            Way::Renewed
        } else {
            Way::Calm
        };
        let told = act.told();
        let end = end_of(&run, &told, is_lost && self.call.mutates(), way);
        if let Some(text) = wrongly_told(&end, &told, way) {
            act.find("one alert for one failure", text);
        }
        if self.fault != Fault::ExistsForeign {
            let strikes = act.disturber.struck() > 0;
            act.must(strikes, "the fault strikes", "it never did");
        }
        (run, end)
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
