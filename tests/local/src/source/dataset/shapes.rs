//! One key of every type in every encoding. The limits between encodings are the servers' defaults (valkey.conf).

use super::{Abilities, FAR, Item, expire, on};
use redis::Cmd;

/// A key's name, why it is there, and what makes it.
type Shape = (&'static str, &'static str, fn(&[u8]) -> Vec<Cmd>);

/// Every shape that every server understands.
pub const SHAPES: &[Shape] = &[
    ("string:int8", "the smallest integer encoding", |k| set(k, "-7")),
    ("string:int64", "too wide for the 32-bit encoding", |k| {
        set(k, "9223372036854775807")
    }),
    (
        "string:embstr",
        "44 bytes: the longest string in one allocation",
        |k| set(k, "x".repeat(44)),
    ),
    ("string:raw", "random-looking bytes that do not compress", |k| {
        set(k, noise(5000))
    }),
    ("string:lzf", "compresses: stored as LZF", |k| {
        set(k, "abcdefgh".repeat(2000))
    }),
    ("string:empty", "nothing", |k| set(k, "")),
    ("string:binary", "bytes that are no text", |k| {
        set(k, [0_u8, 255, 13, 10, 128].repeat(9))
    }),
    ("string:unicode", "text of several bytes a letter", |k| {
        set(k, "Größe, 大きさ, размер, 📦")
    }),
    ("string:long", "a length of four bytes", |k| set(k, noise(20_000))),
    ("ключ:ünï¢ødé:鍵", "a name that is not ASCII", |k| {
        set(k, "v")
    }),
    (
        "bin\u{0}ary\r\n key",
        "a name with zero bytes and line ends",
        |k| set(k, "v"),
    ),
    (
        "{tag}:hash-tagged",
        "in a cluster the tag alone decides the slot",
        |k| set(k, "v"),
    ),
    ("list:listpack", "few and small: one listpack", |k| {
        push("RPUSH", k, 0..10)
    }),
    ("list:quicklist", "several nodes of 8 KiB", |k| {
        push("RPUSH", k, 0..4000)
    }),
    ("list:plain", "an element with a node of its own", |k| {
        vec![on("RPUSH", k).arg(noise(9000)).arg("1").take()]
    }),
    ("set:intset16", "integers of two bytes", |k| {
        vec![on("SADD", k).arg((1..100).collect::<Vec<i32>>()).take()]
    }),
    ("set:intset64", "integers of eight bytes", |k| {
        vec![on("SADD", k).arg(1).arg(i64::MIN).take()]
    }),
    ("set:listpack", "few strings", |k| push("SADD", k, 0..20)),
    ("set:hashtable", "many strings", |k| push("SADD", k, 0..700)),
    ("zset:listpack", "few members", |k| scored(k, 20)),
    ("zset:skiplist", "many members", |k| scored(k, 500)),
    ("zset:extremes", "infinities, negative zero, a denormal", |k| {
        let pairs = [
            "-inf",
            "a",
            "+inf",
            "b",
            "-0",
            "c",
            "5e-324",
            "d",
            "1.7976931348623157e308",
            "e",
        ];
        vec![on("ZADD", k).arg(&pairs).take()]
    }),
    ("hash:listpack", "few fields", |k| fields(k, 12)),
    ("hash:hashtable", "many fields", |k| fields(k, 900)),
    (
        "stream:groups",
        "entries, deleted ones, groups, consumers, pending entries",
        stream,
    ),
    ("stream:empty", "only a group is left", |k| {
        vec![
            redis::cmd("XGROUP")
                .arg("CREATE")
                .arg(k)
                .arg("g")
                .arg("$")
                .arg("MKSTREAM")
                .take(),
        ]
    }),
    ("hyperloglog:sparse", "few elements", |k| push("PFADD", k, 0..50)),
    ("hyperloglog:dense", "many elements", |k| {
        push("PFADD", k, 0..20_000)
    }),
    ("geo", "places, kept as a sorted set", |k| {
        let places = [
            "8.68",
            "50.11",
            "Frankfurt",
            "-6.26",
            "53.35",
            "Dublin",
            "151.2",
            "-33.87",
            "Sydney",
        ];
        vec![on("GEOADD", k).arg(&places).take()]
    }),
    ("bitmap", "a bit far out: mostly zeros", |k| {
        vec![on("SETBIT", k).arg(200_000).arg(1).take()]
    }),
    ("expires:string", "an expiry in milliseconds", |k| {
        vec![on("SET", k).arg("v").arg("PXAT").arg(FAR * 1000 + 123).take()]
    }),
    ("expires:hash", "an expiry on a collection", |k| {
        [fields(k, 5), vec![expire(k, 60)]].concat()
    }),
];

