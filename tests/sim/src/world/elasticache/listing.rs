//! `DescribeSnapshots`.

use crate::world::elasticache::jobs::{Detail, Kept};
use crate::world::elasticache::paging::page;
use crate::world::elasticache::shapes::{DescribeSnapshotsRequest, DescribeSnapshotsResponse, Snapshot};
use crate::world::elasticache::snapshots::shown;
use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use crate::world::{Call, World};
use jiff::Timestamp;
use std::ops::{Bound, RangeInclusive};

/// Bounds of `MaxRecords`.
const PAGE: RangeInclusive<u32> = 20..=50;

impl World {
    /// `DescribeSnapshots`: all filters must hold; an unknown name gives an empty list, as the real service does.
    pub fn describe_snapshots(
        &mut self,
        request: &DescribeSnapshotsRequest,
        now: Timestamp,
    ) -> Result<DescribeSnapshotsResponse, CallError> {
        let named = [
            &request.snapshot_name,
            &request.cache_cluster_id,
            &request.replication_group_id,
        ];
        let argument = named.into_iter().flatten().next().cloned().unwrap_or_default();
        let call = Call {
            operation: Operation::DescribeSnapshots,
            argument: &argument,
            now,
        };
        self.call(&call, |world| {
            let source = request
                .snapshot_source
                .as_deref()
                .map(source_of_filter)
                .transpose()?;
            let stale = world.stale;
            // Names are kept in lower case and asked for in any; a season asks for one of thousands, again and again.
            let name = request.snapshot_name.as_deref().map(str::to_ascii_lowercase);
            let bound = || name.as_ref().map_or(Bound::Unbounded, Bound::Included);
            let matching = world
                .elasticache
                .snapshots
                .range::<String, _>((bound(), bound()))
                .filter(|(_, kept)| kept.is_listed(now, stale) && is_wanted(request, source, kept));
            let items = matching
                .map(|(name, kept)| (name.clone(), answer(request, kept, now, stale)))
                .collect();
            let (snapshots, marker) = page(
                items,
                request.marker.as_deref(),
                request.max_records,
                &PAGE,
                "MaxRecords",
            )?;
            Ok(DescribeSnapshotsResponse { marker, snapshots })
        })
    }
}

/// The filter speaks of `system` and `user`, the answer of `automated` and `manual`.
fn source_of_filter(filter: &str) -> Result<&'static str, AwsError> {
    match filter {
        "system" => Ok("automated"),
        "user" => Ok("manual"),
        other => Err(AwsError::invalid_value(format!(
            "SnapshotSource must be system or user, not `{other}`."
        ))),
    }
}

fn is_wanted(request: &DescribeSnapshotsRequest, source: Option<&str>, kept: &Kept) -> bool {
    let Detail::Node(shape) = &kept.detail else {
        return false;
    };
    let holds = |wanted: Option<&str>, actual: Option<&str>| {
        wanted.is_none_or(|wanted| actual.is_some_and(|actual| wanted.eq_ignore_ascii_case(actual)))
    };
    holds(
        request.cache_cluster_id.as_deref(),
        shape.cache_cluster_id.as_deref(),
    ) && holds(
        request.replication_group_id.as_deref(),
        shape.replication_group_id.as_deref(),
    ) && holds(source, Some(&shape.snapshot_source))
}

fn answer(request: &DescribeSnapshotsRequest, kept: &Kept, now: Timestamp, stale: bool) -> Snapshot {
    let mut snapshot = shown(kept, now, stale);
    if request.show_node_group_config != Some(true) {
        for node in &mut snapshot.node_snapshots {
            node.node_group_configuration = None;
        }
    }
    snapshot
}
