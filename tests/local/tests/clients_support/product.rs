//! What the product makes of the errors that clients see: none may be unexpected without a reason.

use backup_core::{CallError, CallErrorKind};
use serde::Deserialize;
use std::collections::BTreeSet;

/// An error as a client read it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    operation: String,
    code: String,
    status: u16,
    message: String,
}

/// Operations that the product calls: those that its adapter, `backup-aws`, names.
const CALLED: &[&str] = &[
    "CopySnapshot",
    "CreateServerlessCacheSnapshot",
    "CreateSnapshot",
    "DeleteObject",
    "DeleteServerlessCacheSnapshot",
    "DeleteSnapshot",
    "DescribeCacheClusters",
    "DescribeExecution",
    "DescribeReplicationGroups",
    "DescribeServerlessCacheSnapshots",
    "DescribeServerlessCaches",
    "DescribeSnapshots",
    "ExportServerlessCacheSnapshot",
    "GetBucketLocation",
    "GetExecutionHistory",
    "GetObject",
    "GetObjectTagging",
    "HeadObject",
    "ListObjectsV2",
    "ListTagsForResource",
    "Publish",
    "PutObject",
];

/// Operation (empty for all), code, and why the product needs no name for it: `Backup.Unexpected` carries the service's
/// text to whoever mends it.
const UNEXPECTED: &[(&str, &str, &str)] = &[
    (
        "",
        "InvalidParameterValue",
        "a name or a size of the product's own making is wrong; what a bucket is refused for is told by its text",
    ),
    (
        "",
        "InvalidParameterCombination",
        "the product asks for combinations that are documented; a customer managed key is told by its text",
    ),
    (
        "",
        "TagQuotaPerResourceExceeded",
        "the product sets a handful of tags, and a person must look which others there are",
    ),
    (
        "",
        "ServiceLinkedRoleNotFoundFault",
        "somebody deleted ElastiCache's role: the text says so, and only a person can mend it",
    ),
    (
        "ListTagsForResource",
        "InvalidARN",
        "the ARN is the one that ElastiCache told",
    ),
    (
        "ListTagsForResource",
        "CacheSubnetGroupNotFoundFault",
        "tags are asked of snapshots alone",
    ),
    (
        "GetObject",
        "InvalidRange",
        "ranges end where the object's size says",
    ),
    ("ListObjectsV2", "InvalidArgument", "tokens are S3's own"),
    (
        "PutObject",
        "BadDigest",
        "the SDK computes the checksum of what it sends",
    ),
    ("PutObject", "InvalidRequest", "the SDK sends one checksum"),
    ("PutObject", "InvalidTag", "nothing is put with tags"),
    (
        "PutObject",
        "KeyTooLongError",
        "keys are made of parts whose lengths are bounded",
    ),
    (
        "PutObject",
        "EncryptionTypeMismatch",
        "there are no multipart uploads",
    ),
    ("PutObject", "InvalidWriteOffset", "nothing is appended"),
    ("PutObject", "TooManyParts", "nothing is appended"),
    (
        "DescribeExecution",
        "InvalidArn",
        "the ARN is the one of the event about the execution",
    ),
    (
        "DescribeExecution",
        "KmsInvalidStateException",
        "the key is disabled: the text says so, and only a person can mend it",
    ),
    (
        "GetExecutionHistory",
        "InvalidArn",
        "the ARN is the one of the event about the execution",
    ),
    ("GetExecutionHistory", "InvalidToken", "one page is asked for"),
    (
        "GetExecutionHistory",
        "KmsInvalidStateException",
        "the key is disabled: the text says so, and only a person can mend it",
    ),
    (
        "Publish",
        "InvalidParameter",
        "subjects and lengths are checked before; the text names the parameter",
    ),
    ("Publish", "ParameterValueInvalid", "of text messages"),
    ("Publish", "ValidationException", "of text messages"),
    ("Publish", "EndpointDisabled", "of pushes to phones"),
    ("Publish", "PlatformApplicationDisabled", "of pushes to phones"),
    (
        "Publish",
        "KMSDisabled",
        "the key is disabled: the text says so, and only a person can mend it",
    ),
    (
        "Publish",
        "KMSInvalidState",
        "the key is on its way out: the text says so, and only a person can mend it",
    ),
    (
        "Publish",
        "KMSNotFound",
        "the key is gone: the text says so, and only a person can mend it",
    ),
];

/// The product's view of what was seen; a complaint for each code that is unexpected and not listed, or listed and not
/// unexpected.
pub(crate) fn complaints(seen: &[Seen]) -> Vec<String> {
    let called = seen
        .iter()
        .filter(|seen| CALLED.contains(&seen.operation.as_str()));
    let unexpected: BTreeSet<(&str, &str)> = called
        .filter(|seen| judge(seen) == CallErrorKind::Unexpected)
        .map(|seen| (seen.operation.as_str(), seen.code.as_str()))
        .collect();
    let is_of = |row: &(&str, &str, &str), (operation, code): &(&str, &str)| {
        row.1 == *code && (row.0.is_empty() || row.0 == *operation)
    };
    let unlisted = unexpected
        .iter()
        .filter(|cell| !UNEXPECTED.iter().any(|row| is_of(row, cell)))
        .map(|(operation, code)| {
            format!("{operation} {code} is unexpected to the product, without a reason")
        });
    let mapped = UNEXPECTED
        .iter()
        .filter(|row| !unexpected.iter().any(|cell| is_of(row, cell)))
        .map(|(operation, code, _)| format!("{operation} {code} is listed as unexpected and is not"));
    unlisted.chain(mapped).collect()
}

fn judge(seen: &Seen) -> CallErrorKind {
    // botocore takes the status for the code of an answer without a body; `backup-aws` says what it is.
    let is_bare = seen.code.bytes().all(|byte| byte.is_ascii_digit());
    let code = if is_bare {
        format!("HTTP {}", seen.code)
    } else {
        seen.code.clone()
    };
    // The operation is for the text alone.
    CallError::judge("AnyOperation", &code, &seen.message, Some(seen.status)).kind
}