/// A hash whose fields expire by themselves, for servers that have such.
const FIELD_EXPIRY: Shape = ("hash:field-expiry", "fields expire by themselves", |k| {
    let some = on("HEXPIREAT", k)
        .arg(FAR)
        .arg("FIELDS")
        .arg(2)
        .arg("field-1")
        .arg("field-3")
        .take();
    [fields(k, 8), vec![some]].concat()
});

/// One key of each shape for a database.
pub fn all(database: u32, abilities: Abilities) -> Vec<Item> {
    let newer = abilities.field_expiry.then_some(FIELD_EXPIRY);
    let shapes = SHAPES.iter().copied().chain(newer);
    let item = |(name, _, make): Shape| {
        let key = name.as_bytes().to_vec();
        Item {
            database,
            commands: make(&key),
            key,
        }
    };
    shapes.map(item).collect()
}

fn set(key: &[u8], value: impl redis::ToRedisArgs) -> Vec<Cmd> {
    vec![on("SET", key).arg(value).take()]
}

fn push(command: &str, key: &[u8], numbers: std::ops::Range<u32>) -> Vec<Cmd> {
    let elements: Vec<String> = numbers.map(|number| format!("element-{number}")).collect();
    elements
        .chunks(1000)
        .map(|chunk| on(command, key).arg(chunk).take())
        .collect()
}

fn scored(key: &[u8], count: u32) -> Vec<Cmd> {
    let mut command = on("ZADD", key);
    for number in 0..count {
        command
            .arg(f64::from(number) * 1.25 - 10.0)
            .arg(format!("member-{number}"));
    }
    vec![command]
}

fn fields(key: &[u8], count: u32) -> Vec<Cmd> {
    let mut command = on("HSET", key);
    for number in 0..count {
        command.arg(format!("field-{number}")).arg(number * 7919);
    }
    vec![command]
}

/// 250 entries fill several nodes; one group has read some of them and acknowledged fewer.
fn stream(key: &[u8]) -> Vec<Cmd> {
    let add = |number: u32| {
        on("XADD", key)
            .arg(format!("{number}-1"))
            .arg("temperature")
            .arg(number % 40)
            .arg("unit")
            .arg("C")
            .take()
    };
    let mut commands: Vec<Cmd> = (1..=250).map(add).collect();
    let mut read = |consumer: &str, count: u32| {
        commands.push(
            redis::cmd("XREADGROUP")
                .arg(&[
                    "GROUP",
                    "readers",
                    consumer,
                    "COUNT",
                    &count.to_string(),
                    "STREAMS",
                ])
                .arg(key)
                .arg(">")
                .take(),
        );
    };
    read("ada", 12);
    read("grace", 5);
    let group = redis::cmd("XGROUP")
        .arg("CREATE")
        .arg(key)
        .arg("readers")
        .arg("0")
        .take();
    commands.insert(250, group);
    commands.push(on("XACK", key).arg("readers").arg("3-1").arg("4-1").take());
    commands.push(on("XDEL", key).arg("100-1").arg("1-1").take());
    commands
}

/// Bytes that look random and are the same every time.
fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    fastrand::Rng::with_seed(length as u64).fill(&mut bytes);
    bytes
}
