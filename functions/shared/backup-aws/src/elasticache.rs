//! ElastiCache, node-based and serverless: making, exporting, deleting and finding snapshots.

mod caches;
mod snapshots;
#[cfg(test)]
mod tests;

use crate::Aws;
use crate::failure::call_error;
use aws_sdk_elasticache::config::{Builder, Config, retry::RetryConfig};
use aws_sdk_elasticache::types::Tag as SdkTag;
use aws_smithy_types::DateTime;
use backup_core::CacheKind;
use backup_core::SnapshotName;
use backup_core::ports::{
    CallError, CreateSnapshot, CreateSnapshotParams, DeleteSnapshot, ExportSnapshot, ExportSnapshotParams,
    SnapshotSource,
};
use backup_core::run::Tag;
use jiff::Timestamp;

/// One attempt only. No mutating operation has a client token, so a replay after a lost answer meets the first
/// attempt's effect; the functions describe by name instead, which a blind replay inside the SDK cannot.
fn once() -> Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}

impl CreateSnapshot for Aws {
    async fn create_snapshot(&self, params: &CreateSnapshotParams) -> Result<(), CallError> {
        let tags = params.tags.iter().map(sdk_tag).collect();
        match &params.source {
            SnapshotSource::ServerlessCache(name) => {
                let request = self
                    .elasticache()
                    .create_serverless_cache_snapshot()
                    .serverless_cache_snapshot_name(params.name.as_str())
                    .serverless_cache_name(name)
                    .set_tags(Some(tags));
                let sent = request.customize().config_override(once()).send().await;
                sent.map_err(|error| call_error("CreateServerlessCacheSnapshot", &error))?;
            }
            SnapshotSource::ReplicationGroup(id) => {
                let request = self.elasticache().create_snapshot().replication_group_id(id);
                let request = request.snapshot_name(params.name.as_str()).set_tags(Some(tags));
                let sent = request.customize().config_override(once()).send().await;
                sent.map_err(|error| call_error("CreateSnapshot", &error))?;
            }
            SnapshotSource::CacheCluster(id) => {
                let request = self.elasticache().create_snapshot().cache_cluster_id(id);
                let request = request.snapshot_name(params.name.as_str()).set_tags(Some(tags));
                let sent = request.customize().config_override(once()).send().await;
                sent.map_err(|error| call_error("CreateSnapshot", &error))?;
            }
        }
        Ok(())
    }
}

impl ExportSnapshot for Aws {
    async fn export_snapshot(&self, params: &ExportSnapshotParams) -> Result<(), CallError> {
        if params.kind == CacheKind::ServerlessCache {
            let request = self
                .elasticache()
                .export_serverless_cache_snapshot()
                .serverless_cache_snapshot_name(params.snapshot.as_str())
                .s3_bucket_name(&self.bucket);
            let sent = request.customize().config_override(once()).send().await;
            sent.map_err(|error| call_error("ExportServerlessCacheSnapshot", &error))?;
        } else {
            let request = self
                .elasticache()
                .copy_snapshot()
                .source_snapshot_name(params.snapshot.as_str())
                .target_snapshot_name(&params.target)
                .target_bucket(&self.bucket);
            let sent = request.customize().config_override(once()).send().await;
            sent.map_err(|error| call_error("CopySnapshot", &error))?;
        }
        Ok(())
    }
}

impl DeleteSnapshot for Aws {
    async fn delete_snapshot(&self, kind: CacheKind, name: &SnapshotName) -> Result<(), CallError> {
        if kind == CacheKind::ServerlessCache {
            let request = self.elasticache().delete_serverless_cache_snapshot();
            let request = request.serverless_cache_snapshot_name(name.as_str());
            let sent = request.customize().config_override(once()).send().await;
            sent.map_err(|error| call_error("DeleteServerlessCacheSnapshot", &error))?;
        } else {
            let request = self.elasticache().delete_snapshot().snapshot_name(name.as_str());
            let sent = request.customize().config_override(once()).send().await;
            sent.map_err(|error| call_error("DeleteSnapshot", &error))?;
        }
        Ok(())
    }
}

fn sdk_tag(tag: &Tag) -> SdkTag {
    SdkTag::builder().key(&tag.key).value(&tag.value).build()
}

/// A service time, to the nanosecond; `None` where it lies outside what a calendar has.
fn timestamp(at: &DateTime) -> Option<Timestamp> {
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}
