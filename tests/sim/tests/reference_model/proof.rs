//! A manifest is true, and a success has one: I5.

use crate::story::{BROKEN, Story, check};
use serde_json::{Value, json};
use sim::model::Invariant::{I1, I5, I13};
use sim::trace::{By, SnapshotView, What};
use std::sync::Arc;

/// A night whose manifest a test changes.
fn manifest(change: impl FnOnce(&mut Value)) -> impl FnOnce(&mut Story) {
    move |story| {
        story.start();
        let view = story.view();
        story.make(view.clone());
        story.export(&view);
        story.verify();
        let mut manifest = story.manifest();
        change(&mut manifest);
        story.record(&manifest);
        story.succeed();
    }
}

#[test]
fn a_manifest_says_what_is_there() {
    check("it does", &[], manifest(|_| {}));
    for (field, value) in [
        ("/owner", json!("main/weekly")),
        ("/run/instant", json!("20260301t0201z")),
        ("/cache/id", json!("sessions")),
        ("/snapshot/name", json!("orders-202602280200")),
        ("/objects/0/size", json!(3)),
        ("/objects/0/sha256", json!("00")),
        ("/objects/0/etag", json!("\"other\"")),
        ("/objects/0/versionId", json!("version-0")),
        ("/objects/0/verdictKey", json!("nowhere")),
        ("/objects/0/shard", json!("0002")),
    ] {
        let changed = manifest(|manifest| *manifest.pointer_mut(field).unwrap() = value);
        // A success of the plan needs a backup of the plan, which is the same invariant.
        check(field, &[I5], changed);
    }
    // A dump of no keys is suspicious, which it would have to say.
    check(
        "no object",
        &[I1, I5],
        manifest(|manifest| manifest["objects"] = json!([])),
    );
    check("the night before's snapshot", &[I5], |story| {
        story.night();
        let before = story.objects.clone();
        story.start();
        story.objects = before;
        let mut manifest = story.manifest();
        manifest["snapshot"]["name"] = json!("orders-202603010200");
        story.record(&manifest);
        story.succeed();
    });
    let twice = |manifest: &mut Value| {
        let object = manifest["objects"][0].clone();
        manifest["objects"].as_array_mut().unwrap().push(object);
    };
    check("two objects for one shard", &[I5], manifest(twice));
}

/// A night in which AWS writes these bytes in place of the shard's, and `verify-object` reads all but `unread` bytes.
fn shard(held: &[u8], written: &[u8], unread: u64) -> impl FnOnce(&mut Story) {
    let (held, written): (Arc<[u8]>, Arc<[u8]>) = (Arc::from(held), Arc::from(written));
    move |story| {
        story.shards.insert("0001".to_owned(), held.clone());
        story.start();
        let view = story.view();
        story.make(view.clone());
        story.shards.insert("0001".to_owned(), written);
        story.export(&view);
        let (key, version, bytes, _) = story.objects[0].clone();
        let by = story.invoke("verify-object", Some("VerifyObject"), json!({}));
        story.read(&by, &key, &version, 0..bytes.len() as u64 - unread);
        let verdict = story.verdict(&key);
        story.put_json(&by, &verdict, &json!({}));
        // What a snapshot holds is what it held when it was taken.
        story.settled(view, "available");
        let manifest = story.manifest();
        story.record(&manifest);
        story.succeed();
    }
}

#[test]
fn a_backup_is_the_shards_bytes_sound_and_read_to_the_last() {
    let good = b"REDIS0011 of some length";
    check("they are", &[], shard(good, good, 0));
    check("a byte was not read", &[I5], shard(good, good, 1));
    check("other bytes", &[I5], shard(good, b"REDIS0011 of some lengtH", 0));
    check("bytes that are not sound", &[I5], shard(BROKEN, BROKEN, 0));
    check("another execution read them", &[I5], |story| {
        story.start();
        let view = story.view();
        story.make(view.clone());
        story.export(&view);
        story.verify();
        story.fail("Backup.Unexpected", "RecordBackup");
        story.alert(0, "Backup.Unexpected", "RecordBackup");
        let objects = story.objects.clone();
        "duplicate".clone_into(&mut story.name);
        story.start();
        story.objects = objects;
        let manifest = story.manifest();
        story.record(&manifest);
        story.succeed();
    });
    check("an older version was read", &[I5], |story| {
        story.start();
        let view = story.view();
        story.make(view.clone());
        story.export(&view);
        story.verify();
        let (key, _, bytes, shard) = story.objects.remove(0);
        let version = story.put(&By::Person, &key, Some(&bytes));
        story.objects.push((key, version, bytes, shard));
        let manifest = story.manifest();
        story.record(&manifest);
        story.succeed();
    });
}

#[test]
fn a_success_has_its_backup() {
    check("none", &[I5], |story| {
        story.start();
        story.succeed();
    });
    check("by a duplicate", &[], |story| {
        story.night();
        story.name = "late".to_owned();
        story.input["scheduledTime"] = json!("2026-03-01T02:00:00Z");
        story.start();
        story.succeed();
    });
    check("of another plan", &[I5], |story| {
        story.night();
        story.name = "late".to_owned();
        story.input["scheduledTime"] = json!("2026-03-01T02:00:00Z");
        story.input["plan"] = json!("weekly");
        story.start();
        story.succeed();
    });
    check("told and not there", &[I5], |story| {
        story.start();
        let by = story.invoke("notify", Some("NotifySuccess"), json!({}));
        story.publish(
            &by,
            "[snapkeep] OK orders",
            "The backup is verified and recorded.",
        );
        story.fail("Backup.Unexpected", "RecordBackup");
        story.alert(0, "Backup.Unexpected", "RecordBackup");
    });
    check(
        "an automatic snapshot that an earlier run exported",
        &[],
        |story| {
            story.input["source"] = json!("latestAutomatic");
            let automatic = SnapshotView {
                name: "automatic.orders-002-2026-03-01-01-00".to_owned(),
                automatic: true,
                status: "available".to_owned(),
                ..story.view()
            };
            story.tell(&By::Service, What::SnapshotAppeared(automatic.clone()));
            story.start();
            story.export(&automatic);
            story.verify();
            let mut manifest = story.manifest();
            manifest["snapshot"]["name"] = json!(automatic.name);
            story.record(&manifest);
            story.succeed();
            story.next_night();
            story.start();
            story.succeed();
        },
    );
}

#[test]
fn a_success_has_its_backup_in_other_ways() {
    check("recorded from another cache's snapshot", &[I5, I13], |story| {
        story.start();
        let other = SnapshotView {
            name: "orders-2-202603010200".to_owned(),
            sources: vec!["orders-2".to_owned()],
            status: "available".to_owned(),
            ..story.view()
        };
        story.tell(&By::Past, What::SnapshotAppeared(other.clone()));
        let bytes = story.shards["0001"].clone();
        story.written("0001", bytes);
        let mut manifest = story.manifest();
        manifest["snapshot"]["name"] = json!(other.name);
        story.record(&manifest);
        story.succeed();
    });
}
