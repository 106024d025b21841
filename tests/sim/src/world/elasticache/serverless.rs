//! Serverless snapshots: operations, names and faults of their own, the same life cycle.

use crate::world::elasticache::UnknownName;
use crate::world::elasticache::caches::{AVAILABLE, Serverless};
use crate::world::elasticache::export::Export;
use crate::world::elasticache::jobs::{CREATING, DELETING, Detail, FAILED, Family, Kept, SnapshotRef, Work};
use crate::world::elasticache::names::{AUTOMATIC_PREFIX, SERVERLESS_NAME_MAX, stored_name};
use crate::world::elasticache::paging::page;
use crate::world::elasticache::quota::PER_SERVERLESS_CACHE;
use crate::world::elasticache::shapes::{
    CreateServerlessCacheSnapshotRequest, DescribeServerlessCacheSnapshotsRequest,
    DescribeServerlessCacheSnapshotsResponse, ExportServerlessCacheSnapshotRequest,
    ServerlessCacheConfiguration, ServerlessCacheSnapshot,
};
use crate::world::elasticache::snapshots::{duration, ending};
use crate::world::elasticache::source::ONLY;
use crate::world::elasticache::tags::from_request;
use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use crate::world::{Call, Tags, World};
use jiff::Timestamp;

/// The key of the first object of a serverless export, which the service chooses; seen in one real script, documented nowhere.
pub fn serverless_export_key(snapshot: &str) -> String {
    export_key(snapshot, ONLY)
}

fn export_key(snapshot: &str, number: &str) -> String {
    format!("{snapshot}/{snapshot}-{number}.rdb")
}

impl World {
    /// `CreateServerlessCacheSnapshot`.
    pub fn create_serverless_cache_snapshot(
        &mut self,
        request: &CreateServerlessCacheSnapshotRequest,
        now: Timestamp,
    ) -> Result<ServerlessCacheSnapshot, CallError> {
        let argument = &request.serverless_cache_snapshot_name;
        let call = Call {
            operation: Operation::CreateServerlessCacheSnapshot,
            argument,
            now,
        };
        self.call(&call, |world| {
            let name = stored_name("ServerlessCacheSnapshotName", argument, SERVERLESS_NAME_MAX)?;
            let given = from_request(&request.tags)?;
            let cache = world.serverless_cache(&request.serverless_cache_name)?.clone();
            let quota_key = format!("serverless/{}", cache.name);
            world.check_serverless_creation(&name, &cache, &quota_key, now)?;
            world
                .elasticache
                .quotas
                .count(std::slice::from_ref(&quota_key), now);
            let faults = world.faults.take_snapshot(&name);
            let shards = 1..=world.config.assumptions.serverless_shards;
            let sources: Vec<_> = shards
                .map(|shard| (format!("{shard:04}"), cache.content.clone()))
                .collect();
            let captured = world.capture_contents(&sources)?;
            let kept = Kept {
                birth: world.ids.number(),
                status: CREATING.to_owned(),
                listed_from: now + world.config.timings.listing_lag,
                exporting_from: now,
                ending: ending(&faults, captured.failure),
                detail: Detail::Serverless(Box::new(ServerlessCacheSnapshot {
                    arn: world.arn("elasticache", &format!("serverlesscachesnapshot:{name}")),
                    kms_key_id: request.kms_key_id.clone().or_else(|| cache.kms_key_id.clone()),
                    bytes_used_for_cache: captured.sizes.first().map(u64::to_string),
                    ..shape_of(&name, &cache, now)
                })),
                tags: if given.is_empty() { cache.tags } else { given },
                contents: captured.contents,
                quota_keys: vec![quota_key],
                occupies: Vec::new(),
            };
            let id = SnapshotRef {
                family: Family::Serverless,
                name: name.clone(),
                birth: kept.birth,
            };
            let due = now + duration(&faults).unwrap_or(world.config.timings.snapshot);
            world.elasticache.start(due, Work::Finish(id));
            let answer = shown(&kept, now, false);
            world.elasticache.serverless_snapshots.insert(name, kept);
            Ok(answer)
        })
    }

