//! Describing and listing: the answers of six operations in the shapes that the functions read.

use super::*;
use backup_core::ports::{DescribeCache, ListSnapshots, ListTags, SnapshotOrigin};

#[tokio::test]
async fn what_is_not_there_is_none_however_it_is_told() {
    let unknown_group = fault("ReplicationGroupNotFoundFault", "no such group");
    let unknown_node = fault("CacheClusterNotFound", "no such node");
    let unknown_serverless = fault("ServerlessCacheNotFoundFault", "no such cache");
    for (kind, fault) in [
        (CacheKind::ReplicationGroup, unknown_group),
        (CacheKind::CacheCluster, unknown_node),
        (CacheKind::ServerlessCache, unknown_serverless),
    ] {
        let (_, elasticache) = with(&[(404, &[], &fault)]);
        assert_eq!(
            elasticache.describe_cache(&cache(kind)).await.unwrap(),
            None,
            "{kind}"
        );
    }
    let no_snapshot = fault("SnapshotNotFoundFault", "no such snapshot");
    let (_, elasticache) = with(&[(404, &[], &no_snapshot)]);
    let found = elasticache
        .describe_snapshot(CacheKind::CacheCluster, &name())
        .await;
    assert_eq!(found.unwrap(), None);
    let denied = fault("AccessDenied", "not you");
    let (_, elasticache) = with(&[(403, &[], &denied)]);
    let error = elasticache
        .describe_snapshot(CacheKind::CacheCluster, &name())
        .await
        .unwrap_err();
    assert_eq!(error.kind, CallErrorKind::AccessDenied, "a refusal is no absence");
}

const GROUP: &str = "<ReplicationGroups><ReplicationGroup>
  <ReplicationGroupId>orders</ReplicationGroupId><Status>Available</Status><Engine>valkey</Engine>
  <ClusterEnabled>false</ClusterEnabled><DataTiering>disabled</DataTiering>
  <ARN>arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:orders</ARN>
  <NodeGroups><NodeGroup><NodeGroupId>0001</NodeGroupId><NodeGroupMembers>
    <NodeGroupMember><CacheClusterId>orders-001</CacheClusterId><CurrentRole>primary</CurrentRole>
      <PreferredAvailabilityZone>eu-west-1a</PreferredAvailabilityZone></NodeGroupMember>
    <NodeGroupMember><CacheClusterId>orders-002</CacheClusterId><CurrentRole>replica</CurrentRole>
      <PreferredAvailabilityZone>eu-west-1b</PreferredAvailabilityZone></NodeGroupMember>
  </NodeGroupMembers></NodeGroup></NodeGroups>
</ReplicationGroup></ReplicationGroups>";

#[tokio::test]
async fn a_group_tells_its_members_only_with_cluster_mode_disabled() {
    let describe = async |answer: &str| {
        let (_, elasticache) = with(&[(200, &[], &result("DescribeReplicationGroups", answer))]);
        elasticache
            .describe_cache(&cache(CacheKind::ReplicationGroup))
            .await
            .unwrap()
            .unwrap()
    };
    let disabled = describe(GROUP).await;
    let members: Vec<_> = disabled
        .members
        .iter()
        .map(|m| (m.cache_cluster_id.as_str(), m.role.as_deref(), m.zone.as_deref()))
        .collect();
    assert_eq!(
        members,
        [
            ("orders-001", Some("primary"), Some("eu-west-1a")),
            ("orders-002", Some("replica"), Some("eu-west-1b"))
        ]
    );
    assert_eq!(
        (disabled.status.as_str(), disabled.cluster_mode),
        ("available", false)
    );
    let enabled = GROUP.replace("<ClusterEnabled>false", "<ClusterEnabled>true");
    let enabled = describe(&enabled.replace(">disabled<", ">enabled<")).await;
    assert!(enabled.cluster_mode && enabled.data_tiering && enabled.members.is_empty());
}

#[tokio::test]
async fn a_node_and_a_serverless_cache_have_the_same_shape() {
    let node = "<CacheClusters><CacheCluster><CacheClusterId>orders</CacheClusterId>
      <CacheClusterStatus>available</CacheClusterStatus><Engine>memcached</Engine>
      <ReplicationGroupId>group</ReplicationGroupId></CacheCluster></CacheClusters>";
    let answer = result("DescribeCacheClusters", node);
    let (_, elasticache) = with(&[(200, &[], &answer), (200, &[], &answer)]);
    let found = elasticache
        .describe_cache(&cache(CacheKind::CacheCluster))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.replication_group_id.as_deref(), Some("group"));
    assert_eq!(found.engine.as_deref(), Some("memcached"));
    let status = elasticache.node_status("orders").await.unwrap();
    assert_eq!(status.as_deref(), Some("available"));

    let serverless = "<ServerlessCaches><member><ServerlessCacheName>orders</ServerlessCacheName>
      <Status>AVAILABLE</Status><KmsKeyId>key</KmsKeyId><Engine>valkey</Engine></member></ServerlessCaches>";
    let (_, elasticache) = with(&[(200, &[], &result("DescribeServerlessCaches", serverless))]);
    let found = elasticache
        .describe_cache(&cache(CacheKind::ServerlessCache))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.status.as_str(), found.kms_key_id.as_deref()),
        ("available", Some("key"))
    );
}

