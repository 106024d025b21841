"""Unmodified AWS clients against the endpoint: boto3 in this process, the AWS CLI as a program.

Its only argument is the URL; the test has put the caches `orders`, `sessions` and `catalog` there.
"""

import json
import os
import subprocess
import sys
import tempfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
BUCKET = "sthree-snapkeep"
MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:machine"
TOPIC = "arn:aws:sns:eu-west-1:000000000000:snapkeep"
os.environ |= {
    "AWS_ENDPOINT_URL": URL,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def client(service, **settings):
    return boto3.client(service, config=Config(retries={"max_attempts": 0}, **settings))


def aws(*arguments):
    command = [sys.executable, "-m", "awscli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"aws {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def refused(code, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response
    raise AssertionError(f"not refused with {code}")


def caches():
    elasticache = client("elasticache")
    groups = elasticache.describe_replication_groups()["ReplicationGroups"]
    by_id = {group["ReplicationGroupId"]: group for group in groups}
    assert by_id["orders"]["ClusterEnabled"] is False
    roles = [member["CurrentRole"] for member in by_id["orders"]["NodeGroups"][0]["NodeGroupMembers"]]
    assert roles == ["primary", "replica"], roles
    assert [shard["Slots"] for shard in by_id["sessions"]["NodeGroups"]] == ["0-5460", "5461-10921", "10922-16383"]
    assert by_id["sessions"]["MemberClusters"][0] == "sessions-0001-001"
    nodes = elasticache.describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
    assert len(nodes) == 5 and nodes[0]["CacheNodes"][0]["CacheNodeId"] == "0001", nodes
    serverless = elasticache.describe_serverless_caches()["ServerlessCaches"]
    assert serverless[0]["ServerlessCacheName"] == "catalog"
    refused("CacheClusterNotFound", elasticache.describe_cache_clusters, CacheClusterId="nobody")


def snapshots():
    elasticache = client("elasticache")
    tags = [{"Key": "run", "Value": "1"}, {"Key": "empty", "Value": ""}]
    made = elasticache.create_snapshot(SnapshotName="first", CacheClusterId="orders-002", Tags=tags)["Snapshot"]
    assert made["SnapshotStatus"] == "creating" and made["NodeSnapshots"][0]["CacheSize"] == "", made
    refused(
        "SnapshotAlreadyExistsFault", elasticache.create_snapshot, SnapshotName="first", CacheClusterId="orders-002"
    )
    assert elasticache.describe_snapshots(SnapshotName="unknown")["Snapshots"] == []
    listed = json.loads(aws("elasticache", "describe-snapshots", "--output", "json"))["Snapshots"]
    assert [snapshot["SnapshotName"] for snapshot in listed] == ["first"]
    taken = elasticache.create_serverless_cache_snapshot(
        ServerlessCacheSnapshotName="second", ServerlessCacheName="catalog"
    )
    assert taken["ServerlessCacheSnapshot"]["Status"] == "creating", taken
    listed = elasticache.describe_serverless_cache_snapshots(ServerlessCacheName="catalog")
    assert len(listed["ServerlessCacheSnapshots"]) == 1
    assert elasticache.describe_events()["Events"] is not None
    wrong = refused("InvalidParameterValue", elasticache.describe_snapshots, MaxRecords=7)
    assert wrong["ResponseMetadata"]["HTTPStatusCode"] == 400


def objects():
    s3 = client("s3")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [BUCKET]
    assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == "eu-west-1"
    assert s3.head_bucket(Bucket=BUCKET)["BucketRegion"] == "eu-west-1"
    put = s3.put_object(Bucket=BUCKET, Key="a/one.txt", Body=b"0123456789", Tagging="pin=yes", IfNoneMatch="*")
    refused("PreconditionFailed", s3.put_object, Bucket=BUCKET, Key="a/one.txt", Body=b"x", IfNoneMatch="*")
    part = s3.get_object(Bucket=BUCKET, Key="a/one.txt", Range="bytes=2-4", IfMatch=put["ETag"])
    assert part["Body"].read() == b"234" and part["ContentRange"] == "bytes 2-4/10", part
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    refused("PreconditionFailed", s3.get_object, Bucket=BUCKET, Key="a/one.txt", IfMatch='"0"')
    refused("InvalidRange", s3.get_object, Bucket=BUCKET, Key="a/one.txt", Range="bytes=10-")
    refused("NoSuchKey", s3.get_object, Bucket=BUCKET, Key="none")
    refused("404", s3.head_object, Bucket=BUCKET, Key="none")
    head = s3.head_object(Bucket=BUCKET, Key="a/one.txt", VersionId=put["VersionId"])
    assert head["ContentLength"] == 10 and head["VersionId"] == put["VersionId"], head
    s3.put_object(Bucket=BUCKET, Key="a/two&three.txt", Body=b"", Metadata={"k": "v"}, ChecksumAlgorithm="SHA256")
    whole = s3.get_object(Bucket=BUCKET, Key="a/two&three.txt", ChecksumMode="ENABLED")
    assert whole["Metadata"] == {"k": "v"} and whole["Body"].read() == b"" and whole["ChecksumSHA256"], whole
    checksums(s3)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 1})
    assert [item["Key"] for page in pages for item in page["Contents"]] == ["a/one.txt", "a/two&three.txt"]
    grouped = s3.list_objects_v2(Bucket=BUCKET, Delimiter="/")
    assert grouped["CommonPrefixes"] == [{"Prefix": "a/"}] and "Contents" not in grouped, grouped
    assert len(s3.list_objects(Bucket=BUCKET, MaxKeys=1)["Contents"]) == 1


def checksums(s3):
    key = {"Bucket": BUCKET, "Key": "a/one.txt"}
    asked = s3.head_object(**key, ChecksumMode="ENABLED")
    # What boto3 sends by itself depends on its version; what S3 keeps is of the whole object in any case.
    kept = {name: value for name, value in asked.items() if name.startswith("Checksum")}
    assert kept.pop("ChecksumType") == "FULL_OBJECT" and len(kept) == 1, asked
    assert not any(name.startswith("Checksum") for name in s3.head_object(**key)), "only where asked for"
    for algorithm, value in [("CRC32", "NhCmhg=="), ("SHA1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=")]:
        s3.put_object(Bucket=BUCKET, Key="sum", Body=b"hello", ChecksumAlgorithm=algorithm)
        head = json.loads(
            aws("s3api", "head-object", "--bucket", BUCKET, "--key", "sum", "--checksum-mode", "ENABLED", "--output", "json")
        )
        assert (head["Checksum" + algorithm], head["ChecksumType"]) == (value, "FULL_OBJECT"), head
    plain = client("s3", request_checksum_calculation="when_required")
    added = plain.put_object(Bucket=BUCKET, Key="sum", Body=b"hello")
    assert (added["ChecksumCRC64NVME"], added["ChecksumType"]) == ("M3eFcAZSQlc=", "FULL_OBJECT"), added
    refused("BadDigest", plain.put_object, Bucket=BUCKET, Key="sum", Body=b"hallo", ChecksumCRC32="NhCmhg==")
    s3.delete_object(Bucket=BUCKET, Key="sum")


def tags_versions_and_policies():
    s3 = client("s3")
    key = {"Bucket": BUCKET, "Key": "a/one.txt"}
    assert s3.get_object_tagging(**key)["TagSet"] == [{"Key": "pin", "Value": "yes"}]
    s3.put_object_tagging(**key, Tagging={"TagSet": [{"Key": "snapkeep:pin", "Value": ""}]})
    assert s3.get_object_tagging(**key)["TagSet"] == [{"Key": "snapkeep:pin", "Value": ""}]
    s3.delete_object_tagging(**key)
    assert s3.get_object_tagging(**key)["TagSet"] == []
    assert s3.delete_object(**key)["DeleteMarker"] is True
    versions = s3.list_object_versions(Bucket=BUCKET, Prefix="a/one")
    assert len(versions["Versions"]) == 1 and versions["DeleteMarkers"][0]["IsLatest"], versions
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    s3.delete_bucket_policy(Bucket=BUCKET)
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"]) == policy
    refused("MalformedPolicy", s3.put_bucket_policy, Bucket=BUCKET, Policy='{"Version": 1}')
    refused("NotImplemented", s3.get_bucket_encryption, Bucket=BUCKET)


def files():
    with tempfile.TemporaryDirectory() as folder:
        here, there = f"{folder}/here", f"{folder}/there"
        with open(here, "wb") as file:
            file.write(os.urandom(300_000))
        aws("s3", "cp", here, f"s3://{BUCKET}/files/one")
        aws("s3", "cp", f"s3://{BUCKET}/files/one", there)
        assert open(here, "rb").read() == open(there, "rb").read()
    assert "files/one" in aws("s3", "ls", "--recursive", f"s3://{BUCKET}")
    assert BUCKET in aws("s3", "ls")
    aws("s3", "rm", f"s3://{BUCKET}/files/one")


def executions():
    states = client("stepfunctions")
    command = ["stepfunctions", "start-execution", "--state-machine-arn", MACHINE, "--name", "cli", "--input"]
    started = json.loads(aws(*command, '{"second": {"n": 1}}', "--output", "json"))
    arn = started["executionArn"]
    assert arn.endswith(":execution:machine:cli")
    while (seen := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        pass
    assert seen["status"] == "SUCCEEDED" and json.loads(seen["output"]) == {"event": {"n": 1}}, seen
    assert seen["redriveStatus"] == "NOT_REDRIVABLE" and seen["stopDate"] > seen["startDate"]
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn, PaginationConfig={"PageSize": 3})
    events = [event for page in pages for event in page["events"]]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    last = states.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)["events"][0]
    assert last["type"] == "ExecutionSucceeded" and last["executionSucceededEventDetails"]["output"], last
    refused("ExecutionAlreadyExists", states.start_execution, stateMachineArn=MACHINE, name="cli", input="{}")
    refused("ExecutionNotRedrivable", states.redrive_execution, executionArn=arn)
    assert [item["name"] for item in states.list_executions(stateMachineArn=MACHINE)["executions"]] == ["cli"]
    assert states.list_state_machines()["stateMachines"][0]["stateMachineArn"] == MACHINE
    assert json.loads(states.describe_state_machine(stateMachineArn=MACHINE)["definition"])["StartAt"] == "First"


def failed_executions():
    states = client("stepfunctions")
    started = states.start_execution(stateMachineArn=MACHINE, name="failing", input='{"do": "fail"}')
    arn = started["executionArn"]
    while (seen := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        pass
    assert (seen["status"], seen["error"]) == ("FAILED", "Test.Failed"), seen
    assert seen["redriveStatus"] == "REDRIVABLE"
    aws("stepfunctions", "redrive-execution", "--execution-arn", arn)
    while (seen := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        pass
    assert (seen["status"], seen["redriveCount"]) == ("FAILED", 1), seen
    failed = states.list_executions(stateMachineArn=MACHINE, statusFilter="FAILED")["executions"]
    assert [item["name"] for item in failed] == ["failing"]
    states.start_execution(stateMachineArn=MACHINE, name="stopped", input='{"do": "sleep", "seconds": 30}')
    arn = arn.replace("failing", "stopped")
    states.stop_execution(executionArn=arn, error="Person", cause="no longer wanted")
    while (seen := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        pass
    assert (seen["status"], seen["error"]) == ("ABORTED", "Person"), seen


def messages():
    sns = client("sns")
    assert sns.list_topics()["Topics"] == [{"TopicArn": TOPIC}]
    bodies = json.dumps({"default": "{}", "email": "text with <&> and ü"})
    sent = sns.publish(TopicArn=TOPIC, Subject="Backup failed", Message=bodies, MessageStructure="json")
    assert len(sent["MessageId"]) == 36
    aws("sns", "publish", "--topic-arn", TOPIC, "--message", "by hand")
    refused("InvalidParameter", sns.publish, TopicArn=TOPIC, Message="x", Subject="two\nlines")
    refused("NotFound", sns.publish, TopicArn=TOPIC + "x", Message="x")


for check in [
    caches,
    snapshots,
    objects,
    tags_versions_and_policies,
    files,
    executions,
    failed_executions,
    messages,
]:
    check()
    print(f"{check.__name__}: ok")
