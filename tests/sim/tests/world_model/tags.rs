//! Tags of caches and snapshots.

use crate::support::{at, code, copy_to, of_node, tag, with_snapshot, world};
use sim::world::elasticache::shapes::{AddTagsToResourceRequest, CreateSnapshotRequest, Tag};
use sim::world::{Operation, World};

fn arn(resource: &str) -> String {
    format!("arn:aws:elasticache:eu-west-1:000000000000:{resource}")
}

fn tags(world: &mut World, resource: &str, now: i64) -> Vec<Tag> {
    world.list_tags_for_resource(&arn(resource), at(now)).unwrap()
}

#[test]
fn a_snapshot_without_tags_of_its_own_has_those_of_its_cache() {
    assert_eq!(
        tags(&mut with_snapshot(), "snapshot:bk", 180),
        [tag("team", "shop")]
    );
    let mut world = world();
    let own = CreateSnapshotRequest {
        tags: vec![tag("run", "1")],
        ..of_node("bk", "orders-003")
    };
    world.create_snapshot(&own, at(0)).unwrap();
    assert_eq!(
        tags(&mut world, "snapshot:bk", 180),
        [tag("run", "1")],
        "tags of the request replace, not merge"
    );
    world.copy_snapshot(&copy_to("bk", "copy"), at(200)).unwrap();
    assert_eq!(
        tags(&mut world, "snapshot:copy", 300),
        [tag("run", "1")],
        "a copy has its source's"
    );
}

#[test]
fn every_kind_of_resource_has_tags() {
    let cases = [
        ("replicationgroup:orders", "ok"),
        ("cluster:orders-001", "ok"),
        ("cluster:alone", "ok"),
        ("serverlesscache:catalog", "ok"),
        ("snapshot:nobody", "SnapshotNotFoundFault"),
        (
            "serverlesscachesnapshot:nobody",
            "ServerlessCacheSnapshotNotFoundFault",
        ),
        ("replicationgroup:nobody", "ReplicationGroupNotFoundFault"),
        ("cluster:nobody", "CacheClusterNotFound"),
        ("serverlesscache:nobody", "ServerlessCacheNotFoundFault"),
        ("user:nobody", "InvalidARN"),
    ];
    for (resource, expected) in cases {
        assert_eq!(
            code(&world().list_tags_for_resource(&arn(resource), at(0))),
            expected,
            "{resource}"
        );
    }
    let foreign = "arn:aws:elasticache:us-east-1:000000000000:snapshot:bk";
    assert_eq!(
        code(&world().list_tags_for_resource(foreign, at(0))),
        "InvalidARN"
    );
}

#[test]
fn tag_calls_fail_until_the_resource_is_available() {
    let mut world = world();
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    let cases = [
        ("snapshot:bk", "InvalidSnapshotState"),
        ("replicationgroup:orders", "InvalidReplicationGroupState"),
        ("cluster:orders-003", "InvalidCacheClusterState"),
        ("cluster:orders-001", "ok"),
    ];
    for (resource, expected) in cases {
        assert_eq!(
            code(&world.list_tags_for_resource(&arn(resource), at(1))),
            expected,
            "{resource}"
        );
        let add = AddTagsToResourceRequest {
            resource_name: arn(resource),
            tags: vec![tag("a", "b")],
        };
        assert_eq!(
            code(&world.add_tags_to_resource(&add, at(1))),
            expected,
            "{resource}"
        );
    }
    assert_eq!(
        world
            .log
            .of(Operation::AddTagsToResource)
            .filter(|entry| entry.effective)
            .count(),
        1
    );
}

#[test]
fn tags_are_added_or_replaced_up_to_fifty() {
    let mut world = with_snapshot();
    let mut add = |tags: Vec<Tag>| {
        let request = AddTagsToResourceRequest {
            resource_name: arn("snapshot:bk"),
            tags,
        };
        world.add_tags_to_resource(&request, at(200))
    };
    assert_eq!(
        add(vec![tag("team", "web"), tag("a", "1")]).unwrap(),
        [tag("a", "1"), tag("team", "web")]
    );
    let many = |count: usize| (0..count).map(|n| tag(&format!("k{n}"), "")).collect::<Vec<_>>();
    assert_eq!(
        code(&add(many(49))),
        "TagQuotaPerResourceExceeded",
        "with the two there are 51"
    );
    assert_eq!(add(many(48)).unwrap().len(), 50);
}
