"""How each error of the model is provoked: one line per cell of the table of operations and errors.

An error is named as botocore's model names its shape. Where the model of an operation lacks an error that the service
answers all the same, it is named by its code; `beyond_model.txt` then has its source.
"""

from dataclasses import dataclass, field

from clients import BUCKET, ELASTICACHE, MACHINE, TOPIC

EXECUTION = MACHINE.replace(":stateMachine:", ":execution:")
NOBODY = "nobody"
TOO_MANY_TAGS = [{"Key": f"key-{number}", "Value": ""} for number in range(51)]
# Names of what `stage.py` prepares.
STOCK, SEALED, MAKING, SERVERLESS_STOCK, SERVERLESS_MAKING = "stock", "sealed", "making", "sl-stock", "sl-making"


@dataclass(frozen=True)
class Cell:
    """A call that is refused, and what has to be so before."""

    operation: str
    error: str
    parameters: dict
    # A cache, or a node of one, and the status that it has during the call.
    status: tuple = ()
    # What else is asked of the desk before the call.
    wish: dict = field(default_factory=dict)


def _snapshot(source, name="new", **more):
    return {"SnapshotName": name, **source, **more}


def _copy(source=STOCK, target="copy", **more):
    return {"SourceSnapshotName": source, "TargetSnapshotName": target, **more}


def _serverless(cache="catalog", name="new", **more):
    return {"ServerlessCacheSnapshotName": name, "ServerlessCacheName": cache, **more}


def _named(name):
    return {"ServerlessCacheSnapshotName": name}


def _export(name, bucket=BUCKET):
    return {**_named(name), "S3BucketName": bucket}


_NODE, _GROUP, _FULL = {"CacheClusterId": "orders-001"}, {"ReplicationGroupId": "sessions"}, {"CacheClusterId": "spare"}

DESCRIBES = [
    Cell("DescribeReplicationGroups", "ReplicationGroupNotFoundFault", {"ReplicationGroupId": NOBODY}),
    Cell("DescribeReplicationGroups", "InvalidParameterValueException", {"MaxRecords": 19}),
    Cell("DescribeCacheClusters", "CacheClusterNotFoundFault", {"CacheClusterId": NOBODY}),
    Cell("DescribeCacheClusters", "InvalidParameterValueException", {"Marker": "made up"}),
    Cell("DescribeServerlessCaches", "ServerlessCacheNotFoundFault", {"ServerlessCacheName": NOBODY}),
    Cell("DescribeServerlessCaches", "InvalidParameterValueException", {"MaxResults": 51}),
    Cell("DescribeSnapshots", "InvalidParameterValueException", {"SnapshotSource": "manual"}),
    Cell("DescribeServerlessCacheSnapshots", "ServerlessCacheSnapshotNotFoundFault", _named(NOBODY)),
    Cell("DescribeServerlessCacheSnapshots", "InvalidParameterValueException", {"NextToken": "made up"}),
    Cell("DescribeEvents", "InvalidParameterValueException", {"MaxRecords": 101}),
]

CREATIONS = [
    Cell("CreateSnapshot", "SnapshotAlreadyExistsFault", _snapshot(_NODE, STOCK)),
    Cell("CreateSnapshot", "CacheClusterNotFoundFault", _snapshot({"CacheClusterId": NOBODY})),
    Cell("CreateSnapshot", "ReplicationGroupNotFoundFault", _snapshot({"ReplicationGroupId": NOBODY})),
    Cell("CreateSnapshot", "InvalidCacheClusterStateFault", _snapshot(_NODE), status=("orders-001", "modifying")),
    Cell("CreateSnapshot", "InvalidReplicationGroupStateFault", _snapshot(_GROUP), status=("sessions", "modifying")),
    Cell("CreateSnapshot", "SnapshotQuotaExceededFault", _snapshot(_FULL)),
    Cell("CreateSnapshot", "SnapshotFeatureNotSupportedFault", _snapshot({"CacheClusterId": "pages"})),
    Cell("CreateSnapshot", "TagQuotaPerResourceExceeded", _snapshot(_NODE, Tags=TOO_MANY_TAGS)),
    # A group with cluster mode disabled is snapshotted by its nodes.
    Cell("CreateSnapshot", "InvalidParameterCombinationException", _snapshot({"ReplicationGroupId": "orders"})),
    Cell("CreateSnapshot", "InvalidParameterCombinationException", _snapshot({})),
    Cell("CreateSnapshot", "InvalidParameterValueException", _snapshot(_NODE, "two--hyphens")),
    Cell("CreateServerlessCacheSnapshot", "ServerlessCacheSnapshotAlreadyExistsFault", _serverless(name=SERVERLESS_STOCK)),
    Cell("CreateServerlessCacheSnapshot", "ServerlessCacheNotFoundFault", _serverless(NOBODY)),
    Cell("CreateServerlessCacheSnapshot", "InvalidServerlessCacheStateFault", _serverless()),
    Cell("CreateServerlessCacheSnapshot", "ServerlessCacheSnapshotQuotaExceededFault", _serverless("reserve")),
    Cell("CreateServerlessCacheSnapshot", "TagQuotaPerResourceExceeded", _serverless(Tags=TOO_MANY_TAGS)),
    Cell("CreateServerlessCacheSnapshot", "InvalidParameterValueException", _serverless(name="1st")),
]

