//! `CreateSnapshot`, `DeleteSnapshot`, in-service copies: who may be named, how the life cycle runs.

use crate::support::{at, code, described, of_group, of_node, status, tag, world, world_with};
use sim::world::elasticache::shapes::{CreateSnapshotRequest, DescribeEventsRequest};
use sim::world::elasticache::{Assumptions, NameCheck, Profile, StandAlone};
use sim::world::{Config, SnapshotFault, When, World};

fn both(name: &str, group: &str, node: &str) -> CreateSnapshotRequest {
    CreateSnapshotRequest {
        replication_group_id: Some(group.to_owned()),
        ..of_node(name, node)
    }
}

const COMBINATION: &str = "InvalidParameterCombination";
const VALUE: &str = "InvalidParameterValue";

/// Asks a fresh world for a snapshot; `reason` says why the case is there.
#[track_caller]
fn check(reason: &str, request: &CreateSnapshotRequest, expected: &str) {
    let answer = world().create_snapshot(request, at(0));
    assert_eq!(code(&answer), expected, "{reason}");
}

#[test]
fn who_may_be_named_depends_on_cluster_mode() {
    let (orders, sessions) = ("orders", "sessions");
    check("disabled takes a node", &of_node("bk", "orders-002"), "ok");
    check("ids in any case", &of_node("bk", "Orders-002"), "ok");
    check("not the group", &of_group("bk", orders), COMBINATION);
    check("both ids", &both("bk", orders, "orders-002"), "ok");
    check(
        "both, unrelated",
        &both("bk", orders, "alone"),
        "CacheClusterNotFound",
    );
    check("enabled takes the group", &of_group("bk", sessions), "ok");
    check("not a node", &of_node("bk", "sessions-0001-001"), COMBINATION);
    check(
        "not both",
        &both("bk", sessions, "sessions-0001-001"),
        COMBINATION,
    );
    check("another's node", &both("bk", sessions, "orders-001"), COMBINATION);
    check("a stand-alone cluster", &of_node("bk", "alone"), "ok");
    let unsupported = "SnapshotFeatureNotSupportedFault";
    check("Memcached", &of_node("bk", "legacy"), unsupported);
    let neither = CreateSnapshotRequest {
        cache_cluster_id: None,
        ..of_node("bk", "alone")
    };
    check("no id", &neither, COMBINATION);
    check("unknown node", &of_node("bk", "nobody"), "CacheClusterNotFound");
    let unknown = "ReplicationGroupNotFoundFault";
    check("unknown group", &of_group("bk", "nobody"), unknown);
}

#[test]
fn names_and_tags_are_checked() {
    let tagged = |tags| CreateSnapshotRequest {
        tags,
        ..of_node("bk", "alone")
    };
    let many = |count: usize| (0..count).map(|n| tag(&format!("k{n}"), "v")).collect();
    check("bad name", &of_node("bk_1", "alone"), VALUE);
    check(
        "the service's own names",
        &of_node("automatic.bk", "alone"),
        VALUE,
    );
    check("50 tags", &tagged(many(50)), "ok");
    check("51 tags", &tagged(many(51)), "TagQuotaPerResourceExceeded");
    check("tags of AWS's own", &tagged(vec![tag("aws:x", "")]), VALUE);
}

#[test]
fn a_t1_micro_node_has_no_snapshots() {
    let mut world = world();
    let profile = Profile {
        node_type: "cache.t1.micro".to_owned(),
        ..Profile::default()
    };
    world.put_cluster(StandAlone::new("tiny", "eu-west-1a", profile));
    assert_eq!(
        code(&world.create_snapshot(&of_node("bk", "tiny"), at(0))),
        "SnapshotFeatureNotSupportedFault"
    );
}

#[test]
fn not_found_is_404_and_every_other_fault_400() {
    let mut world = world();
    let error = world
        .create_snapshot(&of_node("bk", "nobody"), at(0))
        .unwrap_err();
    assert!(matches!(error, sim::world::CallError::Aws(error) if error.status == 404));
    let error = world
        .create_snapshot(&of_group("bk", "orders"), at(0))
        .unwrap_err();
    assert!(matches!(error, sim::world::CallError::Aws(error) if error.status == 400));
}

#[test]
fn a_snapshot_of_a_node_is_creating_then_available_and_so_is_its_cache() {
    let mut world = world();
    let answer = world
        .create_snapshot(&of_node("BK", "orders-003"), at(0))
        .unwrap();
    assert_eq!(
        (answer.snapshot_name.as_str(), answer.snapshot_status.as_str()),
        ("bk", "creating")
    );
    assert_eq!(
        answer.arn,
        "arn:aws:elasticache:eu-west-1:000000000000:snapshot:bk"
    );
    assert_eq!(
        (answer.cache_cluster_id.as_deref(), answer.num_cache_nodes),
        (Some("orders-003"), Some(1))
    );
    let node = &answer.node_snapshots[0];
    assert_eq!(
        (
            node.cache_size.as_str(),
            node.snapshot_create_time,
            &node.node_group_id
        ),
        ("", None, &None)
    );
    assert_eq!(
        states_of_orders(&mut world),
        ["snapshotting", "available", "available", "snapshotting"]
    );

    assert_eq!(status(&mut world, "bk", at(179)), "creating");
    let done = described(&mut world, "bk", at(180)).unwrap();
    assert_eq!(done.snapshot_status, "available");
    assert_eq!(done.node_snapshots[0].cache_size, "1 MB");
    assert_eq!(done.node_snapshots[0].snapshot_create_time, Some(at(0)));
    assert_eq!(states_of_orders(&mut world), ["available"; 4]);
}