#[tokio::test]
async fn an_answer_without_a_status_fails_by_name() {
    let (_, elasticache) = with(&[(
        200,
        &[],
        &result(
            "DescribeCacheClusters",
            "<CacheClusters><CacheCluster/></CacheClusters>",
        ),
    )]);
    let error = elasticache
        .describe_cache(&cache(CacheKind::CacheCluster))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "DescribeCacheClusters answered `IncompleteAnswer`: the answer has no status"
    );
}

const SHARDED: &str = "<Snapshots><Snapshot><SnapshotName>Orders-202611200304</SnapshotName>
  <SnapshotStatus>available</SnapshotStatus><SnapshotSource>manual</SnapshotSource>
  <ReplicationGroupId>orders</ReplicationGroupId><Engine>valkey</Engine><EngineVersion>8.0.1</EngineVersion>
  <CacheNodeType>cache.r7g.large</CacheNodeType><CacheParameterGroupName>default.valkey8.cluster.on</CacheParameterGroupName>
  <NodeSnapshots>
    <NodeSnapshot><NodeGroupId>0001</NodeGroupId><SnapshotCreateTime>2026-11-20T03:05:00Z</SnapshotCreateTime>
      <CacheSize>4 MB</CacheSize><NodeGroupConfiguration><Slots>0-8191</Slots></NodeGroupConfiguration></NodeSnapshot>
    <NodeSnapshot><SnapshotCreateTime>2026-11-20T03:07:00Z</SnapshotCreateTime>
      <NodeGroupConfiguration><NodeGroupId>0002</NodeGroupId><Slots>8192-16383</Slots></NodeGroupConfiguration></NodeSnapshot>
  </NodeSnapshots></Snapshot></Snapshots>";

#[tokio::test]
async fn a_snapshot_tells_its_shards_slots_and_the_latest_time() {
    let (replay, elasticache) = with(&[(200, &[], &result("DescribeSnapshots", SHARDED))]);
    let found = elasticache
        .describe_snapshot(CacheKind::ReplicationGroup, &name())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.name, name(), "stored lower case");
    assert!(!found.automatic);
    let shards: Vec<_> = found
        .node_groups
        .iter()
        .map(|g| (g.id.as_str(), g.slots.as_deref()))
        .collect();
    assert_eq!(shards, [("0001", Some("0-8191")), ("0002", Some("8192-16383"))]);
    assert_eq!(found.create_time.unwrap().to_string(), "2026-11-20T03:07:00Z");
    expect!["Action=DescribeSnapshots&Version=2015-02-02&SnapshotName=orders-202611200304&ShowNodeGroupConfig=true"].assert_eq(&replay.forms().join("\n"));
}

#[tokio::test]
async fn a_snapshot_still_being_made_has_no_time_and_one_unnamed_shard() {
    let creating = "<Snapshots><Snapshot><SnapshotName>orders-202611200304</SnapshotName><SnapshotStatus>creating</SnapshotStatus>
      <CacheClusterId>orders-002</CacheClusterId><NodeSnapshots><NodeSnapshot><CacheNodeId>0001</CacheNodeId><CacheSize/>
      </NodeSnapshot></NodeSnapshots></Snapshot></Snapshots>";
    let (_, elasticache) = with(&[(200, &[], &result("DescribeSnapshots", creating))]);
    let found = elasticache
        .describe_snapshot(CacheKind::CacheCluster, &name())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.create_time, found.node_groups[0].id.as_str()),
        (None, "0001")
    );
    assert!(found.automatic, "a source that is not told is not taken for ours");
}

#[tokio::test]
async fn a_serverless_snapshot_tells_its_cache() {
    let snapshot = "<ServerlessCacheSnapshots><ServerlessCacheSnapshot>
      <ServerlessCacheSnapshotName>orders-202611200304</ServerlessCacheSnapshotName><Status>AVAILABLE</Status>
      <SnapshotType>Manual</SnapshotType><CreateTime>2026-11-20T03:05:00Z</CreateTime>
      <ServerlessCacheConfiguration><ServerlessCacheName>orders</ServerlessCacheName><Engine>valkey</Engine>
      <MajorEngineVersion>8</MajorEngineVersion></ServerlessCacheConfiguration>
      </ServerlessCacheSnapshot></ServerlessCacheSnapshots>";
    let (_, elasticache) = with(&[(200, &[], &result("DescribeServerlessCacheSnapshots", snapshot))]);
    let found = elasticache
        .describe_snapshot(CacheKind::ServerlessCache, &name())
        .await
        .unwrap()
        .unwrap();
    assert!(found.is_of(&cache(CacheKind::ServerlessCache)) && !found.automatic);
    assert_eq!(found.engine_version.as_deref(), Some("8"));
}

