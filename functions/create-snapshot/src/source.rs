//! What a snapshot is taken of: which caches are refused, and which node is spared.

use backup_core::export::Exportability;
use backup_core::ports::{Cache, DescribeCache, Member, SnapshotSource};
use backup_core::{CacheKind, CacheRef, Error, ErrorName};
use std::cmp::Reverse;

/// Where a snapshot is to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// The source as the create call takes it.
    pub(crate) source: SnapshotSource,
    /// The node, where one is named.
    pub(crate) node: Option<String>,
    /// The node's role, where ElastiCache tells it.
    pub(crate) role: Option<String>,
}

/// Describes the cache and refuses by name one that is not there or cannot be exported.
pub(crate) async fn resolve<P: DescribeCache>(ports: &P, cache: &CacheRef) -> Result<Cache, Error> {
    let Some(found) = ports.describe_cache(cache).await? else {
        return Err(Error::new(
            ErrorName::CacheNotFound,
            format!(
                "there is no {} `{}` in this account and Region; \
                 correct `cache.kind` and `cache.id`, or take it out of the plan",
                cache.kind, cache.id
            ),
        ));
    };
    if let Some(group) = &found.replication_group_id {
        return Err(Error::invalid_input(
            "cache.id",
            &cache.id,
            &format!(
                "a cache cluster that stands alone: it is a member of replication group `{group}`, \
                 back that up as kind `{}` and id `{group}`",
                CacheKind::ReplicationGroup
            ),
        ));
    }
    if found
        .engine
        .as_deref()
        .is_some_and(|engine| engine.eq_ignore_ascii_case("memcached"))
    {
        return Err(Error::new(
            ErrorName::Unsupported,
            format!("cache `{cache}` runs Memcached, which has no RDB export; take it out of the plan"),
        ));
    }
    let exportability = Exportability {
        data_tiering: found.data_tiering,
        kms_key_id: found.kms_key_id.as_deref(),
    };
    exportability.check(&format!("cache `{cache}`"))?;
    Ok(found)
}

/// `CreateSnapshot` wants an available cache; any other status is told apart by whether waiting helps.
///
/// The statuses are those of `ReplicationGroup`, `CacheCluster` and `ServerlessCache` in the API reference.
pub(crate) fn check_available(cache: &CacheRef, status: &str) -> Result<(), Error> {
    let name = match status {
        "available" => return Ok(()),
        "deleting" | "deleted" | "create-failed" | "restore-failed" | "incompatible-network" => {
            ErrorName::CacheUnavailable
        }
        _ => ErrorName::CacheBusy,
    };
    let next = if name == ErrorName::CacheBusy {
        "the next attempt looks again"
    } else {
        "it will not become available by itself; take it out of the plan, or start a new run once it is replaced"
    };
    Err(Error::new(
        name,
        format!("cache `{cache}` is `{status}`, and a snapshot needs it `available`; {next}"),
    ))
}

/// Chooses what to name in the create call: the group, the node, the cache, or one member of the group.
pub(crate) async fn choose<P: DescribeCache>(
    ports: &P,
    cache: &CacheRef,
    found: &Cache,
) -> Result<Chosen, Error> {
    let id = cache.id.as_str().to_owned();
    match cache.kind {
        CacheKind::ServerlessCache => Ok(whole(SnapshotSource::ServerlessCache(id))),
        CacheKind::ReplicationGroup if found.cluster_mode => Ok(whole(SnapshotSource::ReplicationGroup(id))),
        CacheKind::CacheCluster => Ok(Chosen {
            source: SnapshotSource::CacheCluster(id.clone()),
            node: Some(id),
            role: None,
        }),
        CacheKind::ReplicationGroup => choose_member(ports, cache, &found.members).await,
    }
}

fn whole(source: SnapshotSource) -> Chosen {
    Chosen {
        source,
        node: None,
        role: None,
    }
}

/// With cluster mode disabled ElastiCache takes a snapshot of one node, and that node bears its load.
async fn choose_member<P: DescribeCache>(
    ports: &P,
    cache: &CacheRef,
    members: &[Member],
) -> Result<Chosen, Error> {
    let candidates = candidates(members);
    for member in &candidates {
        let node = &member.cache_cluster_id;
        if ports.node_status(node).await?.as_deref() == Some("available") {
            return Ok(Chosen {
                source: SnapshotSource::CacheCluster(node.clone()),
                node: Some(node.clone()),
                role: member.role.clone(),
            });
        }
    }
    if candidates.is_empty() {
        return Err(Error::new(
            ErrorName::Unexpected,
            format!(
                "cache `{cache}` has cluster mode disabled and lists no member; \
                 compare with `aws elasticache describe-replication-groups`, then re-drive the run"
            ),
        ));
    }
    let names: Vec<_> = candidates
        .iter()
        .map(|member| member.cache_cluster_id.as_str())
        .collect();
    Err(Error::new(
        ErrorName::CacheBusy,
        format!(
            "none of the nodes `{}` of `{cache}` is `available`, and its primary is spared while it has replicas; \
             the next attempt looks again",
            names.join("`, `")
        ),
    ))
}

/// The members that may bear a snapshot, best first: known replicas before members of unknown role, those in
/// another zone than the primary before the rest, then the last by id, because ElastiCache makes the primary
/// first. The primary only where it is alone.
fn candidates(members: &[Member]) -> Vec<&Member> {
    let is = |member: &Member, role: &str| member.role.as_deref() == Some(role);
    let (primaries, mut replicas): (Vec<&Member>, Vec<&Member>) =
        members.iter().partition(|member| is(member, "primary"));
    if replicas.is_empty() {
        replicas.clone_from(&primaries);
    }
    let elsewhere = |member: &Member| {
        let known = |primary: &&Member| primary.zone.is_some() && primary.zone != member.zone;
        member.zone.is_some() && !primaries.is_empty() && primaries.iter().all(known)
    };
    replicas.sort_by_key(|member| {
        (
            !is(member, "replica"),
            !elsewhere(member),
            Reverse(&member.cache_cluster_id),
        )
    });
    replicas
}

#[cfg(test)]
mod tests;
