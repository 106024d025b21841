//! Exports to S3: the checks before the job starts, and the objects at its end.

use crate::world::elasticache::jobs::{CREATING, Detail, EXPORTING, Family, Kept, SnapshotRef, Work};
use crate::world::elasticache::names::export_target;
use crate::world::elasticache::shapes::{CopySnapshotRequest, Snapshot};
use crate::world::elasticache::snapshots::shown;
use crate::world::elasticache::{ExportAnswer, ExportChecksum, QuotaCounts, SourceKeys, TargetCase};
use crate::world::error::AwsError;
use crate::world::faults::ExportFault;
use crate::world::s3::policy::{Request, missing_actions};
use crate::world::s3::{Checksum, ChecksumAlgorithm, Upload};
use crate::world::{Tags, World};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A job under way: where the shards go and what goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Export {
    pub(crate) bucket: String,
    /// Shard and key of each object.
    pub(crate) keys: Vec<(String, String)>,
    pub(crate) faults: Vec<ExportFault>,
}

/// What the service needs on a bucket (developer guide, *Exporting a backup*), and the word of its error texts.
const BUCKET_ACTIONS: &[(&str, &str)] = &[
    ("s3:ListBucket", "READ"),
    ("s3:ListBucketMultipartUploads", "READ"),
    ("s3:GetBucketAcl", "READ_ACP"),
];
/// What the service needs on each object.
const OBJECT_ACTIONS: &[(&str, &str)] = &[
    ("s3:GetObject", "READ"),
    ("s3:ListMultipartUploadParts", "READ"),
    ("s3:PutObject", "WRITE"),
];

impl World {
    /// The export half of `CopySnapshot`; the source is known to be available.
    pub(crate) fn export_snapshot(
        &mut self,
        request: &CopySnapshotRequest,
        bucket: &str,
        now: Timestamp,
    ) -> Result<Snapshot, AwsError> {
        let target = export_target(&request.target_snapshot_name)?;
        let target = match self.config.assumptions.export_target_case {
            TargetCase::Kept => target.to_owned(),
            TargetCase::Lowered => target.to_lowercase(),
        };
        let name = request.source_snapshot_name.to_ascii_lowercase();
        let Some(source) = self.elasticache.snapshots.get(&name).cloned() else {
            return Err(super::snapshots::not_found(&name));
        };
        self.check_exportable(&source, request.kms_key_id.as_deref())?;
        let keys: Vec<(String, String)> = source
            .contents
            .keys()
            .map(|shard| (shard.clone(), format!("{target}-{shard}.rdb")))
            .collect();
        let code = self.config.assumptions.bucket_code.clone();
        self.check_bucket(bucket, &keys, &source)
            .map_err(|text| AwsError::bad_request(code, text))?;
        self.count_job(&source.quota_keys, &[QuotaCounts::Everything], now)?;
        let faults = self.faults.take_export(&name);
        let id = SnapshotRef {
            family: Family::Node,
            name,
            birth: source.birth,
        };
        self.begin_export(
            &id,
            Export {
                bucket: bucket.to_owned(),
                keys,
                faults,
            },
            EXPORTING,
            now,
        );
        Ok(self.export_answer(&id, request, now))
    }

    fn check_exportable(&self, source: &Kept, asked_key: Option<&str>) -> Result<(), AwsError> {
        let Detail::Node(shape) = &source.detail else {
            return Ok(());
        };
        if asked_key.or(shape.kms_key_id.as_deref()).is_some() {
            return Err(AwsError::invalid_combination(
                "A customer managed CMK cannot be used for encrypting exported snapshots. Encrypt the file in S3 instead.",
            ));
        }
        if shape.data_tiering == "enabled" {
            let text = "Snapshots of clusters with data tiering cannot be exported to S3.";
            return Err(AwsError::bad_request(
                &self.config.assumptions.data_tiering_code,
                text,
            ));
        }
        Ok(())
    }

