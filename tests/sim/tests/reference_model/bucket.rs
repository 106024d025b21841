//! What may be written and deleted in the bucket: I1, I2, I11, I13.

use crate::story::{Story, check};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sim::model::Invariant::{I1, I2, I6, I9, I11, I13};
use sim::trace::{By, What};

/// The folder of the night so many days after the first.
fn folder(day: u32) -> String {
    format!("backups/replication-group/orders/202603{:02}t0200z/", day + 1)
}

/// Deletes a night's manifest and, after it, what it named.
fn delete(story: &mut Story, by: &By, folder: &str) {
    for file in [
        "manifest.json",
        "orders-0001.rdb",
        "verdicts/orders-0001.rdb.json",
    ] {
        story.put(by, &format!("{folder}{file}"), None);
    }
}

/// So many calm nights; then one more, in which prune does what the test says.
fn after(nights: u32, act: impl FnOnce(&mut Story, &By)) -> impl FnOnce(&mut Story) {
    under(json!({"keepLast": 2, "minimum": 2}), nights, act)
}

fn under(mut retention: Value, nights: u32, act: impl FnOnce(&mut Story, &By)) -> impl FnOnce(&mut Story) {
    // Snapshots have tests of their own.
    retention["keepSnapshots"] = json!(9);
    move |story| {
        story.input["retention"] = retention;
        (0..nights).for_each(|_| story.night());
        story.backup();
        story.prune(act);
        story.succeed();
    }
}

#[test]
fn prune_deletes_what_no_rule_keeps_and_nothing_else() {
    check(
        "the oldest of three",
        &[],
        after(2, |s, by| delete(s, by, &folder(0))),
    );
    check(
        "one of the two that are kept",
        &[I1],
        after(2, |s, by| delete(s, by, &folder(1))),
    );
    check(
        "the newest",
        &[I1, I11],
        after(2, |s, by| delete(s, by, &folder(2))),
    );
    let minimum = json!({"keepLast": 1, "minimum": 3});
    check(
        "fewer than the minimum",
        &[I1],
        under(minimum, 2, |s, by| delete(s, by, &folder(0))),
    );
    let daily = json!({"keepLast": 1, "keepDaily": 3});
    check(
        "kept by its day",
        &[I1],
        under(daily, 2, |s, by| delete(s, by, &folder(0))),
    );
    let last = json!({"keepLast": 1, "maxDeletions": 1});
    let two = |s: &mut Story, by: &By| [0, 1].iter().for_each(|day| delete(s, by, &folder(*day)));
    check("more than the fuse allows", &[I1], under(last, 2, two));
    let pinned = |s: &mut Story, by: &By| {
        s.tag(&By::Person, &(folder(0) + "manifest.json"), "snapkeep:pin");
        delete(s, by, &folder(0));
    };
    check("a pinned one", &[I1], after(2, pinned));
    let turned = |s: &mut Story, by: &By| {
        s.put(by, &(folder(0) + "orders-0001.rdb"), None);
        s.put(by, &(folder(0) + "manifest.json"), None);
    };
    check("an object before its manifest", &[I1], after(2, turned));
}

#[test]
fn a_suspicious_backup_counts_for_nothing_until_it_is_accepted() {
    let odd = |accepted: bool| {
        move |story: &mut Story| {
            story.input["retention"]["keepLast"] = json!(1);
            story.input["retention"]["minimum"] = json!(1);
            story.night();
            story.start();
            let view = story.view();
            story.make(view.clone());
            story.export(&view);
            story.verify();
            let mut manifest = story.manifest();
            manifest["suspicion"] = json!({"reasons": ["keys shrank"]});
            story.record(&manifest);
            if accepted {
                story.tag(&By::Person, &(folder(1) + "manifest.json"), "snapkeep:accept");
            }
            story.prune(|s, by| delete(s, by, &folder(0)));
            story.succeed();
        }
    };
    check("it replaces the good one", &[I1, I11], odd(false));
    check("it is accepted", &[], odd(true));
    let shrunk = |story: &mut Story| {
        story.night();
        story.start();
        let view = story.view();
        story.make(view.clone());
        story.export(&view);
        story.verify();
        let mut manifest = story.manifest();
        manifest["objects"][0]["keys"] = json!(4);
        story.record(&manifest);
        story.prune(|_, _| {});
        story.succeed();
    };
    check("a shrink that nobody calls suspicious", &[I1], shrunk);
}

#[test]
fn nothing_is_deleted_before_a_backup_is_recorded_nor_without_retention() {
    let early = |story: &mut Story| {
        (0..2).for_each(|_| story.night());
        story.start();
        story.prune(|s, by| delete(s, by, &folder(0)));
        story.fail("Backup.Unexpected", "Prune");
        story.alert(0, "Backup.Unexpected", "VerifyObject");
    };
    // The alert does not call safe what prune's state says is safe, which is I6's to see.
    check("no manifest of its own", &[I11, I6], early);
    let never = |story: &mut Story| {
        story.input["retention"] = Value::Null;
        (0..2).for_each(|_| story.night());
        story.backup();
        story.prune(|s, by| delete(s, by, &folder(0)));
        story.succeed();
    };
    check("no retention", &[I11], never);
    let dry = json!({"keepLast": 1, "dryRun": true});
    check(
        "a dry run",
        &[I11],
        under(dry, 2, |s, by| delete(s, by, &folder(0))),
    );
    let other = |s: &mut Story, _: &By| {
        let by = s.invoke("record-backup", Some("RecordBackup"), json!({}));
        delete(s, &by, &folder(0));
    };
    check("another function", &[I11], after(2, other));
}

