//! The file of all types, in sizes as applications have them.

use crate::files::batch::Batch;
use crate::files::content::Content;

/// In 2100, so that nothing expires while it is measured, in seconds since 1970.
const FAR: u64 = 4_102_444_800;

/// How many of a thousand keys are of a kind, and what makes one; the rare ones are large and fill as much of the file.
type Kind = (u32, fn(&mut Batch, &mut Content, &str));

const KINDS: [Kind; 19] = [
    (300, session),
    (150, counter),
    (100, ticket),
    (12, page),
    (170, profile),
    (30, product),
    (3, large_hash),
    (20, cart),
    (40, short_list),
    (3, queue),
    (40, |batch, content, key| ids(batch, content, key, 400)),
    (30, |batch, content, key| members(batch, content, key, 40)),
    (3, |batch, content, key| members(batch, content, key, 3000)),
    (40, |batch, content, key| ranking(batch, content, key, 100)),
    (3, |batch, content, key| ranking(batch, content, key, 4000)),
    (4, events),
    (48, setting),
    (2, visitors),
    (2, bitmap),
];

/// Writes the commands for one key; every so often on another database. The first brings functions too.
pub(crate) fn put(batch: &mut Batch, content: &mut Content, number: u64) {
    if number == 0 {
        let code = "#!lua name=bench\nserver.register_function('f', function(keys, args) return 1 end)";
        batch.command("FUNCTION").arg("LOAD").arg(code).end();
    }
    if number.is_multiple_of(64) {
        let database = [0, 0, 0, 1, 5][(number / 64 % 5) as usize];
        batch.command("SELECT").show(database).end();
    }
    let mut choice = content.rng.u32(..1000);
    for (share, make) in KINDS {
        if choice < share {
            return make(batch, content, &number.to_string());
        }
        choice -= share;
    }
}

fn on<'b>(batch: &'b mut Batch, command: &str, kind: &str, key: &str) -> &'b mut Batch {
    batch.command(command).show(format_args!("{kind}:{key}"))
}

fn session(batch: &mut Batch, content: &mut Content, key: &str) {
    on(batch, "SET", "session", key).arg(content.text(150..900));
    batch.arg("EXAT").show(FAR + content.rng.u64(..1_000_000)).end();
}

fn counter(batch: &mut Batch, content: &mut Content, key: &str) {
    let bits = content.rng.u32(3..60);
    on(batch, "SET", "counter", key)
        .show(content.rng.i64(..1 << bits))
        .end();
}

fn ticket(batch: &mut Batch, content: &mut Content, key: &str) {
    on(batch, "SET", "ticket", key).arg(content.token(32..200));
    batch.arg("EXAT").show(FAR + content.rng.u64(..1_000_000)).end();
}

fn setting(batch: &mut Batch, content: &mut Content, key: &str) {
    on(batch, "SET", "setting", key).arg(content.token(1..24)).end();
}

fn page(batch: &mut Batch, content: &mut Content, key: &str) {
    on(batch, "SET", "page", key)
        .arg(content.text(4_000..40_000))
        .end();
}

/// In one listpack.
fn profile(batch: &mut Batch, content: &mut Content, key: &str) {
    on(batch, "HSET", "profile", key);
    for field in 0..content.rng.u32(6..20) {
        batch.show(format_args!("field-{field}"));
        match field % 3 {
            0 => batch.show(content.rng.u32(..1_000_000)),
            1 => batch.arg(content.token(4..30)),
            _ => batch.arg(content.text(8..60)),
        };
    }
    batch.end();
}

/// A value above 64 bytes makes it a hash table, however few its fields are.
fn product(batch: &mut Batch, content: &mut Content, key: &str) {
    on(batch, "HSET", "product", key);
    for field in 0..content.rng.u32(10..40) {
        batch
            .show(format_args!("attribute-{field}"))
            .arg(content.text(20..250));
    }
    batch.arg("description").arg(content.text(200..900)).end();
}

fn large_hash(batch: &mut Batch, content: &mut Content, key: &str) {
    on(batch, "HSET", "index", key);
    for field in 0..content.rng.u32(600..3000) {
        batch
            .show(format_args!("{field}:{key}"))
            .arg(content.token(8..40));
    }
    batch.end();
}

/// A hash of which some fields expire by themselves.
fn cart(batch: &mut Batch, content: &mut Content, key: &str) {
    let fields = content.rng.u32(4..25);
    on(batch, "HSET", "cart", key);
    for field in 0..fields {
        batch.show(format_args!("item-{field}")).arg(content.text(10..50));
    }
    batch.end();
    on(batch, "HEXPIREAT", "cart", key)
        .show(FAR)
        .arg("FIELDS")
        .arg("2");
    batch.arg("item-0").arg("item-3").end();
}

fn short_list(batch: &mut Batch, content: &mut Content, key: &str) {
    elements(batch, content, ("recent", key), (3, 30));
}

