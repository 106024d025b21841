//! Keys that nobody thought of: any type, any size up to a few thousand elements, any bytes, from a seed.

use super::{Item, expire, on};
use fastrand::Rng;
use redis::Cmd;

/// Keys from a seed, spread over the databases; the same seed gives the same keys.
pub fn items(seed: u64, databases: &[u32]) -> Vec<Item> {
    let mut rng = Rng::with_seed(seed);
    let count = rng.usize(200..1500);
    (0..count)
        .map(|number| item(&mut rng, number, databases))
        .collect()
}

fn item(rng: &mut Rng, number: usize, databases: &[u32]) -> Item {
    let database = databases
        .get(rng.usize(0..databases.len().max(1)))
        .copied()
        .unwrap_or(0);
    // The number keeps names apart, so that no command meets a key of another type.
    let mut key = bytes(rng, 40);
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
        let packed = |seed: u64| -> Vec<Vec<u8>> {
            let items = items(seed, &[0, 3]);
            items
                .iter()
                .flat_map(|item| &item.commands)
                .map(Cmd::get_packed_command)
                .collect()
        };
        assert_eq!(packed(7), packed(7));
        assert_ne!(packed(7), packed(8));
    }
}
