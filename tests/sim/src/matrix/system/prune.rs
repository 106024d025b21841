//! What pruning keeps its hands off, and what becomes of it when it goes wrong.

mod disturbed;

use super::SystemCell;
use super::look::{Ended, NO_NIGHT, ONE_NIGHT, Stand, TWO_NIGHTS, cell, instant, nights_before};
use crate::matrix::Act;
use crate::world::elasticache::{Group, Profile};
use disturbed::{
    concurrent, crowded, cut_short, deleted_before, deleted_during, fuse, locked, others_leftovers,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

const GROUP: &str = "prune";

/// What lies in prune's way before the night, and the nights whose backups are there after it.
struct Case {
    name: &'static str,
    stand: &'static Stand,
    /// Puts it there; gives the keys that must outlast the night.
    before: fn(&Act) -> Vec<String>,
    /// Changes the run's input.
    asks: fn(&mut Value),
    stays: &'static [i64],
}

const CASES: [Case; 14] = [
    case("exactly keepLast backups", &ONE_NIGHT, nothing, &[0, 1]),
    case("one more than keepLast", &TWO_NIGHTS, nothing, &[0, 1]),
    case("a single backup", &NO_NIGHT, nothing, &[0]),
    case("newest without a manifest", &TWO_NIGHTS, lost_manifest, &[0, 2]),
    case("a later run under way", &TWO_NIGHTS, later_run, &[0, 1]),
    case("sibling prefix", &TWO_NIGHTS, sibling, &[0, 1]),
    case(
        "foreign objects below our prefix",
        &TWO_NIGHTS,
        foreign_objects,
        &[0, 1],
    ),
    case("pinned backup", &TWO_NIGHTS, pinned, &[0, 1, 2]),
    case(
        "a kept manifest names another's object",
        &TWO_NIGHTS,
        shared,
        &[0, 1],
    ),
    Case {
        asks: |input| input["retention"] = json!({"keepLast": 1, "minimum": 2}),
        ..case("fewer by the rules than minimum", &TWO_NIGHTS, nothing, &[0, 1])
    },
    case("suspicious newest", &TWO_NIGHTS, shrunk, &[0, 1, 2]),
    case("empty newest", &TWO_NIGHTS, emptied, &[0, 1, 2]),
    Case {
        asks: |input| input["retention"] = Value::Null,
        ..case("no retention in the input", &TWO_NIGHTS, nothing, &[0, 1, 2])
    },
    Case {
        asks: |input| input["retention"]["dryRun"] = json!(true),
        ..case("dry run", &TWO_NIGHTS, nothing, &[0, 1, 2])
    },
];

const fn case(
    name: &'static str,
    stand: &'static Stand,
    before: fn(&Act) -> Vec<String>,
    stays: &'static [i64],
) -> Case {
    Case {
        name,
        stand,
        before,
        asks: |_| {},
        stays,
    }
}

/// All cells of the group.
pub(super) fn cells() -> Vec<SystemCell> {
    let kept = CASES
        .iter()
        .map(|case| cell(GROUP, case.name, case.stand, move |act| kept(act, case)));
    let snapshots = SNAPSHOTS
        .iter()
        .map(|(name, strange)| cell(GROUP, *name, &TWO_NIGHTS, move |act| strangers(act, *strange)));
    let denied = [("locked manifest", "manifest.json"), ("locked shard", ".rdb")];
    let denied = denied
        .into_iter()
        .map(|(name, about)| cell(GROUP, name, &TWO_NIGHTS, move |act| locked(act, about)));
    let swept = [
        ("partial delete, swept after 16 days", 17),
        ("partial delete, left before", 10),
    ];
    let swept = swept
        .into_iter()
        .map(|(name, days)| cell(GROUP, name, &TWO_NIGHTS, move |act| cut_short(act, days)));
    let rest = [
        cell(GROUP, "10,000 objects below the prefix", &TWO_NIGHTS, crowded),
        cell(GROUP, "cache deleted during the run", &TWO_NIGHTS, deleted_during),
        cell(GROUP, "backups of a deleted cache", &TWO_NIGHTS, deleted_before),
        cell(GROUP, "concurrent verify", &TWO_NIGHTS, concurrent),
        cell(GROUP, "leftovers of another plan", &TWO_NIGHTS, others_leftovers),
        cell(GROUP, "fuse", &TWO_NIGHTS, fuse),
    ];
    kept.chain(snapshots)
        .chain(denied)
        .chain(swept)
        .chain(rest)
        .collect()
}

async fn kept(act: Act, case: &Case) -> Ended {
    let keys = (case.before)(&act);
    let mut input = act.input();
    (case.asks)(&mut input);
    let asked_before = input["retention"].is_null();
    let ended = act.night(input).await;
    act.must_have(case.stays);
    act.must_keep(&keys);
    for nights in (1..3).filter(|nights| !case.stays.contains(nights)) {
        let mut left = act.keys(&act.folder(nights_before(act.due, nights)));
        left.retain(|key| !keys.contains(key));
        act.must(left.is_empty(), "what goes goes whole", format!("{left:?}"));
    }
    let calls = act.disturber.calls();
    let pruned = calls.keys().any(|call| call.place == "Prune");
    act.must(
        pruned != asked_before,
        "no retention, no call",
        format!("{calls:?}"),
    );
    ended
}

fn nothing(_: &Act) -> Vec<String> {
    Vec::new()
}

/// Last night's manifest is gone: what it recorded is no backup any more, and too young to be swept.
fn lost_manifest(act: &Act) -> Vec<String> {
    let folder = act.folder(nights_before(act.due, 1));
    act.delete(format!("{folder}manifest.json"));
    act.keys(&folder)
}

/// Objects of a run of a later instant that has not recorded its backup yet.
fn later_run(act: &Act) -> Vec<String> {
    let folder = act.folder(act.due + SignedDuration::from_mins(30));
    let keys = vec![
        format!("{folder}orders-0001.rdb"),
        format!("{folder}alert-0.json"),
    ];
    act.put(keys.clone(), b"{}");
    keys
}

/// Another cache whose id begins with ours, with backups and snapshots that our retention would not keep.
fn sibling(act: &Act) -> Vec<String> {
    let ours = act.keys("backups/replication-group/orders/");
    for nights in [1, 2] {
        let folder = act.folder(nights_before(act.due, nights));
        for key in ours.iter().filter(|key| key.starts_with(&folder)) {
            let body = String::from_utf8_lossy(&act.read(key)).replace("orders", "orders-2");
            for more in [0, 3] {
                let at = nights_before(act.due, nights + more);
                let key = key
                    .replace("orders", "orders-2")
                    .replace(&instant(nights_before(act.due, nights)), &instant(at));
                act.put([key], body.as_bytes());
            }
        }
    }
    act.stage.person(|world, _| {
        world.put_group(Group::disabled("orders-2", &["eu-west-1a"], Profile::default()));
    });
    act.keys("backups/replication-group/orders-2/")
}

/// What a person laid beside and into our folders.
fn foreign_objects(act: &Act) -> Vec<String> {
    let oldest = act.folder(nights_before(act.due, 2));
    let keys: Vec<String> = [
        "backups/replication-group/orders/notes.txt".to_owned(),
        "backups/replication-group/orders/20260101t0200z".to_owned(),
        "backups/replication-group/orders/20260101t0200z/other-0001.rdb".to_owned(),
        "backups/replication-group/orders/restore/manifest.json".to_owned(),
        "backups/replication-group/README".to_owned(),
        format!("{oldest}notes.txt"),
        format!("{oldest}orders-0001.rdb.bak"),
        format!("{oldest}old/manifest.json"),
        format!("{oldest}verdicts/notes.txt"),
    ]
    .into();
    act.put(keys.clone(), b"a stranger's");
    keys
}

fn pinned(act: &Act) -> Vec<String> {
    let oldest = act.folder(nights_before(act.due, 2));
    act.tag(format!("{oldest}manifest.json"), "snapkeep:pin");
    act.keys(&oldest)
}

/// Last night's manifest names the object of the night before, as one that a person mended by hand may.
fn shared(act: &Act) -> Vec<String> {
    let [last, oldest] = [1, 2].map(|nights| act.folder(nights_before(act.due, nights)));
    let [mut manifest, other] = [&last, &oldest].map(|folder| act.json(&format!("{folder}manifest.json")));
    manifest["objects"] = other["objects"].clone();
    act.put([format!("{last}manifest.json")], manifest.to_string().as_bytes());
    let objects = manifest["objects"].as_array().into_iter().flatten();
    let keys = objects.flat_map(|object| [&object["key"], &object["verdictKey"]]);
    keys.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn shrunk(act: &Act) -> Vec<String> {
    act.hold(3);
    act.keys("backups/")
}

fn emptied(act: &Act) -> Vec<String> {
    act.hold(0);
    act.keys("backups/")
}

/// A snapshot that prune must leave alone: how it is called, and which owner, run and cache its tags forge.
#[derive(Clone, Copy)]
struct Strange {
    /// In place of our own grammar.
    name: Option<&'static str>,
    /// The owner of its tags; without one it has none.
    owner: Option<&'static str>,
}

const SNAPSHOTS: [(&str, Strange); 5] = [
    ("foreign manual snapshot", strange(Some("before-migration"), None)),
    ("foreign snapshot under a name of ours", strange(None, None)),
    ("forged tags: another plan", strange(None, Some("main/weekly"))),
    (
        "forged tags: another deployment",
        strange(None, Some("blue/nightly")),
    ),
    (
        "forged tags: name not in our grammar",
        strange(Some("orders-20260228"), Some("main/nightly")),
    ),
];

const fn strange(name: Option<&'static str>, owner: Option<&'static str>) -> Strange {
    Strange { name, owner }
}

async fn strangers(act: Act, strange: Strange) -> Ended {
    let at = act.due - SignedDuration::from_hours(12);
    let ours = act.scene.snapshot_name(at);
    let name = strange.name.unwrap_or(&ours);
    let run = format!("replication-group/orders/{}", instant(at));
    let tags: Vec<(&str, String)> = match strange.owner {
        None => vec![("team", "search".to_owned())],
        Some(owner) => vec![
            ("snapkeep:run", run),
            ("snapkeep:owner", owner.to_owned()),
            ("snapkeep:cache", "replication-group/orders".to_owned()),
        ],
    };
    act.snapshot(name, &tags).await;
    let ended = act.night(act.input()).await;
    act.must_have(&[0, 1]);
    let left = act.snapshots();
    act.must(
        left.iter().any(|left| left == name),
        "nothing of a stranger is deleted",
        format!("{left:?}"),
    );
    let of_tonight = act.scene.snapshot_name(act.due);
    act.must(
        left.len() == 2 && left.contains(&of_tonight),
        "one snapshot of ours stays",
        format!("{left:?}"),
    );
    ended
}
