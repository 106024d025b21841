//! What a refused export means: an earlier attempt to adopt, or an error with a name and a remedy.

use crate::Found;
use backup_core::snapshot::SnapshotStatus;
use backup_core::{CallError, CallErrorKind, Error, ErrorName, SnapshotName};

/// The status of a snapshot while it is exported; in no model, seen in production.
const EXPORTING: &str = "exporting";

/// The request that was refused, for the texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) region: &'a str,
    pub(crate) snapshot: &'a SnapshotName,
}

/// Whether a refusal says what is wrong where the snapshot does not: waiting for its status would not help.
fn says_all_itself(call: &CallError) -> bool {
    matches!(
        call.kind,
        CallErrorKind::SnapshotQuotaExceeded | CallErrorKind::SnapshotNotFound
    )
}

impl Refusal<'_> {
    /// Success means: adopt what was found.
    ///
    /// Objects of this target are this run's, for no other run has these keys; one that is older than the snapshot,
    /// so that somebody else put it there, is told by `check-status`. An export under way without an object yet may
    /// be this run's, or somebody else's of the same snapshot, for ElastiCache does one at a time and does not tell
    /// its target. It is adopted all the same, because waiting in this state would end long before a long export
    /// does; `check-status` answers `restart` where it turns out to have been another's. Anything else that occupies
    /// the snapshot passes by.
    pub(crate) fn judge(self, found: Found, call: CallError) -> Result<(), Error> {
        match found {
            Found::Objects => Ok(()),
            Found::Status(Some(SnapshotStatus::InProgress(what))) if what == EXPORTING => Ok(()),
            Found::Status(None) => Err(self.vanished("is gone", call)),
            Found::Status(Some(SnapshotStatus::Deleting)) => Err(self.vanished("is being deleted", call)),
            Found::Status(Some(SnapshotStatus::Failed)) => Err(self.vanished("turned `failed`", call)),
            Found::Status(Some(_)) if says_all_itself(&call) => Err(self.named(call)),
            Found::Status(Some(status)) => Err(Error::of_call(
                ErrorName::SnapshotBusy,
                format!(
                    "snapshot `{}` is `{status}` and its export was refused, yet nothing of it is in bucket `{}`; \
                     the next attempt looks again",
                    self.snapshot, self.bucket
                ),
                call,
            )),
            Found::NotLooked => Err(self.named(call)),
        }
    }

    fn vanished(self, how: &str, call: CallError) -> Error {
        Error::of_call(
            ErrorName::SnapshotVanished,
            format!(
                "snapshot `{}` {how} before it was exported; find out in CloudTrail who deleted it, \
                 and start a new run",
                self.snapshot
            ),
            call,
        )
    }

    /// The refusals that ElastiCache documents, each with its remedy (user guide, exporting a backup).
    fn named(self, call: CallError) -> Error {
        let Self {
            bucket,
            region,
            snapshot,
        } = self;
        let message = match call.kind {
            CallErrorKind::SnapshotNotFound => return self.vanished("is gone", call),
            CallErrorKind::BucketNotGranted => format!(
                "bucket `{bucket}` does not let ElastiCache write: let its policy allow the service principal \
                 `{region}.elasticache-snapshot.amazonaws.com` the actions s3:PutObject, s3:GetObject, s3:ListBucket, \
                 s3:GetBucketAcl, s3:ListMultipartUploadParts and s3:ListBucketMultipartUploads on the bucket and its \
                 objects, let no other statement deny them, then re-drive the run"
            ),
            CallErrorKind::BucketWrongRegion => format!(
                "bucket `{bucket}` is not in `{region}`, and ElastiCache exports within one Region only; \
                 deploy with a bucket in `{region}` and start a new run"
            ),
            CallErrorKind::BucketNotFound => {
                format!("bucket `{bucket}` does not exist; create it in `{region}`, then re-drive the run")
            }
            CallErrorKind::BucketNotOwned => format!(
                "bucket `{bucket}` belongs to another account, and ElastiCache exports within one account only; \
                 deploy with a bucket of this account and start a new run"
            ),
            CallErrorKind::BucketNotValidated => format!(
                "ElastiCache could not check the function's access to bucket `{bucket}`: allow its role \
                 s3:ListAllMyBuckets on `*` and s3:GetBucketLocation on the bucket, let the bucket's policy name \
                 `{region}.elasticache-snapshot.amazonaws.com`, then re-drive the run"
            ),
            CallErrorKind::AccessDenied => format!(
                "the function's role may not export snapshot `{snapshot}` to bucket `{bucket}`: allow it the export and \
                 s3:PutObject, s3:GetObject, s3:DeleteObject, s3:ListBucket and s3:GetBucketLocation on the bucket and \
                 its objects, then re-drive the run"
            ),
            CallErrorKind::NotSupported => format!(
                "ElastiCache does not export snapshot `{snapshot}`, as with data tiering or under a customer managed key; \
                 move the data to a cache without them, or take the cache out of the plan"
            ),
            CallErrorKind::SnapshotQuotaExceeded => format!(
                "the export of snapshot `{snapshot}` was refused because the day's snapshots are used up; \
                 re-drive the run when the oldest is 24 hours old"
            ),
            _ => return call.into(),
        };
        Error::of_call(call.kind.into(), message, call)
    }
}
