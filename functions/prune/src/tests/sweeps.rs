//! Leftovers of runs without a manifest.

use super::scene::{Scene, instant, nights_ago};
use super::world::World;
use backup_core::names;
use jiff::SignedDuration;
use serde_json::{Value, json};

fn rules() -> Value {
    json!({"keepLast": 5, "keepSnapshots": 20})
}

fn left(world: &World, days: i64) -> Vec<String> {
    let folder = format!("/{}/", nights_ago(days));
    let keys = world.keys().into_iter().filter(|key| key.contains(&folder));
    keys.map(|key| key.rsplit('/').next().unwrap().to_owned())
        .collect()
}

#[test]
fn a_failed_run_is_swept_when_all_of_it_is_sixteen_days_old() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(1);
    scene.failed(nights_ago(16));
    // The alert was written half an hour after the instant.
    let due = nights_ago(0).timestamp() + SignedDuration::from_mins(30);
    let output = scene
        .prune_at(rules(), due - SignedDuration::from_secs(1))
        .unwrap();
    assert_eq!((output.swept, left(&world, 16).len()), (0, 2), "a second short");
    let output = scene.prune_at(rules(), due).unwrap();
    assert_eq!((output.swept, left(&world, 16).len()), (1, 0));
    assert_eq!(
        world.deletions()[1..],
        [
            "DeleteObject backups/replication-group/prod/20261104t0304z/prod-0001.rdb",
            "DeleteObject backups/replication-group/prod/20261104t0304z/alert-0.json"
        ],
        "what says whose it is goes last"
    );
}

#[test]
fn a_run_that_wrote_lately_may_still_be_redriven() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(1);
    scene.failed(nights_ago(30));
    let renewed = format!(
        "{}-0001.rdb",
        names::export_target(&scene.cache, nights_ago(30), 1)
    );
    scene.put(&renewed, nights_ago(10), "REDIS0011");
    let output = scene.prune(rules()).unwrap();
    assert_eq!((output.swept, output.unowned, left(&world, 30).len()), (0, 0, 3));
}

/// Name and body of each.
type Files = &'static [(&'static str, &'static str)];

const OURS: &str = r#"{"owner": "main/nightly"}"#;
const WEEKLY: &str = r#"{"owner": "main/weekly"}"#;
const TEST: &str = r#"{"owner": "test/nightly"}"#;
/// Two plans that failed at the same minute.
const BOTH: Files = &[("alert-0.json", OURS), ("alert-1.json", WEEKLY)];
const NOBODY: Files = &[("alert-0.json", "{}"), ("alert-1.json", "no JSON")];

#[test]
fn only_what_names_our_owner_and_no_other_is_swept() {
    let night = nights_ago(30);
    let cases: [(Files, usize, &str); 7] = [
        (&[("alert-0.json", OURS)], 1, "our alert"),
        (&[("verdicts/prod-0001.rdb.json", OURS)], 1, "our verdict"),
        (&[("alert-0.json", WEEKLY)], 0, "another plan's"),
        (&[("alert-0.json", TEST)], 0, "another deployment's"),
        (BOTH, 0, "ours and another plan's"),
        (NOBODY, 0, "nobody is named"),
        (&[("notes.json", OURS)], 0, "not a document of ours"),
    ];
    for (evidence, swept, why) in cases {
        let world = World::new();
        let scene = Scene::prod(&world);
        scene.nights(1);
        let prefix = names::run_prefix(&scene.cache, night);
        scene.put(&format!("{prefix}prod-0001.rdb"), night, "REDIS0011");
        for (file, body) in evidence {
            scene.put(&format!("{prefix}{file}"), night, body);
        }
        let before = left(&world, 30).len();
        let output = scene.prune(rules()).unwrap();
        assert_eq!((output.swept, output.unowned), (swept, 1 - swept), "{why}");
        assert_eq!(left(&world, 30).len(), before * (1 - swept), "{why}");
    }
}

#[test]
fn sweeping_takes_the_room_that_the_fuse_has_left_oldest_first() {
    let world = World::new();
    let scene = Scene::prod(&world);
    scene.nights(3);
    (20..25).for_each(|days| scene.failed(nights_ago(days)));
    let rules = json!({"keepLast": 2, "maxDeletions": 3, "keepSnapshots": 20});
    let output = scene.prune(rules.clone()).unwrap();
    assert_eq!((output.deleted, output.swept, output.waiting), (1, 2, 3));
    assert_eq!(
        (
            left(&world, 24).len(),
            left(&world, 23).len(),
            left(&world, 22).len()
        ),
        (0, 0, 2)
    );
    let output = scene.prune(rules).unwrap();
    assert_eq!((output.swept, output.waiting), (3, 0), "the next run goes on");
}

#[test]
fn a_serverless_run_is_swept_from_where_its_objects_lie() {
    let world = World::new();
    let scene = Scene::of(&world, "serverless-cache", "catalog", "main/nightly");
    scene.nights(1);
    let night = instant("20261020t0304z");
    scene.failed(night);
    for key in [
        "catalog-202610200304-0002.rdb",
        "catalog-202610200304/catalog-202610200304-0001.rdb.bak",
        "catalog-202610200304-restored/x.rdb",
        "catalog-2-202610200304/catalog-2-202610200304-0001.rdb",
    ] {
        scene.put(key, night, "REDIS0011");
    }
    assert_eq!(scene.prune(rules()).unwrap().swept, 1);
    let root: Vec<_> = world
        .keys()
        .into_iter()
        .filter(|key| !key.starts_with("backups/"))
        .collect();
    assert_eq!(
        root,
        [
            "catalog-2-202610200304/catalog-2-202610200304-0001.rdb",
            "catalog-202610200304-restored/x.rdb",
            "catalog-202610200304/catalog-202610200304-0001.rdb.bak",
            "catalog-202611200304/catalog-202611200304-0001.rdb"
        ],
        "only shards of that very snapshot"
    );
}

#[test]
fn a_serverless_run_that_wrote_lately_waits() {
    let world = World::new();
    let scene = Scene::of(&world, "serverless-cache", "catalog", "main/nightly");
    scene.nights(1);
    scene.failed(nights_ago(30));
    let late = format!("catalog-{}-0002.rdb", nights_ago(30).compact());
    scene.put(&late, nights_ago(10), "REDIS0011");
    assert_eq!(scene.prune(rules()).unwrap().swept, 0);
    assert!(world.keys().contains(&late));
}

#[test]
fn an_automatic_snapshots_export_is_found_by_its_verdicts() {
    let world = World::new();
    let scene = Scene::of(&world, "serverless-cache", "catalog", "main/nightly");
    scene.nights(1);
    let (night, name) = (nights_ago(30), "automatic.catalog-2026-10-21-02-00");
    let verdict = format!(
        "{}verdicts/{name}-0001.rdb.json",
        names::run_prefix(&scene.cache, night)
    );
    scene.put(&verdict, night, r#"{"owner": "main/nightly"}"#);
    scene.put(&format!("{name}/{name}-0001.rdb"), night, "REDIS0011");
    assert_eq!(scene.prune(rules()).unwrap().objects_deleted, 2);
    assert!(!world.keys().iter().any(|key| key.contains("automatic.")));
}