/// A page with one snapshot, and the marker of the next page.
fn page(name: &str, marker: &str) -> String {
    let snapshot = format!(
        "<Snapshot><SnapshotName>{name}</SnapshotName><SnapshotStatus>available</SnapshotStatus>
         <SnapshotSource>manual</SnapshotSource></Snapshot>"
    );
    result(
        "DescribeSnapshots",
        &format!("<Marker>{marker}</Marker><Snapshots>{snapshot}</Snapshots>"),
    )
}

#[tokio::test]
async fn a_group_is_listed_with_its_members_to_the_last_page() {
    let pages = [page("a", "next"), page("b", ""), page("b", ""), page("c", "")];
    let answers: Vec<Answer<'_>> = pages.iter().map(|page| (200, &[][..], page.as_str())).collect();
    let (replay, elasticache) = with(&answers);
    let members = ["orders-001".to_owned(), "orders-002".to_owned()];
    let group = cache(CacheKind::ReplicationGroup);
    let listed = elasticache
        .list_snapshots(&group, &members, SnapshotOrigin::Manual)
        .await
        .unwrap();
    let names: Vec<_> = listed.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(
        names,
        ["a", "b", "c"],
        "filed under group and node alike, counted once"
    );
    expect![[r#"
        Action=DescribeSnapshots&Version=2015-02-02&ReplicationGroupId=orders&SnapshotSource=user&ShowNodeGroupConfig=true
        Action=DescribeSnapshots&Version=2015-02-02&ReplicationGroupId=orders&SnapshotSource=user&Marker=next&ShowNodeGroupConfig=true
        Action=DescribeSnapshots&Version=2015-02-02&CacheClusterId=orders-001&SnapshotSource=user&ShowNodeGroupConfig=true
        Action=DescribeSnapshots&Version=2015-02-02&CacheClusterId=orders-002&SnapshotSource=user&ShowNodeGroupConfig=true"#]].assert_eq(&replay.forms().join("\n"));
}

#[tokio::test]
async fn serverless_snapshots_are_told_apart_by_the_answer() {
    let one = |name: &str, kind: &str| {
        format!(
            "<ServerlessCacheSnapshot><ServerlessCacheSnapshotName>{name}</ServerlessCacheSnapshotName>\
             <Status>available</Status><SnapshotType>{kind}</SnapshotType></ServerlessCacheSnapshot>"
        )
    };
    let all = [one("a", "manual"), one("b", "automated"), one("c", "MANUAL")].concat();
    let all = format!("<ServerlessCacheSnapshots>{all}</ServerlessCacheSnapshots>");
    for (origin, want) in [
        (SnapshotOrigin::Automatic, vec!["b"]),
        (SnapshotOrigin::Manual, vec!["a", "c"]),
    ] {
        let answer = result("DescribeServerlessCacheSnapshots", &all);
        let (replay, elasticache) = with(&[(200, &[], &answer)]);
        let serverless = cache(CacheKind::ServerlessCache);
        let listed = elasticache
            .list_snapshots(&serverless, &[], origin)
            .await
            .unwrap();
        let names: Vec<_> = listed.iter().map(|snapshot| snapshot.name.as_str()).collect();
        assert_eq!(names, want, "{origin:?}");
        expect!["Action=DescribeServerlessCacheSnapshots&Version=2015-02-02&ServerlessCacheName=orders"]
            .assert_eq(&replay.forms().join("\n"));
    }
}

#[tokio::test]
async fn a_listing_that_finds_nothing_is_empty_and_a_cache_that_is_gone_is_told() {
    let check = async |kind, code: &str, want: Result<usize, CallErrorKind>| {
        let answer = fault(code, "there is none");
        let (_, elasticache) = with(&[(404, &[], &answer)]);
        let listed = elasticache
            .list_snapshots(&cache(kind), &[], SnapshotOrigin::Manual)
            .await;
        assert_eq!(
            listed.map(|all| all.len()).map_err(|error| error.kind),
            want,
            "{code}"
        );
    };
    check(CacheKind::CacheCluster, "SnapshotNotFoundFault", Ok(0)).await;
    check(
        CacheKind::ServerlessCache,
        "ServerlessCacheSnapshotNotFoundFault",
        Ok(0),
    )
    .await;
    let gone = Err(CallErrorKind::CacheNotFound);
    check(CacheKind::CacheCluster, "CacheClusterNotFound", gone).await;
    check(CacheKind::ServerlessCache, "ServerlessCacheNotFoundFault", gone).await;
}

#[tokio::test]
async fn tags_are_read_with_empty_values() {
    let tags = "<TagList><Tag><Key>team</Key><Value>shop</Value></Tag><Tag><Key>bare</Key></Tag></TagList>";
    let (_, elasticache) = with(&[(200, &[], &result("ListTagsForResource", tags))]);
    let listed = elasticache
        .list_tags("arn:aws:elasticache:eu-west-1:000000000000:snapshot:s")
        .await
        .unwrap();
    let listed: Vec<_> = listed
        .iter()
        .map(|tag| (tag.key.as_str(), tag.value.as_str()))
        .collect();
    assert_eq!(listed, [("team", "shop"), ("bare", "")]);
}
