//! Two executions of one run: one snapshot, one manifest, one prune, one message.

use crate::stage::{CACHES, Look, input, on_stage, pass, succeeded};
use futures_util::future::join;
use jiff::SignedDuration;
use sim::world::Operation;

#[test]
fn a_duplicate_beside_the_first_converges_on_one_backup() {
    for (kind, id, _) in CACHES {
        on_stage(|stage| async move {
            let (a, b) = (
                stage.begin("a", input(kind, id)),
                stage.begin("b", input(kind, id)),
            );
            join(stage.drive(&a), stage.drive(&b)).await;
            succeeded(&a);
            succeeded(&b);
            assert_eq!(stage.snapshots_made(), 1, "{id}");
            assert_eq!(stage.manifests().len(), 1, "{id}");
            assert_eq!(stage.subjects().len(), 1, "{id}: one message");
            let prunes = [&a, &b]
                .into_iter()
                .filter(|run| run.with(|e| e.entries("Prune") > 0));
            assert_eq!(prunes.count(), 1, "{id}: one prune");
        });
    }
}

#[test]
fn a_duplicate_at_any_later_moment_makes_nothing_new() {
    for minutes in [1, 5, 20, 60, 23 * 60] {
        on_stage(|stage| async move {
            let first = stage.begin("a", input("replication-group", "orders"));
            let second = stage.begin("b", input("replication-group", "orders"));
            let late = async {
                pass(&stage, SignedDuration::from_mins(minutes)).await;
                stage.drive(&second).await
            };
            join(stage.drive(&first), late).await;
            succeeded(&first);
            succeeded(&second);
            assert_eq!(
                (stage.snapshots_made(), stage.manifests().len()),
                (1, 1),
                "{minutes} minutes late"
            );
            assert_eq!(stage.subjects().len(), 1, "{minutes} minutes late");
            let exports = stage
                .ports
                .world()
                .log
                .of(Operation::CopySnapshot)
                .filter(|e| e.effective)
                .count();
            assert_eq!(exports, 1, "{minutes} minutes late");
        });
    }
}
