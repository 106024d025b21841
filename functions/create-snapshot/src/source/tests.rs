use super::*;
use crate::world::{GROUP, World, member};
use backup_core::CacheId;
use futures_executor::block_on;
use proptest::prelude::*;

fn refused(world: &World, kind: &str) -> (ErrorName, String) {
    let error = world.run(kind).unwrap_err();
    assert!(world.created.borrow().is_empty());
    (error.name, error.message)
}

#[test]
fn what_cannot_be_backed_up_is_refused_by_name_before_anything_is_made() {
    use ErrorName::{CacheNotFound, InvalidInput, Unsupported};
    let gone = World {
        cache: None,
        ..World::default()
    };
    let key = "arn:aws:kms:eu-west-1:000000000000:key/1";
    let cases = [
        (gone, GROUP, CacheNotFound, "`cache.id`", "no such cache"),
        (
            World::with_cache(|cache| cache.engine = Some("memcached".into())),
            "cache-cluster",
            Unsupported,
            "Memcached",
            "Memcached has no snapshots",
        ),
        (
            World::with_cache(|cache| cache.engine = Some("Memcached".into())),
            "serverless-cache",
            Unsupported,
            "Memcached",
            "serverless Memcached has no RDB",
        ),
        (
            World::with_cache(|cache| cache.data_tiering = true),
            GROUP,
            Unsupported,
            "data tiering",
            "data tiering",
        ),
        (
            World::with_cache(|cache| cache.kms_key_id = Some(key.into())),
            "serverless-cache",
            Unsupported,
            key,
            "a customer's key",
        ),
        (
            World::with_cache(|cache| cache.replication_group_id = Some("shop".into())),
            "cache-cluster",
            InvalidInput,
            "replication group `shop`",
            "a member of a group",
        ),
    ];
    for (world, kind, name, part, why) in cases {
        let (found, message) = refused(&world, kind);
        assert_eq!(found, name, "{why}");
        assert!(message.contains(part), "{why}: {message}");
    }
    let managed = World::with_cache(|cache| cache.kms_key_id = Some("alias/aws/elasticache".into()));
    assert!(managed.run(GROUP).is_ok(), "the AWS managed key is no hindrance");
}

#[test]
fn every_status_is_available_busy_or_hopeless() {
    use ErrorName::{CacheBusy, CacheUnavailable};
    let cases = [
        ("available", None),
        ("creating", Some(CacheBusy)),
        ("modifying", Some(CacheBusy)),
        ("snapshotting", Some(CacheBusy)),
        ("rebooting cluster nodes", Some(CacheBusy)),
        ("a status of tomorrow", Some(CacheBusy)),
        ("deleting", Some(CacheUnavailable)),
        ("deleted", Some(CacheUnavailable)),
        ("create-failed", Some(CacheUnavailable)),
        ("restore-failed", Some(CacheUnavailable)),
        ("incompatible-network", Some(CacheUnavailable)),
    ];
    for (status, want) in cases {
        let world = World::with_cache(|cache| cache.status = status.into());
        match want {
            None => assert!(world.run(GROUP).is_ok(), "{status}"),
            Some(name) => {
                let (found, message) = refused(&world, GROUP);
                assert_eq!(found, name, "{status}");
                assert!(message.contains(&format!("`{status}`")), "{message}");
            }
        }
    }
}

fn chosen(world: &World, kind: CacheKind) -> Result<Chosen, Error> {
    let cache = CacheRef {
        kind,
        id: CacheId::parse("orders").unwrap(),
    };
    block_on(choose(world, &cache, world.cache.as_ref().unwrap()))
}

#[test]
fn each_kind_names_its_own_source() {
    let enabled = World::with_cache(|cache| {
        cache.cluster_mode = true;
        cache.members.clear();
    });
    let id = || "orders".to_owned();
    let group = chosen(&enabled, CacheKind::ReplicationGroup).unwrap();
    assert_eq!(
        (group.source, group.node),
        (SnapshotSource::ReplicationGroup(id()), None)
    );
    let node = chosen(&World::default(), CacheKind::CacheCluster).unwrap();
    assert_eq!(
        (node.source, node.node),
        (SnapshotSource::CacheCluster(id()), Some(id()))
    );
    let serverless = chosen(&World::default(), CacheKind::ServerlessCache).unwrap();
    assert_eq!(
        (serverless.source, serverless.node),
        (SnapshotSource::ServerlessCache(id()), None)
    );
}

