//! Whatever fails or is delivered twice, the next call says what one would have said.

use super::world::{Fault, World, cache, marker_key};
use crate::Found;
use backup_core::metrics::{Metric, Metrics};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NOW: &str = "2026-11-15T04:00:00Z";

/// One cache of each kind of marker and catalogue, the second one about to be paused, the third to be resumed, the
/// last with a newest backup that is suspicious.
fn laid() -> (World, Value) {
    let world = World::new();
    world.backup("main/nightly", "a", "20261114t0300z");
    world.backup("main/nightly", "b", "20261114t0300z");
    world.backup("main/nightly", "c", "20261101t0300z");
    world.backup("main/nightly", "f", "20261114t0300z");
    let newest = world.backup("main/nightly", "f", "20261115t0300z");
    let mut manifest = world.json(&newest);
    manifest["suspicion"] = json!({"reasons": ["it holds no keys"], "comparedWith": null});
    world.put(&newest, &manifest);
    let marker = |paused: bool| json!({"formatVersion": 1, "since": "2026-11-02T00:00:00Z", "paused": paused, "resumed": false});
    world.put(&marker_key("b"), &marker(false));
    world.put(&marker_key("c"), &marker(true));
    let watched = [
        ("a", false),
        ("b", true),
        ("c", false),
        ("d", false),
        ("e", true),
        ("f", false),
    ];
    let watched: Vec<Value> = watched.iter().map(|(id, paused)| cache(id, *paused)).collect();
    (world, json!(watched))
}

/// The ratios of the metrics, by cache.
fn ratios(measured: &[Metrics]) -> Vec<(Option<&String>, Option<f64>)> {
    let of_line = |line: &Metrics| line.values().get(&Metric::BackupAgeRatio).copied();
    let mut ratios: Vec<_> = measured
        .iter()
        .map(|line| (line.dimensions().values().next_back(), of_line(line)))
        .collect();
    ratios.sort_by_key(|(cache, _)| *cache);
    ratios
}

#[test]
fn a_second_call_says_the_same_and_writes_nothing() {
    let (world, watched) = laid();
    let first = world.watch(NOW, &watched).unwrap();
    let (writes, measured) = (world.writes().len(), world.measured.take());
    assert_eq!(
        writes, 6,
        "two first looks of no marker, two of a backup, a pause and its end"
    );
    let second = world.watch(NOW, &watched).unwrap();
    assert_eq!(second, first);
    assert_eq!(ratios(&world.measured.borrow()), ratios(&measured));
    assert_eq!(world.writes().len(), writes);
}

#[test]
fn every_call_may_fail_once() {
    let (clean, watched) = laid();
    let want: Vec<Found> = clean.watch(NOW, &watched).unwrap();
    let log = clean.log.take();
    let operations: BTreeSet<_> = log.iter().filter_map(|call| call.split(' ').next()).collect();
    assert_eq!(
        operations.into_iter().collect::<Vec<_>>(),
        ["GetObject", "GetObjectTagging", "ListObjectsV2", "PutObject"],
        "every kind of call that there is"
    );
    let calls = log.len();
    assert_eq!(calls, 21);
    for at in 0..calls {
        for fault in [Fault::Once(at), Fault::AnswerLost(at)] {
            let (world, _) = laid();
            *world.fault.borrow_mut() = fault.clone();
            world.watch(NOW, &watched).unwrap_err();
            assert_eq!(
                world.measured.borrow().len(),
                5,
                "{fault:?}: all but one have their metric"
            );
            *world.fault.borrow_mut() = Fault::Never;
            assert_eq!(world.watch(NOW, &watched).unwrap(), want, "{fault:?}");
            assert_eq!(*world.objects.borrow(), *clean.objects.borrow(), "{fault:?}");
        }
    }
}
