use crate::{Input, handle};
use backup_core::export::ExportRequested;
use backup_core::names::{ObjectKey, SnapshotName};
use backup_core::ports::*;
use backup_core::snapshot::{Snapshot, SnapshotStatus};
use backup_core::{CacheKind, CallErrorKind as Kind, Error, ErrorName};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::cell::RefCell;

const NAME: &str = "orders-202611200304";
const TARGET: &str = "backups/replication-group/orders/20261120t0304z/orders";
const NOW: &str = "2026-11-20T03:20:00Z";

/// What ElastiCache answers, and what the snapshot and the bucket then show.
struct World {
    refuses: Option<Kind>,
    status: &'static str,
    keys: Vec<String>,
    calls: RefCell<Vec<String>>,
}

impl World {
    fn refusing(kind: Kind, status: &'static str) -> Self {
        Self {
            refuses: Some(kind),
            status,
            keys: Vec::new(),
            calls: RefCell::default(),
        }
    }

    fn willing() -> Self {
        Self {
            refuses: None,
            ..Self::refusing(Kind::Unexpected, "available")
        }
    }

    fn holding(mut self, key: &str) -> Self {
        self.keys.push(key.to_owned());
        self
    }

    fn handle(&self, payload: Value) -> Result<ExportRequested, Error> {
        let input: Input = backup_core::input::read(payload)?;
        futures_executor::block_on(handle(self, &(), input))
    }

    fn call(&self, call: &str) {
        self.calls.borrow_mut().push(call.to_owned());
    }
}

fn payload(kind: &str, renewal: u32, redrive_count: u32) -> Value {
    json!({
        "run": {
            "cache": {"kind": kind, "id": "orders"},
            "owner": "main/nightly",
            "instant": "20261120t0304z",
            "executionArn": "arn:e",
            "startedAt": "2026-11-20T03:04:00Z",
            "source": "newSnapshot",
            "snapshotName": NAME,
            "deadlineSeconds": 43200
        },
        "snapshot": {
            "name": NAME,
            "arn": format!("arn:aws:elasticache:eu-west-1:000000000000:snapshot:{NAME}"),
            "createTime": "2026-11-20T03:06:00Z",
            "readyAt": "2026-11-20T03:19:00Z",
            "clusterMode": false,
            "nodeGroups": [{"id": "0001"}]
        },
        "renewal": renewal,
        "redriveCount": redrive_count,
        "now": NOW
    })
}

/// `adopted`, `started` or the error's name; an error's text is checked for what to do next.
fn told(world: &World) -> String {
    match world.handle(payload("replication-group", 0, 0)) {
        Ok(requested) if requested.adopted => "adopted".into(),
        Ok(_) => "started".into(),
        Err(error) => {
            assert!(error.source.is_some(), "AWS's own words stay the source");
            error.name.to_string()
        }
    }
}

impl BucketName for World {
    fn bucket_name(&self) -> &'static str {
        "snapkeep-backups"
    }
}

impl ExportSnapshot for World {
    async fn export_snapshot(&self, params: &ExportSnapshotParams) -> Result<(), CallError> {
        self.call(&format!("export {} to {}", params.snapshot, params.target));
        let refused = self.refuses.map(|kind| CallError {
            operation: "CopySnapshot",
            code: format!("{kind:?}"),
            message: "the service's own text".into(),
            kind,
        });
        refused.map_or(Ok(()), Err)
    }
}

impl DescribeSnapshot for World {
    async fn describe_snapshot(
        &self,
        _: CacheKind,
        name: &SnapshotName,
    ) -> Result<Option<Snapshot>, CallError> {
        self.call("describe");
        let snapshot = Snapshot {
            name: name.clone(),
            arn: None,
            status: SnapshotStatus::parse(self.status),
            automatic: false,
            replication_group_id: None,
            cache_cluster_id: None,
            serverless_cache_name: None,
            create_time: None,
            engine: None,
            engine_version: None,
            node_type: None,
            parameter_group: None,
            kms_key_id: None,
            data_tiering: false,
            node_groups: Vec::new(),
        };
        Ok(Some(snapshot).filter(|_| self.status != "gone"))
    }
}

impl ListObjects for World {
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
        self.call("list");
        let below = self.keys.iter().filter(|key| key.starts_with(prefix));
        let listed = |key: &String| ListedObject {
            key: ObjectKey::new(key.as_str()),
            size: 0,
            etag: "\"e\"".into(),
            last_modified: Timestamp::UNIX_EPOCH,
        };
        Ok(below.map(listed).collect())
    }
}

#[test]
fn an_export_is_one_call_and_carries_its_own_name() {
    let renewed = "backups/replication-group/orders/20261120t0304z/r2/orders";
    let unused = "backups/serverless-cache/orders/20261120t0304z/orders";
    let cases = [
        ("replication-group", 0, 0, TARGET, "the first"),
        ("replication-group", 0, 1, TARGET, "re-driven, nothing failed yet"),
        ("replication-group", 2, 2, renewed, "renewed, its own keys"),
        ("serverless-cache", 0, 0, unused, "derived all the same"),
    ];
    for (kind, renewal, redrive_count, target, why) in cases {
        let world = World::willing();
        let requested = world.handle(payload(kind, renewal, redrive_count)).unwrap();
        let want = json!({
            "target": target,
            "renewal": renewal,
            "requestedAt": NOW,
            "redriveCount": redrive_count,
            "adopted": false
        });
        assert_eq!(serde_json::to_value(requested).unwrap(), want, "{why}");
        assert_eq!(
            *world.calls.borrow(),
            [format!("export {NAME} to {target}")],
            "{why}"
        );
    }
}