CHANGES = [
    Cell("CopySnapshot", "SnapshotAlreadyExistsFault", _copy(target=SEALED)),
    Cell("CopySnapshot", "SnapshotNotFoundFault", _copy(NOBODY)),
    Cell("CopySnapshot", "SnapshotQuotaExceededFault", _copy("full-0")),
    Cell("CopySnapshot", "InvalidSnapshotStateFault", _copy(MAKING)),
    Cell("CopySnapshot", "TagQuotaPerResourceExceeded", _copy(Tags=TOO_MANY_TAGS)),
    Cell("CopySnapshot", "InvalidParameterValueException", _copy(TargetBucket="sthree-nowhere")),
    # A snapshot under a customer managed key cannot be exported.
    Cell("CopySnapshot", "InvalidParameterCombinationException", _copy(SEALED, TargetBucket=BUCKET)),
    Cell("DeleteSnapshot", "SnapshotNotFoundFault", {"SnapshotName": NOBODY}),
    Cell("DeleteSnapshot", "InvalidSnapshotStateFault", {"SnapshotName": MAKING}),
    Cell("ExportServerlessCacheSnapshot", "ServerlessCacheSnapshotNotFoundFault", _export(NOBODY)),
    Cell("ExportServerlessCacheSnapshot", "InvalidServerlessCacheSnapshotStateFault", _export(SERVERLESS_MAKING)),
    Cell("ExportServerlessCacheSnapshot", "InvalidParameterValueException", _export(SERVERLESS_STOCK, "sthree-nowhere")),
    Cell("DeleteServerlessCacheSnapshot", "ServerlessCacheSnapshotNotFoundFault", _named(NOBODY)),
    Cell("DeleteServerlessCacheSnapshot", "InvalidServerlessCacheSnapshotStateFault", _named(SERVERLESS_MAKING)),
]

# What both operations on tags refuse by the resource: error, ARN, status.
_RESOURCES = [
    ("CacheClusterNotFoundFault", f"cluster:{NOBODY}", ()),
    ("ReplicationGroupNotFoundFault", f"replicationgroup:{NOBODY}", ()),
    ("InvalidReplicationGroupStateFault", "replicationgroup:sessions", ("sessions", "modifying")),
    ("SnapshotNotFoundFault", f"snapshot:{NOBODY}", ()),
    ("ServerlessCacheNotFoundFault", f"serverlesscache:{NOBODY}", ()),
    ("InvalidServerlessCacheStateFault", "serverlesscache:catalog", ("catalog", "modifying")),
    ("ServerlessCacheSnapshotNotFoundFault", f"serverlesscachesnapshot:{NOBODY}", ()),
    ("InvalidServerlessCacheSnapshotStateFault", f"serverlesscachesnapshot:{SERVERLESS_MAKING}", ()),
    ("InvalidSnapshotState", f"snapshot:{MAKING}", ()),
    ("InvalidCacheClusterState", "cluster:orders-001", ("orders-001", "modifying")),
    ("InvalidARNFault", "colour:red", ()),
]
_STOCK_ARN = f"{ELASTICACHE}snapshot:{STOCK}"