    /// Makes an automatic serverless snapshot, complete at `at`; returns its name.
    pub fn put_automatic_serverless_snapshot(
        &mut self,
        cache: &str,
        at: Timestamp,
    ) -> Result<String, AwsError> {
        let cache = self.serverless_cache(cache)?.clone();
        let name = format!(
            "{AUTOMATIC_PREFIX}{}-{}",
            cache.name,
            at.strftime("%Y-%m-%d-%H-%M")
        );
        let captured = self.capture_contents(&[(ONLY.to_owned(), cache.content.clone())])?;
        let ending = ending(&[], captured.failure);
        let kept = Kept {
            birth: self.ids.number(),
            status: ending.status().to_owned(),
            listed_from: at,
            exporting_from: at,
            ending,
            detail: Detail::Serverless(Box::new(ServerlessCacheSnapshot {
                arn: self.arn("elasticache", &format!("serverlesscachesnapshot:{name}")),
                kms_key_id: cache.kms_key_id.clone(),
                snapshot_type: "automated".to_owned(),
                bytes_used_for_cache: captured.sizes.first().map(u64::to_string),
                ..shape_of(&name, &cache, at)
            })),
            tags: Tags::new(),
            contents: captured.contents,
            quota_keys: vec![format!("serverless/{}", cache.name)],
            occupies: Vec::new(),
        };
        self.elasticache.serverless_snapshots.insert(name.clone(), kept);
        Ok(name)
    }

    fn check_serverless_creation(
        &self,
        name: &str,
        cache: &Serverless,
        quota_key: &String,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let snapshots = &self.elasticache.serverless_snapshots;
        if snapshots.contains_key(name) {
            let text = format!("Serverless cache snapshot already exists: {name}");
            return Err(AwsError::bad_request(
                "ServerlessCacheSnapshotAlreadyExistsFault",
                text,
            ));
        }
        let creating = |kept: &Kept| kept.status == CREATING && kept.is_of(|source| source == cache.name);
        if !cache.status.eq_ignore_ascii_case(AVAILABLE) || snapshots.values().any(creating) {
            let text = format!(
                "Serverless cache {} is not in a state that allows a snapshot.",
                cache.name
            );
            return Err(AwsError::bad_request("InvalidServerlessCacheStateFault", text));
        }
        if !self
            .elasticache
            .quotas
            .allow(std::slice::from_ref(quota_key), PER_SERVERLESS_CACHE, now)
        {
            let text = "The maximum number of manual snapshots for this cache taken within 24 hours has been reached";
            return Err(AwsError::bad_request(
                "ServerlessCacheSnapshotQuotaExceededFault",
                text,
            ));
        }
        Ok(())
    }

    pub(crate) fn serverless_cache(&self, name: &str) -> Result<&Serverless, AwsError> {
        self.elasticache
            .serverless
            .get(&name.to_ascii_lowercase())
            .ok_or_else(|| cache_not_found(name))
    }

    /// `DescribeServerlessCacheSnapshots`.
    pub fn describe_serverless_cache_snapshots(
        &mut self,
        request: &DescribeServerlessCacheSnapshotsRequest,
        now: Timestamp,
    ) -> Result<DescribeServerlessCacheSnapshotsResponse, CallError> {
        let named = request
            .serverless_cache_snapshot_name
            .as_ref()
            .or(request.serverless_cache_name.as_ref());
        let argument = named.cloned().unwrap_or_default();
        let call = Call {
            operation: Operation::DescribeServerlessCacheSnapshots,
            argument: &argument,
            now,
        };
        self.call(&call, |world| {
            let stale = world.stale;
            let matching = world
                .elasticache
                .serverless_snapshots
                .iter()
                .filter(|(name, kept)| kept.is_listed(now, stale) && is_wanted(request, name, kept));
            let items: Vec<_> = matching
                .map(|(name, kept)| (name.clone(), shown(kept, now, stale)))
                .collect();
            if let (Some(name), true) = (&request.serverless_cache_snapshot_name, items.is_empty())
                && world.config.assumptions.unknown_serverless_snapshot == UnknownName::Fault
            {
                return Err(not_found(name));
            }
            let (token, size) = (request.next_token.as_deref(), request.max_results);
            let (serverless_cache_snapshots, next_token) = page(items, token, size, &(1..=50), "MaxResults")?;
            Ok(DescribeServerlessCacheSnapshotsResponse {
                next_token,
                serverless_cache_snapshots,
            })
        })
    }

    /// `ExportServerlessCacheSnapshot`: the service chooses the key, see [`serverless_export_key`].
    pub fn export_serverless_cache_snapshot(
        &mut self,
        request: &ExportServerlessCacheSnapshotRequest,
        now: Timestamp,
    ) -> Result<ServerlessCacheSnapshot, CallError> {
        let argument = &request.serverless_cache_snapshot_name;
        let call = Call {
            operation: Operation::ExportServerlessCacheSnapshot,
            argument,
            now,
        };
        self.call(&call, |world| {
            let (name, source) = world.available_serverless(argument)?;
            let Detail::Serverless(shape) = &source.detail else {
                return Err(not_found(&name));
            };
            if shape.kms_key_id.is_some() {
                let text = "A customer managed key cannot be used for exported snapshots.";
                return Err(AwsError::invalid_value(text));
            }
            if shape.serverless_cache_configuration.engine == "memcached" {
                return Err(AwsError::invalid_value(
                    "Snapshots of Memcached caches cannot be exported.",
                ));
            }
            let shards = source.contents.keys();
            let keys: Vec<_> = shards
                .map(|shard| (shard.clone(), export_key(&name, shard)))
                .collect();
            world
                .check_bucket(&request.s3_bucket_name, &keys, &source)
                .map_err(AwsError::invalid_value)?;
            let faults = world.faults.take_export(&name);
            let id = SnapshotRef {
                family: Family::Serverless,
                name,
                birth: source.birth,
            };
            let status = world.config.assumptions.serverless_exporting.clone();
            let bucket = request.s3_bucket_name.clone();
            world.begin_export(&id, Export { bucket, keys, faults }, &status, now);
            Ok(world
                .elasticache
                .kept(&id)
                .map(|kept| shown(kept, now, false))
                .unwrap_or_default())
        })
    }

