//! Sets, sorted sets and hashes around the limits of their small encodings, and far beyond them.

use super::super::{FAR, on};
use super::lists::{ENTRY_LENGTHS, integers};
use super::{Keys, Limits, Setting, noise, text};
use redis::Cmd;

/// Scores that are no ordinary numbers, and integers of every width, which a small encoding stores as such.
const SCORES: [&str; 24] = [
    "-inf",
    "+inf",
    "0",
    "-0",
    "0.1",
    "-0.1",
    "5e-324",
    "-5e-324",
    "2.2250738585072014e-308",
    "1.7976931348623157e308",
    "-1.7976931348623157e308",
    "3.0000000000000004",
    "1",
    "-1",
    "127",
    "4096",
    "-32769",
    "8388608",
    "2147483648",
    "-2147483649",
    "9007199254740993",
    "9223372036854775807",
    "1e19",
    "-1e300",
];

/// Settings under which a small encoding may take millions of bytes.
pub(super) fn room() -> Vec<Setting> {
    let kinds = [
        ("hash-max-ziplist-entries", "100000"),
        ("hash-max-ziplist-value", "4000000"),
        ("zset-max-ziplist-entries", "100000"),
        ("zset-max-ziplist-value", "4000000"),
        ("set-max-listpack-entries", "100000"),
        ("set-max-listpack-value", "4000000"),
        ("set-max-intset-entries", "200000"),
    ];
    kinds.map(|(name, value)| (name, value.to_owned())).to_vec()
}

/// Settings under which no hash is small.
pub(super) fn without_small() -> Vec<Setting> {
    vec![("hash-max-ziplist-entries", "0".to_owned())]
}

pub(super) fn sets(keys: &mut Keys, limits: &Limits) {
    for (bits, widest) in [
        (16, i64::from(i16::MAX)),
        (32, i64::from(i32::MAX)),
        (64, i64::MAX),
    ] {
        for count in limits.around("set-max-intset-entries") {
            keys.add(&format!("set of {count} integers of {bits} bits"), |key| {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                let small = (1..count).map(|n| if n % 2 == 0 { n } else { -n });
                add("SADD", key, small.chain([widest]).map(|n| [n]))
            });
        }
        keys.add(&format!("set of one integer of {bits} bits"), |key| {
            add("SADD", key, [[-widest - 1]])
        });
    }
    for count in limits.around("set-max-listpack-entries") {
        keys.add(&format!("set of {count} texts"), |key| {
            add("SADD", key, (0..count).map(|n| [text(12, n)]))
        });
        keys.add(&format!("set of {count} integers and a text"), |key| {
            let integers = (1..count).map(|n| n.to_string());
            add("SADD", key, integers.chain(["text".to_owned()]).map(|n| [n]))
        });
    }
    for length in limits.around("set-max-listpack-value") {
        keys.add(&format!("set with a text of {length}"), |key| {
            add("SADD", key, [[noise(length, 1)], [text(length, 2)], [Vec::new()]])
        });
    }
    keys.add("set of all integers", |key| {
        add("SADD", key, integers().into_iter().map(|n| [n]))
    });
    keys.add("set that was large", |key| {
        let mut commands = add("SADD", key, (0..600).map(|n| [text(20, n)]));
        commands.extend(add("SREM", key, (3..600).map(|n| [text(20, n)])));
        commands
    });
}

