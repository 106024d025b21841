//! Every run with its timeline as compact JSON, for the page's script.
//!
//! Runs of one cell, and cells of one call, have most lines in common but for the time. So lines without their times are
//! a table of texts, sorted, each written as how much it shares with the one before and the rest; a timeline is seconds
//! and indices into it, and runs with one timeline share it.

use super::line::Line;
use super::{Played, PlayedRun, Report, legend};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the page's script reads, to stand in a `script` element.
///
/// - `ends`: name and meaning of each letter.
/// - `texts`: alternately the number of UTF-16 units shared with the text before, and the rest. A text is the letter of
///   its kind, who, a tab, what.
/// - `times`: timelines as seconds since the line before (null where a line has no time) and an index into `texts`,
///   alternately.
/// - `cells`: by anchor the name, the letter, the required end, why, and the runs: name, required end (0 where it is
///   the cell's), end, way back, findings, index into `times`, and whether it is as required.
pub(super) fn json(report: &Report) -> String {
    let texts = Texts::of(report);
    let mut timelines = Timelines::default();
    let anchors = anchors(report);
    let cells = report.cells().zip(&anchors).map(|(cell, anchor)| {
        let runs = cell.runs.iter().map(|run| {
            let timeline = timelines.index(texts.timeline(run));
            run_of(cell, run, timeline)
        });
        let runs: Vec<Value> = runs.collect();
        let letter = cell.letter().to_string();
        let told = json!([cell.name(), letter, cell.required, cell.why, runs]);
        (anchor.clone(), told)
    });
    let cells: serde_json::Map<String, Value> = cells.collect();
    let ends = legend::ENTRIES
        .iter()
        .map(|entry| (entry.letter.to_string(), json!([entry.name, entry.meaning])));
    let data = json!({
        "ends": ends.collect::<serde_json::Map<String, Value>>(),
        "texts": texts.front_coded(),
        "times": timelines.all,
        "cells": cells,
    });
    // Within a string of JSON this is the same letter, and no `</script>` can end the element.
    data.to_string().replace('<', "\\u003c")
}

fn run_of(cell: &Played, run: &PlayedRun, timeline: usize) -> Value {
    let required = match &run.required {
        Some(end) if *end != cell.required => json!(end),
        _ => json!(0),
    };
    let findings: Vec<Value> = run
        .findings
        .iter()
        .map(|(rule, text)| json!([rule, text]))
        .collect();
    let is_kept = u8::from(cell.is_kept_by(run));
    json!([
        run.name,
        required,
        run.end,
        run.recovered,
        findings,
        timeline,
        is_kept
    ])
}

/// The anchors of all cells: their names in small letters, so that a link holds from one report to the next.
pub(super) fn anchors(report: &Report) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let anchors = report.cells().map(|cell| {
        let mut anchor = String::new();
        for c in cell.name().chars() {
            if c.is_alphanumeric() {
                anchor.extend(c.to_lowercase());
            } else if !anchor.is_empty() && !anchor.ends_with('-') {
                anchor.push('-');
            }
        }
        let anchor = anchor.trim_end_matches('-').to_owned();
        let mut unique = anchor.clone();
        let mut number = 1;
        while !taken.insert(unique.clone()) {
            number += 1;
            unique = format!("{anchor}-{number}");
        }
        unique
    });
    anchors.collect()
}

/// All texts of all timelines, each with its index.
struct Texts(BTreeMap<String, usize>);

impl Texts {
    fn of(report: &Report) -> Self {
        let lines = report
            .cells()
            .flat_map(|cell| &cell.runs)
            .flat_map(|run| &run.timeline);
        let texts: BTreeSet<String> = lines.map(|line| text(&Line::parse(line))).collect();
        Self(texts.into_iter().zip(0..).collect())
    }

    fn timeline(&self, run: &PlayedRun) -> Vec<Value> {
        let mut timeline = Vec::with_capacity(2 * run.timeline.len());
        let mut before = 0;
        for line in &run.timeline {
            let line = Line::parse(line);
            timeline.push(match line.seconds {
                Some(seconds) => json!(i128::from(seconds) - i128::from(before)),
                None => Value::Null,
            });
            before = line.seconds.unwrap_or(before);
            timeline.push(json!(self.0.get(&text(&line))));
        }
        timeline
    }

    fn front_coded(&self) -> Vec<Value> {
        let mut coded = Vec::with_capacity(2 * self.0.len());
        let mut before = "";
        for text in self.0.keys() {
            let same = before.chars().zip(text.chars()).take_while(|(a, b)| a == b);
            let (mut bytes, mut units) = (0, 0);
            for (c, _) in same {
                bytes += c.len_utf8();
                units += c.len_utf16();
            }
            coded.push(json!(units));
            coded.push(json!(text[bytes..]));
            before = text;
        }
        coded
    }
}

fn text(line: &Line<'_>) -> String {
    format!("{}{}\t{}", line.kind.letter(), line.who, line.what)
}

/// Timelines, each once.
#[derive(Default)]
struct Timelines {
    all: Vec<Vec<Value>>,
    indices: BTreeMap<String, usize>,
}

impl Timelines {
    fn index(&mut self, timeline: Vec<Value>) -> usize {
        let key = format!("{timeline:?}");
        let next = self.all.len();
        let index = *self.indices.entry(key).or_insert(next);
        if index == next {
            self.all.push(timeline);
        }
        index
    }
}
