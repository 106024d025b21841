//! Whether the run's snapshot is ready to be exported, and whether it is the run's at all.

use crate::{Input, Output, Seen};
use backup_core::export::Exportability;
use backup_core::ports::{DescribeSnapshot, ListTags};
use backup_core::run::Tag;
use backup_core::snapshot::{NodeGroup, Snapshot, SnapshotSeen, SnapshotStatus};
use backup_core::{CacheKind, CallErrorKind, Error, ErrorName, Source, names};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// How long after it was asked for a snapshot may stay out of sight, or its tags may: ElastiCache answers with
/// delay, but not with this much.
pub const LAG: SignedDuration = SignedDuration::from_mins(5);

pub(crate) async fn check<P: DescribeSnapshot + ListTags>(ports: &P, input: &Input) -> Result<Output, Error> {
    let (run, name) = (&input.run, &input.run.snapshot_name);
    let Some(found) = ports.describe_snapshot(run.cache.kind, name).await? else {
        if input.is_within(LAG) {
            return input.pending(&format!("snapshot `{name}`, not to be seen yet,"));
        }
        return Err(vanished(input, "is gone"));
    };
    if !found.is_of(&run.cache) {
        return Err(foreign(input, &format!("it is not of `{}`", run.cache)));
    }
    match &found.status {
        SnapshotStatus::Available => available(ports, input, found).await,
        SnapshotStatus::InProgress(what) => input.pending(&format!("snapshot `{name}`, last seen `{what}`,")),
        SnapshotStatus::Failed => Err(Error::new(
            ErrorName::SnapshotFailed,
            format!(
                "ElastiCache could not make snapshot `{name}` of `{}`; read why in \
                 `aws elasticache describe-events`, give the node more reserved memory if that is it, and start a new run",
                run.cache
            ),
        )),
        SnapshotStatus::Deleting => Err(vanished(input, "is being deleted")),
    }
}

pub(crate) fn vanished(input: &Input, how: &str) -> Error {
    let name = &input.run.snapshot_name;
    Error::new(
        ErrorName::SnapshotVanished,
        format!(
            "snapshot `{name}` of `{}` {how} before it was exported; \
             find out in CloudTrail who deleted it, and start a new run",
            input.run.cache
        ),
    )
}

fn foreign(input: &Input, why: &str) -> Error {
    let name = &input.run.snapshot_name;
    Error::new(
        ErrorName::SnapshotForeign,
        format!(
            "snapshot `{name}` was not made by this run: {why}; it is left alone: \
             start a run with another `scheduledTime`, or delete the snapshot if nobody needs it"
        ),
    )
}

/// An available snapshot may still be told only in part; then it is looked at again.
async fn available<P: ListTags>(ports: &P, input: &Input, found: Snapshot) -> Result<Output, Error> {
    let name = &input.run.snapshot_name;
    let exportability = Exportability {
        data_tiering: found.data_tiering,
        kms_key_id: found.kms_key_id.as_deref(),
    };
    exportability.check(&format!("snapshot `{name}`"))?;
    let without =
        |what: &str| input.pending(&format!("snapshot `{name}`, available but without its {what},"));
    let (Some(arn), Some(create_time)) = (&found.arn, found.create_time) else {
        return without("ARN or create time");
    };
    let Some(node_groups) = node_groups(input.run.cache.kind, &found)? else {
        return without("node groups");
    };
    let Some(tags) = tags(ports, input, arn).await? else {
        return without("tags");
    };
    Ok(Output::Ready(Box::new(Seen::Snapshot(SnapshotSeen {
        arn: arn.clone(),
        create_time,
        ready_at: input.now,
        cluster_mode: has_cluster_mode(&found),
        name: found.name,
        engine: found.engine,
        engine_version: found.engine_version,
        node_type: found.node_type,
        parameter_group: found.parameter_group,
        source_node: found.cache_cluster_id,
        node_groups,
        tags,
    }))))
}

/// Only a snapshot with cluster mode enabled is of a group and of no node (recorded answers of `DescribeSnapshots`).
fn has_cluster_mode(snapshot: &Snapshot) -> bool {
    snapshot.replication_group_id.is_some() && snapshot.cache_cluster_id.is_none()
}

/// The shards that an export must write; `None` while ElastiCache does not tell all of them. Ids stay as given.
fn node_groups(kind: CacheKind, snapshot: &Snapshot) -> Result<Option<Vec<NodeGroup>>, Error> {
    if kind == CacheKind::ServerlessCache {
        return Ok(Some(Vec::new()));
    }
    if snapshot.node_groups.is_empty() && !has_cluster_mode(snapshot) {
        let only = NodeGroup {
            id: "0001".into(),
            slots: None,
        };
        return Ok(Some(vec![only]));
    }
    let mut numbers = BTreeSet::new();
    for NodeGroup { id, .. } in &snapshot.node_groups {
        let number = names::shard_number(id).ok_or_else(|| {
            Error::new(
                ErrorName::Unexpected,
                format!(
                    "node group `{id}` of snapshot `{}` is not of 1 to 4 digits, so its export cannot be told; \
                     update snapkeep, then re-drive the run",
                    snapshot.name
                ),
            )
        })?;
        numbers.insert(number);
    }
    let all_told = !numbers.is_empty() && numbers.len() == snapshot.node_groups.len();
    Ok(all_told.then(|| snapshot.node_groups.clone()))
}

/// The snapshot's tags once they show that it is the run's; `None` while they cannot be read.
///
/// ElastiCache refuses to read tags while a resource is not available, and cache and snapshot become available
/// one after the other. An automatic snapshot has no tags of ours.
async fn tags<P: ListTags>(ports: &P, input: &Input, arn: &str) -> Result<Option<Vec<Tag>>, Error> {
    use CallErrorKind::{InvalidCacheState, InvalidSnapshotState, NotFound, SnapshotNotFound};
    if input.run.source == Source::LatestAutomatic {
        return Ok(Some(Vec::new()));
    }
    match ports.list_tags(arn).await {
        Ok(tags) => own(input, tags),
        Err(call) => match call.kind {
            InvalidCacheState | InvalidSnapshotState => Ok(None),
            NotFound | SnapshotNotFound if input.is_within(LAG) => Ok(None),
            _ => Err(call.into()),
        },
    }
}

/// The tags if they are the run's. A young snapshot without any of ours may be one whose tags lag.
fn own(input: &Input, tags: Vec<Tag>) -> Result<Option<Vec<Tag>>, Error> {
    let wanted = [
        (names::TAG_RUN, input.run.tag()),
        (names::TAG_OWNER, input.run.owner.to_string()),
    ];
    let value = |key: &str| {
        tags.iter()
            .find(|tag| tag.key == key)
            .map(|tag| tag.value.as_str())
    };
    if wanted.iter().all(|(key, _)| value(key).is_none()) && input.is_within(LAG) {
        return Ok(None);
    }
    let wrong = wanted.iter().find(|(key, want)| value(key) != Some(want));
    match wrong {
        None => Ok(Some(tags)),
        Some((key, want)) => {
            let has = value(key).map_or("no value".to_owned(), |value| format!("`{value}`"));
            Err(foreign(
                input,
                &format!("its tag `{key}` has {has} instead of `{want}`"),
            ))
        }
    }
}

#[cfg(test)]
mod tests;
