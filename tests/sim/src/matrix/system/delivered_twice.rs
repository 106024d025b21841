//! Lambda runs a function twice for one call: the first answer is lost, the second counts.

use super::SystemCell;
use super::mishap::{Made, leaves_something, must_have_made, once, prepared};
use crate::asl::Run;
use crate::matrix::act::Act;
use crate::matrix::end::End;
use crate::stage::{Interference, task_states};
use std::sync::Arc;

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells = Vec::new();
    for scene in ["group", "serverless"] {
        for state in task_states() {
            let name = format!("{state} ({scene})");
            cells.push(SystemCell::new("delivered twice", name, move || {
                Act::on(prepared(scene), |act| twice(act, state.clone()))
            }));
        }
    }
    cells
}

async fn twice(act: Act, state: String) -> (Arc<Run>, End) {
    act.stage
        .functions
        .meddle(once("run", &state, Interference::Twice));
    let run = act.spawn("run").ended().await;
    must_have_made(&act, Made::ONE);
    let end = act.end_of(&run, leaves_something(&state));
    (run, end)
}
