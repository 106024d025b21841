//! Keys at every edge between two encodings: at each limit of a server, one below it and one above.
//!
//! The limits are read from the server, not assumed. Some encodings come about only under settings that nobody has by
//! default; a `Chapter` makes its keys under those and takes them back. What lies there stays as it is until it is
//! written to again.

mod collections;
mod lists;
mod streams;
mod strings;

use super::{Abilities, Item, Writer, random};
use crate::source::{Server, SourceError};
use redis::Cmd;
use std::collections::BTreeMap;

/// What to make besides the edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Strings of 20 MiB and collections of more than a mebibyte.
    pub large: bool,
    /// Random keys under random settings, from this seed.
    pub seed: u64,
}

/// A setting and its value.
type Setting = (&'static str, String);

/// Keys that are made under settings of their own.
struct Chapter {
    settings: Vec<Setting>,
    items: Vec<Item>,
}

/// Fills a server; the keys are spread over the databases.
pub fn fill(server: &Server, databases: &[u32], extent: Extent) -> Result<(), SourceError> {
    let abilities = Abilities::of(server)?;
    let limits = Limits::of(server)?;
    for chapter in chapters(&limits, abilities, databases, extent) {
        let mut before: Vec<Setting> = Vec::new();
        for (name, value) in &chapter.settings {
            // A setting that the server does not have is of an encoding that it does not have either.
            if let Some(old) = limits.0.get(*name) {
                before.push((name, old.clone()));
                set(server, name, value)?;
            }
        }
        Writer::new(server)?.write(chapter.items.iter())?;
        for (name, value) in &before {
            set(server, name, value)?;
        }
    }
    Ok(())
}

fn set(server: &Server, name: &str, value: &str) -> Result<(), SourceError> {
    let set = redis::cmd("CONFIG").arg("SET").arg(name).arg(value).to_owned();
    server.ask(&mut server.connect()?, &set)
}

fn chapters(limits: &Limits, abilities: Abilities, databases: &[u32], extent: Extent) -> Vec<Chapter> {
    let mut chapters = Vec::new();
    let mut chapter = |settings: Vec<Setting>, make: &dyn Fn(&mut Keys)| {
        let label = settings.iter().map(|(name, value)| format!("{name}={value} "));
        let mut keys = Keys {
            label: label.collect(),
            found: Vec::new(),
        };
        make(&mut keys);
        chapters.push(Chapter {
            settings,
            items: keys.spread(databases),
        });
    };
    chapter(vec![], &|keys| {
        strings::all(keys);
        lists::all(keys);
        collections::sets(keys, limits);
        collections::zsets(keys, limits);
        collections::hashes(keys, limits);
        if abilities.field_expiry {
            collections::expiring_fields(keys);
        }
        streams::all(keys, abilities);
    });
    for (size, depth) in [("1", "0"), ("4", "1"), ("128", "3"), ("-1", "2"), ("-5", "1")] {
        chapter(lists::settings(size, depth), &lists::all);
    }
    for (bytes, entries) in [(0, 0), (0, 1), (1, 100), (200, 7), (0, 3000), (1 << 20, 0)] {
        chapter(streams::settings(bytes, entries), &streams::nodes);
    }
    chapter(collections::without_small(), &|keys| {
        collections::hashes(keys, limits);
    });
    if extent.large {
        chapter(vec![], &strings::large);
        chapter(collections::room(), &collections::large);
        chapter(vec![], &collections::many);
    }
    let mut rng = fastrand::Rng::with_seed(extent.seed);
    for _ in 0..2 {
        chapters.push(Chapter {
            settings: random_settings(&mut rng),
            items: random::worn(rng.u64(..), databases),
        });
    }
    chapters
}

/// Limits that nobody would choose.
fn random_settings(rng: &mut fastrand::Rng) -> Vec<Setting> {
    let sizes = ["-4", "-3", "-2", "-1", "1", "3", "17", "500"];
    let mut settings = vec![
        (LIST_SIZE, sizes[rng.usize(..sizes.len())].to_owned()),
        (LIST_DEPTH, rng.u8(..4).to_string()),
    ];
    for name in [
        "set-max-intset-entries",
        "set-max-listpack-entries",
        "set-max-listpack-value",
        "zset-max-ziplist-entries",
        "zset-max-ziplist-value",
        "hash-max-ziplist-entries",
        "hash-max-ziplist-value",
        "stream-node-max-entries",
        "stream-node-max-bytes",
    ] {
        settings.push((name, rng.u32(1..1500).to_string()));
    }
    settings
}

/// Names before version 7; later servers know them too.
const LIST_SIZE: &str = "list-max-ziplist-size";
const LIST_DEPTH: &str = "list-compress-depth";

/// A server's settings.
struct Limits(BTreeMap<String, String>);

impl Limits {
    fn of(server: &Server) -> Result<Self, SourceError> {
        let all = redis::cmd("CONFIG").arg("GET").arg("*").to_owned();
        Ok(Self(server.ask(&mut server.connect()?, &all)?))
    }

    /// One below a limit, at it and one above; nothing where the server has no such limit.
    fn around(&self, name: &str) -> Vec<usize> {
        let limit = self.0.get(name).and_then(|value| value.parse::<usize>().ok());
        limit.map_or_else(Vec::new, |limit| vec![limit - 1, limit, limit + 1])
    }
}

/// The keys of one chapter.
struct Keys {
    label: String,
    found: Vec<(Vec<u8>, Vec<Cmd>)>,
}

impl Keys {
    /// A key with what makes it. Its name says what it is, after the chapter's settings.
    fn add(&mut self, name: &str, make: impl FnOnce(&[u8]) -> Vec<Cmd>) {
        self.named(&format!("{}{name}", self.label).into_bytes(), make);
    }

    /// A key whose very name matters.
    fn named(&mut self, key: &[u8], make: impl FnOnce(&[u8]) -> Vec<Cmd>) {
        self.found.push((key.to_owned(), make(key)));
    }

    fn spread(self, databases: &[u32]) -> Vec<Item> {
        let databases = databases.iter().copied().cycle();
        let items = self.found.into_iter().zip(databases);
        items
            .map(|((key, commands), database)| Item {
                database,
                key,
                commands,
            })
            .collect()
    }
}

/// Text of exactly this many bytes that compresses; texts of other numbers differ, if they have room for it.
fn text(length: usize, number: usize) -> Vec<u8> {
    let mut text = format!("{number:x}-").into_bytes();
    text.resize(length, b'x');
    text
}

/// Bytes of exactly this many that do not compress; those of another number differ.
fn noise(length: usize, number: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    fastrand::Rng::with_seed((length + number * 0x1_0000_0001) as u64).fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_key_is_made_twice_and_none_by_chance() {
        let limits = Limits(BTreeMap::from(
            [
                ("set-max-intset-entries", "9"),
                ("zset-max-ziplist-entries", "5"),
                ("hash-max-ziplist-value", "7"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        ));
        let abilities = Abilities {
            field_expiry: true,
            functions: true,
        };
        let extent = Extent {
            large: false,
            seed: 5,
        };
        let made = || -> Vec<(u32, Vec<u8>, Vec<Vec<u8>>)> {
            let items = chapters(&limits, abilities, &[0, 2], extent);
            let items = items.iter().flat_map(|chapter| &chapter.items);
            items
                .map(|item| {
                    let commands = item.commands.iter().map(Cmd::get_packed_command);
                    (item.database, item.key.clone(), commands.collect())
                })
                .collect()
        };
        let items = made();
        assert_eq!(items, made(), "the same seed makes the same keys");
        let names: BTreeSet<_> = items.iter().map(|(database, key, _)| (database, key)).collect();
        assert_eq!(
            names.len(),
            items.len(),
            "a key of the same name would be written over"
        );
        assert!(items.len() > 500, "{}", items.len());
    }

    #[test]
    fn a_limit_that_a_server_does_not_have_makes_no_keys() {
        let limits = Limits(BTreeMap::from([("a".to_owned(), "128".to_owned())]));
        assert_eq!(limits.around("a"), [127, 128, 129]);
        assert!(limits.around("b").is_empty());
    }
}
