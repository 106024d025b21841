"""What the table of errors needs before its first call: snapshots in each state, quotas used up, an execution."""

import desk
from cells import EXECUTION, MACHINE, MAKING, SEALED, SERVERLESS_MAKING, SERVERLESS_STOCK, STOCK
from clients import BUCKET, client

# Manual snapshots per node and per serverless cache in 24 hours (developer guide, *Snapshot and restore*).
PER_NODE, PER_SERVERLESS_CACHE = 20, 24
AWHILE = 300


def prepare():
    """Takes virtual time; afterwards none may pass, or what is being made would be done."""
    elasticache = client("elasticache")
    desk.ask("bucket", name="sthree-foreign", owner="000000000001")
    desk.ask("bucket", name="sthree-bare")
    client("s3").put_object(Bucket=BUCKET, Key="here", Body=b"0123456789")
    # The slots of the quota count for a day, so all of this takes less.
    for number in range(PER_NODE):
        elasticache.create_snapshot(SnapshotName=f"full-{number}", CacheClusterId="spare")
        desk.let_pass(AWHILE)
    for number in range(PER_SERVERLESS_CACHE):
        name = f"full-{number}"
        elasticache.create_serverless_cache_snapshot(ServerlessCacheSnapshotName=name, ServerlessCacheName="reserve")
        desk.let_pass(AWHILE)
    elasticache.create_snapshot(SnapshotName=STOCK, CacheClusterId="orders-002")
    elasticache.create_snapshot(SnapshotName=SEALED, CacheClusterId="vault")
    elasticache.create_serverless_cache_snapshot(
        ServerlessCacheSnapshotName=SERVERLESS_STOCK, ServerlessCacheName="catalog"
    )
    desk.let_pass(AWHILE)
    _execution()
    elasticache.create_snapshot(SnapshotName=MAKING, CacheClusterId="ledger")
    elasticache.create_serverless_cache_snapshot(
        ServerlessCacheSnapshotName=SERVERLESS_MAKING, ServerlessCacheName="catalog"
    )


def _execution():
    states = client("stepfunctions")
    states.start_execution(stateMachineArn=MACHINE, name="done", input='{"seconds": 1}')
    while (seen := states.describe_execution(executionArn=f"{EXECUTION}:done"))["status"] == "RUNNING":
        pass
    assert seen["status"] == "SUCCEEDED", seen