pub(super) fn zsets(keys: &mut Keys, limits: &Limits) {
    for count in limits.around("zset-max-ziplist-entries") {
        keys.add(&format!("zset of {count} members"), |key| {
            add(
                "ZADD",
                key,
                (0..count).map(|n| [text(3, n * n % 97), text(10, n)]).map(scored),
            )
        });
    }
    for length in limits.around("zset-max-ziplist-value") {
        keys.add(&format!("zset with a member of {length}"), |key| {
            add(
                "ZADD",
                key,
                [
                    [b"1".to_vec(), noise(length, 1)],
                    [b"-2".to_vec(), text(length, 1)],
                ],
            )
        });
    }
    // Some servers keep few members in a small encoding, all keep these many in a large one.
    for (name, more) in [("small", 0), ("large", 300)] {
        keys.add(&format!("zset of all scores, {name}"), |key| {
            let scores = SCORES.iter().map(|score| score.as_bytes().to_vec());
            let more = (0..more).map(|n| format!("{n}.5").into_bytes());
            let members = scores.chain(more).enumerate();
            add("ZADD", key, members.map(|(n, score)| [score, text(8, n)]))
        });
    }
    keys.add("zset of integers as members", |key| {
        let members = integers().into_iter().map(|n| n.to_string());
        add("ZADD", key, members.map(|n| [n.clone(), n]))
    });
    keys.add("zset with an empty member", |key| {
        vec![on("ZADD", key).arg("1").arg("").take()]
    });
    keys.add("zset that was large", |key| {
        let mut commands = add(
            "ZADD",
            key,
            (0..400).map(|n| [n.to_string().into_bytes(), text(9, n)]),
        );
        commands.push(on("ZREMRANGEBYRANK", key).arg(2).arg(-1).take());
        commands
    });
    for count in [3, 400] {
        keys.add(&format!("geo of {count} places"), |key| {
            let places = (0..count).map(|n| {
                let (east, north) = (f64::from(n) * 0.7 - 140.0, f64::from(n) * 0.3 - 60.0);
                [east.to_string(), north.to_string(), format!("place {n}")]
            });
            add("GEOADD", key, places)
        });
    }
}

/// The first text's letters are no number, so it becomes one.
fn scored([score, member]: [Vec<u8>; 2]) -> [Vec<u8>; 2] {
    let sum: u32 = score.iter().map(|byte| u32::from(*byte)).sum();
    [sum.to_string().into_bytes(), member]
}

pub(super) fn hashes(keys: &mut Keys, limits: &Limits) {
    for count in limits.around("hash-max-ziplist-entries") {
        keys.add(&format!("hash of {count} fields"), |key| fields(key, 0..count));
        keys.add(&format!("hash of {count} fields of noise"), |key| {
            add("HSET", key, (0..count).map(|n| [noise(12, n), noise(20, n)]))
        });
    }
    for length in limits.around("hash-max-ziplist-value") {
        keys.add(&format!("hash with a field of {length}"), |key| {
            add("HSET", key, [[noise(length, 1), b"v".to_vec()]])
        });
        keys.add(&format!("hash with a value of {length}"), |key| {
            add("HSET", key, [[b"f".to_vec(), text(length, 1)]])
        });
    }
    keys.add("hash of integers", |key| {
        let pairs = integers().into_iter().map(|n| [n, n.wrapping_mul(3)]);
        add("HSET", key, pairs)
    });
    keys.add("hash of nothing", |key| add("HSET", key, [["", ""]]));
    keys.add("hash of values that change", |key| {
        let mut commands = fields(key, 0..40);
        commands.push(on("HDEL", key).arg(text(9, 3)).arg(text(9, 39)).take());
        commands.push(on("HINCRBY", key).arg("count").arg(i64::MAX).take());
        commands.push(on("HINCRBYFLOAT", key).arg("part").arg("0.5").take());
        commands.push(on("HSET", key).arg(text(9, 1)).arg("").take());
        commands
    });
}

/// Hashes whose fields expire: one of them, some, all; once small, once large; one that expires itself too.
pub(super) fn expiring_fields(keys: &mut Keys) {
    for count in [1, 8, 600, 5_000] {
        for (name, every) in [("some", 3), ("all", 1)] {
            keys.add(&format!("hash of {count} fields, {name} expire"), |key| {
                let mut commands = fields(key, 0..count);
                for number in (0..count).step_by(every) {
                    commands.push(expire_field(key, number, FAR + number as u64));
                }
                commands
            });
        }
    }
    keys.add("hash of fields that expire no more", |key| {
        let mut commands = fields(key, 0..9);
        commands.push(expire_field(key, 4, FAR));
        commands.push(on("HPERSIST", key).arg("FIELDS").arg(1).arg(text(9, 4)).take());
        commands
    });
    keys.add("hash that expires before its fields", |key| {
        let mut commands = fields(key, 0..9);
        commands.push(expire_field(key, 0, FAR + 9));
        commands.push(on("EXPIREAT", key).arg(FAR).take());
        commands
    });
    keys.add("hash with a field that expires as late as it can", |key| {
        let mut commands = fields(key, 0..2);
        commands.push(expire_field(key, 0, 1 << 50));
        commands
    });
}

