//! What the objects in the bucket prove about an export.

use backup_core::export::FoundObject;
use backup_core::snapshot::NodeGroup;
use backup_core::{Error, ErrorName, names};
use std::collections::BTreeMap;

/// The shards that an export is expected to write.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected<'a> {
    /// One per node group of the snapshot.
    NodeGroups(&'a [NodeGroup]),
    /// Nobody tells how many a serverless export has; they are taken to count from 0001 without a gap \[U\].
    FromOneOn,
}

/// The judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// One object that is not empty for every shard, by shard, all under one stem.
    Complete { stem: String, objects: Vec<FoundObject> },
    /// Some shards have no object, or an empty one.
    Lacking { missing: Vec<String>, found: usize },
}

/// Compares what is expected with what was found.
///
/// Shards are compared by number. What is there beside the expected is an error rather than ignored: below
/// this prefix only this export writes, so a shard too many means that the snapshot's shards were misread, and
/// a backup of the known ones would lack the rest.
pub(crate) fn judge(expected: Expected<'_>, found: Vec<FoundObject>) -> Result<Evidence, Error> {
    let mut whole: BTreeMap<u16, FoundObject> = BTreeMap::new();
    let mut stem: Option<String> = None;
    for object in found {
        let Some(number) = names::shard_number(&object.shard).filter(|_| object.listed.size > 0) else {
            continue;
        };
        if stem.get_or_insert_with(|| object.stem.clone()) != &object.stem {
            return Err(odd(
                &object,
                "and other objects of the export lie under another prefix",
            ));
        }
        if let Some(twin) = whole.insert(number, object) {
            return Err(odd(&twin, "and another object has the same shard"));
        }
    }
    let wanted = wanted(expected, whole.keys().next_back().copied());
    if let Some((_, extra)) = whole.iter().find(|(number, _)| !wanted.contains_key(number)) {
        return Err(odd(extra, "and the snapshot has no such shard"));
    }
    let missing: Vec<String> = wanted
        .into_iter()
        .filter(|(number, _)| !whole.contains_key(number))
        .map(|(_, id)| id)
        .collect();
    match stem {
        Some(stem) if missing.is_empty() => Ok(Evidence::Complete {
            stem,
            objects: whole.into_values().collect(),
        }),
        _ => Ok(Evidence::Lacking {
            missing,
            found: whole.len(),
        }),
    }
}

/// The expected shards by number, spelled as a person looks for them.
fn wanted(expected: Expected<'_>, last_found: Option<u16>) -> BTreeMap<u16, String> {
    match expected {
        Expected::NodeGroups(groups) => groups
            .iter()
            .filter_map(|group| Some((names::shard_number(&group.id)?, group.id.clone())))
            .collect(),
        Expected::FromOneOn => (1..=last_found.unwrap_or(1).max(1))
            .map(|number| (number, format!("{number:04}")))
            .collect(),
    }
}

fn odd(object: &FoundObject, why: &str) -> Error {
    Error::new(
        ErrorName::Unexpected,
        format!(
            "object `{}` looks like a shard of the export, {why}; compare with the node groups in \
             `aws elasticache describe-snapshots`, move the object away if it is not ElastiCache's, and re-drive the run",
            object.listed.key
        ),
    )
}

/// The first few of many shards, for a text.
pub(crate) fn some_of(shards: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = shards
        .iter()
        .take(SHOWN)
        .map(|shard| format!("`{shard}`"))
        .collect();
    match shards.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests;