/// A quicklist of many nodes.
fn queue(batch: &mut Batch, content: &mut Content, key: &str) {
    elements(batch, content, ("queue", key), (300, 3000));
}

fn elements(batch: &mut Batch, content: &mut Content, (kind, key): (&str, &str), (least, most): (u32, u32)) {
    on(batch, "RPUSH", kind, key);
    for number in 0..content.rng.u32(least..most) {
        match number % 4 {
            0 => batch.show(content.rng.i64(-50..5_000_000_000)),
            1 => batch.arg(content.text(20..120)),
            _ => batch.arg(content.token(16..40)),
        };
    }
    batch.end();
}

/// An intset; its width is that of its largest element.
fn ids(batch: &mut Batch, content: &mut Content, key: &str, most: u32) {
    let bits = content.rng.u32(8..40);
    on(batch, "SADD", "ids", key);
    for _ in 0..content.rng.u32(4..most) {
        batch.show(content.rng.i64(..1 << bits));
    }
    batch.end();
}

fn members(batch: &mut Batch, content: &mut Content, key: &str, most: u32) {
    on(batch, "SADD", "members", key);
    for _ in 0..content.rng.u32(most / 4..most) {
        batch.arg(content.token(16..37));
    }
    batch.end();
}

/// Whole scores and broken ones.
fn ranking(batch: &mut Batch, content: &mut Content, key: &str, most: u32) {
    on(batch, "ZADD", "ranking", key);
    for number in 0..content.rng.u32(most / 8..most) {
        if number % 2 == 0 {
            batch.show(content.rng.u32(..1_000_000));
        } else {
            batch.show(content.rng.f64() * 1e4);
        }
        batch.arg(content.token(8..28));
    }
    batch.end();
}

/// A stream, two groups that read a part of it, entries that are pending, acknowledged and deleted.
fn events(batch: &mut Batch, content: &mut Content, key: &str) {
    let (entries, first) = (content.rng.u64(100..2000), 1_760_000_000_000);
    for number in 0..entries {
        on(batch, "XADD", "events", key).show(format_args!("{}-0", first + number * 731));
        batch.arg("kind").arg(content.token(4..8));
        batch.arg("user").show(content.rng.u32(..1_000_000));
        batch.arg("data").arg(content.text(10..80));
        // Entries of other fields than their node's first carry their own names.
        if number % 7 == 3 {
            batch.arg("trace").arg(content.token(16..17));
        }
        batch.end();
    }
    for group in ["mail", "audit"] {
        batch
            .command("XGROUP")
            .arg("CREATE")
            .show(format_args!("events:{key}"));
        batch.arg(group).arg("0").end();
        for consumer in ["ada", "grace", "linus"] {
            let count = content.rng.u64(1..=entries / 6);
            batch.command("XREADGROUP").arg("GROUP").arg(group).arg(consumer);
            batch.arg("COUNT").show(count).arg("STREAMS");
            batch.show(format_args!("events:{key}")).arg(">").end();
        }
        on(batch, "XACK", "events", key).arg(group);
        (0..entries / 8).for_each(|n| _ = batch.show(format_args!("{}-0", first + n * 731 * 3)));
        batch.end();
    }
    on(batch, "XDEL", "events", key);
    (0..entries / 20).for_each(|n| _ = batch.show(format_args!("{}-0", first + n * 731 * 11)));
    batch.end();
}

/// A `HyperLogLog`, sparse or dense.
fn visitors(batch: &mut Batch, content: &mut Content, key: &str) {
    on(batch, "PFADD", "visitors", key);
    for _ in 0..content.rng.u32(10..3000) {
        batch.show(content.rng.u32(..));
    }
    batch.end();
}

/// Mostly zeros, which compress well.
fn bitmap(batch: &mut Batch, content: &mut Content, key: &str) {
    for _ in 0..20 {
        on(batch, "SETBIT", "bitmap", key)
            .show(content.rng.u32(..100_000))
            .arg("1")
            .end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_is_in_it_and_a_key_has_one_kind() {
        let (mut batch, mut content) = (Batch::default(), Content::new(1));
        let mut kinds = BTreeSet::new();
        for number in 0..5000 {
            put(&mut batch, &mut content, number);
            let text = String::from_utf8_lossy(batch.bytes()).into_owned();
            let end = format!(":{number}");
            let keys = text.lines().filter_map(|line| line.strip_suffix(&end));
            let of_one: BTreeSet<String> = keys
                .filter(|kind| kind.bytes().all(|letter| letter.is_ascii_lowercase()))
                .map(str::to_owned)
                .collect();
            assert_eq!(of_one.len(), 1, "key {number}: {of_one:?}");
            kinds.extend(of_one);
            batch.clear();
        }
        assert_eq!(kinds.len(), 17, "{kinds:?}");
    }

    #[test]
    fn shares_are_of_a_thousand() {
        assert_eq!(KINDS.iter().map(|(share, _)| share).sum::<u32>(), 1000);
    }
}
