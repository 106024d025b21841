"""Listings with more than a page: every snapshot once, whatever the client pages by."""

import desk
from clients import BUCKET, client, dashed

# More than two pages of the least size that the service allows.
MANY = 45


def listings(hand):
    """Pages of node-based snapshots, serverless ones, caches and objects."""
    _automatic_snapshots(hand)
    _serverless_snapshots(hand)
    _caches(hand)
    _objects(hand)


def _automatic_snapshots(hand):
    made = [desk.ask("automatic", id="spare", minutes=minutes) for minutes in range(1, MANY + 1)]
    filters = {"CacheClusterId": "spare", "SnapshotSource": "system"}
    found = [snapshot["SnapshotName"] for snapshot in _all(hand, "describe_snapshots", "Snapshots", 20, filters)]
    assert found == sorted(made), found
    first = hand.call("elasticache", "DescribeSnapshots", **filters, MaxRecords=20)
    # The AWS CLI follows the pages by itself unless it is told not to.
    if hand.name == "boto3":
        assert len(first["Snapshots"]) == 20 and first["Marker"], first
        last = hand.call("elasticache", "DescribeSnapshots", **filters, MaxRecords=50)
        assert len(last["Snapshots"]) == MANY and "Marker" not in last, last
    user = _all(hand, "describe_snapshots", "Snapshots", 20, {"CacheClusterId": "spare", "SnapshotSource": "user"})
    assert user == [], user


def _serverless_snapshots(hand):
    made = [desk.ask("automatic", id="reserve", minutes=minutes) for minutes in range(1, 6)]
    filters = {"ServerlessCacheName": "reserve", "SnapshotType": "automated"}
    pages = _all(hand, "describe_serverless_cache_snapshots", "ServerlessCacheSnapshots", 2, filters)
    found = [snapshot["ServerlessCacheSnapshotName"] for snapshot in pages]
    assert found == sorted(made), found


def _caches(hand):
    nodes = _all(hand, "describe_cache_clusters", "CacheClusters", 20, {"ShowCacheNodeInfo": True})
    names = [node["CacheClusterId"] for node in nodes]
    assert names == sorted(names) and len(names) == 2 + 6 + 4, names
    alone = {"ShowCacheClustersNotInReplicationGroups": True}
    names = [node["CacheClusterId"] for node in _all(hand, "describe_cache_clusters", "CacheClusters", 20, alone)]
    assert names == ["ledger", "pages", "spare", "vault"], names
    groups = _all(hand, "describe_replication_groups", "ReplicationGroups", 20, {})
    assert [group["ReplicationGroupId"] for group in groups] == ["orders", "sessions"], groups
    caches = _all(hand, "describe_serverless_caches", "ServerlessCaches", 1, {})
    assert [cache["ServerlessCacheName"] for cache in caches] == ["catalog", "reserve"], caches


def _objects(hand):
    keys = [f"pages/{number:02}" for number in range(7)]
    for key in keys:
        client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"x")
    if hand.name == "boto3":
        pages = client("s3").get_paginator("list_objects_v2")
        pages = pages.paginate(Bucket=BUCKET, Prefix="pages/", PaginationConfig={"PageSize": 3})
        found = [item["Key"] for page in pages for item in page["Contents"]]
    else:
        command = ["s3api", "list-objects-v2", "--bucket", BUCKET, "--prefix", "pages/", "--page-size", "3"]
        found = [item["Key"] for item in hand.run(*command, "--output", "json")["Contents"]]
    assert found == keys, found


def _all(hand, method, listed, size, filters):
    """All items, page by page, by the client's own paginator."""
    if hand.name == "boto3":
        pages = client("elasticache").get_paginator(method)
        pages = pages.paginate(**filters, PaginationConfig={"PageSize": size})
        return [item for page in pages for item in page[listed]]
    command = ["elasticache", method.replace("_", "-"), "--page-size", str(size), "--output", "json"]
    for name, value in filters.items():
        command += ["--" + dashed(name)] if value is True else ["--" + dashed(name), value]
    return hand.run(*command)[listed]