#[test]
fn the_node_that_is_missed_least_is_chosen() {
    let (primary, replica) = (Some("primary"), Some("replica"));
    let (a, b) = (Some("a"), Some("b"));
    let of = |members: &[(&str, Option<&str>, Option<&str>)]| {
        members
            .iter()
            .map(|(id, role, zone)| member(id, *role, *zone))
            .collect::<Vec<_>>()
    };
    let cases = [
        (of(&[("1", primary, a)]), Some("1"), "a primary alone"),
        (
            of(&[("1", None, None)]),
            Some("1"),
            "a node of unknown role alone",
        ),
        (
            of(&[("1", primary, a), ("2", replica, b), ("3", replica, a)]),
            Some("2"),
            "another zone",
        ),
        (
            of(&[("1", primary, a), ("2", replica, a), ("3", replica, a)]),
            Some("3"),
            "the last, where zones do not tell",
        ),
        (
            of(&[("1", primary, None), ("2", replica, a), ("3", replica, b)]),
            Some("3"),
            "the primary's zone unknown",
        ),
        (
            of(&[("1", primary, a), ("2", replica, b), ("3", replica, None)]),
            Some("2"),
            "an unknown zone is not another",
        ),
        (
            of(&[("1", None, a), ("2", None, b)]),
            Some("2"),
            "no role known: the last",
        ),
        (
            of(&[("1", None, a), ("2", replica, a), ("3", None, b)]),
            Some("2"),
            "a known replica before the unknown",
        ),
        (
            of(&[("9", primary, a), ("2", None, b)]),
            Some("2"),
            "never the known primary",
        ),
        (of(&[]), None, "no member at all"),
    ];
    for (members, want, why) in cases {
        let first = candidates(&members)
            .first()
            .map(|member| member.cache_cluster_id.as_str());
        assert_eq!(first, want, "{why}");
    }
}

#[test]
fn the_primary_is_spared_while_its_replicas_are_busy() {
    let with = |nodes: &[(&'static str, &'static str)]| World {
        nodes: nodes.iter().copied().collect(),
        ..World::default()
    };
    let group = CacheKind::ReplicationGroup;
    let one_busy = with(&[
        ("orders-001", "available"),
        ("orders-002", "modifying"),
        ("orders-003", "available"),
    ]);
    assert_eq!(
        chosen(&one_busy, group).unwrap().node.as_deref(),
        Some("orders-003"),
        "the next best replica"
    );
    let all_busy = with(&[("orders-001", "available"), ("orders-002", "modifying")]);
    let error = chosen(&all_busy, group).unwrap_err();
    assert_eq!(error.name, ErrorName::CacheBusy, "one is modifying, one is gone");
    assert!(
        error.message.contains("`orders-002`, `orders-003`"),
        "{}",
        error.message
    );
    let no_member = World::with_cache(|cache| cache.members.clear());
    assert_eq!(chosen(&no_member, group).unwrap_err().name, ErrorName::Unexpected);
}

fn members() -> impl Strategy<Value = Vec<(Member, bool)>> {
    let one = (
        prop::sample::select(vec![Some("primary"), Some("replica"), None]),
        prop::sample::select(vec![Some("a"), Some("b"), None]),
        any::<bool>(),
    );
    prop::collection::vec(one, 1..6).prop_map(|members| {
        let named = members.into_iter().enumerate();
        named
            .map(|(n, (role, zone, available))| (member(NODES[n], role, zone), available))
            .collect()
    })
}

const NODES: [&str; 5] = ["n-001", "n-002", "n-003", "n-004", "n-005"];

proptest! {
    #[test]
    fn never_the_primary_beside_an_available_replica_and_order_does_not_count(
        given in members(),
        turn in 0_usize..6,
    ) {
        let choose_of = |given: &[(Member, bool)]| {
            let mut world = World::with_cache(|cache| cache.members = given.iter().map(|(m, _)| m.clone()).collect());
            let status = |available| if available { "available" } else { "modifying" };
            world.nodes = NODES
                .into_iter()
                .filter_map(|node| {
                    let found = given.iter().find(|(member, _)| member.cache_cluster_id == node)?;
                    Some((node, status(found.1)))
                })
                .collect();
            chosen(&world, CacheKind::ReplicationGroup).map_err(|error| error.name)
        };
        let choice = choose_of(&given);
        let is_primary = |member: &Member| member.role.as_deref() == Some("primary");
        let replica_available = given.iter().any(|(member, available)| !is_primary(member) && *available);
        let replicas = given.iter().filter(|(member, _)| !is_primary(member)).count();
        match &choice {
            Ok(chosen) => {
                let (member, available) = given
                    .iter()
                    .find(|(member, _)| Some(&member.cache_cluster_id) == chosen.node.as_ref())
                    .unwrap();
                prop_assert!(*available);
                prop_assert!(!is_primary(member) || replicas == 0);
            }
            Err(name) => {
                prop_assert_eq!(*name, ErrorName::CacheBusy);
                prop_assert!(!replica_available);
            }
        }
        let mut turned = given.clone();
        turned.rotate_left(turn % given.len());
        prop_assert_eq!(choose_of(&turned), choice.clone());
        turned.reverse();
        prop_assert_eq!(choose_of(&turned), choice);
    }
}