TAGS = [
    *(
        Cell(operation, error, {"ResourceName": ELASTICACHE + arn, **tags}, status=status)
        for operation, tags in (
            ("ListTagsForResource", {}),
            ("AddTagsToResource", {"Tags": [{"Key": "a", "Value": "b"}]}),
        )
        for error, arn, status in _RESOURCES
    ),
    Cell("AddTagsToResource", "TagQuotaPerResourceExceeded", {"ResourceName": _STOCK_ARN, "Tags": TOO_MANY_TAGS}),
    Cell(
        "AddTagsToResource",
        "InvalidParameterValueException",
        {"ResourceName": _STOCK_ARN, "Tags": [{"Key": "aws:own", "Value": ""}]},
    ),
]

MESSAGES = [
    Cell("Publish", "InvalidParameterException", {"TopicArn": TOPIC, "Message": "x", "Subject": "two\nlines"}),
    Cell("Publish", "NotFoundException", {"TopicArn": TOPIC + "x", "Message": "x"}),
    Cell("Publish", "InternalErrorException", {"TopicArn": TOPIC, "Message": "x"}, wish={"fault": "ErrorBefore"}),
    Cell("Publish", "AuthorizationErrorException", {"TopicArn": TOPIC, "Message": "x"}, wish={"fault": "Denied"}),
    Cell("ListTopics", "InternalErrorException", {}, wish={"fault": "ErrorBefore"}),
    Cell("ListTopics", "AuthorizationErrorException", {}, wish={"fault": "Denied"}),
]

_DONE, _NONE, _ELSEWHERE = f"{EXECUTION}:done", f"{EXECUTION}:{NOBODY}", MACHINE + "x"


def _start(name="new", text='{"seconds": 1}', machine=MACHINE):
    return {"stateMachineArn": machine, "name": name, "input": text}


EXECUTIONS = [
    Cell("StartExecution", "ExecutionAlreadyExists", _start("done", '{"seconds": 2}')),
    Cell("StartExecution", "InvalidArn", _start(machine="machine")),
    Cell("StartExecution", "InvalidExecutionInput", _start(text="{")),
    Cell("StartExecution", "InvalidName", _start("a name")),
    Cell("StartExecution", "StateMachineDoesNotExist", _start(machine=_ELSEWHERE)),
    Cell("DescribeExecution", "ExecutionDoesNotExist", {"executionArn": _NONE}),
    Cell("DescribeExecution", "InvalidArn", {"executionArn": "done"}),
    Cell("GetExecutionHistory", "ExecutionDoesNotExist", {"executionArn": _NONE}),
    Cell("GetExecutionHistory", "InvalidArn", {"executionArn": "done"}),
    Cell("GetExecutionHistory", "InvalidToken", {"executionArn": _DONE, "nextToken": "made up"}),
    Cell("RedriveExecution", "ExecutionDoesNotExist", {"executionArn": _NONE}),
    Cell("RedriveExecution", "ExecutionNotRedrivable", {"executionArn": _DONE}),
    Cell("RedriveExecution", "InvalidArn", {"executionArn": "done"}),
    Cell("StopExecution", "ExecutionDoesNotExist", {"executionArn": _NONE}),
    Cell("StopExecution", "InvalidArn", {"executionArn": "done"}),
    Cell("ListExecutions", "InvalidArn", {"stateMachineArn": "machine"}),
    Cell("ListExecutions", "InvalidToken", {"stateMachineArn": MACHINE, "nextToken": "made up"}),
    Cell("ListExecutions", "StateMachineDoesNotExist", {"stateMachineArn": _ELSEWHERE}),
    Cell("ListExecutions", "ValidationException", {"stateMachineArn": MACHINE, "maxResults": 1001}),
    Cell("DescribeStateMachine", "InvalidArn", {"stateMachineArn": "machine"}),
    Cell("DescribeStateMachine", "StateMachineDoesNotExist", {"stateMachineArn": _ELSEWHERE}),
]

