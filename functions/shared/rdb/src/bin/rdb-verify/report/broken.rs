//! A file that is not accepted: where, why, and what it means for a restore.

use super::{Field, Look, fields};
use crate::units;
use rdb::{Broken, BrokenKind, KeyAt};

/// What stands behind the status in one line.
pub(super) fn in_line(broken: &Broken) -> String {
    let key = broken
        .key
        .as_ref()
        .map_or_else(String::new, |at| format!(", in {}", key(at)));
    format!(" at byte {}{key}: {}", broken.offset, broken.meaning)
}

/// Everything but the heading; `size` is the file's, where it is known.
pub(super) fn body(broken: &Broken, size: Option<u64>, look: &Look) -> String {
    let rows: [Field; 4] = [
        ("Where", place(broken, size)),
        ("What", broken.meaning.clone()),
        ("Before it", before(broken, size)),
        ("Restore", meaning(broken.kind).to_owned()),
    ];
    fields(&rows, look)
}

/// The offset as `dd` and `xxd` take it, and the key.
fn place(broken: &Broken, size: Option<u64>) -> String {
    let offset = broken.offset;
    let of = match size {
        Some(size) if size == offset => ", where the file ends".to_owned(),
        Some(size) => format!(" of {size}"),
        None => String::new(),
    };
    let key = broken
        .key
        .as_ref()
        .map_or_else(|| "outside of keys".to_owned(), |at| format!("in {}", key(at)));
    format!("byte {offset} (0x{offset:x}){of}, {key}")
}

fn key(at: &KeyAt) -> String {
    let name = at
        .name
        .as_ref()
        .map_or_else(String::new, |name| format!(" named `{name}`"));
    format!(
        "key {}{name} of database {}",
        units::count(at.number),
        at.database
    )
}

/// How much is well-formed before the flaw; not "sound", because a wrong CRC-64 has its place behind everything.
fn before(broken: &Broken, size: Option<u64>) -> String {
    let share = size
        .filter(|&size| size > broken.offset)
        .map_or_else(String::new, |size| {
            format!(", {} of the file", units::share(broken.offset, size))
        });
    format!(
        "{} and {} are well-formed{share}",
        units::plural(broken.sound_keys, "key"),
        units::bytes(broken.offset)
    )
}

/// What a flaw means for somebody who wants the data back. Servers load an RDB file whole or exit (`rdbLoadRioWithLoadingCtx`
/// in the engines' rdb.c).
fn meaning(kind: BrokenKind) -> &'static str {
    match kind {
        BrokenKind::Corrupt => {
            "A server that loads this file stops at the first flaw it notices and does not start, so the keys \
             before it are not restored either; a flaw that it does not notice becomes wrong data. Compare the \
             file with its source if it is a copy, else restore another backup."
        }
        BrokenKind::Truncated => {
            "The dump was not finished, or a copy of it was cut off. A server refuses the file as a whole and \
             restores none of its keys. Compare its size with its source and copy it again; if the source is as \
             short, restore another backup."
        }
        BrokenKind::Unsupported => {
            "This need not be damage: a newer or foreign engine may have written the file. Nothing from here on \
             was judged. Restore it into an engine that is at least as new as its writer, as a trial, before \
             you rely on it."
        }
        BrokenKind::NotJudgeable => {
            "This need not be damage: only the module that wrote this value can read it. Nothing from here on \
             was judged. Restore it into a server with that module, as a trial, before you rely on it."
        }
    }
}