fn expire_field(key: &[u8], number: usize, second: u64) -> Cmd {
    on("HEXPIREAT", key)
        .arg(second)
        .arg("FIELDS")
        .arg(1)
        .arg(text(9, number))
        .take()
}

/// Small encodings of more than a mebibyte, compressible and not, with many entries or long ones.
pub(super) fn large(keys: &mut Keys) {
    type Make = fn(usize, usize) -> Vec<u8>;
    for (name, make) in [("text", text as Make), ("noise", noise as Make)] {
        keys.add(&format!("hash of 3,000 fields of {name} in one blob"), |key| {
            add("HSET", key, (0..3_000).map(|n| [text(12, n), make(450, n)]))
        });
        keys.add(&format!("hash of long values of {name} in one blob"), |key| {
            let lengths = ENTRY_LENGTHS
                .into_iter()
                .chain([65_536, 2_097_100, 2_097_160, 3_000_000]);
            add("HSET", key, lengths.map(|n| [text(12, n), make(n, n)]))
        });
        keys.add(&format!("zset of 2,800 members of {name} in one blob"), |key| {
            let members = (0..2_800).map(|n| [(n * 7 % 2_800).to_string().into_bytes(), make(420, n)]);
            add("ZADD", key, members)
        });
        keys.add(&format!("set of 2,800 members of {name} in one blob"), |key| {
            add("SADD", key, (0..2_800).map(|n| [make(420, n)]))
        });
    }
    keys.add("hash of 4,096 small fields in one blob", |key| {
        fields(key, 0..4_096)
    });
    keys.add("hash of 4,097 small fields in one blob", |key| {
        fields(key, 0..4_097)
    });
    keys.add("set of 150,000 integers in one blob", |key| {
        add("SADD", key, (0..150_000_i64).map(|n| [n * 60_000_000_000]))
    });
}

/// Collections beyond what a verifier compares member by member, and such as are just within.
pub(super) fn many(keys: &mut Keys) {
    for count in [4_095, 4_096, 4_097, 30_000] {
        keys.add(&format!("hash of {count} fields"), |key| fields(key, 0..count));
        keys.add(&format!("set of {count} members"), |key| {
            add("SADD", key, (0..count).map(|n| [text(9, n)]))
        });
        keys.add(&format!("zset of {count} members"), |key| {
            add(
                "ZADD",
                key,
                (0..count).map(|n| [n.to_string().into_bytes(), text(9, n)]),
            )
        });
    }
    keys.add("hash of few fields beyond a mebibyte", |key| {
        add("HSET", key, (0..5).map(|n| [text(9, n), noise(300_000, n)]))
    });
}

fn fields(key: &[u8], numbers: std::ops::Range<usize>) -> Vec<Cmd> {
    add(
        "HSET",
        key,
        numbers.map(|n| [text(9, n), (n * 7_919).to_string().into_bytes()]),
    )
}

/// Adds groups of arguments, as many at once as a server takes without a pause.
fn add<T: redis::ToRedisArgs, const N: usize>(
    command: &str,
    key: &[u8],
    groups: impl IntoIterator<Item = [T; N]>,
) -> Vec<Cmd> {
    let groups: Vec<[T; N]> = groups.into_iter().collect();
    let chunk = |groups: &[[T; N]]| {
        let mut command = on(command, key);
        for argument in groups.iter().flatten() {
            command.arg(argument);
        }
        command
    };
    groups.chunks(500).map(chunk).collect()
}
