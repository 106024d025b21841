"""The life of a snapshot, told by either client for every kind of cache: made, tagged, exported, copied, deleted, gone.

Run as `python -m life <url>`; see `mod.rs` for who runs it.
"""

import json
import sys
from datetime import datetime

from botocore.exceptions import BotoCoreError

import answers
import desk
from clients import BUCKET, ELASTICACHE, Boto, Cli, Refused, client, refused
from kinds import KINDS, NODE, SERVERLESS
from listings import listings

# Longer than any job of the world takes, in seconds (`Timings::default`).
AWHILE = 300

ELSEWHERE, FOREIGN, UNGRANTED = "sthree-elsewhere", "sthree-foreign", "sthree-ungranted"


class Life:
    """One snapshot of one kind of cache, seen by one client."""

    def __init__(self, hand, kind, number):
        self.hand, self.kind, self.family = hand, kind, kind.family
        self.name = f"life-{number}"
        self.target = f"exports/{self.name}"
        self.arn = f"{ELASTICACHE}{self.family.arn}:{self.name}"

    # Calls ---------------------------------------------------------------------------------------------------------

    def call(self, operation, **parameters):
        return self.hand.call("elasticache", operation, **parameters)

    def refused(self, code, text, operation, **parameters):
        refused(self.hand, code, text, "elasticache", operation, **parameters)

    def named(self):
        return {self.family.name: self.name}

    def create(self, **more):
        # Names are stored in lower case, so the creation is asked for in another one.
        return {self.family.name: self.name.upper(), **self.kind.source, **more}

    def describe(self, **filters):
        """What both clients describe; they must agree on every member."""
        mine = self.call(self.family.describe, **filters)[self.family.listed]
        other = Boto().call("elasticache", self.family.describe, **filters)[self.family.listed]
        assert plain(mine) == plain(other), f"{self.hand.name} and boto3 differ: {mine} {other}"
        return other

    def now(self, status):
        """The snapshot, which must have this status."""
        (snapshot,) = self.describe(**self.named())
        assert snapshot[self.family.status] == status, f"{snapshot} is not {status}"
        return snapshot

    def export(self, bucket=BUCKET, target=None):
        """Operation and parameters of an export."""
        if self.family is SERVERLESS:
            return "ExportServerlessCacheSnapshot", {**self.named(), "S3BucketName": bucket}
        names = {"SourceSnapshotName": self.name, "TargetSnapshotName": target or self.target}
        return "CopySnapshot", {**names, "TargetBucket": bucket}

    def cache_status(self):
        operation, listed, status = self.kind.cache
        (cache,) = self.call(operation, **self.kind.source)[listed]
        return cache[status].lower()

    # Its stages ----------------------------------------------------------------------------------------------------

    def is_made(self):
        tags = [{"Key": "run", "Value": "1"}, {"Key": "empty", "Value": ""}]
        made = self.call(self.family.create, **self.create(Tags=tags))[self.family.answer]
        assert (made[self.family.name], made[self.family.status]) == (self.name, "creating"), made
        assert made["ARN"] == self.arn, made
        shown = self.now("creating")
        if self.family is NODE:
            assert len(shown["NodeSnapshots"]) == len(self.kind.shards), shown
            for node in shown["NodeSnapshots"]:
                assert node["CacheSize"] == "" and "SnapshotCreateTime" not in node, node
        else:
            assert "BytesUsedForCache" not in shown and shown["SnapshotType"] == "manual", shown
        for filters, finds in (*self.kind.filters, (self.kind.source, True)):
            names = [snapshot[self.family.name] for snapshot in self.describe(**filters)]
            assert (self.name in names) is finds, f"{filters} gives {names}"
        assert self.cache_status() == ("snapshotting" if self.kind.says_snapshotting else "available")

    def refuses_while_it_is_made(self):
        another = {**self.create(), self.family.name: "another"}
        self.refused(self.kind.busy, "", self.family.create, **another)
        self.refused(self.family.exists, self.name, self.family.create, **self.create())
        self.refuses_to_be_used("creating")
        self.refused(
            self.family.tagging_state, "not in available state", "ListTagsForResource", ResourceName=self.arn
        )
        if self.family is NODE:
            copy = {"SourceSnapshotName": self.name, "TargetSnapshotName": "another"}
            self.refused(self.family.wrong_state, "", "CopySnapshot", **copy)

    def refuses_to_be_used(self, status):
        """Neither exported nor deleted in this status, and that is not changed by the attempt."""
        operation, parameters = self.export(target=f"{self.target}-again")
        self.refused(self.family.wrong_state, f"({status})", operation, **parameters)
        self.refused(self.family.wrong_state, f"({status})", self.family.delete, **self.named())
        self.now(status)

    def is_available(self):
        desk.let_pass(AWHILE)
        shown = self.now("available")
        assert self.cache_status() == "available"
        if self.family is SERVERLESS:
            assert shown["BytesUsedForCache"] == str(len(self.kind.data()[0][1])), shown
            return
        for node in shown["NodeSnapshots"]:
            assert node["CacheSize"] == "1 MB" and node["SnapshotCreateTime"].microsecond == 0, node
        (detailed,) = self.describe(**self.named(), ShowNodeGroupConfig=True)
        if "ReplicationGroupId" in shown:
            layout = [node["NodeGroupConfiguration"]["Slots"] for node in detailed["NodeSnapshots"]]
            assert layout == ["0-5460", "5461-10921", "10922-16383"], layout

    def has_tags(self):
        listed = self.call("ListTagsForResource", ResourceName=self.arn)["TagList"]
        assert listed == [{"Key": "empty", "Value": ""}, {"Key": "run", "Value": "1"}], listed
        added = [{"Key": "run", "Value": "2"}, {"Key": "more", "Value": "ü & <ö>"}]
        answered = self.call("AddTagsToResource", ResourceName=self.arn, Tags=added)["TagList"]
        wanted = {"empty": "", "run": "2", "more": "ü & <ö>"}
        for tags in (answered, self.call("ListTagsForResource", ResourceName=self.arn)["TagList"]):
            assert {tag["Key"]: tag["Value"] for tag in tags} == wanted, tags

    def is_told_in_events(self):
        filters = {"SourceType": self.family.event, "SourceIdentifier": self.kind.event_source or self.name}
        events = self.call("DescribeEvents", **filters)["Events"]
        told = [event["Message"] for event in events if f"'{self.name}'" in event["Message"]]
        assert len(told) == 1 and "succeeded" in told[0], events
        dates = [moment(event["Date"]) for event in events]
        assert dates == sorted(dates, reverse=True), f"the newest event comes first: {dates}"

    def is_not_exported_where_it_may_not(self):
        (key, *_) = self.kind.keys(self.name, f"{self.target}-taken")
        client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"older")
        refusals = [
            ("sthree-nowhere", "does not exist"),
            (ELSEWHERE, "is outside of the region"),
            (FOREIGN, "is not owned by the authenticated user"),
            (UNGRANTED, "has not been granted"),
            (BUCKET, f"already contains an object with key {key}"),
        ]
        for bucket, text in refusals:
            operation, parameters = self.export(bucket, f"{self.target}-taken")
            self.refused("InvalidParameterValue", text, operation, **parameters)
        self.now("available")
        assert client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"older"
        client("s3").delete_object(Bucket=BUCKET, Key=key)

    def is_exported(self):
        operation, parameters = self.export()
        answered = self.call(operation, **parameters)[self.family.answer]
        # Which snapshot the answer describes is not documented, so nothing else is asked of it.
        assert answered[self.family.name] in (self.name, self.target), answered
        self.now("exporting")
        self.refuses_to_be_used("exporting")
        assert self.exported() == {}, "objects appear at the end of an export"
        desk.let_pass(AWHILE)
        self.now("available")
        assert self.exported() == self.kind.keys(self.name, self.target)
        (key, *_) = self.kind.keys(self.name, self.target)
        self.refused("InvalidParameterValue", f"already contains an object with key {key}", operation, **parameters)

    def exported(self):
        """Key and data of the objects of the export, listed by this client."""
        prefix = self.name if self.family is SERVERLESS else self.target
        listed = self.hand.call("s3", "ListObjectsV2", Bucket=BUCKET, Prefix=f"{prefix}").get("Contents", [])
        read = client("s3").get_object
        return {item["Key"]: read(Bucket=BUCKET, Key=item["Key"])["Body"].read() for item in listed}

    def is_copied(self):
        copy = f"{self.name}-copy"
        if self.family is SERVERLESS:
            names = {"SourceServerlessCacheSnapshotName": self.name, "TargetServerlessCacheSnapshotName": copy}
            self.refused("InvalidAction", "CopyServerlessCacheSnapshot", "CopyServerlessCacheSnapshot", **names)
            return
        names = {"SourceSnapshotName": self.name, "TargetSnapshotName": copy}
        made = self.call("CopySnapshot", **names)["Snapshot"]
        assert (made["SnapshotName"], made["SnapshotStatus"]) == (copy, "creating"), made
        self.now("copying")
        self.refuses_to_be_used("copying")
        desk.let_pass(AWHILE)
        self.now("available")
        assert self.call("DescribeSnapshots", SnapshotName=copy)["Snapshots"][0]["SnapshotStatus"] == "available"
        inherited = self.call("ListTagsForResource", ResourceName=f"{self.arn}-copy")["TagList"]
        assert len(inherited) == 3, inherited
        self.call("DeleteSnapshot", SnapshotName=copy)

    def is_deleted(self):
        answered = self.call(self.family.delete, **self.named())[self.family.answer]
        assert answered[self.family.status] == "deleting", answered
        self.now("deleting")
        self.refuses_to_be_used("deleting")
        self.refused(self.family.exists, self.name, self.family.create, **self.create())

    def is_gone(self):
        desk.let_pass(AWHILE)
        if self.family is NODE:
            assert self.describe(**self.named()) == [], "an unknown name gives an empty list"
        else:
            self.refused(self.family.missing, self.name, self.family.describe, **self.named())
        operation, parameters = self.export(target="elsewhere")
        self.refused(self.family.missing, self.name, operation, **parameters)
        self.refused(self.family.missing, self.name, self.family.delete, **self.named())
        self.refused(self.family.missing, self.name, "ListTagsForResource", ResourceName=self.arn)
        assert self.exported() == self.kind.keys(self.name, self.target), "what was exported stays"

    def fails(self):
        """Another one under the name, which is free again, fails; it stays listed and can be deleted."""
        desk.ask("armSnapshot", name=self.name, fault="Fails")
        self.call(self.family.create, **self.create())
        desk.let_pass(AWHILE)
        self.now("failed")
        operation, parameters = self.export(target="elsewhere")
        self.refused(self.family.wrong_state, "(failed)", operation, **parameters)
        filters = {"SourceType": self.family.event, "SourceIdentifier": self.kind.event_source or self.name}
        newest = self.call("DescribeEvents", **filters)["Events"][0]["Message"]
        assert "failed" in newest and self.name in newest, newest
        self.call(self.family.delete, **self.named())
        desk.let_pass(AWHILE)

    def stages(self):
        return [
            self.is_made,
            self.refuses_while_it_is_made,
            self.is_available,
            self.has_tags,
            self.is_told_in_events,
            self.is_not_exported_where_it_may_not,
            self.is_exported,
            self.is_copied,
            self.is_deleted,
            self.is_gone,
            self.fails,
        ]