#[test]
fn leftovers_are_swept_when_they_are_old() {
    let leftover = |days: i64| {
        move |story: &mut Story| {
            story.input["retention"]["keepLast"] = json!(1);
            story.input["retention"]["minimum"] = json!(1);
            story.put(&By::Past, &(folder(0) + "orders-0001.rdb"), Some(b"REDIS"));
            story.pass(SignedDuration::from_hours(24 * days));
            story.input["scheduledTime"] = json!(story.now.to_string());
            story.backup();
            story.prune(|s, by| drop(s.put(by, &(folder(0) + "orders-0001.rdb"), None)));
            story.succeed();
        }
    };
    check("17 days old", &[], leftover(17));
    check("15 days old", &[I11], leftover(15));
}

#[test]
fn nothing_of_others_is_touched() {
    let others = |key: &'static str| {
        after(2, move |s: &mut Story, by: &By| {
            s.put(&By::Person, key, Some(b"theirs"));
            s.put(by, key, None);
        })
    };
    check("a stranger's object", &[I2], others("notes.txt"));
    check(
        "in a backup's folder",
        &[I2],
        others("backups/replication-group/orders/20260301t0200z/notes.txt"),
    );
    check(
        "what watch remembers",
        &[I2],
        others("watch/main/nightly/replication-group/orders.json"),
    );
    let foreign = |story: &mut Story| {
        story.put_json(
            &By::Person,
            &(folder(0) + "manifest.json"),
            &json!({"owner": "blue/nightly"}),
        );
        story.next_night();
        after(2, |s, by| drop(s.put(by, &(folder(0) + "manifest.json"), None)))(story);
    };
    check("another owner's backup", &[I2], foreign);
    check("overwriting", &[I2], |story| {
        story.backup();
        let manifest = story.manifest();
        story.record(&manifest);
        story.succeed();
    });
    check(
        "a kind of file that the function does not write",
        &[I2],
        |story| {
            story.backup();
            let by = story.invoke("check-status", Some("CheckExport"), json!({}));
            let key = story.folder() + "alert-0.json";
            story.put(&by, &key, Some(b"{}"));
            story.succeed();
        },
    );
    let again = |sound: bool| {
        move |story: &mut Story| {
            story.backup();
            let by = story.invoke("verify-object", Some("VerifyObject"), json!({}));
            let key = folder(0) + "verdicts/orders-0001.rdb.json";
            story.put_json(&by, &key, &json!({"sound": sound, "millis": 9}));
            story.succeed();
        }
    };
    check(
        "the same verdict again, reached in another time",
        &[],
        again(true),
    );
}

#[test]
fn nothing_of_others_is_touched_in_other_ways() {
    let again = |sound: bool| {
        move |story: &mut Story| {
            story.backup();
            let by = story.invoke("verify-object", Some("VerifyObject"), json!({}));
            let key = folder(0) + "verdicts/orders-0001.rdb.json";
            story.put_json(&by, &key, &json!({"sound": sound, "millis": 9}));
            story.succeed();
        }
    };
    check("another verdict", &[I2], again(false));
    check("another bucket", &[I2], |story| {
        story.backup();
        let by = story.invoke("record-backup", Some("RecordBackup"), json!({}));
        let mut view = story.newest(&(folder(0) + "manifest.json"));
        "elsewhere".clone_into(&mut view.bucket);
        story.tell(&by, What::VersionAppeared(view));
        story.succeed();
    });
    check("tags of an object", &[I2], |story| {
        story.backup();
        let by = story.invoke("prune", Some("Prune"), json!({}));
        story.tag(&by, &(folder(0) + "orders-0001.rdb"), "snapkeep:pin");
        story.succeed();
    });
    check("a version for good", &[I2], |story| {
        story.backup();
        let by = story.invoke("prune", Some("Prune"), json!({}));
        let view = story.newest(&(folder(0) + "orders-0001.rdb"));
        story.tell(&by, What::VersionGone(view));
        story.succeed();
    });
}

#[test]
fn a_run_touches_only_its_own_cache() {
    let sibling = "backups/replication-group/orders-2/20260301t0200z/orders-2-0001.rdb";
    let swept = move |s: &mut Story, by: &By| {
        s.put(&By::Past, sibling, Some(b"REDIS"));
        s.pass(SignedDuration::from_hours(24 * 30));
        s.put(by, sibling, None);
    };
    let far = |story: &mut Story| {
        story.input["deadlineSeconds"] = json!(82_800);
        story.backup();
        story.prune(swept);
        story.succeed();
    };
    // A run that takes a month is late as well.
    check("a sibling whose name begins alike", &[I9, I13], far);
    check("another cache's marker", &[I2, I13], |story| {
        story.backup();
        let by = story.invoke("notify", Some("NotifySuccess"), json!({}));
        story.put(
            &by,
            "backups/replication-group/sessions/20260301t0200z/alert-0.json",
            Some(b"{}"),
        );
        story.succeed();
    });
    check("two caches side by side", &[], |story| {
        story.night();
        story.input["cache"]["id"] = json!("sessions");
        story.night();
    });
}
