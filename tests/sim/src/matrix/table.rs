//! The required ends: `tests/sim/ends.md`, which people read and this reads too.

use super::cell::Finding;
use super::end::End;
use super::fault::Fault;
use super::row::Call;
use std::collections::{BTreeMap, BTreeSet};

/// The table as it is in the repository.
pub const ENDS: &str = include_str!("../../ends.md");

/// The heading of the matrix of calls and faults.
const CALLS: &str = "Calls";
/// The heading of the error that a column's `F` and `S` stand for.
const ERRORS: &str = "Errors";
/// The heading of the cells whose end is another than their column tells.
const EXCEPTIONS: &str = "Exceptions";

/// The heading of what the judge finds and a cell is meant to show.
const EXCUSED: &str = "Excused";

/// What the judge finds in a cell that is meant to show just that.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Excuse {
    /// Row and column, as `row: column`; a part is enough.
    cell: String,
    /// The invariant.
    rule: String,
    /// A part of what the judge says.
    says: String,
}

/// A required end that is not that of its column, or not in every scene.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    call: String,
    fault: String,
    /// A scene's name, `later call`, or `all`.
    scene: String,
    end: End,
}

/// The required end of every cell.
#[derive(Debug, Clone, Default)]
pub struct Ends {
    letters: BTreeMap<(String, String), String>,
    errors: BTreeMap<String, String>,
    exceptions: Vec<Exception>,
    excuses: Vec<Excuse>,
    system: BTreeMap<(String, String), (End, String)>,
    calls: BTreeSet<String>,
}

impl Ends {
    /// Reads the table; an error names the line.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut ends = Self::default();
        let (mut section, mut heading) = (String::new(), Vec::new());
        for (number, line) in text.lines().enumerate() {
            let at = |error: String| format!("ends.md, line {}: {error}", number + 1);
            if let Some(name) = line.strip_prefix("## ") {
                name.clone_into(&mut section);
                heading.clear();
            } else if let Some(row) = line.strip_prefix('|').filter(|_| !section.is_empty()) {
                let row: Vec<String> = row.trim_end_matches('|').split('|').map(plain).collect();
                if heading.is_empty() {
                    heading = row;
                } else if !row.iter().all(|part| part.chars().all(|c| c == '-')) {
                    ends.take(&section, &heading, &row).map_err(at)?;
                }
            }
        }
        Ok(ends)
    }

    fn take(&mut self, section: &str, heading: &[String], row: &[String]) -> Result<(), String> {
        if row.len() != heading.len() {
            return Err(format!(
                "{} columns, the heading has {}",
                row.len(),
                heading.len()
            ));
        }
        match (section, row) {
            (CALLS, [call, letters @ ..]) => {
                for (fault, letter) in heading[1..].iter().zip(letters) {
                    self.letters.insert((call.clone(), fault.clone()), letter.clone());
                }
                self.calls.insert(call.clone());
            }
            (ERRORS, [fault, error, ..]) => {
                self.errors.insert(fault.clone(), error.clone());
            }
            (EXCEPTIONS, [call, fault, scene, end, _why]) => self.exceptions.push(Exception {
                call: call.clone(),
                fault: fault.clone(),
                scene: scene.clone(),
                end: end.parse()?,
            }),
            (EXCUSED, [cell, rule, says, _why]) => self.excuses.push(Excuse {
                cell: cell.clone(),
                rule: rule.clone(),
                says: says.clone(),
            }),
            (group, [name, end, why]) => {
                let required = (end.parse()?, why.clone());
                if self
                    .system
                    .insert((group.to_owned(), name.clone()), required)
                    .is_some()
                {
                    return Err(format!("`{group}: {name}` is there twice"));
                }
            }
            _ => return Err(format!("section `{section}` has no such row")),
        }
        Ok(())
    }

    /// The required end of a fault at a call of a scene; none where the table has no such cell.
    pub fn of_call(&self, call: &Call, fault: Fault, scene: &str, skip: u32) -> Option<End> {
        let (call, fault) = (call.to_string(), fault.heading().to_owned());
        let holds = |exception: &&Exception| {
            let here = exception.scene == "all"
                || exception.scene == scene
                || (exception.scene == "later call" && skip > 0)
                || exception.scene == format!("{scene}, later call") && skip > 0;
            exception.call == call && exception.fault == fault && here
        };
        // The most special one, which stands first, counts.
        if let Some(exception) = self.exceptions.iter().find(holds) {
            return Some(exception.end.clone());
        }
        let letter = self.letters.get(&(call, fault.clone()))?;
        let error = self.errors.get(&fault).map_or("", String::as_str);
        match letter.as_str() {
            "" => None,
            "F" | "S" => format!("{letter} {error}").parse().ok(),
            letter => letter.parse().ok(),
        }
    }

    /// The required end of a cell of the system, and why.
    pub fn of_system(&self, group: &str, name: &str) -> Option<&(End, String)> {
        self.system.get(&(group.to_owned(), name.to_owned()))
    }

    /// Takes from a run's findings what its cell is meant to show; gives the numbers of the excuses that were needed.
    pub fn excuse(&self, row: &str, column: &str, findings: &mut Vec<Finding>) -> BTreeSet<usize> {
        let cell = format!("{row}: {column}");
        let mut needed = BTreeSet::new();
        findings.retain(|found| {
            let excused = self.excuses.iter().position(|excuse| {
                let here = cell.contains(&excuse.cell) && found.rule == excuse.rule;
                here && found.text.replace('`', "").contains(&excuse.says)
            });
            needed.extend(excused);
            excused.is_none()
        });
        needed
    }

    /// Excuses that were not needed, given those that were.
    pub fn needless(&self, needed: &BTreeSet<usize>) -> Vec<String> {
        let all = self.excuses.iter().enumerate();
        let needless = all.filter(|(number, _)| !needed.contains(number));
        needless
            .map(|(_, excuse)| format!("{} {} {}", excuse.cell, excuse.rule, excuse.says))
            .collect()
    }

    /// Rows of the table that no run makes any more: calls, then cells of the system.
    pub fn unused(&self, calls: &BTreeSet<String>, system: &BTreeSet<(String, String)>) -> Vec<String> {
        let calls = self.calls.difference(calls).cloned();
        let mishaps = self.system.keys().filter(|key| !system.contains(key));
        calls
            .chain(mishaps.map(|(group, name)| format!("{group}: {name}")))
            .collect()
    }
}

/// A table's field without what makes it code or pads it.
fn plain(field: &str) -> String {
    field.trim().replace('`', "")
}
