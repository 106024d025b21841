//! Whether an export is finished: by evidence in the bucket, never by a status alone.

use crate::evidence::{self, Evidence, Expected, some_of};
use crate::snapshot::{LAG, vanished};
use crate::{Input, Output, Seen};
use backup_core::export::{self, ExportRequested, FoundObject};
use backup_core::names::ExportGrammar;
use backup_core::ports::{BucketName, DescribeSnapshot, HeadObject, ListObjects};
use backup_core::snapshot::{ExportSeen, ExportedObject, SnapshotSeen, SnapshotStatus};
use backup_core::{CacheKind, Error, ErrorName};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;

/// How long after the export was asked for its snapshot may be available without all objects: the snapshot does
/// not show `exporting` at once \[U\].
pub const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// How long the newest object of a serverless export must have lain: nobody tells how many there will be, and
/// whether its snapshot shows `exporting` is not documented \[U\].
pub const SETTLE: SignedDuration = SignedDuration::from_mins(1);

/// Head requests in flight.
const HEADS_IN_FLIGHT: usize = 16;

/// Looks at the snapshot first and at the bucket after it: what an ended export has written is listed then.
/// An object that is older than the snapshot is no export of it, however sound it may be.
///
/// Objects that are complete are enough where the snapshot is gone: ElastiCache deletes none that it is still
/// exporting (`DeleteSnapshot`: `InvalidSnapshotState`), and an object shows only once it is whole.
pub(crate) async fn check<P>(
    ports: &P,
    input: &Input,
    snapshot: &SnapshotSeen,
    export: &ExportRequested,
) -> Result<Output, Error>
where
    P: BucketName + DescribeSnapshot + HeadObject + ListObjects,
{
    let cache = &input.run.cache;
    let source = ports.describe_snapshot(cache.kind, &snapshot.name).await?;
    let status = source.map(|source| source.status);
    if let Some(SnapshotStatus::InProgress(what)) = &status {
        return input.pending(&format!(
            "the export of snapshot `{}`, last seen `{what}`,",
            snapshot.name
        ));
    }
    let serverless = cache.kind == CacheKind::ServerlessCache;
    let expected = if serverless {
        Expected::FromOneOn
    } else {
        Expected::NodeGroups(&snapshot.node_groups)
    };
    let grammar = ExportGrammar::of(cache, &snapshot.name, &export.target);
    let found = export::list(ports, &grammar).await?;
    let untouched = found.is_empty();
    let is_older = |object: &FoundObject| object.listed.last_modified < snapshot.create_time;
    let (older, found): (Vec<_>, Vec<_>) = found.into_iter().partition(is_older);
    match evidence::judge(expected, found)? {
        Evidence::Complete { objects, .. }
            if serverless && status.is_some() && !is_settled(input, &objects) =>
        {
            input.pending(&format!(
                "the export of snapshot `{}`, objects still appearing,",
                snapshot.name
            ))
        }
        Evidence::Complete { stem, objects } => pin(ports, input, stem, objects).await,
        Evidence::Lacking { missing, found } => {
            let lacking = Lacking {
                untouched,
                older: older.into_iter().next(),
                missing,
                found,
            };
            lacking.judge(ports.bucket_name(), input, export, status.as_ref())
        }
    }
}

fn is_settled(input: &Input, objects: &[FoundObject]) -> bool {
    let ages = objects
        .iter()
        .map(|object| input.now.duration_since(object.listed.last_modified));
    ages.min().is_some_and(|youngest| youngest >= SETTLE)
}

/// An export that is not all there.
struct Lacking {
    /// Whether there is no object at all, not even an empty or an older one.
    untouched: bool,
    /// One that lay at a key of the export before its snapshot was made; ElastiCache overwrites none.
    older: Option<FoundObject>,
    missing: Vec<String>,
    found: usize,
}

