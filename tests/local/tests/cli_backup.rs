//! One's own files and servers through the real functions, by the command line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]
#![allow(clippy::print_stdout, reason = "a test says its seed, and why it was skipped")]

mod cli_support;

use cli_support::{Cli, program, root};
use local::source::dataset::{Recipe, bulk, fill};
use local::source::{Census, Program, Server, Setup};
use std::fs;
use std::path::{Path, PathBuf};

fn bundled(name: &str) -> PathBuf {
    root().join("tests/fixtures/rdb/demo").join(name)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn one_file_is_a_node_and_the_folder_remembers_it() {
    let Some(cli) = Cli::new() else { return };
    let file = bundled("orders-0001.rdb");
    cli.run(&["backup", "--rdb", text(&file), "--name", "Mine"])
        .check(0, &["✔ mine  VerifyObjects", "mine-0001.rdb"]);
    let manifests = cli.manifests();
    assert_eq!(manifests.len(), 1);
    assert_eq!(manifests[0].cache_ref().to_string(), "cache-cluster/mine");
    let key = manifests[0].objects[0].key.as_str();
    let exported = fs::read(cli.home().join("buckets/sthree-snapkeep").join(key)).unwrap();
    assert_eq!(exported, fs::read(&file).unwrap(), "byte for byte");

    // Every later command is a process of its own.
    let run = format!("mine-{}", manifests[0].instant());
    cli.run(&["runs"]).check(0, &[&run, "SUCCEEDED"]);
    cli.run(&["show", &run])
        .check(0, &["CreateSnapshot", "CheckExport", "1 of 1 shard verified"]);
    cli.run(&["catalogue"])
        .check(0, &["mine", "sound", "sthree-snapkeep"]);
    cli.run(&["backup", "--rdb", text(&file), "--name", "mine"])
        .check(0, &["✔ mine  RecordBackup"]);
    assert_eq!(cli.manifests().len(), 2, "another instant, another backup");
    let newest = cli.manifests()[1].instant().to_string();
    cli.run(&["watch"])
        .check(0, &["mine", "on-demand", &newest, "24 h 0 min", "fresh"]);
    cli.run(&["watch", "--max-age", "1s"]).check(0, &["overdue"]);

    let none = cli.run(&["show", "none"]);
    none.check(1, &[]);
    assert!(none.error.contains("there is no run `none`"), "{}", none.error);
    let again = cli.run(&["redrive", &run]);
    again.check(1, &[]);
    assert!(again.error.contains("not redrivable"), "{}", again.error);
}

#[test]
fn several_files_are_the_shards_of_a_cluster() {
    let Some(cli) = Cli::new() else { return };
    let files = ["sessions-0001.rdb", "sessions-0002.rdb", "sessions-0003.rdb"].map(bundled);
    let words = [
        "backup",
        "--name",
        "cluster",
        "--rdb",
        text(&files[0]),
        text(&files[1]),
        text(&files[2]),
    ];
    cli.run(&words).check(0, &["3 of 3 shards verified"]);
    let manifests = cli.manifests();
    assert!(manifests[0].cache.cluster_mode);
    let slots: Vec<Option<&str>> = manifests[0]
        .objects
        .iter()
        .map(|object| object.slots.as_deref())
        .collect();
    assert_eq!(slots, [Some("0-5460"), Some("5461-10921"), Some("10922-16383")]);
}

#[test]
fn a_broken_file_fails_by_name_where_it_is_broken() {
    let Some(cli) = Cli::new() else { return };
    let whole = fs::read(bundled("catalog-0001.rdb")).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let cut = &whole[..whole.len() - 1];
    for (name, bytes) in [
        ("flipped", flipped.as_slice()),
        ("cut", cut),
        ("text", b"years of work"),
    ] {
        let file = cli.folder.path().join(format!("{name}.rdb"));
        fs::write(&file, bytes).unwrap();
        cli.run(&["backup", "--rdb", text(&file)])
            .check(1, &["✘", "VerifyObjects", "Backup.Corrupt"]);
    }
    assert!(cli.manifests().is_empty(), "nothing broken is in the catalogue");
    cli.run(&["catalogue"]).check(0, &["There is no backup yet."]);
}

#[test]
fn a_run_without_a_grant_is_redriven_by_a_later_command() {
    let Some(cli) = Cli::new() else { return };
    let file = bundled("orders-0001.rdb");
    cli.run(&["backup", "--rdb", text(&file), "--name", "first"])
        .check(0, &[]);
    cli.edit(|world| world.bucket_mut("sthree-snapkeep").unwrap().policy = None);
    let failed = cli.run(&["backup", "--rdb", text(&file), "--name", "mine"]);
    failed.check(1, &["✘ mine  CopyToS3", "Backup.BucketNotGranted"]);
    let run = failed
        .text
        .lines()
        .find_map(|line| line.strip_suffix("  FAILED"))
        .unwrap()
        .to_owned();
    cli.run(&["redrive", &run])
        .check(1, &["✘ mine  CopyToS3", "re-driven once"]);
    cli.edit(|world| world.grant_export("sthree-snapkeep").unwrap());
    cli.run(&["redrive", &run])
        .check(0, &["✔ mine  CopyToS3", "✔ mine  RecordBackup"]);
    cli.run(&["show", &run])
        .check(0, &["re-driven 2 times", "CopyToS3 (re-drive 2)", "SUCCEEDED"]);
    assert_eq!(cli.manifests().len(), 2);
}

/// A server that lets a user replicate who has the password `secret`, with data from a seed.
fn guarded(program: &Program, seed: u64) -> Server {
    println!("seed {seed}");
    let server = Server::start(program, Setup::Plain).unwrap();
    let recipe = Recipe {
        databases: &[0, 2, 15],
        bulk: bulk::orders,
        count: 50,
        random: Some(seed),
    };
    fill(std::slice::from_ref(&server), &recipe).unwrap();
    let rights = ["~*", "+sync", "+psync", "+replconf", "+info", "+ping", "+select"];
    let user = redis::cmd("ACL")
        .arg(&["SETUSER", "backup", "on", ">secret"])
        .arg(&rights)
        .take();
    server.ask::<()>(&mut server.connect().unwrap(), &user).unwrap();
    server
}

fn address(server: &Server, password: &str) -> String {
    format!("redis://backup:{password}@{}", server.address())
}

#[test]
fn a_server_filled_from_a_seed_is_backed_up_and_restored_equal() {
    let (Some(cli), Some(program)) = (Cli::new(), program()) else {
        return;
    };
    let seed = fastrand::u64(..);
    let server = guarded(&program, seed);
    let source = Census::of(&server).unwrap();
    cli.run(&["backup", "--cache", &address(&server, "secret"), "--name", "live"])
        .check(0, &["✔ live  RecordBackup"]);
    let manifests = cli.manifests();
    let object = &manifests[0].objects[0];
    let counted = (object.verdict.keys, object.verdict.expires);
    assert_eq!(counted, (source.keys(), source.expires()), "seed {seed}");
    let file = cli
        .home()
        .join("buckets/sthree-snapkeep")
        .join(object.key.as_str());
    let restored = Server::start(&program, Setup::Restored(&file)).unwrap();
    assert_eq!(Census::of(&restored).unwrap(), source, "seed {seed}");
}

#[test]
fn a_server_that_cannot_be_read_leaves_no_folder_behind() {
    let (Some(cli), Some(program)) = (Cli::new(), program()) else {
        return;
    };
    let server = guarded(&program, 1);
    let cases = [
        (
            "wrong",
            "1000000000",
            "lets nobody in with this user and password",
        ),
        ("secret", "1000", "more than the allowed 1000 bytes"),
    ];
    for (password, most, part) in cases {
        let address = address(&server, password);
        let refused = cli.run(&[
            "backup",
            "--cache",
            &address,
            "--name",
            "live",
            "--max-bytes",
            most,
        ]);
        refused.check(1, &[]);
        assert!(refused.error.contains(part), "{}", refused.error);
        assert!(!cli.home().exists(), "nothing half-written: {part}");
    }
}