#[test]
fn contradictory_input_is_refused_before_any_call() {
    let cases = [
        ("/snapshot/name", json!("other"), "`snapshot.name` is `other`"),
        ("/renewal", json!(1), "at most the re-drive count"),
        ("/renewal", json!("no"), "`renewal` is not valid"),
        ("/run/owner", json!("nobody"), "`run.owner` is not valid"),
    ];
    for (field, value, part) in cases {
        let mut payload = payload("replication-group", 0, 0);
        *payload.pointer_mut(field).unwrap() = value;
        let world = World::willing();
        let error = world.handle(payload).unwrap_err();
        assert_eq!(error.name, ErrorName::InvalidInput, "{field}");
        assert!(error.message.contains(part), "{}", error.message);
        assert!(world.calls.borrow().is_empty(), "{field}");
    }
}

#[test]
fn a_lost_answer_is_adopted_under_every_refusal_it_shows_as() {
    let object = format!("{TARGET}-0001.rdb");
    let (busy, vanished) = ("Backup.SnapshotBusy", "Backup.SnapshotVanished");
    let refusals = [
        Kind::ExportExists,
        Kind::InvalidSnapshotState,
        Kind::SnapshotAlreadyExists,
        Kind::SnapshotNotFound,
        Kind::SnapshotQuotaExceeded,
    ];
    let cases = [
        ("exporting", "adopted", "adopted", "it is under way"),
        ("available", "adopted", busy, "done, or not shown yet"),
        ("copying", "adopted", busy, "somebody else uses the snapshot"),
        ("restoring", "adopted", busy, "somebody else uses the snapshot"),
        ("gone", "adopted", vanished, "deleted by hand"),
        ("deleting", "adopted", vanished, "being deleted by hand"),
        ("failed", "adopted", vanished, "never to be exported"),
    ];
    for kind in refusals {
        for (status, with_object, without, why) in cases {
            let full = World::refusing(kind, status).holding(&object);
            assert_eq!(told(&full), with_object, "{kind:?}, {status}: {why}");
            let want = match kind {
                Kind::SnapshotQuotaExceeded if without == busy => "Backup.SnapshotQuotaExceeded",
                Kind::SnapshotNotFound if without == busy => vanished,
                _ => without,
            };
            assert_eq!(
                told(&World::refusing(kind, status)),
                want,
                "{kind:?}, {status}: {why}"
            );
        }
    }
}

#[test]
fn the_snapshot_is_described_before_the_bucket_is_listed() {
    let world = World::refusing(Kind::ExportExists, "available").holding(&format!("{TARGET}-0001.rdb"));
    assert_eq!(told(&world), "adopted");
    assert_eq!(
        world.calls.borrow()[1..],
        ["describe", "list"],
        "an export that ends in between is seen"
    );
}

#[test]
fn only_objects_of_this_very_target_are_an_earlier_attempts() {
    for key in ["-0001.rdb.tmp", "/../notes.txt", "-2-0001.rdb"] {
        let world = World::refusing(Kind::ExportExists, "available").holding(&format!("{TARGET}{key}"));
        assert_eq!(told(&world), "Backup.SnapshotBusy", "{key}");
    }
    let renewed =
        World::refusing(Kind::InvalidSnapshotState, "available").holding(&format!("{TARGET}-0001.rdb"));
    let error = renewed.handle(payload("replication-group", 1, 1)).unwrap_err();
    assert_eq!(
        error.name,
        ErrorName::SnapshotBusy,
        "what a failed export left is not the renewed one's"
    );
}

#[test]
fn every_other_refusal_keeps_its_name_and_says_what_to_do() {
    let own = "CopySnapshot answered";
    let cases = [
        (
            Kind::BucketNotGranted,
            "BucketNotGranted",
            "`eu-west-1.elasticache-",
        ),
        (
            Kind::BucketWrongRegion,
            "BucketWrongRegion",
            "bucket in `eu-west-1`",
        ),
        (Kind::BucketNotFound, "BucketNotFound", "create it in `eu-west-1`"),
        (Kind::BucketNotOwned, "BucketNotOwned", "of this account"),
        (
            Kind::BucketNotValidated,
            "BucketNotValidated",
            "s3:ListAllMyBuckets",
        ),
        (Kind::AccessDenied, "AccessDenied", "s3:DeleteObject"),
        (Kind::NotSupported, "Unsupported", "out of the plan"),
        (Kind::Throttled, "Throttled", own),
        (Kind::ServiceUnavailable, "ServiceUnavailable", own),
        (Kind::CredentialsExpired, "ServiceUnavailable", own),
        (Kind::Unexpected, "Unexpected", own),
    ];
    for (kind, name, part) in cases {
        let world = World::refusing(kind, "available").holding(&format!("{TARGET}-0001.rdb"));
        let error = world.handle(payload("replication-group", 0, 0)).unwrap_err();
        assert_eq!(format!("{:?}", error.name), name, "{kind:?}");
        assert!(error.message.contains(part), "{kind:?}: {}", error.message);
        assert_eq!(world.calls.borrow().len(), 1, "{kind:?}: nothing more is asked");
        assert_eq!(error.source.unwrap().kind, kind);
    }
}
