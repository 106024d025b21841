//! Manual snapshots per node in any 24 hours.

use crate::support::{at, code, copy_to, export_to, of_group, of_node, world, world_with};
use sim::world::elasticache::{Assumptions, QuotaCounts};
use sim::world::{Config, World};

const HOUR: i64 = 3600;

/// Takes 20 snapshots of a node, one every ten minutes, and deletes each.
fn exhaust(world: &mut World, node: &str) {
    for n in 0..20 {
        let name = format!("bk-{n}");
        world.create_snapshot(&of_node(&name, node), at(n * 600)).unwrap();
        world.delete_snapshot(&name, at(n * 600 + 180)).unwrap();
    }
}

#[test]
fn the_21st_in_24_hours_is_refused_even_if_the_others_were_deleted() {
    let mut world = world();
    exhaust(&mut world, "orders-003");
    let next = |world: &mut World, node: &str, now| {
        code(&world.create_snapshot(&of_node("more", node), at(now))).to_owned()
    };
    assert_eq!(
        next(&mut world, "orders-003", 20 * 600),
        "SnapshotQuotaExceededFault"
    );
    assert_eq!(
        next(&mut world, "orders-003", 24 * HOUR - 1),
        "SnapshotQuotaExceededFault",
        "the window slides"
    );
    assert_eq!(
        next(&mut world, "orders-002", 20 * 600),
        "ok",
        "each node has its own"
    );
    world.delete_snapshot("more", at(21 * 600)).unwrap();
    assert_eq!(
        next(&mut world, "orders-003", 24 * HOUR),
        "ok",
        "the first is 24 hours old"
    );
}

#[test]
fn a_group_snapshot_counts_against_the_snapshotted_node_of_each_shard() {
    let mut world = world();
    for n in 0..20 {
        world
            .create_snapshot(&of_group(&format!("bk-{n}"), "sessions"), at(n * 600))
            .unwrap();
    }
    assert_eq!(
        code(&world.create_snapshot(&of_group("more", "sessions"), at(20 * 600))),
        "SnapshotQuotaExceededFault"
    );
    world
        .group_mut("sessions")
        .unwrap()
        .fail_over_to("sessions-0001-002");
    let answer = world.create_snapshot(&of_group("more", "sessions"), at(20 * 600));
    assert_eq!(
        code(&answer),
        "SnapshotQuotaExceededFault",
        "the other shards' nodes are still the same"
    );
}

#[test]
fn a_refused_creation_takes_no_slot() {
    let mut world = world();
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    for _ in 0..30 {
        assert_eq!(
            code(&world.create_snapshot(&of_node("bk", "orders-003"), at(1))),
            "SnapshotAlreadyExistsFault"
        );
    }
    assert_eq!(
        code(&world.create_snapshot(&of_node("two", "orders-003"), at(180))),
        "ok"
    );
}

#[test]
fn what_else_counts_is_an_assumption() {
    let cases = [
        (QuotaCounts::Creations, ["ok", "ok"]),
        (
            QuotaCounts::CreationsAndCopies,
            ["SnapshotQuotaExceededFault", "ok"],
        ),
        (
            QuotaCounts::Everything,
            ["SnapshotQuotaExceededFault", "SnapshotQuotaExceededFault"],
        ),
    ];
    for (quota_counts, [copy, export]) in cases {
        let assumptions = Assumptions {
            quota_counts,
            ..Assumptions::default()
        };
        let mut world = world_with(Config {
            assumptions,
            ..Config::default()
        });
        world
            .create_snapshot(&of_node("bk", "orders-003"), at(0))
            .unwrap();
        world.advance(at(180));
        for n in 1..20 {
            world
                .create_snapshot(&of_node(&format!("bk-{n}"), "orders-003"), at(n * 200))
                .unwrap();
        }
        assert_eq!(
            code(&world.copy_snapshot(&copy_to("bk", "copy"), at(5000))),
            copy,
            "{quota_counts:?}"
        );
        assert_eq!(
            code(&world.copy_snapshot(&export_to("bk", "x"), at(6000))),
            export,
            "{quota_counts:?}"
        );
    }
}
