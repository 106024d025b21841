//! The calls that faults meet, and the scene in which each is made.

use local::wire::Calls;

/// What is played until the call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scene {
    /// A cache's first backup.
    FirstNight,
    /// A cache's second backup, of which only one is kept, and of the snapshots too.
    SecondNight,
    /// A serverless cache's first backup.
    Serverless,
    /// A first backup whose object is read in several pieces.
    Large,
    /// A first backup that fails, because the bucket does not let `ElastiCache` write.
    NotGranted,
}

/// A call of a function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// For the table.
    pub(crate) name: &'static str,
    /// Where it is made.
    pub(crate) scene: Scene,
    function: &'static str,
    operation: &'static str,
    containing: &'static str,
    skip: u32,
}

impl Call {
    /// So many of these calls.
    pub(crate) fn meant(&self, times: u32) -> Calls {
        Calls {
            function: self.function.to_owned(),
            operation: self.operation.to_owned(),
            containing: self.containing.to_owned(),
            skip: self.skip,
            times,
        }
    }

    /// Who calls.
    pub(crate) fn function(&self) -> &'static str {
        self.function
    }
}

const fn call(
    scene: Scene,
    name: &'static str,
    [function, operation, containing]: [&'static str; 3],
    skip: u32,
) -> Call {
    Call {
        name,
        scene,
        function,
        operation,
        containing,
        skip,
    }
}

use Scene::{FirstNight, Large, NotGranted, SecondNight, Serverless};

pub(crate) const FIND_CACHE: Call = call(
    FirstNight,
    "create-snapshot DescribeReplicationGroups",
    ["create-snapshot", "DescribeReplicationGroups", ""],
    0,
);
pub(crate) const REGION: Call = call(
    FirstNight,
    "create-snapshot GetBucketLocation",
    ["create-snapshot", "GetBucketLocation", ""],
    0,
);
pub(crate) const FIND_SNAPSHOT: Call = call(
    FirstNight,
    "create-snapshot DescribeSnapshots",
    ["create-snapshot", "DescribeSnapshots", ""],
    0,
);
pub(crate) const CREATE: Call = call(
    FirstNight,
    "create-snapshot CreateSnapshot",
    ["create-snapshot", "CreateSnapshot", ""],
    0,
);
pub(crate) const CREATE_SERVERLESS: Call = call(
    Serverless,
    "create-snapshot CreateServerlessCacheSnapshot",
    ["create-snapshot", "CreateServerlessCacheSnapshot", ""],
    0,
);
pub(crate) const STATUS: Call = call(
    FirstNight,
    "check-status DescribeSnapshots",
    ["check-status", "DescribeSnapshots", ""],
    0,
);
pub(crate) const COPY: Call = call(
    FirstNight,
    "copy-to-s3 CopySnapshot",
    ["copy-to-s3", "CopySnapshot", ""],
    0,
);
pub(crate) const EXPORT_SERVERLESS: Call = call(
    Serverless,
    "copy-to-s3 ExportServerlessCacheSnapshot",
    ["copy-to-s3", "ExportServerlessCacheSnapshot", ""],
    0,
);
pub(crate) const LIST: Call = call(
    FirstNight,
    "check-status ListObjectsV2",
    ["check-status", "ListObjectsV2", ""],
    0,
);
pub(crate) const READ: Call = call(
    FirstNight,
    "verify-object GetObject",
    ["verify-object", "GetObject", "bytes=0-"],
    0,
);
/// The pieces are of 256 KiB, 512 KiB, 1 MiB and so on, several at a time: this one is among them.
pub(crate) const READ_MIDDLE: Call = call(
    Large,
    "verify-object GetObject, in the middle",
    ["verify-object", "GetObject", "bytes=1835008-"],
    0,
);
pub(crate) const VERDICT: Call = call(
    FirstNight,
    "verify-object PutObject of the verdict",
    ["verify-object", "PutObject", "/verdicts/"],
    0,
);
pub(crate) const MANIFEST: Call = call(
    FirstNight,
    "record-backup PutObject of the manifest",
    ["record-backup", "PutObject", "manifest.json"],
    0,
);
pub(crate) const PRUNE_LIST: Call = call(
    SecondNight,
    "prune ListObjectsV2",
    ["prune", "ListObjectsV2", ""],
    0,
);
pub(crate) const PRUNE_READ: Call = call(
    SecondNight,
    "prune GetObject of a manifest",
    ["prune", "GetObject", "manifest.json"],
    0,
);
pub(crate) const DELETE_MANIFEST: Call = call(
    SecondNight,
    "prune DeleteObject of the manifest",
    ["prune", "DeleteObject", "manifest.json"],
    0,
);
pub(crate) const DELETE_SHARD: Call = call(
    SecondNight,
    "prune DeleteObject of the shard",
    ["prune", "DeleteObject", "orders-0001.rdb\n"],
    0,
);
pub(crate) const DELETE_SNAPSHOT: Call = call(
    SecondNight,
    "prune DeleteSnapshot",
    ["prune", "DeleteSnapshot", ""],
    0,
);
pub(crate) const TELL: Call = call(
    FirstNight,
    "notify Publish of a success",
    ["notify", "Publish", ""],
    0,
);
pub(crate) const HISTORY: Call = call(
    NotGranted,
    "notify GetExecutionHistory",
    ["notify", "GetExecutionHistory", ""],
    0,
);
pub(crate) const ALERT: Call = call(
    NotGranted,
    "notify Publish of a failure",
    ["notify", "Publish", ""],
    0,
);
pub(crate) const MARKER: Call = call(
    NotGranted,
    "notify PutObject of the alert's marker",
    ["notify", "PutObject", "alert-0.json"],
    0,
);