def moment(date):
    """A time as either client gives it."""
    return date if isinstance(date, datetime) else datetime.fromisoformat(date.replace("Z", "+00:00"))


def plain(value):
    """An answer with its times as text of one form, so that those of both clients can be compared."""
    text = json.dumps(value, default=lambda at: at.isoformat(), sort_keys=True)
    return json.loads(text, object_hook=lambda members: {name: _time(item) for name, item in members.items()})


def _time(value):
    try:
        return moment(value).isoformat() if isinstance(value, str) and "T" in value else value
    except ValueError:
        return value


def main():
    desk.ask("bucket", name=ELSEWHERE, region="eu-central-1")
    desk.ask("bucket", name=FOREIGN, owner="000000000001")
    desk.ask("bucket", name=UNGRANTED)
    wrong = []
    hands = (Boto(), Cli())
    for number, (kind, hand) in enumerate((kind, hand) for kind in KINDS for hand in hands):
        life = Life(hand, kind, number)
        for stage in life.stages():
            wrong += tell(f"{kind.label}, {hand.name}, {stage.__name__}", stage)
    for hand in hands:
        wrong += tell(f"listings, {hand.name}", lambda hand=hand: listings(hand))
    print("looked at {answers} answers, {errors} errors, {elements} elements".format(**answers.COUNTS))
    if wrong:
        sys.exit("\n".join(wrong))


def tell(title, stage):
    """Runs a stage and gives what is wrong with it; answers that do not fit the model are wrong at any stage."""
    found = []
    try:
        stage()
    except (AssertionError, BotoCoreError, Refused) as error:
        found.append(str(error) or f"{type(error).__name__} in line {error.__traceback__.tb_next.tb_lineno}")
    return [f"{title}: {what}" for what in found + answers.complaints()]


if __name__ == "__main__":
    main()
