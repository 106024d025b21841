//! A world that is saved, and its blobs in a folder that a person can open.

use crate::support::{
    BUCKET, at, attach_contents, code, content, export_to, fill, get, keys, of_node, put, read, status,
};
use sim::world::s3::{ByteRange, DeleteObjectRequest, GetObjectRequest};
use sim::world::{Config, FolderBlobs, Operation, World};
use std::path::Path;
use std::sync::Arc;

fn world_in(folder: &Path) -> World {
    let mut world = World::with_blobs(Config::default(), 7, Arc::new(FolderBlobs::new(folder)));
    fill(&mut world);
    world
}

fn restarted(world: &World, folder: &Path) -> World {
    let mut world = World::load(&world.save().unwrap(), Arc::new(FolderBlobs::new(folder))).unwrap();
    attach_contents(&mut world);
    world
}

#[test]
fn a_restart_loses_nothing_that_was_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = world_in(folder.path());
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    let mut world = restarted(&world, folder.path());
    assert_eq!(status(&mut world, "bk", at(180)), "available");
    world.copy_snapshot(&export_to("bk", "x"), at(200)).unwrap();
    let mut world = restarted(&world, folder.path());
    assert_eq!(world.next_due(), Some(at(320)));
    assert_eq!(keys(&mut world, at(320)), ["x-0001.rdb"]);
    assert_eq!(read(&mut world, "x-0001.rdb", at(320)), content("orders/0001"));
    assert_eq!(world.log.effective(Operation::CreateSnapshot, "bk"), 1);
}

#[test]
fn the_revision_grows_with_what_is_worth_saving() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = world_in(folder.path());
    let before = world.revision();
    keys(&mut world, at(0));
    assert_eq!(code(&world.get_object(&get("nothing"), at(0))), "NoSuchKey");
    assert_eq!(world.revision(), before, "reads and refusals");
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    let created = world.revision();
    assert!(created > before);
    world.advance(at(180));
    assert!(world.revision() > created, "a job that ended");
}

#[test]
fn the_current_version_is_a_plain_file_and_deleting_takes_it_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = world_in(folder.path());
    let file = folder.path().join(BUCKET).join("a/b.json");
    world.put_object(&put("a/b.json", b"one"), at(0)).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), b"one");
    let opened = world.get_object(&get("a/b.json"), at(1)).unwrap();
    world.put_object(&put("a/b.json", b"two"), at(2)).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), b"two");
    assert_eq!(opened.read().unwrap(), b"one", "what was opened stays readable");

    let request = DeleteObjectRequest {
        bucket: BUCKET.into(),
        key: "a/b.json".into(),
        version_id: None,
    };
    let marker = world.delete_object(&request, at(3)).unwrap();
    assert!(!file.exists() && !folder.path().join(BUCKET).join("a").exists());
    world
        .delete_object(
            &DeleteObjectRequest {
                version_id: marker.version_id,
                ..request
            },
            at(4),
        )
        .unwrap();
    assert_eq!(
        std::fs::read(&file).unwrap(),
        b"two",
        "without its marker the object is back"
    );
}

#[test]
fn keys_that_are_no_paths_stay_inside_the_bucket_and_readable() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = world_in(folder.path());
    let long = "x".repeat(300);
    let awkward = [
        "../../escape",
        "./a",
        "a//b",
        "a",
        "a/b",
        "a/b/",
        "%2E%2E/c",
        "%",
        "",
        &long,
    ]
    .into_iter()
    .filter(|key| !key.is_empty());
    let awkward: Vec<&str> = awkward.collect();
    for key in &awkward {
        world.put_object(&put(key, key.as_bytes()), at(0)).unwrap();
    }
    let mut world = restarted(&world, folder.path());
    for key in &awkward {
        assert_eq!(read(&mut world, key, at(1)), key.as_bytes(), "{key}");
    }
    let outside: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(
        outside.len(),
        2,
        "the bucket and the blobs, nothing else: {outside:?}"
    );
}

#[test]
fn a_range_reads_its_bytes_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = world_in(folder.path());
    world.put_object(&put("k", b"0123456789"), at(0)).unwrap();
    let request = GetObjectRequest {
        range: Some(ByteRange::Between(2, 4)),
        ..get("k")
    };
    let part = world.get_object(&request, at(0)).unwrap();
    assert_eq!((part.offset, part.length, part.head.size), (2, 3, 10));
    assert_eq!(part.read().unwrap(), b"234");
    assert!(
        part.blob.read_at(8, 3).is_err(),
        "reading past the end is an error, not fewer bytes"
    );
}

#[test]
fn deleted_snapshots_leave_no_blobs() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = world_in(folder.path());
    world
        .create_snapshot(&of_node("bk", "orders-003"), at(0))
        .unwrap();
    let blobs = || {
        std::fs::read_dir(folder.path().join(".blobs/snapshots"))
            .unwrap()
            .count()
    };
    assert_eq!(blobs(), 1);
    world.delete_snapshot("bk", at(180)).unwrap();
    world.advance(at(300));
    assert_eq!(blobs(), 0);
}
