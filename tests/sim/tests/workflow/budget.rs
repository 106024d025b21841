//! Transitions, events and bytes of the longest and the widest run.

use crate::stage::{Look, input, on_stage, rdb, succeeded};
use jiff::SignedDuration;
use sim::world::elasticache::{Group, Profile};
use sim::world::{ExportFault, FixedContent, SnapshotFault, When};

#[test]
fn two_hours_of_snapshot_and_half_an_hour_of_export_cost_at_most_250_transitions() {
    on_stage(|stage| async move {
        {
            let mut world = stage.ports.world();
            world
                .faults
                .arm_snapshot(SnapshotFault::Takes(SignedDuration::from_hours(2)), When::next(1));
            world
                .faults
                .arm_export(ExportFault::Takes(SignedDuration::from_mins(30)), When::next(1));
        }
        let run = stage.start("long", input("replication-group", "orders")).await;
        succeeded(&run);
        let (transitions, events) = run.with(|e| (e.transitions, e.history.len()));
        println!("{transitions} transitions, {events} events");
        assert!(transitions <= 250, "{transitions}");
        assert!(events < 12_500, "{events}");
    });
}

#[test]
fn five_hundred_shards_fit_the_data_and_the_history() {
    on_stage(|stage| async move {
        // The longest id makes the longest keys.
        let id = "a-replication-group-with-the-longest-id";
        {
            let mut world = stage.ports.world();
            world.put_group(Group::enabled(
                id,
                500,
                &["eu-west-1a", "eu-west-1b"],
                Profile::default(),
            ));
            let content = FixedContent::shared(&rdb(3));
            for shard in 1..=500 {
                world
                    .contents
                    .attach(&format!("{id}/{shard:04}"), content.clone());
            }
        }
        let run = stage.start("wide", input("replication-group", id)).await;
        succeeded(&run);
        let (events, largest) = run.with(|e| {
            let size = |event| serde_json::to_string(event).map_or(0, |json| json.len());
            (e.history.len(), e.history.iter().map(size).max().unwrap_or(0))
        });
        println!("{events} events, largest event {largest} bytes");
        assert!(events < 12_500, "{events}");
        assert_eq!(stage.manifests()[0]["objects"].as_array().unwrap().len(), 500);
        assert_eq!(stage.snapshots_made(), 1);
    });
}
