//! Random mode: two to four mishaps at random times from a seed, a failing seed made as small as it goes, and the
//! ones that were found once, which are played for good.

use super::act::Act;
use super::cell::Outcome;
use super::disturber::{Plan, Target};
use super::fault::Fault;
use super::row::Call;
use super::run::Matrix;
use super::scene::{Prepared, Way};
use crate::asl::Run;
use crate::asl::TaskError;
use crate::stage::{Interference, task_states};
use crate::world::{ExportFault, SnapshotFault, When};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A night on which several things go wrong; as JSON it is one line of `tests/sim/found.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Night {
    /// What it was drawn from.
    pub seed: u64,
    /// The scene's name.
    pub scene: String,
    /// What goes wrong, in no order.
    pub mishaps: Vec<Mishap>,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Mishap {
    /// A fault at a call.
    Call {
        /// The state or function.
        place: String,
        /// The operation.
        operation: String,
        /// The fault's heading.
        fault: String,
        /// Calls of that kind that pass first.
        skip: u32,
    },
    /// Lambda fails a state's call, before or after the function ran, or delivers it twice.
    Invoke {
        /// The state.
        state: String,
        /// Calls of that state that pass first.
        skip: u32,
        /// `before`, `after` or `twice`.
        how: String,
    },
    /// The snapshot ends badly or takes this many minutes.
    Snapshot {
        /// `fails`, `vanishes` or `takes`.
        how: String,
        /// Minutes, where it takes long.
        minutes: i64,
    },
    /// The export ends badly or takes this many minutes.
    Export {
        /// `silent`, `cut`, `flip`, `empty`, `takes` or `late`.
        how: String,
        /// Minutes, where it takes long; a byte's offset, where one is flipped.
        amount: i64,
    },
    /// A second execution of the same run starts this many minutes after the first.
    Duplicate {
        /// Minutes.
        minutes: i64,
    },
    /// Somebody stops the execution after so many minutes.
    Abort {
        /// Minutes.
        minutes: i64,
    },
    /// The cache is deleted after so many minutes, and put back an hour later.
    CacheGone {
        /// Minutes.
        minutes: i64,
    },
}

/// The nights that failed once, one a line.
pub const FOUND: &str = include_str!("../../found.jsonl");

/// After this long all faults are over, as AWS's troubles are at some time.
const TROUBLE: SignedDuration = SignedDuration::from_hours(20);

impl Night {
    /// The night of a seed.
    ///
    /// # Panics
    ///
    /// Where the matrix has no calls.
    pub fn draw(matrix: &Matrix, seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let index = rng.usize(..matrix.prepared.len());
        let count = rng.usize(2..=4);
        let mishaps = (0..count)
            .map(|_| Mishap::draw(matrix, index, &mut rng))
            .collect();
        Self {
            seed,
            scene: matrix.prepared[index].scene.name.to_owned(),
            mishaps,
        }
    }

    /// Plays it, and takes from what is found what the table of required ends excuses where such a thing goes wrong;
    /// gives the numbers of those excuses too. An error where the night names what there is not.
    pub fn play(&self, matrix: &Matrix) -> Result<(Outcome, BTreeSet<usize>), String> {
        let prepared = matrix
            .prepared
            .iter()
            .find(|prepared| prepared.scene.name == self.scene);
        let prepared = prepared.ok_or_else(|| format!("there is no scene `{}`", self.scene))?;
        let calls = self
            .mishaps
            .iter()
            .filter_map(Mishap::call)
            .collect::<Result<Vec<_>, _>>()?;
        let mut outcome = self.act(prepared, calls);
        let mut needed = BTreeSet::new();
        for mishap in &self.mishaps {
            let (row, column) = mishap.cell();
            needed.append(&mut matrix.excuse(&row, &column, &mut outcome.findings));
        }
        Ok((outcome, needed))
    }

    /// The smallest part of it that still fails by the test.
    #[must_use]
    pub fn shrink(&self, fails: impl Fn(&Self) -> bool) -> Self {
        let mut least = self.clone();
        let mut index = 0;
        while index < least.mishaps.len() {
            let mut less = least.clone();
            less.mishaps.remove(index);
            if fails(&less) {
                least = less;
            } else {
                index += 1;
            }
        }
        least
    }

    fn act(&self, prepared: &Prepared, calls: Vec<(Target, Plan)>) -> Outcome {
        let (mishaps, seed) = (self.mishaps.clone(), self.seed);
        Act::on(prepared, |mut act| async move {
            act.stage.seed = seed;
            for (target, plan) in calls {
                act.disturber.arm(target, plan);
            }
            arm_world(&act, &mishaps);
            arm_invocations(&act, &mishaps);
            let going = act.spawn("run");
            let beside: Vec<_> = mishaps
                .iter()
                .enumerate()
                .map(|(number, mishap)| beside(&act, &going.run, number, mishap))
                .collect();
            let over = async {
                act.pass(TROUBLE).await;
                act.disturber.lift();
            };
            let run = futures_util::future::join(going.ended(), over).await.0;
            futures_util::future::join_all(beside).await;
            let end = act.end_of_any(&run);
            (run, end)
        })
    }
}

/// What happens to the world's own jobs.
fn arm_world(act: &Act, mishaps: &[Mishap]) {
    let mut world = act.stage.ports.world();
    let shard = "0001".to_owned();
    for mishap in mishaps {
        match mishap {
            Mishap::Snapshot { how, minutes } => {
                let fault = match how.as_str() {
                    "fails" => SnapshotFault::Fails,
                    "vanishes" => SnapshotFault::Vanishes,
                    _ => SnapshotFault::Takes(SignedDuration::from_mins(*minutes)),
                };
                world.faults.arm_snapshot(fault, When::next(1));
            }
            Mishap::Export { how, amount } => {
                let fault = match how.as_str() {
                    "silent" => ExportFault::Silent,
                    "cut" => ExportFault::CutTail {
                        node_group: shard.clone(),
                        bytes: 9,
                    },
                    "flip" => ExportFault::RotBit {
                        node_group: shard.clone(),
                        byte: amount.unsigned_abs(),
                    },
                    "empty" => ExportFault::Empty(shard.clone()),
                    "late" => ExportFault::ObjectsAfter(SignedDuration::from_mins(*amount % 4)),
                    _ => ExportFault::Takes(SignedDuration::from_mins(*amount)),
                };
                world.faults.arm_export(fault, When::next(1));
            }
            _ => {}
        }
    }
}

fn arm_invocations(act: &Act, mishaps: &[Mishap]) {
    let mut armed: Vec<(String, u32, String)> = mishaps
        .iter()
        .filter_map(|mishap| match mishap {
            Mishap::Invoke { state, skip, how } => Some((state.clone(), *skip, how.clone())),
            _ => None,
        })
        .collect();
    act.stage.functions.meddle(move |call| {
        let Some(index) = armed.iter().position(|(state, ..)| *state == call.state) else {
            return Interference::Pass;
        };
        if armed[index].1 > 0 {
            armed[index].1 -= 1;
            return Interference::Pass;
        }
        let error = TaskError {
            error: "Lambda.ServiceException".to_owned(),
            cause: "injected".to_owned(),
        };
        match armed.remove(index).2.as_str() {
            "before" => Interference::FailBefore(error),
            "after" => Interference::FailAfter(error),
            _ => Interference::Twice,
        }
    });
}

/// What goes on beside the run.
fn beside(act: &Act, run: &Arc<Run>, number: usize, mishap: &Mishap) -> tokio::task::JoinHandle<()> {
    let (act, run, mishap) = (act.clone(), Arc::clone(run), mishap.clone());
    tokio::spawn(async move {
        match mishap {
            Mishap::Duplicate { minutes } => {
                act.pass(SignedDuration::from_mins(minutes)).await;
                act.spawn(&format!("duplicate-{number}")).ended().await;
            }
            Mishap::Abort { minutes } => {
                act.pass(SignedDuration::from_mins(minutes)).await;
                act.abort(&run);
            }
            Mishap::CacheGone { minutes } => {
                act.pass(SignedDuration::from_mins(minutes)).await;
                act.stage.person(|world, _| world.remove_cache(act.scene.id));
                act.pass(SignedDuration::from_hours(1)).await;
                act.stage.person(super::scene::put_caches);
            }
            Mishap::Call { .. } | Mishap::Invoke { .. } | Mishap::Snapshot { .. } | Mishap::Export { .. } => {
            }
        }
    })
}

impl Mishap {
    fn draw(matrix: &Matrix, scene: usize, rng: &mut fastrand::Rng) -> Self {
        let minutes = rng.i64(0..30);
        let pick = |rng: &mut fastrand::Rng, words: &[&str]| words[rng.usize(..words.len())].to_owned();
        match rng.u8(..20) {
            0 => Self::Snapshot {
                how: pick(rng, &["fails", "vanishes", "takes", "takes"]),
                minutes: rng.i64(1..600),
            },
            1 | 2 => Self::Export {
                how: pick(rng, &["silent", "cut", "flip", "empty", "takes", "late"]),
                amount: rng.i64(1..300),
            },
            3 => Self::Duplicate { minutes },
            4 => Self::Abort { minutes },
            // Automatic snapshots go with their cache, and nobody makes others here.
            5 if matrix.prepared[scene].scene.way != Way::Automatic => Self::CacheGone { minutes },
            6 | 7 => Self::Invoke {
                state: task_states()[rng.usize(..task_states().len())].clone(),
                skip: rng.u32(..3),
                how: pick(rng, &["before", "after", "twice"]),
            },
            _ => Self::at_call(matrix, scene, rng),
        }
    }

    fn at_call(matrix: &Matrix, scene: usize, rng: &mut fastrand::Rng) -> Self {
        let made = |(call, places): (&Call, &Vec<(usize, u32)>)| {
            let count = places.iter().find(|(index, _)| *index == scene)?.1;
            Some((call.clone(), count))
        };
        let calls: Vec<(Call, u32)> = matrix.calls.iter().filter_map(made).collect();
        let (call, count) = calls[rng.usize(..calls.len())].clone();
        let can = |fault: &Fault| fault.can_strike(&call) && *fault != Fault::ExistsForeign;
        let faults: Vec<Fault> = Fault::ALL.into_iter().filter(can).collect();
        Self::Call {
            place: call.place,
            operation: call.operation,
            fault: faults[rng.usize(..faults.len())].heading().to_owned(),
            skip: rng.u32(..count),
        }
    }

    /// The cell under which the table excuses what it leads to: that of the matrix for a call's fault.
    fn cell(&self) -> (String, String) {
        let column = match self {
            Self::Call {
                place,
                operation,
                fault,
                ..
            } => {
                let call = Call {
                    place: place.clone(),
                    operation: operation.clone(),
                };
                return (call.to_string(), fault.clone());
            }
            Self::Invoke { how, .. } => format!("invocation {how}"),
            Self::Snapshot { how, .. } => format!("snapshot {how}"),
            Self::Export { how, .. } => format!("export {how}"),
            Self::Duplicate { .. } => "duplicate".to_owned(),
            Self::Abort { .. } => "abort".to_owned(),
            Self::CacheGone { .. } => "cache gone".to_owned(),
        };
        ("random night".to_owned(), column)
    }

    /// The fault and what it is aimed at, where it is one of calls.
    fn call(&self) -> Option<Result<(Target, Plan), String>> {
        let Self::Call {
            place,
            operation,
            fault,
            skip,
        } = self
        else {
            return None;
        };
        let call = Call {
            place: place.clone(),
            operation: operation.clone(),
        };
        let found = Fault::ALL.into_iter().find(|known| known.heading() == fault);
        let found = found.ok_or_else(|| format!("there is no fault `{fault}`"));
        Some(found.map(|fault| {
            let plan = fault.plan(&call);
            let target = Target {
                call,
                skip: *skip,
                about: "",
            };
            (target, plan)
        }))
    }
}
