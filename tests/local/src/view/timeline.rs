//! One run, step by step.

use crate::view::table::{Align, Column, lay_out};
use crate::view::{Outcome, Step, Steps, units};
use jiff::Timestamp;
use sim::asl::Execution;
use std::fmt::Write as _;

/// The run's head line, a table with a row per step, and why it failed if it did.
pub fn text(run: &Execution, now: Timestamp, width: u16) -> String {
    let steps = Steps::of(&run.history);
    let columns = [
        Column("", Align::Left),
        Column("at (UTC)", Align::Left),
        Column("state", Align::Left),
        Column("took", Align::Right),
        Column("calls", Align::Right),
        Column("remarks", Align::Left),
    ];
    let rows: Vec<Vec<String>> = steps.all().iter().map(|step| cells(step, now)).collect();
    let mut text = head(run, now);
    text.push_str(&lay_out(&columns, &rows, width));
    if let Some(error) = &run.error {
        let cause = run.cause.as_deref().map(cause).unwrap_or_default();
        let options = textwrap::Options::new(usize::from(width))
            .subsequent_indent("  ")
            .break_words(false);
        let _ = writeln!(
            text,
            "{}",
            textwrap::fill(&format!("✘ {error}: {cause}"), options)
        );
    }
    text
}

fn head(run: &Execution, now: Timestamp) -> String {
    let took = run.stop_date.unwrap_or(now).duration_since(run.start_date);
    let redriven = match run.redrive_count {
        0 => String::new(),
        1 => ", re-driven once".to_owned(),
        times => format!(", re-driven {times} times"),
    };
    let started = units::minute(run.start_date);
    let transitions = units::plural(run.transitions, "transition");
    format!(
        "{}  {}\nstarted {started}, {}, {transitions}{redriven}\n",
        run.name,
        run.status,
        units::span(took)
    )
}

fn cells(step: &Step, now: Timestamp) -> Vec<String> {
    let redrive = if step.redrive > 0 {
        format!(" (re-drive {})", step.redrive)
    } else {
        String::new()
    };
    vec![
        mark(&step.outcome).to_owned(),
        units::second(step.began),
        format!("{}{redrive}", step.state),
        units::span(step.took(now)),
        step.calls.to_string(),
        step.remarks(),
    ]
}

/// One character for how something stands.
pub fn mark(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Running => "…",
        Outcome::Done => "✔",
        Outcome::Failed(_) => "✘",
    }
}

/// Lambda wraps a function's message in JSON; people need the message.
fn cause(cause: &str) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_str(cause).ok();
    let message = parsed
        .as_ref()
        .and_then(|parsed| parsed.get("errorMessage")?.as_str());
    message.unwrap_or(cause).to_owned()
}
