//! `DescribeEvents`: what became of snapshots, and of serverless exports. Node-based exports leave no event.

use crate::world::elasticache::jobs::{Detail, Ending};
use crate::world::elasticache::paging::page;
use crate::world::elasticache::shapes::{DescribeEventsRequest, DescribeEventsResponse, Event};
use crate::world::error::CallError;
use crate::world::operation::Operation;
use crate::world::{Call, World};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far a request without times looks back.
const DEFAULT_SPAN: SignedDuration = SignedDuration::from_hours(1);

/// All events, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventLog(Vec<Event>);

impl EventLog {
    fn push(&mut self, source_type: &str, source: &str, message: String, date: Timestamp) {
        let (source_identifier, source_type) = (source.to_owned(), source_type.to_owned());
        self.0.push(Event {
            source_identifier,
            source_type,
            message,
            date,
        });
    }

    pub(crate) fn snapshot_ended(&mut self, detail: &Detail, ending: &Ending, date: Timestamp) {
        let (word, reason) = match ending {
            Ending::Failed(reason) => ("failed", format!(": {reason}")),
            Ending::Status(_) | Ending::Gone => ("succeeded", String::new()),
        };
        match detail {
            Detail::Serverless(shape) => {
                let name = &shape.serverless_cache_snapshot_name;
                let message = format!("Creation {word} for serverless cache snapshot '{name}'{reason}");
                self.push("serverless-cache-snapshot", name, message, date);
            }
            Detail::Node(shape) => {
                let name = &shape.snapshot_name;
                let (node, of) = match (&shape.replication_group_id, &shape.cache_cluster_id) {
                    (Some(group), _) => {
                        let node = shape
                            .node_snapshots
                            .first()
                            .and_then(|node| node.cache_cluster_id.clone());
                        (
                            node.unwrap_or_default(),
                            format!("replication group with ID '{group}'"),
                        )
                    }
                    (None, cluster) => {
                        let cluster = cluster.clone().unwrap_or_default();
                        let of = format!("cache cluster with ID '{cluster}'");
                        (cluster, of)
                    }
                };
                let message = format!("Snapshot {word} for snapshot with ID '{name}' of {of}{reason}");
                self.push("cache-cluster", &node, message, date);
            }
        }
    }

    pub(crate) fn export_failed(&mut self, detail: &Detail, reason: &str, date: Timestamp) {
        if let Detail::Serverless(shape) = detail {
            let name = &shape.serverless_cache_snapshot_name;
            let message = format!("Export failed for serverless cache snapshot '{name}': {reason}");
            self.push("serverless-cache-snapshot", name, message, date);
        }
    }
}

impl World {
    /// `DescribeEvents`: the last hour unless the request says otherwise, newest first (example of the AWS CLI).
    pub fn describe_events(
        &mut self,
        request: &DescribeEventsRequest,
        now: Timestamp,
    ) -> Result<DescribeEventsResponse, CallError> {
        let argument = request.source_identifier.as_deref().unwrap_or_default();
        let call = Call {
            operation: Operation::DescribeEvents,
            argument,
            now,
        };
        self.call(&call, |world| {
            let span = request
                .duration
                .map_or(DEFAULT_SPAN, |minutes| SignedDuration::from_mins(minutes.into()));
            let until = request.end_time.unwrap_or(now);
            let since = request.start_time.unwrap_or(until - span);
            let holds = |wanted: &Option<String>, actual: &str| wanted.as_deref().is_none_or(|w| w == actual);
            let matching = world
                .elasticache
                .events
                .0
                .iter()
                .enumerate()
                .filter(|(_, event)| {
                    (since..=until).contains(&event.date)
                        && holds(&request.source_identifier, &event.source_identifier)
                        && holds(&request.source_type, &event.source_type)
                });
            let items = matching
                .map(|(index, event)| (format!("{:020}", usize::MAX - index), event.clone()))
                .rev()
                .collect();
            let (events, marker) = page(
                items,
                request.marker.as_deref(),
                request.max_records,
                &(20..=100),
                "MaxRecords",
            )?;
            Ok(DescribeEventsResponse { marker, events })
        })
    }
}
