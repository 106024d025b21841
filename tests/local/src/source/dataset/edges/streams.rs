//! Streams: nodes of every size, entries deleted and trimmed, groups with all that can pend.

use super::super::{Abilities, on};
use super::lists::{ENTRY_LENGTHS, integers};
use super::{Keys, Setting, noise, text};
use redis::{Cmd, ToRedisArgs};

/// Bytes and entries of a node; 0 is no limit.
pub(super) fn settings(bytes: u32, entries: u32) -> Vec<Setting> {
    vec![
        ("stream-node-max-bytes", bytes.to_string()),
        ("stream-node-max-entries", entries.to_string()),
    ]
}

pub(super) fn all(keys: &mut Keys, abilities: Abilities) {
    nodes(keys);
    ids(keys);
    removed(keys);
    groups(keys);
    if abilities.functions {
        newer(keys);
    }
}

/// Entries alike and different, short and long, of which the node's first decides how the others are stored.
pub(super) fn nodes(keys: &mut Keys) {
    for count in [1, 2, 99, 100, 101, 350] {
        keys.add(&format!("stream of {count} alike"), |key| alike(key, 1..=count));
        keys.add(&format!("stream of {count} different"), |key| {
            (1..=count)
                .map(|n| {
                    add(
                        key,
                        &format!("{n}-0"),
                        (0..=n % 7).map(|f| [text(5, f), noise(9, n)]),
                    )
                })
                .collect()
        });
    }
    keys.add("stream of values of all lengths", |key| {
        let entries = ENTRY_LENGTHS.into_iter().chain([20_000, 70_000]).enumerate();
        entries
            .map(|(n, length)| {
                add(
                    key,
                    &format!("{}-1", n + 1),
                    [[text(length, 1), noise(length, 1)]],
                )
            })
            .collect()
    });
    keys.add("stream of integers", |key| {
        let entries = integers().into_iter().enumerate();
        entries
            .map(|(n, value)| add(key, &format!("1-{}", n + 1), [[value, value]]))
            .collect()
    });
    keys.add("stream of an entry of 200 fields", |key| {
        vec![
            add(key, "5-5", (0..200).map(|f| [text(6, f), text(40, f)])),
            add(key, "5-6", (0..200).map(|f| [text(6, f), noise(40, f)])),
        ]
    });
    keys.add("stream with holes in every node", |key| {
        let mut commands = alike(key, 1..=420);
        commands.push(delete(key, (1..=420).filter(|n| n % 9 == 0 || n % 100 == 1)));
        commands
    });
}

/// Ids whose distance to the node's first takes every width, the last id there is, and all entries at one instant.
fn ids(keys: &mut Keys) {
    let far = [
        "0-1",
        "0-2",
        "1-0",
        "128-77",
        "40000-4294967296",
        "9007199254740993-1",
        "18446744073709551615-0",
    ];
    keys.add("stream of ids far apart", |key| {
        far.iter().map(|id| add(key, id, [["f", "v"]])).collect()
    });
    keys.add("stream at the last id", |key| {
        let last = format!("{0}-{0}", u64::MAX);
        vec![add(key, &last, [["f", "v"]])]
    });
    keys.add("stream at one instant", |key| {
        (1..150_u64)
            .map(|n| add(key, &format!("1700000000000-{}", n * n * n), [["f", "v"]]))
            .collect()
    });
    keys.add("stream whose last id was set", |key| {
        let mut commands = alike(key, 1..=3);
        commands.push(on("XSETID", key).arg("99-9").take());
        commands
    });
}

/// Entries deleted one by one, in whole nodes, from either end, and all of them.
fn removed(keys: &mut Keys) {
    let mut after = |name: &str, last: &dyn Fn(&[u8]) -> Cmd| {
        keys.add(&format!("stream {name}"), |key| {
            let mut commands = alike(key, 1..=300);
            commands.push(last(key));
            commands
        });
    };
    after("without its first node", &|key| delete(key, 1..=100));
    after("without its last entry", &|key| delete(key, [300]));
    after("of which one entry is left", &|key| {
        delete(key, (1..=300).filter(|n| *n != 150))
    });
    after("of which nothing is left", &|key| delete(key, 1..=300));
    for (name, arguments) in [
        ("trimmed within a node", ["MAXLEN", "=", "137"]),
        ("trimmed by whole nodes", ["MAXLEN", "~", "137"]),
        ("trimmed by id", ["MINID", "=", "42-2"]),
        ("trimmed to nothing", ["MAXLEN", "=", "0"]),
    ] {
        after(name, &|key| on("XTRIM", key).arg(&arguments).take());
    }
}

