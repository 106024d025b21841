//! `DescribeSnapshots`: filters, pages, lag.

use crate::support::{at, code, described, of_group, of_node, status, with_snapshot, world, world_with};
use jiff::SignedDuration;
use sim::world::elasticache::Timings;
use sim::world::elasticache::shapes::DescribeSnapshotsRequest;
use sim::world::{Config, Fault, Operation, World};

/// Two manual snapshots and three automatic ones.
fn several() -> World {
    let mut world = world();
    world
        .create_snapshot(&of_node("manual-node", "orders-003"), at(0))
        .unwrap();
    world
        .create_snapshot(&of_group("manual-group", "sessions"), at(0))
        .unwrap();
    for id in ["orders-002", "sessions", "alone"] {
        world.put_automatic_snapshot(id, at(60)).unwrap();
    }
    world.advance(at(180));
    world
}

fn names(request: &DescribeSnapshotsRequest) -> Vec<String> {
    let answer = several().describe_snapshots(request, at(200)).unwrap();
    answer
        .snapshots
        .into_iter()
        .map(|snapshot| snapshot.snapshot_name)
        .collect()
}

/// A request with the given change.
fn by(change: impl Fn(&mut DescribeSnapshotsRequest)) -> DescribeSnapshotsRequest {
    let mut request = DescribeSnapshotsRequest::default();
    change(&mut request);
    request
}

#[test]
fn filters_narrow_and_what_is_unknown_is_an_empty_list() {
    let text = |value: &str| Some(value.to_owned());
    let check = |request: DescribeSnapshotsRequest, expected: &[&str]| {
        assert_eq!(names(&request), expected, "{request:?}");
    };
    let node = "automatic.orders-002-2026-03-01-02-01";
    let group = "automatic.sessions-2026-03-01-02-01";
    let alone = "automatic.alone-2026-03-01-02-01";
    let manual = ["manual-group", "manual-node"];
    check(by(|_| {}), &[alone, node, group, manual[0], manual[1]]);
    check(by(|r| r.snapshot_source = text("user")), &manual);
    check(by(|r| r.snapshot_source = text("system")), &[alone, node, group]);
    check(by(|r| r.snapshot_name = text("MANUAL-node")), &["manual-node"]);
    check(by(|r| r.snapshot_name = text("nobody")), &[]);
    check(by(|r| r.cache_cluster_id = text("orders-003")), &["manual-node"]);
    check(by(|r| r.cache_cluster_id = text("nobody")), &[]);
    let of_group = by(|r| r.replication_group_id = text("sessions"));
    check(of_group.clone(), &[group, "manual-group"]);
    let both = DescribeSnapshotsRequest {
        snapshot_source: text("system"),
        ..of_group
    };
    check(both, &[group]);
}

#[test]
fn bad_filters_and_pages_are_refused() {
    type Request = DescribeSnapshotsRequest;
    let cases = [
        (
            Request {
                snapshot_source: Some("manual".to_owned()),
                ..Default::default()
            },
            "InvalidParameterValue",
        ),
        (
            Request {
                max_records: Some(19),
                ..Default::default()
            },
            "InvalidParameterValue",
        ),
        (
            Request {
                max_records: Some(51),
                ..Default::default()
            },
            "InvalidParameterValue",
        ),
        (
            Request {
                max_records: Some(20),
                ..Default::default()
            },
            "ok",
        ),
        (
            Request {
                max_records: Some(50),
                ..Default::default()
            },
            "ok",
        ),
        (
            Request {
                marker: Some("made up".to_owned()),
                ..Default::default()
            },
            "InvalidParameterValue",
        ),
    ];
    for (request, expected) in cases {
        assert_eq!(
            code(&several().describe_snapshots(&request, at(200))),
            expected,
            "{request:?}"
        );
    }
}

#[test]
fn pages_hold_every_snapshot_once_and_markers_never_repeat() {
    for count in [0_i64, 1, 19, 20, 21, 40, 41, 60] {
        let mut world = world();
        for minute in 0..count {
            world.put_automatic_snapshot("alone", at(minute * 60)).unwrap();
        }
        let mut request = DescribeSnapshotsRequest {
            max_records: Some(20),
            ..Default::default()
        };
        let (mut seen, mut markers) = (Vec::new(), Vec::new());
        loop {
            let answer = world.describe_snapshots(&request, at(7200)).unwrap();
            seen.extend(
                answer
                    .snapshots
                    .into_iter()
                    .map(|snapshot| snapshot.snapshot_name),
            );
            let Some(marker) = answer.marker else { break };
            assert!(
                !markers.contains(&marker),
                "a repeated marker ends a client's listing silently"
            );
            markers.push(marker.clone());
            request.marker = Some(marker);
        }
        let mut distinct = seen.clone();
        distinct.dedup();
        assert_eq!(
            (seen.len(), distinct.len()),
            (usize::try_from(count).unwrap(), seen.len())
        );
        assert_eq!(markers.len(), usize::try_from((count - 1).max(0) / 20).unwrap());
    }
}

#[test]
fn the_layout_is_shown_on_request_only() {
    let mut world = several();
    let answer = world
        .describe_snapshots(&DescribeSnapshotsRequest::default(), at(200))
        .unwrap();
    let shown = answer
        .snapshots
        .iter()
        .flat_map(|snapshot| &snapshot.node_snapshots);
    assert!(
        shown
            .into_iter()
            .all(|node| node.node_group_configuration.is_none())
    );
    assert!(
        described(&mut world, "manual-group", at(200))
            .unwrap()
            .node_snapshots[0]
            .node_group_configuration
            .is_some()
    );
}

#[test]
fn a_new_snapshot_may_lag_behind_in_listings_while_its_name_is_taken() {
    let timings = Timings {
        listing_lag: SignedDuration::from_secs(30),
        ..Timings::default()
    };
    let mut world = world_with(Config {
        timings,
        ..Config::default()
    });
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    assert_eq!(status(&mut world, "bk", at(29)), "gone");
    assert_eq!(
        code(&world.create_snapshot(&of_node("bk", "orders-003"), at(29))),
        "SnapshotAlreadyExistsFault"
    );
    assert_eq!(status(&mut world, "bk", at(30)), "creating");
}

#[test]
fn stale_reads_hide_what_is_under_way_for_a_number_of_calls() {
    let mut world = with_snapshot();
    world
        .copy_snapshot(&crate::support::export_to("bk", "x"), at(200))
        .unwrap();
    world
        .create_snapshot(&of_node("two", "orders-002"), at(200))
        .unwrap();
    world.arm(Operation::DescribeSnapshots, Fault::Stale, 2);
    assert_eq!(status(&mut world, "bk", at(201)), "available");
    assert_eq!(status(&mut world, "two", at(201)), "gone");
    assert_eq!(status(&mut world, "two", at(201)), "creating");
    assert_eq!(status(&mut world, "bk", at(201)), "exporting");
}
