//! Keys that nobody thought of: any type, any size up to a few thousand elements, any bytes, from a seed.

use super::{Item, expire, on};
use fastrand::Rng;
use redis::Cmd;

/// Keys from a seed, spread over the databases; the same seed gives the same keys.
pub fn items(seed: u64, databases: &[u32]) -> Vec<Item> {
    from(&mut Rng::with_seed(seed), b"", databases)
}

/// As [`items`], with names of their own and commands after each that take parts of it away again or add others.
pub fn worn(seed: u64, databases: &[u32]) -> Vec<Item> {
    let mut rng = Rng::with_seed(seed);
    let mut items = from(&mut rng, format!("random {seed:x} ").as_bytes(), databases);
    for item in &mut items {
        let wear = wear(&mut rng, item);
        item.commands.extend(wear);
    }
    items
}

fn from(rng: &mut Rng, prefix: &[u8], databases: &[u32]) -> Vec<Item> {
    let count = rng.usize(200..1500);
    (0..count)
        .map(|number| item(rng, prefix, number, databases))
        .collect()
}

/// Changes that any value of the type takes, even one that an earlier change took everything from.
fn wear(rng: &mut Rng, item: &Item) -> Vec<Cmd> {
    let first = item
        .commands
        .first()
        .and_then(|command| command.args_iter().next());
    let Some(redis::Arg::Simple(name)) = first else {
        return Vec::new();
    };
    let key = &item.key;
    let from = rng.usize(..40);
    match name {
        b"SET" => vec![on("SETRANGE", key).arg(from).arg(bytes(rng, 90)).take()],
        b"RPUSH" => vec![
            on("LTRIM", key).arg(from).arg(-rng.i32(1..40)).take(),
            on("LPUSH", key).arg(bytes(rng, 10_000)).take(),
        ],
        b"SADD" => vec![on("SADD", key).arg(rng.i64(..)).arg(bytes(rng, 90)).take()],
        b"HSET" => vec![on("HSET", key).arg(bytes(rng, 90)).arg(bytes(rng, 9_000)).take()],
        b"ZADD" => vec![
            on("ZREMRANGEBYRANK", key)
                .arg(from)
                .arg(from + rng.usize(..200))
                .take(),
            on("ZINCRBY", key).arg(rng.i32(..)).arg(bytes(rng, 90)).take(),
        ],
        _ => vec![
            on("XDEL", key).arg(format!("{from}-{from}")).arg("1-1").take(),
            redis::cmd("XGROUP")
                .arg("CREATE")
                .arg(key)
                .arg("g")
                .arg("0")
                .take(),
            redis::cmd("XREADGROUP")
                .arg(&["GROUP", "g", "c", "COUNT", &rng.u8(1..).to_string(), "STREAMS"])
                .arg(key)
                .arg(">")
                .take(),
            on("XTRIM", key).arg("MAXLEN").arg(rng.u16(..300)).take(),
        ],
    }
}

fn item(rng: &mut Rng, prefix: &[u8], number: usize, databases: &[u32]) -> Item {
    let database = databases
        .get(rng.usize(0..databases.len().max(1)))
        .copied()
        .unwrap_or(0);
    // The number keeps names apart, so that no command meets a key of another type.
    let mut key = [prefix, &bytes(rng, 40)].concat();
    key.extend_from_slice(number.to_string().as_bytes());
    let mut commands = value(rng, &key);
    if rng.u8(..4) == 0 {
        commands.push(expire(&key, rng.u64(..1_000_000)));
    }
    Item {
        database,
        key,
        commands,
    }
}

fn value(rng: &mut Rng, key: &[u8]) -> Vec<Cmd> {
    match rng.u8(..8) {
        0 => vec![on("SET", key).arg(rng.i64(..)).take()],
        1 => vec![on("SET", key).arg(bytes(rng, 30_000)).take()],
        2 => filled("RPUSH", key, rng, |rng, command| {
            command.arg(bytes(rng, 200));
        }),
        3 => filled("SADD", key, rng, |rng, command| {
            command.arg(bytes(rng, 60));
        }),
        4 => filled("SADD", key, rng, |rng, command| {
            let width = rng.u8(1..40);
            command.arg(rng.i64(-(1 << width)..1 << width));
        }),
        5 => filled("HSET", key, rng, |rng, command| {
            command.arg(bytes(rng, 30)).arg(bytes(rng, 90));
        }),
        6 => filled("ZADD", key, rng, |rng, command| {
            command
                .arg((rng.f64() - 0.5) * 10f64.powi(rng.i32(-9..9)))
                .arg(bytes(rng, 30));
        }),
        _ => (1..=elements(rng))
            .map(|number| {
                on("XADD", key)
                    .arg(format!("{number}-{number}"))
                    .arg(bytes(rng, 9))
                    .arg(bytes(rng, 50))
                    .take()
            })
            .collect(),
    }
}

fn filled(name: &str, key: &[u8], rng: &mut Rng, mut element: impl FnMut(&mut Rng, &mut Cmd)) -> Vec<Cmd> {
    let mut command = on(name, key);
    for _ in 0..elements(rng) {
        element(rng, &mut command);
    }
    vec![command]
}

/// Mostly few, sometimes many.
fn elements(rng: &mut Rng) -> usize {
    let most = [4, 30, 150, 1200][rng.usize(..4)];
    rng.usize(1..=most)
}

/// Bytes of any length below `most`, half the time such as compress.
fn bytes(rng: &mut Rng, most: usize) -> Vec<u8> {
    let mut bytes = vec![b'a'; rng.usize(..most)];
    if rng.bool() {
        rng.fill(&mut bytes);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_everything() {
        let packed = |make: fn(u64, &[u32]) -> Vec<Item>, seed: u64| -> Vec<Vec<u8>> {
            let items = make(seed, &[0, 3]);
            items
                .iter()
                .flat_map(|item| &item.commands)
                .map(Cmd::get_packed_command)
                .collect()
        };
        for make in [items, worn] {
            assert_eq!(packed(make, 7), packed(make, 7));
            assert_ne!(packed(make, 7), packed(make, 8));
        }
    }
}
