"""What AWS always sends, and values that it sends although its model does not have them; each with its source."""

import re

# Members that every recorded answer has. Sources: the recorded outputs in the AWS CLI's own examples
# (`awscli/examples/elasticache`: create-, copy-, delete- and describe-snapshot(s), describe-cache-clusters,
# describe-replication-groups, describe-events, list-tags-for-resource). `ARN` and `DataTiering` of snapshots are younger
# than those outputs; the nodes of a cluster, serverless caches and their snapshots are as the API reference samples them.
ALWAYS = {
    "Snapshot": """SnapshotName SnapshotStatus SnapshotSource CacheNodeType Engine EngineVersion
        PreferredMaintenanceWindow Port CacheParameterGroupName CacheSubnetGroupName VpcId AutoMinorVersionUpgrade
        SnapshotRetentionLimit SnapshotWindow NodeSnapshots ARN DataTiering""".split(),
    "NodeSnapshot": ["CacheSize"],
    "NodeGroupConfiguration": ["NodeGroupId", "Slots", "ReplicaCount", "PrimaryAvailabilityZone"],
    "CacheCluster": """CacheClusterId ClientDownloadLandingPage CacheNodeType Engine EngineVersion CacheClusterStatus
        NumCacheNodes PreferredAvailabilityZone CacheClusterCreateTime PreferredMaintenanceWindow
        PendingModifiedValues CacheSecurityGroups CacheParameterGroup CacheSubnetGroupName AutoMinorVersionUpgrade
        SecurityGroups AuthTokenEnabled TransitEncryptionEnabled AtRestEncryptionEnabled ARN
        ReplicationGroupLogDeliveryEnabled LogDeliveryConfigurations""".split(),
    "CacheParameterGroupStatus": ["CacheParameterGroupName", "ParameterApplyStatus", "CacheNodeIdsToReboot"],
    "SecurityGroupMembership": ["SecurityGroupId", "Status"],
    "CacheNode": """CacheNodeId CacheNodeStatus CacheNodeCreateTime Endpoint ParameterGroupStatus
        CustomerAvailabilityZone""".split(),
    "Endpoint": ["Address", "Port"],
    "ReplicationGroup": """ReplicationGroupId Description Status PendingModifiedValues MemberClusters NodeGroups
        AutomaticFailover SnapshotRetentionLimit SnapshotWindow ClusterEnabled CacheNodeType AuthTokenEnabled
        TransitEncryptionEnabled AtRestEncryptionEnabled ARN LogDeliveryConfigurations""".split(),
    "NodeGroup": ["NodeGroupId", "Status", "NodeGroupMembers"],
    "NodeGroupMember": ["CacheClusterId", "CacheNodeId", "PreferredAvailabilityZone"],
    "ServerlessCache": "ServerlessCacheName CreateTime Status Engine MajorEngineVersion ARN".split(),
    "ServerlessCacheSnapshot": """ServerlessCacheSnapshotName ARN SnapshotType Status CreateTime
        ServerlessCacheConfiguration""".split(),
    "ServerlessCacheConfiguration": ["ServerlessCacheName", "Engine", "MajorEngineVersion"],
    "Event": ["SourceIdentifier", "SourceType", "Message", "Date"],
    "Tag": ["Key", "Value"],
    "PublishResponse": ["MessageId"],
    "Topic": ["TopicArn"],
    # S3's model calls no member of an answer required; the samples of the API reference have these.
    "ListObjectsV2Output": ["IsTruncated", "Name", "Prefix", "MaxKeys", "KeyCount"],
    "Object": ["Key", "LastModified", "ETag", "Size", "StorageClass"],
    "ObjectVersion": ["Key", "VersionId", "IsLatest", "LastModified", "ETag", "Size", "StorageClass", "Owner"],
    "DeleteMarkerEntry": ["Key", "VersionId", "IsLatest", "LastModified", "Owner"],
    "GetObjectOutput": ["ETag", "LastModified", "ContentLength", "ContentType"],
    "HeadObjectOutput": ["ETag", "LastModified", "ContentLength", "ContentType"],
    "PutObjectOutput": ["ETag"],
    "Bucket": ["Name", "CreationDate"],
}

# Members that are there where another one is: the same sources.
ALWAYS_BESIDE = {
    # A snapshot of a node and one of a group have different members.
    "Snapshot": {
        "CacheClusterId": ["NumCacheNodes", "PreferredAvailabilityZone", "CacheClusterCreateTime"],
        "ReplicationGroupId": ["ReplicationGroupDescription", "NumNodeGroups", "AutomaticFailover"],
    },
    "NodeSnapshot": {"SnapshotCreateTime": ["CacheNodeId", "CacheNodeCreateTime"]},
    # With cluster mode disabled.
    "NodeGroup": {"PrimaryEndpoint": ["ReaderEndpoint"]},
    "NodeGroupMember": {"CurrentRole": ["ReadEndpoint"]},
    "ListObjectsV2Output": {"NextContinuationToken": ["IsTruncated"]},
}

# Values that are in no list of the model, with their sources, by the last member of the path.
UNMODELLED_VALUES = {
    "SnapshotStatus": {
        "exporting": "tools that poll the source of an export in production; comments in AWS's own controller",
        "failed": "developer guide, *Event notifications*: a snapshot whose creation failed stays listed",
    },
}

# Values that the model tells in prose only, by the end of the path: the text of the member, and for serverless
# snapshots, whose model tells none, scripts that wait for them.
_VALUES_IN_PROSE = {
    "SnapshotSource": {"automated", "manual"},
    "SnapshotType": {"automated", "manual"},
    "ReplicationGroups[].Status": {"creating", "available", "modifying", "deleting", "create-failed", "snapshotting"},
    "NodeGroups[].Status": {"creating", "available", "modifying", "deleting"},
    "CurrentRole": {"primary", "replica"},
    "ServerlessCacheSnapshot.Status": {"creating", "available", "exporting", "deleting", "failed"},
    "ServerlessCacheSnapshots[].Status": {"creating", "available", "exporting", "deleting", "failed"},
}


def values_of(where, shape):
    """The values that a text may have: the model's, those that its documentation lists, the unmodelled; none: any."""
    known = set(getattr(shape, "enum", None) or ()) | _listed_in(shape.documentation)
    for end, values in _VALUES_IN_PROSE.items():
        known |= values if where.endswith(end) else set()
    return known | set(UNMODELLED_VALUES.get(where.rpartition(".")[2], ())) if known else known


def _listed_in(documentation):
    """`Valid values: <code>a</code> | <code>b</code>` and `one of the following values: …` of the model's text."""
    listed = re.search(r"(?:Valid values|one of the following values):\s*(.*)", documentation or "", re.DOTALL)
    values = set(re.findall(r"<code>([^<]*)</code>", listed[1])) if listed else set()
    # A list of weekdays tells how to write a window, one of `true` and `false` is of a boolean.
    return set() if values & {"sun", "true"} else values