/// The group's status, then those of its nodes.
fn states_of_orders(world: &mut World) -> Vec<String> {
    let group = world.group_mut("orders").unwrap();
    std::iter::once(&group.status)
        .chain(group.nodes().map(|node| &node.status))
        .cloned()
        .collect()
}

#[test]
fn a_snapshot_of_a_group_has_an_entry_per_shard_with_its_layout() {
    let mut world = world();
    let answer = world.create_snapshot(&of_group("bk", "sessions"), at(0)).unwrap();
    assert_eq!(answer.num_node_groups, Some(3));
    assert_eq!(
        answer.node_snapshots[0].cache_cluster_id, None,
        "while creating there is just the node group"
    );
    let done = described(&mut world, "bk", at(180)).unwrap();
    let shards: Vec<_> = done
        .node_snapshots
        .iter()
        .map(|node| {
            let layout = node.node_group_configuration.as_ref().unwrap();
            (
                node.node_group_id.as_deref().unwrap(),
                layout.slots.as_str(),
                node.cache_cluster_id.as_deref().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        shards,
        [
            ("0001", "0-5460", "sessions-0001-002"),
            ("0002", "5461-10921", "sessions-0002-002"),
            ("0003", "10922-16383", "sessions-0003-002"),
        ]
    );
}

#[test]
fn a_busy_cache_refuses_a_second_snapshot() {
    let cases = [
        (
            "the same node",
            of_node("two", "orders-003"),
            "InvalidCacheClusterState",
        ),
        (
            "a sister node, since the group is busy",
            of_node("two", "orders-002"),
            "InvalidReplicationGroupState",
        ),
        (
            "the same name",
            of_node("bk", "orders-003"),
            "SnapshotAlreadyExistsFault",
        ),
        (
            "another cache is not concerned",
            of_group("two", "sessions"),
            "ok",
        ),
    ];
    for (reason, request, expected) in cases {
        let mut world = world();
        world
            .create_snapshot(&of_node("bk", "orders-003"), at(0))
            .unwrap();
        assert_eq!(
            code(&world.create_snapshot(&request, at(1))),
            expected,
            "{reason}"
        );
    }
}

#[test]
fn which_check_fires_first_is_an_assumption() {
    let assumptions = Assumptions {
        name_before_state: NameCheck::AfterState,
        ..Assumptions::default()
    };
    let mut world = world_with(Config {
        assumptions,
        ..Config::default()
    });
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    assert_eq!(
        code(&world.create_snapshot(&of_node("bk", "orders-003"), at(1))),
        "InvalidCacheClusterState"
    );
}

#[test]
fn creations_can_fail_vanish_hang_or_read_oddly() {
    let long = jiff::SignedDuration::from_hours(14);
    let cases = [
        ("stays listed as failed", SnapshotFault::Fails, "failed"),
        ("disappears", SnapshotFault::Vanishes, "gone"),
        ("takes its time", SnapshotFault::Takes(long), "creating"),
        (
            "a status that nobody knows",
            SnapshotFault::Reads("hibernating".to_owned()),
            "hibernating",
        ),
    ];
    for (reason, fault, expected) in cases {
        let mut world = world();
        world.faults.arm_snapshot(fault, When::named("bk"));
        world
            .create_snapshot(&of_node("bk", "orders-003"), at(0))
            .unwrap();
        assert_eq!(status(&mut world, "bk", at(3600)), expected, "{reason}");
        let still = if expected == "creating" {
            "snapshotting"
        } else {
            "available"
        };
        assert_eq!(states_of_orders(&mut world)[0], still, "{reason}");
    }
}

#[test]
fn data_that_cannot_be_read_make_a_failed_snapshot_with_the_reason_in_the_events() {
    let mut world = world();
    world.put_cluster(StandAlone::new("mute", "eu-west-1a", Profile::default()));
    world.create_snapshot(&of_node("bk", "mute"), at(0)).unwrap();
    assert_eq!(status(&mut world, "bk", at(180)), "failed");
    let events = world
        .describe_events(&DescribeEventsRequest::default(), at(180))
        .unwrap()
        .events;
    assert_eq!(
        events[0].message,
        "Snapshot failed for snapshot with ID 'bk' of cache cluster with ID 'mute': no content is attached as `mute/0001`"
    );
}
