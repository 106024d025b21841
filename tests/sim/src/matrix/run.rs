//! Plays the whole matrix on as many threads as there are cores.

use super::cell::{Cell, Finding, Outcome};
use super::cores::on_all_cores;
use super::end::End;
use super::fault::Fault;
use super::row::{Call, discover};
use super::scene::{Prepared, SCENES, Way, prepared};
use super::system::system_cells;
use super::table::Ends;
use std::collections::{BTreeMap, BTreeSet};

/// One run of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The row: a call, or a group of the system's cells.
    pub row: String,
    /// The column: a fault's heading, or the name of the system's cell.
    pub column: String,
    /// The scene and the call of it, where the cell has several.
    pub name: String,
    /// The end that is required; none where the table has no such cell.
    pub required: Option<End>,
    /// What came of it.
    pub outcome: Outcome,
}

impl Run {
    /// Whether it ended as required and nothing is amiss.
    pub fn is_good(&self) -> bool {
        self.required.as_ref() == Some(&self.outcome.end) && self.outcome.findings.is_empty()
    }
}

/// What was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllRuns {
    /// In reading order.
    pub runs: Vec<Run>,
    /// Numbers of the excuses in the table that a run needed.
    pub needed: BTreeSet<usize>,
}

/// The matrix: its scenes, and the calls that were found in them.
pub struct Matrix {
    /// The scenes up to the moment at which the run is due.
    pub prepared: Vec<&'static Prepared>,
    /// By call: the scenes that make it, as indexes, and how often.
    pub calls: BTreeMap<Call, Vec<(usize, u32)>>,
    ends: Ends,
}

/// A run that is to be played.
type Planned<'m> = (
    String,
    String,
    String,
    Option<End>,
    Box<dyn Fn() -> Outcome + Send + Sync + 'm>,
);

impl Matrix {
    /// Prepares the scenes and finds their calls; an error is one of the table of required ends.
    pub fn new() -> Result<Self, String> {
        let prepared: Vec<_> = SCENES.iter().map(|scene| prepared(scene.name)).collect();
        let mut calls: BTreeMap<Call, Vec<(usize, u32)>> = BTreeMap::new();
        for (index, scene) in prepared.iter().enumerate() {
            for (call, count) in discover(scene) {
                calls.entry(call).or_default().push((index, count));
            }
        }
        let ends = Ends::read(super::table::ENDS)?;
        Ok(Self {
            prepared,
            calls,
            ends,
        })
    }

    /// The cells of calls: each fault that can strike, in every scene that makes the call, at its first and last.
    pub fn cells(&self) -> Vec<(usize, Cell)> {
        let mut cells = Vec::new();
        for (call, places) in &self.calls {
            for fault in Fault::ALL.into_iter().filter(|fault| fault.can_strike(call)) {
                for (index, count) in places {
                    let scene = self.prepared[*index].scene;
                    if scene.way == Way::Adopting
                        && !["CreateSnapshot", "CheckSnapshot"].contains(&&*call.place)
                    {
                        // From there on it is the run of the first scene.
                        continue;
                    }
                    // The first attempt of the renewed run is that of every other; its second one is what it is for.
                    let first = (scene.way != Way::Renewed || call.place == "notify").then_some(0);
                    let is_first_scene = *index == places[0].0;
                    let last =
                        (*count > 1 && (is_first_scene || scene.way != Way::Calm)).then_some(count - 1);
                    cells.extend(first.into_iter().chain(last).map(|skip| {
                        let cell = Cell {
                            call: call.clone(),
                            fault,
                            scene: scene.name,
                            skip,
                        };
                        (*index, cell)
                    }));
                }
            }
        }
        cells
    }

    /// Why a cell of the system must have its end; empty for a call, whose column says it.
    pub fn why(&self, row: &str, column: &str) -> &str {
        self.ends.of_system(row, column).map_or("", |(_, why)| why)
    }

    /// Rows of the table of required ends that nothing plays any more.
    pub fn unused(&self) -> Vec<String> {
        let calls = self.calls.keys().map(ToString::to_string).collect();
        let system = system_cells()
            .into_iter()
            .map(|cell| (cell.group.to_owned(), cell.name));
        self.ends.unused(&calls, &system.collect::<BTreeSet<_>>())
    }

    /// Excuses in the table that are not among those that were needed, by their numbers; of a part of the matrix that
    /// says nothing.
    pub fn needless(&self, needed: &BTreeSet<usize>) -> Vec<String> {
        self.ends.needless(needed)
    }

    /// Takes from the findings what the table excuses in such a cell; gives the numbers of the excuses.
    pub(super) fn excuse(&self, row: &str, column: &str, findings: &mut Vec<Finding>) -> BTreeSet<usize> {
        self.ends.excuse(row, column, findings)
    }

    /// Plays every run whose row, column and name contain all of `parts`, and gives them in reading order.
    pub fn play(&self, parts: &[String]) -> AllRuns {
        self.play_until(parts, |_| false)
    }

    /// The same, but begins no more runs once one was bad; those that were played, in reading order.
    pub fn play_to_first_bad(&self, parts: &[String]) -> AllRuns {
        self.play_until(parts, |run| !run.is_good())
    }

    fn play_until(&self, parts: &[String], is_enough: impl Fn(&Run) -> bool + Sync) -> AllRuns {
        let planned = self.planned(parts);
        let play = |number: usize| {
            let (row, column, name, required, play) = &planned[number];
            let mut outcome = play();
            let needed = self.excuse(row, column, &mut outcome.findings);
            let run = Run {
                row: row.clone(),
                column: column.clone(),
                name: name.clone(),
                required: required.clone(),
                outcome,
            };
            (run, needed)
        };
        let played = on_all_cores(planned.len(), play, |(run, _)| is_enough(run));
        let (runs, needed): (_, Vec<BTreeSet<usize>>) = played.into_iter().unzip();
        AllRuns {
            runs,
            needed: needed.into_iter().flatten().collect(),
        }
    }

    fn planned(&self, parts: &[String]) -> Vec<Planned<'_>> {
        let calls = self.cells().into_iter().map(|(index, cell)| {
            let required = self.ends.of_call(&cell.call, cell.fault, cell.scene, cell.skip);
            let name = if cell.skip == 0 {
                cell.scene.to_owned()
            } else {
                format!("{}, call {}", cell.scene, cell.skip + 1)
            };
            let (row, column) = (cell.call.to_string(), cell.fault.heading().to_owned());
            let play = move || cell.run(self.prepared[index]);
            (row, column, name, required, Box::new(play) as Box<_>)
        });
        let system = system_cells().into_iter().map(|cell| {
            let required = self.ends.of_system(cell.group, &cell.name);
            let required = required.map(|(end, _)| end.clone());
            let play: Box<dyn Fn() -> Outcome + Send + Sync + '_> = cell.play;
            (cell.group.to_owned(), cell.name, String::new(), required, play)
        });
        let all = calls.chain(system);
        let is_wanted = |plan: &Planned<'_>| {
            let whole = format!("{} × {} ({})", plan.0, plan.1, plan.2);
            parts.iter().all(|part| whole.contains(part.as_str()))
        };
        all.filter(is_wanted).collect()
    }
}