impl Lacking {
    /// Tells what still comes from what never will.
    fn judge(
        self,
        bucket: &str,
        input: &Input,
        export: &ExportRequested,
        status: Option<&SnapshotStatus>,
    ) -> Result<Output, Error> {
        let name = &input.run.snapshot_name;
        match status {
            None if input.is_within(LAG) => input.pending(&format!("snapshot `{name}`, out of sight,")),
            None => Err(vanished(input, "is gone")),
            Some(SnapshotStatus::Deleting) => Err(vanished(input, "is being deleted")),
            Some(SnapshotStatus::Failed) => Err(vanished(input, "turned `failed`")),
            _ if input.is_within(GRACE) => input.pending(&format!(
                "the export of snapshot `{name}`, available without all objects,"
            )),
            // A re-drive means that somebody mended something. An adopted export that wrote nothing may have been
            // another's, to another place, so the run's own has not been tried yet.
            _ if input.redrive_count > export.redrive_count => Ok(Output::Restart),
            _ if export.adopted && self.untouched => Ok(Output::Restart),
            _ => Err(self.failure(bucket, input, export)),
        }
    }

    fn failure(&self, bucket: &str, input: &Input, export: &ExportRequested) -> Error {
        let name = &input.run.snapshot_name;
        // A serverless export has no target of its own: what lies there would stop the next one. Whoever reads this hours
        // later must not move what a second start has meanwhile made a backup of.
        let serverless = input.run.cache.kind == CacheKind::ServerlessCache;
        let place = if serverless {
            name.as_str()
        } else {
            export.target.as_str()
        };
        let first = if serverless && !self.untouched {
            "move its objects away unless a manifest names them by now, "
        } else {
            ""
        };
        if let (0, Some(older)) = (self.found, &self.older) {
            return Error::new(
                ErrorName::ExportFailed,
                format!(
                    "object `{}` was in bucket `{bucket}` before snapshot `{name}` was made, so it is no export of it, and \
                     ElastiCache overwrites none; find out who put it there, {first}then re-drive the run, which \
                     exports the same snapshot again",
                    older.listed.key
                ),
            );
        }
        if self.found == 0 {
            let wrote = if self.untouched {
                "nothing"
            } else {
                "only empty objects"
            };
            return Error::new(
                ErrorName::ExportFailed,
                format!(
                    "the export of snapshot `{name}` ended and wrote {wrote} to `s3://{bucket}/{place}`; check policy, \
                     encryption and quota of the bucket and `aws elasticache describe-events`, {first}then re-drive \
                     the run, which exports the same snapshot again"
                ),
            );
        }
        Error::new(
            ErrorName::ExportIncomplete,
            format!(
                "the export of snapshot `{name}` ended and wrote {} of {} objects to `s3://{bucket}/{place}`, missing or \
                 empty are the shards {}; {first}re-drive the run, which exports the same snapshot again",
                self.found,
                self.found + self.missing.len(),
                some_of(&self.missing)
            ),
        )
    }
}

/// Pins each object to its `ETag` and version. One that is not as it was listed is looked at again.
async fn pin<P: HeadObject>(
    ports: &P,
    input: &Input,
    stem: String,
    objects: Vec<FoundObject>,
) -> Result<Output, Error> {
    let heads = objects.into_iter().map(|object| async move {
        let head = ports.head_object(&object.listed.key).await?;
        let same = head.filter(|head| head.etag == object.listed.etag && head.size == object.listed.size);
        Ok::<_, Error>(same.map(|head| ExportedObject {
            shard: object.shard,
            size: head.size,
            etag: head.etag,
            version_id: head.version_id,
        }))
    });
    let pinned: Vec<Option<ExportedObject>> = stream::iter(heads)
        .buffered(HEADS_IN_FLIGHT)
        .try_collect()
        .await?;
    match pinned.into_iter().collect::<Option<Vec<_>>>() {
        Some(objects) => Ok(Output::Ready(Box::new(Seen::Export(ExportSeen {
            ready_at: input.now,
            stem,
            objects,
        })))),
        None => input.pending(&format!(
            "the export of snapshot `{}`, objects changing while they were looked at,",
            input.run.snapshot_name
        )),
    }
}

#[cfg(test)]
mod tests;
