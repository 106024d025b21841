//! The rows of our own names. What mends each is said beside the name itself, in `backup_core::error`.

use backup_core::ErrorName as E;

/// Name, meaning, what to do first.
pub(super) const OURS: &[(E, &str, &str)] = &[
    (
        E::ServiceUnavailable,
        "AWS did not answer, after several attempts",
        "Look at the AWS Health Dashboard for {region}: ElastiCache, S3, Lambda and Step Functions must \
         be well.",
    ),
    (
        E::Throttled,
        "AWS refused the calls for about 20 minutes, because the account makes too many",
        "Find in CloudTrail what else calls ElastiCache or S3 that often, and give plans that start \
         together times of their own.",
    ),
    (
        E::CacheBusy,
        "the cache was snapshotting, modifying or being created for hours",
        "See what it is doing (aws elasticache describe-events --duration 1440) and wait until `{cache}` \
         is available. Keep the plan's time clear of its maintenance and snapshot windows.",
    ),
    (
        E::SnapshotBusy,
        "the snapshot was copying, exporting or restoring for hours",
        "See in the ElastiCache console, under Backups, what else uses the snapshot, and wait until it is \
         available.",
    ),
    (
        E::InvalidInput,
        "the input is malformed or contradicts itself",
        "Correct the field that the cause names: in the plan's configuration, and in the line below \
         before you send it.",
    ),
    (
        E::AccessDenied,
        "a policy does not allow one of the calls",
        "The cause names the call. Allow it in the function's role, or remove what denies it: a bucket \
         policy, a permissions boundary, a service control policy.",
    ),
    (
        E::CacheNotFound,
        "there is no cache of this kind and id",
        "If `{cache}` was renamed or is of another kind, correct the plan and the line below. If it is \
         gone for good, take it out of the plan; its backups stay.",
    ),
    (
        E::CacheUnavailable,
        "the cache is being deleted, or was never created",
        "If `{cache}` is meant to be gone, take it out of the plan; its backups stay. If not, restore it \
         from the last good backup below.",
    ),
    (
        E::Unsupported,
        "ElastiCache cannot export this cache or snapshot",
        "The cause says what stands in the way: Memcached, data tiering or a customer's KMS key. Change \
         the cache, or take it out of the plan and back it up another way.",
    ),
    (
        E::SnapshotQuotaExceeded,
        "the manual snapshots of the last 24 hours are used up (20 a node, 24 a serverless cache)",
        "See who else takes snapshots of `{cache}` and take fewer. The quota frees itself as the oldest \
         turns 24 hours old.",
    ),
    (
        E::SnapshotFailed,
        "ElastiCache could not make the snapshot",
        "Look at the cache's events (aws elasticache describe-events --duration 1440); lack of memory is \
         the usual reason: raise reserved-memory-percent, or back up at a quieter hour.",
    ),
    (
        E::SnapshotVanished,
        "the snapshot was there and is gone",
        "Find in CloudTrail who called DeleteSnapshot; a clean-up job must leave alone what carries the \
         tag `snapkeep:run`.",
    ),
    (
        E::SnapshotForeign,
        "a snapshot of this run's name exists that the run did not make",
        "Nothing was touched. See what it is (its name is in the cause) and delete or rename what makes \
         such names; a new run takes a name of its own.",
    ),
    (
        E::NoRecentAutomaticSnapshot,
        "no automatic snapshot is young enough",
        "Switch automatic backups on (a retention of at least one day on `{cache}`) and set the plan's \
         time after the snapshot window, or let the plan make snapshots of its own.",
    ),
    (
        E::BucketNotGranted,
        "the bucket's policy does not let ElastiCache write",
        "Let the service `{region}.elasticache-snapshot.amazonaws.com` use bucket `{bucket}`: \
         s3:PutObject, s3:GetObject, s3:ListBucket, s3:GetBucketAcl, s3:ListMultipartUploadParts and \
         s3:ListBucketMultipartUploads. A Deny for all principals counts too.",
    ),
    (
        E::BucketWrongRegion,
        "the bucket is in another Region than the cache",
        "ElastiCache exports only within {region}: deploy there with a bucket of its own, and copy on by \
         replication if need be.",
    ),
    (
        E::BucketNotFound,
        "the backup bucket does not exist",
        "Find out who deleted `{bucket}`, and whether the backups are gone with it. Deploy the storage \
         stack again to create it under the same name.",
    ),
    (
        E::BucketNotOwned,
        "the bucket belongs to another account",
        "ElastiCache exports only within one account: deploy with a bucket of this account, and copy on \
         by replication if need be.",
    ),
    (
        E::BucketNotValidated,
        "ElastiCache could not check that the function may use the bucket",
        "Allow the function's role s3:ListAllMyBuckets, s3:GetBucketLocation and s3:GetBucketAcl, and see \
         that the policy of `{bucket}` names the service `{region}.elasticache-snapshot.amazonaws.com`.",
    ),
    (
        E::ExportFailed,
        "the export ended and wrote nothing",
        "Look at the cache's events (aws elasticache describe-events --duration 1440) and at the policy \
         and encryption of `{bucket}`: ElastiCache does not say why an export fails.",
    ),
    (
        E::ExportIncomplete,
        "the export ended and wrote only some of the shards",
        "Look at the cache's events (aws elasticache describe-events --duration 1440) and at the policy \
         of `{bucket}`. The shards that were written stay, but are no backup.",
    ),
    (
        E::Corrupt,
        "an exported object is not a sound RDB file, or not what was uploaded",
        "Keep the object that the cause names: it is evidence. Trust the last good backup below; if a \
         second run ends like this, open a case with AWS Support.",
    ),
    (
        E::NotVerifiable,
        "an exported object has a version or a value that this version of snapkeep cannot judge",
        "The export stays where it is and may well be sound, but is no backup. Was the cache's engine \
         upgraded? Deploy a version of snapkeep that knows it.",
    ),
    (
        E::ObjectChanged,
        "an exported object is not the one that the export wrote",
        "Find in CloudTrail who wrote to or deleted from `{bucket}`: nothing but ElastiCache and snapkeep \
         should.",
    ),
    (
        E::ManifestConflict,
        "another backup is recorded at this cache and instant",
        "Nothing was overwritten. See who else writes to `{bucket}` under the same keys: two plans of one \
         cache must not start in the same minute.",
    ),
    (
        E::DeadlineExceeded,
        "the run's time budget is used up",
        "See in the console where the time went. A large cache may simply need a larger deadlineSeconds \
         in the plan; a re-drive gets a fresh budget.",
    ),
    (
        E::PruneRefused,
        "pruning would break a rule that protects backups, so nothing was deleted",
        "The cause names the rule. Read the plan that the state Prune printed, and mend what the cause names, \
         or delete by hand what you are sure of. A re-drive keeps the retention with which the run was started: \
         a changed one counts from the next run on.",
    ),
    (
        E::Unexpected,
        "AWS answered with something that this version does not know",
        "Read the cause: it carries the answer. If it looks passing, go on with the next step; if not, \
         report it with the execution's ARN.",
    ),
];
