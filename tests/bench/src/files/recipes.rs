//! What is in each file: the four of the benchmark's goals.

use crate::files::batch::Batch;
use crate::files::content::Content;
use crate::files::mixed;

/// Changes with every change of a recipe, so that files of an older one are made again.
pub(crate) const VERSION: u32 = 1;

/// A file that is made from commands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe {
    /// Its name for people; that of its file has hyphens.
    pub(crate) name: &'static str,
    /// How many times less CPU than the best reference checker is to be used.
    pub(crate) goal: f64,
    /// Keys of the full file; the quick one has a tenth.
    pub(crate) keys: u64,
    /// Writes the commands for the key of that number.
    pub(crate) put: fn(&mut Batch, &mut Content, u64),
}

/// In the order of the goals.
pub(crate) const RECIPES: [Recipe; 4] = [
    Recipe {
        name: "small strings",
        goal: 8.0,
        keys: 5_000_000,
        put: small_string,
    },
    Recipe {
        name: "small ints and encodings",
        goal: 5.0,
        keys: 6_000_000,
        put: small_encoding,
    },
    Recipe {
        name: "big values",
        goal: 3.5,
        keys: 140,
        put: big_value,
    },
    Recipe {
        name: "mixed types",
        goal: 6.0,
        keys: 330_000,
        put: mixed::put,
    },
];

impl Recipe {
    /// The name of its file.
    pub(crate) fn file(&self) -> String {
        format!("{}.rdb", self.name.replace(' ', "-"))
    }
}

/// A ticket or a token: a name of 21 bytes and about 95 that do not compress.
fn small_string(batch: &mut Batch, content: &mut Content, number: u64) {
    batch
        .command("SET")
        .show(format_args!("session:{number:07}:token"));
    batch.arg(content.token(64..128)).end();
}

/// Half of them counters, the others collections of a few elements, each in one small blob.
fn small_encoding(batch: &mut Batch, content: &mut Content, number: u64) {
    let bits = content.rng.u32(4..44);
    let integer = content.rng.i64(-8..1 << bits);
    let elements = content.rng.u32(2..9);
    match content.rng.u32(..100) {
        ..50 => {
            batch
                .command("SET")
                .show(format_args!("counter:{number}"))
                .show(integer);
        }
        50..66 => {
            batch.command("HSET").show(format_args!("user:{number}"));
            for field in [
                "visits", "plan", "score", "last", "city", "group", "mail", "flags", "level",
            ]
            .iter()
            .take(elements as usize)
            {
                batch.arg(field);
                if content.rng.bool() {
                    batch.show(content.rng.u32(..100_000));
                } else {
                    batch.arg(content.token(3..12));
                }
            }
        }
        66..76 => {
            batch.command("RPUSH").show(format_args!("recent:{number}"));
            (0..elements).for_each(|_| _ = batch.arg(content.token(4..16)));
        }
        76..86 => {
            batch.command("SADD").show(format_args!("ids:{number}"));
            (0..elements).for_each(|_| _ = batch.show(content.rng.u32(..1 << (bits / 2))));
        }
        86..91 => {
            batch.command("SADD").show(format_args!("tags:{number}"));
            (0..elements).for_each(|_| _ = batch.arg(content.token(4..16)));
        }
        _ => {
            batch.command("ZADD").show(format_args!("rank:{number}"));
            for _ in 0..elements {
                batch.show(content.rng.u32(..10_000)).arg(content.token(6..14));
            }
        }
    }
    batch.end();
}

/// 1 to 16 MB; a quarter of them text, which the server compresses, the others as if compressed already.
fn big_value(batch: &mut Batch, content: &mut Content, number: u64) {
    let length = content.rng.usize(1_000_000..16_000_000);
    let value = if number % 4 == 3 {
        content.long_text(length)
    } else {
        content.noise(length)
    };
    batch
        .command("SET")
        .show(format_args!("blob:{number}"))
        .arg(value)
        .end();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the commands that make some keys of a file.
    fn commands(recipe: &Recipe, keys: u64) -> Vec<String> {
        let (mut batch, mut content) = (Batch::default(), Content::new(1));
        let mut names = Vec::new();
        for number in 0..keys {
            (recipe.put)(&mut batch, &mut content, number);
            let text = String::from_utf8_lossy(batch.bytes()).into_owned();
            names.push(text.lines().nth(2).unwrap().to_owned());
            batch.clear();
        }
        names.sort();
        names.dedup();
        names
    }

    #[test]
    fn each_file_is_what_its_name_says() {
        assert_eq!(commands(&RECIPES[0], 100), ["SET"]);
        assert_eq!(
            commands(&RECIPES[1], 1000),
            ["HSET", "RPUSH", "SADD", "SET", "ZADD"]
        );
        assert_eq!(commands(&RECIPES[2], 4), ["SET"]);
        assert_eq!(RECIPES[1].file(), "small-ints-and-encodings.rdb");
    }
}
