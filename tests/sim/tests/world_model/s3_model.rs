//! S3 against a naive model: a map of lists, over random sequences of operations, in memory and in a folder.

use crate::support::{BUCKET, at, get, put};
use proptest::prelude::*;
use sim::world::s3::{
    DeleteObjectRequest, GetObjectRequest, ListObjectsV2Request, PutObjectRequest, Versioning,
};
use sim::world::{Config, FolderBlobs, World};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Debug, Clone)]
enum Step {
    Put {
        key: String,
        body: Vec<u8>,
        only_new: bool,
    },
    Delete {
        key: String,
    },
    /// Deletes the version that was made `age` writes ago.
    DeleteVersion {
        age: usize,
    },
}

/// Few keys that are prefixes of one another, so that steps meet.
fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "a/b", "a/b/c", "a-b", "b", "b/", "b//c", "é/x"]).prop_map(str::to_owned)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (key(), prop::collection::vec(any::<u8>(), 0..6), any::<bool>())
            .prop_map(|(key, body, only_new)| Step::Put { key, body, only_new }),
        2 => key().prop_map(|key| Step::Delete { key }),
        1 => (0_usize..4).prop_map(|age| Step::DeleteVersion { age }),
    ]
}

/// Versions of a key, oldest first; `None` is a delete marker.
type Versions = Vec<(String, Option<Vec<u8>>)>;

/// What each key should hold.
#[derive(Debug, Default)]
struct Model {
    objects: BTreeMap<String, Versions>,
    written: Vec<(String, String)>,
}

impl Model {
    fn current(&self, key: &str) -> Option<&Vec<u8>> {
        self.objects.get(key)?.last()?.1.as_ref()
    }

    fn push(&mut self, key: &str, version: String, body: Option<Vec<u8>>) {
        self.written.push((key.to_owned(), version.clone()));
        self.objects
            .entry(key.to_owned())
            .or_default()
            .push((version, body));
    }

    fn existing(&self) -> Vec<&String> {
        self.objects
            .keys()
            .filter(|key| self.current(key).is_some())
            .collect()
    }
}

fn apply(world: &mut World, model: &mut Model, step: &Step) {
    match step {
        Step::Put { key, body, only_new } => {
            let if_none_match = only_new.then(|| "*".to_owned());
            let answer = world.put_object(
                &PutObjectRequest {
                    if_none_match,
                    ..put(key, body)
                },
                at(0),
            );
            let refused = *only_new && model.current(key).is_some();
            assert_eq!(answer.is_err(), refused);
            if let Ok(answer) = answer {
                model.push(key, answer.version_id.unwrap(), Some(body.clone()));
            }
        }
        Step::Delete { key } => {
            let request = DeleteObjectRequest {
                bucket: BUCKET.into(),
                key: key.clone(),
                version_id: None,
            };
            let marker = world.delete_object(&request, at(0)).unwrap().version_id.unwrap();
            model.push(key, marker, None);
        }
        Step::DeleteVersion { age } => {
            let Some((key, id)) = model.written.iter().rev().nth(*age).cloned() else {
                return;
            };
            let request = DeleteObjectRequest {
                bucket: BUCKET.into(),
                key: key.clone(),
                version_id: Some(id.clone()),
            };
            world.delete_object(&request, at(0)).unwrap();
            model
                .objects
                .entry(key)
                .or_default()
                .retain(|(version, _)| *version != id);
        }
    }
}

fn compare(world: &mut World, model: &Model, page: u32) {
    for (key, versions) in &model.objects {
        let found = world
            .get_object(&get(key), at(1))
            .ok()
            .map(|object| object.read().unwrap());
        assert_eq!(found.as_ref(), model.current(key), "current version of {key}");
        for (id, body) in versions {
            let request = GetObjectRequest {
                version_id: Some(id.clone()),
                ..get(key)
            };
            let found = world
                .get_object(&request, at(1))
                .ok()
                .map(|object| object.read().unwrap());
            assert_eq!(&found, body, "version {id} of {key}");
        }
    }
    for prefix in ["", "a", "a/", "b/", "nothing"] {
        for delimiter in [None, Some("/".to_owned())] {
            let (keys, groups) = listed(world, prefix, delimiter.clone(), page);
            let (expected_keys, expected_groups) = expected(model, prefix, delimiter.is_some());
            assert_eq!(
                (keys, groups),
                (expected_keys, expected_groups),
                "{prefix:?} {delimiter:?}"
            );
        }
    }
}

fn listed(
    world: &mut World,
    prefix: &str,
    delimiter: Option<String>,
    page: u32,
) -> (Vec<String>, Vec<String>) {
    let (mut keys, mut groups) = (Vec::new(), Vec::new());
    let mut request = ListObjectsV2Request {
        bucket: BUCKET.into(),
        prefix: prefix.into(),
        delimiter,
        max_keys: Some(page),
        ..Default::default()
    };
    loop {
        let answer = world.list_objects_v2(&request, at(1)).unwrap();
        assert_eq!(answer.is_truncated, answer.next_continuation_token.is_some());
        keys.extend(answer.contents.into_iter().map(|object| object.key));
        groups.extend(answer.common_prefixes);
        request.continuation_token = answer.next_continuation_token;
        if request.continuation_token.is_none() {
            return (keys, groups);
        }
    }
}

fn expected(model: &Model, prefix: &str, grouped: bool) -> (Vec<String>, Vec<String>) {
    let (mut keys, mut groups) = (Vec::new(), BTreeSet::new());
    for key in model.existing().into_iter().filter(|key| key.starts_with(prefix)) {
        match key[prefix.len()..].find('/').filter(|_| grouped) {
            Some(slash) => drop(groups.insert(key[..=prefix.len() + slash].to_owned())),
            None => keys.push(key.clone()),
        }
    }
    (keys, groups.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn s3_is_a_map_of_versions(steps in prop::collection::vec(step(), 0..24), page in 1_u32..5, in_folder in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let mut world = if in_folder {
            World::with_blobs(Config::default(), 1, Arc::new(FolderBlobs::new(folder.path())))
        } else {
            World::new(Config::default(), 1)
        };
        world.put_bucket(BUCKET, Versioning::Enabled).unwrap();
        let mut model = Model::default();
        for step in &steps {
            apply(&mut world, &mut model, step);
        }
        compare(&mut world, &model, page);
    }
}
