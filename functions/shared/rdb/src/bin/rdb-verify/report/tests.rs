#![allow(
    clippy::needless_raw_string_hashes,
    reason = "UPDATE_EXPECT=1 writes golden values with them"
)]

use super::samples;
use super::*;
use crate::problem::Problem;
use console::strip_ansi_codes;
use expect_test::{Expect, expect};
use rdb::BrokenKind;

fn look(width: usize) -> Look {
    Look {
        width,
        colour: false,
        now: "2026-11-20T03:05:00Z".parse().unwrap(),
    }
}

fn check(outcome: &Outcome, width: usize, expected: &Expect) {
    let text = full(outcome, 1, &look(width));
    for line in text.lines().skip(1) {
        assert!(
            console::measure_text_width(line) <= width,
            "wider than {width}: {line}"
        );
        assert_eq!(line, line.trim_end(), "nothing at the ends of lines");
    }
    let coloured = full(
        outcome,
        1,
        &Look {
            colour: true,
            ..look(width)
        },
    );
    assert_eq!(strip_ansi_codes(&coloured), text, "colours change no text");
    assert!(coloured.contains('\u{1b}'));
    expected.assert_eq(&text);
}

#[test]
fn a_report_on_80_columns() {
    check(
        &samples::sound_unnamed(),
        80,
        &expect![[r"
            ✔ orders-0001.rdb: sound

              Format       RDB 80 (VALKEY), written by Valkey 9.1.2, 64 bit
              Written      2026-11-20 03:00:17 UTC, from 812.4 MB of memory
              Size         612.3 MB, read in 0.4 s (1,486 MB/s)
              Checksum     right: the CRC-64 at the end is that of the file
              Keys         5,000,004 in 2 databases
              Expiries     1,200,000, of which 3,400 had passed by 2026-11-20 03:05:00 UTC
              Functions    2 libraries

              Type          Keys      Bytes    Share
              ────────────────────────────────────────────────────────
              string   4,000,000   312.0 MB    60.0%   ██████████████▌
              hash       900,003   150.0 MB    28.8%   ███████
              stream      99,999    50.0 MB     9.6%   ██▍
              list             1     7.6 MB     1.4%   ▍
              zset             1       23 B   < 0.1%   ▏

              Encodings    string 4,000,000, hash-listpack 900,000, stream-v3 99,999,
                           hash-hashtable 3, quicklist-v2 1, zset-listpack 1

              Database        Keys    Expiries   Expired   Types
              ────────────────────────────────────────────────────────────────────────────
                     0   5,000,003   1,200,000     3,400   string 4,000,000, hash 900,003,
                                                           stream 99,999, zset 1
                     9           1           0         0   list 1

              Largest         Database   Type    Bytes   Share
              ────────────────────────────────────────────────
              key 5,000,004          9   list   7.6 MB    1.4%
              key 17                 0   hash   1.2 MB    0.2%

              Not checked  1 value of more than 4,096 entries or 1 MiB: whether two entries
                           are the same
              Not checked  2 streams of more than 4,096 pending entries: which consumer has
                           which; their number is right
              Announced    database 0 says 5,000,003 keys and 1,200,001 expiries, but has
                           5,000,003 and 1,200,000; servers only size their tables by it
              Notes        aof-base 0, repl-offset 81234, 1 more not shown
        "]],
    );
}

#[test]
fn a_report_with_names_on_60_columns() {
    check(
        &samples::sound(),
        60,
        &expect![[r"
            ✔ orders-0001.rdb: sound

              Format       RDB 80 (VALKEY), written by Valkey 9.1.2, 64
                           bit
              Written      2026-11-20 03:00:17 UTC, from 812.4 MB of
                           memory
              Size         612.3 MB, read in 0.4 s (1,486 MB/s)
              Checksum     right: the CRC-64 at the end is that of the
                           file
              Keys         5,000,004 in 2 databases
              Expiries     1,200,000, of which 3,400 had passed by
                           2026-11-20 03:05:00 UTC
              Functions    2 libraries

              Type          Keys      Bytes    Share
              ─────────────────────────────────────────────
              string   4,000,000   312.0 MB    60.0%   ███▋
              hash       900,003   150.0 MB    28.8%   █▊
              stream      99,999    50.0 MB     9.6%   ▋
              list             1     7.6 MB     1.4%   ▏
              zset             1       23 B   < 0.1%   ▏

              Encodings    string 4,000,000, hash-listpack 900,000,
                           stream-v3 99,999, hash-hashtable 3,
                           quicklist-v2 1, zset-listpack 1

              Database       Keys   Expiries  Expired  Types
              ──────────────────────────────────────────────────────────
                     0  5,000,003  1,200,000    3,400  string 4,000,000,
                                                       hash 900,003,
                                                       stream 99,999,
                                                       zset 1
                     9          1          0        0  list 1

              Largest       Database Type  Bytes Share Name
              ──────────────────────────────────────────────────────────
              key 5,000,004        9 list 7.6 MB  1.4% jobs:retry
              key 17               0 hash 1.2 MB  0.2% session:000000000
                                                       00000000000000000
                                                       00000000000000000
                                                       000000000000…

              Not checked  1 value of more than 4,096 entries or 1 MiB:
                           whether two entries are the same
              Not checked  2 streams of more than 4,096 pending entries:
                           which consumer has which; their number is
                           right
              Announced    database 0 says 5,000,003 keys and 1,200,001
                           expiries, but has 5,000,003 and 1,200,000;
                           servers only size their tables by it
              Notes        aof-base 0, repl-offset 81234, 1 more not
                           shown
        "]],
    );
}

#[test]
fn a_report_with_names_on_120_columns() {
    check(
        &samples::sound(),
        120,
        &expect![[r"
            ✔ orders-0001.rdb: sound

              Format       RDB 80 (VALKEY), written by Valkey 9.1.2, 64 bit
              Written      2026-11-20 03:00:17 UTC, from 812.4 MB of memory
              Size         612.3 MB, read in 0.4 s (1,486 MB/s)
              Checksum     right: the CRC-64 at the end is that of the file
              Keys         5,000,004 in 2 databases
              Expiries     1,200,000, of which 3,400 had passed by 2026-11-20 03:05:00 UTC
              Functions    2 libraries

              Type          Keys      Bytes    Share
              ────────────────────────────────────────────────────────
              string   4,000,000   312.0 MB    60.0%   ██████████████▌
              hash       900,003   150.0 MB    28.8%   ███████
              stream      99,999    50.0 MB     9.6%   ██▍
              list             1     7.6 MB     1.4%   ▍
              zset             1       23 B   < 0.1%   ▏

              Encodings    string 4,000,000, hash-listpack 900,000, stream-v3 99,999, hash-hashtable 3, quicklist-v2 1,
                           zset-listpack 1

              Database        Keys    Expiries   Expired   Types
              ──────────────────────────────────────────────────────────────────────────────────────────────────
                     0   5,000,003   1,200,000     3,400   string 4,000,000, hash 900,003, stream 99,999, zset 1
                     9           1           0         0   list 1

              Largest         Database   Type    Bytes   Share   Name
              ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
              key 5,000,004          9   list   7.6 MB    1.4%   jobs:retry
              key 17                 0   hash   1.2 MB    0.2%   session:0000000000000000000000000000000000000000000000000000000…

              Not checked  1 value of more than 4,096 entries or 1 MiB: whether two entries are the same
              Not checked  2 streams of more than 4,096 pending entries: which consumer has which; their number is right
              Announced    database 0 says 5,000,003 keys and 1,200,001 expiries, but has 5,000,003 and 1,200,000; servers only size
                           their tables by it
              Notes        aof-base 0, repl-offset 81234, 1 more not shown
        "]],
    );
}

#[test]
fn a_report_on_nothing() {
    check(
        &samples::empty(),
        80,
        &expect![[r"
            ✔ standard input: sound

              Format       RDB 3 (REDIS), its writer does not name itself
              Size         10 B
              Checksum     none, as in every file before RDB 5: damage within texts goes
                           unseen
              Keys         0
              Expiries     none
        "]],
    );
}

#[test]
fn a_report_on_a_cut_file() {
    check(
        &samples::truncated(),
        80,
        &expect![[r"
            ✘ cut.rdb: truncated

              Where        byte 343 (0x157), where the file ends, in key 3 of database 0
              What         the file ends within a `score`
              Before it    2 keys and 343 B are well-formed
              Restore      The dump was not finished, or a copy of it was cut off. A server
                           refuses the file as a whole and restores none of its keys.
                           Compare its size with its source and copy it again; if the source
                           is as short, restore another backup.
        "]],
    );
}

#[test]
fn what_is_no_damage_is_not_called_damage() {
    let unsupported = samples::broken("new.rdb", BrokenKind::Unsupported, "found the RDB version `99`");
    check(
        &unsupported,
        80,
        &expect![[r"
            ? new.rdb: unsupported

              Where        byte 343 (0x157), where the file ends, in key 3 of database 0
              What         found the RDB version `99`
              Before it    2 keys and 343 B are well-formed
              Restore      This need not be damage: a newer or foreign engine may have
                           written the file. Nothing from here on was judged. Restore it
                           into an engine that is at least as new as its writer, as a trial,
                           before you rely on it.
        "]],
    );
    let module = samples::broken(
        "module.rdb",
        BrokenKind::NotJudgeable,
        "found a value of type `6`",
    );
    check(
        &module,
        80,
        &expect![[r"
            ? module.rdb: not judgeable

              Where        byte 343 (0x157), where the file ends, in key 3 of database 0
              What         found a value of type `6`
              Before it    2 keys and 343 B are well-formed
              Restore      This need not be damage: only the module that wrote this value
                           can read it. Nothing from here on was judged. Restore it into a
                           server with that module, as a trial, before you rely on it.
        "]],
    );
}

#[test]
fn a_broken_key_is_named_where_it_has_a_name() {
    let mut outcome = samples::broken(
        "bad.rdb",
        BrokenKind::Corrupt,
        "the length `9` is more than is left",
    );
    let Found::Broken(broken) = &mut outcome.found else {
        unreachable!()
    };
    broken.key.as_mut().unwrap().name = Some("user:1".to_owned());
    check(
        &outcome,
        80,
        &expect![[r"
            ✘ bad.rdb: corrupt

              Where        byte 343 (0x157), where the file ends, in key 3 named `user:1` of
                           database 0
              What         the length `9` is more than is left
              Before it    2 keys and 343 B are well-formed
              Restore      A server that loads this file stops at the first flaw it notices
                           and does not start, so the keys before it are not restored
                           either; a flaw that it does not notice becomes wrong data.
                           Compare the file with its source if it is a copy, else restore
                           another backup.
        "]],
    );
    expect![[r"
        ✘ bad.rdb: corrupt at byte 343, in key 3 named `user:1` of database 0: the length `9` is more than is left
    "]].assert_eq(&line(&outcome, &look(80)));
}

#[test]
fn several_files_have_a_line_each_and_a_sum() {
    let outcomes = [
        samples::sound_unnamed(),
        samples::empty(),
        samples::truncated(),
        Outcome::unreadable("gone.rdb".into(), Problem::InputTwice),
    ];
    let mut text = String::new();
    let mut sum = Totals::default();
    for outcome in &outcomes {
        sum.add(outcome);
        text.push_str(&line(outcome, &look(80)));
    }
    text.push_str(&totals(&sum, Duration::from_millis(412), &look(80)));
    expect![[r"
        ✔ orders-0001.rdb: sound, 5,000,004 keys, 612.3 MB
        ✔ standard input: sound, 0 keys, 10 B
        ✘ cut.rdb: truncated at byte 343, in key 3 of database 0: the file ends within a `score`
        4 files: 2 sound, 1 truncated, 1 could not be read; 612.3 MB read in 0.4 s (1,486 MB/s)
    "]]
    .assert_eq(&text);
}

#[test]
fn reports_of_several_files_are_set_apart() {
    let [alone, among] = [1, 2].map(|of| full(&samples::truncated(), of, &look(80)));
    assert_eq!(format!("{alone}\n"), among);
}

#[test]
fn bars_are_in_proportion_and_never_nothing() {
    for (per_mille, expected) in [
        (0, "▏"),
        (1, "▏"),
        (500, "██"),
        (530, "██▏"),
        (1000, "████"),
        (5000, "████"),
    ] {
        assert_eq!(table::bar(per_mille, 4), expected, "{per_mille}");
    }
}
