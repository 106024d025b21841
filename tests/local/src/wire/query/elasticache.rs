//! `ElastiCache`'s actions, one line each: read the form, call the world, name the result's members.

use crate::wire::query::form::Form;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sim::world::{AwsError, CallError, World};

/// Runs an action; `None` for one that is not modelled.
pub(crate) fn call(
    world: &mut World,
    action: &str,
    form: &Form,
    now: Timestamp,
) -> Option<Result<Value, CallError>> {
    Some(match action {
        "DescribeReplicationGroups"
        | "DescribeCacheClusters"
        | "DescribeServerlessCaches"
        | "DescribeEvents" => describe(world, action, form, now),
        "CreateSnapshot" | "DescribeSnapshots" | "CopySnapshot" | "DeleteSnapshot" => {
            snapshots(world, action, form, now)
        }
        "CreateServerlessCacheSnapshot"
        | "DescribeServerlessCacheSnapshots"
        | "ExportServerlessCacheSnapshot"
        | "DeleteServerlessCacheSnapshot" => serverless_snapshots(world, action, form, now),
        "ListTagsForResource" | "AddTagsToResource" => tags(world, action, form, now),
        _ => return None,
    })
}

fn describe(world: &mut World, action: &str, form: &Form, now: Timestamp) -> Result<Value, CallError> {
    match action {
        "DescribeReplicationGroups" => whole(&world.describe_replication_groups(&form.read(&[])?, now)?),
        "DescribeCacheClusters" => whole(&world.describe_cache_clusters(&form.read(&[])?, now)?),
        "DescribeServerlessCaches" => whole(&world.describe_serverless_caches(&form.read(&[])?, now)?),
        _ => whole(&world.describe_events(&form.read(&[])?, now)?),
    }
}

fn snapshots(world: &mut World, action: &str, form: &Form, now: Timestamp) -> Result<Value, CallError> {
    const COPY: &[&str] = &["SourceSnapshotName", "TargetSnapshotName"];
    let snapshot = match action {
        "DescribeSnapshots" => return whole(&world.describe_snapshots(&form.read(&[])?, now)?),
        "CreateSnapshot" => world.create_snapshot(&form.read(&["SnapshotName"])?, now)?,
        "CopySnapshot" => world.copy_snapshot(&form.read(COPY)?, now)?,
        _ => world.delete_snapshot(form.required("SnapshotName")?, now)?,
    };
    named("Snapshot", &snapshot)
}

fn serverless_snapshots(
    world: &mut World,
    action: &str,
    form: &Form,
    now: Timestamp,
) -> Result<Value, CallError> {
    const NAME: &str = "ServerlessCacheSnapshotName";
    let snapshot = match action {
        "DescribeServerlessCacheSnapshots" => {
            return whole(&world.describe_serverless_cache_snapshots(&form.read(&[])?, now)?);
        }
        "CreateServerlessCacheSnapshot" => {
            world.create_serverless_cache_snapshot(&form.read(&[NAME, "ServerlessCacheName"])?, now)?
        }
        "ExportServerlessCacheSnapshot" => {
            world.export_serverless_cache_snapshot(&form.read(&[NAME, "S3BucketName"])?, now)?
        }
        _ => world.delete_serverless_cache_snapshot(form.required(NAME)?, now)?,
    };
    named("ServerlessCacheSnapshot", &snapshot)
}

fn tags(world: &mut World, action: &str, form: &Form, now: Timestamp) -> Result<Value, CallError> {
    let tags = match action {
        "ListTagsForResource" => world.list_tags_for_resource(form.required("ResourceName")?, now)?,
        _ => world.add_tags_to_resource(&form.read(&["ResourceName", "Tags"])?, now)?,
    };
    named("TagList", &tags)
}

/// An answer whose members are the result's members.
fn whole(answer: &impl Serialize) -> Result<Value, CallError> {
    let failed = |error: serde_json::Error| AwsError::new(500, "InternalFailure", error.to_string());
    Ok(serde_json::to_value(answer).map_err(failed)?)
}

/// An answer under one member.
fn named(member: &str, answer: &impl Serialize) -> Result<Value, CallError> {
    Ok(json!({ member: whole(answer)? }))
}
