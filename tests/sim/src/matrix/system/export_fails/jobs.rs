//! What is wrong with an export that was accepted.

use super::{GROUP, mended, minutes, withheld};
use crate::matrix::act::Act;
use crate::matrix::system::SystemCell;
use crate::matrix::system::deeds::{judged, prepared};
use crate::world::{ExportFault, When};

pub(super) fn cells() -> Vec<SystemCell> {
    JOBS.iter().map(job).collect()
}

/// Name, scene, what is wrong with the job, exports made in all, and where the last one lies; one export is no failure.
type Job = (
    &'static str,
    &'static str,
    fn() -> Vec<ExportFault>,
    usize,
    &'static str,
);

const JOBS: [Job; 18] = [
    ("nothing written", "group", || vec![ExportFault::Silent], 2, "r1/"),
    (
        "sharded, nothing written",
        "sharded",
        || vec![ExportFault::Silent],
        2,
        "r1/",
    ),
    (
        "stand-alone, nothing written",
        "stand-alone",
        || vec![ExportFault::Silent],
        2,
        "r1/",
    ),
    (
        "serverless, nothing written",
        "serverless",
        || vec![ExportFault::Silent],
        2,
        "",
    ),
    (
        "one shard of three missing",
        "sharded",
        || vec![withheld("0002")],
        2,
        "r1/",
    ),
    (
        "two shards of three missing",
        "sharded",
        || vec![withheld("0001"), withheld("0003")],
        2,
        "r1/",
    ),
    (
        "objects a minute early",
        "group",
        || vec![ExportFault::ObjectsAfter(minutes(-1))],
        1,
        "",
    ),
    (
        "serverless, objects a minute early",
        "serverless",
        || vec![ExportFault::ObjectsAfter(minutes(-1))],
        1,
        "",
    ),
    (
        "objects 2 min late",
        "group",
        || vec![ExportFault::ObjectsAfter(minutes(2))],
        1,
        "",
    ),
    (
        "serverless, objects 2 min late",
        "serverless",
        || vec![ExportFault::ObjectsAfter(minutes(2))],
        1,
        "",
    ),
    (
        "objects 30 min late",
        "group",
        || vec![ExportFault::ObjectsAfter(minutes(30))],
        1,
        "",
    ),
    (
        "upload unfinished until the next export writes",
        "group",
        || vec![ExportFault::ObjectsAfter(minutes(65))],
        2,
        "r1/",
    ),
    (
        "serverless, objects 30 min late",
        "serverless",
        || vec![ExportFault::ObjectsAfter(minutes(30))],
        1,
        "",
    ),
    (
        "takes 6 h, objects 4 min late",
        "group",
        || {
            vec![
                ExportFault::Takes(minutes(360)),
                ExportFault::ObjectsAfter(minutes(4)),
            ]
        },
        1,
        "",
    ),
    (
        "takes 6 h, one shard of three missing",
        "sharded",
        || vec![ExportFault::Takes(minutes(360)), withheld("0003")],
        2,
        "r1/",
    ),
    (
        "takes 6 h",
        "group",
        || vec![ExportFault::Takes(minutes(360))],
        1,
        "",
    ),
    (
        "serverless, takes 6 h",
        "serverless",
        || vec![ExportFault::Takes(minutes(360))],
        1,
        "",
    ),
    (
        "takes 14 h",
        "group",
        || vec![ExportFault::Takes(minutes(840))],
        1,
        "",
    ),
];

fn job((name, scene, faults, exports, renewed): &'static Job) -> SystemCell {
    SystemCell::new(GROUP, *name, move || {
        Act::on(prepared(scene), |act| async move {
            act.stage.person(|world, _| {
                for fault in faults() {
                    world.faults.arm_export(fault, When::next(1));
                }
            });
            let run = act.spawn("run").ended().await;
            let end = judged(&act, &run);
            mended(&act, &run, *exports, renewed).await;
            (run, end)
        })
    })
}
