//! What lies in the bucket is not what the export should have left: broken files, strangers' files, files that are
//! swapped or go. Such a run fails by name or records exactly what it verified, and its source snapshot stays.

mod looks;
mod strangers;

use super::SystemCell;
use super::deeds::{again, judged, nothing, play, prepared, source_is};
use crate::matrix::act::Act;
use crate::matrix::disturber::{Plan, Target};
use crate::matrix::rdb::{sealed_rdb, sound_rdb};
use crate::matrix::row::Call;
use crate::matrix::system::look::call;
use crate::ports::{Effect, Strike};
use crate::world::{AwsError, ExportFault, FixedContent, When, World};
use jiff::Timestamp;
use std::time::Duration;

pub(super) const GROUP: &str = "object";

pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells: Vec<SystemCell> = FILES.iter().map(file).collect();
    cells.extend(DAMAGES.iter().map(damaged));
    cells.extend(DENIALS.iter().map(denied));
    cells.extend([listed_late(), cut_on_its_way(), read_in_two()]);
    cells.extend(strangers::cells());
    cells.extend(looks::cells());
    cells
}

/// A body that ends early looks whole to whoever does not count.
fn cut_on_its_way() -> SystemCell {
    SystemCell::new(GROUP, "half of an answer while it is read", || {
        play("group", nothing, |act| async move {
            let plan = Plan::Times(Strike::Cut, 1);
            act.strike(call("VerifyObject", "GetObject"), 0, "", plan);
            act.spawn("run").ended().await
        })
    })
}

/// An object that takes longer to read than an invocation may is read on by the next.
fn read_in_two() -> SystemCell {
    SystemCell::new(GROUP, "larger than an invocation can read", || {
        play("group", nothing, |act| async move {
            let large = FixedContent::shared(&sealed_rdb(40_000));
            act.stage
                .person(|world, _| world.contents.attach("orders/0001", large));
            act.stage.functions.leave(Duration::ZERO);
            let run = act.spawn("run").ended().await;
            let reads = run.with(|execution| execution.entries("VerifyObject"));
            act.must(reads > 1, "it is read on", format!("{reads} invocations"));
            run
        })
    })
}

