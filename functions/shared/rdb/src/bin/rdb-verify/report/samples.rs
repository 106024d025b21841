//! Outcomes made by hand, for tests of what is printed.

use crate::outcome::{Found, Outcome};
use rdb::{Broken, BrokenKind, KeyAt, Verdict};
use serde_json::json;
use std::time::Duration;

/// A large file with something of everything, names included.
pub(crate) fn sound() -> Outcome {
    let verdict: Verdict = serde_json::from_value(json!({
        "magic": "VALKEY", "version": 80, "bytes": 612_345_678_u64, "crc": "right",
        "aux": {
            "valkey-ver": "9.1.2", "redis-bits": "64", "ctime": "1795143617", "used-mem": "812400000",
            "aof-base": "0", "repl-offset": "81234",
        },
        "otherAux": 1, "keys": 5_000_004, "expires": 1_200_000, "expired": 3400, "functions": 2,
        "databases": [
            {
                "number": 0, "keys": 5_000_003, "expires": 1_200_000, "expired": 3400,
                "types": {"string": 4_000_000, "hash": 900_003, "stream": 99_999, "zset": 1},
                "announced": {"keys": 5_000_003, "expires": 1_200_001},
            },
            {"number": 9, "keys": 1, "expires": 0, "expired": 0, "types": {"list": 1}},
        ],
        "types": {
            "string": {"keys": 4_000_000, "bytes": 312_000_000},
            "hash": {"keys": 900_003, "bytes": 150_000_000},
            "stream": {"keys": 99_999, "bytes": 50_000_000},
            "list": {"keys": 1, "bytes": 7_654_321},
            "zset": {"keys": 1, "bytes": 23},
        },
        "encodings": {
            "string": 4_000_000, "hash-listpack": 900_000, "hash-hashtable": 3, "stream-v3": 99_999,
            "quicklist-v2": 1, "zset-listpack": 1,
        },
        "largest": [
            {"key": 5_000_004, "database": 9, "type": "list", "bytes": 7_654_321, "name": "jobs:retry"},
            {
                "key": 17, "database": 0, "type": "hash", "bytes": 1_200_000,
                "name": "session:0000000000000000000000000000000000000000000000000000000…",
            },
        ],
        "notChecked": {"duplicates": 1, "pending": 2},
    }))
    .unwrap();
    outcome("orders-0001.rdb", Found::Sound(Box::new(verdict)), 612_345_678)
}

/// The same without names, as it is without `--show-keys`.
pub(crate) fn sound_unnamed() -> Outcome {
    let mut outcome = sound();
    let Found::Sound(verdict) = &mut outcome.found else {
        unreachable!("it is made sound above")
    };
    verdict.largest.iter_mut().for_each(|large| large.name = None);
    outcome
}

/// As little as a file can hold: nothing.
pub(crate) fn empty() -> Outcome {
    let verdict: Verdict = serde_json::from_value(json!({
        "magic": "REDIS", "version": 3, "bytes": 10, "crc": "absent", "aux": {}, "otherAux": 0, "keys": 0,
        "expires": 0, "expired": 0, "functions": 0, "databases": [], "types": {}, "encodings": {}, "largest": [],
    }))
    .unwrap();
    outcome("-", Found::Sound(Box::new(verdict)), 10)
}

/// A file that was cut.
pub(crate) fn truncated() -> Outcome {
    broken("cut.rdb", BrokenKind::Truncated, "the file ends within a `score`")
}

/// A file that is not accepted for this reason.
pub(crate) fn broken(path: &str, kind: BrokenKind, meaning: &str) -> Outcome {
    let broken = Broken {
        kind,
        offset: 343,
        meaning: meaning.to_owned(),
        key: Some(KeyAt {
            number: 3,
            database: 0,
            name: None,
        }),
        sound_keys: 2,
    };
    outcome(path, Found::Broken(broken), 343)
}

fn outcome(path: &str, found: Found, bytes: u64) -> Outcome {
    Outcome {
        path: path.to_owned(),
        found,
        read: bytes,
        size: (path != "-").then_some(bytes),
        took: Duration::from_micros(if bytes > 1000 { 412_345 } else { 1234 }),
    }
}
