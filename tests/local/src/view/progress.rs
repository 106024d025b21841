//! One line about a step of a run: when it is done, and while it is under way.

use crate::view::timeline::mark;
use crate::view::{Outcome, Step, Steps, units};
use jiff::Timestamp;

/// Columns for the longest state name.
const STATE: usize = 14;

/// A step that ended: `✔ orders    CheckSnapshot   22 min 4 s  looked 9 times`.
pub fn done(label: &str, step: &Step) -> String {
    let took = step
        .ended
        .map(|ended| units::span(step.took(ended)))
        .unwrap_or_default();
    let line = format!(
        "{} {label}  {:STATE$}  {took:>11}  {}",
        mark(&step.outcome),
        step.state,
        step.remarks()
    );
    line.trim_end().to_owned()
}

/// What is under way, for a line that changes in place.
pub fn under_way(label: &str, steps: &Steps, now: Timestamp) -> String {
    let Some(step) = steps.current() else {
        return label.to_owned();
    };
    let took = units::span(step.took(now));
    let waiting = if steps.is_waiting() { "waiting" } else { "" };
    let remarks = step.remarks();
    let remarks: Vec<&str> = [waiting, &remarks]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    format!(
        "{label}  {:STATE$}  {took:>11}  {}",
        step.state,
        remarks.join(", ")
    )
}

/// A run that ended.
pub fn ended(label: &str, steps: &Steps, now: Timestamp) -> String {
    let failed = steps
        .all()
        .last()
        .filter(|step| matches!(step.outcome, Outcome::Failed(_)));
    let began = steps.all().first().map_or(now, |step| step.began);
    let took = units::span(now.duration_since(began));
    match failed {
        None => format!("✔ {label}  done in {took}"),
        Some(step) => format!("✘ {label}  failed in {} after {took}", step.state),
    }
}