    fn available_serverless(&self, name: &str) -> Result<(String, Kept), AwsError> {
        let name = name.to_ascii_lowercase();
        let kept = self
            .elasticache
            .serverless_snapshots
            .get(&name)
            .ok_or_else(|| not_found(&name))?;
        if kept.status == AVAILABLE {
            Ok((name, kept.clone()))
        } else {
            Err(invalid_state(&name, &kept.status))
        }
    }

    /// `DeleteServerlessCacheSnapshot`.
    pub fn delete_serverless_cache_snapshot(
        &mut self,
        snapshot_name: &str,
        now: Timestamp,
    ) -> Result<ServerlessCacheSnapshot, CallError> {
        let call = Call {
            operation: Operation::DeleteServerlessCacheSnapshot,
            argument: snapshot_name,
            now,
        };
        self.call(&call, |world| {
            let name = snapshot_name.to_ascii_lowercase();
            let due = now + world.config.timings.delete;
            let kept = world
                .elasticache
                .serverless_snapshots
                .get_mut(&name)
                .ok_or_else(|| not_found(&name))?;
            if ![AVAILABLE, FAILED].contains(&kept.status.as_str()) {
                return Err(invalid_state(&name, &kept.status));
            }
            DELETING.clone_into(&mut kept.status);
            let id = SnapshotRef {
                family: Family::Serverless,
                name,
                birth: kept.birth,
            };
            let answer = shown(kept, now, false);
            world.elasticache.start(due, Work::Remove(id));
            Ok(answer)
        })
    }
}

fn shape_of(name: &str, cache: &Serverless, now: Timestamp) -> ServerlessCacheSnapshot {
    ServerlessCacheSnapshot {
        serverless_cache_snapshot_name: name.to_owned(),
        snapshot_type: "manual".to_owned(),
        create_time: Some(now),
        serverless_cache_configuration: ServerlessCacheConfiguration {
            serverless_cache_name: cache.name.clone(),
            engine: cache.engine.clone(),
            major_engine_version: cache.major_version.clone(),
        },
        ..ServerlessCacheSnapshot::default()
    }
}

fn is_wanted(request: &DescribeServerlessCacheSnapshotsRequest, name: &str, kept: &Kept) -> bool {
    let Detail::Serverless(shape) = &kept.detail else {
        return false;
    };
    let holds = |wanted: &Option<String>, actual: &str| {
        wanted
            .as_deref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(actual))
    };
    holds(&request.serverless_cache_snapshot_name, name)
        && holds(
            &request.serverless_cache_name,
            &shape.serverless_cache_configuration.serverless_cache_name,
        )
        && holds(&request.snapshot_type, &shape.snapshot_type)
}

fn shown(kept: &Kept, now: Timestamp, stale: bool) -> ServerlessCacheSnapshot {
    let Detail::Serverless(shape) = &kept.detail else {
        return ServerlessCacheSnapshot::default();
    };
    let mut shape = ServerlessCacheSnapshot::clone(shape);
    kept.shown_status(now, stale).clone_into(&mut shape.status);
    if [CREATING, FAILED].contains(&kept.status.as_str()) {
        shape.bytes_used_for_cache = None;
    }
    shape
}

pub(crate) fn cache_not_found(name: &str) -> AwsError {
    AwsError::not_found(
        "ServerlessCacheNotFoundFault",
        format!("Serverless cache not found: {name}"),
    )
}

pub(crate) fn not_found(name: &str) -> AwsError {
    let text = format!("Serverless cache snapshot not found: {name}");
    AwsError::not_found("ServerlessCacheSnapshotNotFoundFault", text)
}

fn invalid_state(name: &str, status: &str) -> AwsError {
    let text = format!(
        "The state of the serverless cache snapshot {name} ({status}) does not allow the requested action."
    );
    AwsError::bad_request("InvalidServerlessCacheSnapshotStateFault", text)
}
