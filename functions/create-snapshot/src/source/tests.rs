use super::*;
use crate::world::{GROUP, World, members};
use backup_core::CacheId;
use futures_executor::block_on;
use proptest::prelude::*;

#[test]
fn what_cannot_be_backed_up_is_refused_by_name_before_anything_is_made() {
    let (node, serverless) = ("cache-cluster", "serverless-cache");
    let memcached = || World::with_cache(|cache| cache.engine = Some("Memcached".into()));
    let tiered = || World::with_cache(|cache| cache.data_tiering = true);
    let keyed = |key: &str| World::with_cache(|cache| cache.kms_key_id = Some(key.into()));
    let member = || World::with_cache(|cache| cache.replication_group_id = Some("shop".into()));
    let gone = World {
        cache: None,
        ..World::default()
    };
    let shop = "replication group `shop`";
    let cases = [
        (gone, GROUP, "CacheNotFound", "`cache.id`", "no such cache"),
        (memcached(), node, "Unsupported", "Memcached", "no snapshots"),
        (memcached(), serverless, "Unsupported", "Memcached", "no RDB"),
        (tiered(), GROUP, "Unsupported", "data tiering", "data on SSD"),
        (keyed("key/1"), serverless, "Unsupported", "`key/1`", "one's own"),
        (member(), node, "InvalidInput", shop, "not alone"),
    ];
    for (world, kind, want, part, why) in cases {
        let (name, message) = world.told(kind);
        assert_eq!(name, want, "{why}");
        assert!(message.contains(part), "{why}: {message}");
        assert!(world.created.borrow().is_empty());
    }
    assert_eq!(
        keyed("alias/aws/elasticache").told(GROUP).0,
        "created",
        "AWS's key"
    );
}

#[test]
fn every_status_is_available_busy_or_hopeless() {
    let cases = [
        ("available", "created"),
        ("creating", "CacheBusy"),
        ("modifying", "CacheBusy"),
        ("snapshotting", "CacheBusy"),
        ("rebooting cluster nodes", "CacheBusy"),
        ("a status of tomorrow", "CacheBusy"),
        ("deleting", "CacheUnavailable"),
        ("deleted", "CacheUnavailable"),
        ("create-failed", "CacheUnavailable"),
        ("restore-failed", "CacheUnavailable"),
        ("incompatible-network", "CacheUnavailable"),
    ];
    for (status, want) in cases {
        let world = World::with_cache(|cache| cache.status = status.into());
        let (name, message) = world.told(GROUP);
        assert_eq!(name, want, "{status}");
        assert!(message.is_empty() || message.contains(&format!("`{status}`")));
    }
}

fn chosen(world: &World, kind: CacheKind) -> Result<Chosen, Error> {
    let id = CacheId::parse("orders").unwrap();
    block_on(choose(
        world,
        &CacheRef { kind, id },
        world.cache.as_ref().unwrap(),
    ))
}

#[test]
fn each_kind_names_its_own_source() {
    let enabled = World::with_cache(|cache| cache.cluster_mode = true);
    let of = |kind| {
        let Chosen { source, node, .. } = chosen(&enabled, kind).unwrap();
        (source, node)
    };
    let id = || "orders".to_owned();
    let group = (SnapshotSource::ReplicationGroup(id()), None);
    assert_eq!(of(CacheKind::ReplicationGroup), group);
    let node = (SnapshotSource::CacheCluster(id()), Some(id()));
    assert_eq!(of(CacheKind::CacheCluster), node);
    let serverless = (SnapshotSource::ServerlessCache(id()), None);
    assert_eq!(of(CacheKind::ServerlessCache), serverless);
}

#[test]
fn the_node_that_is_missed_least_is_chosen() {
    let cases = [
        ("1 primary a", "1", "a primary alone"),
        ("1 - -", "1", "a node of unknown role alone"),
        ("1 primary a, 2 replica b, 3 replica a", "2", "another zone"),
        ("1 primary a, 2 replica a, 3 replica a", "3", "the last of equals"),
        ("1 primary -, 2 replica a, 3 replica b", "3", "primary's unknown"),
        ("1 primary a, 2 replica b, 3 replica -", "2", "unknown is none"),
        ("1 - a, 2 - b", "2", "no role known: the last"),
        ("1 - a, 2 replica a, 3 - b", "2", "a known replica first"),
        ("9 primary a, 2 - b", "2", "never the known primary"),
        ("", "", "no member at all"),
    ];
    for (given, want, why) in cases {
        let members = members(given);
        let first = candidates(&members).into_iter().next();
        assert_eq!(first.map_or("", |first| &first.cache_cluster_id), want, "{why}");
    }
}

#[test]
fn the_primary_is_spared_while_its_replicas_are_busy() {
    let told = |nodes: &[&'static str]| {
        let mut world = World::default();
        world.nodes.retain(|node, _| nodes.contains(node));
        let choice = chosen(&world, CacheKind::ReplicationGroup);
        choice.map_or_else(|error| error.message, |chosen| chosen.node.unwrap())
    };
    assert_eq!(told(&["orders-001", "orders-003"]), "orders-003", "the next best");
    let busy = told(&["orders-001"]);
    assert!(
        busy.contains("none of the nodes `orders-002`, `orders-003`"),
        "{busy}"
    );
    let lonely = World::with_cache(|cache| cache.members.clear());
    assert_eq!(lonely.told(GROUP).0, "Unexpected", "an answer without members");
}

const NODES: [&str; 5] = ["n-001", "n-002", "n-003", "n-004", "n-005"];

prop_compose! {
    /// Up to five members of any role, zone and availability.
    fn group()(given in prop::collection::vec(("primary|replica|-", "a|b|-", any::<bool>()), 1..=5))
        -> Vec<(Member, bool)> {
        let named = NODES.iter().zip(given);
        named.map(|(id, (role, zone, up))| (members(&format!("{id} {role} {zone}")).remove(0), up)).collect()
    }
}

proptest! {
    #[test]
    fn never_the_primary_beside_an_available_replica_and_order_does_not_count(given in group(), turn in 0_usize..5) {
        let choose_of = |given: &[(Member, bool)]| {
            let mut world = World::with_cache(|cache| cache.members = given.iter().map(|(m, _)| m.clone()).collect());
            let is_up = |id: &str| given.iter().any(|(member, up)| member.cache_cluster_id == id && *up);
            world.nodes = NODES.map(|id| (id, if is_up(id) { "available" } else { "modifying" })).into();
            chosen(&world, CacheKind::ReplicationGroup).map_err(|error| error.name)
        };
        let is_primary = |member: &Member| member.role.as_deref() == Some("primary");
        let replicas = || given.iter().filter(|(member, _)| !is_primary(member));
        let choice = choose_of(&given);
        match &choice {
            Ok(chosen) => {
                let of = |(member, _): &&(Member, bool)| Some(&member.cache_cluster_id) == chosen.node.as_ref();
                let (member, up) = given.iter().find(of).unwrap();
                prop_assert!(*up && (!is_primary(member) || replicas().count() == 0));
            }
            Err(name) => {
                prop_assert_eq!(*name, ErrorName::CacheBusy);
                prop_assert!(replicas().all(|(_, up)| !up));
            }
        }
        let mut turned = given.clone();
        turned.rotate_left(turn % given.len());
        prop_assert_eq!(choose_of(&turned), choice.clone());
        turned.reverse();
        prop_assert_eq!(choose_of(&turned), choice);
    }
}