    /// The checks that are answered before a job starts, in the documented words.
    pub(crate) fn check_bucket(
        &self,
        name: &str,
        keys: &[(String, String)],
        source: &Kept,
    ) -> Result<(), String> {
        let bucket = self
            .s3
            .bucket(name)
            .ok_or_else(|| format!("The S3 bucket {name} does not exist."))?;
        if bucket.owner != self.config.account {
            return Err(format!(
                "The S3 bucket {name} is not owned by the authenticated user."
            ));
        }
        if bucket.region != self.config.region {
            return Err(format!("The S3 bucket {name} is outside of the region."));
        }
        let missing = self.missing_grants(name, keys, source);
        if !missing.is_empty() {
            let missing = missing.join(", ");
            return Err(format!(
                "ElastiCache has not been granted {missing} permissions on the S3 Bucket {name}."
            ));
        }
        match keys.iter().find(|(_, key)| bucket.current(key).is_some()) {
            Some((_, key)) => Err(format!(
                "The S3 bucket {name} already contains an object with key {key}."
            )),
            None => Ok(()),
        }
    }

    /// The permissions, in the words of the error texts, that the bucket's policy does not give the service.
    fn missing_grants(&self, name: &str, keys: &[(String, String)], source: &Kept) -> Vec<&'static str> {
        let Some(bucket) = self.s3.bucket(name) else {
            return Vec::new();
        };
        let principal = format!("{}.elasticache-snapshot.amazonaws.com", self.config.region);
        let mut context = Tags::from([("aws:SecureTransport".to_owned(), "true".to_owned())]);
        if self.config.assumptions.source_keys == SourceKeys::Sent {
            context.insert("aws:SourceAccount".to_owned(), self.config.account.clone());
            context.insert("aws:SourceArn".to_owned(), source.arn().to_owned());
        }
        let arn = format!("arn:aws:s3:::{name}");
        let ask = |actions, resource: &str| {
            let request = Request {
                service: &principal,
                resource,
                context: &context,
            };
            missing_actions(bucket.policy.as_ref(), actions, &request)
        };
        let mut missing = ask(BUCKET_ACTIONS, &arn);
        missing.extend(
            keys.iter()
                .flat_map(|(_, key)| ask(OBJECT_ACTIONS, &format!("{arn}/{key}"))),
        );
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    pub(crate) fn begin_export(&mut self, id: &SnapshotRef, export: Export, status: &str, now: Timestamp) {
        let timings = &self.config.timings;
        let exporting_from = now + timings.exporting_lag;
        let (takes, objects_after) = export_times(&export.faults, timings.export);
        if let Some(kept) = self.elasticache.kept(id) {
            status.clone_into(&mut kept.status);
            kept.exporting_from = exporting_from;
        }
        let done = now + takes;
        let written = (done + objects_after).max(now);
        if let Some(apart) = export.faults.iter().find_map(apart) {
            for (number, key) in (0..).zip(&export.keys) {
                let one = Export {
                    keys: vec![key.clone()],
                    ..export.clone()
                };
                self.elasticache
                    .start(written + apart * number, Work::Write(id.clone(), one));
            }
        } else {
            self.elasticache.start(written, Work::Write(id.clone(), export));
        }
        self.elasticache.start(done, Work::Release(id.clone()));
    }

    fn export_answer(&mut self, id: &SnapshotRef, request: &CopySnapshotRequest, now: Timestamp) -> Snapshot {
        let answer = self.config.assumptions.export_answer;
        let source = self
            .elasticache
            .kept(id)
            .map(|kept| shown(kept, now, false))
            .unwrap_or_default();
        match answer {
            ExportAnswer::Source => source,
            ExportAnswer::Target => Snapshot {
                snapshot_name: request.target_snapshot_name.clone(),
                snapshot_status: CREATING.to_owned(),
                ..source
            },
        }
    }

    /// The objects appear. What forbids it by now shows only in the events, and there only for serverless snapshots.
    pub(crate) fn write_export(&mut self, id: &SnapshotRef, export: &Export, due: Timestamp) {
        let Some(source) = self.elasticache.kept(id).cloned() else {
            return;
        };
        if export.faults.contains(&ExportFault::Silent) {
            return;
        }
        let refused = self.check_bucket(&export.bucket, &export.keys, &source);
        let written = refused.and_then(|()| self.write_shards(&source, export, due));
        if let Err(reason) = written {
            self.elasticache
                .events
                .export_failed(&source.detail, &reason, due);
        }
    }

