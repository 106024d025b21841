//! Describing caches.

use crate::support::{at, code, world};
use sim::world::elasticache::shapes::{
    CacheCluster, DescribeCacheClustersRequest, DescribeReplicationGroupsRequest,
    DescribeServerlessCachesRequest, ReplicationGroup,
};
use sim::world::{Operation, World};

fn group(world: &mut World, id: &str) -> ReplicationGroup {
    let request = DescribeReplicationGroupsRequest {
        replication_group_id: Some(id.to_owned()),
        ..Default::default()
    };
    world
        .describe_replication_groups(&request, at(0))
        .unwrap()
        .replication_groups
        .remove(0)
}

fn clusters(world: &mut World, request: &DescribeCacheClustersRequest) -> Vec<CacheCluster> {
    world
        .describe_cache_clusters(request, at(0))
        .unwrap()
        .cache_clusters
}

#[test]
fn roles_are_told_with_cluster_mode_disabled_and_follow_a_failover() {
    let mut world = world();
    world.group_mut("orders").unwrap().fail_over_to("orders-002");
    let orders = group(&mut world, "ORDERS");
    assert!(!orders.cluster_enabled);
    let roles: Vec<_> = orders.node_groups[0]
        .node_group_members
        .iter()
        .map(|node| node.current_role.as_deref().unwrap())
        .collect();
    assert_eq!(roles, ["replica", "primary", "replica"]);
    assert_eq!(
        orders.arn,
        "arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:orders"
    );
}

#[test]
fn slots_are_told_with_cluster_mode_enabled_and_cover_all_16384() {
    let sessions = group(&mut world(), "sessions");
    assert!(sessions.cluster_enabled);
    assert!(
        sessions
            .node_groups
            .iter()
            .flat_map(|shard| &shard.node_group_members)
            .all(|node| node.current_role.is_none())
    );
    let mut next = 0;
    for shard in &sessions.node_groups {
        let (first, last) = shard.slots.as_deref().unwrap().split_once('-').unwrap();
        assert_eq!(first.parse::<u32>().unwrap(), next);
        next = last.parse::<u32>().unwrap() + 1;
    }
    assert_eq!(next, 16_384);
}

#[test]
fn nodes_of_groups_are_cache_clusters_too() {
    let mut world = world();
    assert_eq!(
        clusters(&mut world, &DescribeCacheClustersRequest::default()).len(),
        3 + 6 + 2
    );
    let alone = DescribeCacheClustersRequest {
        show_cache_clusters_not_in_replication_groups: Some(true),
        ..Default::default()
    };
    let ids: Vec<_> = clusters(&mut world, &alone)
        .into_iter()
        .map(|cluster| cluster.cache_cluster_id)
        .collect();
    assert_eq!(ids, ["alone", "legacy"]);
    let one = DescribeCacheClustersRequest {
        cache_cluster_id: Some("orders-002".to_owned()),
        show_cache_node_info: Some(true),
        ..Default::default()
    };
    let node = clusters(&mut world, &one).remove(0);
    assert_eq!(node.replication_group_id.as_deref(), Some("orders"));
    assert_eq!(node.preferred_availability_zone, "eu-west-1b");
    assert_eq!(node.cache_nodes.unwrap()[0].cache_node_id, "0001");
}

#[test]
fn unknown_caches_and_bad_pages_are_refused() {
    let mut world = world();
    let nobody = || Some("nobody".to_owned());
    let groups = DescribeReplicationGroupsRequest {
        replication_group_id: nobody(),
        ..Default::default()
    };
    assert_eq!(
        code(&world.describe_replication_groups(&groups, at(0))),
        "ReplicationGroupNotFoundFault"
    );
    let nodes = DescribeCacheClustersRequest {
        cache_cluster_id: nobody(),
        ..Default::default()
    };
    assert_eq!(
        code(&world.describe_cache_clusters(&nodes, at(0))),
        "CacheClusterNotFound"
    );
    let serverless = DescribeServerlessCachesRequest {
        serverless_cache_name: nobody(),
        ..Default::default()
    };
    assert_eq!(
        code(&world.describe_serverless_caches(&serverless, at(0))),
        "ServerlessCacheNotFoundFault"
    );
    let small = DescribeReplicationGroupsRequest {
        max_records: Some(19),
        ..Default::default()
    };
    assert_eq!(
        code(&world.describe_replication_groups(&small, at(0))),
        "InvalidParameterValue"
    );
}

#[test]
fn operations_know_their_names_and_which_of_them_change_the_world() {
    let mutating: Vec<_> = Operation::ALL
        .iter()
        .filter(|operation| operation.mutates())
        .map(|o| o.name())
        .collect();
    assert_eq!(
        mutating,
        [
            "CreateSnapshot",
            "CopySnapshot",
            "DeleteSnapshot",
            "CreateServerlessCacheSnapshot",
            "ExportServerlessCacheSnapshot",
            "DeleteServerlessCacheSnapshot",
            "AddTagsToResource",
            "PutObject",
            "DeleteObject",
            "DeleteObjects",
            "PutObjectTagging",
            "DeleteObjectTagging",
            "Publish",
        ]
    );
    for operation in Operation::ALL {
        assert_eq!(
            Operation::named(operation.service(), operation.name()),
            Some(*operation)
        );
    }
}
