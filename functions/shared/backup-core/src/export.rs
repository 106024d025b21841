//! Exports: what keeps a snapshot from being exported, what was asked for, and what lies in the bucket.

use crate::names::ExportGrammar;
use crate::ports::{ListObjects, ListedObject};
use crate::{Error, ErrorName, names};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An export that `copy-to-s3` started or adopted, carried to `check-status` and to the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExportRequested {
    /// `TargetSnapshotName`; a serverless export takes none and has this one all the same.
    pub target: String,
    /// The re-drive count under which the export was renewed, part of the target; 0 at first.
    pub renewal: u32,
    /// When it was asked for, or adopted.
    pub requested_at: Timestamp,
    /// The re-drive count of the execution at that time.
    pub redrive_count: u32,
    /// Whether the service refused the call because of an export that was there already.
    pub adopted: bool,
}

/// The key that ElastiCache uses where the customer names none (user guide, at-rest encryption).
const AWS_MANAGED_KEY: &str = "alias/aws/elasticache";

/// What keeps ElastiCache from exporting a cache's snapshots, as the describe calls tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exportability<'a> {
    /// Whether data lie partly on SSD.
    pub data_tiering: bool,
    /// The key, where ElastiCache tells one.
    pub kms_key_id: Option<&'a str>,
}

impl Exportability<'_> {
    /// Refuses by name what `CopySnapshot` would refuse only after the snapshot was made; `of` names it in the text.
    pub fn check(&self, of: &str) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::new(ErrorName::Unsupported, format!("{of} {what}")));
        if self.data_tiering {
            return refuse(
                "uses data tiering, and ElastiCache exports no snapshot of such nodes; \
                 move the data to a node type without data tiering, or take the cache out of the plan"
                    .into(),
            );
        }
        match self.kms_key_id {
            Some(key) if !key.ends_with(AWS_MANAGED_KEY) => refuse(format!(
                "is encrypted with the customer managed key `{key}`, and ElastiCache exports no such snapshot; \
                 move the data to a cache under the key `{AWS_MANAGED_KEY}`, or take the cache out of the plan"
            )),
            _ => Ok(()),
        }
    }
}

/// An object in the bucket whose key is one of an export's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundObject {
    /// What stands before the shard in its key; one of [`ExportGrammar::prefixes`].
    pub stem: String,
    /// The shard as it stands in the key.
    pub shard: String,
    /// The object, possibly empty.
    pub listed: ListedObject,
}

/// Lists the objects that an export has written so far; other keys below its prefixes are passed over.
pub async fn list<P: ListObjects>(ports: &P, grammar: &ExportGrammar) -> Result<Vec<FoundObject>, Error> {
    let mut found = Vec::new();
    for stem in grammar.prefixes() {
        for listed in ports.list_objects(stem).await? {
            let shard = grammar.shard(listed.key.as_str()).map(str::to_owned);
            // A key may match under another stem than the one that listed it, which then lists it as well.
            if let Some(shard) = shard.filter(|shard| names::shard_key(stem, shard) == listed.key) {
                found.push(FoundObject {
                    stem: stem.clone(),
                    shard,
                    listed,
                });
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::CallError;
    use crate::{ObjectKey, SnapshotName};

    #[test]
    fn only_customer_keys_and_data_tiering_keep_from_exporting() {
        let cases = [
            (false, None, "", "no key told"),
            (false, Some("alias/aws/elasticache"), "", "the AWS managed key"),
            (
                false,
                Some("arn:aws:kms:eu-west-1:000000000000:alias/aws/elasticache"),
                "",
                "its ARN",
            ),
            (
                false,
                Some("alias/mine"),
                "customer managed key `alias/mine`",
                "a customer's alias",
            ),
            (
                false,
                Some("arn:aws:kms:eu-west-1:000000000000:key/1234"),
                "key/1234",
                "a customer's key",
            ),
            (true, None, "data tiering", "SSD"),
        ];
        for (data_tiering, kms_key_id, part, why) in cases {
            let judged = Exportability {
                data_tiering,
                kms_key_id,
            }
            .check("cache `a`");
            match judged {
                Ok(()) => assert!(part.is_empty(), "{why} should be refused"),
                Err(error) => {
                    assert_eq!(error.name, ErrorName::Unsupported, "{why}");
                    assert!(
                        !part.is_empty() && error.message.contains(part),
                        "{why}: {}",
                        error.message
                    );
                }
            }
        }
    }

    struct Bucket(&'static [&'static str]);

    impl ListObjects for Bucket {
        async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
            let below = self.0.iter().filter(|key| key.starts_with(prefix));
            Ok(below
                .map(|key| ListedObject {
                    key: ObjectKey::new(*key),
                    size: 1,
                    etag: "\"e\"".into(),
                    last_modified: Timestamp::UNIX_EPOCH,
                })
                .collect())
        }
    }

    #[test]
    fn every_object_is_found_once_under_its_own_stem() {
        let bucket = Bucket(&[
            "cat-202611200304-0001.rdb",
            "cat-202611200304-0002.rdb.part",
            "cat-202611200304/cat-202611200304-0001.rdb",
            "cat-202611200304/notes.txt",
        ]);
        let grammar = ExportGrammar::serverless(&SnapshotName::from_service("cat-202611200304"));
        let found = futures_executor::block_on(list(&bucket, &grammar)).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|object| (object.stem.as_str(), object.shard.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("cat-202611200304/cat-202611200304-", "0001"),
                ("cat-202611200304-", "0001")
            ]
        );
    }
}
