"""The kinds of cache whose snapshots live: what each is called, what it is made of, where its data go."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Family:
    """The words of node-based and of serverless snapshots: operations, members, codes."""

    create: str
    describe: str
    delete: str
    name: str
    answer: str
    listed: str
    status: str
    exists: str
    missing: str
    wrong_state: str
    tagging_state: str
    arn: str
    event: str


NODE = Family(
    create="CreateSnapshot",
    describe="DescribeSnapshots",
    delete="DeleteSnapshot",
    name="SnapshotName",
    answer="Snapshot",
    listed="Snapshots",
    status="SnapshotStatus",
    exists="SnapshotAlreadyExistsFault",
    missing="SnapshotNotFoundFault",
    wrong_state="InvalidSnapshotState",
    tagging_state="InvalidSnapshotState",
    arn="snapshot",
    event="cache-cluster",
)

SERVERLESS = Family(
    create="CreateServerlessCacheSnapshot",
    describe="DescribeServerlessCacheSnapshots",
    delete="DeleteServerlessCacheSnapshot",
    name="ServerlessCacheSnapshotName",
    answer="ServerlessCacheSnapshot",
    listed="ServerlessCacheSnapshots",
    status="Status",
    exists="ServerlessCacheSnapshotAlreadyExistsFault",
    missing="ServerlessCacheSnapshotNotFoundFault",
    wrong_state="InvalidServerlessCacheSnapshotStateFault",
    tagging_state="InvalidServerlessCacheSnapshotStateFault",
    arn="serverlesscachesnapshot",
    event="serverless-cache-snapshot",
)


@dataclass(frozen=True)
class Kind:
    """A kind of cache, with the one whose snapshot lives."""

    label: str
    family: Family
    # What creation is asked for, and what describes filter by.
    source: dict
    # How a second creation is refused while the first is under way.
    busy: str
    # Operation, member and member of the status of the cache; whether its status tells of a snapshot.
    cache: tuple
    says_snapshotting: bool
    # Content and shard of each object of an export.
    shards: tuple
    # The source of the event about its snapshots.
    event_source: str = ""
    # Further filters that must find it, and that must not.
    filters: tuple = field(default=())

    def keys(self, snapshot, target):
        """Key of each object of an export and the data in it."""
        if self.family is SERVERLESS:
            return {f"{snapshot}/{snapshot}-{shard}.rdb": data for shard, data in self.data()}
        return {f"{target}-{shard}.rdb": data for shard, data in self.data()}

    def data(self):
        return [(shard, f"data of {content}".encode()) for content, shard in self.shards]


_CLUSTER = ("DescribeCacheClusters", "CacheClusters", "CacheClusterStatus")
_NODE_FILTERS = (({"SnapshotSource": "user"}, True), ({"SnapshotSource": "system"}, False))
_TYPE_FILTERS = (({"SnapshotType": "manual"}, True), ({"SnapshotType": "automated"}, False))

KINDS = [
    Kind(
        label="replication group with cluster mode disabled, its replica",
        family=NODE,
        source={"CacheClusterId": "orders-002"},
        busy="InvalidCacheClusterState",
        cache=_CLUSTER,
        says_snapshotting=True,
        shards=(("orders/0001", "0001"),),
        event_source="orders-002",
        filters=_NODE_FILTERS + (({"CacheClusterId": "orders-001"}, False),),
    ),
    Kind(
        label="replication group with cluster mode enabled",
        family=NODE,
        source={"ReplicationGroupId": "sessions"},
        busy="InvalidReplicationGroupState",
        cache=("DescribeReplicationGroups", "ReplicationGroups", "Status"),
        says_snapshotting=True,
        shards=tuple((f"sessions/{shard}", shard) for shard in ("0001", "0002", "0003")),
        event_source="sessions-0001-002",
        filters=_NODE_FILTERS + (({"CacheClusterId": "sessions-0001-001"}, False),),
    ),
    Kind(
        label="stand-alone node",
        family=NODE,
        source={"CacheClusterId": "ledger"},
        busy="InvalidCacheClusterState",
        cache=_CLUSTER,
        says_snapshotting=True,
        shards=(("ledger/0001", "0001"),),
        event_source="ledger",
        filters=_NODE_FILTERS + (({"ReplicationGroupId": "orders"}, False),),
    ),
    Kind(
        label="serverless cache",
        family=SERVERLESS,
        source={"ServerlessCacheName": "catalog"},
        busy="InvalidServerlessCacheStateFault",
        cache=("DescribeServerlessCaches", "ServerlessCaches", "Status"),
        says_snapshotting=False,
        shards=(("catalog/0001", "0001"),),
        filters=_TYPE_FILTERS + (({"ServerlessCacheName": "reserve"}, False),),
    ),
]