/// Groups: empty, behind, ahead; consumers with and without pending entries; entries claimed, acknowledged, gone.
fn groups(keys: &mut Keys) {
    keys.add("stream with groups of all sorts", |key| {
        let mut commands = alike(key, 1..=250);
        for (name, from) in [
            ("readers", "0"),
            ("empty", "$"),
            ("between", "77-0"),
            ("ahead", "999-1"),
            ("", "0"),
        ] {
            commands.push(group(key, name, from));
        }
        commands.push(read(key, "readers", "ada", 130, &[]));
        commands.push(read(key, "readers", "grace", 40, &[]));
        commands.push(read(key, "readers", "no trace", 20, &["NOACK"]));
        commands.push(read(key, "between", &"long name ".repeat(30), 100, &[]));
        commands.push(of_group("CREATECONSUMER", key, &["readers", "idle"]));
        commands.push(of_group("CREATECONSUMER", key, &["empty", "alone"]));
        commands.push(acknowledge(key, "readers", (1..=130).filter(|n| n % 3 == 0)));
        commands.push(claim(key, "grace", &["1-1", "2-1"], &["RETRYCOUNT", "9"]));
        commands.push(claim(
            key,
            "ünïcode",
            &["4-1"],
            &["TIME", "1700000000000", "JUSTID"],
        ));
        commands.push(claim(key, "forced", &["240-1"], &["FORCE"]));
        commands.push(
            on("XAUTOCLAIM", key)
                .arg(&["readers", "auto", "0", "20-0", "COUNT", "5"])
                .take(),
        );
        commands.push(delete(key, [5, 22, 140]));
        commands
    });
    one_group(keys);
}

/// One group each: with much pending, with entries that are gone, with a consumer that is, with no entry at all.
fn one_group(keys: &mut Keys) {
    keys.add("stream whose group has everything pending", |key| {
        let mut commands = alike(key, 1..=1_500);
        commands.push(group(key, "g", "0"));
        for consumer in 0..30 {
            commands.push(read(key, "g", &format!("consumer {consumer}"), 50, &[]));
        }
        commands
    });
    keys.add("stream whose pending entries are gone", |key| {
        let mut commands = alike(key, 1..=40);
        commands.extend([group(key, "g", "0"), read(key, "g", "c", 30, &[])]);
        commands.push(on("XTRIM", key).arg("MAXLEN").arg(0).take());
        commands
    });
    keys.add("stream whose group lost a consumer and went back", |key| {
        let mut commands = alike(key, 1..=40);
        commands.extend([
            group(key, "g", "0"),
            read(key, "g", "gone", 10, &[]),
            read(key, "g", "here", 10, &[]),
        ]);
        commands.push(of_group("DELCONSUMER", key, &["g", "gone"]));
        commands.push(of_group("SETID", key, &["g", "3-1"]));
        commands.push(read(key, "g", "again", 4, &[]));
        commands
    });
    keys.add("stream of a group alone", |key| {
        vec![
            redis::cmd("XGROUP")
                .arg("CREATE")
                .arg(key)
                .arg(&["g", "$", "MKSTREAM"])
                .take(),
            redis::cmd("XGROUP")
                .arg("CREATE")
                .arg(key)
                .arg(&["h", "5-5"])
                .take(),
        ]
    });
}

/// What version 7 counts besides: entries added in all, the greatest id deleted, how far a group has read.
fn newer(keys: &mut Keys) {
    keys.add("stream whose counts were set", |key| {
        let mut commands = alike(key, 1..=3);
        let counts = [
            "9000-0",
            "ENTRIESADDED",
            "9223372036854775807",
            "MAXDELETEDID",
            "8999-9",
        ];
        commands.push(on("XSETID", key).arg(&counts).take());
        commands
    });
    keys.add("stream whose group says how far it has read", |key| {
        let mut commands = alike(key, 1..=30);
        for (name, read) in [("some", "12"), ("all", "30"), ("unknown", "-1")] {
            let create = redis::cmd("XGROUP")
                .arg("CREATE")
                .arg(key)
                .arg(&[name, "12-1", "ENTRIESREAD", read])
                .take();
            commands.push(create);
        }
        commands
    });
}

fn add<T: ToRedisArgs>(key: &[u8], id: &str, pairs: impl IntoIterator<Item = [T; 2]>) -> Cmd {
    let mut command = on("XADD", key);
    command.arg(id);
    for [field, value] in pairs {
        command.arg(field).arg(value);
    }
    command
}

/// Entries with the same fields, with ids from their numbers.
fn alike(key: &[u8], numbers: std::ops::RangeInclusive<usize>) -> Vec<Cmd> {
    numbers
        .map(|n| {
            add(
                key,
                &format!("{n}-1"),
                [["temperature", (n % 40).to_string().as_str()], ["unit", "C"]],
            )
        })
        .collect()
}

fn delete(key: &[u8], numbers: impl IntoIterator<Item = usize>) -> Cmd {
    let ids: Vec<String> = numbers.into_iter().map(|n| format!("{n}-1")).collect();
    on("XDEL", key).arg(ids).take()
}

fn acknowledge(key: &[u8], name: &str, numbers: impl Iterator<Item = usize>) -> Cmd {
    let ids: Vec<String> = numbers.map(|n| format!("{n}-1")).collect();
    on("XACK", key).arg(name).arg(ids).take()
}

fn group(key: &[u8], name: &str, from: &str) -> Cmd {
    of_group("CREATE", key, &[name, from])
}

fn of_group(word: &str, key: &[u8], arguments: &[&str]) -> Cmd {
    redis::cmd("XGROUP").arg(word).arg(key).arg(arguments).take()
}

fn read(key: &[u8], name: &str, consumer: &str, count: u32, options: &[&str]) -> Cmd {
    redis::cmd("XREADGROUP")
        .arg(&["GROUP", name, consumer, "COUNT", &count.to_string()])
        .arg(options)
        .arg("STREAMS")
        .arg(key)
        .arg(">")
        .take()
}

fn claim(key: &[u8], consumer: &str, ids: &[&str], options: &[&str]) -> Cmd {
    on("XCLAIM", key)
        .arg(&["readers", consumer, "0"])
        .arg(ids)
        .arg(options)
        .take()
}