    fn write_shards(&mut self, source: &Kept, export: &Export, due: Timestamp) -> Result<(), String> {
        for (shard, key) in &export.keys {
            if export.faults.contains(&ExportFault::Withhold(shard.clone())) {
                continue;
            }
            let blob = source
                .contents
                .get(shard)
                .ok_or_else(|| format!("shard {shard} has no data"))?;
            let open = self.blobs.open(blob).map_err(|error| error.to_string())?;
            let bytes = crate::world::s3::read_all(open.as_ref()).map_err(|error| error.message)?;
            let bytes = damaged(bytes, shard, &export.faults);
            let stored = rotten(&bytes, shard, &export.faults);
            let upload = Upload {
                bytes: &bytes,
                stored: &stored,
                checksum: self.checksum_of_export(&bytes),
            };
            self.write_for_service(&export.bucket, key, &upload, due)
                .map_err(|error| error.message)?;
        }
        Ok(())
    }
}

impl World {
    fn checksum_of_export(&self, bytes: &[u8]) -> Option<Checksum> {
        match self.config.assumptions.export_checksum {
            ExportChecksum::Added => Some(Checksum::of_whole(ChecksumAlgorithm::Crc64Nvme, bytes)),
            ExportChecksum::Composite => Some(Checksum::of_one_part(ChecksumAlgorithm::Crc32, bytes)),
            ExportChecksum::Absent => None,
        }
    }
}

impl Kept {
    pub(crate) fn arn(&self) -> &str {
        match &self.detail {
            Detail::Node(shape) => &shape.arn,
            Detail::Serverless(shape) => &shape.arn,
        }
    }
}

fn export_times(faults: &[ExportFault], usual: SignedDuration) -> (SignedDuration, SignedDuration) {
    let takes = faults.iter().find_map(|fault| {
        if let ExportFault::Takes(time) = fault {
            Some(*time)
        } else {
            None
        }
    });
    let after = faults.iter().find_map(|fault| {
        if let ExportFault::ObjectsAfter(time) = fault {
            Some(*time)
        } else {
            None
        }
    });
    (takes.unwrap_or(usual), after.unwrap_or(SignedDuration::ZERO))
}

fn apart(fault: &ExportFault) -> Option<SignedDuration> {
    match fault {
        ExportFault::ObjectsApart(time) => Some(*time),
        _ => None,
    }
}

/// The bytes of a shard after the faults that are meant for it.
fn damaged(mut bytes: Vec<u8>, shard: &str, faults: &[ExportFault]) -> Vec<u8> {
    for fault in faults {
        match fault {
            ExportFault::FlipBit { node_group, byte } if node_group == shard => flip(&mut bytes, *byte),
            ExportFault::CutTail {
                node_group,
                bytes: cut,
            } if node_group == shard => {
                let cut = usize::try_from(*cut).unwrap_or(usize::MAX);
                bytes.truncate(bytes.len().saturating_sub(cut));
            }
            ExportFault::Empty(node_group) if node_group == shard => bytes.clear(),
            _ => {}
        }
    }
    bytes
}

/// What S3 gives back of the bytes that were uploaded.
fn rotten<'a>(bytes: &'a [u8], shard: &str, faults: &[ExportFault]) -> Cow<'a, [u8]> {
    let mut stored = Cow::Borrowed(bytes);
    for fault in faults {
        if let ExportFault::RotBit { node_group, byte } = fault
            && node_group == shard
        {
            flip(stored.to_mut(), *byte);
        }
    }
    stored
}

/// Flips a bit of the byte at this offset, modulo the size.
fn flip(bytes: &mut [u8], offset: u64) {
    let size = bytes.len() as u64;
    let at = offset.checked_rem(size).and_then(|at| usize::try_from(at).ok());
    if let Some(byte) = at.and_then(|at| bytes.get_mut(at)) {
        *byte ^= 1;
    }
}
