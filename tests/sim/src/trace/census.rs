//! What is in the world: snapshots, versions of objects, messages; and what changed since the last look.

use super::step::What;
use crate::world::s3::read_all;
use crate::world::{Tags, World};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A snapshot as it is, whatever describes show of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotView {
    /// Its name.
    pub name: String,
    /// Whether it is one of a serverless cache, which have a namespace of their own.
    pub serverless: bool,
    /// Tells it from another of that name, made later.
    pub birth: u64,
    /// Its status.
    pub status: String,
    /// Whether the service made it by itself.
    pub automatic: bool,
    /// Ids of what it was taken of: the node, the replication group, the serverless cache.
    pub sources: Vec<String>,
    /// Its tags.
    pub tags: Tags,
    /// The RDB file of each shard, as taken, by the shard's number (`0001`).
    pub shards: BTreeMap<String, Arc<[u8]>>,
}

/// One version of an object, or a delete marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionView {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The version's id.
    pub version_id: String,
    /// Its entity tag, with quotes.
    pub e_tag: String,
    /// Its tags.
    pub tags: Tags,
    /// When it was written, in whole seconds.
    pub last_modified: Timestamp,
    /// Its bytes; none for a delete marker.
    pub bytes: Option<Arc<[u8]>>,
}

/// A message that a topic accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageView {
    /// The topic.
    pub topic_arn: String,
    /// Subject line of mails.
    pub subject: String,
    /// The text of mails.
    pub email: String,
    /// The text of everything else.
    pub default: String,
}

/// What distinguishes one version from another and from itself later on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    view: VersionView,
    size: u64,
}

/// What was there at the last look.
#[derive(Debug, Default)]
pub(super) struct Census {
    revision: Option<u64>,
    snapshots: BTreeMap<(bool, String), SnapshotView>,
    versions: BTreeMap<(String, String, String), Seen>,
    messages: BTreeMap<String, usize>,
}

impl Census {
    /// Makes the next look a thorough one.
    pub(super) fn forget_revision(&mut self) {
        self.revision = None;
    }

    /// Takes the world as it is and tells what is new; jobs that are due must have been settled.
    pub(super) fn update(&mut self, world: &World) -> Vec<What> {
        if self.revision == Some(world.revision()) {
            return Vec::new();
        }
        self.revision = Some(world.revision());
        let mut news = Vec::new();
        self.update_snapshots(world, &mut news);
        self.update_versions(world, &mut news);
        self.update_messages(world, &mut news);
        news
    }

    fn update_snapshots(&mut self, world: &World, news: &mut Vec<What>) {
        let views = world.snapshot_views().into_iter();
        let mut before = std::mem::take(&mut self.snapshots);
        self.snapshots = views
            .map(|view| ((view.serverless, view.name.clone()), view))
            .collect();
        for (id, view) in &self.snapshots {
            match before.remove(id) {
                Some(old) if old == *view => {}
                Some(old) if old.birth == view.birth => news.push(What::SnapshotChanged(view.clone())),
                Some(old) => {
                    news.push(What::SnapshotGone(old));
                    news.push(What::SnapshotAppeared(view.clone()));
                }
                None => news.push(What::SnapshotAppeared(view.clone())),
            }
        }
        news.extend(before.into_values().map(What::SnapshotGone));
    }

    fn update_versions(&mut self, world: &World, news: &mut Vec<What>) {
        let mut present = BTreeSet::new();
        for (bucket, key, version) in world.s3.versions() {
            let id = (bucket.to_owned(), key.to_owned(), version.id.clone());
            let known = self.versions.get(&id);
            let same = known.is_some_and(|seen| {
                seen.view.e_tag == version.e_tag
                    && seen.view.tags == version.tags
                    && seen.view.last_modified == version.last_modified
                    && seen.size == version.size
            });
            if !same {
                let blob = version.blob.as_ref().and_then(|blob| world.blobs.open(blob).ok());
                let bytes = blob.and_then(|blob| read_all(&*blob).ok()).map(Arc::from);
                let view = VersionView {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                    version_id: version.id.clone(),
                    e_tag: version.e_tag.clone(),
                    tags: version.tags.clone(),
                    last_modified: version.last_modified,
                    bytes,
                };
                // Without versions a write replaces the one that is there, which is a new one all the same.
                let written = known.is_none_or(|seen| seen.view.bytes != view.bytes);
                news.push(if written {
                    What::VersionAppeared(view.clone())
                } else {
                    What::VersionChanged(view.clone())
                });
                let size = version.size;
                self.versions.insert(id.clone(), Seen { view, size });
            }
            present.insert(id);
        }
        let gone = self.versions.extract_if(.., |id, _| !present.contains(id));
        news.extend(gone.map(|(_, seen)| What::VersionGone(seen.view)));
    }

    fn update_messages(&mut self, world: &World, news: &mut Vec<What>) {
        for (topic, messages) in world.sns.topics() {
            let told = self.messages.entry(topic.clone()).or_default();
            for message in messages.iter().skip(*told) {
                news.push(What::Published(MessageView {
                    topic_arn: topic.clone(),
                    subject: message.subject.clone().unwrap_or_default(),
                    email: message.body_for("email").to_owned(),
                    default: message.body_for("default").to_owned(),
                }));
            }
            *told = messages.len();
        }
    }
}
