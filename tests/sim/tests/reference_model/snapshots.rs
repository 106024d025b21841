//! Snapshots and exports: I2, I3, I4, I7, I8, I13.

use crate::story::{Story, check};
use jiff::SignedDuration;
use serde_json::json;
use sim::model::Invariant::{I2, I3, I4, I7, I8, I13};
use sim::trace::{By, SnapshotView, What};

#[test]
fn a_run_makes_one_snapshot() {
    check("a calm night", &[], Story::night);
    check("twice in one attempt", &[I3], |story| {
        story.backup();
        let view = SnapshotView {
            birth: 2,
            ..story.view()
        };
        story.make(view);
        story.succeed();
    });
    check("though the plan exports automatic ones", &[I3], |story| {
        story.input["source"] = json!("latestAutomatic");
        story.backup();
        story.succeed();
    });
    check("again after a re-drive", &[I7], |story| {
        story.start();
        let view = story.view();
        story.make(view.clone());
        story.tell(&By::Person, What::SnapshotGone(view.clone()));
        story.fail("Backup.SnapshotVanished", "CheckSnapshot");
        story.alert(0, "Backup.SnapshotVanished", "CheckSnapshot");
        story.redrive();
        story.make(SnapshotView { birth: 2, ..view });
        story.fail("Backup.Unexpected", "CheckSnapshot");
        story.alert(1, "Backup.Unexpected", "CheckSnapshot");
    });
    check("again by a duplicate", &[I7], |story| {
        story.backup();
        story.succeed();
        "duplicate".clone_into(&mut story.name);
        story.start();
        let view = SnapshotView {
            birth: 2,
            ..story.view()
        };
        story.make(view);
        story.succeed();
    });
    check("under another name", &[I7], |story| {
        story.start();
        let view = SnapshotView {
            name: "orders-202603010201".to_owned(),
            ..story.view()
        };
        story.make(view);
        story.fail("Backup.Unexpected", "CheckSnapshot");
        story.alert(0, "Backup.Unexpected", "CheckSnapshot");
    });
}

#[test]
fn a_run_makes_one_snapshot_in_other_ways() {
    check("of another cache", &[I13], |story| {
        story.start();
        let view = SnapshotView {
            sources: vec!["orders-2".to_owned()],
            ..story.view()
        };
        story.make(view);
        story.fail("Backup.Unexpected", "CheckSnapshot");
        story.alert(0, "Backup.Unexpected", "CheckSnapshot");
    });
    check("by another function", &[I2], |story| {
        story.backup();
        let by = story.invoke("copy-to-s3", Some("CopyToS3"), json!({}));
        let view = SnapshotView {
            name: "a-copy".to_owned(),
            ..story.view()
        };
        story.tell(&by, What::SnapshotAppeared(view));
        story.succeed();
    });
}

#[test]
fn a_snapshot_is_exported_once_to_a_target() {
    let renewed = |renewal: u64| {
        move |story: &mut Story| {
            story.start();
            let view = story.view();
            story.make(view.clone());
            // The first export writes nothing.
            let by = story.invoke("copy-to-s3", Some("CopyToS3"), json!({"renewal": 0}));
            story.called(&by, "CopySnapshot", &view.name, "ok");
            story.fail("Backup.ExportFailed", "CheckExport");
            story.alert(0, "Backup.ExportFailed", "CheckExport");
            story.redrive();
            story.renewal = renewal;
            story.export(&view);
            story.verify();
            let manifest = story.manifest();
            story.record(&manifest);
            story.succeed();
        }
    };
    check("a renewed export has a target of its own", &[], renewed(1));
    check("the same target again", &[I4], renewed(0));
    check("a target of a re-drive that was not", &[I4], |story| {
        story.renewal = 1;
        story.backup();
        story.succeed();
    });
    check("an export that is there is not renewed", &[I4], |story| {
        story.backup();
        story.fail("Backup.Unexpected", "Prune");
        story.alert(0, "Backup.Unexpected", "Prune");
        story.redrive();
        story.renewal = 1;
        let view = story.view();
        story.export(&view);
        story.succeed();
    });
    check("the answer is lost and nothing comes of it", &[], |story| {
        story.start();
        let view = story.view();
        story.make(view.clone());
        let by = story.invoke("copy-to-s3", Some("CopyToS3"), json!({"renewal": 0}));
        story.called(&by, "CopySnapshot", &view.name, "ok");
        story.raised(&by, "Backup.ServiceUnavailable", "no answer");
        story.export(&view);
        story.verify();
        let manifest = story.manifest();
        story.record(&manifest);
        story.succeed();
    });
    check("a key is written twice", &[I4], |story| {
        story.backup();
        let bytes = story.shards["0001"].clone();
        story.written("0001", bytes);
        story.succeed();
    });
}