_OBJECT, _GONE = {"Bucket": BUCKET, "Key": "here"}, {"Bucket": "sthree-nowhere"}
_MISSING, _LONG = {"Bucket": BUCKET, "Key": NOBODY}, {"Bucket": BUCKET, "Key": "k" * 1025}
_FOREIGN = {"Bucket": "sthree-foreign"}
_WRONG_TAGS = {"TagSet": [{"Key": "aws:own", "Value": ""}]}
_TWO_SUMS = {"ChecksumCRC32": "NhCmhg==", "ChecksumSHA1": "qvTGHdzF6KLavt4PO0gs2a6pQ00="}

OBJECTS = [
    Cell("PutObject", "InvalidRequest", {**_OBJECT, **_TWO_SUMS, "Body": "hello"}),
    Cell("PutObject", "PreconditionFailed", {**_OBJECT, "IfNoneMatch": "*"}),
    Cell("PutObject", "NoSuchBucket", {**_GONE, "Key": "new"}),
    Cell("PutObject", "KeyTooLongError", _LONG),
    Cell("PutObject", "BadDigest", {**_OBJECT, "Body": "hallo", "ChecksumCRC32": "NhCmhg=="}),
    Cell("PutObject", "InvalidTag", {**_OBJECT, "Tagging": "aws%3Aown=1"}),
    Cell("GetObject", "NoSuchKey", _MISSING),
    Cell("GetObject", "NoSuchBucket", {**_GONE, "Key": "new"}),
    Cell("GetObject", "NoSuchVersion", {**_OBJECT, "VersionId": "none"}),
    Cell("GetObject", "PreconditionFailed", {**_OBJECT, "IfMatch": '"0"'}),
    Cell("GetObject", "InvalidRange", {**_OBJECT, "Range": "bytes=100-"}),
    # No answer to a HEAD has a body, so the status is the code.
    Cell("HeadObject", "404", _MISSING),
    Cell("HeadObject", "412", {**_OBJECT, "IfMatch": '"0"'}),
    Cell("HeadBucket", "404", _GONE),
    Cell("HeadBucket", "403", _FOREIGN),
    Cell("GetBucketLocation", "NoSuchBucket", _GONE),
    Cell("GetBucketLocation", "AccessDenied", _FOREIGN),
    Cell("DeleteObject", "NoSuchBucket", {**_GONE, "Key": "new"}),
    Cell("DeleteObjects", "NoSuchBucket", {**_GONE, "Delete": {"Objects": [{"Key": "new"}]}}),
    Cell("ListObjectsV2", "NoSuchBucket", _GONE),
    Cell("ListObjectsV2", "InvalidArgument", {"Bucket": BUCKET, "ContinuationToken": "made up"}),
    Cell("ListObjects", "NoSuchBucket", _GONE),
    Cell("ListObjectVersions", "NoSuchBucket", _GONE),
    Cell("PutObjectTagging", "NoSuchKey", {**_MISSING, "Tagging": {"TagSet": []}}),
    Cell("PutObjectTagging", "InvalidTag", {**_OBJECT, "Tagging": _WRONG_TAGS}),
    Cell("GetObjectTagging", "NoSuchKey", _MISSING),
    Cell("DeleteObjectTagging", "NoSuchKey", _MISSING),
    Cell("GetBucketPolicy", "NoSuchBucketPolicy", {"Bucket": "sthree-bare"}),
    Cell("GetBucketPolicy", "NoSuchBucket", _GONE),
    Cell("PutBucketPolicy", "MalformedPolicy", {"Bucket": BUCKET, "Policy": '{"Version": 1}'}),
    Cell("PutBucketPolicy", "NoSuchBucket", {**_GONE, "Policy": '{"Version": "2012-10-17", "Statement": []}'}),
    Cell("DeleteBucketPolicy", "NoSuchBucket", _GONE),
]

CELLS = {
    "elasticache": DESCRIBES + CREATIONS + CHANGES + TAGS,
    "s3": OBJECTS,
    "sns": MESSAGES,
    "stepfunctions": EXECUTIONS,
}

# Operations of the endpoint that the world has no part in; those of the world are asked of the desk.
BESIDE_THE_WORLD = {
    "s3": ["ListObjects", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"],
    "stepfunctions": """StartExecution DescribeExecution GetExecutionHistory RedriveExecution StopExecution ListExecutions
        DescribeStateMachine ListStateMachines""".split(),
}