/// Name, the file that the cache's snapshot holds, and whether the manifest of a recorded backup tells of a CRC.
type File = (&'static str, fn() -> Vec<u8>, bool);

/// Written by a real server (`tests/fixtures/rdb/demo/README.md`), with its CRC.
const REAL: &[u8] = include_bytes!("../../../../fixtures/rdb/demo/orders-0001.rdb");

const FILES: [File; 17] = [
    ("sound", || sealed_rdb(40), true),
    ("a real server's", || REAL.to_vec(), true),
    ("truncated in the middle", || first_half(sealed_rdb(40)), false),
    (
        "a real server's, truncated in the middle",
        || first_half(REAL.to_vec()),
        false,
    ),
    ("last 9 bytes missing", || without_last(9), false),
    ("last 8 bytes missing", || without_last(8), false),
    ("last byte missing", || without_last(1), false),
    ("wrong magic", || changed(sealed_rdb(40), 0, b'S'), false),
    (
        "a version from the future",
        || changed(sealed_rdb(40), 5, b'9'),
        false,
    ),
    (
        "an opcode that nobody knows",
        || changed(sealed_rdb(40), 31, 0xf0),
        false,
    ),
    ("one bit flipped in a value", || flipped(sealed_rdb(40)), false),
    (
        "a real server's, one bit flipped in the middle",
        || flipped(REAL.to_vec()),
        false,
    ),
    (
        "one bit flipped in the CRC",
        || flipped_at_end(sealed_rdb(40)),
        false,
    ),
    ("CRC off", || sound_rdb(40), false),
    (
        "CRC off, one bit flipped in a value",
        || flipped(sound_rdb(40)),
        false,
    ),
    ("a byte behind the end", || followed_by(b"\0"), false),
    (
        "a second file behind the end",
        || followed_by(&sealed_rdb(40)),
        false,
    ),
];

fn first_half(mut file: Vec<u8>) -> Vec<u8> {
    file.truncate(file.len() / 2);
    file
}

fn without_last(bytes: usize) -> Vec<u8> {
    let mut file = sealed_rdb(40);
    file.truncate(file.len() - bytes);
    file
}

fn changed(mut file: Vec<u8>, at: usize, byte: u8) -> Vec<u8> {
    file[at] = byte;
    file
}

/// In the last letter of the value in the middle of the file, where there is such a value.
fn flipped(mut file: Vec<u8>) -> Vec<u8> {
    let middle = file.len() / 2;
    let value = file[middle..].windows(5).position(|five| five == b"value");
    let at = value.map_or(middle, |at| middle + at + 4);
    file[at] ^= 1;
    file
}

fn flipped_at_end(mut file: Vec<u8>) -> Vec<u8> {
    let last = file.len() - 1;
    file[last] ^= 1;
    file
}

fn followed_by(more: &[u8]) -> Vec<u8> {
    let mut file = sealed_rdb(40);
    file.extend_from_slice(more);
    file
}

/// The cache's data are sound again.
fn sound_again(world: &mut World, _: Timestamp) {
    let sound = FixedContent::shared(&sealed_rdb(40));
    world.contents.attach("orders/0001", sound);
}

fn file((name, bytes, crc): &'static File) -> SystemCell {
    SystemCell::new(GROUP, *name, move || {
        play("group", sound_again, |act| async move {
            let content = FixedContent::shared(&bytes());
            act.stage
                .person(|world, _| world.contents.attach("orders/0001", content));
            let run = act.spawn("run").ended().await;
            source_is(&act, Some("available"));
            if let Some(manifest) = super::deeds::manifest(&act) {
                let told = manifest.objects.iter().all(|object| object.verdict.crc == *crc);
                act.must(
                    told,
                    "the manifest tells of the CRC",
                    format!("{:?}", manifest.objects),
                );
            }
            run
        })
    })
}

/// Name, scene, what becomes of the file on its way to the bucket or there; the snapshot holds a file without a CRC.
type Damage = (&'static str, &'static str, fn() -> ExportFault);

const DAMAGES: [Damage; 7] = [
    ("one bit rotten in S3, CRC off", "group", || ExportFault::RotBit {
        node_group: "0001".to_owned(),
        byte: 40,
    }),
    ("serverless, one bit rotten in S3, CRC off", "serverless", || {
        ExportFault::RotBit {
            node_group: "0001".to_owned(),
            byte: 40,
        }
    }),
    ("sharded, the tail of one shard cut", "sharded", || {
        ExportFault::CutTail {
            node_group: "0002".to_owned(),
            bytes: 20,
        }
    }),
    ("sharded, one bit of one shard's magic flipped", "sharded", || {
        ExportFault::FlipBit {
            node_group: "0003".to_owned(),
            byte: 3,
        }
    }),
    ("sharded, one shard of zero bytes", "sharded", || {
        ExportFault::Empty("0002".to_owned())
    }),
    ("serverless, zero bytes", "serverless", || {
        ExportFault::Empty("0001".to_owned())
    }),
    ("zero bytes", "group", || ExportFault::Empty("0001".to_owned())),
];

fn damaged((name, scene, fault): &'static Damage) -> SystemCell {
    SystemCell::new(GROUP, *name, move || {
        play(scene, nothing, |act| async move {
            act.stage
                .person(|world, _| world.faults.arm_export(fault(), When::next(1)));
            let run = act.spawn("run").ended().await;
            source_is(&act, Some("available"));
            run
        })
    })
}

/// State and call whose right is missing until somebody gives it.
const DENIALS: [(&str, &str); 4] = [
    ("CheckExport", "ListObjectsV2"),
    ("CheckExport", "HeadObject"),
    ("VerifyObject", "HeadObject"),
    ("VerifyObject", "GetObject"),
];

fn aim(act: &Act, (place, operation): (&str, &str), plan: Plan) {
    let call = Call {
        place: place.to_owned(),
        operation: operation.to_owned(),
    };
    let target = Target {
        call,
        skip: 0,
        about: "",
    };
    act.disturber.arm(target, plan);
}

fn denied((state, operation): &'static (&str, &str)) -> SystemCell {
    SystemCell::new(GROUP, format!("{operation} denied in {state}"), move || {
        Act::on(prepared("group"), |act| async move {
            let text = "User is not authorized to perform: kms:Decrypt";
            let answer = Strike::Answer(AwsError::new(403, "AccessDenied", text), Effect::None);
            aim(&act, (state, operation), Plan::Until(answer));
            let run = act.spawn("run").ended().await;
            let end = judged(&act, &run);
            source_is(&act, Some("available"));
            act.must(act.disturber.struck() > 0, "the fault strikes", "it never did");
            act.disturber.lift();
            again(&act, &run, 1, "").await;
            (run, end)
        })
    })
}

/// The objects are there and are not shown at first.
fn listed_late() -> SystemCell {
    SystemCell::new(GROUP, "not to be seen at three looks", || {
        play("group", nothing, |act| async move {
            aim(
                &act,
                ("CheckExport", "ListObjectsV2"),
                Plan::Times(Strike::Lags, 3),
            );
            act.spawn("run").ended().await
        })
    })
}