#[test]
fn a_snapshot_is_exported_once_to_a_target_in_other_ways() {
    check("a stranger's snapshot", &[I2], |story| {
        story.start();
        let mut view = story.view();
        view.tags.clear();
        view.status = "available".to_owned();
        story.tell(&By::Person, What::SnapshotAppeared(view.clone()));
        story.export(&view);
        story.fail("Backup.SnapshotForeign", "CheckExport");
        story.alert(0, "Backup.SnapshotForeign", "CheckExport");
    });
    check("an automatic snapshot of another cache", &[I13], |story| {
        story.input["source"] = json!("latestAutomatic");
        story.start();
        let mut view = SnapshotView {
            automatic: true,
            ..story.view()
        };
        view.name = "automatic.sessions-2026-03-01-01-00".to_owned();
        view.sources = vec!["sessions".to_owned()];
        story.tell(&By::Service, What::SnapshotAppeared(view.clone()));
        story.export(&view);
        story.fail("Backup.Unexpected", "CheckExport");
        story.alert(0, "Backup.Unexpected", "CheckExport");
    });
}

/// A calm night, and one after which prune does what the test says to the first one's snapshot.
fn second(act: impl FnOnce(&mut Story, &By, &SnapshotView)) -> impl FnOnce(&mut Story) {
    move |story| {
        // One snapshot stays unless the plan says otherwise.
        story.input["retention"] = json!({"keepLast": 2});
        let first = story.view();
        story.night();
        story.backup();
        story.prune(|s, by| act(s, by, &first));
        story.succeed();
    }
}

#[test]
fn a_snapshot_stays_while_it_is_needed_and_no_longer() {
    check("the older of two", &[], second(Story::delete_snapshot));
    check("it is left over", &[I8], second(|_, _, _| {}));
    check(
        "the newer, so that only an older one is left",
        &[I8],
        second(|s, by, first| {
            let own = s.view();
            s.delete_snapshot(by, &own);
            s.delete_snapshot(by, first);
        }),
    );
    check("without a backup", &[I8], |story| {
        story.start();
        let view = story.view();
        story.make(view.clone());
        let by = story.invoke("copy-to-s3", Some("CopyToS3"), json!({}));
        story.delete_snapshot(&by, &view);
        story.fail("Backup.ExportFailed", "CheckExport");
        story.alert(0, "Backup.ExportFailed", "CheckExport");
    });
    check("that of a failed run after the last backup", &[I8], |story| {
        story.input["retention"]["keepSnapshots"] = json!(0);
        let late = story.input.clone();
        story.start();
        let first = story.view();
        story.make(first.clone());
        story.pass(SignedDuration::from_hours(1));
        story.input["scheduledTime"] = json!(story.now.to_string());
        "night-1".clone_into(&mut story.name);
        story.start();
        let second = story.view();
        story.make(second.clone());
        story.fail("Backup.ExportFailed", "CheckExport");
        story.alert(0, "Backup.ExportFailed", "CheckExport");
        // The first night's run ends after the second's failed.
        "night-0".clone_into(&mut story.name);
        story.input = late;
        story.export(&first);
        story.verify();
        let manifest = story.manifest();
        story.record(&manifest);
        story.prune(|s, by| {
            s.delete_snapshot(by, &first);
            s.delete_snapshot(by, &second);
        });
        story.succeed();
    });
}

#[test]
fn a_snapshot_stays_while_it_is_needed_and_no_longer_in_other_ways() {
    check(
        "a stranger's",
        &[I2],
        second(|s, by, first| {
            s.delete_snapshot(by, first);
            let mut strangers = SnapshotView {
                name: "orders-by-hand".to_owned(),
                ..first.clone()
            };
            strangers.tags.clear();
            s.tell(&By::Person, What::SnapshotAppeared(strangers.clone()));
            s.delete_snapshot(by, &strangers);
        }),
    );
    check(
        "one whose tags are forged and whose name is not ours",
        &[I2],
        second(|s, by, first| {
            s.delete_snapshot(by, first);
            let forged = SnapshotView {
                name: "orders-by-hand".to_owned(),
                ..first.clone()
            };
            s.tell(&By::Person, What::SnapshotAppeared(forged.clone()));
            s.delete_snapshot(by, &forged);
        }),
    );
    check(
        "another plan's",
        &[I2],
        second(|s, by, first| {
            s.delete_snapshot(by, first);
            let mut other = SnapshotView {
                name: "orders-202602010200".to_owned(),
                ..first.clone()
            };
            for (tag, value) in [
                ("owner", "main/weekly"),
                ("run", "replication-group/orders/20260201t0200z"),
            ] {
                other.tags.insert(format!("snapkeep:{tag}"), value.to_owned());
            }
            s.tell(&By::Past, What::SnapshotAppeared(other.clone()));
            s.delete_snapshot(by, &other);
        }),
    );
    check(
        "by a person",
        &[],
        second(|s, by, first| {
            s.delete_snapshot(by, first);
            let own = s.view();
            s.delete_snapshot(&By::Person, &own);
        }),
    );
}

#[test]
fn a_snapshot_stays_while_it_is_needed_and_no_longer_in_yet_other_ways() {
    check(
        "tags of a snapshot",
        &[I2],
        second(|s, by, first| {
            s.delete_snapshot(by, first);
            let mut own = s.view();
            own.status = "available".to_owned();
            own.tags.insert("snapkeep:kept".to_owned(), "yes".to_owned());
            s.tell(by, What::SnapshotChanged(own));
        }),
    );
}
